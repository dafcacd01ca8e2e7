package sim

import (
	"bytes"
	"slices"
	"time"

	ics23 "github.com/cosmos/ics23/go"

	"hongbao/contract"
)

func checkSame(v *view, broken func(string, ...any)) {
	first := map[int64]executed{}
	for _, e := range v.Executed {
		f, known := first[e.Height]
		if !known {
			first[e.Height] = e
			continue
		}
		if e.Hash != f.Hash {
			broken("height %d: node %d executed block %s, node %d %s", e.Height, e.Node+1, e.Hash, f.Node+1, f.Hash)
		}
		if e.AppHash != f.AppHash || !slices.Equal(e.Codes, f.Codes) {
			broken("height %d: node %d came to %s, node %d to %s", e.Height, e.Node+1, e.AppHash, f.Node+1, f.AppHash)
		}
	}
	if len(v.Finals) != validators {
		broken("%d nodes run at the end", len(v.Finals))
	}
	for _, d := range v.Finals {
		f := v.Finals[0]
		if d.Height != f.Height {
			broken("node %d ends at %d, node %d at %d", d.Node+1, d.Height, f.Node+1, f.Height)
			continue
		}
		same := func(a, b pair) bool { return bytes.Equal(a.Key, b.Key) && bytes.Equal(a.Value, b.Value) }
		if !slices.EqualFunc(d.Leaves, f.Leaves, same) {
			broken("height %d: nodes %d and %d hold other leaves", d.Height, d.Node+1, f.Node+1)
		}
		if !slices.EqualFunc(d.Records, f.Records, same) {
			broken("height %d: nodes %d and %d hold other records", d.Height, d.Node+1, f.Node+1)
		}
	}
}

func checkSupply(v *view, broken func(string, ...any)) {
	var total contract.Amount
	for _, a := range v.genesis.Accounts {
		total += a.Balance
	}
	for _, b := range v.Blocks {
		if b.Supply.Total != total && b.Supply != (contract.Supply{}) || !b.Supply.Holds() {
			broken("height %d: %+v of %d", b.Height, b.Supply, total)
		}
	}
	for _, f := range v.finals {
		sum := contract.Supply{Total: total}
		for _, a := range f.accounts {
			sum.Wallets += a.Balance
			sum.Held += a.Held
		}
		for _, p := range f.packets {
			sum.Escrow += p.Escrow
		}
		if sum != f.supply || !sum.Holds() {
			broken("node %d: the leaves add up to %+v, the validators sign %+v", f.node+1, sum, f.supply)
		}
	}
}

// place is where a tx stands.
type place struct {
	height int64
	index  uint32
	code   contract.Code
}

// places are where each tx stands; twice are those that stand in two places.
func (v *view) places() (at map[contract.Hash]place, twice []contract.Hash) {
	at = map[contract.Hash]place{}
	for i, items := range v.items {
		for j, x := range items {
			if x.tx == nil {
				continue
			}
			if _, known := at[x.hash]; known {
				twice = append(twice, x.hash)
			}
			at[x.hash] = place{int64(i + 1), uint32(j), x.code}
		}
	}
	return at, twice
}

func checkOnce(v *view, broken func(string, ...any)) {
	at, twice := v.places()
	for _, h := range twice {
		broken("tx %s stands in two places", h)
	}
	sent := map[contract.Hash]bool{}
	for _, s := range v.Sent {
		sent[s.Hash] = true
	}
	for _, t := range v.Told {
		p, stands := at[t.Hash]
		switch {
		case t.Height == 0 && stands:
			broken("tx %s: a client was told that it can no longer happen; it stands in block %d", t.Hash, p.height)
		case t.Height != 0 && (!stands || p != place{t.Height, t.Index, t.Code}):
			broken("tx %s: told %d/%d %s, it stands in %d/%d %s", t.Hash, t.Height, t.Index, t.Code, p.height, p.index,
				p.code)
		}
	}
	rich := map[contract.Address]bool{}
	for _, a := range v.genesis.Accounts {
		rich[a.Address] = true
	}
	next := map[contract.Address]uint64{}
	for i, items := range v.items {
		for j, x := range items {
			switch {
			case x.tx == nil && x.beacon == nil:
				broken("block %d holds what is no tx", i+1)
			case x.tx == nil:
				if j > 0 {
					broken("block %d: a beacon at place %d", i+1, j)
				}
			case !sent[x.hash]:
				broken("block %d holds tx %s, which no client sent", i+1, x.hash)
			case x.tx.Nonce != next[x.tx.Account]:
				broken("block %d: %s's tx %d stands where %d belongs", i+1, x.tx.Account.Short(), x.tx.Nonce,
					next[x.tx.Account])
			case x.tx.ValidUntil <= v.Blocks[i].Time:
				broken("block %d, of %s: tx %s was valid until %s", i+1, v.Blocks[i].Time, x.hash, x.tx.ValidUntil)
			case x.code == contract.CodeOK || rich[x.tx.Account] || next[x.tx.Account] > 0:
				next[x.tx.Account]++
			} // the failed first claim of an account that still has no leaf spends no nonce
		}
	}
	for _, f := range v.finals {
		for a, leaf := range f.accounts {
			if leaf.Nonce != next[a] {
				broken("node %d: %s's next nonce is %d, it made %d txs", f.node+1, a.Short(), leaf.Nonce, next[a])
			}
		}
	}
}

// livePatience is how long after the end of a fault blocks may stay away.
const livePatience = 10 * time.Second

// checkLive looks at every end of faults that was not followed by another fault
// too soon.
func checkLive(v *view, broken func(string, ...any)) {
	for i, f := range v.Faults {
		until := f.At + contract.Time(livePatience)
		if !f.Heal || i+1 < len(v.Faults) && v.Faults[i+1].At < until {
			continue
		}
		var lively [validators]bool
		for _, e := range v.Executed {
			if e.At > f.At && e.At <= until {
				lively[e.Node] = true
			}
		}
		for node, made := range lively {
			if !made {
				broken("%s (%s): node %d had no new block within %s", f.At, f.What, node+1, livePatience)
			}
		}
	}
}

// checkTaken looks for txs that a mempool took while nothing was wrong, and that
// no block took for as long as nothing was.
func checkTaken(v *view, broken func(string, ...any)) {
	const patience = 30
	at, _ := v.places()
	// calm is whether nothing was wrong all the while; a fault that ended within it
	// had begun before.
	calm := func(from, until contract.Time) bool {
		whole := true
		for _, f := range v.Faults {
			switch {
			case f.At > until:
				return whole
			case f.At > from && !(whole && f.Heal):
				return false
			}
			whole = f.Heal
		}
		return whole
	}
	taken := map[contract.Hash]bool{}
	for _, s := range v.Sent {
		tx, err := contract.DecodeTx(s.Wire)
		check(err)
		until := s.At.Plus(patience)
		if taken[s.Hash] || s.Code != contract.CodeOK || tx.ValidUntil < until || !calm(s.At-10e9, until) {
			continue
		}
		taken[s.Hash] = true
		if v.overtaken(tx, until) {
			continue
		}
		if p, stands := at[s.Hash]; !stands || v.Blocks[p.height-1].At > until {
			broken("tx %s of %s, taken by node %d at %s, is in no block %d s later", s.Hash, s.Who, s.Node+1, s.At,
				patience)
		}
	}
}

// overtaken reports whether a tx is a newcomer's first claim of a packet that was
// closed before an instant. Such a claim costs its maker nothing, and a mempool
// drops it as soon as it has no chance.
func (v *view) overtaken(tx *contract.Tx, by contract.Time) bool {
	claim, is := tx.Message.(*contract.Claim)
	rich := slices.ContainsFunc(v.genesis.Accounts, func(a contract.GenesisAccount) bool {
		return a.Address == tx.Account
	})
	if !is || tx.Nonce > 0 || rich {
		return false
	}
	s := v.lives.Of(claim.Packet)
	if s == nil {
		return false
	}
	full := len(s.Claims) == int(s.Terms.Shares) && s.Claims[len(s.Claims)-1].At <= by
	if claim.Listing != nil {
		c := s.Share(claim.Listing.Entry.Index)
		full = full || c != nil && c.At <= by
	}
	return full || s.Expires() <= by || s.Recalled > 0 && s.Recalled <= by
}

func checkProofs(v *view, broken func(string, ...any)) {
	roots := map[int64]contract.Hash{}
	for _, e := range v.Executed {
		if _, known := roots[e.Height]; !known {
			roots[e.Height] = e.AppHash
		}
	}
	for _, p := range v.Proofs {
		var c ics23.CommitmentProof
		root := roots[p.Height]
		if err := c.Unmarshal(p.Proof); err != nil {
			broken("node %d: proof of %x at %d: %v", p.Node+1, p.Key, p.Height, err)
		} else if !ics23.VerifyMembership(ics23.IavlSpec, root[:], &c, p.Key, p.Value) {
			broken("node %d: proof of %x does not fit the AppHash of block %d", p.Node+1, p.Key, p.Height)
		}
	}
	if len(v.Proofs) == 0 {
		broken("no proof was asked for")
	}
}

func checkRecords(v *view, broken func(string, ...any)) {
	for _, f := range v.finals {
		fold := func(key []byte, h contract.History) {
			entries := f.histories[string(key)]
			for seq, b := range entries {
				var e contract.Entry
				if err := contract.Decode(b, &e); err != nil || e.Seq != uint64(seq) {
					broken("node %d: leaf %x: entry %d has seq %d (%v)", f.node+1, key, seq, e.Seq, err)
				}
			}
			if had := contract.FirstHistory(v.doc.ChainID, key).With(entries...); had != h {
				broken("node %d: leaf %x: %d entries fold to %s, the leaf says %d and %s", f.node+1, key,
					had.Count, had.Head, h.Count, h.Head)
			}
		}
		for a, leaf := range f.accounts {
			fold(contract.AccountKey(a), leaf.History)
		}
		for id, leaf := range f.packets {
			fold(contract.PacketKey(id), leaf.History)
		}
		for id, leaves := range f.shares {
			for number, leaf := range leaves {
				fold(contract.ShareKey(id, number), leaf.History)
			}
		}
		at, _ := v.places()
		for hash, p := range at {
			r, has := f.records[hash]
			if !has || r.Height != p.height || r.Index != p.index || r.Code != p.code {
				broken("node %d: the record of tx %s, at %d/%d %s, is %d/%d %s", f.node+1, hash, p.height, p.index,
					p.code,
					r.Height, r.Index, r.Code)
			}
		}
		if len(f.records) != len(at) {
			broken("node %d: %d records of %d txs", f.node+1, len(f.records), len(at))
		}
	}
}

func checkProposers(v *view, broken func(string, ...any)) {
	keys := map[string][]byte{}
	for _, g := range v.genesis.Validators {
		keys[g.Address] = unhex(g.VRFKey)
	}
	for i, b := range v.Blocks {
		var may [][]byte
		for round := int32(0); round <= b.Round; round++ {
			may = append(may, turn(v.doc, b.Height, round).GetProposer().Address)
		}
		if b.Maker != nil {
			may = [][]byte{b.Maker}
		}
		if !slices.ContainsFunc(may, func(a []byte) bool { return bytes.Equal(a, b.Proposer) }) {
			broken("block %d, round %d, names %X as its proposer", b.Height, b.Round, b.Proposer)
		}
		for _, x := range v.items[i] {
			if x.beacon == nil || i == 0 {
				continue
			}
			beacon := contract.Beacon{Height: b.Height - 1, Block: v.Blocks[i-1].Hash, Proof: x.beacon.Proof}
			if _, ok := beacon.Verify(v.doc.ChainID, [32]byte(keys[hexUpper(b.Proposer)])); !ok {
				broken("block %d: its beacon is not its proposer's over block %d", b.Height, b.Height-1)
			}
		}
	}
}

func checkEvidence(v *view, broken func(string, ...any)) {
	liars := map[int]bool{}
	for _, f := range v.Faults {
		if f.What == "lies" {
			liars[f.Node] = true
		}
	}
	w := newWorld()
	for _, b := range v.Blocks {
		for _, a := range b.Accused {
			if n := w.number(a); !liars[n] {
				broken("block %d accuses node %d, which is honest", b.Height, n+1)
			}
		}
	}
}

func checkMempool(v *view, broken func(string, ...any)) {
	for _, s := range v.Sent {
		if !s.Again && s.Nonce == s.Known && s.Code == contract.CodeWrongNonce {
			broken("%s: node %d, which said that %s's next nonce is %d, refuses it", s.At, s.Node+1, s.Who, s.Nonce)
		}
	}
}

func checkAlarms(v *view, broken func(string, ...any)) {
	for _, a := range v.Alarms {
		broken("%s: node %d: %s", a.At, a.Node+1, a.What)
	}
}
