package contract

import (
	"encoding/binary"
	"errors"
	"math"
)

// Path is the other part at each node on the way from an entry to the root.
//
// It is most of a claim's bytes. The library that encodes everything else sets a hash byte
// by byte, and took half of the time that reading such a claim took. FuzzPath compares the two.
type Path []Subtree

// Heads of CBOR items (RFC 8949, 3).
const (
	cborUint  = 0x00
	cborBytes = 0x40
	cborArray = 0x80
)

var errPath = errors.New("contract: not an array of [hash, sum]")

// MarshalCBOR writes the array of the parts.
func (p Path) MarshalCBOR() ([]byte, error) {
	b := appendHead(make([]byte, 0, 3+len(p)*(1+2+len(Hash{})+9)), cborArray, uint64(len(p)))
	for i := range p {
		b = appendHead(b, cborArray, 2)
		b = append(appendHead(b, cborBytes, uint64(len(p[i].Hash))), p[i].Hash[:]...)
		b = appendHead(b, cborUint, uint64(p[i].Sum))
	}
	return b, nil
}

// UnmarshalCBOR reads what MarshalCBOR writes, and numbers that are spelled longer, which Decode refuses.
func (p *Path) UnmarshalCBOR(b []byte) error {
	n, b, ok := cutHead(b, cborArray)
	if !ok || n > maxElements {
		return errPath
	}
	*p = make(Path, n)
	for i := range *p {
		at := &(*p)[i]
		var two, length, sum uint64
		if two, b, ok = cutHead(b, cborArray); !ok || two != 2 {
			return errPath
		}
		if length, b, ok = cutHead(b, cborBytes); !ok || length != uint64(len(at.Hash)) || uint64(len(b)) < length {
			return errPath
		}
		b = b[copy(at.Hash[:], b):]
		if sum, b, ok = cutHead(b, cborUint); !ok {
			return errPath
		}
		at.Sum = Amount(sum)
	}
	if len(b) > 0 {
		return errPath
	}
	return nil
}

// appendHead writes the head of an item in its shortest form.
func appendHead(b []byte, kind byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(b, kind|byte(n))
	case n <= math.MaxUint8:
		return append(b, kind|24, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, kind|25), uint16(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(b, kind|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, kind|27), n)
}

// cutHead reads the head of an item of this kind; false where there is none.
func cutHead(b []byte, kind byte) (n uint64, rest []byte, ok bool) {
	if len(b) == 0 || b[0]&0xe0 != kind {
		return 0, b, false
	}
	short, b := b[0]&0x1f, b[1:]
	if short < 24 {
		return uint64(short), b, true
	}
	size := 1 << (short - 24) // bytes of the number
	if short > 27 || len(b) < size {
		return 0, b, false
	}
	for _, c := range b[:size] {
		n = n<<8 | uint64(c)
	}
	return n, b[size:], true
}
