package chaos

import (
	"strings"
	"testing"
	"time"

	"hongbao/contract"
)

// The checks notice what they are for: a campaign that finds nothing may be blind.
func TestChecksNoticeWhatIsBroken(t *testing.T) {
	tx := func(b byte) contract.Hash { return contract.Hash{b} }
	for _, row := range []struct {
		desc    string
		blocks  []*block
		promise string // empty: nothing is broken
		says    string
	}{
		{"each once", []*block{{txs: []contract.Hash{tx(1)}}, {txs: []contract.Hash{tx(2)}}}, "", ""},
		{"one twice", []*block{{txs: []contract.Hash{tx(1)}}, {txs: []contract.Hash{tx(2), tx(1)}}}, "X",
			"stands in blocks"},
		{"one that no client sent", []*block{{txs: []contract.Hash{tx(1), tx(2), tx(9)}}}, "X", "no client sent"},
	} {
		t.Run(row.desc, func(t *testing.T) {
			a := &arena{journal: newJournal(), stands: map[contract.Hash]int64{}}
			for i := byte(1); i <= 2; i++ {
				line := "sent " + tx(i).String() + "\nack " + tx(i).String() + " 1\n"
				if _, err := a.journal.Write([]byte(line)); err != nil {
					t.Fatal(err)
				}
			}
			var r Row
			a.enter(&r, row.blocks)
			if row.promise == "" {
				if len(r.Broken) > 0 {
					t.Errorf("broken: %v", r.Broken)
				}
				return
			}
			if len(r.Broken) == 0 || r.Broken[0].Promise != row.promise ||
				!strings.Contains(r.Broken[0].Text, row.says) {
				t.Errorf("broken: %v, expected %s: %s", r.Broken, row.promise, row.says)
			}
		})
	}
	one := &block{hash: "1", app: "2", txs: []contract.Hash{tx(1)}}
	for _, other := range []*block{{hash: "x", app: "2", txs: one.txs}, {hash: "1", app: "x", txs: one.txs},
		{hash: "1", app: "2"}} {
		if one.same(other) {
			t.Errorf("%+v and %+v are the same", one, other)
		}
	}
	r := Row{Back: []time.Duration{3, 1, 2}}
	if r.Longest() != 3 || r.Median() != 2 || !r.Held() {
		t.Errorf("%v: longest %d, median %d", r.Back, r.Longest(), r.Median())
	}
}
