package audit

import (
	"cmp"

	"hongbao/contract"
)

// A node's decoder takes all that a field's type holds, and leaves it to the rules
// to refuse what is out of the field's range. In a proof that is refused where it
// is read (docs/format.md, 1): no rule need be asked, and each verifier names the
// same step.

// amountsInRange makes sure that amounts are ones that there can be.
func amountsInRange(amounts ...contract.Amount) error {
	for _, a := range amounts {
		if a > contract.MaxAmount {
			return fault("amount_range", "fen", uint64(a), "most", uint64(contract.MaxAmount))
		}
	}
	return nil
}

// timesInRange makes sure that no time is before 1970.
func timesInRange(times ...contract.Time) error {
	for _, t := range times {
		if t < 0 {
			return fault("value_range", "value", int64(t))
		}
	}
	return nil
}

// inRange makes sure that values are from least to most.
func inRange[T ~uint8 | ~uint32](least, most T, values ...T) error {
	for _, v := range values {
		if v < least || v > most {
			return fault("value_range", "value", int64(v))
		}
	}
	return nil
}

func txInRange(tx *contract.Tx) error {
	err := timesInRange(tx.ValidUntil)
	switch m := tx.Message.(type) {
	case *contract.Pay:
		err = cmp.Or(err, amountsInRange(m.Amount))
	case *contract.Send:
		err = cmp.Or(err, termsInRange(&m.Terms))
	case *contract.Claim:
		if m.Listing != nil {
			err = cmp.Or(err, listingInRange(m.Listing))
		}
	case *contract.Recall:
		for _, c := range m.Consents {
			err = cmp.Or(err, timesInRange(c.ValidUntil))
		}
	case *contract.Tighten:
		err = cmp.Or(err, clausesInRange(m.Clauses))
	case *contract.Warp:
		err = cmp.Or(err, inRange(0, contract.MaxDuration, m.By))
	case *contract.Change:
		err = cmp.Or(err, planInRange(&m.HandOver.Plan))
	}
	return err
}

func listingInRange(l *contract.Listing) error {
	err := cmp.Or(amountsInRange(l.Entry.Amount), inRange(contract.WhoAddress, contract.WhoLink, l.Entry.Kind))
	for _, s := range l.Path {
		err = cmp.Or(err, amountsInRange(s.Sum))
	}
	return err
}

func planInRange(p *contract.Plan) error {
	err := timesInRange(p.ValidUntil)
	if u := p.Upgrade; u != nil && u.Height < 0 {
		err = cmp.Or(err, fault("value_range", "value", u.Height))
	}
	return err
}

func termsInRange(t *contract.Terms) error {
	return cmp.Or(amountsInRange(t.Total), inRange(contract.Equal, contract.ByList, t.Split),
		inRange(0, contract.MaxDuration, t.Hold, t.Expiry), clausesInRange(t.Clauses))
}

func clausesInRange(clauses []contract.Clause) (err error) {
	for _, c := range clauses {
		err = cmp.Or(err, inRange(contract.Rest, contract.HeldShares, c.Target))
	}
	return err
}

func packetInRange(p *contract.Packet) error {
	err := cmp.Or(termsInRange(&p.Terms), timesInRange(p.Created, p.Expires, p.Closed),
		inRange(contract.Open, contract.Expired, p.Status), amountsInRange(p.Escrow))
	for _, t := range p.Tightened {
		err = cmp.Or(err, timesInRange(t.At), clausesInRange(t.Clauses))
	}
	if p.Tally != nil {
		err = cmp.Or(err, timesInRange(p.Tally.LastClaim))
	}
	for i := range p.Shares {
		err = cmp.Or(err, shareInRange(&p.Shares[i]))
	}
	return err
}

func shareInRange(s *contract.Share) error {
	err := cmp.Or(amountsInRange(s.Amount), timesInRange(s.ClaimedAt),
		inRange(contract.Reserved, contract.Returned, s.State))
	if s.Asked != nil {
		err = cmp.Or(err, timesInRange(s.Asked.At), inRange(contract.AskOpen, contract.AskLapsed, s.Asked.State))
	}
	return err
}

func shareLeafInRange(l *contract.ShareLeaf) error {
	return cmp.Or(shareInRange(&l.Share), timesInRange(l.Settles, l.Created))
}

func accountInRange(a *contract.Account) error {
	return cmp.Or(amountsInRange(a.Balance, a.Held), timesInRange(contract.Time(a.Bucket), contract.Time(a.Recalls)))
}

func entryInRange(e *contract.Entry) error {
	err := cmp.Or(timesInRange(e.Time), inRange(contract.PhaseGenesis, contract.PhaseTx, e.Phase),
		inRange(contract.KindGenesis, contract.KindChange, e.Kind), amountsInRange(e.Balance, e.Held))
	if p := e.Posting; p != nil {
		err = cmp.Or(err, amountsInRange(p.Amount), inRange(contract.InMint, contract.InHold, p.From.Kind, p.To.Kind))
	}
	if e.Claims != nil {
		err = cmp.Or(err, amountsInRange(e.Claims.Sum))
	}
	if e.Height < 0 {
		err = cmp.Or(err, fault("value_range", "value", e.Height))
	}
	return err
}
