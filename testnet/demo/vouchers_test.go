package demo_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"

	"hongbao/app/query"
	"hongbao/client"
	"hongbao/client/audit"
	"hongbao/client/cli"
	"hongbao/client/files"
	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/contract"
	"hongbao/testnet"
)

var vouchers = flag.Int("vouchers", 0, "how many vouchers are sent, claimed in part and recalled")

// A company sends vouchers to a list of names. Two thirds of them are claimed, by
// people who come at once on four nodes and have no account yet; then the rest is
// recalled. From what is proven alone every fen is accounted for: who has which entry,
// and what came home.
func TestVouchersEndToEnd(t *testing.T) {
	if *vouchers == 0 {
		t.Skip("takes minutes: say -vouchers 10000")
	}
	ctx, home := t.Context(), t.TempDir()
	n, end, err := testnet.Temporary(ctx, testnet.Spec{Validators: 4, Accounts: testnet.DevAccounts()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := end(); err != nil {
			t.Error(err)
		}
	}()
	run := func(args ...string) string {
		t.Helper()
		args = append([]string{"--home", home, "--node", n.Nodes[0].RPCURL(), "--from", "alice"}, args...)
		exit, out, errOut := cli.Typed(ctx, "", args)
		if exit != 0 {
			t.Fatalf("hongbao %s: exit %d\n%s%s", strings.Join(args, " "), exit, out, errOut)
		}
		return out
	}
	var table bytes.Buffer
	var total contract.Amount
	for i := range *vouchers {
		amount := contract.Amount(1 + i%37)
		total += amount
		fmt.Fprintf(&table, "employee %d,%s\n", i+1, amount)
	}
	staff, list := filepath.Join(home, "staff.csv"), filepath.Join(home, "staff.list")
	if err := os.WriteFile(staff, table.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Log(run("send", "--list", staff, "--recall", "24h"))
	run("list", "vouchers", list, "-o", home)
	links := linksIn(t, filepath.Join(home, "vouchers.csv"))
	claimers := links[:len(links)*2/3]
	begin := time.Now()
	claimAll(t, n, claimers)
	t.Logf("%d vouchers claimed in %s", len(claimers), time.Since(begin).Round(time.Second))
	run("recall", links[0].Packet.String(), "--yes")
	t.Log(run("list", "claimed", list, "--trust", n.TrustFile()))

	b, err := os.ReadFile(n.TrustFile())
	if err != nil {
		t.Fatal(err)
	}
	trust, err := audit.ReadTrust(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.Dial(ctx, n.Nodes[3].RPCURL(), client.Options{Trust: trust})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	accountForAll(t, c, links, len(claimers), total)
}

// linksIn are the claim links in a table of vouchers.
func linksIn(t *testing.T, path string) (links []*files.Link) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil || len(rows) != *vouchers+1 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	for _, row := range rows[1:] {
		l, err := files.ParseLink(row[3])
		if err != nil {
			t.Fatal(err)
		}
		links = append(links, l)
	}
	return links
}

// crowd is how many people claim at once.
const crowd = 64

// claimAll claims each link with an account of its own.
func claimAll(t *testing.T, n *testnet.Network, links []*files.Link) {
	t.Helper()
	ctx := t.Context()
	next := make(chan *files.Link)
	var all sync.WaitGroup
	failed := make(chan error, crowd)
	for i := range crowd {
		node, err := rpc.Dial(n.Nodes[i%len(n.Nodes)].RPCURL())
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			defer node.Close()
			for l := range next {
				if err := claimOnce(ctx, node, l); err != nil {
					select {
					case failed <- fmt.Errorf("entry %d: %w", l.Entry.Entry.Index, err):
					default:
					}
				}
			}
		})
	}
	for _, l := range links {
		next <- l
	}
	close(next)
	all.Wait()
	select {
	case err := <-failed:
		t.Fatal(err)
	default:
	}
}

// claimOnce claims a link with a new key, again and again while the network has no
// room for newcomers.
func claimOnce(ctx context.Context, node *rpc.Client, l *files.Link) error {
	key, err := btcec.NewPrivateKey()
	if err != nil {
		return err
	}
	p, at, err := node.Packet(ctx, l.Packet)
	if err != nil {
		return err
	}
	account := contract.AddressOf(key)
	sig, err := wallet.SignLink(l.Key, l.Chain, l.Packet, account)
	if err != nil {
		return err
	}
	tx := &contract.Tx{Chain: l.Chain, ValidUntil: at.Time.Plus(contract.MaxValidFor),
		Message: &contract.Claim{Packet: l.Packet, TermsHash: p.Terms.Hash(l.Chain), Link: &sig, Listing: l.Entry}}
	if err := tx.Sign(key); err != nil {
		return err
	}
	wire := tx.Encode()
	for {
		err := node.Broadcast(ctx, wire)
		var refused *rpc.Error
		if err == nil {
			break
		}
		if !errors.As(err, &refused) ||
			refused.Code != contract.CodeNoRoom && refused.Code != contract.CodeFirstClaimsFull {
			return err
		}
		time.Sleep(200 * time.Millisecond)
	}
	for range 600 {
		record, _, err := node.Tx(ctx, contract.TxHash(wire))
		if err != nil {
			return err
		}
		if record != nil {
			if record.Code != contract.CodeOK {
				return fmt.Errorf("%s: %s", record.Code, record.Log)
			}
			return nil
		}
		time.Sleep(200 * time.Millisecond)
	}
	return errors.New("is in no block after two minutes")
}

// accountForAll adds up what is proven of a packet: each claim is that of its entry,
// and all that was claimed and what came home is what was sent.
func accountForAll(t *testing.T, c *client.Client, links []*files.Link, claimed int, total contract.Amount) {
	t.Helper()
	id := links[0].Packet
	var sum contract.Amount
	seen := map[uint32]bool{}
	p, at, err := c.Claims(t.Context(), id, func(one query.Claim) error {
		if one.Share == 0 || int(one.Share) > len(links) || seen[one.Share] ||
			one.Amount != links[one.Share-1].Entry.Entry.Amount {
			return fmt.Errorf("share %d: %s", one.Share, one.Amount.Yuan())
		}
		seen[one.Share] = true
		sum += one.Amount
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	entries, _, err := c.HistoryWith(t.Context(), id, 0)
	if err != nil {
		t.Fatal(err)
	}
	var home contract.Amount
	for _, e := range entries {
		if e.Kind == contract.KindRecall && e.Posting != nil {
			home += e.Posting.Amount
		}
	}
	t.Logf("proven at block %d: %d of %d entries claimed, %s; %s came home; the packet's history has %d entries",
		at.Height, len(seen), len(links), sum.Yuan(), home.Yuan(), len(entries))
	if len(seen) != claimed || sum+home != total || p.Status != contract.Recalled || p.Escrow != 0 {
		t.Errorf("%d claimed, %s and %s home of %s, %s", len(seen), sum.Yuan(), home.Yuan(), total.Yuan(), p.Status)
	}
}
