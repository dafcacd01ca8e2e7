package app

import (
	"strings"
	"testing"
	"time"

	"hongbao/app/query"
	"hongbao/contract"
	"hongbao/internal/testchain"
)

// stage is a chain with a packet on it and people who act on that packet.
type stage struct {
	*chain
	funded []string // ¥10,000.00 each at genesis
	id     contract.PacketID
	terms  contract.Terms
	sent   time.Time
}

var people = []string{"alice", "bob", "carol", "dave", "judge a", "judge b", "judge c"}

// newStage is a chain on which alice has just sent a packet of t.
func newStage(t testing.TB, tm contract.Terms) *stage {
	s := newStageWith(t, contract.DefaultParams(), people...)
	s.put("alice", tm)
	return s
}

func newStageWith(t testing.TB, p contract.Params, names ...string) *stage {
	return &stage{chain: chainOf(t, Options{}, testchain.Options{Genesis: testGenesis(p, names...),
		Validators: testchain.NewValidators(1)}), funded: names}
}

// put sends the packet that the deeds which follow are about.
func (s *stage) put(sender string, tm contract.Terms) {
	s.T.Helper()
	s.terms, s.sent = tm, s.Now
	s.id = s.Send(sender, tm)
}

// at lets d pass since the packet was sent.
func (s *stage) at(d time.Duration) { s.Now = s.sent.Add(d) }

// deed signs a tx about the stage's packet, for the block that is made next.
type deed func(*stage) []byte

func claims(name string) deed {
	return func(s *stage) []byte { return s.Claim(name, s.id, s.terms) }
}

func returns(name string, share uint32) deed {
	return func(s *stage) []byte { return s.Tx(name, &contract.Return{Packet: s.id, Share: share}) }
}

func asks(name string, share uint32) deed {
	return func(s *stage) []byte { return s.Tx(name, &contract.Ask{Packet: s.id, Share: share, Reason: "AC03"}) }
}

func answers(name string, share uint32, accept bool) deed {
	return func(s *stage) []byte {
		return s.Tx(name, &contract.Answer{Packet: s.id, Share: share, Accept: accept})
	}
}

func tightens(name string, clauses ...string) deed {
	return func(s *stage) []byte {
		return s.Tx(name, &contract.Tighten{Packet: s.id, Clauses: clausesOf(s.T, clauses...)})
	}
}

// recallsRest is a recall of the rest by name, with the consents of others.
func recallsRest(name string, clause uint32, reason contract.Reason, with ...string) deed {
	return recallsShare(name, clause, 0, reason, with...)
}

func recallsShare(name string, clause, share uint32, reason contract.Reason, with ...string) deed {
	return func(s *stage) []byte {
		m := &contract.Recall{Packet: s.id, Clause: clause, Share: share, Reason: reason}
		for _, w := range with {
			m.Consents = append(m.Consents, s.consent(w, m))
		}
		return s.Tx(name, m)
	}
}

// consent is name's to exactly m, good for an hour, with an edit of what is
// signed before it is signed.
func (s *stage) consent(name string, m *contract.Recall, edits ...func(*consentTo)) contract.Consent {
	s.T.Helper()
	p := s.Packet(m.Packet)
	to := consentTo{testChain, *m, p.InForce()[m.Clause-1], contract.TimeOf(s.Now.Add(time.Hour))}
	for _, e := range edits {
		e(&to)
	}
	p.ID = to.Packet
	sig, err := contract.SignDigest(testKey(name),
		contract.ConsentDigest(to.chain, &p, &to.clause, to.Share, to.Reason, to.validUntil))
	s.OK(err)
	return contract.Consent{Account: addr(name), ValidUntil: to.validUntil, Signature: sig}
}

// consentTo is what a consent is to.
type consentTo struct {
	chain string
	contract.Recall
	clause     contract.Clause
	validUntil contract.Time
}

func clausesOf(t testing.TB, texts ...string) []contract.Clause {
	t.Helper()
	clauses := []contract.Clause{}
	for _, text := range texts {
		c, err := contract.ParseClause(text)
		if err != nil {
			t.Fatal(err)
		}
		clauses = append(clauses, c)
	}
	return clauses
}

// under are terms' edits: these clauses, and shares held so long.
func under(t testing.TB, hold contract.Seconds, texts ...string) func(*contract.Terms) {
	return func(tm *contract.Terms) { tm.Hold, tm.Clauses = hold, clausesOf(t, texts...) }
}

// judges completes a clause's text such as "rest when 2" with the three judges.
func judges(text string) string {
	return text + " of (" + keyText("judge a") + "," + keyText("judge b") + "," + keyText("judge c") + ")"
}

func keyText(name string) string { return contract.Print(contract.Key{Address: addr(name)}) }

// play executes deeds in one block and says in a word what became of each.
func (s *stage) play(deeds ...deed) string {
	s.T.Helper()
	var txs [][]byte
	for _, d := range deeds {
		txs = append(txs, d(s))
	}
	var codes []string
	for _, c := range s.Block(txs...) {
		codes = append(codes, c.String())
	}
	return strings.Join(codes, " ")
}

// must plays deeds that all succeed.
func (s *stage) must(deeds ...deed) {
	s.T.Helper()
	if got := s.play(deeds...); strings.Trim(got, "ok ") != "" {
		s.T.Fatalf("block %d: %s", s.Height, got)
	}
}

// state is the packet in words: its status, then the state of each share and
// of the question about it.
func (s *stage) state() string {
	s.T.Helper()
	p := s.Packet(s.id)
	words := []string{p.Status.String()}
	for _, share := range p.Shares {
		w := share.State.String()
		if share.Asked != nil {
			w += "/" + share.Asked.State.String()
		}
		words = append(words, w)
	}
	return strings.Join(words, " ")
}

// leaves reads every account and packet there is.
func (s *stage) leaves() (map[contract.Address]contract.Account, map[contract.PacketID]contract.Packet) {
	s.T.Helper()
	accounts, packets := map[contract.Address]contract.Account{}, map[contract.PacketID]contract.Packet{}
	for key, value := range s.Leaves() {
		switch key[0] {
		case 'a':
			var a contract.Account
			s.OK(contract.Decode(value, &a))
			accounts[contract.Address([]byte(key[2:]))] = a
		case 'p':
			p := contract.Packet{ID: contract.PacketID([]byte(key[2:]))}
			s.OK(contract.Decode(value, &p))
			packets[p.ID] = p
		}
	}
	return accounts, packets
}

// books checks that no fen was made, lost or misled: the supply is what the
// leaves add up to, and every account has what it started with, less what it
// sent, with what came back of that and the shares it has. No account may
// have paid another.
func (s *stage) books() {
	s.T.Helper()
	accounts, packets := s.leaves()
	wallet, held := map[contract.Address]contract.Amount{}, map[contract.Address]contract.Amount{}
	open := map[contract.Address]uint32{}
	for _, name := range s.funded {
		wallet[addr(name)] = 1_000_000
	}
	sum := contract.Supply{Total: contract.Amount(len(s.funded)) * 1_000_000}
	for id, p := range packets {
		left := p.Terms.Total
		for _, share := range p.Shares {
			left -= share.Amount
			switch share.State {
			case contract.Held:
				held[share.Claimer] += share.Amount
				wallet[p.Sender] -= share.Amount
			case contract.Settled:
				wallet[share.Claimer] += share.Amount
				wallet[p.Sender] -= share.Amount
			}
		}
		if p.Status != contract.Open {
			left = 0
		} else {
			open[p.Sender]++
		}
		if p.Escrow != left {
			s.T.Errorf("block %d: packet %s: %d in escrow, its outcomes leave %d", s.Height, id, p.Escrow, left)
		}
		wallet[p.Sender] -= left
		sum.Escrow += p.Escrow
	}
	for a, acc := range accounts {
		if acc.Balance != wallet[a] || acc.Held != held[a] || acc.Open != open[a] {
			s.T.Errorf("block %d: %s: %d, %d held, %d open packets; the packets say %d, %d, %d",
				s.Height, a.Short(), acc.Balance, acc.Held, acc.Open, wallet[a], held[a], open[a])
		}
		sum.Wallets += acc.Balance
		sum.Held += acc.Held
	}
	if got := s.Supply(); got != sum || !got.Holds() {
		s.T.Errorf("block %d: supply %+v, the leaves add up to %+v", s.Height, got, sum)
	}
}

// try executes name's m in a block of its own, or says why it may stand in
// none.
func (s *stage) try(name string, m contract.Message) contract.Code {
	s.T.Helper()
	s.Block() // the mempool judges by the newest block's time
	wire := s.Tx(name, m)
	if code := s.CheckTx(wire); code != contract.CodeOK {
		s.Nonces[name]--
		if s.Accepts(wire) {
			s.T.Errorf("a block with what CheckTx refuses (%s) is accepted", code)
		}
		return code
	}
	return s.Block(wire)[0]
}

// simulate is what a node says beforehand of name's m.
func (s *stage) simulate(name string, m contract.Message) (sim query.Simulation) {
	s.T.Helper()
	wire := s.Tx(name, m)
	s.Nonces[name]--
	s.Ask(query.Simulate, wire, &sim)
	return sim
}
