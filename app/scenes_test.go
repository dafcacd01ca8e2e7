package app

import (
	"cmp"
	"strings"
	"testing"

	"hongbao/contract"
)

// terms are the scene's template with the case's numbers in it.
func (c *sceneCase) terms(t testing.TB) contract.Terms {
	t.Helper()
	s, err := contract.SceneNamed(c.name)
	if err != nil {
		t.Fatal(err)
	}
	clauses, err := s.ClausesFor(addresses(c.roles))
	if err != nil {
		t.Fatal(err)
	}
	return terms(c.shares, c.each, func(tm *contract.Terms) {
		tm.Scene, tm.Clauses, tm.Hold, tm.Expiry = c.name, clauses, s.Hold, s.Expiry
		tm.Split = cmp.Or(s.Split, tm.Split)
		if len(c.claimers) > 0 {
			tm.Claim.Cond = contract.Named{Claimers: addresses(c.claimers)}
		}
	})
}

// sceneTerms are the named scene's, in its case's numbers.
func sceneTerms(t testing.TB, name string) contract.Terms {
	t.Helper()
	for _, c := range sceneCases() {
		if c.name == name {
			return c.terms(t)
		}
	}
	t.Fatalf("scene %s has no test", name)
	return contract.Terms{}
}

func addresses(names []string) (list []contract.Address) {
	for _, n := range names {
		list = append(list, addr(n))
	}
	return list
}

// common rows are true of every scene: claims are taken before expiry, and at
// expiry the money is home.
func (c *sceneCase) common() []sceneRow {
	who, claimed := "bob", "open settled"
	if len(c.claimers) > 0 {
		who = c.claimers[0]
	}
	switch s, _ := contract.SceneNamed(c.name); {
	case s.Hold > 0:
		claimed = "open held"
	case s.Split == contract.Lucky: // until the next block draws it
		claimed = "open reserved"
	}
	if c.shares == 1 {
		claimed = strings.Replace(claimed, "open", "full", 1)
	}
	return []sceneRow{
		{"claimed in the last nanosecond before expiry", []sceneStep{{c.expiry - 1, claims(who), "ok", claimed}}},
		{"not claimed at expiry", []sceneStep{{c.expiry, claims(who), "expired", "expired"}}},
		{"nor after it", []sceneStep{{c.expiry + 1, claims(who), "expired", "expired"}}},
		{"refunded at expiry and not before", []sceneStep{{c.expiry - 1, nil, "", "open"},
			{c.expiry, nil, "", "expired"}}},
		{"not claimed by its sender", []sceneStep{{1, claims("alice"), "sender_claims", "open"}}},
	}
}

// Every scene keeps its promises, and none is
// forgotten.
func TestScenes(t *testing.T) {
	cases := map[string]sceneCase{}
	for _, c := range sceneCases() {
		cases[c.name] = c
	}
	for _, s := range contract.Scenes() {
		c := cases[s.Name]
		if len(c.rows) == 0 {
			t.Errorf("scene %s has no test", s.Name)
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			for _, row := range append(c.common(), c.rows...) {
				t.Run(row.desc, func(t *testing.T) { row.run(t, c.terms(t)) })
			}
		})
		delete(cases, s.Name)
	}
	for name := range cases {
		t.Errorf("scene %s is tested and does not exist", name)
	}
}

func (row *sceneRow) run(t *testing.T, tm contract.Terms) {
	s := newStage(t, tm)
	for _, step := range row.steps {
		s.at(step.at)
		var deeds []deed
		if step.do != nil {
			deeds = []deed{step.do}
		}
		if got := s.play(deeds...); got != step.want {
			t.Errorf("at %s: %s, want %s", step.at, got, step.want)
		}
		if got := s.state(); got != step.state {
			t.Errorf("at %s: %s, want %s", step.at, got, step.state)
		}
		s.books()
	}
}

// What a scene says of amounts and people is part of its name; what it does not
// speak of is free.
func TestSceneShapes(t *testing.T) {
	link := [32]byte(addr("link"))
	for _, row := range []struct {
		scene, desc string
		edit        func(*contract.Terms)
		want        contract.Code
	}{
		{"test-packet", "¥1.00 in one share", func(tm *contract.Terms) { tm.Total, tm.Shares = 100, 1 },
			contract.CodeOK},
		{"test-packet", "¥1.01", func(tm *contract.Terms) { tm.Total, tm.Shares = 101, 1 }, contract.CodeSceneMismatch},
		{"test-packet", "eleven shares of ten fen", func(tm *contract.Terms) { tm.Total, tm.Shares = 110, 11 },
			contract.CodeSceneMismatch},

		{"transfer-72h", "two shares for one", func(tm *contract.Terms) { tm.Shares = 2 }, contract.CodeSceneMismatch},
		{"transfer-72h", "open to all", openToAll, contract.CodeSceneMismatch},
		{"transfer-72h", "two claimers", forNamed("bob", "carol"), contract.CodeSceneMismatch},
		{"transfer-72h", "another claimer", forNamed("dave"), contract.CodeOK},
		{"delayed", "open to all", openToAll, contract.CodeSceneMismatch},
		{"delayed", "one claimer or anybody", forNamedOrAny("bob"), contract.CodeSceneMismatch},
		{"delayed", "it opens an hour later", later(forNamed("carol")), contract.CodeOK},
		{"voucher", "for everybody with a link", func(tm *contract.Terms) {
			tm.Claim.Cond, tm.LinkKey = contract.Link{},
				&link
		}, contract.CodeSceneMismatch},
		{"voucher", "two shares", func(tm *contract.Terms) { tm.Shares = 2 }, contract.CodeSceneMismatch},

		{"enterprise", "a name more than shares", forNamed("bob", "carol", "dave", "grace"),
			contract.CodeSceneMismatch},
		{"enterprise", "a name fewer", forNamed("bob", "carol"), contract.CodeSceneMismatch},
		{"enterprise", "open to all", openToAll, contract.CodeSceneMismatch},
		{"enterprise", "it opens an hour later", later(forNamed("bob", "carol", "dave")), contract.CodeOK},
		{"enterprise", "the sender is finance", roleTo("judge a", "alice"), contract.CodeSceneMismatch},
		{"enterprise", "one person is finance and hr", roleTo("judge a", "judge b"), contract.CodeDuplicateKey},
		{"enterprise", "another person is finance", roleTo("judge a", "grace"), contract.CodeOK},
		{"enterprise", "a staff of a million", toList(contract.MaxListed), contract.CodeOK},
		{"enterprise", "a staff of a million, an hour later", later(toList(contract.MaxListed)), contract.CodeOK},
		{"coupon", "a list of a million", toList(contract.MaxListed), contract.CodeOK},
		{"coupon", "a public campaign of a million", func(tm *contract.Terms) {
			tm.Shares, tm.Total = contract.MaxListed, contract.MaxListed
		}, contract.CodeOK},
		{"rain", "a million shares", func(tm *contract.Terms) {
			tm.Shares, tm.Total = contract.MaxListed, contract.MaxListed
		}, contract.CodeOK},
		{"rain", "a list", toList(100), contract.CodeSceneMismatch},
		{"rain", "for two", forNamed("bob", "carol"), contract.CodeSceneMismatch},
		{"rain", "equal shares", func(tm *contract.Terms) { tm.Split = contract.Equal }, contract.CodeSceneMismatch},
		{"rain", "it opens a minute later", func(tm *contract.Terms) {
			tm.Claim.Cond = contract.From{At: contract.TimeOf(testStart).Plus(60)}
		}, contract.CodeOK},
		{"stranger", "the sender is an arbiter", roleTo("judge c", "alice"), contract.CodeSceneMismatch},
		{"stranger", "for one named stranger", func(tm *contract.Terms) { tm.Shares = 1; forNamed("bob")(tm) },
			contract.CodeOK},

		{"wechat", "by link, with a memo", func(tm *contract.Terms) {
			memo := contract.MemoHash([16]byte{1}, "恭喜发财")
			tm.Claim.Cond, tm.LinkKey, tm.Memo = contract.Link{}, &link, &memo
		}, contract.CodeOK},
		{"qq", "a hundred shares", func(tm *contract.Terms) { tm.Total, tm.Shares = 10000, 100 }, contract.CodeOK},
		{"friends", "for one friend, from midnight on", later(forNamed("bob")), contract.CodeOK},
	} {
		t.Run(row.scene+": "+row.desc, func(t *testing.T) {
			tm := sceneTerms(t, row.scene)
			row.edit(&tm)
			s := newStageWith(t, contract.DefaultParams(), people...)
			if got := s.Block(s.Tx("alice", &contract.Send{Terms: tm}))[0]; got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
			s.books()
		})
	}
}

// toList makes a packet one to a list of so many entries.
func toList(count uint32) func(*contract.Terms) {
	return func(tm *contract.Terms) {
		tm.Shares, tm.Total, tm.Split = count, contract.Amount(count), contract.ByList
		tm.Claim.Cond = contract.Listed{Root: contract.Hash{7}}
	}
}

func openToAll(tm *contract.Terms) { tm.Claim.Cond = contract.Always{} }

func forNamed(names ...string) func(*contract.Terms) {
	return func(tm *contract.Terms) { tm.Claim.Cond = contract.Named{Claimers: addresses(names)} }
}

func forNamedOrAny(name string) func(*contract.Terms) {
	return func(tm *contract.Terms) {
		tm.Claim.Cond = contract.Any{contract.Named{Claimers: addresses([]string{name})}, contract.After{For: 3600}}
	}
}

// later lets whom the edit names claim from an hour later on.
func later(edit func(*contract.Terms)) func(*contract.Terms) {
	return func(tm *contract.Terms) {
		edit(tm)
		tm.Claim.Cond = contract.All{tm.Claim.Cond, contract.From{At: contract.TimeOf(testStart).Plus(3600)}}
	}
}

// roleTo gives who's role to another.
func roleTo(who, another string) func(*contract.Terms) {
	return func(tm *contract.Terms) {
		for i := range tm.Clauses {
			of := tm.Clauses[i].When.Cond.(contract.Of)
			for j, o := range of.Operands {
				if o == (contract.Key{Address: addr(who)}) {
					of.Operands[j] = contract.Key{Address: addr(another)}
				}
			}
		}
	}
}
