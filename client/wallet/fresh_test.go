package wallet

import (
	"errors"
	"testing"

	"hongbao/contract"
)

// ledger says which addresses were used, by whom a test says.
type ledger map[contract.Address]Use

func (l ledger) use(a *Account) (Use, error) { return l[a.Address], nil }

func (l ledger) known(a contract.Address) (bool, error) { return l[a] == InUse, nil }

func TestFreshAddressesAreInTurnAndRestored(t *testing.T) {
	k, l := openHome(t.TempDir()), ledger{}
	if _, err := k.Import("lin", abandon, typed("open sesame")); err != nil {
		t.Fatal(err)
	}
	fresh := func(want string) *Account {
		t.Helper()
		a, err := k.fresh("lin", l.use)
		if err != nil || a.Called() != want {
			t.Fatalf("a fresh address: %+v, %v, want %s", a, err, want)
		}
		return a
	}
	for i := range uint32(8) {
		a := fresh(joinIndex("lin", i+1))
		if _, err := k.Find(a.Called()); !errors.Is(err, ErrUnknown) {
			t.Errorf("%s is written down before it is kept: %v", a.Called(), err)
		}
		if err := a.Keep(); err != nil {
			t.Fatal(err)
		}
		l[a.Address] = InUse
	}
	if _, err := k.fresh("alice", l.use); !errors.Is(err, ErrNoWords) {
		t.Errorf("a fresh address of a dev key: %v", err)
	}
	if a := fresh("lin/9"); a.Unlock() != nil {
		t.Error("a fresh address does not sign")
	}
	ninth, err := k.fresh("lin/3", l.use)
	if err != nil || ninth.Called() != "lin/9" {
		t.Errorf("of an address of the key: %+v, %v", ninth, err)
	}
	l[ninth.Address] = InUse // in another home
	fresh("lin/10")

	// Elsewhere, from the words alone: those that were used come back, over a
	// hole, and not those behind them.
	all, err := k.Addresses("lin")
	if err != nil {
		t.Fatal(err)
	}
	delete(l, all[3].Address)
	delete(l, all[8].Address)
	delete(l, ninth.Address)
	other := openHome(t.TempDir())
	if _, err := other.Import("mei", abandon, typed("x")); err != nil {
		t.Fatal(err)
	}
	if err := other.Restore("mei", Gap, l.known); err != nil {
		t.Fatal(err)
	}
	if n, err := other.Find("mei/3"); err != nil || n.Address != all[3].Address {
		t.Errorf("mei/3: %+v, %v", n, err)
	}
	if _, err := other.Find("mei/8"); !errors.Is(err, ErrUnknown) {
		t.Errorf("mei/8: %v", err)
	}
}

// However many claims came to nothing, sent ones and refused ones, the words bring
// the address back that one was at last used at.
func TestWhatCameToNothingDoesNotMoveTheNextAddressOutOfReach(t *testing.T) {
	for _, tt := range []struct {
		desc   string
		failed func(a *Account) Use // what became of an address
		sent   bool                 // failed in a block, or was never heard of
	}{
		{"refused before anything was sent", func(*Account) Use { return NeverUsed }, false},
		{"lost its race in a block", func(*Account) Use { return NeverUsed }, true},
	} {
		k, l := openHome(t.TempDir()), ledger{}
		if _, err := k.Import("lin", abandon, typed("open sesame")); err != nil {
			t.Fatal(err)
		}
		for range 3 * Gap {
			a, err := k.fresh("lin", l.use)
			if err != nil {
				t.Fatalf("%s: %v", tt.desc, err)
			}
			if l[a.Address] = tt.failed(a); tt.sent {
				if err := a.Keep(); err != nil {
					t.Fatal(err)
				}
			}
		}
		paid, err := k.fresh("lin", l.use)
		if err != nil {
			t.Fatal(err)
		}
		l[paid.Address] = InUse
		elsewhere := openHome(t.TempDir())
		if _, err := elsewhere.Import("lin", abandon, typed("x")); err != nil {
			t.Fatal(err)
		}
		if err := elsewhere.Restore("lin", Gap, l.known); err != nil {
			t.Fatal(err)
		}
		if n, err := elsewhere.Find(paid.Called()); err != nil || n.Address != paid.Address {
			t.Errorf("%s: paid at %s, which the words do not bring back: %v", tt.desc, paid.Called(), err)
		}
	}
}

// Claims whose outcome is open keep their addresses, and there is an end to them.
func TestAnAddressWhoseClaimIsOpenIsNotTakenAgain(t *testing.T) {
	k, l := openHome(t.TempDir()), ledger{}
	newKey(t, k, "lin")
	seen := map[contract.Address]bool{}
	for i := range Gap + 1 {
		a, err := k.fresh("lin", l.use)
		if errors.Is(err, ErrOpen) && i == Gap-1 {
			return
		}
		if err != nil || seen[a.Address] {
			t.Fatalf("address %d: %+v, %v", i, a, err)
		}
		seen[a.Address], l[a.Address] = true, StillOpen
		if err := a.Keep(); err != nil {
			t.Fatal(err)
		}
	}
	t.Error("open claims have addresses without end")
}

// An older version used numbers up at refusals: rescan looks as far as it is told.
func TestRestoreLooksAsFarAsItIsTold(t *testing.T) {
	k, l := openHome(t.TempDir()), ledger{}
	if _, err := k.Import("lin", abandon, typed("open sesame")); err != nil {
		t.Fatal(err)
	}
	file, err := k.read("lin")
	if err != nil {
		t.Fatal(err)
	}
	far, err := file.address(117)
	if err != nil {
		t.Fatal(err)
	}
	l[far] = InUse
	for gap, want := range map[uint32]bool{Gap: false, 117: true, 4_000_000_000: true} {
		if err := k.change("lin", func(f *keyFile) error { f.Addresses = 1; return nil }); err != nil {
			t.Fatal(err)
		}
		if err := k.Restore("lin", gap, l.known); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Find("lin/117"); (err == nil) != want {
			t.Errorf("looking %d ahead: %v", gap, err)
		}
	}
}

// fresh is a fresh account of the key that a party names.
func (k *Keyring) fresh(party string, use func(*Account) (Use, error)) (*Account, error) {
	owner, err := k.Account(party)
	if err != nil {
		return nil, err
	}
	return owner.Fresh(use)
}
