package store

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/cosmos/iavl"
)

// restoreBatch is how many bytes a restore gathers before it writes them: a
// hundredth of the memory that a node has.
const restoreBatch = 4 << 20

// Restore fills a Store with a state that another one exported: Add for each node
// in the order of the export, Put for the records, then Finish or Abort. Meanwhile
// the Store refuses everything else with ErrRestoring. One goroutine uses it.
type Restore struct {
	s        *Store
	height   int64
	importer *iavl.Importer
	batch    dbm.Batch
	bytes    int // in batch, about
	shape    shape
	failed   error // of the database
}

// Restore empties the Store, and begins to fill it with the state at height.
func (s *Store) Restore(height int64) (*Restore, error) {
	s.write.Lock()
	defer s.write.Unlock()
	if err := s.usable(); err != nil {
		return nil, err
	}
	if height < 1 {
		return nil, fmt.Errorf("store: restore: height %d: heights start at 1", height)
	}
	s.setFault(ErrRestoring)
	s.life.Lock() // reads that began before
	r := &Restore{s: s, height: height}
	err := r.begin()
	s.life.Unlock()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("store: restore: %w", err), r.end())
	}
	return r, nil
}

func (r *Restore) begin() (err error) {
	s := r.s
	// The head goes first: without it, what is left by a crash is wiped at the next start.
	if err := s.db.DeleteSync(keyHead); err != nil {
		return err
	}
	if err := s.wipe(); err != nil {
		return err
	}
	s.mu.Lock()
	s.head, s.oldest = head{}, 1
	s.mu.Unlock()
	s.staged, s.stagedRoot, s.pruned = nil, nil, 0
	s.treeDB = &treeDB{db: s.db, flush: r.Flush}
	s.tree = newTree(s.treeDB, exportCache)
	r.lend()
	r.importer, err = s.tree.Import(r.height)
	return err
}

// lend gives IAVL a fresh batch to write into.
func (r *Restore) lend() {
	r.batch, r.bytes = r.s.db.NewBatch(), 0
	r.s.treeDB.out = r.batch
}

// Failed is the error of the database, such as of a full disk; nil: what was refused was
// wrong.
func (r *Restore) Failed() error { return r.failed }

func (r *Restore) heard(err error) error {
	r.failed = cmp.Or(r.failed, err)
	return err
}

// Flush writes what was gathered, so that Record can read it.
func (r *Restore) Flush() error {
	err := r.heard(r.batch.WriteSync())
	_ = r.batch.Close() // a batch that was written has nothing left to fail with
	r.lend()
	return err
}

// Add takes in the next node of the tree.
func (r *Restore) Add(n Node) error {
	if n.Version < 1 || n.Version > r.height {
		return fmt.Errorf("store: restore: a node of version %d, in a tree of version %d", n.Version, r.height)
	}
	built, err := r.shape.add(n)
	if err != nil {
		return err
	}
	if err := noPanic(func() error { return r.importer.Add(built) }); err != nil {
		return err
	}
	if n.Key != nil {
		if err := r.batch.Set(prefixed(prefixValue, n.Key), n.Value); err != nil {
			return err
		}
	}
	return r.grown(2*len(n.Key) + 2*len(n.Value))
}

// Put keeps a record.
func (r *Restore) Put(record Record) error {
	if len(record.Key) == 0 {
		return errors.New("store: restore: empty key")
	}
	if err := putRecord(r.batch, record); err != nil {
		return err
	}
	return r.grown(len(record.Key) + len(record.Value))
}

// perWrite is what a write costs a batch beside key and value.
const perWrite = 64

func (r *Restore) grown(by int) error {
	if r.bytes += by + perWrite; r.bytes < restoreBatch {
		return nil
	}
	return r.Flush()
}

// Record is [Store.Record] of what was put before the last Flush.
func (r *Restore) Record(key []byte) ([]byte, error) {
	value, err := r.s.db.Get(prefixed(prefixRecord, key))
	return value, r.heard(err)
}

// Finish makes what was added the Store's state, of a block dated time (Unix
// nanoseconds), if the tree's root is root: else the error is ErrOtherRoot, or says
// what else is wrong, and Abort remains to be called.
func (r *Restore) Finish(time int64, root []byte) error {
	s := r.s
	s.write.Lock()
	defer s.write.Unlock()
	if len(r.shape.stack) != 1 {
		return fmt.Errorf("store: restore: %d subtrees, and no tree", len(r.shape.stack))
	}
	if err := noPanic(r.importer.Commit); err != nil {
		return fmt.Errorf("store: restore: %w", err)
	}
	if got := s.tree.Hash(); !bytes.Equal(got, root) {
		return fmt.Errorf("store: restore: %w: %x, trusted is %x", ErrOtherRoot, got, root)
	}
	if err := r.Flush(); err != nil {
		return err
	}
	last := s.db.NewBatch()
	defer last.Close()
	if err := errors.Join(
		last.Set(keyPruned, binary.BigEndian.AppendUint64(nil, uint64(r.height-1))),
		last.Set(keyHead, head{height: r.height, time: time, root: bytes.Clone(root)}.encode()),
		r.heard(last.WriteSync()),
	); err != nil {
		return err
	}
	return r.heard(r.end())
}

// Abort forgets what was added: the Store is empty.
func (r *Restore) Abort() error {
	r.s.write.Lock()
	defer r.s.write.Unlock()
	return r.end()
}

// end opens the Store anew over what there is now.
func (r *Restore) end() error {
	s := r.s
	if s.usable() == ErrClosed {
		return ErrClosed
	}
	s.life.Lock()
	defer s.life.Unlock()
	if r.importer != nil {
		r.importer.Close()
	}
	if r.batch != nil {
		r.batch.Close()
	}
	if err := noPanic(s.load); err != nil {
		err = fmt.Errorf("store: after a restore: %w", err)
		s.setFault(err)
		return err
	}
	s.setFault(nil)
	return nil
}
