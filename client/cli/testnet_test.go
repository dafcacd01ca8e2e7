package cli

import (
	"bytes"
	"fmt"
	"hongbao/client/words"
	"hongbao/node"
	"hongbao/testnet"
	"strings"
	"testing"
	"time"
)

// A screen says of each node what is wrong with it, and of a network why it
// makes no blocks.
func TestStatusSaysWhoAilsAndWhy(t *testing.T) {
	four := func(change func([]testnet.NodeStatus)) []testnet.NodeStatus {
		var list []testnet.NodeStatus
		for i := range 4 {
			list = append(list, testnet.NodeStatus{Number: i + 1, State: testnet.StateRunning, Height: 848,
				InStep: true, BlockAge: 1, NoBlockFor: 0.5})
		}
		change(list)
		return list
	}
	for _, row := range []struct {
		desc        string
		change      func([]testnet.NodeStatus)
		who, halted string
	}{
		{"healthy", func([]testnet.NodeStatus) {}, "", ""},
		{"one far behind", func(l []testnet.NodeStatus) { l[3].Height, l[3].InStep, l[3].Behind = 196, false, 652 },
			"node 4 is catching up: 652 blocks behind", ""},
		{"one crashed", func(l []testnet.NodeStatus) {
			l[3] = testnet.NodeStatus{Number: 4, State: testnet.StateCrashed}
		}, "node 4 crashed", ""},
		{"one clock ahead", func(l []testnet.NodeStatus) { l[1].ClockOffset = 90 },
			"node 2: its clock is 1 minute 30 seconds ahead", ""},
		{"one clock behind", func(l []testnet.NodeStatus) { l[1].ClockOffset = -30 },
			"node 2: its clock is 30 seconds behind", ""},
		{"evidence", func(l []testnet.NodeStatus) {
			for i := range l {
				l[i].Evidence = []node.Evidence{{Kind: "DUPLICATE_VOTE", Validator: "1FF6", Height: 79, Block: 80}}
			}
		}, "EVIDENCE: validator 1FF6", ""},
		{"the clock set back", func(l []testnet.NodeStatus) {
			for i := range l {
				l[i].BlockAge, l[i].NoBlockFor = -1200, 30
			}
		}, "", "this machine's clock is 20 minutes behind"},
		{"standing still", func(l []testnet.NodeStatus) {
			for i := range l {
				l[i].NoBlockFor = 30
			}
		}, "", "no new block for 30 s"},
	} {
		list := four(row.change)
		lines := ailments(words.English, list)
		said := strings.Join(lines, "")
		if (row.who == "") != (said == "") || len(lines) > 1 || !strings.Contains(said, row.who) {
			t.Errorf("%s: %q, expected %q", row.desc, lines, row.who)
		}
		got := standstill(words.English, list)
		if (row.halted == "") != (got == "") || !strings.Contains(got, row.halted) {
			t.Errorf("%s: halted %q, expected %q", row.desc, got, row.halted)
		}
		if len(ailments(words.Chinese, list)) != len(lines) {
			t.Errorf("%s: Chinese says something else", row.desc)
		}
	}
}

// A network is said to stand still exactly when the nodes that run have not more
// than 2/3 of the power.
func TestStandstill(t *testing.T) {
	for _, row := range []struct{ nodes, need int }{{1, 1}, {2, 2}, {3, 3}, {4, 3}, {5, 4}, {6, 5}, {7, 5}, {16, 11}} {
		list := make([]testnet.NodeStatus, row.nodes)
		for running := range row.nodes + 1 {
			for i := range list {
				list[i].State = testnet.StateStopped
				if i < running {
					list[i].State = testnet.StateRunning
				}
			}
			if got := standstill(words.English, list); (got != "") != (running < row.need) {
				t.Errorf("%d of %d run: %q", running, row.nodes, got)
			}
		}
	}
}

func TestAccountsStandInTwoColumns(t *testing.T) {
	var out bytes.Buffer
	s := upScreen{out: &out}
	s.accounts(testnet.DevAccounts()[:3])
	lines := strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "alice") || !strings.Contains(lines[0], "carol") ||
		!strings.HasPrefix(lines[1], "bob") {
		t.Errorf("accounts:\n%s", out.String())
	}
}

// The first page agrees with itself: a node that was in step when the network was
// ready is not said to be silent, whatever it does a moment later.
func TestTheFirstPageAgreesWithItself(t *testing.T) {
	var out bytes.Buffer
	s := upScreen{out: &out}
	n := &testnet.Network{ChainID: "hongbao-dev-1", Nodes: []*testnet.Node{{Number: 1, RPC: 20001}}}
	ready := []testnet.NodeStatus{{Number: 1, State: testnet.StateRunning, Height: 2, InStep: true}}
	s.first(n, nil, ready, time.Second, "http://127.0.0.1:20002/")
	if page := out.String(); !strings.Contains(page, "1 of 1 running") || strings.Contains(page, "does not answer") ||
		!strings.Contains(page, "In a browser: http://127.0.0.1:20002/\n") {
		t.Errorf("the first page:\n%s", page)
	}
}

// Each failure of a network comes with the code that package testnet gives it.
func TestNetworkFailuresKeepTheirCodes(t *testing.T) {
	f := &folder{s: From(NewRoot(nil, nil, nil))}
	for _, err := range []*testnet.Error{
		testnet.ErrNotThere, testnet.ErrOtherFormat, testnet.ErrNotEmpty, testnet.ErrRunning, testnet.ErrNotRunning,
		testnet.ErrNotReady, testnet.ErrEnded,
	} {
		e := asError(f.told(fmt.Errorf("testnet /x: %w", err)))
		if hint := e.Hint.In(words.English); e.Code != err.Code || hint == "" {
			t.Errorf("%v: code %s, want %s, and a hint: %q", err, e.Code, err.Code, hint)
		}
	}
	for _, err := range []error{&testnet.OtherSize{Dir: "/x", Has: 4, Want: 7}, testnet.Refusal("node2: not running")} {
		if e := asError(f.told(err)); e.Code != "usage" || e.Exit != ExitUsage {
			t.Errorf("%v: code %s, exit %d", err, e.Code, e.Exit)
		}
	}
}
