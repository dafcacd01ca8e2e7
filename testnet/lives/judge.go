package lives

import (
	"fmt"
	"slices"

	"hongbao/contract"
)

// judge says what is wrong with a transaction that succeeded.
func (l *Life) judge(chain string, now contract.Time, tx *contract.Tx) []Wrong {
	switch m := tx.Message.(type) {
	case *contract.Claim:
		return l.judgeClaim(chain, now, tx.Account, m)
	case *contract.Recall:
		return l.judgeRecall(now, tx.Account, m)
	case *contract.Tighten:
		if tx.Account != l.Sender {
			return wrongf("R", "is tightened by another than its sender")
		}
	}
	return nil
}

func (l *Life) judgeClaim(chain string, now contract.Time, by contract.Address, m *contract.Claim) []Wrong {
	number := l.number(m)
	switch has := func(c Claim) bool { return c.By == by }; {
	case m.Listing != nil && contract.ListIn(l.Terms.Claim.Cond) == nil:
		return wrongf("R", "is by no list, and is claimed by an entry")
	case l.Share(number) != nil:
		return wrongf("P", "has entry %d claimed twice", number)
	case l.Terms.Split != contract.ByList && slices.ContainsFunc(l.Claims, has):
		return wrongf("P", "is claimed twice by %s", by.Short())
	case len(l.Claims) == int(l.Terms.Shares):
		return wrongf("P", "is claimed more often than it has shares")
	case l.Recalled > 0:
		return wrongf("R", "is claimed after its recall")
	case now >= l.Expires():
		return wrongf("R", "expired at %s, and is claimed after it expired", l.Expires())
	case contract.Unmet(l.Terms.Claim.Cond, l.claimFacts(chain, now, by, m)) != nil:
		return wrongf("R", "is claimed against its rule")
	case m.TermsHash != l.Terms.Hash(chain):
		return wrongf("R", "is claimed under other terms")
	}
	return nil
}

// facts are those of an instant.
func (l *Life) facts(now contract.Time) contract.Facts {
	return contract.Facts{Now: now, Start: l.Created, Untouched: len(l.Claims) == 0, Sender: l.Sender}
}

// claimFacts are facts with what a claim shows of its claimer: that the link's key signed it,
// and that an entry of the list is its own.
func (l *Life) claimFacts(chain string, now contract.Time, by contract.Address, m *contract.Claim) contract.Facts {
	f := l.facts(now)
	f.Claimer = by
	key, root := l.Terms.LinkKey, contract.ListIn(l.Terms.Claim.Cond)
	if m.Listing != nil && m.Listing.Entry.Kind == contract.WhoLink {
		key = &m.Listing.Entry.Who
	}
	if m.Link != nil && key != nil {
		f.Link = contract.Schnorr{}.Verify(*key, contract.LinkDigest(chain, l.ID, by), *m.Link)
	}
	if m.Listing != nil && root != nil && m.Listing.Check(*root, l.Terms.Shares, l.Terms.Total) == nil {
		e := m.Listing.Entry
		f.Listed = e.Kind == contract.WhoLink && f.Link ||
			e.Kind == contract.WhoAddress && contract.Address(e.Who) == by
	}
	return f
}

func (l *Life) judgeRecall(now contract.Time, by contract.Address, m *contract.Recall) []Wrong {
	if m.Clause == 0 || int(m.Clause) > len(l.InForce) {
		return wrongf("R", "is recalled under clause %d of %d", m.Clause, len(l.InForce))
	}
	clause, facts := l.InForce[m.Clause-1], l.facts(now)
	facts.Signers = []contract.Address{by}
	for _, c := range m.Consents {
		facts.Signers = append(facts.Signers, c.Account)
	}
	if m.Share > 0 {
		c := l.Share(m.Share)
		facts.Start = c.At
		if now >= c.At.Plus(l.Terms.Hold) || c.Gone != 0 {
			return wrongf("R", "has share %d, settled or gone, recalled", m.Share)
		}
	} else if l.Recalled > 0 || now >= l.Expires() || len(l.Claims) == int(l.Terms.Shares) {
		return wrongf("R", "is recalled when it is closed")
	}
	if (clause.Target == contract.Rest) != (m.Share == 0) || !clause.Allows(m.Reason) ||
		contract.Unmet(clause.When.Cond, facts) != nil {
		return wrongf("R", "of %s is recalled outside its clause %q", l.Created, clause.String())
	}
	return nil
}

// Differs says where a packet's leaf and the blocks up to it do not agree; empty: nowhere.
// Of a large packet it has counts, and the shares have leaves of their own.
func (l *Life) Differs(p *contract.Packet) string {
	if int(p.Claimed()) != len(l.Claims) {
		return fmt.Sprintf("has %d shares, and %d were claimed", p.Claimed(), len(l.Claims))
	}
	for i := range p.Shares {
		if wrong := l.Claims[i].Differs(&p.Shares[i]); wrong != "" {
			return wrong
		}
	}
	if (p.Status == contract.Recalled) != (l.Recalled > 0) {
		return fmt.Sprintf("is %s (recalled: %t)", p.Status, l.Recalled > 0)
	}
	return ""
}

// Differs says where a share's leaf and the blocks do not agree; empty: nowhere.
func (c *Claim) Differs(s *contract.Share) string {
	gone := contract.ShareState(0)
	if s.State == contract.ShareRecalled || s.State == contract.Returned {
		gone = s.State
	}
	if s.Claimer == c.By && gone == c.Gone {
		return ""
	}
	return fmt.Sprintf("has share %d of %s, %s; it was claimed by %s and %s", c.Number, s.Claimer.Short(), s.State,
		c.By.Short(), c.Fate())
}

// Fate is what became of the share by a transaction: kept, recalled or returned.
func (c *Claim) Fate() string {
	if c.Gone == 0 {
		return "kept"
	}
	return c.Gone.String()
}
