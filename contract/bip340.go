package contract

import (
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/schnorr"
)

// Verifier checks BIP-340 signatures. A node's remembers what it verified.
type Verifier interface {
	Verify(key [32]byte, digest Hash, sig Signature) bool
}

// Schnorr verifies every signature afresh.
type Schnorr struct{}

// Verify implements Verifier.
func (Schnorr) Verify(key [32]byte, digest Hash, sig Signature) bool {
	p, ok := ParseKey(key)
	return ok && p.Verify(digest, sig)
}

// PublicKey is a BIP-340 public key with its point on the curve. To find the point takes
// a square root, a tenth of a verification: who verifies much keeps it.
type PublicKey struct {
	x     [32]byte
	point btcec.JacobianPoint
}

// ParseKey finds a key's point; false where the key is no point's abscissa.
func ParseKey(x [32]byte) (*PublicKey, bool) {
	parsed, err := schnorr.ParsePubKey(x[:])
	if err != nil {
		return nil, false
	}
	p := &PublicKey{x: x}
	parsed.AsJacobian(&p.point)
	return p, true
}

// Verify is BIP-340's verification, over btcec's points. That of package schnorr, which it
// agrees with, finds the key's point twice again.
func (p *PublicKey) Verify(digest Hash, sig Signature) bool {
	var r btcec.FieldVal
	var s, e btcec.ModNScalar
	if r.SetByteSlice(sig[:32]) || s.SetByteSlice(sig[32:]) {
		return false // not reduced
	}
	challenge := TaggedHash("BIP0340/challenge", sig[:32], p.x[:], digest[:])
	e.SetBytes((*[32]byte)(&challenge))
	e.Negate()

	var sG, eP, sum btcec.JacobianPoint
	btcec.ScalarBaseMultNonConst(&s, &sG)
	btcec.ScalarMultNonConst(&e, &p.point, &eP)
	btcec.AddNonConst(&sG, &eP, &sum) // R = s*G - e*P
	if (sum.X.IsZero() && sum.Y.IsZero()) || sum.Z.IsZero() {
		return false
	}
	sum.ToAffine()
	return !sum.Y.IsOdd() && r.Equals(&sum.X)
}
