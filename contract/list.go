package contract

import (
	"encoding/binary"
	"math/bits"
)

// A list says who may claim which amount from one packet, a million people if it
// must be. The terms hold its root alone: a Merkle tree whose nodes also carry the
// sum of the amounts below them, so that each entry has an interval of the money
// to itself. No entry that leads to the root can find another's claim in the way,
// however dishonest the list.
//
// The tree's shape follows from the number of entries, as in RFC 6962: the left
// part of n entries is the largest power of two below n.

// Bounds on a list.
const (
	// MaxListed is the most entries: a company's whole staff, a campaign of a city.
	// A file of so many, and its tree, fit into a person's machine.
	MaxListed = 1_000_000
	// maxPath is the depth of the tree of so many entries.
	maxPath = 20
)

const _ = uint(1<<maxPath - MaxListed) // so many entries are at most so deep

// WhoKind says what an entry knows its claimer by.
type WhoKind uint8

const (
	WhoAddress WhoKind = 1 // the claimer's address
	WhoLink    WhoKind = 2 // a one-time key, whose owner names the claimer by signing
)

// ListEntry is one line of a list.
type ListEntry struct {
	_      struct{} `cbor:",toarray"`
	Index  uint32   // from 1; the share that it gives has this number
	Kind   WhoKind
	Who    [32]byte // an address, or the x-only public key of a link
	Amount Amount   // at least one fen
}

// Subtree is a part of a list as its neighbours see it.
type Subtree struct {
	_    struct{} `cbor:",toarray"`
	Hash Hash
	Sum  Amount
}

// Listing is an entry with the way from it to the root: the other part at each
// node, from the entry upwards.
type Listing struct {
	_     struct{} `cbor:",toarray"`
	Entry ListEntry
	Path  Path
}

// Leaf is the entry as the tree has it.
func (e *ListEntry) Leaf() Subtree {
	b := binary.BigEndian.AppendUint32(make([]byte, 0, 45), e.Index)
	b = append(append(b, byte(e.Kind)), e.Who[:]...)
	return Subtree{Hash: TaggedHash(tagListEntry, b, uint64Bytes(uint64(e.Amount))), Sum: e.Amount}
}

// join is the node over two parts; false when their sum is no amount.
func join(left, right Subtree) (Subtree, bool) {
	sum, ok := left.Sum.Add(right.Sum)
	return Subtree{Hash: TaggedHash(tagListNode, left.Hash[:], uint64Bytes(uint64(left.Sum)),
		right.Hash[:], uint64Bytes(uint64(right.Sum))), Sum: sum}, ok
}

// ListRoot is what terms commit to: the top of a list's tree, how many entries
// it has and what they add up to.
func ListRoot(count uint32, top Subtree) Hash {
	return TaggedHash(tagList, binary.BigEndian.AppendUint32(nil, count), uint64Bytes(uint64(top.Sum)), top.Hash[:])
}

// pathLength is how many parts the path of the entry with this place, from 0, has
// in a list of count entries.
func pathLength(place, count uint32) (n int) {
	for last := count - 1; last > 0; place, last = place/2, last/2 {
		if place != last || place%2 == 1 {
			n++
		}
	}
	return n
}

// Top follows the path of l, whose index and length fit a list of count entries, to the
// top of the tree; false where a sum is no amount.
func (l *Listing) Top(count uint32) (Subtree, bool) {
	at, ok := l.Entry.Leaf(), true
	place, last := l.Entry.Index-1, count-1
	for _, other := range l.Path {
		for place == last && place%2 == 0 { // no neighbour at this height: the node stands for itself above
			place, last = place/2, last/2
		}
		var fits bool
		if place%2 == 1 {
			at, fits = join(other, at)
		} else {
			at, fits = join(at, other)
		}
		place, last, ok = place/2, last/2, ok && fits
	}
	return at, ok
}

// Check refuses what is no entry of the list of this root, of count entries that
// add up to total.
func (l *Listing) Check(root Hash, count uint32, total Amount) error {
	e := &l.Entry
	switch {
	case e.Index == 0 || e.Index > count:
		return Errorf(CodeUnknownEntry, "entry %d: the list has %d", e.Index, count)
	case e.Amount == 0 || e.Amount > total:
		return Errorf(CodeBadAmount, "entry %d: %d fen of %d: must be 1 fen to all of it", e.Index, e.Amount, total)
	case e.Kind != WhoAddress && e.Kind != WhoLink:
		return Errorf(CodeNotOnList, "entry %d: for a claimer of unknown kind %d", e.Index, uint8(e.Kind))
	case len(l.Path) != pathLength(e.Index-1, count):
		return Errorf(CodeBadPath, "entry %d: a path of %d steps, and of %d entries it has %d", e.Index, len(l.Path),
			count, pathLength(e.Index-1, count))
	}
	if top, ok := l.Top(count); !ok || top.Sum != total || ListRoot(count, top) != root {
		return Errorf(CodeNotOnList, "entry %d: does not lead to this list", e.Index)
	}
	return nil
}

// List is a list's tree, made of its entries in order. An entry takes 80 bytes
// of memory.
type List struct {
	levels [][]Subtree // from the leaves up; the last has one part
}

// NewList makes the tree of these leaves (see [ListEntry.Leaf]), of which there
// are 1 to MaxListed. It refuses a sum beyond MaxAmount.
func NewList(leaves []Subtree) (*List, error) {
	if len(leaves) == 0 || len(leaves) > MaxListed {
		return nil, Errorf(CodeBadList, "list of %d entries: must be 1 to %d", len(leaves), MaxListed)
	}
	l := &List{levels: [][]Subtree{leaves}}
	for level := leaves; len(level) > 1; {
		above := make([]Subtree, 0, (len(level)+1)/2)
		for i := 0; i+1 < len(level); i += 2 {
			node, ok := join(level[i], level[i+1])
			if !ok || node.Sum > MaxAmount {
				return nil, Errorf(CodeBadList, "list: its amounts add up to more than %s", MaxAmount.Yuan())
			}
			above = append(above, node)
		}
		if len(level)%2 == 1 {
			above = append(above, level[len(level)-1])
		}
		l.levels = append(l.levels, above)
		level = above
	}
	return l, nil
}

// Count is how many entries the list has.
func (l *List) Count() uint32 { return uint32(len(l.levels[0])) }

// Total is what the entries add up to.
func (l *List) Total() Amount { return l.top().Sum }

// Root is what terms commit to.
func (l *List) Root() Hash { return ListRoot(l.Count(), l.top()) }

func (l *List) top() Subtree { return l.levels[len(l.levels)-1][0] }

// Path is the way from the entry with this index (from 1, at most Count) to the
// root.
func (l *List) Path(index uint32) Path {
	path := make(Path, 0, bits.Len(uint(l.Count())))
	place := int(index - 1)
	for _, level := range l.levels[:len(l.levels)-1] {
		if other := place ^ 1; other < len(level) {
			path = append(path, level[other])
		}
		place /= 2
	}
	return path
}

// ListIn is the list that a claim rule asks for; nil when it asks for none.
func ListIn(c Cond) (root *Hash) {
	walk(c, 1, func(c Cond, _ int) {
		if l, ok := c.(Listed); ok && root == nil {
			root = &l.Root
		}
	})
	return root
}

// checkList holds the split to the claim rule: amounts come from a list exactly
// where every claim needs its entry on one.
func (t *Terms) checkList(now Time) error {
	lists, others := 0, false
	walk(t.Claim.Cond, 1, func(c Cond, _ int) {
		switch c.(type) {
		case Listed:
			lists++
		case Link, Named:
			others = true
		}
	})
	if t.Split != ByList {
		if lists > 0 {
			return Errorf(CodeBadList, "claim rule with a list: the split has to be list, too")
		}
		return nil
	}
	if lists != 1 || others {
		return Errorf(CodeBadList, "split list: the claim rule has to be list(…) alone or with times")
	}
	if _, _, ever := whenTrue(t.Claim.Cond, Facts{Start: now}); ever {
		return Errorf(CodeBadList, "claim rule %s: would let in a claimer without an entry", Print(t.Claim.Cond))
	}
	return nil
}
