package client

import (
	"context"
	"slices"

	"hongbao/client/files"
	"hongbao/contract"
)

// Recall is what to take back, and under which clause.
type Recall struct {
	Packet contract.PacketID
	// Share is a held share, from 1. 0 is the unclaimed rest, or the one held
	// share that is all of the packet's money.
	Share    uint32
	Clause   uint32           // from 1 among those in force; 0: the consents', or the first that holds
	Reason   contract.Reason  // its code, or its word: see contract.ParseReason; empty: the consents', or none
	Consents []*files.Consent // of those whom the clause asks for beside the account
}

// Moved is money that a recall or a return moved back to a packet's sender.
type Moved struct {
	*Outcome
	ID     contract.PacketID
	Share  uint32           // 0: the rest
	Packet *contract.Packet // as it was before
	From   contract.Place
	Reason contract.Reason
	Amount *contract.Amount // nil while it is not known: not waited for, or what draws leave
}

// Recall takes money back to its sender, under a clause of the packet. The
// account's own signature counts where the clause names it. It fails with a
// files.MisfitError for a consent to something else.
func (s *Signer) Recall(ctx context.Context, r Recall) (*Moved, error) {
	p, at, err := s.c.PacketWith(ctx, r.Packet, r.Share)
	if err != nil {
		return nil, err
	}
	m := &contract.Recall{Packet: r.Packet, Share: p.RecallableShare(r.Share), Clause: r.Clause,
		Consents: []contract.Consent{}}
	if m.Reason, err = reasonCode(r.Reason); err != nil {
		return nil, err
	}
	if err := s.addConsents(m, p, r.Consents); err != nil {
		return nil, err
	}
	if m.Clause == 0 {
		if m.Clause, err = chooseClause(p, m, s.Account.Address, at.Time); err != nil {
			return nil, err
		}
	}
	out := &Moved{ID: r.Packet, Share: m.Share, Packet: p, Reason: m.Reason, From: contract.Escrow(r.Packet)}
	if s := p.ShareAt(m.Share); s != nil {
		out.From = contract.Hold(s.Claimer)
	}
	return out, s.move(ctx, m, at.Time, out)
}

// reasonCode is the code of a reason, which may be given by its word.
func reasonCode(r contract.Reason) (contract.Reason, error) {
	if r == "" {
		return "", nil
	}
	return contract.ParseReason(string(r))
}

// addConsents puts consents into the recall m of p, and takes clause and reason
// from them where m has none. Each is checked, so that a file for something
// else is named before the ledger refuses the whole. The submitter's own is left
// out: its signature on the recall counts.
func (s *Signer) addConsents(m *contract.Recall, p *contract.Packet, consents []*files.Consent) error {
	for i, c := range consents {
		if i == 0 && m.Reason == "" {
			m.Reason = c.Reason
		}
		clause, consent, err := c.Check(s.c.Chain(), p, m)
		if err != nil {
			return err
		}
		if m.Clause = clause; c.Account != s.Account.Address {
			m.Consents = append(m.Consents, consent)
		}
	}
	return nil
}

// chooseClause is the clause that a recall uses when none was chosen: the first
// that holds, else the first about the money, so that the ledger says what it
// lacks.
func chooseClause(p *contract.Packet, m *contract.Recall, account contract.Address, now contract.Time) (uint32, error) {
	target, err := p.TargetOf(m.Share, now)
	if err != nil {
		return 0, err
	}
	signers := []contract.Address{account}
	for _, c := range m.Consents {
		signers = append(signers, c.Account)
	}
	if n := p.ClauseHolds(m.Share, m.Reason, now, signers...); n > 0 {
		return n, nil
	}
	for i, c := range p.InForce() {
		if c.Target == target {
			return uint32(i + 1), nil
		}
	}
	what := "what is unclaimed"
	if m.Share != 0 {
		what = "a claimed share"
	}
	return 0, contract.Errorf(contract.CodeUnknownClause, "packet %s: none of its clauses is about %s", m.Packet, what)
}

// Return gives a claimed share back to the packet's sender. Share is from 1; 0
// is the one that the account claimed. It fails with contract.CodeNotClaimer
// where there is none.
func (s *Signer) Return(ctx context.Context, id contract.PacketID, share uint32) (*Moved, error) {
	p, at, err := s.c.packetFor(ctx, id, share, s.Account.Address)
	if err != nil {
		return nil, err
	}
	if share, err = s.ownShare(id, p, share); err != nil {
		return nil, err
	}
	out := &Moved{ID: id, Share: share, Packet: p, From: contract.Wallet(s.Account.Address)}
	return out, s.move(ctx, &contract.Return{Packet: id, Share: share}, at.Time, out)
}

// ownShare is share, or where it is 0 the one that the account claimed.
func (s *Signer) ownShare(id contract.PacketID, p *contract.Packet, share uint32) (uint32, error) {
	if share == 0 {
		if share = p.NumberOf(s.Account.Address); share == 0 {
			return 0, contract.Errorf(contract.CodeNotClaimer, "packet %s: %s claimed no share of it",
				id, s.Account.Called())
		}
	}
	return share, nil
}

// move submits a recall or a return, and completes out with what it moved.
func (s *Signer) move(ctx context.Context, m contract.Message, now contract.Time, out *Moved) (err error) {
	out.Outcome, err = s.submit(ctx, m, out.Packet, now)
	if err != nil || out.Record == nil {
		return err
	}
	e, err := s.c.movement(ctx, out)
	if err != nil {
		return out.Unread(err)
	}
	if e != nil {
		out.Amount, out.From = &e.Posting.Amount, e.Posting.From
	}
	return nil
}

// movement is the entry of the money that was moved. A recall of the rest in the
// block of reservations moves what their draws leave, after them: nil while that
// is not known.
func (c *Client) movement(ctx context.Context, o *Moved) (*contract.Entry, error) {
	moved := func(e contract.Entry) bool { return e.Posting != nil && e.Tx != nil && *e.Tx == o.Hash }
	if o.Share == 0 { // a packet's rest is recalled but once
		drawn := func(p *contract.Packet) bool { return !p.Undrawn() }
		read := func(ctx context.Context) (*contract.Packet, At, error) { return c.Packet(ctx, o.ID) }
		p, _, err := c.awaitDraw(ctx, read, drawn)
		if err != nil || !drawn(p) {
			return nil, err
		}
		moved = func(e contract.Entry) bool {
			return e.Posting != nil && e.Kind == contract.KindRecall && e.Share == 0
		}
	}
	entries, _, err := c.HistoryWith(ctx, o.ID, o.Share)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(entries, moved); i >= 0 {
		return &entries[i], nil
	}
	return nil, c.node.BadAnswerf("a transaction about packet %s stands in a block, its entry does not", o.ID)
}
