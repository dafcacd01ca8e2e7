package words

import (
	"fmt"
	"slices"

	"hongbao/contract"
)

// Tightening says who can take back what under the clauses in force, and under
// those that are to take their place; a person has the same name in both.
func Tightening(l Lang, s Subject, clauses []contract.Clause) (before, after []string) {
	x := newExplainer(l, s)
	before = x.allPowers()
	p := *s.Packet
	p.Tightened = append(slices.Clone(p.Tightened), contract.Tightening{At: x.now, Clauses: clauses})
	x.Packet = &p
	x.nameKeys()
	return before, x.allPowers()
}

// allPowers says for all the money that a clause can reach who has a power over
// it, also where no account has one.
func (x *explainer) allPowers() []string {
	var list []sentence
	say := func(target contract.Target, powers []power) {
		text := fmt.Sprintf(x.pick("nobody can take back %s", "%s,谁也收不回"), x.money(target).In(x.Lang))
		if len(powers) > 0 {
			text = x.powers(powers, target) + x.tail(powers, target)
		}
		list = append(list, sentence{target.String(), text})
	}
	if x.open() {
		say(contract.Rest, x.restPowers())
	}
	if x.terms.Hold > 0 {
		say(contract.HeldShares, x.heldPowers())
	}
	return x.finish(list)
}

// Consent says what an approver is about to sign, and asks: a recall of the
// subject's share, or of its rest, under clause n (from 1) of those in force.
// Each holder of the consent can use it until the instant.
func Consent(
	l Lang, s Subject, n uint32, reason contract.Reason, until contract.Time,
) (lines []string, question string) {
	x := newExplainer(l, s)
	p := s.Packet
	what := fmt.Sprintf(x.pick("what is unclaimed, %s now, goes back to %s", "没领走的(现有%s)退给%s"), p.Escrow.Yuan(),
		x.known(p.Sender))
	target, windows := contract.Rest, p.RestWindows()
	c := x.ofRest()
	if s.Share > 0 {
		share := p.ShareAt(s.Share)
		what = fmt.Sprintf(x.pick("%s goes from %s back to %s", "%s从%s那里退给%s"), share.Amount.Yuan(),
			x.known(share.Claimer), x.known(p.Sender))
		target, windows = contract.HeldShares, p.ShareWindows(s.Share)
		c = x.ofHeld()
	}
	if reason == "" {
		what += x.pick(", for no stated reason", ",不说理由")
	} else {
		what += x.pick(", as ", ",理由:") + Reason(l, reason)
	}
	windows = slices.DeleteFunc(windows, func(w contract.Window) bool { return w.Clause != int(n) })
	allows := x.powers(x.still(powersOf(windows), c), target)
	return []string{
		what,
		fmt.Sprintf(x.pick("clause %d: %s", "第%d条:%s"), n, allows),
		fmt.Sprintf(x.pick("anyone with the file can use it until %s; you cannot take it back",
			"谁拿到文件,%s前都能用;签了就收不回"), x.clock(until)),
	}, fmt.Sprintf(x.pick("Approve that %s?", "%s。同意吗?"), what)
}

// ClaimAnyway asks a claimer from whom others could take the share back.
func ClaimAnyway(l Lang, others string) string {
	return fmt.Sprintf(l.pick("It would not be yours for sure: %s. Claim it all the same?",
		"领了也不一定是你的:%s。还要领吗?"),
		others)
}

// known is what the reader knows an account by, or else the ends of its address.
func (x *explainer) known(a contract.Address) string {
	if x.Name == nil {
		return a.Short()
	}
	return orElse(x.Name(a), a.Short())
}
