package journal

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/syndtr/goleveldb/leveldb/journal"
	"github.com/syndtr/goleveldb/leveldb/storage"
)

// Damage says where a database has lost writes that later ones were built on.
type Damage struct {
	File   string // in the database's folder
	Near   int64  // byte of File: the beginning of the 32 kB in which it is; -1 = not known
	After  int64  // newest height before the damage; 0 = not known
	Before int64  // first height found after it; 0 = not known
	Reason string
}

func (d *Damage) Error() string {
	where := d.File
	if d.Near >= 0 {
		where += fmt.Sprintf(" near byte %d", d.Near)
	}
	switch {
	case d.After > 0 && d.Before > 0:
		where += fmt.Sprintf(", between blocks %d and %d", d.After, d.Before)
	case d.After > 0:
		where += fmt.Sprintf(", after block %d", d.After)
	case d.Before > 0:
		where += fmt.Sprintf(", before block %d", d.Before)
	}
	return where + ": " + d.Reason
}

// Torn is the end of a journal that was not written whole: a power cut, or
// damage that nothing follows. The database opens without it.
type Torn struct {
	File   string
	Height int64 // the newest before it; 0 = not known
}

// Height reads a height from one write of a database, 0 when it holds none.
type Height func(key, value []byte) int64

// Check reads what the LevelDB in dir would take up when it opens, and changes
// nothing. The database must not be open. A folder that is not there, or is
// empty, is a new database. The error is a *Damage, or one of reading.
//
// The cost is that of reading the journals once more: two of 4 MB at the most,
// beside a batch of any size.
func Check(dir string, height Height) (*Torn, error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	stor, err := storage.OpenFile(dir, false)
	if err != nil {
		return nil, err
	}
	defer stor.Close()
	m, err := readManifest(stor)
	if err != nil || m == nil {
		return nil, err
	}
	journals, err := m.journals(stor)
	if err != nil {
		return nil, err
	}
	// After it has replayed a journal, goleveldb's count is one ahead of the
	// last write; while it runs, it is the last write. Either may precede the
	// first batch here.
	s := scan{height: height, next: m.seq, most: m.seq + 1}
	for _, fd := range journals {
		if err := s.read(stor, fd); err != nil {
			return nil, err
		}
	}
	if s.dropped != nil {
		return &Torn{File: s.dropped.File, Height: s.newest}, nil
	}
	return nil, nil
}

// scan goes through the journals' batches in order.
type scan struct {
	height     Height
	next, most uint64  // the next batch begins with a number from next to most
	newest     int64   // height
	dropped    *Damage // what was left out so far; harmless unless a batch follows
}

func (s *scan) read(stor storage.Storage, fd storage.FileDesc) error {
	file, err := stor.Open(fd)
	if err != nil {
		return err
	}
	defer file.Close()
	in := &counter{r: file}
	drop := func(reason string) {
		if s.dropped == nil {
			s.dropped = &Damage{File: fd.String(), Near: in.block(), After: s.newest, Reason: reason}
		}
	}
	r := journal.NewReader(in, dropper(drop), false, true)
	for {
		record, err := r.Next()
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		bytes, err := io.ReadAll(record)
		if err == io.ErrUnexpectedEOF {
			continue // drop has heard of it
		} else if err != nil {
			return err
		}
		b, err := readBatch(bytes, s.height)
		if err != nil {
			drop(err.Error())
			continue
		}
		if b.seq < s.next || b.seq > s.most {
			drop(fmt.Sprintf("writes %d to %d are missing", s.most, b.seq-1))
		}
		if s.dropped != nil {
			s.dropped.Before = b.height
			return s.dropped
		}
		s.next = b.seq + uint64(b.count)
		s.most = s.next
		s.newest = max(s.newest, b.height)
	}
}

// dropper hears of what a reader leaves out.
type dropper func(reason string)

func (d dropper) Drop(err error) {
	var c *journal.ErrCorrupted
	if errors.As(err, &c) {
		d(c.Reason)
		return
	}
	d(err.Error())
}

// counter knows where a journal's reader is: it reads by whole blocks.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

const blockSize = 32 << 10 // of the journal's format

// block is where the block read last begins.
func (c *counter) block() int64 { return max(0, c.n-1) / blockSize * blockSize }

// manifest is what says which journals a database takes up.
type manifest struct {
	journal, previous int64  // file numbers; previous is 0 or that of an older journal
	seq               uint64 // number of the last write before the journals, or one more
}

// readManifest reads the newest state of the manifest, nil of a new database.
func readManifest(stor storage.Storage) (*manifest, error) {
	fd, err := stor.GetMeta()
	if errors.Is(err, fs.ErrNotExist) {
		files, listErr := stor.List(storage.TypeAll)
		if listErr != nil || len(files) == 0 {
			return nil, listErr
		}
		return nil, &Damage{File: "CURRENT", Near: -1, Reason: "it is missing, or names a manifest that is missing"}
	} else if err != nil {
		return nil, &Damage{File: "CURRENT", Near: -1, Reason: err.Error()}
	}
	file, err := stor.Open(fd)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	in := &counter{r: file}
	m, lost := &manifest{}, (*Damage)(nil)
	drop := func(reason string) {
		if lost == nil {
			lost = &Damage{File: fd.String(), Near: in.block(), Reason: reason}
		}
	}
	r := journal.NewReader(in, dropper(drop), false, true)
	for {
		record, err := r.Next()
		if err == io.EOF {
			return m, nil
		} else if err != nil {
			return nil, err
		}
		edit, err := io.ReadAll(record)
		if err == io.ErrUnexpectedEOF {
			// goleveldb takes up the half of an edit that it could read.
			return nil, lost
		} else if err != nil {
			return nil, err
		}
		if err := m.apply(edit); err != nil {
			drop(err.Error())
		}
		if lost != nil {
			return nil, lost
		}
	}
}

// journals are those that the database takes up, in order.
func (m *manifest) journals(stor storage.Storage) ([]storage.FileDesc, error) {
	all, err := stor.List(storage.TypeJournal)
	if err != nil {
		return nil, err
	}
	live := slices.DeleteFunc(all, func(fd storage.FileDesc) bool { return fd.Num < m.journal && fd.Num != m.previous })
	slices.SortFunc(live, func(a, b storage.FileDesc) int { return cmp.Compare(a.Num, b.Num) })
	return live, nil
}
