package app

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcec/v2/schnorr"
	abci "github.com/cometbft/cometbft/abci/types"

	"hongbao/app/store"
	"hongbao/contract"
	"hongbao/internal/leveldb"
	"hongbao/internal/testchain"
)

// BenchmarkBlock is a validator's own work on a block of 500 txs, from CheckTx
// to a commit on disk: sends, then claims of 100 packets. The metrics say how
// it compares with verifying the same number of signatures and no more.
func BenchmarkBlock(b *testing.B) {
	const accounts, txs = 500, 500
	names := make([]string, accounts)
	for i := range names {
		names[i] = fmt.Sprint("account ", i)
	}
	params := contract.DefaultParams()
	params.BucketSize, params.BucketPerSecond = 1<<20, 1_000_000
	db, err := leveldb.Open("bench", b.TempDir(), leveldb.AtRandom)
	if err != nil {
		b.Fatal(err)
	}
	c := chainOf(b, Options{Store: store.Options{CacheSize: store.DefaultCacheSize}},
		testchain.Options{Genesis: testGenesis(params, names...), DB: db})
	c.Block()

	tm := terms(5, 2)
	var signatures, total time.Duration
	for b.Loop() {
		b.StopTimer()
		var sends, claims [][]byte
		for i := range 100 {
			id := contract.NewPacketID(testChain, addr(names[i]), c.Nonces[names[i]])
			sends = append(sends, c.Tx(names[i], &contract.Send{Terms: tm}))
			for j := range 4 {
				claims = append(claims, c.Claim(names[(i+100*(j+1))%accounts], id, tm))
			}
		}
		all := append(sends, claims...)
		begin := time.Now()
		for _, wire := range all {
			tx, _ := contract.DecodeTx(wire)
			if !byBtcec(tx) {
				b.Fatal("bad signature")
			}
		}
		signatures += time.Since(begin)
		b.StartTimer()

		begin = time.Now()
		for _, wire := range all {
			if code := c.CheckTx(wire); code != contract.CodeOK {
				b.Fatal(code)
			}
		}
		proposal := &abci.RequestProcessProposal{Height: c.Height + 1, Time: c.Now, Txs: all}
		if res, err := c.app.ProcessProposal(context.Background(), proposal); err != nil || !res.IsAccepted() {
			b.Fatal(err, res)
		}
		for _, r := range c.Finalize(all...).TxResults {
			if r.Code != 0 {
				b.Fatal(r.Log)
			}
		}
		total += time.Since(begin)
		c.Wait(time.Second)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*txs), "µs/tx")
	b.ReportMetric(float64(total)/float64(signatures), "×signatures")
}

// byBtcec verifies a tx as btcec's package schnorr does: the yardstick, which is no work of
// this project.
func byBtcec(tx *contract.Tx) bool {
	key, err := schnorr.ParsePubKey(tx.Account[:])
	if err != nil {
		return false
	}
	sig, err := schnorr.ParseSignature(tx.Signature[:])
	digest := tx.Digest()
	return err == nil && sig.Verify(digest[:], key)
}
