package contract

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// Hash is a SHA-256 digest. Its text form is 64 lower-case hex digits.
type Hash [32]byte

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// IsZero reports whether h is all zeros, which no digest in use ever is.
func (h Hash) IsZero() bool { return h == Hash{} }

// MarshalText writes the hex form.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads the hex form; upper case is refused, so that a hash has
// one spelling.
func (h *Hash) UnmarshalText(text []byte) error {
	v, err := ParseHash(string(text))
	*h = v
	return err
}

// ParseHash reads 64 lower-case hex digits.
func ParseHash(s string) (Hash, error) {
	var h Hash
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(h) || hex.EncodeToString(b) != s {
		return Hash{}, fmt.Errorf("%q: a hash is 64 digits of 0-9 and a-f", s)
	}
	copy(h[:], b)
	return h, nil
}

// The tags in use. One purpose, one tag.
const (
	tagTx         = "hongbao/tx"         // a tx, for its signature
	tagLink       = "hongbao/link"       // a claimer, for the link key's signature
	tagConsent    = "hongbao/consent"    // a recall, for an approver's signature
	tagPacket     = "hongbao/packet"     // a packet's id
	tagTerms      = "hongbao/terms"      // terms, as a claim accepts them
	tagClause     = "hongbao/clause"     // a clause, as a consent names it
	tagMemo       = "hongbao/memo"       // a memo, as terms commit to it
	tagEntry      = "hongbao/entry"      // an entry, as a head folds it
	tagFirstHead  = "hongbao/first-head" // the head of a leaf without entries
	tagHead       = "hongbao/head"       // the head after one more entry
	tagDraws      = "hongbao/draws"      // what a beacon proves
	tagBeacon     = "hongbao/beacon"     // a beacon, as a draw's entry names it
	tagDraw       = "hongbao/draw"       // the seed of one share's draw
	tagValidators = "hongbao/validators" // a set of validators, as a plan names it
	tagPlan       = "hongbao/plan"       // a plan, for an approval
	tagJoin       = "hongbao/join"       // the keys of a validator that joins
	tagDrawWord   = "hongbao/draw-word"  // one word drawn from that seed
	tagListEntry  = "hongbao/list-entry" // an entry of a list of claimers
	tagListNode   = "hongbao/list-node"  // two parts of a list, and their sums
	tagList       = "hongbao/list"       // a list, as terms commit to it
	tagClaims     = "hongbao/claims"     // a block's claims of a large packet

	// TagDevKey is the tag of dev networks' keys, which anyone can make.
	TagDevKey = "hongbao/dev-key"
)

// TaggedHash is BIP-340's tagged hash: SHA256(SHA256(tag) ‖ SHA256(tag) ‖
// parts...). Callers length-prefix every part of variable length that another
// part follows (see lengthPrefixed), so that two inputs never run together.
func TaggedHash(tag string, parts ...[]byte) Hash {
	prefix := sha256.Sum256([]byte(tag))
	all := make([]byte, 0, 256) // on the stack, enough for most
	all = append(append(all, prefix[:]...), prefix[:]...)
	for _, p := range parts {
		all = append(all, p...)
	}
	return sha256.Sum256(all)
}

// lengthPrefixed is s behind its length in bytes as a big-endian uint32.
func lengthPrefixed(s string) []byte {
	b := binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(s)), uint32(len(s)))
	return append(b, s...)
}

func uint64Bytes(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
