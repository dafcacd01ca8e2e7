package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"hongbao/contract"

	cmttypes "github.com/cometbft/cometbft/types"
)

// FileFormat is the first field of a proof file.
const FileFormat = "hongbao-proof/1"

// Kind is what a proof file proves.
type Kind string

// KindPacket proves a packet's whole life up to a height.
const KindPacket Kind = "packet"

const (
	maxFileBytes   = 2 << 20                      // the longest life, of 100 shares each asked for and returned, is about 400 kB
	maxPacketTxs   = 6 + 4*contract.MaxShares     // send, recall, 4 tightenings; of each share a claim, an ask, an answer, a return
	maxEntries     = 7 + 6*contract.MaxShares     // the same, a lapse where there is no answer; draws, settlements, and the end of a recall that waited for draws
	maxBeacons     = contract.MaxShares           // each drew at least one share
	maxHeaderBytes = 64 << 10                     // 250 validators' signatures are 28 KiB
	maxLeafBytes   = contract.MaxTxBytes + 32<<10 // terms no longer than their tx, 4 tightenings of 4 kB, 100 shares of 70 bytes
	maxProofBytes  = maxLeafBytes + 16<<10        // the leaf again, and 128 steps
	maxEntryBytes  = 1 << 10                      // an entry is at most 300 bytes
	maxBeaconBytes = 1 << 8                       // a beacon is at most 150
)

// File is a proof file. Its form is JSON with these fields in this order,
// beacons only where there are any, spelt as Encode does; byte strings are
// standard base64 with padding.
type File struct {
	Format       string   `json:"format"`        // FileFormat
	ChainID      string   `json:"chain_id"`      // the chain it speaks of
	Kind         Kind     `json:"kind"`          // what it proves
	Subject      string   `json:"subject"`       // of what: for KindPacket the packet's id, rp1…
	Height       int64    `json:"height"`        // the state after this block; the header is the next one's
	SignedHeader []byte   `json:"signed_header"` // CometBFT SignedHeader of Height+1, protobuf
	Leaf         []byte   `json:"leaf"`          // the subject's leaf value
	LeafProof    []byte   `json:"leaf_proof"`    // ics23.CommitmentProof of existence, protobuf
	Entries      [][]byte `json:"entries"`       // the leaf's history, from seq 0
	Txs          [][]byte `json:"txs"`           // signed wire txs, each once, in the order the entries name them

	// What the shares of a lucky packet were drawn with: contract.Beacon, each
	// once, in the order the entries name them.
	Beacons [][]byte `json:"beacons,omitempty"`
}

// BuildPacket makes the proof of a packet's life after block height from what
// a node answers: the signed header of block height+1, the packet's leaf with
// its ICS-23 proof (the data of the one proof op), its entries from seq 0,
// the txs of [TxHashes], and the beacons of [BeaconHeights]. It copies nothing
// and checks nothing but the header's presence: have the result judged by
// [Verify].
func BuildPacket(id contract.PacketID, header *cmttypes.SignedHeader, leaf, leafProof []byte, entries, txs, beacons [][]byte) (*File, error) {
	if header == nil || header.Header == nil || header.Commit == nil {
		return nil, errors.New("proof: no signed header")
	}
	signed, err := header.ToProto().Marshal()
	if err != nil {
		return nil, fmt.Errorf("proof: header %d: %w", header.Height, err)
	}
	return &File{
		Format: FileFormat, ChainID: header.ChainID, Kind: KindPacket, Subject: id.String(),
		Height: header.Height - 1, SignedHeader: signed,
		Leaf: leaf, LeafProof: leafProof, Entries: entries, Txs: txs, Beacons: beacons,
	}, nil
}

// TxHashes lists the txs that entries name, each once, in order of first use.
func TxHashes(entries [][]byte) ([]contract.Hash, error) {
	return named(entries, func(e *contract.Entry) (hash contract.Hash, ok bool) {
		if e.Tx == nil {
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
	if err == nil && len(b) > maxFileBytes {
		err = fmt.Errorf("proof of %d bytes: at most %d", len(b), maxFileBytes)
	}
	return b, err
}

// Decode reads a proof file's form: its JSON, in the one spelling that Encode
// gives, and its bounds. What it says is judged by [Verify] alone.
func Decode(b []byte) (*File, error) {
	if len(b) > maxFileBytes {
		return nil, fmt.Errorf("proof of %d bytes: at most %d", len(b), maxFileBytes)
	}
	f := new(File)
	if err := json.Unmarshal(b, f); err != nil {
		return nil, fmt.Errorf("not a proof file: %v", err)
	}
	// Go's decoder accepts unknown and repeated fields, any case, any white
	// space and several spellings of strings. Writing it again leaves one.
	again, err := encodeJSON(f)
	if err != nil || !bytes.Equal(again, b) {
		return nil, errors.New("not spelt as a proof file is: a byte was added, lost or changed")
	}
	return f, f.check()
}

// check bounds what the verifier looks at.
func (f *File) check() error {
	switch {
	case f.Format != FileFormat:
		return fmt.Errorf("format is %q, expected %q", f.Format, FileFormat)
	case f.Kind != KindPacket:
		return fmt.Errorf("kind %q: unknown to this version", f.Kind)
	case !plainChainID(f.ChainID):
		return fmt.Errorf("chain id %q: must be 1 to %d of A-Z a-z 0-9 . _ -", f.ChainID, maxChainIDBytes)
	case f.Height < 1:
		return fmt.Errorf("height %d: heights start at 1", f.Height)
	case len(f.SignedHeader) > maxHeaderBytes:
		return fmt.Errorf("signed header of %d bytes: at most %d", len(f.SignedHeader), maxHeaderBytes)
	case len(f.Leaf) > maxLeafBytes || len(f.LeafProof) > maxProofBytes:
		return fmt.Errorf("leaf and proof of %d and %d bytes: at most %d and %d", len(f.Leaf), len(f.LeafProof), maxLeafBytes, maxProofBytes)
	case len(f.Entries) == 0 || len(f.Entries) > maxEntries:
		return fmt.Errorf("%d entries: must be 1 to %d", len(f.Entries), maxEntries)
	case len(f.Txs) == 0 || len(f.Txs) > maxPacketTxs:
		return fmt.Errorf("%d transactions: must be 1 to %d", len(f.Txs), maxPacketTxs)
	case len(f.Beacons) > maxBeacons:
		return fmt.Errorf("%d beacons: at most %d", len(f.Beacons), maxBeacons)
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
