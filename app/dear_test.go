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
		any := contract.Any{contract.Within{For: 10}, contract.Within{For: 20}, contract.Within{For: 30},
			contract.Within{For: 40}}
		return contract.All{any, contract.Any(append(keyAtoms(0, 8), keyAtoms(0, 5)...))}
	}))
}

// dearPackets puts n packets of dearTerms on the chain.
func (f *flood) dearPackets(n int) (ids []contract.PacketID) {
	f.T.Helper()
	tm := dearTerms()
	var sends [][]byte
	for range n {
		ids = append(ids, contract.NewPacketID(testChain, f.addresses["alice"], f.Nonces["alice"]))
		sends = append(sends, f.believed("alice", &contract.Send{Terms: tm}))
	}
	f.good(sends)
	f.Wait(time.Second)
	return ids
}

// idle are messages that fail for any sender, after the packet was read.
var idle = map[string]func(contract.PacketID) contract.Message{
	"a claim of other terms": func(id contract.PacketID) contract.Message { return &contract.Claim{Packet: id} },
	"a recall by a stranger": func(id contract.PacketID) contract.Message {
		return &contract.Recall{Packet: id, Clause: 4}
	},
	"a return of no share": func(id contract.PacketID) contract.Message {
		return &contract.Return{Packet: id, Share: 9}
	},
	"a question about no share": func(id contract.PacketID) contract.Message {
		return &contract.Ask{Packet: id, Share: 9}
	},
	"an answer about no share": func(id contract.PacketID) contract.Message {
		return &contract.Answer{Packet: id, Share: 9}
	},
	"a tightening by a stranger": func(id contract.PacketID) contract.Message { return &contract.Tighten{Packet: id} },
	"a recall with eight consents": func(id contract.PacketID) contract.Message {
		return &contract.Recall{Packet: id, Consents: make([]contract.Consent, 8)}
	},
}

var idleOrder = slices.Sorted(maps.Keys(idle))

// Reading is work: however many txs about packets with large leaves wait, a
// block holds so many that their leaves come to no more than two kilobytes for
// each tx that there may be. Payments behind them find the room that is left.
func TestReadingIsWork(t *testing.T) {
	const most = 100
	for _, desc := range idleOrder {
		message := idle[desc]
		p := contract.DefaultParams()
		p.MaxTxsPerBlock = most
		f := newFloodWith(t, p, most)
		ids := f.dearPackets(most)
		leaf, err := f.app.bareState().Leaf(contract.PacketKey(ids[0]))
		f.OK(err)
		each := 1 + len(leaf.Bytes)/2048
		if desc == "a recall with eight consents" {
			each += 8
		}
		var waiting [][]byte
		for _, id := range ids {
			waiting = append(waiting, f.believed("bob", message(id)))
		}
		payments := f.payments(most)
		for i, wire := range waiting {
			code := f.CheckTx(wire)
			if code == contract.CodeNoRoom && i > most/2 {
				waiting = waiting[:i] // one account may have no more of them wait
				break
			}
			if code != contract.CodeOK {
				t.Fatalf("%s: CheckTx: %s", desc, code)
			}
		}
		proposed := f.Propose(append(waiting[:len(waiting):len(waiting)], payments...)...)
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
		if !f.Accepts(proposed...) {
			t.Errorf("%s: an honest proposal is refused", desc)
		}
		if f.Accepts(waiting[:dear+1]...) != (dear*each+each <= most) {
			t.Errorf("%s: a block with one more is accepted", desc)
		}
		f.Finalize(proposed...)
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
	f.OK(err)
	proposed := f.Propose(waiting...)
	if want := most - len(leaf.Bytes)/2048; len(proposed) != want || !f.Accepts(proposed...) {
		t.Errorf("%d returns of one packet, want %d", len(proposed), want)
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
	if code := f.CheckTx(dear); code != contract.CodeOK {
		t.Fatalf("CheckTx: %s", code)
	}
	if got := f.Propose(dear); len(got) != 1 || !f.Accepts(got...) {
		t.Errorf("%d txs proposed, want the only one", len(got))
	}
	pay := f.payments(1)
	if got := f.Propose(pay[0], dear); len(got) != 1 {
		t.Errorf("%d txs proposed: beside a payment the dearest has no room", len(got))
	}
}

// A leaf is remembered, with all that it was decoded to, until a block changes
// it.
func TestLeavesAreRememberedUntilTheyChange(t *testing.T) {
	f := newFlood(t, 100)
	id, tm := f.dearPackets(1)[0], dearTerms()
	f.addresses["name 0"] = addr("name 0")
	packet, bob, newcomer := contract.PacketKey(id), contract.AccountKey(addr("bob")),
		contract.AccountKey(addr("name 0"))
	claim := &contract.Claim{Packet: id, TermsHash: tm.Hash(testChain)}
	var before *contract.LeafValue
	for _, row := range []struct {
		desc       string
		name       string
		message    contract.Message
		want       contract.Code
		remembered bool
	}{
		{"a tx that fails reads the packet", "bob", &contract.Return{Packet: id, Share: 9}, contract.CodeUnknownShare,
			true},
		{"and another", "bob", &contract.Return{Packet: id, Share: 9}, contract.CodeUnknownShare, true},
		{"a claim changes it", "name 0", claim, contract.CodeOK, false},
		{"a claim that fails reads it anew", "name 0", claim, contract.CodeAlreadyClaimed, true},
	} {
		f.Wait(time.Second)
		res := f.Finalize(f.believed(row.name, row.message)).TxResults[0]
		if got := contract.Code(res.Code); got != row.want {
			t.Errorf("%s: %s, want %s", row.desc, got, row.want)
		}
		now, known := f.app.leaves.known.get(string(packet))
		if known != row.remembered {
			t.Errorf("%s: the packet's leaf is remembered: %v", row.desc, known)
		}
		if before != nil && now != nil && now != before {
			t.Errorf("%s: the packet's leaf was read again", row.desc)
		}
		before = now
		for who, key := range map[string][]byte{"bob": bob, "name 0": newcomer} {
			if _, known := f.app.leaves.known.get(string(key)); known && who == row.name {
				t.Errorf("%s: the leaf of %s, whose nonce changed, is remembered", row.desc, who)
			}
		}
	}
}
