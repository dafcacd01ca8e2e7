package files

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"hongbao/client/wallet"
	"hongbao/contract"
)

// heldPacket is a packet whose two shares alice may recall together with bob.
func heldPacket(t *testing.T) (contract.PacketID, uint32, *contract.Packet) {
	t.Helper()
	alice, bob := contract.AddressOf(wallet.DevKey("alice")), contract.AddressOf(wallet.DevKey("bob"))
	both := contract.Rule{Cond: contract.All{contract.Sender{}, contract.Key{Address: bob}}}
	clauses := []contract.Clause{
		{Target: contract.Rest, When: contract.Rule{Cond: contract.Sender{}}, Reasons: []contract.Reason{}},
		{Target: contract.HeldShares, When: both, Reasons: []contract.Reason{"FRAD", "DUPL"}},
	}
	carol := contract.AddressOf(wallet.DevKey("carol"))
	return contract.PacketID{7}, 1, &contract.Packet{
		ID: contract.PacketID{7}, Sender: alice, Status: contract.Full, Expires: 1e15,
		Terms: contract.Terms{Total: 500, Shares: 2, Clauses: clauses, Hold: 3600},
		Shares: []contract.Share{
			{Claimer: carol, Amount: 250, State: contract.Held},
			{Claimer: bob, Amount: 250, State: contract.Held},
		},
	}
}

// consentOf is bob's consent to a recall of a share of a held packet, as JSON.
func consentOf(t *testing.T, id contract.PacketID, share uint32, p *contract.Packet) []byte {
	t.Helper()
	bob, err := wallet.Open(t.TempDir()).Account("bob")
	if err != nil {
		t.Fatal(err)
	}
	c, err := bob.Consent(testChain, p, &p.Terms.Clauses[1], share, "FRAD", 1e12)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(NewConsent(testChain, id, p, share, 2, "FRAD", c))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A consent file is read in its one form: nothing unknown, nothing missing,
// nothing behind it.
func TestConsentFilesAreReadStrictly(t *testing.T) {
	id, share, p := heldPacket(t)
	good := string(consentOf(t, id, share, p))
	f, err := ParseConsent([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := json.Marshal(f); err != nil || string(again) != good {
		t.Errorf("written again: %s, %v", again, err)
	}
	var spaced bytes.Buffer
	if err := json.Indent(&spaced, []byte(good+"\n"), "", "  "); err != nil {
		t.Fatal(err)
	}
	if _, err := ParseConsent(spaced.Bytes()); err != nil {
		t.Errorf("white space: %v", err)
	}
	for _, tt := range []struct{ desc, old, new, says string }{
		{"another format", "hongbao-consent/1", "hongbao-consent/2", "format is"},
		{"an unknown field", `{"format"`, `{"beneficiary":"x","format"`, "unknown field"},
		{"no chain", `"chain_id":"` + testChain + `"`, `"chain_id":""`, "a field is missing"},
		{"no clause text", f.ClauseText, "", "a field is missing"},
		{"clause zero", `"clause":2`, `"clause":0`, "a field is missing"},
		{"a share without its claimer", `"claimer":"` + f.Claimer.String() + `",`, "", "belong to a share"},
		{"a claimer without a share", `"share":1`, `"share":0`, "belong to a share"},
		{"a negative share", `"share":1`, `"share":-1`, "cannot unmarshal"},
		{"an amount with a leading zero", `"amount_fen":"250"`, `"amount_fen":"0250"`, "not an amount in fen"},
		{"an amount as a number", `"amount_fen":"250"`, `"amount_fen":250`, "cannot unmarshal"},
		{"a time in another spelling", `"valid_until":"1970-01-01T00:16:40Z"`,
			`"valid_until":"1970-01-01T01:16:40+01:00"`, "write it in UTC"},
		{"half a signature", f.Signature, f.Signature[:64], "128 hex digits"},
		{"a signature in capitals", f.Signature, strings.ToUpper(f.Signature), "128 hex digits"},
		{"two consents in one file", "{", good + "{", "something stands behind it"},
		{"half a file", good, good[:len(good)/2], "unexpected EOF"},
		{"no end of file", good, good + strings.Repeat(" ", MaxConsentBytes), "larger than"},
	} {
		text := strings.Replace(good, tt.old, tt.new, 1)
		if text == good {
			t.Fatalf("%s: changes nothing", tt.desc)
		}
		if _, err := ParseConsent([]byte(text)); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v, want %q", tt.desc, err, tt.says)
		}
	}
}

// What a consent is not for is said before a recall leaves, by name.
func TestAConsentFitsOneRecall(t *testing.T) {
	id, share, p := heldPacket(t)
	good := string(consentOf(t, id, share, p))
	type (
		recall = *contract.Recall
		packet = *contract.Packet
	)
	for _, tt := range []struct {
		desc   string
		code   contract.Code // of the refusal; 0: it is a MisfitError
		says   string
		change func(f *Consent, m recall, p packet)
	}{
		{"as it was signed", 0, "", func(*Consent, recall, packet) {}},
		{"its clause moved up, since the sender tightened", 0, "", func(_ *Consent, _ recall, p packet) {
			p.Tightened = []contract.Tightening{{At: 1, Clauses: p.Terms.Clauses[1:]}}
		}},
		{"another chain", 0, "this is", func(f *Consent, _ recall, _ packet) { f.ChainID = "other-1" }},
		{"another packet", 0, "for packet", func(_ *Consent, m recall, _ packet) { m.Packet[0]++ }},
		{"another share", 0, "for share 1", func(_ *Consent, m recall, _ packet) { m.Share = 2 }},
		{"the rest", 0, "for share 1", func(_ *Consent, m recall, _ packet) { m.Share = 0 }},
		{"another clause", 0, "for clause 2, not for clause 1", func(_ *Consent, m recall, _ packet) { m.Clause = 1 }},
		{"another reason", 0, `for reason "fraud", not for "duplicate"`,
			func(_ *Consent, m recall, _ packet) { m.Reason = "DUPL" }},
		{"another amount", 0, "another claimer or amount", func(f *Consent, _ recall, _ packet) { *f.Amount++ }},
		{"a clause that was renounced", 0, "not in force", func(_ *Consent, _ recall, p packet) {
			p.Tightened = []contract.Tightening{{At: 1, Clauses: []contract.Clause{}}}
		}},
		{"a later end than was signed", contract.CodeBadConsent, "not signed by",
			func(f *Consent, _ recall, _ packet) { f.ValidUntil++ }},
		{"another's name on it", contract.CodeBadConsent, "not signed by",
			func(f *Consent, _ recall, p packet) { f.Account = p.Sender }},
		{"a share that does not exist", contract.CodeUnknownShare, "none numbered 3",
			func(f *Consent, m *contract.Recall, _ *contract.Packet) { f.Share, m.Share = 3, 3 }},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			_, _, p := heldPacket(t)
			f, err := ParseConsent([]byte(good))
			if err != nil {
				t.Fatal(err)
			}
			m := &contract.Recall{Packet: id, Share: share, Reason: "FRAD"}
			tt.change(f, m, p)
			clause, consent, err := f.Check(testChain, p, m)
			if tt.says == "" {
				if err != nil || consent.Account != f.Account || p.InForce()[clause-1].String() != f.ClauseText {
					t.Errorf("clause %d, %+v, %v", clause, consent, err)
				}
				return
			}
			if err == nil || tt.code != 0 && contract.CodeOf(err) != tt.code ||
				!strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v, want %s: %s", err, tt.code, tt.says)
			}
			if errors.As(err, new(*MisfitError)) != (tt.code == 0) {
				t.Errorf("%v: of type %T", err, err)
			}
		})
	}
}
