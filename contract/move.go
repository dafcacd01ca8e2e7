package contract

import (
	"bytes"
	"fmt"
)

// note is what an entry says beside the posting.
type note struct {
	step   *step
	kind   Kind
	packet *PacketID
	share  uint32
	reason Reason
	beacon *Hash
}

// move takes amount from one place to another. It is the only place where
// money moves: it changes both sides and the supply, makes the posting, and
// writes it once into the history of each leaf concerned: the giver's, the
// taker's, and the packet's that the note names.
//
// Callers decide beforehand that the money is there; move checks again, and an
// error from it is refused like any other, with nothing moved.
func (l *ledger) move(from, to Place, amount Amount, n note) error {
	if n.packet != nil && n.share == 0 {
		l.writeBatch(*n.packet) // what came before it stands before it, with the escrow as it was
	}
	supply := l.sums()
	if err := l.shift(from, amount, &supply, Amount.Sub); err != nil {
		return err
	}
	if err := l.shift(to, amount, &supply, Amount.Add); err != nil {
		return err
	}
	l.supply = &supply
	posting := &Posting{From: from, To: to, Amount: amount}
	leaves := []Place{to}
	if !bytes.Equal(from.leaf(), to.leaf()) { // a settlement's two sides stand in one
		leaves = []Place{from, to}
	}
	if n.packet != nil && to != Escrow(*n.packet) && from != Escrow(*n.packet) {
		leaves = append(leaves, Escrow(*n.packet))
	}
	for _, at := range leaves {
		l.append(at, posting, n)
	}
	return nil
}

// record writes what moved no money into the history of the note's packet, and
// into those of the accounts that it will move some of later.
func (l *ledger) record(n note, parties ...Address) {
	for _, a := range parties {
		l.append(Wallet(a), nil, n)
	}
	l.append(Escrow(*n.packet), nil, n)
}

// shift applies add or sub of amount to one place and to the supply's sum of
// its kind.
func (l *ledger) shift(at Place, amount Amount, s *Supply, apply func(a, b Amount) (Amount, bool)) error {
	var ok, sumOK bool
	switch at.Kind {
	case InMint:
		// Genesis is the only caller: what leaves the mint is the total.
		s.Total, ok = s.Total.Add(amount)
		sumOK = true
	case InWallet:
		a := l.account(Address(at.ID))
		if a == nil {
			a = l.newAccount(Address(at.ID))
		}
		a.Balance, ok = apply(a.Balance, amount)
		s.Wallets, sumOK = apply(s.Wallets, amount)
		l.putAccount(Address(at.ID), a)
	case InHold:
		a := l.account(Address(at.ID))
		if a == nil {
			a = l.newAccount(Address(at.ID))
		}
		a.Held, ok = apply(a.Held, amount)
		s.Held, sumOK = apply(s.Held, amount)
		l.putAccount(Address(at.ID), a)
	case InEscrow:
		p := l.packet(PacketID(at.ID))
		if p == nil {
			return Errorf(CodeUnknownPacket, "packet %s: unknown", at)
		}
		p.Escrow, ok = apply(p.Escrow, amount)
		s.Escrow, sumOK = apply(s.Escrow, amount)
		l.putPacket(p)
	default:
		panic(fmt.Sprintf("contract: unknown place %d", at.Kind))
	}
	if !ok || !sumOK {
		return Errorf(CodeOverdraft, "%s: does not hold %s", at, amount.Yuan())
	}
	return nil
}

// entry is what the note says, with a posting or without; the seq and the
// balances after are the history's to fill in.
func (n note) entry(posting *Posting) *Entry {
	e := &Entry{
		Height: n.step.Height, Time: n.step.Time, Phase: n.step.phase, Index: n.step.index, Kind: n.kind,
		Packet: n.packet, Share: n.share, Posting: posting, Reason: n.reason, Beacon: n.beacon,
	}
	if n.step.phase == PhaseTx {
		hash := n.step.tx
		e.Tx = &hash
	}
	return e
}

// append writes an entry into the history of the leaf behind at.
func (l *ledger) append(at Place, posting *Posting, n note) {
	e := n.entry(posting)
	var encoded []byte
	switch at.Kind {
	case InMint:
		return
	case InWallet, InHold:
		a := l.account(Address(at.ID))
		e.Balance, e.Held = a.Balance, a.Held
		encoded = a.History.add(e)
		l.putAccount(Address(at.ID), a)
	case InEscrow:
		id := PacketID(at.ID)
		if n.share != 0 && l.sharedPacket(id).Tally != nil {
			l.appendToShare(id, e, n)
			return
		}
		l.writeBatch(id) // where nothing moves
		p := l.packet(id)
		e.Balance = p.Escrow
		encoded = p.History.add(e)
		l.putPacket(p)
	}
	l.entries = append(l.entries, ChainEntry{Leaf: at.leaf(), Seq: e.Seq, Entry: encoded})
}

// appendToShare writes an entry into the history of a large packet's share, and
// counts claims and draws for the packet's.
func (l *ledger) appendToShare(id PacketID, e *Entry, n note) {
	leaf := l.shareLeaf(id, n.share)
	encoded := leaf.History.add(e)
	l.shares[shareID{id, n.share}] = leaf
	l.entries = append(l.entries, ChainEntry{Leaf: ShareKey(id, n.share), Seq: e.Seq, Entry: encoded})
	if n.kind == KindClaim || n.kind == KindReserve || n.kind == KindDraw {
		l.addToBatch(n, &leaf.Share)
	}
}
