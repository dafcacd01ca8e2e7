package audit

import (
	"bytes"
	"crypto/sha256"
	"time"

	"hongbao/contract"
)

// stamp is a time as protobuf has it: google.protobuf.Timestamp.
type stamp struct{ seconds, nanos int64 }

const (
	zeroTime  = -62135596800 // 0001-01-01T00:00:00Z, the least that a stamp holds
	endOfTime = 253402300800 // 10000-01-01T00:00:00Z, and the first that it does not
)

func (s stamp) valid() bool {
	return zeroTime <= s.seconds && s.seconds < endOfTime && 0 <= s.nanos && s.nanos < int64(time.Second)
}

// blockID names a block, and the parts that it was sent in.
type blockID struct {
	hash      []byte
	parts     int64
	partsHash []byte
	wire      []byte // all of it, as protobuf
}

// header is CometBFT's block header (v0.40, types.Header), as far as it is more
// than bytes to hash.
type header struct {
	block, app int64 // protocol versions
	chain      string
	height     int64
	stamp      stamp
	time       contract.Time
	last       blockID
	hashes     [7][]byte // last commit, data, validators, next validators, consensus, app, last results
	evidence   []byte
	proposer   []byte
	commit     commit
}

// The places of the hashes that the verifier reads.
const (
	validatorsHash = 2
	appHash        = 5
)

func (h *header) appHash() []byte { return h.hashes[appHash] }

// blockProtocol is the version of CometBFT's blocks.
const blockProtocol = 11

// decodeHeader reads a signed header (tendermint.types.SignedHeader) whose commit
// is for that very header, at the same height. Who signed it is not judged here.
func decodeHeader(b []byte) (*header, error) {
	h, ok := parseSignedHeader(b)
	if !ok {
		return nil, fault("header_protobuf")
	}
	if h.time = contract.TimeOf(time.Unix(h.stamp.seconds, h.stamp.nanos)); !h.stamp.valid() || h.time < 0 ||
		h.time.Std().Unix() != h.stamp.seconds {
		return nil, fault("header_time")
	}
	if err := h.check(); err != nil {
		return nil, err
	}
	if h.commit.height != h.height {
		return nil, fault("commit_height", "height", h.commit.height)
	}
	if hash := h.hash(); !bytes.Equal(hash, h.commit.block.hash) {
		return nil, fault("commit_other", "commit", h.commit.block.hash, "header", hash)
	}
	return h, nil
}

func parseSignedHeader(b []byte) (*header, bool) {
	h, m := new(header), &message{rest: b}
	m.one(1, h.parse)
	m.one(2, h.commit.parse)
	return h, m.done()
}

func (h *header) parse(m *message) {
	m.one(1, func(m *message) { h.block, h.app = m.int(1), m.int(2) })
	h.chain, h.height = string(m.bytes(2)), m.int(3)
	m.one(4, h.stamp.parse)
	m.one(5, h.last.parse)
	for i := range h.hashes {
		h.hashes[i] = m.bytes(6 + i)
	}
	h.evidence, h.proposer = m.bytes(13), m.bytes(14)
}

func (s *stamp) parse(m *message) { s.seconds, s.nanos = m.int(1), m.int(2) }

func (id *blockID) parse(m *message) {
	id.wire = m.rest
	id.hash = m.bytes(1)
	m.one(2, func(m *message) { id.parts, id.partsHash = m.int(1), m.bytes(2) })
}

// check holds a header and its commit to CometBFT's basic rules.
func (h *header) check() error {
	switch {
	case h.block != blockProtocol:
		return fault("header_protocol", "protocol", h.block)
	case h.height < 1 || len(h.chain) > maxChainIDBytes || !h.last.valid():
		return fault("header_range")
	case len(h.proposer) != addressBytes:
		return fault("header_proposer", "bytes", len(h.proposer))
	case len(h.hashes[validatorsHash]) == 0 || len(h.commit.block.hash) == 0:
		return fault("header_hash_missing") // a header without validators has no hash of its own
	case !hashOrNone(h.evidence):
		return fault("header_hash_size")
	}
	for i, hash := range h.hashes {
		if i != appHash && !hashOrNone(hash) {
			return fault("header_hash_size")
		}
	}
	return h.commit.check()
}

const addressBytes = 20

func hashOrNone(h []byte) bool { return len(h) == 0 || len(h) == sha256.Size }

func (id *blockID) valid() bool {
	return hashOrNone(id.hash) && hashOrNone(id.partsHash) && 0 <= id.parts && id.parts < 1<<32
}

// hash is the header's: the Merkle root of its fields, each as protobuf.
func (h *header) hash() []byte {
	value := func(b []byte) []byte { return appendBytes(nil, 1, b) }
	fields := [][]byte{
		appendInt(appendInt(nil, 1, h.block), 2, h.app), value([]byte(h.chain)), appendInt(nil, 1, h.height),
		h.stamp.encode(), h.last.wire,
	}
	for _, hash := range h.hashes {
		fields = append(fields, value(hash))
	}
	return merkleRoot(append(fields, value(h.evidence), value(h.proposer)))
}

func (s stamp) encode() []byte { return appendInt(appendInt(nil, 1, s.seconds), 2, s.nanos) }

// merkleRoot is the root of RFC 6962 over the items.
func merkleRoot(items [][]byte) []byte {
	sum := func(parts ...[]byte) []byte {
		h := sha256.Sum256(bytes.Join(parts, nil))
		return h[:]
	}
	switch len(items) {
	case 0:
		return sum()
	case 1:
		return sum([]byte{0}, items[0])
	}
	split := 1
	for split*2 < len(items) {
		split *= 2
	}
	return sum([]byte{1}, merkleRoot(items[:split]), merkleRoot(items[split:]))
}

// checkHeader establishes v.header: the header of the block after the proven
// state, signed by more than 2/3 of the power of the trusted validators, or of
// those to whom they handed over. Without
// trust for its chain it only establishes that the file is consistent, notes why
// it is not trusted, and leaves v.trust nil.
func (v *verifier) checkHeader() (*Finding, error) {
	h, err := decodeHeader(v.file.SignedHeader)
	if err != nil {
		return nil, in("header", err)
	}
	v.header = h
	switch {
	case h.chain != v.file.ChainID:
		return nil, atHeader(h, fault("header_chain", "chain", h.chain, "want", v.file.ChainID))
	case h.height-1 != v.file.Height:
		return nil, atHeader(h, fault("header_height", "state", h.height-1, "want", v.file.Height))
	}
	if why := v.trust.unfit(h); why != nil {
		v.distrust("trust", why)
		v.trust = nil
		return nil, v.checkHandOvers()
	}
	if h.time.Std().Before(v.opts.At) {
		v.distrust("age", found("header_old", "height", h.height, "time", h.time, "at", v.opts.At.UTC()))
	}
	if err := v.checkHandOvers(); err != nil {
		return nil, err
	}
	signed, err := h.checkCommit(v.set)
	if err != nil {
		return nil, atHeader(h, err)
	}
	if n := len(v.file.HandOvers); n > 0 {
		return found("signed_after", "height", h.height, "signed", signed, "validators", len(v.set), "plans", n), nil
	}
	return found("signed", "height", h.height, "signed", signed, "validators", len(v.set)), nil
}

// unfit is why t, which may be nil, cannot judge h; nil when it can.
func (t *Trust) unfit(h *header) *Finding {
	if t == nil {
		return found("no_trust", "height", h.height, "chain", h.chain)
	}
	if err := t.check(); err != nil {
		return &Finding{Code: "trust_unusable", Cause: err}
	}
	if t.ChainID != h.chain {
		return found("trust_chain", "chain", t.ChainID, "want", h.chain)
	}
	return nil
}

func atHeader(h *header, err error) error { return within(err, "header", "height", h.height) }
