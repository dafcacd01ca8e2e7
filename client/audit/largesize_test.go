package audit

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"testing"
	"time"

	"hongbao/contract"
	"hongbao/internal/testchain"

	ics23 "github.com/cosmos/ics23/go"
)

const (
	largeShareBytes  = 6_000
	largePacketBytes = 150_000
	// leavesOfAMillion is how deep a leaf stands in an IAVL tree of two million, half of which
	// are the shares of a campaign: one more than a full tree.
	leavesOfAMillion = 22
)

// A share of a campaign of a million fits into a message, and the life of one that was
// claimed in 500 blocks into a mail.
func TestLargeProofSizes(t *testing.T) {
	file := encode(t, aShareOfAMillion(t))
	accepted(t, file)
	t.Logf("a share of a list of %d, %d leaves deep in the tree, 4 validators: %d bytes", contract.MaxListed,
		leavesOfAMillion, len(file))
	if len(file) > largeShareBytes {
		t.Errorf("a share: %d bytes, expected at most %d", len(file), largeShareBytes)
	}
	const blocks = 500
	for _, c := range []struct {
		desc  string
		terms contract.Terms
	}{
		{"equal shares", terms(1000, 100, "rest when sender")},
		{"lucky shares, which take two entries a block", luckyTerms(1000, 100_000, "rest when sender")},
	} {
		l := newLedger(t, "alice")
		id := l.send(c.terms)
		for n := range blocks {
			l.block(time.Second, l.claim(fmt.Sprint("claimer ", n), id))
		}
		l.block(time.Second)
		l.block(time.Second, l.tx("alice", &contract.Recall{Packet: id, Clause: 1}))
		file := encode(t, l.proveLargePacket(id))
		accepted(t, file)
		t.Logf("a campaign of %s, claimed in %d blocks and recalled: %d bytes, %d entries", c.desc, blocks, len(file),
			len(l.history(contract.PacketKey(id))))
		if len(file) > largePacketBytes {
			t.Errorf("%s: %d bytes, expected at most %d", c.desc, len(file), largePacketBytes)
		}
	}
}

// aShareOfAMillion is a share of a list of a million, claimed with a voucher. Of the list
// there is what a claim shows: the entry and the other part at each node above it.
func aShareOfAMillion(t testing.TB) *File {
	g := testchain.Genesis("alice", "bob")
	g.Dev, g.Accounts[0].Balance = false, 10_000_000
	l := ledgerOf(t, g)
	const index = 777_777
	e := contract.ListEntry{Index: index, Kind: contract.WhoLink, Who: address("voucher 777777"), Amount: 888}
	listing := &contract.Listing{Entry: e}
	for level := range bits.Len(contract.MaxListed - 1) {
		if place, last := (index-1)>>level, (contract.MaxListed-1)>>level; place != last || place%2 == 1 {
			n := binary.BigEndian.AppendUint64(nil, uint64(level))
			listing.Path = append(listing.Path, contract.Subtree{Hash: contract.EntryHash(n), Sum: 2 << level})
		}
	}
	top, ok := listing.Top(contract.MaxListed)
	if !ok {
		t.Fatal("the list's sums overflow")
	}
	terms := heldTerms(contract.MaxListed)
	terms.Total, terms.Split = top.Sum, contract.ByList
	terms.Claim = contract.Rule{Cond: contract.Listed{Root: contract.ListRoot(contract.MaxListed, top)}}
	id := l.send(terms)
	m := &contract.Claim{Packet: id, TermsHash: terms.Hash(testChain), Listing: listing}
	linkBy("voucher 777777", "bob")(m)
	l.block(time.Second, l.tx("bob", m))
	key := contract.ShareKey(id, index)
	return l.deepen(l.build(KindLargeShare, fmt.Sprintf("%s/%d", id, index), key,
		Evidence{Txs: l.wires(l.largeParties(key))}))
}

// deepen makes of a leaf's proof one in a tree of two million leaves, at a height of years.
func (l *ledger) deepen(f *File) *File {
	const height = 60_000_000 // two years of a block a second
	proof := readProof(l.t, f.LeafProof)
	exist := proof.GetExist()
	hash := exist.Path[0].Hash
	exist.Path = nil
	for level := range leavesOfAMillion {
		var numbers []byte
		for _, n := range []int64{int64(level + 1), 1 << (level + 1), height} {
			numbers = binary.AppendVarint(numbers, n)
		}
		other := contract.EntryHash(numbers)
		op := &ics23.InnerOp{Hash: hash, Prefix: append(numbers, 32), Suffix: append([]byte{32}, other[:]...)}
		if level%2 == 0 {
			op.Prefix, op.Suffix = append(append(append(numbers, 32), other[:]...), 32), nil
		}
		exist.Path = append(exist.Path, op)
	}
	root, err := exist.Calculate()
	must(l.t, err)
	f.LeafProof, f.Height = marshal(proof), height
	h := l.vals.signHeader(testChain, height+1, l.time.Add(time.Second), root)
	f.SignedHeader = wireOf(l.t, h)
	return f
}
