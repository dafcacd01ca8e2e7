package app

import (
	"slices"
	"testing"
	"time"

	"hongbao/contract"
	"hongbao/internal/testchain"
)

// Who watches a node hears what each block did, and can ask how things stand.
func TestBlocksAreTold(t *testing.T) {
	var told []Done
	v := &validatorSet{chainOf(t, Options{Told: func(d Done) { told = append(told, d) }}, testchain.Options{
		Genesis: testchain.Genesis("alice", "bob"), Validators: testchain.NewValidators(1)})}
	tm, lucky := terms(8, 11100), luckyTerms(4, 10_000)
	id := v.Send("alice", tm)
	drawn := v.Send("bob", lucky)
	v.mustBlock(0, v.Claim("bob", id, tm), v.Claim("carol", drawn, lucky), v.Claim("dave", drawn, lucky))
	codes := v.block(0, v.Tx("alice", &contract.Recall{Packet: id, Clause: 1, Reason: "AM09"}),
		v.Claim("erin", id, tm))
	if codes[0] != contract.CodeOK || codes[1] == contract.CodeOK {
		t.Fatal(codes)
	}
	for i, want := range []Done{
		{Height: 1, Txs: []Outcome{{"send", contract.CodeOK, ""}}},
		{Height: 2, Txs: []Outcome{{"send", contract.CodeOK, ""}}},
		{Height: 3, Txs: slices.Repeat([]Outcome{{"claim", contract.CodeOK, ""}}, 3)},
		{Height: 4, Drawn: 2,
			Txs: []Outcome{{"recall", contract.CodeOK, "AM09"}, {"claim", contract.CodeRecalled, ""}}},
	} {
		if got := told[i]; got.Height != want.Height || got.Drawn != want.Drawn || !slices.Equal(got.Txs, want.Txs) {
			t.Errorf("block %d: %+v, expected %+v", i+1, got, want)
		}
	}
	s, err := v.app.Standing()
	if v.OK(err); s.Height != 4 || s.OpenPackets != 1 || s.DueItems != 1 || s.Overdue != 0 || !s.Supply.Holds() {
		t.Errorf("standing: %+v", s)
	}
}

// Work that a block had no room for is overdue, and how late the oldest of it is
// counts in block time.
func TestOverdueWorkIsSeen(t *testing.T) {
	p := contract.DefaultParams()
	p.MaxDuePerBlock = 2
	c := newChainWith(t, Options{}, testGenesis(p, "alice"))
	tm := terms(1, 500)
	for range 5 {
		c.Send("alice", tm)
	}
	expiry := time.Duration(tm.Expiry) * time.Second
	c.Wait(expiry + time.Minute)
	c.Block()
	s, err := c.app.Standing()
	if c.OK(err); s.Overdue != 3 || s.OpenPackets != 3 || s.LateBy != time.Minute {
		t.Errorf("%+v", s)
	}
	c.Restart(0)
	if again, err := c.app.Standing(); err != nil || again != s {
		t.Errorf("after a restart %+v, %v; before it %+v", again, err, s)
	}
	c.Block()
	c.Block()
	if s, err = c.app.Standing(); err != nil || s.Overdue != 0 || s.OpenPackets != 0 || s.LateBy != 0 {
		t.Errorf("when all is done: %+v, %v", s, err)
	}
}
