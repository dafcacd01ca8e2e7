package contract

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Genesis is the app_state of a chain's genesis file: block zero.
type Genesis struct {
	Params     Params             `json:"params"`
	Accounts   []GenesisAccount   `json:"accounts"`
	Validators []GenesisValidator `json:"validators"`
	Arbiters   []GenesisArbiter   `json:"arbiters"`
	Dev        bool               `json:"dev"` // play money: keys are public, and any account may warp
}

// GenesisAccount is a balance at the start.
type GenesisAccount struct {
	Address Address `json:"address"`
	Balance Amount  `json:"balance_fen"`
}

// GenesisValidator registers the VRF key that a validator draws with.
type GenesisValidator struct {
	Address string `json:"address"` // consensus address: 40 upper-case hex digits
	VRFKey  string `json:"vrf_key"` // ECVRF-EDWARDS25519 public key: 64 lower-case hex digits
}

// WithVRFKeys gives validators, of which the genesis file has consensus keys and
// powers, the VRF keys that g registers. Each must have one, and no one else.
func (g *Genesis) WithVRFKeys(list []Validator) (ValidatorSet, error) {
	registered := map[string]string{}
	for _, v := range g.Validators {
		registered[v.Address] = v.VRFKey
	}
	if len(registered) != len(g.Validators) || len(registered) > len(list) {
		return nil, Errorf(CodeBadGenesis, "genesis: a VRF key of no validator, or one that is listed twice")
	}
	set := NewValidatorSet(list)
	for i := range set {
		v := &set[i]
		key, ok := registered[fmt.Sprintf("%X", v.Address())]
		if !ok {
			return nil, Errorf(CodeBadGenesis, "genesis: validator %X has no VRF key", v.Address())
		}
		hex.Decode(v.VRFKey[:], []byte(key)) // check saw to its form
	}
	return set, nil
}

// GenesisArbiter names an account that clauses may be read as "the arbiter …".
type GenesisArbiter struct {
	Name    string  `json:"name"`
	Address Address `json:"address"`
}

const (
	maxGenesisAccounts = 100_000 // all written in block 1
	maxGenesisNamed    = 1_000   // validators, and arbiters
	maxArbiterName     = 64      // bytes; shown in one line of explain
)

// ParseGenesis reads and checks an app_state.
func ParseGenesis(b []byte) (*Genesis, error) {
	g := new(Genesis)
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(g); err != nil {
		return nil, Errorf(CodeBadGenesis, "genesis app_state: %v", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, Errorf(CodeBadGenesis, "genesis app_state: data after its end")
	}
	return g, g.check()
}

func (g *Genesis) check() error {
	bad := func(format string, args ...any) error {
		return Errorf(CodeBadGenesis, "genesis: "+format, args...)
	}
	if err := g.Params.check(); err != nil {
		return err
	}
	if n := len(g.Accounts); n == 0 || n > maxGenesisAccounts {
		return bad("%d accounts: must be 1 to %d", n, maxGenesisAccounts)
	}
	if len(g.Validators) > maxGenesisNamed || len(g.Arbiters) > maxGenesisNamed {
		return bad("more than %d validators or arbiters", maxGenesisNamed)
	}
	seen := map[Address]bool{}
	var total Amount
	for _, a := range g.Accounts {
		sum, ok := total.Add(a.Balance)
		switch {
		case seen[a.Address]:
			return bad("account %s is listed twice", a.Address)
		case !a.Address.OnCurve():
			return bad("no key exists for %s", a.Address)
		case a.Balance == 0 || !ok:
			return bad("account %s: balance is zero, or the sum exceeds %d fen", a.Address, MaxAmount)
		}
		seen[a.Address], total = true, sum
	}
	for _, v := range g.Validators {
		key, err := hex.DecodeString(v.VRFKey)
		if addr, err2 := hex.DecodeString(v.Address); err != nil || err2 != nil || len(key) != 32 || len(addr) != 20 {
			return bad("validator %q: address is 20 bytes and vrf_key 32, in hex", v.Address)
		}
	}
	names, arbiters := map[string]bool{}, map[Address]bool{}
	for _, a := range g.Arbiters {
		switch {
		case a.Name == "" || len(a.Name) > maxArbiterName:
			return bad("arbiter %s: its name has 1 to %d bytes", a.Address, maxArbiterName)
		case names[a.Name] || arbiters[a.Address]:
			return bad("arbiter %q: its name or address is listed twice", a.Name)
		case !a.Address.OnCurve():
			return bad("arbiter %q: no key exists for %s", a.Name, a.Address)
		}
		names[a.Name], arbiters[a.Address] = true, true
	}
	return nil
}

// InitState makes block zero: the leaves in order of key, and each account's
// first entry. validators are those of [Genesis.WithVRFKeys], and rules the version
// that blocks obey. It depends on its arguments alone.
func InitState(chain string, at time.Time, g *Genesis, validators ValidatorSet, rules uint64) (
	[]Leaf, []ChainEntry, error,
) {
	if start := TimeOf(at); start < 0 || !start.Std().Equal(at) {
		return nil, nil, Errorf(CodeBadGenesis, "genesis: time %s: must lie between 1970 and 2262", at)
	}
	base := newCommitted(chain, emptyState{})
	base.params, base.supply = &g.Params, &Supply{}
	l := newLedger(base, nil)
	l.draws = &Draws{}
	l.validators = &Validators{Set: validators, From: 1, Rules: rules,
		History: FirstHistory(chain, ValidatorsKey)}
	if g.Dev {
		l.clock = &Clock{History: FirstHistory(chain, ClockKey)}
	}
	for i, a := range g.Accounts {
		s := &step{Env: &Env{Chain: chain, Time: TimeOf(at)}, phase: PhaseGenesis, index: uint32(i)}
		mint := Place{Kind: InMint}
		if err := l.move(mint, Wallet(a.Address), a.Balance, note{step: s, kind: KindGenesis}); err != nil {
			return nil, nil, fmt.Errorf("genesis account %s: %w", a.Address, err)
		}
	}
	leaves, entries, _, err := l.changes()
	leaves = append(leaves, Leaf{FirstKey, []byte("first")}, Leaf{LastKey, []byte("last")},
		Leaf{ParamsKey, Encode(&g.Params)})
	slices.SortFunc(leaves, func(a, b Leaf) int { return bytes.Compare(a.Key, b.Key) })
	return leaves, entries, err
}

// A chain's id ends in the beginning of its genesis's hash: hongbao-1 becomes
// hongbao-1-0f3a…. All that is signed on a chain, and every history, binds its id
// and so its genesis. A chain begun anew, by the same validators under the same
// name, is another chain: the old one's transactions and proofs are none of its.

// genesisDigits is how many hex digits of the hash the id has: with 80 bits, no
// one finds a second genesis that fits an id. An id has at most 50 bytes.
const genesisDigits = 20

// NameGenesis gives a genesis file its chain id: file has the bare name in its
// place, quoted, and nowhere else.
func NameGenesis(file []byte, name string) (named []byte, chain string, err error) {
	bare := strconv.AppendQuote(nil, name)
	if bytes.Count(file, bare) != 1 {
		return nil, "", Errorf(CodeBadGenesis, "genesis: the name %q must appear in it once", name)
	}
	chain = name + "-" + Hash(sha256.Sum256(file)).String()[:genesisDigits]
	return bytes.Replace(file, bare, strconv.AppendQuote(nil, chain), 1), chain, nil
}

// GenesisHash is what a genesis is known by: SHA-256 of its file with the bare
// name for a chain id. It fails unless the id is this genesis's.
func GenesisHash(file []byte, chain string) (h Hash, err error) {
	id := strconv.AppendQuote(nil, chain)
	name := chain[:max(0, len(chain)-genesisDigits-1)]
	if bytes.Count(file, id) != 1 {
		return h, Errorf(CodeBadGenesis, "genesis: the chain id %q must appear in it once", chain)
	}
	h = sha256.Sum256(bytes.Replace(file, id, strconv.AppendQuote(nil, name), 1))
	if !h.Begins(chain) {
		return h, Errorf(CodeBadGenesis,
			"genesis: its hash is %s, and its chain id %q does not end in \"-%s\": it was changed",
			h, chain, h.String()[:genesisDigits])
	}
	return h, nil
}

// Begins reports whether a chain's id ends in the beginning of h, its genesis's
// hash.
func (h Hash) Begins(chain string) bool {
	name, ok := strings.CutSuffix(chain, "-"+h.String()[:genesisDigits])
	return ok && name != ""
}

// emptyState is the state before block zero.
type emptyState struct{}

func (emptyState) Leaf([]byte) (*LeafValue, error)           { return nil, nil }
func (emptyState) Due(Time, int) ([]Due, error)              { return nil, nil }
func (emptyState) ShareOf(PacketID, Address) (uint32, error) { return 0, nil }
