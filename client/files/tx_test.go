package files

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"hongbao/client/wallet"
	"hongbao/contract"
)

const testChain = "hongbao-test-1"

// claimFile is an unsigned claim by bob, as it travels to bob's key.
func claimFile(t *testing.T) *Tx {
	t.Helper()
	alice, bob := contract.AddressOf(wallet.DevKey("alice")), contract.AddressOf(wallet.DevKey("bob"))
	terms := contract.Terms{
		Total: 100, Shares: 1, Split: contract.Equal, Claim: contract.Rule{Cond: contract.Always{}},
		Clauses: []contract.Clause{}, Expiry: 60,
	}
	return &Tx{
		Tx: &contract.Tx{Chain: testChain, Account: bob, Nonce: 1, ValidUntil: 60_000_000_000,
			Message: &contract.Claim{Packet: contract.PacketID{1}, TermsHash: terms.Hash(testChain)}},
		Packet: &contract.Packet{
			Sender: alice, Created: 1, Expires: contract.Time(1).Plus(60), Terms: terms, Status: contract.Open,
		},
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
	got, err := ParseTx(encodeFile(t, want))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Tx.Encode(), want.Tx.Encode()) || got.Signed() {
		t.Errorf("the tx came back as %+v", got.Tx)
	}
	if !bytes.Equal(contract.Encode(got.Packet), contract.Encode(want.Packet)) {
		t.Errorf("the packet came back as %+v", got.Packet)
	}
	wire := want.Tx.Encode()
	for _, b := range [][]byte{wire, []byte(hex.EncodeToString(wire)), []byte("\n" + hex.EncodeToString(wire) + "\n")} {
		if got, err := ParseTx(b); err != nil || !bytes.Equal(got.Tx.Encode(), wire) || got.Packet != nil {
			t.Errorf("%q: %+v, %v", b, got, err)
		}
	}
}

// A signer reads the terms that the claim binds them to, or no terms.
func TestTxFilesThatAreRefused(t *testing.T) {
	for _, tt := range []struct {
		desc   string
		change func(f *txJSON)
		want   string
	}{
		{"another format", func(f *txJSON) { f.Format = "hongbao-tx/2" }, "format is"},
		{"a tx that is none", func(f *txJSON) { f.Tx = "00" }, "not a transaction"},
		{"a tx not in hex", func(f *txJSON) { f.Tx = "x" }, "not in hex"},
		{"terms not in hex", func(f *txJSON) { f.Offer.Terms = "x" }, "not in hex"},
		{"terms that are none", func(f *txJSON) { f.Offer.Terms = "00" }, "Terms"},
		{"other terms than the claim accepts", func(f *txJSON) {
			p := claimFile(t).Packet
			p.Terms.Total = 99
			f.Offer.Terms = hex.EncodeToString(contract.Encode(&p.Terms))
		}, "not those that the claim accepts"},
		{"a packet beside a pay", func(f *txJSON) {
			tx := claimFile(t).Tx
			tx.Message = &contract.Pay{To: contract.Address{1}, Amount: 1}
			f.Tx = hex.EncodeToString(tx.Encode())
		}, "belongs to a claim"},
	} {
		f := claimFile(t).form()
		tt.change(f)
		if _, err := ParseTx(encodeFile(t, f)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", tt.desc, err)
		}
	}
	good := string(encodeFile(t, claimFile(t)))
	for _, bad := range []string{
		"", "{}", good + "{}", strings.Replace(good, `"tx"`, `"also":1,"tx"`, 1),
		strings.Repeat(" ", MaxTxBytes) + good,
	} {
		if _, err := ParseTx([]byte(bad)); err == nil {
			t.Errorf("%.60q: taken", bad)
		}
	}
}
