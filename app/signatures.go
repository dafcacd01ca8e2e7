package app

import (
	"crypto/sha256"
	"sync"

	"hongbao/contract"
)

// DefaultSignatureCache holds a full mempool and two blocks, tx and link
// signatures both: 32 bytes each, about 3 MB with the map.
const DefaultSignatureCache = 32_768

// keptKeys is how many accounts' keys are kept with their points, 2 MB of them: those
// that sign again and again, of whom a busy network has some thousands.
const keptKeys = 8192

// SignatureCache remembers signatures found good, so that what CheckTx
// verified is not verified again in a proposal and in the block, and the keys
// that made them. It forgets the oldest first. A bad signature is never remembered.
type SignatureCache struct {
	mu    sync.Mutex
	known recent[struct{}]
	keys  recent[*contract.PublicKey]
}

// recent keeps what was put last.
type recent[V any] struct {
	values map[[32]byte]V
	ring   [][32]byte
	next   int
}

func newRecent[V any](size int) recent[V] {
	return recent[V]{values: map[[32]byte]V{}, ring: make([][32]byte, size)}
}

func (r *recent[V]) put(id [32]byte, v V) {
	if _, has := r.values[id]; has {
		return
	}
	delete(r.values, r.ring[r.next])
	r.ring[r.next] = id
	r.values[id] = v
	r.next = (r.next + 1) % len(r.ring)
}

var _ contract.Verifier = (*SignatureCache)(nil)

// NewSignatureCache remembers this many signatures; 0 = DefaultSignatureCache.
func NewSignatureCache(size int) *SignatureCache {
	if size <= 0 {
		size = DefaultSignatureCache
	}
	return &SignatureCache{known: newRecent[struct{}](size), keys: newRecent[*contract.PublicKey](keptKeys)}
}

// reader verifies with what the cache knows and adds nothing to it.
func (c *SignatureCache) reader() contract.Verifier { return cacheReader{c} }

type cacheReader struct{ *SignatureCache }

// Verify implements contract.Verifier.
func (r cacheReader) Verify(key [32]byte, digest contract.Hash, sig contract.Signature) bool {
	if r.knows(signatureID(key, digest, sig)) {
		return true
	}
	k, ok := r.key(key)
	return ok && k.Verify(digest, sig)
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
	_, known := c.known.values[id]
	return known
}

// key is a key with its point: the one that is kept, or found now.
func (c *SignatureCache) key(x [32]byte) (*contract.PublicKey, bool) {
	c.mu.Lock()
	k, kept := c.keys.values[x]
	c.mu.Unlock()
	if kept {
		return k, true
	}
	return contract.ParseKey(x)
}

// Verify implements contract.Verifier.
func (c *SignatureCache) Verify(key [32]byte, digest contract.Hash, sig contract.Signature) bool {
	id := signatureID(key, digest, sig)
	if c.knows(id) {
		return true
	}
	k, ok := c.key(key)
	if !ok || !k.Verify(digest, sig) {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known.put(id, struct{}{})
	c.keys.put(key, k) // a key that signed nothing pushes out none
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
