package testchain

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"io"
	"testing"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	abci "github.com/cometbft/cometbft/abci/types"
	cmttypes "github.com/cometbft/cometbft/types"
	vrf "github.com/oasisprotocol/curve25519-voi/primitives/ed25519"

	"hongbao/app/query"
	"hongbao/contract"
)

// Node is one node's application, such as app.App.
type Node interface {
	abci.Application
	io.Closer
}

// NodeOptions are what a node is opened with.
type NodeOptions struct {
	Index  int // of the node, from 0
	DB     dbm.DB
	VRFKey vrf.PrivateKey   // of the validator of the same index; nil: there is none
	Now    func() time.Time // the chain's Now
}

// Options are what a chain begins with.
type Options struct {
	// Open opens a node's application, at first and at each [Chain.Restart].
	Open       func(NodeOptions) (Node, error)
	Nodes      int // 0: one
	Genesis    contract.Genesis
	Validators Validators // none: nothing can be drawn, and no header signed
	Start      time.Time  // zero: the constant
	DB         dbm.DB     // of the first node; nil: in memory, as the others'
}

// Chain is a chain and the nodes that run it. Its fields may be read, and Now,
// Proposer and Nonces set, between blocks.
type Chain struct {
	T          testing.TB
	Nodes      []Node
	DBs        []dbm.DB
	Validators Validators

	Height   int64     // of the last block
	Now      time.Time // of the next block, before a dev chain's clock
	Proposer int       // of the next block: a validator
	Nonces   map[string]uint64
	Blocks   []*abci.RequestFinalizeBlock // from height 1
	Roots    [][]byte                     // after each block, from genesis

	options Options
	genesis []byte
}

// New begins a chain, which t ends.
func New(t testing.TB, o Options) *Chain {
	t.Helper()
	if o.Start.IsZero() {
		o.Start = Start
	}
	o.Genesis.Validators = append(o.Genesis.Validators, o.Validators.Genesis()...)
	c := &Chain{T: t, Validators: o.Validators, Now: o.Start, Nonces: map[string]uint64{}, options: o}
	var err error
	c.genesis, err = json.Marshal(o.Genesis)
	c.OK(err)
	for i := range max(1, o.Nodes) {
		c.DBs, c.Nodes = append(c.DBs, dbm.NewMemDB()), append(c.Nodes, nil)
		if i == 0 && o.DB != nil {
			c.DBs[0] = o.DB
		}
		c.open(i)
		root := c.Init(i)
		c.Roots = [][]byte{root}
	}
	t.Cleanup(func() {
		for _, n := range c.Nodes {
			n.Close()
		}
	})
	return c
}

// OK fails the test of an error.
func (c *Chain) OK(err error) {
	c.T.Helper()
	if err != nil {
		c.T.Fatal(err)
	}
}

// Init begins the chain on node i, as CometBFT does at each start until block 1 is
// committed, and returns the root.
func (c *Chain) Init(i int) []byte {
	c.T.Helper()
	res, err := c.Nodes[i].InitChain(context.Background(), &abci.RequestInitChain{
		ChainId: ID, Time: c.options.Start, AppStateBytes: c.genesis, InitialHeight: 1,
		Validators: c.options.Validators.Updates(),
	})
	c.OK(err)
	return res.AppHash
}

// Restart closes node i, and opens it over the same database.
func (c *Chain) Restart(i int) {
	c.T.Helper()
	c.OK(c.Nodes[i].Close())
	if c.open(i); c.Height == 0 {
		c.Init(i)
	}
}

func (c *Chain) open(i int) {
	c.T.Helper()
	o := NodeOptions{Index: i, DB: c.DBs[i], Now: func() time.Time { return c.Now }}
	if i < len(c.Validators.Keys) {
		o.VRFKey = c.Validators.VRF(i)
	}
	n, err := c.options.Open(o)
	c.OK(err)
	c.Nodes[i] = n
}

// Wait lets time pass before the next block.
func (c *Chain) Wait(d time.Duration) { c.Now = c.Now.Add(d) }

// By makes validator i the proposer from the next block on.
func (c *Chain) By(i int) *Chain {
	c.Proposer = i
	return c
}

// proposer is the next one's consensus address; nil where there are no validators.
func (c *Chain) proposer() []byte {
	if len(c.Validators.Keys) == 0 {
		return nil
	}
	return c.Validators.Address(c.Proposer)
}

// host is the node of the next block's proposer; the first, where that has none.
func (c *Chain) host() Node { return c.Nodes[c.Proposer%len(c.Nodes)] }

// Propose is what the proposer makes of the mempool's txs.
func (c *Chain) Propose(txs ...[]byte) [][]byte {
	c.T.Helper()
	res, err := c.host().PrepareProposal(context.Background(), &abci.RequestPrepareProposal{
		Height: c.Height + 1, Time: c.Now, MaxTxBytes: 1 << 20, Txs: txs, ProposerAddress: c.proposer(),
	})
	c.OK(err)
	return res.Txs
}

// Accepting is how many nodes accept a block of txs.
func (c *Chain) Accepting(txs ...[]byte) (n int) {
	c.T.Helper()
	for _, node := range c.Nodes {
		res, err := node.ProcessProposal(context.Background(), &abci.RequestProcessProposal{
			Height: c.Height + 1, Time: c.Now, Txs: txs, ProposerAddress: c.proposer(),
		})
		c.OK(err)
		if res.Status == abci.ResponseProcessProposal_ACCEPT {
			n++
		}
	}
	return n
}

// Accepts reports whether every node accepts a block of txs.
func (c *Chain) Accepts(txs ...[]byte) bool {
	c.T.Helper()
	return c.Accepting(txs...) == len(c.Nodes)
}

// Request is the next block as decided.
func (c *Chain) Request(txs [][]byte) *abci.RequestFinalizeBlock {
	req := &abci.RequestFinalizeBlock{Height: c.Height + 1, Time: c.Now, Txs: txs, ProposerAddress: c.proposer()}
	h := sha256.New()
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(req.Height)))
	h.Write(req.ProposerAddress)
	h.Write(bytes.Join(txs, []byte{0}))
	req.Hash = h.Sum(nil)
	return req
}

// Finalize has every node execute and commit a block that none has judged, and
// agree on its root.
func (c *Chain) Finalize(txs ...[]byte) (first *abci.ResponseFinalizeBlock) {
	c.T.Helper()
	req := c.Request(txs)
	for i, node := range c.Nodes {
		res, err := node.FinalizeBlock(context.Background(), req)
		c.OK(err)
		_, err = node.Commit(context.Background(), &abci.RequestCommit{})
		c.OK(err)
		if i == 0 {
			first = res
		} else if !bytes.Equal(first.AppHash, res.AppHash) {
			c.T.Fatalf("block %d: node %d has root %x, node 0 %x", req.Height, i, res.AppHash, first.AppHash)
		}
	}
	c.Height++
	c.Blocks, c.Roots = append(c.Blocks, req), append(c.Roots, first.AppHash)
	return first
}

// Block is [Chain.Finalize] of txs that an honest proposer put together: proposing
// and judging them must keep every one. It says what became of each.
func (c *Chain) Block(txs ...[]byte) (codes []contract.Code) {
	c.T.Helper()
	proposed := c.Propose(txs...)
	if n := len(proposed) - len(c.beacon()); n != len(txs) {
		c.T.Fatalf("block %d: %d of %d txs proposed", c.Height+1, n, len(txs))
	}
	if !c.Accepts(proposed...) {
		c.T.Fatalf("block %d: an honest proposal is refused", c.Height+1)
	}
	results := c.Finalize(proposed...).TxResults
	for _, r := range results[len(results)-len(txs):] {
		codes = append(codes, contract.Code(r.Code))
	}
	return codes
}

// Owed is what the next block has to draw.
func (c *Chain) Owed() (owed contract.Draws) {
	c.T.Helper()
	c.Ask(query.Leaf, contract.DrawsKey, &owed)
	return owed
}

// beacon is the item that the next block begins with if it owes draws.
func (c *Chain) beacon() [][]byte {
	owed := c.Owed()
	if owed.Height == 0 || len(c.Validators.Keys) == 0 {
		return nil
	}
	return [][]byte{contract.ProveBeacon(c.Validators.VRF(c.Proposer), ID, &owed)}
}

// Succeed is [Chain.Finalize] of txs behind the beacon that the proposer owes, all
// of which must succeed.
func (c *Chain) Succeed(txs ...[]byte) {
	c.T.Helper()
	for i, r := range c.Finalize(append(c.beacon(), txs...)...).TxResults {
		if r.Code != 0 {
			c.T.Fatalf("block %d: item %d: %s", c.Height, i, r.Log)
		}
	}
}

// CheckTx is the first node's judgement of a tx for its mempool.
func (c *Chain) CheckTx(wire []byte) contract.Code {
	c.T.Helper()
	res, err := c.Nodes[0].CheckTx(context.Background(), &abci.RequestCheckTx{Tx: wire})
	c.OK(err)
	return contract.Code(res.Code)
}

// Tx signs a message as name, with its next nonce.
func (c *Chain) Tx(name string, m contract.Message) []byte {
	c.T.Helper()
	tx := &contract.Tx{Chain: ID, Nonce: c.Nonces[name], ValidUntil: c.Time().Plus(300), Message: m}
	c.Nonces[name]++
	c.OK(tx.Sign(Key(name)))
	return tx.Encode()
}

// Send puts a packet of t into a block of its own and returns its id.
func (c *Chain) Send(name string, t contract.Terms) contract.PacketID {
	c.T.Helper()
	id := contract.NewPacketID(ID, Address(name), c.Nonces[name])
	if codes := c.Block(c.Tx(name, &contract.Send{Terms: t})); codes[0] != contract.CodeOK {
		c.T.Fatalf("send: %s", codes[0])
	}
	return id
}

// Claim signs a claim of a packet of t.
func (c *Chain) Claim(name string, id contract.PacketID, t contract.Terms) []byte {
	c.T.Helper()
	return c.Tx(name, &contract.Claim{Packet: id, TermsHash: t.Hash(ID)})
}

// Header signs the state after block height. It is the next block's, which may not
// be there yet.
func (c *Chain) Header(height int64) *cmttypes.SignedHeader {
	at := c.Now.Add(time.Second)
	if height < c.Height {
		at = c.Blocks[height].Time
	}
	return c.Validators.Sign(c.Validators.Header(ID, height+1, at, c.Roots[height]))
}
