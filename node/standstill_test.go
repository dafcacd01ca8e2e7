package node

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"hongbao/app"
	"hongbao/contract"

	"github.com/cometbft/cometbft/p2p"
)

// Only a node that stands for two minutes while most of its named peers go on is
// one that hangs.
func TestAStandingNodeIsToldFromAStandingNetwork(t *testing.T) {
	type heights = map[p2p.ID]int64
	for _, row := range []struct {
		desc   string
		height func(look int) int64
		peers  func(look int) heights
		want   bool
	}{
		{"all three go on", still, func(i int) heights { return heights{"a": at(i), "b": at(i), "c": at(i)} }, true},
		{"two of three go on", still, func(i int) heights { return heights{"a": at(i), "b": at(i), "c": 100} }, true},
		{"two go on, and the third is away", still,
			func(i int) heights { return heights{"a": at(i), "b": at(i)} }, true},
		{"one lies, or is alone with it", still,
			func(i int) heights { return heights{"a": at(i), "b": 100, "c": 100} }, false},
		{"the network stands", still, func(int) heights { return heights{"a": 100, "b": 100, "c": 101} }, false},
		{"it stands further on, and does not move", still,
			func(int) heights { return heights{"a": 900, "b": 900, "c": 900} }, false},
		{"no peer is there", still, func(int) heights { return nil }, false},
		{"it goes on, far behind", func(i int) int64 { return int64(i / 100) },
			func(i int) heights { return heights{"a": at(i), "b": at(i), "c": at(i)} }, false},
		{"it has no block yet", func(int) int64 { return 0 },
			func(i int) heights { return heights{"a": at(i), "b": at(i), "c": at(i)} }, false},
		{"they went on by less than a bad minute's blocks", still,
			func(i int) heights { h := min(at(i), 109); return heights{"a": h, "b": h, "c": h} }, false},
	} {
		s, looks := standstill{named: 3}, 0
		for i := 1; i <= 2*standLooks && looks == 0; i++ {
			if s.look(row.height(i), row.peers(i)) {
				looks = i
			}
		}
		if got := looks > 0; got != row.want || got && looks != standLooks {
			t.Errorf("%s: %v after %d looks, expected %v", row.desc, got, looks, row.want)
		}
	}
}

func still(int) int64 { return 100 }

// at is where a chain is that makes a block at each look.
func at(look int) int64 { return 100 + int64(look) }

// A node that is not in step says so in words that a script can match; one whose
// ledger cannot be read is not even healthy.
func TestHealthSaysWhatIsWrong(t *testing.T) {
	for _, row := range []struct {
		desc, path string
		err        error
		code       int
		body       string
	}{
		{"no block yet: alive", "/healthz", nil, http.StatusOK, "ok\n"},
		{"no block yet: not in step", "/readyz", nil, http.StatusServiceUnavailable, "no_block_yet\n"},
		{"a broken ledger: dead", "/healthz", errors.New("broken"), http.StatusServiceUnavailable, "unreadable\n"},
		{"a broken ledger: not in step", "/readyz", errors.New("broken"), http.StatusServiceUnavailable,
			"unreadable\n"},
	} {
		w := &watch{misbehaviors: func(int64, int) ([]app.Misbehavior, error) { return nil, row.err },
			validators: func() (*contract.Validators, error) { return nil, nil }}
		mux := http.NewServeMux()
		w.health(mux)
		answer := httptest.NewRecorder()
		mux.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, row.path, nil))
		b, _ := io.ReadAll(answer.Body)
		if answer.Code != row.code || string(b) != row.body {
			t.Errorf("%s: %d %q, expected %d %q", row.desc, answer.Code, b, row.code, row.body)
		}
	}
}
