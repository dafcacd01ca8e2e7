package app

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// tally counts what happened over all cases: action and outcome.
type tally map[string]map[string]int

func (c tally) add(action, outcome string) {
	if c[action] == nil {
		c[action] = map[string]int{}
	}
	c[action][outcome]++
}

// include adds what another counted.
func (c tally) include(o tally) {
	for action, outcomes := range o {
		for outcome, n := range outcomes {
			c.add(action, outcome)
			c[action][outcome] += n - 1
		}
	}
}

// bothWays fails when the cases left something out: each kind of tx must have
// succeeded and failed, and the rules that matter must have decided.
func (c tally) bothWays(t *testing.T) {
	for _, kind := range []string{"pay", "send", "claim", "claim of a lucky packet", "recall", "recall of a share",
		"recall with consents", "recall before draws", "recall of a drawn share in hold", "return",
		"return of a drawn share", "return from the wallet", "return while asked", "ask", "answer",
		"answer that accepts", "answer that refuses",
		"tighten", "tighten of what is held", "send of a scene", "warp", "again", "proposal",
		"send to a list", "send of a campaign", "claim by entry", "claim of a voucher", "claim of a campaign",
		"recall of a large share", "recall of a large rest", "return of a large share", "ask of a large share",
		"answer about a large share", "tighten of a large packet"} {
		all, good := 0, c[kind]["ok"]
		for _, n := range c[kind] {
			all += n
		}
		if good == 0 || good == all {
			t.Errorf("%s: succeeded %d times of %d: the test shows nothing about the rest", kind, good, all)
		}
	}
	for action, outcomes := range mustHappen {
		for _, outcome := range outcomes {
			if c[action][outcome] == 0 {
				t.Errorf("%s never came out as %s", action, outcome)
			}
		}
	}
}

// mustHappen are the outcomes that some twenty or more of the cases come to:
// seldomer ones would fail the test by chance, and have tests of their own.
var mustHappen = map[string][]string{
	"due": {"refund", "settle", "lapse", "left over"},
	"draw": {"settled", "held", "held beyond its time", "the last", "several in a block", "a fen each",
		"after expiry", "after a recall", "after both"},
	"bad beacon": {"needless", "missing", "behind", "twice", "spent", "key", "chain", "height",
		"block", "flipped", "cut", "tail", "proposer"},
	"round in vain": {"with draws", "without"},
	"late round":    {"with draws", "without"},
	"slow round":    {"without"},
	"read":          {"counts"},
	"crash":         {"with draws", "without"},
	"byzantine":     {"ok"},
	"block":         {"edge", "far edge"},
	"check":         {"first_claim_repeated", "malformed"},
	"proposal":      {"first_claims_full", "block_full", "due_full"},
	"send": {"clause_never_true", "clause_outlives_packet", "unsigned_clause",
		"condition_misplaced"},
	"send of a scene": {"scene_mismatch", "unknown_scene"},
	"claim":           {"recalled", "full", "expired", "already_claimed", "bad_link"},
	"claim by entry": {"entry_claimed", "not_named", "not_on_list", "unknown_entry", "bad_amount", "bad_path",
		"recalled", "expired", "full"},
	"claim of a voucher":      {"link_required", "bad_link", "entry_claimed"},
	"claim of a list":         {"entry_required"},
	"claim of a campaign":     {"already_claimed", "recalled", "expired"},
	"batch":                   {"one claim", "several claims", "draws", "before a recall"},
	"claim of a lucky packet": {"recalled", "full", "expired", "already_claimed"},
	"recall":                  {"touched", "unknown_clause", "reason_not_allowed"},
	"recall of a share": {"reason_not_allowed", "share_settled", "share_recalled", "already_returned",
		"share_reserved"},
	"recall of a drawn share":         {"share_settled"},
	"recall with consents":            {"consent_unlisted", "consent_repeated", "bad_consent"},
	"recall after a tighten":          {"unknown_clause"},
	"return":                          {"already_returned", "not_claimer", "share_reserved"},
	"return of a drawn share in hold": {"ok"},
	"ask of a drawn share":            {"ok"},
	"ask of a reserved share":         {"share_not_settled"},
	"return from hold":                {"ok"},
	"ask":                             {"already_asked", "share_recalled"},
	"answer":                          {"no_open_ask", "not_claimer"},
	"tighten":                         {"not_tighter", "too_many_tightenings"},
	"tighten to nothing":              {"ok"},
}

func (c tally) print(t *testing.T) {
	for _, action := range slices.Sorted(maps.Keys(c)) {
		var b strings.Builder
		for _, outcome := range slices.Sorted(maps.Keys(c[action])) {
			fmt.Fprintf(&b, " %s %d", outcome, c[action][outcome])
		}
		t.Logf("%s:%s", action, b.String())
	}
}

// labels are the special cases that x is one of, for the tally.
func (m *model) labels(x *act) (labels []string) {
	note := func(is bool, label string) {
		if is {
			labels = append(labels, label)
		}
	}
	note(x.kind == "send" && x.terms.scene != "", "send of a scene")
	note(x.kind == "send" && x.terms.list != nil, "send to a list")
	note(x.kind == "send" && x.terms.list == nil && x.terms.large(), "send of a campaign")
	p := m.packets[x.packet]
	if p == nil {
		return labels
	}
	s := p.share(x.share)
	large, entry := p.terms.large(), x.listing != nil && p.terms.list != nil
	note(x.kind == "claim" && p.terms.lucky, "claim of a lucky packet")
	note(x.kind == "claim" && entry, "claim by entry")
	note(x.kind == "claim" && entry && p.keyFor(x) != "", "claim of a voucher")
	note(x.kind == "claim" && !entry && p.terms.list != nil, "claim of a list")
	note(x.kind == "claim" && p.terms.list == nil && large, "claim of a campaign")
	note(large && x.kind == "recall" && x.share != 0, "recall of a large share")
	note(large && x.kind == "recall" && x.share == 0, "recall of a large rest")
	note(large && (x.kind == "return" || x.kind == "ask"), x.kind+" of a large share")
	note(large && x.kind == "answer", "answer about a large share")
	note(large && x.kind == "tighten", "tighten of a large packet")
	note(x.kind == "recall" && x.share == 0 && p.undrawn() > 0, "recall before draws")
	note(s != nil && s.state == "reserved", x.kind+" of a reserved share")
	note(s != nil && p.terms.lucky && s.state == "held", x.kind+" of a drawn share in hold")
	note(s != nil && p.terms.lucky && s.state == "settled", x.kind+" of a drawn share")
	note(x.kind == "recall" && x.share != 0, "recall of a share")
	note(x.kind == "recall" && len(x.consents) > 0, "recall with consents")
	note(x.kind == "recall" && len(p.tightened) > 0, "recall after a tighten")
	note(x.kind == "return" && s != nil && s.state == "held", "return from hold")
	note(x.kind == "return" && s != nil && s.state == "settled", "return from the wallet")
	note(x.kind == "return" && s != nil && s.answerable(m.now), "return while asked")
	note(x.kind == "answer" && x.accept, "answer that accepts")
	note(x.kind == "answer" && !x.accept, "answer that refuses")
	note(x.kind == "tighten" && len(x.clauses) == 0, "tighten to nothing")
	note(x.kind == "tighten" && p.status == "full", "tighten of what is held")
	note(x.kind == "tighten" && p.status == "full" && p.undrawn() > 0, "tighten of what is reserved")
	return labels
}

// drawLabels are the special cases among the draws that the block at now owes.
func (m *model) drawLabels(now int64) (labels []string) {
	note := func(is bool, label string) {
		if is {
			labels = append(labels, label)
		}
	}
	for _, r := range m.owed.shares {
		p := r.p
		note(p.terms.hold == 0, "settled")
		note(p.terms.hold > 0, "held")
		note(p.terms.hold > 0 && now >= p.settles(p.share(r.n)), "held beyond its time")
		note(uint64(r.n) == p.terms.shares, "the last")
		note(now >= p.expires, "after expiry")
		note(p.status == "recalled", "after a recall")
		note(p.status == "recalled" && now >= p.expires, "after both")
		note(p.terms.total == p.terms.shares, "a fen each")
	}
	note(len(m.owed.shares) > 1, "several in a block")
	note(len(m.owed.recalls) > 1, "before several recalls")
	return labels
}
