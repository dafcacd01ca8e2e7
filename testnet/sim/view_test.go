package sim

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/cometbft/cometbft/types"

	"hongbao/app/query"
	"hongbao/contract"
	"hongbao/testnet/lives"
)

// view is a trace as the checkers read it: decoded, and told as packets' lives.
type view struct {
	*trace
	doc     *types.GenesisDoc
	genesis *contract.Genesis
	codes   [][]contract.Code // of each block's items, from height 1
	items   [][]item
	finals  []*final
	lives   *lives.Lives  // as the blocks tell them
	wrong   []lives.Wrong // that no rule allows, of the transactions in blocks
	broken  []string      // what cannot be read at all
}

// item is one thing in a block: a tx, or a beacon.
type item struct {
	hash   contract.Hash
	tx     *contract.Tx
	beacon *contract.BeaconItem
	code   contract.Code
}

// final is a node's state at the end.
type final struct {
	node     int
	height   int64
	accounts map[contract.Address]contract.Account
	packets  map[contract.PacketID]*contract.Packet
	shares   map[contract.PacketID]map[uint32]contract.ShareLeaf // of large packets
	supply   contract.Supply
	histories
	records map[contract.Hash]query.TxRecord
	beacons map[int64]contract.Beacon
}

type histories map[string][][]byte // leaf key → entries by seq

func newView(t *trace) *view {
	v := &view{trace: t}
	doc, err := types.GenesisDocFromJSON(t.Genesis)
	check(err)
	v.doc = doc
	v.genesis, err = contract.ParseGenesis(doc.AppState)
	check(err)
	v.codes = make([][]contract.Code, len(t.Blocks))
	for _, e := range t.Executed {
		if v.codes[e.Height-1] == nil {
			v.codes[e.Height-1] = e.Codes
		}
	}
	for i, b := range t.Blocks {
		var list []item
		for j, wire := range b.Txs {
			x := item{hash: contract.TxHash(wire)}
			if j < len(v.codes[i]) {
				x.code = v.codes[i][j]
			}
			var beacon contract.BeaconItem
			if tx, err := contract.DecodeTx(wire); err == nil {
				x.tx = tx
			} else if contract.Decode(wire, &beacon) == nil {
				x.beacon = &beacon
			}
			list = append(list, x)
		}
		v.items = append(v.items, list)
	}
	v.lives = lives.New(doc.ChainID, v.genesis.Params)
	for i, items := range v.items {
		for _, x := range items {
			if x.tx == nil {
				continue
			}
			b := &v.Blocks[i]
			for _, w := range v.lives.Take(b.Height, b.Time, x.tx, x.code) {
				w.Text = fmt.Sprintf("block %d, of %s: %s", b.Height, b.Time, w.Text)
				v.wrong = append(v.wrong, w)
			}
		}
	}
	for _, d := range t.Finals {
		f, err := readFinal(d)
		if err != nil {
			v.broken = append(v.broken, fmt.Sprintf("node %d: %v", d.Node+1, err))
		}
		v.finals = append(v.finals, f)
	}
	return v
}

func readFinal(d dump) (*final, error) {
	f := &final{node: d.Node, height: d.Height, accounts: map[contract.Address]contract.Account{},
		packets: map[contract.PacketID]*contract.Packet{},
		shares:  map[contract.PacketID]map[uint32]contract.ShareLeaf{}, histories: histories{},
		records: map[contract.Hash]query.TxRecord{}, beacons: map[int64]contract.Beacon{}}
	for _, l := range d.Leaves {
		var err error
		switch {
		case bytes.HasPrefix(l.Key, []byte("a/")):
			var a contract.Account
			err = contract.Decode(l.Value, &a)
			f.accounts[contract.Address(l.Key[2:])] = a
		case bytes.HasPrefix(l.Key, []byte("p/")):
			p := &contract.Packet{ID: contract.PacketID(l.Key[2:])}
			err = contract.Decode(l.Value, p)
			f.packets[p.ID] = p
		case bytes.HasPrefix(l.Key, []byte("s/")):
			id, number, _ := contract.SplitShareKey(l.Key)
			var leaf contract.ShareLeaf
			err = contract.Decode(l.Value, &leaf)
			if f.shares[id] == nil {
				f.shares[id] = map[uint32]contract.ShareLeaf{}
			}
			f.shares[id][number] = leaf
		case bytes.Equal(l.Key, contract.SupplyKey):
			err = contract.Decode(l.Value, &f.supply)
		}
		if err != nil {
			return f, fmt.Errorf("leaf %q: %w", l.Key, err)
		}
	}
	for _, r := range d.Records {
		var err error
		switch r.Key[0] {
		case 'e':
			leaf := string(r.Key[1 : len(r.Key)-8])
			f.histories[leaf] = append(f.histories[leaf], r.Value)
		case 't':
			var record query.TxRecord
			err = contract.Decode(r.Value, &record)
			f.records[contract.Hash(r.Key[1:])] = record
		case 'b':
			var b contract.Beacon
			err = contract.Decode(r.Value, &b)
			f.beacons[int64(binary.BigEndian.Uint64(r.Key[1:]))] = b
		}
		if err != nil {
			return f, fmt.Errorf("record %q: %w", r.Key, err)
		}
	}
	return f, nil
}

// checker is one promise, judged on a trace: what it says is what was broken.
type checker struct {
	letter  string
	promise string
	judge   func(v *view, broken func(format string, args ...any))
}

var checkers = []checker{
	{"H", "every node comes to the same AppHash and the same state at every height", checkSame},
	{"S", "wallets, escrow and holds add up to the supply", checkSupply},
	{"X", "a tx that a client was told of stands in one block, there, and its nonces have no gap", checkOnce},
	{"P", "what becomes of a packet adds up to its total, one share a claimer, drawn in the next block", checkPackets},
	{"R", "no claim, recall, refund or settlement outside its time, its clause or its budget", checkRules},
	{"L", "blocks come within 10 s of the end of a fault, on every node", checkLive},
	{"M", "what a mempool took stands in a block within 30 s, if nothing goes wrong meanwhile", checkTaken},
	{"V", "a proof that a node answers fits the block's AppHash", checkProofs},
	{"T", "heads fold from whole histories, and each node has each tx's record", checkRecords},
	{"B", "a header names who proposed its block, whose proof makes the draws", checkProposers},
	{"E", "evidence names none but who contradicted itself", checkEvidence},
	{"C", "a mempool refuses no nonce that its node just said is next", checkMempool},
	{"O", "what clients saw of nonces, balances and shares has an order of its own (linearisable)", checkOrder},
	{"A", "nothing happens that must never happen", checkAlarms},
}

// judgeTrace lists what is broken in a trace, at most a few of a kind.
func judgeTrace(t *trace) []finding { return newView(t).judge() }

func (v *view) judge() (list []finding) {
	for _, s := range v.broken {
		list = append(list, finding{"T", s})
	}
	for _, c := range checkers {
		n := 0
		c.judge(v, func(format string, args ...any) {
			if n++; n <= 3 {
				list = append(list, finding{c.letter, fmt.Sprintf(format, args...)})
			}
		})
	}
	return list
}

// finding is a promise that was broken, by its letter, and how.
type finding struct{ letter, what string }

func (f finding) String() string { return f.letter + " " + f.what }
