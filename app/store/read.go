package store

import "bytes"

// Height is the last committed height, 0 if nothing has been committed.
func (s *Store) Height() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.head.height
}

// Time is the block time of Height, in Unix nanoseconds.
func (s *Store) Time() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.head.time
}

// Hash is the root at Height: the app hash of that block. Nil at height 0.
func (s *Store) Hash() []byte {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return bytes.Clone(s.head.root)
}

// Oldest is the first height that Prove can reach.
func (s *Store) Oldest() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.oldest
}

// Writes is the number of leaves committed to the tree since Open.
func (s *Store) Writes() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.writes
}

// Get returns the last committed value of a leaf, nil if there is none. It reads
// the flat copy, not the tree. During a Commit, two calls may see two heights. The
// value must not be changed.
func (s *Store) Get(key []byte) ([]byte, error) { return s.get(prefixValue, key) }

// Record returns a flat record, nil if there is none. The value must not be changed.
func (s *Store) Record(key []byte) ([]byte, error) { return s.get(prefixRecord, key) }

func (s *Store) get(prefix byte, key []byte) ([]byte, error) {
	s.life.RLock()
	defer s.life.RUnlock()
	if err := s.usable(); err != nil {
		return nil, err
	}
	return s.db.Get(prefixed(prefix, key))
}

// Records calls fn for the records with start <= key < end, in key order, until fn
// returns false. A nil start or end is the first or the last record. The scan sees
// the state of one moment, whatever is committed meanwhile. Key and value are fn's
// to keep. fn must not call the Store: that can deadlock with a waiting Commit or
// Close.
func (s *Store) Records(start, end []byte, fn func(key, value []byte) bool) error {
	s.life.RLock()
	defer s.life.RUnlock()
	if err := s.usable(); err != nil {
		return err
	}
	return s.scan(start, end, fn)
}

// scan is Records for a caller that holds s.life.
func (s *Store) scan(start, end []byte, fn func(key, value []byte) bool) error {
	if end != nil && bytes.Compare(start, end) >= 0 {
		return nil
	}
	it, err := s.db.Iterator(prefixRange(prefixRecord, start, end))
	if err != nil {
		return err
	}
	defer it.Close()
	for ; it.Valid(); it.Next() {
		if !fn(bytes.Clone(it.Key()[1:]), bytes.Clone(it.Value())) {
			return nil
		}
	}
	return it.Error()
}

func prefixed(prefix byte, key []byte) []byte {
	return append([]byte{prefix}, key...)
}
