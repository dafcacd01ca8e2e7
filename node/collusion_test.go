package node

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"os"
	"strings"
	"testing"

	consensus "github.com/cometbft/cometbft/consensus/types"
	"github.com/cometbft/cometbft/crypto"
	"github.com/cometbft/cometbft/types"
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"

	"hongbao/contract"
)

// coalition is validators of equal power, of which some collude. What a draw is
// worth to them is a number from 0 to 1 that every output makes at random.
type coalition struct {
	desc    string
	n       int
	members []int // by their turn, from 0; fewer than 1/3, so that they cannot stop an honest proposer's round
}

// rule is what consensus demands of the proposer that a header names.
type rule func(rs *consensus.RoundState, hash, proposer []byte) bool

// anyValidator is CometBFT's own rule.
func anyValidator(rs *consensus.RoundState, _, proposer []byte) bool {
	return rs.Validators.HasAddress(proposer)
}

// validators are a coalition's, as CometBFT has them when its turn begins; turn
// is who of them proposes in which round from there.
func (c coalition) validators() (set *types.ValidatorSet, turn []crypto.Address, member map[string]bool) {
	vals := make([]*types.Validator, c.n)
	for i := range vals {
		seed := sha256.Sum256([]byte{byte(i)})
		key := addressed(seed[:crypto.AddressSize])
		vals[i] = &types.Validator{Address: key.Address(), PubKey: key, VotingPower: 1}
	}
	set = types.NewValidatorSet(vals)
	for s, i := set.Copy(), 0; i < c.n; i++ {
		turn = append(turn, s.GetProposer().Address)
		s.IncrementProposerPriority(1)
	}
	member = map[string]bool{}
	for _, i := range c.members {
		member[string(turn[i])] = true
	}
	return set, turn, member
}

// addressed is a public key of which only the address is asked.
type addressed crypto.Address

func (a addressed) Address() crypto.Address        { return crypto.Address(a) }
func (a addressed) Bytes() []byte                  { return a }
func (addressed) VerifySignature(_, _ []byte) bool { return false }
func (a addressed) Equals(b crypto.PubKey) bool    { return string(a) == string(b.Bytes()) }
func (addressed) Type() string                     { return "addressed" }

// choices are whose outputs the coalition may draw with at a height where set's
// turn is: those that the rule lets one of them propose with in round 0, and
// those for which they give up rounds of their own. Then the first honest
// proposer draws, if it comes to that.
func (c coalition) choices(set *types.ValidatorSet, turn []crypto.Address, member map[string]bool,
	allowed rule) (first, all []string) {
	had := map[string]bool{}
	rs := &consensus.RoundState{Height: 1, Validators: set, Votes: consensus.NewHeightVoteSet("test-1", 1, set)}
	for ; member[string(rs.Validators.GetProposer().Address)]; rs.Round++ {
		for _, a := range turn {
			if member[string(a)] && !had[string(a)] && allowed(rs, make([]byte, 32), a) {
				had[string(a)] = true
				all = append(all, string(a))
			}
		}
		if rs.Round == 0 {
			first = all
		}
		rs.Validators = rs.Validators.CopyIncrementProposerPriority(1)
		rs.Votes.SetRound(rs.Round + 2)
	}
	return first, all
}

// best is the mean of the greatest of m draws; of m known ones or, where that is
// better, an unknown one that comes after them: E max(U₁…Uₘ, ½).
func best(m int, another bool) *big.Rat {
	if m == 0 {
		return big.NewRat(1, 2)
	}
	mean := big.NewRat(int64(m), int64(m+1))
	if another {
		half := new(big.Int).Lsh(big.NewInt(1), uint(m+1)) // 2^(m+1)
		mean.Mul(mean, new(big.Rat).Sub(big.NewRat(1, 1), new(big.Rat).SetFrac(big.NewInt(1), half)))
		mean.Add(mean, new(big.Rat).SetFrac(big.NewInt(1), half))
	}
	return mean
}

// gain is what a coalition gets on average in one turn of all validators, where
// ½ is fair. A draw chosen freely counts as 1: they also propose the block before
// it, and try contents of that one until they like its hash.
type gain struct {
	free        int      // draws chosen freely
	quiet, loud *big.Rat // of the others whose first proposer is a member: without and with rounds lost
	all         *big.Rat // of every draw, with rounds lost: at most
}

func (c coalition) gain(allowed rule) gain {
	set, turn, member := c.validators()
	g := gain{quiet: new(big.Rat), loud: new(big.Rat), all: new(big.Rat)}
	others := int64(0)
	for h := range c.n {
		first, all := c.choices(set, turn, member, allowed)
		switch before := turn[(h+c.n-1)%c.n]; {
		case len(first) > 0 && member[string(before)]:
			g.free++
			g.all.Add(g.all, big.NewRat(1, 1))
		case len(first) > 0:
			others++
			g.quiet.Add(g.quiet, best(len(first), false))
			g.loud.Add(g.loud, best(len(all), true))
			g.all.Add(g.all, best(len(all), true))
		default:
			g.all.Add(g.all, best(0, true))
		}
		set = set.CopyIncrementProposerPriority(1)
	}
	g.quiet.Quo(g.quiet, big.NewRat(others, 1))
	g.loud.Quo(g.loud, big.NewRat(others, 1))
	g.all.Quo(g.all, big.NewRat(int64(c.n), 1))
	return g
}

func every(step, k int) (members []int) {
	for i := range k {
		members = append(members, i*step)
	}
	return members
}

var coalitions = []coalition{
	{"any", 4, every(1, 1)},
	{"any", 7, every(1, 1)},
	{"apart", 7, every(3, 2)},
	{"neighbours", 7, every(1, 2)},
	{"apart", 10, every(3, 3)},
	{"neighbours", 10, every(1, 3)},
	{"apart", 100, every(3, 33)},
	{"neighbours", 100, every(1, 33)},
}

// Decision 10 says what colluders can gain by their best strategy, before
// [ProposerCheck] and with it.
func TestDecisionSaysWhatColludersGain(t *testing.T) {
	doc, err := os.ReadFile("../docs/decisions/0010-lucky-draws.md")
	if err != nil {
		t.Fatal(err)
	}
	percent := func(r *big.Rat) string { return new(big.Rat).Mul(r, big.NewRat(100, 1)).FloatString(1) }
	for _, c := range coalitions {
		before, now := c.gain(anyValidator), c.gain(proposerHadTurn)
		row := fmt.Sprintf("| %d of %d, %s | %s | %s | %s | %d | %s | %s |", len(c.members), c.n, c.desc,
			percent(before.quiet), percent(now.quiet), percent(now.loud), now.free, percent(before.all),
			percent(now.all))
		if !strings.Contains(string(doc), row) {
			t.Errorf("decision 10 lacks the line\n%s", row)
		}
		if now.quiet.Cmp(big.NewRat(1, 2)) != 0 {
			t.Errorf("%d of %d, %s: %s without a round lost, where 50 is fair", len(c.members), c.n, c.desc,
				percent(now.quiet))
		}
	}
}

// With equal power, who proposes a height in its second round proposes the next
// height too: a failed round makes its second proposer its own neighbour.
func TestSecondRoundIsTheNextHeightsTurn(t *testing.T) {
	set, turn, _ := coalition{n: 7}.validators()
	for h := range turn {
		second := set.CopyIncrementProposerPriority(1).GetProposer().Address
		if next := turn[(h+1)%len(turn)]; second.String() != next.String() {
			t.Errorf("height %d: %s in round 1, %s at the next height", h, second, next)
		}
		set = set.CopyIncrementProposerPriority(1)
	}
}

// A validator that skips rounds knows the same proposers as one that does not.
func TestSkippedRoundsHaveTheSameProposers(t *testing.T) {
	for _, n := range []int{1, 4, 7, 100} {
		set, _, _ := coalition{n: n}.validators()
		stepped := set.Copy()
		for round := int32(1); round <= 300; round++ {
			stepped = stepped.CopyIncrementProposerPriority(1)
			skipped := set.CopyIncrementProposerPriority(round)
			if a, b := stepped.GetProposer().Address, skipped.GetProposer().Address; a.String() != b.String() {
				t.Fatalf("%d validators, round %d: %s round by round, %s at once", n, round, a, b)
			}
		}
	}
}

// The strategy played with true proofs gets what the numbers above say.
func TestColludersPlayedWithTrueProofs(t *testing.T) {
	heights := 700
	if testing.Short() {
		heights = 210
	}
	for _, c := range coalitions[2:4] {
		for name, allowed := range map[string]rule{"before": anyValidator, "now": proposerHadTurn} {
			set, turn, member := c.validators()
			sum := 0.0
			for h := range heights {
				_, all := c.choices(set, turn, member, allowed)
				honest := set.Copy()
				for member[string(honest.GetProposer().Address)] {
					honest.IncrementProposerPriority(1)
				}
				got := draw(t, honest.GetProposer().Address, h) // known only when it is too late
				known := 0.0
				for _, a := range all {
					known = max(known, draw(t, []byte(a), h))
				}
				if len(all) > 0 && member[string(turn[(h+c.n-1)%c.n])] {
					got = 1 // chosen freely
				} else if known > 0.5 {
					got = known
				}
				sum += got
				set = set.CopyIncrementProposerPriority(1)
			}
			mean := sum / float64(heights)
			expected, _ := c.gain(allowed).all.Float64()
			deviation := math.Sqrt(1.0 / 12 / float64(heights)) // of fair draws; these vary less
			report := t.Logf
			if math.Abs(mean-expected) > 4*deviation {
				report = t.Errorf
			}
			report("%d of %d, %s, %s: played %.3f, calculated %.3f ± %.3f",
				len(c.members), c.n, c.desc, name, mean, expected, deviation)
		}
	}
}

// draw is what the output of a validator at a height is worth.
func draw(t *testing.T, validator []byte, height int) float64 {
	t.Helper()
	seed := sha256.Sum256(validator)
	owed := contract.Draws{Height: int64(height), Block: sha256.Sum256(binary.BigEndian.AppendUint64(nil,
		uint64(height)))}
	var item contract.BeaconItem
	if err := contract.Decode(contract.ProveBeacon(ed25519.NewKeyFromSeed(seed[:]), "test-1", &owed),
		&item); err != nil {
		t.Fatal(err)
	}
	out, err := (&contract.Beacon{Height: owed.Height, Block: owed.Block, Proof: item.Proof}).Output()
	if err != nil {
		t.Fatal(err)
	}
	return float64(binary.BigEndian.Uint64(out[:8])) / (1 << 63) / 2
}
