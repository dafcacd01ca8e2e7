package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cometbft/cometbft/p2p"
	cmtstate "github.com/cometbft/cometbft/proto/tendermint/state"
	ssproto "github.com/cometbft/cometbft/proto/tendermint/statesync"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	sm "github.com/cometbft/cometbft/state"
	"github.com/cometbft/cometbft/store"
	"github.com/cometbft/cometbft/types"
	"github.com/cometbft/cometbft/version"
)

// discoveryTime is how long a node listens for snapshots before it takes the
// newest: the least that CometBFT allows.
const discoveryTime = 5 * time.Second

// headerWait is how long one peer may take to send a header.
const headerWait = time.Second

// trusted is what a node that begins with a snapshot believes: headers that more
// than 2/3 of the genesis's validators have signed, or of those to whom they handed
// over. It asks its peers for headers and hand-overs over the door for peers, so that
// a joiner needs no other. It implements CometBFT's statesync.StateProvider.
type trusted struct {
	share *share
	doc   *types.GenesisDoc
	known *succession
}

// errOtherValidators says that a header names validators of whom no plan is known.
var errOtherValidators = errors.New("signed by validators whom no plan that is known made such")

// signed is the header of a height, and the commit of it.
func (t *trusted) signed(ctx context.Context, height int64) (*types.SignedHeader, error) {
	var last error = errors.New("no peer")
	for {
		for _, peer := range t.share.Switch.Peers().Copy() {
			h, err := t.header(ctx, peer, height)
			if errors.Is(err, errOtherValidators) {
				if err = t.learn(ctx, peer); err == nil {
					h, err = t.header(ctx, peer, height)
				}
			}
			if err == nil {
				return h, nil
			}
			last = fmt.Errorf("peer %s: %w", peer.ID(), err)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("no signed header of block %d: %w", height, last)
		case <-time.After(headerWait): // the block may be still to come
		}
	}
}

// learn asks a peer for the plans that came after those that are known.
func (t *trusted) learn(ctx context.Context, peer p2p.Peer) error {
	for more := true; more; {
		answer, err := t.ask(ctx, peer, t.known.question(), t.known.isAnswer)
		if err != nil {
			return err
		}
		if more, err = t.known.take(answer); err != nil {
			return err
		}
	}
	return nil
}

// header asks a peer for the signed header of a height, and checks it.
func (t *trusted) header(ctx context.Context, peer p2p.Peer, height int64) (*types.SignedHeader, error) {
	answer, err := t.ask(ctx, peer, &ssproto.ChunkRequest{Height: uint64(height)},
		func(m *ssproto.ChunkResponse) bool { return m.Height == uint64(height) && m.Format != plansFormat })
	if err != nil {
		return nil, err
	}
	if answer.Missing {
		return nil, fmt.Errorf("has no signed block %d", height)
	}
	return t.check(height, answer.Chunk)
}

// ask is the peer's own answer to a question: others may say what they like meanwhile.
func (t *trusted) ask(ctx context.Context, peer p2p.Peer, question *ssproto.ChunkRequest,
	isAnswer func(*ssproto.ChunkResponse) bool) (*ssproto.ChunkResponse, error) {
	t.share.asked.Store(peer.ID())
	if !peer.Send(p2p.Envelope{ChannelID: genesisChannel, Message: question}) {
		return nil, errors.New("hung up")
	}
	late := time.NewTimer(headerWait)
	defer late.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-late.C:
			return nil, errors.New("does not answer")
		case answer := <-t.share.answers:
			if answer.by == peer.ID() && isAnswer(answer.ChunkResponse) {
				return answer.ChunkResponse, nil
			}
		}
	}
}

// check reads a signed header, and verifies its signatures.
func (t *trusted) check(height int64, b []byte) (*types.SignedHeader, error) {
	var p cmtproto.SignedHeader
	if err := p.Unmarshal(b); err != nil {
		return nil, err
	}
	h, err := types.SignedHeaderFromProto(&p)
	if err != nil {
		return nil, err
	}
	if err := h.ValidateBasic(t.doc.ChainID); err != nil {
		return nil, err
	}
	if h.Height != height {
		return nil, fmt.Errorf("sent block %d in the place of %d", h.Height, height)
	}
	set := t.known.signing(h.Header)
	if set == nil {
		return nil, errOtherValidators
	}
	return h, set.VerifyCommitLight(t.doc.ChainID, h.Commit.BlockID, height, h.Commit)
}

// AppHash is the root after a height, which stands in the header after it.
func (t *trusted) AppHash(ctx context.Context, height uint64) ([]byte, error) {
	h, err := t.signed(ctx, int64(height)+1)
	if err != nil {
		return nil, err
	}
	return h.AppHash, nil
}

// Commit is the commit of a height.
func (t *trusted) Commit(ctx context.Context, height uint64) (*types.Commit, error) {
	h, err := t.signed(ctx, int64(height))
	if err != nil {
		return nil, err
	}
	return h.Commit, nil
}

// State is CometBFT's own state after a height.
func (t *trusted) State(ctx context.Context, height uint64) (s sm.State, err error) {
	last, err := t.signed(ctx, int64(height))
	if err != nil {
		return s, err
	}
	next, err := t.signed(ctx, int64(height)+1)
	if err != nil {
		return s, err
	}
	for _, peer := range t.share.Switch.Peers().Copy() { // a plan that is not in force yet, too
		if t.learn(ctx, peer) == nil {
			break
		}
	}
	before, now, then, err := t.known.after(int64(height))
	if err != nil {
		return s, err
	}
	if !bytes.Equal(before.Hash(), last.ValidatorsHash) || !bytes.Equal(now.Hash(), next.ValidatorsHash) ||
		!bytes.Equal(then.Hash(), next.NextValidatorsHash) {
		return s, fmt.Errorf("block %d: %w", height, errOtherValidators)
	}
	params := *t.doc.ConsensusParams
	params.Version.App = next.Version.App
	s = sm.State{
		ChainID: t.doc.ChainID, InitialHeight: t.doc.InitialHeight,
		Version:         cmtstate.Version{Consensus: next.Version, Software: version.TMCoreSemVer},
		LastBlockHeight: last.Height, LastBlockTime: last.Time, LastBlockID: last.Commit.BlockID,
		AppHash: next.AppHash, LastResultsHash: next.LastResultsHash,
		LastValidators: before, Validators: now, NextValidators: then,
		ConsensusParams: params,
		// As CometBFT's own provider has them: from here on there are no older ones.
		LastHeightValidatorsChanged: last.Height + 2, LastHeightConsensusParamsChanged: last.Height + 1,
	}
	return s, nil
}

// signedHeader is what a node answers about a height; nil where it has no commit of
// it yet, or no longer.
func signedHeader(blocks *store.BlockStore, height int64) []byte {
	meta, commit := blocks.LoadBlockMeta(height), blocks.LoadBlockCommit(height)
	if meta == nil || commit == nil {
		return nil
	}
	b, err := (&types.SignedHeader{Header: &meta.Header, Commit: commit}).ToProto().Marshal()
	if err != nil {
		return nil
	}
	return b
}
