// Package snapshot keeps snapshots of the ledger as files: a stream of bytes, cut
// into chunks, and a manifest that names the hash of each. What the bytes mean is
// the business of package app.
//
//	data/snapshots/000000002000/manifest
//	data/snapshots/000000002000/0 …
//
// A snapshot is written beside its place, and moved there when it is whole.
// Manifest and chunks depend on the state alone, not on the node that wrote them,
// so that chunks from several nodes fit together.
package snapshot

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"hongbao/contract"
)

const (
	// Format is the version of the stream's meaning. A node that does not know a
	// format refuses it, and looks for another snapshot.
	Format uint32 = 1
	// ChunkBytes is the length of every chunk but the last: little beside what a
	// node holds, and a tenth of a second of a link.
	ChunkBytes = 1 << 20
	// MaxChunks bounds a snapshot to 64 GiB, and its manifest to 2.2 MB, of the 4 MB
	// that a message about a snapshot may have.
	MaxChunks = 1 << 16
)

// The tags of the hashes.
const (
	tagChunk    = "hongbao/chunk"
	tagManifest = "hongbao/snapshot"
)

// Manifest says what a snapshot is of, and the hash of each chunk.
type Manifest struct {
	_      struct{} `cbor:",toarray"`
	Height int64
	Time   contract.Time // of that block's header
	Chunks []contract.Hash
}

// Encode is the manifest as it is sent and kept.
func (m *Manifest) Encode() []byte { return contract.Encode(m) }

// Hash names the snapshot.
func (m *Manifest) Hash() contract.Hash { return contract.TaggedHash(tagManifest, m.Encode()) }

// Read reads a manifest. It refuses one that no snapshot has.
func Read(b []byte) (*Manifest, error) {
	m := new(Manifest)
	if err := contract.Decode(b, m); err != nil {
		return nil, fmt.Errorf("snapshot: manifest: %w", err)
	}
	if m.Height < 1 || m.Time < 0 || len(m.Chunks) == 0 || len(m.Chunks) > MaxChunks {
		return nil, fmt.Errorf("snapshot: manifest of block %d with %d chunks: out of range", m.Height, len(m.Chunks))
	}
	return m, nil
}

// CheckChunk refuses bytes that are not chunk index.
func (m *Manifest) CheckChunk(index uint32, chunk []byte) error {
	last := int(index) == len(m.Chunks)-1
	switch {
	case int(index) >= len(m.Chunks):
		return fmt.Errorf("snapshot of block %d: has no chunk %d", m.Height, index)
	case len(chunk) != ChunkBytes && !(last && len(chunk) > 0 && len(chunk) < ChunkBytes):
		return fmt.Errorf("snapshot of block %d: chunk %d has %d bytes", m.Height, index, len(chunk))
	case hashChunk(chunk) != m.Chunks[index]:
		return fmt.Errorf("snapshot of block %d: chunk %d has another hash", m.Height, index)
	}
	return nil
}

func hashChunk(chunk []byte) contract.Hash { return contract.TaggedHash(tagChunk, chunk) }

// Dir is a folder of snapshots. It need not be there before the first is written.
type Dir string

const (
	manifestFile = "manifest"
	unfinished   = ".writing" // the name of a snapshot that is not whole
	dirPerm      = 0o700
	filePerm     = 0o600
)

func (d Dir) of(height int64) string { return filepath.Join(string(d), fmt.Sprintf("%012d", height)) }

// Heights are the blocks that there are snapshots of, the newest first.
func (d Dir) Heights() (list []int64, err error) {
	entries, err := os.ReadDir(string(d))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		if h, err := strconv.ParseInt(e.Name(), 10, 64); err == nil && filepath.Base(d.of(h)) == e.Name() {
			list = append(list, h)
		}
	}
	slices.Reverse(list) // ReadDir sorts by name
	return list, err
}

// Manifest reads that of a snapshot.
func (d Dir) Manifest(height int64) (*Manifest, error) {
	b, err := os.ReadFile(filepath.Join(d.of(height), manifestFile))
	if err != nil {
		return nil, err
	}
	m, err := Read(b)
	if err == nil && m.Height != height {
		err = fmt.Errorf("snapshot: the manifest of block %d is of block %d", height, m.Height)
	}
	return m, err
}

// Chunk reads a chunk, and refuses one that the disk has damaged: who sends such a
// one is taken for a liar.
func (d Dir) Chunk(height int64, index uint32) ([]byte, error) {
	m, err := d.Manifest(height)
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(filepath.Join(d.of(height), strconv.FormatUint(uint64(index), 10)))
	if err != nil {
		return nil, err
	}
	return b, m.CheckChunk(index, b)
}

// Keep deletes all but the newest n snapshots.
func (d Dir) Keep(n int) error {
	list, err := d.Heights()
	for _, h := range list[min(n, len(list)):] {
		err = errors.Join(err, os.RemoveAll(d.of(h)))
	}
	return err
}

// Writer writes one snapshot. Its bytes go through Write; then Finish or Abort.
type Writer struct {
	dir   Dir
	work  string
	m     Manifest
	chunk []byte
}

// Create begins a snapshot, of which a folder can have one at a time.
func (d Dir) Create(height int64, time contract.Time) (*Writer, error) {
	w := &Writer{dir: d, work: filepath.Join(string(d), unfinished), m: Manifest{Height: height, Time: time},
		chunk: make([]byte, 0, ChunkBytes)}
	if err := os.RemoveAll(w.work); err != nil {
		return nil, err
	}
	return w, os.MkdirAll(w.work, dirPerm)
}

// Write takes the next bytes.
func (w *Writer) Write(b []byte) (n int, err error) {
	for len(b) > 0 {
		take := min(len(b), ChunkBytes-len(w.chunk))
		w.chunk = append(w.chunk, b[:take]...)
		b, n = b[take:], n+take
		if len(w.chunk) == ChunkBytes {
			if err := w.cut(); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

func (w *Writer) cut() error {
	index := len(w.m.Chunks)
	if index == MaxChunks {
		return fmt.Errorf("snapshot of block %d: longer than %d chunks", w.m.Height, MaxChunks)
	}
	w.m.Chunks = append(w.m.Chunks, hashChunk(w.chunk))
	err := os.WriteFile(filepath.Join(w.work, strconv.Itoa(index)), w.chunk, filePerm)
	w.chunk = w.chunk[:0]
	return err
}

// Finish puts the snapshot in its place. A disk that loses its chunks in a power
// cut has a snapshot that Chunk refuses.
func (w *Writer) Finish() (*Manifest, error) {
	if len(w.chunk) > 0 {
		if err := w.cut(); err != nil {
			return nil, errors.Join(err, w.Abort())
		}
	}
	err := os.WriteFile(filepath.Join(w.work, manifestFile), w.m.Encode(), filePerm)
	if err == nil {
		err = os.RemoveAll(w.dir.of(w.m.Height))
	}
	if err == nil {
		err = os.Rename(w.work, w.dir.of(w.m.Height))
	}
	if err != nil {
		return nil, errors.Join(err, w.Abort())
	}
	return &w.m, nil
}

// Abort deletes what was written.
func (w *Writer) Abort() error { return os.RemoveAll(w.work) }
