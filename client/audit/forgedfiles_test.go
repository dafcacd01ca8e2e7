package audit

import (
	"strconv"
	"strings"
	"testing"
)

// forgedSpellings are what other readers of JSON or base64 would take for the
// same, and what is beyond the bounds: a proof file has one spelling.
func forgedSpellings(t testing.TB) []forged {
	good := string(encode(t, tellRecalled(t)))
	replace := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("no %q in the file", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	entries, txs := strings.Index(good, `"entries"`), strings.Index(good, `  "txs"`)
	spoilt := func(spoil func(*File)) string {
		f := tellRecalled(t)
		spoil(f)
		return string(encode(t, f))
	}
	big := func(n int) [][]byte { return make([][]byte, n) }
	list := []forged{{desc: "as it is", file: ready(good)}}
	for _, c := range []struct{ desc, bad string }{
		{"empty", ""},
		{"null", "null\n"},
		{"a list", "[]\n"},
		{"an empty object", "{}\n"},
		{"cut short", good[:len(good)/2]},
		{"without its last newline", strings.TrimSuffix(good, "\n")},
		{"a byte behind", good + " "},
		{"a second object behind", good + good},
		{"a byte before", " " + good},
		{"a byte order mark", "\ufeff" + good},
		{"windows line ends", strings.ReplaceAll(good, "\n", "\r\n")},
		{"white space inside", replace(`"kind": `, `"kind":  `)},
		{"an unknown field", replace(`  "kind"`, "  \"note\": 1,\n  \"kind\"")},
		{"a field twice", replace(`  "kind": "packet",`, "  \"kind\": \"packet\",\n  \"kind\": \"packet\",")},
		{"a field's name in capitals", replace(`"kind"`, `"Kind"`)},
		{"a field's name escaped", replace(`"kind"`, `"\u006bind"`)},
		{"a value escaped", replace(`"packet"`, `"\u0070acket"`)},
		{"a slash escaped", replace(`/1"`, `\/1"`)},
		{"a field missing", replace("  \"kind\": \"packet\",\n", "")},
		{"fields in another order", replace("  \"kind\": \"packet\",\n  \"subject\"", "  \"subject\"")},
		{"another format", replace("hongbao-proof/1", "hongbao-proof/2")},
		{"another kind", replace(`"packet"`, `"supply"`)},
		{"a height as text", replace(`"height": 4`, `"height": "4"`)},
		{"a height with a point", replace(`"height": 4`, `"height": 4.0`)},
		{"a height with an exponent", replace(`"height": 4`, `"height": 4e0`)},
		{"a height of zero", replace(`"height": 4`, `"height": 0`)},
		{"a height of minus zero", replace(`"height": 4`, `"height": -0`)},
		{"a height beyond 64 bits", replace(`"height": 4`, `"height": 18446744073709551616`)},
		{"base64 with a line break", replace(`"leaf_proof": "`, `"leaf_proof": "\n`)},
		{"base64 without padding", strings.Replace(good, `="`, `"`, 1)},
		{"base64 for the web", strings.ReplaceAll(good, "+", "-")},
		{"no entries", good[:entries] + "\"entries\": [],\n" + good[txs:]},
		{"entries null", good[:entries] + "\"entries\": null,\n" + good[txs:]},
		{"no beacons, said twice", strings.Replace(good, "  ]\n}", "  ],\n  \"beacons\": []\n}", 1)},
		{"beacons null", strings.Replace(good, "  ]\n}", "  ],\n  \"beacons\": null\n}", 1)},
		{"deep nesting", strings.Repeat("[", 1<<20)},
		{"beyond 16 MiB", good + strings.Repeat(" ", MaxFileBytes)},
		{"a chain id that is not plain", strings.ReplaceAll(good, `"`+testChain+`"`, `"hongbao test"`)},
		{"a chain id that ends the line", strings.ReplaceAll(good, `"`+testChain+`"`, `"hongbao\n"`)},
		{"a chain id that is not UTF-8", strings.ReplaceAll(good, testChain, testChain[:20]+"\xff")},

		{"too many entries", spoilt(func(f *File) { f.Entries = big(maxPacketEntries + 1) })},
		{"too many transactions", spoilt(func(f *File) { f.Txs = big(maxPacketTxs + 1) })},
		{"too many beacons", spoilt(func(f *File) { f.Beacons = big(maxBeacons + 1) })},
		{"a vast beacon", spoilt(func(f *File) { f.Beacons = [][]byte{make([]byte, maxBeaconBytes+1)} })},
		{"no transactions", spoilt(func(f *File) { f.Txs = nil })},
		{"a vast entry", spoilt(func(f *File) { f.Entries[0] = make([]byte, maxEntryBytes+1) })},
		{"a vast header", spoilt(func(f *File) { f.SignedHeader = make([]byte, maxHeaderBytes+1) })},
		{"a vast proof", spoilt(func(f *File) { f.LeafProof = make([]byte, maxProofBytes+1) })},
	} {
		list = append(list, forged{desc: c.desc, failed: "file", file: ready(c.bad)})
	}
	list = append(list, forged{desc: "the greatest height that can be written", failed: "header",
		file: ready(replace(`"height": 4`, `"height": 9223372036854775807`))})
	return append(list, hiddenBits(good)...)
}

// hiddenBits are set where base64 has bits to spare, at the end of each part.
func hiddenBits(good string) (list []forged) {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for i, line := range strings.SplitAfter(good, "\n") {
		end := strings.IndexByte(line, '=')
		if end < 0 {
			continue
		}
		bad := []byte(line)
		bad[end-1] = digits[strings.IndexByte(digits, bad[end-1])|1]
		list = append(list, forged{desc: "base64 with a bit to spare in line " + strconv.Itoa(i+1), failed: "file",
			file: ready(strings.Replace(good, line, string(bad), 1))})
	}
	return list
}

// ready is a file that is made already.
func ready(file string) func(testing.TB) []byte {
	return func(testing.TB) []byte { return []byte(file) }
}

// forgedTrust are trust files that are none, and the spellings that are free.
func forgedTrust(t testing.TB) (list []forged) {
	trust := newValidators(10, 10, 10, 10).trust()
	trust.Arbiters = []TrustArbiter{{"lin", address("lin")}}
	good := writeTrust(t, trust)
	replace := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("no %q in the trust file", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	key := `"` + strings.Split(strings.Split(good, `"pub_key": "`)[1], `"`)[0] + `"`
	second := `"` + strings.Split(strings.Split(good, `"pub_key": "`)[2], `"`)[0] + `"`
	validators, arbiters := strings.Index(good, `"validators"`), strings.Index(good, `"arbiters"`)
	proof := func(t testing.TB) []byte { return encode(t, kindStory("supply").tell(t)) }
	for _, c := range []struct {
		desc, file string
		verdict    Verdict
	}{
		{"the chain's", good, Valid},
		{"on one line", strings.Join(strings.Fields(good), ""), Valid},
		{"with line feeds behind", good + "\n\n", Valid},
		{"with tabs", strings.ReplaceAll(good, "  ", "\t"), Valid},
		{"with windows line ends", strings.ReplaceAll(good, "\n", "\r\n"), Valid},
		{"with a name in Chinese, and what HTML escapes", replace(`"name": ""`, `"name": "一号 <one> & only"`), Valid},
		{"with a quote and a backslash in a name", replace(`"name": ""`, `"name": "\"\\"`), Valid},

		{"nothing", "", refused},
		{"null", "null", refused},
		{"an empty object", "{}", refused},
		{"a byte order mark", "\ufeff" + good, refused},
		{"an unknown field", replace(`"dev"`, `"note": 1, "dev"`), refused},
		{"a field twice", replace(`"dev": true`, `"dev": true, "dev": true`), refused},
		{"a field twice, of which the last is right", replace(`"dev": true`, `"dev": false, "dev": true`), refused},
		{"a validator's field twice", replace(`"power": 10`, `"power": 10, "power": 10`), refused},
		{"a field in capitals", replace(`"dev"`, `"Dev"`), refused},
		{"a field by an escape", replace(`"dev"`, `"\u0064ev"`), refused},
		{"a field missing", replace(",\n  \"dev\": true", ""), refused},
		{"a prototype", replace(`"dev"`, `"__proto__": {}, "dev"`), refused},
		{"bytes behind", good + "x", refused},
		{"an object behind", good + good, refused},
		{"a comma behind the last", replace(`true`, `true,`), refused},
		{"a comment", good + "// a comment\n", refused},
		{"white space that JSON does not know", good + "\u00a0", refused},
		{"a form feed", good + "\f", refused},
		{"a zero byte behind", good + "\x00", refused},
		{"deep nesting", strings.Repeat("[", 100_000), refused},
		{"deep nesting in a field", replace("true", strings.Repeat("[", 50_000)+strings.Repeat("]", 50_000)), refused},
		{"another format", replace("trust/1", "trust/2"), refused},
		{"a slash escaped", replace("trust/1", `trust\/1`), refused},
		{"a chain id with a space", replace(testChain, "hongbao test-01000000000000000000"), refused},
		{"another genesis", replace(`"genesis_hash": "01`, `"genesis_hash": "02`), refused},
		{"another end of the genesis", replace("0\",\n  \"validators", "1\",\n  \"validators"), Valid},
		{"no chain id", replace(testChain, ""), refused},
		{"a genesis hash in capitals", replace(strings.Repeat("0", 62), strings.Repeat("A", 62)), refused},
		{"a zero genesis hash", replace(`"01`, `"00`), refused},
		{"a short public key", replace(key, `"AAAA"`), refused},
		{"a public key as a list", replace(key, "[1]"), refused},
		{"a public key that is null", replace(key, "null"), refused},
		{"a public key with a line end in it", replace(key, key[:9]+`\n`+key[9:]), refused},
		{"a validator twice", replace(key, second), refused},
		{"a power of zero", replace(`"power": 10`, `"power": 0`), refused},
		{"a power of minus zero", replace(`"power": 10`, `"power": -0`), refused},
		{"a negative power", replace(`"power": 10`, `"power": -5`), refused},
		{"a power with a point", replace(`"power": 10`, `"power": 10.0`), refused},
		{"a power with an exponent", replace(`"power": 10`, `"power": 1e1`), refused},
		{"a power as text", replace(`"power": 10`, `"power": "10"`), refused},
		{"a power with a zero before", replace(`"power": 10`, `"power": 010`), refused},
		{"powers that overflow", replace(`"power": 10`, `"power": 1152921504606846975`), refused},
		{"a power beyond 64 bits", replace(`"power": 10`, `"power": 18446744073709551626`), refused},
		{"a VRF key that is not hex", replace(`"vrf_key": "9`, `"vrf_key": "g`), refused},
		{"a VRF key in capitals", replace(`"vrf_key": "9a`, `"vrf_key": "9A`), refused},
		{"validators null", good[:validators] + `"validators": null, ` + good[arbiters:], refused},
		{"no validators", good[:validators] + `"validators": [], ` + good[arbiters:], refused},
		{"arbiters null", good[:arbiters] + "\"arbiters\": null,\n  \"dev\": true\n}\n", refused},
		{"a validator that is null", replace("[\n    {", "[\n    null,\n    {"), refused},
		{"dev null", replace("true", "null"), refused},
		{"dev as a number", replace("true", "1"), refused},
		{"an arbiter's broken address", replace(`"hb1`, `"hb2`), refused},
		{"an arbiter's address in capitals", replace(address("lin").String(), strings.ToUpper(address("lin").String())),
			refused},
		{"an arbiter twice", replace("\"arbiters\": [", `"arbiters": [{"name": "mei", "address": "`+
			address("lin").String()+`"},`), refused},
		{"a name that hides something", replace(`"lin"`, `"lin`+"\u202e"+`"`), refused},
		{"a name that hides something by an escape", replace(`"lin"`, `"lin\u202e"`), refused},
		{"half a character", replace(`"lin"`, `"lin\ud800"`), refused},
		{"a name that is not UTF-8", replace(`"lin"`, "\"lin\xff\""), refused},
		{"a name of 64 bytes", replace(`"lin"`, `"`+strings.Repeat("x", 64)+`"`), Valid},
		{"a name of 65 bytes", replace(`"lin"`, `"`+strings.Repeat("x", 65)+`"`), refused},
		{"256 KiB", good + strings.Repeat(" ", maxTrustBytes-len(good)), Valid},
		{"more than 256 KiB", good + strings.Repeat(" ", maxTrustBytes+1-len(good)), refused},
	} {
		if c.file == good && c.verdict == refused {
			t.Fatalf("%s: changes nothing", c.desc)
		}
		list = append(list, forged{desc: c.desc, verdict: c.verdict, file: proof, trust: []byte(c.file)})
	}
	return list
}
