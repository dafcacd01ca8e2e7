package sim

import (
	"encoding/json"
	"os"
	"sync"
	"time"

	"hongbao/contract"
)

// trace is all that is known of a run when it is over. The checkers read
// nothing else, so that a trace in a file can be judged again, and its blocks
// executed again.
type trace struct {
	Seed    uint64
	Driver  string // "bubble" or "model"
	Plant   string // the bug that was planted; empty = none
	Genesis []byte // the genesis file

	Blocks   []block // decided, from height 1
	Executed []executed
	Sent     []sent
	Told     []told
	Asked    []asked
	Proofs   []proof
	Faults   []fault
	Alarms   []alarm
	Finals   []dump
	Lies     map[string]int // that a byzantine validator told, and how often

	mu sync.Mutex
}

// block is a decided block as the first node that executed it was given it.
type block struct {
	Height   int64
	Time     contract.Time // in its header
	At       contract.Time // by the simulation's clock, when it was first executed
	Hash     contract.Hash
	Proposer []byte // that the header names
	Maker    []byte // whose proposal it was; empty where the driver cannot know
	Round    int32  // in which it was decided
	Txs      [][]byte
	Accused  [][]byte // validators that its evidence names
	Supply   contract.Supply
}

// executed is a block on one node. A node that lost it executes it again.
type executed struct {
	Node    int
	Run     int // how often the node was started before
	Height  int64
	Hash    contract.Hash
	AppHash contract.Hash
	Codes   []contract.Code
	At      contract.Time
	Synced  bool // it came by block sync
}

// sent is a tx handed to a node, and what the node said.
type sent struct {
	Hash  contract.Hash
	Wire  []byte
	Who   string
	Nonce uint64
	Node  int
	At    contract.Time
	Known uint64 // the nonce that this node had just answered
	Again bool   // the same bytes were handed to a node before
	Code  contract.Code
}

// told is an outcome that a client learnt.
type told struct {
	Hash   contract.Hash
	Node   int
	At     contract.Time
	Height int64 // 0: the client gave up, because valid_until had passed in the node's newest block
	Index  uint32
	Code   contract.Code
	Share  uint32          // of a claim: the share it got
	Amount contract.Amount // and how much, where the split is equal
}

// asked is a state that a client read.
type asked struct {
	Node    int
	At      contract.Time
	AsOf    contract.Time // the time that the node said it speaks of
	Height  int64
	Who     string             // whose account, or
	Packet  *contract.PacketID // which packet
	Balance contract.Amount
	Nonce   uint64
	Claimed int  // of a packet: shares taken
	Full    bool // and whether it stands so,
	Closed  bool // or so, by a recall
}

// proof is a leaf with an ICS-23 proof, as a node answered it.
type proof struct {
	Node   int
	Height int64
	Key    []byte
	Value  []byte
	Proof  []byte
	At     contract.Time
}

// fault is what the simulation did to the network.
type fault struct {
	At   contract.Time
	Node int // -1: the network
	What string
	Heal bool // from here on at least three validators run, reach each other, and are honest or bound
}

// alarm is what a driver saw that must not happen.
type alarm struct {
	At   contract.Time
	Node int
	What string
}

// dump is a node's whole state at the end.
type dump struct {
	Node    int
	Height  int64
	Leaves  []pair // in order of key
	Records []pair
}

type pair struct{ Key, Value []byte }

func (t *trace) lock() func() { t.mu.Lock(); return t.mu.Unlock }

func (t *trace) fault(at time.Time, node int, heal bool, what string) {
	defer t.lock()()
	t.Faults = append(t.Faults, fault{contract.TimeOf(at), node, what, heal})
}

func (t *trace) alarm(at time.Time, node int, what string) {
	defer t.lock()()
	t.Alarms = append(t.Alarms, alarm{contract.TimeOf(at), node, what})
}

// write puts the trace into a file.
func (t *trace) write(path string) error {
	defer t.lock()()
	b, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o600)
}

func readTrace(path string) (*trace, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t := new(trace)
	return t, json.Unmarshal(b, t)
}
