package app

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"

	"hongbao/app/query"
	"hongbao/contract"
)

func luckyTerms(shares uint32, total contract.Amount, edits ...func(*contract.Terms)) contract.Terms {
	t := terms(shares, 1, edits...)
	t.Split, t.Total = contract.Lucky, total
	return t
}

// sendLucky sends a packet in a block of its own.
func (v *validatorSet) sendLucky(t contract.Terms) contract.PacketID {
	v.T.Helper()
	id := contract.NewPacketID(testChain, addr("alice"), v.Nonces["alice"])
	v.mustBlock(0, v.Tx("alice", &contract.Send{Terms: t}))
	return id
}

func amounts(p contract.Packet) (list []contract.Amount) {
	for _, s := range p.Shares {
		list = append(list, s.Amount)
	}
	return list
}

// A claim reserves; the next block draws, on every node alike, by the proof of
// its proposer, which is kept and can be checked by anyone.
func TestLuckyShareIsDrawnInTheNextBlock(t *testing.T) {
	v := newValidatorSet(t, 3, "alice", "bob")
	tm := luckyTerms(4, 10_000)
	id := v.sendLucky(tm)
	v.mustBlock(1, v.Claim("bob", id, tm), v.Claim("carol", id, tm))
	reserved := v.Height
	p := v.Packet(id)
	for i, s := range p.Shares {
		if s.State != contract.Reserved || s.Amount != 0 {
			t.Fatalf("share %d before its draw: %+v", i+1, s)
		}
	}
	if p.Escrow != 10_000 || v.Supply().Escrow != 10_000 {
		t.Fatalf("escrow before the draw: %d", p.Escrow)
	}
	refused := v.By(2).Propose(v.Tx("carol", &contract.Return{Packet: id, Share: 2}))
	if len(refused) != 2 { // the beacon, and a tx that will fail in the block
		t.Fatalf("%d items proposed", len(refused))
	}
	v.Nonces["carol"]--
	v.mustBlock(2, v.Claim("dave", id, tm))
	p = v.Packet(id)
	sum := contract.Amount(0)
	for i, s := range p.Shares[:2] {
		if s.State != contract.Settled || s.Amount < 1 {
			t.Errorf("share %d after its draw: %+v", i+1, s)
		}
		sum += s.Amount
	}
	if p.Escrow != 10_000-sum || p.Shares[2].State != contract.Reserved {
		t.Errorf("after the first draw: %+v", p)
	}
	v.mustBlock(0)
	v.mustBlock(1, v.Claim("erin", id, tm))
	if p = v.Packet(id); p.Status != contract.Full || p.Escrow == 0 {
		t.Errorf("full, the last draw owed: %+v", p)
	}
	v.mustBlock(2)
	if p = v.Packet(id); p.Escrow != 0 || v.Account("bob").Balance != 1_000_000+p.Shares[0].Amount ||
		v.Account("erin").Balance != p.Shares[3].Amount {
		t.Errorf("at last: %+v", p)
	}

	var b contract.Beacon
	v.Ask(query.Beacon, binary.BigEndian.AppendUint64(nil, uint64(reserved)), &b)
	out, ok := b.Verify(testChain, [32]byte(v.Validators.VRF(2).Public().(ed25519.PublicKey)))
	if !ok || b.Height != reserved || !bytes.Equal(b.Proposer[:], v.Validators.Address(2)) ||
		out == (contract.Output{}) {
		t.Errorf("beacon %+v, verifies %v", b, ok)
	}
	for _, entry := range v.entries(id) {
		if entry.Kind == contract.KindDraw && (entry.Beacon == nil || entry.Posting == nil ||
			entry.Phase != contract.PhaseDraw) {
			t.Errorf("draw entry %+v", entry)
		}
		if entry.Kind == contract.KindDraw && entry.Share < 3 && *entry.Beacon != b.Hash() {
			t.Errorf("share %d: another beacon", entry.Share)
		}
	}
	if got, want := fmt.Sprint(v.history(id)),
		"[send reserve reserve draw draw reserve draw reserve draw]"; got != want {
		t.Errorf("history %s, want %s", got, want)
	}
}

// With everything that a claimer could see equal, another proposer's key makes
// other amounts, and the same proposer the same ones.
func TestOnlyTheNextProposerDecides(t *testing.T) {
	draw := func(proposer int) string {
		v := newValidatorSet(t, 4, "alice", "bob")
		tm := luckyTerms(10, 1_000_000)
		id := v.sendLucky(tm)
		var claims [][]byte
		for i := range 10 {
			claims = append(claims, v.Claim(fmt.Sprint("claimer ", i), id, tm))
		}
		v.mustBlock(1, claims...)
		v.mustBlock(proposer)
		return fmt.Sprint(amounts(v.Packet(id)))
	}
	seen := map[string]int{}
	for proposer := range 4 {
		first := draw(proposer)
		if again := draw(proposer); again != first {
			t.Errorf("proposer %d draws %s, and then %s", proposer, first, again)
		}
		if other, ok := seen[first]; ok {
			t.Errorf("proposers %d and %d draw the same", other, proposer)
		}
		seen[first] = proposer
	}
}

// A block without the beacon it owes, or with anything but it, is refused by
// every node; the next round's proposer goes on.
func TestBadBeaconsAreRefused(t *testing.T) {
	v := newValidatorSet(t, 4, "alice", "bob")
	tm := luckyTerms(10, 1_000_000)
	id := v.sendLucky(tm)
	pay := v.Tx("bob", &contract.Pay{To: addr("alice"), Amount: 5})
	v.Nonces["bob"]--
	unneeded := contract.ProveBeacon(v.Validators.VRF(0), testChain, &contract.Draws{})
	if n := v.By(0).Accepting(unneeded, pay) + v.By(0).Accepting(unneeded); n != 0 {
		t.Errorf("a beacon in a block that owes nothing: %d accept", n)
	}
	v.mustBlock(0, v.Claim("carol", id, tm))
	stale := v.By(1).Propose()[0]
	v.mustBlock(1, v.Claim("dave", id, tm))

	good := v.By(2).Propose()[0]
	of := func(key int, owed contract.Draws) []byte {
		return contract.ProveBeacon(v.Validators.VRF(key), testChain, &owed)
	}
	var owed contract.Draws
	v.Ask(query.Leaf, contract.DrawsKey, &owed)
	flipped := bytes.Clone(good)
	flipped[len(flipped)-1] ^= 1
	otherChain := contract.ProveBeacon(v.Validators.VRF(2), "another", &owed)
	height, hash := owed, owed
	height.Height++
	hash.Block[0] ^= 1
	for _, row := range []struct {
		desc string
		txs  [][]byte
	}{
		{"missing", nil},
		{"missing, with a tx in its place", [][]byte{pay}},
		{"not in the first place", [][]byte{pay, good}},
		{"twice", [][]byte{good, good}},
		{"twice, a tx between", [][]byte{good, pay, good}},
		{"of an earlier block", [][]byte{stale}},
		{"by another validator's key", [][]byte{of(3, owed)}},
		{"over another height", [][]byte{of(2, height)}},
		{"over another block", [][]byte{of(2, hash)}},
		{"for another chain", [][]byte{otherChain}},
		{"a bit flipped", [][]byte{flipped}},
		{"cut short", [][]byte{good[:len(good)-1]}},
		{"with a tail", [][]byte{append(bytes.Clone(good), 0)}},
		{"garbage", [][]byte{[]byte("garbage")}},
		{"empty", [][]byte{{}}},
	} {
		if n := v.By(2).Accepting(row.txs...); n != 0 {
			t.Errorf("%s: %d of 4 nodes accept", row.desc, n)
		}
		if _, err := v.Nodes[0].FinalizeBlock(context.Background(), v.By(2).Request(row.txs)); err == nil {
			// Two thirds that broke the rules could still decide it: then an
			// honest node stops.
			if row.desc != "twice" && row.desc != "twice, a tx between" {
				t.Errorf("%s: executed", row.desc)
			}
		}
	}
	if n := v.By(3).Accepting(good); n != 0 {
		t.Errorf("proposer 2's beacon in a block of proposer 3: %d accept", n)
	}
	for _, a := range v.Nodes {
		res, err := a.CheckTx(context.Background(), &abci.RequestCheckTx{Tx: good})
		v.OK(err)
		if res.Code == 0 {
			t.Error("a mempool takes a beacon")
		}
	}
	v.mustBlock(3, pay)
	if p := v.Packet(id); p.Shares[1].State != contract.Settled {
		t.Errorf("the next proposer drew nothing: %+v", p)
	}
}

// A packet that a hundred people want in one block has as many reservations as
// shares, and is written once.
func TestAHundredClaimersOfOnePacket(t *testing.T) {
	v := newValidatorSet(t, 1, "alice", "bob")
	tm := luckyTerms(10, 5_000)
	id := v.sendLucky(tm)
	var claims [][]byte
	for i := range 100 {
		claims = append(claims, v.Claim(fmt.Sprint("claimer ", i), id, tm))
	}
	before := v.app.store.Writes()
	won := 0
	for i, code := range v.block(0, claims...) {
		switch {
		case code == contract.CodeOK && i < 10:
			won++
		case code != contract.CodeFull:
			t.Errorf("claim %d: %s", i, code)
		}
	}
	// The winners' new leaves, the packet, its sender's counter, and c/draws.
	if got := v.app.store.Writes() - before; won != 10 || got != 10+1+1+1 {
		t.Errorf("%d won, %d leaves written", won, got)
	}
	before = v.app.store.Writes()
	v.mustBlock(0)
	p := v.Packet(id)
	sum := contract.Amount(0)
	for _, s := range p.Shares {
		sum += s.Amount
	}
	// Claimers, packet, supply, c/draws.
	if got := v.app.store.Writes() - before; got != 10+1+1+1 || sum != 5_000 || len(p.Shares) != 10 {
		t.Errorf("%d leaves written, %d fen drawn in %d shares", got, sum, len(p.Shares))
	}
}

// Reservations outrank what happens to the rest: a recall in their own block,
// expiry at the next one's time, or both.
func TestReservationsOutrankRecallAndExpiry(t *testing.T) {
	const total = 9_000
	for _, row := range []struct {
		desc            string
		recall, expires bool
		status          contract.Status
		history         string
	}{
		{"neither", false, false, contract.Open, "[send reserve reserve draw draw]"},
		{"a recall", true, false, contract.Recalled, "[send reserve reserve recall draw draw recall]"},
		{"expiry", false, true, contract.Expired, "[send reserve reserve draw draw refund]"},
		{"both", true, true, contract.Recalled, "[send reserve reserve recall draw draw recall]"},
	} {
		v := newValidatorSet(t, 2, "alice", "bob", "carol", "dave")
		tm := luckyTerms(4, total, func(t *contract.Terms) { t.Expiry = 120 })
		id := v.sendLucky(tm)
		before := v.Account("alice").Balance
		v.Now = v.Packet(id).Expires.Std().Add(-1)
		txs := [][]byte{v.Claim("bob", id, tm), v.Claim("carol", id, tm)}
		if row.recall {
			txs = append(txs, v.Tx("alice", &contract.Recall{Packet: id, Clause: 1, Reason: "AM09"}))
		}
		v.mustBlock(0, txs...)
		if row.recall {
			if p := v.Packet(id); p.Status != contract.Recalled || p.Escrow != total ||
				v.Account("alice").Balance != before {
				t.Errorf("%s: closed at once, nothing moved: %+v", row.desc, p)
			}
			if codes := v.block(1, v.Claim("dave", id, tm)); codes[0] != contract.CodeRecalled {
				t.Errorf("%s: a claim after the recall: %s", row.desc, codes[0])
			}
		} else {
			if !row.expires {
				v.Now = v.Packet(id).Expires.Std().Add(-1)
			}
			v.mustBlock(1)
		}
		p := v.Packet(id)
		drawn := p.Shares[0].Amount + p.Shares[1].Amount
		home := v.Account("alice").Balance - before
		if p.Status != row.status || drawn < 2 || v.Account("bob").Balance != 1_000_000+p.Shares[0].Amount ||
			drawn+home+p.Escrow != total || (row.status != contract.Open) != (home > 0) {
			t.Errorf("%s: %d drawn, %d home, packet %+v", row.desc, drawn, home, p)
		}
		if got := fmt.Sprint(v.history(id)); got != row.history {
			t.Errorf("%s: history %s, want %s", row.desc, got, row.history)
		}
		if s := v.Supply(); !s.Holds() || s.Escrow != p.Escrow {
			t.Errorf("%s: supply %+v", row.desc, s)
		}
	}
}

// entries are a packet's.
func (v *validatorSet) entries(id contract.PacketID) []contract.Entry {
	v.T.Helper()
	var page query.EntryPage
	v.Ask(query.Entries, contract.Encode(query.EntriesRequest{Leaf: contract.PacketKey(id), Limit: 100}), &page)
	entries := make([]contract.Entry, len(page.Entries))
	for i, b := range page.Entries {
		v.OK(contract.Decode(b, &entries[i]))
	}
	return entries
}

// history is the kinds of a packet's entries.
func (v *validatorSet) history(id contract.PacketID) (kinds []string) {
	for _, e := range v.entries(id) {
		kinds = append(kinds, e.Kind.String())
	}
	return kinds
}

// What a lucky share cannot do before it is drawn; and drawn into hold it is
// recalled, returned and settled as any other.
func TestReservedThenHeld(t *testing.T) {
	v := newValidatorSet(t, 2, "alice", "bob", "carol", "dave")
	tm := luckyTerms(3, 600, func(t *contract.Terms) {
		t.Hold = 60
		t.Clauses = []contract.Clause{{Target: contract.HeldShares, When: contract.Rule{Cond: contract.Sender{}}}}
	})
	id := v.sendLucky(tm)
	recall := func(n uint32) []byte { return v.Tx("alice", &contract.Recall{Packet: id, Clause: 1, Share: n}) }
	codes := v.block(0, v.Claim("bob", id, tm), v.Claim("carol", id, tm), v.Claim("dave", id, tm), recall(1),
		v.Tx("carol", &contract.Return{Packet: id, Share: 2}), v.Tx("alice", &contract.Ask{Packet: id, Share: 3}))
	for i, want := range []contract.Code{0, 0, 0, contract.CodeShareReserved, contract.CodeShareReserved,
		contract.CodeShareNotSettled} {
		if codes[i] != want {
			t.Errorf("tx %d before the draw: %s, want %s", i, codes[i], want)
		}
	}
	v.mustBlock(1, recall(1), v.Tx("carol", &contract.Return{Packet: id, Share: 2}))
	p := v.Packet(id)
	if p.Shares[0].State != contract.ShareRecalled || p.Shares[1].State != contract.Returned ||
		p.Shares[2].State != contract.Held ||
		v.Account("dave").Held != p.Shares[2].Amount {
		t.Errorf("after the draw: %+v", p.Shares)
	}
	v.Now = p.SettlesAt(3).Std()
	v.mustBlock(0)
	if p = v.Packet(id); p.Shares[2].State != contract.Settled ||
		v.Account("dave").Balance != 1_000_000+p.Shares[2].Amount {
		t.Errorf("after the hold: %+v", p.Shares[2])
	}
}

// A node that fell between FinalizeBlock and Commit of the very block that
// draws, or of the one before, draws the same when the block is replayed.
func TestReplayDrawsTheSame(t *testing.T) {
	v := newValidatorSet(t, 2, "alice", "bob")
	tm := luckyTerms(5, 1_000)
	id := v.sendLucky(tm)
	for range 2 {
		for i, txs := range [][][]byte{{v.Claim(fmt.Sprint("c", v.Height), id, tm)}, nil} {
			req := v.By(i).Request(v.By(i).Propose(txs...))
			lost, err := v.Nodes[1].FinalizeBlock(context.Background(), req)
			v.OK(err)
			v.Restart(1)
			again, err := v.Nodes[1].FinalizeBlock(context.Background(), req)
			v.OK(err)
			if !bytes.Equal(lost.AppHash, again.AppHash) {
				t.Fatalf("block %d: replayed to %x, before it was %x", req.Height, again.AppHash, lost.AppHash)
			}
			v.mustBlock(i, txs...)
		}
	}
	if p := v.Packet(id); len(p.Shares) != 2 || p.Shares[1].State != contract.Settled {
		t.Errorf("%+v", p)
	}
}
