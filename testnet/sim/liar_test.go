package sim

import (
	"bytes"
	"context"
	"math/rand/v2"
	"sync"

	abci "github.com/cometbft/cometbft/abci/types"

	"hongbao/contract"
)

// liar is a byzantine validator's application: it proposes blocks that break a
// rule, and accepts every block. How it lies is one of the lies, or honestly.
type liar struct {
	abci.Application
	*world
	node, colluder int

	mu   sync.Mutex
	rng  *rand.Rand
	last []byte         // the last block's hash
	owed int64          // and height
	past [][]byte       // items of blocks before
	rest bool           // lies no more
	told map[string]int // how often each lie was told
}

// lies change what an honest node would propose; nil means that this one cannot
// be told here.
var lies = []struct {
	name string
	tell func(l *liar, txs [][]byte, first int) [][]byte
}{
	{"bad signature", func(_ *liar, txs [][]byte, first int) [][]byte {
		if len(txs) == first {
			return nil
		}
		bad := bytes.Clone(txs[first])
		bad[len(bad)-1] ^= 1
		return append(append(txs[:first:first], bad), txs[first+1:]...)
	}},
	{"a tx twice", func(_ *liar, txs [][]byte, first int) [][]byte {
		if len(txs) == first {
			return nil
		}
		return append(txs[:len(txs):len(txs)], txs[first])
	}},
	{"wrong order of nonces", func(_ *liar, txs [][]byte, first int) [][]byte {
		for i := first; i < len(txs); i++ {
			for j := i + 1; j < len(txs); j++ {
				a, err := contract.DecodeTx(txs[i])
				check(err)
				b, err := contract.DecodeTx(txs[j])
				check(err)
				if a.Account == b.Account {
					txs[i], txs[j] = txs[j], txs[i]
					return txs
				}
			}
		}
		return nil
	}},
	{"an old tx", func(l *liar, txs [][]byte, _ int) [][]byte {
		if len(l.past) == 0 {
			return nil
		}
		return append(txs[:len(txs):len(txs)], l.past[l.rng.IntN(len(l.past))])
	}},
	{"garbage", func(_ *liar, txs [][]byte, _ int) [][]byte {
		return append(txs[:len(txs):len(txs)], []byte("garbage"))
	}},
	{"withheld beacon", func(_ *liar, txs [][]byte, first int) [][]byte {
		if first == 0 {
			return nil
		}
		return txs[1:]
	}},
	{"foreign beacon", func(l *liar, txs [][]byte, first int) [][]byte {
		if first == 0 {
			return nil
		}
		return append([][]byte{l.beacon(l.colluder, l.owed)}, txs[1:]...)
	}},
	{"unneeded beacon", func(l *liar, txs [][]byte, first int) [][]byte {
		if first > 0 || l.last == nil {
			return nil
		}
		return append([][]byte{l.beacon(l.node, 1)}, txs...)
	}},
}

// PrepareProposal spoils what an honest node would propose.
func (l *liar) PrepareProposal(ctx context.Context, req *abci.RequestPrepareProposal) (
	*abci.ResponsePrepareProposal, error) {
	res, err := l.Application.PrepareProposal(ctx, req)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	first := 0
	var item contract.BeaconItem
	if len(res.Txs) > 0 && contract.Decode(res.Txs[0], &item) == nil {
		first = 1
	}
	forged := l.number(req.ProposerAddress) != l.node
	if forged && first > 0 {
		res.Txs[0] = l.beacon(l.number(req.ProposerAddress), l.owed)
	}
	if forged {
		l.told["forged proposer"]++
		return res, nil
	}
	if l.rest || l.rng.IntN(2) == 0 {
		return res, nil
	}
	from := l.rng.IntN(len(lies))
	if first > 0 && l.rng.IntN(2) == 0 {
		from = beaconLies
	}
	for i := range lies {
		lie := lies[(from+i)%len(lies)]
		if txs := lie.tell(l, res.Txs, first); txs != nil {
			l.told[lie.name]++
			res.Txs = txs
			break
		}
	}
	return res, nil
}

// beaconLies is where the lies about beacons begin.
const beaconLies = 5

// beacon is a validator's proof over the last block.
func (l *liar) beacon(by int, height int64) []byte {
	return contract.ProveBeacon(l.vrf[by], l.chain(), &contract.Draws{Height: height, Block: contract.Hash(l.last)})
}

// ProcessProposal accepts everything.
func (l *liar) ProcessProposal(context.Context, *abci.RequestProcessProposal) (*abci.ResponseProcessProposal, error) {
	return &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_ACCEPT}, nil
}

func (l *liar) FinalizeBlock(ctx context.Context, req *abci.RequestFinalizeBlock) (*abci.ResponseFinalizeBlock, error) {
	l.mu.Lock()
	l.last, l.owed = req.Hash, req.Height
	l.past = append(l.past, req.Txs...)
	l.past = l.past[max(0, len(l.past)-50):]
	l.mu.Unlock()
	return l.Application.FinalizeBlock(ctx, req)
}
