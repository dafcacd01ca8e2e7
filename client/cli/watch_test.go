package cli

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"
)

// watching is a watch of an account in the middle of its work: it has shown that
// alice paid ¥3.00.
type watching struct {
	interrupt context.CancelFunc
	lines     *bufio.Reader
	stderr    bytes.Buffer
	exit      chan int
}

func watchOf(t *testing.T, u *user, whom string, flags ...string) *watching {
	t.Helper()
	ctx, interrupt := context.WithCancel(t.Context())
	t.Cleanup(interrupt)
	out, stdout := io.Pipe()
	w := &watching{interrupt: interrupt, lines: bufio.NewReader(out), exit: make(chan int, 1)}
	go func() {
		root := NewRoot(strings.NewReader(""), stdout, &w.stderr)
		w.exit <- Run(ctx, root, append([]string{"--home", u.home, "--lang", "en", "watch", whom, "--from-height", "1"},
			flags...))
		stdout.Close()
	}()
	u.must("pay", "3", "--to", whom)
	line, err := w.lines.ReadString('\n')
	if err != nil || !strings.Contains(line, "+¥3.00  alice; balance ¥10,003.00") {
		t.Fatalf("%q, %v", line, err)
	}
	return w
}

// Ctrl-C is how a watch is meant to end, a node that stays away how it is not.
// Both say how to go on.
func TestAWatchSaysHowToGoOn(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	told := watchOf(t, u, "bob")
	told.interrupt()
	if code := <-told.exit; code != ExitOK || !strings.Contains(told.stderr.String(), "watch bob --from-height ") {
		t.Errorf("Ctrl-C: exit %d\n%s", code, &told.stderr)
	}

	left := watchOf(t, u, "carol", "--wait", "1s")
	if err := n.stop(); err != nil {
		t.Fatal(err)
	}
	if code := <-left.exit; code != ExitUnreachable || !strings.Contains(left.stderr.String(),
		"watch carol --from-height ") {
		t.Errorf("no node: exit %d\n%s", code, &left.stderr)
	}
}

// Wherever a watch begins, it shows what stands from that block on, and
// nothing from before.
func TestAWatchBeginsAtAnyHeight(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	var heights []float64
	for range 4 {
		heights = append(heights, u.must("pay", "1", "--to", "bob")["height"].(float64))
	}
	s := look{&Session{Global: Global{Home: u.home}, now: time.Now}}
	defer s.close()
	c, err := s.Client(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.watched(t.Context(), []string{"bob"})
	if err != nil {
		t.Fatal(err)
	}
	for seq, height := range append([]float64{0}, heights...) { // the first is genesis
		for after := range 2 {
			from := int64(height) + int64(after)
			if from == 0 {
				continue // that is with what is new
			}
			for look, err := range c.Watch(t.Context(), w.about, from) {
				if err != nil || len(look.Entries) != 5-seq-after {
					t.Errorf("from block %d: %+v, want %d entries (%v)", from, look, 5-seq-after, err)
				}
				break
			}
		}
	}
}
