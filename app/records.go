package app

import (
	"encoding/binary"
	"strings"

	"hongbao/app/query"
	"hongbao/app/store"
	"hongbao/contract"
)

// blockRecords gathers what a block writes outside the tree.
type blockRecords struct{ list []store.Record }

func (b *blockRecords) put(key, value []byte) {
	b.list = append(b.list, store.Record{Key: key, Value: value})
}

// present marks a key whose name says it all.
var present = []byte{1}

// maxFailureLog bounds what is kept for ever of why a tx failed, which its
// author may have written some of.
const maxFailureLog = 200

// addTx keeps what became of a tx that was executed, and indexes its packet. A
// proof needs the bytes of one that succeeded. Those of one that failed stand
// in its block, and once is enough of what costs its author nothing.
func (b *blockRecords) addTx(env contract.Env, index uint32, tx *contract.DecodedTx, wire []byte, failure error) {
	record := query.TxRecord{
		Height: env.Height, Time: env.Time, Index: index, Code: contract.CodeOf(failure), Wire: wire,
	}
	if failure != nil {
		record.Log, record.Wire = message(failure), nil
		if len(record.Log) > maxFailureLog {
			record.Log = strings.ToValidUTF8(record.Log[:maxFailureLog], "") + "…"
		}
	}
	b.put(txKey(tx.Hash), contract.Encode(record))
	if failure != nil {
		return
	}
	switch m := tx.Message.(type) {
	case *contract.Send:
		id := contract.NewPacketID(env.Chain, tx.Account, tx.Nonce)
		b.put(packetNameKey(id), present)
		b.put(indexKey(tx.Account, query.Sent, env.Height, index), id[:])
	case *contract.Claim:
		b.put(indexKey(tx.Account, query.Claimed, env.Height, index), m.Packet[:])
	}
}

func (b *blockRecords) addEntries(entries []contract.ChainEntry) {
	for _, e := range entries {
		b.put(entryKey(e.Leaf, e.Seq), e.Entry)
	}
}

// addClaims keeps who claimed which shares of large packets. Of each share that was
// made in a block, its leaf is among the changed.
func (b *blockRecords) addClaims(before contract.State, leaves []contract.Leaf, entries []contract.ChainEntry) error {
	made := map[string][]byte{}
	for _, e := range entries {
		if _, _, ok := contract.SplitShareKey(e.Leaf); ok && e.Seq == 0 {
			made[string(e.Leaf)] = e.Entry
		}
	}
	if len(made) == 0 {
		return nil
	}
	for _, l := range leaves {
		entry := made[string(l.Key)]
		if entry == nil {
			continue
		}
		id, c, ok := b.addClaim(l.Key, l.Value, entry)
		if !ok {
			continue
		}
		highest, err := before.ShareOf(id, c.Claimer)
		if err != nil {
			return err
		}
		b.addClaimer(id, c.Claimer, max(c.Share, highest))
	}
	return nil
}

// addClaimer keeps which share an account claimed. Of several it is the highest, which
// does not depend on their order: a snapshot has them in that of their numbers, and so
// have the leaves of a block.
func (b *blockRecords) addClaimer(id contract.PacketID, claimer contract.Address, number uint32) {
	b.put(claimerKey(id, claimer), binary.BigEndian.AppendUint32(nil, number))
}

// addClaim keeps that a share was claimed: its leaf, and the first entry of its history.
func (b *blockRecords) addClaim(key, value, entry []byte) (id contract.PacketID, c query.Claim, ok bool) {
	id, number, ok := contract.SplitShareKey(key)
	var leaf contract.ShareLeaf
	var e contract.Entry
	if !ok || contract.DecodeCommitted(value, &leaf) != nil || contract.DecodeCommitted(entry, &e) != nil {
		return id, c, false // this program wrote them
	}
	c = query.Claim{Height: e.Height, Index: e.Index, Time: e.Time, Share: number, Claimer: leaf.Share.Claimer}
	if e.Posting != nil { // else it is to be drawn
		c.Amount = e.Posting.Amount
	}
	b.put(claimKey(id, e.Height, e.Index), contract.Encode(c))
	return id, c, true
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
func indexKey(a contract.Address, r query.Role, height int64, index uint32) []byte {
	k := binary.BigEndian.AppendUint64(indexPrefix(a, r), ^uint64(height))
	return binary.BigEndian.AppendUint32(k, ^index)
}
