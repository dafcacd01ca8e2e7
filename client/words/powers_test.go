package words

import (
	"math/rand/v2"
	"slices"
	"testing"

	"hongbao/contract"
)

// What is merged for a sentence allows what the windows allowed, to the instant
// and the reason: for random windows, and every set of signers.
func TestMergingChangesNothingThatIsAllowed(t *testing.T) {
	const instants = 6
	keys := someKeys(4)
	reasons := []contract.Reason{"", "DUPL", "FRAD"}
	rng := rand.New(rand.NewPCG(1, 2))
	allowed, refused := 0, 0
	for range 2000 {
		windows := someWindows(rng, keys, instants)
		merged := powersOf(windows)
		for now := range contract.Time(instants) {
			for set := range 1 << len(keys) {
				signers := pick(keys, set)
				for _, untouched := range []bool{false, true} {
					for _, reason := range reasons {
						want := contract.Allows(windows, contract.Rest, now, signers, untouched, reason)
						if got := allows(merged, now, signers, untouched, reason); got != want {
							t.Fatalf("at %d, %d signers (%b), untouched %v, reason %q: %v, the windows say "+
								"%v:\n%+v\n%+v",
								now, len(signers), set, untouched, reason, got, want, windows, merged)
						}
						if want {
							allowed++
						} else {
							refused++
						}
					}
				}
			}
		}
	}
	if min(allowed, refused)*5 < max(allowed, refused) {
		t.Errorf("%d allowed, %d refused: too one-sided to tell", allowed, refused)
	}
}

func someWindows(rng *rand.Rand, keys []contract.Address, instants int) (list []contract.Window) {
	for i := range 2 + rng.IntN(4) {
		from := rng.IntN(instants)
		w := contract.Window{Clause: i + 1, Target: contract.Rest, From: contract.Time(from),
			Until: contract.Time(from + 1 + rng.IntN(instants-from)), Untouched: rng.IntN(3) == 0}
		for range 1 + rng.IntN(3) {
			w.Signers = append(w.Signers, pick(keys, 1+rng.IntN(1<<len(keys)-1)))
		}
		if n := rng.IntN(3); n > 0 {
			w.Reasons = []contract.Reason{"DUPL", "FRAD"}[:n]
		}
		list = append(list, w)
	}
	return list
}

func pick(keys []contract.Address, set int) (out []contract.Address) {
	for i, k := range keys {
		if set>>i&1 == 1 {
			out = append(out, k)
		}
	}
	return out
}

func allows(list []power, now contract.Time, signers []contract.Address, untouched bool, reason contract.Reason) bool {
	return slices.ContainsFunc(list, func(p power) bool {
		return (untouched || !p.untouched) && (len(p.reasons) == 0 || slices.Contains(p.reasons, reason)) &&
			slices.ContainsFunc(p.spans, func(s span) bool { return s.from <= now && now < s.until }) &&
			slices.ContainsFunc(p.sets, func(set []contract.Address) bool { return subset(set, signers) })
	})
}

func TestPeopleAreSaidAsWhatTheyAre(t *testing.T) {
	for _, tt := range []struct {
		desc   string
		when   string
		en, zh string
	}{
		{"one", "sender", "the sender", "发的人"},
		{"both", "all(sender,key(bob))", "the sender and bob together", "发的人、bob一起"},
		{"either", "any(sender,key(bob))", "the sender or bob", "发的人或bob"},
		{"any of three", "any(key(bob),key(carol),key(dave))", "any one of bob, carol and dave",
			"bob、carol、dave中任意一人"},
		{"two of three", "2 of (key(bob),key(carol),key(dave))", "any two of bob, carol and dave",
			"bob、carol、dave中任意两人"},
		{"the sender with two of three", "all(sender,2 of (key(bob),key(carol),key(dave)))",
			"the sender together with any two of bob, carol and dave", "发的人加上bob、carol、dave中任意两人"},
		{"two of four but for one pair is not any two of four",
			"any(all(key(bob),any(key(carol),key(dave),key(x1))),all(key(carol),key(dave)),all(key(carol),key(x1)))",
			"certain groups of two or more among bob, carol, dave and A", "bob、carol、dave、甲中某几种搭配(至少两人)"},
		{"one alone, or two others", "any(sender,all(key(bob),key(carol)))", "the sender, or bob and carol together",
			"发的人,或者bob、carol一起"},
		{"two pairs", "any(all(key(bob),key(carol)),all(key(dave),sender))",
			"bob and carol together, or the sender and dave together", "bob、carol一起,或者发的人、dave一起"},
		{"weights", "2 of (key(bob),all(key(carol),key(dave)),key(x1))",
			"bob and A together, or carol and dave together with bob or A", "bob、甲一起,或者carol、dave加上bob或甲"},
	} {
		e := example{total: 100, shares: 1, claim: "link", clauses: []string{"rest when " + tt.when}}
		for l, want := range map[Lang]string{English: tt.en, Chinese: tt.zh} {
			x := newExplainer(l, e.subject(t))
			if got := x.people(x.restPowers()[0].sets); got != want {
				t.Errorf("%s: %q, want %q", tt.desc, got, want)
			}
		}
	}
}

func TestClaimRulesAreSaidAsWhatTheyAre(t *testing.T) {
	for _, tt := range []struct {
		desc   string
		claim  string
		en, zh string
	}{
		{"nested", "all(any(link,always),any(named(bob,carol),never))", "only bob and carol can claim",
			"只有bob、carol可以领"},
		{"the sender cannot claim", "named(alice,bob)", "only bob can claim", "只有bob可以领"},
		{"strangers are counted", "named(x1,bob)", "only the 2 people listed can claim", "只有名单上的2人可以领"},
		{"a list, or the link", "any(named(bob),link)", "bob can claim, and so can anyone with the link",
			"bob可以领,有链接的人也可以领"},
		{"a list, and others with the link", "any(named(bob),all(link,named(carol)))",
			"only bob can claim, and with the link carol", "只有bob可以领,carol凭链接也可以领"},
		{"closes early", "all(link,within(1h))", "until 2026-02-17 13:00:00 UTC, anyone with the link can claim",
			"2026-02-17 13:00:00 UTC前,有链接的人可以领"},
		{"for a while", "all(link,from(2026-02-17T13:00:00Z),before(2026-02-17T14:00:00Z))",
			"from 2026-02-17 13:00:00 UTC until 2026-02-17 14:00:00 UTC, anyone with the link can claim",
			"2026-02-17 13:00:00 UTC到2026-02-17 14:00:00 UTC之间,有链接的人可以领"},
		{"different at every hour",
			"any(all(named(bob),within(1h)),all(named(carol),after(1h),within(2h)),all(link,after(3h)))",
			"bob and carol can claim, and so can anyone with the link, though not each of them all the time",
			"bob、carol可以领,有链接的人也可以领,但各有各的时段"},
	} {
		e := example{total: 700, shares: 7, claim: tt.claim}
		for l, want := range map[Lang]string{English: tt.en, Chinese: tt.zh} {
			if got, _ := newExplainer(l, e.subject(t)).claimers(); got != want {
				t.Errorf("%s: %q, want %q", tt.desc, got, want)
			}
		}
	}
}
