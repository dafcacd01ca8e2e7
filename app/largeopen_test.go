package app

import (
	"fmt"
	"testing"

	"hongbao/contract"
)

// A campaign of more shares than a leaf holds, drawn, open to every account: one share
// an address, across blocks, restarts and a snapshot; every fen of it is somewhere.
func TestLargeLuckyPacket(t *testing.T) {
	t.Parallel()
	v := newValidatorSet(t, 2, "alice")
	tm := luckyTerms(150, 10_000)
	id := v.Send("alice", tm)
	claims := func(from, until int) (wires [][]byte) {
		for i := from; i < until; i++ {
			wires = append(wires, v.Claim(fmt.Sprint("guest ", i), id, tm))
		}
		return wires
	}
	v.mustBlock(0, claims(0, 40)...)
	v.mustBlock(1, claims(40, 80)...)
	v.Restart(0)
	codes := v.block(0, v.Claim("guest 7", id, tm), v.Claim("guest 79", id, tm), v.Claim("late", id, tm))
	if fmt.Sprint(codes) != "[already_claimed already_claimed ok]" {
		t.Errorf("twice, twice, and a newcomer: %s", codes)
	}
	v.mustBlock(1, v.Tx("alice", &contract.Recall{Packet: id, Clause: 1}))
	v.mustBlock(0)
	p := &contract.Packet{ID: id}
	leaf, err := v.app.bareState().Leaf(contract.PacketKey(id))
	v.OK(err)
	v.OK(contract.Decode(leaf.Bytes, p))
	if p.Claimed() != 81 || p.Undrawn() || p.Escrow != 0 || p.Status != contract.Recalled {
		t.Errorf("%d claimed, %d in escrow, %s", p.Claimed(), p.Escrow, p.Status)
	}
	var sum contract.Amount
	for n := range p.Claimed() {
		var share contract.ShareLeaf
		leaf, err := v.app.bareState().Leaf(contract.ShareKey(id, n+1))
		v.OK(err)
		v.OK(contract.Decode(leaf.Bytes, &share))
		if share.Share.State != contract.Settled || share.Share.Amount == 0 {
			t.Errorf("share %d: %s, %d fen", n+1, share.Share.State, share.Share.Amount)
		}
		sum += share.Share.Amount
		if err := p.CheckShare(n+1, &share, v.Time()); err != nil {
			t.Error(err)
		}
	}
	if balance := v.Account("alice").Balance; sum+balance != 1_000_000 {
		t.Errorf("%d drawn, %d with the sender", sum, balance)
	}
	stream, at := snapshotOf(t, v.app)
	offer, chunks := offered(t, v.Height, at, stream)
	other, _ := joiner(t)
	if _, err := take(t, other, offer, chunks, v.Roots[v.Height]); err != nil {
		t.Fatal(err)
	}
	for i := range 80 {
		a, err := v.app.state().ShareOf(id, addr(fmt.Sprint("guest ", i)))
		b, other := other.state().ShareOf(id, addr(fmt.Sprint("guest ", i)))
		if err != nil || other != nil || a != uint32(i+1) || a != b {
			t.Errorf("guest %d has share %d, from a snapshot %d: %v, %v", i, a, b, err, other)
		}
	}
}
