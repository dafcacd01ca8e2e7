package node

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/cometbft/cometbft/consensus"
	"github.com/cometbft/cometbft/libs/autofile"
)

func TestTrimWAL(t *testing.T) {
	for _, tt := range []struct {
		desc        string
		files, left []string // before and after
	}{
		{"no log yet", nil, nil},
		{"the one that is written", []string{"wal"}, []string{"wal"}},
		{"as many as stay", []string{"wal", "wal.000", "wal.001", "wal.002", "wal.003"},
			[]string{"wal", "wal.000", "wal.001", "wal.002", "wal.003"}},
		{"by number, not by name", []string{"wal", "wal.998", "wal.999", "wal.1000", "wal.1001", "wal.1002"},
			[]string{"wal", "wal.1000", "wal.1001", "wal.1002", "wal.999"}},
		{"what is no part", []string{"wal.000", "wal.001", "wal.002", "wal.003", "wal.004", "wal.CORRUPTED", "wal.00",
			"other.000", "wal.000.bak"},
			[]string{"other.000", "wal.00", "wal.000.bak", "wal.001", "wal.002", "wal.003", "wal.004",
				"wal.CORRUPTED"}},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "cs.wal")
			for _, name := range tt.files {
				write(t, filepath.Join(dir, name), "x")
			}
			for range 2 { // and nothing more the second time
				if err := trimWAL(filepath.Join(dir, "wal")); err != nil {
					t.Fatal(err)
				}
				if left := names(dir); !slices.Equal(left, tt.left) {
					t.Errorf("left %q, want %q", left, tt.left)
				}
			}
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func names(dir string) (list []string) {
	files, _ := os.ReadDir(dir)
	for _, f := range files {
		list = append(list, f.Name())
	}
	return list
}

// CometBFT finds its last height in a log that was trimmed while it wrote, and
// after a restart, and goes on with the number that comes next.
func TestCometBFTReadsATrimmedWAL(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cs.wal", "wal")
	height, parts := int64(0), 0
	for run := range 3 {
		wal, err := consensus.NewWAL(path, autofile.GroupHeadSizeLimit(1))
		if err != nil {
			t.Fatal(err)
		}
		if err := wal.Start(); err != nil {
			t.Fatal(err)
		}
		if run > 0 {
			for _, tt := range []struct {
				height int64
				found  bool
			}{{height, true}, {height + 1, false}} {
				r, found, err := wal.SearchForEndHeight(tt.height, &consensus.WALSearchOptions{})
				if err != nil || found != tt.found {
					t.Fatalf("run %d, height %d: found %v, %v", run, tt.height, found, err)
				}
				if found {
					r.Close()
				}
			}
		}
		for range 10 {
			height++
			if err := wal.WriteSync(consensus.EndHeightMessage{Height: height}); err != nil {
				t.Fatal(err)
			}
			wal.Group().RotateFile()
			parts++
			if err := trimWAL(path); err != nil {
				t.Fatal(err)
			}
		}
		if got := wal.Group().ReadGroupInfo(); got.MaxIndex != parts || got.MinIndex != parts-walParts {
			t.Fatalf("run %d: parts %d to %d, want to %d", run, got.MinIndex, got.MaxIndex, parts)
		}
		if err := wal.Stop(); err != nil {
			t.Fatal(err)
		}
		wal.Wait()
	}
}
