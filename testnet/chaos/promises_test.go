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
			a := newBooks(0)
			for i := byte(1); i <= 2; i++ {
				line := "sent " + tx(i).String() + "\nack " + tx(i).String() + " 1\n"
				if _, err := a.journal.Write([]byte(line)); err != nil {
					t.Fatal(err)
				}
			}
			var r Row
			if err := a.enter(&r, row.blocks, allWell); err != nil {
				t.Fatal(err)
			}
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

// allWell says that every transaction succeeded.
func allWell(hashes []contract.Hash) (map[contract.Hash]contract.Code, error) {
	codes := map[contract.Hash]contract.Code{}
	for _, h := range hashes {
		codes[h] = contract.CodeOK
	}
	return codes, nil
}

// Each account's nonces follow each other, but for claims that failed before there was an
// account.
func TestNoncesFollow(t *testing.T) {
	pay, claim := &contract.Pay{}, &contract.Claim{}
	ok, failed := contract.CodeOK, contract.CodeFull
	for _, row := range []struct {
		desc  string
		txs   []*contract.Tx
		codes []contract.Code
		right bool // of the last
	}{
		{"one after the other", []*contract.Tx{{Message: pay}, {Nonce: 1, Message: pay}},
			[]contract.Code{ok, failed}, true},
		{"twice", []*contract.Tx{{Message: pay}, {Message: pay}}, []contract.Code{failed, ok}, false},
		{"a gap", []*contract.Tx{{Message: claim}, {Nonce: 2, Message: pay}}, []contract.Code{ok, ok}, false},
		{"after a first claim that failed", []*contract.Tx{{Message: claim}, {Message: claim}},
			[]contract.Code{failed, ok}, true},
		{"after one that spent its nonce", []*contract.Tx{{Message: claim}, {Nonce: 1, Message: pay}},
			[]contract.Code{failed, ok}, true},
		{"after one that did not fail", []*contract.Tx{{Message: claim}, {Message: claim}},
			[]contract.Code{ok, ok}, false},
	} {
		var n nonces
		var right bool
		for i, tx := range row.txs {
			right = n.follows(tx, row.codes[i])
		}
		if right != row.right {
			t.Errorf("%s: %t", row.desc, right)
		}
	}
}
