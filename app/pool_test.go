package app

import (
	"context"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	cmttypes "github.com/cometbft/cometbft/types"

	"hongbao/contract"
)

// pool is CometBFT's mempool beside the app, as v0.40's clist has it: it refuses
// before it asks when it is full, never makes room by itself, shows a proposer
// the beginning of its list, and after each block drops what the app refuses
// when it is asked about every tx again.
type pool struct {
	*chain
	list  [][]byte
	bytes int
	full  int // times that it refused by itself
}

const poolBlockBytes = 2 << 20 // node's blockBytes

// offer broadcasts a tx.
func (p *pool) offer(wire []byte) contract.Code {
	if len(p.list) >= MempoolTxs || p.bytes+len(wire) > MempoolBytes {
		p.full++
		return contract.CodeNoRoom
	}
	code := p.CheckTx(wire)
	if code == contract.CodeOK {
		p.list = append(p.list, wire)
		p.bytes += len(wire)
	}
	return code
}

// step makes the next block, and says which txs it took.
func (p *pool) step() (codes map[string]contract.Code) {
	p.T.Helper()
	most := cmttypes.MaxDataBytes(poolBlockBytes, 0, 100)
	shown := p.list
	size := int64(0)
	for i, wire := range p.list {
		if size += cmttypes.ComputeProtoSizeForTxs([]cmttypes.Tx{wire}); size > most {
			shown = p.list[:i]
			break
		}
	}
	if len(shown) < len(p.list) {
		p.T.Fatalf("block %d: a proposer sees %d txs of %d", p.Height+1, len(shown), len(p.list))
	}
	res, err := p.app.PrepareProposal(context.Background(), &abci.RequestPrepareProposal{
		Height: p.Height + 1, Time: p.Now, MaxTxBytes: most, Txs: shown,
	})
	p.OK(err)
	if !p.Accepts(res.Txs...) {
		p.T.Fatalf("block %d: an honest proposal is refused", p.Height+1)
	}
	codes = map[string]contract.Code{}
	for i, r := range p.Finalize(res.Txs...).TxResults {
		codes[string(res.Txs[i])] = contract.Code(r.Code)
	}
	waiting := p.list
	p.list, p.bytes = nil, 0
	for _, wire := range waiting {
		if _, taken := codes[string(wire)]; taken {
			continue
		}
		r, err := p.app.CheckTx(context.Background(), &abci.RequestCheckTx{Tx: wire, Type: abci.CheckTxType_Recheck})
		p.OK(err)
		if contract.Code(r.Code) == contract.CodeNoRoom {
			p.T.Fatalf("block %d: what waits is refused for want of room", p.Height)
		}
		if r.Code == 0 {
			p.list = append(p.list, wire)
			p.bytes += len(wire)
		}
	}
	return codes
}

// The whole pool fits into what a proposer is shown, whatever it is made of.
func TestPoolFitsIntoABlock(t *testing.T) {
	framing := int(cmttypes.ComputeProtoSizeForTxs([]cmttypes.Tx{make([]byte, contract.MaxTxBytes)})) -
		contract.MaxTxBytes
	if most := MempoolBytes + framing*MempoolTxs; int64(most) > cmttypes.MaxDataBytes(poolBlockBytes, 0, 100) {
		t.Errorf("%d txs of %d bytes in all do not fit into a block of 100 validators", MempoolTxs, MempoolBytes)
	}
}
