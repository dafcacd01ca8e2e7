package audit

import (
	"bytes"
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
		"empty":                         "",
		"null":                          "null\n",
		"a list":                        "[]\n",
		"an empty object":               "{}\n",
		"cut short":                     good[:len(good)/2],
		"without its last newline":      strings.TrimSuffix(good, "\n"),
		"a byte behind":                 good + " ",
		"a second object behind":        good + good,
		"a byte before":                 " " + good,
		"a byte order mark":             "\ufeff" + good,
		"windows line ends":             strings.ReplaceAll(good, "\n", "\r\n"),
		"white space inside":            replace(`"kind": `, `"kind":  `),
		"an unknown field":              replace(`  "kind"`, "  \"note\": 1,\n  \"kind\""),
		"a field twice":                 replace(`  "kind": "packet",`, "  \"kind\": \"packet\",\n  \"kind\": \"packet\","),
		"a field's name in capitals":    replace(`"kind"`, `"Kind"`),
		"a field's name escaped":        replace(`"kind"`, `"\u006bind"`),
		"a value escaped":               replace(`"packet"`, `"\u0070acket"`),
		"a slash escaped":               replace(`/1"`, `\/1"`),
		"a field missing":               replace("  \"kind\": \"packet\",\n", ""),
		"fields in another order":       replace("  \"kind\": \"packet\",\n  \"subject\"", "  \"subject\""),
		"another format":                replace("hongbao-proof/1", "hongbao-proof/2"),
		"another kind":                  replace(`"packet"`, `"supply"`),
		"a height as text":              replace(`"height": 4`, `"height": "4"`),
		"a height with a point":         replace(`"height": 4`, `"height": 4.0`),
		"a height with an exponent":     replace(`"height": 4`, `"height": 4e0`),
		"a height of zero":              replace(`"height": 4`, `"height": 0`),
		"a height beyond 64 bits":       replace(`"height": 4`, `"height": 18446744073709551616`),
		"base64 with a line break":      replace(`"leaf_proof": "`, `"leaf_proof": "\n`),
		"base64 without padding":        strings.Replace(good, `="`, `"`, 1),
		"base64 for the web":            strings.ReplaceAll(good, "+", "-"),
		"no entries":                    good[:strings.Index(good, `"entries"`)] + "\"entries\": [],\n" + good[strings.Index(good, `  "txs"`):],
		"entries null":                  good[:strings.Index(good, `"entries"`)] + "\"entries\": null,\n" + good[strings.Index(good, `  "txs"`):],
		"no beacons, said twice":        strings.Replace(good, "  ]\n}", "  ],\n  \"beacons\": []\n}", 1),
		"beacons null":                  strings.Replace(good, "  ]\n}", "  ],\n  \"beacons\": null\n}", 1),
		"deep nesting":                  strings.Repeat("[", 1<<20),
		"two megabytes":                 good + strings.Repeat(" ", maxFileBytes),
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
	f.LeafProof = make([]byte, maxFileBytes)
	if _, err := f.Encode(); err == nil {
		t.Error("a file that nobody would read can be written")
	}
}
