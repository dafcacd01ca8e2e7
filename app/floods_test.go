package app

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"hongbao/contract"
)

// flood is a stage for thousands of txs that leave due work. Their signatures are not
// what it is about: the app takes them for ones that it has verified.
type flood struct {
	*stage
	perBlock  int // due items that a block may leave, and does
	addresses map[string]contract.Address
}

func newFlood(t testing.TB, perBlock int, names ...string) *flood {
	return newFloodWith(t, contract.DefaultParams(), perBlock, names...)
}

func newFloodWith(t testing.TB, p contract.Params, perBlock int, names ...string) *flood {
	p.MaxOpenPackets, p.BucketSize, p.MaxDuePerBlock = 10_000, 20_000, uint32(perBlock)
	f := &flood{newStageWith(t, p, append(slices.Clone(people), names...)...), perBlock, map[string]contract.Address{}}
	for _, n := range f.funded {
		f.addresses[n] = addr(n)
	}
	return f
}

// believed is name's tx without a signature, known to the app as verified.
func (f *flood) believed(name string, m contract.Message) []byte {
	tx := &contract.Tx{Chain: testChain, Account: f.addresses[name], Nonce: f.Nonces[name],
		ValidUntil: contract.TimeOf(f.Now.Add(time.Minute)), Message: m}
	f.Nonces[name]++
	wire := tx.Encode()
	f.believe(wire)
	return wire
}

// believe makes the app take a tx's signature for one that it has verified.
func (f *flood) believe(wire []byte) {
	tx, err := contract.DecodeTx(wire)
	f.OK(err)
	f.app.sigs.known.put(signatureID(tx.Account, tx.Digest(), tx.Signature), struct{}{})
}

// good executes txs that all leave due work, in as few blocks of one instant as
// may hold them, and one where there are none.
func (f *flood) good(txs [][]byte) {
	f.T.Helper()
	for {
		n := min(len(txs), f.perBlock)
		for i, r := range f.Finalize(txs[:n]...).TxResults {
			if r.Code != 0 {
				f.T.Fatalf("block %d: tx %d: %s", f.Height, i, r.Log)
			}
		}
		if txs = txs[n:]; len(txs) == 0 {
			return
		}
	}
}

// last is the packet whose due work comes last of those due at one instant.
func last(ids []contract.PacketID) contract.PacketID {
	return slices.MaxFunc(ids, func(a, b contract.PacketID) int { return bytes.Compare(a[:], b[:]) })
}

// Ten thousand packets that expire at one instant are refunded over many
// blocks, each of which does its bounded share. Meanwhile no one can claim or
// recall what waits.
func TestAttackExpiryFlood(t *testing.T) {
	perBlock := int(contract.DefaultParams().MaxDuePerBlock)
	n := 10_000
	if testing.Short() {
		n = 1_500
	}
	f := newFlood(t, perBlock, "s1", "s2", "s3", "s4")
	tm := terms(2, 7, under(t, 0, "rest when sender"), func(tm *contract.Terms) { tm.Expiry = 600 })
	var ids []contract.PacketID
	var sends [][]byte
	sender := map[contract.PacketID]string{}
	for i := range n {
		name := f.funded[len(people)+i%4]
		id := contract.NewPacketID(testChain, f.addresses[name], f.Nonces[name])
		ids = append(ids, id)
		sender[id] = name
		sends = append(sends, f.believed(name, &contract.Send{Terms: tm}))
	}
	f.good(sends)
	f.Wait(10*time.Minute - 1)
	f.good(nil)
	if got := f.Supply().Escrow; got != contract.Amount(14*n) {
		t.Fatalf("%d fen in escrow a nanosecond before expiry", got)
	}

	f.Wait(1)
	f.id, f.terms = last(ids), tm
	blocks := (n + perBlock - 1) / perBlock
	for b := 1; b <= blocks; b++ {
		if got := f.play(claims("bob"), recallsRest(sender[f.id], 1, "")); got != "expired expired" {
			t.Fatalf("block %d of %d: a claim and a recall of what is due: %s", b, blocks, got)
		}
		sum := f.Supply()
		if want := contract.Amount(14 * max(0, n-b*perBlock)); sum.Escrow != want || !sum.Holds() {
			t.Fatalf("block %d of %d: supply %+v, want %d in escrow", b, blocks, sum, want)
		}
		if got := f.state(); b < blocks && got != "open" {
			t.Fatalf("block %d of %d: the last packet is %s", b, blocks, got)
		}
		f.Wait(time.Second)
	}
	if _, packets := f.leaves(); len(packets) != n {
		t.Errorf("%d packets", len(packets))
	} else {
		for id, p := range packets {
			if p.Status != contract.Expired {
				t.Errorf("packet %s is %s", id, p.Status)
			}
		}
	}
	f.books()
}

// So are hundreds of shares that settle at one instant, which no one can recall
// while they wait, and hundreds of questions that lapse at one instant, which
// no one can answer then.
func TestAttackSettlementAndLapseFlood(t *testing.T) {
	const perBlock = 32
	n, claimers := 5, make([]string, 100)
	if testing.Short() {
		n = 2
	}
	for i := range claimers {
		claimers[i] = "c" + string(rune('0'+i/10)) + string(rune('0'+i%10))
	}
	f := newFlood(t, perBlock, claimers...)
	tm := terms(100, 7, under(t, 36000, "share when sender"))
	hash := tm.Hash(testChain)
	var ids []contract.PacketID
	var sends, rush, questions [][]byte
	for range n {
		ids = append(ids, contract.NewPacketID(testChain, f.addresses["alice"], f.Nonces["alice"]))
		sends = append(sends, f.believed("alice", &contract.Send{Terms: tm}))
	}
	f.good(sends)
	for _, name := range claimers {
		for _, id := range ids {
			rush = append(rush, f.believed(name, &contract.Claim{Packet: id, TermsHash: hash}))
		}
	}
	f.good(rush)
	f.Wait(10*time.Hour - 1)
	f.good(nil)
	total := contract.Amount(700 * n)
	if got := f.Supply().Held; got != total {
		t.Fatalf("%d fen held a nanosecond before settlement", got)
	}

	f.Wait(1)
	f.id, f.terms = last(ids), tm
	blocks := (100*n + perBlock - 1) / perBlock
	for b := 1; b <= blocks; b++ {
		if got := f.play(recallsShare("alice", 1, 100, "")); got != "share_settled" {
			t.Fatalf("block %d of %d: a recall of a share that is due: %s", b, blocks, got)
		}
		sum := f.Supply()
		if want := contract.Amount(7 * max(0, 100*n-b*perBlock)); sum.Held != want || !sum.Holds() {
			t.Fatalf("block %d of %d: supply %+v, want %d held", b, blocks, sum, want)
		}
		f.Wait(time.Second)
	}
	f.books()

	for _, id := range ids {
		for share := range uint32(100) {
			questions = append(questions, f.believed("alice", &contract.Ask{Packet: id, Share: share + 1}))
		}
	}
	f.good(questions)
	if got := f.openQuestions(); got != 100*n {
		t.Fatalf("%d questions open of %d", got, 100*n)
	}
	f.Wait(72*time.Hour - 1)
	f.good(nil)
	if got := f.openQuestions(); got != 100*n {
		t.Fatalf("%d questions open of %d a nanosecond before they lapse", got, 100*n)
	}
	f.Wait(1)
	for b := 1; b <= blocks; b++ {
		if got := f.play(answers(claimers[99], 100, false), answers(claimers[99], 100,
			true)); got != "no_open_ask no_open_ask" {
			t.Fatalf("block %d of %d: answers when it is too late: %s", b, blocks, got)
		}
		if got, want := f.openQuestions(), max(0, 100*n-b*perBlock); got != want {
			t.Fatalf("block %d of %d: %d questions open, want %d", b, blocks, got, want)
		}
		f.Wait(time.Second)
	}
	f.books()
}

// openQuestions counts the questions that did not end yet.
func (f *flood) openQuestions() (n int) {
	_, packets := f.leaves()
	for _, p := range packets {
		for _, share := range p.Shares {
			if share.Asked != nil && share.Asked.State == contract.AskOpen {
				n++
			}
		}
	}
	return n
}
