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

// garbage offers floodFactor times as much as the honest do, of which nothing may
// stand in a block: noise, a signature that is wrong, accounts that do not exist, and
// what is longer than a transaction may be.
func garbage(ctx context.Context, b *bout) error {
	d := b.long(10*time.Second, time.Minute)
	flood, stop := context.WithTimeout(ctx, d)
	defer stop()
	wires, err := bad(b)
	if err != nil {
		return err
	}
	var sent, taken atomic.Int64
	var wg sync.WaitGroup
	every := time.NewTicker(time.Second / time.Duration(b.rate*floodFactor))
	defer every.Stop()
	for _, c := range b.clients {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-flood.Done():
					return
				case <-every.C:
				}
				sent.Add(1)
				if c.Broadcast(flood, wires[i%len(wires)]) == nil {
					taken.Add(1)
				}
			}
		})
	}
	err = b.live(ctx, b.others(), d-calm)
	wg.Wait()
	b.heal()
	b.row.figure("%d offered, %d taken", sent.Load(), taken.Load())
	if taken.Load() > 0 {
		b.row.broke("X", "nodes took %d of what was garbage", taken.Load())
	}
	return err
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
