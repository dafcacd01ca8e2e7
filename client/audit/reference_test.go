package audit

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmtversion "github.com/cometbft/cometbft/proto/tendermint/version"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/cometbft/cometbft/version"
	"github.com/cosmos/iavl"
	ics23 "github.com/cosmos/ics23/go"

	"hongbao/contract"
)

// Headers, commits and leaf proofs are judged here once more by the libraries
// whose formats they have: CometBFT's types and ICS-23. Both must agree.

// referenceHeader is decodeHeader by CometBFT.
func referenceHeader(b []byte) (*cmttypes.SignedHeader, error) {
	var pb cmtproto.SignedHeader
	if err := pb.Unmarshal(b); err != nil {
		return nil, err
	}
	h, err := cmttypes.SignedHeaderFromProto(&pb)
	if err != nil {
		return nil, err
	}
	if h.Header == nil || h.Commit == nil {
		return nil, errors.New("header or commit is missing")
	}
	if again, err := h.ToProto().Marshal(); err != nil || !bytes.Equal(again, b) {
		return nil, errors.New("not the one encoding of a signed header")
	}
	if len(h.ValidatorsHash) == 0 || len(h.Commit.BlockID.Hash) == 0 {
		return nil, errors.New("a hash is missing")
	}
	if at := contract.TimeOf(h.Time); at < 0 || !at.Std().Equal(h.Time) {
		return nil, errors.New("its time is before 1970 or after 2262")
	}
	return h, h.ValidateBasic(h.ChainID)
}

// referenceCommit is checkCommit by CometBFT.
func referenceCommit(h *cmttypes.SignedHeader, set *cmttypes.ValidatorSet) error {
	if !bytes.Equal(h.ValidatorsHash, set.Hash()) {
		return errors.New("its validators are not the trusted ones")
	}
	return cmttypes.VerifyCommit(h.ChainID, set, h.Commit.BlockID, h.Height, h.Commit)
}

// sameHeader compares both on a signed header, and reports whether it was read.
func sameHeader(t *testing.T, b []byte, v validators) bool {
	t.Helper()
	h, err := decodeHeader(b)
	want, wantErr := referenceHeader(b)
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("read: %v, by CometBFT: %v\n%x", err, wantErr, b)
	}
	if err != nil {
		return false
	}
	if !bytes.Equal(h.hash(), want.Hash()) || h.chain != want.ChainID || h.height != want.Height ||
		!h.time.Std().Equal(want.Time) || !bytes.Equal(h.appHash(), want.AppHash) {
		t.Fatalf("read %+v, by CometBFT %+v", h, want)
	}
	for i := range h.commit.votes {
		vote := &h.commit.votes[i]
		got, want := h.commit.signBytes(vote, h.chain), want.Commit.VoteSignBytes(want.ChainID, int32(i))
		if vote.flag != voteAbsent && !bytes.Equal(got, want) {
			t.Fatalf("vote %d: signs %x, by CometBFT %x", i, got, want)
		}
	}
	_, err = h.checkCommit(v.trust().inOrder())
	if wantErr := referenceCommit(want, v.Set()); (err == nil) != (wantErr == nil) {
		t.Fatalf("commit: %v, by CometBFT: %v", err, wantErr)
	}
	return true
}

// someHeader is a signed header with anything in it that may be.
func someHeader(t testing.TB, rng *rand.Rand, v validators) *cmttypes.SignedHeader {
	some := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		return b
	}
	hash := func() []byte { return some(32 * rng.IntN(2)) }
	number := func() int64 { return rng.Int64() >> rng.IntN(63) }
	at := time.Unix(rng.Int64N(9_000_000_000), rng.Int64N(1e9)).UTC()
	block := func() cmttypes.BlockID {
		parts := cmttypes.PartSetHeader{Total: uint32(number()), Hash: hash()}
		return cmttypes.BlockID{Hash: some(32), PartSetHeader: parts}
	}
	h := &cmttypes.Header{
		Version: cmtversion.Consensus{Block: version.BlockProtocol, App: rng.Uint64() >> rng.IntN(64)},
		ChainID: "chain-" + fmt.Sprint(rng.IntN(1000)), Height: 1 + number()/2, Time: at, LastBlockID: block(),
		LastCommitHash: hash(), DataHash: hash(), ValidatorsHash: v.Set().Hash(), NextValidatorsHash: hash(),
		ConsensusHash: hash(), AppHash: some(rng.IntN(40)), LastResultsHash: hash(), EvidenceHash: hash(),
		ProposerAddress: some(20),
	}
	if rng.IntN(8) == 0 {
		h.LastBlockID = cmttypes.BlockID{}
	}
	c := &cmttypes.Commit{Height: h.Height, Round: int32(rng.IntN(4) * rng.IntN(1<<29)), BlockID: block()}
	c.BlockID.Hash = h.Hash()
	for _, k := range v.Keys {
		s := cmttypes.NewCommitSigAbsent()
		if flag := cmttypes.BlockIDFlag(1 + rng.IntN(8)); flag != cmttypes.BlockIDFlagAbsent {
			s = cmttypes.CommitSig{
				BlockIDFlag: min(flag, 3), ValidatorAddress: k.PubKey().Address(),
				Timestamp: at.Add(time.Duration(rng.IntN(1e9))),
			}
			if flag > 3 {
				s.BlockIDFlag = cmttypes.BlockIDFlagCommit
			}
		}
		c.Signatures = append(c.Signatures, s)
	}
	v.Vote(h.ChainID, c)
	return &cmttypes.SignedHeader{Header: h, Commit: c}
}

// mutated is b with one thing changed: a bit, or a piece cut out, doubled or moved.
func mutated(rng *rand.Rand, b []byte) []byte {
	b = bytes.Clone(b)
	at := rng.IntN(len(b))
	piece := bytes.Clone(b[at:min(len(b), at+1+rng.IntN(40))])
	switch rng.IntN(5) {
	case 0:
		b[at] ^= 1 << rng.IntN(8)
	case 1:
		b[at] = byte(rng.Uint32())
	case 2:
		b = slices.Delete(b, at, at+len(piece))
	case 3:
		b = slices.Insert(b, at, piece...)
	case 4:
		b = slices.Insert(b, rng.IntN(len(b)), piece...)
	}
	return b
}

// Our reading of headers and commits is CometBFT's: the same hash, the same bytes
// to sign, the same verdict, whatever is changed.
func TestHeadersAndCommitsAreCometBFTs(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	sets := []validators{newValidators(1), newValidators(10, 10, 10, 10), newValidators(7, 1, 3, 9, 4, 4, 2)}
	read, mutants := 0, 0
	for range 60 {
		v := sets[rng.IntN(len(sets))]
		h := someHeader(t, rng, v)
		b := wireOf(t, h)
		if !sameHeader(t, b, v) {
			t.Fatalf("not read: %x", b)
		}
		sameHeader(t, b, sets[0])
		for range 60 {
			if mutants++; sameHeader(t, mutated(rng, b), v) {
				read++
			}
		}
		for range 20 { // what only the commit's checks can refuse
			c := *h.Commit
			c.Signatures = slices.Clone(c.Signatures)
			spoilVote(rng, &c)
			b, err := (&cmttypes.SignedHeader{Header: h.Header, Commit: &c}).ToProto().Marshal()
			must(t, err)
			if mutants++; sameHeader(t, b, v) {
				read++
			}
		}
	}
	if t.Logf("%d of %d mutants were read", read, mutants); read == 0 || read == mutants {
		t.Error("the mutants test nothing")
	}
}

// spoilVote changes one thing about a commit's votes.
func spoilVote(rng *rand.Rand, c *cmttypes.Commit) {
	i := rng.IntN(len(c.Signatures))
	s := &c.Signatures[i]
	switch rng.IntN(8) {
	case 0:
		s.BlockIDFlag = cmttypes.BlockIDFlag(rng.IntN(5))
	case 1:
		*s = cmttypes.NewCommitSigAbsent()
	case 2:
		s.Timestamp = s.Timestamp.Add(1)
	case 3:
		c.Signatures = append(c.Signatures, *s)
	case 4:
		c.Signatures = slices.Delete(c.Signatures, i, i+1)
	case 5:
		*s = c.Signatures[rng.IntN(len(c.Signatures))]
	case 6:
		s.Signature = append(bytes.Clone(s.Signature), make([]byte, rng.IntN(2))...)
	case 7:
		c.Round++
	}
}

// Odd encodings of ed25519 points are judged by ZIP 215, as CometBFT does.
func TestVotesAreJudgedByZIP215(t *testing.T) {
	identity := append([]byte{1}, make([]byte, 31)...)
	signature := append(bytes.Clone(identity), make([]byte, 32)...)
	for _, key := range [][]byte{identity, append([]byte{0xee}, append(bytes.Repeat([]byte{0xff}, 30), 0x7f)...)} {
		msg := []byte("any message")
		got, want := verifyVote(key, msg, signature), ed25519.PubKey(key).VerifySignature(msg, signature)
		if got != want || !got {
			t.Errorf("key %x: %t, by CometBFT: %t", key, got, want)
		}
	}
}

// sameProof compares both on an ICS-23 proof of key. Ours is stricter in one thing:
// a node above a leaf has two children, of which the proof leaves out one.
func sameProof(t *testing.T, root, key, b []byte) (there, gap bool) {
	t.Helper()
	var p ics23.CommitmentProof
	one := p.Unmarshal(b) == nil
	if again, err := p.Marshal(); err != nil || !bytes.Equal(again, b) {
		one = false
	}
	e, n := p.GetExist(), p.GetNonexist()
	wantThere := one && e != nil && ics23.VerifyMembership(ics23.IavlSpec, root, &p, key, e.Value)
	wantGap := one && n != nil && n.Left != nil && n.Right != nil && bytes.Equal(n.Key, key) &&
		referenceGap(root, &p, key)
	value, err := checkMembership(root, key, b)
	if there = err == nil; there != wantThere || there && !bytes.Equal(value, e.Value) {
		t.Fatalf("existence: %v, by ICS-23: %t\n%x", err, wantThere, b)
	}
	err = checkNonMembership(root, key, b)
	if gap = err == nil; gap != wantGap {
		t.Fatalf("absence: %v, by ICS-23: %t\n%x", err, wantGap, b)
	}
	return there, gap
}

// referenceGap is a proof of absence judged by ICS-23, which panics at some.
func referenceGap(root []byte, p *ics23.CommitmentProof, key []byte) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	return ics23.VerifyNonMembership(ics23.IavlSpec, root, p, key)
}

// someTree is a tree of so many leaves, and its keys in order.
func someTree(t testing.TB, rng *rand.Rand, leaves int) (*iavl.MutableTree, [][]byte) {
	tree := newTree()
	var keys [][]byte
	for i := range leaves {
		key := fmt.Appendf(nil, "key %03d", 2*i)
		keys = append(keys, key)
	}
	for _, i := range rng.Perm(leaves) {
		_, err := tree.Set(keys[i], fmt.Appendf(nil, "value %d", i))
		must(t, err)
	}
	_, _, err := tree.SaveVersion()
	must(t, err)
	return tree, keys
}

// Our reading of proofs is that of ICS-23 over an IAVL tree.
func TestProofsAreICS23s(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	accepted := 0
	for _, leaves := range []int{2, 3, 5, 8, 31, 100} {
		tree, keys := someTree(t, rng, leaves)
		root := tree.Hash()
		for i, key := range keys {
			between := fmt.Appendf(nil, "key %03d", 2*i+1)
			proof := proofOf(t, tree, key)
			if there, gap := sameProof(t, root, key, proof); !there || gap {
				t.Fatalf("%s of %d is not there", key, leaves)
			}
			absent := proofOf(t, tree, between)
			if there, gap := sameProof(t, root, between, absent); there || gap != (i < leaves-1) {
				t.Fatalf("%s of %d: %t", between, leaves, gap)
			}
			sameProof(t, root, between, proof)
			for range 20 {
				badProof, badAbsent := mutated(rng, proof), mutated(rng, absent)
				there, _ := sameProof(t, root, key, badProof)
				_, gap := sameProof(t, root, between, badAbsent)
				if there && !bytes.Equal(badProof, proof) || gap && !bytes.Equal(badAbsent, absent) {
					accepted++
				}
				far := wideGap(t, tree, keys[rng.IntN(leaves)], keys[rng.IntN(leaves)], between)
				sameProof(t, root, between, far)
			}
		}
	}
	if accepted > 0 {
		t.Errorf("%d changed proofs were accepted", accepted)
	}
}

// wideGap claims that key stands in a gap between two leaves of the tree.
func wideGap(t testing.TB, tree *iavl.MutableTree, left, right, key []byte) []byte {
	leaf := func(key []byte) *ics23.ExistenceProof {
		var p ics23.CommitmentProof
		must(t, p.Unmarshal(proofOf(t, tree, key)))
		return p.GetExist()
	}
	p := ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Nonexist{Nonexist: &ics23.NonExistenceProof{
		Key: key, Left: leaf(left), Right: leaf(right),
	}}}
	b, err := p.Marshal()
	must(t, err)
	return b
}

// FuzzHeader looks for a signed header that we and CometBFT judge differently.
func FuzzHeader(f *testing.F) {
	v := newValidators(10, 10, 10, 10)
	rng := rand.New(rand.NewPCG(5, 6))
	for range 5 {
		f.Add(wireOf(f, someHeader(f, rng, v)))
	}
	f.Fuzz(func(t *testing.T, b []byte) { sameHeader(t, b, v) })
}

// FuzzLeafProof looks for an ICS-23 proof that we and its library judge differently.
func FuzzLeafProof(f *testing.F) {
	tree, keys := someTree(f, rand.New(rand.NewPCG(7, 8)), 9)
	f.Add(proofOf(f, tree, keys[4]))
	f.Add(proofOf(f, tree, []byte("key 009")))
	f.Fuzz(func(t *testing.T, b []byte) {
		sameProof(t, tree.Hash(), []byte("key 008"), b)
		sameProof(t, tree.Hash(), []byte("key 009"), b)
	})
}
