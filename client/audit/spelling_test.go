package audit

import (
	"bytes"
	"runtime"
	"strings"
	"testing"
)

// A proof file has one spelling: what another reader of JSON would take for
// the same is refused.
func TestSpellings(t *testing.T) {
	good := string(encode(t, tellRecalled(t)))
	replace := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("no %q in the file", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	for desc, bad := range map[string]string{
		"empty":                    "",
		"null":                     "null\n",
		"a list":                   "[]\n",
		"an empty object":          "{}\n",
		"cut short":                good[:len(good)/2],
		"without its last newline": strings.TrimSuffix(good, "\n"),
		"a byte behind":            good + " ",
		"a second object behind":   good + good,
		"a byte before":            " " + good,
		"a byte order mark":        "\ufeff" + good,
		"windows line ends":        strings.ReplaceAll(good, "\n", "\r\n"),
		"white space inside":       replace(`"kind": `, `"kind":  `),
		"an unknown field":         replace(`  "kind"`, "  \"note\": 1,\n  \"kind\""),
		"a field twice": replace(`  "kind": "packet",`,
			"  \"kind\": \"packet\",\n  \"kind\": \"packet\","),
		"a field's name in capitals": replace(`"kind"`, `"Kind"`),
		"a field's name escaped":     replace(`"kind"`, `"\u006bind"`),
		"a value escaped":            replace(`"packet"`, `"\u0070acket"`),
		"a slash escaped":            replace(`/1"`, `\/1"`),
		"a field missing":            replace("  \"kind\": \"packet\",\n", ""),
		"fields in another order":    replace("  \"kind\": \"packet\",\n  \"subject\"", "  \"subject\""),
		"another format":             replace("hongbao-proof/1", "hongbao-proof/2"),
		"another kind":               replace(`"packet"`, `"supply"`),
		"a height as text":           replace(`"height": 4`, `"height": "4"`),
		"a height with a point":      replace(`"height": 4`, `"height": 4.0`),
		"a height with an exponent":  replace(`"height": 4`, `"height": 4e0`),
		"a height of zero":           replace(`"height": 4`, `"height": 0`),
		"a height beyond 64 bits":    replace(`"height": 4`, `"height": 18446744073709551616`),
		"base64 with a line break":   replace(`"leaf_proof": "`, `"leaf_proof": "\n`),
		"base64 without padding":     strings.Replace(good, `="`, `"`, 1),
		"base64 for the web":         strings.ReplaceAll(good, "+", "-"),
		"no entries": good[:strings.Index(good, `"entries"`)] + "\"entries\": [],\n" +
			good[strings.Index(good, `  "txs"`):],
		"entries null": good[:strings.Index(good, `"entries"`)] + "\"entries\": null,\n" +
			good[strings.Index(good, `  "txs"`):],
		"no beacons, said twice":        strings.Replace(good, "  ]\n}", "  ],\n  \"beacons\": []\n}", 1),
		"beacons null":                  strings.Replace(good, "  ]\n}", "  ],\n  \"beacons\": null\n}", 1),
		"deep nesting":                  strings.Repeat("[", 1<<20),
		"two megabytes":                 good + strings.Repeat(" ", MaxFileBytes),
		"a chain id that is not plain":  strings.ReplaceAll(good, `"`+testChain+`"`, `"hongbao test"`),
		"a chain id that ends the line": strings.ReplaceAll(good, `"`+testChain+`"`, `"hongbao\n"`),
	} {
		t.Run(desc, func(t *testing.T) { refused(t, []byte(bad), "file", "") })
	}
}

// The unused bits at the end of base64 cannot hide anything either.
func TestBase64HasOneSpelling(t *testing.T) {
	good := encode(t, tellRecalled(t))
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	tried := 0
	for i := bytes.IndexByte(good, '='); i >= 0; {
		last := i - 1
		bad := bytes.Clone(good)
		bad[last] = digits[strings.IndexByte(digits, good[last])|1]
		if bad[last] != good[last] {
			refused(t, bad, "file", "")
			tried++
		}
		next := bytes.IndexByte(good[i+2:], '=')
		if next < 0 {
			break
		}
		i += 2 + next
	}
	if tried < 5 {
		t.Errorf("only %d places tried", tried)
	}
}

// Bounds hold before anything is looked at.
func TestBounds(t *testing.T) {
	big := func(n int) [][]byte { return make([][]byte, n) }
	for desc, spoil := range map[string]func(*File){
		"too many entries":      func(f *File) { f.Entries = big(maxPacketEntries + 1) },
		"too many transactions": func(f *File) { f.Txs = big(maxPacketTxs + 1) },
		"too many beacons":      func(f *File) { f.Beacons = big(maxBeacons + 1) },
		"a vast beacon":         func(f *File) { f.Beacons = [][]byte{make([]byte, maxBeaconBytes+1)} },
		"no transactions":       func(f *File) { f.Txs = nil },
		"a vast entry":          func(f *File) { f.Entries[0] = make([]byte, maxEntryBytes+1) },
		"a vast header":         func(f *File) { f.SignedHeader = make([]byte, maxHeaderBytes+1) },
		"a vast proof":          func(f *File) { f.LeafProof = make([]byte, maxProofBytes+1) },
	} {
		f := tellRecalled(t)
		spoil(f)
		t.Run(desc, func(t *testing.T) { refused(t, encode(t, f), "file", "") })
	}
	f := tellRecalled(t)
	f.LeafProof = make([]byte, MaxFileBytes)
	if _, err := f.Encode(); err == nil {
		t.Error("a file that nobody would read can be written")
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
