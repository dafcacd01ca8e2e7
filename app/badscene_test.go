package app

import (
	"testing"
	"time"

	"hongbao/contract"
)

// scene is a small chain on which everything bad can be tried: packets in
// every state, all sent by alice.
type scene struct {
	*chain
	open, linked, named, full, expired, recalled, later, fraud contract.PacketID
	terms                                                      map[contract.PacketID]contract.Terms
}

func newScene(t *testing.T) *scene {
	p := contract.DefaultParams()
	p.BucketSize = 24
	s := &scene{chain: newChainWith(t, Options{}, testGenesis(p, "alice", "bob", "carol", "poor")),
		terms: map[contract.PacketID]contract.Terms{}}
	send := func(tm contract.Terms) contract.PacketID {
		id := s.Send("alice", tm)
		s.terms[id] = tm
		s.Wait(time.Second)
		return id
	}
	link := [32]byte(addr("link"))
	clause := func(c contract.Cond, reasons ...contract.Reason) func(*contract.Terms) {
		return func(t *contract.Terms) {
			t.Clauses = []contract.Clause{{Target: contract.Rest, When: contract.Rule{Cond: c}, Reasons: reasons}}
		}
	}
	s.open = send(terms(3, 500))
	s.linked = send(terms(2, 500, func(t *contract.Terms) { t.Claim.Cond, t.LinkKey = contract.Link{}, &link }))
	s.named = send(terms(2, 500, func(t *contract.Terms) {
		t.Claim.Cond = contract.Named{Claimers: []contract.Address{addr("carol"), addr("dave")}}
	}))
	s.full = send(terms(1, 500))
	s.expired = send(terms(1, 500, func(t *contract.Terms) { t.Expiry = 1; t.Clauses = nil }))
	s.recalled = send(terms(1, 500))
	s.later = send(terms(1, 500, clause(contract.All{contract.Sender{}, contract.After{For: 3600}})))
	s.fraud = send(terms(1, 500, clause(contract.Sender{}, "FRAD")))
	s.mustOK(s.Claim("bob", s.open, s.terms[s.open]), s.Claim("bob", s.full, s.terms[s.full]),
		s.Tx("alice", &contract.Recall{Packet: s.recalled, Clause: 1}))
	s.mustOK(s.Tx("poor", &contract.Pay{To: addr("alice"), Amount: 1_000_000 - 700}))
	return s
}

func (s *scene) mustOK(txs ...[]byte) {
	s.T.Helper()
	s.Wait(time.Second)
	for i, code := range s.Block(txs...) {
		if code != contract.CodeOK {
			s.T.Fatalf("tx %d: %s", i, code)
		}
	}
}

// signed is a tx by name with an edit before signing; it spends no nonce of
// the harness.
func (s *scene) signed(name string, m contract.Message, edits ...func(*contract.Tx)) []byte {
	tx := &contract.Tx{Chain: testChain, Nonce: s.Nonces[name], ValidUntil: contract.TimeOf(s.Now.Add(5 * time.Minute)),
		Message: m}
	for _, e := range edits {
		e(tx)
	}
	s.OK(tx.Sign(testKey(name)))
	return tx.Encode()
}

// raw is a tx whose body is any CBOR at all.
func (s *scene) raw(kind uint8, body any) []byte {
	a := addr("alice")
	return contract.Encode([]any{testChain, a[:], s.Nonces["alice"],
		s.Now.Add(time.Minute).UnixNano(), kind, body, make([]byte, 64)})
}

// rawSend is a send whose claim rule is any text at all.
func (s *scene) rawSend(rule any) []byte {
	return s.raw(2, []any{[]any{1000, 2, 1, rule, nil, 0, []any{}, 3600, "", nil}})
}

func (s *scene) sendOf(edit func(*contract.Terms)) []byte {
	return s.signed("alice", &contract.Send{Terms: terms(2, 500, edit)})
}

func (s *scene) claimOf(name string, id contract.PacketID, edits ...func(*contract.Claim)) []byte {
	tm := s.terms[id]
	m := &contract.Claim{Packet: id, TermsHash: tm.Hash(testChain)}
	for _, e := range edits {
		e(m)
	}
	return s.signed(name, m)
}

// consent is name's to nothing in particular.
func (s *scene) consent(name string, validFor time.Duration) contract.Consent {
	return contract.Consent{Account: addr(name), ValidUntil: contract.TimeOf(s.Now.Add(validFor))}
}

// withLink signs claimer with the named link key.
func (s *scene) withLink(key string, id contract.PacketID, claimer string) func(*contract.Claim) {
	sig, err := contract.SignDigest(testKey(key), contract.LinkDigest(testChain, id, addr(claimer)))
	s.OK(err)
	return func(c *contract.Claim) { c.Link = &sig }
}

func clauseOf(c contract.Cond) func(*contract.Terms) {
	return func(t *contract.Terms) { t.Clauses[0].When.Cond = c }
}

func ruleOf(c contract.Cond) func(*contract.Terms) {
	return func(t *contract.Terms) { t.Claim.Cond = c }
}

func nested(depth int) contract.Cond {
	c := contract.Cond(contract.Always{})
	for range depth - 1 {
		c = contract.All{c}
	}
	return c
}

func wide(n int) contract.Cond {
	var all contract.All
	for n > 0 {
		var group contract.Any
		for ; n > 0 && len(group) < 16; n-- {
			group = append(group, contract.Always{})
		}
		all = append(all, group)
	}
	return all
}
