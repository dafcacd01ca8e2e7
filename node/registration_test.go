package node

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hongbao/contract"

	"github.com/btcsuite/btcd/btcec/v2"
)

// stranger is a person who takes part in a ceremony.
type stranger struct {
	home string
	o    RegistrationOptions
}

func newStranger(t *testing.T, name string, number int) stranger {
	t.Helper()
	s := stranger{home: filepath.Join(t.TempDir(), name)}
	if _, err := Init(s.home, InitOptions{Name: name, KeysAlone: true}); err != nil {
		t.Fatal(err)
	}
	key, _ := btcec.PrivKeyFromBytes([]byte(fmt.Sprintf("%32d", number)))
	s.o = RegistrationOptions{Chain: "strangers-1", Name: name, Address: fmt.Sprintf("192.0.2.%d:26656", number),
		Account: contract.AddressOf(key),
		Sign:    func(h contract.Hash) (contract.Signature, error) { return contract.SignDigest(key, h) }}
	return s
}

func (s stranger) registration(t *testing.T) []byte {
	t.Helper()
	e, err := NewRegistration(s.home, s.o)
	if err != nil {
		t.Fatal(err)
	}
	b, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Everyone assembles the same genesis, whatever came first, and a home that made
// its keys before the ceremony joins the chain with it.
func TestStrangersBeginAChain(t *testing.T) {
	alice, bob, carol := newStranger(t, "alice", 1), newStranger(t, "bob", 2), newStranger(t, "carol", 3)
	var registrations []*Registration
	var peers []string
	for _, s := range []stranger{alice, bob, carol} {
		e, err := ReadRegistration(s.registration(t))
		if err != nil {
			t.Fatal(err)
		}
		registrations, peers = append(registrations, e), append(peers, e.Peer())
	}
	begins := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	state := someState(t)
	state.Accounts = append(state.Accounts, someState(t).Accounts...)
	genesis, err := Assemble("strangers-1", begins, registrations, state)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(registrations)
	slices.Reverse(state.Accounts)
	again, err := Assemble("strangers-1", begins, registrations, state)
	if err != nil || !bytes.Equal(again, genesis) {
		t.Errorf("the other way round the genesis is another: %v", err)
	}
	for i := range genesis {
		if i > 0 && i%97 == 0 { // a byte here and there
			altered := bytes.Clone(genesis)
			altered[i] ^= 1
			if _, err := contract.GenesisHash(altered, chainOf(t, genesis)); err == nil {
				t.Errorf("byte %d altered, and the hash fits", i)
			}
		}
	}
	chain := chainOf(t, genesis)
	hash, err := contract.GenesisHash(genesis, chain)
	if err != nil {
		t.Fatal(err)
	}
	o := JoinOptions{ChainID: chain, GenesisHash: hash, Genesis: genesis, Peers: peers}
	j, err := Join(t.Context(), alice.home, o)
	if err != nil || !j.Validator || j.Fresh || j.WaitsFor != 0 {
		t.Fatalf("%+v, %v", j, err)
	}
	c, _, err := LoadConfig(alice.home)
	if err != nil || len(split(c.P2P.PersistentPeers)) != 2 || strings.Contains(c.P2P.PersistentPeers, j.ID) {
		t.Errorf("its peers are %q, it is %s, %v", c.P2P.PersistentPeers, j.ID, err)
	}
	pv, err := loadPrivValidator(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := checkHome(alice.home, pv.Key.PubKey); err != nil {
		t.Error(err)
	}
}

func chainOf(t *testing.T, genesis []byte) string {
	t.Helper()
	var doc struct {
		ChainID string `json:"chain_id"`
	}
	if err := json.Unmarshal(genesis, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.ChainID
}

func TestBadRegistrationsAreRefused(t *testing.T) {
	alice, bob := newStranger(t, "alice", 1), newStranger(t, "bob", 2)
	file, other := alice.registration(t), bob.registration(t)
	is := func(t *testing.T, err error, code string) {
		t.Helper()
		var e *Error
		if !errors.As(err, &e) || e.Code != code {
			t.Errorf("error %v, expected the code %s", err, code)
		}
	}
	var fields, others map[string]any
	if err := errors.Join(json.Unmarshal(file, &fields), json.Unmarshal(other, &others)); err != nil {
		t.Fatal(err)
	}
	swap := func(from, to string) string { return strings.Replace(string(file), from, to, 1) }
	of := func(m map[string]any, name string) string { return m[name].(string) }
	for _, row := range []struct{ desc, code, file string }{
		{"another version", CodeRegistrationVersion, swap(RegistrationFormat, "hongbao-registration/2")},
		{"another format", CodeBadRegistration, swap(RegistrationFormat, "hongbao-trust/1")},
		{"no JSON", CodeBadRegistration, "hello"},
		{"half a file", CodeBadRegistration, string(file[:len(file)/2])},
		{"more after it", CodeBadRegistration, string(file) + "{}"},
		{"a field more", CodeBadRegistration, swap(`"chain":`, `"more": 1, "chain":`)},
		{"a field twice", CodeBadRegistration, swap(`"power": 10`, `"power": 10, "power": 10`)},
		{"a field in capitals", CodeBadRegistration, swap(`"power"`, `"Power"`)},
		{"huge", CodeRegistrationTooLarge, strings.Repeat(" ", MaxRegistrationBytes) + string(file)},
		{"no power", CodeBadRegistration, swap(`"power": 10`, `"power": 0`)},
		{"a power that CometBFT cannot add", CodeBadRegistration, swap(`"power": 10`, `"power": 9223372036854775807`)},
		{"no port", CodeBadRegistration, swap("192.0.2.1:26656", "192.0.2.1")},
		{"another person's address in a list", CodeBadRegistration, swap("192.0.2.1:26656", "x,y@z:1")},
		{"a quote in its address", CodeBadRegistration, swap("192.0.2.1:26656", `a\"b:1`)},
		{"a line more in its address", CodeBadRegistration, swap("192.0.2.1:26656", `a\nb:1`)},
		{"an escape in its address", CodeBadRegistration, swap("192.0.2.1:26656", `a\u001b[2Jb:1`)},
		{"a space in its address", CodeBadRegistration, swap("192.0.2.1:26656", `a b:1`)},
		{"more power", CodeRegistrationSignature, swap(`"power": 10`, `"power": 11`)},
		{"another chain", CodeRegistrationSignature, swap("strangers-1", "strangers-2")},
		{"another address", CodeRegistrationSignature, swap("192.0.2.1:", "192.0.2.9:")},
		{"another account", CodeRegistrationSignature, swap(of(fields, "account"), of(others, "account"))},
		{"another's validator key", CodeRegistrationSignature,
			swap(of(fields, "validator_key"), of(others, "validator_key"))},
		{"another's VRF key", CodeRegistrationSignature, swap(of(fields, "vrf_key"), of(others, "vrf_key"))},
		{"another's node key", CodeRegistrationSignature, swap(of(fields, "node_key"), of(others, "node_key"))},
	} {
		t.Run(row.desc, func(t *testing.T) {
			if row.file == string(file) {
				t.Fatal("nothing was altered")
			}
			_, err := ReadRegistration([]byte(row.file))
			is(t, err, row.code)
		})
	}
	signatures, foreign := fields["signatures"].(map[string]any), others["signatures"].(map[string]any)
	for name := range signatures {
		_, err := ReadRegistration([]byte(swap(of(signatures, name), of(foreign, name))))
		t.Run("a foreign signature: "+name, func(t *testing.T) { is(t, err, CodeRegistrationSignature) })
	}

	read := func(b []byte) *Registration {
		e, err := ReadRegistration(b)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	twin := newStranger(t, "twin", 3)
	twin.o.Account, twin.o.Sign = alice.o.Account, alice.o.Sign
	renamed := bob
	renamed.o = RegistrationOptions{Chain: "strangers-1", Name: "robert", Address: "192.0.2.8:1",
		Account: newStranger(t, "y", 5).o.Account, Sign: newStranger(t, "z", 5).o.Sign}
	namesake := newStranger(t, "alice", 6)
	elsewhere := newStranger(t, "erin", 7)
	elsewhere.o.Chain = "strangers-2"
	for _, row := range []struct {
		desc, code    string
		registrations []*Registration
	}{
		{"one file twice", CodeRegistrationTwice, []*Registration{read(file), read(file)}},
		{"two of one person", CodeRegistrationSamePerson, []*Registration{read(file), read(twin.registration(t))}},
		{"keys under two names", CodeRegistrationTwice, []*Registration{read(other), read(renamed.registration(t))}},
		{"a name twice", CodeRegistrationTwice, []*Registration{read(file), read(namesake.registration(t))}},
		{"one for another chain", CodeRegistrationOtherChain,
			[]*Registration{read(file), read(elsewhere.registration(t))}},
		{"none", CodeBadRegistration, nil},
	} {
		t.Run(row.desc, func(t *testing.T) {
			_, err := Assemble("strangers-1", time.Unix(1_700_000_000, 0), row.registrations,
				someState(t))
			is(t, err, row.code)
		})
	}
}
