package chaos_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	"hongbao/client/wallet"
	"hongbao/contract"
	"hongbao/node"
	"hongbao/testnet"
	"hongbao/testnet/chaos"
)

// proposals is a validator that spoils the transactions of what it proposes, each lie in
// turn, and accepts everything.
type proposals struct {
	abci.Application
	home, chain string

	mu   sync.Mutex
	old  []byte // a transaction that stands in a block
	turn int
}

// txLies are what a proposer can do to its transactions, of which there is one at least.
var txLies = []struct {
	name string
	do   func(p *proposals, txs [][]byte) [][]byte
}{
	{"bad signature", func(_ *proposals, txs [][]byte) [][]byte {
		last := slices.Clone(txs[len(txs)-1])
		last[len(last)-1] ^= 1
		return append(slices.Clone(txs[:len(txs)-1]), last)
	}},
	{"a tx twice", func(_ *proposals, txs [][]byte) [][]byte { return append(txs, txs[len(txs)-1]) }},
	{"an old tx", func(p *proposals, txs [][]byte) [][]byte { return append(txs, p.old) }},
	{"a nonce too far", func(p *proposals, txs [][]byte) [][]byte {
		tx := &contract.Tx{Chain: p.chain, Nonce: 9, ValidUntil: contract.TimeOf(time.Now()).Plus(60),
			Message: &contract.Pay{To: contract.AddressOf(wallet.DevKey("alice")), Amount: 1}}
		_ = tx.Sign(wallet.DevKey("judy"))
		return append(txs, tx.Encode())
	}},
	{"garbage", func(_ *proposals, txs [][]byte) [][]byte { return append(txs, []byte("no transaction")) }},
}

func (p *proposals) PrepareProposal(ctx context.Context, req *abci.RequestPrepareProposal) (
	*abci.ResponsePrepareProposal, error) {
	res, err := p.Application.PrepareProposal(ctx, req)
	if err != nil || len(res.Txs) == 0 || isBeacon(res.Txs[len(res.Txs)-1]) {
		return res, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.old == nil {
		p.old = res.Txs[len(res.Txs)-1] // honest once, to have something to repeat
		return res, nil
	}
	lie := txLies[p.turn%len(txLies)]
	p.turn++
	res.Txs = lie.do(p, res.Txs)
	return res, note(p.home, "%d %s", req.Height, lie.name)
}

// ProcessProposal accepts everything.
func (p *proposals) ProcessProposal(context.Context, *abci.RequestProcessProposal) (*abci.ResponseProcessProposal,
	error) {
	return &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_ACCEPT}, nil
}

// badChunks is a node that hands out snapshots of which every third chunk is wrong.
type badChunks struct {
	abci.Application
	home string
	mu   sync.Mutex
	n    int
}

func (b *badChunks) LoadSnapshotChunk(ctx context.Context, req *abci.RequestLoadSnapshotChunk) (
	*abci.ResponseLoadSnapshotChunk, error) {
	res, err := b.Application.LoadSnapshotChunk(ctx, req)
	if err != nil || len(res.Chunk) == 0 {
		return res, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.n++; b.n%3 != 1 {
		return res, nil
	}
	bad := slices.Clone(res.Chunk)
	bad[len(bad)/2] ^= 1
	return &abci.ResponseLoadSnapshotChunk{Chunk: bad}, note(b.home, "%d chunk %d", req.Height, req.Chunk)
}

func spoiler(home string) node.Options {
	doc, _, err := node.ReadGenesis(home)
	if err != nil {
		panic(err)
	}
	p := &proposals{home: home, chain: doc.ChainID}
	return node.Options{Wrap: func(a abci.Application) abci.Application { p.Application = a; return p }}
}

func chunks(home string) node.Options {
	b := &badChunks{home: home}
	return node.Options{Wrap: func(a abci.Application) abci.Application { b.Application = a; return b }}
}

// One node of four lies, under traffic, and every promise holds: to the others, to their
// clients, and to a node that joins from a snapshot that the liar offers, too.
func TestPromisesHoldBesideALiar(t *testing.T) {
	if !*campaign {
		t.Skip("takes three minutes: go test ./testnet/chaos -campaign -run BesideALiar -v")
	}
	for _, row := range []struct {
		fault, liar string
		nodes       []int
		told        []string // in the liar's notes
	}{
		{"nothing", "proposals", []int{2}, []string{"bad signature", "a tx twice", "an old tx", "a nonce too far",
			"garbage"}},
		{"nothing", "beacons", []int{2}, []string{"missing", "forged", "repeated", "misplaced", "of another block"}},
		{"join-snapshot", "chunks", []int{1, 2, 3}, []string{"chunk"}},
	} {
		t.Run(row.liar, func(t *testing.T) {
			var n *testnet.Network
			c := chaos.Config{Full: true, Only: row.fault, Times: 1, Rate: 40, Prepare: func(made *testnet.Network) {
				n = made
				for _, number := range row.nodes {
					must(t, os.WriteFile(faultFile(n.Nodes[number-1].Home), []byte(row.liar), 0o600))
				}
			}}
			c.Done = func(r chaos.Row) {
				t.Logf("%s × %d: %d acknowledged, %d packets judged, %d blocks, %v", r.Fault, r.Times, r.Acked,
					r.Packets, r.Blocks, r.Figures)
				for _, b := range r.Broken {
					t.Errorf("broken: %s: %s", b.Promise, b.Text)
				}
				var lies []string
				for _, number := range row.nodes {
					lies = append(lies, notes(t, n.Nodes[number-1].Home)...)
				}
				t.Logf("%d lies", len(lies))
				for _, kind := range row.told {
					if !slices.ContainsFunc(lies, func(l string) bool { return strings.Contains(l, kind) }) {
						t.Errorf("no lie was: %s", kind)
					}
				}
			}
			_, err := chaos.Run(t.Context(), c)
			must(t, err)
		})
	}
}

// differing is an application that asks something that no other has, a file: once that
// is there, it comes to a state of its own.
type differing struct {
	abci.Application
	home string
	done bool
}

func differFile(home string) string { return filepath.Join(home, "differ.txt") }

func (d *differing) FinalizeBlock(ctx context.Context, req *abci.RequestFinalizeBlock) (
	*abci.ResponseFinalizeBlock, error) {
	res, err := d.Application.FinalizeBlock(ctx, req)
	if _, none := os.Stat(differFile(d.home)); err != nil || none != nil || d.done {
		return res, err
	}
	d.done = true
	res.AppHash = slices.Clone(res.AppHash)
	res.AppHash[0] ^= 1
	return res, note(d.home, "%d", req.Height)
}

func differs(home string) node.Options {
	d := &differing{home: home}
	return node.Options{Wrap: func(a abci.Application) abci.Application { d.Application = a; return d }}
}

// A node whose application is not like the others' stops, and says so; the others go on.
// Told what to do, its operator has it back.
func TestANodeThatDiffersHaltsAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("starts four processes, one of which errs")
	}
	t.Parallel()
	const erring = 3
	exits := make(chan error, 1)
	n, end, err := testnet.Temporary(t.Context(), testnet.Spec{Accounts: testnet.DevAccounts()},
		func(n *testnet.Network) {
			must(t, os.WriteFile(faultFile(n.Nodes[erring-1].Home), []byte("differs"), 0o600))
			n.OnExit = func(m *testnet.Node, err error) {
				if m.Number != erring {
					t.Errorf("node %d ended: %v", m.Number, err)
				}
				exits <- err
			}
		})
	must(t, err)
	defer func() { must(t, end()) }()
	must(t, os.WriteFile(differFile(n.Nodes[erring-1].Home), nil, 0o600))
	select {
	case <-exits:
	case <-time.After(catchUp):
		t.Fatalf("it goes on after %v", notes(t, n.Nodes[erring-1].Home))
	}
	log, err := os.ReadFile(n.Nodes[erring-1].LogFile())
	must(t, err)
	lines := strings.Split(strings.TrimSpace(string(log)), "\n")
	said := lines[len(lines)-1]
	t.Logf("at block %s: %s", notes(t, n.Nodes[erring-1].Home)[0], said)
	if !strings.Contains(said, "consensus failed: ") || !strings.Contains(said, "AppHash") {
		t.Errorf("it says %q", said)
	}
	from := height(t, n, 1)
	for begin := time.Now(); height(t, n, 1) < from+3; time.Sleep(50 * time.Millisecond) {
		if time.Since(begin) > catchUp {
			t.Fatalf("the others stand at block %d", from)
		}
	}
	must(t, os.Remove(faultFile(n.Nodes[erring-1].Home)))
	again := n.StartNode(t.Context(), erring)
	if again == nil || !strings.Contains(again.Error(), "node resync --home ") {
		t.Errorf("started again it says %v", again)
	}
	_, err = node.Resync(n.Nodes[erring-1].Home)
	must(t, err)
	must(t, n.StartNode(t.Context(), erring))
	sameState(t, n)
}

// isBeacon reports whether an item of a block is the proof that shares are drawn with.
func isBeacon(item []byte) bool {
	return contract.Decode(item, new(contract.BeaconItem)) == nil
}
