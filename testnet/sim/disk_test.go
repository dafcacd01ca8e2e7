package sim

import (
	"bytes"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	dbm "github.com/cometbft/cometbft-db"
)

// disk is a database that forgets what was not synced when its process is
// killed. Like LevelDB it keeps a journal: a sync makes all writes before it
// durable, and a kill leaves a beginning of the rest, whole batches only.
type disk struct {
	dbm.DB
	mu      sync.Mutex
	durable dbm.DB
	journal []write             // since the last sync
	bend    func(change) change // a planted bug: what is written in the place of what should be
	torn    bool                // a planted bug: a sync makes only half of its batch durable

	process *process // that writes; nil: it ends between two writes alone
	left    int      // so many writes end it, of which the last is not done; 0: none does
}

// process is what one process's disks have in common.
type process struct {
	gone atomic.Bool // nothing that it still does reaches a disk
	ends func()      // takes down what else it leaves, and takes it off the network
}

// write is what one call did, atomically.
type write []change

type change struct {
	key, value []byte // nil value: deleted
}

func newDisk() *disk { return &disk{DB: dbm.NewMemDB(), durable: dbm.NewMemDB()} }

// killed is the disk that the next process finds. The one before goes on
// writing to its own, which no process sees again.
func (d *disk) killed(rng *rand.Rand) *disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, w := range d.journal[:rng.IntN(len(d.journal)+1)] {
		d.keep(w)
	}
	d.journal = nil
	next := &disk{DB: dbm.NewMemDB(), durable: d.durable, bend: d.bend, torn: d.torn}
	copyDB(d.durable, next.DB)
	d.durable = dbm.NewMemDB()
	return next
}

func copyDB(from, to dbm.DB) {
	it, err := from.Iterator(nil, nil)
	check(err)
	defer it.Close()
	for ; it.Valid(); it.Next() {
		check(to.Set(bytes.Clone(it.Key()), bytes.Clone(it.Value())))
	}
}

func (d *disk) keep(w write) {
	for _, c := range w {
		if c.value == nil {
			check(d.durable.Delete(c.key))
		} else {
			check(d.durable.Set(c.key, c.value))
		}
	}
}

func (d *disk) do(w write, sync bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.left > 0 {
		if d.left--; d.left == 0 && d.process.gone.CompareAndSwap(false, true) {
			d.process.ends()
		}
	}
	for i, c := range w {
		if d.bend != nil && c.value != nil {
			c = d.bend(c)
			w[i] = c
		}
		var err error
		if c.value == nil {
			err = d.DB.Delete(c.key)
		} else {
			err = d.DB.Set(c.key, c.value)
		}
		check(err)
	}
	if d.process != nil && d.process.gone.Load() {
		return nil // what a dead process still does stays in a world that no one looks at again
	}
	if sync && d.torn {
		d.keep(w[len(w)/2:]) // the head is at the end
		return nil
	}
	d.journal = append(d.journal, w)
	if sync {
		for _, w := range d.journal {
			d.keep(w)
		}
		d.journal = nil
	}
	return nil
}

// fails has the process end at its nth write from now on; 0: not.
func (d *disk) fails(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.left = n
}

func set(k, v []byte) write { return write{{bytes.Clone(k), append([]byte{}, v...)}} }

func (d *disk) Set(k, v []byte) error     { return d.do(set(k, v), false) }
func (d *disk) SetSync(k, v []byte) error { return d.do(set(k, v), true) }
func (d *disk) Delete(k []byte) error     { return d.do(write{{bytes.Clone(k), nil}}, false) }
func (d *disk) DeleteSync(k []byte) error { return d.do(write{{bytes.Clone(k), nil}}, true) }
func (d *disk) NewBatch() dbm.Batch       { return &diskBatch{disk: d} }
func (d *disk) Close() error              { return nil } // its content is wanted when its user is gone

type diskBatch struct {
	disk *disk
	w    write
}

func (b *diskBatch) Set(k, v []byte) error {
	b.w = append(b.w, set(k, v)...)
	return nil
}

func (b *diskBatch) Delete(k []byte) error {
	b.w = append(b.w, change{bytes.Clone(k), nil})
	return nil
}

func (b *diskBatch) Write() error     { return b.disk.do(b.w, false) }
func (b *diskBatch) WriteSync() error { return b.disk.do(b.w, true) }
func (b *diskBatch) Close() error     { b.w = nil; return nil }

// under lists all keys with a prefix, without it.
func (d *disk) under(prefix byte) (list []pair) {
	it, err := d.Iterator([]byte{prefix}, []byte{prefix + 1})
	check(err)
	defer it.Close()
	for ; it.Valid(); it.Next() {
		list = append(list, pair{bytes.Clone(it.Key()[1:]), bytes.Clone(it.Value())})
	}
	return list
}
