package audit

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"hongbao/contract"
)

// A pairStory is two proofs that the same validators signed, and why they cannot
// both be true: a finding's code, or empty where they can.
type pairStory struct {
	name, desc string
	code       string
	tell       func(t testing.TB) (a, b *File)
}

const packetTotal = 3

// proveUnrecalled, proveAbsent and proveSupply are proofs without entries.
func (l *ledger) proveUnrecalled(id contract.PacketID) *File {
	return l.build(KindUnrecalled, id.String(), contract.PacketKey(id), Evidence{})
}

func (l *ledger) proveAbsent(id contract.PacketID) *File {
	return l.build(KindAbsent, id.String(), contract.PacketKey(id), Evidence{})
}

func (l *ledger) proveSupply() *File {
	return l.build(KindSupply, "supply", contract.SupplyKey, Evidence{})
}

// forked is a chain, and another from the same genesis: what only a conspiracy of
// more than 2/3 can sign. In both, alice sends the same packet.
func forked(t testing.TB) (l, m *ledger, id contract.PacketID) {
	names := []string{"alice", "bob", "carol"}
	l, m = newLedger(t, names...), newLedger(t, names...)
	id = l.send(terms(packetTotal, 300, "rest when sender"))
	m.send(terms(packetTotal, 300, "rest when sender"))
	return l, m, id
}

func pay(to string, amount contract.Amount) *contract.Pay {
	return &contract.Pay{To: address(to), Amount: amount}
}

var pairStories = slices.Concat(smallPairs, largePairs)

var smallPairs = []pairStory{
	{"pair-two-blocks", "two blocks of one height: bob claims, or carol", "two_blocks",
		func(t testing.TB) (a, b *File) {
			l, m, id := forked(t)
			l.block(time.Second, l.claim("bob", id))
			m.block(time.Second, m.claim("carol", id))
			return l.prove(id), m.proveSupply()
		}},
	{"pair-time-back", "a later block of an earlier time", "time_back", func(t testing.TB) (a, b *File) {
		l, m, _ := forked(t)
		l.block(time.Hour)
		m.block(time.Second)
		m.block(time.Second)
		return m.proveSupply(), l.proveSupply()
	}},
	{"pair-clock-back", "a dev chain's clock that was set back", "clock_back", func(t testing.TB) (a, b *File) {
		l, m := newDevLedger(t, "alice"), newDevLedger(t, "alice")
		l.block(time.Second, l.tx("alice", &contract.Warp{By: 3600}))
		m.block(time.Second)
		m.block(time.Second)
		return l.proveSupply(), m.proveSupply()
	}},
	{"pair-absent-after", "a packet that is gone", "absent_after", func(t testing.TB) (a, b *File) {
		l, _, id := forked(t)
		m := newLedger(t, "alice", "bob", "carol")
		m.block(10 * time.Minute)
		for m.height <= l.height {
			m.block(time.Second)
		}
		return l.proveUnrecalled(id), m.proveAbsent(id)
	}},
	{"pair-absent-before", "a packet sent before it was proven absent", "absent_before",
		func(t testing.TB) (a, b *File) {
			l, _, id := forked(t)
			m := newLedger(t, "alice", "bob", "carol")
			for m.height < l.height {
				m.block(time.Minute)
			}
			for range 3 {
				l.block(time.Hour)
			}
			return m.proveAbsent(id), l.proveUnrecalled(id)
		}},
	{"pair-share-changed", "the first share is bob's, and later carol's", "packet_changed",
		func(t testing.TB) (a, b *File) {
			l, m, id := forked(t)
			l.block(time.Second, l.claim("bob", id))
			m.block(time.Second, m.claim("carol", id))
			m.block(time.Second)
			return l.proveShare(id, 1), m.proveShare(id, 1)
		}},
	{"pair-status-changed", "the rest was recalled, and later claimed", "packet_changed",
		func(t testing.TB) (a, b *File) {
			l, m, id := forked(t)
			l.block(time.Second, l.tx("alice", &contract.Recall{Packet: id, Clause: 1}))
			m.block(time.Second)
			m.block(time.Second, m.claim("carol", id))
			return l.proveRecall(id, 0), m.prove(id)
		}},
	{"pair-undone", "a sender who renounced, and later recalled: each whole life is lawful without the other",
		"packet_changed", func(t testing.TB) (a, b *File) {
			l, m, id := forked(t)
			l.block(time.Second, l.tx("alice", tightenTo(id)))
			m.block(time.Second)
			m.block(time.Second, m.tx("alice", &contract.Recall{Packet: id, Clause: 1}))
			return l.prove(id), m.prove(id)
		}},
	{"pair-nonce-back", "alice paid, and later had not", "nonce_back", func(t testing.TB) (a, b *File) {
		l, m, _ := forked(t)
		l.block(time.Second, l.tx("alice", pay("bob", 100)))
		m.block(time.Second)
		m.block(time.Second)
		return l.proveAccount("alice", 0, 0), m.proveAccount("alice", 0, 0)
	}},
	{"pair-history-shorter", "bob was paid, and later had not been", "history_shorter",
		func(t testing.TB) (a, b *File) {
			l, m, _ := forked(t)
			l.block(time.Second, l.tx("alice", pay("bob", 100)))
			m.block(time.Second)
			m.block(time.Second)
			return l.proveAccount("bob", 0, 0), m.proveAccount("bob", 0, 0)
		}},
	{"pair-history-other", "alice paid bob, or carol", "history_other", func(t testing.TB) (a, b *File) {
		l, m, _ := forked(t)
		l.block(time.Second, l.tx("alice", pay("bob", 100)))
		m.block(time.Second, m.tx("alice", pay("carol", 100)))
		m.block(time.Second, m.tx("alice", pay("carol", 50)))
		return l.proveAccount("alice", 0, 0), m.proveAccount("alice", 1, 3)
	}},
	{"pair-history-entry", "a statement that left out a payment of its time", "history_entry",
		func(t testing.TB) (a, b *File) {
			l, m, _ := forked(t)
			l.block(time.Second)
			l.block(time.Second)
			m.block(time.Second)
			m.block(time.Second, m.tx("alice", pay("carol", 50)))
			m.block(time.Second)
			return l.proveAccount("alice", 0, 0), m.proveAccount("alice", 0, 0)
		}},
	{"pair-statement-other", "a claim that its claimer's statement does not have", "statement_other",
		func(t testing.TB) (a, b *File) {
			l, m, id := forked(t)
			l.block(time.Second, l.claim("bob", id))
			m.block(time.Second)
			m.block(time.Second)
			return m.proveAccount("bob", 0, 0), l.prove(id)
		}},
	{"pair-supply-changed", "money out of nothing", "supply_changed", func(t testing.TB) (a, b *File) {
		l, m := newLedger(t, "alice"), newLedger(t, "alice", "bob")
		l.block(time.Second)
		m.block(time.Second)
		m.block(time.Second)
		return l.proveSupply(), m.proveSupply()
	}},

	{"pair-same", "a proof and itself", "", func(t testing.TB) (a, b *File) {
		l, _, id := forked(t)
		return l.prove(id), l.prove(id)
	}},
	{"pair-life", "a packet, and how it went on", "", func(t testing.TB) (a, b *File) {
		l, _, id := forked(t)
		a = l.prove(id)
		l.block(time.Second, l.claim("bob", id))
		return a, l.prove(id)
	}},
	{"pair-began", "absent, and then sent", "", func(t testing.TB) (a, b *File) {
		l := newLedger(t, "alice", "bob")
		id := contract.NewPacketID(testChain, address("alice"), 0)
		l.block(time.Second)
		a = l.proveAbsent(id)
		l.send(terms(packetTotal, 300))
		return a, l.prove(id)
	}},
	{"pair-statement", "a packet, and its claimer's statement", "", func(t testing.TB) (a, b *File) {
		l, _, id := forked(t)
		l.block(time.Second, l.claim("bob", id))
		a = l.prove(id)
		l.block(time.Second, l.tx("bob", pay("carol", 100)))
		return a, l.proveAccount("bob", 0, 0)
	}},
	{"pair-unrelated", "what two accounts did", "", func(t testing.TB) (a, b *File) {
		l, _, _ := forked(t)
		a = l.proveAccount("bob", 0, 0)
		l.block(time.Second, l.tx("alice", pay("carol", 100)))
		return a, l.proveAccount("carol", 0, 0)
	}},
}

// pairOutcome is what a pair's vector says of it.
type pairOutcome struct {
	Desc    string  `json:"desc"`
	Verdict Verdict `json:"verdict"`
	Code    string  `json:"code"` // why it is a contradiction, or why it is none
	Power   int64   `json:"power,omitempty"`
	Total   int64   `json:"total,omitempty"`
	Signers int     `json:"signers,omitempty"`
}

func pairOutcomeOf(t testing.TB, desc string, c Comparison) []byte {
	o := pairOutcome{Desc: desc, Verdict: c.Verdict}
	switch {
	case c.Failed != nil:
		o.Code = c.Failed.Code
	case c.Contradiction != nil:
		x := c.Contradiction
		o.Code, o.Power, o.Total, o.Signers = x.Found.Code, x.Power, x.Total, len(x.Signers)
	}
	b, err := encodeJSON(o)
	must(t, err)
	return b
}

// wire is the file of two proofs, whether they contradict each other or not.
func (c *Comparison) wire() []byte {
	forced := *c
	forced.Contradiction = &Contradiction{}
	return forced.Encode()
}

// Two proofs that cannot both be true make a file that names why and who signed
// both; two that may both be true make none.
func TestPairs(t *testing.T) {
	trust := newValidators(10, 10, 10, 10).trust()
	for _, s := range pairStories {
		t.Run(s.name, func(t *testing.T) {
			one, other := s.tell(t)
			a, b := encode(t, one), encode(t, other)
			c := Compare(a, b, trust, Options{})
			if c.Verdict != Valid {
				t.Fatalf("%s\n%v\n%v", c.Verdict, lines(c.First), lines(c.Second))
			}
			code := ""
			if x := c.Contradiction; x != nil {
				if code = x.Found.Code; x.Power != 40 || x.Total != 40 || len(x.Signers) != 4 {
					t.Errorf("signed by %+v", x)
				}
			}
			if code != s.code {
				t.Errorf("%s: %q, expected %q: %v", s.desc, code, s.code, c.Contradiction)
			}
			swapped := Compare(b, a, trust, Options{})
			if !bytes.Equal(c.wire(), swapped.wire()) || (c.Contradiction == nil) != (swapped.Contradiction == nil) {
				t.Error("it matters which is named first")
			}
			file := c.wire()
			golden(t, s.name+".contradiction", file)
			again := VerifyContradiction(file, trust, Options{})
			golden(t, s.name+".json", pairOutcomeOf(t, s.desc, again))
			if (again.Verdict == Valid) != (s.code != "") {
				t.Errorf("the file: %s, %v", again.Verdict, again.Failed)
			}
			if r := VerifyContradiction(file, nil, Options{}); r.Verdict != Untrusted {
				t.Errorf("without trust: %s", r.Verdict)
			}
		})
	}
}

// badPairs are files of a contradiction that were tampered with.
var badPairs = []struct {
	name, desc string
	spoil      func(file []byte) []byte
}{
	{"bad-pair-order", "the later proof first", func(file []byte) []byte {
		rest := bytes.TrimSuffix(bytes.TrimPrefix(file, []byte(contradictionStart)), []byte(contradictionEnd))
		first, second, _ := bytes.Cut(rest, []byte(contradictionNext))
		start, next, end := []byte(contradictionStart), []byte(contradictionNext), []byte(contradictionEnd)
		return slices.Concat(start, second, next, first, end)
	}},
	{"bad-pair-space", "a space too many", func(file []byte) []byte { return append(bytes.Clone(file), ' ') }},
	{"bad-pair-one", "one proof alone", func(file []byte) []byte {
		at := bytes.Index(file, []byte(contradictionNext))
		return slices.Concat(file[:at], []byte(contradictionEnd))
	}},
	{"bad-pair-vote", "a byte of the second proof's header changed", func(file []byte) []byte {
		b := bytes.Clone(file)
		at := bytes.LastIndex(b, []byte(`"signed_header": "`)) + 200
		b[at] ^= 1
		return b
	}},
}

func TestBadPairs(t *testing.T) {
	trust := newValidators(10, 10, 10, 10).trust()
	one, other := pairStories[5].tell(t) // of two heights, whose order is theirs
	c := Compare(encode(t, one), encode(t, other), trust, Options{})
	for _, s := range badPairs {
		file := s.spoil(c.Encode())
		golden(t, s.name+".contradiction", file)
		r := VerifyContradiction(file, trust, Options{})
		golden(t, s.name+".json", pairOutcomeOf(t, s.desc, r))
		if r.Verdict != Invalid {
			t.Errorf("%s: %s", s.desc, r.Verdict)
		}
	}
}

// No two true proofs contradict each other, whatever they are about and whenever
// they were made.
func TestTrueProofsAgree(t *testing.T) {
	l := newDevLedger(t, "alice", "bob", "carol", "dave")
	var files [][]byte
	id := contract.NewPacketID(testChain, address("alice"), 0)
	lucky := contract.NewPacketID(testChain, address("alice"), 1)
	campaign, list := contract.NewPacketID(testChain, address("alice"), 2), listOf(t, staff...)
	show := func() {
		files = append(files, encode(t, l.proveSupply()))
		if l.leaves[string(contract.PacketKey(campaign))] != nil {
			files = append(files, encode(t, l.proveLargePacket(campaign)))
			for n := range uint32(len(staff)) {
				if l.leaves[string(contract.ShareKey(campaign, n+1))] == nil {
					files = append(files, encode(t, l.proveUnclaimed(campaign, int(n+1))))
				} else {
					files = append(files, encode(t, l.proveLargeShare(campaign, n+1)))
				}
			}
		}
		for _, id := range []contract.PacketID{id, lucky} {
			if l.leaves[string(contract.PacketKey(id))] == nil {
				files = append(files, encode(t, l.proveAbsent(id)))
				continue
			}
			files = append(files, encode(t, l.prove(id)))
			for i := range l.packet(id).Shares {
				files = append(files, encode(t, l.proveShare(id, uint32(i+1))))
			}
		}
		for _, name := range []string{"alice", "bob", "carol"} {
			n := uint64(len(l.history(contract.AccountKey(address(name)))))
			files = append(files, encode(t, l.proveAccount(name, 0, 0)), encode(t, l.proveAccount(name, n/2, n)))
			if n > 2 {
				files = append(files, encode(t, l.proveAccount(name, 1, n-1)))
			}
		}
	}
	step := func(after time.Duration, txs ...[]byte) { l.block(after, txs...); show() }
	step(time.Second)
	step(time.Second, l.tx("alice", &contract.Send{Terms: heldTerms(3)}))
	step(time.Second, l.tx("alice", &contract.Send{Terms: luckyTerms(3, 300, "2m")}), l.claim("bob", id))
	l.lists[campaign] = list
	step(time.Second, l.claim("carol", id), l.claim("bob", lucky), l.claim("dave", lucky),
		l.tx("alice", &contract.Send{Terms: list.terms()}))
	step(time.Second, l.claimEntry("bob", campaign, 1), l.claimEntry("carol", campaign, 4))
	step(time.Second, l.tx("alice", &contract.Recall{Packet: campaign, Clause: 2, Share: 4, Reason: "AC03"}))
	step(time.Second, l.tx("bob", pay("carol", 100)), l.tx("alice", &contract.Warp{By: 60}))
	step(time.Second, l.tx("carol", &contract.Return{Packet: id, Share: 2}), l.tx("alice", tightenTo(id)))
	step(3 * time.Hour)
	step(time.Second, l.tx("alice", &contract.Ask{Packet: id, Share: 1}))
	step(time.Second, l.tx("bob", &contract.Answer{Packet: id, Share: 1, Accept: true}))
	step(300 * time.Hour)
	trust, pairs := newValidators(10, 10, 10, 10).trust(), 0
	var proven []*verifier
	for i, f := range files {
		r, v := examine(f, trust, Options{})
		if v == nil {
			t.Fatalf("file %d: %s", i, Statement(false, r))
		}
		proven = append(proven, v)
	}
	for i, v := range proven {
		for j, w := range proven {
			if v.header.height < w.header.height || v.header.height == w.header.height && i < j {
				pairs++
				if found := contradiction(v, w); found != nil {
					a, b := v.file, w.file
					t.Errorf("%s after %d, %s after %d: %v", a.Subject, a.Height, b.Subject, b.Height, found)
				}
			}
		}
	}
	if t.Logf("%d pairs", pairs); pairs < 1000 {
		t.Error("too few")
	}
}
