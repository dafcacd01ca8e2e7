package contract

import (
	"bytes"
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/bech32"
	"pgregory.net/rapid"
)

// testKey is a deterministic key by name.
func testKey(name string) *btcec.PrivateKey {
	h := sha256.Sum256([]byte("contract test " + name))
	key, _ := btcec.PrivKeyFromBytes(h[:])
	return key
}

func testAddr(name string) Address { return AddressOf(testKey(name)) }

func TestParseAddress(t *testing.T) {
	a := testAddr("alice")
	good := a.String()
	if got, err := ParseAddress(good); err != nil || got != a || len(good) != 61 || !strings.HasPrefix(good, "hb1") {
		t.Fatalf("%q parses to %v, %v", good, got, err)
	}
	for _, row := range []struct{ desc, in string }{
		{"empty", ""},
		{"a packet id", PacketID(a).String()},
		{"capitals", strings.ToUpper(good)},
		{"mixed case", "HB1" + good[3:]},
		{"space", " " + good},
		{"a letter too many", good + "q"},
		{"a letter too few", good[:len(good)-1]},
		{"old checksum (bech32, not bech32m)", "hb1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqjrwj4g"},
		{"prefix alone", "hb1"},
		{"garbage", "hello"},
		{"very long", good + strings.Repeat("q", 9000)},
	} {
		if got, err := ParseAddress(row.in); CodeOf(err) != CodeBadAddress || got != (Address{}) {
			t.Errorf("%s: %v, %v", row.desc, got, err)
		}
	}
	for i := range good {
		for _, ch := range "q2" {
			typo := good[:i] + string(ch) + good[i+1:]
			if _, err := ParseAddress(typo); typo != good && err == nil {
				t.Errorf("mistyped at %d: %q is accepted", i, typo)
			}
		}
	}
	if _, err := ParsePacketID(good); CodeOf(err) != CodeBadAddress {
		t.Errorf("an address as a packet id: %v", err)
	}
}

func TestAddressSpellings(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a := Address(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(rt, "bytes"))
		if got, err := ParseAddress(a.String()); err != nil || got != a {
			rt.Fatalf("%s parses to %s, %v", a, got, err)
		}
		var b Address
		text, _ := a.MarshalText()
		if err := b.UnmarshalText(text); err != nil || b != a {
			rt.Fatalf("%s as text: %s, %v", a, b, err)
		}
		id := PacketID(a)
		if got, err := ParsePacketID(id.String()); err != nil || got != id {
			rt.Fatalf("%s parses to %s, %v", id, got, err)
		}
	})
}

// Text and bytes are what the library makes of them, and what is not the one
// spelling of 32 bytes it does not read.
func TestBech32mIsTheLibrarys(t *testing.T) {
	spelt := func(s string) (out [32]byte, ok bool) {
		prefix, words, version, err := bech32.DecodeGeneric(s)
		if err != nil || prefix != addressPrefix || version != bech32.VersionM || strings.ToLower(s) != s {
			return out, false
		}
		b, err := bech32.ConvertBits(words, 5, 8, false)
		if err != nil || len(b) != len(out) {
			return out, false
		}
		return [32]byte(b), true
	}
	rapid.Check(t, func(rt *rapid.T) {
		b := [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(rt, "bytes"))
		words, err := bech32.ConvertBits(b[:], 8, 5, true)
		if err != nil {
			rt.Fatal(err)
		}
		want, err := bech32.EncodeM(addressPrefix, words)
		if got := formatBech32m(addressPrefix, b); err != nil || got != want {
			rt.Fatalf("%s, the library says %s, %v", got, want, err)
		}
		words[len(words)-1] |= rapid.SampledFrom([]byte{0, 0, 1, 8, 15}).Draw(rt, "padding")
		padded, err := bech32.EncodeM(addressPrefix, words)
		if err != nil {
			rt.Fatal(err)
		}
		bent := []byte(padded)
		for range rapid.IntRange(0, 2).Draw(rt, "typos") {
			bent[rapid.IntRange(0, len(bent)-1).Draw(rt, "at")] = rapid.Byte().Draw(rt, "letter")
		}
		for _, s := range []string{want, padded, string(bent), strings.ToUpper(want), want[1:], want + "q"} {
			got, ok := readBech32m(addressPrefix, s)
			if out, right := spelt(s); ok != right || got != out {
				rt.Fatalf("%q is read as %x, %v", s, got, ok)
			}
		}
	})
}

// A prefix names all the ids that are spelt with it, and hardly any other.
func TestPacketRange(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		id := PacketID(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(rt, "id"))
		n := rapid.IntRange(minPacketPrefix, len(id.String())).Draw(rt, "length")
		first, last, err := PacketRange(id.String()[:n])
		if err != nil || bytes.Compare(first[:], id[:]) > 0 || bytes.Compare(id[:], last[:]) > 0 {
			rt.Fatalf("%q names %s to %s (%v), without %s", id.String()[:n], first, last, err, id)
		}
	})
	for _, row := range []struct{ desc, in string }{
		{"empty", ""}, {"too short", "rp1qq"}, {"an address", testAddr("alice").String()},
		{"capitals", "RP1QQQQ"}, {"a letter that bech32 lacks", "rp1qqqb"}, {"not ASCII", "rp1qqq红"},
	} {
		if _, _, err := PacketRange(row.in); CodeOf(err) != CodeBadAddress {
			t.Errorf("%s: %v", row.desc, err)
		}
	}
}

// An id depends on each of chain, sender and nonce.
func TestPacketIDs(t *testing.T) {
	a, b := testAddr("alice"), testAddr("bob")
	seen := map[PacketID]string{}
	for desc, id := range map[string]PacketID{
		"one": NewPacketID("c", a, 0), "next nonce": NewPacketID("c", a, 1), "other sender": NewPacketID("c", b, 0),
		"other chain": NewPacketID("d", a, 0),
	} {
		if other, ok := seen[id]; ok {
			t.Errorf("%s and %s have one id", desc, other)
		}
		seen[id] = desc
	}
	if (Address{}).OnCurve() || !a.OnCurve() {
		t.Error("OnCurve: zero is no key, alice's is")
	}
}
