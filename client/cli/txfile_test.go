package cli

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"hongbao/client/wallet"
	"hongbao/contract"
)

// claimFile is an unsigned claim by bob, as it travels to bob's key.
func claimFile(t *testing.T) *carried {
	t.Helper()
	alice, bob := contract.AddressOf(wallet.DevKey("alice")), contract.AddressOf(wallet.DevKey("bob"))
	terms := contract.Terms{Total: 100, Shares: 1, Split: contract.Equal, Claim: contract.Rule{Cond: contract.Always{}}, Clauses: []contract.Clause{}, Expiry: 60}
	return &carried{
		tx: &contract.Tx{Chain: testChain, Account: bob, Nonce: 1, ValidUntil: 60_000_000_000,
			Message: &contract.Claim{Packet: contract.PacketID{1}, TermsHash: terms.Hash(testChain)}},
		packet: &contract.Packet{Sender: alice, Created: 1, Expires: contract.Time(1).Plus(60), Terms: terms, Status: contract.Open},
	}
}

func encodeFile(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTxFilesComeBackAsTheyWent(t *testing.T) {
	want := claimFile(t)
	got, err := parseTxFile(encodeFile(t, want.file()))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.tx.Encode(), want.tx.Encode()) || got.signed() {
		t.Errorf("the tx came back as %+v", got.tx)
	}
	if !bytes.Equal(contract.Encode(got.packet), contract.Encode(want.packet)) {
		t.Errorf("the packet came back as %+v", got.packet)
	}
	wire := want.tx.Encode()
	for _, b := range [][]byte{wire, []byte(hex.EncodeToString(wire)), []byte("\n" + hex.EncodeToString(wire) + "\n")} {
		if got, err := parseTxFile(b); err != nil || !bytes.Equal(got.tx.Encode(), wire) || got.packet != nil {
			t.Errorf("%q: %+v, %v", b, got, err)
		}
	}
}

// Whoever signs reads the terms that the claim binds them to, or no terms.
func TestTxFilesThatAreRefused(t *testing.T) {
	for _, tt := range []struct {
		desc   string
		change func(f *txFile)
		want   string
	}{
		{"another format", func(f *txFile) { f.Format = "hongbao-tx/2" }, "format is"},
		{"a tx that is none", func(f *txFile) { f.Tx = "00" }, "not a transaction"},
		{"a tx not in hex", func(f *txFile) { f.Tx = "x" }, "not in hex"},
		{"terms not in hex", func(f *txFile) { f.Offer.Terms = "x" }, "not in hex"},
		{"terms that are none", func(f *txFile) { f.Offer.Terms = "00" }, "Terms"},
		{"other terms than the claim accepts", func(f *txFile) {
			p := claimFile(t).packet
			p.Terms.Total = 99
			f.Offer.Terms = hex.EncodeToString(contract.Encode(&p.Terms))
		}, "not those that the claim accepts"},
		{"a packet beside a pay", func(f *txFile) {
			tx := claimFile(t).tx
			tx.Message = &contract.Pay{To: contract.Address{1}, Amount: 1}
			f.Tx = hex.EncodeToString(tx.Encode())
		}, "belongs to a claim"},
	} {
		f := claimFile(t).file()
		tt.change(f)
		if _, err := parseTxFile(encodeFile(t, f)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", tt.desc, err)
		}
	}
	good := string(encodeFile(t, claimFile(t).file()))
	for _, bad := range []string{"", "{}", good + "{}", strings.Replace(good, `"tx"`, `"also":1,"tx"`, 1), strings.Repeat(" ", maxTxFile) + good} {
		if _, err := parseTxFile([]byte(bad)); err == nil {
			t.Errorf("%.60q: taken", bad)
		}
	}
}
