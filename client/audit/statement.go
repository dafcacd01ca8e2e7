package audit

import (
	"fmt"
	"strings"

	"hongbao/contract"
)

// statement says in words what was proven. Every figure comes from the leaf
// and the entries after all checks held.
func (v *verifier) statement() string {
	p := v.packet
	t := &p.Terms
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }

	say("Packet %s on %s, as block %d left it: %s sent %s in %s of %s at %s.",
		v.id, v.file.ChainID, v.file.Height, p.Sender, t.Total.Yuan(),
		plural(int(t.Shares), "share", "shares"), t.ShareAmount().Yuan(), p.Created)
	if len(p.Shares) == 0 {
		say(" Nobody has claimed.")
	} else {
		say(" %s claimed, %s in all, and beyond every clause.",
			plural(len(p.Shares), "share was", "shares were"), v.sums.claimed.Yuan())
	}
	if n := v.returns(); n > 0 {
		say(" %s given back by the claimer, %s in all.", plural(n, "share was", "shares were"), v.sums.returned.Yuan())
	}
	switch p.Status {
	case contract.Open:
		say(" %s is unclaimed until %s", p.Escrow.Yuan(), p.Expires)
		if until := p.RecallableUntil(); until > 0 {
			say(", and could be recalled until %s.", until)
		} else {
			say(", and nobody can recall it.")
		}
	case contract.Full:
		say(" It is full since %s: nobody can take anything back.", p.Closed)
	case contract.Recalled:
		say(" %s was recalled at %s%s.", v.sums.recalled.Yuan(), p.Closed, v.reason())
	case contract.Expired:
		say(" %s was refunded at %s, after expiry.", v.sums.refunded.Yuan(), p.Closed)
	}
	if v.trust.Dev {
		say(" This is a dev chain: play money.")
	}
	return b.String()
}

func (v *verifier) returns() (n int) {
	for i := range v.packet.Shares {
		if v.packet.Shares[i].State == contract.Returned {
			n++
		}
	}
	return n
}

// reason is why the rest was recalled, where a reason was given.
func (v *verifier) reason() string {
	for _, e := range v.entries {
		if e.Kind == contract.KindRecall && e.Reason != "" {
			return fmt.Sprintf(" as %s (%s)", e.Reason.Word(), string(e.Reason))
		}
	}
	return ""
}
