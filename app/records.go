package app

import (
	"encoding/binary"

	"hongbao/app/query"
	"hongbao/app/store"
	"hongbao/contract"
)

// blockRecords gathers what a block writes outside the tree.
type blockRecords struct{ records []store.Record }

func (b *blockRecords) put(key, value []byte) {
	b.records = append(b.records, store.Record{Key: key, Value: value})
}

// present marks a key whose name says it all.
var present = []byte{1}

// addTx keeps a tx that was executed, failed or not, and indexes its packet.
func (b *blockRecords) addTx(env contract.Env, tx *contract.Tx, wire []byte, failure error) {
	b.put(txKey(env.Tx), contract.Encode(query.TxRecord{
		Height: env.Height, Time: env.Time, Index: env.Index,
		Code: contract.CodeOf(failure), Log: message(failure), Wire: wire,
	}))
	if failure != nil {
		return
	}
	switch m := tx.Message.(type) {
	case *contract.Send:
		id := contract.NewPacketID(env.Chain, tx.Account, tx.Nonce)
		b.put(packetNameKey(id), present)
		b.put(indexKey(tx.Account, query.Sent, env), id[:])
	case *contract.Claim:
		b.put(indexKey(tx.Account, query.Claimed, env), m.Packet[:])
	}
}

func (b *blockRecords) addEntries(entries []contract.ChainEntry) {
	for _, e := range entries {
		b.put(entryKey(e.Leaf, e.Seq), e.Entry)
	}
}

func (b *blockRecords) addDue(changes []contract.DueChange) {
	for _, d := range changes {
		if d.Remove {
			b.put(dueKey(d.Due), nil)
		} else {
			b.put(dueKey(d.Due), present)
		}
	}
}

// indexPrefix is where an account's packets of one role are listed.
func indexPrefix(a contract.Address, r query.Role) []byte {
	return append(append([]byte("i"), a[:]...), byte(r))
}

// indexKey counts height and index downwards, so that the newest comes first.
func indexKey(a contract.Address, r query.Role, env contract.Env) []byte {
	k := binary.BigEndian.AppendUint64(indexPrefix(a, r), ^uint64(env.Height))
	return binary.BigEndian.AppendUint32(k, ^env.Index)
}
