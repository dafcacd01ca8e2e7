package journal

import (
	"encoding/binary"
	"errors"
)

var errShort = errors.New("a record is cut short")

// fields takes a record of LevelDB apart; the first failure sticks.
type fields struct {
	b   []byte
	err error
}

func (f *fields) uvarint() uint64 {
	x, n := binary.Uvarint(f.b)
	if n <= 0 {
		f.b, f.err = nil, errShort
		return 0
	}
	f.b = f.b[n:]
	return x
}

// bytes reads a string behind its length.
func (f *fields) bytes() []byte {
	n := f.uvarint()
	if n > uint64(len(f.b)) {
		f.b, f.err = nil, errShort
		return nil
	}
	s := f.b[:n]
	f.b = f.b[n:]
	return s
}

// The fields of a manifest's edit, as goleveldb numbers them.
const (
	fieldComparer        = 1 // name
	fieldJournal         = 2 // file number
	fieldNextFile        = 3 // file number
	fieldSeq             = 4 // count of writes
	fieldCompaction      = 5 // level, key
	fieldDeletedTable    = 6 // level, file number
	fieldAddedTable      = 7 // level, file number, size, first key, last key
	fieldPreviousJournal = 9 // file number
)

// apply takes over what an edit changes.
func (m *manifest) apply(edit []byte) error {
	f := fields{b: edit}
	for len(f.b) > 0 {
		switch f.uvarint() {
		case fieldComparer:
			f.bytes()
		case fieldJournal:
			m.journal = int64(f.uvarint())
		case fieldNextFile:
			f.uvarint()
		case fieldSeq:
			m.seq = f.uvarint()
		case fieldCompaction:
			f.uvarint()
			f.bytes()
		case fieldDeletedTable:
			f.uvarint()
			f.uvarint()
		case fieldAddedTable:
			f.uvarint()
			f.uvarint()
			f.uvarint()
			f.bytes()
			f.bytes()
		case fieldPreviousJournal:
			m.previous = int64(f.uvarint())
		default:
			return errors.Join(f.err, errors.New("an edit has an unknown field"))
		}
	}
	return f.err
}

// batch is what one record of a journal writes.
type batch struct {
	seq    uint64 // of its first write
	count  int    // of writes
	height int64  // 0 = none in it
}

const (
	batchHeader = 8 + 4 // sequence number, count
	writeDelete = 0     // key
	writePut    = 1     // key, value
)

func readBatch(b []byte, height Height) (batch, error) {
	if len(b) < batchHeader {
		return batch{}, errShort
	}
	out := batch{seq: binary.LittleEndian.Uint64(b), count: int(binary.LittleEndian.Uint32(b[8:]))}
	f, n := fields{b: b[batchHeader:]}, 0
	for ; len(f.b) > 0; n++ {
		kind := f.uvarint()
		key := f.bytes()
		switch kind {
		case writeDelete:
		case writePut:
			value := f.bytes()
			if f.err == nil && height != nil {
				out.height = max(out.height, height(key, value))
			}
		default:
			return batch{}, errors.New("a batch has an unknown kind of write")
		}
	}
	if f.err == nil && n != out.count {
		f.err = errors.New("a batch has another count of writes than it says")
	}
	return out, f.err
}
