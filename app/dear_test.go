package app

import (
	"maps"
	"slices"
	"testing"
	"time"

	"hongbao/contract"
)

// dearTerms are open to a hundred names under four clauses of as many bytes as
// may be: a leaf of about 12 kB.
func dearTerms() contract.Terms {
	return terms(100, 1, claimWhen(names(0, 100)), fourClauses(func(i int) contract.Cond {
		any := contract.Any{contract.Within{For: 10}, contract.Within{For: 20}, contract.Within{For: 30}, contract.Within{For: 40}}
		return contract.All{any, contract.Any(append(keyAtoms(0, 8), keyAtoms(0, 5)...))}
	}))
}

// dearPackets puts n packets of dearTerms on the chain.
func (f *flood) dearPackets(n int) (ids []contract.PacketID) {
	f.t.Helper()
	tm := dearTerms()
	var sends [][]byte
	for range n {
		ids = append(ids, contract.NewPacketID(testChain, f.addresses["alice"], f.nonces["alice"]))
		sends = append(sends, f.believed("alice", &contract.Send{Terms: tm}))
	}
	f.good(sends)
	f.wait(time.Second)
	return ids
}

// idle are messages that fail, whoever sends them, after the packet was read.
var idle = map[string]func(contract.PacketID) contract.Message{
	"a claim of other terms":     func(id contract.PacketID) contract.Message { return &contract.Claim{Packet: id} },
	"a recall by a stranger":     func(id contract.PacketID) contract.Message { return &contract.Recall{Packet: id, Clause: 4} },
	"a return of no share":       func(id contract.PacketID) contract.Message { return &contract.Return{Packet: id, Share: 9} },
	"a question about no share":  func(id contract.PacketID) contract.Message { return &contract.Ask{Packet: id, Share: 9} },
	"an answer about no share":   func(id contract.PacketID) contract.Message { return &contract.Answer{Packet: id, Share: 9} },
	"a tightening by a stranger": func(id contract.PacketID) contract.Message { return &contract.Tighten{Packet: id} },
	"a recall with eight consents": func(id contract.PacketID) contract.Message {
		return &contract.Recall{Packet: id, Consents: make([]contract.Consent, 8)}
	},
}

var idleOrder = slices.Sorted(maps.Keys(idle))

// Reading is work: however many txs about packets with large leaves wait, a
// block holds so many that their leaves come to no more than a kilobyte for each
// tx that there may be. Payments behind them find the room that is left. Every
// leaf is decoded once on a node, and none before the block is executed.
func TestReadingIsWork(t *testing.T) {
	const most = 100
	for _, desc := range idleOrder {
		message := idle[desc]
		p := contract.DefaultParams()
		p.MaxTxsPerBlock = most
		f := newFloodWith(t, p, most)
		ids := f.dearPackets(most)
		leaf, err := f.app.bareState().Leaf(contract.PacketKey(ids[0]))
		f.ok(err)
		each := 1 + len(leaf)/2048
		if desc == "a recall with eight consents" {
			each += 8
		}
		var waiting [][]byte
		for _, id := range ids {
			waiting = append(waiting, f.believed("bob", message(id)))
		}
		payments := f.payments(most)
		for i, wire := range waiting {
			code := f.checkTx(wire)
			if code == contract.CodeNoRoom && i > most/2 {
				waiting = waiting[:i] // one account may have no more of them wait
				break
			}
			if code != contract.CodeOK {
				t.Fatalf("%s: CheckTx: %s", desc, code)
			}
		}
		decodes := f.app.leaves.decodes.Load
		begun := decodes()
		proposed := f.propose(append(waiting[:len(waiting):len(waiting)], payments...)...)
		dear := most / each
		want := 0
		for work := 0; work < most; want++ { // by turns
			if want%2 == 0 && work+each <= most {
				work += each
			} else {
				work++
			}
		}
		if len(proposed) != want {
			t.Errorf("%s: %d txs proposed, want %d: one of each account in turn", desc, len(proposed), want)
		}
		if !f.accepts(proposed...) {
			t.Errorf("%s: an honest proposal is refused", desc)
		}
		if f.accepts(waiting[:dear+1]...) != (dear*each+each <= most) {
			t.Errorf("%s: a block with one more is accepted", desc)
		}
		judged := decodes()
		f.finalize(proposed...)
		// The payer's account is read beside them.
		if n, m := judged-begun, decodes()-judged; n > 1 || m > int64(dear) {
			t.Errorf("%s: %d leaves decoded to judge a block of %d such txs, and %d to execute it", desc, n, dear, m)
		}
	}
}

// A packet that many txs of a block name is read once, and counts once.
func TestReadingOneLeafCountsOnce(t *testing.T) {
	const most = 100
	p := contract.DefaultParams()
	p.MaxTxsPerBlock = most
	f := newFloodWith(t, p, most)
	id := f.dearPackets(1)[0]
	var waiting [][]byte
	for range most {
		waiting = append(waiting, f.believed("bob", &contract.Return{Packet: id, Share: 9}))
	}
	leaf, err := f.app.bareState().Leaf(contract.PacketKey(id))
	f.ok(err)
	proposed := f.propose(waiting...)
	if want := most - len(leaf)/2048; len(proposed) != want || !f.accepts(proposed...) {
		t.Errorf("%d returns of one packet, want %d", len(proposed), want)
	}
	before := f.app.leaves.decodes.Load()
	f.finalize(proposed...)
	if n := f.app.leaves.decodes.Load() - before; n != 1 {
		t.Errorf("%d leaves decoded for %d txs about one packet", n, len(proposed))
	}
}

// However dear one tx is, a block may hold it: what CheckTx accepts, some
// proposal takes.
func TestTheDearestTxHasAPlace(t *testing.T) {
	p := contract.DefaultParams()
	p.MaxTxsPerBlock = 9
	f := newFloodWith(t, p, 9)
	id := f.dearPackets(1)[0]
	dear := f.believed("bob", &contract.Recall{Packet: id, Clause: 1, Consents: make([]contract.Consent, 8)})
	if code := f.checkTx(dear); code != contract.CodeOK {
		t.Fatalf("CheckTx: %s", code)
	}
	if got := f.propose(dear); len(got) != 1 || !f.accepts(got...) {
		t.Errorf("%d txs proposed, want the only one", len(got))
	}
	pay := f.payments(1)
	if got := f.propose(pay[0], dear); len(got) != 1 {
		t.Errorf("%d txs proposed: beside a payment the dearest has no room", len(got))
	}
}

// A leaf is remembered until a block changes it, and then read anew.
func TestLeavesAreRememberedUntilTheyChange(t *testing.T) {
	f := newFlood(t, 100)
	id, tm := f.dearPackets(1)[0], dearTerms()
	f.addresses["name 0"] = addr("name 0")
	f.finalize() // reads the chain's own leaves
	decodes := f.app.leaves.decodes.Load
	for _, row := range []struct {
		desc    string
		name    string
		message contract.Message
		want    contract.Code
		decoded int64
	}{
		{"the packet and bob", "bob", &contract.Return{Packet: id, Share: 9}, contract.CodeUnknownShare, 2},
		{"bob, whose nonce changed", "bob", &contract.Return{Packet: id, Share: 9}, contract.CodeUnknownShare, 1},
		{"nothing: a newcomer has no leaf yet", "name 0", &contract.Claim{Packet: id, TermsHash: tm.Hash(testChain)}, contract.CodeOK, 0},
		{"the packet, which has a share now, the newcomer and the supply", "name 0", &contract.Claim{Packet: id, TermsHash: tm.Hash(testChain)}, contract.CodeAlreadyClaimed, 3},
	} {
		f.wait(time.Second)
		before := decodes()
		res := f.finalize(f.believed(row.name, row.message)).TxResults[0]
		if got := contract.Code(res.Code); got != row.want {
			t.Errorf("%s by %s: %s, want %s", contract.KindName(row.message), row.name, got, row.want)
		}
		if n := decodes() - before; n != row.decoded {
			t.Errorf("%d leaves decoded, want %d: %s", n, row.decoded, row.desc)
		}
	}
}
