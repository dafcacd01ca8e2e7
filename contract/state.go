package contract

import (
	"errors"
	"fmt"
	"sync"
)

// State is the committed state that a block builds on.
type State interface {
	// Leaf is the value of a leaf; nil when there is none. What it points to is
	// shared and must not be changed.
	Leaf(key []byte) (*LeafValue, error)
	// Due lists at most limit due items with At <= until, in order.
	Due(until Time, limit int) ([]Due, error)
	// ShareOf is the share, from 1, that an account claimed from a large packet without
	// a list; 0 when it has none. It follows from the shares' leaves.
	ShareOf(packet PacketID, claimer Address) (uint32, error)
}

// LeafValue is the value of a committed leaf: its bytes, and what they decode
// to once that was asked for. A State that hands out the same LeafValue until
// the leaf changes has it decoded once, however many blocks ask. It is safe for
// concurrent use.
type LeafValue struct {
	Bytes []byte // must not be changed

	whole   decoded // a value of the leaf's own type
	outline decoded // a packet's: what admission needs of it
}

// NewLeafValue is a leaf of these bytes; nil when there are none.
func NewLeafValue(b []byte) *LeafValue {
	if b == nil {
		return nil
	}
	return &LeafValue{Bytes: b}
}

// decoded is the memory of one way to decode a leaf.
type decoded struct {
	once  sync.Once
	value any
	err   error
}

// decodeOnce is what b decodes to as a T. Asking a second time for another type
// is a programmer's error.
func decodeOnce[T any](d *decoded, b []byte, decode func([]byte, *T) error) (*T, error) {
	d.once.Do(func() {
		v := new(T)
		d.err = decode(b, v)
		d.value = v
	})
	return d.value.(*T), d.err
}

// Due is work that falls to a block at an instant: the refund of a packet at
// its expiry (Share 0), the settlement of a held share, or the lapse of the
// question about a settled one. Items are ordered by (At, Packet, Share).
type Due struct {
	At     Time
	Packet PacketID
	Share  uint32
}

// ErrState wraps a failure of the committed state: the node is broken, not the
// tx.
var ErrState = errors.New("contract: committed state cannot be read")

// committed reads the state that a block builds on, each leaf once. Values that
// it hands out are shared: a ledger copies them before it changes anything.
type committed struct {
	chain  string
	state  State
	params *Params
	supply *Supply
	draws  *Draws
	clock  *Clock // of a dev chain; nil elsewhere

	accounts map[Address]*Account // that were read; nil: there is none
	packets  map[PacketID]*Packet
	shares   map[shareID]*ShareLeaf // that were read and are there
	terms    map[PacketID]Hash      // of packets that were claimed from

	err error // the first failure to read: the block cannot go on
}

// readCommitted starts to read a state. The chain's parameters must be there.
func readCommitted(chain string, state State) (*committed, error) {
	c := newCommitted(chain, state)
	c.params = readLeaf[Params](c, ParamsKey)
	c.supply = readLeaf[Supply](c, SupplyKey)
	c.draws = readLeaf[Draws](c, DrawsKey)
	c.clock = readLeaf[Clock](c, ClockKey)
	if c.err == nil && (c.params == nil || c.supply == nil || c.draws == nil) {
		c.err = fmt.Errorf("%w: no parameters, supply or draws: not a hongbao state", ErrState)
	}
	return c, c.err
}

func newCommitted(chain string, state State) *committed {
	return &committed{
		chain: chain, state: state,
		accounts: map[Address]*Account{}, packets: map[PacketID]*Packet{}, terms: map[PacketID]Hash{},
		shares: map[shareID]*ShareLeaf{},
	}
}

// leaf is a leaf's value; nil when there is none or it cannot be read.
func (c *committed) leaf(key []byte) *LeafValue {
	v, err := c.state.Leaf(key)
	if err != nil {
		c.fail(key, err)
		return nil
	}
	return v
}

// fail notes the first failure to read.
func (c *committed) fail(key []byte, err error) {
	if c.err == nil {
		c.err = fmt.Errorf("%w: leaf %q: %v", ErrState, key, err)
	}
}

// readLeaf is a leaf decoded as a T; nil when there is none or it cannot be read.
func readLeaf[T any](c *committed, key []byte) *T {
	return readLeafInto(c, key, func(b []byte, v *T) error { return DecodeCommitted(b, v) })
}

// readLeafInto is readLeaf with a decoder of the leaf's own.
func readLeafInto[T any](c *committed, key []byte, decode func([]byte, *T) error) *T {
	leaf := c.leaf(key)
	if leaf == nil {
		return nil
	}
	v, err := decodeOnce(&leaf.whole, leaf.Bytes, decode)
	if err != nil {
		c.fail(key, err)
		return nil
	}
	return v
}

func (c *committed) account(a Address) *Account {
	v, read := c.accounts[a]
	if !read {
		v = readLeaf[Account](c, AccountKey(a))
		c.accounts[a] = v
	}
	return v
}

func (c *committed) packet(id PacketID) *Packet {
	v, read := c.packets[id]
	if !read {
		v = readLeafInto(c, PacketKey(id), func(b []byte, p *Packet) error {
			p.ID = id
			return p.decodeLeaf(b)
		})
		c.packets[id] = v
	}
	return v
}

// outline is that of a packet; nil when there is none.
func (c *committed) outline(id PacketID) *outline {
	leaf := c.leaf(PacketKey(id))
	if leaf == nil {
		return nil
	}
	o, err := decodeOnce(&leaf.outline, leaf.Bytes, decodeOutline)
	if err != nil {
		c.fail(PacketKey(id), err)
		return nil
	}
	return o
}

// forgetAbsent drops what was noted of leaves that do not exist.
func (c *committed) forgetAbsent(a Address, p PacketID) {
	if v, read := c.accounts[a]; read && v == nil {
		delete(c.accounts, a)
	}
	if v, read := c.packets[p]; read && v == nil {
		delete(c.packets, p)
	}
}

// shareOf is what State.ShareOf says; 0 when it cannot be read.
func (c *committed) shareOf(id PacketID, claimer Address) uint32 {
	n, err := c.state.ShareOf(id, claimer)
	if err != nil {
		c.fail(ShareKey(id, 0), err)
	}
	return n
}

// termsHash is the hash of a packet's terms, which never change: it is made once
// in a block, of the bytes that are committed where they are.
func (c *committed) termsHash(p *Packet) Hash {
	h, known := c.terms[p.ID]
	if known {
		return h
	}
	if o := c.outline(p.ID); o != nil {
		h = termsHash(c.chain, o.Terms)
	} else {
		h = p.Terms.Hash(c.chain)
	}
	c.terms[p.ID] = h
	return h
}
