package chaos

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"hongbao/client/wallet"
	"hongbao/contract"
)

const (
	// idleRPC is more connections than a node takes (900), idlePeers more than it has
	// places for strangers (40). To four nodes they are 5,200.
	idleRPC, idlePeers = 1200, 100
	// floodFactor is by how much garbage outnumbers honest transactions.
	floodFactor = 10
)

// garbage has strangers offer floodFactor times as much as the honest do, of which nothing
// may stand in a block: noise, a signature that is wrong, accounts that do not exist, and
// what is longer than a transaction may be.
func garbage(ctx context.Context, b *bout) (did string, err error) {
	wires, err := bad(b)
	if err != nil {
		return "", err
	}
	var sent, taken atomic.Int64
	var wg sync.WaitGroup
	begin, every := time.Now(), time.NewTicker(time.Second/time.Duration(b.rate*floodFactor))
	defer every.Stop()
	for i := range askers {
		wg.Go(func() {
			for ; ; i += askers {
				select {
				case <-ctx.Done():
					return
				case <-every.C:
				}
				sent.Add(1)
				if b.clients[i%len(b.clients)].Broadcast(ctx, wires[i%len(wires)]) == nil {
					taken.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if taken.Load() > 0 {
		b.row.broke("X", "nodes took %d of what was garbage", taken.Load())
	}
	return fmt.Sprintf("%d offered, %.0f a second, %d taken", sent.Load(),
		float64(sent.Load())/time.Since(begin).Seconds(), taken.Load()), nil
}

// bad are transactions that no node may take.
func bad(b *bout) (wires [][]byte, err error) {
	_, at, err := b.clients[0].Results(context.Background())
	if err != nil {
		return nil, err
	}
	for i := range 200 {
		key := wallet.DevKey(fmt.Sprintf("nobody %d", i))
		tx := &contract.Tx{Chain: b.net.ChainID, ValidUntil: at.Time.Plus(300),
			Message: &contract.Pay{To: contract.AddressOf(wallet.DevKey("alice")), Amount: 100}}
		if err := tx.Sign(key); err != nil {
			return nil, err
		}
		unknown := tx.Encode()
		forged := append([]byte(nil), unknown...)
		forged[len(forged)-1-b.random.IntN(32)] ^= 1 // in its signature
		noise := make([]byte, 1+b.random.IntN(contract.MaxTxBytes))
		for i := range noise {
			noise[i] = byte(b.random.Uint32())
		}
		long := append(noise, make([]byte, contract.MaxTxBytes)...)
		wires = append(wires, unknown, forged, noise, long)
	}
	return wires, nil
}
