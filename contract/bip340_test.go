package contract

import (
	"encoding/csv"
	"encoding/hex"
	"os"
	"testing"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/schnorr"
)

// byLibrary is the verdict of btcec's own verification.
func byLibrary(key [32]byte, digest Hash, sig Signature) bool {
	p, err := schnorr.ParsePubKey(key[:])
	if err != nil {
		return false
	}
	s, err := schnorr.ParseSignature(sig[:])
	return err == nil && s.Verify(digest[:], p)
}

func bip340Vectors(t testing.TB) (rows [][3][]byte, good []bool) {
	f, err := os.Open("testdata/bip-0340.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines[1:] {
		var row [3][]byte
		for i := range row {
			if row[i], err = hex.DecodeString(l[i]); err != nil {
				t.Fatal(err)
			}
		}
		rows, good = append(rows, row), append(good, l[3] == "true")
	}
	return rows, good
}

func TestBIP340Vectors(t *testing.T) {
	rows, good := bip340Vectors(t)
	for i, r := range rows {
		if got := (Schnorr{}).Verify([32]byte(r[0]), Hash(r[1]), Signature(r[2])); got != good[i] {
			t.Errorf("vector %d: %t, should be %t", i, got, good[i])
		}
	}
	if len(rows) < 14 {
		t.Errorf("%d vectors", len(rows))
	}
}

// Verify has the verdict of btcec's own, for whatever is signed and however the signature
// was altered: by a byte, by its number's complement, by the key's.
func FuzzSignature(f *testing.F) {
	rows, _ := bip340Vectors(f)
	for _, r := range rows {
		f.Add(r[0], r[1], r[2], uint8(0), uint8(0))
	}
	f.Add(make([]byte, 32), make([]byte, 32), []byte{}, uint8(200), uint8(1))
	f.Fuzz(func(t *testing.T, key, digest, sig []byte, at, by uint8) {
		var k [32]byte
		var d Hash
		var s Signature
		copy(k[:], key)
		copy(d[:], digest)
		copy(s[:], sig)
		if at >= 128 { // key is a secret: sign with it
			if secret, public := btcec.PrivKeyFromBytes(k[:]); !secret.Key.IsZero() {
				signed, err := schnorr.Sign(secret, d[:])
				if err != nil {
					t.Fatal(err)
				}
				k, s = [32]byte(schnorr.SerializePubKey(public)), Signature(signed.Serialize())
				if by == 0 && !(Schnorr{}).Verify(k, d, s) {
					t.Fatalf("refused what %x signed", k)
				}
			}
		}
		s[at%64] ^= by
		if got, want := (Schnorr{}).Verify(k, d, s), byLibrary(k, d, s); got != want {
			t.Fatalf("key %x, digest %x, signature %x: %t, and btcec says %t", k, d, s, got, want)
		}
	})
}

// BenchmarkVerify compares a verification with btcec's own, with a key that is parsed
// each time, and with one that is kept.
func BenchmarkVerify(b *testing.B) {
	rows, good := bip340Vectors(b)
	if !good[1] {
		b.Fatal("the second vector is good")
	}
	key, digest, sig := [32]byte(rows[1][0]), Hash(rows[1][1]), Signature(rows[1][2])
	kept, _ := ParseKey(key)
	for _, way := range []struct {
		desc   string
		verify func() bool
	}{
		{"btcec", func() bool { return byLibrary(key, digest, sig) }},
		{"parsed", func() bool { return Schnorr{}.Verify(key, digest, sig) }},
		{"kept", func() bool { return kept.Verify(digest, sig) }},
	} {
		b.Run(way.desc, func(b *testing.B) {
			for b.Loop() {
				if !way.verify() {
					b.Fatal("refused")
				}
			}
		})
	}
}
