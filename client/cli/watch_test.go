package cli

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
)

// Ctrl-C is how a watch is meant to end: what was seen stays, and the exit is 0.
func TestAWatchEndsWellWhenItIsTold(t *testing.T) {
	n := testNetwork(t)
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	out, stdout := io.Pipe()
	var stderr bytes.Buffer
	exit := make(chan int)
	go func() {
		root := NewRoot(strings.NewReader(""), stdout, &stderr)
		exit <- Run(ctx, root, []string{"--home", u.home, "--lang", "en", "watch", "bob", "--from-height", "1"})
	}()
	u.must("pay", "3", "--to", "bob")
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.Contains(line, "+¥3.00  alice; balance ¥10,003.00") {
		t.Errorf("%q, %v", line, err)
	}
	interrupt()
	if code := <-exit; code != ExitOK {
		t.Errorf("exit %d\n%s", code, &stderr)
	}
	if !strings.Contains(stderr.String(), "watch bob --from-height ") {
		t.Errorf("it does not say how to go on: %s", &stderr)
	}
}

// Wherever a watch begins, it shows what stands from that block on, and
// nothing from before.
func TestAWatchBeginsAtAnyHeight(t *testing.T) {
	n := testNetwork(t)
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	var heights []float64
	for range 4 {
		heights = append(heights, u.must("pay", "1", "--to", "bob")["height"].(float64))
	}
	s := &Session{Global: Global{Home: u.home}}
	defer s.close()
	w, err := s.watched(t.Context(), []string{"bob"})
	if err != nil {
		t.Fatal(err)
	}
	for seq, height := range append([]float64{0}, heights...) { // the first is genesis
		for after := range 2 {
			got, err := s.firstSince(t.Context(), w.key, 5, int64(height)+int64(after))
			if err != nil || got != uint64(seq+after) {
				t.Errorf("from block %g + %d: entry %d, want %d (%v)", height, after, got, seq+after, err)
			}
		}
	}
}
