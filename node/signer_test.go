package node

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/privval"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"
	"pgregory.net/rapid"
)

// signers are CometBFT's own and ours, with one key.
type signers struct {
	theirs *privval.FilePV
	ours   *signer
	path   string // of our state
}

func newSigners(t testing.TB, dir string) *signers {
	t.Helper()
	key := ed25519.GenPrivKey()
	path := func(name string) string { return filepath.Join(dir, name) }
	s := &signers{theirs: privval.NewFilePV(key, path("key"), path("theirs")), path: path("ours")}
	s.theirs.Save()
	s.open(t, privval.NewFilePV(key, path("key"), s.path))
	return s
}

func (s *signers) open(t testing.TB, key *privval.FilePV) {
	t.Helper()
	ours, err := newSigner(key, s.path)
	if err != nil {
		t.Fatal(err)
	}
	s.ours = ours
}

// restart is a crash right after the last signature: what counts is the file.
func (s *signers) restart(t testing.TB) {
	t.Helper()
	s.ours.file.Close()
	s.open(t, privval.LoadFilePV(filepath.Join(filepath.Dir(s.path), "key"), s.path))
}

// kept fails unless CometBFT reads from our file what its own signer holds.
func (s *signers) kept() error {
	read := privval.LoadFilePV(filepath.Join(filepath.Dir(s.path), "key"), s.path).LastSignState
	want := s.theirs.LastSignState
	if read.Height != want.Height || read.Round != want.Round || read.Step != want.Step ||
		!bytes.Equal(read.Signature, want.Signature) || !bytes.Equal(read.SignBytes, want.SignBytes) ||
		(read.SignBytes == nil) != (want.SignBytes == nil) {
		return fmt.Errorf("the file says %+v, want %+v", read, want)
	}
	return nil
}

// sign has both sign one thing, and compares what they say.
func (s *signers) sign(chain string, step int, height int64, round int32, at time.Time, block byte) error {
	id := cmtproto.BlockID{Hash: bytes.Repeat([]byte{block}, 32),
		PartSetHeader: cmtproto.PartSetHeader{Total: math.MaxUint32, Hash: bytes.Repeat([]byte{block}, 32)}}
	var got, want string
	if step == stepPropose {
		a := cmtproto.Proposal{Type: cmtproto.ProposalType, Height: height, Round: round, PolRound: -1, BlockID: id,
			Timestamp: at}
		b := a
		errA, errB := s.theirs.SignProposal(chain, &a), s.ours.SignProposal(chain, &b)
		want, got = fmt.Sprint(a, errA), fmt.Sprint(b, errB)
	} else {
		a := cmtproto.Vote{Type: cmtproto.PrevoteType, Height: height, Round: round, BlockID: id, Timestamp: at}
		if step == stepPrecommit {
			a.Type = cmtproto.PrecommitType
		}
		b := a
		errA, errB := s.theirs.SignVote(chain, &a), s.ours.SignVote(chain, &b)
		a.ExtensionSignature, b.ExtensionSignature = nil, nil // no use: votes have no extension
		want, got = fmt.Sprint(a, errA), fmt.Sprint(b, errB)
	}
	if got != want {
		return fmt.Errorf("step %d of %d/%d: %s, CometBFT's signer: %s", step, height, round, got, want)
	}
	return s.kept()
}

// The signer signs and refuses what CometBFT's own does, in whatever order it is
// asked and however often its process ends.
func TestSignerIsCometBFTs(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			r.Fatal(err)
		}
		s := newSigners(t, dir)
		if err := s.kept(); err != nil {
			r.Fatal(err)
		}
		start := time.Unix(1_700_000_000, 0).UTC()
		height, round := int64(1), int32(0)
		for range rapid.IntRange(1, 30).Draw(r, "signatures") {
			if rapid.IntRange(0, 4).Draw(r, "restart") == 0 {
				s.restart(t)
			}
			height = max(1, height+rapid.Int64Range(-1, 2).Draw(r, "heights on"))
			round = max(0, round+rapid.Int32Range(-1, 1).Draw(r, "rounds on"))
			at := start.Add(time.Duration(rapid.IntRange(0, 2).Draw(r, "time")))
			if err := s.sign("a-chain", rapid.IntRange(stepPropose, stepPrecommit).Draw(r, "step"), height, round, at,
				byte(rapid.IntRange(1, 2).Draw(r, "block"))); err != nil {
				r.Fatal(err)
			}
		}
	})
}

// A state is written in one sector of a file that stays, unless it is too long for
// one.
func TestSignStateTakesASector(t *testing.T) {
	for _, tt := range []struct {
		desc   string
		chain  string
		height int64
		round  int32
		stays  bool
	}{
		{"the first blocks", "hongbao-dev-1", 1, 0, true},
		{"a chain of many years", "hongbao-of-all-people-1a2b3c4d", 1e12, 9, true},
		{"the longest of all", strings.Repeat("c", types.MaxChainIDLen), math.MaxInt64 - 1, math.MaxInt32, false},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			s := newSigners(t, t.TempDir())
			before, err := os.Stat(s.path)
			if err != nil || before.Size() != sectorBytes {
				t.Fatalf("%v: %v", before, err)
			}
			at := time.Unix(1<<33, 999_999_999).UTC()
			for step := stepPropose; step <= stepPrecommit; step++ {
				if err := s.sign(tt.chain, step, tt.height, tt.round, at, 1); err != nil {
					t.Fatal(err)
				}
				after, err := os.Stat(s.path)
				if err != nil {
					t.Fatal(err)
				}
				if step == stepPropose && os.SameFile(before, after) != tt.stays {
					t.Errorf("after a proposal: the same file: %v; %d bytes", !tt.stays, after.Size())
				}
			}
			if err := s.sign("c", stepPrevote, tt.height+1, 0, at, 1); err != nil { // and again a short one
				t.Fatal(err)
			}
			if after, err := os.Stat(s.path); err != nil || after.Size() != sectorBytes {
				t.Errorf("%v: %v", after, err)
			}
		})
	}
}

// A signature that could not be written down is not given.
func TestNoSignatureWithoutAState(t *testing.T) {
	s := newSigners(t, t.TempDir())
	s.ours.file.Close()
	defer func() {
		if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), s.path) {
			t.Errorf("signed: %v", r)
		}
	}()
	vote := cmtproto.Vote{Type: cmtproto.PrevoteType, Height: 1, Timestamp: time.Unix(1, 0)}
	t.Error(s.ours.SignVote("c", &vote), vote.Signature)
}

// BenchmarkSign signs a block's two votes, with CometBFT's signer and with ours.
//
//	go test ./node -run xxx -bench Sign -count 10
func BenchmarkSign(b *testing.B) {
	s := newSigners(b, b.TempDir())
	for _, tt := range []struct {
		name string
		pv   types.PrivValidator
	}{{"cometbft", s.theirs}, {"ours", s.ours}} {
		b.Run(tt.name, func(b *testing.B) {
			height := s.theirs.LastSignState.Height + s.ours.key.LastSignState.Height
			used := processorTime(b)
			for b.Loop() {
				height++
				for _, kind := range []cmtproto.SignedMsgType{cmtproto.PrevoteType, cmtproto.PrecommitType} {
					vote := cmtproto.Vote{Type: kind, Height: height, Timestamp: time.Unix(height, 0),
						BlockID: cmtproto.BlockID{Hash: make([]byte, 32),
							PartSetHeader: cmtproto.PartSetHeader{Total: 1, Hash: make([]byte, 32)}}}
					if err := tt.pv.SignVote("a-chain", &vote); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64((processorTime(b)-used).Microseconds())/float64(b.N), "cpu-µs/block")
		})
	}
}

// processorTime is what this process has used so far.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// A block that holds a vote of the key which the signer did not make ends its signing: before
// a second process with the key, or one with an old state, has signed anything.
func TestASignerMeetsAnothersVote(t *testing.T) {
	for _, row := range []struct {
		desc    string
		height  int64 // of the vote in the block; the signer has signed block 7
		flag    cmtproto.BlockIDFlag
		other   bool // it is another validator's
		foreign bool
	}{
		{"its own", 7, cmtproto.BlockIDFlagCommit, false, false},
		{"one of before", 3, cmtproto.BlockIDFlagCommit, false, false},
		{"of a block that it has not signed", 8, cmtproto.BlockIDFlagCommit, false, true},
		{"for no block", 8, cmtproto.BlockIDFlagNil, false, true},
		{"none", 8, cmtproto.BlockIDFlagAbsent, false, false},
		{"another validator's", 8, cmtproto.BlockIDFlagCommit, true, false},
	} {
		s := newSigners(t, t.TempDir()).ours
		vote := func(height int64) error {
			return s.SignVote("test-1", &cmtproto.Vote{Type: cmtproto.PrecommitType, Height: height})
		}
		must(t, vote(7))
		by := s.key.Key.Address
		if row.other {
			by = ed25519.GenPrivKey().PubKey().Address()
		}
		votes := []abci.VoteInfo{{Validator: abci.Validator{Address: by}, BlockIdFlag: row.flag}}
		if got := s.meets(row.height, votes); got != row.foreign {
			t.Errorf("%s: foreign %t, want %t", row.desc, got, row.foreign)
		}
		if err := vote(9); errors.Is(err, errShared) != row.foreign || err != nil != row.foreign {
			t.Errorf("%s: then it signs with %v", row.desc, err)
		}
	}
}
