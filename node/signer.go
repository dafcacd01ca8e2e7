package node

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"syscall"

	"hongbao/internal/home"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/crypto"
	"github.com/cometbft/cometbft/privval"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"
)

// sectorBytes is what a disk writes whole or not at all.
const sectorBytes = 512

// signer is a validator's key. What it signed last is on disk before the
// signature leaves this process, so that no crash makes it sign a step again
// that it signed otherwise.
//
// CometBFT's FilePV does the same with a new file for each signature, which takes
// the place of the one before: of a block that holds little, a tenth of all its
// processor time. Here the state is written over the one before, in one sector of
// the same file. FilePV reads it, and judges what was signed before.
type signer struct {
	key  *privval.FilePV
	path string
	file *os.File // a sector, open so that a write is durable when it returns
	// shared: a block holds a vote of the key that is not of this signer, which signs
	// nothing more.
	shared atomic.Bool
}

// errShared is why a signer no longer signs.
var errShared = errors.New("the validators have a vote of this key that this node did not sign")

var _ types.PrivValidator = (*signer)(nil)

// newSigner signs with a key, and keeps in the file at path what it signed. The file
// stays open as long as the process.
func newSigner(key *privval.FilePV, path string) (*signer, error) {
	s := &signer{key: key, path: path}
	return s, s.replace(signStateJSON(key.LastSignState))
}

// GetPubKey implements types.PrivValidator.
func (s *signer) GetPubKey() (crypto.PubKey, error) { return s.key.GetPubKey() }

// meets takes the votes that a block holds of a height, and reports whether one is of this
// key and by another process, or of before an old copy of the state: what this signer signed
// stands in the state before it leaves.
func (s *signer) meets(height int64, votes []abci.VoteInfo) (foreign bool) {
	if s.key.LastSignState.Height >= height {
		return false
	}
	foreign = slices.ContainsFunc(votes, func(v abci.VoteInfo) bool {
		return bytes.Equal(v.Validator.Address, s.key.Key.Address) && v.BlockIdFlag != cmtproto.BlockIDFlagAbsent
	})
	if foreign {
		s.shared.Store(true)
	}
	return foreign
}

// SignVote signs a vote for a step that comes after the last one signed. A step
// that was signed gets the same signature, if the vote is the same but for its
// time; any other vote is refused.
//
// Votes of this chain have no extensions, which FilePV would sign too.
func (s *signer) SignVote(chainID string, vote *cmtproto.Vote) error {
	step, ok := map[cmtproto.SignedMsgType]int8{
		cmtproto.PrevoteType: stepPrevote, cmtproto.PrecommitType: stepPrecommit}[vote.Type]
	if !ok {
		return fmt.Errorf("a vote of type %s", vote.Type)
	}
	if s.signed(vote.Height, vote.Round, step) {
		return s.key.SignVote(chainID, vote)
	}
	signature, err := s.sign(vote.Height, vote.Round, step, types.VoteSignBytes(chainID, vote))
	vote.Signature = signature
	return err
}

// SignProposal does for a proposal what SignVote does for a vote.
func (s *signer) SignProposal(chainID string, proposal *cmtproto.Proposal) error {
	if s.signed(proposal.Height, proposal.Round, stepPropose) {
		return s.key.SignProposal(chainID, proposal)
	}
	signature, err := s.sign(proposal.Height, proposal.Round, stepPropose,
		types.ProposalSignBytes(chainID, proposal))
	proposal.Signature = signature
	return err
}

// signed reports whether a step is not past the last one signed. FilePV then
// neither signs anything new nor writes.
func (s *signer) signed(height int64, round int32, step int8) bool {
	same, err := s.key.LastSignState.CheckHRS(height, round, step)
	return same || err != nil
}

// sign signs a new step. If it cannot be written down, this node must not go on:
// in memory the step is signed, and the panic ends consensus, as FilePV's does.
func (s *signer) sign(height int64, round int32, step int8, message []byte) ([]byte, error) {
	if s.shared.Load() {
		return nil, errShared
	}
	signature, err := s.key.Key.PrivKey.Sign(message)
	if err != nil {
		return nil, err
	}
	last := &s.key.LastSignState
	last.Height, last.Round, last.Step, last.Signature, last.SignBytes = height, round, step, signature, message
	if err := s.keep(signStateJSON(*last)); err != nil {
		panic(unwritten{fmt.Errorf("%s: %w", s.path, err)})
	}
	return signature, nil
}

// unwritten is why a signature could not be written down.
type unwritten struct{ error }

// keep makes a state durable. One that takes more than a sector, as a long chain
// id and a late round make it, could be torn where it stands: it is a new file.
func (s *signer) keep(state []byte) error {
	if len(state) > sectorBytes || s.file == nil {
		return s.replace(state)
	}
	_, err := s.file.WriteAt(state, 0)
	return err
}

func (s *signer) replace(state []byte) error {
	if s.file != nil {
		s.file.Close()
		s.file = nil
	}
	if err := home.WriteFile(s.path, state, keyPerm); err != nil || len(state) > sectorBytes {
		return err
	}
	f, err := os.OpenFile(s.path, os.O_WRONLY|syscall.O_DSYNC, 0)
	s.file = f
	return err
}

// signStateJSON is a state as CometBFT reads it, in a whole sector if it fits.
func signStateJSON(s privval.FilePVLastSignState) []byte {
	b := make([]byte, 0, sectorBytes)
	b = fmt.Appendf(b, `{"height":"%d","round":%d,"step":%d`, s.Height, s.Round, s.Step)
	if s.SignBytes != nil {
		b = fmt.Appendf(b, `,"signature":"%s","signbytes":"%X"`,
			base64.StdEncoding.EncodeToString(s.Signature), []byte(s.SignBytes))
	}
	b = append(b, '}')
	for len(b) < sectorBytes-1 {
		b = append(b, ' ')
	}
	return append(b, '\n')
}
