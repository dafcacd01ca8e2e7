package node

import (
	"bytes"
	"fmt"
	"math"
	"testing"
	"time"

	"hongbao/contract"

	"github.com/cometbft/cometbft/blocksync"
	cfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/p2p/conn"
	"github.com/cometbft/cometbft/p2p/mock"
	bcproto "github.com/cometbft/cometbft/proto/tendermint/blocksync"
	ssproto "github.com/cometbft/cometbft/proto/tendermint/statesync"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"
	"github.com/cometbft/cometbft/version"
)

// liar is a peer that answers as answer says.
type liar struct {
	p2p.BaseReactor
	answer func(e p2p.Envelope)
}

func (l *liar) GetChannels() []*conn.ChannelDescriptor { return new(guest).GetChannels() }

func (l *liar) Receive(e p2p.Envelope) { l.answer(e) }

// serveLies is where the liar of a chain is reached.
func serveLies(t *testing.T, chain string, answer func(e p2p.Envelope)) (peer string) {
	t.Helper()
	key := p2p.NodeKey{PrivKey: ed25519.GenPrivKey()}
	listen := fmt.Sprintf("127.0.0.1:%d", freePorts(t, 1))
	info := p2p.DefaultNodeInfo{
		ProtocolVersion: p2p.NewProtocolVersion(version.P2PProtocol, version.BlockProtocol, appVersion),
		DefaultNodeID:   key.ID(), Network: chain, Version: version.TMCoreSemVer, Moniker: "liar",
		ListenAddr: "tcp://" + listen, Channels: []byte{blocksync.BlocksyncChannel, genesisChannel},
	}
	at, err := p2p.NewNetAddressString(string(key.ID()) + "@" + listen)
	must(t, err)
	transport := p2p.NewMultiplexTransport(info, key, p2p.MConnConfig(DefaultConfig("").P2P))
	must(t, transport.Listen(*at))
	s := p2p.NewSwitch(cfg.DefaultP2PConfig(), transport)
	s.SetNodeInfo(info)
	s.SetNodeKey(&key)
	l := &liar{answer: answer}
	l.BaseReactor = *p2p.NewBaseReactor("Liar", l)
	s.AddReactor("LIAR", l)
	must(t, s.Start())
	t.Cleanup(func() {
		_ = s.Stop()
		_ = transport.Close()
	})
	return at.String()
}

// A joiner that asks a peer for the genesis is not kept for ever by it, holds no more than
// a genesis may have, and takes none but the one of the trust file.
func TestAGenesisFromALiar(t *testing.T) {
	_, genesis, err := ReadGenesis(newHome(t))
	must(t, err)
	chain := chainOf(t, genesis)
	hash, err := contract.GenesisHash(genesis, chain)
	must(t, err)
	full := bytes.Repeat([]byte{'x'}, genesisChunk)
	for _, row := range []struct {
		desc string
		part func(index uint32) (count uint32, chunk []byte) // count 0 and no chunk: no answer
		code string                                          // empty: the genesis is taken
	}{
		{"the truth", func(uint32) (uint32, []byte) { return 1, genesis }, ""},
		{"nothing", func(uint32) (uint32, []byte) { return 0, nil }, CodePeerUnreachable},
		{"no parts", func(uint32) (uint32, []byte) { return 0, []byte{} }, CodeWrongGenesis},
		{"an empty part", func(uint32) (uint32, []byte) { return 1, []byte{} }, CodeWrongGenesis},
		{"another genesis", func(uint32) (uint32, []byte) { return 1, bytes.ToUpper(genesis) }, CodeWrongGenesis},
		{"parts without end", func(uint32) (uint32, []byte) { return math.MaxUint32, full }, CodeWrongGenesis},
		{"a part more each time", func(i uint32) (uint32, []byte) { return i + 2, full }, CodeWrongGenesis},
		{"a part fewer", func(i uint32) (uint32, []byte) { return 3 - i, full }, CodeWrongGenesis},
		{"parts of a byte", func(uint32) (uint32, []byte) { return 200, []byte{'x'} }, CodeWrongGenesis},
		{"the largest, slowly", func(uint32) (uint32, []byte) {
			time.Sleep(50 * time.Millisecond)
			return chunksOf(maxGenesis), full
		}, CodePeerUnreachable},
	} {
		t.Run(row.desc, func(t *testing.T) {
			g, err := visit(chain, serveLies(t, chain, func(e p2p.Envelope) {
				request, ok := e.Message.(*ssproto.ChunkRequest)
				if !ok {
					return
				}
				if count, chunk := row.part(request.Index); count > 0 || chunk != nil {
					e.Src.Send(p2p.Envelope{ChannelID: genesisChannel, Message: &ssproto.ChunkResponse{
						Format: count, Index: request.Index, Chunk: chunk}})
				}
			}))
			must(t, err)
			defer g.leave()
			g.wait, g.genesisWait = time.Second, 500*time.Millisecond
			begin := time.Now()
			got, err := g.genesis(t.Context(), chain, hash)
			if row.code == "" && (err != nil || !bytes.Equal(got, genesis)) ||
				row.code != "" && !hasCode(err, row.code) {
				t.Errorf("%d bytes, %v; expected the code %q", len(got), err, row.code)
			}
			if took := time.Since(begin); took > 5*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// A validator that lost its sign state asks a peer for the newest block. One without the
// signatures of the block before it, or that is none, is not one.
func TestABlockFromALiar(t *testing.T) {
	doc, _, err := ReadGenesis(newHome(t))
	must(t, err)
	header := types.Header{ChainID: doc.ChainID, Time: time.Now(), ProposerAddress: make([]byte, 20),
		ValidatorsHash: make([]byte, 32)}
	header.Version.Block = version.BlockProtocol
	for _, row := range []struct {
		desc  string
		block func(height int64) *cmtproto.Block
	}{
		{"no block", func(int64) *cmtproto.Block { return nil }},
		{"an empty one", func(int64) *cmtproto.Block { return new(cmtproto.Block) }},
		{"one without signatures", func(height int64) *cmtproto.Block {
			h := header
			h.Height = height
			return &cmtproto.Block{Header: *h.ToProto()}
		}},
		{"one with a commit of nothing", func(height int64) *cmtproto.Block {
			h := header
			h.Height = height
			return &cmtproto.Block{Header: *h.ToProto(), LastCommit: &cmtproto.Commit{}}
		}},
	} {
		t.Run(row.desc, func(t *testing.T) {
			g, err := visit(doc.ChainID, serveLies(t, doc.ChainID, func(e p2p.Envelope) {
				switch m := e.Message.(type) {
				case *bcproto.StatusRequest:
					e.Src.Send(blockQuestion(&bcproto.StatusResponse{Base: 1, Height: 5}))
				case *bcproto.BlockRequest:
					e.Src.Send(blockQuestion(&bcproto.BlockResponse{Block: row.block(m.Height)}))
				}
			}))
			must(t, err)
			defer g.leave()
			g.wait = time.Second
			if h, err := g.newestSigned(t.Context(), doc); !hasCode(err, CodePeerUnreachable) {
				t.Errorf("%v, %v", h, err)
			}
		})
	}
}

// While one peer is asked for a header, another one cannot answer in its place, nor fill
// the room for the answer.
func TestOnlyTheAskedPeerAnswers(t *testing.T) {
	r := newShare(nil)
	honest, other := mock.NewPeer(nil), mock.NewPeer(nil)
	missing := &ssproto.ChunkResponse{Height: 5, Missing: true}
	provider := &trusted{share: r}
	for range 2 * maxAnswers {
		r.Receive(p2p.Envelope{Src: other, ChannelID: genesisChannel, Message: missing})
	}
	r.asked.Store(other.ID())
	r.Receive(p2p.Envelope{Src: other, ChannelID: genesisChannel, Message: missing}) // late: it was asked before
	go func() {
		for r.asked.Load() != honest.ID() {
			time.Sleep(time.Millisecond)
		}
		for range 2 * maxAnswers {
			r.Receive(p2p.Envelope{Src: other, ChannelID: genesisChannel, Message: missing})
		}
		r.Receive(p2p.Envelope{Src: honest, ChannelID: genesisChannel,
			Message: &ssproto.ChunkResponse{Height: 5, Chunk: []byte("the header")}})
	}()
	answer, err := provider.ask(t.Context(), honest, &ssproto.ChunkRequest{Height: 5},
		func(m *ssproto.ChunkResponse) bool { return m.Height == 5 })
	if err != nil || string(answer.Chunk) != "the header" {
		t.Errorf("%+v, %v", answer, err)
	}
}
