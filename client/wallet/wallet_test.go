package wallet

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"hongbao/contract"
)

// Dev addresses stand in genesis files and in documents: they never change.
func TestDevKeysAreTheSameForEverybody(t *testing.T) {
	const alice = "hb16zzvux9kej47sajze9h3zczxytafzpays4c4pdzhnz9nfgc66gusumsurw"
	a, again := contract.AddressOf(DevKey("alice")), contract.AddressOf(DevKey("alice"))
	if a != again || a.String() != alice || a == contract.AddressOf(DevKey("bob")) || !a.OnCurve() {
		t.Errorf("alice is %s, then %s", a, again)
	}
}

func TestParties(t *testing.T) {
	k := Open(t.TempDir())
	lin, err := k.New("lin")
	if err != nil {
		t.Fatal(err)
	}
	alice := contract.AddressOf(DevKey("alice"))
	for _, tt := range []struct {
		party string
		want  contract.Address
		err   error
	}{
		{"lin", lin.Address, nil},
		{"@lin", lin.Address, nil},
		{lin.Address.String(), lin.Address, nil},
		{"alice", alice, nil},
		{"@alice", alice, nil},
		{"", contract.Address{}, ErrUnknown},
		{"../keys/lin", contract.Address{}, ErrUnknown},
		{"nobody", contract.Address{}, ErrUnknown},
	} {
		got, err := k.Find(tt.party)
		if got.Address != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%q: %s, %v", tt.party, got.Address, err)
		}
	}
	if _, err := k.Find(alice.String()[:60] + "x"); contract.CodeOf(err) != contract.CodeBadAddress {
		t.Errorf("a mistyped address: %v", err)
	}
	if a, err := k.Account(lin.Address.String()); err != nil || a.Name != "lin" {
		t.Errorf("signing by address: %+v, %v", a, err)
	}
	if _, err := k.Account(contract.AddressOf(DevKey("stranger")).String()); !errors.Is(err, ErrNoSecret) {
		t.Errorf("signing for a stranger: %v", err)
	}
}

func TestNewKeysArePrivateAndNeverOverwrite(t *testing.T) {
	home := t.TempDir()
	k := Open(home)
	if _, err := k.New("lin"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]error{"lin": ErrExists, "alice": ErrExists, "": ErrBadName, "a/b": ErrBadName, "hb1x": ErrBadName, "Lin": ErrBadName} {
		if _, err := k.New(name); !errors.Is(err, want) {
			t.Errorf("new key %q: %v", name, err)
		}
	}
	for path, want := range map[string]os.FileMode{"keys": 0o700, "keys/lin.json": 0o600} {
		if info, err := os.Stat(filepath.Join(home, path)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	if err := os.WriteFile(filepath.Join(home, "keys/lin.json"), []byte(`{"name":"lin"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Account("lin"); err == nil {
		t.Error("a damaged key file signed")
	}
}

func TestUseChoosesWhoSigns(t *testing.T) {
	k := Open(t.TempDir())
	if name, err := k.Current(); name != "" || err != nil {
		t.Errorf("before use: %q, %v", name, err)
	}
	if _, err := k.Use("@bob"); err != nil {
		t.Fatal(err)
	}
	if name, err := k.Current(); name != "bob" || err != nil {
		t.Errorf("after use: %q, %v", name, err)
	}
	if _, err := k.Use("nobody"); !errors.Is(err, ErrUnknown) {
		t.Errorf("use of a stranger: %v", err)
	}
}

func TestSignedTxIsWhatTheChainVerifies(t *testing.T) {
	a, err := Open(t.TempDir()).Account("alice")
	if err != nil {
		t.Fatal(err)
	}
	now := contract.TimeOf(time.Unix(1_800_000_000, 0))
	wire, _, err := a.Sign("c", 7, now, &contract.Pay{To: contract.AddressOf(DevKey("bob")), Amount: 1})
	if err != nil {
		t.Fatal(err)
	}
	tx, err := contract.DecodeTx(wire)
	if err != nil || tx.Nonce != 7 || tx.ValidUntil <= now.Plus(59) || tx.ValidUntil > now.Plus(60) || tx.Account != a.Address {
		t.Fatalf("%+v, %v", tx, err)
	}
	if again, _, _ := a.Sign("c", 7, now, tx.Message); bytes.Equal(again, wire) {
		t.Error("the same wish twice made the same tx")
	}
	if !(contract.Schnorr{}).Verify(tx.Account, tx.Digest(), tx.Signature) {
		t.Error("the signature does not verify")
	}
}

func TestOneCommandAtATimeHoldsAnAccount(t *testing.T) {
	home := t.TempDir()
	var wg sync.WaitGroup
	inside, most := 0, 0
	var mu sync.Mutex
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			a, err := Open(home).Account("alice")
			if err != nil {
				t.Error(err)
				return
			}
			unlock, err := a.Lock(context.Background())
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			inside++
			most = max(most, inside)
			mu.Unlock()
			time.Sleep(time.Millisecond)
			mu.Lock()
			inside--
			mu.Unlock()
			unlock()
		}()
	}
	wg.Wait()
	if most != 1 {
		t.Errorf("%d held it at once", most)
	}
}

func TestJournalRemembersUntilForgotten(t *testing.T) {
	home := t.TempDir()
	k := Open(home)
	a, _ := k.Account("alice")
	if p, err := a.Pending(); p != nil || err != nil {
		t.Fatalf("an empty journal: %+v, %v", p, err)
	}
	want := Pending{Chain: "c", Tx: contract.Hash{1}, Nonce: 3, ValidUntil: 9, Wire: []byte{1, 2}}
	if err := a.Journal(want); err != nil {
		t.Fatal(err)
	}
	if p, err := k.FindPending(contract.Hash{1}); err != nil || p == nil || p.Nonce != 3 || p.ValidUntil != 9 {
		t.Errorf("found %+v, %v", p, err)
	}
	if err := errors.Join(a.Forget(), a.Forget()); err != nil {
		t.Errorf("forget, twice: %v", err)
	}
	if p, err := k.FindPending(contract.Hash{1}); p != nil || err != nil {
		t.Errorf("after forget: %+v, %v", p, err)
	}
}
