package app

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"hongbao/app/store"
	"hongbao/contract"
)

// snapshotReader takes in the stream of a snapshot, in pieces of any length, and
// fills the store with what it says and with what follows from that. It holds one
// item and the path of the tree at a time, and believes nothing: see
// snapshotstream.go for what is checked against what.
type snapshotReader struct {
	chain  string
	height int64
	to     *store.Restore
	rest   []byte // of a piece, that are not a whole item yet

	tree    bool  // it has begun, and there are no more beacons
	beacons int   // read
	last    int64 // height of the last one
	drawn   heightSet
	open    *openHistory
	tx      *contract.Entry // whose tx comes next
	records blockRecords    // to be put
}

// openHistory is the history of the last leaf, of which entries are still to come.
type openHistory struct {
	key  []byte
	want contract.History
	have contract.History

	share []byte // the leaf, of a large packet's share
}

// read takes in the next bytes.
func (r *snapshotReader) read(piece []byte) error {
	b := append(r.rest, piece...)
	for len(b) >= itemHead {
		size := int(binary.BigEndian.Uint32(b[1:]))
		if size > maxItem {
			return fmt.Errorf("snapshot: an item of %d bytes", size)
		}
		if len(b) < itemHead+size {
			break
		}
		if err := r.item(b[0], slices.Clone(b[itemHead:itemHead+size])); err != nil {
			return err
		}
		b = b[itemHead+size:]
	}
	r.rest = slices.Clone(b)
	return nil
}

func (r *snapshotReader) item(kind byte, b []byte) (err error) {
	switch {
	case r.tx != nil && kind != itemTx:
		return fmt.Errorf("snapshot: item %q in the place of a tx", kind)
	case r.open != nil && kind != itemEntry && kind != itemTx:
		return fmt.Errorf("snapshot: the history of %q ends after %d of %d entries", r.open.key, r.open.have.Count,
			r.open.want.Count)
	}
	switch kind {
	case itemBeacon:
		err = r.beacon(b)
	case itemLeaf:
		err = r.leaf(b)
	case itemInner:
		var n innerItem
		if err = contract.Decode(b, &n); err == nil {
			err = r.to.Add(store.Node{Version: n.Version})
		}
	case itemEntry:
		err = r.entry(b)
	case itemTx:
		err = r.wire(b)
	default:
		return fmt.Errorf("snapshot: an item of kind %q", kind)
	}
	for _, record := range r.records.list {
		if err == nil {
			err = r.to.Put(record)
		}
	}
	r.records.list = nil
	return err
}

func (r *snapshotReader) beacon(b []byte) error {
	var beacon contract.Beacon
	if err := contract.Decode(b, &beacon); err != nil {
		return err
	}
	if r.tree || beacon.Height <= r.last || beacon.Height >= r.height {
		return fmt.Errorf("snapshot: the beacon of block %d is out of its order", beacon.Height)
	}
	r.beacons, r.last = r.beacons+1, beacon.Height
	r.records.put(beaconKey(beacon.Height), b)
	return nil
}

func (r *snapshotReader) leaf(b []byte) error {
	if !r.tree {
		r.tree = true
		if err := r.to.Flush(); err != nil { // entries are compared with beacons
			return err
		}
	}
	var n leafItem
	if err := contract.Decode(b, &n); err != nil {
		return err
	}
	if err := r.to.Add(store.Node{Version: n.Version, Key: n.Key, Value: n.Value}); err != nil {
		return err
	}
	h, err := contract.LeafHistory(n.Key, n.Value)
	if h == nil || err != nil {
		return err
	}
	r.open = &openHistory{key: n.Key, want: *h, have: contract.FirstHistory(r.chain, n.Key)}
	if n.Key[0] == 'p' {
		p := contract.Packet{ID: contract.PacketID(n.Key[2:])}
		if err := contract.Decode(n.Value, &p); err != nil {
			return err
		}
		for _, d := range p.Due() {
			r.records.put(dueKey(d), present)
		}
	}
	if id, number, ok := contract.SplitShareKey(n.Key); ok {
		var s contract.ShareLeaf
		if err := contract.Decode(n.Value, &s); err != nil {
			return err
		}
		r.open.share = n.Value
		for _, d := range s.Due(id, number) {
			r.records.put(dueKey(d), present)
		}
	}
	return r.close()
}

// close ends a history that is complete.
func (r *snapshotReader) close() error {
	o := r.open
	switch {
	case o.have.Count < o.want.Count:
		return nil
	case o.have.Head != o.want.Head:
		return fmt.Errorf("snapshot: the entries of %q do not fold to its head", o.key)
	}
	r.open = nil
	return nil
}

func (r *snapshotReader) entry(b []byte) error {
	if r.open == nil {
		return errors.New("snapshot: an entry of no history")
	}
	var e contract.Entry
	if err := contract.Decode(b, &e); err != nil {
		return err
	}
	have := &r.open.have
	if e.Seq != have.Count || e.Height > r.height {
		return fmt.Errorf("snapshot: entry %d of block %d in the place of entry %d of %q", e.Seq, e.Height, have.Count,
			r.open.key)
	}
	*have = have.With(b)
	r.records.put(entryKey(r.open.key, e.Seq), b)
	if e.Seq == 0 && r.open.share != nil {
		if id, c, ok := r.records.addClaim(r.open.key, r.open.share, b); ok {
			r.records.addClaimer(id, c.Claimer, c.Share)
		}
	}
	if e.Beacon != nil {
		if err := r.checkDraw(&e); err != nil {
			return err
		}
	}
	if e.TellsTxAt(r.open.key) {
		r.tx = &e
	}
	return r.close()
}

// checkDraw compares the beacon that an entry names with the one that was read.
func (r *snapshotReader) checkDraw(e *contract.Entry) error {
	b, err := r.to.Record(beaconKey(e.Height - 1))
	if err != nil {
		return err
	}
	var beacon contract.Beacon
	if b != nil {
		err = contract.Decode(b, &beacon)
	}
	if b == nil || err != nil || beacon.Hash() != *e.Beacon {
		return errors.Join(fmt.Errorf("snapshot: no beacon of the draws in block %d", e.Height), err)
	}
	r.drawn.add(e.Height - 1)
	return nil
}

func (r *snapshotReader) wire(b []byte) error {
	e := r.tx
	if e == nil {
		return errors.New("snapshot: a tx of no entry")
	}
	if contract.TxHash(b) != *e.Tx {
		return fmt.Errorf("snapshot: another tx in the place of %s", *e.Tx)
	}
	tx, err := contract.ReadTx(b)
	if err != nil {
		return err
	}
	r.tx = nil
	r.records.addTx(contract.Env{Chain: r.chain, Height: e.Height, Time: e.Time}, e.Index, tx, b, nil)
	return nil
}

// finish ends the stream: it must be whole, and its tree's root be root.
func (r *snapshotReader) finish(time contract.Time, root []byte) error {
	switch {
	case len(r.rest) > 0 || r.open != nil || r.tx != nil:
		return errors.New("snapshot: it ends in the middle")
	case r.drawn.size != r.beacons:
		return fmt.Errorf("snapshot: %d beacons, and draws with %d", r.beacons, r.drawn.size)
	}
	if err := r.to.Put(store.Record{Key: chainRecord, Value: []byte(r.chain)}); err != nil {
		return err
	}
	return r.to.Finish(int64(time), root)
}

// heightSet is a set of heights, at a bit each.
type heightSet struct {
	words []uint64
	size  int
}

func (s *heightSet) add(height int64) {
	word, bit := int(height/64), uint64(1)<<(height%64)
	if word >= len(s.words) {
		s.words = append(s.words, make([]uint64, word+1-len(s.words))...)
	}
	if s.words[word]&bit == 0 {
		s.words[word] |= bit
		s.size++
	}
}
