package contract

// applyChange carries out a plan that the validators approved. Any account may
// hand it in.
func (l *ledger) applyChange(s *step, m *Change) error {
	v := l.validatorsLeaf()
	if v == nil {
		return Errorf(CodeUnsupported, "chain %s: lists no validators", l.base.chain)
	}
	p := &m.HandOver.Plan
	if err := p.follows(v.Number+1, v.Set); err != nil {
		return err
	}
	switch {
	case p.ValidUntil <= s.Time || p.ValidUntil > s.Time.Plus(maxPlanLife):
		return Errorf(CodePlanOutdated, "plan %d: valid until %s, it is %s; at most %s ahead", p.Number,
			p.ValidUntil, s.Time, maxPlanLife.InDays())
	case len(p.Updates) > 0 && v.From == s.Height+2:
		return Errorf(CodePlanOutdated, "plan %d: the validators changed in this block; try in the next", p.Number)
	}
	next, err := m.HandOver.Next(s.Chain, p.Number, v.Set)
	if err != nil {
		return err
	}
	if err := m.checkProofs(s.Chain, v.Set); err != nil {
		return err
	}
	if p.Upgrade != nil {
		if err := v.Schedule(s.Height, p.Upgrade); err != nil {
			return err
		}
	} else {
		v.Before, v.Set, v.From = v.Set, next, s.Height+2
	}
	v.Number++
	e := note{step: s, kind: KindChange}.entry(nil)
	encoded := v.History.add(e)
	l.entries = append(l.entries, ChainEntry{Leaf: ValidatorsKey, Seq: e.Seq, Entry: encoded})
	l.validators = v
	return nil
}

// checkProofs wants a proof of each validator that joins, in the plan's order.
func (m *Change) checkProofs(chain string, set ValidatorSet) error {
	proofs := m.Proofs
	for _, u := range m.HandOver.Plan.Updates {
		if set.find(u.PubKey) != nil {
			continue
		}
		if len(proofs) == 0 || !proofs[0].Verify(chain, u.PubKey, *u.VRFKey) {
			return Errorf(CodeBadKeyProof, "plan: no proof that who joins has the keys of %x", u.PubKey[:8])
		}
		proofs = proofs[1:]
	}
	if len(proofs) > 0 {
		return Errorf(CodeBadKeyProof, "plan: %d key proofs of nobody who joins", len(proofs))
	}
	return nil
}

// Schedule has a block of this height put an upgrade where the block before its own finds
// it, or call off the one that waits. It refuses with CodeBadUpgrade.
func (v *Validators) Schedule(height int64, u *Upgrade) error {
	switch {
	case *u == Upgrade{Rules: v.Rules}:
		if v.Upgrade == nil {
			return Errorf(CodeBadUpgrade, "upgrade: there is none to call off")
		}
		v.Upgrade = nil
		return nil
	case u.Rules != v.Rules+1:
		return Errorf(CodeBadUpgrade, "upgrade: to rules %d; rules %d are in force, and %d come next", u.Rules, v.Rules,
			v.Rules+1)
	case u.Height < height+minUpgradeNotice || u.Height > height+maxUpgradeNotice:
		return Errorf(CodeBadUpgrade, "upgrade: at block %d; this is block %d, and it must lie %d to %d ahead",
			u.Height, height, minUpgradeNotice, maxUpgradeNotice)
	}
	v.Upgrade = u
	return nil
}
