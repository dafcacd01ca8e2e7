package store

import (
	"encoding/binary"
	"errors"
	"fmt"

	dbm "github.com/cometbft/cometbft-db"
)

// A version is pruned by deleting the nodes that the next one replaced. Which these are is
// known when that one is committed, and what tells it is at hand: they are written down then, under
// prefixReplaced, and are deleted 2,000 versions later without looking for them. IAVL's own
// pruner compares the two trees only then, node by node, from disk: half of a node's processor
// time, where many newcomers claim. Where nothing is written down, because nothing was
// replaced, a crash lost it, or the ledger is from before this, both trees are read after all.

// maxPrune bounds the versions pruned after one commit, so that a backlog (a long
// pin, a former archive) is worked off without a visible pause.
const maxPrune = 8

// PruneError is the error of the last attempt to prune, or to write down what is to be
// pruned; nil if both succeeded. The next Commit tries again.
func (s *Store) PruneError() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.pruneErr
}

// prune writes down what the block that was just committed replaced of the tree under before,
// and deletes the versions that are no longer to be kept. A failure is only remembered, as
// the block is committed by now.
func (s *Store) prune(with shared, before nodeID) {
	if s.opts.KeepVersions == 0 {
		return
	}
	err := noPanic(func() error { return s.pruneTo(s.retire(), with, before) })
	if err != nil {
		err = fmt.Errorf("store: prune: %w", err)
		if pruned, unread := readPruned(s.db); unread == nil {
			s.pruned = pruned // a write that failed may have been done
		}
	}
	s.mu.Lock()
	s.pruneErr = err
	s.mu.Unlock()
}

// retire decides how far to prune now, and closes those versions to new readers
// before any of their nodes go.
func (s *Store) retire() (target int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	target = min(s.head.height-s.opts.KeepVersions, s.pruned+maxPrune)
	for height := range s.pins {
		target = min(target, height-1)
	}
	target = max(target, s.pruned)
	s.oldest = max(s.oldest, target+1)
	return target
}

// pruneTo deletes the versions up to target in one batch. The batch is not synced:
// the database keeps the order of its writes, so a crash can lose the pruning but
// not tear it or let it overtake a block.
func (s *Store) pruneTo(target int64, with shared, before nodeID) error {
	batch := s.db.NewBatch()
	defer batch.Close()
	var replaced []nodeID
	var unread error // does not keep older versions from being pruned
	if with != nil && before != (nodeID{}) {
		replaced, unread = s.nodes.without(with, before)
	}
	last := s.head.height - 1
	if last > target && len(replaced) > 0 {
		if err := batch.Set(replacedKey(last), encodeIDs(s.head.height, replaced)); err != nil {
			return err
		}
	}
	for version := s.pruned + 1; version <= target; version++ {
		var known []nodeID
		if version == last {
			known = replaced
		}
		if err := s.drop(batch, version, known); err != nil {
			return fmt.Errorf("version %d: %w", version, err)
		}
	}
	if target > s.pruned {
		if err := batch.Set(keyPruned, binary.BigEndian.AppendUint64(nil, uint64(target))); err != nil {
			return err
		}
	}
	if target > s.pruned || len(replaced) > 0 {
		if err := batch.Write(); err != nil {
			return err
		}
	}
	s.pruned = target
	return unread
}

// drop deletes what no version after this one has: replaced, where that is known.
func (s *Store) drop(batch dbm.Batch, version int64, replaced []nodeID) error {
	own := nodeID{version, rootNonce}
	root, value, err := s.nodes.root(version)
	if err != nil {
		return err
	}
	if len(replaced) == 0 {
		if replaced, err = s.noted(batch, version, root); err != nil {
			return err
		}
	}
	used := root == own // by later versions, until it turns out to be replaced
	for _, id := range replaced {
		if err := batch.Delete(id.key()); err != nil {
			return err
		}
		if id == own {
			used = false
		} else if id.nonce == rootNonce { // of an older version: it was moved, unless it came by a restore
			if err := batch.Delete(nodeID{id.version, movedNonce}.key()); err != nil {
				return err
			}
		}
	}
	if used {
		if err := batch.Set(nodeID{version, movedNonce}.key(), value); err != nil {
			return err
		}
	}
	return batch.Delete(own.key())
}

// noted reads what was written down of a version, and deletes that. Where nothing was, or it
// cannot be read, the trees are compared.
func (s *Store) noted(batch dbm.Batch, version int64, root nodeID) ([]nodeID, error) {
	b, err := s.db.Get(replacedKey(version))
	if err != nil {
		return nil, err
	}
	if b != nil {
		if err := batch.Delete(replacedKey(version)); err != nil {
			return nil, err
		}
		if list, err := decodeIDs(version+1, b); err == nil {
			return list, nil
		}
	}
	next, _, err := s.nodes.root(version + 1)
	if err != nil || next == root || root == (nodeID{}) {
		return nil, err
	}
	with, err := s.nodes.sharedBy(version+1, next)
	if err != nil {
		return nil, err
	}
	return s.nodes.without(with, root)
}

func replacedKey(version int64) []byte {
	return binary.BigEndian.AppendUint64([]byte{prefixReplaced}, uint64(version))
}

// encodeIDs writes names of nodes that are older than version: by how much, and the nonce.
func encodeIDs(version int64, list []nodeID) []byte {
	b := make([]byte, 0, 4*len(list))
	for _, id := range list {
		b = binary.AppendUvarint(b, uint64(version-id.version))
		b = binary.AppendUvarint(b, uint64(id.nonce))
	}
	return b
}

func decodeIDs(version int64, b []byte) (list []nodeID, err error) {
	for len(b) > 0 {
		age, n := binary.Uvarint(b)
		nonce, m := binary.Uvarint(b[max(n, 0):])
		if n <= 0 || m <= 0 || age == 0 || age >= uint64(version) || nonce < rootNonce || nonce > 1<<32-1 {
			return nil, errors.New("what was written down to be pruned cannot be read")
		}
		list, b = append(list, nodeID{version - int64(age), uint32(nonce)}), b[n+m:]
	}
	return list, nil
}
