package audit

import (
	"fmt"
	"strings"

	"hongbao/contract"
)

// statement says in words what was proven. Every figure comes from the leaf
// and the entries after all checks held, and "now" is the proven header's time:
// whatever is done after the proven state is done then or later.
func (v *verifier) statement() string {
	p := v.packet
	t := &p.Terms
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }

	say("Packet %s on %s, as block %d left it: %s sent %s in %s at %s.",
		v.id, v.file.ChainID, v.file.Height, p.Sender, t.Total.Yuan(), split(t), p.Created)
	if n := len(p.Tightened); n > 0 {
		did, last := "tightened the clauses", p.Tightened[n-1]
		if len(last.Clauses) == 0 {
			did = "renounced every clause"
		}
		say(" The sender %s at %s.", did, last.At)
	}
	atRisk := v.sayShares(say)
	v.sayRest(say, atRisk)
	if v.trust.Dev {
		say(" This is a dev chain: play money.")
	}
	return b.String()
}

// split is how the total is divided.
func split(t *contract.Terms) string {
	if t.Split == contract.Lucky {
		return plural(int(t.Shares), "lucky share", "lucky shares")
	}
	return plural(int(t.Shares), "share", "shares") + " of " + t.ShareAmount().Yuan()
}

// sayShares tells of the shares that were claimed, and how much of them others
// can still take back.
func (v *verifier) sayShares(say func(string, ...any)) (atRisk portion) {
	p, now := v.packet, contract.TimeOf(v.header.Time)
	if len(p.Shares) == 0 {
		say(" Nobody has claimed.")
		return atRisk
	}
	var final, held, recalled, returned portion
	reserved := 0
	for i := range p.Shares {
		n := uint32(i + 1)
		switch s := &p.Shares[i]; s.State {
		case contract.ShareRecalled:
			recalled.add(s.Amount, 0)
		case contract.Returned:
			returned.add(s.Amount, 0)
		default:
			if s.State == contract.Held && now < p.SettlesAt(n) {
				held.add(s.Amount, p.SettlesAt(n))
			}
			if s.State == contract.Reserved {
				reserved++
			}
			if s.State != contract.Settled {
				if f := p.Finality(n, now); f.OthersUntil != 0 {
					atRisk.add(s.Amount, f.OthersUntil)
					continue
				}
			}
			final.add(s.Amount, 0)
		}
	}
	inAll := "in all"
	if reserved > 0 {
		inAll = "drawn so far"
	}
	say(" %s claimed, %s %s", plural(len(p.Shares), "share was", "shares were"), v.sums.claimed.Yuan(), inAll)
	if final.shares == len(p.Shares) {
		say(", and beyond every clause")
	}
	say(".")
	if reserved > 0 {
		say(" %s drawn in block %d.",
			plural(reserved, "share is reserved: its amount is", "shares are reserved: their amounts are"), v.file.Height+1)
	}
	if n := p.Luckiest(); n != 0 {
		say(" The luckiest is share %d, of %s, with %s.", n, p.Shares[n-1].Claimer, p.Shares[n-1].Amount.Yuan())
	}
	if atRisk.shares > 0 {
		say(" NOT FINAL: %s, %s %s, can be taken back by others until %s.",
			plural(atRisk.shares, "share", "shares"), atRisk.amount.Yuan(), inAll, atRisk.until)
	}
	if recalled.shares > 0 {
		say(" %s recalled from hold%s, %s in all.",
			plural(recalled.shares, "share was", "shares were"), v.reasons(true), recalled.amount.Yuan())
	}
	if returned.shares > 0 {
		say(" %s given back by the claimer, %s in all.", plural(returned.shares, "share was", "shares were"), returned.amount.Yuan())
	}
	if 0 < final.shares && final.shares < len(p.Shares) {
		say(" %s beyond every clause, %s %s.", plural(final.shares, "share is", "shares are"), final.amount.Yuan(), inAll)
	}
	if held.shares > 0 {
		say(" %s until %s.", plural(held.shares, "share is held", "shares are held"), held.until)
	}
	v.sayAsked(say, now)
	return atRisk
}

// portion is some of a packet's shares.
type portion struct {
	shares int
	amount contract.Amount // at most what was claimed, of which checkSums has the sum
	until  contract.Time   // the latest of their instants
}

func (o *portion) add(amount contract.Amount, until contract.Time) {
	o.shares++
	o.amount += amount
	o.until = max(o.until, until)
}

// sayAsked tells what became of the sender's questions.
func (v *verifier) sayAsked(say func(string, ...any), now contract.Time) {
	asked, states := 0, map[contract.AskState]int{}
	for i := range v.packet.Shares {
		a := v.packet.Shares[i].Asked
		if a == nil {
			continue
		}
		state := a.State
		if state == contract.AskOpen && now >= a.LapsesAt() {
			state = contract.AskLapsed // nobody can answer it any more
		}
		asked++
		states[state]++
	}
	if asked == 0 {
		return
	}
	var parts []string
	for state := contract.AskOpen; state <= contract.AskLapsed; state++ {
		if n := states[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, state))
		}
	}
	say(" The sender asked for %s back: %s.", plural(asked, "share", "shares"), list(parts))
}

// sayRest tells what became of the money that nobody claimed.
func (v *verifier) sayRest(say func(string, ...any), atRisk portion) {
	p, now := v.packet, contract.TimeOf(v.header.Time)
	rest, recalled := p.Escrow.Yuan(), v.sums.recalled.Yuan()
	if p.Undrawn() {
		rest += ", less what is drawn,"
		recalled = rest // goes home after the draws
	}
	switch p.Status {
	case contract.Open:
		if now >= p.Expires {
			say(" %s was unclaimed at expiry, %s, and goes back to the sender.", rest, p.Expires)
			return
		}
		say(" %s is unclaimed until %s", rest, p.Expires)
		if until := p.RecallableUntil(); until > now {
			say(", and could be recalled until %s.", until)
		} else {
			say(", and nobody can recall it.")
		}
	case contract.Full:
		say(" It is full since %s", p.Closed)
		if atRisk.shares == 0 {
			say(": nobody can take anything back")
		}
		say(".")
	case contract.Recalled:
		say(" %s was recalled at %s%s.", recalled, p.Closed, v.reasons(false))
	case contract.Expired:
		say(" %s was refunded at %s, after expiry.", v.sums.refunded.Yuan(), p.Closed)
	}
}

// reasons are why shares, or the rest, were recalled, each once and where one
// was given: " as fraud (FRAD)".
func (v *verifier) reasons(shares bool) string {
	var parts []string
	seen := map[contract.Reason]bool{"": true}
	for _, e := range v.entries {
		if e.Kind == contract.KindRecall && (e.Share != 0) == shares && !seen[e.Reason] {
			seen[e.Reason] = true
			parts = append(parts, fmt.Sprintf("%s (%s)", e.Reason.Word(), string(e.Reason)))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " as " + list(parts)
}
