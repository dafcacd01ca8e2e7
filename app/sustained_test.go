package app

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"hongbao/contract"
)

// offer is what a block is made from, sustained: more sends and claims into
// hold than leave room, and payments and claims that leave nothing to do.
type offer struct {
	*flood
	rng      *rand.Rand
	held     contract.Terms
	packets  []contract.PacketID // of the last sends, taken or not
	open     contract.PacketID   // holds nothing back
	openHash contract.Hash
	newcomer int
}

// txs are an offer's, in any order: of leaving txs twice as many as may stand
// in a block, and others more.
func (o *offer) txs() (wires [][]byte, leaving map[string]bool) {
	leaving = map[string]bool{}
	add := func(leaves bool, name string, m contract.Message) {
		wire := o.believed(name, m)
		leaving[string(wire)] = leaves
		wires = append(wires, wire)
	}
	claimed := o.packets
	o.packets = nil
	for i := range o.perBlock {
		name := fmt.Sprint("sender ", i)
		o.packets = append(o.packets, contract.NewPacketID(testChain, o.addresses[name], o.Nonces[name]))
		add(true, name, &contract.Send{Terms: o.held})
		if len(claimed) > 0 {
			add(true, fmt.Sprint("claimer ", i), &contract.Claim{Packet: claimed[i], TermsHash: o.held.Hash(testChain)})
		}
	}
	for i := range 3 {
		add(false, fmt.Sprint("payer ", i), &contract.Pay{To: o.addresses["alice"], Amount: 1})
	}
	o.newcomer++
	name := fmt.Sprint("newcomer ", o.newcomer)
	o.addresses[name] = addr(name)
	add(false, name, &contract.Claim{Packet: o.open, TermsHash: o.openHash})
	o.rng.Shuffle(len(wires), func(i, j int) { wires[i], wires[j] = wires[j], wires[i] })
	return wires, leaving
}

// A load that lasts delays no settlement and no refund: what would leave more
// than a later block can do waits outside, and everything else passes it by.
func TestSustainedLoadIsSettledInTime(t *testing.T) {
	const perBlock, blocks = 6, 100
	var names []string
	for i := range perBlock {
		names = append(names, fmt.Sprint("sender ", i), fmt.Sprint("claimer ", i), fmt.Sprint("payer ", i))
	}
	o := &offer{flood: newFlood(t, perBlock, names...), rng: rand.New(rand.NewPCG(1, 0))}
	tm := terms(100, 1, under(t, 0))
	o.open, o.openHash = o.Send("alice", tm), tm.Hash(testChain)
	o.held = terms(2, 7, func(tm *contract.Terms) { tm.Hold, tm.Expiry, tm.Clauses = 5, 5, nil })

	for b := range blocks + 10 {
		o.Wait(time.Second)
		var proposed [][]byte
		if b < blocks {
			proposed = o.load()
		}
		o.Finalize(proposed...)
		for name := range o.Nonces { // what was not proposed is given up
			o.Nonces[name] = o.Account(name).Nonce
		}
		if late, err := o.app.state().Due(contract.TimeOf(o.Now), 1); err != nil || len(late) > 0 {
			t.Fatalf("block %d: %v was due and is not done, %v", o.Height, late, err)
		}
	}
	sends, claims := 0, 0
	_, packets := o.leaves()
	for id, p := range packets {
		if id == o.open {
			continue
		}
		sends++
		if p.Status != contract.Expired {
			t.Errorf("packet %s is %s", id, p.Status)
		}
		for _, s := range p.Shares {
			claims++
			if s.State != contract.Settled {
				t.Errorf("a share of packet %s is %s", id, s.State)
			}
		}
	}
	if sends < blocks || claims < blocks {
		t.Errorf("%d sends and %d claims: not a load of both", sends, claims)
	}
	if got := o.Packet(o.open).Status; got != contract.Full {
		t.Errorf("the packet that holds nothing back is %s", got)
	}
}

// load is the block that an honest proposer makes of an offer.
func (o *offer) load() [][]byte {
	o.T.Helper()
	offered, leaving := o.txs()
	proposed := o.Propose(offered...)
	leave, pass := 0, 0
	for _, wire := range proposed {
		if leaving[string(wire)] {
			leave++
		} else {
			pass++
		}
	}
	if leave != o.perBlock || pass != 4 {
		o.T.Fatalf("block %d: %d txs that leave due work and %d others, want %d and 4", o.Height+1, leave,
			pass, o.perBlock)
	}
	if !o.Accepts(proposed...) {
		o.T.Fatalf("block %d: an honest proposal is refused", o.Height+1)
	}
	if len(proposed) < len(offered) && o.Accepts(offered...) {
		o.T.Fatalf("block %d: leaves more than a block can do, and is accepted", o.Height+1)
	}
	return proposed
}
