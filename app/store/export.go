package store

import (
	"bytes"
	"fmt"
	"io"

	"github.com/cosmos/iavl"
)

// Node is one node of an exported tree. They come children first, left before
// right, so that the shape of the tree, and with it the root, is in the order.
type Node struct {
	Version    int64
	Key, Value []byte // of a leaf; nil of an inner node
}

// Export reads one height while blocks are committed over it: the tree, node by
// node, and records. What it returns stays true of that height only where the
// caller asks for records that never change. It keeps the height from being
// pruned and the Store from being closed until Close.
type Export struct {
	s        *Store
	height   int64
	tree     *iavl.ImmutableTree
	exporter *iavl.Exporter
	shape    shape
}

// exportCache is the node cache of an export, which meets each node once.
const exportCache = 100

// Export begins an export of a height that Prove could reach; the errors are its.
func (s *Store) Export(height int64) (x *Export, err error) {
	s.life.RLock()
	if err := s.pin(height); err != nil {
		s.life.RUnlock()
		return nil, err
	}
	x = &Export{s: s, height: height}
	err = noPanic(func() (err error) {
		// A handle of its own: a walk through everything would push out what others read.
		if x.tree, err = newTree(&treeDB{db: s.db}, exportCache).GetImmutable(height); err != nil {
			return err
		}
		if x.tree.Size() == 0 {
			return ErrEmpty
		}
		x.exporter, err = x.tree.Export()
		return err
	})
	if err != nil {
		x.Close()
		return nil, fmt.Errorf("store: export height %d: %w", height, err)
	}
	return x, nil
}

// Next is the next node, io.EOF after the last one. What it returns must not be
// changed.
func (x *Export) Next() (Node, error) {
	n, err := x.exporter.Next()
	if err == iavl.ErrorExportDone {
		// The walk ends in silence where a node cannot be read.
		if x.shape.leaves != x.tree.Size() || len(x.shape.stack) != 1 {
			return Node{}, fmt.Errorf("store: export height %d: a node of the tree cannot be read", x.height)
		}
		return Node{}, io.EOF
	}
	if err != nil {
		return Node{}, err
	}
	out := Node{Version: n.Version}
	if n.Height == 0 {
		out.Key, out.Value = n.Key, n.Value
	}
	if built, err := x.shape.add(out); err != nil {
		return Node{}, err
	} else if built.Height != n.Height || !bytes.Equal(built.Key, n.Key) {
		return Node{}, fmt.Errorf("store: export height %d: inner node %x is not where its key says", x.height, n.Key)
	}
	return out, nil
}

// Record is [Store.Record].
func (x *Export) Record(key []byte) ([]byte, error) { return x.s.db.Get(prefixed(prefixRecord, key)) }

// Records is [Store.Records], of which fn may call Record.
func (x *Export) Records(start, end []byte, fn func(key, value []byte) bool) error {
	return x.s.scan(start, end, fn)
}

// Close ends the export. It may be called more than once.
func (x *Export) Close() {
	if x.s == nil {
		return
	}
	if x.exporter != nil {
		x.exporter.Close()
	}
	x.s.unpin(x.height)
	x.s.life.RUnlock()
	x.s = nil
}

// shape puts nodes that come children first together again. It derives what an
// IAVL node says beside its version, and what the root does not bind: an inner
// node's key, which is the least one under its right child.
type shape struct {
	stack  []subtree
	last   []byte // the last leaf's key
	leaves int64
}

type subtree struct {
	least  []byte
	height int8
}

// maxTreeHeight is that of an AVL tree with more leaves than any disk holds.
const maxTreeHeight = 90

// add takes in the next node, and is the node as IAVL wants it.
func (s *shape) add(n Node) (*iavl.ExportNode, error) {
	if n.Key != nil {
		if err := checkLeaves([]Leaf{{n.Key, n.Value}}); err != nil {
			return nil, err
		}
		if s.leaves > 0 && bytes.Compare(s.last, n.Key) >= 0 {
			return nil, fmt.Errorf("store: leaf %q: not after %q", n.Key, s.last)
		}
		if len(s.stack) > maxTreeHeight {
			return nil, fmt.Errorf("store: leaf %q: more than %d subtrees wait for an inner node", n.Key, maxTreeHeight)
		}
		s.last, s.leaves = n.Key, s.leaves+1
		s.stack = append(s.stack, subtree{n.Key, 0})
		return &iavl.ExportNode{Key: n.Key, Value: n.Value, Version: n.Version}, nil
	}
	if len(s.stack) < 2 {
		return nil, fmt.Errorf("store: an inner node after %q has no two children", s.last)
	}
	left, right := s.stack[len(s.stack)-2], s.stack[len(s.stack)-1]
	if difference := left.height - right.height; difference < -1 || difference > 1 {
		return nil, fmt.Errorf("store: an inner node after %q is out of balance", s.last)
	}
	out := &iavl.ExportNode{Key: right.least, Version: n.Version, Height: max(left.height, right.height) + 1}
	s.stack = append(s.stack[:len(s.stack)-2], subtree{left.least, out.Height})
	return out, nil
}
