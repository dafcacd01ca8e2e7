// Package demo tells the whole story on real processes: every line of it is
// checked by the program itself, and nothing is left behind.
//
// The story runs the commands that its screen is about, each through the command
// line that its caller hands it (Options.Type), in a home of its own. What it does
// not show typed, such as the network itself, five people who claim, and the
// comparison of the nodes, it does in Go: by package client.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"hongbao/client"
	"hongbao/client/files"
	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
	"hongbao/testnet"
)

const (
	validators = 4
	// timeLimit bounds the demo on a busy machine; it takes a few seconds.
	timeLimit = 3 * time.Minute
)

// rich are the accounts that start with money. The others get their account
// with their first claim.
var rich = []string{"alice", "bob", "carol", "dave"}

// Options say how the story is told.
type Options struct {
	Lang words.Lang
	Out  io.Writer
	// Type runs a command line in the place of a person, with stdin to read from,
	// and returns its exit code and what it printed.
	Type    func(ctx context.Context, stdin string, args []string) (exit int, stdout, stderr string)
	Program string // how hongbao was called, for the command that is shown last
}

// Run tells the story. Its error is what did not hold.
func Run(ctx context.Context, o Options) error {
	return tell(ctx, o, timeLimit, func(s *story) []func() error {
		return []func() error{s.send, s.grab, s.recall, s.audit, s.stranger, s.lucky, s.count}
	})
}

// tell tells a story of scenes on a network of its own, in the time there is.
func tell(ctx context.Context, o Options, limit time.Duration, scenes func(*story) []func() error) (err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	home, err := os.MkdirTemp("", "hongbao-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(home)) }()

	s := &story{Options: o, ctx: ctx, home: home, begin: time.Now()}
	for _, a := range testnet.DevAccounts() {
		for _, name := range rich {
			if a.Name == name {
				s.accounts = append(s.accounts, a)
				s.supply += a.Balance
			}
		}
	}
	s.say("hongbao demo · %d validators on 127.0.0.1 · supply %s\n",
		"hongbao demo · 127.0.0.1上的%d个验证人 · 总额%s\n",
		validators, s.supply.Yuan())
	n, end, err := testnet.Temporary(ctx, testnet.Spec{Validators: validators, Accounts: s.accounts})
	if err != nil {
		return err
	}
	s.network = n
	defer func() {
		err = errors.Join(err, end())
		if err == nil {
			s.say("%d of %d checks held · %.0f s · nothing left behind · next: %s testnet up",
				"%d项检查,%d项成立 · 用时%.0f秒 · 什么都没留下 · 接下来:%s testnet up",
				s.held, s.held, time.Since(s.begin).Seconds(), s.Program)
		}
	}()
	if s.client, err = client.Dial(ctx, n.Nodes[0].RPCURL(), client.Options{}); err != nil {
		return err
	}
	defer s.client.Close()
	s.keys = wallet.Open(home)
	for _, scene := range scenes(s) {
		if err := scene(); err != nil {
			return err
		}
	}
	return nil
}

// story is the demo under way.
type story struct {
	Options
	ctx      context.Context
	home     string
	begin    time.Time
	network  *testnet.Network
	client   *client.Client // of the first node
	keys     *wallet.Keyring
	accounts []testnet.Account
	supply   contract.Amount
	held     int // checks so far

	link   *files.Link
	packet contract.PacketID
}

// as is the signing side of a person of the story.
func (s *story) as(name string) (*client.Signer, error) {
	account, err := s.keys.Account(name)
	if err != nil {
		return nil, err
	}
	return s.client.As(account), nil
}

// claim takes a share of the packet that a link opens in a person's name, and says
// whether it is final.
func (s *story) claim(name string, l *files.Link) (*client.Claimed, contract.Finality, error) {
	signer, err := s.as(name)
	if err != nil {
		return nil, contract.Finality{}, err
	}
	offer, err := s.client.Offer(s.ctx, l)
	if err != nil {
		return nil, contract.Finality{}, err
	}
	claimed, err := signer.Claim(s.ctx, offer)
	if err != nil {
		return nil, contract.Finality{}, err
	}
	return claimed, claimed.Packet.Finality(claimed.Share, claimed.At.Time), nil
}

func (s *story) say(en, zh string, args ...any) { fmt.Fprintln(s.Out, s.Lang.Say(en, zh, args...)) }

// types shows a command line of the story.
func (s *story) types(line string) { fmt.Fprintln(s.Out, "  $ hongbao "+line) }

// check counts what held, and ends the story with what did not.
func (s *story) check(ok bool, format string, args ...any) error {
	if !ok {
		return fmt.Errorf("demo: did not hold: "+format, args...)
	}
	s.held++
	return nil
}

// clock leaves today's date out: the demo is watched while it runs.
func clock(t contract.Time) string {
	now := time.Now()
	return strings.TrimPrefix(words.Clock(t, now), now.Format("2006-01-02 "))
}

// send is the slip of the thumb.
func (s *story) send() error {
	s.say("alice means ¥88.80. Her thumb types ¥888.00.", "alice想发¥88.80,手一滑,输成了¥888.00。")
	s.types("send 888 --shares 8 --scene friends")
	var sent struct {
		Packet     contract.PacketID `json:"packet"`
		Height     int64             `json:"height"`
		Created    contract.Time     `json:"created"`
		Recallable contract.Time     `json:"recallable_until"`
		Link       string            `json:"link"`
	}
	if err := s.run(&sent, "", "send", "888", "--shares", "8", "--scene", "friends", "--from", "alice"); err != nil {
		return err
	}
	link, err := files.ParseLink(sent.Link)
	if err != nil {
		return err
	}
	s.link, s.packet = link, sent.Packet
	s.say("  signed   8 × ¥111.00; alice may recall what is unclaimed until %s",
		"  签定   8份,每份¥111.00;%s前,alice可以收回没领走的", clock(sent.Recallable))
	s.say("  packet   %s, block %d\n", "  红包   %s,区块%d\n", sent.Packet.Short(), sent.Height)
	return s.check(sent.Recallable == sent.Created.Plus(120) && link.Key != nil,
		"the packet is recallable for two minutes, and has a link: %+v", sent)
}

// grab is five people claiming with the link.
func (s *story) grab() error {
	read := s.exec("", "show", string(s.packet.String()), "--lang", "zh", "--from", "bob")
	promise := "领到就是你的,谁也拿不走。"
	if err := s.check(read.exit == 0 && strings.Contains(read.out, promise), "the terms say %q: %s%s", promise,
		read.out, read.err); err != nil {
		return err
	}
	s.say("bob reads before he takes: %s", "bob先看条款再领:%s", promise)
	takers := []string{"bob", "carol", "dave", "erin", "frank"}
	var since contract.Time
	for _, name := range takers {
		claimed, finality, err := s.claim(name, s.link)
		if err != nil {
			return err
		}
		if err := s.check(*claimed.Amount == 11100 && finality.FinalSince > 0,
			"%s gets a share for good: %s, %+v", name, claimed.Amount.Yuan(), finality); err != nil {
			return err
		}
		since = finality.FinalSince
	}
	s.say("  %s  +¥111.00 each   final since %s\n", "  %s  每人+¥111.00   %s起终局\n", strings.Join(takers, " "),
		clock(since))
	return nil
}

// recall is alice noticing, and grace coming late.
func (s *story) recall() error {
	alice, err := s.as("alice")
	if err != nil {
		return err
	}
	recalled, err := alice.Recall(s.ctx, client.Recall{Packet: s.packet, Reason: "wrong-amount"})
	if err != nil {
		return err
	}
	if err := s.check(*recalled.Amount == 33300, "the rest comes home: %s", recalled.Amount.Yuan()); err != nil {
		return err
	}
	s.say("alice recalls the rest: wrong amount         %s home", "alice收回没领走的,理由:金额错误         收回%s",
		recalled.Amount.Yuan())

	var late *client.Refused
	_, _, err = s.claim("grace", s.link)
	refused := errors.As(err, &late) && late.Code == contract.CodeRecalled
	if err := s.check(refused, "grace is refused as recalled: %v", err); err != nil {
		return err
	}
	s.say("grace comes late                             refused: %s at %s\n",
		"grace来晚了                              被拒:%[2]s已收回\n", late.Code, clock(recalled.Record.Time))
	return nil
}

// count compares the nodes with each other.
func (s *story) count() error {
	var root string
	var at int64
	for i, m := range s.network.Nodes {
		c, err := rpc.Dial(m.RPCURL())
		if err != nil {
			return err
		}
		defer c.Close()
		if i == 0 {
			_, now, err := c.Results(s.ctx)
			if err != nil {
				return err
			}
			at = now.Height
		}
		header, err := awaitHeader(s.ctx, c, at)
		if err != nil {
			return err
		}
		if i == 0 {
			root = header
		}
		totals, _, err := c.Summary(s.ctx)
		if err != nil {
			return err
		}
		same := totals.Supply.Holds() && totals.Supply.Total == s.supply && totals.Open == 0 && header == root
		if err := s.check(same, "node %d agrees: %+v, AppHash %s, node 1 has %s", m.Number, totals, header,
			root); err != nil {
			return err
		}
	}
	s.say("All %d nodes: wallets + escrow + hold = %s ✓", "%d个节点一致:余额+红包里的+存着的=%s ✓",
		len(s.network.Nodes),
		s.supply.Yuan())
	return nil
}

// awaitHeader is the AppHash in a node's header of a height, once it has it.
func awaitHeader(ctx context.Context, c *rpc.Client, height int64) (string, error) {
	for {
		h, err := c.SignedHeader(ctx, height)
		if err == nil {
			return h.AppHash.String(), nil
		}
		select {
		case <-ctx.Done():
			return "", err
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// proofFile is where the auditor's proof lies.
func (s *story) proofFile() string { return filepath.Join(s.home, "packet.proof") }
