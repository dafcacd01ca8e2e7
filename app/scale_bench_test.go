package app

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	"hongbao/app/store"
	"hongbao/contract"
	"hongbao/internal/leveldb"
	"hongbao/internal/testchain"
)

var million = flag.Bool("million", false, "benchmark with a million accounts too, which takes minutes to make")

// BenchmarkGrab is one node's work on a block of 1,000 claims from ten packets,
// from CheckTx to a commit on disk, with so many accounts in the tree. It is given
// in processor time, as a multiple of what verifying the signatures alone takes,
// in tree writes, and in what the process then holds in memory.
//
//	go test ./app -run xxx -bench Grab -benchtime 5x -million
func BenchmarkGrab(b *testing.B) {
	for _, accounts := range []int{1_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("accounts=%d", accounts), func(b *testing.B) {
			if accounts > 100_000 && !*million {
				b.Skip("-million")
			}
			g := newGrab(b, accounts)
			var signatures, total time.Duration
			var writes int64
			for b.Loop() {
				b.StopTimer()
				claims := g.claims()
				begin := processorTime(b)
				g.verify(claims)
				signatures += processorTime(b) - begin
				before := g.app.store.Writes()
				begin = processorTime(b)
				b.StartTimer()
				g.execute(claims)
				b.StopTimer()
				total += processorTime(b) - begin
				writes += g.app.store.Writes() - before
				g.Wait(time.Second)
				b.StartTimer()
			}
			txs := float64(b.N * grabTxs)
			b.ReportMetric(float64(total.Microseconds())/txs, "cpu-µs/tx")
			b.ReportMetric(float64(total)/float64(signatures), "×signature")
			b.ReportMetric(float64(writes)/txs, "writes/tx")
			b.ReportMetric(residentMB(b), "MB")
		})
	}
}

// residentMB is what this process holds in memory, from Linux's /proc; 0 elsewhere.
func residentMB(b *testing.B) (mb float64) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if kb, found := strings.CutPrefix(line, "VmRSS:"); found {
			if _, err := fmt.Sscan(kb, &mb); err != nil {
				b.Fatal(err)
			}
		}
	}
	return mb / 1024
}

const (
	grabTxs     = 1_000
	grabPackets = grabTxs / contract.MaxShares
	grabActive  = 5_000 // accounts that claim in turn, so that not all of a block's were touched by the last one
)

// grab is a chain on which packets of a hundred shares are claimed at once.
type grab struct {
	*chain
	names []string
	next  int
}

func newGrab(b *testing.B, accounts int) *grab {
	g := &grab{}
	for i := range min(accounts, grabActive) {
		g.names = append(g.names, fmt.Sprint("claimer ", i))
	}
	params := contract.DefaultParams()
	params.BucketSize, params.BucketPerSecond = 1<<20, 1_000_000
	db, err := leveldb.Open("bench", b.TempDir(), leveldb.AtRandom)
	if err != nil {
		b.Fatal(err)
	}
	genesis := testGenesis(params, append([]string{"alice"}, g.names...)...)
	genesis.Accounts[0].Balance = contract.MaxAmount / 2
	g.chain = chainOf(b, Options{Store: store.Options{KeepVersions: keepVersions, CacheSize: store.DefaultCacheSize}},
		testchain.Options{Genesis: genesis, DB: db})
	g.Block()
	for made := len(g.names) + 1; made < accounts; made += fillBatch {
		g.fill(made, min(fillBatch, accounts-made))
	}
	for range keepVersions + 2 { // until the versions are pruned that made so much at once
		g.fill(accounts, 0)
	}
	return g
}

const (
	fillBatch    = 20_000
	keepVersions = 10
)

// fill commits a block that has more accounts in it, which did nothing yet.
func (g *grab) fill(from, count int) {
	var leaves []store.Leaf
	value := contract.Encode(&contract.Account{Balance: 1_000_000, Nonce: 1})
	for i := range count {
		a := contract.Address(sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(from+i))))
		leaves = append(leaves, store.Leaf{Key: contract.AccountKey(a), Value: value})
	}
	slices.SortFunc(leaves, func(a, b store.Leaf) int { return bytes.Compare(a.Key, b.Key) })
	_, err := g.app.FinalizeBlock(g.T.Context(), g.Request(nil))
	g.OK(err)
	_, err = g.app.store.Stage(leaves)
	g.OK(err)
	g.Height++
	_, err = g.app.Commit(g.T.Context(), &abci.RequestCommit{})
	g.OK(err)
	g.Wait(time.Second)
}

// claims are a block of them, after one with the sends of their packets.
func (g *grab) claims() (claims [][]byte) {
	tm := terms(contract.MaxShares, 1)
	hash := tm.Hash(testChain)
	var sends [][]byte
	for range grabPackets {
		id := contract.NewPacketID(testChain, addr("alice"), g.Nonces["alice"])
		sends = append(sends, g.Tx("alice", &contract.Send{Terms: tm}))
		for range contract.MaxShares {
			name := g.names[g.next%len(g.names)]
			g.next++
			claims = append(claims, g.Tx(name, &contract.Claim{Packet: id, TermsHash: hash}))
		}
	}
	g.Block(sends...)
	return claims
}

func (g *grab) verify(wires [][]byte) {
	for _, wire := range wires {
		tx, err := contract.DecodeTx(wire)
		g.OK(err)
		if !byBtcec(tx) {
			g.T.Fatal("bad signature")
		}
	}
}

// execute takes a block from its txs' arrival to its commit. Those for which the mempool has no
// room come with the block.
func (g *grab) execute(txs [][]byte) {
	for _, wire := range txs {
		if code := g.CheckTx(wire); code != contract.CodeOK && code != contract.CodeNoRoom {
			g.T.Fatal(code)
		}
	}
	if !g.Accepts(txs...) {
		g.T.Fatal("an honest proposal is refused")
	}
	for _, r := range g.Finalize(txs...).TxResults {
		if r.Code != 0 {
			g.T.Fatal(r.Log)
		}
	}
}
