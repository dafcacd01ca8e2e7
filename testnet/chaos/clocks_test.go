package chaos_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hongbao/client/wallet"
	"hongbao/contract"
	"hongbao/node"
	"hongbao/testnet"
)

// shiftedEnv says that this program was built with a clock that can be wrong.
const shiftedEnv = "TEST_CHAOS_SHIFTED"

// wrongFor is how long clocks are wrong; a node needs some blocks to see it.
const wrongFor = 15 * time.Second

// wrongClocks are what happens to the clocks of four validators.
var wrongClocks = []struct {
	desc   string
	shift  [4]int       // seconds, of each node's clock
	ahead  int          // seconds by which blocks are dated ahead meanwhile
	dies   []int        // nodes that stop
	says   node.Trouble // of the node whose clock is another than the other three's; 0: of none
	wait   bool         // once the clocks are right, the chain stands until they come near its last block
	split  bool         // no majority has one clock: blocks may be dated by either, may not come, and a node may stop
	hours  bool         // and that takes longer than a test waits
	fresh  bool         // node 4 is started with its clock, and was stopped before
	sleeps bool         // node 4 waits until its clock comes near the chain's beginning
}{
	{desc: "one 30 s ahead", shift: [4]int{0, 0, 0, 30}, says: node.ClockAhead},
	{desc: "one 90 s ahead", shift: [4]int{0, 0, 0, 90}, says: node.ClockAhead},
	{desc: "one 300 s ahead", shift: [4]int{0, 0, 0, 300}, says: node.ClockAhead},
	{desc: "one 30 s behind", shift: [4]int{0, 0, 0, -30}, says: node.ClockBehind},
	{desc: "one 90 s behind", shift: [4]int{0, 0, 0, -90}, dies: []int{4}},
	{desc: "one 300 s behind", shift: [4]int{0, 0, 0, -300}, dies: []int{4}},
	{desc: "one starts 600 s ahead", shift: [4]int{0, 0, 0, 600}, says: node.ClockAhead, fresh: true},
	{desc: "one starts 600 s behind", shift: [4]int{0, 0, 0, -600}, fresh: true, sleeps: true},
	{desc: "two 30 s ahead", shift: [4]int{0, 0, 30, 30}, ahead: 30, split: true},
	{desc: "two 90 s ahead", shift: [4]int{0, 0, 90, 90}, ahead: 90, split: true},
	{desc: "two 300 s ahead", shift: [4]int{0, 0, 300, 300}, ahead: 300, split: true},
	{desc: "two 30 s behind", shift: [4]int{0, 0, -30, -30}, split: true},
	{desc: "two 300 s behind", shift: [4]int{0, 0, -300, -300}, split: true},
	{desc: "three 90 s ahead", shift: [4]int{90, 90, 90, 0}, ahead: 90, dies: []int{4}, wait: true},
	{desc: "all an hour ahead", shift: [4]int{3600, 3600, 3600, 3600}, ahead: 3600, wait: true, hours: true},
}

// Validators' clocks are wrong, and put right again, on real processes. One clock
// of four moves nothing: blocks come, are dated rightly, and what its node
// proposes is not empty. Each node says what is wrong with its clock, or stops
// with a line about it. It builds this test once more, with a clock that a file
// sets: some minutes.
//
//	go test ./testnet/chaos -campaign -run WrongClocks -timeout 60m -v
func TestWrongClocks(t *testing.T) {
	if !*campaign {
		t.Skip("builds the program anew, and takes ten minutes; with -campaign")
	}
	if os.Getenv(shiftedEnv) == "" {
		runShifted(t)
		return
	}
	for _, c := range wrongClocks {
		t.Run(c.desc, func(t *testing.T) {
			n, end, err := testnet.Temporary(t.Context(), testnet.Spec{Accounts: testnet.DevAccounts()})
			must(t, err)
			defer func() { must(t, end()) }()
			w := &clockwatch{t: t, n: n, dead: c.dies}
			defer w.pay()()

			if c.fresh {
				must(t, n.StopNode(4))
			}
			w.set(c.shift)
			if c.fresh {
				err := n.StartNode(t.Context(), 4)
				if !c.sleeps {
					must(t, err)
				}
			}
			from, dated := w.observe()
			to := w.newest()
			if !c.split && to < from+10 {
				t.Errorf("blocks %d to %d in %s", from, to, wrongFor)
			}
			least, most := time.Duration(c.ahead)*time.Second, time.Duration(c.ahead)*time.Second
			if c.split { // and blocks may stay away
				least = time.Duration(min(0, c.shift[3]))*time.Second - wrongFor
			}
			if dated.seen && (dated.least < least-slack || dated.most > most+slack) {
				t.Errorf("blocks are dated from %s to %s ahead", dated.least, dated.most)
			}
			if c.split {
				c.dies = w.stopped()
			} else {
				w.judge(c.shift, c.says, c.sleeps)
			}
			if c.fresh {
				w.saidAtStart(4)
			}
			full, all := w.proposals(from, to, 4)
			if !c.split && !c.sleeps && !slices.Contains(c.dies, 4) && full*4 < all {
				t.Errorf("%d of %d blocks of node 4 hold transactions", full, all)
			}

			w.set([4]int{})
			begin := time.Now()
			if c.wait {
				w.waits(begin, c.hours)
			}
			if c.split { // the chain may be ahead by as much as the clocks were
				time.Sleep(time.Duration(c.ahead) * time.Second)
			}
			for _, number := range c.dies {
				must(t, n.StartNode(t.Context(), number))
			}
			if !c.hours {
				w.inStep()
				sameState(t, n)
			}
			t.Logf("%d blocks, dated %s to %s ahead; %d of %d of node 4's with transactions; right again, "+
				"in step after %s",
				to-from, dated.least.Round(time.Second), dated.most.Round(time.Second), full, all,
				time.Since(begin).Round(100*time.Millisecond))
			t.Log(strings.Join(w.told, "\n"))
		})
	}
}

// slack is what a block's date may be off by: a block a second, and what asking
// takes.
const slack = 6 * time.Second

// runShifted builds this test with a package time whose clock can be wrong, and
// runs it.
func runShifted(t *testing.T) {
	dir := t.TempDir()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	must(t, err)
	times := filepath.Join(strings.TrimSpace(string(out)), "src", "time")
	source, err := os.ReadFile(filepath.Join(times, "time.go"))
	must(t, err)
	const now = "func Now() Time {\n\tsec, nsec, mono := runtimeNow()\n"
	if strings.Count(string(source), now) != 1 {
		t.Fatal("this version of Go has another time.Now")
	}
	changed := filepath.Join(dir, "time.go")
	must(t, os.WriteFile(changed, []byte(strings.Replace(string(source), now, now+"\tsec += shift()\n", 1)), 0o600))
	added, err := filepath.Abs(filepath.Join("testdata", "shift.go.txt"))
	must(t, err)
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {
		filepath.Join(times, "time.go"): changed, filepath.Join(times, "shift.go"): added}})
	must(t, err)
	file, program := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "shifted.test")
	must(t, os.WriteFile(file, overlay, 0o600))
	run := func(name string, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Env = append(os.Environ(), shiftedEnv+"=1")
		said, err := cmd.CombinedOutput()
		t.Logf("%s", said)
		must(t, err)
	}
	run("go", "test", "-c", "-overlay", file, "-o", program, ".")
	run(program, "-test.run", flag.Lookup("test.run").Value.String(), "-test.v", "-campaign")
}

// clockwatch looks at a network whose clocks are wrong.
type clockwatch struct {
	t    *testing.T
	n    *testnet.Network
	dead []int
	told []string
}

// set makes clocks wrong, each by so many seconds, or right.
func (w *clockwatch) set(shift [4]int) {
	for i, m := range w.n.Nodes {
		must(w.t, os.WriteFile(filepath.Join(m.Home, "clock.txt"), []byte(strconv.Itoa(shift[i])), 0o600))
	}
}

// pay has eight accounts pay all the time, so that a proposer has what to propose.
func (w *clockwatch) pay() (end func()) {
	ctx, cancel := context.WithCancel(w.t.Context())
	var payers sync.WaitGroup
	for i, name := range []string{"alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"} {
		client := dial(w.t, w.n, i%3+1)
		payers.Go(func() {
			key := wallet.DevKey(name)
			for ; ctx.Err() == nil; pause(ctx, 100*time.Millisecond) {
				leaf, at, err := client.Account(ctx, contract.AddressOf(key))
				if err != nil {
					continue
				}
				tx := &contract.Tx{Chain: w.n.ChainID, Nonce: leaf.Nonce, ValidUntil: at.Time.Plus(300),
					Message: &contract.Pay{To: contract.AddressOf(wallet.DevKey("judy")), Amount: 1}}
				if tx.Sign(key) == nil {
					_ = client.Broadcast(ctx, tx.Encode()) // an earlier one may wait yet
				}
			}
		})
	}
	return func() { cancel(); payers.Wait() }
}

// dates is by how much blocks are dated ahead of the right time.
type dates struct {
	seen        bool
	least, most time.Duration
}

// observe looks at the network while its clocks are wrong: at how far ahead new
// blocks are dated, once five came.
func (w *clockwatch) observe() (from int64, d dates) {
	from = w.newest()
	for begin := time.Now(); time.Since(begin) < wrongFor; time.Sleep(100 * time.Millisecond) {
		s, err := node.QueryStatus(w.t.Context(), w.n.Nodes[0].RPCURL())
		if err != nil || s.Height < from+5 {
			continue
		}
		ahead := time.Until(s.Time)
		if !d.seen {
			d = dates{true, ahead, ahead}
		}
		d = dates{true, min(d.least, ahead), max(d.most, ahead)}
	}
	return from, d
}

func (w *clockwatch) newest() int64 {
	newest := int64(0)
	for _, s := range w.n.Status(w.t.Context()) {
		newest = max(newest, s.Height)
	}
	return newest
}

// stopped are the nodes that stopped, each of which has to say that it was for a clock,
// and takes down what the others say.
func (w *clockwatch) stopped() (list []int) {
	for _, m := range w.n.Nodes {
		s, err := node.QueryStatus(w.t.Context(), m.RPCURL())
		if err == nil {
			w.told = append(w.told, fmt.Sprintf("node %d: %.1f s ahead of the others, %v", m.Number, s.Self.ClockOffset,
				s.Troubles()))
			continue
		}
		list = append(list, m.Number)
		log, err := os.ReadFile(m.LogFile())
		must(w.t, err)
		_, last, stopped := strings.Cut(string(log), "\nhongbao: ")
		if !stopped || !strings.Contains(last, "clock") {
			w.t.Errorf("node %d stopped, and says %q", m.Number, last)
		}
		w.told = append(w.told, fmt.Sprintf("node %d: %s", m.Number, strings.TrimSpace(last)))
	}
	return list
}

// judge holds what nodes say of their clocks against what is wrong with them; sleeps has
// node 4 answer nothing yet.
func (w *clockwatch) judge(shift [4]int, says node.Trouble, sleeps bool) {
	for i, m := range w.n.Nodes {
		log, err := os.ReadFile(m.LogFile())
		must(w.t, err)
		_, last, stopped := strings.Cut(string(log), "\nhongbao: ")
		if slices.Contains(w.dead, m.Number) {
			if !stopped || !strings.Contains(last, "too far in the future") || !strings.Contains(last, "clock") {
				w.t.Errorf("node %d was to stop for its clock, and says %q", m.Number, last)
			}
			w.told = append(w.told, fmt.Sprintf("node %d: %s", m.Number, strings.TrimSpace(last)))
			continue
		}
		s, err := node.QueryStatus(w.t.Context(), m.RPCURL())
		if sleeps && m.Number == 4 {
			if err == nil || stopped {
				w.t.Errorf("node 4 does not wait for the chain's beginning: %v; %s", err, last)
			}
			continue
		}
		if err != nil {
			w.t.Errorf("node %d, whose clock is %d s ahead: %v; %s", m.Number, shift[i], err, last)
			continue
		}
		alone := shift[i] != shift[(i+1)%4] && shift[i] != shift[(i+2)%4]
		troubles := slices.DeleteFunc(s.Troubles(), func(t node.Trouble) bool {
			return t == node.ClockBehindChain // by the clock of this test, when the chain's is ahead
		})
		if says != 0 && alone && !slices.Contains(troubles, says) || !(says != 0 && alone) && len(troubles) > 0 {
			w.t.Errorf("node %d, whose clock is %d s ahead, has troubles %v, offset %.1f s", m.Number, shift[i],
				troubles, s.Self.ClockOffset)
		}
		if alone {
			w.told = append(w.told, fmt.Sprintf("node %d: %.1f s ahead of the others", m.Number, s.Self.ClockOffset))
		}
	}
}

// saidAtStart holds a node to have said within seconds of its start that its clock is wrong.
func (w *clockwatch) saidAtStart(number int) {
	log, err := os.ReadFile(w.n.Nodes[number-1].LogFile())
	must(w.t, err)
	_, log, _ = bytes.Cut(log, []byte("service stop"))
	said := slices.ContainsFunc(strings.Split(string(log), "\n"), func(line string) bool {
		return strings.Contains(line, "this machine's clock") || strings.Contains(line, "until the clock is put right")
	})
	if !said {
		w.t.Errorf("node %d says nothing of its clock after its start:\n%s", number, log)
	}
}

// proposals are the blocks after from that a node proposed: those with
// transactions, and all.
func (w *clockwatch) proposals(from, to int64, number int) (full, all int) {
	c := dial(w.t, w.n, 1)
	for h := from + 5; h < to; h++ {
		if proposer(w.t, w.n, c, h) != number {
			continue
		}
		txs, err := c.BlockTxs(w.t.Context(), h)
		must(w.t, err)
		if all++; len(txs) > 0 {
			full++
		}
	}
	return full, all
}

// waits has the chain stand while the clocks, right again, have not come near its
// last block; each node says so.
func (w *clockwatch) waits(begin time.Time, hours bool) {
	from, told := w.newest(), map[int]bool{}
	for w.newest() < from+3 {
		for _, m := range w.n.Nodes {
			if slices.Contains(w.dead, m.Number) {
				continue
			}
			if s, err := node.QueryStatus(w.t.Context(), m.RPCURL()); err == nil &&
				slices.Contains(s.Troubles(), node.ClockBehindChain) {
				told[m.Number] = true
			}
		}
		if since := time.Since(begin); hours && since > wrongFor {
			break
		} else if since > 2*time.Minute {
			w.t.Fatalf("no block %s after the clocks are right", since)
		}
		time.Sleep(200 * time.Millisecond)
	}
	if stands := w.newest() < from+3; stands != hours {
		w.t.Errorf("it stands: %t", stands)
	}
	if len(told) != len(w.n.Nodes)-len(w.dead) {
		w.t.Errorf("only nodes %v say that the clock is behind the chain", told)
	}
	w.told = append(w.told, fmt.Sprintf("right again: %d blocks in %s", w.newest()-from,
		time.Since(begin).Round(time.Second)))
}

// inStep waits until every node is.
func (w *clockwatch) inStep() {
	for begin := time.Now(); ; time.Sleep(200 * time.Millisecond) {
		var out []string
		for _, m := range w.n.Nodes {
			s, err := node.QueryStatus(w.t.Context(), m.RPCURL())
			troubles := slices.DeleteFunc(s.Troubles(), func(t node.Trouble) bool { return t == node.ClockBehindChain })
			if err != nil || len(troubles) > 0 {
				out = append(out, fmt.Sprintf("node %d: %v %v", m.Number, troubles, err))
			}
		}
		if len(out) == 0 {
			return
		}
		if time.Since(begin) > catchUp {
			w.t.Fatalf("%s after the clocks are right: %s", catchUp, strings.Join(out, "; "))
		}
	}
}
