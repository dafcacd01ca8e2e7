package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/cosmos/iavl"
)

// The database's key ranges. A prefix is one byte and prefix+1 ends its range, so
// no two may be equal.
const (
	prefixTree   = 't' // IAVL's keys
	prefixValue  = 'v' // leaf key -> latest value
	prefixRecord = 'r' // record key -> value

	// version, 8 bytes big-endian -> the nodes of its tree that the next one does not have
	prefixReplaced = 'o'
)

var (
	keyHead   = []byte("h") // the last committed block, see head
	keyPruned = []byte("p") // the newest pruned version, 8 bytes big-endian
)

// DefaultCacheSize is some blocks' nodes, and 25 MB. Each block replaces the nodes above what it
// changes, so that of a larger cache most is replaced; but Go's collector looks at all of it (decision 34).
const DefaultCacheSize = 50_000

var (
	// ErrPruned says that the height's tree version is no longer held.
	ErrPruned = errors.New("pruned")
	// ErrFuture says that the height is not committed yet.
	ErrFuture = errors.New("not committed yet")
	// ErrEmpty says that the tree has no leaf at that height, so nothing to prove from.
	ErrEmpty = errors.New("the tree is empty")
	// ErrRestoring says that the Store is being filled, see Restore.
	ErrRestoring = errors.New("store: being restored from a snapshot")
	// ErrOtherRoot says that what was restored is not the state of the root asked for.
	ErrOtherRoot = errors.New("its tree has another root")
	// ErrClosed says that the Store has been closed.
	ErrClosed = errors.New("store: closed")
)

// Options change what a Store costs, never a root.
type Options struct {
	// KeepVersions is how many tree versions Prove can reach, the newest included.
	// 0 keeps all of them (an archive). Records and latest values are never pruned.
	KeepVersions int64
	// CacheSize is the size of the writer's node cache, in nodes; the reader's is a
	// quarter of it, and the pruner's, of small ones, half. 0 means DefaultCacheSize.
	CacheSize int
}

// Leaf is one leaf of the tree. Key and Value must not be empty: an empty value
// breaks the ICS-23 proofs of its leaf and of its neighbours.
type Leaf struct{ Key, Value []byte }

// Record is a flat key outside the tree. A nil Value deletes; an empty one is kept.
type Record struct{ Key, Value []byte }

// head is the block that the database holds.
type head struct {
	height int64
	time   int64
	root   []byte
}

// Store is the ledger on disk. One goroutine stages and commits; everything else
// may be called from any goroutine at any time.
type Store struct {
	db   dbm.DB
	opts Options

	// life is held for reading by every read and for writing by Close, so that the
	// database is not closed under a read.
	life sync.RWMutex

	// The writer's side, guarded by write.
	write      sync.Mutex
	tree       *iavl.MutableTree
	treeDB     *treeDB
	staged     []Leaf
	stagedRoot []byte // nil: nothing is staged
	nodes      *nodeReader
	root       nodeID // of the last committed tree; zero: it is empty
	pruned     int64  // versions up to here are deleted on disk

	// query is the reader's handle. Only its GetImmutable is used: it has no state
	// but a locked node cache.
	query *iavl.MutableTree

	// What readers see, guarded by mu.
	mu       sync.RWMutex
	head     head
	oldest   int64         // the first version that may still be pinned
	pins     map[int64]int // height -> number of readers
	writes   int64
	pruneErr error
	fault    error // why the Store refuses to go on
}

// Open opens the store in db, which from then on belongs to it, and finishes what
// a crash left unfinished. It fails if the tree does not match the recorded height
// and root.
func Open(db dbm.DB, opts Options) (*Store, error) {
	if opts.KeepVersions < 0 || opts.CacheSize < 0 {
		return nil, fmt.Errorf("store: negative option: %+v", opts)
	}
	if opts.CacheSize == 0 {
		opts.CacheSize = DefaultCacheSize
	}
	s := &Store{db: db, opts: opts, pins: make(map[int64]int)}
	if err := noPanic(s.load); err != nil {
		return nil, fmt.Errorf("store: open: %w", err)
	}
	return s, nil
}

func (s *Store) load() error {
	last, err := readHead(s.db)
	if err != nil {
		return err
	}
	if s.pruned, err = readPruned(s.db); err != nil {
		return err
	}
	if last.height == 0 {
		// Commit cannot leave anything without a head; an interrupted restore can.
		if err := s.wipe(); err != nil {
			return err
		}
		s.pruned = 0
	}
	s.mu.Lock()
	s.head, s.oldest = last, s.pruned+1
	s.mu.Unlock()

	s.nodes, s.root = newNodeReader(s.db, s.opts.CacheSize/2), nodeID{}
	s.treeDB = &treeDB{db: s.db}
	if s.opts.KeepVersions > 0 {
		s.treeDB.read = s.nodes.saw
	}
	s.tree = newTree(s.treeDB, s.opts.CacheSize)
	s.query = newTree(&treeDB{db: s.db}, s.opts.CacheSize/4)
	if s.head.height == 0 {
		return nil
	}
	if err := s.loadTree(s.head.height); err != nil {
		return err
	}
	if got := s.tree.Hash(); !bytes.Equal(got, s.head.root) {
		return fmt.Errorf("height %d: tree has root %x, recorded is %x", s.head.height, got, s.head.root)
	}
	s.root, _, err = s.nodes.root(s.head.height)
	return err
}

// loadTree loads the version recorded in the head. A newer one cannot exist, as it
// would have come with its head; should something else have made it, it is deleted,
// in one batch like every write.
func (s *Store) loadTree(height int64) error {
	batch := s.db.NewBatch()
	defer batch.Close()
	s.treeDB.out = batch
	defer func() { s.treeDB.out = nil }()
	if err := s.tree.LoadVersionForOverwriting(height); err != nil {
		return fmt.Errorf("height %d: %w", height, err)
	}
	// What was written down of versions that are not there: newer ones, and such as were pruned by
	// a store that did not know of it.
	for _, r := range [][2][]byte{{replacedKey(0), replacedKey(s.pruned + 1)},
		{replacedKey(height), {prefixReplaced + 1}}} {
		if err := deleteRange(batch, s.db, r[0], r[1]); err != nil {
			return err
		}
	}
	return batch.WriteSync()
}

// deleteRange deletes all keys of a database from start to before end.
func deleteRange(batch dbm.Batch, db dbm.DB, start, end []byte) error {
	it, err := db.Iterator(start, end)
	if err != nil {
		return err
	}
	for ; it.Valid() && err == nil; it.Next() {
		err = batch.Delete(bytes.Clone(it.Key()))
	}
	return errors.Join(err, it.Error(), it.Close())
}

// newTree makes one handle on the tree. The fast index is off (the flat copies
// replace it; it is also written outside any version), and so is IAVL's background
// pruning.
func newTree(db *treeDB, cacheSize int) *iavl.MutableTree {
	const skipFastStorage = true
	return iavl.NewMutableTree(db, cacheSize, skipFastStorage, iavl.NewNopLogger())
}

// wipe deletes everything the store could have written. It need not be atomic:
// without a head it runs again.
func (s *Store) wipe() error {
	for _, prefix := range []byte{prefixTree, prefixValue, prefixRecord, prefixReplaced} {
		for from := []byte(nil); ; {
			last, err := s.wipeSome(prefix, from)
			if err != nil {
				return err
			}
			if last == nil {
				break
			}
			from = append(last[1:], 0) // the next key
		}
	}
	if has, err := s.db.Has(keyPruned); err != nil || !has {
		return err
	}
	return s.db.DeleteSync(keyPruned)
}

// wipeSome deletes up to a fixed number of keys, to bound memory, and is the last
// of them; nil when there was none. The iterator is closed before the write because
// MemDB locks while it is open.
func (s *Store) wipeSome(prefix byte, from []byte) (last []byte, err error) {
	const limit = 10_000
	it, err := s.db.Iterator(prefixRange(prefix, from, nil))
	if err != nil {
		return nil, err
	}
	batch := s.db.NewBatch()
	defer batch.Close()
	for n := 0; it.Valid() && n < limit; it.Next() {
		last = bytes.Clone(it.Key())
		if err := batch.Delete(last); err != nil {
			it.Close()
			return nil, err
		}
		n++
	}
	if err := errors.Join(it.Error(), it.Close()); err != nil || last == nil {
		return nil, err
	}
	return last, batch.WriteSync()
}

// Close waits for the reads in progress and closes the database.
func (s *Store) Close() error {
	s.write.Lock()
	defer s.write.Unlock()
	s.life.Lock()
	defer s.life.Unlock()
	if s.usable() == ErrClosed {
		return nil
	}
	s.setFault(ErrClosed)
	return s.db.Close()
}

// usable returns why the Store refuses to go on, if it does.
func (s *Store) usable() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.fault
}

func (s *Store) setFault(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = err
}

const (
	headFormat = 1
	headSize   = 1 + 8 + 8 + 32
)

func (h head) encode() []byte {
	b := make([]byte, 0, headSize)
	b = append(b, headFormat)
	b = binary.BigEndian.AppendUint64(b, uint64(h.height))
	b = binary.BigEndian.AppendUint64(b, uint64(h.time))
	return append(b, h.root...)
}

func readHead(db dbm.DB) (head, error) {
	b, err := db.Get(keyHead)
	if err != nil || b == nil {
		return head{}, err
	}
	if len(b) != headSize || b[0] != headFormat {
		return head{}, fmt.Errorf("head %x: unknown format", b)
	}
	h := head{
		height: int64(binary.BigEndian.Uint64(b[1:])),
		time:   int64(binary.BigEndian.Uint64(b[9:])),
		root:   bytes.Clone(b[17:]),
	}
	if h.height < 1 {
		return head{}, fmt.Errorf("head: impossible height %d", h.height)
	}
	return h, nil
}

// HeightIn is the height that one write of a Store's database records, 0 for a
// write that records none.
func HeightIn(key, value []byte) int64 {
	if !bytes.Equal(key, keyHead) || len(value) != headSize {
		return 0
	}
	return int64(binary.BigEndian.Uint64(value[1:]))
}

func readPruned(db dbm.DB) (int64, error) {
	b, err := db.Get(keyPruned)
	if err != nil || b == nil {
		return 0, err
	}
	if len(b) != 8 {
		return 0, fmt.Errorf("pruned version %x: want 8 bytes", b)
	}
	return int64(binary.BigEndian.Uint64(b)), nil
}

// noPanic runs fn and turns a panic into an error. IAVL dereferences nodes that it
// failed to load; that must cost one query or one commit, not the process.
func noPanic(fn func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic in the tree: %v", r)
		}
	}()
	return fn()
}
