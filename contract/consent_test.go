package contract

import (
	"testing"
	"time"
)

// A consent is to one recall: of this share of this packet, under this clause,
// for this reason, on this chain, in time. Replayed anywhere else it is worth
// nothing, and the recall says why.
func TestConsents(t *testing.T) {
	w := newWorld(t, "alice", "dave", "erin", "a", "b", "c")
	terms := goodTerms(func(tm *Terms) {
		tm.Hold = 600
		tm.Clauses = parsed(t, "share when 2 of (key(@a),key(@b),key(@c)) for FRAD,DUPL",
			"share when key(@a) for FRAD,DUPL",
			"rest when 2 of (sender,key(@a))")
	})
	ids := map[string]PacketID{"this": NewPacketID(testChain, testAddr("alice"), 0), "another": NewPacketID(testChain,
		testAddr("alice"), 1)}
	w.block(t, w.tx(t, "alice", &Send{Terms: terms}))
	w.block(t, w.tx(t, "alice", &Send{Terms: terms}))
	packet := func(which string) *Packet {
		p := &Packet{ID: ids[which]}
		if err := Decode(w.leaves[string(PacketKey(ids[which]))], p); err != nil {
			t.Fatal(err)
		}
		return p
	}
	// A consent to the rest may be given before a share is claimed.
	untouched := packet("another")
	for _, which := range []string{"this", "another"} {
		for _, claimer := range map[string][]string{"this": {"dave", "erin"}, "another": {"dave"}}[which] {
			if codes := w.block(t,
				w.tx(t, claimer, &Claim{Packet: ids[which], TermsHash: terms.Hash(testChain)})); codes[0] != CodeOK {
				t.Fatal(which, codes)
			}
		}
	}
	w.now = at(60)

	type to struct { // what a consent is to; the zero value is what the recall asks for
		packet, chain string
		clause        int
		share         uint32
		reason        Reason
		until         Time // as signed
		states        Time // as the consent says; 0: as signed
		on            *Packet
		signer        string // who signs in the name's place
	}
	consent := func(name string, c to) Consent {
		if c.packet == "" {
			c.packet = "this"
		}
		if c.chain == "" {
			c.chain = testChain
		}
		if c.clause == 0 {
			c.clause = 1
		}
		if c.reason == "" {
			c.reason = "FRAD"
		}
		if c.until == 0 {
			c.until = at(3600)
		}
		if c.on == nil {
			c.on = packet(c.packet)
		}
		if c.signer == "" {
			c.signer = name
		}
		digest := ConsentDigest(c.chain, c.on, &c.on.InForce()[c.clause-1], c.share, c.reason, c.until)
		sig, err := SignDigest(testKey(c.signer), digest)
		if err != nil {
			t.Fatal(err)
		}
		if c.states == 0 {
			c.states = c.until
		}
		return Consent{Account: testAddr(name), ValidUntil: c.states, Signature: sig}
	}
	first := to{share: 1}
	a, b := consent("a", first), consent("b", first)
	dearer := packet("this")
	dearer.Shares[0].Amount++
	other := packet("this")
	other.Shares[0].Claimer = testAddr("erin")
	for _, row := range []struct {
		desc      string
		submitter string
		consents  []Consent
		code      Code
	}{
		{"two of three, submitted by a stranger", "erin", []Consent{a, b}, 0},
		{"in another order", "erin", []Consent{b, a}, 0},
		{"all three", "erin", []Consent{a, b, consent("c", first)}, 0},
		{"one, and the submitter is another", "b", []Consent{a}, 0},
		{"one", "erin", []Consent{a}, CodeSignatureMissing},
		{"none, submitted by one", "a", nil, CodeSignatureMissing},
		{"one, and the sender, who is not asked", "alice", []Consent{a}, CodeSignatureMissing},
		{"one twice", "erin", []Consent{a, a}, CodeConsentRepeated},
		{"one who also submits", "a", []Consent{a, b}, CodeConsentRepeated},
		{"of the sender, who is not listed", "erin", []Consent{a, b, consent("alice", first)}, CodeConsentUnlisted},
		{"of a stranger beside enough", "erin", []Consent{a, b, consent("dave", first)}, CodeConsentUnlisted},
		{"to another packet", "erin", []Consent{a, consent("b", to{share: 1, packet: "another"})}, CodeBadConsent},
		{"to another share", "erin", []Consent{a, consent("b", to{share: 2})}, CodeBadConsent},
		{"to the rest", "erin", []Consent{a, consent("b", to{})}, CodeBadConsent},
		{"under another clause", "erin", []Consent{consent("a", to{share: 1, clause: 2}), b}, CodeBadConsent},
		{"for another reason", "erin", []Consent{a, consent("b", to{share: 1, reason: "DUPL"})}, CodeBadConsent},
		{"on another chain", "erin", []Consent{a, consent("b", to{share: 1, chain: "hongbao-tesu"})}, CodeBadConsent},
		{"to another amount", "erin", []Consent{a, consent("b", to{share: 1, on: dearer})}, CodeBadConsent},
		{"to another claimer's share", "erin", []Consent{a, consent("b", to{share: 1, on: other})}, CodeBadConsent},
		{"signed by somebody else", "erin", []Consent{a, consent("b", to{share: 1, signer: "a"})}, CodeBadConsent},
		{"with a later end than was signed", "erin",
			[]Consent{a, consent("b", to{share: 1, until: at(61), states: at(62)})}, CodeBadConsent},
		{"with a nanosecond left", "erin", []Consent{a, consent("b", to{share: 1, until: at(60) + 1})}, 0},
		{"at its end", "erin", []Consent{a, consent("b", to{share: 1, until: at(60)})}, CodeConsentExpired},
		{"after its end", "erin", []Consent{a, consent("b", to{share: 1, until: at(60) - 1})}, CodeConsentExpired},
		{"for 30 days", "erin", []Consent{a, consent("b", to{share: 1, until: at(60).Plus(MaxConsentFor)})}, 0},
		{"for a nanosecond longer", "erin",
			[]Consent{a, consent("b", to{share: 1, until: at(60).Plus(MaxConsentFor) + 1})}, CodeValidUntilTooFar},
	} {
		m := &Recall{Packet: ids["this"], Clause: 1, Share: 1, Reason: "FRAD", Consents: row.consents}
		if _, codes := w.run(t, w.tx(t, row.submitter, m)); codes[0] != row.code {
			t.Errorf("%s: %s, want %s", row.desc, codes[0], row.code)
		}
	}

	rest := func(c Consent) *Recall {
		return &Recall{Packet: ids["another"], Clause: 3, Reason: "FRAD", Consents: []Consent{c}}
	}
	for _, row := range []struct {
		desc string
		c    Consent
		code Code
	}{
		{"to the rest", consent("a", to{packet: "another", clause: 3}), 0},
		{"to the rest, given before a claim", consent("a", to{packet: "another", clause: 3, on: untouched}), 0},
		{"to the rest of another packet", consent("a", to{clause: 3}), CodeBadConsent},
		{"to a share, for the rest", consent("a", to{packet: "another", clause: 3, share: 1}), CodeBadConsent},
	} {
		if _, codes := w.run(t, w.tx(t, "alice", rest(row.c))); codes[0] != row.code {
			t.Errorf("%s: %s, want %s", row.desc, codes[0], row.code)
		}
	}

	// A consent names the clause, not its number: it outlives a tightening that
	// keeps the clause, and ends with one that changes it.
	recall := func(number uint32) Code {
		_, codes := w.run(t, w.tx(t, "erin", &Recall{Packet: ids["this"], Clause: number, Share: 1, Reason: "FRAD",
			Consents: []Consent{a, b}}))
		return codes[0]
	}
	kept := []Clause{terms.Clauses[2], terms.Clauses[0]}
	if codes := w.block(t, w.tx(t, "alice", &Tighten{Packet: ids["this"], Clauses: kept})); codes[0] != CodeOK ||
		recall(2) != CodeOK {
		t.Errorf("the clause under another number: %s, %s", codes[0], recall(2))
	}
	changed := terms.Clauses[0]
	changed.Reasons = []Reason{"FRAD"}
	if codes := w.block(t, w.tx(t, "alice", &Tighten{Packet: ids["this"],
		Clauses: []Clause{changed}})); codes[0] != CodeOK || recall(1) != CodeBadConsent {
		t.Errorf("the clause with fewer reasons: %s, %s", codes[0], recall(1))
	}
}

// Consents are judged in the order of their cost, and a recall that fails leaves
// nothing behind but its nonce.
func TestRefusedRecallVerifiesNothing(t *testing.T) {
	w := newWorld(t, "alice", "dave")
	terms := goodTerms(withClause(All{Key{testAddr("a")}, Within{1}}))
	id := NewPacketID(testChain, testAddr("alice"), 0)
	w.block(t, w.tx(t, "alice", &Send{Terms: terms}))
	w.now = w.now + Time(time.Second)
	tx := w.tx(t, "dave", &Recall{Packet: id, Clause: 1,
		Consents: []Consent{{Account: testAddr("a"), ValidUntil: w.now + 1}}})
	verified := counting{n: new(int)}
	w.hash = verified
	l, codes := w.run(t, tx)
	if codes[0] != CodeWindowClosed || *verified.n != 1 {
		t.Errorf("%s after %d signatures, want the transaction's own", codes[0], *verified.n)
	}
	if leaves, entries, due, err := l.Changes(); len(leaves) != 1 || len(entries) != 0 || len(due) != 0 || err != nil {
		t.Errorf("left %d leaves, %d entries, %d due changes, %v", len(leaves), len(entries), len(due), err)
	}
}

// counting verifies, and counts.
type counting struct{ n *int }

func (c counting) Verify(key [32]byte, digest Hash, sig Signature) bool {
	*c.n++
	return Schnorr{}.Verify(key, digest, sig)
}
