package audit

import (
	"bytes"
	"errors"
	"fmt"

	"hongbao/contract"
)

// FileFormat is the first field of a proof file.
const FileFormat = "hongbao-proof/1"

const (
	// MaxFileBytes is what a proof file has at most.
	MaxFileBytes   = 16 << 20 // a statement of MaxStatement entries is about 11 MB
	maxHeaderBytes = 64 << 10 // 250 validators' signatures are 28 KiB
	// terms no longer than their tx, 4 tightenings of 4 kB, 100 shares of 70 bytes
	maxLeafBytes   = contract.MaxTxBytes + 32<<10
	maxProofBytes  = 2*maxLeafBytes + 32<<10 // one leaf and 128 steps, or both neighbours of a gap
	maxEntryBytes  = 1 << 10                 // an entry is at most 300 bytes
	maxBeaconBytes = 1 << 8                  // a beacon is at most 150
	maxListing     = 1 << 10                 // an entry of 60 bytes, and 20 parts of 46
)

// File is a proof file. Its form is JSON with these fields in this order,
// spelt as Encode does; from the leaf's proof on, a field that is zero or empty
// is left out. Byte strings are standard base64 with padding. The leaf's value
// stands in its proof and nowhere else.
type File struct {
	Format       string `json:"format"`        // FileFormat
	ChainID      string `json:"chain_id"`      // the chain it speaks of
	Kind         Kind   `json:"kind"`          // what it proves
	Subject      string `json:"subject"`       // of what, as the kind says
	Height       int64  `json:"height"`        // the state after this block; the header is the next one's
	SignedHeader []byte `json:"signed_header"` // CometBFT SignedHeader of Height+1, protobuf

	// ics23.CommitmentProof, protobuf: of the leaf's existence, or for
	// KindAbsent that there is none.
	LeafProof []byte `json:"leaf_proof,omitempty"`

	// Of a dev chain, ics23.CommitmentProof of its leaf c/clock's existence.
	ClockProof []byte `json:"clock_proof,omitempty"`

	// Where the validators are not the trust file's any more: contract.HandOver of
	// each change since, from the first one on.
	HandOvers [][]byte `json:"hand_overs,omitempty"`

	// The leaf's history, or a part of it: entries from seq From on, the head
	// that those before them fold to, and the hashes of those after them, of 32
	// bytes each. Of KindLargePacket the entries are without their packet.
	From    uint64   `json:"from,omitempty"`
	Head    []byte   `json:"head,omitempty"` // there when From is not 0
	Entries [][]byte `json:"entries,omitempty"`
	Tail    []byte   `json:"tail,omitempty"`

	// Signed wire txs, in the order in which the kind names them, and what the
	// shares of a lucky packet were drawn with: contract.Beacon, each once, in
	// the order in which the entries name them.
	Txs     [][]byte `json:"txs,omitempty"`
	Beacons [][]byte `json:"beacons,omitempty"`

	// Of KindUnclaimed, contract.Listing: the entry and its path; and ics23.CommitmentProof,
	// protobuf, that the share which it gives has no leaf.
	Listing []byte `json:"listing,omitempty"`
	Absence []byte `json:"absence_proof,omitempty"`
}

// Evidence is what a node answers, to make a proof file of.
type Evidence struct {
	Header     []byte // of the block after the state: CometBFT SignedHeader, protobuf
	LeafProof  []byte // the data of the one proof op
	ClockProof []byte // the same of c/clock, on a dev chain
	HandOvers  [][]byte
	From       uint64
	Head       []byte
	Entries    [][]byte
	Tail       []byte
	Txs        [][]byte
	Beacons    [][]byte
	Listing    []byte
	Absence    []byte // the data of the one proof op
}

// Cut shows the part from <= seq < until of a history, of which all are the
// entries: what was before stands for itself in the head, what comes after in
// hashes. chain and key are of the history's leaf.
func (e *Evidence) Cut(chain string, key []byte, all [][]byte, from, until uint64) {
	e.From, e.Head, e.Entries, e.Tail = from, nil, all[from:until], nil
	if from > 0 {
		before := contract.FirstHistory(chain, key).With(all[:from]...)
		e.Head = before.Head[:]
	}
	for _, b := range all[until:] {
		hash := contract.EntryHash(b)
		e.Tail = append(e.Tail, hash[:]...)
	}
}

// Build makes a proof file. It copies nothing, and reads of the header no more
// than its chain and height: have the result judged by [Verify]. What each kind
// needs stands at its constant.
func Build(kind Kind, subject string, e Evidence) (*File, error) {
	h, ok := parseSignedHeader(e.Header)
	if !ok {
		return nil, errors.New("proof: no signed header")
	}
	if kind == KindLargePacket {
		var err error
		if e.Entries, err = withoutPacket(e.Entries); err != nil {
			return nil, err
		}
	}
	return &File{
		Format: FileFormat, ChainID: h.chain, Kind: kind, Subject: subject, Height: h.height - 1,
		SignedHeader: e.Header, LeafProof: e.LeafProof, ClockProof: e.ClockProof, HandOvers: e.HandOvers,
		From: e.From, Head: e.Head, Entries: e.Entries, Tail: e.Tail, Txs: e.Txs, Beacons: e.Beacons,
		Listing: e.Listing, Absence: e.Absence,
	}, nil
}

// withoutPacket is entries as a file of KindLargePacket has them: without the packet's id, which
// is the subject's in each of them, and a quarter of most.
func withoutPacket(entries [][]byte) ([][]byte, error) {
	short := make([][]byte, len(entries))
	for i, b := range entries {
		var e contract.Entry
		if err := contract.Decode(b, &e); err != nil {
			return nil, fmt.Errorf("entry %d: %w", i, err)
		}
		e.Packet = nil
		short[i] = contract.Encode(&e)
	}
	return short, nil
}

// TxHashes lists the txs that entries name, each once, in order of first use. An entry
// of many claims names the last of them, which is none that a proof shows.
func TxHashes(entries [][]byte) ([]contract.Hash, error) {
	return named(entries, func(e *contract.Entry) (hash contract.Hash, ok bool) {
		if e.Tx == nil || e.Claims != nil {
			return hash, false
		}
		return *e.Tx, true
	})
}

// BeaconHeights lists the blocks whose reservations entries draw, each once,
// in order: a node keeps a beacon by the block that reserved.
func BeaconHeights(entries [][]byte) ([]int64, error) {
	return named(entries, func(e *contract.Entry) (height int64, ok bool) {
		return e.Height - 1, e.Kind == contract.KindDraw
	})
}

// named lists what entries name, each once, in order of first use.
func named[T comparable](entries [][]byte, name func(*contract.Entry) (T, bool)) (list []T, err error) {
	seen := map[T]bool{}
	for i, b := range entries {
		var e contract.Entry
		if err := contract.Decode(b, &e); err != nil {
			return nil, fmt.Errorf("entry %d: %w", i, err)
		}
		if v, ok := name(&e); ok && !seen[v] {
			seen[v] = true
			list = append(list, v)
		}
	}
	return list, nil
}

// Encode is the proof file's bytes.
func (f *File) Encode() ([]byte, error) {
	b, err := encodeJSON(f)
	if err == nil && len(b) > MaxFileBytes {
		err = fmt.Errorf("proof of %d bytes: at most %d", len(b), MaxFileBytes)
	}
	return b, err
}

// Decode reads a proof file's form: its JSON, in the one spelling that Encode
// gives, and its bounds. What it says is judged by [Verify] alone.
func Decode(b []byte) (*File, error) {
	if len(b) > MaxFileBytes {
		return nil, fmt.Errorf("proof of %d bytes: at most %d", len(b), MaxFileBytes)
	}
	f, err := parse(b)
	if err != nil {
		return nil, err
	}
	return f, f.check()
}

// check bounds what the verifier looks at.
func (f *File) check() error {
	shape, ok := shapes[f.Kind]
	switch {
	case f.Format != FileFormat:
		return fmt.Errorf("format is %q, expected %q", f.Format, FileFormat)
	case !ok:
		return fmt.Errorf("kind %q: unknown to this version", f.Kind)
	case !plainChainID(f.ChainID):
		return fmt.Errorf("chain id %q: must be 1 to %d of A-Z a-z 0-9 . _ -", f.ChainID, maxChainIDBytes)
	case f.Height < 1:
		return fmt.Errorf("height %d: heights start at 1", f.Height)
	case len(f.SignedHeader) > maxHeaderBytes:
		return fmt.Errorf("signed header of %d bytes: at most %d", len(f.SignedHeader), maxHeaderBytes)
	case len(f.Absence) > maxProofBytes || len(f.Listing) > maxListing:
		return fmt.Errorf("an entry's path and proof of absence of %d and %d bytes: at most %d and %d", len(f.Listing),
			len(f.Absence), maxListing, maxProofBytes)
	case len(f.LeafProof) > maxProofBytes || len(f.ClockProof) > maxProofBytes:
		return fmt.Errorf("leaf and clock proofs of %d and %d bytes: at most %d", len(f.LeafProof), len(f.ClockProof),
			maxProofBytes)
	}
	if err := shape.check(f); err != nil {
		return err
	}
	if n := len(bytes.Join(f.HandOvers, nil)); n > maxHandOverBytes || len(f.HandOvers) > maxHandOvers {
		return fmt.Errorf("%d hand-overs of %d bytes: at most %d of %d", len(f.HandOvers),
			n, maxHandOvers, maxHandOverBytes)
	}
	for i, e := range f.Entries {
		if len(e) > maxEntryBytes {
			return fmt.Errorf("entry %d of %d bytes: at most %d", i, len(e), maxEntryBytes)
		}
	}
	for i, b := range f.Beacons {
		if len(b) > maxBeaconBytes {
			return fmt.Errorf("beacon %d of %d bytes: at most %d", i, len(b), maxBeaconBytes)
		}
	}
	return nil
}
