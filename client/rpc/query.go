package rpc

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"

	abci "github.com/cometbft/cometbft/abci/types"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	ctypes "github.com/cometbft/cometbft/rpc/core/types"

	"hongbao/app/query"
	"hongbao/contract"
)

// At is the committed state an answer speaks of.
type At struct {
	Height int64
	Time   contract.Time // of that block; on a dev chain what its clock makes of it
}

// ask makes one query. What is asked here is well formed, so a node that refuses
// it answers what no honest node would, or has pruned the height.
func (c *Client) ask(ctx context.Context, path string, data []byte,
	opts rpcclient.ABCIQueryOptions) (*abci.ResponseQuery, At, error) {
	res, err := call(c, func() (*ctypes.ResultABCIQuery, error) {
		return c.http.ABCIQueryWithOptions(ctx, path, data, opts)
	})
	if err != nil {
		return nil, At{}, err
	}
	r := &res.Response
	if r.Code == query.Unavailable {
		return nil, At{}, &Error{Kind: Unreachable, Msg: fmt.Sprintf("node %s: cannot answer: %s", c.url, r.Log)}
	}
	if r.Code != 0 {
		return nil, At{}, c.badAnswer(path, fmt.Errorf("refused with code %d: %s", r.Code, r.Log))
	}
	at := At{Height: r.Height}
	if err := at.Time.UnmarshalText([]byte(r.Info)); err != nil {
		return nil, At{}, c.badAnswer(path, err)
	}
	return r, at, nil
}

func (c *Client) badAnswer(path string, err error) error {
	return &Error{Kind: BadAnswer, Msg: fmt.Sprintf("node %s: %s: %v", c.url, path, err), Err: err}
}

// decode reads an answer; nil when it is empty.
func decode[T any](c *Client, path string, value []byte) (*T, error) {
	if len(value) == 0 {
		return nil, nil
	}
	v := new(T)
	if err := contract.Decode(value, v); err != nil {
		return nil, c.badAnswer(path, err)
	}
	return v, nil
}

func askFor[T any](ctx context.Context, c *Client, path string, data []byte) (*T, At, error) {
	r, at, err := c.ask(ctx, path, data, rpcclient.ABCIQueryOptions{})
	if err != nil {
		return nil, At{}, err
	}
	v, err := decode[T](c, path, r.Value)
	return v, at, err
}

// must is for answers that are never empty.
func must[T any](c *Client, path string, v *T, err error) (*T, error) {
	if err == nil && v == nil {
		err = c.badAnswer(path, fmt.Errorf("empty answer"))
	}
	return v, err
}

// Account is an account's leaf; nil when it has none.
func (c *Client) Account(ctx context.Context, a contract.Address) (*contract.Account, At, error) {
	return askFor[contract.Account](ctx, c, query.Leaf, contract.AccountKey(a))
}

// Packet is a packet's leaf; nil when there is none.
func (c *Client) Packet(ctx context.Context, id contract.PacketID) (*contract.Packet, At, error) {
	r, at, err := c.ask(ctx, query.Leaf, contract.PacketKey(id), rpcclient.ABCIQueryOptions{})
	if err != nil {
		return nil, At{}, err
	}
	if len(r.Value) == 0 {
		return nil, at, nil
	}
	p := &contract.Packet{ID: id}
	if err := contract.Decode(r.Value, p); err != nil {
		return nil, at, c.badAnswer(query.Leaf, err)
	}
	if err := p.Check(at.Time); err != nil {
		return nil, at, c.badAnswer(query.Leaf, fmt.Errorf("a packet that no chain holds: %w", err))
	}
	return p, at, nil
}

// Share is the leaf of a large packet's share; nil when it is not claimed.
func (c *Client) Share(ctx context.Context, id contract.PacketID, n uint32) (*contract.ShareLeaf, At, error) {
	return askFor[contract.ShareLeaf](ctx, c, query.Leaf, contract.ShareKey(id, n))
}

// Clock is a dev chain's clock; nil on any other chain.
func (c *Client) Clock(ctx context.Context) (*contract.Clock, At, error) {
	return askFor[contract.Clock](ctx, c, query.Leaf, contract.ClockKey)
}

// Validators is who signs the chain's blocks, and what they decided.
func (c *Client) Validators(ctx context.Context) (*contract.Validators, At, error) {
	return askFor[contract.Validators](ctx, c, query.Leaf, contract.ValidatorsKey)
}

// Proof is a leaf with the proof that it stands, or that nothing stands, in
// the state after block Height. Header Height+1 signs that state.
type Proof struct {
	Height int64
	Value  []byte // empty: absent
	ICS23  []byte // commitment proof, protobuf
}

// Prove fetches a leaf of the state after block height (0: the newest) with
// its proof.
func (c *Client) Prove(ctx context.Context, leaf []byte, height int64) (Proof, error) {
	r, at, err := c.ask(ctx, query.Leaf, leaf, rpcclient.ABCIQueryOptions{Height: height, Prove: true})
	if err != nil {
		return Proof{}, err
	}
	if r.ProofOps == nil || len(r.ProofOps.Ops) != 1 || r.ProofOps.Ops[0].Type != query.ProofType {
		return Proof{}, c.badAnswer(query.Leaf, fmt.Errorf("no proof of type %s", query.ProofType))
	}
	if height != 0 && at.Height != height {
		return Proof{}, c.badAnswer(query.Leaf, fmt.Errorf("of height %d, not %d", at.Height, height))
	}
	return Proof{Height: at.Height, Value: r.Value, ICS23: r.ProofOps.Ops[0].Data}, nil
}

// Entries are the entries of a leaf's history with from <= seq < until, in
// their own encodings.
func (c *Client) Entries(ctx context.Context, leaf []byte, from, until uint64) (list [][]byte, err error) {
	for from < until {
		req := query.EntriesRequest{Leaf: leaf, From: from, Limit: uint32(min(until-from, query.MaxEntries))}
		page, _, err := askFor[query.EntryPage](ctx, c, query.Entries, contract.Encode(req))
		if page, err = must(c, query.Entries, page, err); err != nil {
			return nil, err
		}
		if n := uint64(len(page.Entries)); n == 0 || n > until-from {
			return nil, c.badAnswer(query.Entries, fmt.Errorf("%d entries from seq %d, expected up to %d", n,
				from, until-from))
		}
		list = append(list, page.Entries...)
		from += uint64(len(page.Entries))
	}
	return list, nil
}

// Tx is the record of a tx; nil while it stands in no block. One that failed
// comes without its bytes: see [Client.Wire].
func (c *Client) Tx(ctx context.Context, hash contract.Hash) (*query.TxRecord, At, error) {
	record, at, err := askFor[query.TxRecord](ctx, c, query.Tx, hash[:])
	if err == nil && record != nil && contract.TxHash(record.Wire) != hash &&
		(record.Code == contract.CodeOK || len(record.Wire) > 0) {
		return nil, At{}, c.badAnswer(query.Tx, fmt.Errorf("of another tx than %s", hash))
	}
	return record, at, err
}

// Wire is the bytes of the tx that a record is of: the record's own, or those
// in the block where the tx failed.
func (c *Client) Wire(ctx context.Context, hash contract.Hash, record *query.TxRecord) ([]byte, error) {
	if len(record.Wire) > 0 {
		return record.Wire, nil
	}
	res, err := call(c, func() (*ctypes.ResultBlock, error) { return c.http.Block(ctx, &record.Height) })
	if err != nil {
		return nil, err
	}
	if res.Block == nil || int(record.Index) >= len(res.Block.Txs) ||
		contract.TxHash(res.Block.Txs[record.Index]) != hash {
		return nil, c.badAnswer("/block", fmt.Errorf("block %d does not hold tx %s, which failed in it",
			record.Height, hash))
	}
	return res.Block.Txs[record.Index], nil
}

// Beacon is what the shares that block height reserved were drawn with; nil when
// it reserved none, or the next block is not there yet.
func (c *Client) Beacon(ctx context.Context, height int64) (*contract.Beacon, error) {
	b, _, err := askFor[contract.Beacon](ctx, c, query.Beacon, binary.BigEndian.AppendUint64(nil, uint64(height)))
	if err == nil && b != nil && b.Height != height {
		return nil, c.badAnswer(query.Beacon, fmt.Errorf("of block %d, not %d", b.Height, height))
	}
	return b, err
}

// Simulate says what a tx, signed or not yet, would do next. Nothing is changed.
func (c *Client) Simulate(ctx context.Context, wire []byte) (*query.Simulation, At, error) {
	sim, at, err := askFor[query.Simulation](ctx, c, query.Simulate, wire)
	sim, err = must(c, query.Simulate, sim, err)
	return sim, at, err
}

// Packets lists an account's packets of one role, newest first.
func (c *Client) Packets(ctx context.Context, a contract.Address, role query.Role, before []byte,
	limit int) (*query.PacketPage, error) {
	req := query.PacketsRequest{Account: a, Role: role, Before: before, Limit: uint32(limit)}
	page, _, err := askFor[query.PacketPage](ctx, c, query.Packets, contract.Encode(req))
	return must(c, query.Packets, page, err)
}

// ShareOf is the share that an account claimed from a large packet, the highest
// of several; 0 when it claimed none.
func (c *Client) ShareOf(ctx context.Context, id contract.PacketID, a contract.Address) (uint32, error) {
	r, _, err := c.ask(ctx, query.ShareOf, append(id[:], a[:]...), rpcclient.ABCIQueryOptions{})
	switch {
	case err != nil || len(r.Value) == 0:
		return 0, err
	case len(r.Value) != 4:
		return 0, c.badAnswer(query.ShareOf, fmt.Errorf("%d bytes", len(r.Value)))
	}
	return binary.BigEndian.Uint32(r.Value), nil
}

// Claims are claims of a large packet in order, after a place in the chain.
func (c *Client) Claims(ctx context.Context, req query.ClaimsRequest) ([]query.Claim, error) {
	page, _, err := askFor[query.ClaimPage](ctx, c, query.Claims, contract.Encode(req))
	if page, err = must(c, query.Claims, page, err); err != nil {
		return nil, err
	}
	return page.Claims, nil
}

// Resolve finds packets whose id begins with prefix, at most
// query.MaxResolve.
func (c *Client) Resolve(ctx context.Context, prefix string) ([]contract.PacketID, error) {
	if _, _, err := contract.PacketRange(prefix); err != nil {
		return nil, err
	}
	page, _, err := askFor[query.PacketPage](ctx, c, query.Resolve, []byte(prefix))
	if page, err = must(c, query.Resolve, page, err); err != nil {
		return nil, err
	}
	for _, id := range page.Packets {
		if !strings.HasPrefix(id.String(), prefix) {
			return nil, c.badAnswer(query.Resolve, fmt.Errorf("%s does not begin with %s", id, prefix))
		}
	}
	return page.Packets, nil
}

// Summary is where all money is.
func (c *Client) Summary(ctx context.Context) (*query.Totals, At, error) {
	totals, at, err := askFor[query.Totals](ctx, c, query.Summary, nil)
	totals, err = must(c, query.Summary, totals, err)
	return totals, at, err
}

// DecodeEntries reads entries as [Client.Entries] gives them.
func DecodeEntries(encoded [][]byte) ([]contract.Entry, error) {
	entries := make([]contract.Entry, len(encoded))
	for i, b := range encoded {
		if err := contract.Decode(b, &entries[i]); err != nil {
			return nil, &Error{Kind: BadAnswer, Msg: fmt.Sprintf("entry %d: %v", i, err), Err: err}
		}
	}
	return entries, nil
}
