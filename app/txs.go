package app

import (
	"sync/atomic"

	"hongbao/contract"
)

// defaultTxCache holds a full mempool and two blocks, 6 MB in wire bytes, and
// what 10,000 txs cost beside those.
const defaultTxCache = 12 << 20

// txCache decodes txs, and remembers those that had a place in the mempool or
// in a proposal: what CheckTx decoded is not decoded again at a recheck, in a
// proposal and in the block. Others it forgets at once, so that nothing is
// pushed out by what is refused.
type txCache struct {
	known   *cache[contract.Hash, *contract.DecodedTx]
	decodes atomic.Int64 // how many times a tx was decoded
}

func newTxCache(bytes int) *txCache {
	if bytes <= 0 {
		bytes = defaultTxCache
	}
	return &txCache{known: newCache[contract.Hash, *contract.DecodedTx](bytes)}
}

// read is the tx in wire.
func (c *txCache) read(wire []byte) (*contract.DecodedTx, error) {
	if tx, known := c.known.get(contract.TxHash(wire)); known {
		return tx, nil
	}
	c.decodes.Add(1)
	return contract.ReadTx(wire)
}

// admitter is a block or a mempool.
type admitter interface {
	Admit(*contract.DecodedTx) error
}

// admit adds tx to a block or a mempool, or says why not.
func (c *txCache) admit(to admitter, tx *contract.DecodedTx) error {
	if err := to.Admit(tx); err != nil {
		return err
	}
	c.known.put(tx.Hash, tx, tx.Size())
	return nil
}

// admit adds the tx in wire to a block, or says why not.
func (a *App) admit(block *contract.Block, wire []byte) (*contract.DecodedTx, error) {
	tx, err := a.txs.read(wire)
	if err != nil {
		return nil, err
	}
	return tx, a.txs.admit(block, tx)
}
