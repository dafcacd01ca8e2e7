package client_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"hongbao/client"
	"hongbao/contract"
)

// What an approver cannot sign is refused before the key is asked for.
func TestConsentsThatAreRefused(t *testing.T) {
	now := contract.Time(1_000_000_000_000_000_000)
	approver, stranger := contract.Address{1}, contract.Address{2}
	packet := func(clauses ...string) *contract.Packet {
		p := &contract.Packet{ID: contract.PacketID{3}, Sender: contract.Address{4}, Created: now,
			Expires: now.Plus(3600), Status: contract.Open, Escrow: 500,
			Terms: contract.Terms{Total: 500, Shares: 1, Expiry: 3600}}
		for _, text := range clauses {
			clause, err := contract.ParseClause(fmt.Sprintf(text, approver))
			if err != nil {
				t.Fatal(err)
			}
			p.Terms.Clauses = append(p.Terms.Clauses, clause)
		}
		return p
	}
	one := packet("rest when all(key(%s),within(10m)) for FRAD")
	for _, row := range []struct {
		desc    string
		packet  *contract.Packet
		consent client.Consent
		account contract.Address
		at      contract.Time
		code    contract.Code // CodeOK: it is not refused
	}{
		{"the one clause", one, client.Consent{Reason: "fraud"}, approver, now, contract.CodeOK},
		{"no reason", one, client.Consent{}, approver, now, contract.CodeReasonNotAllowed},
		{"a stranger", one, client.Consent{Reason: "FRAD"}, stranger, now, contract.CodeConsentUnlisted},
		{"a clause there is not", one, client.Consent{Clause: 2}, approver, now, contract.CodeUnknownClause},
		{"too late", one, client.Consent{Clause: 1, Reason: "FRAD"}, approver, now.Plus(601),
			contract.CodeWindowClosed},
		{"for ever", one, client.Consent{Reason: "FRAD", ValidFor: contract.MaxConsentFor + 1}, approver, now,
			contract.CodeBadConsent},
		{"a share there is not", one, client.Consent{Share: 1, Reason: "FRAD"}, approver, now,
			contract.CodeUnknownShare},
	} {
		a, err := row.consent.On(row.packet, row.account, row.at, row.at)
		if contract.CodeOf(err) != row.code {
			t.Errorf("%s: %v, want %s", row.desc, err, row.code)
		}
		if err == nil && (a.Clause != 1 || a.Usable != now.Plus(600) || a.Until != now.Plus(client.DefaultConsentFor)) {
			t.Errorf("%s: %+v", row.desc, a)
		}
	}

	two := packet("rest when all(key(%s),within(10m))", "rest when all(key(%s),within(20m))")
	var choose *client.ChooseClauseError
	if _, err := (&client.Consent{}).On(two, approver, now, now); !errors.As(err, &choose) ||
		!slices.Equal(choose.Clauses, []uint32{1, 2}) {
		t.Errorf("of two clauses: %v", err)
	}
	if a, err := (&client.Consent{Clause: 2}).On(two, approver, now, now); err != nil || a.Usable != now.Plus(1200) {
		t.Errorf("the second: %+v, %v", a, err)
	}
}
