package contract

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// roleHolders are keys for a scene's roles, in order.
func roleHolders(s *Scene) []Address { return people[1 : 1+len(s.Roles)] }

// sceneTerms equal a scene's template, in whatever it leaves free too.
func sceneTerms(t testing.TB, s *Scene) Terms {
	t.Helper()
	clauses, err := s.ClausesFor(roleHolders(s))
	if err != nil {
		t.Fatal(err)
	}
	tm := goodTerms(func(tm *Terms) {
		tm.Scene, tm.Clauses, tm.Hold, tm.Expiry, tm.Total = s.Name, clauses, s.Hold, s.Expiry, 100
	})
	switch s.Claimers {
	case OneClaimer:
		tm.Shares, tm.Claim = 1, Rule{Named{strangers[:1]}}
	case ListedPeople:
		tm.Claim = Rule{Named{strangers[:2]}}
	case Everyone:
		tm.Claim = Rule{Always{}}
	}
	tm.Split = cmp.Or(s.Split, tm.Split)
	return tm
}

// A scene's name can be trusted: every way of differing from its template is
// refused, and what it leaves free is free.
func TestScenes(t *testing.T) {
	for _, s := range Scenes() {
		fixed, open := s.Claimers == OneClaimer, s.Claimers == Everyone
		named := fixed || s.Claimers == ListedPeople
		sole := strangers[:2]
		if fixed {
			sole = strangers[:1]
		}
		for _, row := range []struct {
			desc string
			when bool // the change is one, in this scene
			edit func(*Terms)
			code Code
		}{
			{"as it is", true, func(*Terms) {}, 0},
			{"a memo", true, func(t *Terms) { t.Memo = &Hash{1} }, 0},
			{"another total", true, func(t *Terms) { t.Total = 50 }, 0},
			{"another total, larger", true, func(t *Terms) { t.Total = 102 }, codeIf(s.MaxTotal != 0)},
			{"a list with amounts", true, func(t *Terms) {
				t.Split, t.Claim = ByList, Rule{All{Listed{Hash{7}}, From{at(60)}}}
			}, codeIf(fixed || open)},
			{"a list of a million", true, func(t *Terms) {
				t.Split, t.Claim, t.Shares, t.Total = ByList, Rule{Listed{Hash{7}}}, MaxListed, MaxListed
			}, codeIf(fixed || open || s.MaxTotal != 0)},
			{"drawn", true, func(t *Terms) { t.Split = Lucky }, 0},
			{"in equal shares", open, func(t *Terms) { t.Split = Equal }, CodeSceneMismatch},
			{"ten thousand shares", !fixed, func(t *Terms) { t.Shares, t.Total = 10_000, 10_000 },
				codeIf(named || s.MaxTotal != 0)},
			{"a list that closes", s.Claimers != AnyClaimers, func(t *Terms) {
				t.Split, t.Claim = ByList, Rule{All{Listed{Hash{7}}, Before{at(60)}}}
			}, CodeSceneMismatch},
			{"four shares", true, func(t *Terms) { t.Shares = 4 }, codeIf(named)},
			{"a link", true, func(t *Terms) { withRule(Link{})(t); withLinkKey(t) }, codeIf(named || open)},
			{"open to all", true, withRule(Always{}), codeIf(named)},
			{"open to all, later", true, withRule(From{at(60)}), codeIf(named)},
			{"open to all, until it closes", true, withRule(Before{at(60)}), codeIf(named || open)},
			{"claimers on a list", true, withRule(Named{sole}), codeIf(open)},
			{"claimers on a list, that opens", true, withRule(All{Named{sole}, From{at(60)}}), codeIf(open)},
			{"claimers on a list, that closes", true, withRule(All{Named{sole}, Before{at(60)}}),
				codeIf(named || open)},
			{"claimers on a list, or a link", true, func(t *Terms) {
				withRule(Any{Named{sole}, Link{}})(t)
				withLinkKey(t)
			}, codeIf(named || open)},
			{"one name more than shares", true, withRule(Named{strangers[:len(sole)+1]}), codeIf(named || open)},
			{"one name less than shares", !fixed, withRule(Named{strangers[:1]}), codeIf(named || open)},
			{"two names and two shares", true, func(t *Terms) { t.Shares = 2; withRule(Named{strangers[:2]})(t) },
				codeIf(fixed || open)},

			{"a longer hold", true, func(t *Terms) { t.Hold++ }, CodeSceneMismatch},
			{"a shorter hold", s.Hold > 0, func(t *Terms) { t.Hold-- }, CodeSceneMismatch},
			{"a longer life", true, func(t *Terms) { t.Expiry++ }, CodeSceneMismatch},
			{"a shorter life", true, func(t *Terms) { t.Expiry-- }, refusedAsScene},
			{"a clause more", true, func(t *Terms) {
				t.Clauses = append(slices.Clone(t.Clauses), Clause{Target: Rest, When: Rule{All{Sender{}, Within{1}}},
					Reasons: []Reason{}})
			}, CodeSceneMismatch},
			{"a clause twice", len(s.Clauses) > 0, func(t *Terms) {
				t.Clauses = append(slices.Clone(t.Clauses), t.Clauses[0])
			}, CodeSceneMismatch},
			{"a clause less", len(s.Clauses) > 0, func(t *Terms) { t.Clauses = t.Clauses[1:] }, CodeSceneMismatch},
			{"its clauses in another order", len(s.Clauses) > 1, func(t *Terms) { slices.Reverse(t.Clauses) },
				CodeSceneMismatch},
			{"another target", len(s.Clauses) > 0, func(t *Terms) { t.Clauses[0].Target = 3 - t.Clauses[0].Target },
				refusedAsScene},
			{"a reason more", len(s.Clauses) > 0, func(t *Terms) {
				t.Clauses[0].Reasons = append(slices.Clone(t.Clauses[0].Reasons), "TECH")
			}, CodeSceneMismatch},
			{"no reasons", len(s.Clauses) > 0 && slices.Contains([]string{"stranger", "enterprise", "coupon"}, s.Name),
				func(t *Terms) { t.Clauses[0].Reasons = []Reason{} }, CodeSceneMismatch},
			{"the same in other words", len(s.Clauses) > 0, func(t *Terms) {
				t.Clauses[0].When = Rule{All{t.Clauses[0].When.Cond}}
			}, CodeSceneMismatch},
			{"a condition more", len(s.Clauses) > 0, func(t *Terms) {
				t.Clauses[0].When = Rule{All{t.Clauses[0].When.Cond, Within{7200}}}
			}, CodeSceneMismatch},
			{"for anybody beside", len(s.Clauses) > 0, func(t *Terms) {
				t.Clauses[0].When = Rule{Any{t.Clauses[0].When.Cond, Key{neutral}}}
			}, CodeSceneMismatch},
			{"the sender as a role", len(s.Roles) > 0, retake(s.Roles, people[0]), CodeSceneMismatch},
			{"the word sender as a role", len(s.Roles) > 0, func(t *Terms) {
				t.Clauses[0].When.Cond.(Of).Operands[0] = Sender{}
			}, CodeSceneMismatch},
			{"one key in two roles", len(s.Roles) > 0, retake(s.Roles, people[2]), CodeDuplicateKey},
			{"another key in a role", len(s.Roles) > 0, retake(s.Roles, neutral), 0},
			{"one of its three must sign", len(s.Roles) > 0, func(t *Terms) {
				t.Clauses[0].When.Cond = Of{1, t.Clauses[0].When.Cond.(Of).Operands}
			}, CodeSceneMismatch},
			{"another scene's name", true, func(t *Terms) { t.Scene = pickOther(&s) }, CodeSceneMismatch},
			{"a name that is none", true, func(t *Terms) { t.Scene += "s" }, CodeUnknownScene},
		} {
			if !row.when {
				continue
			}
			tm := sceneTerms(t, &s)
			row.edit(&tm)
			err := CheckTerms(&tm, people[0], noon)
			if row.code == refusedAsScene {
				// The change may break the terms by themselves: it must break the scene too.
				if scene := tm.checkScene(people[0]); CodeOf(scene) != CodeSceneMismatch || err == nil {
					t.Errorf("%s, %s: %v, and as a scene %v", s.Name, row.desc, err, scene)
				}
				continue
			}
			if CodeOf(err) != row.code {
				t.Errorf("%s, %s: %s (%v), want %s", s.Name, row.desc, CodeOf(err), err, row.code)
			}
			// Without the name nothing is wrong with them.
			if tm.Scene = ""; row.code == CodeSceneMismatch {
				if err := CheckTerms(&tm, people[0], noon); err != nil {
					t.Errorf("%s, %s: a test that proves nothing: %v", s.Name, row.desc, err)
				}
			}
		}
	}
}

// refusedAsScene stands for a refusal whose first cause is not the scene.
const refusedAsScene = Code(1 << 31)

func codeIf(mismatch bool) Code {
	if mismatch {
		return CodeSceneMismatch
	}
	return CodeOK
}

// retake gives the scene's first role to another.
func retake(roles []string, to Address) func(*Terms) {
	return func(t *Terms) { t.Clauses[0].When.Cond.(Of).Operands[0] = Key{to} }
}

// pickOther is the name of a scene with other terms: some systems differ in
// their name alone.
func pickOther(s *Scene) string {
	if len(s.Roles) == 0 && s.Name != "coupon" {
		return "coupon"
	}
	return "alipay"
}

// A change of any of a scene's clauses, to whatever may stand there, is noticed.
func TestScenesNoticeAnyClause(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := rapid.SampledFrom(Scenes()).Draw(rt, "scene")
		if len(s.Clauses) == 0 {
			rt.Skip("no clause to change")
		}
		tm := sceneTerms(t, &s)
		i := rapid.IntRange(0, len(tm.Clauses)-1).Draw(rt, "clause")
		was := Print(tm.Clauses[i].When.Cond)
		tm.Clauses[i].When.Cond = genCond(3).Draw(rt, "condition")
		if got := CodeOf(tm.checkScene(people[0])); (got == CodeOK) != (Print(tm.Clauses[i].When.Cond) == was) {
			rt.Fatalf("%s: %s in the place of %s: %s", s.Name, Print(tm.Clauses[i].When.Cond), was, got)
		}
	})
}

// Every scene can be found by its name, wants as many keys as it has roles, and
// what it is made of parses to what it prints.
func TestSceneTemplates(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Scenes() {
		found, err := SceneNamed(s.Name)
		if err != nil || found.Name != s.Name || seen[s.Name] {
			t.Errorf("%s: %v, or it is there twice", s.Name, err)
		}
		seen[s.Name] = true
		for n := range len(s.Roles) + 2 {
			clauses, err := s.ClausesFor(people[1 : 1+n])
			if (err == nil) != (n == len(s.Roles)) || err != nil && CodeOf(err) != CodeSceneMismatch {
				t.Errorf("%s with %d keys: %v", s.Name, n, err)
			}
			if err == nil && (len(clauses) != len(s.Clauses) || !slices.Equal(roleKeys(clauses), people[1:1+n])) {
				t.Errorf("%s: roles are %v", s.Name, roleKeys(clauses))
			}
		}
	}
	for _, name := range []string{"wechat", "alipay", "qq", "douyin-live", "transfer-72h", "delayed",
		"friends", "workgroup",
		"stranger", "test-packet", "enterprise", "coupon", "voucher", "rain"} {
		if !seen[name] {
			t.Errorf("%s: is not there", name)
		}
		delete(seen, name)
	}
	if len(seen) > 0 {
		t.Errorf("%v: docs/format.md does not list them", seen)
	}
	for _, name := range []string{"", "WeChat", "wechat ", "picnic"} {
		if _, err := SceneNamed(name); CodeOf(err) != CodeUnknownScene {
			t.Errorf("%q: %v", name, err)
		}
	}
}
