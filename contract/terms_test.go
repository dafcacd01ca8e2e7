package contract

import (
	"slices"
	"testing"
	"time"
)

// goodTerms are ¥10.00 in 2 shares for an hour, open to any claimer, with two
// minutes for the sender to take back the rest, changed by edits.
func goodTerms(edits ...func(*Terms)) Terms {
	t := Terms{
		Total: 1000, Shares: 2, Split: Equal, Claim: Rule{Always{}}, Expiry: 3600,
		Clauses: []Clause{{Target: Rest, When: Rule{All{Sender{}, Within{120}}}, Reasons: []Reason{}}},
	}
	for _, e := range edits {
		e(&t)
	}
	return t
}

func withClause(c Cond, reasons ...Reason) func(*Terms) {
	return func(t *Terms) { t.Clauses = []Clause{{Target: Rest, When: Rule{c}, Reasons: reasons}} }
}

func withRule(c Cond) func(*Terms) { return func(t *Terms) { t.Claim = Rule{c} } }

func withLinkKey(t *Terms) {
	k := [32]byte(testAddr("link"))
	t.LinkKey = &k
}

// manyKeys are clauses that ask for n different accounts, at most 7 in each.
func manyKeys(n int) func(*Terms) {
	return func(t *Terms) {
		t.Clauses = nil
		for n > 0 {
			var c Any
			for ; n > 0 && len(c) < 7; n-- {
				c = append(c, Key{testAddr(string(rune('a' + n)))})
			}
			t.Clauses = append(t.Clauses, Clause{Target: Rest, When: Rule{c}})
		}
	}
}

func TestTerms(t *testing.T) {
	alice, bob, carol := testAddr("alice"), testAddr("bob"), testAddr("carol")
	hour := at(3600)
	for _, row := range []struct {
		desc string
		edit func(*Terms)
		code Code
	}{
		{"good terms", func(*Terms) {}, 0},
		{"no clause", func(t *Terms) { t.Clauses = nil }, 0},
		{"one fen", func(t *Terms) { t.Total, t.Shares = 1, 1 }, 0},
		{"all the money there could be", func(t *Terms) { t.Total, t.Shares = MaxAmount, 1 }, 0},
		{"a fen more", func(t *Terms) { t.Total, t.Shares = MaxAmount+1, 1 }, CodeBadAmount},
		{"no money", func(t *Terms) { t.Total = 0 }, CodeBadAmount},
		{"100 shares of a fen", func(t *Terms) { t.Total, t.Shares = 100, 100 }, 0},
		{"1,000,001 shares", func(t *Terms) { t.Total, t.Shares = 1_000_001, 1_000_001 }, CodeBadShares},
		{"no shares", func(t *Terms) { t.Shares = 0 }, CodeBadShares},
		{"more shares than fen", func(t *Terms) { t.Total, t.Shares = 1, 2 }, CodeTooManyShares},
		{"uneven split", func(t *Terms) { t.Shares = 3 }, CodeUnevenSplit},
		{"lucky split", func(t *Terms) { t.Split = Lucky }, 0},
		{"lucky split that would not divide", func(t *Terms) { t.Split, t.Shares = Lucky, 3 }, 0},
		{"split of no kind", func(t *Terms) { t.Split = 0 }, CodeBadTerms},
		{"hold", func(t *Terms) { t.Hold = 1 }, 0},
		{"hold of a year", func(t *Terms) { t.Hold = MaxDuration }, 0},
		{"hold of a second longer", func(t *Terms) { t.Hold = MaxDuration + 1 }, CodeBadTerms},
		{"scene that these are not", func(t *Terms) { t.Scene = "friends" }, CodeSceneMismatch},
		{"scene that is none", func(t *Terms) { t.Scene = "picnic" }, CodeUnknownScene},
		{"expiry of nothing", func(t *Terms) { t.Expiry = 0 }, CodeBadTerms},
		{"expiry of a second", func(t *Terms) { t.Expiry, t.Clauses = 1, nil }, 0},
		{"expiry of a year", func(t *Terms) { t.Expiry = MaxDuration }, 0},
		{"expiry of a second longer", func(t *Terms) { t.Expiry = MaxDuration + 1 }, CodeBadTerms},
		{"five clauses", func(t *Terms) { t.Clauses = slices.Repeat(t.Clauses, 5) }, CodeBadTerms},
		{"four clauses", func(t *Terms) { t.Clauses = slices.Repeat(t.Clauses, 4) }, 0},

		{"link rule and link key", func(t *Terms) { withRule(Link{})(t); withLinkKey(t) }, 0},
		{"link rule without a key", withRule(Link{}), CodeBadTerms},
		{"link deep in the rule without a key", withRule(Any{All{Always{}, Link{}}, Within{5}}), CodeBadTerms},
		{"link key without a link rule", withLinkKey, CodeBadTerms},
		{"link key that is none", func(t *Terms) { withRule(Link{})(t); t.LinkKey = new([32]byte) }, CodeBadTerms},
		{"named", withRule(Named{[]Address{bob}}), 0},
		{"named, the sender among others", withRule(Named{[]Address{alice, bob}}), 0},
		{"named, the sender alone", withRule(Named{[]Address{alice}}), CodeClaimNeverTrue},
		{"on two lists that share nobody", withRule(All{Named{[]Address{bob}}, Named{[]Address{carol}}}),
			CodeClaimNeverTrue},
		{"on two lists that share the sender",
			withRule(All{Named{[]Address{bob, alice}}, Named{[]Address{carol, alice}}}), CodeClaimNeverTrue},
		{"on two lists that share somebody",
			withRule(All{Named{[]Address{bob, carol}}, Named{[]Address{carol, alice}}}), 0},
		{"never", withRule(Never{}), CodeClaimNeverTrue},
		{"within nothing", withRule(Within{0}), CodeClaimNeverTrue},
		{"from the last second on", withRule(After{3599}), 0},
		{"from expiry on", withRule(After{3600}), CodeClaimNeverTrue},
		{"until a moment past", withRule(Before{noon}), CodeClaimNeverTrue},
		{"until the next second", withRule(Before{at(1)}), 0},
		{"from expiry on, by the clock", withRule(From{hour}), CodeClaimNeverTrue},
		{"from before expiry", withRule(From{hour - Time(time.Second)}), 0},
		{"a window that opens after it closed", withRule(All{After{60}, Within{60}}), CodeClaimNeverTrue},
		{"a window of a second", withRule(All{After{60}, Within{61}}), 0},
		{"sender in the rule", withRule(Sender{}), CodeConditionMisplaced},
		{"untouched in the rule", withRule(Untouched{}), CodeConditionMisplaced},

		{"share clause without a hold", func(t *Terms) { t.Clauses[0].Target = HeldShares }, CodeClauseNeverTrue},
		{"share clause", func(t *Terms) { t.Clauses[0].Target, t.Hold = HeldShares, 120 }, 0},
		{"share clause that outlives the hold", func(t *Terms) { t.Clauses[0].Target, t.Hold = HeldShares, 119 },
			CodeClauseOutlives},
		{"clause on nothing", func(t *Terms) { t.Clauses[0].Target = 0 }, CodeBadTerms},
		{"clause on something new", func(t *Terms) { t.Clauses[0].Target = 3 }, CodeBadTerms},
		{"every reason", withClause(Sender{}, "DUPL", "AM09", "AC03", "FRAD", "CUST", "TECH"), 0},
		{"a reason too many", withClause(Sender{}, "DUPL", "AM09", "AC03", "FRAD", "CUST", "TECH", "DUPL"),
			CodeBadTerms},
		{"a reason twice", withClause(Sender{}, "DUPL", "DUPL"), CodeBadTerms},
		{"a reason nobody knows", withClause(Sender{}, "LOVE"), CodeUnknownReason},
		{"a reason as a word", withClause(Sender{}, "duplicate"), CodeUnknownReason},
		{"a reason that is empty", withClause(Sender{}, ""), CodeUnknownReason},
		{"signed by nobody", withClause(Always{}), CodeUnsignedClause},
		{"signed by nobody, at some time", withClause(Any{Sender{}, After{60}}), CodeUnsignedClause},
		{"signed by nobody, while untouched", withClause(Any{Sender{}, Untouched{}}), CodeUnsignedClause},
		{"signed by nobody, through k of", withClause(Of{2, []Cond{Sender{}, Untouched{}, Within{60}}}),
			CodeUnsignedClause},
		{"signed by nobody, after expiry", withClause(Any{Sender{}, After{7200}}), CodeUnsignedClause},
		{"can never be true", withClause(All{Sender{}, Never{}}), CodeClauseNeverTrue},
		{"never", withClause(Never{}), CodeClauseNeverTrue},
		{"window that is empty", withClause(All{Sender{}, After{60}, Within{60}}), CodeClauseNeverTrue},
		{"window in the past", withClause(All{Sender{}, Before{noon}}), CodeClauseNeverTrue},
		{"begins at expiry", withClause(All{Sender{}, After{3600}}), CodeClauseNeverTrue},
		{"begins a second before expiry", withClause(All{Sender{}, After{3599}}), 0},
		{"ends at expiry", withClause(All{Sender{}, Within{3600}}), 0},
		{"ends a second after expiry", withClause(All{Sender{}, Within{3601}}), CodeClauseOutlives},
		{"ends at expiry, by the clock", withClause(All{Sender{}, Before{hour}}), 0},
		{"ends after expiry, by the clock", withClause(All{Sender{}, Before{at(3601)}}), CodeClauseOutlives},
		{"states no end", withClause(Sender{}), 0},
		{"one window ends, another does not", withClause(Any{All{Sender{}, Within{60}}, All{Sender{}, After{120}}}), 0},
		{"the second window outlives",
			withClause(Any{All{Sender{}, Within{60}}, All{Sender{}, After{120}, Within{3601}}}), CodeClauseOutlives},
		{"8 keys", manyKeys(8), 0},
		{"9 keys", manyKeys(9), CodeTooManyKeys},
		{"8 keys and the sender", func(t *Terms) {
			manyKeys(8)(t)
			t.Clauses = append(t.Clauses, goodTerms().Clauses...)
		}, CodeTooManyKeys},
		{"the sender by her key", func(t *Terms) {
			manyKeys(7)(t)
			t.Clauses = append(t.Clauses, goodTerms().Clauses[0], Clause{Target: Rest, When: Rule{Key{alice}}})
		}, 0},
		{"link in a clause", withClause(All{Sender{}, Link{}}), CodeConditionMisplaced},
		{"one key twice in a k of", withClause(Of{2, []Cond{Key{bob}, Key{bob}}}), CodeDuplicateKey},
	} {
		tm := goodTerms(row.edit)
		if err := CheckTerms(&tm, alice, noon); CodeOf(err) != row.code {
			t.Errorf("%s: %s (%v), want %s", row.desc, CodeOf(err), err, row.code)
		}
	}
}

func TestParseClause(t *testing.T) {
	for _, row := range []struct {
		desc, in, prints string
		code             Code
	}{
		{"a length", "2m", "rest when all(sender,within(2m))", 0},
		{"in full", "rest when all(sender,within(24h)) for DUPL,AM09",
			"rest when all(sender,within(24h)) for DUPL,AM09", 0},
		{"reasons as words", "rest when sender for duplicate, wrong-amount", "rest when sender for DUPL,AM09", 0},
		{"on shares", "share when sender", "share when sender", 0},
		{"space around", "  rest when sender ", "rest when sender", 0},
		{"empty", "", "", CodeBadCondition},
		{"no target", "sender", "", CodeBadCondition},
		{"another target", "all when sender", "", CodeBadCondition},
		{"no condition", "rest when ", "", CodeBadCondition},
		{"garbled condition", "rest when all(", "", CodeBadCondition},
		{"no reason after for", "rest when sender for ", "", CodeBadCondition},
		{"a reason nobody knows", "rest when sender for love", "", CodeUnknownReason},
		{"too long a length", "400d", "", CodeBadCondition},
	} {
		c, err := ParseClause(row.in)
		if CodeOf(err) != row.code {
			t.Errorf("%s: %v, want %s", row.desc, err, row.code)
		}
		if err == nil && c.String() != row.prints {
			t.Errorf("%s: prints %q", row.desc, c)
		}
	}
}

// RecallableUntil agrees with trying every instant around the boundaries.
func TestRecallableUntil(t *testing.T) {
	alice, bob := testAddr("alice"), testAddr("bob")
	for _, row := range []struct {
		desc   string
		edit   func(*Terms)
		shares int
		status Status
		want   Time
	}{
		{"two minutes", func(*Terms) {}, 0, Open, at(120)},
		{"no clause", func(t *Terms) { t.Clauses = nil }, 0, Open, 0},
		{"no stated end: until expiry", withClause(Sender{}), 0, Open, at(3600)},
		{"while untouched", withClause(All{Sender{}, Untouched{}}), 0, Open, at(3600)},
		{"untouched no more", withClause(All{Sender{}, Untouched{}}), 1, Open, 0},
		{"the later of two clauses", func(t *Terms) {
			t.Clauses = append(t.Clauses, Clause{Target: Rest, When: Rule{All{Key{bob}, Within{600}}}})
		}, 1, Open, at(600)},
		{"closed", func(*Terms) {}, 2, Full, 0},
	} {
		tm := goodTerms(row.edit)
		p := &Packet{Sender: alice, Terms: tm, Created: noon, Expires: noon.Plus(tm.Expiry), Status: row.status,
			Shares: make([]Share, row.shares)}
		if got := p.RecallableUntil(); got != row.want {
			t.Errorf("%s: until %v, want %v", row.desc, got, row.want)
		}
	}
}

func TestReasons(t *testing.T) {
	for _, r := range reasons {
		for _, s := range []string{r.word, string(r.code)} {
			if got, err := ParseReason(s); err != nil || got != r.code {
				t.Errorf("%q is %q, %v", s, got, err)
			}
		}
		if r.code.Word() != r.word {
			t.Errorf("%s reads %q", r.code, r.code.Word())
		}
	}
	if _, err := ParseReason("love"); CodeOf(err) != CodeUnknownReason {
		t.Errorf("love: %v", err)
	}
}

// Codes and their names are one to one and never change their place.
func TestCodes(t *testing.T) {
	if len(codeNames) != int(CodeEntryClaimed)+1 || CodeEntryClaimed.String() != "entry_claimed" ||
		CodeBadUpgrade.String() != "bad_upgrade" || CodeNoRoom.String() != "no_room" ||
		CodeBadWarp.String() != "bad_warp" ||
		CodeDueFull.String() != "due_full" || CodeTooManyWindows.String() != "too_many_windows" ||
		CodeSceneMismatch.String() != "scene_mismatch" || CodeNotSender.String() != "not_sender" ||
		CodeOK.String() != "ok" || CodeBadGenesis.String() != "bad_genesis" ||
		CodeFull.String() != "full" || CodeUnsignedClause.String() != "unsigned_clause" ||
		CodeBlockFull.String() != "block_full" {
		t.Error("code names are out of step with the codes")
	}
	seen := map[string]bool{}
	for _, c := range Codes() {
		if seen[c.String()] {
			t.Errorf("%s names two codes", c)
		}
		seen[c.String()] = true
	}
	if got := Code(999).String(); got != "code_999" {
		t.Errorf("an unknown code reads %q", got)
	}
}
