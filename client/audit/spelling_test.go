package audit

import (
	"bytes"
	"runtime"
	"strings"
	"testing"
)

// What no verifier would read cannot be written.
func TestFileTooLargeToWrite(t *testing.T) {
	f := tellRecalled(t)
	f.LeafProof = make([]byte, MaxFileBytes)
	if _, err := f.Encode(); err == nil {
		t.Error("a file that no verifier would read can be written")
	}
}

// What is read is what Encode writes, and no more memory is taken than what a
// proof of its kind can fill, whatever the file holds.
func TestReadingIsBounded(t *testing.T) {
	start := func(kind Kind) string {
		return "{\n  \"format\": \"" + FileFormat + "\",\n  \"chain_id\": \"x\",\n  \"kind\": \"" + string(kind) +
			"\",\n  \"subject\": \"x\",\n  \"height\": 1,\n  \"signed_header\": \"\",\n"
	}
	fill := func(begin, item string) []byte {
		return []byte(begin + strings.Repeat(item, (MaxFileBytes-len(begin))/len(item)))
	}
	for _, c := range []struct {
		desc  string
		file  []byte
		bytes uint64 // allocated at most
	}{
		{"empty strings", fill(`{"entries": [`, `"",`), 64 << 10},
		{"nulls", fill(`{"entries": [`, `null,`), 64 << 10},
		{"brackets", fill("", "["), 64 << 10},
		{"empty entries of a packet, spelt well", fill(start(KindPacket)+"  \"entries\": [\n", "    \"\",\n"),
			256 << 10},
		{"small entries of a statement, spelt well", fill(start(KindAccount)+"  \"entries\": [\n", "    \"AAAA\",\n"),
			4 << 20},
		{"a tail of a share", fill(start(KindShare)+"  \"tail\": \"", "AAAA"), 64 << 10},
		{"a leaf's proof without end", fill(start(KindSupply)+"  \"leaf_proof\": \"", "AAAA"), 64 << 10},
		{"transactions of a packet",
			fill(start(KindPacket)+"  \"txs\": [\n", "    \""+strings.Repeat("A", 16<<10)+"\",\n"), 8 << 20},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Decode(c.file)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; err == nil || took > c.bytes {
			t.Errorf("%s: %d bytes for a file of %d, expected at most %d; %v", c.desc, took, len(c.file), c.bytes, err)
		}
	}
	for _, s := range kindStories {
		b := encode(t, s.tell(t))
		f, err := Decode(b)
		must(t, err)
		if !bytes.Equal(encode(t, f), b) {
			t.Errorf("%s: is read otherwise than written", s.name)
		}
	}
}
