package contract

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// parsed are clauses whose keys are written as names: key(@a) is a's.
func parsed(t testing.TB, list ...string) []Clause {
	t.Helper()
	clauses := []Clause{}
	for _, s := range list {
		for _, name := range []string{"a", "b", "c", "alice", "bob", "carol"} {
			s = strings.ReplaceAll(s, "(@"+name+")", "("+testAddr(name).String()+")")
		}
		c, err := ParseClause(s)
		if err != nil {
			t.Fatal(err)
		}
		clauses = append(clauses, c)
	}
	return clauses
}

// nameSets writes sets of signers as "a+b a+c".
func nameSets(sets [][]Address) string {
	var list []string
	for _, set := range sets {
		var names []string
		for _, a := range set {
			for _, name := range []string{"a", "b", "c", "alice", "bob", "carol"} {
				if a == testAddr(name) {
					names = append(names, name)
				}
			}
		}
		list = append(list, strings.Join(names, "+"))
	}
	return strings.Join(list, " ")
}

// The examples that people ask about.
func TestWindows(t *testing.T) {
	const two = "2 of (key(@a),key(@b),key(@c))"
	for _, row := range []struct {
		desc    string
		clauses []string
		want    []string // clause target from-until signers reasons, in seconds
	}{
		{"none", nil, nil},
		{"2 of 3", []string{"rest when " + two + " for DUPL,AM09"}, []string{"1 rest 0-3600 a+b a+c b+c DUPL,AM09"}},
		{"2 of 3 or the sender", []string{"rest when any(sender," + two + ")"},
			[]string{"1 rest 0-3600 alice a+b a+c b+c"}},
		{"a set that holds a smaller one", []string{"rest when any(key(@a),all(key(@a),key(@b)))"},
			[]string{"1 rest 0-3600 a"}},
		{"any in all", []string{"rest when all(sender,any(key(@a),key(@b)))"},
			[]string{"1 rest 0-3600 alice+a alice+b"}},
		{"two minutes", []string{"2m"}, []string{"1 rest 0-120 alice"}},
		{"a window that opens later", []string{"rest when all(sender,after(10m),within(20m))"},
			[]string{"1 rest 600-1200 alice"}},
		{"a moment of the clock", []string{"rest when all(sender,before(2026-02-17T12:01:00Z))"},
			[]string{"1 rest 0-60 alice"}},
		{"two windows", []string{"rest when all(sender,any(within(1m),all(after(5m),within(6m))))"},
			[]string{"1 rest 0-60 alice", "1 rest 300-360 alice"}},
		{"fewer signers later", []string{"rest when any(all(sender,after(10m)),all(sender,key(@a)))"},
			[]string{"1 rest 0-600 alice+a", "1 rest 600-3600 alice"}},
		{"the same signers either side of a breakpoint", []string{"rest when all(sender,any(within(1m),after(1m)))"},
			[]string{"1 rest 0-3600 alice"}},
		{"while untouched", []string{"rest when all(sender,untouched,within(2m))"},
			[]string{"1 rest 0-120 alice untouched"}},
		{"with less while untouched", []string{"rest when any(all(sender,key(@a)),all(sender,untouched))"},
			[]string{"1 rest 0-3600 alice+a", "1 rest 0-3600 alice untouched"}},
		{"another while untouched", []string{"rest when any(key(@a),all(untouched,key(@b)))"},
			[]string{"1 rest 0-3600 a", "1 rest 0-3600 b untouched"}},
		{"clipped at settlement", []string{"share when key(@a)"}, []string{"1 share 100-700 a"}},
		{"counted from the claim", []string{"share when all(key(@a),within(1m))"}, []string{"1 share 100-160 a"}},
		{"opens in the hold", []string{"share when all(key(@a),after(599s))"}, []string{"1 share 699-700 a"}},
		{"clause by clause", []string{"share when sender for FRAD", "2m"}, []string{"1 share 100-700 alice FRAD",
			"2 rest 0-120 alice"}},
	} {
		terms := goodTerms(func(tm *Terms) { tm.Clauses, tm.Hold = parsed(t, row.clauses...), 600 })
		alice := testAddr("alice")
		if err := CheckTerms(&terms, alice, noon); err != nil {
			t.Errorf("%s: %v", row.desc, err)
			continue
		}
		var got []string
		for _, w := range Windows(terms.Clauses, alice, &terms, noon, at(100)) {
			s := fmt.Sprintf("%d %s %d-%d %s", w.Clause, w.Target, (w.From-noon)/1e9, (w.Until-noon)/1e9,
				nameSets(w.Signers))
			if w.Untouched {
				s += " untouched"
			}
			for i, r := range w.Reasons {
				s += []string{" ", ","}[min(i, 1)] + string(r)
			}
			got = append(got, s)
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", row.desc, got, row.want)
		}
	}
}

// minimalSets are the sets that suffice while nothing less does, smallest
// first, against the definition.
func TestMinimalSets(t *testing.T) {
	keys := people[:4]
	rapid.Check(t, func(rt *rapid.T) {
		var tb table // the sets above some sets: monotone
		above := rapid.SliceOfN(rapid.IntRange(0, 15), 0, 4).Draw(rt, "above")
		for set := range 16 {
			if slices.ContainsFunc(above, func(low int) bool { return set&low == low }) {
				tb[0] |= 1 << set
			}
		}
		var want []string
		for set := range 16 {
			minimal := tb.has(set)
			for low := range set {
				minimal = minimal && !(set&low == low && tb.has(low))
			}
			if minimal {
				want = append(want, fmt.Sprint(setOf(set, keys)))
			}
		}
		var got []string
		size := 0
		for _, set := range minimalSets(tb, keys) {
			if len(set) < size {
				rt.Fatalf("%v is smaller than one before it", set)
			}
			size = len(set)
			got = append(got, fmt.Sprint(set))
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			rt.Fatalf("above %v: got %v, want %v", above, got, want)
		}
	})
}

// What a claimer is told of a share that she claimed 100 seconds after the send
// and that is held for an hour.
func TestFinality(t *testing.T) {
	const two = "2 of (key(@a),key(@b),key(@c))"
	claimed, settles := at(100), at(100+3600)
	tightened := func(when Seconds, list ...string) Tightening {
		return Tightening{At: at(when), Clauses: parsed(t, list...)}
	}
	for _, row := range []struct {
		desc      string
		clauses   []string
		tightened []Tightening
		state     ShareState
		now       Time
		since     Time   // final since
		until     Time   // or others can until
		by        string // for reasons
	}{
		{"no share clause", []string{"2m"}, nil, Held, claimed, claimed, 0, ""},
		{"no clause at all", nil, nil, Held, claimed, claimed, 0, ""},
		{"2 of 3 for fraud", []string{"share when " + two + " for FRAD"}, nil, Held, claimed, 0, settles,
			"a+b a+c b+c FRAD"},
		{"the last nanosecond", []string{"share when " + two}, nil, Held, settles - 1, 0, settles, "a+b a+c b+c"},
		{"due and not swept", []string{"share when " + two}, nil, Held, settles, settles, 0, ""},
		{"settled", []string{"share when " + two}, nil, Settled, settles + 5, settles, 0, ""},
		{"not drawn yet", []string{"share when " + two}, nil, Reserved, claimed, 0, settles, "a+b a+c b+c"},
		{"not drawn yet, and nobody could", []string{"2m"}, nil, Reserved, claimed, claimed, 0, ""},
		{"a minute in an hour", []string{"share when all(sender,within(1m))"}, nil, Held, at(159), 0, at(160), "alice"},
		{"that minute's last nanosecond", []string{"share when all(sender,within(1m))"}, nil, Held, at(160) - 1, 0,
			at(160), "alice"},
		{"after that minute", []string{"share when all(sender,within(1m))"}, nil, Held, at(160), at(160), 0, ""},
		{"a window that opens later", []string{"share when all(sender,after(5m),within(10m))"}, nil, Held, at(200), 0,
			at(700), "alice"},
		{"after that window", []string{"share when all(sender,after(5m),within(10m))"}, nil, Held, at(700),
			at(700), 0, ""},
		{"only with the claimer", []string{"share when all(sender,key(@carol))"}, nil, Held, claimed, claimed, 0, ""},
		{"with the claimer, or without", []string{"share when any(key(@carol),all(sender,key(@a)))"}, nil, Held,
			claimed, 0, settles, "alice+a"},
		{"2 of 3, the claimer one of them", []string{"share when 2 of (sender,key(@a),key(@carol))"}, nil, Held,
			claimed, 0, settles, "alice+a"},
		{"others first, with the claimer later",
			[]string{"share when any(all(sender,within(1m)),all(sender,key(@carol)))"}, nil, Held, at(160),
			at(160), 0, ""},
		{"the windows that are over are not named", []string{"share when all(key(@a),within(1m)) for FRAD",
			"share when sender for CUST"}, nil, Held, at(160), 0, settles, "alice CUST"},
		{"for any reason beside one", []string{"share when key(@a) for FRAD", "share when sender"}, nil, Held, claimed,
			0, settles, "a alice"},
		{"for the reasons of two clauses", []string{"share when key(@a) for FRAD,DUPL",
			"share when sender for DUPL,CUST"}, nil, Held, claimed, 0, settles, "a alice FRAD,DUPL,CUST"},
		{"renounced", []string{"share when sender"}, []Tightening{tightened(500)}, Held, at(500), at(500), 0, ""},
		{"renounced before the claim", []string{"share when sender"}, []Tightening{tightened(50)}, Held, at(500),
			claimed, 0, ""},
		{"renounced when it was over", []string{"share when all(sender,within(1m))"}, []Tightening{tightened(500)},
			Held, at(500), at(160), 0, ""},
		{"tightened to a minute that was over", []string{"share when sender"},
			[]Tightening{tightened(500, "share when all(sender,within(1m))")}, Held, at(500), at(500), 0, ""},
		{"tightened to ten minutes", []string{"share when sender"},
			[]Tightening{tightened(500, "share when all(sender,within(10m))")}, Held, at(500), 0, at(700), "alice"},
		{"tightened twice", []string{"share when sender"},
			[]Tightening{tightened(300, "share when all(sender,within(10m))"), tightened(500)}, Held, at(600),
			at(500), 0, ""},
		{"renounced after it settled", []string{"share when sender"}, []Tightening{tightened(5000)}, Settled, at(5000),
			settles, 0, ""},
	} {
		terms := goodTerms(func(tm *Terms) { tm.Clauses, tm.Hold = parsed(t, row.clauses...), 3600 })
		alice := testAddr("alice")
		if err := CheckTerms(&terms, alice, noon); err != nil {
			t.Errorf("%s: %v", row.desc, err)
			continue
		}
		p := &Packet{Sender: alice, Terms: terms, Created: noon, Expires: at(3600), Status: Open,
			Tightened: row.tightened,
			Shares:    []Share{{Claimer: testAddr("carol"), Amount: 500, State: row.state, ClaimedAt: claimed}}}
		f := p.Finality(1, row.now)
		by := nameSets(f.By)
		for i, r := range f.Reasons {
			by += []string{" ", ","}[min(i, 1)] + string(r)
		}
		if f.FinalSince != row.since || f.OthersUntil != row.until || by != row.by {
			t.Errorf("%s: final since %s, others until %s by %q; want %s, %s, %q", row.desc, f.FinalSince,
				f.OthersUntil, by, row.since, row.until, row.by)
		}
	}
}
