package submit_test

import (
	"errors"
	"testing"
	"time"

	"hongbao/app/query"
	"hongbao/client/submit"
	"hongbao/contract"
)

// A failure is believed once the ledger proves that the tx did nothing; before that
// the node's record of it settles nothing, and the journal is kept.
func TestAFailureIsProven(t *testing.T) {
	w := newWorld(t, true)
	w.sub.Wait = 0
	w.broadcasts(always(taken))
	_, err := w.sub.Submit(t.Context(), w.alice, &contract.Pay{To: w.bob, Amount: 5}, submit.Hooks{})
	w.OK(err)
	left := w.journal(true)
	w.invents(func(r *query.TxRecord) { r.Code, r.Wire = contract.CodeFull, left.Wire })
	w.sub.Wait = time.Second
	if got := told(nil, second(w.sub.Follow(t.Context(), left.Tx, left))); got != "unknown" {
		t.Errorf("while its nonce is free: %s", got)
	}
	w.journal(true)
	w.elsewhere()
	w.sub.Wait = 20 * time.Second
	_, err = w.sub.Follow(t.Context(), left.Tx, left)
	var failed *submit.Failed
	if !errors.As(err, &failed) || failed.Code != contract.CodeFull || failed.Height != 0 {
		t.Errorf("once another tx has it: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }
