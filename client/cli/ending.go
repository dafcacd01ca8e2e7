package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"hongbao/app/query"
	"hongbao/client/evidence"
	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/contract"
)

// Once the bytes of a signed tx have left this process, a node's refusal settles
// nothing: it can keep them, and send them on later. What settles a tx is that it
// stands in a block, that its nonce is spent by another, or that its time is
// over. Without --trust the node is believed about these; with it they are
// proven, and what the node says of the tx only tells when to look.

// end waits until it is settled how a tx ended: its record, or an error that
// wraps rpc.ErrNever. Any other error leaves it open. refusal is how the node
// refused the tx, if it did; the error holds the last refusal.
func (s *Session) end(ctx context.Context, client *rpc.Client, p *wallet.Pending, refusal error) (*query.TxRecord, error) {
	var doubt error
	for {
		var record *query.TxRecord
		err := error(nil)
		if refusal != nil {
			err = client.Never(ctx, p.Tx, p.Wire, refusal)
		}
		if err == nil {
			record, err = client.Await(ctx, p.Tx, p.Wire, p.ValidUntil)
		}
		if err != nil && !errors.Is(err, rpc.ErrNever) {
			return nil, errors.Join(err, refusal, doubt)
		}
		if !s.checked() {
			return record, err
		}
		var proven *query.TxRecord
		if proven, doubt = s.provenEnd(ctx, p, record); doubt == nil && proven != nil {
			return proven, nil
		}
		if errors.Is(doubt, rpc.ErrNever) {
			return nil, errors.Join(doubt, err)
		}
		select { // what the node says is not so, or not yet
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), refusal, doubt)
		case <-time.After(provePause):
		}
	}
}

// provePause is the time between two proofs of how a tx ended, each of which
// takes a block.
const provePause = 200 * time.Millisecond

// provenEnd is the record of a tx that the ledger's proven state settles, or an
// error that wraps rpc.ErrNever, or one that leaves it open. said is the record
// that the node shows; nil when it shows none.
func (s *Session) provenEnd(ctx context.Context, p *wallet.Pending, said *query.TxRecord) (*query.TxRecord, error) {
	wire := p.Wire
	if wire == nil { // its hash is checked
		var err error
		if wire, err = s.client.Wire(ctx, p.Tx, said); err != nil {
			return nil, err
		}
	}
	tx, err := contract.DecodeTx(wire)
	if err != nil {
		return nil, err
	}
	entry, over, err := s.settled(ctx, tx, p.Tx)
	switch {
	case err != nil:
		return nil, err
	case entry != nil:
		return &query.TxRecord{Height: entry.Height, Time: entry.Time, Index: entry.Index, Wire: wire}, nil
	case !over && said != nil:
		return nil, Fail(ExitInvalid, "bad_answer",
			"node %s: says that the transaction stands in block %d, and proves nothing of it", s.client.URL(), said.Height)
	case !over:
		return nil, errors.New("the transaction may still happen")
	case said != nil && said.Code != contract.CodeOK:
		// That it did nothing is proven. Where and why it failed is the node's word.
		return &query.TxRecord{Code: said.Code, Log: said.Log, Wire: wire}, nil
	}
	return nil, rpc.ErrNever
}

// settled reads in proven states how a tx ended: the entry that it made, or
// whether it is over without one.
func (s *Session) settled(ctx context.Context, tx *contract.Tx, hash contract.Hash) (
	entry *contract.Entry, over bool, err error,
) {
	entry, found, err := s.trace(ctx, tx, hash)
	if err != nil || entry != nil {
		return entry, false, err
	}
	account, at, err := s.account(ctx, tx.Account)
	if err != nil {
		return nil, false, err
	}
	spent := account != nil && account.Nonce > tx.Nonce
	if !spent && at.Time < tx.ValidUntil && !closedTo(tx, found.Leaf) {
		return nil, false, nil
	}
	// Look again in a state no older than those: it may have happened in between.
	entry, again, err := s.trace(ctx, tx, hash)
	if err == nil && again.At.Height < max(at.Height, found.At.Height) {
		err = s.client.BadAnswerf("state %d: is older than one that it showed before", again.At.Height)
	}
	return entry, err == nil && entry == nil, err
}

// trace looks for a tx in the proven history of the leaf into which its
// execution writes.
func (s *Session) trace(ctx context.Context, tx *contract.Tx, hash contract.Hash) (*contract.Entry, *evidence.Evidence, error) {
	key := tracedIn(tx)
	g, err := s.gatherer(ctx)
	if err != nil {
		return nil, nil, err
	}
	e, err := g.Leaf(ctx, key)
	if err != nil || len(e.Leaf) == 0 {
		return nil, e, err
	}
	history, err := historyOf(key, e.Leaf)
	if err != nil {
		return nil, e, s.client.BadAnswerf("leaf: %v", err)
	}
	from := contract.History{Head: contract.FirstHead(tx.Chain, key)}
	if b := s.before; b != nil && bytes.Equal(key, contract.AccountKey(b.account)) && b.nonce <= tx.Nonce {
		from = b.history // of a state in which the tx had not happened
	}
	if from.Count > history.Count {
		return nil, e, s.client.BadAnswerf("%d entries, where there were %d", history.Count, from.Count)
	}
	encoded, err := s.client.Entries(ctx, key, from.Count, history.Count)
	if err != nil {
		return nil, e, err
	}
	for _, b := range encoded {
		from.Head = contract.NextHead(from.Head, contract.EntryHash(b))
	}
	if from.Head != history.Head {
		return nil, e, s.client.BadAnswerf("entries do not fold to the head of their history")
	}
	entries, err := rpc.DecodeEntries(encoded)
	for i := range entries {
		if entries[i].Tx != nil && *entries[i].Tx == hash {
			return &entries[i], e, nil
		}
	}
	return nil, e, err
}

// tracedIn is the key of a leaf whose history gets an entry when the tx
// executes: the packet's where there is one, for its history is short.
func tracedIn(tx *contract.Tx) []byte {
	switch tx.Message.(type) {
	case *contract.Pay:
		return contract.AccountKey(tx.Account)
	case *contract.Warp:
		return contract.ClockKey
	}
	return contract.PacketKey(refIn(tx).Packet)
}

func historyOf(key, leaf []byte) (contract.History, error) {
	switch string(key[:2]) {
	case "a/":
		a := new(contract.Account)
		err := contract.Decode(leaf, a)
		return a.History, err
	case "p/":
		p := new(contract.Packet)
		err := contract.Decode(leaf, p)
		return p.History, err
	}
	c := new(contract.Clock)
	err := contract.Decode(leaf, c)
	return c.History, err
}

// closedTo reports whether a traced leaf is a packet that tx, a claim, can never
// claim from any more.
func closedTo(tx *contract.Tx, leaf []byte) bool {
	p := new(contract.Packet)
	_, claim := tx.Message.(*contract.Claim)
	return claim && len(leaf) > 0 && contract.Decode(leaf, p) == nil && p.Status != contract.Open
}

// before is an account as a proven state showed it before a tx of it was made.
type before struct {
	account contract.Address
	nonce   uint64
	history contract.History
}

// await sees a tx through to its end, at most --wait long. offered is how the
// node refused it, if it did.
func (s *Session) await(
	ctx context.Context, client *rpc.Client, p *wallet.Pending, offered error,
) (*query.TxRecord, error) {
	limit, cancel := context.WithTimeout(ctx, s.Global.Wait)
	defer cancel()
	record, err := s.end(limit, client, p, offered)
	switch {
	case errors.Is(err, rpc.ErrNever):
		e := refusal(contract.CodeTxExpired, "transaction: did not get into a block in time, and never will", 0)
		var refused *rpc.Error
		if errors.As(err, &refused) && refused.Kind == rpc.Refused {
			e = refusal(refused.Code, refused.Msg, 0)
		}
		return nil, s.withTx(e, p.Tx)
	case err != nil:
		return nil, s.unknown(p, err)
	case record.Code != contract.CodeOK:
		e := refusal(record.Code, record.Log, 0)
		e.Exit, e.Height = ExitFailed, record.Height
		return nil, s.withTx(e, p.Tx)
	}
	return record, nil
}

// unknown is the error of a tx that may still happen, for all that is known. why
// is what is known: a node's refusal, or what is wrong with its answers.
func (s *Session) unknown(p *wallet.Pending, why error) error {
	until, because := "", ""
	if p.ValidUntil != 0 {
		until = fmt.Sprintf(", until %s of block time", clock(p.ValidUntil))
	}
	var own *Error
	var node *rpc.Error
	switch {
	case errors.As(why, &own), errors.As(why, new(*evidence.AnswerError)), errors.As(why, new(*evidence.Error)):
		because = asError(why).Message + "; "
	case rpc.IsKind(why, rpc.BadAnswer):
		errors.As(why, &node)
		because = node.Msg + "; "
	case errors.As(why, &node) && (node.Kind == rpc.Refused || node.Kind == rpc.Busy):
		because = fmt.Sprintf("the node refuses it (%s), and has it; ", node.Msg)
	}
	e := Fail(ExitUnknown, "outcome_unknown", "outcome unknown: %sthe transaction may still happen%s", because, until)
	return s.withTx(e.WithHint("%s tx wait %s", "%s tx wait %s", s.Program(), p.Tx), p.Tx)
}

// stands is the error of a command whose tx stands in a block, and which failed
// to read what it did: it must not look like one that did nothing.
func (s *Session) stands(o *outcome, err error) error {
	if err == nil || o.Record == nil {
		return err
	}
	e := Fail(ExitUnknown, "outcome_unknown", "the transaction stands in block %d; what it did could not be read: %s",
		o.Record.Height, asError(err).Message)
	e.Height = o.Record.Height
	return s.withTx(e.WithHint("%s tx wait %s", "%s tx wait %s", s.Program(), o.Hash), o.Hash)
}

// withTx says which tx an error is about.
func (s *Session) withTx(err error, hash contract.Hash) error {
	e := *asError(err)
	e.Tx = &hash
	return &e
}
