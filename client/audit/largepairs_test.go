package audit

import (
	"testing"
	"time"

	"hongbao/contract"
)

// forkedList is a chain, and another from the same genesis. In both, alice sends the same
// packet to the staff.
func forkedList(t testing.TB) (l, m *ledger, id contract.PacketID) {
	names, list := []string{"alice", "bob", "carol"}, listOf(t, staff...)
	l, m = newLedger(t, names...), newLedger(t, names...)
	id = l.sendList(list, list.terms())
	m.sendList(list, list.terms())
	return l, m, id
}

// largePairs are about large packets.
var largePairs = []pairStory{
	{"pair-unclaimed-after", "a claim that is undone", "absent_after", func(t testing.TB) (a, b *File) {
		l, m, id := forkedList(t)
		l.block(time.Second, l.claimEntry("bob", id, 1))
		m.block(time.Second)
		m.block(time.Second)
		return l.proveLargeShare(id, 1), m.proveUnclaimed(id, 1)
	}},
	{"pair-unclaimed-before", "a claim made before it was proven that there was none", "absent_before",
		func(t testing.TB) (a, b *File) {
			l, m, id := forkedList(t)
			l.block(2 * time.Second)
			m.block(time.Second, m.claimEntry("bob", id, 1))
			m.block(2 * time.Second)
			return l.proveUnclaimed(id, 1), m.proveLargeShare(id, 1)
		}},
	{"pair-large-share", "a share recalled, and later held", "packet_changed", func(t testing.TB) (a, b *File) {
		l, m, id := forkedList(t)
		for _, x := range []*ledger{l, m} {
			x.block(time.Second, x.claimEntry("carol", id, 4))
		}
		l.block(time.Second, l.tx("alice", &contract.Recall{Packet: id, Clause: 2, Share: 4, Reason: "AC03"}))
		m.block(time.Second)
		m.block(time.Second)
		return l.proveLargeShare(id, 4), m.proveLargeShare(id, 4)
	}},
	{"pair-large-count", "fewer claims than there were", "packet_changed", func(t testing.TB) (a, b *File) {
		l, m, id := forkedList(t)
		l.block(time.Second, l.claimEntry("bob", id, 1), l.claimEntry("carol", id, 4))
		m.block(time.Second, m.claimEntry("bob", id, 1))
		m.block(time.Second)
		return l.proveLargePacket(id), m.proveUnclaimed(id, 3)
	}},
	{"pair-large-history", "two lists of claims in one block", "history_other", func(t testing.TB) (a, b *File) {
		l, m, id := forkedList(t)
		l.block(time.Second, l.claimEntry("bob", id, 1))
		m.block(time.Second, m.claimEntry("carol", id, 2))
		m.block(time.Second)
		return l.proveLargePacket(id), m.proveLargePacket(id)
	}},
	{"pair-large-later", "an entry that was claimed later", "", func(t testing.TB) (a, b *File) {
		l, _, id := forkedList(t)
		one := l.proveUnclaimed(id, 1)
		l.block(2*time.Second, l.claimEntry("bob", id, 1))
		return one, l.proveLargeShare(id, 1)
	}},
}
