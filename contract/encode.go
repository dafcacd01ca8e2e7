package contract

import (
	"bytes"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// Everything on the wire and in the tree is CBOR in core deterministic form
// (RFC 8949, 4.2.1): structs are arrays of their fields in order, byte arrays
// are byte strings, an absent optional is null.

// Bounds on what a decoder will look at, before any meaning is given to it.
const (
	maxNesting  = 8    // a tx nests 5 deep: tx, body, terms, clauses, clause
	maxElements = 4096 // the longest list is a block's reservations
)

var (
	canonicalEncoding = func() cbor.EncMode {
		opts := cbor.CoreDetEncOptions()
		opts.NilContainers = cbor.NilContainerAsEmpty // an empty list has one spelling
		mode, err := opts.EncMode()
		if err != nil {
			panic(err)
		}
		return mode
	}()
	strictDecoding = func() cbor.DecMode {
		mode, err := cbor.DecOptions{
			DupMapKey:         cbor.DupMapKeyEnforcedAPF,
			IndefLength:       cbor.IndefLengthForbidden,
			TagsMd:            cbor.TagsForbidden,
			MaxNestedLevels:   maxNesting,
			MaxArrayElements:  maxElements,
			MaxMapPairs:       16,
			IntDec:            cbor.IntDecConvertNone,
			UTF8:              cbor.UTF8RejectInvalid,
			ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		}.DecMode()
		if err != nil {
			panic(err)
		}
		return mode
	}()
)

// nameOf is the name of an enumeration's value n, counted from 0, and "unknown",
// which comes first, for a number that has none.
func nameOf[T ~uint8](n T, names ...string) string {
	if int(n) < len(names) {
		return names[n]
	}
	return names[0]
}

// Encode is v's canonical CBOR. It panics on a type that is not one of this
// package's: a programmer's error.
func Encode(v any) []byte {
	b, err := canonicalEncoding.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("contract: %T does not encode: %v", v, err))
	}
	return b
}

// Decode reads canonical CBOR into v, and refuses every other spelling of the
// same value: even the strictest decoder accepts some, so it encodes what it
// read and compares. Errors have CodeMalformed, CodeNotCanonical, or the code
// of a condition inside.
func Decode(b []byte, v any) error {
	if err := strictDecoding.Unmarshal(b, v); err != nil {
		if code := CodeOf(err); code != CodeMalformed {
			return err
		}
		return Errorf(CodeMalformed, "not a %T: %v", v, err)
	}
	if again, err := canonicalEncoding.Marshal(v); err != nil || !bytes.Equal(again, b) {
		return Errorf(CodeNotCanonical, "%T: not the canonical encoding", v)
	}
	return nil
}

// DecodeCommitted reads what this package encoded and the validators committed
// to. Its spelling is not judged again, which costs as much as reading it.
func DecodeCommitted(b []byte, v any) error { return strictDecoding.Unmarshal(b, v) }
