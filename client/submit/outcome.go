package submit

import (
	"bytes"
	"context"
	"errors"
	"time"

	"hongbao/app/query"
	"hongbao/client/evidence"
	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/contract"
)

// flight is a tx that was handed out.
type flight struct {
	*Submitter
	tx     *wallet.Pending
	before state // of its account, before it was made; zero: not known
}

// Follow finds out how a tx ended, offering it again if it was dropped. p is the
// journal's; nil where this wallet did not make it, or where it is settled: then
// the chain alone can tell. With Wait 0 it looks once.
func (s *Submitter) Follow(ctx context.Context, hash contract.Hash, p *wallet.Pending) (*query.TxRecord, error) {
	var refused error
	if p != nil && p.Chain == s.State.Chain {
		refused = s.State.Node.Broadcast(ctx, p.Wire) // also if it has happened: await knows
	} else {
		p = &wallet.Pending{Chain: s.State.Chain, Tx: hash}
	}
	f := &flight{s, p, state{}}
	wait := s.Wait
	if wait == 0 {
		record, _, err := s.State.Node.Tx(ctx, hash)
		if err != nil || record == nil {
			return nil, f.unknown(err)
		}
		wait = minSettle
	}
	return f.await(ctx, wait, refused)
}

// Proven is the record of a tx of which the node shows said, as far as the trust
// file bears it out: that it stands in a block, or that it did nothing. Without a
// trust file it is said.
func (s *Submitter) Proven(ctx context.Context, hash contract.Hash, said *query.TxRecord) (*query.TxRecord, error) {
	if s.State.Trust == nil {
		return said, nil
	}
	return (&flight{s, &wallet.Pending{Chain: s.State.Chain, Tx: hash}, state{}}).proven(ctx, said)
}

// await sees a tx through to its end, at most wait long. offered is how the node
// refused it, if it did.
func (f *flight) await(ctx context.Context, wait time.Duration, offered error) (*query.TxRecord, error) {
	limit, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	record, err := f.end(limit, offered)
	switch {
	case errors.Is(err, rpc.ErrNever):
		return nil, settledError(f.tx, err)
	case err != nil:
		return nil, f.unknown(err)
	case record.Code != contract.CodeOK:
		return nil, &Failed{record.Code, record.Log, f.tx.Tx, record.Height}
	}
	return record, nil
}

func (f *flight) unknown(why error) error {
	return &Unknown{Tx: f.tx.Tx, ValidUntil: f.tx.ValidUntil, Why: why}
}

// end waits until it is settled how a tx ended: its record, or an error that
// wraps rpc.ErrNever. Any other error leaves it open. refusal is how the node
// refused the tx, if it did; the error holds the last refusal.
func (f *flight) end(ctx context.Context, refusal error) (*query.TxRecord, error) {
	node, p := f.State.Node, f.tx
	var unproven error
	for {
		var record *query.TxRecord
		err := error(nil)
		if refusal != nil {
			err = node.Never(ctx, p.Tx, p.Wire, refusal)
		}
		if err == nil {
			record, err = node.Await(ctx, p.Tx, p.Wire, p.ValidUntil)
		}
		if err != nil {
			if err = errors.Join(err, refusal); !errors.Is(err, rpc.ErrNever) {
				return nil, errors.Join(err, unproven)
			}
		}
		if f.State.Trust == nil {
			return record, err
		}
		var proven *query.TxRecord
		if proven, unproven = f.proven(ctx, record); unproven == nil && proven != nil {
			return proven, nil
		}
		if errors.Is(unproven, rpc.ErrNever) {
			return nil, errors.Join(unproven, err)
		}
		select { // what the node says is not so, or not yet
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), refusal, unproven)
		case <-time.After(provePause):
		}
	}
}

// provePause is the time between two proofs of how a tx ended, each of which
// takes a block.
const provePause = 200 * time.Millisecond

// ErrMayHappen says that the proven state does not settle a tx.
var ErrMayHappen = errors.New("the transaction may still happen")

// proven is the record of a tx that the ledger's proven state settles, or an
// error that wraps rpc.ErrNever, or one that leaves it open. said is the record
// that the node shows; nil when it shows none.
func (f *flight) proven(ctx context.Context, said *query.TxRecord) (*query.TxRecord, error) {
	wire := f.tx.Wire
	if wire == nil { // its hash is checked
		var err error
		if wire, err = f.State.Node.Wire(ctx, f.tx.Tx, said); err != nil {
			return nil, err
		}
	}
	tx, err := contract.DecodeTx(wire)
	if err != nil {
		return nil, err
	}
	entry, over, err := f.settled(ctx, tx)
	switch {
	case err != nil:
		return nil, err
	case entry != nil:
		return &query.TxRecord{Height: entry.Height, Time: entry.Time, Index: entry.Index, Wire: wire}, nil
	case !over && said != nil:
		return nil, &UnprovenError{f.State.Node.URL(), said.Height}
	case !over:
		return nil, ErrMayHappen
	case said != nil && said.Code != contract.CodeOK:
		// That it did nothing is proven. Where and why it failed is the node's word.
		return &query.TxRecord{Code: said.Code, Log: said.Log, Wire: wire}, nil
	}
	return nil, rpc.ErrNever
}

// settled reads in proven states how a tx ended: the entry that it made, or
// whether it is over without one.
func (f *flight) settled(ctx context.Context, tx *contract.Tx) (entry *contract.Entry, over bool, err error) {
	entry, found, err := f.trace(ctx, tx)
	if err != nil || entry != nil {
		return entry, false, err
	}
	account, at, err := f.leaf(ctx, tx.Account)
	if err != nil {
		return nil, false, err
	}
	spent := account != nil && account.Nonce > tx.Nonce
	if !spent && at.Time < tx.ValidUntil && !closedTo(tx, found.Leaf) {
		return nil, false, nil
	}
	// Look again in a state no older than those: it may have happened in between.
	entry, again, err := f.trace(ctx, tx)
	if err == nil && again.At.Height < max(at.Height, found.At.Height) {
		err = f.State.Node.BadAnswerf("state %d: is older than one that it showed before", again.At.Height)
	}
	return entry, err == nil && entry == nil, err
}

// trace looks for a tx in the proven history of the leaf into which its
// execution writes.
func (f *flight) trace(ctx context.Context, tx *contract.Tx) (*contract.Entry, *evidence.Evidence, error) {
	node, key := f.State.Node, tracedIn(tx)
	e, err := f.State.Leaf(ctx, key)
	if err != nil || len(e.Leaf) == 0 {
		return nil, e, err
	}
	history, err := historyOf(key, e.Leaf)
	if err != nil {
		return nil, e, node.BadAnswerf("leaf: %v", err)
	}
	from := contract.FirstHistory(tx.Chain, key)
	if b := &f.before; b.history.Count > 0 && bytes.Equal(key, contract.AccountKey(b.account)) && b.nonce <= tx.Nonce {
		from = b.history // of a state in which the tx had not happened
	}
	if from.Count > history.Count {
		return nil, e, node.BadAnswerf("%d entries, where there were %d", history.Count, from.Count)
	}
	encoded, err := node.Entries(ctx, key, from.Count, history.Count)
	if err != nil {
		return nil, e, err
	}
	if from.With(encoded...) != history {
		return nil, e, node.BadAnswerf("entries do not fold to the head of their history")
	}
	entries, err := rpc.DecodeEntries(encoded)
	for i := range entries {
		if entries[i].Tx != nil && *entries[i].Tx == f.tx.Tx {
			return &entries[i], e, nil
		}
	}
	return nil, e, err
}

// About is the packet, and the share or 0, that a tx is about; the packet is zero
// when it is about none.
func About(tx *contract.Tx) (id contract.PacketID, share uint32) {
	if _, ok := tx.Message.(*contract.Send); ok {
		return contract.NewPacketID(tx.Chain, tx.Account, tx.Nonce), 0
	}
	return contract.PacketOf(tx.Message)
}

// tracedIn is the key of a leaf whose history gets an entry when the tx
// executes: the packet's where there is one, for its history is short.
func tracedIn(tx *contract.Tx) []byte {
	switch tx.Message.(type) {
	case *contract.Pay:
		return contract.AccountKey(tx.Account)
	case *contract.Warp:
		return contract.ClockKey
	case *contract.Change:
		return contract.ValidatorsKey
	}
	id, _ := About(tx)
	return contract.PacketKey(id)
}

func historyOf(key, leaf []byte) (contract.History, error) {
	switch string(key[:2]) {
	case "a/":
		a := new(contract.Account)
		err := contract.Decode(leaf, a)
		return a.History, err
	case "p/":
		p := &contract.Packet{ID: contract.PacketID(key[2:])}
		err := contract.Decode(leaf, p)
		return p.History, err
	}
	h, err := contract.LeafHistory(key, leaf)
	if h == nil {
		h = new(contract.History)
	}
	return *h, err
}

// closedTo reports whether a traced leaf is a packet that tx, a claim, can never
// claim from any more.
func closedTo(tx *contract.Tx, leaf []byte) bool {
	claim, is := tx.Message.(*contract.Claim)
	if !is || len(leaf) == 0 {
		return false
	}
	p := &contract.Packet{ID: claim.Packet}
	return contract.Decode(leaf, p) == nil && p.Status != contract.Open
}
