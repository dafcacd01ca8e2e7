package app

import (
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
)

// What a block accuses validators of can still be asked for later.
func TestMisbehaviorIsKept(t *testing.T) {
	c := newChain(t, "alice")
	at := time.Date(2026, 2, 17, 0, 0, 0, 0, time.UTC)
	req := &abci.RequestFinalizeBlock{Height: c.app.Height() + 1, Time: at, Misbehavior: []abci.Misbehavior{
		{Type: abci.MisbehaviorType_DUPLICATE_VOTE, Validator: abci.Validator{Address: []byte{0xaa}},
			Height: 1, Time: at},
		{Type: abci.MisbehaviorType_LIGHT_CLIENT_ATTACK, Validator: abci.Validator{Address: []byte{0xbb}},
			Height: 1, Time: at},
	}}
	if _, err := c.app.FinalizeBlock(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	if _, err := c.app.Commit(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	list, err := c.app.Misbehaviors(0, 10)
	if err != nil || len(list) != 2 || list[0].Kind != "DUPLICATE_VOTE" || list[1].Validator[0] != 0xbb ||
		list[0].Block != req.Height {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err = c.app.Misbehaviors(0, 1); err != nil || len(list) != 1 {
		t.Errorf("at most one: %+v, %v", list, err)
	}
}
