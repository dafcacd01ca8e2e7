package submit_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"testing"
	"time"

	"hongbao/app"
	"hongbao/app/query"
	"hongbao/client/audit"
	"hongbao/client/evidence"
	"hongbao/client/rpc"
	"hongbao/client/submit"
	"hongbao/client/wallet"
	"hongbao/contract"
	"hongbao/internal/testchain"
)

// world is a chain, the node that answers for it, and alice, who submits. She, and
// bob, have money; carol, who has a key of the chain's, has some too.
type world struct {
	*testchain.Server
	t      *testing.T
	alice  *wallet.Account
	bob    contract.Address
	packet contract.PacketID // carol's, of one share for every account
	terms  contract.Terms
	sub    *submit.Submitter
	hooks  submit.Hooks
}

func newWorld(t *testing.T, proven bool) *world {
	t.Helper()
	g, bob := testchain.Genesis("carol", "dave"), contract.AddressOf(wallet.DevKey("bob"))
	for _, a := range []contract.Address{contract.AddressOf(wallet.DevKey("alice")), bob} {
		g.Accounts = append(g.Accounts, contract.GenesisAccount{Address: a, Balance: testchain.Balance})
	}
	c := testchain.New(t, testchain.Options{Genesis: g, Validators: testchain.NewValidators(1, 1, 1, 1),
		Open: func(o testchain.NodeOptions) (testchain.Node, error) {
			return app.New(o.DB, app.Options{Now: o.Now, VRFKey: o.VRFKey})
		}})
	w := &world{t: t, bob: bob, terms: contract.Terms{Total: 100, Shares: 1, Split: contract.Equal,
		Claim: contract.Rule{Cond: contract.Always{}}, Clauses: []contract.Clause{}, Expiry: 3600}}
	w.packet = c.Send("carol", w.terms)
	w.Server = c.Serve()
	w.Next = func(last time.Time) time.Time { return last.Add(time.Millisecond) }

	var err error
	w.alice, err = wallet.Open(t.TempDir()).Account("alice")
	c.OK(err)
	node, err := rpc.Dial(w.URL)
	c.OK(err)
	t.Cleanup(node.Close)
	w.sub = &submit.Submitter{Wait: 20 * time.Second, State: &evidence.Gatherer{Node: node, Chain: testchain.ID,
		Now: func() time.Time { return c.Now }}}
	if proven {
		w.sub.State.Trust, err = audit.ReadTrust(c.Validators.Trust())
		c.OK(err)
	}
	return w
}

// broadcasts has the node answer the nth broadcast, from 1, with what say says of
// it; where that is empty the chain's mempool judges.
func (w *world) broadcasts(say func(n int) string) {
	w.Instead = func(method, _ string) string {
		if method != "broadcast_tx_sync" {
			return ""
		}
		return say(len(w.Offered))
	}
}

func always(answer string) func(int) string { return func(int) string { return answer } }
func once(answer string) func(int) string {
	return func(n int) string { return map[bool]string{true: answer}[n == 1] }
}

const (
	taken = `"result":{"code":0,"data":"","log":"","hash":"00"}`
	held  = `"error":{"code":-32603,"message":"Internal error","data":"tx already exists in cache"}`
	full  = `"error":{"code":-32603,"message":"Internal error","data":"mempool is full: number of txs 5000"}`
)

func refuses(code contract.Code) string {
	return fmt.Sprintf(`"result":{"code":%d,"data":"","log":"no","hash":"00"}`, code)
}

// quickly lets a tx's time run out within a few polls.
func (w *world) quickly() {
	w.Next = func(last time.Time) time.Time { return last.Add(20 * time.Second) }
}

// elsewhere has another device of alice's pay with her next nonce.
func (w *world) elsewhere() {
	var a contract.Account
	w.Ask(query.Leaf, contract.AccountKey(w.alice.Address), &a)
	tx := w.alice.Draft(testchain.ID, a.Nonce, w.Time(), wallet.ValidFor, &contract.Pay{To: w.bob, Amount: 1})
	w.OK(tx.Sign(wallet.DevKey("alice")))
	w.Wait(time.Millisecond)
	w.Block(tx.Encode())
}

// claimedByDave closes the packet.
func (w *world) claimedByDave() {
	w.Wait(time.Millisecond)
	w.Block(w.Claim("dave", w.packet, w.terms))
}

// told is how a submission ended, in words.
func told(o *submit.Outcome, err error) string {
	var refused *submit.Refused
	var failed *submit.Failed
	switch {
	case errors.As(err, &refused) && refused.Tx == nil:
		return "refused: " + refused.Code.String()
	case errors.As(err, &refused):
		return "never: " + refused.Code.String()
	case errors.As(err, &failed) && failed.Height == 0:
		return "failed somewhere: " + failed.Code.String()
	case errors.As(err, &failed):
		return "failed: " + failed.Code.String()
	case errors.As(err, new(*submit.Unknown)):
		return "unknown"
	case errors.As(err, new(*submit.PreviousPending)):
		return "previous pending"
	case errors.As(err, new(*submit.NotSent)):
		return "not sent"
	case err != nil:
		return err.Error()
	case o.Record != nil:
		return "done"
	case o.Sent:
		return "sent"
	}
	return "kept back"
}

// The life of a tx, and where it can end: from its nonce through simulation,
// signature, journal and offer to its outcome. A node is believed about that, and
// with a trust file it has to prove it.
func TestSubmit(t *testing.T) {
	no := errors.New("no")
	for _, row := range []struct {
		desc    string
		with    func(*world)
		message func(*world) contract.Message // nil: ¥0.05 to bob
		want    string
		proven  string // with a trust file; empty: the same
		offers  int    // how often the bytes left, at least; 0: never
		spent   uint64 // alice's nonce afterwards
	}{
		{desc: "it is taken and executed", want: "done", offers: 1, spent: 1},
		{desc: "the ledger would refuse it", message: func(w *world) contract.Message {
			return &contract.Pay{To: w.bob, Amount: 2 * testchain.Balance}
		}, want: "refused: overdraft"},
		{desc: "the ledger refuses it for two seconds more", with: func(w *world) {
			w.terms.Claim.Cond = contract.From{At: w.Time().Plus(2)}
			w.packet = w.Send("carol", w.terms)
			w.Next = func(last time.Time) time.Time { return last.Add(500 * time.Millisecond) }
		}, message: (*world).claim, want: "done", offers: 1, spent: 1},
		{desc: "it is only simulated", with: func(w *world) { w.sub.Mode = submit.DryRun }, want: "kept back"},
		{desc: "another home is to sign it", with: func(w *world) { w.sub.Mode = submit.Unsigned }, want: "kept back"},
		{desc: "its owner says no", with: func(w *world) {
			w.hooks.Review = func(*contract.Tx, contract.Time) error { return no }
		}, want: "no"},
		{desc: "what must be kept cannot be", with: func(w *world) {
			w.hooks.Keep = func(*contract.Tx) error { return no }
		}, want: "no"},
		{desc: "another device spends the nonce while its owner reads", with: func(w *world) {
			w.hooks.Review = func(*contract.Tx, contract.Time) error { w.elsewhere(); return nil }
		}, want: "refused: wrong_nonce", spent: 1},
		{desc: "another device spends the nonce once it is signed", with: func(w *world) {
			w.hooks.Keep = func(*contract.Tx) error { w.elsewhere(); return nil }
		}, want: "never: wrong_nonce", offers: 1, spent: 1},
		{desc: "the node is gone once it is signed", with: func(w *world) {
			w.hooks.Keep = func(*contract.Tx) error { w.sub.State.Node.Close(); w.Close(); return nil }
		}, want: "not sent"},
		{desc: "it fails in its block", with: func(w *world) {
			w.hooks.Keep = func(*contract.Tx) error { w.claimedByDave(); return nil }
		}, message: (*world).claim, want: "failed: full", proven: "failed somewhere: full", offers: 1, spent: 1},
		{desc: "the node's mempool is full at first", with: func(w *world) { w.broadcasts(once(full)) },
			want: "done", offers: 2, spent: 1},
		{desc: "the node's mempool is full for good", with: func(w *world) {
			w.sub.Wait = 1500 * time.Millisecond
			w.broadcasts(always(full))
		}, want: "unknown", offers: 2},
		{desc: "the node forgets it at first", with: func(w *world) { w.broadcasts(once(taken)) },
			want: "done", offers: 2, spent: 1},
		{desc: "the node says that it refuses it, and executes it", with: func(w *world) {
			w.broadcasts(func(n int) string {
				if n == 1 {
					w.Wait(time.Millisecond)
					w.Block(w.Offered[0])
				}
				return refuses(contract.CodeOverdraft)
			})
		}, want: "done", offers: 1, spent: 1},
		{desc: "the node refuses it for good", with: func(w *world) {
			w.quickly()
			w.broadcasts(always(refuses(contract.CodeOverdraft)))
		}, want: "never: overdraft", offers: 1},
		{desc: "the node forgets it for good", with: func(w *world) { w.quickly(); w.broadcasts(always(taken)) },
			want: "never: tx_expired", offers: 1},
		{desc: "the node refuses a nonce that nothing has spent", with: func(w *world) {
			w.sub.Wait = 1500 * time.Millisecond // it is offered again after a second
			w.broadcasts(always(refuses(contract.CodeWrongNonce)))
		}, want: "unknown", offers: 2},
		{desc: "the node says that it has it, and does nothing", with: func(w *world) {
			w.sub.Wait = 100 * time.Millisecond
			w.broadcasts(always(held))
		}, want: "unknown", offers: 1},
		{desc: "the node refuses a claim of a packet that is open", with: func(w *world) {
			w.sub.Wait = 1500 * time.Millisecond
			w.broadcasts(always(refuses(contract.CodeFull)))
		}, message: (*world).claim, want: "unknown", offers: 2},
		{desc: "the node refuses a claim of a packet that is closed", with: func(w *world) {
			w.hooks.Keep = func(*contract.Tx) error { w.claimedByDave(); return nil }
			w.broadcasts(always(refuses(contract.CodeFull)))
		}, message: (*world).claim, want: "never: full", offers: 1},
		{desc: "no block comes", with: func(w *world) {
			w.sub.Wait = 100 * time.Millisecond
			w.hooks.Keep = func(*contract.Tx) error { w.Halted = true; return nil }
		}, want: "unknown", offers: 1},
		{desc: "no outcome is waited for", with: func(w *world) { w.sub.Wait = 0 }, want: "sent", offers: 1},
		{desc: "nor when the node refuses it", with: func(w *world) {
			w.sub.Wait = 0
			w.broadcasts(always(refuses(contract.CodeOverdraft)))
		}, want: "unknown", offers: 1},
		{desc: "the node invents a block for it", with: func(w *world) {
			w.sub.Wait = time.Second
			w.invents(func(r *query.TxRecord) { r.Wire = w.Offered[0] })
		}, want: "done", proven: "unknown", offers: 1},
		{desc: "the node invents a failure of it", with: func(w *world) {
			w.sub.Wait = time.Second
			w.invents(func(r *query.TxRecord) { r.Code, r.Wire = contract.CodeFull, w.Offered[0] })
		}, want: "failed: full", proven: "unknown", offers: 1},
		{desc: "the node is ahead of time", with: func(w *world) {
			w.sub.Wait = time.Second
			w.invents(nil)
		}, want: "never: tx_expired", proven: "unknown", offers: 1},
	} {
		for _, proven := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/proven=%t", row.desc, proven), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, proven)
				if row.with != nil {
					row.with(w)
				}
				var m contract.Message = &contract.Pay{To: w.bob, Amount: 5}
				if row.message != nil {
					m = row.message(w)
				}
				before := w.nonce()
				o, err := w.sub.Submit(t.Context(), w.alice, m, w.hooks)
				want := row.want
				if proven && row.proven != "" {
					want = row.proven
				}
				if got := told(o, err); got != want {
					t.Errorf("%s (%v), want %s", got, err, want)
				}
				w.sameBytes(row.offers)
				if got := w.nonce() - before; got != row.spent {
					t.Errorf("nonce %d, want %d", got, row.spent)
				}
				w.journal(want == "sent" || want == "unknown")
			})
		}
	}
}

func (w *world) claim() contract.Message {
	return &contract.Claim{Packet: w.packet, TermsHash: w.terms.Hash(testchain.ID)}
}

// nonce is alice's, in the newest state.
func (w *world) nonce() uint64 {
	var a contract.Account
	w.Ask(query.Leaf, contract.AccountKey(w.alice.Address), &a)
	return a.Nonce
}

// invents has the node take nothing, and show a record of everything; or none, an
// hour ahead of time.
func (w *world) invents(edit func(*query.TxRecord)) {
	w.Instead = func(method, path string) string {
		record, now := []byte{}, w.Time()
		switch {
		case method == "broadcast_tx_sync":
			return taken
		case path != query.Tx || len(w.Offered) == 0:
			return ""
		case edit == nil:
			now = now.Plus(3600)
		default:
			r := query.TxRecord{Height: w.Height, Time: now}
			edit(&r)
			record = contract.Encode(r)
		}
		return fmt.Sprintf(`"result":{"response":{"code":0,"value":%q,"height":"%d","info":%q}}`,
			base64.StdEncoding.EncodeToString(record), w.Height, now)
	}
}

// sameBytes checks that one tx left, at least so often; none where that is 0.
func (w *world) sameBytes(least int) {
	w.t.Helper()
	for _, wire := range w.Offered {
		if !bytes.Equal(wire, w.Offered[0]) {
			w.t.Error("other bytes were offered the second time")
		}
	}
	if n := len(w.Offered); n < least || least == 0 && n > 0 {
		w.t.Errorf("offered %d times, want %d or more", n, least)
	}
}

// journal checks whether the tx that was offered stands in it.
func (w *world) journal(want bool) *wallet.Pending {
	w.t.Helper()
	p, err := w.alice.Pending(testchain.ID)
	w.OK(err)
	if (p != nil) != want || p != nil && !bytes.Equal(p.Wire, w.Offered[0]) {
		w.t.Errorf("in the journal: %+v, want one: %t", p, want)
	}
	return p
}

// What was left open is offered again, as the same bytes, before the account
// signs anything else; and is followed by its hash alone.
func TestWhatWasLeftOpenGoesFirst(t *testing.T) {
	for _, proven := range []bool{false, true} {
		w := newWorld(t, proven)
		pay := func(ctx context.Context) string {
			return told(w.sub.Submit(ctx, w.alice, &contract.Pay{To: w.bob, Amount: 5}, submit.Hooks{}))
		}
		w.sub.Wait = 0
		w.broadcasts(always(taken)) // and forgotten
		if got := pay(t.Context()); got != "sent" {
			t.Fatal(got)
		}
		first := w.journal(true)
		if _, err := w.sub.Follow(t.Context(), first.Tx, first); told(nil, err) != "unknown" {
			t.Errorf("followed without waiting: %v", err)
		}
		brief, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if got := pay(brief); got != "previous pending" {
			t.Errorf("beside one that may still happen: %s", got)
		}
		w.sameBytes(3)

		w.Set(func() { w.Instead = nil })
		w.sub.Wait = 20 * time.Second
		if got := pay(t.Context()); got != "done" || w.nonce() != 2 {
			t.Errorf("%s, nonce %d", got, w.nonce())
		}
		w.journal(false)
		for _, p := range []*wallet.Pending{first, nil} {
			if record, err := w.sub.Follow(t.Context(), first.Tx, p); err != nil || record.Height == 0 ||
				!bytes.Equal(record.Wire, first.Wire) {
				t.Errorf("followed: %+v, %v", record, err)
			}
		}
	}
}

// What was left open is settled when another device's tx spent its nonce: it is
// refused, and the account is free again.
func TestWhatIsSettledOtherwise(t *testing.T) {
	for _, proven := range []bool{false, true} {
		w := newWorld(t, proven)
		pay := func() (*submit.Outcome, error) {
			return w.sub.Submit(t.Context(), w.alice, &contract.Pay{To: w.bob, Amount: 5}, submit.Hooks{})
		}
		w.sub.Wait = 0
		w.broadcasts(always(taken))
		o, err := pay()
		w.OK(err)
		left := w.journal(true)
		w.Instead, w.sub.Wait = nil, 20*time.Second
		w.elsewhere()
		if _, err := w.sub.Follow(t.Context(), left.Tx, left); told(nil, err) != "never: wrong_nonce" {
			t.Errorf("followed: %v", err)
		}
		if got := told(w.sub.Broadcast(t.Context(), w.alice, o.Tx)); got != "never: wrong_nonce" {
			t.Errorf("sent again: %s", got)
		}
		w.journal(false)
		if got := told(pay()); got != "done" {
			t.Errorf("the next one: %s", got)
		}
	}
}

// A tx that was signed elsewhere is sent like one's own, and may be sent again.
func TestBroadcast(t *testing.T) {
	for _, proven := range []bool{false, true} {
		w := newWorld(t, proven)
		w.sub.Mode = submit.Unsigned
		o, err := w.sub.Submit(t.Context(), w.alice, &contract.Pay{To: w.bob, Amount: 5}, submit.Hooks{})
		w.OK(err)
		w.sub.Mode = submit.Sign
		send := func() string { return told(w.sub.Broadcast(t.Context(), w.alice, o.Tx)) }
		if got := send(); got != "refused: bad_signature" || len(w.Offered) > 0 {
			t.Errorf("unsigned: %s, offered %d times", got, len(w.Offered))
		}
		w.OK(w.alice.Sign(o.Tx))
		w.sub.Mode = submit.DryRun
		if got := send(); got != "kept back" || len(w.Offered) > 0 {
			t.Errorf("simulated: %s, offered %d times", got, len(w.Offered))
		}
		w.sub.Mode, w.sub.Wait = submit.Sign, 0
		w.broadcasts(once(taken))
		if got := send(); got != "sent" {
			t.Error(got)
		}
		w.journal(true)
		w.sub.Wait = 20 * time.Second
		for _, when := range []string{"again, not settled", "once more, in a block"} {
			if got := send(); got != "done" || w.nonce() != 1 {
				t.Errorf("%s: %s, nonce %d", when, got, w.nonce())
			}
			w.journal(false)
		}
		w.sameBytes(3)
	}
}
