package client

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"hongbao/client/files"
	"hongbao/client/wallet"
	"hongbao/contract"
)

// DefaultConsentFor is how long a consent can be used unless Consent.ValidFor
// names another time.
const DefaultConsentFor contract.Seconds = 7 * 24 * 3600

// Consent is what an account approves: that a recall by others uses a clause which
// names the account.
type Consent struct {
	Packet contract.PacketID
	// Share is a held share, from 1. 0 is the unclaimed rest, or the one held share
	// that is all of the packet's money.
	Share    uint32
	Clause   uint32           // from 1 among those in force; 0: the one that names the account
	Reason   contract.Reason  // its code, or its word; empty: none
	ValidFor contract.Seconds // at most contract.MaxConsentFor; 0: DefaultConsentFor
}

// Approval is a consent before it is signed.
type Approval struct {
	Packet *contract.Packet
	Share  uint32 // 0: the rest
	Clause uint32
	Reason contract.Reason
	Until  contract.Time // the consent's end
	Usable contract.Time // the end of the time in which it can be used: Until, or the end of the clause's window
}

// ChooseClauseError says that several clauses name an account.
type ChooseClauseError struct{ Clauses []uint32 }

func (e *ChooseClauseError) Error() string {
	return fmt.Sprintf("several clauses name the account: choose one of %v", e.Clauses)
}

// Consent signs a consent, which the account hands to those who recall: see
// Recall.Consents. The money goes to the packet's sender and to no one else. The
// signature cannot be taken back. It fails with a ChooseClauseError where several
// clauses name the account, and else as a recall with it would.
func (s *Signer) Consent(ctx context.Context, c Consent) (*files.Consent, error) {
	p, at, err := s.c.PacketWith(ctx, c.Packet, c.Share)
	if err != nil {
		return nil, err
	}
	approval, err := c.On(p, s.Account.Address, at.Time, at.Time)
	if err != nil {
		return nil, err
	}
	return approval.Sign(s.c.Chain(), s.Account)
}

// On is what account would sign about p, as p stands at now. The consent's time
// begins at begin, which may be later: where there is no node, p is what a proof
// establishes, and begin is what a clock says.
func (c *Consent) On(p *contract.Packet, account contract.Address, now, begin contract.Time) (*Approval, error) {
	reason, err := reasonCode(c.Reason)
	if err != nil {
		return nil, err
	}
	validFor := c.ValidFor
	if validFor == 0 {
		validFor = DefaultConsentFor
	}
	if validFor > contract.MaxConsentFor {
		return nil, contract.Errorf(contract.CodeBadConsent, "consent: valid for %s, which is more than %s", validFor,
			contract.MaxConsentFor)
	}
	a := &Approval{Packet: p, Share: p.RecallableShare(c.Share), Reason: reason, Until: begin.Plus(validFor)}
	if err := a.choose(c.Clause, account, now); err != nil {
		return nil, err
	}
	if clause := &p.InForce()[a.Clause-1]; !clause.Allows(reason) {
		return nil, contract.Errorf(contract.CodeReasonNotAllowed, "clause %d: its reason has to be one of %s",
			a.Clause, strings.Join(clause.ReasonWords(), ", "))
	}
	return a, nil
}

// choose finds the clause that account can help to use: n, or where n is 0 the only
// one that there is.
func (a *Approval) choose(n uint32, account contract.Address, now contract.Time) error {
	p := a.Packet
	target, err := p.TargetOf(a.Share, now)
	if err != nil {
		return err
	}
	windows := p.RestWindows()
	if a.Share != 0 {
		windows = p.ShareWindows(a.Share)
	}
	ends := map[uint32]contract.Time{} // by clause that can still be used
	var fit []uint32
	for _, w := range windows {
		if w.Until <= now {
			continue
		}
		i := uint32(w.Clause)
		ends[i] = max(ends[i], w.Until)
		named := func(set []contract.Address) bool { return slices.Contains(set, account) }
		if slices.ContainsFunc(w.Signers, named) && !slices.Contains(fit, i) {
			fit = append(fit, i)
		}
	}
	switch {
	case n == 0 && len(fit) == 1:
		n = fit[0]
	case n == 0 && len(fit) > 1:
		return &ChooseClauseError{fit}
	case n == 0:
		return contract.Errorf(contract.CodeConsentUnlisted, "packet %s: no clause about this money needs %s",
			a.about(),
			account)
	case int(n) > len(p.InForce()) || p.InForce()[n-1].Target != target:
		return contract.Errorf(contract.CodeUnknownClause, "packet %s: has no clause %d about this money",
			a.about(), n)
	case !slices.Contains(contract.KeysIn(p.InForce()[n-1].When.Cond, p.Sender), account):
		return contract.Errorf(contract.CodeConsentUnlisted, "clause %d: does not name %s", n, account)
	case ends[n] == 0:
		return contract.Errorf(contract.CodeWindowClosed, "clause %d: can no longer be used", n)
	}
	a.Clause, a.Usable = n, min(a.Until, ends[n])
	return nil
}

// about names the money: rp1…, or rp1…/3.
func (a *Approval) about() string {
	if a.Share == 0 {
		return a.Packet.ID.String()
	}
	return fmt.Sprintf("%s/%d", a.Packet.ID, a.Share)
}

// Sign asks for account's key, and signs.
func (a *Approval) Sign(chain string, account *wallet.Account) (*files.Consent, error) {
	p := a.Packet
	c, err := account.Consent(chain, p, &p.InForce()[a.Clause-1], a.Share, a.Reason, a.Until)
	if err != nil {
		return nil, err
	}
	return files.NewConsent(chain, p.ID, p, a.Share, a.Clause, a.Reason, c), nil
}
