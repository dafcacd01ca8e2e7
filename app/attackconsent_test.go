package app

import (
	"testing"
	"time"

	"hongbao/contract"
)

// docket is a chain with two packets alike, whose held shares the judges may
// take back: for fraud or a technical fault under clause 1, for fraud under
// clause 2; and the rest under clause 3.
type docket struct {
	*stage
	a, b contract.PacketID
}

func newDocket(t *testing.T) *docket {
	tm := terms(4, 700, under(t, 24*3600,
		judges("share when 2")+" for FRAD,TECH", judges("share when 2")+" for FRAD", judges("rest when 2")))
	d := &docket{stage: newStage(t, tm)}
	d.a = d.id
	d.must(claims("bob"), claims("carol"))
	d.put("alice", tm)
	d.b = d.id
	d.must(claims("bob"), claims("carol"))
	d.id = d.a
	return d
}

// fraud is the recall that all sides agree on.
func (d *docket) fraud() *contract.Recall {
	return &contract.Recall{Packet: d.a, Clause: 1, Share: 1, Reason: "FRAD"}
}

// A consent is to one thing. Whatever else it is held up for, it is refused,
// and the recall it was given for still goes through.
func TestAttackConsentReplayed(t *testing.T) {
	d := newDocket(t)
	d.Wait(time.Minute)
	good := d.consent("judge b", d.fraud())
	signed := func(edit func(*consentTo)) contract.Consent { return d.consent("judge b", d.fraud(), edit) }
	as := func(edit func(*contract.Consent)) contract.Consent {
		c := good
		edit(&c)
		return c
	}
	now := contract.TimeOf(d.Now)
	payment, err := contract.DecodeTx(d.Tx("judge b", &contract.Pay{To: addr("bob"), Amount: 1}))
	d.OK(err)
	d.Nonces["judge b"]--

	for _, row := range []struct {
		desc     string
		recall   func(*contract.Recall)
		consents []contract.Consent
		want     contract.Code
	}{
		{"on another packet", func(m *contract.Recall) { m.Packet = d.b }, []contract.Consent{good},
			contract.CodeBadConsent},
		{"on another share", func(m *contract.Recall) { m.Share = 2 }, []contract.Consent{good},
			contract.CodeBadConsent},
		{"on the rest", func(m *contract.Recall) { m.Share, m.Clause = 0, 3 }, []contract.Consent{good},
			contract.CodeBadConsent},
		{"under another clause", func(m *contract.Recall) { m.Clause = 2 }, []contract.Consent{good},
			contract.CodeBadConsent},
		{"for another reason", func(m *contract.Recall) { m.Reason = "TECH" }, []contract.Consent{good},
			contract.CodeBadConsent},
		{"from another chain", nil, []contract.Consent{signed(func(c *consentTo) { c.chain = "hongbao-other" })},
			contract.CodeBadConsent},
		{"that was for the rest", nil, []contract.Consent{signed(func(c *consentTo) { c.Share = 0 })},
			contract.CodeBadConsent},
		{"with a later valid_until than was signed", nil,
			[]contract.Consent{as(func(c *contract.Consent) { c.ValidUntil = c.ValidUntil.Plus(60) })},
			contract.CodeBadConsent},
		{"with an earlier one", nil, []contract.Consent{as(func(c *contract.Consent) { c.ValidUntil-- })},
			contract.CodeBadConsent},
		{"in another judge's name", nil, []contract.Consent{as(func(c *contract.Consent) {
			c.Account = addr("judge c")
		})}, contract.CodeBadConsent},
		{"made of a transaction's signature", nil, []contract.Consent{as(func(c *contract.Consent) {
			c.Signature = payment.Signature
		})}, contract.CodeBadConsent},
		{"beside a forged one", nil, []contract.Consent{good, {Account: addr("judge c"), ValidUntil: good.ValidUntil}},
			contract.CodeBadConsent},
		{"at its valid_until", nil, []contract.Consent{signed(func(c *consentTo) { c.validUntil = now })},
			contract.CodeConsentExpired},
		{"after it", nil, []contract.Consent{signed(func(c *consentTo) { c.validUntil = now - 1 })},
			contract.CodeConsentExpired},
		{"given for ever", nil, []contract.Consent{signed(func(c *consentTo) {
			c.validUntil = now.Plus(contract.MaxConsentFor) + 1
		})}, contract.CodeValidUntilTooFar},
		{"twice", nil, []contract.Consent{good, good}, contract.CodeConsentRepeated},
		{"none at all", nil, nil, contract.CodeSignatureMissing},
		{"a clause that is not there", func(m *contract.Recall) { m.Clause = 4 }, []contract.Consent{good},
			contract.CodeUnknownClause},
	} {
		t.Run(row.desc, func(t *testing.T) {
			m := d.fraud()
			m.Consents = row.consents
			if row.recall != nil {
				row.recall(m)
			}
			if got := d.play(func(*stage) []byte { return d.Tx("judge a", m) }); got != row.want.String() {
				t.Errorf("%s, want %s", got, row.want)
			}
			if got := d.state(); got != "open held held" {
				t.Errorf("the packet is %s", got)
			}
		})
	}
	for _, row := range []struct {
		desc  string
		share uint32
		with  contract.Consent
		want  string
	}{
		{"for what it was given, up to a nanosecond before its valid_until", 1, signed(func(c *consentTo) {
			c.validUntil = now + 1
		}), "ok"},
		{"once: the share is gone", 1, good, "share_recalled"},
		{"for thirty days, and no longer", 2, d.consent("judge b", &contract.Recall{Packet: d.a, Clause: 1, Share: 2,
			Reason: "FRAD"},
			func(c *consentTo) { c.validUntil = now.Plus(contract.MaxConsentFor) }), "ok"},
	} {
		m := d.fraud()
		m.Share, m.Consents = row.share, []contract.Consent{row.with}
		if got := d.play(func(*stage) []byte { return d.Tx("judge a", m) }); got != row.want {
			t.Errorf("%s: %s, want %s", row.desc, got, row.want)
		}
	}
	d.books()
}

// A signer that the clause does not name does not count, and none counts twice.
func TestAttackArbiterUnlistedOrTwice(t *testing.T) {
	d := newDocket(t)
	for _, row := range []struct {
		desc string
		by   string
		with []string
		want string
	}{
		{"not listed", "judge a", []string{"dave"}, "consent_unlisted"},
		{"the sender, whom the clause does not name", "judge a", []string{"alice"}, "consent_unlisted"},
		{"the claimer against himself", "judge a", []string{"bob"}, "consent_unlisted"},
		{"not listed, beside two who are", "judge a", []string{"judge b", "dave"}, "consent_unlisted"},
		{"the submitter's own consent again", "judge a", []string{"judge a"}, "consent_repeated"},
		{"one judge twice", "dave", []string{"judge b", "judge b"}, "consent_repeated"},
		{"one judge, submitted by who is none", "dave", []string{"judge b"}, "signature_missing"},
		{"two judges, submitted by who is none", "dave", []string{"judge b", "judge c"}, "ok"},
	} {
		if got := d.play(recallsShare(row.by, 1, 1, "FRAD", row.with...)); got != row.want {
			t.Errorf("%s: %s, want %s", row.desc, got, row.want)
		}
	}
	d.books()
}

// One key cannot stand for two of k, in whatever guise.
func TestAttackOneKeyTwiceInKOf(t *testing.T) {
	alice, a, b, c := keyText("alice"), keyText("judge a"), keyText("judge b"), keyText("judge c")
	s := newStageWith(t, contract.DefaultParams(), people...)
	for _, row := range []struct {
		desc, clause string
		want         contract.Code
	}{
		{"an arbiter", "share when 2 of (" + a + "," + a + "," + b + ")", contract.CodeDuplicateKey},
		{"the sender by name and by key", "rest when 2 of (sender," + alice + ")", contract.CodeDuplicateKey},
		{"the sender twice", "rest when 2 of (sender,sender)", contract.CodeDuplicateKey},
		{"hidden in an any", "share when 2 of (any(" + a + "," + b + "),all(" + c + "," + a + "))",
			contract.CodeDuplicateKey},
		{"hidden in another k of", "share when 2 of (1 of (" + a + "," + b + ")," + b + ")", contract.CodeDuplicateKey},
		{"hidden below an all", "rest when all(within(1m),2 of (" + alice + ",any(sender," + b + ")))",
			contract.CodeDuplicateKey},
		{"the sender beside two others", "share when 2 of (sender," + a + "," + b + ")", contract.CodeOK},
		{"the sender by key alone", "share when 2 of (" + alice + "," + a + "," + b + ")", contract.CodeOK},
	} {
		if got := s.try("alice", &contract.Send{Terms: terms(1, 500, under(t, 3600, row.clause))}); got != row.want {
			t.Errorf("%s: %s, want %s", row.desc, got, row.want)
		}
	}
}

// A consent names its clause by what the clause says. A tightening that
// renumbers the clauses neither lends it to another nor takes it from its own.
func TestAttackConsentAcrossTightening(t *testing.T) {
	d := newDocket(t)
	first, second := d.fraud(), d.fraud()
	second.Clause = 2
	toFirst, toSecond := d.consent("judge b", first), d.consent("judge b", second)
	// what was clause 2 is clause 1
	d.must(tightens("alice", judges("share when 2")+" for FRAD", judges("rest when 2")))
	for _, row := range []struct {
		desc string
		with contract.Consent
		want string
	}{
		{"given to the clause that is gone", toFirst, "bad_consent"},
		{"given to the clause that stayed", toSecond, "ok"},
	} {
		m := d.fraud()
		m.Consents = []contract.Consent{row.with}
		if got := d.play(func(*stage) []byte { return d.Tx("judge a", m) }); got != row.want {
			t.Errorf("%s: %s, want %s", row.desc, got, row.want)
		}
	}
}

// A consent to the rest says nothing of how much that is: claims that go on
// meanwhile do not spoil it.
func TestConsentToTheRestOutlivesClaims(t *testing.T) {
	d := newDocket(t)
	m := &contract.Recall{Packet: d.a, Clause: 3}
	m.Consents = []contract.Consent{d.consent("judge b", m)}
	if got := d.play(claims("dave"), func(*stage) []byte { return d.Tx("judge a", m) }); got != "ok ok" {
		t.Error(got)
	}
	if got := d.state(); got != "recalled held held held" {
		t.Errorf("the packet is %s", got)
	}
	d.books()
}

// A consent costs the block as much as a tx, whether it is good or not, so
// that a block's signature checks are bounded.
func TestAttackConsentStuffing(t *testing.T) {
	p := contract.DefaultParams()
	p.MaxTxsPerBlock = 20
	names := []string{"alice", "bob", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8"}
	s := newStageWith(t, p, names...)
	clause := "rest when 8 of ("
	for i, k := range names[2:] {
		clause += []string{"", ","}[min(i, 1)] + keyText(k)
	}
	s.put("alice", terms(1, 500, under(t, 0, clause+")")))
	stuffed := func(n int) deed {
		return func(s *stage) []byte {
			m := &contract.Recall{Packet: s.id, Clause: 1}
			for i := range n {
				m.Consents = append(m.Consents, contract.Consent{Account: addr(names[2+i%8]),
					ValidUntil: contract.TimeOf(s.Now) + 1})
			}
			return s.Tx("bob", m)
		}
	}
	pay := func(s *stage) []byte { return s.Tx("alice", &contract.Pay{To: addr("bob"), Amount: 1}) }

	full := [][]byte{stuffed(8)(s), stuffed(8)(s), pay(s), pay(s)} // 9 + 9 + 1 + 1
	over := pay(s)
	if got := len(s.Propose(append(full, over)...)); got != 4 {
		t.Errorf("%d txs proposed, want 4", got)
	}
	if s.Accepts(append(full, over)...) {
		t.Error("a block of one too many is accepted")
	}
	s.Nonces["alice"]--
	codes := s.Block(full...)
	if codes[0] != contract.CodeBadConsent || codes[1] != contract.CodeBadConsent || codes[2] != contract.CodeOK ||
		codes[3] != contract.CodeOK {
		t.Errorf("%v", codes)
	}
	nine := stuffed(9)(s)
	if got := s.CheckTx(nine); got != contract.CodeMalformed || s.Accepts(nine) {
		t.Errorf("nine consents: %s", got)
	}
}
