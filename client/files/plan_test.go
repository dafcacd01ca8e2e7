package files

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	voi "github.com/oasisprotocol/curve25519-voi/primitives/ed25519"

	"hongbao/contract"
)

// member is a validator with its secret keys.
type member struct {
	contract.Validator
	key, vrf voi.PrivateKey
}

func newMember(number byte, power uint64) *member {
	m := &member{key: voi.NewKeyFromSeed(bytes.Repeat([]byte{number}, 32)),
		vrf: voi.NewKeyFromSeed(bytes.Repeat([]byte{number, 0xff}, 16))}
	m.PubKey = [32]byte(m.key.Public().(voi.PublicKey))
	m.VRFKey = [32]byte(m.vrf.Public().(voi.PublicKey))
	m.Power = power
	return m
}

func (m *member) proof(t *testing.T, chain string) contract.KeyProof {
	t.Helper()
	proof, err := contract.NewKeyProof(chain, m.PubKey,
		func(h contract.Hash) ([]byte, error) { return voi.Sign(m.key, h[:]), nil }, m.vrf)
	if err != nil {
		t.Fatal(err)
	}
	return proof
}

// edited is a file with one field set to another value, and added where it has none.
func edited(t *testing.T, file []byte, field string, value any) []byte {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal(file, &fields); err != nil {
		t.Fatal(err)
	}
	fields[field] = value
	b, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// flipped is hex digits of which one in the middle is another one.
func flipped(digits string) string {
	b := []byte(digits)
	at := len(b) / 2
	if b[at]++; b[at] > '9' {
		b[at] = '0'
	}
	return string(b)
}

// A join file says whose keys it shows, and nothing can be changed in it.
func TestJoinFiles(t *testing.T) {
	erin, other := newMember(1, 0), newMember(2, 0)
	file := NewJoin(testChain, "erin", erin.PubKey, erin.VRFKey, erin.proof(t, testChain))
	good, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(good) > MaxJoinBytes {
		t.Errorf("a join file has %d bytes, more than %d", len(good), MaxJoinBytes)
	}
	v, proof, err := ParseJoin(good, testChain)
	if err != nil || v != erin.Validator || proof != erin.proof(t, testChain) {
		t.Errorf("%+v, %+v, %v", v, proof, err)
	}
	foreign := NewJoin(testChain, "erin", other.PubKey, other.VRFKey, other.proof(t, testChain))
	for _, row := range []struct {
		desc string
		file []byte
		want string
	}{
		{"nothing", nil, "not a join file"},
		{"half a file", good[:len(good)/2], "not a join file"},
		{"more than a file", append(slices.Clone(good), "{}"...), "something stands behind it"},
		{"a field that there is not", edited(t, good, "power", 10), "unknown field"},
		{"another format", edited(t, good, "format", "hongbao-join/2"), `format is "hongbao-join/2"`},
		{"another chain", edited(t, good, "chain_id", "other-1"), `for chain "other-1"`},
		{"a key that is cut off", edited(t, good, "pub_key", file.PubKey[2:]), "a field is missing"},
		{"no key for draws", edited(t, good, "vrf_key", ""), "a field is missing"},
		{"a proof that is none", edited(t, good, "proof", "00"), "a field is missing"},
		{"another's key", edited(t, good, "pub_key", foreign.PubKey), "not signed by the keys"},
		{"another's key for draws", edited(t, good, "vrf_key", foreign.VRFKey), "not signed by the keys"},
		{"another's proof", edited(t, good, "proof", foreign.Proof), "not signed by the keys"},
		{"a digit of the proof", edited(t, good, "proof", flipped(file.Proof)), ""},
	} {
		if _, _, err := ParseJoin(row.file, testChain); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v, want %q", row.desc, err, row.want)
		}
	}
	if _, _, err := ParseJoin(good, "other-1"); err == nil {
		t.Error("a proof for one chain is good on another")
	}
}

// council are three validators and a change that adds a fourth.
func council(t *testing.T) (contract.ValidatorSet, *contract.Change, []*member) {
	t.Helper()
	members := []*member{newMember(1, 10), newMember(2, 20), newMember(3, 30)}
	var list []contract.Validator
	for _, m := range members {
		list = append(list, m.Validator)
	}
	set, erin := contract.NewValidatorSet(list), newMember(4, 0)
	change := &contract.Change{Proofs: []contract.KeyProof{erin.proof(t, testChain)}}
	change.HandOver.Plan = contract.Plan{Number: 1, Before: set.Hash(), ValidUntil: 1e12,
		Updates: []contract.Update{{PubKey: erin.PubKey, Power: 10, VRFKey: &erin.VRFKey}}}
	return set, change, members
}

// A plan file carries a change and its approvals unaltered, and is refused where the
// plan in it is not about the validators in it.
func TestPlanFiles(t *testing.T) {
	set, change, members := council(t)
	AddApproval(change, approvalOf(set, change, members[0]))
	file := NewPlan(testChain, set, change)
	good, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	chain, gotSet, got, err := ParsePlan(good)
	if err != nil || chain != testChain || gotSet.Hash() != set.Hash() ||
		!bytes.Equal(contract.Encode(got), contract.Encode(change)) {
		t.Errorf("%s, %+v, %+v, %v", chain, gotSet, got, err)
	}
	unlike := func(alter func(*contract.Plan)) []byte {
		altered := *change
		alter(&altered.HandOver.Plan)
		b, err := json.Marshal(NewPlan(testChain, set, &altered))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, row := range []struct {
		desc string
		file []byte
		want string
	}{
		{"nothing", nil, "not a plan file"},
		{"half a file", good[:len(good)/2], "not a plan file"},
		{"a field that there is not", edited(t, good, "note", "urgent"), "unknown field"},
		{"another format", edited(t, good, "format", "hongbao-plan/0"), `format is "hongbao-plan/0"`},
		{"no chain", edited(t, good, "chain_id", ""), "a field is missing"},
		{"no validators", edited(t, good, "set", ""), "a field is missing"},
		{"no change", edited(t, good, "change", ""), "a field is missing"},
		{"a byte too many", edited(t, good, "change", file.Change+"00"), "a field is missing"},
		{"fewer validators than decide", edited(t, good, "set", NewPlan(testChain, set[1:], change).Set),
			"other validators than the file lists"},
		{"a plan for others", unlike(func(p *contract.Plan) { p.Before[0]++ }), "other validators than the file lists"},
		{"nothing to decide", unlike(func(p *contract.Plan) { p.Updates = nil }), "names 0 validators"},
		{"one who has no place leaves", unlike(func(p *contract.Plan) {
			p.Updates = []contract.Update{{PubKey: newMember(9, 0).PubKey}}
		}), "cannot leave"},
	} {
		if _, _, _, err := ParsePlan(row.file); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v, want %q", row.desc, err, row.want)
		}
	}
}

// The largest plan, approved by all validators, fits into a file that is read.
func TestTheLargestPlanFits(t *testing.T) {
	const newcomers = 16
	var list []contract.Validator
	var members []*member
	for i := range contract.MaxValidators - newcomers {
		m := newMember(byte(i), 1<<40)
		members, list = append(members, m), append(list, m.Validator)
	}
	set, change := contract.NewValidatorSet(list), new(contract.Change)
	p := &change.HandOver.Plan
	p.Number, p.Before, p.ValidUntil = 1<<32, set.Hash(), 1e15
	for i := len(list); i < contract.MaxValidators; i++ {
		m := newMember(byte(i), 0)
		p.Updates = append(p.Updates, contract.Update{PubKey: m.PubKey, Power: 1 << 32, VRFKey: &m.VRFKey})
		change.Proofs = append(change.Proofs, m.proof(t, testChain))
	}
	slices.SortFunc(p.Updates, func(a, b contract.Update) int { return bytes.Compare(a.PubKey[:], b.PubKey[:]) })
	for _, m := range members {
		AddApproval(change, approvalOf(set, change, m))
	}
	b, err := json.MarshalIndent(NewPlan(testChain, set, change), "", "  ")
	if err != nil || len(b) > MaxPlanBytes {
		t.Errorf("%d bytes, bound %d, %v", len(b), MaxPlanBytes, err)
	}
	if _, got, _, err := ParsePlan(b); err != nil || len(got) != len(set) {
		t.Errorf("%d validators, %v", len(got), err)
	}
}

// Approvals stand in the order of the validators, not of signing, and one who
// signs again has one.
func TestApprovalsAreInOrder(t *testing.T) {
	set, change, members := council(t)
	for _, i := range []int{2, 0, 1, 0} {
		AddApproval(change, approvalOf(set, change, members[i]))
	}
	var places []uint32
	for _, a := range change.HandOver.Approvals {
		places = append(places, a.Validator)
	}
	if !slices.Equal(places, []uint32{0, 1, 2}) {
		t.Errorf("approvals of %v", places)
	}
	if next, err := change.HandOver.Next(testChain, 1, set); err != nil || len(next) != 4 {
		t.Errorf("all approve: %v, %v", next, err)
	}
	if approved, total := change.HandOver.Weigh(testChain, set); approved != 60 || total != 60 {
		t.Errorf("%d of %d approve", approved, total)
	}
}

// approvalOf is a member's signature under a plan for set.
func approvalOf(set contract.ValidatorSet, change *contract.Change, m *member) contract.Approval {
	digest := change.HandOver.Plan.Digest(testChain)
	place := slices.IndexFunc(set, func(v contract.Validator) bool { return v.PubKey == m.PubKey })
	return contract.Approval{Validator: uint32(place), Signature: [64]byte(voi.Sign(m.key, digest[:]))}
}
