package contract

import (
	"cmp"
	"flag"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"
)

var seed = flag.Uint64("seed", 1, "of the random packets")

// dice draw a random packet and what happens to it. Each packet has dice of
// its own, made from the seed and its number, so that one can be looked at
// again alone.
type dice struct{ *rand.Rand }

func newDice(n int) dice { return dice{rand.New(rand.NewPCG(*seed, uint64(n)))} }

func (d dice) chance(percent int) bool { return d.IntN(100) < percent }

func pick[T any](d dice, list ...T) T { return list[d.IntN(len(list))] }

// people are the accounts of random packets: the sender, who comes first, and
// those whose keys clauses name, some of whom claim. The neutral submitter and
// the strangers who claim are in no clause.
var (
	people    = addresses("sender", maxClauseKeys)
	strangers = addresses("stranger", 3)
	neutral   = testAddr("neutral")
)

func addresses(name string, n int) (list []Address) {
	for i := range n {
		list = append(list, testAddr(name+strconv.Itoa(i)))
	}
	return list
}

// randomPacket is a packet in a world of its own.
type randomPacket struct {
	dice
	*world
	id PacketID
}

// newRandomPacket sends a packet of random terms with clauses, changed by edits.
func newRandomPacket(t testing.TB, n int, edits ...func(*Terms)) *randomPacket {
	t.Helper()
	r := &randomPacket{dice: newDice(n)}
	g := &Genesis{Params: DefaultParams(), Accounts: []GenesisAccount{{people[0], 100_000}, {neutral, 100_000}}}
	r.world = worldOf(t, g)
	r.hash = trusting{}
	r.now += Time(pick(r.dice, 0, 0, 1, r.IntN(int(time.Second))))
	terms := r.terms(r.now)
	for _, e := range edits {
		e(&terms)
	}
	r.id = NewPacketID(testChain, people[0], 0)
	if code := r.do(t, people[0], &Send{Terms: terms}); code != CodeOK {
		t.Fatalf("packet %d: a send of checked terms: %s", n, code)
	}
	return r
}

// do runs one message in a block of its own, at now, and leaves the clock there.
func (r *randomPacket) do(t testing.TB, who Address, m Message) Code {
	t.Helper()
	now := r.now
	codes := r.block(t, r.unsigned(t, who, m))
	r.now = now
	return codes[0]
}

func (r *randomPacket) packet(t testing.TB) *Packet {
	t.Helper()
	p := &Packet{ID: r.id}
	if err := Decode(r.leaves[string(PacketKey(r.id))], p); err != nil {
		t.Fatal(err)
	}
	return p
}

// terms are random terms that may be sent at now.
func (d dice) terms(now Time) Terms {
	t := goodTerms(func(t *Terms) {
		t.Shares = uint32(pick(d, 1, 2, 4))
		t.Hold = pick(d, Seconds(0), 20, 60, 600)
		t.Expiry = pick(d, Seconds(20), 60, 600)
	})
	// Few keys most of the time: all their sets are tried.
	keys := people[:pick(d, 2, 2, 3, 3, 3, 4, 4, 5, maxClauseKeys)]
	t.Clauses = d.clauses(&t, 1+d.IntN(maxClauses-1), keys, now)
	return t
}

// clauses are n random clauses that may stand in a packet of t made at now.
func (d dice) clauses(t *Terms, n int, keys []Address, now Time) (list []Clause) {
	for range n {
		target := Rest
		if t.Hold > 0 && d.chance(50) {
			target = HeldShares
		}
		// The laxest of three: random conditions are true too seldom.
		some := []Clause{d.clause(t, target, keys, now), d.clause(t, target, keys, now), d.clause(t, target, keys, now)}
		list = append(list, slices.MaxFunc(some, func(a, b Clause) int {
			return cmp.Compare(laxity(a, t, keys, now), laxity(b, t, keys, now))
		}))
	}
	return list
}

// laxity is how many sets of signers c is true for, in all its intervals.
func laxity(c Clause, t *Terms, keys []Address, now Time) (n int) {
	start, end := t.span(c.Target, now)
	for _, at := range intervals([]Clause{c}, c.Target, start, end) {
		for _, word := range tableOf(c.When.Cond, keys, Facts{Now: at, Start: start, Untouched: true,
			Sender: people[0]}) {
			n += bits.OnesCount64(word)
		}
	}
	return n
}

func (d dice) clause(t *Terms, target Target, keys []Address, now Time) Clause {
	for {
		c := Clause{Target: target, When: Rule{d.cond(3, t, target, keys, now)}, Reasons: d.reasons()}
		if t.checkClause(&c, people[0], now) == nil && len(operands(c.When.Cond)) > 0 {
			return c
		}
	}
}

func (d dice) reasons() []Reason {
	list := []Reason{}
	if d.chance(80) {
		return list
	}
	for _, r := range reasons {
		if d.chance(70) {
			list = append(list, r.code)
		}
	}
	return list
}

// cond draws any condition that may stand in a clause on target, and a few
// that may not.
func (d dice) cond(depth int, t *Terms, target Target, keys []Address, now Time) Cond {
	if depth > 1 && d.chance(60) {
		var list []Cond
		for range pick(d, 1, 2, 2, 2, 3, 3) {
			list = append(list, d.cond(depth-1, t, target, keys, now))
		}
		switch d.IntN(5) {
		case 0, 1:
			return Any(list)
		case 2:
			return All(list)
		}
		return Of{1 + d.IntN(len(list)), list}
	}
	_, end := t.span(target, now)
	length := pick(d, 0, 1, 5, 10, 15, t.Expiry/2, t.Expiry-1, t.Expiry, t.Hold)
	instant := pick(d, now.Plus(length), end)
	instant -= instant % Time(time.Second) // terms speak no finer
	switch n := d.IntN(100); {
	case n < 35:
		return Key{pick(d, keys...)}
	case n < 55:
		return Sender{}
	case n < 64:
		return Within{length}
	case n < 72:
		return After{length}
	case n < 78:
		return Before{instant}
	case n < 84:
		return From{instant}
	case n < 92:
		return Untouched{}
	case n < 97:
		return Always{}
	}
	return Never{}
}

// step lets some time pass and something happen to the packet: it may be
// refused.
func (r *randomPacket) step(t testing.TB) {
	t.Helper()
	p := r.packet(t)
	r.now += Time(pick(r.dice, 0, 1, int(time.Second), r.IntN(int(p.Terms.Expiry))*int(time.Second)/4))
	share := uint32(1 + r.IntN(4))
	switch n := r.IntN(100); {
	case n < 55:
		claimer := pick(r.dice, append(strangers, people[1:3]...)...)
		r.do(t, claimer, &Claim{Packet: r.id, TermsHash: p.Terms.Hash(testChain)})
	case n < 75:
		r.do(t, p.Sender, &Tighten{Packet: r.id, Clauses: r.narrowed(&p.Terms, p.InForce(), p.Created)})
	case n < 83 && int(share) <= len(p.Shares):
		r.do(t, p.Shares[share-1].Claimer, &Return{Packet: r.id, Share: share})
	case n < 93:
		r.do(t, neutral, r.anyRecall(p, 1+share%uint32(max(1, len(p.Shares)))))
	case n < 95:
		r.do(t, neutral, r.anyRecall(p, 0))
	case len(r.due) > 0: // until something settles, or expires
		r.now = max(r.now, r.due[0].At) + Time(r.IntN(2))
		r.do(t, neutral, &Pay{To: p.Sender, Amount: 1})
	}
}

// anyRecall asks with the consent of all people, under a clause on its target if
// there is one.
func (r *randomPacket) anyRecall(p *Packet, share uint32) *Recall {
	m := &Recall{Packet: r.id, Share: share, Consents: []Consent{}}
	for i, c := range p.InForce() {
		if (c.Target == HeldShares) == (share > 0) {
			m.Clause, m.Consents = uint32(i+1), consentsOf(&c, p.Sender, people, r.now)
			if len(c.Reasons) > 0 {
				m.Reason = c.Reasons[0]
			}
		}
	}
	return m
}

// consentsOf are those of signers that the clause lists.
func consentsOf(c *Clause, sender Address, signers []Address, now Time) []Consent {
	keys, list := KeysIn(c.When.Cond, sender), []Consent{}
	for _, a := range signers {
		if slices.Contains(keys, a) {
			list = append(list, Consent{Account: a, ValidUntil: now + 1})
		}
	}
	return list
}

// narrowed changes clauses in a way that mostly allows less.
func (d dice) narrowed(t *Terms, clauses []Clause, created Time) []Clause {
	list := slices.Clone(clauses)
	if len(list) == 0 || d.chance(5) {
		return []Clause{}
	}
	i := d.IntN(len(list))
	c := list[i]
	switch d.IntN(3) {
	case 0:
		return slices.Delete(list, i, i+1)
	case 1:
		c.Reasons = d.reasons()
	default:
		c.When = Rule{All{c.When.Cond, d.cond(2, t, c.Target, people[:3], created)}}
	}
	list[i] = c
	return list
}
