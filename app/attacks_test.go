package app

import (
	"slices"
	"testing"
	"time"

	"hongbao/contract"
)

// A claim's link signature is public as soon as the claim is; it is worth
// nothing to any other account.
func TestAttackLinkClaimCopied(t *testing.T) {
	link := [32]byte(addr("link"))
	s := newStage(t, terms(2, 700, func(tm *contract.Terms) { tm.Claim.Cond, tm.LinkKey = contract.Link{}, &link }))
	sig, err := contract.SignDigest(testKey("link"), contract.LinkDigest(testChain, s.id, addr("bob")))
	s.OK(err)
	hash := s.terms.Hash(testChain)
	bobs := s.Tx("bob", &contract.Claim{Packet: s.id, TermsHash: hash, Link: &sig})
	copied := &contract.Claim{Packet: s.id, TermsHash: hash, Link: &sig}

	if got := s.try("carol", copied); got != contract.CodeBadLink {
		t.Errorf("copied by carol: %s", got)
	}
	if got := s.try("a new address", copied); got != contract.CodeBadLink {
		t.Errorf("copied by a new address: %s", got)
	}
	stolen, err := contract.DecodeTx(bobs)
	s.OK(err)
	stolen.Account = addr("dave")
	if got := s.CheckTx(stolen.Encode()); got != contract.CodeBadSignature {
		t.Errorf("bob's transaction in dave's name: %s", got)
	}
	ahead := s.Tx("carol", copied)
	if codes := s.Block(ahead, bobs); codes[0] != contract.CodeBadLink || codes[1] != contract.CodeOK {
		t.Errorf("a thief ahead of bob in his block: %v", codes)
	}
	if got := s.CheckTx(bobs); got != contract.CodeWrongNonce || s.Accepts(bobs) {
		t.Errorf("bob's claim once more: %s", got)
	}
	if got := s.state(); got != "open settled" {
		t.Errorf("the packet is %s", got)
	}
	s.books()
}

// A sender cannot claim, whatever the claim rule says; its money comes home by
// a recall or at expiry, where all can see it.
func TestAttackSenderClaims(t *testing.T) {
	link := [32]byte(addr("link"))
	for _, row := range []struct {
		desc string
		edit func(*contract.Terms)
	}{
		{"a packet open to all", openToAll},
		{"a list that names the sender", forNamed("bob", "alice")},
		{"a packet with a link of the sender's own making", func(tm *contract.Terms) {
			tm.Claim.Cond, tm.LinkKey = contract.Link{}, &link
		}},
	} {
		s := newStage(t, terms(2, 700, row.edit))
		sig, err := contract.SignDigest(testKey("link"), contract.LinkDigest(testChain, s.id, addr("alice")))
		s.OK(err)
		m := &contract.Claim{Packet: s.id, TermsHash: s.terms.Hash(testChain)}
		if s.terms.LinkKey != nil {
			m.Link = &sig
		}
		if got := s.try("alice", m); got != contract.CodeSenderClaims {
			t.Errorf("%s: %s", row.desc, got)
		}
		s.books()
	}
}

// A scene's name can be trusted: terms that differ from its template are
// refused under that name, though they are good terms without it.
func TestAttackLyingSceneName(t *testing.T) {
	clause := func(text string) func(*contract.Terms) {
		return func(tm *contract.Terms) { tm.Clauses = append(tm.Clauses, clausesOf(t, text)...) }
	}
	lies := []struct {
		desc string
		edit func(*contract.Terms)
	}{
		{"one clause more", clause("rest when " + keyText("grace"))},
		{"one clause more that the sender alone can use", clause("rest when all(sender,within(1s)) for TECH")},
		{"no clause", func(tm *contract.Terms) { tm.Clauses = []contract.Clause{} }},
		{"its clauses in another order", func(tm *contract.Terms) { slices.Reverse(tm.Clauses) }},
		{"a clause for a reason less or more", func(tm *contract.Terms) {
			for i := range tm.Clauses {
				tm.Clauses[i].Reasons = []contract.Reason{"AC03"}
			}
		}},
		{"a window a second shorter", func(tm *contract.Terms) {
			for i := range tm.Clauses {
				if all, ok := tm.Clauses[i].When.Cond.(contract.All); ok {
					switch last := &all[len(all)-1]; c := (*last).(type) {
					case contract.Within:
						*last = contract.Within{For: c.For - 1}
					case contract.After:
						*last = contract.After{For: c.For + 1}
					}
				}
			}
		}},
		{"one of three in the place of two", func(tm *contract.Terms) {
			for i := range tm.Clauses {
				if of, ok := tm.Clauses[i].When.Cond.(contract.Of); ok {
					of.K = 1
					tm.Clauses[i].When.Cond = of
				}
			}
		}},
		{"equal shares in the place of drawn ones", func(tm *contract.Terms) {
			if tm.Scene == "rain" {
				tm.Split = contract.Equal
			}
		}},
		{"a longer hold", func(tm *contract.Terms) { tm.Hold++ }},
		{"a shorter hold", func(tm *contract.Terms) { tm.Hold -= min(tm.Hold, 1) }},
		{"no hold and no clauses about held shares", func(tm *contract.Terms) {
			tm.Hold = 0
			tm.Clauses = slices.DeleteFunc(tm.Clauses, func(c contract.Clause) bool {
				return c.Target == contract.HeldShares
			})
		}},
		{"an expiry a second later", func(tm *contract.Terms) { tm.Expiry++ }},
		{"an expiry a second longer than a year", func(tm *contract.Terms) { tm.Expiry = 365*24*3600 + 1 }},
	}
	s := newStageWith(t, contract.DefaultParams(), people...)
	for _, scene := range contract.Scenes() {
		for _, lie := range lies {
			tm := sceneTerms(t, scene.Name)
			tm.Total = contract.Amount(tm.Shares) // alice has many to send
			truth := contract.Encode(tm)
			lie.edit(&tm)
			if string(contract.Encode(tm)) == string(truth) {
				continue // this scene has nothing of the kind to lie about
			}
			if got := s.try("alice", &contract.Send{Terms: tm}); got != contract.CodeSceneMismatch {
				t.Errorf("%s with %s: %s", scene.Name, lie.desc, got)
			}
			tm.Scene = ""
			if got := s.try("alice", &contract.Send{Terms: tm}); got != contract.CodeOK {
				t.Errorf("%s with %s, under no name: %s", scene.Name, lie.desc, got)
			}
			s.Wait(time.Second)
		}
	}
	tm := sceneTerms(t, "wechat")
	tm.Scene = "wechat-pay"
	if got := s.try("alice", &contract.Send{Terms: tm}); got != contract.CodeUnknownScene {
		t.Errorf("a name that is no scene's: %s", got)
	}
	s.books()
}

// No scene passes for another, but where one promises no less than the other.
func TestAttackSceneUnderAnothersName(t *testing.T) {
	alike := map[string]bool{
		"alipay as workgroup":    true, // the same template
		"workgroup as alipay":    true,
		"voucher as douyin-live": true, // which leaves open who may claim
		"rain as douyin-live":    true, // and how it is divided
	}
	s := newStageWith(t, contract.DefaultParams(), people...)
	for _, scene := range contract.Scenes() {
		for _, other := range contract.Scenes() {
			if scene.Name == other.Name {
				continue
			}
			tm := sceneTerms(t, scene.Name)
			tm.Scene, tm.Total = other.Name, contract.Amount(tm.Shares)
			desc, want := scene.Name+" as "+other.Name, contract.CodeSceneMismatch
			if alike[desc] {
				want = contract.CodeOK
			}
			if got := s.try("alice", &contract.Send{Terms: tm}); got != want {
				t.Errorf("%s: %s, want %s", desc, got, want)
			}
			s.Wait(time.Second)
		}
	}
}

// Send, recall, send: an account that forges evidence of payments that way soon may
// send only what cannot be recalled. A recall that terms allow is never
// refused for it.
func TestAttackRecallCycleFlood(t *testing.T) {
	const budget, token = 50, 30 * 24 * time.Hour / 50 // DefaultParams
	s := newStageWith(t, contract.DefaultParams(), people...)
	recallable := terms(2, 500, under(t, 0, "rest when sender"))
	firm := terms(2, 500, under(t, 0))
	spare := []contract.PacketID{s.Send("alice", recallable), s.Send("alice", recallable)}

	first := s.Now.Add(time.Second)
	for i := range budget {
		s.Wait(time.Second)
		s.put("alice", recallable)
		if got := s.play(recallsRest("alice", 1, "")); got != "ok" {
			t.Fatalf("recall %d: %s", i+1, got)
		}
	}
	again := s.spent(first.Add(token), recallable)
	if got := s.try("alice", &contract.Send{Terms: firm}); got != contract.CodeOK {
		t.Errorf("a packet without clauses: %s", got)
	}
	if got := s.try("bob", &contract.Send{Terms: recallable}); got != contract.CodeOK {
		t.Errorf("another account's packet: %s", got)
	}
	for _, step := range []struct {
		desc string
		at   time.Time
		want contract.Code
	}{
		{"a nanosecond early", again.Add(-1), contract.CodeRecallBudget},
		{"in time", again, contract.CodeOK},
	} {
		s.Now = step.at
		if got := s.try("alice", &contract.Send{Terms: recallable}); got != step.want {
			t.Errorf("%s: %s, want %s", step.desc, got, step.want)
		}
	}

	for _, id := range spare { // one token, two recalls
		s.id = id
		if got := s.play(recallsRest("alice", 1, "")); got != "ok" {
			t.Errorf("a recall within the terms, over budget: %s", got)
		}
	}
	s.spent(s.Now.Add(token), recallable) // no debt beyond an empty budget
	s.books()
}

// spent checks that alice's budget is, and that a node says until when.
func (s *stage) spent(until time.Time, tm contract.Terms) time.Time {
	s.T.Helper()
	sim := s.simulate("alice", &contract.Send{Terms: tm})
	if sim.Code != contract.CodeRecallBudget || sim.RetryAt != contract.TimeOf(until) {
		s.T.Errorf("%s until %s, want %s until %s", sim.Code, sim.RetryAt, contract.CodeRecallBudget,
			contract.TimeOf(until))
	}
	if got := s.try("alice", &contract.Send{Terms: tm}); got != contract.CodeRecallBudget {
		s.T.Errorf("in a block: %s", got)
	}
	return sim.RetryAt.Std()
}

// A packet counts once against the budget, however many of its shares come
// home, with the rest or without.
func TestRecallsOfOnePacketCountOnce(t *testing.T) {
	p := contract.DefaultParams()
	p.RecallBudget = 2
	s := newStageWith(t, p, people...)
	tm := terms(4, 500, under(t, 24*3600, "share when sender", "rest when sender"))
	recallAll := func() {
		s.put("alice", tm)
		s.must(claims("bob"), claims("carol"), claims("dave"))
		for _, share := range []uint32{2, 1, 3} {
			s.must(recallsShare("alice", 1, share, ""))
		}
		s.must(recallsRest("alice", 2, ""))
	}
	recallAll()
	recallAll()
	if got := s.try("alice", &contract.Send{Terms: tm}); got != contract.CodeRecallBudget {
		t.Errorf("after two packets of eight recalls: %s", got)
	}
	s.books()
}

// Leaves live for ever, so that making them by payments costs money, and by
// claims of single fen only so many come into being in a block.
func TestAttackDustAccounts(t *testing.T) {
	p := contract.DefaultParams()
	p.MaxFirstClaims = 20
	s := newStageWith(t, p, people...)
	s.put("alice", terms(100, 1))
	newcomer := func(i int) string { return "dust " + string(rune('a'+i)) }
	var rush [][]byte
	for i := range 45 {
		rush = append(rush, s.Claim(newcomer(i), s.id, s.terms))
	}
	proposed := s.Propose(rush...)
	if len(proposed) != 20 {
		t.Errorf("%d first claims proposed, want 20", len(proposed))
	}
	if s.Accepts(rush[:21]...) {
		t.Error("a block with a first claim too many is accepted")
	}
	for i, wire := range rush {
		want := contract.CodeOK
		if i >= 40 {
			want = contract.CodeFirstClaimsFull
		}
		if got := s.CheckTx(wire); got != want {
			t.Errorf("first claim %d in the mempool: %s, want %s", i+1, got, want)
		}
	}
	for _, code := range s.Block(proposed...) {
		if code != contract.CodeOK {
			t.Errorf("a first claim: %s", code)
		}
	}
	s.books()

	for _, row := range []struct {
		desc   string
		to     string
		amount contract.Amount
		want   contract.Code
	}{
		{"a fen to a new address", "nobody yet", 1, contract.CodeBelowMinimum},
		{"¥0.99 to a new address", "nobody yet", 99, contract.CodeBelowMinimum},
		{"a fen to an account", newcomer(0), 1, contract.CodeOK},
		{"¥1.00 to a new address", "nobody yet", 100, contract.CodeOK},
		{"a fen to it then", "nobody yet", 1, contract.CodeOK},
	} {
		if got := s.try("alice", &contract.Pay{To: addr(row.to), Amount: row.amount}); got != row.want {
			t.Errorf("%s: %s, want %s", row.desc, got, row.want)
		}
	}
	if accounts, _ := s.leaves(); len(accounts) != len(people)+20+1 {
		t.Errorf("%d accounts", len(accounts))
	}
}
