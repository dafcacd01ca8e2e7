package store

import (
	"encoding/binary"
	"errors"
	"fmt"

	dbm "github.com/cometbft/cometbft-db"
	lru "github.com/hashicorp/golang-lru/v2"
)

// What IAVL v1 writes: its node v/n, the nth that version v made, stands under 's' ‖ v ‖ n, and
// the version's root is n = 1. Where a version changed nothing, s ‖ v ‖ 1 is a reference, 's'
// ‖ v' ‖ n', to the root that it shares with an older one. Where that one is pruned, its
// root is moved to n = 0, and a lookup of n = 1 falls back to it.

// nodeID names a node. A root that was moved keeps its name, n = 1.
type nodeID struct {
	version int64
	nonce   uint32
}

const (
	nodePrefix = 's'
	rootNonce  = 1 // of a version's root
	movedNonce = 0 // of a root whose version is pruned
	nodeKeyLen = 1 + 8 + 4
)

func (id nodeID) key() []byte {
	key := make([]byte, 0, 1+nodeKeyLen)
	key = append(key, prefixTree, nodePrefix)
	key = binary.BigEndian.AppendUint64(key, uint64(id.version))
	return binary.BigEndian.AppendUint32(key, id.nonce)
}

// nodeIDOf reads one of IAVL's own keys, which have no prefixTree.
func nodeIDOf(key []byte) (id nodeID, ok bool) {
	if len(key) != nodeKeyLen || key[0] != nodePrefix {
		return id, false
	}
	return nodeID{int64(binary.BigEndian.Uint64(key[1:])), max(rootNonce, binary.BigEndian.Uint32(key[9:]))}, true
}

// node is what a node says of its place in the tree.
type node struct {
	height      int8   // 0: a leaf
	left, right nodeID // of an inner node
}

var errNode = errors.New("store: not a node of the tree as IAVL v1 writes it")

// isNode reports whether what stands under a root's key is a node: not a reference, nor nothing,
// as an empty tree has.
func isNode(b []byte) bool { return len(b) > 0 && b[0] != nodePrefix }

// parseNode reads: height, size, key; of an inner node then hash, mode, and version and nonce
// of each child. All numbers are signed varints, and bytes have their length before them.
func parseNode(b []byte) (n node, err error) {
	number := func() int64 {
		v, size := binary.Varint(b)
		if size <= 0 {
			err, size = errNode, len(b)
		}
		b = b[size:]
		return v
	}
	skip := func() {
		length, size := binary.Uvarint(b)
		if size <= 0 || length > uint64(len(b)-size) {
			err, b = errNode, nil
			return
		}
		b = b[size+int(length):]
	}
	child := func() nodeID {
		version, nonce := number(), number()
		if version < 1 || nonce < movedNonce || nonce > 1<<32-1 {
			err = errNode
		}
		return nodeID{version, max(rootNonce, uint32(nonce))}
	}
	height := number()
	number() // how many leaves are below
	skip()
	if height == 0 || err != nil {
		return node{}, err
	}
	skip()
	if mode := number(); height < 0 || height > 127 || mode != 0 { // another mode is of an older IAVL
		err = errNode
	}
	n = node{int8(height), child(), child()}
	if len(b) > 0 {
		err = errNode
	}
	return n, err
}

// nodeReader reads nodes by name, and remembers inner ones, some 180 bytes each: what IAVL
// read and wrote last, which is what a block replaces. What stands under a name never changes.
type nodeReader struct {
	db    dbm.DB
	cache *lru.Cache[nodeID, node]
}

func newNodeReader(db dbm.DB, cacheSize int) *nodeReader {
	cache, _ := lru.New[nodeID, node](max(1, cacheSize)) // fails for a size below 1 alone
	return &nodeReader{db, cache}
}

// get is a node, which has to be there.
func (r *nodeReader) get(id nodeID) (node, error) {
	if n, known := r.cache.Get(id); known {
		return n, nil
	}
	b, err := r.db.Get(id.key())
	if b == nil && err == nil && id.nonce == rootNonce {
		b, err = r.db.Get(nodeID{id.version, movedNonce}.key())
	}
	if err != nil {
		return node{}, err
	}
	if !isNode(b) {
		return node{}, fmt.Errorf("tree node %d/%d is missing", id.version, id.nonce)
	}
	n, err := parseNode(b)
	if err == nil {
		r.add(id, n)
	}
	return n, err
}

// saw remembers what IAVL read, where it is a node.
func (r *nodeReader) saw(key, value []byte) {
	if id, is := nodeIDOf(key); is && isNode(value) {
		if n, err := parseNode(value); err == nil {
			r.add(id, n)
		}
	}
}

func (r *nodeReader) add(id nodeID, n node) {
	if n.height > 0 {
		r.cache.Add(id, n)
	}
}

// root is a version's, and what stands under its key; the zero nodeID is an empty tree's.
func (r *nodeReader) root(version int64) (root nodeID, value []byte, err error) {
	own := nodeID{version, rootNonce}
	value, err = r.db.Get(own.key())
	switch {
	case err != nil:
		return root, nil, err
	case value == nil:
		return root, nil, fmt.Errorf("version %d of the tree is missing", version)
	case len(value) == 0:
		return root, value, nil
	case isNode(value):
		return own, value, nil
	}
	root, ok := nodeIDOf(value)
	if !ok {
		return root, nil, errNode
	}
	return root, value, nil
}

// shared are the subtrees that a version has of the one before it, by their roots: the older
// children of its own nodes. Nil: it made no node, as it changed nothing.
type shared map[nodeID]bool

// add takes in a node that the version made.
func (s shared) add(version int64, n node) {
	for _, id := range []nodeID{n.left, n.right} {
		if n.height > 0 && id.version < version {
			s[id] = true
		}
	}
}

// sharedBy reads what a version shares, from the tree under its root.
func (r *nodeReader) sharedBy(version int64, root nodeID) (shared, error) {
	with := shared{}
	next := []nodeID{root}
	for len(next) > 0 {
		id := next[len(next)-1]
		next = next[:len(next)-1]
		n, err := r.get(id)
		if err != nil {
			return nil, err
		}
		with.add(version, n)
		for _, child := range []nodeID{n.left, n.right} {
			if n.height > 1 && child.version == version {
				next = append(next, child)
			}
		}
	}
	return with, nil
}

// without are the nodes of the tree under root that are not in the subtrees.
func (r *nodeReader) without(kept shared, root nodeID) (list []nodeID, err error) {
	next := []nodeID{root}
	for len(next) > 0 {
		id := next[len(next)-1]
		next = next[:len(next)-1]
		if kept[id] {
			continue
		}
		n, err := r.get(id)
		if err != nil {
			return nil, err
		}
		list = append(list, id)
		switch {
		case n.height == 1: // over two leaves, which need not be read
			for _, leaf := range []nodeID{n.left, n.right} {
				if !kept[leaf] {
					list = append(list, leaf)
				}
			}
		case n.height > 1:
			next = append(next, n.left, n.right)
		}
	}
	return list, nil
}
