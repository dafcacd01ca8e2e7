package contract

import (
	"bytes"
	"math"
	"slices"
	"testing"
)

// A path is read and written as the library reads and writes the same array.
func FuzzPath(f *testing.F) {
	whole := Path{}
	for _, sum := range []Amount{0, 23, 24, math.MaxUint8, math.MaxUint8 + 1, math.MaxUint16, math.MaxUint16 + 1,
		math.MaxUint32, math.MaxUint32 + 1, MaxAmount, math.MaxUint64} {
		whole = append(whole, Subtree{Hash: Hash{0: byte(sum), 31: 7}, Sum: sum})
		f.Add(Encode(whole))
	}
	for n := range 30 {
		f.Add(Encode(make(Path, n)))
	}
	long := Encode(make(Path, maxElements+1))
	for _, b := range [][]byte{Encode(make(Path, math.MaxUint8+1)), long, long[:len(long)-1], nil, {0x9f, 0xff},
		{0xf6}, {0x81, 0x82, 0x40, 0}, {0x81, 0x82, 0x58, 32}, {0x98, 1, 0x82},
		{0x9b, 255, 255, 255, 255, 255, 255, 255, 255}} {
		f.Add(b)
	}
	step := Encode(Path{{Sum: 5}})
	for i := range step { // each byte otherwise, and more or fewer of them
		f.Add(slices.Concat(step[:i], step[i+1:]))
		f.Add(slices.Concat(step[:i], []byte{0}, step[i:]))
		for _, by := range []byte{1, 2, 4, 8, 16, 32, 64, 128} {
			bad := bytes.Clone(step)
			bad[i] ^= by
			f.Add(bad)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var got Path
		var want []Subtree
		err, wrong := Decode(b, &got), Decode(b, &want)
		if (err == nil) != (wrong == nil) || err == nil && !slices.Equal(got, want) {
			t.Fatalf("%x is read as %v, %v; the library reads %v, %v", b, got, err, want, wrong)
		}
		if wrong == nil && !bytes.Equal(Encode(Path(want)), Encode(want)) {
			t.Fatalf("%v is written as %x; the library writes %x", want, Encode(Path(want)), Encode(want))
		}
	})
}
