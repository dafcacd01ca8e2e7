package app

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hongbao/contract"
)

// bomb is terms' clauses or claim rule made to cost more than they may.
type bomb struct {
	desc string
	edit func(*contract.Terms)
	want contract.Code
}

func restWhen(c contract.Cond, reasons ...contract.Reason) func(*contract.Terms) {
	return func(tm *contract.Terms) {
		tm.Clauses = []contract.Clause{{Target: contract.Rest, When: contract.Rule{Cond: c}, Reasons: reasons}}
	}
}

func claimWhen(c contract.Cond) func(*contract.Terms) {
	return func(tm *contract.Terms) { tm.Claim.Cond = c }
}

// layers is the sender below n-1 layers of all.
func layers(n int) (c contract.Cond) {
	c = contract.Sender{}
	for range n - 1 {
		c = contract.All{c}
	}
	return c
}

// parts is a condition of n parts, none of them wider than 16.
func parts(n int) contract.Cond {
	all := contract.All{contract.Sender{}}
	for n -= 2; n > 0; n -= 16 {
		any := contract.Any{}
		for range min(n, 16) - 1 {
			any = append(any, contract.Always{})
		}
		all = append(all, any)
	}
	return all
}

// windows is the sender within n windows.
func windows(n int) contract.Cond {
	all := contract.All{contract.Sender{}}
	for i := 0; i < n; i += 8 {
		any := contract.Any{}
		for j := i; j < min(n, i+8); j++ {
			any = append(any, contract.Within{For: contract.Seconds(60 + j)})
		}
		all = append(all, any)
	}
	return all
}

func keyAtoms(from, n int) (list []contract.Cond) {
	for i := range n {
		list = append(list, contract.Key{Address: addr("bomb " + string(rune('a'+from+i)))})
	}
	return list
}

func names(from, n int) (c contract.Named) {
	for i := range n {
		c.Claimers = append(c.Claimers, addr(fmt.Sprint("name ", from+i)))
	}
	return c
}

func fourClauses(c func(i int) contract.Cond) func(*contract.Terms) {
	return func(tm *contract.Terms) {
		tm.Clauses = nil
		for i := range 4 {
			tm.Clauses = append(tm.Clauses, contract.Clause{Target: contract.Rest, When: contract.Rule{Cond: c(i)},
				Reasons: []contract.Reason{}})
		}
	}
}

// fat is a condition of 32 keys' text that a signature of any of 8 meets.
func fat(int) contract.Cond {
	return contract.Any{contract.Any(append(keyAtoms(0, 8), keyAtoms(0, 8)...)),
		contract.Any(append(keyAtoms(0, 8), keyAtoms(0, 8)...))}
}

var bombs = []bomb{
	{"eight layers", restWhen(layers(8)), contract.CodeOK},
	{"nine layers", restWhen(layers(9)), contract.CodeConditionTooDeep},
	{"a hundred layers", restWhen(layers(100)), contract.CodeConditionTooDeep},
	{"64 parts", restWhen(parts(64)), contract.CodeOK},
	{"65 parts", restWhen(parts(65)), contract.CodeConditionTooLarge},
	{"65 parts in a claim rule", claimWhen(contract.Any{contract.Always{}, parts(63)}), contract.CodeConditionTooLarge},
	{"16 operands", restWhen(contract.Any(append(keyAtoms(0, 8), keyAtoms(0, 8)...))), contract.CodeOK},
	{"17 operands", restWhen(contract.Any(append(keyAtoms(0, 8), append(keyAtoms(0, 8), contract.Sender{})...))),
		contract.CodeConditionTooLarge},
	{"16 windows", restWhen(windows(16)), contract.CodeOK},
	{"17 windows", restWhen(windows(17)), contract.CodeTooManyWindows},
	{"17 windows in four clauses", fourClauses(func(i int) contract.Cond { return windows(4 + i/3) }),
		contract.CodeTooManyWindows},
	{"17 windows in a claim rule", claimWhen(contract.Any{contract.Always{}, windows(17).(contract.All)[1],
		windows(17).(contract.All)[2], windows(17).(contract.All)[3]}), contract.CodeTooManyWindows},
	{"8 keys", restWhen(contract.Of{K: 8, Operands: keyAtoms(0, 8)}), contract.CodeOK},
	{"9 keys", restWhen(contract.Of{K: 9, Operands: keyAtoms(0, 9)}), contract.CodeTooManyKeys},
	{"8 keys and the sender", restWhen(contract.Any{contract.Sender{}, contract.Of{K: 8, Operands: keyAtoms(0, 8)}}),
		contract.CodeTooManyKeys},
	{"9 keys in four clauses", fourClauses(func(i int) contract.Cond { return contract.Any(keyAtoms(2*i, 2+i/3)) }),
		contract.CodeTooManyKeys},
	{"five clauses", func(tm *contract.Terms) {
		fourClauses(func(i int) contract.Cond { return contract.Sender{} })(tm)
		tm.Clauses = append(tm.Clauses, tm.Clauses[0])
	}, contract.CodeBadTerms},
	{"4,096 bytes of clauses and more", fourClauses(fat), contract.CodeConditionTooLarge},
	{"100 names", claimWhen(names(0, 100)), contract.CodeOK},
	{"101 names", claimWhen(names(0, 101)), contract.CodeConditionTooLarge},
	{"8,192 bytes of names and more", claimWhen(contract.Any{names(0, 70), names(70, 70)}),
		contract.CodeConditionTooLarge},
	{"a name twice", claimWhen(contract.Named{Claimers: addresses([]string{"bob", "carol", "bob"})}),
		contract.CodeDuplicateKey},
	{"more of k than there are", restWhen(contract.Of{K: 9, Operands: keyAtoms(0, 8)}), contract.CodeBadCondition},
	{"none of k", restWhen(contract.Of{K: 0, Operands: keyAtoms(0, 8)}), contract.CodeBadCondition},
	{"seven reasons", restWhen(contract.Sender{}, "DUPL", "AM09", "AC03", "FRAD", "CUST", "TECH", "DUPL"),
		contract.CodeBadTerms},
	{"a reason twice", restWhen(contract.Sender{}, "DUPL", "DUPL"), contract.CodeBadTerms},
	{"a reason of 4,000 bytes", restWhen(contract.Sender{}, contract.Reason(strings.Repeat("x", 4000))),
		contract.CodeUnknownReason},
	{"a scene of 10,000 bytes", func(tm *contract.Terms) { tm.Scene = strings.Repeat("x", 10_000) },
		contract.CodeUnknownScene},
	{"a scene of 16,384 bytes", func(tm *contract.Terms) { tm.Scene = strings.Repeat("x", 16_384) },
		contract.CodeTxTooLarge},
}

// Clauses that are too deep, too wide, or too many of anything are refused by
// name, when they are sent and when they are tightened to. The message does not
// grow with the bomb.
func TestAttackClauseBombs(t *testing.T) {
	s := newStageWith(t, contract.DefaultParams(), people...)
	for _, b := range bombs {
		s.Wait(time.Second)
		tm := terms(1, 500, under(t, 0))
		b.edit(&tm)
		if got := s.try("alice", &contract.Send{Terms: tm}); got != b.want {
			t.Errorf("%s: %s, want %s", b.desc, got, b.want)
		}
		if sim := s.simulate("alice", &contract.Send{Terms: tm}); len(sim.Log) > 600 {
			t.Errorf("%s: a message of %d bytes", b.desc, len(sim.Log))
		}
		if len(tm.Clauses) == 0 || b.want == contract.CodeOK {
			continue
		}
		s.put("alice", terms(1, 500, under(t, 0, "rest when sender")))
		if got := s.try("alice", &contract.Tighten{Packet: s.id, Clauses: tm.Clauses}); got != b.want {
			t.Errorf("tighten to %s: %s, want %s", b.desc, got, b.want)
		}
	}
	s.put("alice", terms(1, 500, under(t, 0, "rest when sender")))
	renamed := &contract.Tighten{Packet: s.id,
		Clauses: clausesOf(t, "rest when "+contract.Print(contract.Of{K: 8, Operands: keyAtoms(0, 8)}))}
	if got := s.try("alice", renamed); got != contract.CodeTooManyKeys {
		t.Errorf("eight new keys in the place of the sender's: %s", got)
	}
	s.books()
}

// The dearest clauses that are legal, compared with others as dear that allow
// less in all but the last of 33 intervals, cost a block no more than a few
// dozen payments do.
func TestAttackDearestLegalClauses(t *testing.T) {
	s := newStageWith(t, contract.DefaultParams(), people...)
	dearest := func(shift ...contract.Seconds) func(*contract.Terms) {
		return fourClauses(func(i int) contract.Cond {
			// Four windows, and k of 16 with eight keys and eight impossible
			// operands, which takes most of the 64 parts and 4,096 bytes.
			any := contract.Any{}
			for j := range 4 {
				any = append(any, contract.Within{For: contract.Seconds(100*i+10*j+10) - shift[(4*i+j)/15]})
			}
			of := contract.Of{K: 4, Operands: keyAtoms(0, 8)}
			for range 8 {
				of.Operands = append(of.Operands, contract.All{contract.Any{contract.Never{}, contract.Never{}},
					contract.Untouched{}})
			}
			return contract.All{any, of}
		})
	}
	tm, other := terms(1, 500, dearest(1, 1)), terms(1, 500, dearest(2, 0))
	s.put("alice", tm)
	cheapest := func(wire func() []byte, want contract.Code) time.Duration {
		best := time.Hour
		for range 8 {
			tx := wire()
			s.Wait(time.Millisecond)
			start := time.Now()
			res := s.Finalize(tx)
			best = min(best, time.Since(start))
			if got := contract.Code(res.TxResults[0].Code); got != want {
				t.Fatalf("%s, want %s", got, want)
			}
		}
		return best
	}
	payment := cheapest(func() []byte { return s.Tx("bob", &contract.Pay{To: addr("carol"), Amount: 1}) },
		contract.CodeOK)
	sent := cheapest(func() []byte { return s.Tx("alice", &contract.Send{Terms: tm}) }, contract.CodeOK)
	compared := cheapest(func() []byte {
		return s.Tx("alice", &contract.Tighten{Packet: s.id, Clauses: other.Clauses})
	}, contract.CodeNotTighter)
	judged := cheapest(func() []byte { return s.Tx("carol", &contract.Recall{Packet: s.id, Clause: 4}) },
		contract.CodeSignatureMissing)
	t.Logf("a payment %s, a send %s, a tightening %s, a recall %s", payment, sent, compared, judged)
	if most := 50 * payment; sent > most || compared > most || judged > most {
		t.Errorf("a payment %s, a send %s, a tightening %s, a recall %s", payment, sent, compared, judged)
	}
}

// A window that ends after the end of time, begins after it, or lay before the
// beginning is one that ends, begins or lay there; nothing wraps round.
func TestAttackWindowOverflow(t *testing.T) {
	const longest = contract.MaxDuration
	past, far := contract.Before{At: 0},
		contract.From{At: contract.TimeOf(time.Date(2261, 12, 31, 23, 59, 59, 0, time.UTC))}
	by := func(c ...contract.Cond) func(*contract.Terms) {
		return restWhen(contract.All(append([]contract.Cond{contract.Sender{}}, c...)))
	}
	shares := func(hold contract.Seconds, c ...contract.Cond) func(*contract.Terms) {
		return func(tm *contract.Terms) {
			by(c...)(tm)
			tm.Clauses[0].Target, tm.Hold = contract.HeldShares, hold
		}
	}
	s := newStageWith(t, contract.DefaultParams(), people...)
	now := contract.TimeOf(s.Now)
	for _, row := range []bomb{
		{"until 1970", by(past), contract.CodeClauseNeverTrue},
		{"until now", by(contract.Before{At: now}), contract.CodeClauseNeverTrue},
		{"from 2261 on", by(far), contract.CodeClauseNeverTrue},
		{"until 2261", by(contract.Before(far)), contract.CodeClauseOutlives},
		{"until 1970 or from 2261 on", by(contract.Any{past, far}), contract.CodeClauseNeverTrue},
		{"from 1970 on", by(contract.From{At: 0}), contract.CodeOK},
		{"until the end of time", by(contract.Before{At: contract.MaxTime}), contract.CodeBadCondition},
		{"until before 1970", by(contract.Before{At: -1e9}), contract.CodeBadCondition},
		{"within a year", by(contract.Within{For: longest}), contract.CodeClauseOutlives},
		{"within more than a year", by(contract.Within{For: longest + 1}), contract.CodeBadCondition},
		{"within 136 years", by(contract.Within{For: 1<<32 - 1}), contract.CodeBadCondition},
		{"after a year", by(contract.After{For: longest}), contract.CodeClauseNeverTrue},
		{"after the packet's day", by(contract.After{For: 24 * 3600}), contract.CodeClauseNeverTrue},
		{"in its last second", by(contract.After{For: 24*3600 - 1}), contract.CodeOK},
		{"a share to the end of its hold", shares(longest, contract.Within{For: longest}), contract.CodeOK},
		{"a share a second longer", shares(36000, contract.Within{For: 36001}), contract.CodeClauseOutlives},
		{"a share from the end of its hold on", shares(36000, contract.After{For: 36000}),
			contract.CodeClauseNeverTrue},
		{"a share until a date", shares(36000, contract.Before(far)), contract.CodeConditionMisplaced},
		{"claims until 1970", claimWhen(past), contract.CodeClaimNeverTrue},
		{"claims from 2261 on", claimWhen(far), contract.CodeClaimNeverTrue},
		{"claims after the packet's day", claimWhen(contract.After{For: 24 * 3600}), contract.CodeClaimNeverTrue},
		{"a hold of a year and a second", func(tm *contract.Terms) { tm.Hold = longest + 1 }, contract.CodeBadTerms},
		{"a hold of 136 years", func(tm *contract.Terms) { tm.Hold = 1<<32 - 1 }, contract.CodeBadTerms},
		{"an expiry of a year and a second", func(tm *contract.Terms) { tm.Expiry = longest + 1 },
			contract.CodeBadTerms},
		{"an expiry at once", func(tm *contract.Terms) { tm.Expiry = 0 }, contract.CodeBadTerms},
	} {
		tm := terms(1, 500, under(t, 0))
		row.edit(&tm)
		if got := s.try("alice", &contract.Send{Terms: tm}); got != row.want {
			t.Errorf("%s: %s, want %s", row.desc, got, row.want)
		}
	}
	s.books()
}

// At the end of time every length is cut off there, and the packet still lives
// its life.
func TestAttackWindowsAtTheEndOfTime(t *testing.T) {
	s := newStageWith(t, contract.DefaultParams(), people...)
	s.Now = contract.MaxTime.Std().Add(-6 * time.Minute)
	s.Block()
	s.put("alice", terms(3, 500, under(t, contract.MaxDuration, "rest when all(sender,within(8784h))",
		"share when all(sender,within(8784h))"),
		func(tm *contract.Terms) { tm.Expiry = contract.MaxDuration }))
	s.must(claims("bob"), claims("carol"))
	p := s.Packet(s.id)
	if p.Expires != contract.MaxTime || p.SettlesAt(1) != contract.MaxTime || p.RecallableUntil() != contract.MaxTime {
		t.Errorf("expires %s, settles %s, recallable until %s", p.Expires, p.SettlesAt(1), p.RecallableUntil())
	}
	s.must(recallsShare("alice", 2, 1, ""))
	if got := s.state(); got != "open recalled held" {
		t.Errorf("the packet is %s", got)
	}
	s.Now = contract.MaxTime.Std().Add(-1)
	s.Block()
	if got := s.state(); got != "open recalled held" {
		t.Errorf("a nanosecond before the end the packet is %s", got)
	}
	s.Now = contract.MaxTime.Std()
	s.Block()
	if got := s.state(); got != "expired recalled settled" {
		t.Errorf("at the end the packet is %s", got)
	}
	s.books()
}
