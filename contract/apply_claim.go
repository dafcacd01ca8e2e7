package contract

// decideClaim is everything that stands between a claimer and a share. It
// writes nothing; Admit asks it about the committed state, applyClaim about
// the block's.
func (l *ledger) decideClaim(s *step, claimer Address, m *Claim) (*Packet, error) {
	p := l.packetWith(m.Packet, m.share())
	switch {
	case p == nil:
		return nil, Errorf(CodeUnknownPacket, "packet %s: unknown", m.Packet)
	case l.shareOf(p, claimer) > 0:
		return nil, Errorf(CodeAlreadyClaimed, "packet %s: %s already has share %d",
			m.Packet, claimer.Short(), l.shareOf(p, claimer))
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
	if m.Listing != nil {
		if err := p.checkListing(m.Listing, claimer); err != nil {
			return nil, err
		}
		facts.Listed = true
	}
	key := p.Terms.LinkKey
	if m.Listing != nil && m.Listing.Entry.Kind == WhoLink {
		if key = &m.Listing.Entry.Who; m.Link == nil {
			return nil, Errorf(CodeLinkRequired, "packet %s: entry %d needs its link", m.Packet, m.Listing.Entry.Index)
		}
	}
	if m.Link != nil {
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
	share := l.addShare(p, m, tx.Account, s.Time)

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
		if m.Listing != nil {
			amount = m.Listing.Entry.Amount
		}
		p.ShareAt(share).Amount = amount
		to := l.takeShare(p, share)
		l.putPacket(p)
		err = l.move(Escrow(m.Packet), to, amount, n)
	}
	if err == nil && p.Claimed() == p.Terms.Shares {
		l.closePacket(m.Packet, Full, s.Time)
	}
	return err
}

// addShare appends a reserved share to the caller's copy p, or puts it beside a
// large packet, and returns its number.
func (l *ledger) addShare(p *Packet, m *Claim, claimer Address, now Time) (number uint32) {
	share := Share{Claimer: claimer, State: Reserved, ClaimedAt: now}
	if p.Tally == nil {
		p.Shares = append(p.Shares, share)
		return uint32(len(p.Shares))
	}
	if number = m.share(); number == 0 {
		number = p.Tally.Claimed + 1
		l.claimers[claimID{p.ID, claimer}] = number
	}
	p.Tally.Claimed++
	p.Tally.LastClaim = now
	if p.Terms.Split == Lucky {
		p.Tally.Undrawn++
	}
	p.beside = &numberedShare{number, ShareLeaf{Share: share, Settles: now.Plus(p.Terms.Hold),
		Created: p.Created, SendTx: p.SendTx, History: FirstHistory(l.base.chain, ShareKey(p.ID, number))}}
	return number
}

// checkListing refuses an entry that is not claimer's to claim, now that p is
// known to be open.
func (p *Packet) checkListing(listing *Listing, claimer Address) error {
	root, e := ListIn(p.Terms.Claim.Cond), &listing.Entry
	if root == nil {
		return Errorf(CodeNotOnList, "packet %s: has no list", p.ID)
	}
	if err := listing.Check(*root, p.Terms.Shares, p.Terms.Total); err != nil {
		return err
	}
	if s := p.ShareAt(e.Index); s != nil {
		return Errorf(CodeEntryClaimed, "share %s/%d: was claimed by %s", p.ID, e.Index, s.Claimer.Short())
	}
	if e.Kind == WhoAddress && Address(e.Who) != claimer {
		return Errorf(CodeNotNamed, "list: entry %d is another's, not %s's", e.Index, claimer.Short())
	}
	return nil
}

// takeShare makes share n of the caller's copy p its claimer's, held or
// settled, and says where its money belongs.
func (l *ledger) takeShare(p *Packet, n uint32) Place {
	s := p.ShareAt(n)
	if p.Terms.Hold == 0 {
		s.State = Settled
		return Wallet(s.Claimer)
	}
	s.State = Held
	l.putDue(Due{At: p.SettlesAt(n), Packet: p.ID, Share: n}, false)
	return Hold(s.Claimer)
}
