package store

import (
	"sync"

	dbm "github.com/cometbft/cometbft-db"
)

// A faultMode is what happens to the chosen write.
type faultMode string

const (
	refused faultMode = "refused"             // it fails and nothing is written
	doubted faultMode = "written but refused" // it is written and an error returned, as when a sync fails
	crash   faultMode = "crash"               // it and all later ones report success and are lost
)

// faultDB is a database of which one write, or one read after a block's write, goes
// wrong. A store can do no more harm than its writes: what each batch does is for
// the database to keep atomic.
type faultDB struct {
	dbm.DB
	mode   faultMode
	at     int // the write that goes wrong, from 1; 0 = none
	readAt int // the read after each synced write that fails, from 1; 0 = none

	mu         sync.Mutex
	writes     []bool // for every write so far: was it synced?
	reads      int    // since the last synced write
	readFaults int
}

func (f *faultDB) write(sync bool, do func() error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.writes = append(f.writes, sync)
	n := len(f.writes)
	var err error
	switch {
	case f.at == 0 || n < f.at:
		err = do()
	case f.mode == crash:
		return nil
	case n > f.at:
		err = do()
	case f.mode == refused:
		return errFault
	default:
		if err = do(); err == nil {
			err = errFault
		}
	}
	if sync {
		f.reads = 0
	}
	return err
}

func (f *faultDB) Get(key []byte) ([]byte, error) {
	f.mu.Lock()
	f.reads++
	fail := f.readAt > 0 && f.reads == f.readAt && len(f.writes) > 0 && f.writes[len(f.writes)-1]
	if fail {
		f.readFaults++
	}
	f.mu.Unlock()
	if fail {
		return nil, errFault
	}
	return f.DB.Get(key)
}

func (f *faultDB) Set(k, v []byte) error {
	return f.write(false, func() error { return f.DB.Set(k, v) })
}

func (f *faultDB) SetSync(k, v []byte) error {
	return f.write(true, func() error { return f.DB.SetSync(k, v) })
}

func (f *faultDB) Delete(k []byte) error {
	return f.write(false, func() error { return f.DB.Delete(k) })
}

func (f *faultDB) DeleteSync(k []byte) error {
	return f.write(true, func() error { return f.DB.DeleteSync(k) })
}

func (f *faultDB) NewBatch() dbm.Batch { return faultBatch{f.DB.NewBatch(), f} }

type faultBatch struct {
	dbm.Batch
	f *faultDB
}

func (b faultBatch) Write() error     { return b.f.write(false, b.Batch.Write) }
func (b faultBatch) WriteSync() error { return b.f.write(true, b.Batch.WriteSync) }
