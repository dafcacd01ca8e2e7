package demo

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"

	"hongbao/app/query"
	"hongbao/client"
	"hongbao/client/audit"
	"hongbao/client/files"
	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/contract"
)

// Bounds on the story of a list: at the least someone claims and someone does not, and at
// the most alice has the money for it.
const (
	MinVouchers = 3
	MaxVouchers = 50_000

	perVoucher = 100 * time.Millisecond // added to timeLimit; a busy machine takes a tenth of it
)

// Vouchers tells the story of a packet to a list of count names: of different amounts,
// with a one-time link for each. Two thirds are claimed, by people who have no account yet
// and come at once on four nodes; then the rest is recalled, and every fen is accounted for
// from what is proven alone. Its error is what did not hold.
func Vouchers(ctx context.Context, o Options, count int) error {
	if count < MinVouchers || count > MaxVouchers {
		return fmt.Errorf("demo: %d vouchers: must be %d to %d", count, MinVouchers, MaxVouchers)
	}
	l := &listStory{count: count}
	return tell(ctx, o, timeLimit+time.Duration(count)*perVoucher, func(s *story) []func() error {
		l.story = s
		return []func() error{l.send, l.hand, l.grab, l.recall, l.audit, s.count}
	})
}

// listStory is the story of a list under way.
type listStory struct {
	*story
	count   int // of names
	total   contract.Amount
	links   []*files.Link   // one for each, in order
	claimed int             // the first so many entries
	back    contract.Amount // what was recalled
}

// grouped is a number as people read it: 10,000.
func grouped(n int) string {
	text := contract.Amount(n * 100).Yuan() // ¥10,000.00
	return text[len("¥") : len(text)-len(".00")]
}

// send pays a list of names, each its own amount.
func (s *listStory) send() error {
	var table bytes.Buffer
	for i := range s.count {
		amount := contract.Amount(1 + i%37) // fen
		s.total += amount
		fmt.Fprintf(&table, "employee %d,%s\n", i+1, amount)
	}
	staff := filepath.Join(s.home, "staff.csv")
	if err := os.WriteFile(staff, table.Bytes(), 0o600); err != nil {
		return err
	}
	s.say("alice owes %s people a bonus, each another. She has names, and no addresses.",
		"alice要给%s个人发奖金,各人金额不同。她只有名字,没有地址。", grouped(s.count))
	s.types("send --list staff.csv --recall 24h")
	var sent struct {
		Packet contract.PacketID `json:"packet"`
		Height int64             `json:"height"`
		Total  files.Fen         `json:"total_fen"`
		Shares int               `json:"shares"`
	}
	if err := s.run(&sent, "", "send", "--list", staff, "--recall", "24h", "--from", "alice"); err != nil {
		return err
	}
	s.packet = sent.Packet
	s.say("  signed   %s for a list of %s, as one packet: %s, block %d",
		"  签定   共%s,名单%s项,只是一个红包:%s,区块%d",
		s.total.Yuan(), grouped(s.count), sent.Packet.Short(), sent.Height)
	return s.check(contract.Amount(sent.Total) == s.total && sent.Shares == s.count,
		"the packet is the list's: %+v", sent)
}

// hand makes a link for each name.
func (s *listStory) hand() error {
	s.types("list vouchers staff.list")
	list := filepath.Join(s.home, "staff.list")
	if err := s.run(nil, "", "list", "vouchers", list, "-o", s.home); err != nil {
		return err
	}
	b, err := os.ReadFile(filepath.Join(s.home, "vouchers.csv"))
	if err != nil {
		return err
	}
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		return err
	}
	for _, row := range rows[1:] {
		l, err := files.ParseLink(row[3])
		if err != nil {
			return err
		}
		s.links = append(s.links, l)
	}
	s.say("  links    %s, each good for one name's money\n", "  链接   %s个,每个只能领自己那一项\n",
		grouped(len(s.links)))
	return s.check(len(s.links) == s.count, "%d links", len(s.links))
}

// grab is two thirds of the people at once, and one who uses a link again.
func (s *listStory) grab() error {
	s.claimed = s.count * 2 / 3
	begin := time.Now()
	if err := s.claimAll(s.links[:s.claimed]); err != nil {
		return err
	}
	took := time.Since(begin)
	s.say("%s people who have no account yet claim at once, on %d nodes: %.0f s",
		"%s个还没有账户的人同时来领,分在%d个节点上:%.0f秒",
		grouped(s.claimed), len(s.network.Nodes), max(1, took.Seconds()))
	var again *client.Refused
	_, _, err := s.claim("grace", s.links[0])
	refused := errors.As(err, &again) && again.Code == contract.CodeEntryClaimed
	s.say("grace uses a link a second time              refused: %s",
		"grace拿用过的链接再领                    被拒:%s", contract.CodeEntryClaimed)
	return s.check(refused, "grace is refused as entry_claimed: %v", err)
}

// recall is alice taking back what was not claimed.
func (s *listStory) recall() error {
	alice, err := s.as("alice")
	if err != nil {
		return err
	}
	recalled, err := alice.Recall(s.ctx, client.Recall{Packet: s.packet, Reason: "wrong-amount"})
	if err != nil {
		return err
	}
	s.back = *recalled.Amount
	s.say("alice recalls the rest, in one transaction   %s home\n", "alice收回没领走的,只要一笔交易           收回%s\n",
		s.back.Yuan())
	return s.check(s.back > 0 && s.back < s.total, "the rest comes home: %s", s.back.Yuan())
}

// audit accounts for every fen by what is proven alone.
func (s *listStory) audit() error {
	trust, err := readTrust(s.network.TrustFile())
	if err != nil {
		return err
	}
	last := s.network.Nodes[len(s.network.Nodes)-1]
	c, err := client.Dial(s.ctx, last.RPCURL(), client.Options{Trust: trust})
	if err != nil {
		return err
	}
	defer c.Close()
	var sum contract.Amount
	seen := map[uint32]bool{}
	p, at, err := c.Claims(s.ctx, s.packet, func(one query.Claim) error {
		if one.Share == 0 || int(one.Share) > s.claimed || seen[one.Share] ||
			one.Amount != s.links[one.Share-1].Entry.Entry.Amount {
			return fmt.Errorf("demo: did not hold: share %d of %s is its entry's", one.Share, one.Amount.Yuan())
		}
		seen[one.Share] = true
		sum += one.Amount
		return nil
	})
	if err != nil {
		return err
	}
	entries, _, err := c.HistoryWith(s.ctx, s.packet, 0)
	if err != nil {
		return err
	}
	var home contract.Amount
	for _, e := range entries {
		if e.Kind == contract.KindRecall && e.Posting != nil {
			home += e.Posting.Amount
		}
	}
	s.say("The auditor, who believes trust.json and no node, at block %d",
		"审计的人只信trust.json,不信任何节点,区块%d", at.Height)
	s.say("  ✓ %s claims, none left out, each the amount that its name was promised",
		"  ✓ %s次领取,一次不漏,每次都是名单上写的金额", grouped(len(seen)))
	s.say("  ✓ %s claimed + %s recalled = %s", "  ✓ 领走%s + 收回%s = %s", sum.Yuan(), home.Yuan(), s.total.Yuan())
	if err := s.check(len(seen) == s.claimed && sum+home == s.total && home == s.back &&
		p.Status == contract.Recalled && p.Escrow == 0,
		"%d claimed, %s and %s home of %s, %s", len(seen), sum.Yuan(), home.Yuan(), s.total.Yuan(),
		p.Status); err != nil {
		return err
	}
	return s.proveShare()
}

// proveShare proves one share, and verifies that without a node.
func (s *listStory) proveShare() error {
	share := fmt.Sprintf("%s/%d", s.packet, s.claimed)
	if err := s.run(nil, "", "prove", share, "-o", s.proofFile()); err != nil {
		return err
	}
	proof, err := os.ReadFile(s.proofFile())
	if err != nil {
		return err
	}
	good, exit, err := s.verify(proof)
	if err != nil {
		return err
	}
	s.say("  ✓ share %s is final: %d steps, offline, from %.1f kB\n",
		"  ✓ 第%s份已终局:不联网核对%d步,证明%.1f kB\n", grouped(s.claimed), len(good.Checks),
		float64(len(proof))/1000)
	return s.check(exit == exitOK && good.Verdict == string(audit.Valid), "the share is final: %+v, exit %d", good,
		exit)
}

func readTrust(path string) (*audit.Trust, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return audit.ReadTrust(bytes.NewReader(b))
}

// crowd is how many people are at their phones at the same instant.
const crowd = 64

// claimAll claims each link with an account of its own, on all nodes.
func (s *listStory) claimAll(links []*files.Link) error {
	p, _, err := s.client.Packet(s.ctx, s.packet)
	if err != nil {
		return err
	}
	accepted := p.Terms.Hash(s.network.ChainID)
	ctx, cancel := context.WithCancelCause(s.ctx)
	defer cancel(nil)
	var next atomic.Int64
	var all sync.WaitGroup
	for i := range min(crowd, len(links)) {
		all.Go(func() {
			node, err := rpc.Dial(s.network.Nodes[i%len(s.network.Nodes)].RPCURL())
			if err != nil {
				cancel(err)
				return
			}
			defer node.Close()
			for ctx.Err() == nil {
				n := next.Add(1)
				if n > int64(len(links)) {
					return
				}
				if err := claimOnce(ctx, node, links[n-1], accepted); err != nil {
					cancel(fmt.Errorf("demo: entry %d: %w", n, err))
				}
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

// claimOnce claims a link with a new key, again and again while the network has no room
// for newcomers, and waits until a block has it.
func claimOnce(ctx context.Context, node *rpc.Client, l *files.Link, accepted contract.Hash) error {
	key, err := btcec.NewPrivateKey()
	if err != nil {
		return err
	}
	sig, err := wallet.SignLink(l.Key, l.Chain, l.Packet, contract.AddressOf(key))
	if err != nil {
		return err
	}
	_, now, err := node.Results(ctx)
	if err != nil {
		return err
	}
	tx := &contract.Tx{Chain: l.Chain, ValidUntil: now.Time.Plus(contract.MaxValidFor),
		Message: &contract.Claim{Packet: l.Packet, TermsHash: accepted, Link: &sig, Listing: l.Entry}}
	if err := tx.Sign(key); err != nil {
		return err
	}
	wire := tx.Encode()
	for {
		err := node.Broadcast(ctx, wire)
		var refused *rpc.Error
		full := errors.As(err, &refused) &&
			(refused.Code == contract.CodeNoRoom || refused.Code == contract.CodeFirstClaimsFull)
		if err != nil && !full {
			return err
		}
		if err == nil {
			break
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
	for {
		record, _, err := node.Tx(ctx, contract.TxHash(wire))
		switch {
		case err != nil:
			return err
		case record != nil && record.Code != contract.CodeOK:
			return fmt.Errorf("%s: %s", record.Code, record.Log)
		case record != nil:
			return nil
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

// pause waits for about a block.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(200 * time.Millisecond):
		return nil
	}
}
