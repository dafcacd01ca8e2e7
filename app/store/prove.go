package store

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/cosmos/iavl"
	ics23 "github.com/cosmos/ics23/go"
)

// Prove returns the value that key had at height, with a proof of its presence; or
// nil with a proof of its absence. Both verify under ics23.IavlSpec against that
// height's root. The error is ErrFuture or ErrPruned for a height that is not held,
// ErrEmpty for a tree without leaves. The proof must not be changed.
func (s *Store) Prove(key []byte, height int64) (value []byte, proof *ics23.CommitmentProof, err error) {
	s.life.RLock()
	defer s.life.RUnlock()
	if len(key) == 0 {
		return nil, nil, fmt.Errorf("store: prove: empty key")
	}
	if err := s.pin(height); err != nil {
		return nil, nil, err
	}
	defer s.unpin(height)

	key = bytes.Clone(key) // an absence proof keeps it
	err = noPanic(func() (err error) {
		proof, err = proveIn(s.query, key, height)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("store: prove %q at height %d: %w", key, height, err)
	}
	if exist := proof.GetExist(); exist != nil {
		value = bytes.Clone(exist.Value)
	}
	return value, proof, nil
}

// proveIn makes one proof. GetImmutable looks the root up on disk every time and
// asks no cached "latest version", so a handle opened long ago sees new versions.
func proveIn(handle *iavl.MutableTree, key []byte, height int64) (*ics23.CommitmentProof, error) {
	tree, err := handle.GetImmutable(height)
	if err != nil {
		return nil, err
	}
	if tree.Size() == 0 {
		return nil, ErrEmpty
	}
	return tree.GetProof(key)
}

// Pin keeps the version of height from being pruned until release is called, so
// that several proofs can be made from the same height. Release may be called more
// than once. The errors are those of Prove.
func (s *Store) Pin(height int64) (release func(), err error) {
	if err := s.pin(height); err != nil {
		return nil, err
	}
	return sync.OnceFunc(func() { s.unpin(height) }), nil
}

func (s *Store) pin(height int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.fault != nil:
		return s.fault
	case height < 1:
		return fmt.Errorf("store: height %d: heights start at 1", height)
	case height > s.head.height:
		return fmt.Errorf("store: height %d: %w (the last is %d)", height, ErrFuture, s.head.height)
	case height < s.oldest:
		return fmt.Errorf("store: height %d: %w (the first held is %d)", height, ErrPruned, s.oldest)
	}
	s.pins[height]++
	return nil
}

func (s *Store) unpin(height int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pins[height]--; s.pins[height] == 0 {
		delete(s.pins, height)
	}
}
