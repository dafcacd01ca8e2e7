package app

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"hongbao/app/query"
	"hongbao/app/store"
	"hongbao/contract"
)

// A snapshot is the ledger at one height as a stream of items. It has what the
// AppHash commits to, and nothing else, so that its bytes are the same on every
// node and each of them can be checked by who reads them:
//
//	b  a beacon, in order of heights                 its hash stands in the entries of its draws
//	l  a leaf of the tree: version, key, value       \ the tree's root is the AppHash
//	i  an inner node of the tree: version            /
//	e  an entry, after the leaf whose history it is in  they fold to the head in the leaf
//	t  a tx, after the entry that tells of it first     its hash stands in the entry
//
// The tree comes children first. The due queue, the lists of an account's packets
// and the names of packets follow from leaves and txs, and are made anew. Why a tx
// failed, and evidence against validators, the AppHash does not commit to: a node
// that began with a snapshot does not know those from before it.
const (
	itemBeacon = 'b'
	itemLeaf   = 'l'
	itemInner  = 'i'
	itemEntry  = 'e'
	itemTx     = 't'
)

// An item is its kind, its length as four bytes, big-endian, and its bytes.
const (
	itemHead = 1 + 4
	// maxItem bounds what a reader holds: the leaf of what a block owes, with a
	// reservation by each of its txs, is the longest item, and a quarter of this.
	maxItem = 1 << 20
)

// leafItem is a leaf of the tree.
type leafItem struct {
	_       struct{} `cbor:",toarray"`
	Version int64
	Key     []byte
	Value   []byte
}

// innerItem is an inner node of the tree.
type innerItem struct {
	_       struct{} `cbor:",toarray"`
	Version int64
}

// Snapshot is the newest state, held while blocks go on, to be written out.
type Snapshot struct {
	Height int64
	Time   contract.Time // of that block's header
	x      *store.Export
	to     *bufio.Writer
	err    error
}

// Snapshot holds the newest state. No block may be committed meanwhile: it is for
// Options.Told. Close it.
func (a *App) Snapshot() (*Snapshot, error) {
	height := a.store.Height()
	x, err := a.store.Export(height)
	return &Snapshot{Height: height, Time: contract.Time(a.store.Time()), x: x}, err
}

// Close lets go of the state.
func (s *Snapshot) Close() { s.x.Close() }

// snapshotBuffer makes few large writes of many small ones.
const snapshotBuffer = 64 << 10

// entriesAtOnce bounds what is held of a long history.
const entriesAtOnce = 100

// Write writes the snapshot, unless cancel says to stop.
func (s *Snapshot) Write(to io.Writer, cancel <-chan struct{}) error {
	s.to = bufio.NewWriterSize(to, snapshotBuffer)
	err := s.x.Records(beaconKey(0), beaconKey(s.Height), func(_, value []byte) bool {
		s.item(itemBeacon, value)
		return s.err == nil
	})
	for err == nil && s.err == nil {
		select {
		case <-cancel:
			return errors.New("snapshot: told to stop")
		default:
		}
		var n store.Node
		if n, err = s.x.Next(); err == io.EOF {
			return errors.Join(s.err, s.to.Flush())
		}
		if err == nil {
			err = s.node(n)
		}
	}
	return errors.Join(err, s.err)
}

func (s *Snapshot) item(kind byte, b []byte) {
	if s.err != nil {
		return
	}
	if len(b) > maxItem {
		s.err = fmt.Errorf("snapshot: an item %q of %d bytes", kind, len(b))
		return
	}
	s.to.WriteByte(kind)
	s.to.Write(binary.BigEndian.AppendUint32(nil, uint32(len(b))))
	_, s.err = s.to.Write(b) // which fails ever after it failed once
}

// node writes a node, and the history of a leaf.
func (s *Snapshot) node(n store.Node) error {
	if n.Key == nil {
		s.item(itemInner, contract.Encode(innerItem{Version: n.Version}))
		return nil
	}
	s.item(itemLeaf, contract.Encode(leafItem{Version: n.Version, Key: n.Key, Value: n.Value}))
	h, err := contract.LeafHistory(n.Key, n.Value)
	if h == nil || err != nil {
		return err
	}
	for next := uint64(0); next < h.Count; {
		var page [][]byte
		err := s.x.Records(entryKey(n.Key, next), entryKey(n.Key, h.Count), func(_, value []byte) bool {
			page = append(page, value)
			return len(page) < entriesAtOnce
		})
		if err != nil {
			return err
		}
		if len(page) == 0 {
			return fmt.Errorf("%w: entry %d of %d in the history of %q is missing", contract.ErrState, next, h.Count,
				n.Key)
		}
		for _, b := range page {
			if err := s.entry(n.Key, b); err != nil {
				return err
			}
		}
		next += uint64(len(page))
	}
	return nil
}

func (s *Snapshot) entry(key, b []byte) error {
	s.item(itemEntry, b)
	var e contract.Entry
	if err := contract.Decode(b, &e); err != nil || !e.TellsTxAt(key) {
		return err
	}
	kept, err := s.x.Record(txKey(*e.Tx))
	if err != nil {
		return err
	}
	var record query.TxRecord
	if err := contract.Decode(kept, &record); err != nil {
		return fmt.Errorf("%w: tx %s: %v", contract.ErrState, *e.Tx, err)
	}
	s.item(itemTx, record.Wire)
	return nil
}
