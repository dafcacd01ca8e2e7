package evidence

import (
	"context"
	"fmt"
	"slices"

	"hongbao/client/audit"
	"hongbao/contract"
)

// Subject says what a proof is to prove. Of the fields behind Kind those count
// that the kind names.
type Subject struct {
	Kind    audit.Kind
	Packet  contract.PacketID // of all about a packet; of KindAbsent, unless it is about an account
	Share   uint32            // of KindShare (a large packet's makes a KindLargeShare); of KindRecall, 0: the rest
	Account contract.Address  // of KindAccount; of KindAbsent, unless it is about a packet
	Part    Part              // of KindAccount
	Entry   *contract.Listing // of KindUnclaimed: the entry of the list, with its path
}

// Part is the entries of a statement with From <= seq < Until. Until 0 is to the
// newest.
type Part struct{ From, Until uint64 }

// Of is the part of a history of count entries. It fails with NoEntries.
func (p Part) Of(count uint64) (from, until uint64, err error) {
	from, until = p.From, p.Until
	if until == 0 {
		until = count
	}
	if from >= until || until > count {
		return 0, 0, fail(NoEntries, "entries %d to %d: the account has %d, numbered from 0", from, until, count)
	}
	return from, until, nil
}

// provable is [Part.Of] a part that one proof is to hold.
func (p Part) provable(count uint64) (from, until uint64, err error) {
	from, until, err = p.Of(count)
	if err == nil && until-from > audit.MaxStatement {
		err = fail(TooManyEntries, "entries %d to %d: a proof holds at most %d", from, until, audit.MaxStatement)
	}
	return from, until, err
}

// Gather asks for all that a proof of s holds. An account that does not exist
// makes a proof of that, of KindAbsent. It panics on an unknown kind: a
// programmer's error.
func (g *Gatherer) Gather(ctx context.Context, s Subject) (e *Evidence, err error) {
	switch s.Kind {
	case audit.KindPacket:
		e, err = g.packet(ctx, s.Packet)
	case audit.KindShare:
		if e, err = g.share(ctx, s.Packet, s.Share); IsLarge(err) {
			s.Kind = audit.KindLargeShare
			e, err = g.largeShare(ctx, s.Packet, s.Share)
		}
	case audit.KindRecall:
		e, err = g.recall(ctx, s.Packet, s.Share)
	case audit.KindLargePacket:
		e, err = g.largePacket(ctx, s.Packet)
	case audit.KindUnclaimed:
		s.Share = s.Entry.Entry.Index
		e, err = g.unclaimed(ctx, s.Packet, s.Entry)
	case audit.KindUnrecalled:
		e, err = g.unrecalled(ctx, s.Packet)
	case audit.KindAccount:
		e, err = g.statement(ctx, s.Account, s.Part)
	case audit.KindAbsent:
		e, err = g.absent(ctx, s)
	case audit.KindSupply:
		e, err = g.Leaf(ctx, contract.SupplyKey)
	default:
		panic(fmt.Sprintf("evidence: no kind %q", s.Kind))
	}
	if err != nil {
		return nil, err
	}
	e.Kind, e.Subject = s.Kind, s.String()
	if s.Kind == audit.KindAccount && len(e.Leaf) == 0 {
		e.Kind = audit.KindAbsent
	}
	return e, nil
}

// String is the subject as a proof file spells it.
func (s Subject) String() string {
	switch {
	case s.Kind == audit.KindSupply:
		return "supply"
	case s.Kind == audit.KindAccount || s.Packet == (contract.PacketID{}):
		return s.Account.String()
	case s.Share != 0 && slices.Contains([]audit.Kind{audit.KindShare, audit.KindLargeShare, audit.KindRecall,
		audit.KindUnclaimed}, s.Kind):
		return fmt.Sprintf("%s/%d", s.Packet, s.Share)
	}
	return s.Packet.String()
}

func (g *Gatherer) absent(ctx context.Context, s Subject) (*Evidence, error) {
	key := contract.PacketKey(s.Packet)
	if s.Packet == (contract.PacketID{}) {
		key = contract.AccountKey(s.Account)
	}
	e, err := g.Leaf(ctx, key)
	if err == nil && len(e.Leaf) > 0 {
		err = fail(NotAbsent, "%s: there is one", s)
	}
	return e, err
}

// Account is an account as its leaf says, and the state's height and time; nil
// when it never received money. With a trust file the answer is verified.
func (g *Gatherer) Account(ctx context.Context, a contract.Address) (*contract.Account, *Evidence, error) {
	e, err := g.Leaf(ctx, contract.AccountKey(a))
	if err != nil || len(e.Leaf) == 0 {
		return nil, e, err
	}
	account := new(contract.Account)
	if err := contract.Decode(e.Leaf, account); err != nil || account.History.Count == 0 {
		return nil, nil, g.Node.BadAnswerf("leaf of %s: %v, %d entries", a, err, account.History.Count)
	}
	return account, e, nil
}

// statement is of an account's entries, or of there being no account.
func (g *Gatherer) statement(ctx context.Context, a contract.Address, part Part) (*Evidence, error) {
	account, e, err := g.Account(ctx, a)
	if err != nil || account == nil {
		return e, err
	}
	count := account.History.Count
	from, until, err := part.provable(count)
	if err != nil {
		return nil, err
	}
	// The head before a part is not kept anywhere: it is folded from the start.
	if e.history, err = g.Node.Entries(ctx, e.key, 0, count); err != nil {
		return nil, err
	}
	e.Cut(g.Chain, e.key, e.history, from, until)
	hashes, err := audit.DebitTxs(a, e.Entries)
	if err != nil {
		return nil, g.Node.BadAnswerf("%v", err)
	}
	return e, g.addTxs(ctx, e, hashes...)
}
