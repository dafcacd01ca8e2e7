package app

import (
	"math/rand/v2"
	"time"

	"hongbao/contract"
)

// traffic makes random blocks of all kinds of txs, good ones mostly, for a
// chain that it drives itself. The same seed makes the same blocks.
type traffic struct {
	*chain
	rng     *rand.Rand
	names   []string
	packets []sentPacket
	next    int // number of the next new claimer
}

type sentPacket struct {
	id     contract.PacketID
	terms  contract.Terms
	sender string
}

var trafficNames = []string{"alice", "bob", "carol", "dave"}

func newTraffic(c *chain, seed uint64) *traffic {
	return &traffic{chain: c, rng: rand.New(rand.NewPCG(seed, 0)), names: trafficNames}
}

// txs are n txs that may be good at the chain's next block.
func (tr *traffic) txs(n int) (out [][]byte) {
	for range n {
		out = append(out, tr.one())
	}
	return out
}

func (tr *traffic) one() []byte {
	who := tr.names[tr.rng.IntN(len(tr.names))]
	if len(tr.packets) == 0 {
		return tr.newPacket(who)
	}
	p := tr.packets[max(0, len(tr.packets)-1-tr.rng.IntN(6))]
	switch tr.rng.IntN(15) {
	case 0, 1:
		return tr.newPacket(who)
	case 2:
		return tr.Tx(who, &contract.Pay{To: addr(tr.names[tr.rng.IntN(len(tr.names))]),
			Amount: contract.Amount(tr.rng.IntN(300))})
	case 3, 4, 5:
		return tr.Claim(who, p.id, p.terms)
	case 6, 7:
		tr.next++
		return tr.Claim("claimer "+string(rune('a'+tr.next%26))+string(rune('a'+tr.next/26)), p.id, p.terms)
	case 8:
		return tr.Tx(p.sender, &contract.Recall{Packet: p.id, Clause: 1})
	case 9, 10:
		return tr.recallShare(p)
	case 11:
		return tr.Tx(p.sender, &contract.Ask{Packet: p.id, Share: 1, Reason: "AC03"})
	case 12:
		return tr.Tx(who, &contract.Answer{Packet: p.id, Share: 1, Accept: tr.rng.IntN(2) == 0})
	case 13:
		clauses := p.terms.Clauses
		return tr.Tx(p.sender, &contract.Tighten{Packet: p.id, Clauses: clauses[tr.rng.IntN(len(clauses)+1):]})
	case 14:
		return tr.Tx(who, &contract.Warp{By: contract.Seconds(tr.rng.IntN(100))})
	}
	return tr.Tx(who, &contract.Return{Packet: p.id, Share: uint32(1 + tr.rng.IntN(2))})
}

// recallShare recalls the first share, with the arbiter's consent.
func (tr *traffic) recallShare(p sentPacket) []byte {
	m := &contract.Recall{Packet: p.id, Clause: 2, Share: 1, Reason: "FRAD"}
	if leaf := tr.Packet(p.id); len(leaf.Shares) > 0 && len(leaf.InForce()) > 1 {
		until := tr.Time().Plus(3600)
		digest := contract.ConsentDigest(testChain, &leaf, &leaf.InForce()[1], 1, m.Reason, until)
		sig, err := contract.SignDigest(testKey(trafficArbiter), digest)
		tr.OK(err)
		m.Consents = []contract.Consent{{Account: addr(trafficArbiter), ValidUntil: until, Signature: sig}}
	}
	return tr.Tx(p.sender, m)
}

const trafficArbiter = "arbiter"

// newPacket is open to every account; half of them hold their shares, which sender
// and arbiter together may recall.
func (tr *traffic) newPacket(who string) []byte {
	t := terms(uint32(1+tr.rng.IntN(5)), contract.Amount(1+tr.rng.IntN(500)), func(t *contract.Terms) {
		t.Expiry = contract.Seconds(120 + tr.rng.IntN(60))
		if tr.rng.IntN(2) == 0 {
			t.Hold = contract.Seconds(1 + tr.rng.IntN(90))
			t.Clauses = append(t.Clauses, contract.Clause{Target: contract.HeldShares,
				Reasons: []contract.Reason{"FRAD"},
				When: contract.Rule{Cond: contract.All{contract.Sender{},
					contract.Key{Address: addr(trafficArbiter)}}}})
		}
	})
	tr.packets = append(tr.packets, sentPacket{contract.NewPacketID(testChain, addr(who), tr.Nonces[who]), t, who})
	return tr.Tx(who, &contract.Send{Terms: t})
}

// blockTxs are what an honest proposer makes of n txs, or with bad, of n txs
// and some that have no place. Then the harness's nonces fit the chain again.
func (tr *traffic) step(n int, bad bool) [][]byte {
	tr.Wait(time.Duration(1+tr.rng.IntN(int(20*time.Second))) + 1)
	offered := tr.txs(n)
	proposed := tr.Propose(offered...)
	if bad {
		proposed = append(proposed, []byte("garbage"), offered[0], offered[len(offered)-1])
	}
	return proposed
}

// settle reads every account's nonce anew: what was not proposed is gone.
func (tr *traffic) settle() {
	for name := range tr.Nonces {
		tr.Nonces[name] = tr.Account(name).Nonce
	}
}
