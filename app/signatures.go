package app

import (
	"crypto/sha256"
	"sync"

	"hongbao/contract"
)

// DefaultSignatureCache holds a full mempool and two blocks, tx and link
// signatures both: 32 bytes each, about 3 MB with the map.
const DefaultSignatureCache = 32_768

// SignatureCache remembers signatures found good, so that what CheckTx
// verified is not verified again in a proposal and in the block. It forgets
// the oldest first. A bad signature is never remembered.
type SignatureCache struct {
	mu    sync.Mutex
	known map[[32]byte]struct{}
	ring  [][32]byte
	next  int
}

var _ contract.Verifier = (*SignatureCache)(nil)

// NewSignatureCache remembers this many signatures; 0 = DefaultSignatureCache.
func NewSignatureCache(size int) *SignatureCache {
	if size <= 0 {
		size = DefaultSignatureCache
	}
	return &SignatureCache{known: map[[32]byte]struct{}{}, ring: make([][32]byte, size)}
}

// reader verifies with what the cache knows and adds nothing to it.
func (c *SignatureCache) reader() contract.Verifier { return cacheReader{c} }

type cacheReader struct{ *SignatureCache }

// Verify implements contract.Verifier.
func (r cacheReader) Verify(key [32]byte, digest contract.Hash, sig contract.Signature) bool {
	return r.knows(signatureID(key, digest, sig)) || (contract.Schnorr{}).Verify(key, digest, sig)
}

func signatureID(key [32]byte, digest contract.Hash, sig contract.Signature) [32]byte {
	var in [128]byte
	copy(in[:], key[:])
	copy(in[32:], digest[:])
	copy(in[64:], sig[:])
	return sha256.Sum256(in[:])
}

func (c *SignatureCache) knows(id [32]byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, known := c.known[id]
	return known
}

// Verify implements contract.Verifier.
func (c *SignatureCache) Verify(key [32]byte, digest contract.Hash, sig contract.Signature) bool {
	id := signatureID(key, digest, sig)
	if c.knows(id) {
		return true
	}
	if !(contract.Schnorr{}).Verify(key, digest, sig) {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.known[id]; !known {
		delete(c.known, c.ring[c.next])
		c.ring[c.next] = id
		c.known[id] = struct{}{}
		c.next = (c.next + 1) % len(c.ring)
	}
	return true
}

// unsigned takes the signature of one tx for granted, and verifies every other:
// a claim's link, a recall's consents.
type unsigned struct {
	contract.Verifier
	account contract.Address
	digest  contract.Hash
}

// Verify implements contract.Verifier.
func (u unsigned) Verify(key [32]byte, digest contract.Hash, sig contract.Signature) bool {
	return (key == u.account && digest == u.digest) || u.Verifier.Verify(key, digest, sig)
}
