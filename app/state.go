package app

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"hongbao/app/store"
	"hongbao/contract"
)

// Keys of the records outside the tree. A record is named by one letter and
// what it is looked up by; numbers are big-endian, so that keys sort by them.
//
//	b <height>                          contract.Beacon that drew what that block reserved
//	c                                   the chain id
//	d <due time> <packet> <share>       work that falls due then
//	e <leaf key> <seq>                  an entry of that leaf's history
//	i <address> <role> <-height> <-index>  a packet the account sent or claimed
//	l <packet> <height> <index>           query.Claim of a large packet's share
//	m <height> <index>                  Misbehavior that this block holds evidence of
//	o <packet> <address>                  the share that an account claimed from a large packet without a list
//	n <packet>                          a packet exists
//	t <tx hash>                         query.TxRecord of a tx in a block
var chainRecord = []byte("c")

func dueKey(d contract.Due) []byte {
	key := append(binary.BigEndian.AppendUint64([]byte("d"), uint64(d.At)), d.Packet[:]...)
	return binary.BigEndian.AppendUint32(key, d.Share)
}

func beaconKey(height int64) []byte {
	return binary.BigEndian.AppendUint64([]byte("b"), uint64(height))
}

// dueOf reads a dueKey.
func dueOf(key []byte) (d contract.Due) {
	d.At = contract.Time(binary.BigEndian.Uint64(key[1:]))
	copy(d.Packet[:], key[9:])
	d.Share = binary.BigEndian.Uint32(key[9+len(d.Packet):])
	return d
}

// claimKey is where the claim of a large packet's share stands.
func claimKey(id contract.PacketID, height int64, index uint32) []byte {
	key := binary.BigEndian.AppendUint64(append([]byte("l"), id[:]...), uint64(height))
	return binary.BigEndian.AppendUint32(key, index)
}

func claimerKey(id contract.PacketID, claimer contract.Address) []byte {
	return append(append([]byte("o"), id[:]...), claimer[:]...)
}

func entryKey(leaf []byte, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(append([]byte("e"), leaf...), seq)
}

func packetNameKey(id contract.PacketID) []byte { return append([]byte("n"), id[:]...) }

func txKey(h contract.Hash) []byte { return append([]byte("t"), h[:]...) }

// state is the committed state that the next block builds on, and what is
// remembered of it. The caller holds a.mu, or is the consensus connection.
func (a *App) state() contract.State { return a.leaves.over(a.bareState()) }

// bareState is the store's state, or block zero until block 1 is committed. A
// query reads it past the cache, so as to push nothing out of that.
func (a *App) bareState() contract.State {
	if a.genesis != nil {
		return a.genesis
	}
	return committed{a.store}
}

// committed reads the store as contract.State.
type committed struct{ *store.Store }

func (c committed) Leaf(key []byte) (*contract.LeafValue, error) {
	b, err := c.Get(key)
	return contract.NewLeafValue(b), err
}

func (c committed) Due(until contract.Time, limit int) (items []contract.Due, err error) {
	end := binary.BigEndian.AppendUint64([]byte("d"), uint64(until)+1)
	err = c.Records([]byte("d"), end, func(key, _ []byte) bool {
		items = append(items, dueOf(key))
		return len(items) < limit
	})
	return items, err
}

// genesis is block zero, held in memory until it is committed with block 1.
type genesis struct {
	time    contract.Time
	leaves  []contract.Leaf // in order of key
	entries []contract.ChainEntry
}

func newGenesis(chain string, at time.Time, doc *contract.Genesis, validators contract.ValidatorSet,
	rules uint64) (*genesis, error) {
	leaves, entries, err := contract.InitState(chain, at, doc, validators, rules)
	if err != nil {
		return nil, fmt.Errorf("app: %w", err)
	}
	return &genesis{time: contract.TimeOf(at), leaves: leaves, entries: entries}, nil
}

func findLeaf(sorted []contract.Leaf, key []byte) (int, bool) {
	return slices.BinarySearchFunc(sorted, key, func(l contract.Leaf, k []byte) int { return bytes.Compare(l.Key, k) })
}

func (g *genesis) Leaf(key []byte) (*contract.LeafValue, error) {
	if i, ok := findLeaf(g.leaves, key); ok {
		return contract.NewLeafValue(g.leaves[i].Value), nil
	}
	return nil, nil
}

// ShareOf implements contract.State.
func (c committed) ShareOf(id contract.PacketID, claimer contract.Address) (uint32, error) {
	b, err := c.Record(claimerKey(id, claimer))
	if err != nil || len(b) != 4 {
		return 0, err
	}
	return binary.BigEndian.Uint32(b), nil
}

func (g *genesis) ShareOf(contract.PacketID, contract.Address) (uint32, error) { return 0, nil }

func (g *genesis) Due(contract.Time, int) ([]contract.Due, error) { return nil, nil }

// under lays block 1's changes over block zero's leaves.
func (g *genesis) under(changed []contract.Leaf) []contract.Leaf {
	all := slices.Clone(changed)
	for _, l := range g.leaves {
		if _, ok := findLeaf(changed, l.Key); !ok {
			all = append(all, l)
		}
	}
	slices.SortFunc(all, func(a, b contract.Leaf) int { return bytes.Compare(a.Key, b.Key) })
	return all
}
