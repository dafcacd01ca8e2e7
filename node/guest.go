package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"hongbao/contract"

	"github.com/cometbft/cometbft/blocksync"
	cfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/p2p/conn"
	bcproto "github.com/cometbft/cometbft/proto/tendermint/blocksync"
	ssproto "github.com/cometbft/cometbft/proto/tendermint/statesync"
	"github.com/cometbft/cometbft/types"
	"github.com/cometbft/cometbft/version"
)

const (
	// answerWait is how long a peer may take to answer one question.
	answerWait = 10 * time.Second
	// maxGenesis bounds the genesis that a peer may send, in bytes: the 100,000
	// accounts that a chain may begin with take a quarter of it.
	maxGenesis = 64 << 20
	// genesisWait is how long one peer may take to send it: a quarter of a megabyte a second
	// is the slowest of the largest.
	genesisWait = 5 * time.Minute
	// dialAttempts allow for a busy machine: CometBFT gives a dial one second.
	dialAttempts = 3
)

// guest is a peer of one node that keeps no chain: it asks, and leaves. It has
// a key for the visit alone.
type guest struct {
	p2p.BaseReactor
	address string
	peer    p2p.Peer
	answers chan p2p.Envelope
	leave   func()

	wait, genesisWait time.Duration // for an answer, and for the whole genesis
}

// visit connects to a peer, written ID@HOST:PORT, that is a node of this chain.
func visit(chain, address string) (*guest, error) {
	at, err := p2p.NewNetAddressString(address)
	if errors.As(err, new(p2p.ErrNetAddressLookup)) {
		return nil, errorf(CodePeerUnreachable, "", "peer %s: %w", address, err)
	} else if err != nil {
		return nil, errorf(CodeBadPeer, "", "peer %q: write it as ID@HOST:PORT", address)
	}
	g := &guest{address: address, answers: make(chan p2p.Envelope, 8), wait: answerWait,
		genesisWait: genesisWait}
	g.BaseReactor = *p2p.NewBaseReactor("Guest", g)
	key := p2p.NodeKey{PrivKey: ed25519.GenPrivKey()}
	info := p2p.DefaultNodeInfo{
		ProtocolVersion: p2p.NewProtocolVersion(version.P2PProtocol, version.BlockProtocol, appVersion),
		DefaultNodeID:   key.ID(), Network: chain, Version: version.TMCoreSemVer, Moniker: "guest",
		ListenAddr: "tcp://127.0.0.1:1", // it takes no calls
		Channels:   []byte{blocksync.BlocksyncChannel, genesisChannel},
	}
	// As fast as between nodes: CometBFT's own default takes half a minute for the genesis
	// of a chain with 100,000 accounts.
	transport := p2p.NewMultiplexTransport(info, key, p2p.MConnConfig(DefaultConfig("").P2P))
	s := p2p.NewSwitch(cfg.DefaultP2PConfig(), transport)
	s.SetLogger(log.NewNopLogger())
	s.SetNodeInfo(info)
	s.SetNodeKey(&key)
	s.AddReactor("GUEST", g)
	if err := s.Start(); err != nil {
		return nil, err
	}
	g.leave = func() { _ = errors.Join(s.Stop(), transport.Close()) }
	for range dialAttempts {
		if err = s.DialPeerWithAddress(at); err == nil {
			if g.peer = s.Peers().Get(at.ID); g.peer != nil {
				return g, nil
			}
			err = errors.New("it hung up")
		}
		if errors.As(err, new(p2p.ErrRejected)) {
			break
		}
	}
	g.leave()
	return nil, notVisited(address, chain, err)
}

// notVisited says why a peer did not let a guest in.
func notVisited(address, chain string, err error) error {
	var rejected p2p.ErrRejected
	if errors.As(err, &rejected) && rejected.IsAuthFailure() {
		return errorf(CodePeerOtherID, "", "peer %s: has another id than this: %w", address, err)
	}
	if errors.As(err, &rejected) && rejected.IsIncompatible() {
		if _, other, ok := strings.Cut(err.Error(), "different network. Got "); ok {
			other, _, _ = strings.Cut(other, ",")
			return errorf(CodePeerOtherChain, "", "peer %s: is of chain %s, not %s", address, other, chain)
		}
	}
	return errorf(CodePeerUnreachable, "", "peer %s: %w", address, err)
}

// GetChannels names the channels that a guest asks on.
func (g *guest) GetChannels() []*conn.ChannelDescriptor {
	return []*conn.ChannelDescriptor{genesisDescriptor(), {ID: blocksync.BlocksyncChannel, Priority: 1,
		SendQueueCapacity: 8, RecvMessageCapacity: blocksync.MaxMsgSize, MessageType: &bcproto.Message{}}}
}

// Receive keeps an answer for the one who asked; what no one waits for is dropped.
func (g *guest) Receive(e p2p.Envelope) {
	select {
	case g.answers <- e:
	default:
	}
}

// ask sends a question, and waits for the answer that is accepted.
func (g *guest) ask(ctx context.Context, question p2p.Envelope, accept func(answer p2p.Envelope) bool) error {
	if !g.peer.Send(question) {
		return errorf(CodePeerUnreachable, "", "peer %s: does not answer this question: it runs another version, or "+
			"hung up", g.address)
	}
	late := time.NewTimer(g.wait)
	defer late.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-late.C:
			return errorf(CodePeerUnreachable, "", "peer %s: no answer within %s", g.address, g.wait)
		case e := <-g.answers:
			if accept(e) {
				return nil
			}
		}
	}
}

// genesis fetches the genesis that has this hash. Another one is refused.
func (g *guest) genesis(ctx context.Context, chain string, hash contract.Hash) ([]byte, error) {
	var b []byte
	begin, count := time.Now(), uint32(1)
	for next := uint32(0); next < count; next++ {
		var chunk *ssproto.ChunkResponse
		err := g.ask(ctx, p2p.Envelope{ChannelID: genesisChannel, Message: &ssproto.ChunkRequest{Index: next}},
			func(e p2p.Envelope) (ok bool) {
				chunk, ok = e.Message.(*ssproto.ChunkResponse)
				return ok && chunk.Index == next
			})
		if err != nil {
			return nil, err
		}
		if next == 0 {
			count = chunk.Format
		}
		switch size := len(chunk.Chunk); {
		case count > chunksOf(maxGenesis):
			return nil, errorf(CodeWrongGenesis, "", "peer %s: its genesis is larger than %d bytes", g.address,
				maxGenesis)
		case chunk.Format != count || size > genesisChunk || size < genesisChunk && next+1 < count:
			return nil, errorf(CodeWrongGenesis, "", "peer %s: part %d of its genesis is not the one of %d parts",
				g.address, next+1, count)
		case time.Since(begin) > g.genesisWait:
			return nil, errorf(CodePeerUnreachable, "", "peer %s: has sent %d of %d parts of its genesis within %s",
				g.address, next+1, count, g.genesisWait)
		}
		b = append(b, chunk.Chunk...)
	}
	if err := isGenesis(b, chain, hash); err != nil {
		return nil, errorf(CodeWrongGenesis, "", "peer %s: %w", g.address, err)
	}
	return b, nil
}

// isGenesis refuses a genesis other than the one of a chain id and a hash.
func isGenesis(genesis []byte, chain string, hash contract.Hash) error {
	got, err := contract.GenesisHash(genesis, chain)
	if err == nil && got != hash {
		err = fmt.Errorf("its genesis has the hash %s, the trust file says %s", got, hash)
	}
	return err
}

// blocks are the first and the last block that the peer says it has.
func (g *guest) blocks(ctx context.Context) (first, last int64, err error) {
	err = g.ask(ctx, blockQuestion(&bcproto.StatusRequest{}), func(e p2p.Envelope) bool {
		m, ok := e.Message.(*bcproto.StatusResponse)
		if ok {
			first, last = m.Base, m.Height
		}
		return ok
	})
	return first, last, err
}

// newestSigned is the newest block of the peer that more than 2/3 of the
// validators' power has signed: the one before its last, whose commit the last
// one carries.
func (g *guest) newestSigned(ctx context.Context, doc *types.GenesisDoc) (*types.Header, error) {
	_, height, err := g.blocks(ctx)
	if err != nil {
		return nil, err
	}
	if height < 2 {
		return nil, errorf(CodePeerUnreachable, "", "peer %s: has no signed block yet", g.address)
	}
	signed, err := g.block(ctx, height-1)
	if err != nil {
		return nil, err
	}
	last, err := g.block(ctx, height)
	if err != nil {
		return nil, err
	}
	commit := last.LastCommit
	if !bytes.Equal(commit.BlockID.Hash, signed.Hash()) {
		return nil, errorf(CodePeerOtherChain, "", "peer %s: its blocks %d and %d do not fit together", g.address,
			height-1, height)
	}
	validators, err := g.signing(ctx, doc, &signed.Header)
	if err != nil {
		return nil, errorf(CodePeerOtherChain, "", "peer %s: block %d: %w", g.address, height-1, err)
	}
	if err := validators.VerifyCommitLight(doc.ChainID, commit.BlockID, height-1, commit); err != nil {
		return nil, errorf(CodePeerOtherChain, "", "peer %s: block %d is not signed: %w", g.address, height-1, err)
	}
	return &signed.Header, nil
}

// signing is the set that signs a header: the genesis's, or one to which it handed
// over, by the plans that the peer has.
func (g *guest) signing(ctx context.Context, doc *types.GenesisDoc, h *types.Header) (*types.ValidatorSet, error) {
	known, err := newSuccession(doc)
	if err != nil {
		return nil, err
	}
	for more := true; more && known.signing(h) == nil; {
		var answer *ssproto.ChunkResponse
		err := g.ask(ctx, p2p.Envelope{ChannelID: genesisChannel, Message: known.question()},
			func(e p2p.Envelope) (ok bool) {
				answer, ok = e.Message.(*ssproto.ChunkResponse)
				return ok && known.isAnswer(answer)
			})
		if err != nil {
			return nil, err
		}
		if more, err = known.take(answer); err != nil {
			return nil, err
		}
	}
	if set := known.signing(h); set != nil {
		return set, nil
	}
	return nil, errOtherValidators
}

func blockQuestion(message interface {
	p2p.Wrapper
	Reset()
	String() string
	ProtoMessage()
}) p2p.Envelope {
	return p2p.Envelope{ChannelID: blocksync.BlocksyncChannel, Message: message}
}

// block fetches one block, as the peer says it is.
func (g *guest) block(ctx context.Context, height int64) (block *types.Block, err error) {
	err = g.ask(ctx, blockQuestion(&bcproto.BlockRequest{Height: height}), func(e p2p.Envelope) bool {
		switch m := e.Message.(type) {
		case *bcproto.BlockResponse:
			b, err := types.BlockFromProto(m.Block)
			if err == nil { // else what it returns is no block
				block = b
			}
			return block == nil || block.Height == height
		case *bcproto.NoBlockResponse:
			return m.Height == height
		}
		return false
	})
	if err == nil && block == nil {
		err = errorf(CodePeerUnreachable, "", "peer %s: has no block %d", g.address, height)
	}
	return block, err
}
