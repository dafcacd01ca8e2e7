package store

import (
	"encoding/binary"
	"fmt"

	"github.com/cosmos/iavl"
)

// maxPrune bounds the versions pruned after one commit, so that a backlog (a long
// pin, a former archive) is worked off without a visible pause.
const maxPrune = 8

// pruner is a handle on the tree for deleting old versions. IAVL's pruner renames
// the nodes in its cache before anything is written; in a handle of its own, a
// failed attempt is undone by forgetting the handle.
type pruner struct {
	db     *treeDB
	tree   *iavl.MutableTree
	latest int64 // IAVL caches the latest version at first use and prunes only below it
}

// PruneError is the error of the last attempt to prune, nil if it succeeded. The
// next Commit tries again.
func (s *Store) PruneError() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.pruneErr
}

// prune deletes the versions that are no longer to be kept. The block is committed
// by now, so a failure is only remembered.
func (s *Store) prune() {
	target, ok := s.retire()
	if !ok {
		return
	}
	err := noPanic(func() error { return s.pruneTo(target) })
	if err != nil {
		s.pruner = nil
		err = fmt.Errorf("store: prune up to version %d: %w", target, err)
	} else {
		s.pruned = target
	}
	s.mu.Lock()
	s.pruneErr = err
	s.mu.Unlock()
}

// retire decides how far to prune now, and closes those versions to new readers
// before any of their nodes go.
func (s *Store) retire() (target int64, ok bool) {
	if s.opts.KeepVersions == 0 {
		return 0, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	target = min(s.head.height-s.opts.KeepVersions, s.pruned+maxPrune)
	for height := range s.pins {
		target = min(target, height-1)
	}
	if target <= s.pruned {
		return 0, false
	}
	s.oldest = max(s.oldest, target+1)
	return target, true
}

// pruneTo deletes the versions up to target in one batch. The batch is not synced:
// the database keeps the order of its writes, so a crash can lose the pruning but
// not tear it or let it overtake a block.
func (s *Store) pruneTo(target int64) error {
	if s.pruner == nil || s.pruner.latest <= target {
		db := &treeDB{db: s.db, strict: true}
		s.pruner = &pruner{db: db, tree: newTree(db, s.opts.CacheSize/4), latest: s.head.height}
	}
	p := s.pruner
	batch := s.db.NewBatch()
	defer batch.Close()
	p.db.out = batch
	defer func() { p.db.out = nil }()

	if err := p.tree.DeleteVersionsTo(target); err != nil {
		return err
	}
	if p.db.err != nil {
		return p.db.err // IAVL went on with what it had: see treeDB.Get
	}
	if err := batch.Set(keyPruned, binary.BigEndian.AppendUint64(nil, uint64(target))); err != nil {
		return err
	}
	return batch.Write()
}
