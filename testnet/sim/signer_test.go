package sim

import (
	"crypto/sha256"
	"runtime"
	"strings"

	"github.com/cometbft/cometbft/crypto"
	"github.com/cometbft/cometbft/p2p"
	cmtcons "github.com/cometbft/cometbft/proto/tendermint/consensus"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"

	"github.com/cometbft/cometbft/consensus"
)

// signer signs by a node's own clock. That of the liar signs twice now and then,
// and has its colluder's name written into headers.
type signer struct {
	types.PrivValidator
	*bubbleNode
}

func (s *signer) lies() bool { return s.liar != nil && s.liar.node == s.number }

func (s *signer) SignVote(chain string, v *cmtproto.Vote) error {
	v.Timestamp = v.Timestamp.Add(s.skew)
	if err := s.PrivValidator.SignVote(chain, v); err != nil || !s.lies() || len(v.BlockID.Hash) == 0 {
		return err
	}
	s.liar.mu.Lock()
	twice := !s.liar.rest && s.equivocates && s.liar.rng.IntN(20) == 0
	s.liar.mu.Unlock()
	if twice {
		s.contradict(chain, *v)
	}
	return nil
}

// contradict tells the peers that this validator voted for another block, too.
func (s *signer) contradict(chain string, v cmtproto.Vote) {
	other := sha256.Sum256(v.BlockID.Hash)
	v.BlockID.Hash, v.BlockID.PartSetHeader.Hash = other[:], other[:]
	sig, err := s.keys[s.number].Sign(types.VoteSignBytes(chain, &v))
	check(err)
	v.Signature = sig
	for _, p := range s.sw.peers.Copy() {
		p.TrySend(p2p.Envelope{ChannelID: consensus.VoteChannel, Message: &cmtcons.Vote{Vote: &v}})
	}
	s.liar.mu.Lock()
	s.liar.told["two votes"]++
	s.liar.mu.Unlock()
}

// GetPubKey gives consensus a key that lies: CometBFT asks the signer for the
// address that it writes into a header.
func (s *signer) GetPubKey() (crypto.PubKey, error) {
	key, err := s.PrivValidator.GetPubKey()
	if s.lies() && calledBy("consensus.(*State).updatePrivValidatorPubKey") {
		key = lyingKey{key, s}
	}
	return key, err
}

type lyingKey struct {
	crypto.PubKey
	s *signer
}

func (k lyingKey) Address() crypto.Address {
	l := k.s.liar
	if !calledBy("consensus.(*State).createProposalBlock") {
		return k.PubKey.Address()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rest || l.last == nil || l.rng.IntN(4) > 0 {
		return k.PubKey.Address()
	}
	return l.keys[l.colluder].PubKey().Address()
}

func calledBy(function string) bool {
	pcs := make([]uintptr, 8)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		frame, more := frames.Next()
		if strings.HasSuffix(frame.Function, function) {
			return true
		}
		if !more {
			return false
		}
	}
}
