package app

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/proto/tendermint/crypto"

	"hongbao/app/query"
	"hongbao/app/store"
	"hongbao/contract"
)

// Query answers the paths of package query from committed state.
func (a *App) Query(_ context.Context, req *abci.RequestQuery) (res *abci.ResponseQuery, err error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	env, err := a.nextEnv()
	res = &abci.ResponseQuery{Height: a.store.Height(), Info: env.Time.String()}
	if err != nil {
		return refused(res, err), nil
	}
	defer func() {
		if r := recover(); r != nil {
			res, err = refused(res, fmt.Errorf("query: %v", r)), nil
		}
	}()
	if a.chain == "" {
		return refused(res, contract.Errorf(contract.CodeWrongChain, "chain: not started yet")), nil
	}
	if err := a.answer(req, res); err != nil {
		return refused(res, err), nil
	}
	return res, nil
}

func refused(res *abci.ResponseQuery, err error) *abci.ResponseQuery {
	code := query.Unavailable
	if refusal := new(contract.Error); errors.As(err, &refusal) {
		code = uint32(refusal.Code)
	}
	return &abci.ResponseQuery{
		Code: code, Log: err.Error(), Height: res.Height, Info: res.Info,
	}
}

func (a *App) answer(req *abci.RequestQuery, res *abci.ResponseQuery) (err error) {
	switch req.Path {
	case query.Leaf:
		return a.answerLeaf(req, res)
	case query.Entries:
		res.Value, err = a.entries(req.Data)
	case query.Tx:
		if len(req.Data) != 32 {
			return contract.Errorf(contract.CodeMalformed, "tx hash of %d bytes", len(req.Data))
		}
		res.Value, err = a.store.Record(txKey(contract.Hash(req.Data)))
	case query.Beacon:
		if len(req.Data) != 8 {
			return contract.Errorf(contract.CodeMalformed, "height of %d bytes", len(req.Data))
		}
		res.Value, err = a.store.Record(beaconKey(int64(binary.BigEndian.Uint64(req.Data))))
	case query.Results:
		res.Value, err = a.results(req.Data)
	case query.Simulate:
		res.Value, err = a.simulate(req.Data)
	case query.Packets:
		res.Value, err = a.packets(req.Data)
	case query.Claims:
		res.Value, err = a.claims(req.Data)
	case query.ShareOf:
		if len(req.Data) != 64 {
			return contract.Errorf(contract.CodeMalformed, "packet and account of %d bytes", len(req.Data))
		}
		key := claimerKey(contract.PacketID(req.Data[:32]), contract.Address(req.Data[32:]))
		res.Value, err = a.store.Record(key)
	case query.Resolve:
		res.Value, err = a.resolve(string(req.Data))
	case query.Summary:
		res.Value, err = a.summary()
	default:
		return contract.Errorf(contract.CodeMalformed, "query path %q: unknown", req.Path)
	}
	return err
}

func (a *App) answerLeaf(req *abci.RequestQuery, res *abci.ResponseQuery) (err error) {
	if len(req.Data) == 0 || len(req.Data) > 64 {
		return contract.Errorf(contract.CodeMalformed, "leaf key of %d bytes", len(req.Data))
	}
	res.Key = req.Data
	if req.Height == 0 && !req.Prove {
		leaf, err := a.bareState().Leaf(req.Data)
		if leaf != nil {
			res.Value = leaf.Bytes
		}
		return err
	}
	height := req.Height
	if height < 0 {
		return contract.Errorf(contract.CodeMalformed, "height %d: heights start at 1", height)
	}
	if height == 0 {
		height = a.store.Height()
	}
	value, proof, err := a.store.Prove(req.Data, height)
	if errors.Is(err, store.ErrPruned) || errors.Is(err, store.ErrFuture) {
		return contract.Errorf(contract.CodeMalformed, "height %d: %v", height, err)
	}
	if err != nil {
		return err
	}
	res.Value, res.Height = value, height
	if req.Prove {
		data, err := proof.Marshal()
		if err != nil {
			return err
		}
		res.ProofOps = &crypto.ProofOps{Ops: []crypto.ProofOp{{Type: query.ProofType, Key: req.Data, Data: data}}}
	}
	return nil
}

func (a *App) entries(data []byte) ([]byte, error) {
	var req query.EntriesRequest
	if err := contract.Decode(data, &req); err != nil {
		return nil, err
	}
	// Every leaf with a history has a key of one length, or is a share's, the clock or
	// the validators, so that no key is the beginning of another's.
	_, _, share := contract.SplitShareKey(req.Leaf)
	if len(req.Leaf) != len(contract.AccountKey(contract.Address{})) && !share &&
		!bytes.Equal(req.Leaf, contract.ClockKey) && !bytes.Equal(req.Leaf, contract.ValidatorsKey) {
		return nil, contract.Errorf(contract.CodeMalformed, "entries of a leaf key of %d bytes", len(req.Leaf))
	}
	limit := min(req.Limit, query.MaxEntries)
	page := query.EntryPage{}
	if limit == 0 {
		return contract.Encode(page), nil
	}
	// A leaf's entries end where its highest possible seq does.
	err := a.store.Records(entryKey(req.Leaf, req.From), entryKey(req.Leaf, ^uint64(0)), func(_, value []byte) bool {
		page.Entries = append(page.Entries, value)
		return len(page.Entries) < int(limit)
	})
	return contract.Encode(page), err
}

func (a *App) results(data []byte) ([]byte, error) {
	var req query.ResultsRequest
	if err := contract.Decode(data, &req); err != nil {
		return nil, err
	}
	if len(req.Hashes) > query.MaxResults {
		return nil, contract.Errorf(contract.CodeMalformed, "results of %d transactions: at most %d",
			len(req.Hashes), query.MaxResults)
	}
	page := query.ResultPage{Results: make([]query.Result, len(req.Hashes))}
	for i, hash := range req.Hashes {
		b, err := a.store.Record(txKey(hash))
		if err != nil {
			return nil, err
		}
		if b == nil {
			continue
		}
		var record query.TxRecord
		if err := contract.Decode(b, &record); err != nil {
			return nil, err
		}
		page.Results[i] = query.Result{Height: record.Height, Code: record.Code}
	}
	return contract.Encode(page), nil
}

// simulate runs a tx as the next block's only one, and forgets it. Nothing is
// at stake, so a signature of zeros passes for its account's: a wallet asks
// what a tx would do before it is signed.
func (a *App) simulate(wire []byte) ([]byte, error) {
	env, err := a.nextEnv()
	if err != nil {
		return nil, err
	}
	env.Verifier = a.sigs.reader() // asking must not push out what CheckTx verified
	tx, failure := a.txs.read(wire)
	if failure == nil && tx.Signature == (contract.Signature{}) {
		env.Verifier = unsigned{env.Verifier, tx.Account, tx.Digest()}
	}
	block, err := contract.NewBlock(a.bareState(), env)
	if err != nil {
		return nil, err
	}
	if failure == nil {
		failure = block.Admit(tx)
	}
	if failure == nil {
		failure = block.Apply(0, tx)
	}
	sim := query.Simulation{Code: contract.CodeOf(failure), Log: message(failure)}
	var e *contract.Error
	if errors.As(failure, &e) {
		sim.RetryAt = e.RetryAt
	}
	_, entries, _, err := block.Changes()
	for _, e := range entries {
		sim.Entries = append(sim.Entries, e.Entry)
	}
	return contract.Encode(sim), err
}

func (a *App) packets(data []byte) ([]byte, error) {
	var req query.PacketsRequest
	if err := contract.Decode(data, &req); err != nil {
		return nil, err
	}
	prefix := indexPrefix(req.Account, req.Role)
	start := append(prefix[:len(prefix):len(prefix)], req.Before...)
	if len(req.Before) > 0 {
		start = append(start, 0) // just past the last one given
	}
	end := append(prefix[:len(prefix):len(prefix)], "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"...)
	limit := int(min(req.Limit, query.MaxPackets))
	var page query.PacketPage
	err := a.store.Records(start, end, func(key, value []byte) bool {
		if len(page.Packets) == limit {
			page.Next = append([]byte{}, start[len(prefix):]...)
			return false
		}
		page.Packets = append(page.Packets, contract.PacketID(value))
		start = append(start[:0:0], key...)
		return true
	})
	return contract.Encode(page), err
}

func (a *App) claims(data []byte) ([]byte, error) {
	var req query.ClaimsRequest
	if err := contract.Decode(data, &req); err != nil {
		return nil, err
	}
	if req.Height < 0 {
		return nil, contract.Errorf(contract.CodeMalformed, "height %d: heights start at 1", req.Height)
	}
	limit := int(min(req.Limit, query.MaxClaims))
	var page query.ClaimPage
	if limit == 0 {
		return contract.Encode(page), nil
	}
	var bad error
	from := append(claimKey(req.Packet, req.Height, req.Index), 0) // just past that place
	err := a.store.Records(from, claimKey(req.Packet, -1, ^uint32(0)), func(_, value []byte) bool {
		var c query.Claim
		if bad = contract.Decode(value, &c); bad != nil {
			return false
		}
		page.Claims = append(page.Claims, c)
		return len(page.Claims) < limit
	})
	return contract.Encode(page), errors.Join(err, bad)
}

// resolve finds the packets whose id begins with the given text.
func (a *App) resolve(prefix string) ([]byte, error) {
	first, last, err := contract.PacketRange(prefix)
	if err != nil {
		return nil, err
	}
	var page query.PacketPage
	err = a.store.Records(packetNameKey(first), append(packetNameKey(last), 0), func(key, _ []byte) bool {
		id := contract.PacketID(key[1:])
		if strings.HasPrefix(id.String(), prefix) {
			page.Packets = append(page.Packets, id)
		}
		return len(page.Packets) < query.MaxResolve
	})
	return contract.Encode(page), err
}

func (a *App) summary() ([]byte, error) {
	supply, err := readSupply(a.bareState())
	return contract.Encode(query.Totals{Supply: supply, Open: uint32(a.due.packets),
		Writes: uint64(a.store.Writes())}), err
}
