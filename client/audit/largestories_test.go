package audit

import (
	"testing"
	"time"

	"hongbao/contract"
)

// aList is a packet to five entries, of which the second and fourth are vouchers, in
// hold for two hours under a clause that lets the sender take a share back. Bob
// claimed his, carol a voucher; carol's was recalled; the rest was recalled.
func aList(t testing.TB) (*ledger, contract.PacketID) {
	l := newLedger(t, "alice", "bob", "carol")
	var entries []contract.ListEntry
	var leaves []contract.Subtree
	for i, name := range []string{"bob", "voucher 2", "dave", "voucher 4", "erin"} {
		e := contract.ListEntry{Index: uint32(i + 1), Kind: contract.WhoKind(1 + i%2), Who: address(name),
			Amount: contract.Amount(100 * (i + 1))}
		entries, leaves = append(entries, e), append(leaves, e.Leaf())
	}
	list, err := contract.NewList(leaves)
	must(t, err)
	terms := heldTerms(5)
	terms.Total, terms.Split = list.Total(), contract.ByList
	terms.Claim = contract.Rule{Cond: contract.Listed{Root: list.Root()}}
	id := l.send(terms)
	claim := func(name string, n int, link string) []byte {
		m := &contract.Claim{Packet: id, TermsHash: terms.Hash(testChain),
			Listing: &contract.Listing{Entry: entries[n-1], Path: list.Path(uint32(n))}}
		if link != "" {
			sig, err := contract.SignDigest(accountKey(link), contract.LinkDigest(testChain, id, address(name)))
			must(t, err)
			m.Link = &sig
		}
		return l.tx(name, m)
	}
	l.block(time.Second, claim("bob", 1, ""), claim("carol", 4, "voucher 4"))
	l.block(time.Minute, l.tx("alice", &contract.Recall{Packet: id, Clause: 2, Share: 4, Reason: "AC03"}))
	l.block(time.Minute, l.tx("alice", &contract.Recall{Packet: id, Clause: 3, Reason: "AC03"}))
	return l, id
}

func (l *ledger) proveLargeShare(id contract.PacketID, share uint32) *File {
	key := contract.ShareKey(id, share)
	return l.build(KindLargeShare, subject(id, share), key, Evidence{Txs: l.wires(l.largeParties(key))})
}

// largeParties are the send and the claim of a large packet's share.
func (l *ledger) largeParties(key []byte) []contract.Hash {
	var leaf contract.ShareLeaf
	must(l.t, contract.Decode(l.leaves[string(key)], &leaf))
	return []contract.Hash{leaf.SendTx, *decode(l.t, l.history(key)[:1])[0].Tx}
}
