package contract

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// State is the committed state that a block builds on.
type State interface {
	// Leaf is the value of a leaf; nil when there is none.
	Leaf(key []byte) ([]byte, error)
	// Due lists at most limit due items with At <= until, in order.
	Due(until Time, limit int) ([]Due, error)
}

// DecodingState is a State that keeps what its leaves decode to.
type DecodingState interface {
	State
	// Decoded is decode's answer about a leaf's value, now or earlier; nil when
	// there is no such leaf. It is shared: nothing may change what it points to.
	Decoded(key []byte, decode func(leaf []byte) (any, error)) (any, error)
}

// Due is work that falls to a block at an instant: the refund of a packet at
// its expiry (Share 0), the settlement of a held share, or the lapse of the
// question about a settled one. Items are ordered by (At, Packet, Share).
type Due struct {
	At     Time
	Packet PacketID
	Share  uint32
}

// Ledger is the state of one block under execution: the committed state with
// the block's changes over it. A fork of it holds one tx's changes, which are
// merged when the tx succeeds and dropped when it fails.
//
// Values handed out are copies; only put… changes the ledger.
type Ledger struct {
	state  State
	parent *Ledger
	params *Params
	chain  string

	accounts map[Address]*cell[Account]
	packets  map[PacketID]*cell[Packet]
	supply   *Supply
	draws    *Draws            // what this block owes, and after Seal what the next one does
	reserved Draws             // by this block so far
	terms    map[PacketID]Hash // of packets that were claimed from; in the block's ledger, not in forks
	clock    *Clock            // of a dev chain; nil elsewhere, and in a fork that leaves it alone
	entries  []ChainEntry
	due      []DueChange

	err error // the first failure to read committed state: the block cannot go on
}

// cell is a leaf's value (nil: absent) and whether this ledger changed it.
type cell[T any] struct {
	value   *T
	changed bool
}

// ChainEntry is an entry's encoding and the leaf whose history it is in.
type ChainEntry struct {
	Leaf  []byte // leaf key
	Seq   uint64
	Entry []byte
}

// DueChange adds a due item or takes it away.
type DueChange struct {
	Due
	Remove bool
}

// Leaf is a changed leaf.
type Leaf struct{ Key, Value []byte }

// ErrState wraps a failure of the committed state: the node is broken, not the
// tx.
var ErrState = errors.New("contract: committed state cannot be read")

// NewLedger starts a block over state. The chain's parameters must be there.
func NewLedger(chain string, state State) (*Ledger, error) {
	l := &Ledger{chain: chain, state: state, accounts: map[Address]*cell[Account]{}, packets: map[PacketID]*cell[Packet]{},
		terms: map[PacketID]Hash{}}
	l.params = readLeaf[Params](l, ParamsKey)
	l.supply = readLeaf[Supply](l, SupplyKey)
	l.draws = readLeaf[Draws](l, DrawsKey)
	l.clock = readLeaf[Clock](l, ClockKey)
	if l.err == nil && (l.params == nil || l.supply == nil || l.draws == nil) {
		l.err = fmt.Errorf("%w: no parameters, supply or draws: not a hongbao state", ErrState)
	}
	return l, l.err
}

// Params are the chain's limits.
func (l *Ledger) Params() *Params { return l.params }

// Err is the first failure to read committed state. A block that met one must
// not be committed.
func (l *Ledger) Err() error { return l.err }

// readLeaf is a committed leaf decoded; nil when there is none. It is shared,
// and copied before it is changed.
func readLeaf[T any](l *Ledger, key []byte) *T {
	decode := func(leaf []byte) (any, error) {
		v := new(T)
		return v, decodeCommitted(leaf, v)
	}
	var v any
	var err error
	if s, ok := l.state.(DecodingState); ok {
		v, err = s.Decoded(key, decode)
	} else if leaf := l.leaf(key); leaf != nil {
		v, err = decode(leaf)
	}
	if err != nil {
		l.fail(key, err)
	}
	if v == nil || err != nil {
		return nil
	}
	return v.(*T)
}

// leaf is a leaf's committed value; nil when there is none.
func (l *Ledger) leaf(key []byte) []byte {
	b, err := l.state.Leaf(key)
	if err != nil {
		l.fail(key, err)
		return nil
	}
	return b
}

// fail notes the first failure to read committed state.
func (l *Ledger) fail(key []byte, err error) {
	if l.err == nil {
		l.err = fmt.Errorf("%w: leaf %q: %v", ErrState, key, err)
	}
}

// fork is a ledger over l for one tx.
func (l *Ledger) fork() *Ledger {
	return &Ledger{
		state: l.state, parent: l, params: l.params, chain: l.chain,
		accounts: map[Address]*cell[Account]{}, packets: map[PacketID]*cell[Packet]{},
	}
}

// merge takes over the changes of a fork.
func (l *Ledger) merge(f *Ledger) {
	for k, c := range f.accounts {
		if c.changed {
			l.accounts[k] = c
		}
	}
	for k, c := range f.packets {
		if c.changed {
			l.packets[k] = c
		}
	}
	if f.supply != nil {
		l.supply = f.supply
	}
	if f.clock != nil {
		l.clock = f.clock
	}
	l.reserved.Shares = append(l.reserved.Shares, f.reserved.Shares...)
	l.reserved.Recalls = append(l.reserved.Recalls, f.reserved.Recalls...)
	l.entries = append(l.entries, f.entries...)
	l.due = append(l.due, f.due...)
}

// Account is a copy of a's leaf; nil when there is none.
func (l *Ledger) Account(a Address) *Account {
	if v := l.account(a); v != nil {
		copied := *v
		return &copied
	}
	return nil
}

func (l *Ledger) account(a Address) *Account {
	if c, ok := l.accounts[a]; ok {
		return c.value
	}
	if l.parent != nil {
		return l.parent.account(a)
	}
	v := readLeaf[Account](l, AccountKey(a))
	l.accounts[a] = &cell[Account]{value: v}
	return v
}

// Packet is a copy of a packet's leaf, whose Terms are shared and never
// changed; nil when there is none.
func (l *Ledger) Packet(id PacketID) *Packet {
	if v := l.packet(id); v != nil {
		copied := *v
		copied.Shares = slices.Clone(v.Shares)
		return &copied
	}
	return nil
}

func (l *Ledger) packet(id PacketID) *Packet {
	if c, ok := l.packets[id]; ok {
		return c.value
	}
	if l.parent != nil {
		return l.parent.packet(id)
	}
	v := readLeaf[Packet](l, PacketKey(id))
	l.packets[id] = &cell[Packet]{value: v}
	return v
}

// termsHash is the hash of a packet's terms, which never change: it is made once
// in a block, of the bytes that are committed where they are.
func (l *Ledger) termsHash(id PacketID, p *Packet) Hash {
	if l.parent != nil {
		return l.parent.termsHash(id, p)
	}
	h, known := l.terms[id]
	if known {
		return h
	}
	if leaf := l.leaf(PacketKey(id)); leaf == nil {
		h = p.Terms.Hash(l.chain)
	} else if terms, err := termsBytes(leaf); err != nil {
		l.fail(PacketKey(id), err)
	} else {
		h = termsHash(l.chain, terms)
	}
	l.terms[id] = h
	return h
}

// Supply is a copy of the supply leaf.
func (l *Ledger) Supply() Supply {
	if l.supply == nil {
		return l.parent.Supply()
	}
	return *l.supply
}

func (l *Ledger) putAccount(a Address, v *Account) {
	l.accounts[a] = &cell[Account]{value: v, changed: true}
}

func (l *Ledger) putPacket(id PacketID, v *Packet) {
	l.packets[id] = &cell[Packet]{value: v, changed: true}
}

func (l *Ledger) putDue(d Due, remove bool) {
	l.due = append(l.due, DueChange{Due: d, Remove: remove})
}

// newAccount is the leaf an address starts with.
func (l *Ledger) newAccount(a Address) *Account {
	return &Account{History: History{Head: FirstHead(l.chain, AccountKey(a))}}
}

// youngAccount is the leaf that a payment or a claim makes. Nonce 0 is left to
// the claim of an address without a leaf: one that lost its race spent no nonce,
// and must not run again.
func (l *Ledger) youngAccount(env *Env, a Address) *Account {
	acc := l.newAccount(a)
	acc.Nonce, acc.Bucket = 1, youngBucket(env.Time, l.params)
	return acc
}

// Changes is what the block did: its changed leaves in order of key (a leaf
// whose bytes stayed equal is left out: setting it would change the root), the
// entries in the order made, and the due changes in the order made.
func (l *Ledger) Changes() ([]Leaf, []ChainEntry, []DueChange, error) {
	var leaves []Leaf
	set := func(key []byte, v any) {
		value := Encode(v)
		old, err := l.state.Leaf(key)
		if err != nil && l.err == nil {
			l.err = fmt.Errorf("%w: %v", ErrState, err)
		}
		if !bytes.Equal(old, value) {
			leaves = append(leaves, Leaf{key, value})
		}
	}
	for a, c := range l.accounts {
		if c.changed {
			set(AccountKey(a), c.value)
		}
	}
	for id, c := range l.packets {
		if c.changed {
			set(PacketKey(id), c.value)
		}
	}
	set(SupplyKey, l.supply)
	set(DrawsKey, l.draws)
	if l.clock != nil {
		set(ClockKey, l.clock)
	}
	slices.SortFunc(leaves, func(a, b Leaf) int { return bytes.Compare(a.Key, b.Key) })
	return leaves, l.entries, l.due, l.err
}
