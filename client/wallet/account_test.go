package wallet

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"hongbao/contract"
)

func TestSignedTxIsWhatTheChainVerifies(t *testing.T) {
	k := openHome(t.TempDir())
	newKey(t, k, "lin")
	if second, err := k.fresh("lin", ledger{}.use); err != nil || second.Keep() != nil {
		t.Fatal(err)
	}
	now := contract.TimeOf(time.Unix(1_800_000_000, 0))
	pay := &contract.Pay{To: contract.AddressOf(DevKey("bob")), Amount: 1}
	for _, who := range []string{"alice", "lin", "lin/1"} {
		a, err := k.Account(who)
		if err != nil {
			t.Fatal(err)
		}
		draft := a.Draft("c", 7, now, ValidFor, pay)
		if err := a.Sign(draft); err != nil {
			t.Fatal(err)
		}
		tx, err := contract.DecodeTx(draft.Encode())
		if err != nil || tx.Nonce != 7 || tx.ValidUntil <= now.Plus(59) || tx.ValidUntil > now.Plus(60) ||
			tx.Account != a.Address {
			t.Fatalf("%s: %+v, %v", who, tx, err)
		}
		if again := a.Draft("c", 7, now, ValidFor, pay); again.Digest() == tx.Digest() {
			t.Error("the same wish twice made the same tx")
		}
		if !(contract.Schnorr{}).Verify(tx.Account, tx.Digest(), tx.Signature) {
			t.Error("the signature does not verify")
		}
		tx.Account = pay.To
		if err := a.Sign(tx); err == nil {
			t.Errorf("%s signed for somebody else", who)
		}
	}
}

// The passphrase is asked for once, and only when something is signed.
func TestUnlockAsksOnce(t *testing.T) {
	home := t.TempDir()
	newKey(t, openHome(home), "lin")
	k, asked := Open(home), 0
	k.Passphrase = func(name string) (string, error) {
		asked++
		if name != "lin" {
			t.Errorf("asked for the passphrase of %s", name)
		}
		return "open sesame", nil
	}
	a, err := k.Account("lin")
	if err != nil || asked != 0 {
		t.Fatalf("asked %d times, %v", asked, err)
	}
	if err := errors.Join(a.Unlock(), a.Unlock()); err != nil || asked != 1 {
		t.Errorf("asked %d times, %v", asked, err)
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
	a, err := k.Account("alice")
	if err != nil {
		t.Fatal(err)
	}
	if p, err := a.Pending("c"); p != nil || err != nil {
		t.Fatalf("an empty journal: %+v, %v", p, err)
	}
	tx := a.Draft("c", 3, 9, 1, &contract.Pay{Amount: 1})
	if err := a.Sign(tx); err != nil {
		t.Fatal(err)
	}
	want := NewPending(tx)
	elsewhere := *want
	elsewhere.Chain, elsewhere.Tx = "../other", contract.Hash{2}
	if err := errors.Join(a.Journal(want), a.Journal(&elsewhere)); err != nil {
		t.Fatal(err)
	}
	if p, err := k.FindPending(want.Tx); err != nil || p == nil || p.Nonce != 3 || p.ValidUntil != tx.ValidUntil ||
		!bytes.Equal(p.Wire, tx.Encode()) {
		t.Errorf("found %+v, %v", p, err)
	}
	if err := errors.Join(a.Forget("c"), a.Forget("c")); err != nil {
		t.Errorf("forget, twice: %v", err)
	}
	if p, err := k.FindPending(want.Tx); p != nil || err != nil {
		t.Errorf("after forget: %+v, %v", p, err)
	}
	if p, err := a.Pending("../other"); err != nil || p == nil || p.Tx != elsewhere.Tx {
		t.Errorf("of another chain: %+v, %v", p, err)
	}
}
