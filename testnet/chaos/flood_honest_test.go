package chaos_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"

	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/contract"
)

// The manners of an honest wallet: it asks again after a refusal, at the next
// node, and looks now and then whether its tx stands in a block.
const (
	askAgain  = 250 * time.Millisecond
	lookAgain = 20 * time.Millisecond
	payEvery  = 500 * time.Millisecond
	joinEvery = time.Second
)

// outcome is what became of a tx that was offered.
type outcome struct {
	in       bool // it stands in a block
	code     contract.Code
	height   int64
	nonce    uint64
	took     time.Duration
	refusals int
}

// offer signs a message and offers it, to one node after another, until it
// stands in a block or ctx ends.
func (b *battle) offer(ctx context.Context, node int, key *btcec.PrivateKey, m contract.Message) (o outcome) {
	begin := time.Now()
	client := func() *rpc.Client { return b.clients[node%len(b.clients)] }
	var wire []byte
	for wire == nil && ctx.Err() == nil {
		leaf, at, err := client().Account(ctx, contract.AddressOf(key))
		if err != nil {
			node++
			continue
		}
		if leaf != nil {
			o.nonce = leaf.Nonce
		}
		tx := &contract.Tx{Chain: b.net.ChainID, Nonce: o.nonce, ValidUntil: at.Time.Plus(5 * 60), Message: m}
		must(b.t, tx.Sign(key))
		wire = tx.Encode()
	}
	hash, taken, asked := contract.TxHash(wire), false, time.Time{}
	for ctx.Err() == nil {
		if record, _, err := client().Tx(ctx, hash); err == nil && record != nil {
			o.in, o.code, o.height, o.took = true, record.Code, record.Height, time.Since(begin)
			return o
		}
		pause := askAgain
		if taken {
			pause = 2 * time.Second // a mempool may lose it, as when it is full
		}
		if time.Since(asked) >= pause {
			err := client().Broadcast(ctx, wire)
			if taken = err == nil; !taken {
				o.refusals++
				node++
			}
			asked = time.Now()
		}
		time.Sleep(lookAgain)
	}
	o.took = time.Since(begin)
	return o
}

// pays has an account pay a fen again and again while ctx lasts; the last one
// may take until patience ends.
func (b *battle) pays(ctx, patience context.Context, node int, key *btcec.PrivateKey, r *report) {
	to := contract.AddressOf(wallet.DevKey("ivan"))
	for ctx.Err() == nil {
		o := b.offer(patience, node, key, &contract.Pay{To: to, Amount: 1})
		r.note(&r.payments, "a payment", o, ctx.Err() == nil)
		pause(ctx, payEvery)
	}
}

// newcomers claim from a public packet, each once.
func (b *battle) newcomers(ctx, patience context.Context, r *report) {
	for node := 0; ctx.Err() == nil; node++ {
		key, err := btcec.NewPrivateKey()
		must(b.t, err)
		o := b.offer(patience, node, key, &contract.Claim{Packet: b.public, TermsHash: b.publicHash})
		r.note(&r.newcomers, "a first claim", o, false)
		pause(ctx, joinEvery)
	}
}

// recalls takes each packet back, recallWindow before it is too late.
func (b *battle) recalls(patience context.Context, begin time.Time, r *report) {
	done := make(chan struct{})
	for i, p := range b.recallable {
		go func() {
			defer func() { done <- struct{}{} }()
			pause(patience, time.Until(p.ends.Add(-recallWindow)))
			ctx, cancel := context.WithDeadline(patience, p.ends.Add(10*time.Second))
			defer cancel()
			o := b.offer(ctx, i, friendKey(i), &contract.Recall{Packet: p.id, Clause: 1})
			r.mu.Lock()
			defer r.mu.Unlock()
			r.offeredRecalls++
			r.refusals += o.refusals
			if o.in && o.code == contract.CodeOK {
				r.recalls = append(r.recalls, o.took)
			}
		}()
	}
	for range b.recallable {
		<-done
	}
}

func (r *report) note(list *[]time.Duration, what string, o outcome, during bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refusals += o.refusals
	switch {
	case !o.in:
		r.never++
	case o.code != contract.CodeOK:
		r.failed = append(r.failed, fmt.Sprintf("%s: %s", what, o.code))
	default:
		*list = append(*list, o.took)
		if during {
			r.beforeItsEnd++
		}
	}
}

// pause waits, and no longer than ctx lasts.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// refusedWith is the code that a node refused with; 0 for any other answer.
func refusedWith(err error) contract.Code {
	var e *rpc.Error
	if errors.As(err, &e) && e.Kind == rpc.Refused {
		return e.Code
	}
	return contract.CodeOK
}
