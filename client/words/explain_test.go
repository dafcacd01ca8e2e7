package words

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hongbao/contract"
)

// someKeys are n addresses that are good keys.
func someKeys(n int) (list []contract.Address) {
	for i := byte(0); len(list) < n; i++ {
		a := contract.Address(contract.TaggedHash("hongbao/test-key", []byte{i}))
		if a.OnCurve() {
			list = append(list, a)
		}
	}
	return list
}

// sceneSubject is what `explain --scene NAME` speaks of.
func sceneSubject(t *testing.T, s contract.Scene) Subject {
	t.Helper()
	terms, err := Example(&s, someKeys(len(s.Roles)))
	if err != nil {
		t.Fatal(err)
	}
	legal := *terms
	if legal.Claim.Cond == nil {
		legal.Claim.Cond = contract.Always{}
	}
	if err := contract.CheckTerms(&legal, someKeys(9)[8], contract.TimeOf(noon)); err != nil {
		t.Fatalf("the example of %s: %v", s.Name, err)
	}
	return Subject{Packet: &contract.Packet{Terms: *terms, Status: contract.Open}}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != got {
		t.Errorf("differs from %s (%v); -update writes it anew:\n%s", path, err, got)
	}
}

var (
	amountSaid = regexp.MustCompile(`¥[\d,]+\.\d\d`)
	timeSaid   = regexp.MustCompile(`\d+ ?(minute|hour|day|分钟|小时|天)|\d\d:\d\d:\d\d`)
	restSaid   = regexp.MustCompile(`goes back to the |自动退`)
	mineSaid   = regexp.MustCompile(`yours|归你|就是你的`)
	syntaxSaid = regexp.MustCompile(`hb1|rp1|\b(all|any|within|after|before|from|key|named|of)\(|` +
		`\b(DUPL|AM09|AC03|FRAD|CUST|TECH)\b|untouched|<nil>|%!`)
)

func checkPlain(t *testing.T, list []string) {
	t.Helper()
	if len(list) > maxSentences {
		t.Errorf("%d sentences: %q", len(list), list)
	}
	for _, s := range list {
		if inside := strings.TrimRight(s, ".。"); strings.Contains(inside, ". ") || strings.Contains(inside, "。") ||
			inside == s {
			t.Errorf("not one sentence: %q", s)
		}
	}
	if text := strings.Join(list, " "); syntaxSaid.MatchString(text) {
		t.Errorf("not plain words, %q: %s", syntaxSaid.FindString(text), text)
	}
}

func TestEverySceneAnswersTheFourQuestions(t *testing.T) {
	var out strings.Builder
	for _, s := range contract.Scenes() {
		subject := sceneSubject(t, s)
		fmt.Fprintf(&out, "# %s\n", s.Name)
		for _, l := range []Lang{Chinese, English} {
			list := Explain(l, subject)
			checkPlain(t, list)
			text := strings.Join(list, "\n")
			for what, re := range map[string]*regexp.Regexp{"an amount": amountSaid, "a time": timeSaid,
				"what becomes of the rest": restSaid, "when it is mine": mineSaid} {
				if !re.MatchString(text) {
					t.Errorf("%s: does not say %s: %s", s.Name, what, text)
				}
			}
			if Scene(l, s.Name) == "" {
				t.Errorf("%s: nothing says what it is", s.Name)
			}
			out.WriteString(text + "\n")
		}
		out.WriteString("\n")
	}
	golden(t, "scenes.txt", out.String())
}

// example is a packet that bob, carol and dave may be in.
type example struct {
	desc    string
	total   contract.Amount
	shares  uint32
	claim   string
	hold    contract.Seconds
	clauses []string
	tighten []string // "renounce" or clauses
	shaped  func(p *contract.Packet)
	share   uint32
	now     time.Duration // since noon
	lucky   bool
	alone   bool // the network has one validator
}

const hour = contract.Seconds(3600)

var examples = []example{
	{desc: "a link, and nothing else", total: 8880, shares: 8, claim: "link"},
	{desc: "public, for two minutes", total: 88800, shares: 8, claim: "always", clauses: []string{"2m"}},
	{desc: "the same when the two minutes are over", total: 88800, shares: 8, claim: "always", clauses: []string{"2m"},
		now: 3 * time.Minute},
	{desc: "all or nothing, for one person", total: 500, shares: 1, claim: "named(bob)",
		clauses: []string{"rest when all(untouched,all(within(10m),sender))"}},
	{desc: "all or nothing, once somebody has claimed", total: 600, shares: 2, claim: "always",
		clauses: []string{"rest when all(untouched,within(10m),sender)"},
		shaped:  func(p *contract.Packet) { claimed(p, 1, contract.Settled, time.Minute) }},
	{desc: "opens later, and not at once for a reason", total: 600, shares: 2,
		claim:   "all(link,from(2026-02-17T13:00:00Z))",
		clauses: []string{"rest when all(sender,after(1m)) for DUPL,AM09"}},
	{desc: "first the ones listed, then everybody", total: 600, shares: 3, claim: "any(named(bob,carol),after(1h))"},
	{desc: "a link, and a list", total: 100, shares: 1, claim: "all(link,named(bob))"},
	{desc: "two of three with the sender among them, and dave alone", total: 600, shares: 3,
		claim: "named(bob,carol,x1)",
		clauses: []string{"rest when all(2 of (key(bob),key(carol),sender),before(2026-02-17T14:00:00Z))",
			"rest when key(dave)"}},
	{desc: "two clauses that say the same", total: 600, shares: 3, claim: "always", clauses: []string{"2m",
		"rest when all(within(2m),any(sender,all(sender,key(dave))))"}},
	{desc: "all of it alone, the rest with somebody's consent", total: 600, shares: 3, claim: "always",
		clauses: []string{"rest when any(2 of (sender,key(bob),key(carol)),all(sender,untouched))"}},
	{desc: "the sender alone, or two others", total: 600, shares: 1, claim: "link", hold: 24 * hour,
		clauses: []string{"rest when any(sender,all(key(bob),key(carol)))",
			"share when any(sender,all(key(bob),key(carol))) for FRAD"}},
	{desc: "two reasons in two clauses are one power", total: 600, shares: 3, claim: "always",
		clauses: []string{"rest when sender for DUPL", "rest when sender for AM09"}},
	{desc: "a choice inside a choice is any two of three", total: 600, shares: 1, claim: "link", hold: 24 * hour,
		clauses: []string{"share when any(all(key(x1),any(key(x2),key(x3))),all(key(x2),key(x3))) for FRAD"}},
	{desc: "one stranger, who may be the sender", total: 600, shares: 1, claim: "link", hold: 24 * hour,
		clauses: []string{"share when all(key(x1),within(1h))"}},
	{desc: "an arbiter of the genesis, with the sender or a stranger", total: 600, shares: 1, claim: "link",
		hold:    24 * hour,
		clauses: []string{"share when all(key(court),any(sender,key(x1))) for FRAD,AC03"}},
	{desc: "the sender's own key inside a k of", total: 600, shares: 1, claim: "link", hold: 24 * hour,
		clauses: []string{"share when 2 of (key(alice),key(x1),key(x2))"}},
	{desc: "the sender alone, through a key", total: 600, shares: 1, claim: "link",
		clauses: []string{"rest when all(key(alice),within(1h))"}},
	{desc: "no family of sets", total: 600, shares: 1, claim: "link", hold: 72 * hour,
		clauses: []string{"share when any(all(key(bob),key(carol)),all(key(carol),key(dave))," +
			"all(key(dave),key(x1)),all(key(x1),key(x2),sender))"}},
	{desc: "everything at once", total: 1200, shares: 3, claim: "named(bob,carol,dave)", hold: 48 * hour,
		clauses: []string{"rest when all(sender,untouched,within(1h))",
			"rest when all(2 of (key(x1),key(x2),key(court)),within(12h)) for FRAD",
			"share when all(sender,within(10m)) for AM09", "share when all(key(x1),key(x2)) for FRAD"}},
	{desc: "more windows than five sentences can hold", total: 1200, shares: 3, claim: "always",
		clauses: []string{"rest when all(sender,within(1h)) for DUPL",
			"rest when all(key(x1),after(1h),within(2h)) for FRAD",
			"rest when all(key(x2),after(2h),within(3h))",
			"rest when any(all(key(x3),within(5h)),all(key(x4),after(4h),within(6h)))"}},
	{desc: "renounced", total: 600, shares: 3, claim: "always", clauses: []string{"rest when sender"},
		tighten: []string{"renounce"}, now: 2 * time.Hour},
	{desc: "tightened", total: 600, shares: 3, claim: "always", clauses: []string{"rest when sender"},
		tighten: []string{"rest when all(sender,within(3h))"}, now: 2 * time.Hour},
	{desc: "a held share", total: 600, shares: 2, claim: "link", hold: 24 * hour,
		clauses: []string{"share when 2 of (key(x1),key(x2),key(x3)) for FRAD"}, share: 1, now: time.Hour,
		shaped: func(p *contract.Packet) { claimed(p, 1, contract.Held, time.Minute) }},
	{desc: "a held share that nobody can take back any more", total: 600, shares: 2, claim: "link", hold: 24 * hour,
		clauses: []string{"share when all(sender,within(10m))"}, share: 1, now: time.Hour,
		shaped: func(p *contract.Packet) { claimed(p, 1, contract.Held, time.Minute) }},
	{desc: "a share whose claimer would have to agree", total: 600, shares: 2, claim: "link", hold: 24 * hour,
		clauses: []string{"share when all(sender,key(bob))"}, share: 1, now: time.Hour,
		shaped: func(p *contract.Packet) { claimed(p, 1, contract.Held, time.Minute) }},
	{desc: "a settled share that the sender asks for", total: 600, shares: 1, claim: "link", share: 1,
		now: 2 * time.Hour, shaped: func(p *contract.Packet) {
			claimed(p, 1, contract.Settled, time.Minute)
			p.Status, p.Closed = contract.Full, p.Shares[0].ClaimedAt
			p.Shares[0].Asked = &contract.Asked{State: contract.AskOpen, Reason: "AC03",
				At: contract.TimeOf(noon.Add(time.Hour))}
		}},
	{desc: "a share that was given back", total: 600, shares: 2, claim: "link", share: 1, now: 2 * time.Hour,
		shaped: func(p *contract.Packet) { claimed(p, 1, contract.Returned, time.Minute) }},
	{desc: "the only share, given back while it was held", total: 600, shares: 1, claim: "link", hold: 24 * hour,
		clauses: []string{"share when sender"}, now: 2 * time.Hour,
		shaped: func(p *contract.Packet) {
			claimed(p, 1, contract.Returned, time.Minute)
			p.Status, p.Closed = contract.Full, p.Shares[0].ClaimedAt
		}},
	{desc: "one share recalled, one settled, one held", total: 900, shares: 3, claim: "link", hold: 24 * hour,
		clauses: []string{"share when sender"}, now: 2 * time.Hour,
		shaped: func(p *contract.Packet) {
			claimed(p, 3, contract.Held, time.Minute)
			p.Shares[0].State, p.Shares[1].State = contract.ShareRecalled, contract.Settled
			p.Status, p.Closed = contract.Full, p.Shares[0].ClaimedAt
		}},
	{desc: "one share recalled, and the rest of them settled", total: 900, shares: 3, claim: "link", hold: hour,
		clauses: []string{"share when sender"}, now: 2 * time.Hour,
		shaped: func(p *contract.Packet) {
			claimed(p, 3, contract.Held, time.Minute) // two of them are due, and not swept
			p.Shares[0].State = contract.ShareRecalled
			p.Status, p.Closed = contract.Full, p.Shares[0].ClaimedAt
		}},
	{desc: "the two shares that were claimed went back, and then the rest", total: 900, shares: 3, claim: "link",
		hold: 24 * hour, clauses: []string{"rest when sender", "share when sender"}, now: 2 * time.Hour,
		shaped: func(p *contract.Packet) {
			claimed(p, 2, contract.Returned, time.Minute)
			p.Shares[1].State, p.Status = contract.ShareRecalled, contract.Recalled
			p.Closed = contract.TimeOf(noon.Add(time.Hour))
		}},
	{desc: "recalled before anybody claimed", total: 900, shares: 3, claim: "link", hold: 24 * hour,
		clauses: []string{"rest when sender", "share when sender"}, now: 2 * time.Hour,
		shaped: func(p *contract.Packet) {
			p.Status, p.Closed = contract.Recalled, contract.TimeOf(noon.Add(time.Hour))
		}},
	{desc: "recalled", total: 600, shares: 3, claim: "always", clauses: []string{"2m"}, now: time.Hour,
		shaped: func(p *contract.Packet) {
			claimed(p, 1, contract.Settled, time.Minute)
			p.Status, p.Closed = contract.Recalled, contract.TimeOf(noon.Add(90*time.Second))
		}},
	{desc: "full", total: 600, shares: 2, claim: "always", clauses: []string{"2m"}, now: time.Hour,
		shaped: func(p *contract.Packet) {
			claimed(p, 2, contract.Settled, time.Minute)
			p.Status, p.Closed = contract.Full, contract.TimeOf(noon.Add(time.Minute))
		}},
	{desc: "lucky, with a link", total: 8880, shares: 8, claim: "link", lucky: true},
	{desc: "lucky, on a network of one validator", total: 8880, shares: 8, claim: "link", lucky: true, alone: true},
	{desc: "lucky, for the people listed, with everything at once", total: 9000, shares: 3,
		claim: "named(bob,carol,dave)", hold: 24 * hour, lucky: true,
		clauses: []string{"rest when all(sender,within(2m))", "share when 2 of (key(x1),key(x2),key(x3)) for FRAD"}},
	{desc: "lucky, of one share, which is no chance", total: 500, shares: 1, claim: "link", lucky: true},
	{desc: "lucky, two drawn", total: 8880, shares: 8, claim: "link", lucky: true, now: time.Hour,
		shaped: func(p *contract.Packet) { drawn(p, 931, 2204) }},
	{desc: "lucky, one left", total: 6000, shares: 3, claim: "link", lucky: true, now: time.Hour,
		shaped: func(p *contract.Packet) { drawn(p, 931, 2204) }},
	{desc: "lucky, all drawn", total: 6000, shares: 3, claim: "link", lucky: true, now: time.Hour,
		shaped: func(p *contract.Packet) {
			drawn(p, 931, 2204, 2865)
			p.Status, p.Closed = contract.Full, p.Shares[2].ClaimedAt
		}},
	{desc: "lucky, all claimed and one of them not drawn", total: 6000, shares: 3, claim: "link", lucky: true,
		shaped: func(p *contract.Packet) {
			drawn(p, 931, 2204, 0)
			p.Status, p.Closed = contract.Full, p.Shares[2].ClaimedAt
		}},
	{desc: "lucky, the rest taken back in the block of a claim", total: 8880, shares: 8, claim: "link", lucky: true,
		clauses: []string{"2m"}, now: time.Minute,
		shaped: func(p *contract.Packet) {
			drawn(p, 931, 0)
			p.Status, p.Closed = contract.Recalled, p.Shares[1].ClaimedAt
		}},
	{desc: "lucky, and the same once it is drawn", total: 8880, shares: 8, claim: "link", lucky: true,
		clauses: []string{"2m"}, now: time.Minute,
		shaped: func(p *contract.Packet) {
			drawn(p, 931, 2204)
			p.Status, p.Closed = contract.Recalled, p.Shares[1].ClaimedAt
		}},
	{desc: "lucky, expired in the block of a claim", total: 8880, shares: 8, claim: "link", lucky: true,
		now:    24 * time.Hour,
		shaped: func(p *contract.Packet) { drawn(p, 0) }},
	{desc: "a reserved share", total: 8880, shares: 8, claim: "link", lucky: true, share: 2, now: time.Minute,
		shaped: func(p *contract.Packet) { drawn(p, 931, 0) }},
	{desc: "a reserved share that will be held", total: 8880, shares: 8, claim: "link", lucky: true, share: 1,
		now: time.Minute, hold: 24 * hour,
		clauses: []string{"share when all(2 of (key(x1),key(x2),key(x3)),within(1h)) for FRAD"},
		shaped:  func(p *contract.Packet) { drawn(p, 0) }},
	{desc: "expired, swept or not", total: 600, shares: 3, claim: "always", clauses: []string{"rest when sender"},
		now: 25 * time.Hour},
}

// claimed gives n shares of p to bob and strangers.
func claimed(p *contract.Packet, n int, state contract.ShareState, after time.Duration) {
	for i := range n {
		p.Shares = append(p.Shares, contract.Share{Claimer: party([]string{"bob", "x7", "x8"}[i]),
			Amount: p.Terms.ShareAmount(), State: state, ClaimedAt: contract.TimeOf(noon.Add(after))})
	}
}

// drawn gives lucky shares of p to bob and strangers; 0 is not drawn yet.
func drawn(p *contract.Packet, amounts ...contract.Amount) {
	claimed(p, len(amounts), contract.Settled, time.Minute)
	for i, a := range amounts {
		p.Shares[i].Amount = a
		if a == 0 {
			p.Shares[i].State = contract.Reserved
		}
		p.Escrow -= a
	}
}

var parties = []string{"alice", "bob", "carol", "dave", "court", "x1", "x2", "x3", "x4", "x7", "x8"}

var partyKeys = sync.OnceValue(func() []contract.Address { return someKeys(len(parties)) })

func party(name string) contract.Address { return partyKeys()[slices.Index(parties, name)] }

var partyName = regexp.MustCompile(`\b(alice|bob|carol|dave|court|x\d)\b`)

// keyed puts addresses in the place of parties.
func keyed(text string) string {
	return partyName.ReplaceAllStringFunc(text, func(name string) string { return party(name).String() })
}

func (e example) subject(t *testing.T) Subject {
	t.Helper()
	terms := contract.Terms{Total: e.total, Shares: e.shares, Split: contract.Equal, Hold: e.hold, Expiry: 24 * hour,
		Clauses: parsed(t, e.clauses)}
	if e.lucky {
		terms.Split = contract.Lucky
	}
	rule, err := contract.Parse(keyed(e.claim))
	if err != nil {
		t.Fatal(err)
	}
	terms.Claim.Cond = rule
	if strings.Contains(e.claim, "link") {
		key := [32]byte(someKeys(12)[11])
		terms.LinkKey = &key
	}
	created := contract.TimeOf(noon)
	if err := contract.CheckTerms(&terms, party("alice"), created); err != nil {
		t.Fatal(err)
	}
	p := &contract.Packet{Sender: party("alice"), Terms: terms, Created: created, Expires: created.Plus(terms.Expiry),
		Status: contract.Open, Escrow: terms.Total}
	if e.tighten != nil {
		clauses := []contract.Clause{}
		if e.tighten[0] != "renounce" {
			clauses = parsed(t, e.tighten)
		}
		if err := p.CheckTightening(clauses); err != nil {
			t.Fatal(err)
		}
		p.Tightened = []contract.Tightening{{At: contract.TimeOf(noon.Add(time.Hour)), Clauses: clauses}}
	}
	if e.shaped != nil {
		e.shaped(p)
	}
	known := func(of ...string) Namer {
		return func(a contract.Address) string {
			for _, name := range of {
				if a == party(name) {
					return name
				}
			}
			return ""
		}
	}
	return Subject{Packet: p, Share: e.share, Now: noon.Add(e.now), Name: known("alice", "bob", "carol", "dave"),
		Arbiter: known("court"), Alone: e.alone}
}

func parsed(t *testing.T, texts []string) []contract.Clause {
	t.Helper()
	list := []contract.Clause{}
	for _, text := range texts {
		c, err := contract.ParseClause(keyed(text))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, c)
	}
	return list
}

// Packets as people read them, one after the other, in both languages.
func TestPacketsInPlainWords(t *testing.T) {
	var out strings.Builder
	for _, e := range examples {
		fmt.Fprintf(&out, "# %s\n", e.desc)
		s := e.subject(t)
		for _, l := range []Lang{Chinese, English} {
			list := Explain(l, s)
			checkPlain(t, list)
			out.WriteString(strings.Join(list, "\n") + "\n")
		}
		out.WriteString("\n")
	}
	golden(t, "packets.txt", out.String())
}
