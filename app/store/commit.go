package store

import (
	"bytes"
	"errors"
	"fmt"

	dbm "github.com/cometbft/cometbft-db"
)

// Stage puts leaves into the working tree and returns the root the tree will have
// once they are committed. Whatever was staged before is discarded, and nothing
// reaches the disk. Keys must be strictly ascending: the shape of the tree, and so
// the root, depends on the order of insertion. No leaves is a normal block: the
// root stays what it was.
func (s *Store) Stage(leaves []Leaf) (root []byte, err error) {
	s.write.Lock()
	defer s.write.Unlock()
	if err := s.usable(); err != nil {
		return nil, err
	}
	// First of all, so that a caller who misses the error cannot commit the old stage.
	s.staged, s.stagedRoot = nil, nil
	s.tree.Rollback()

	if err := checkLeaves(leaves); err != nil {
		return nil, err
	}
	// The tree keeps the slices it is given, and so does MemDB.
	own := make([]Leaf, len(leaves))
	for i, l := range leaves {
		own[i] = Leaf{bytes.Clone(l.Key), bytes.Clone(l.Value)}
		if _, err := s.tree.Set(own[i].Key, own[i].Value); err != nil {
			s.tree.Rollback()
			return nil, fmt.Errorf("store: stage leaf %q: %w", l.Key, err)
		}
	}
	s.staged, s.stagedRoot = own, bytes.Clone(s.tree.WorkingHash())
	return bytes.Clone(s.stagedRoot), nil
}

func checkLeaves(leaves []Leaf) error {
	for i, l := range leaves {
		switch {
		case len(l.Key) == 0:
			return fmt.Errorf("store: stage leaf %d: empty key", i)
		case len(l.Value) == 0:
			return fmt.Errorf("store: stage leaf %q: empty value", l.Key)
		case i > 0 && bytes.Compare(leaves[i-1].Key, l.Key) >= 0:
			return fmt.Errorf("store: stage leaf %q: not after %q", l.Key, leaves[i-1].Key)
		}
	}
	return nil
}

// Commit makes the staged leaves and the records the state at height, which must
// be Height()+1, with its block time in Unix nanoseconds. Records are applied in
// the order given. When Commit returns nil all of it is synced to disk.
//
// An error about the arguments changes nothing. After any other error the Store
// refuses everything: the process must open it again, and may find either version.
func (s *Store) Commit(height, time int64, records []Record) error {
	s.write.Lock()
	defer s.write.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	if s.stagedRoot == nil {
		return errors.New("store: commit: nothing is staged")
	}
	if want := s.head.height + 1; height != want {
		return fmt.Errorf("store: commit: height %d, want %d", height, want)
	}
	for i, r := range records {
		if len(r.Key) == 0 {
			return fmt.Errorf("store: commit: record %d: empty key", i)
		}
	}

	next := head{height: height, time: time, root: s.stagedRoot}
	var with shared
	if err := noPanic(func() (err error) {
		with, err = s.persist(next, records)
		return err
	}); err != nil {
		err = fmt.Errorf("store: commit of height %d: %w", height, err)
		s.setFault(fmt.Errorf("store: unusable until reopened: %w", err))
		return err
	}
	s.mu.Lock()
	s.head = next
	s.writes += int64(len(s.staged))
	s.mu.Unlock()
	s.staged, s.stagedRoot = nil, nil

	before := s.root
	if with != nil {
		s.root = nodeID{height, rootNonce}
	}
	s.prune(with, before)
	return nil
}

// persist writes one block. It is the only place that does. Its tree shares with the one
// before what it returns.
func (s *Store) persist(next head, records []Record) (shared, error) {
	batch := s.db.NewBatch()
	defer batch.Close()
	with, err := s.saveTree(batch, next)
	if err != nil {
		return nil, err
	}
	for _, l := range s.staged {
		if err := batch.Set(prefixed(prefixValue, l.Key), l.Value); err != nil {
			return nil, err
		}
	}
	for _, r := range records {
		if err := putRecord(batch, r); err != nil {
			return nil, err
		}
	}
	if err := batch.Set(keyHead, next.encode()); err != nil {
		return nil, err
	}
	return with, batch.WriteSync()
}

// saveTree has IAVL write its new version into batch.
func (s *Store) saveTree(batch dbm.Batch, next head) (with shared, err error) {
	s.treeDB.out = batch
	defer func() { s.treeDB.out, s.treeDB.wrote = nil, nil }()
	if s.opts.KeepVersions > 0 { // an archive prunes nothing
		s.treeDB.wrote = func(key, value []byte) error {
			id, is := nodeIDOf(key)
			if !is || !isNode(value) {
				return nil
			}
			n, err := parseNode(value)
			if with == nil {
				with = shared{}
			}
			with.add(next.height, n)
			s.nodes.add(id, n)
			return err
		}
	}
	root, version, err := s.tree.SaveVersion()
	if err != nil {
		return nil, err
	}
	if version != next.height || !bytes.Equal(root, next.root) {
		return nil, fmt.Errorf("tree saved version %d with root %x, staged %d with %x",
			version, root, next.height, next.root)
	}
	return with, nil
}

func putRecord(batch dbm.Batch, r Record) error {
	if r.Value == nil {
		return batch.Delete(prefixed(prefixRecord, r.Key))
	}
	return batch.Set(prefixed(prefixRecord, r.Key), bytes.Clone(r.Value))
}
