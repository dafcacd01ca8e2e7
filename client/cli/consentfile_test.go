package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hongbao/client/wallet"
	"hongbao/contract"
)

// heldPacket is a packet whose two shares alice may recall together with bob.
func heldPacket(t *testing.T) (ref, *contract.Packet) {
	t.Helper()
	alice, bob := contract.AddressOf(wallet.DevKey("alice")), contract.AddressOf(wallet.DevKey("bob"))
	both := contract.Rule{Cond: contract.All{contract.Sender{}, contract.Key{Address: bob}}}
	clauses := []contract.Clause{
		{Target: contract.Rest, When: contract.Rule{Cond: contract.Sender{}}, Reasons: []contract.Reason{}},
		{Target: contract.HeldShares, When: both, Reasons: []contract.Reason{"FRAD", "DUPL"}},
	}
	carol := contract.AddressOf(wallet.DevKey("carol"))
	return ref{contract.PacketID{7}, 1}, &contract.Packet{
		Sender: alice, Status: contract.Full, Expires: 1e15,
		Terms:  contract.Terms{Total: 500, Shares: 2, Clauses: clauses, Hold: 3600},
		Shares: []contract.Share{{Claimer: carol, Amount: 250, State: contract.Held}, {Claimer: bob, Amount: 250, State: contract.Held}},
	}
}

// consentOf is bob's consent to a recall of a share of a held packet, as JSON.
func consentOf(t *testing.T, r ref, p *contract.Packet) []byte {
	t.Helper()
	bob, err := wallet.Open(t.TempDir()).Account("bob")
	if err != nil {
		t.Fatal(err)
	}
	c, err := bob.Consent(testChain, r.Packet, p, &p.Terms.Clauses[1], r.Share, "FRAD", 1e12)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(newConsentFile(testChain, r, p, 2, "FRAD", c))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A consent file is read in its one form: nothing unknown, nothing missing,
// nothing behind it.
func TestConsentFilesAreReadStrictly(t *testing.T) {
	r, p := heldPacket(t)
	good := string(consentOf(t, r, p))
	f, err := parseConsent([]byte(good))
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
	if _, err := parseConsent(spaced.Bytes()); err != nil {
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
		{"a time in another spelling", `"valid_until":"1970-01-01T00:16:40Z"`, `"valid_until":"1970-01-01T01:16:40+01:00"`, "write it in UTC"},
		{"half a signature", f.Signature, f.Signature[:64], "128 hex digits"},
		{"a signature in capitals", f.Signature, strings.ToUpper(f.Signature), "128 hex digits"},
		{"two consents in one file", "{", good + "{", "something stands behind it"},
		{"half a file", good, good[:len(good)/2], "unexpected EOF"},
		{"no end of file", good, good + strings.Repeat(" ", maxConsentFile), "larger than"},
	} {
		text := strings.Replace(good, tt.old, tt.new, 1)
		if text == good {
			t.Fatalf("%s: changes nothing", tt.desc)
		}
		if _, err := parseConsent([]byte(text)); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v, want %q", tt.desc, err, tt.says)
		}
	}
}

// What a consent is not for is said before a recall leaves, by name.
func TestAConsentFitsOneRecall(t *testing.T) {
	r, p := heldPacket(t)
	good := string(consentOf(t, r, p))
	for _, tt := range []struct {
		desc       string
		code, says string
		change     func(f *consentFile, m *contract.Recall, p *contract.Packet)
	}{
		{"as it was signed", "", "", func(*consentFile, *contract.Recall, *contract.Packet) {}},
		{"its clause moved up, since the sender tightened", "", "", func(_ *consentFile, _ *contract.Recall, p *contract.Packet) {
			p.Tightened = []contract.Tightening{{At: 1, Clauses: p.Terms.Clauses[1:]}}
		}},
		{"another chain", "consent_mismatch", "this is", func(f *consentFile, _ *contract.Recall, _ *contract.Packet) { f.ChainID = "other-1" }},
		{"another packet", "consent_mismatch", "for packet", func(_ *consentFile, m *contract.Recall, _ *contract.Packet) { m.Packet[0]++ }},
		{"another share", "consent_mismatch", "for share 1", func(_ *consentFile, m *contract.Recall, _ *contract.Packet) { m.Share = 2 }},
		{"the rest", "consent_mismatch", "for share 1", func(_ *consentFile, m *contract.Recall, _ *contract.Packet) { m.Share = 0 }},
		{"another clause", "consent_mismatch", "for clause 2, not for clause 1", func(_ *consentFile, m *contract.Recall, _ *contract.Packet) { m.Clause = 1 }},
		{"another reason", "consent_mismatch", `for reason "fraud", not for "duplicate"`, func(_ *consentFile, m *contract.Recall, _ *contract.Packet) { m.Reason = "DUPL" }},
		{"another amount", "consent_mismatch", "another claimer or amount", func(f *consentFile, _ *contract.Recall, _ *contract.Packet) { *f.Amount++ }},
		{"a clause that was renounced", "consent_mismatch", "not in force", func(_ *consentFile, _ *contract.Recall, p *contract.Packet) {
			p.Tightened = []contract.Tightening{{At: 1, Clauses: []contract.Clause{}}}
		}},
		{"a later end than was signed", "bad_consent", "not signed by", func(f *consentFile, _ *contract.Recall, _ *contract.Packet) { f.ValidUntil++ }},
		{"another's name on it", "bad_consent", "not signed by", func(f *consentFile, _ *contract.Recall, p *contract.Packet) { f.Account = p.Sender }},
		{"a share that does not exist", "unknown_share", "none numbered 3", func(f *consentFile, m *contract.Recall, _ *contract.Packet) { f.Share, m.Share = 3, 3 }},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			_, p := heldPacket(t)
			f, err := parseConsent([]byte(good))
			if err != nil {
				t.Fatal(err)
			}
			m := &contract.Recall{Packet: r.Packet, Share: r.Share}
			tt.change(f, m, p)
			s := &Session{chain: testChain}
			err = s.addConsents(m, p, p.Sender, []namedConsent{{"bob.json", f}})
			if tt.code == "" {
				if err != nil || len(m.Consents) != 1 || m.Reason != "FRAD" || p.InForce()[m.Clause-1].String() != f.ClauseText {
					t.Errorf("%+v, %v", m, err)
				}
				return
			}
			if err == nil || asError(err).Code != tt.code || !strings.Contains(err.Error(), tt.says) || asError(err).Exit != ExitRefused {
				t.Errorf("%v, want %s: %s", err, tt.code, tt.says)
			}
		})
	}
}

// A consent file that cannot be read stops the recall before anything is
// asked.
func TestADamagedConsentIsNamed(t *testing.T) {
	u := &user{t, t.TempDir()}
	path := filepath.Join(u.home, "bob.json")
	if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := u.refused(ExitUsage, "bad_consent_file", "recall", "rp1", "--consent", path)
	if !strings.Contains(r.Error.Message, path) {
		t.Errorf("%s", r.Error.Message)
	}
	if _, err := readConsents([]string{filepath.Join(u.home, "none")}); err == nil {
		t.Error("a file that is not there was read")
	}
}
