package contract

import "testing"

// The most that clauses may be, and one more of each.
func TestBoundsOfClauses(t *testing.T) {
	windows := func(counts ...int) func(*Terms) {
		return func(tm *Terms) {
			tm.Clauses, tm.Hold = nil, 600
			for i, n := range counts {
				c := All{Sender{}}
				for j := range n {
					c = append(c, Within{Seconds(10 + j)})
				}
				tm.Clauses = append(tm.Clauses, Clause{Target: Target(1 + i%2), When: Rule{c}, Reasons: []Reason{}})
			}
		}
	}
	// bytes pads four clauses of 14 keys each until they take n bytes together.
	bytes := func(n int) func(*Terms) {
		return func(tm *Terms) {
			tm.Clauses = nil
			keys := Any{}
			for i := range 14 {
				keys = append(keys, Key{people[1+i%4]})
			}
			for range 4 {
				tm.Clauses = append(tm.Clauses, Clause{Target: Rest, When: Rule{All{keys}}, Reasons: []Reason{}})
			}
			pad := func(atom Cond, i int) {
				tm.Clauses[i].When.Cond = append(tm.Clauses[i].When.Cond.(All), atom)
			}
			for len(Encode(tm.Clauses))%7 != n%7 {
				pad(Within{10}, 0) // 12 letters, with a comma: 5 more than a multiple of 7
			}
			for i := 0; len(Encode(tm.Clauses)) < n; i++ {
				pad(Always{}, i%4) // 7 letters, with a comma
			}
		}
	}
	for _, row := range []struct {
		desc string
		edit func(*Terms)
		code Code
	}{
		{"16 times in one clause", windows(16), 0},
		{"17 times in one clause", windows(17), CodeTooManyWindows},
		{"16 times in two clauses, one for each target", windows(8, 8), 0},
		{"17 times in two clauses", windows(8, 9), CodeTooManyWindows},
		{"16 times in four clauses", windows(4, 4, 4, 4), 0},
		{"17 times in four clauses", windows(4, 4, 4, 5), CodeTooManyWindows},
		{"as many bytes as there may be", bytes(maxClauseBytes), 0},
		{"a byte more", bytes(maxClauseBytes + 1), CodeConditionTooLarge},
		{"8 keys across clauses on both targets", keysAcross(4, 4), 0},
		{"9 keys across clauses on both targets", keysAcross(4, 5), CodeTooManyKeys},
		{"a claim rule of 16 times", withRule(anyOf(Within{600}, 16)), 0},
		{"a claim rule of 17 times", withRule(anyOf(Within{600}, 17)), CodeTooManyWindows},

		{"a share clause, and no hold", share(0, Sender{}), CodeClauseNeverTrue},
		{"a share clause that begins at settlement", share(600, All{Sender{}, After{600}}), CodeClauseNeverTrue},
		{"a share clause that begins a second before", share(600, All{Sender{}, After{599}}), 0},
		{"a share clause that ends at settlement", share(600, All{Sender{}, Within{600}}), 0},
		{"a share clause that ends a second later", share(600, All{Sender{}, Within{601}}), CodeClauseOutlives},
		{"a share clause whose second window ends later",
			share(600, All{Sender{}, Any{Within{60}, All{After{120}, Within{601}}}}), CodeClauseOutlives},
		{"a share clause with an empty window", share(600, All{Sender{}, After{60}, Within{60}}), CodeClauseNeverTrue},
		{"a share clause by the clock", share(600, All{Sender{}, Before{at(60)}}), CodeConditionMisplaced},
		{"a share clause that asks whether it is untouched", share(600, All{Sender{}, Untouched{}}),
			CodeConditionMisplaced},
		{"a share clause without a signature", share(600, After{60}), CodeUnsignedClause},
		{"a hold longer than the packet is open", share(7200, All{Sender{}, Within{7200}}), 0},
	} {
		tm := goodTerms(row.edit)
		if err := CheckTerms(&tm, testAddr("alice"), noon); CodeOf(err) != row.code {
			t.Errorf("%s: %s (%v), want %s", row.desc, CodeOf(err), err, row.code)
		}
	}
}

func share(hold Seconds, c Cond) func(*Terms) {
	return func(t *Terms) {
		t.Hold = hold
		t.Clauses = []Clause{{Target: HeldShares, When: Rule{c}, Reasons: []Reason{}}}
	}
}

func anyOf(c Cond, n int) (list Any) {
	for range n {
		list = append(list, c)
	}
	return list
}

// keysAcross are a clause on the rest and one on shares that name so many keys,
// none of them in both.
func keysAcross(rest, held int) func(*Terms) {
	return func(t *Terms) {
		t.Hold, t.Clauses = 600, nil
		for i, list := range [][]Address{people[:rest], append([]Address{neutral}, people[rest:rest+held-1]...)} {
			var c Any
			for _, a := range list {
				c = append(c, Key{a})
			}
			t.Clauses = append(t.Clauses, Clause{Target: Target(i + 1), When: Rule{c}, Reasons: []Reason{}})
		}
	}
}
