package audit

import (
	"fmt"
	"testing"
	"time"

	"hongbao/contract"
)

// listed is a list as its sender has it.
type listed struct {
	entries []contract.ListEntry
	*contract.List
}

// listOf makes a list of a yuan for the first, two for the second, and so on: each second
// entry is a voucher.
func listOf(t testing.TB, names ...string) *listed {
	l := new(listed)
	var leaves []contract.Subtree
	for i, name := range names {
		e := contract.ListEntry{Index: uint32(i + 1), Kind: contract.WhoKind(1 + i%2), Who: address(name),
			Amount: contract.Amount(100 * (i + 1))}
		l.entries, leaves = append(l.entries, e), append(leaves, e.Leaf())
	}
	list, err := contract.NewList(leaves)
	must(t, err)
	l.List = list
	return l
}

// listing is entry n with its path.
func (l *listed) listing(n int) *contract.Listing {
	return &contract.Listing{Entry: l.entries[n-1], Path: l.Path(uint32(n))}
}

// terms are those of a packet to the list, in hold for two hours under clauses that let
// arbiters or the sender take a share back, and the sender the rest.
func (l *listed) terms() contract.Terms {
	t := heldTerms(l.Count())
	t.Total, t.Split = l.Total(), contract.ByList
	t.Claim = contract.Rule{Cond: contract.Listed{Root: l.Root()}}
	return t
}

var staff = []string{"bob", "voucher 2", "dave", "voucher 4", "erin"}

// sendList sends a packet to a list, which the ledger keeps beside it.
func (l *ledger) sendList(list *listed, terms contract.Terms) contract.PacketID {
	id := l.send(terms)
	l.lists[id] = list
	return id
}

// claimEntry signs a claim of entry n, with the voucher's key where it is one.
func (l *ledger) claimEntry(name string, id contract.PacketID, n int) []byte {
	list := l.lists[id]
	m := &contract.Claim{Packet: id, TermsHash: l.packet(id).Terms.Hash(testChain), Listing: list.listing(n)}
	if m.Listing.Entry.Kind == contract.WhoLink {
		linkBy(fmt.Sprint("voucher ", n), name)(m)
	}
	return l.tx(name, m)
}

// aList is a packet to five entries, of which the second and fourth are vouchers, in
// hold for two hours under a clause that lets the sender take a share back. Bob
// claimed his, carol a voucher; carol's was recalled; the rest was recalled.
func aList(t testing.TB) (*ledger, contract.PacketID) {
	l, id := anOpenList(t)
	l.block(time.Minute, l.tx("alice", &contract.Recall{Packet: id, Clause: 2, Share: 4, Reason: "AC03"}))
	l.block(time.Minute, l.tx("alice", &contract.Recall{Packet: id, Clause: 3, Reason: "AC03"}))
	return l, id
}

// anOpenList is aList before anything was recalled.
func anOpenList(t testing.TB) (*ledger, contract.PacketID) {
	l := newLedger(t, "alice", "bob", "carol")
	list := listOf(t, staff...)
	id := l.sendList(list, list.terms())
	l.block(time.Second, l.claimEntry("bob", id, 1), l.claimEntry("carol", id, 4))
	return l, id
}

// anOpenCampaign is a packet of 120 equal shares open to every account, three of which
// were claimed in one block, and between the second and the third its sender tightened.
func anOpenCampaign(t testing.TB) (*ledger, contract.PacketID) {
	l := newLedger(t, "alice", "bob", "carol", "dave")
	id := l.send(heldTerms(120))
	l.block(time.Second, l.claim("bob", id), l.claim("carol", id),
		l.tx("alice", tightenTo(id, "share when all(sender,within(30m))", "rest when sender")), l.claim("dave", id))
	return l, id
}

// aLuckyCampaign is a packet of 120 lucky shares, two of which were claimed and drawn, and
// two more claimed in the block in which the rest was recalled.
func aLuckyCampaign(t testing.TB) (*ledger, contract.PacketID) {
	l := newLedger(t, "alice", "bob", "carol", "dave", "erin")
	id := l.send(luckyTerms(120, 88800, "2m"))
	l.block(time.Second, l.claim("bob", id), l.claim("carol", id))
	l.block(time.Second)
	l.block(time.Second, l.claim("dave", id), l.claim("erin", id),
		l.tx("alice", &contract.Recall{Packet: id, Clause: 1, Reason: "AM09"}))
	return l, id
}

// largeStories are the proofs about large packets.
var largeStories = []namedStory{
	{"large-share-held", "a held share of a list's packet, which others can still take back", func(t testing.TB) *File {
		l, id := aList(t)
		return l.proveLargeShare(id, 1)
	}},
	{"large-share-settled", "the same share once it settled", func(t testing.TB) *File {
		l, id := aList(t)
		l.block(2 * time.Hour)
		return l.proveLargeShare(id, 1)
	}},
	{"large-share-recalled", "a share claimed with a voucher, which was taken back", func(t testing.TB) *File {
		l, id := aList(t)
		return l.proveLargeShare(id, 4)
	}},
	{"large-share-returned", "a held share that its claimer gave back", func(t testing.TB) *File {
		l, id := anOpenList(t)
		l.block(time.Second, l.tx("bob", &contract.Return{Packet: id, Share: 1}))
		return l.proveLargeShare(id, 1)
	}},
	{"large-share-asked", "a settled share of an expired packet that the sender asks for", func(t testing.TB) *File {
		l, id := askedLarge(t)
		return l.proveLargeShare(id, 4)
	}},
	{"large-share-accepted", "the same, given back in answer", func(t testing.TB) *File {
		l, id := askedLarge(t)
		l.block(time.Second, l.tx("carol", &contract.Answer{Packet: id, Share: 4, Accept: true}))
		return l.proveLargeShare(id, 4)
	}},
	{"large-share-refused", "the same, refused", func(t testing.TB) *File {
		l, id := askedLarge(t)
		l.block(time.Second, l.tx("carol", &contract.Answer{Packet: id, Share: 4}))
		return l.proveLargeShare(id, 4)
	}},
	{"large-share-lapsed", "the same, left without an answer", func(t testing.TB) *File {
		l, id := askedLarge(t)
		l.block(72 * time.Hour)
		return l.proveLargeShare(id, 4)
	}},
	{"large-share-equal", "a held share of a campaign of equal shares", func(t testing.TB) *File {
		l, id := anOpenCampaign(t)
		return l.proveLargeShare(id, 3)
	}},
	{"large-share-reserved", "a lucky share, not drawn yet, of a recalled campaign", func(t testing.TB) *File {
		l, id := aLuckyCampaign(t)
		return l.proveLargeShare(id, 4)
	}},
	{"large-share-drawn", "the same share, drawn", func(t testing.TB) *File {
		l, id := aLuckyCampaign(t)
		l.block(time.Second)
		return l.proveLargeShare(id, 4)
	}},

	{"large-packet-open", "a list's packet from which two claimed", func(t testing.TB) *File {
		l, id := anOpenList(t)
		return l.proveLargePacket(id)
	}},
	{"large-packet-recalled", "the same, after a held share and then the rest were recalled", func(t testing.TB) *File {
		l, id := aList(t)
		return l.proveLargePacket(id)
	}},
	{"large-packet-expired", "the same, its rest refunded at expiry", func(t testing.TB) *File {
		l, id := anOpenList(t)
		l.block((expiry + 1) * time.Second)
		return l.proveLargePacket(id)
	}},
	{"large-packet-full", "a list of two, both of whom claimed", func(t testing.TB) *File {
		l := newLedger(t, "alice", "bob", "carol")
		list := listOf(t, staff[:2]...)
		id := l.sendList(list, list.terms())
		l.block(time.Second, l.claimEntry("bob", id, 1))
		l.block(time.Second, l.claimEntry("carol", id, 2))
		return l.proveLargePacket(id)
	}},
	{"large-packet-tightened", "a campaign, tightened between claims of one block", func(t testing.TB) *File {
		l, id := anOpenCampaign(t)
		l.block(time.Second, l.tx("alice", tightenTo(id)))
		return l.proveLargePacket(id)
	}},
	{"large-packet-owed", "a lucky campaign, recalled in the block of two reservations", func(t testing.TB) *File {
		l, id := aLuckyCampaign(t)
		return l.proveLargePacket(id)
	}},
	{"large-packet-lucky", "the same after the draws that come first", func(t testing.TB) *File {
		l, id := aLuckyCampaign(t)
		l.block(time.Second)
		return l.proveLargePacket(id)
	}},

	{"unclaimed", "an entry for an address, which it may still claim", func(t testing.TB) *File {
		l, id := anOpenList(t)
		return l.proveUnclaimed(id, 3)
	}},
	{"unclaimed-voucher", "a voucher that was not claimed before the rest was recalled", func(t testing.TB) *File {
		l, id := aList(t)
		return l.proveUnclaimed(id, 2)
	}},
	{"unclaimed-expired", "the list's last entry, not claimed before expiry", func(t testing.TB) *File {
		l, id := anOpenList(t)
		l.block((expiry + 1) * time.Second)
		return l.proveUnclaimed(id, 5)
	}},
}

// askedLarge is anOpenList, long after it expired, whose sender asks for carol's share.
func askedLarge(t testing.TB) (*ledger, contract.PacketID) {
	l, id := anOpenList(t)
	l.block(2 * time.Hour)
	l.block((expiry + 1) * time.Second)
	l.block(time.Second, l.tx("alice", &contract.Ask{Packet: id, Share: 4, Reason: "AC03"}))
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

func (l *ledger) proveLargePacket(id contract.PacketID) *File {
	key := contract.PacketKey(id)
	hashes, err := TxHashes(l.history(key))
	must(l.t, err)
	return l.build(KindLargePacket, id.String(), key, Evidence{Entries: l.history(key), Txs: l.wires(hashes)})
}

func (l *ledger) proveUnclaimed(id contract.PacketID, n int) *File {
	share := contract.ShareKey(id, uint32(n))
	return l.build(KindUnclaimed, subject(id, uint32(n)), contract.PacketKey(id), Evidence{
		Txs:     l.wires([]contract.Hash{l.packet(id).SendTx}),
		Listing: contract.Encode(l.lists[id].listing(n)), Absence: proofOf(l.t, l.tree, share)})
}
