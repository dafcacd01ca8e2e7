package words

import (
	"strings"
	"testing"
	"time"

	"hongbao/contract"
)

// A sender who tightens reads what others may do before and after, and not how the
// clauses are written; a stranger keeps the same letter.
func TestATighteningIsSaidBeforeItIsSigned(t *testing.T) {
	for _, tt := range []struct {
		desc             string
		e                example
		to               []string
		beforeEN, before string
		afterEN, after   string
	}{
		{"the rest, for less time", example{total: 600, shares: 3, claim: "always",
			clauses: []string{"rest when sender"}, now: time.Minute},
			[]string{"rest when all(sender,within(3h))"},
			"Until 2026-02-18 12:00:00 UTC, the sender can take back what is unclaimed.",
			"2026-02-18 12:00:00 UTC前,发的人可以收回没领走的。",
			"Until 2026-02-17 15:00:00 UTC, the sender can take back what is unclaimed.",
			"2026-02-17 15:00:00 UTC前,发的人可以收回没领走的。"},
		{"renounced, with money in hold", example{total: 600, shares: 3, claim: "always", hold: 24 * hour,
			clauses: []string{"share when all(sender,key(x1)) for FRAD"}},
			nil,
			"Nobody can take back what is unclaimed. For 24 hours after a claim, a claimed share can be sent back " +
				"to the sender by the sender and A together, as fraud; not by the sender alone.",
			"没领走的,谁也收不回。 领取后24小时内,发的人、甲一起签字,能以\"诈骗\"为由把领走的退给发的人;" +
				"发的人不能单独收回。",
			"Nobody can take back what is unclaimed. Nobody can take back a claimed share.",
			"没领走的,谁也收不回。 领走的,谁也收不回。"},
		{"one stranger of two", example{total: 600, shares: 3, claim: "always",
			clauses: []string{"rest when any(key(x1),key(x2))"}},
			[]string{"rest when key(x2)"},
			"Until 2026-02-18 12:00:00 UTC, what is unclaimed can be sent back to the sender by A or B; not by the " +
				"sender alone.",
			"2026-02-18 12:00:00 UTC前,甲或乙签字,就能把没领走的退给发的人;发的人不能单独收回。",
			"Until 2026-02-18 12:00:00 UTC, what is unclaimed can be sent back to the sender by B; not by the " +
				"sender alone.",
			"2026-02-18 12:00:00 UTC前,乙签字,就能把没领走的退给发的人;发的人不能单独收回。"},
		{"what nobody claimed is gone", example{total: 600, shares: 1, claim: "always", hold: 24 * hour,
			clauses: []string{"rest when sender", "share when sender"},
			shaped: func(p *contract.Packet) {
				claimed(p, 1, contract.Held, time.Minute)
				p.Status, p.Closed = contract.Full, p.Shares[0].ClaimedAt
			}, now: time.Hour},
			[]string{"share when all(sender,within(2h))"},
			"For 24 hours after a claim, the sender can take a claimed share back.",
			"领取后24小时内,发的人可以收回领走的。",
			"For 2 hours after a claim, the sender can take a claimed share back.",
			"领取后2小时内,发的人可以收回领走的。"},
	} {
		s := tt.e.subject(t)
		clauses := parsed(t, tt.to)
		if err := s.Packet.CheckTightening(clauses); err != nil {
			t.Fatalf("%s: %v", tt.desc, err)
		}
		for l, want := range map[Lang][2]string{English: {tt.beforeEN, tt.afterEN}, Chinese: {tt.before, tt.after}} {
			before, after := Tightening(l, s, clauses)
			checkPlain(t, before)
			checkPlain(t, after)
			if got := [2]string{strings.Join(before, " "), strings.Join(after, " ")}; got != want {
				t.Errorf("%s:\n%q, want\n%q", tt.desc, got, want)
			}
		}
		if len(s.Packet.Tightened) > 0 {
			t.Errorf("%s: the packet was changed", tt.desc)
		}
	}
}

// An approver reads whose money goes where, why, and what else the clause allows.
func TestAConsentIsSaidBeforeItIsSigned(t *testing.T) {
	held := example{total: 600, shares: 2, claim: "link", hold: 24 * hour, clauses: []string{"rest when key(carol)",
		"share when 2 of (key(carol),key(x1),key(x2)) for FRAD"},
		now: time.Hour, shaped: func(p *contract.Packet) {
			claimed(p, 1, contract.Held, time.Minute)
			p.Escrow = 300
		}}
	ofShare := held
	ofShare.share = 1
	until := contract.TimeOf(noon.Add(3 * time.Hour))
	for _, tt := range []struct {
		desc     string
		e        example
		clause   uint32
		reason   contract.Reason
		en, zh   string
		ask, zhQ string
	}{
		{"of a share", ofShare, 2, "FRAD",
			"¥3.00 goes from bob back to alice, as fraud\nclause 2: until 2026-02-18 12:01:00 UTC, share 1 can be " +
				"sent back to the sender by any two of carol, A and B, as fraud\nanyone with the file can use it " +
				"until 2026-02-17 15:00:00 UTC; you cannot take it back",
			"¥3.00从bob那里退给alice,理由:诈骗\n" +
				"第2条:2026-02-18 12:01:00 UTC前,carol、甲、乙中任意两人签字,能以\"诈骗\"为由把第1份退给发的人\n" +
				"谁拿到文件,2026-02-17 15:00:00 UTC前都能用;签了就收不回",
			"Approve that ¥3.00 goes from bob back to alice, as fraud?", "¥3.00从bob那里退给alice,理由:诈骗。同意吗?"},
		{"of the rest", held, 1, "",
			"what is unclaimed, ¥3.00 now, goes back to alice, for no stated reason\nclause 1: until 2026-02-18 " +
				"12:00:00 UTC, what is unclaimed can be sent back to the sender by carol\nanyone with the file can " +
				"use it until 2026-02-17 15:00:00 UTC; you cannot take it back",
			"没领走的(现有¥3.00)退给alice,不说理由\n" +
				"第1条:2026-02-18 12:00:00 UTC前,carol签字,就能把没领走的退给发的人\n" +
				"谁拿到文件,2026-02-17 15:00:00 UTC前都能用;签了就收不回",
			"Approve that what is unclaimed, ¥3.00 now, goes back to alice, for no stated reason?",
			"没领走的(现有¥3.00)退给alice,不说理由。同意吗?"},
	} {
		for l, want := range map[Lang][2]string{English: {tt.en, tt.ask}, Chinese: {tt.zh, tt.zhQ}} {
			lines, question := Consent(l, tt.e.subject(t), tt.clause, tt.reason, until)
			if got := [2]string{strings.Join(lines, "\n"), question}; got != want {
				t.Errorf("%s:\n%q, want\n%q", tt.desc, got, want)
			}
		}
	}
}

// A claimer hears who could take the share back: any two, and not each pair.
func TestOthersAreSaidAsWhoTheyAre(t *testing.T) {
	e := example{total: 600, shares: 2, claim: "link", hold: 24 * hour,
		clauses: []string{"share when 2 of (key(carol),key(dave),key(x1)) for FRAD,AC03", "share when sender"},
		share:   1, now: time.Hour, shaped: func(p *contract.Packet) { claimed(p, 1, contract.Held, time.Minute) }}
	s := e.subject(t)
	for l, want := range map[Lang]string{
		English: "others can take it back until 2026-02-18 12:01:00 UTC: alice, or any two of carol, dave and A",
		Chinese: "2026-02-18 12:01:00 UTC 前别人还能拿走:alice,或者carol、dave、甲中任意两人",
	} {
		if got := Others(l, s, s.Packet.Finality(1, contract.TimeOf(s.Now))); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
