package contract

import (
	"bytes"
	"maps"
	"slices"
)

// ledger is a state under change: a block's changes over the committed state,
// or one tx's over its block. Those of a tx are merged when it succeeds and
// dropped when it fails.
//
// Values handed out are copies unless said otherwise; only put… changes the
// ledger.
type ledger struct {
	base  *committed
	below *ledger // the block's, under a tx's; nil under the block's own

	accounts   map[Address]*Account // as changed
	packets    map[PacketID]*Packet
	shares     map[shareID]*ShareLeaf  // of large packets
	claimers   map[claimID]uint32      // of large packets without a list: their shares
	batches    map[PacketID]*openBatch // of large packets; nil: written down
	supply     *Supply                 // nil: unchanged
	draws      *Draws                  // nil: unchanged
	clock      *Clock                  // nil: unchanged
	validators *Validators             // nil: unchanged
	reserved   Draws                   // by this block so far
	entries    []ChainEntry
	due        []DueChange
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

// newLedger is a ledger without changes: a block's where below is nil.
func newLedger(base *committed, below *ledger) *ledger {
	return &ledger{base: base, below: below, accounts: map[Address]*Account{}, packets: map[PacketID]*Packet{},
		shares: map[shareID]*ShareLeaf{}, claimers: map[claimID]uint32{}, batches: map[PacketID]*openBatch{}}
}

// fork is a ledger over l for one tx.
func (l *ledger) fork() *ledger { return newLedger(l.base, l) }

// merge takes over the changes of a fork.
func (l *ledger) merge(f *ledger) {
	maps.Copy(l.accounts, f.accounts)
	maps.Copy(l.packets, f.packets)
	maps.Copy(l.shares, f.shares)
	maps.Copy(l.batches, f.batches)
	maps.Copy(l.claimers, f.claimers)
	if f.supply != nil {
		l.supply = f.supply
	}
	if f.clock != nil {
		l.clock = f.clock
	}
	if f.validators != nil {
		l.validators = f.validators
	}
	l.reserved.Shares = append(l.reserved.Shares, f.reserved.Shares...)
	l.reserved.Recalls = append(l.reserved.Recalls, f.reserved.Recalls...)
	l.entries = append(l.entries, f.entries...)
	l.due = append(l.due, f.due...)
}

func (l *ledger) params() *Params { return l.base.params }

// account is a's leaf; nil when there is none.
func (l *ledger) account(a Address) *Account {
	if v := l.sharedAccount(a); v != nil {
		copied := *v
		return &copied
	}
	return nil
}

// sharedAccount is account, not copied.
func (l *ledger) sharedAccount(a Address) *Account {
	for at := l; at != nil; at = at.below {
		if v := at.accounts[a]; v != nil {
			return v
		}
	}
	return l.base.account(a)
}

// packet is a packet's leaf, whose Terms are shared and never changed; nil when
// there is none.
func (l *ledger) packet(id PacketID) *Packet {
	if v := l.sharedPacket(id); v != nil {
		copied := *v
		copied.Shares = slices.Clone(v.Shares)
		if v.Tally != nil {
			tally := *v.Tally
			copied.Tally = &tally
		}
		return &copied
	}
	return nil
}

// sharedPacket is packet, not copied.
func (l *ledger) sharedPacket(id PacketID) *Packet {
	for at := l; at != nil; at = at.below {
		if v := at.packets[id]; v != nil {
			return v
		}
	}
	return l.base.packet(id)
}

// sums is the supply leaf.
func (l *ledger) sums() Supply {
	for at := l; at != nil; at = at.below {
		if at.supply != nil {
			return *at.supply
		}
	}
	return *l.base.supply
}

// chainClock is the clock leaf; nil on a chain that is not for development.
func (l *ledger) chainClock() *Clock {
	clock := l.base.clock
	for at := l; at != nil; at = at.below {
		if at.clock != nil {
			clock = at.clock
			break
		}
	}
	if clock == nil {
		return nil
	}
	copied := *clock
	return &copied
}

func (l *ledger) putAccount(a Address, v *Account) { l.accounts[a] = v }

// putPacket puts a packet, and the share beside it.
func (l *ledger) putPacket(p *Packet) {
	if p.beside != nil {
		leaf := p.beside.leaf
		l.shares[shareID{p.ID, p.beside.number}] = &leaf
		bare := *p
		bare.beside = nil
		p = &bare
	}
	l.packets[p.ID] = p
}

func (l *ledger) putDue(d Due, remove bool) {
	l.due = append(l.due, DueChange{Due: d, Remove: remove})
}

// newAccount is the leaf an address starts with.
func (l *ledger) newAccount(a Address) *Account {
	return &Account{History: FirstHistory(l.base.chain, AccountKey(a))}
}

// youngAccount is the leaf that a payment or a claim makes at now. Nonce 0 is
// left to the claim of an address without a leaf: one that lost its race spent
// no nonce, and must not run again.
func (l *ledger) youngAccount(a Address, now Time) *Account {
	acc := l.newAccount(a)
	acc.Nonce, acc.Bucket = 1, youngBucket(now, l.params())
	return acc
}

// changes is what a block did: its changed leaves in order of key (a leaf whose
// bytes stayed equal is left out: setting it would change the root), the entries
// in the order made, and the due changes in the order made.
func (l *ledger) changes() ([]Leaf, []ChainEntry, []DueChange, error) {
	var leaves []Leaf
	set := func(key []byte, v any) {
		value := Encode(v)
		if old := l.base.leaf(key); old == nil || !bytes.Equal(old.Bytes, value) {
			leaves = append(leaves, Leaf{key, value})
		}
	}
	for a, v := range l.accounts {
		set(AccountKey(a), v)
	}
	for id, v := range l.packets {
		set(PacketKey(id), v)
	}
	for at, v := range l.shares {
		set(ShareKey(at.packet, at.number), v)
	}
	if l.supply != nil {
		set(SupplyKey, l.supply)
	}
	if l.draws != nil {
		set(DrawsKey, l.draws)
	}
	if l.clock != nil {
		set(ClockKey, l.clock)
	}
	if l.validators != nil {
		set(ValidatorsKey, l.validators)
	}
	slices.SortFunc(leaves, func(a, b Leaf) int { return bytes.Compare(a.Key, b.Key) })
	return leaves, l.entries, l.due, l.base.err
}
