package audit

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cometbft/cometbft/crypto/ed25519"

	"hongbao/contract"
	"hongbao/internal/testchain"
)

// office is who signs from a height on, and after how many changes.
type office struct {
	from int64
	validators
}

// inOffice is who signs the block of a height.
func (l *ledger) inOffice(height int64) validators {
	now := l.vals
	for _, o := range l.office {
		if o.from <= height {
			now = o.validators
		}
	}
	return now
}

// newest is who decides on the next change.
func (l *ledger) newest() validators {
	if n := len(l.office); n > 0 {
		return l.office[n-1].validators
	}
	return l.vals
}

// handedBy are the hand-overs that a proof of a header needs.
func (l *ledger) handedBy(height int64) [][]byte {
	n := 0
	for _, o := range l.office {
		if o.from <= height {
			n++
		}
	}
	return l.handed[:n]
}

// secretsOf is the secret half of a set: its keys are among those of pool.
func secretsOf(set contract.ValidatorSet, pool ...validators) (v validators) {
	for _, m := range set {
		for _, p := range pool {
			i := slices.IndexFunc(p.Keys, func(k ed25519.PrivKey) bool {
				return bytes.Equal(k.PubKey().Bytes(), m.PubKey[:])
			})
			if i >= 0 {
				v.Keys, v.Powers = append(v.Keys, p.Keys[i]), append(v.Powers, int64(m.Power))
				break
			}
		}
	}
	return v
}

func inOrderOfKey(updates ...contract.Update) []contract.Update {
	slices.SortFunc(updates, func(a, b contract.Update) int { return bytes.Compare(a.PubKey[:], b.PubKey[:]) })
	return updates
}

func key(v validators, i int) [32]byte { return [32]byte(v.Keys[i].PubKey().Bytes()) }

// replaced is the plan by which newcomer takes the place of validator i.
func (l *ledger) replaced(i int, newcomer validators) contract.Plan {
	return contract.Plan{Number: uint64(len(l.handed) + 1), Before: l.newest().Members().Hash(),
		ValidUntil: l.now().Plus(86400),
		Updates:    inOrderOfKey(newcomer.Join(0), contract.Update{PubKey: key(l.newest(), i)})}
}

// change carries out a plan that all but the last validator approve.
func (l *ledger) change(p contract.Plan, newcomers validators) {
	l.t.Helper()
	before := l.newest()
	places := []int{}
	for i := range len(before.Keys) - 1 {
		places = append(places, i)
	}
	m := before.Approve(p, places...)
	m.Proofs = newcomers.KeyProofs()
	wire := l.tx("alice", m)
	l.block(time.Second, wire)
	b, after, err := HandOverOf(wire, before.Members())
	must(l.t, err)
	l.handed = append(l.handed, b)
	l.office = append(l.office, office{l.height + 2, secretsOf(after, before, newcomers)})
}

func newcomer(n int) validators { return validators{testchain.NewValidator(byte(100+n), 10)} }

// turned is a chain with a lucky packet, some of whose shares each set of
// validators drew, and so many changes, each of which replaced one of four.
func turned(t testing.TB, changes int) (*ledger, contract.PacketID) {
	l := newLedger(t, "alice", "bob")
	terms := luckyTerms(100, 100_000)
	id := l.send(terms)
	for n := range changes + 4 { // at last each of those in office draws
		if n < changes {
			l.change(l.replaced(n%4, newcomer(n)), newcomer(n))
		}
		who := fmt.Sprintf("claimer %d", n)
		l.block(time.Second, l.tx(who, &contract.Claim{Packet: id, TermsHash: terms.Hash(testChain)}))
		if n < changes {
			l.block(time.Second)
		}
	}
	l.block(time.Second)
	return l, id
}

func verdictOf(t testing.TB, f *File, trust *Trust) Report {
	t.Helper()
	return verify(encode(t, f), trust, Options{})
}

// A proof from the first trust file holds after every validator was replaced, many
// times over, and the hand-overs in it stay small.
func TestProofsFollowTheValidators(t *testing.T) {
	l, id := turned(t, 50)
	f := l.prove(id)
	r := verdictOf(t, f, l.vals.trust())
	if r.Verdict != Valid || r.Checks[0].Found.Code != "signed_after" || r.Checks[0].Found.Values["plans"] != 50 {
		t.Fatalf("%s: %v", r.Verdict, r.Failed())
	}
	without := *f
	without.HandOvers = nil
	if n := len(encode(t, f)) - len(encode(t, &without)); n > 64_000 {
		t.Errorf("50 changes take %d bytes", n)
	} else {
		t.Logf("50 changes take %d bytes", n)
	}
	if r := verdictOf(t, f, nil); r.Verdict != Untrusted {
		t.Errorf("without a trust file: %s", r.Verdict)
	}
	if r := verdictOf(t, &without, l.vals.trust()); r.Verdict != Invalid || r.Failed().Name != "header" {
		t.Errorf("without the hand-overs: %s", r.Verdict)
	}
	// A state that the old validators still sign needs no hand-over, however new the plan.
	early := newLedger(t, "alice")
	early.change(early.replaced(0, newcomer(1)), newcomer(1))
	g := early.build(KindSupply, supplySubject, contract.SupplyKey, Evidence{})
	if r := verdictOf(t, g, early.vals.trust()); r.Verdict != Valid || len(g.HandOvers) != 0 {
		t.Errorf("%s with %d hand-overs", r.Verdict, len(g.HandOvers))
	}
}

// forger has a chain whose validators changed, and of each set the keys of less than
// two thirds. It writes files about a state that never was.
type forger struct {
	*ledger
	rng   *rand.Rand
	own   *File // what is true
	trust *Trust
	bad   []validators // sets of its own making
}

func newForger(t testing.TB, seed uint64) *forger {
	l, id := turned(t, 4)
	return &forger{ledger: l, rng: rand.New(rand.NewPCG(seed, 7)), own: l.prove(id), trust: l.vals.trust(),
		bad: []validators{newcomer(90), newcomer(91), {testchain.NewValidators(10, 10, 10, 10)}}}
}

func (f *forger) decode(i int) (h contract.HandOver) {
	must(f.t, contract.Decode(f.own.HandOvers[i], &h))
	return h
}

// set is who decided on change number i+1.
func (f *forger) before(i int) validators {
	if i == 0 {
		return f.vals
	}
	return f.office[i-1].validators
}

// approvedByFew is a plan with the approvals that the forger can make: of any two
// of the four.
func (f *forger) approvedByFew(p contract.Plan, by validators) contract.HandOver {
	places := f.rng.Perm(len(by.Keys))[:min(2, len(by.Keys))]
	slices.Sort(places)
	return by.Approve(p, places...).HandOver
}

// handOverForgeries are the ways to lie about one hand-over, or about their row.
var handOverForgeries = []struct {
	desc string
	make func(f *forger, g *File, i int)
}{
	{"a third and one approve", func(f *forger, g *File, i int) {
		h := f.decode(i)
		h.Plan.Updates = inOrderOfKey(f.bad[f.rng.IntN(2)].Join(0),
			contract.Update{PubKey: key(f.before(i), f.rng.IntN(4))})
		g.HandOvers[i] = encoded(f.approvedByFew(h.Plan, f.before(i)))
	}},
	{"approvals are taken away", func(f *forger, g *File, i int) {
		h := f.decode(i)
		h.Approvals = h.Approvals[:f.rng.IntN(len(h.Approvals))]
		g.HandOvers[i] = encoded(h)
	}},
	{"an approval counts twice", func(f *forger, g *File, i int) {
		h := f.decode(i)
		a := f.rng.IntN(len(h.Approvals))
		b := (a + 1 + f.rng.IntN(len(h.Approvals)-1)) % len(h.Approvals)
		h.Approvals[a] = h.Approvals[b]
		if f.rng.IntN(2) == 0 {
			h.Approvals[a].Validator = uint32(f.rng.IntN(5))
		}
		g.HandOvers[i] = encoded(h)
	}},
	{"one is skipped", func(f *forger, g *File, i int) { g.HandOvers = slices.Delete(g.HandOvers, i, i+1) }},
	{"the last ones are left out", func(f *forger, g *File, i int) { g.HandOvers = g.HandOvers[:i] }},
	{"one is replayed", func(f *forger, g *File, i int) {
		g.HandOvers = slices.Insert(g.HandOvers, f.rng.IntN(len(g.HandOvers)+1), g.HandOvers[i])
	}},
	{"two change places", func(f *forger, g *File, i int) {
		j := (i + 1 + f.rng.IntN(3)) % 4
		g.HandOvers[i], g.HandOvers[j] = g.HandOvers[j], g.HandOvers[i]
	}},
	{"another VRF key", func(f *forger, g *File, i int) {
		h := f.decode(i)
		for j := range h.Plan.Updates {
			if k := h.Plan.Updates[j].VRFKey; k != nil {
				wrong := [32]byte(f.bad[0].Members()[0].VRFKey)
				wrong[f.rng.IntN(32)] ^= byte(f.rng.IntN(256))
				h.Plan.Updates[j].VRFKey = &wrong
			}
		}
		if f.rng.IntN(2) == 0 {
			h = f.approvedByFew(h.Plan, f.before(i))
		}
		g.HandOvers[i] = encoded(h)
	}},
	{"another power", func(f *forger, g *File, i int) {
		h := f.decode(i)
		u := &h.Plan.Updates[f.rng.IntN(len(h.Plan.Updates))]
		u.Power = u.Power + 1 + uint64(f.rng.IntN(100))
		g.HandOvers[i] = encoded(h)
	}},
	{"another number", func(f *forger, g *File, i int) {
		h := f.decode(i)
		h.Plan.Number += uint64(1 + f.rng.IntN(9))
		g.HandOvers[i] = encoded(h)
	}},
	{"of another set", func(f *forger, g *File, i int) {
		h := f.decode(i)
		h.Plan.Before = f.bad[2].Members().Hash()
		g.HandOvers[i] = encoded(f.approvedByFew(h.Plan, f.before(i)))
	}},
	{"approved by those who left, and those who come", func(f *forger, g *File, i int) {
		h := f.decode(i)
		by := f.before((i + 1 + f.rng.IntN(3)) % 4)
		g.HandOvers[i] = encoded(by.Approve(h.Plan, 0, 1, 2).HandOver)
	}},
	{"approved for another chain", func(f *forger, g *File, i int) {
		h := f.decode(i)
		digest := h.Plan.Digest(testChain + "x")
		for j, a := range h.Approvals {
			sig, err := f.before(i).Keys[a.Validator].Sign(digest[:])
			must(f.t, err)
			h.Approvals[j].Signature = [64]byte(sig)
		}
		g.HandOvers[i] = encoded(h)
	}},
	{"an upgrade in the place of a change", func(f *forger, g *File, i int) {
		h := f.decode(i)
		h.Plan.Updates, h.Plan.Upgrade = nil, &contract.Upgrade{Height: 100, Rules: 2}
		g.HandOvers[i] = encoded(f.approvedByFew(h.Plan, f.before(i)))
	}},
	{"a byte differs", func(f *forger, g *File, i int) {
		b := bytes.Clone(g.HandOvers[i])
		b[f.rng.IntN(len(b))] ^= byte(1 + f.rng.IntN(255))
		g.HandOvers[i] = b
	}},
	{"bytes are missing or too many", func(f *forger, g *File, i int) {
		b := bytes.Clone(g.HandOvers[i])
		if at := f.rng.IntN(len(b)); f.rng.IntN(2) == 0 {
			b = slices.Delete(b, at, min(len(b), at+1+f.rng.IntN(9)))
		} else {
			b = slices.Insert(b, at, byte(f.rng.IntN(256)))
		}
		g.HandOvers[i] = b
	}},
	{"one more, to a set of the forger's", func(f *forger, g *File, _ int) {
		now := f.newest()
		p := contract.Plan{Number: uint64(len(g.HandOvers) + 1), Before: now.Members().Hash(),
			ValidUntil: f.now().Plus(60),
			Updates:    inOrderOfKey(f.bad[0].Join(0), contract.Update{PubKey: key(now, f.rng.IntN(4))})}
		h := f.approvedByFew(p, now)
		next, err := h.Next(testChain, p.Number, now.Members())
		if err == nil {
			f.t.Fatalf("two of four hand over to %v", next)
		}
		g.HandOvers = append(g.HandOvers, encoded(h))
		f.resign(g, now)
	}},
	{"the old validators sign", func(f *forger, g *File, i int) { f.resign(g, f.before(i)) }},
	{"the header is signed by two of four", func(f *forger, g *File, _ int) {
		g.SignedHeader = wireOf(f.t, f.newest().signHeader(testChain, f.height+1, f.ledger.time, f.tree.Hash(), 2,
			2, 1, 1))
	}},
}

func encoded(h contract.HandOver) []byte { return contract.Encode(&h) }

// resign writes a header that all of vals sign.
func (f *forger) resign(g *File, vals validators) {
	g.SignedHeader = wireOf(f.t, vals.signHeader(testChain, f.height+1, f.ledger.time, f.tree.Hash()))
}

// forge makes a file of one or two lies, and says which.
func (f *forger) forge() (*File, string) {
	g := *f.own
	g.HandOvers = slices.Clone(f.own.HandOvers)
	var desc []string
	for range 1 + f.rng.IntN(2) {
		way := handOverForgeries[f.rng.IntN(len(handOverForgeries))]
		if len(g.HandOvers) != len(f.own.HandOvers) {
			break
		}
		way.make(f, &g, f.rng.IntN(len(g.HandOvers)))
		desc = append(desc, way.desc)
	}
	return &g, strings.Join(desc, ", ")
}

// truthful reports whether a file is what an honest prover could have written: what
// is changed is which of the good approvals it shows.
func (f *forger) truthful(g *File) bool {
	if !bytes.Equal(g.SignedHeader, f.own.SignedHeader) || len(g.HandOvers) != len(f.own.HandOvers) {
		return false
	}
	for i, b := range g.HandOvers {
		var h contract.HandOver
		if contract.Decode(b, &h) != nil {
			return false
		}
		if own := f.decode(i); !bytes.Equal(contract.Encode(&own.Plan), contract.Encode(&h.Plan)) {
			return false
		}
	}
	return true
}

// forgedHandOvers are one forgery of each kind, and what validators who do as they are
// told can sign.
func forgedHandOvers(t testing.TB) []forged {
	f := newForger(t, 1)
	good := encode(t, f.own)
	list := []forged{{desc: "four changes, and a state that the fifth set signs",
		file: func(testing.TB) []byte { return good }}}
	all := *f.own
	all.HandOvers = nil
	for i := range f.own.HandOvers {
		all.HandOvers = append(all.HandOvers, encoded(f.before(i).Approve(f.decode(i).Plan, 0, 1, 2, 3).HandOver))
	}
	list = append(list, forged{desc: "all approve", file: func(t testing.TB) []byte { return encode(t, &all) }})
	for _, way := range handOverForgeries {
		g := f.forgeAs(way.make)
		list = append(list, forged{desc: way.desc, failed: "header",
			file: func(t testing.TB) []byte { return encode(t, g) }})
	}
	told := *f.own
	told.HandOvers = slices.Clone(f.own.HandOvers)
	h := f.decode(3)
	for j := range h.Plan.Updates {
		if k := h.Plan.Updates[j].VRFKey; k != nil {
			other := f.bad[0].Members()[0].VRFKey
			h.Plan.Updates[j].VRFKey = &other
		}
	}
	told.HandOvers[3] = encoded(f.before(3).Approve(h.Plan, 0, 1, 2).HandOver)
	return append(list, forged{desc: "the last one names another VRF key, and three of four approve", failed: "draws",
		file: func(t testing.TB) []byte { return encode(t, &told) }})
}

// forgeAs makes a forgery of one kind that is not, by chance, the truth told otherwise.
func (f *forger) forgeAs(make func(*forger, *File, int)) *File {
	for {
		g := *f.own
		g.HandOvers = slices.Clone(f.own.HandOvers)
		make(f, &g, f.rng.IntN(len(g.HandOvers)))
		if verdictOf(f.t, &g, f.trust).Verdict != Valid {
			return &g
		}
	}
}

var handOverForgers = newForgers("handovers", 2000, "forged hand-overs")

// No forged hand-over is accepted: neither one that a third and more of the power
// signed, nor one that is skipped, replayed, or names another VRF key.
func TestForgedHandOversAreRefused(t *testing.T) {
	f := newForger(t, *handOverForgers.seed)
	group := vectorGroup{Desc: "hand-overs that a forger made",
		Base: strings.SplitAfter(string(encode(t, f.own)), "\n")}
	for n := range handOverForgers.tries() {
		g, desc := f.forge()
		r := verdictOf(t, g, f.trust)
		if r.Verdict == Valid && !f.truthful(g) {
			t.Fatalf("mutant %d is accepted: %s\n%s", n, desc, encode(t, g))
		}
		handOverForgers.tried(t, &group, n, desc, encode(t, g), r)
	}
	var kinds []string
	for _, way := range handOverForgeries {
		kinds = append(kinds, way.desc)
	}
	handOverForgers.end(t, map[string]*vectorGroup{"handovers": &group}, kinds)
}
