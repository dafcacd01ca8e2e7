package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The page goes by the trust file that the command goes by, a port that is taken
// is named, and Ctrl-C ends the command with 0.
func TestWebGoesByTheTrustFile(t *testing.T) {
	t.Parallel()
	trust := filepath.Join("..", "..", "testdata", "vectors", "trust.json")
	want, err := os.ReadFile(trust)
	if err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	out, stdout := io.Pipe()
	exit := make(chan int, 1)
	run := func(ctx context.Context, stdout, stderr io.Writer, flags ...string) int {
		root := NewRoot(strings.NewReader(""), stdout, stderr)
		args := []string{"--home", t.TempDir(), "--lang", "en", "web", "--trust", trust}
		return Run(ctx, root, append(args, flags...))
	}
	go func() { exit <- run(ctx, stdout, io.Discard, "--port", "0", "--output", "json") }()

	var shown struct{ Result webJSON }
	if err := json.NewDecoder(out).Decode(&shown); err != nil {
		t.Fatal(err)
	}
	page := shown.Result
	answer, err := http.Get(page.URL + "trust.json")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if got, err := io.ReadAll(answer.Body); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the page goes by %s, %v; want %s", got, err, want)
	}

	_, port, _ := strings.Cut(strings.TrimSuffix(page.URL, "/"), "http://127.0.0.1:")
	var stderr bytes.Buffer
	if code := run(t.Context(), io.Discard, &stderr, "--port", port); code != ExitUsage ||
		!strings.Contains(stderr.String(), "choose another with --port") {
		t.Errorf("a port that is taken: exit %d\n%s", code, &stderr)
	}
	interrupt()
	if code := <-exit; code != ExitOK {
		t.Errorf("Ctrl-C: exit %d", code)
	}
}
