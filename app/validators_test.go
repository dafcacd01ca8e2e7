package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"

	"hongbao/app/store"
	"hongbao/contract"
)

// validatorSet is several nodes of one chain, driven block by block: a block is
// proposed by one, judged by all and executed by all, as CometBFT would.
type validatorSet struct {
	*chain // tx, claim, now; its app is nodes[0]
	nodes  []*App
	dbs    []dbm.DB
	keys   []ed25519.PrivateKey
}

func consensusAddress(i int) []byte {
	h := sha256.Sum256(fmt.Appendf(nil, "validator %d", i))
	return h[:20]
}

// withValidators registers n validators in a genesis, and says their VRF keys.
func withValidators(g contract.Genesis, n int) (contract.Genesis, []ed25519.PrivateKey) {
	var keys []ed25519.PrivateKey
	for i := range n {
		seed := sha256.Sum256(fmt.Appendf(nil, "vrf %d", i))
		key := ed25519.NewKeyFromSeed(seed[:])
		keys = append(keys, key)
		g.Validators = append(g.Validators, contract.GenesisValidator{
			Address: fmt.Sprintf("%X", consensusAddress(i)),
			VRFKey:  hex.EncodeToString(key.Public().(ed25519.PublicKey))})
	}
	return g, keys
}

func newValidatorSet(t testing.TB, n int, names ...string) *validatorSet {
	t.Helper()
	g, keys := withValidators(testGenesis(contract.DefaultParams(), names...), n)
	v := &validatorSet{chain: &chain{t: t, now: testStart, nonces: map[string]uint64{}}, keys: keys}
	doc, err := json.Marshal(g)
	v.ok(err)
	for i := range n {
		v.dbs = append(v.dbs, dbm.NewMemDB())
		v.nodes = append(v.nodes, nil)
		v.openNode(i)
		_, err := v.nodes[i].InitChain(context.Background(), &abci.RequestInitChain{
			ChainId: testChain, Time: testStart, AppStateBytes: doc, InitialHeight: 1})
		v.ok(err)
	}
	t.Cleanup(func() {
		for _, a := range v.nodes {
			a.Close()
		}
	})
	return v
}

func (v *validatorSet) openNode(i int) {
	v.t.Helper()
	a, err := New(v.dbs[i], Options{Store: store.Options{CacheSize: 1000}, VRFKey: v.keys[i],
		Now: func() time.Time { return v.now }})
	v.ok(err)
	v.nodes[i] = a
	v.app = v.nodes[0]
}

// propose is what node i makes of the mempool's txs.
func (v *validatorSet) propose(i int, txs ...[]byte) [][]byte {
	v.t.Helper()
	res, err := v.nodes[i].PrepareProposal(context.Background(), &abci.RequestPrepareProposal{
		Height: v.height + 1, Time: v.now, MaxTxBytes: 1 << 20, Txs: txs, ProposerAddress: consensusAddress(i)})
	v.ok(err)
	return res.Txs
}

// accepted is how many nodes accept a block of proposer i.
func (v *validatorSet) accepted(i int, txs ...[]byte) (n int) {
	v.t.Helper()
	for _, a := range v.nodes {
		res, err := a.ProcessProposal(context.Background(), &abci.RequestProcessProposal{
			Height: v.height + 1, Time: v.now, Txs: txs, ProposerAddress: consensusAddress(i)})
		v.ok(err)
		if res.Status == abci.ResponseProcessProposal_ACCEPT {
			n++
		}
	}
	return n
}

// request is the decided block of proposer i.
func (v *validatorSet) request(i int, txs [][]byte) *abci.RequestFinalizeBlock {
	v.proposer = consensusAddress(i)
	return v.chain.request(txs)
}

// block has node i propose txs, every node accept, execute and commit, and
// agree on the root. It returns the codes of txs.
func (v *validatorSet) block(i int, txs ...[]byte) []contract.Code {
	v.t.Helper()
	proposed := v.propose(i, txs...)
	if n := v.accepted(i, proposed...); n != len(v.nodes) {
		v.t.Fatalf("block %d: %d of %d nodes accept an honest proposal", v.height+1, n, len(v.nodes))
	}
	req := v.request(i, proposed)
	var root []byte
	var codes []contract.Code
	for j, a := range v.nodes {
		res, err := a.FinalizeBlock(context.Background(), req)
		v.ok(err)
		_, err = a.Commit(context.Background(), &abci.RequestCommit{})
		v.ok(err)
		if j == 0 {
			root = res.AppHash
			for _, r := range res.TxResults[len(res.TxResults)-len(txs):] {
				codes = append(codes, contract.Code(r.Code))
			}
		}
		if !bytes.Equal(root, res.AppHash) {
			v.t.Fatalf("block %d: node %d has root %x, node 0 %x", v.height+1, j, res.AppHash, root)
		}
	}
	v.height++
	v.now = v.now.Add(time.Second)
	return codes
}

// mustBlock is block for txs that all succeed.
func (v *validatorSet) mustBlock(i int, txs ...[]byte) {
	v.t.Helper()
	for j, code := range v.block(i, txs...) {
		if code != contract.CodeOK {
			v.t.Fatalf("block %d: tx %d: %s", v.height, j, code)
		}
	}
}
