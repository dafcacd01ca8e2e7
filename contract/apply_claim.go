package contract

// decideClaim is everything that stands between a claimer and a share. It
// writes nothing; Admit asks it about the committed state, applyClaim about
// the block's.
func (l *ledger) decideClaim(s *step, claimer Address, m *Claim) (*Packet, error) {
	p := l.packet(m.Packet)
	switch {
	case p == nil:
		return nil, Errorf(CodeUnknownPacket, "packet %s: unknown", m.Packet)
	case p.ShareOf(claimer) > 0:
		return nil, Errorf(CodeAlreadyClaimed, "packet %s: %s already has share %d",
			m.Packet, claimer.Short(), p.ShareOf(claimer))
	case claimer == p.Sender:
		return nil, Errorf(CodeSenderClaims, "packet %s: its sender cannot claim from it", m.Packet)
	}
	if err := p.closedError(s.Time); err != nil {
		return nil, err
	}
	if want := l.base.termsHash(p); m.TermsHash != want {
		return nil, Errorf(CodeTermsMismatch, "packet %s: its terms are %s, the claim accepts %s",
			m.Packet, want, m.TermsHash)
	}
	facts := p.Facts(s.Time)
	facts.Claimer = claimer
	if m.Link != nil {
		key := p.Terms.LinkKey
		facts.Link = key != nil && s.Verifier.Verify(*key, LinkDigest(s.Chain, m.Packet, claimer), *m.Link)
		if !facts.Link {
			return nil, Errorf(CodeBadLink, "packet %s: the link does not fit", m.Packet)
		}
	}
	if unmet := Unmet(p.Terms.Claim.Cond, facts); unmet != nil {
		return nil, refusal(unmet, facts)
	}
	return p, nil
}

func (l *ledger) applyClaim(s *step, tx *Tx, m *Claim) error {
	p, err := l.decideClaim(s, tx.Account, m)
	if err != nil {
		return err
	}
	p.Shares = append(p.Shares, Share{Claimer: tx.Account, State: Reserved, ClaimedAt: s.Time})
	share := uint32(len(p.Shares))

	if l.account(tx.Account) == nil {
		// The account's first tx makes its leaf; its nonce 0 is spent by it.
		a := l.youngAccount(tx.Account, s.Time)
		a.Bucket, _ = a.Bucket.take(s.Time, l.params(), tx.tokens(l.params()))
		l.putAccount(tx.Account, a)
	}
	n := note{step: s, kind: KindClaim, packet: &m.Packet, share: share}
	if p.Terms.Split == Lucky {
		n.kind = KindReserve
		l.putPacket(p)
		l.reserved.Shares = append(l.reserved.Shares, Reservation{Packet: m.Packet, Share: share})
		l.record(n, tx.Account)
	} else {
		amount := p.Terms.ShareAmount()
		p.Shares[share-1].Amount = amount
		to := l.takeShare(p, share)
		l.putPacket(p)
		err = l.move(Escrow(m.Packet), to, amount, n)
	}
	if err == nil && share == p.Terms.Shares {
		l.closePacket(m.Packet, Full, s.Time)
	}
	return err
}

// takeShare makes share n of the caller's copy p its claimer's, held or
// settled, and says where its money belongs.
func (l *ledger) takeShare(p *Packet, n uint32) Place {
	s := &p.Shares[n-1]
	if p.Terms.Hold == 0 {
		s.State = Settled
		return Wallet(s.Claimer)
	}
	s.State = Held
	l.putDue(Due{At: p.SettlesAt(n), Packet: p.ID, Share: n}, false)
	return Hold(s.Claimer)
}
