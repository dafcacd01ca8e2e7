package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
)

// An ICS-23 proof (cosmos.ics23.v1.CommitmentProof) is judged here by the rules of
// an IAVL tree alone. Only plain proofs of existence, and of absence between two
// neighbours, will do: the batch and compressed forms have been forged before.

// existence leads from a leaf to the root (ExistenceProof).
type existence struct {
	key, value []byte
	leaf       leafOp
	path       []innerOp // from the leaf up
}

type leafOp struct {
	hash, prehashKey, prehashValue, length int64
	prefix                                 []byte
}

type innerOp struct {
	hash           int64
	prefix, suffix []byte
}

// absence is the two leaves around a gap (NonExistenceProof); nil where there is
// none.
type absence struct {
	key         []byte
	left, right *existence
}

// parseProof reads a proof. One of both is there.
func parseProof(b []byte) (there *existence, gap *absence, err error) {
	m := &message{rest: b}
	exist := m.each(1, func(m *message) { there = parseExistence(m) })
	nonexist := m.each(2, func(m *message) {
		gap = &absence{key: m.bytes(1)}
		left := m.each(2, func(m *message) { gap.left = parseExistence(m) })
		right := m.each(3, func(m *message) { gap.right = parseExistence(m) })
		m.bad = m.bad || left > 1 || right > 1
	})
	if !m.done() || exist+nonexist != 1 {
		return nil, nil, fault("ics23_form")
	}
	return there, gap, nil
}

func parseExistence(m *message) *existence {
	e := &existence{key: m.bytes(1), value: m.bytes(2)}
	m.one(3, func(m *message) {
		e.leaf = leafOp{m.int(1), m.int(2), m.int(3), m.int(4), m.bytes(5)}
	})
	m.each(4, func(m *message) { e.path = append(e.path, innerOp{m.int(1), m.bytes(2), m.bytes(3)}) })
	return e
}

// The hash and length operations of ICS-23 that an IAVL tree uses.
const (
	hashSHA256     = 1
	lengthVarProto = 1
)

const (
	maxPath       = 128 // nodes above a leaf: ICS-23's bound
	maxNodePrefix = 12  // height, size and version, and the length of a child's hash: ICS-23's bound
	lengthedHash  = 1 + sha256.Size
)

// root is where the proof leads; nil where it is not one of an IAVL tree.
func (e *existence) root() []byte {
	if e.leaf.hash != hashSHA256 || e.leaf.prehashKey != 0 || e.leaf.prehashValue != hashSHA256 ||
		e.leaf.length != lengthVarProto || len(e.key) == 0 || len(e.value) == 0 || len(e.path) > maxPath {
		return nil
	}
	if _, n := nodeNumbers(e.leaf.prefix); n != len(e.leaf.prefix) || e.leaf.prefix[0] != 0 {
		return nil
	}
	value := sha256.Sum256(e.value)
	node := sha256.Sum256(appendLengthed(appendLengthed(bytes.Clone(e.leaf.prefix), e.key), value[:]))
	for i := range e.path {
		op := &e.path[i]
		if height, _ := nodeNumbers(op.prefix); op.side() == 0 || height < int64(i+1) {
			return nil
		}
		node = sha256.Sum256(bytes.Join([][]byte{op.prefix, node[:], op.suffix}, nil))
	}
	return node[:]
}

// nodeNumbers reads what the hash of each node begins with: its height, size and
// version, none of them negative. n is how many bytes they have; -1 where they are
// not there.
func nodeNumbers(prefix []byte) (height int64, n int) {
	for i := range 3 {
		v, size := binary.Varint(prefix[n:])
		if size <= 0 || v < 0 {
			return 0, -1
		}
		if i == 0 {
			height = v
		}
		n += size
	}
	return height, n
}

// Sides on which a node hangs below the one above it.
const (
	leftSide  = 1
	rightSide = 2
)

// side is on which side of the node that op makes the one below it hangs: what
// stands around its hash is the other child's. It is 0 where op makes no node of an
// IAVL tree.
func (op *innerOp) side() int {
	_, n := nodeNumbers(op.prefix)
	if op.hash != hashSHA256 || n < 0 || op.prefix[0] == 0 {
		return 0
	}
	switch len(op.prefix) - n {
	case 1:
		if len(op.prefix) <= maxNodePrefix && len(op.suffix) == lengthedHash {
			return leftSide
		}
	case lengthedHash + 1:
		if len(op.prefix) <= maxNodePrefix+lengthedHash && len(op.suffix) == 0 {
			return rightSide
		}
	}
	return 0
}

// checkMembership is the value that key has in the tree of this root. Presence is
// not argued from absence.
func checkMembership(root, key, proof []byte) (value []byte, err error) {
	there, _, err := parseProof(proof)
	switch {
	case err != nil:
		return nil, err
	case there == nil:
		return nil, fault("ics23_no_existence")
	case !bytes.Equal(there.key, key) || !leadsTo(there, root):
		return nil, fault("ics23_existence_unproven")
	}
	return there.value, nil
}

func leadsTo(e *existence, root []byte) bool {
	r := e.root()
	return r != nil && bytes.Equal(r, root)
}

// checkNonMembership makes sure that key has no value in the tree of this root.
func checkNonMembership(root, key, proof []byte) error {
	_, gap, err := parseProof(proof)
	switch {
	case err != nil:
		return err
	case gap == nil:
		return fault("ics23_no_absence")
	case !bytes.Equal(gap.key, key) || gap.left == nil || gap.right == nil:
		return fault("ics23_neighbours") // the tree's first and last leaf make sure there are
	case !leadsTo(gap.left, root) || !leadsTo(gap.right, root) ||
		bytes.Compare(gap.left.key, key) >= 0 || bytes.Compare(key, gap.right.key) >= 0 ||
		!adjacent(gap.left.path, gap.right.path):
		return fault("ics23_absence_unproven")
	}
	return nil
}

// adjacent reports whether no leaf stands between two, by their paths to one root:
// they part at a node whose left child leads to one along its right edge, and whose
// right child leads to the other along its left edge.
func adjacent(left, right []innerOp) bool {
	l, r := len(left)-1, len(right)-1
	for l >= 0 && r >= 0 && bytes.Equal(left[l].prefix, right[r].prefix) &&
		bytes.Equal(left[l].suffix, right[r].suffix) {
		l, r = l-1, r-1
	}
	if l < 0 || r < 0 || left[l].side() != leftSide || right[r].side() != rightSide {
		return false
	}
	return allOn(rightSide, left[:l]) && allOn(leftSide, right[:r])
}

func allOn(side int, path []innerOp) bool {
	for i := range path {
		if path[i].side() != side {
			return false
		}
	}
	return true
}
