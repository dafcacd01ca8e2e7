package contract

import "fmt"

// Env is where a block stands in its chain, and how signatures are checked
// there.
type Env struct {
	Chain    string
	Height   int64
	Time     Time     // block time, and on a dev chain what [Clock.Now] makes of it
	Verifier Verifier // of txs, links and consents
}

// Block is one block over the committed state. Its story is told in this order:
//
//	Draw     the lucky shares that the block before reserved
//	Due      refunds, settlements and lapsed questions
//	Admit    judges a tx by the committed state and the txs before it
//	Apply    executes a tx that was admitted
//	Seal     makes the next block owe what this one reserved
//	Changes  what is to be committed
//
// A proposal is a Block of which nothing but Admit is asked. A Block commits
// nothing, and is dropped where it stands when a call fails with [ErrState].
type Block struct {
	admission
	ledger *ledger

	due  uint32            // items that the txs so far may leave
	work uint32            // that the txs so far count for
	read map[PacketID]bool // packets that the txs so far name
}

// NewBlock is an empty block at env over the committed state.
func NewBlock(state State, env Env) (*Block, error) {
	base, err := readCommitted(env.Chain, state)
	if err != nil {
		return nil, err
	}
	return &Block{
		admission: newAdmission(base, env, base.params.MaxFirstClaims),
		ledger:    newLedger(base, nil), read: map[PacketID]bool{},
	}, nil
}

// step is one thing that happens in a block: a draw, an item of due work, a tx.
type step struct {
	*Env
	phase Phase
	index uint32 // of the tx in the block, or of the item in its phase
	tx    Hash   // phase tx only
}

// Owed is what the block draws first; its Height is 0 when that is nothing.
func (b *Block) Owed() Draws { return *b.base.draws }

// CheckBeacon refuses an item that is not what a block of this proposer begins
// with: its proof over what is owed.
func (b *Block) CheckBeacon(item, proposer []byte) error {
	_, _, err := b.base.readBeacon(item, proposer)
	return err
}

// Draw draws what is owed by the beacon in item, which the block begins with.
// Shares come in the order of their claims, then the money that recalls of the
// same block left goes home.
func (b *Block) Draw(item, proposer []byte) (*Beacon, error) {
	beacon, out, err := b.base.readBeacon(item, proposer)
	if err != nil {
		return nil, err
	}
	return beacon, b.ledger.draw(&b.env, beacon, out)
}

// Due does the work that the committed state owes by the block's time, oldest
// first, at most Params.MaxDuePerBlock items. The rest waits for the next block,
// and so does the settlement of a share that this block drew into a hold that is
// over. What waits can already be neither claimed, recalled nor answered: that is
// judged by time.
func (b *Block) Due() error { return b.ledger.runDue(&b.env) }

// Admit adds tx to the block, or refuses it and leaves everything as it was.
// Nothing is executed.
func (b *Block) Admit(tx *DecodedTx) error {
	work := b.workOf(tx.Message)
	if b.work+work > b.base.params.MaxTxsPerBlock {
		return Errorf(CodeBlockFull, "block: transaction limit %d reached", b.base.params.MaxTxsPerBlock)
	}
	next, err := b.judge(tx.Tx)
	if err != nil {
		return err
	}
	due := b.dueOf(tx.Message)
	if b.due+due > b.base.params.MaxDuePerBlock {
		return Errorf(CodeDueFull, "block: due-work limit %d reached", b.base.params.MaxDuePerBlock)
	}
	if err := b.verify(tx, next); err != nil {
		return err
	}
	b.take(tx, next)
	b.due += due
	b.work += work
	id, _ := PacketOf(tx.Message)
	b.read[id] = true
	return b.base.err
}

// Full reports whether no further tx has room in the block.
func (b *Block) Full() bool { return b.work >= b.base.params.MaxTxsPerBlock }

// readBytes is how much of a packet's leaf counts like a tx of its own: reading
// and decoding so much costs about as much as a payment. Most leaves are shorter.
const readBytes = 2 << 10

// workOf is what a tx counts for in a block, which bounds what executing one
// costs: one, and one more for each consent and approval and four for each key
// proof, whose signatures are verified only then, and for each readBytes of the committed leaf of the packet that it
// names, unless a tx before it names it too. A tx may fail at no cost to its
// maker, but not without the packet having been read.
//
// No tx counts for more than there may be, so that each may stand in a block.
func (b *Block) workOf(m Message) uint32 {
	work := 1
	switch m := m.(type) {
	case *Recall:
		work += len(m.Consents)
	case *Change: // an approval is a signature, and a key proof about four
		work += len(m.HandOver.Approvals) + 4*len(m.Proofs)
	}
	if id, _ := PacketOf(m); id != (PacketID{}) && !b.read[id] {
		if leaf := b.base.leaf(PacketKey(id)); leaf != nil {
			work += len(leaf.Bytes) / readBytes
		}
	}
	return min(uint32(work), b.base.params.MaxTxsPerBlock)
}

// dueOf is how many items a tx may leave in the due queue: one at most. A block
// leaves no more than it can do, lest the queue grow for ever under load. A
// claim of a packet that the committed state does not know, which was sent in
// this block or nowhere, counts as one into a hold.
func (b *Block) dueOf(m Message) uint32 {
	switch m := m.(type) {
	case *Send, *Ask:
		return 1
	case *Claim:
		if o := b.base.outline(m.Packet); o == nil || o.Hold > 0 {
			return 1
		}
	}
	return 0
}

// Apply executes tx, which Admit let in. index is its place among all that
// stands in the block, from 0, a beacon included. The tx's nonce and tokens are
// spent even when it fails; nothing else of a failed tx remains. The error is
// why it failed.
func (b *Block) Apply(index uint32, tx *DecodedTx) error {
	return b.ledger.run(&step{Env: &b.env, phase: PhaseTx, index: index, tx: tx.Hash}, tx.Tx)
}

// Account is a's leaf as the block leaves it so far; nil when there is none.
func (b *Block) Account(a Address) *Account { return b.ledger.account(a) }

// Packet is a packet's leaf as the block leaves it so far, whose Terms must not
// be changed; nil when there is none.
func (b *Block) Packet(id PacketID) *Packet { return b.ledger.packet(id) }

// Seal ends the block, whose hash no claimer in it knew: what it reserved is
// owed by the next one. It fails when money was made or lost.
func (b *Block) Seal(hash []byte) error {
	if s := b.ledger.sums(); !s.Holds() {
		return fmt.Errorf("contract: money is not conserved: %+v", s)
	}
	b.ledger.writeBatches()
	b.ledger.startUpgrade(b.env.Height)
	return b.ledger.seal(b.env.Height, hash)
}

// Updates is what the block changes in the set of validators, to be in force two
// blocks later.
func (b *Block) Updates() []Update {
	v := b.ledger.validators
	if v == nil || v.From != b.env.Height+2 {
		return nil
	}
	var list []Update
	for _, old := range v.Before {
		if now := v.Set.find(old.PubKey); now == nil {
			list = append(list, Update{PubKey: old.PubKey})
		} else if now.Power != old.Power {
			list = append(list, Update{PubKey: old.PubKey, Power: now.Power})
		}
	}
	for _, now := range v.Set {
		if v.Before.find(now.PubKey) == nil {
			list = append(list, Update{PubKey: now.PubKey, Power: now.Power, VRFKey: &now.VRFKey})
		}
	}
	return list
}

// NewRules is the version of the rules that begin with the next block, if others do.
func (b *Block) NewRules() (rules uint64, begin bool) {
	before, now := readLeaf[Validators](b.base, ValidatorsKey), b.ledger.validators
	if before == nil || now == nil || before.Rules == now.Rules {
		return 0, false
	}
	return now.Rules, true
}

// Changes is what the block did: its changed leaves in order of key (a leaf
// whose bytes stayed equal is left out: setting it would change the root), the
// entries in the order made, and the due changes in the order made. The error is
// the first failure to read committed state: such a block must not be committed.
func (b *Block) Changes() ([]Leaf, []ChainEntry, []DueChange, error) { return b.ledger.changes() }

// Err is the first failure to read committed state.
func (a *admission) Err() error { return a.base.err }
