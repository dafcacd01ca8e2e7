package audit

import (
	"bytes"
	"os"
	"slices"
	"testing"
)

// Nothing but the very file is accepted: each byte of it, changed in each of
// several ways, is noticed.
func TestEveryByteCounts(t *testing.T) {
	t.Parallel()
	masks := []byte{0x01, 0x04, 0x80, 0xff}
	if testing.Short() {
		masks = masks[:1]
	}
	trust := newValidators(10, 10, 10, 10).trust()
	for _, good := range samples(t) {
		failed := map[string]int{}
		for i := range good {
			for _, mask := range masks {
				bad := bytes.Clone(good)
				bad[i] ^= mask
				r := verify(bad, trust, Options{})
				if r.Verdict != Invalid {
					t.Fatalf("byte %d (%q) ^ %#x: %s", i, good[i], mask, r.Verdict)
				}
				failed[r.Checks[len(r.Checks)-1].Name]++
			}
		}
		t.Logf("%d bytes, %d files, refused by %v", len(good), len(good)*len(masks), failed)
	}
}

// The same below the spelling: each byte of what the base64 holds.
func TestEveryInnerByteCounts(t *testing.T) {
	t.Parallel()
	trust := newValidators(10, 10, 10, 10).trust()
	for _, good := range samples(t) {
		f, err := Decode(good)
		must(t, err)
		failed, files := map[string]int{}, 0
		for _, part := range parts(f) {
			for i := range part {
				mask := byte(1) << (i % 8)
				part[i] ^= mask
				r := verify(encode(t, f), trust, Options{})
				part[i] ^= mask
				if r.Verdict != Invalid {
					t.Fatalf("byte %d of %d ^ %#x: %s", i, len(part), mask, r.Verdict)
				}
				failed[r.Checks[len(r.Checks)-1].Name]++
				files++
			}
		}
		if r := verify(encode(t, f), trust, Options{}); r.Verdict != Valid {
			t.Fatal("the file was not put back together")
		}
		t.Logf("%d files, refused by %v", files, failed)
	}
}

// samples are good files: the demo's and a lucky one, or in a hurry a small
// one with a draw in it.
func samples(t *testing.T) (files [][]byte) {
	t.Helper()
	names := []string{"recalled", "lucky", "warped"}
	if testing.Short() {
		names = []string{"lucky-owed"}
	}
	for _, name := range names {
		b, err := os.ReadFile(vectors + "/" + name + ".proof")
		must(t, err)
		files = append(files, b)
	}
	return files
}

// parts are the byte strings of a file; changing them changes the file.
func parts(f *File) [][]byte {
	return slices.Concat([][]byte{f.SignedHeader, f.LeafProof, f.ClockProof}, f.Entries, f.Txs, f.Beacons)
}
