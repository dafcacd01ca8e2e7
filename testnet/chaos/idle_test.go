package chaos_test

import (
	"testing"
	"time"

	"hongbao/app/query"
	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/contract"
	"hongbao/testnet"
)

// On a chain without traffic time must neither freeze nor stretch a window: a
// header's time is the median of the previous block's votes, so blocks have to
// go on being made.
func TestWindowsAreRightOnAnIdleNetwork(t *testing.T) {
	if testing.Short() {
		t.Skip("starts four processes and waits")
	}
	t.Parallel()
	idle, expiry, window := 3*time.Second, 2*time.Second, contract.Seconds(8)
	recallable, unrecallable := 6*time.Second, 10*time.Second
	if *campaign {
		idle, expiry, window = 10*time.Minute, 30*time.Second, 120
		recallable, unrecallable = 110*time.Second, 125*time.Second
	}
	n, end, err := testnet.Temporary(t.Context(), testnet.Spec{Accounts: testnet.DevAccounts()})
	must(t, err)
	defer func() { must(t, end()) }()
	alice := &person{t: t, name: "alice", chain: n.ChainID, client: dial(t, n, 1)}

	time.Sleep(idle)
	begin := time.Now()
	first, second := alice.send(window, 3600), alice.send(window, 3600)
	due := alice.packet(alice.send(1, contract.Seconds(expiry/time.Second)))
	dueID := alice.last

	time.Sleep(time.Until(due.Expires.Std()))
	for alice.packet(dueID).Status == contract.Open {
		time.Sleep(20 * time.Millisecond)
	}
	lag := time.Since(due.Expires.Std()).Round(time.Millisecond)
	t.Logf("refunded %s after expiry, with no traffic", lag)
	if lag > 3*time.Second {
		t.Errorf("refunded %s after expiry", lag)
	}

	time.Sleep(time.Until(begin.Add(recallable)))
	r := alice.do(&contract.Recall{Packet: first, Clause: 1})
	t.Logf("recall at +%s: %s", time.Since(begin).Round(time.Millisecond), r.Code)
	if r.Code != contract.CodeOK {
		t.Errorf("recall inside the window: %s", r.Log)
	}
	time.Sleep(time.Until(begin.Add(unrecallable)))
	r = alice.do(&contract.Recall{Packet: second, Clause: 1})
	t.Logf("recall at +%s: %s", time.Since(begin).Round(time.Millisecond), r.Code)
	if r.Code != contract.CodeWindowClosed {
		t.Errorf("recall after the window: %s", r.Code)
	}
}

// person has a dev key at one node.
type person struct {
	t      *testing.T
	name   string
	chain  string
	client *rpc.Client
	last   contract.PacketID // sent
}

func (p *person) do(m contract.Message) *query.TxRecord {
	p.t.Helper()
	key := wallet.DevKey(p.name)
	leaf, at, err := p.client.Account(p.t.Context(), contract.AddressOf(key))
	must(p.t, err)
	tx := &contract.Tx{Chain: p.chain, Nonce: leaf.Nonce, ValidUntil: at.Time.Plus(60), Message: m}
	must(p.t, tx.Sign(key))
	wire := tx.Encode()
	must(p.t, p.client.Broadcast(p.t.Context(), wire))
	record, err := p.client.Await(p.t.Context(), contract.TxHash(wire), wire, tx.ValidUntil)
	must(p.t, err)
	return record
}

// send funds a packet of two fen, public, that its sender may recall for
// window seconds.
func (p *person) send(window, expiry contract.Seconds) contract.PacketID {
	p.t.Helper()
	r := p.do(&contract.Send{Terms: contract.Terms{
		Total: 2, Shares: 2, Split: contract.Equal, Claim: contract.Rule{Cond: contract.Always{}}, Expiry: expiry,
		Clauses: []contract.Clause{{Target: contract.Rest,
			When: contract.Rule{Cond: contract.All{contract.Sender{}, contract.Within{For: window}}}}},
	}})
	if r.Code != contract.CodeOK {
		p.t.Fatalf("send: %s", r.Log)
	}
	tx, err := contract.DecodeTx(r.Wire)
	must(p.t, err)
	p.last = contract.NewPacketID(p.chain, tx.Account, tx.Nonce)
	return p.last
}

func (p *person) packet(id contract.PacketID) *contract.Packet {
	p.t.Helper()
	v, _, err := p.client.Packet(p.t.Context(), id)
	must(p.t, err)
	return v
}
