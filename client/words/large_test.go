package words

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hongbao/contract"
)

// largePackets are packets to a list and campaigns, at instants of their lives, and shares
// of them.
func largePackets(t *testing.T) (list []largeExample) {
	t.Helper()
	parse := func(clauses ...string) (out []contract.Clause) {
		for _, text := range clauses {
			c, err := contract.ParseClause(text)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, c)
		}
		return out
	}
	toList := contract.Terms{Total: 123_456, Shares: 300, Split: contract.ByList, Expiry: 24 * hour,
		Claim: contract.Rule{Cond: contract.Listed{Root: contract.Hash{7}}}, Clauses: parse("24h")}
	held := toList
	held.Hold, held.Clauses = hour, parse("24h", "share when sender")
	later := toList
	later.Claim.Cond = contract.All{contract.Listed{Root: contract.Hash{7}},
		contract.From{At: contract.TimeOf(noon.Add(2 * time.Hour))}}
	equal := contract.Terms{Total: 100_000, Shares: 1000, Split: contract.Equal, Expiry: 24 * hour,
		Claim:   contract.Rule{Cond: contract.Always{}},
		Clauses: parse("rest when all(sender,after(1h)) for CUST,FRAD"), Scene: "coupon"}
	untouched := equal
	untouched.Scene, untouched.Clauses = "", parse("rest when all(sender,untouched)")
	rain := contract.Terms{Total: 88_888, Shares: 500, Split: contract.Lucky, Expiry: 600,
		Claim: contract.Rule{Cond: contract.Always{}}, Clauses: []contract.Clause{}, Scene: "rain"}
	minute := contract.TimeOf(noon.Add(time.Minute))
	closed := func(s contract.Status, after time.Duration) func(*contract.Packet) {
		return func(p *contract.Packet) {
			p.Tally.Claimed, p.Tally.LastClaim = 2, minute
			p.Status, p.Closed, p.Escrow = s, contract.TimeOf(noon.Add(after)), 0
			if s == contract.Full {
				p.Tally.Claimed, p.Closed = p.Terms.Shares, minute
			}
		}
	}
	claimed := func(p *contract.Packet) {
		p.Tally.Claimed, p.Tally.LastClaim = 2, minute
		p.Escrow -= 2 * p.Terms.Total / contract.Amount(p.Terms.Shares)
	}
	for _, kind := range []struct {
		desc  string
		terms contract.Terms
	}{{"a list", toList}, {"a list whose shares are held", held}, {"a list that opens later", later},
		{"a campaign of coupons", equal}, {"a campaign until it is touched", untouched}, {"a rain", rain}} {
		list = append(list, newLargeExample(kind.desc, kind.terms, 0, nil),
			newLargeExample(kind.desc+", two claimed", kind.terms, 5*time.Minute, claimed),
			newLargeExample(kind.desc+", all claimed", kind.terms, 2*time.Hour, closed(contract.Full, 0)),
			newLargeExample(kind.desc+", expired", kind.terms, 30*time.Hour,
				closed(contract.Expired, time.Duration(kind.terms.Expiry)*time.Second)))
		if len(kind.terms.Clauses) > 0 {
			list = append(list, newLargeExample(kind.desc+", recalled", kind.terms, 3*time.Hour,
				closed(contract.Recalled, 2*time.Hour)))
		}
	}
	list = append(list, newLargeExample("a rain, undrawn", rain, 2*time.Minute, func(p *contract.Packet) {
		claimed(p)
		p.Tally.Undrawn = 2
	}), newLargeExample("a rain of one share left", rain, 2*time.Minute, func(p *contract.Packet) {
		p.Tally.Claimed, p.Tally.LastClaim, p.Escrow = p.Terms.Shares-1, minute, 77
	}))
	settled := contract.Share{Claimer: party("bob"), Amount: 700, State: contract.Settled, ClaimedAt: minute}
	shares := []struct {
		desc string
		edit func(*contract.Share)
	}{
		{"settled", func(*contract.Share) {}},
		{"held", func(s *contract.Share) { s.State = contract.Held }},
		{"recalled", func(s *contract.Share) { s.State = contract.ShareRecalled }},
		{"returned", func(s *contract.Share) { s.State = contract.Returned }},
		{"asked for", func(s *contract.Share) {
			s.Asked = &contract.Asked{State: contract.AskOpen, Reason: "AC03",
				At: contract.TimeOf(noon.Add(2 * time.Hour))}
		}},
	}
	for _, row := range shares {
		terms := held
		now := 30 * time.Minute
		if row.desc == "settled" || row.desc == "asked for" {
			terms, now = toList, 3*time.Hour
		}
		e := newLargeExample("a share of a list, "+row.desc, terms, now, claimed)
		s := settled
		row.edit(&s)
		e.beside = &contract.ShareLeaf{Share: s, Settles: s.ClaimedAt.Plus(terms.Hold), Created: e.packet.Created}
		e.share = 42
		list = append(list, e)
	}
	return list
}

type largeExample struct {
	desc   string
	packet *contract.Packet
	beside *contract.ShareLeaf
	share  uint32
	now    time.Time
}

func newLargeExample(desc string, terms contract.Terms, now time.Duration, edit func(*contract.Packet)) largeExample {
	p := &contract.Packet{Terms: terms, Sender: party("alice"), Created: contract.TimeOf(noon), Status: contract.Open,
		Escrow: terms.Total, Tally: new(contract.Tally), Shares: []contract.Share{}, Tightened: []contract.Tightening{}}
	p.Expires = p.Created.Plus(terms.Expiry)
	if edit != nil {
		edit(p)
	}
	return largeExample{desc: desc, packet: p, now: noon.Add(now)}
}

// subject is the example with its share beside it.
func (e *largeExample) subject() Subject {
	p := e.packet
	if e.beside != nil {
		p = p.With(e.share, *e.beside)
	}
	return Subject{Packet: p, Share: e.share, Now: e.now,
		Name: func(a contract.Address) string {
			if a == party("bob") {
				return "bob"
			}
			return ""
		}}
}

// A claimer of a list or of a campaign reads how much there is, who may claim, who can take
// it back until when, and what becomes of the rest; and how a share stands.
func TestLargePacketsAreExplained(t *testing.T) {
	var out strings.Builder
	for _, e := range largePackets(t) {
		s := e.subject()
		if err := contract.CheckTerms(&e.packet.Terms, e.packet.Sender, e.packet.Created); err != nil {
			t.Fatalf("%s: %v", e.desc, err)
		}
		fmt.Fprintf(&out, "# %s\n", e.desc)
		for _, l := range []Lang{Chinese, English} {
			list := Explain(l, s)
			checkPlain(t, list)
			out.WriteString(strings.Join(list, "\n") + "\n")
			if s.Share != 0 {
				out.WriteString(Standing(l, s) + "\n")
			}
		}
		out.WriteString("\n")
	}
	golden(t, "large.txt", out.String())
}
