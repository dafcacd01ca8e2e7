package app

import (
	"context"
	"errors"
	"fmt"
	"slices"

	abci "github.com/cometbft/cometbft/abci/types"

	"hongbao/app/snapshot"
	"hongbao/app/store"
	"hongbao/contract"
)

// restoring is a snapshot that CometBFT offered, on its way into the store.
type restoring struct {
	manifest *snapshot.Manifest
	root     []byte // in the header that the validators signed
	next     uint32 // chunk
	senders  []string
	reader   *snapshotReader
}

// ListSnapshots says what can be fetched from this node.
func (a *App) ListSnapshots(context.Context, *abci.RequestListSnapshots) (*abci.ResponseListSnapshots, error) {
	res := new(abci.ResponseListSnapshots)
	if a.snapshots == "" {
		return res, nil
	}
	heights, err := a.snapshots.Heights()
	for _, h := range heights {
		m, err := a.snapshots.Manifest(h)
		if err != nil {
			continue // one that is damaged is not offered
		}
		hash := m.Hash()
		res.Snapshots = append(res.Snapshots, &abci.Snapshot{Height: uint64(h), Format: snapshot.Format,
			Chunks: uint32(len(m.Chunks)), Hash: hash[:], Metadata: m.Encode()})
	}
	return res, err
}

// LoadSnapshotChunk reads a chunk for a peer. It is empty where there is none:
// peers may ask for what was deleted meanwhile.
func (a *App) LoadSnapshotChunk(_ context.Context, req *abci.RequestLoadSnapshotChunk) (
	*abci.ResponseLoadSnapshotChunk, error) {
	if a.snapshots == "" || req.Format != snapshot.Format {
		return &abci.ResponseLoadSnapshotChunk{}, nil
	}
	chunk, err := a.snapshots.Chunk(int64(req.Height), req.Chunk)
	if err != nil {
		chunk = nil
	}
	return &abci.ResponseLoadSnapshotChunk{Chunk: chunk}, nil
}

// OfferSnapshot begins with a snapshot, if its manifest can be one, and forgets
// what was there: CometBFT offers none to a node that has a state.
func (a *App) OfferSnapshot(_ context.Context, req *abci.RequestOfferSnapshot) (*abci.ResponseOfferSnapshot, error) {
	answer := func(r abci.ResponseOfferSnapshot_Result) (*abci.ResponseOfferSnapshot, error) {
		return &abci.ResponseOfferSnapshot{Result: r}, nil
	}
	if req.Snapshot.GetFormat() != snapshot.Format {
		return answer(abci.ResponseOfferSnapshot_REJECT_FORMAT)
	}
	m, err := snapshot.Read(req.Snapshot.Metadata)
	if err != nil {
		return answer(abci.ResponseOfferSnapshot_REJECT_SENDER)
	}
	if hash := m.Hash(); !slices.Equal(hash[:], req.Snapshot.Hash) || uint64(m.Height) != req.Snapshot.Height ||
		int(req.Snapshot.Chunks) != len(m.Chunks) {
		return answer(abci.ResponseOfferSnapshot_REJECT_SENDER)
	}
	if a.chainID == "" {
		return nil, errors.New("app: a snapshot is offered, and of which chain is not known")
	}
	if err := a.dropRestoring(); err != nil {
		return nil, err
	}
	to, err := a.store.Restore(m.Height)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.chain, a.genesis, a.check = "", nil, nil
	a.leaves.clear() // what is not there may come
	a.restoring = &restoring{manifest: m, root: req.AppHash,
		reader: &snapshotReader{chain: a.chainID, height: m.Height, to: to}}
	return answer(abci.ResponseOfferSnapshot_ACCEPT)
}

// dropRestoring forgets a snapshot that was begun.
func (a *App) dropRestoring() error {
	r := a.restoring
	if r == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.restoring = nil
	return r.reader.to.Abort()
}

// ApplySnapshotChunk takes in the next chunk. One that is not what the manifest
// says is asked for again, of others. If the chunks are right, and what they say
// is not the state of the trusted header, the whole snapshot is refused, and all
// who sent a part of it.
func (a *App) ApplySnapshotChunk(_ context.Context, req *abci.RequestApplySnapshotChunk) (
	*abci.ResponseApplySnapshotChunk, error) {
	r := a.restoring
	if r == nil || req.Index != r.next {
		return &abci.ResponseApplySnapshotChunk{Result: abci.ResponseApplySnapshotChunk_RETRY_SNAPSHOT},
			a.dropRestoring()
	}
	if err := r.manifest.CheckChunk(req.Index, req.Chunk); err != nil {
		return &abci.ResponseApplySnapshotChunk{Result: abci.ResponseApplySnapshotChunk_RETRY,
			RefetchChunks: []uint32{req.Index}, RejectSenders: []string{req.Sender}}, nil
	}
	if !slices.Contains(r.senders, req.Sender) {
		r.senders = append(r.senders, req.Sender)
	}
	lie := r.reader.read(req.Chunk)
	a.mu.Lock()
	r.next++
	a.mu.Unlock()
	if lie == nil && int(r.next) == len(r.manifest.Chunks) {
		lie = a.finishRestoring(r)
	}
	if failed := r.reader.to.Failed(); failed != nil { // here, and not the senders
		_ = a.dropRestoring() // which fails likewise
		return nil, fmt.Errorf("snapshot of block %d: %w", r.manifest.Height, failed)
	}
	if lie != nil {
		a.refusal(fmt.Errorf("snapshot of block %d: refused: %w", r.manifest.Height, lie))
		return &abci.ResponseApplySnapshotChunk{Result: abci.ResponseApplySnapshotChunk_REJECT_SNAPSHOT,
			RejectSenders: r.senders}, a.dropRestoring()
	}
	return &abci.ResponseApplySnapshotChunk{Result: abci.ResponseApplySnapshotChunk_ACCEPT}, nil
}

// finishRestoring makes the snapshot the state.
func (a *App) finishRestoring(r *restoring) error {
	if err := r.reader.finish(r.manifest.Time, r.root); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.restoring, a.chain, a.check, a.waited = nil, a.chainID, nil, nil
	a.leaves.clear()
	return a.countDue()
}

// Restoring is how far the node is with a snapshot; of is 0 when it is with none.
func (a *App) Restoring() (chunk, of int) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if a.restoring == nil {
		return 0, 0
	}
	return int(a.restoring.next), len(a.restoring.manifest.Chunks)
}

// SnapshotTime is when the manifest of an offered snapshot dates its block.
func SnapshotTime(offered *abci.Snapshot) (contract.Time, error) {
	m, err := snapshot.Read(offered.GetMetadata())
	if err != nil {
		return 0, err
	}
	return m.Time, nil
}

// isRestoring reports whether an error comes of a snapshot on its way.
func isRestoring(err error) bool { return errors.Is(err, store.ErrRestoring) }
