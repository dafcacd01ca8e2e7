package cli

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"hongbao/client/wallet"
)

// Commands of one home may run at once: the account's nonces are handed out
// one by one, and each command ends well.
func TestCommandsAtOnceShareAnAccount(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	const commands = 8
	var wg sync.WaitGroup
	for range commands {
		wg.Add(1)
		go func() {
			defer wg.Done()
			u.must("pay", "1", "--to", "bob", "--from", "alice")
		}()
	}
	wg.Wait()
	if got := u.must("balance", "alice"); got["nonce"] != float64(commands) || got["balance_fen"] != "999200" {
		t.Errorf("alice: %v", got)
	}
}

// Who waits for another command's turn to end is told, and goes on after it.
func TestWhoWaitsForAnotherCommandIsTold(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	alice, err := wallet.Open(u.home).Account("alice")
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := alice.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var stdout bytes.Buffer
	told := false
	stderr := &cancelOn{text: "waiting for another command of alice to end", cancel: func() {
		if !told {
			told = true
			unlock()
		}
	}}
	root := NewRoot(strings.NewReader(""), &stdout, stderr)
	if exit := Run(t.Context(), root, []string{"--home", u.home, "pay", "1", "--to", "bob"}); exit != ExitOK || !told {
		t.Errorf("exit %d, told: %v: %s%s", exit, told, stdout.String(), stderr.String())
	}
}

// Two homes with one account compete for its nonce: the ledger takes each tx
// once, and the loser hears why. Nothing is paid twice.
func TestHomesAtOnceCompeteCleanly(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	one, two := &user{t, t.TempDir()}, &user{t, t.TempDir()}
	for _, u := range []*user{one, two} {
		if err := n.newHome(u.home); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	paid := 0
	for range 5 {
		for _, u := range []*user{one, two} {
			wg.Add(1)
			go func() {
				defer wg.Done()
				r := u.run("pay", "1", "--to", "bob")
				mu.Lock()
				defer mu.Unlock()
				switch {
				case r.exit == ExitOK:
					paid++
				case r.Error.Code != "wrong_nonce" || r.exit != ExitRefused:
					t.Errorf("%s%s", r.stdout, r.stderr)
				}
			}()
		}
	}
	wg.Wait()
	if got := one.must("balance", "alice"); got["nonce"] != float64(paid) || paid == 0 {
		t.Errorf("%d said they paid; alice: %v", paid, got)
	}
}

// Nine hands reach for four shares at once: four get one, and the others learn
// that they were too late, before a block (3) or in one (4).
func TestAGrab(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	link := u.must("send", "4", "--shares", "4")["link"].(string)
	hands := wallet.DevNames[1:]
	results := make([]*ran, len(hands))
	var wg sync.WaitGroup
	for i, name := range hands {
		wg.Add(1)
		go func() {
			defer wg.Done()
			results[i] = u.run("claim", link, "--from", name)
		}()
	}
	wg.Wait()
	got := 0
	for i, r := range results {
		switch {
		case r.exit == ExitOK && r.Result["amount_fen"] == "100" && r.Result["final"] == true:
			got++
		case r.exit == ExitRefused && r.Error.Code == "full" && r.Error.Tx == "":
		case r.exit == ExitFailed && r.Error.Code == "full" && r.Error.Tx != "" && r.Error.Height > 0:
		default:
			t.Errorf("%s: exit %d: %s", hands[i], r.exit, r.stdout)
		}
	}
	if p := u.must("show", "last"); got != 4 || p["status"] != "full" || p["escrow_fen"] != "0" {
		t.Errorf("%d got a share: %v", got, p)
	}
}

// A person at the terminal is asked before the newest packet is recalled, and
// may say no.
func TestAPersonMayDecline(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	u.must("send", "5", "--public", "--recall", "1h")
	for _, tt := range []struct {
		answer string
		exit   int
	}{{"\n", ExitDeclined}, {"no\n", ExitDeclined}, {"", ExitDeclined}, {"y\n", ExitOK}} {
		var stdout, stderr bytes.Buffer
		root := NewRoot(strings.NewReader(tt.answer), &stdout, &stderr)
		From(root).Terminal = func() bool { return true }
		exit := Run(context.Background(), root, []string{"--home", u.home, "recall"})
		if exit != tt.exit || !strings.Contains(stderr.String(), "Recall ¥5.00, the unclaimed rest of packet rp1") {
			t.Errorf("%q: exit %d\n%s%s", tt.answer, exit, stdout.String(), stderr.String())
		}
	}
}

// A claimer is asked before taking what others could take back, and may say no;
// what is final at once is not asked about.
func TestAClaimerMayDecline(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	u.must("send", "5", "--to", "bob", "--scene", "delayed")
	for _, tt := range []struct {
		answer string
		exit   int
	}{{"\n", ExitDeclined}, {"n\n", ExitDeclined}, {"", ExitDeclined}, {"y\n", ExitOK}} {
		var stdout, stderr bytes.Buffer
		root := NewRoot(strings.NewReader(tt.answer), &stdout, &stderr)
		From(root).Terminal = func() bool { return true }
		exit := Run(context.Background(), root, []string{"--home", u.home, "claim", "last", "--from", "bob"})
		if exit != tt.exit || !strings.Contains(stderr.String(), "others can take it back until") {
			t.Errorf("%q: exit %d\n%s%s", tt.answer, exit, stdout.String(), stderr.String())
		}
	}
	if got := u.must("balance", "bob"); got["nonce"] != 1.0 || got["held_fen"] != "500" {
		t.Errorf("bob: %v", got)
	}
	u.must("send", "5", "--to", "bob", "--recall", "1h")
	u.must("claim", "last", "--from", "bob")
}

// Ctrl-C while waiting leaves a tx that may still happen, and says so.
func TestAnInterruptedWaitIsAnUnknownOutcome(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		ctx, cancel := context.WithCancel(context.Background())
		var stdout bytes.Buffer
		stderr := &cancelOn{text: "tx ", cancel: cancel}
		root := NewRoot(strings.NewReader(""), &stdout, stderr)
		exit := Run(ctx, root, []string{"--home", u.home, "pay", "1", "--to", "bob"})
		cancel()
		if exit == ExitOK {
			continue // it was faster
		}
		text := stderr.String()
		if exit != ExitUnknown || !strings.Contains(text, "may still happen") || !strings.Contains(text, "tx wait ") {
			t.Fatalf("exit %d: %s", exit, text)
		}
		hash := strings.Fields(text[strings.Index(text, "tx ")+3:])[0]
		u.must("tx", "wait", hash, "--wait", "70s")
		return
	}
	t.Skip("the node was always faster")
}

// cancelOn cancels once text was written to it.
type cancelOn struct {
	bytes.Buffer
	text   string
	cancel func()
}

func (c *cancelOn) Write(b []byte) (int, error) {
	n, err := c.Buffer.Write(b)
	if strings.Contains(c.String(), c.text) {
		c.cancel()
		time.Sleep(time.Millisecond)
	}
	return n, err
}
