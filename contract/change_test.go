package contract

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	voi "github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
)

// member is a validator and the secret halves of its keys, by its number.
type member struct {
	Validator
	key, vrf voi.PrivateKey
}

func newMember(n byte, power uint64) (m member) {
	m.key = voi.NewKeyFromSeed(bytes.Repeat([]byte{n}, voi.SeedSize))
	m.vrf = voi.NewKeyFromSeed(bytes.Repeat([]byte{n ^ 128}, voi.SeedSize))
	copy(m.PubKey[:], m.key.Public().(voi.PublicKey))
	copy(m.VRFKey[:], m.vrf.Public().(voi.PublicKey))
	m.Power = power
	return m
}

func (m *member) proof(t testing.TB, chain string) KeyProof {
	t.Helper()
	k, err := NewKeyProof(chain, m.PubKey, func(h Hash) ([]byte, error) { return voi.Sign(m.key, h[:]), nil }, m.vrf)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// joins, leaves and votes are updates of a validator.
func (m *member) joins() Update {
	key := m.VRFKey
	return Update{PubKey: m.PubKey, Power: m.Power, VRFKey: &key}
}
func (m *member) leaves() Update            { return Update{PubKey: m.PubKey} }
func (m *member) votes(power uint64) Update { return Update{PubKey: m.PubKey, Power: power} }

// council is a world whose validators decide: four of them with 10 votes each.
type council struct {
	*world
	t       testing.TB
	members []member // in office or not
}

func newCouncil(t testing.TB, powers ...uint64) *council {
	c := &council{t: t}
	g := testGenesis("alice", "bob")
	var list []Validator
	for i, p := range powers {
		c.members = append(c.members, newMember(byte(i+1), p))
		list = append(list, c.members[i].Validator)
	}
	leaves, _, err := InitState(testChain, noon.Std(), g, NewValidatorSet(list), 5)
	if err != nil {
		t.Fatal(err)
	}
	c.world = &world{leaves: map[string][]byte{}, now: noon, hash: Schnorr{}}
	for _, l := range leaves {
		c.leaves[string(l.Key)] = l.Value
	}
	return c
}

func (c *council) state() *Validators {
	c.t.Helper()
	v, err := ReadValidators(c.world)
	if err != nil {
		c.t.Fatal(err)
	}
	return v
}

// plan is the next one, for a day.
func (c *council) plan(updates ...Update) Plan {
	v := c.state()
	slices.SortFunc(updates, func(a, b Update) int { return bytes.Compare(a.PubKey[:], b.PubKey[:]) })
	return Plan{Number: v.Number + 1, Before: v.Set.Hash(), ValidUntil: c.now.Plus(86400), Updates: updates}
}

// approved is a plan with the approvals of the first n of the set.
func (c *council) approved(p Plan, n int) *Change {
	m := &Change{HandOver: HandOver{Plan: p}}
	digest := p.Digest(testChain)
	for i, v := range c.state().Set[:n] {
		at := slices.IndexFunc(c.members, func(m member) bool { return m.PubKey == v.PubKey })
		m.HandOver.Approvals = append(m.HandOver.Approvals,
			Approval{Validator: uint32(i), Signature: [64]byte(voi.Sign(c.members[at].key, digest[:]))})
	}
	for _, u := range p.Updates {
		at := slices.IndexFunc(c.members, func(m member) bool { return m.PubKey == u.PubKey })
		if u.VRFKey != nil && at >= 0 {
			m.Proofs = append(m.Proofs, c.members[at].proof(c.t, testChain))
		}
	}
	return m
}

// Each way in which a change can be against the rules has its code, and changes
// nothing.
func TestChangesThatAreRefused(t *testing.T) {
	four := []uint64{10, 10, 10, 10}
	fresh := newMember(9, 10)
	for _, row := range []struct {
		desc   string
		powers []uint64
		change func(c *council) *Change
		want   Code
	}{
		{"one joins", four, func(c *council) *Change { return c.approved(c.plan(fresh.joins()), 3) }, CodeOK},
		{"one leaves", four, func(c *council) *Change { return c.approved(c.plan(c.members[0].leaves()), 3) }, CodeOK},
		{"one is replaced", four, func(c *council) *Change {
			return c.approved(c.plan(fresh.joins(), c.members[2].leaves()), 4)
		}, CodeOK},
		{"another power", four, func(c *council) *Change {
			return c.approved(c.plan(c.members[0].votes(14)), 3)
		}, CodeOK},
		{"two thirds and no more", []uint64{10, 10, 10}, func(c *council) *Change {
			return c.approved(c.plan(c.members[0].votes(11)), 2)
		}, CodeApprovalMissing},
		{"two of four", four, func(c *council) *Change {
			return c.approved(c.plan(fresh.joins()), 2)
		}, CodeApprovalMissing},
		{"none", four, func(c *council) *Change { return c.approved(c.plan(fresh.joins()), 0) }, CodeApprovalMissing},
		{"one approves three times", four, func(c *council) *Change {
			m := c.approved(c.plan(fresh.joins()), 1)
			m.HandOver.Approvals = slices.Repeat(m.HandOver.Approvals, 3)
			return m
		}, CodeBadApproval},
		{"out of order", four, func(c *council) *Change {
			m := c.approved(c.plan(fresh.joins()), 3)
			slices.Reverse(m.HandOver.Approvals)
			return m
		}, CodeBadApproval},
		{"of no validator", four, func(c *council) *Change {
			m := c.approved(c.plan(fresh.joins()), 4)
			m.HandOver.Approvals[3].Validator = 4
			return m
		}, CodeBadApproval},
		{"under another plan", four, func(c *council) *Change {
			m := c.approved(c.plan(fresh.joins()), 3)
			m.HandOver.Plan.ValidUntil++
			return m
		}, CodeBadApproval},
		{"with the votes of another chain", four, func(c *council) *Change {
			p := c.plan(fresh.joins())
			m := c.approved(p, 3)
			digest := p.Digest("another-chain")
			m.HandOver.Approvals[2].Signature = [64]byte(voi.Sign(c.members[0].key, digest[:]))
			return m
		}, CodeBadApproval},
		{"plan 2 before plan 1", four, func(c *council) *Change {
			p := c.plan(fresh.joins())
			p.Number++
			return c.approved(p, 4)
		}, CodePlanOutdated},
		{"for another set", four, func(c *council) *Change {
			p := c.plan(fresh.joins())
			p.Before[0] ^= 1
			return c.approved(p, 4)
		}, CodePlanOutdated},
		{"too late", four, func(c *council) *Change {
			p := c.plan(fresh.joins())
			p.ValidUntil = c.env().Time
			return c.approved(p, 4)
		}, CodePlanOutdated},
		{"for more than a month", four, func(c *council) *Change {
			p := c.plan(fresh.joins())
			p.ValidUntil = c.env().Time.Plus(maxPlanLife) + 1
			return c.approved(p, 4)
		}, CodePlanOutdated},
		{"nothing", four, func(c *council) *Change { return c.approved(c.plan(), 4) }, CodeBadPlan},
		{"the power that it has", four, func(c *council) *Change {
			return c.approved(c.plan(c.members[0].votes(10)), 4)
		}, CodeBadPlan},
		{"a stranger leaves", four, func(c *council) *Change {
			return c.approved(c.plan(fresh.leaves()), 4)
		}, CodeBadPlan},
		{"joins without a VRF key", four, func(c *council) *Change {
			return c.approved(c.plan(fresh.votes(10)), 4)
		}, CodeBadPlan},
		{"another VRF key for one that stays", four, func(c *council) *Change {
			u := c.members[0].votes(12)
			u.VRFKey = &fresh.VRFKey
			return c.approved(c.plan(u), 4)
		}, CodeBadPlan},
		{"the VRF key of another", four, func(c *council) *Change {
			u := fresh.joins()
			u.VRFKey = &c.members[3].VRFKey
			return c.approved(c.plan(u), 4)
		}, CodeBadPlan},
		{"twice in one plan", four, func(c *council) *Change {
			return c.approved(c.plan(fresh.joins(), fresh.joins()), 4)
		}, CodeBadPlan},
		{"not in order", four, func(c *council) *Change {
			p := c.plan(c.members[0].votes(11), c.members[1].votes(11))
			slices.Reverse(p.Updates)
			return c.approved(p, 4)
		}, CodeBadPlan},
		{"two of four leave", four, func(c *council) *Change {
			return c.approved(c.plan(c.members[0].leaves(), c.members[1].leaves()), 4)
		}, CodeBadPlan},
		{"a third of the votes leaves", []uint64{10, 10, 10}, func(c *council) *Change {
			return c.approved(c.plan(c.members[0].leaves()), 3)
		}, CodeBadPlan},
		{"a newcomer with a third of the votes", []uint64{10, 10}, func(c *council) *Change {
			return c.approved(c.plan(fresh.joins()), 2)
		}, CodeBadPlan},
		{"one whose power doubles", four, func(c *council) *Change {
			return c.approved(c.plan(c.members[0].votes(30)), 4)
		}, CodeBadPlan},
		{"more votes than CometBFT counts", four, func(c *council) *Change {
			return c.approved(c.plan(c.members[0].votes(MaxTotalPower)), 4)
		}, CodeBadPlan},
		{"a power that wraps round", four, func(c *council) *Change {
			return c.approved(c.plan(c.members[0].votes(^uint64(0)-29)), 4)
		}, CodeBadPlan},
		{"no key proof", four, func(c *council) *Change {
			m := c.approved(c.plan(fresh.joins()), 4)
			m.Proofs = nil
			return m
		}, CodeBadKeyProof},
		{"a key proof for another chain", four, func(c *council) *Change {
			m := c.approved(c.plan(fresh.joins()), 4)
			m.Proofs[0] = fresh.proof(t, "another-chain")
			return m
		}, CodeBadKeyProof},
		{"a key proof of one that stays", four, func(c *council) *Change {
			m := c.approved(c.plan(c.members[0].votes(12)), 4)
			m.Proofs = []KeyProof{c.members[0].proof(t, testChain)}
			return m
		}, CodeBadKeyProof},
		{"a VRF key that the newcomer has not", four, func(c *council) *Change {
			u, other := fresh.joins(), newMember(77, 1)
			u.VRFKey = &other.VRFKey
			return c.approved(c.plan(u), 4)
		}, CodeBadKeyProof},
		{"a consensus key that anyone signs with", four, func(c *council) *Change {
			zero := fresh
			zero.PubKey = [32]byte{1} // the neutral element
			u := zero.joins()
			m := c.approved(c.plan(u), 4)
			k := fresh.proof(t, testChain)
			digest := JoinDigest(testChain, zero.PubKey, zero.VRFKey)
			zero.key = fresh.key
			k.Signature = [64]byte{1} // R neutral, S 0
			forged, err := NewKeyProof(testChain, zero.PubKey,
				func(Hash) ([]byte, error) { return k.Signature[:], nil }, fresh.vrf)
			if err != nil {
				t.Fatal(err)
			}
			if !voi.VerifyWithOptions(zero.PubKey[:], digest[:], k.Signature[:],
				&voi.Options{Verify: voi.VerifyOptionsZIP_215}) {
				t.Fatal("the forged signature is not what votes are judged by")
			}
			m.Proofs = []KeyProof{forged}
			return m
		}, CodeBadKeyProof},
		{"rules that come after the next", four, func(c *council) *Change {
			p := c.plan()
			p.Upgrade = &Upgrade{Height: 100, Rules: 7}
			return c.approved(p, 4)
		}, CodeBadUpgrade},
		{"rules too soon", four, func(c *council) *Change {
			p := c.plan()
			p.Upgrade = &Upgrade{Height: c.height + minUpgradeNotice, Rules: 6}
			return c.approved(p, 4)
		}, CodeBadUpgrade},
		{"no upgrade to call off", four, func(c *council) *Change {
			p := c.plan()
			p.Upgrade = &Upgrade{Rules: 5}
			return c.approved(p, 4)
		}, CodeBadUpgrade},
		{"an upgrade and a change in one", four, func(c *council) *Change {
			p := c.plan(c.members[0].votes(12))
			p.Upgrade = &Upgrade{Height: 100, Rules: 6}
			return c.approved(p, 4)
		}, CodeBadPlan},
	} {
		c := newCouncil(t, row.powers...)
		c.members = append(c.members, fresh)
		before := c.leaves[string(ValidatorsKey)]
		if codes := c.block(t, c.tx(t, "alice", row.change(c))); codes[0] != row.want {
			t.Errorf("%s: %s, want %s", row.desc, codes[0], row.want)
		}
		if after := c.leaves[string(ValidatorsKey)]; bytes.Equal(before, after) != (row.want != CodeOK) {
			t.Errorf("%s: the validators were %x and are %x", row.desc, before, after)
		}
	}
}

// A change is in force two blocks later; one plan changes the set in a block, and
// none is carried out twice.
func TestAChangeIsInForceTwoBlocksLater(t *testing.T) {
	c := newCouncil(t, 10, 10, 10, 10)
	fresh := newMember(9, 10)
	c.members = append(c.members, fresh)
	first := c.approved(c.plan(fresh.joins()), 3)
	old := c.state().Set
	b, codes := c.run(t, c.tx(t, "alice", first))
	if u := b.Updates(); codes[0] != CodeOK || len(u) != 1 || u[0].PubKey != fresh.PubKey || u[0].Power != 10 {
		t.Fatalf("%v: %+v", codes, u)
	}
	at := c.height + 1
	c.block(t, c.tx(t, "alice", first))
	v := c.state()
	if v.Number != 1 || v.From != at+2 || v.At(at+1).Hash() != old.Hash() || len(v.At(at+2)) != 5 {
		t.Errorf("after block %d: %+v", at, v)
	}
	second := c.approved(c.plan(c.members[0].leaves()), 4)
	again := c.tx(t, "bob", first)
	if codes := c.block(t, again, c.tx(t, "alice", second)); codes[0] != CodePlanOutdated || codes[1] != CodeOK {
		t.Error(codes)
	}
	v = c.state()
	if v.From != at+3 || len(v.At(at+2)) != 5 || len(v.At(at+3)) != 4 || v.History.Count != 2 {
		t.Errorf("after block %d: %+v", at+1, v)
	}
	// Two in one block: the validators of the second were never in office.
	one := c.approved(c.plan(c.members[1].votes(11)), 4)
	next, err := one.HandOver.Next(testChain, 3, v.Set)
	if err != nil {
		t.Fatal(err)
	}
	two := c.approved(Plan{Number: 4, Before: next.Hash(), ValidUntil: c.now.Plus(86400),
		Updates: []Update{c.members[1].votes(12)}}, 0)
	codes = c.block(t, c.tx(t, "alice", one), c.tx(t, "bob", two))
	if codes[0] != CodeOK || codes[1] != CodePlanOutdated {
		t.Errorf("two in one block: %v", codes)
	}
}

// Rules begin at the height that was named, and an upgrade can be called off.
func TestRulesBeginAtTheirHeight(t *testing.T) {
	c := newCouncil(t, 10, 10, 10, 10)
	upgrade := func(u Upgrade) []Code {
		p := c.plan()
		p.Upgrade = &u
		return c.block(t, c.tx(t, "alice", c.approved(p, 3)))
	}
	at := c.height + 1 + minUpgradeNotice
	if codes := upgrade(Upgrade{Height: at, Rules: 6}); codes[0] != CodeOK {
		t.Fatal(codes)
	}
	if codes := upgrade(Upgrade{Rules: 5}); codes[0] != CodeOK || c.state().Upgrade != nil {
		t.Fatal(codes)
	}
	at = c.height + 1 + minUpgradeNotice
	if codes := upgrade(Upgrade{Height: at, Rules: 6}); codes[0] != CodeOK {
		t.Fatal(codes)
	}
	for c.height < at-2 {
		if b, _ := c.run(t); c.state().Rules != 5 {
			t.Fatalf("rules %d after block %d", c.state().Rules, c.height)
		} else if _, begin := b.NewRules(); begin {
			t.Fatalf("block %d begins the rules", c.height+1)
		}
		c.block(t)
	}
	b, _ := c.run(t)
	if rules, begin := b.NewRules(); !begin || rules != 6 {
		t.Errorf("block %d begins rules %d", at-1, rules)
	}
	c.block(t)
	if v := c.state(); v.Rules != 6 || v.Upgrade != nil || v.Number != 3 {
		t.Errorf("after block %d: %+v", c.height, v)
	}
}

// Whatever plans are carried out, those who stayed keep more than two thirds of
// the votes, before and after, and the leaf lists the set in CometBFT's order.
func TestChangesNeverTurnTheValidatorsOver(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	c := newCouncil(t, 10, 10, 10, 10)
	for i := range byte(30) {
		c.members = append(c.members, newMember(50+i, 1+uint64(rng.IntN(15))))
	}
	done := 0
	for range 120 {
		before := c.state().Set
		var updates []Update
		for _, at := range rng.Perm(len(c.members))[:1+rng.IntN(3)] {
			m := &c.members[at]
			switch in := before.find(m.PubKey); {
			case in == nil:
				updates = append(updates, m.joins())
			case rng.IntN(2) == 0:
				updates = append(updates, m.leaves())
			default:
				updates = append(updates, m.votes(1+uint64(rng.IntN(20))))
			}
		}
		codes := c.block(t, c.tx(t, "alice", c.approved(c.plan(updates...), len(before))))
		after := c.state().Set
		if codes[0] != CodeOK {
			if codes[0] != CodeBadPlan || before.Hash() != after.Hash() {
				t.Fatalf("%v of %+v", codes, updates)
			}
			continue
		}
		done++
		var kept uint64
		for _, v := range after {
			if old := before.find(v.PubKey); old != nil {
				kept += min(old.Power, v.Power)
			}
		}
		if kept*3 <= before.Power()*2 || kept*3 <= after.Power()*2 || after.Hash() != NewValidatorSet(after).Hash() {
			t.Fatalf("%d votes stayed, of %d and %d", kept, before.Power(), after.Power())
		}
		c.now += Time(time.Second)
	}
	if done < 20 {
		t.Errorf("only %d plans were carried out", done)
	}
}
