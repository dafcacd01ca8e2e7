package app

import (
	"strings"
	"testing"
	"time"

	"hongbao/contract"
)

// sceneCase is what the founding document, or we in its stead, promise of a
// scene, in the scene's own numbers, and what comes of it instant by instant.
type sceneCase struct {
	name     string
	shares   uint32
	each     contract.Amount
	claimers []string // named ones; none = open to all
	roles    []string // who holds the scene's roles
	expiry   time.Duration
	rows     []sceneRow
}

// sceneRow is what happens to one packet of a scene.
type sceneRow struct {
	desc  string
	steps []sceneStep
}

// sceneStep is a block with at most one tx, so long after the send.
type sceneStep struct {
	at    time.Duration
	do    deed   // nil: nobody does anything
	want  string // what becomes of it
	state string // of the packet after the block
}

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

func sceneCases() []sceneCase {
	const (
		minute = time.Minute
		hour   = time.Hour
		ns     = time.Nanosecond
	)
	return []sceneCase{
		{name: "wechat", shares: 2, each: 10000, expiry: 24 * hour, rows: []sceneRow{
			{"nobody can recall, from the first instant on", []sceneStep{
				{0, recallsRest("alice", 1, ""), "unknown_clause", "open"},
				{ns, recallsRest("alice", 1, "AM09"), "unknown_clause", "open"},
			}},
			{"a claim settles in its own block, beyond every clause", []sceneStep{
				{3 * time.Second, claims("bob"), "ok", "open settled"},
				{3 * time.Second, recallsShare("alice", 1, 1, ""), "share_settled", "open settled"},
			}},
			{"unclaimed money returns, what was claimed stays", []sceneStep{
				{hour, claims("bob"), "ok", "open settled"},
				{24*hour - ns, nil, "", "open settled"},
				{24 * hour, nil, "", "expired settled"},
			}},
		}},
		{name: "alipay", shares: 4, each: 2200, expiry: 24 * hour, rows: []sceneRow{
			{"recallable to the last nanosecond of 24 hours", []sceneStep{
				{24*hour - ns, recallsRest("alice", 1, ""), "ok", "recalled"},
			}},
			{"and then the refund comes first", []sceneStep{
				{24 * hour, recallsRest("alice", 1, ""), "expired", "expired"},
			}},
			{"by nobody else", []sceneStep{
				{minute, recallsRest("bob", 1, ""), "signature_missing", "open"},
			}},
			{"what was claimed stays claimed", []sceneStep{
				{minute, claims("bob"), "ok", "open settled"},
				{23 * hour, recallsRest("alice", 1, "CUST"), "ok", "recalled settled"},
				{23 * hour, claims("carol"), "recalled", "recalled settled"},
			}},
		}},
		{name: "qq", shares: 3, each: 888, expiry: 24 * hour, rows: []sceneRow{
			{"recallable to the last nanosecond of two minutes", []sceneStep{
				{2*minute - ns, recallsRest("alice", 1, ""), "ok", "recalled"},
			}},
			{"not at two minutes", []sceneStep{
				{2 * minute, recallsRest("alice", 1, ""), "window_closed", "open"},
				{2*minute + ns, recallsRest("alice", 1, ""), "window_closed", "open"},
			}},
			{"not once anybody claimed", []sceneStep{
				{ns, claims("bob"), "ok", "open settled"},
				{2 * ns, recallsRest("alice", 1, ""), "touched", "open settled"},
			}},
			{"nor once that share was given back", []sceneStep{
				{ns, claims("bob"), "ok", "open settled"},
				{2 * ns, returns("bob", 1), "ok", "open returned"},
				{3 * ns, recallsRest("alice", 1, ""), "touched", "open returned"},
			}},
		}},
		{name: "douyin-live", shares: 50, each: 20, expiry: 10 * minute, rows: []sceneRow{
			{"nobody can recall while the stream lasts", []sceneStep{
				{0, recallsRest("alice", 1, ""), "unknown_clause", "open"},
				{10*minute - ns, recallsRest("alice", 1, ""), "unknown_clause", "open"},
				{10 * minute, recallsRest("alice", 1, ""), "expired", "expired"},
			}},
		}},
		{name: "transfer-72h", shares: 1, each: 50000, claimers: []string{"bob"}, expiry: 24 * hour, rows: []sceneRow{
			{"before it is claimed the sender recalls it", []sceneStep{
				{24*hour - ns, recallsRest("alice", 2, "AC03"), "ok", "recalled"},
			}},
			{"until it expires", []sceneStep{
				{24 * hour, recallsRest("alice", 2, "AC03"), "expired", "expired"},
			}},
			{"the 72 hours run from the claim, and settle it to the nanosecond", []sceneStep{
				{5*hour + 7*ns, claims("bob"), "ok", "full held"},
				{77*hour + 6*ns, nil, "", "full held"},
				{77*hour + 7*ns, nil, "", "full settled"},
			}},
			{"the sender recalls the share in the last nanosecond", []sceneStep{
				{5*hour + 7*ns, claims("bob"), "ok", "full held"},
				{77*hour + 6*ns, recallsShare("alice", 1, 1, "FRAD"), "ok", "full recalled"},
				{77*hour + 7*ns, nil, "", "full recalled"},
			}},
			{"and not when it settles", []sceneStep{
				{5*hour + 7*ns, claims("bob"), "ok", "full held"},
				{77*hour + 7*ns, recallsShare("alice", 1, 1, "FRAD"), "share_settled", "full settled"},
				{77*hour + 8*ns, recallsShare("alice", 1, 1, "FRAD"), "share_settled", "full settled"},
			}},
			{"each clause has power over its own target", []sceneStep{
				{minute, recallsRest("alice", 1, ""), "unknown_clause", "open"},
				{hour, claims("bob"), "ok", "full held"},
				{2 * hour, recallsShare("alice", 2, 1, ""), "unknown_clause", "full held"},
				{2 * hour, recallsRest("alice", 2, ""), "full", "full held"},
			}},
			{"nobody else recalls, the claimer returns", []sceneStep{
				{hour, claims("bob"), "ok", "full held"},
				{2 * hour, recallsShare("carol", 1, 1, ""), "signature_missing", "full held"},
				{2 * hour, recallsShare("bob", 1, 1, ""), "signature_missing", "full held"},
				{3 * hour, returns("bob", 1), "ok", "full returned"},
				{73 * hour, nil, "", "full returned"},
			}},
			{"only the one it is for claims", []sceneStep{
				{hour, claims("carol"), "not_named", "open"},
			}},
		}},
		{name: "delayed", shares: 1, each: 20000, claimers: []string{"carol"}, expiry: 24 * hour, rows: []sceneRow{
			{"it arrives 24 hours after the claim, to the nanosecond", []sceneStep{
				{24*hour - ns, claims("carol"), "ok", "full held"},
				{48*hour - 2*ns, nil, "", "full held"},
				{48*hour - ns, nil, "", "full settled"},
			}},
			{"the sender recalls it in the last nanosecond before", []sceneStep{
				{hour, claims("carol"), "ok", "full held"},
				{25*hour - ns, recallsShare("alice", 1, 1, "AC03"), "ok", "full recalled"},
			}},
			{"and not when it arrives", []sceneStep{
				{hour, claims("carol"), "ok", "full held"},
				{25 * hour, recallsShare("alice", 1, 1, "AC03"), "share_settled", "full settled"},
			}},
			{"before the claim too", []sceneStep{
				{24*hour - ns, recallsRest("alice", 2, ""), "ok", "recalled"},
			}},
			{"until it expires", []sceneStep{
				{24 * hour, recallsRest("alice", 2, ""), "expired", "expired"},
			}},
		}},
		{name: "friends", shares: 8, each: 11100, expiry: 24 * hour, rows: []sceneRow{
			{"a slip of the hand is taken back to the last nanosecond of two minutes", []sceneStep{
				{2*minute - ns, recallsRest("alice", 1, "AM09"), "ok", "recalled"},
			}},
			{"not at two minutes", []sceneStep{
				{2 * minute, recallsRest("alice", 1, "AM09"), "window_closed", "open"},
				{2*minute + ns, recallsRest("alice", 1, "AM09"), "window_closed", "open"},
			}},
			{"what friends grabbed meanwhile is theirs", []sceneStep{
				{4 * time.Second, claims("bob"), "ok", "open settled"},
				{5 * time.Second, claims("carol"), "ok", "open settled settled"},
				{9 * time.Second, recallsRest("alice", 1, "AM09"), "ok", "recalled settled settled"},
				{9 * time.Second, recallsShare("alice", 1, 1, "AM09"), "share_settled", "recalled settled settled"},
			}},
			{"a friend is asked, and gives back", []sceneStep{
				{4 * time.Second, claims("bob"), "ok", "open settled"},
				{hour, asks("alice", 1), "ok", "open settled/open"},
				{24 * hour, nil, "", "expired settled/open"},
				{73*hour - ns, answers("bob", 1, true), "ok", "expired returned/accepted"},
			}},
			{"or does not answer in 72 hours", []sceneStep{
				{4 * time.Second, claims("bob"), "ok", "open settled"},
				{hour, asks("alice", 1), "ok", "open settled/open"},
				{24 * hour, nil, "", "expired settled/open"},
				{73*hour - ns, nil, "", "expired settled/open"},
				{73 * hour, answers("bob", 1, true), "no_open_ask", "expired settled/lapsed"},
			}},
		}},
		{name: "workgroup", shares: 20, each: 1000, expiry: 24 * hour, rows: []sceneRow{
			{"recallable to the last nanosecond of 24 hours", []sceneStep{
				{hour, claims("bob"), "ok", "open settled"},
				{24*hour - ns, recallsRest("alice", 1, "DUPL"), "ok", "recalled settled"},
			}},
			{"and then the refund comes first", []sceneStep{
				{24 * hour, recallsRest("alice", 1, "DUPL"), "expired", "expired"},
			}},
		}},
		{name: "stranger", shares: 3, each: 6600, roles: []string{"judge a", "judge b", "judge c"}, expiry: 24 * hour, rows: []sceneRow{
			{"two of three arbiters recall a held share for fraud, to the last nanosecond", []sceneStep{
				{hour, claims("bob"), "ok", "open held"},
				{24 * hour, nil, "", "expired held"},
				{25*hour - ns, recallsShare("judge a", 1, 1, "FRAD", "judge b"), "ok", "expired recalled"},
			}},
			{"any two of them, whoever submits it", []sceneStep{
				{hour, claims("bob"), "ok", "open held"},
				{hour + ns, claims("carol"), "ok", "open held held"},
				{2 * hour, recallsShare("dave", 1, 1, "FRAD", "judge b", "judge c"), "ok", "open recalled held"},
				{2 * hour, recallsShare("alice", 1, 2, "FRAD", "judge c", "judge a"), "ok", "open recalled recalled"},
			}},
			{"not when it settles", []sceneStep{
				{hour, claims("bob"), "ok", "open held"},
				{25 * hour, recallsShare("judge a", 1, 1, "FRAD", "judge b"), "share_settled", "expired settled"},
				{25*hour + ns, recallsShare("judge a", 1, 1, "FRAD", "judge b"), "share_settled", "expired settled"},
			}},
			{"one alone does nothing, nor does the sender", []sceneStep{
				{hour, claims("bob"), "ok", "open held"},
				{2 * hour, recallsShare("judge a", 1, 1, "FRAD"), "signature_missing", "open held"},
				{2 * hour, recallsShare("alice", 1, 1, "FRAD"), "signature_missing", "open held"},
				{2 * hour, recallsShare("alice", 1, 1, "FRAD", "judge c"), "signature_missing", "open held"},
				{2 * hour, recallsShare("judge c", 1, 1, "FRAD", "alice"), "consent_unlisted", "open held"},
			}},
			{"for fraud and nothing else", []sceneStep{
				{hour, claims("bob"), "ok", "open held"},
				{2 * hour, recallsShare("judge a", 1, 1, "AM09", "judge b"), "reason_not_allowed", "open held"},
				{2 * hour, recallsShare("judge a", 1, 1, "", "judge b"), "reason_not_allowed", "open held"},
			}},
			{"what nobody claimed is out of their reach", []sceneStep{
				{hour, recallsRest("judge a", 1, "FRAD", "judge b"), "unknown_clause", "open"},
				{hour, recallsShare("judge a", 1, 1, "FRAD"), "unknown_share", "open"},
			}},
		}},
		{name: "test-packet", shares: 10, each: 10, expiry: 24 * hour, rows: []sceneRow{
			{"recalled to the last nanosecond of five minutes", []sceneStep{
				{minute, claims("bob"), "ok", "open settled"},
				{5*minute - ns, recallsRest("alice", 1, "TECH"), "ok", "recalled settled"},
			}},
			{"not at five minutes", []sceneStep{
				{5 * minute, recallsRest("alice", 1, "TECH"), "window_closed", "open"},
				{5*minute + ns, recallsRest("alice", 1, "TECH"), "window_closed", "open"},
			}},
		}},
		{name: "enterprise", shares: 3, each: 88800, claimers: []string{"bob", "carol", "dave"},
			roles: []string{"judge a", "judge b", "judge c"}, expiry: 24 * hour, rows: []sceneRow{
				{"finance and hr recall the rest of a duplicate, to the last nanosecond", []sceneStep{
					{hour, claims("carol"), "ok", "open settled"},
					{24*hour - ns, recallsRest("judge a", 1, "DUPL", "judge b"), "ok", "recalled settled"},
				}},
				{"hr and audit that of a wrong amount, whoever submits it", []sceneStep{
					{ns, recallsRest("dave", 1, "AM09", "judge b", "judge c"), "ok", "recalled"},
				}},
				{"not at expiry", []sceneStep{
					{24 * hour, recallsRest("judge a", 1, "DUPL", "judge b"), "expired", "expired"},
				}},
				{"not for another reason, or none", []sceneStep{
					{hour, recallsRest("judge a", 1, "FRAD", "judge b"), "reason_not_allowed", "open"},
					{hour, recallsRest("judge a", 1, "", "judge b"), "reason_not_allowed", "open"},
				}},
				{"one alone does nothing, nor does the sender", []sceneStep{
					{hour, recallsRest("judge c", 1, "DUPL"), "signature_missing", "open"},
					{hour, recallsRest("alice", 1, "DUPL"), "signature_missing", "open"},
					{hour, recallsRest("alice", 1, "DUPL", "judge a"), "signature_missing", "open"},
				}},
				{"an incentive that was paid is beyond audit", []sceneStep{
					{hour, claims("dave"), "ok", "open settled"},
					{hour, recallsShare("judge a", 1, 1, "DUPL", "judge b"), "share_settled", "open settled"},
				}},
				{"all on the list have theirs, nobody else", []sceneStep{
					{hour, claims("dave"), "ok", "open settled"},
					{hour, claims("judge a"), "not_named", "open settled"},
					{hour, claims("bob"), "ok", "open settled settled"},
					{hour, claims("carol"), "ok", "full settled settled settled"},
				}},
			}},
		{name: "coupon", shares: 5, each: 1700, expiry: 24 * hour, rows: []sceneRow{
			{"the merchant stops new claims for a change of mind; those made are immune", []sceneStep{
				{hour, claims("bob"), "ok", "open settled"},
				{24*hour - 2*ns, recallsShare("alice", 1, 1, "CUST"), "share_settled", "open settled"},
				{24*hour - ns, recallsRest("alice", 1, "CUST"), "ok", "recalled settled"},
				{24*hour - ns, claims("carol"), "recalled", "recalled settled"},
			}},
			{"or for fraud", []sceneStep{
				{ns, recallsRest("alice", 1, "FRAD"), "ok", "recalled"},
			}},
			{"not for another reason, or none", []sceneStep{
				{hour, recallsRest("alice", 1, "AM09"), "reason_not_allowed", "open"},
				{hour, recallsRest("alice", 1, ""), "reason_not_allowed", "open"},
			}},
			{"not at expiry", []sceneStep{
				{24 * hour, recallsRest("alice", 1, "CUST"), "expired", "expired"},
			}},
		}},
		{name: "voucher", shares: 1, each: 64800, claimers: []string{"bob"}, expiry: 10 * minute, rows: []sceneRow{
			{"nobody can recall it, claimed or not", []sceneStep{
				{ns, recallsRest("alice", 1, "CUST"), "unknown_clause", "open"},
				{minute, claims("bob"), "ok", "full settled"},
				{minute, recallsRest("alice", 1, "CUST"), "full", "full settled"},
				{minute, recallsShare("alice", 1, 1, "CUST"), "share_settled", "full settled"},
			}},
			{"only the one it is for claims it", []sceneStep{
				{minute, claims("carol"), "not_named", "open"},
			}},
		}},
	}
}

// common rows are true of every scene: claims are taken before expiry, and at
// expiry the money is home.
func (c *sceneCase) common() []sceneRow {
	who, claimed := "bob", "open settled"
	if len(c.claimers) > 0 {
		who = c.claimers[0]
	}
	if s, _ := contract.SceneNamed(c.name); s.Hold > 0 {
		claimed = "open held"
	}
	if c.shares == 1 {
		claimed = strings.Replace(claimed, "open", "full", 1)
	}
	return []sceneRow{
		{"claimed in the last nanosecond before expiry", []sceneStep{{c.expiry - 1, claims(who), "ok", claimed}}},
		{"not claimed at expiry", []sceneStep{{c.expiry, claims(who), "expired", "expired"}}},
		{"nor after it", []sceneStep{{c.expiry + 1, claims(who), "expired", "expired"}}},
		{"refunded at expiry and not before", []sceneStep{{c.expiry - 1, nil, "", "open"}, {c.expiry, nil, "", "expired"}}},
		{"not claimed by its sender", []sceneStep{{1, claims("alice"), "sender_claims", "open"}}},
	}
}

// Every scene of the founding document keeps its promises, and none is
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
		{"test-packet", "¥1.00 in one share", func(tm *contract.Terms) { tm.Total, tm.Shares = 100, 1 }, contract.CodeOK},
		{"test-packet", "¥1.01", func(tm *contract.Terms) { tm.Total, tm.Shares = 101, 1 }, contract.CodeSceneMismatch},
		{"test-packet", "eleven shares of ten fen", func(tm *contract.Terms) { tm.Total, tm.Shares = 110, 11 }, contract.CodeSceneMismatch},

		{"transfer-72h", "two shares for one", func(tm *contract.Terms) { tm.Shares = 2 }, contract.CodeSceneMismatch},
		{"transfer-72h", "open to all", openToAll, contract.CodeSceneMismatch},
		{"transfer-72h", "two claimers", forNamed("bob", "carol"), contract.CodeSceneMismatch},
		{"transfer-72h", "another claimer", forNamed("dave"), contract.CodeOK},
		{"delayed", "open to all", openToAll, contract.CodeSceneMismatch},
		{"delayed", "one claimer or anybody", forNamedOrAny("bob"), contract.CodeSceneMismatch},
		{"delayed", "it opens an hour later", later(forNamed("carol")), contract.CodeOK},
		{"voucher", "for everybody with a link", func(tm *contract.Terms) { tm.Claim.Cond, tm.LinkKey = contract.Link{}, &link }, contract.CodeSceneMismatch},
		{"voucher", "two shares", func(tm *contract.Terms) { tm.Shares = 2 }, contract.CodeSceneMismatch},

		{"enterprise", "a name more than shares", forNamed("bob", "carol", "dave", "grace"), contract.CodeSceneMismatch},
		{"enterprise", "a name fewer", forNamed("bob", "carol"), contract.CodeSceneMismatch},
		{"enterprise", "open to all", openToAll, contract.CodeSceneMismatch},
		{"enterprise", "it opens an hour later", later(forNamed("bob", "carol", "dave")), contract.CodeOK},
		{"enterprise", "the sender is finance", roleTo("judge a", "alice"), contract.CodeSceneMismatch},
		{"enterprise", "one person is finance and hr", roleTo("judge a", "judge b"), contract.CodeDuplicateKey},
		{"enterprise", "another person is finance", roleTo("judge a", "grace"), contract.CodeOK},
		{"stranger", "the sender is an arbiter", roleTo("judge c", "alice"), contract.CodeSceneMismatch},
		{"stranger", "for one named stranger", func(tm *contract.Terms) { tm.Shares = 1; forNamed("bob")(tm) }, contract.CodeOK},

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
			if got := s.block(s.tx("alice", &contract.Send{Terms: tm}))[0]; got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
			s.books()
		})
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
