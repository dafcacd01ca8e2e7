package words

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"hongbao/contract"
)

// explained is a file for the page's tests: what Explain and Standing say, for the
// same words in the browser.
var explained = flag.String("explained", "", "write what is explained to this file, for client/web/page/run-tests")

// vector is a subject and what is said of it.
type vector struct {
	Desc     string            `json:"desc"`
	Packet   string            `json:"packet"` // its leaf, in hex
	Share    uint32            `json:"share"`
	Beside   string            `json:"beside"` // of a large packet's share: its leaf, in hex
	Now      string            `json:"now"`    // nanoseconds
	Zone     int               `json:"zone"`   // minutes ahead of UTC
	Alone    bool              `json:"alone"`
	Names    map[string]string `json:"names"` // by key in hex: whom the reader knows
	Arbiters map[string]string `json:"arbiters"`
	English  []string          `json:"en"`
	Chinese  []string          `json:"zh"`
	Standing [][2]string       `json:"standing"` // of each share: zh, en

	// Of a packet that was sent: what is said before its sender renounces, and before each
	// clause in force is approved.
	Renounced [2][2][]string  `json:"renounced"` // zh, en: before, after
	Consents  []consentVector `json:"consents"`
}

type consentVector struct {
	Clause  uint32   `json:"clause"`
	Reason  string   `json:"reason"`
	Until   string   `json:"until"` // nanoseconds
	English []string `json:"en"`    // the question last
	Chinese []string `json:"zh"`
}

// The page says of every scene, of every example, and of a thousand random packets
// what Go says: client/web/page/run-tests reads the file.
func TestVectorsForThePage(t *testing.T) {
	var list []vector
	for _, s := range contract.Scenes() {
		subject := sceneSubject(t, s)
		if subject.Packet.Terms.Claim.Cond == nil {
			subject.Packet.Terms.Claim.Cond = contract.Always{}
		}
		list = append(list, vectorOf(s.Name, subject))
		p := *subject.Packet
		p.Sender, p.Created = party("alice"), contract.TimeOf(noon)
		p.Expires, p.Escrow = p.Created.Plus(p.Terms.Expiry), p.Terms.Total
		for _, after := range []time.Duration{0, time.Minute, 3 * time.Hour, 100 * time.Hour} {
			later := Subject{Packet: &p, Now: noon.Add(after)}
			list = append(list, vectorOf(fmt.Sprint(s.Name, " after ", after), later))
		}
	}
	for _, e := range examples {
		list = append(list, vectorOf(e.desc, e.subject(t)))
	}
	for _, e := range largePackets(t) {
		list = append(list, vectorOf(e.desc, e.subject()))
	}
	const random = 1000
	rng := rand.New(rand.NewPCG(1, 2))
	for n := 0; n < random; {
		if e, ok := randomExample(rng); ok {
			e.desc = fmt.Sprint("random ", n)
			s := e.subject(t)
			s.Now = s.Now.In(time.FixedZone("", rng.IntN(25)*1800-6*3600))
			list = append(list, vectorOf(e.desc, s))
			n++
		}
	}
	said := map[string]bool{}
	for _, v := range list {
		said[fmt.Sprint(v.English)] = true
	}
	if len(said) < random/2 {
		t.Errorf("only %d different explanations: too alike to tell", len(said))
	}
	if *explained == "" {
		return
	}
	b, err := json.Marshal(list)
	if err == nil {
		err = os.WriteFile(*explained, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func vectorOf(desc string, s Subject) vector {
	_, zone := s.Now.Zone()
	v := vector{Desc: desc, Packet: hex.EncodeToString(contract.Encode(s.Packet)), Share: s.Share,
		Now: fmt.Sprint(s.Now.UnixNano()), Zone: zone / 60, Alone: s.Alone, Names: map[string]string{},
		Arbiters: map[string]string{}, English: Explain(English, s), Chinese: Explain(Chinese, s)}
	v.Standing, v.Consents = [][2]string{}, []consentVector{} // not null
	if s.Now.IsZero() {
		v.Now = "0"
	}
	for _, name := range parties {
		a := party(name)
		if s.Name != nil && s.Name(a) != "" {
			v.Names[hex.EncodeToString(a[:])] = s.Name(a)
		}
		if s.Arbiter != nil && s.Arbiter(a) != "" {
			v.Arbiters[hex.EncodeToString(a[:])] = s.Arbiter(a)
		}
	}
	if leaf := s.Packet.LeafBeside(); leaf != nil {
		v.Beside = hex.EncodeToString(contract.Encode(leaf))
		v.Standing = append(v.Standing, [2]string{Standing(Chinese, s), Standing(English, s)})
	}
	if s.Packet.Created == 0 {
		return v
	}
	for i := range s.Packet.Shares {
		one := s
		one.Share = uint32(i + 1)
		v.Standing = append(v.Standing, [2]string{Standing(Chinese, one), Standing(English, one)})
	}
	for i, l := range []Lang{Chinese, English} {
		before, after := Tightening(l, s, []contract.Clause{})
		v.Renounced[i] = [2][]string{append([]string{}, before...), append([]string{}, after...)}
	}
	for i, reason := range []contract.Reason{"", "FRAD", "AM09", "CUST"} {
		n := uint32(i + 1)
		if i >= len(s.Packet.InForce()) {
			break
		}
		until := contract.TimeOf(s.Now.Add(time.Hour))
		c := consentVector{Clause: n, Reason: string(reason), Until: fmt.Sprint(int64(until))}
		said := func(l Lang) []string {
			lines, question := Consent(l, s, n, reason, until)
			return append(lines, question)
		}
		c.English, c.Chinese = said(English), said(Chinese)
		v.Consents = append(v.Consents, c)
	}
	return v
}

// randomExample is a packet that the contract would take; false where it would not.
func randomExample(rng *rand.Rand) (e example, ok bool) {
	one := func(list ...string) string { return list[rng.IntN(len(list))] }
	span := func() string { return one("10m", "1h", "90m", "5h", "12h") }
	cond := func(depth int) string { return "" }
	cond = func(depth int) string {
		if depth == 0 || rng.IntN(3) == 0 {
			return one("sender", "sender", "key(bob)", "key(carol)", "key(x1)", "key(x2)", "key(x3)", "key(court)")
		}
		switch rng.IntN(5) {
		case 0:
			return fmt.Sprintf("all(%s,within(%s))", cond(depth-1), span())
		case 1:
			return fmt.Sprintf("all(%s,after(%s))", cond(depth-1), span())
		case 2:
			return fmt.Sprintf("any(%s,%s)", cond(depth-1), cond(depth-1))
		case 3:
			return "2 of (key(x1),key(x2),key(dave))"
		}
		return fmt.Sprintf("all(%s,%s)", cond(depth-1), cond(depth-1))
	}
	clause := func() string {
		text := cond(2)
		if rng.IntN(4) == 0 {
			text = "all(" + text + ",untouched)"
		}
		return one("rest", "share") + " when " + text + one("", "", " for FRAD", " for DUPL,AM09", " for CUST")
	}
	e = example{shares: uint32(1 + rng.IntN(4)), lucky: rng.IntN(4) == 0, alone: rng.IntN(8) == 0,
		claim: one("link", "always", "named(bob)", "named(bob,carol,dave,x1)", "all(link,within(2h))",
			"any(named(bob,x7),all(link,after(1h)))", "all(named(bob,carol),from(2026-02-17T13:00:00Z))"),
		now: time.Duration(rng.IntN(60*30)) * time.Minute}
	e.total = contract.Amount(e.shares) * contract.Amount(1+rng.IntN(100_000))
	if rng.IntN(2) == 0 {
		e.hold = contract.Seconds(3600 * (1 + rng.IntN(80)))
	}
	for range rng.IntN(4) {
		e.clauses = append(e.clauses, clause())
	}
	terms := contract.Terms{Total: e.total, Shares: e.shares, Split: contract.Equal, Hold: e.hold, Expiry: 24 * hour}
	for _, text := range e.clauses {
		c, err := contract.ParseClause(keyed(text))
		if err != nil {
			return e, false
		}
		terms.Clauses = append(terms.Clauses, c)
	}
	terms.Claim.Cond = contract.Always{}
	created := contract.TimeOf(noon)
	if contract.CheckTerms(&terms, party("alice"), created) != nil {
		return e, false
	}
	if len(e.clauses) > 0 && rng.IntN(5) == 0 && e.now > 2*time.Hour {
		e.tighten = []string{"renounce"}
	}
	if n := rng.IntN(int(min(e.shares, 3)) + 1); n > 0 {
		states := []contract.ShareState{contract.Settled, contract.Held, contract.ShareRecalled, contract.Returned}
		asks, full := rng.IntN(3), n == int(e.shares)
		which := make([]contract.ShareState, n)
		for i := range which {
			which[i] = states[rng.IntN(len(states))]
			if e.hold == 0 && which[i] != contract.Returned {
				which[i] = contract.Settled
			}
		}
		e.shaped = func(p *contract.Packet) {
			claimed(p, n, contract.Settled, time.Minute)
			for i := range p.Shares {
				sh := &p.Shares[i]
				p.Escrow -= sh.Amount
				if sh.State = which[i]; sh.State == contract.Settled && asks > 0 {
					sh.Asked = &contract.Asked{State: contract.AskState(1 + (asks+i)%4), Reason: "AC03",
						At: contract.TimeOf(noon.Add(time.Hour))}
				}
			}
			if full {
				p.Status, p.Closed = contract.Full, p.Shares[0].ClaimedAt
			}
		}
		e.share = uint32(rng.IntN(n + 1))
	}
	return e, true
}
