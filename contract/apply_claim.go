package contract

// decideClaim is everything that stands between a claimer and a share. It
// writes nothing; Admit asks it about the committed state, applyClaim about
// the block's.
func (l *Ledger) decideClaim(env *Env, claimer Address, m *Claim) (*Packet, error) {
	p := l.Packet(m.Packet)
	switch {
	case p == nil:
		return nil, Errorf(CodeUnknownPacket, "packet %s: unknown", m.Packet)
	case p.ShareOf(claimer) > 0:
		return nil, Errorf(CodeAlreadyClaimed, "packet %s: %s already has share %d", m.Packet, claimer.Short(), p.ShareOf(claimer))
	case claimer == p.Sender:
		return nil, Errorf(CodeSenderClaims, "packet %s: its sender cannot claim from it", m.Packet)
	}
	if err := p.closedError(m.Packet, env.Time); err != nil {
		return nil, err
	}
	if want := l.termsHash(m.Packet, p); m.TermsHash != want {
		return nil, Errorf(CodeTermsMismatch, "packet %s: its terms are %s, the claim accepts %s", m.Packet, want, m.TermsHash)
	}
	facts := p.Facts(env.Time)
	facts.Claimer = claimer
	if m.Link != nil {
		key := p.Terms.LinkKey
		facts.Link = key != nil && env.Verifier.Verify(*key, LinkDigest(env.Chain, m.Packet, claimer), *m.Link)
		if !facts.Link {
			return nil, Errorf(CodeBadLink, "packet %s: the link does not fit", m.Packet)
		}
	}
	if unmet := Unmet(p.Terms.Claim.Cond, facts); unmet != nil {
		return nil, refusal(unmet, facts)
	}
	return p, nil
}

func (l *Ledger) applyClaim(env *Env, tx *Tx, m *Claim) error {
	p, err := l.decideClaim(env, tx.Account, m)
	if err != nil {
		return err
	}
	p.Shares = append(p.Shares, Share{Claimer: tx.Account, State: Reserved, ClaimedAt: env.Time})
	share := uint32(len(p.Shares))

	if l.Account(tx.Account) == nil {
		// The account's first tx makes its leaf; its nonce 0 is spent by it.
		a := l.youngAccount(env, tx.Account)
		a.Bucket, _ = a.Bucket.take(env.Time, l.params, tx.tokens(l.params))
		l.putAccount(tx.Account, a)
	}
	n := note{env: env, phase: PhaseTx, kind: KindClaim, packet: &m.Packet, share: share}
	if p.Terms.Split == Lucky {
		n.kind = KindReserve
		l.putPacket(m.Packet, p)
		l.reserved.Shares = append(l.reserved.Shares, Reservation{Packet: m.Packet, Share: share})
		l.record(n, tx.Account)
	} else {
		amount := p.Terms.ShareAmount()
		p.Shares[share-1].Amount = amount
		to := l.takeShare(p, m.Packet, share)
		l.putPacket(m.Packet, p)
		err = l.move(Escrow(m.Packet), to, amount, n)
	}
	if err == nil && share == p.Terms.Shares {
		l.closePacket(m.Packet, Full, env.Time)
	}
	return err
}

// takeShare makes share n of the caller's copy p its claimer's, held or
// settled, and says where its money belongs.
func (l *Ledger) takeShare(p *Packet, id PacketID, n uint32) Place {
	s := &p.Shares[n-1]
	if p.Terms.Hold == 0 {
		s.State = Settled
		return Wallet(s.Claimer)
	}
	s.State = Held
	l.putDue(Due{At: p.SettlesAt(n), Packet: id, Share: n}, false)
	return Hold(s.Claimer)
}
