package chaos

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"hongbao/node"
)

// damages are faults of files: a node is killed, a file of its data damaged, and the
// node started again.
func damages() (list []fault) {
	for _, row := range []struct {
		what   string
		files  string // of its data folder, as filepath.Glob has it
		damage func(*bout, string) error
		quick  int
	}{
		{"journal-bit", "*.db/*.log", flip, 1},
		{"journal-cut", "*.db/*.log", cut, 0},
		{"journal-lost", "*.db/*.log", lose, 0},
		{"table-bit", "*.db/*.ldb", flip, 1},
		{"table-lost", "*.db/*.ldb", lose, 0},
		{"manifest-bit", "*.db/MANIFEST*", flip, 0},
		{"manifest-lost", "*.db/[CM][UA][RN]*", lose, 0},
		{"database-lost", "*.db", lose, 1},
		{"wal-bit", "cs.wal/wal*", flip, 0},
		{"wal-cut", "cs.wal/wal*", cut, 1},
		{"sign-state-lost", "priv_validator_state.json", lose, 1},
	} {
		do := func(ctx context.Context, b *bout) error { return b.damage(ctx, row.files, row.damage) }
		list = append(list, fault{name: row.what, times: [2]int{row.quick, damageTimes}, lasts: damageLasts, do: do})
	}
	return append(list,
		fault{name: "sign-state-old", times: [2]int{0, damageTimes}, lasts: damageLasts,
			do: older("priv_validator_state.json")},
		fault{name: "database-old", times: [2]int{0, damageTimes}, lasts: damageLasts, do: older("*.db")})
}

// damageTimes of 13 kinds in the full campaign; another 198 damages, to every file of a
// node, are TestStorageDamage's.
const damageTimes = 10

var damageLasts = [2]int{22, 22}

// damage does something to a file of a killed node.
func (b *bout) damage(ctx context.Context, pattern string, do func(*bout, string) error) error {
	v := b.victim()
	if err := b.net.KillNode(v); err != nil {
		return err
	}
	data := filepath.Join(b.net.Nodes[v-1].Home, "data")
	files, err := filepath.Glob(filepath.Join(data, pattern))
	if len(files) == 0 && err == nil { // opening a database makes tables of its journal
		if err := b.net.StartNode(ctx, v); err != nil {
			return err
		}
		if err := b.net.KillNode(v); err != nil {
			return err
		}
		files, err = filepath.Glob(filepath.Join(data, pattern))
	}
	if err != nil || len(files) == 0 {
		return errors.Join(err, fmt.Errorf("node %d has no %s", v, pattern))
	}
	kept, err := keepSignState(data)
	if err != nil {
		return err
	}
	path := files[b.random.IntN(len(files))]
	name, _ := filepath.Rel(data, path)
	if err := do(b, path); err != nil {
		return err
	}
	return b.revive(ctx, v, name, kept)
}

// keepSignState returns how to put the sign state back.
func keepSignState(data string) (restore func() error, err error) {
	path := filepath.Join(data, "priv_validator_state.json")
	state, err := os.ReadFile(path)
	return func() error { return os.WriteFile(path, state, 0o600) }, err
}

// revive starts a damaged node, and does what it tells its operator to do.
func (b *bout) revive(ctx context.Context, v int, name string, restoreSignState func() error) error {
	m := b.net.Nodes[v-1]
	for try := 1; ; try++ {
		begin, scrubs := time.Now(), b.logged(v, node.Scrubbed)
		err := b.net.StartNode(ctx, v)
		if err == nil {
			var back time.Duration
			if back, err = b.untilBack(ctx, begin); err == nil {
				if try == 1 {
					b.row.back(back)
				} else { // its blocks come from the others: that takes as long as the chain is
					b.row.figure("%s: back %.1f s after the start", name, back.Seconds())
				}
				// What no one asks for it reads by then, too.
				for b.logged(v, node.Scrubbed) == scrubs && b.exit(v) == nil {
					if time.Since(begin) > patience {
						return fmt.Errorf("node %d does not come to say %q", v, node.Scrubbed)
					}
					if err := sleep(ctx, lookPause); err != nil {
						return err
					}
				}
				err = b.exit(v)
			} else if b.exit(v) == nil {
				b.row.broke("L", "%s: %v", name, err)
				return ctx.Err()
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			outcome := "goes on"
			if try > 1 {
				outcome = "goes on after what it said to do"
			}
			b.row.figure("%s: %s", name, outcome)
			return b.whole(ctx, b.row, v)
		}
		said, _, _ := strings.Cut(err.Error(), "\n") // below stands the end of its log
		switch {
		case try > 2:
			b.row.broke("A", "%s: still after resync: %s", name, said)
			return fmt.Errorf("node %d does not start: %w", v, err)
		case strings.Contains(said, "crashed: "):
			b.row.broke("A", "%s: %s", name, said)
		case strings.Contains(said, "priv_validator_state.json"):
			if err := restoreSignState(); err != nil {
				return err
			}
			continue
		case !strings.Contains(said, "node resync --home "):
			b.row.broke("A", "%s: names no cure: %s", name, said)
		case !strings.Contains(said, strings.SplitN(name, "/", 2)[0]):
			b.row.broke("A", "%s: does not name the file: %s", name, said)
		}
		if _, err := node.Resync(m.Home); err != nil {
			return err
		}
	}
}

func flip(b *bout, path string) error {
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return err
	}
	data, err := os.ReadFile(path)
	if err != nil || len(data) == 0 {
		return err
	}
	data[b.random.IntN(len(data))] ^= 1 << b.random.IntN(8)
	return os.WriteFile(path, data, 0o600)
}

func cut(b *bout, path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Size() == 0 {
		return err
	}
	return os.Truncate(path, b.random.Int64N(info.Size()))
}

func lose(_ *bout, path string) error { return os.RemoveAll(path) }

// older puts a copy of a database or a file in its place that is some seconds old. The
// node may do anything with it but vote twice.
func older(pattern string) do {
	return func(ctx context.Context, b *bout) error {
		v := b.victim()
		data := filepath.Join(b.net.Nodes[v-1].Home, "data")
		list, err := filepath.Glob(filepath.Join(data, pattern))
		if err != nil || len(list) == 0 {
			return errors.Join(err, fmt.Errorf("node %d has no %s", v, pattern))
		}
		path := list[b.random.IntN(len(list))]
		old := filepath.Join(b.net.Dir, "old")
		defer os.RemoveAll(old)
		if err := b.net.KillNode(v); err != nil {
			return err
		}
		if err := copyAll(old, path); err != nil {
			return err
		}
		if err := b.net.StartNode(ctx, v); err != nil {
			return err
		}
		if err := sleep(ctx, calm); err != nil {
			return err
		}
		if err := b.net.KillNode(v); err != nil {
			return err
		}
		kept, err := keepSignState(data)
		if err != nil {
			return err
		}
		if err := errors.Join(os.RemoveAll(path), copyAll(path, old)); err != nil {
			return err
		}
		if err := b.revive(ctx, v, filepath.Base(path), kept); err != nil {
			return err
		}
		for _, s := range b.net.Status(ctx) {
			if len(s.Evidence) > 0 {
				b.row.broke("E", "with an older %s node %d voted twice: %+v", filepath.Base(path), v, s.Evidence)
				break
			}
		}
		return ctx.Err()
	}
}

// copyAll copies a file, or a folder with all that is in it.
func copyAll(to, from string) error {
	if info, err := os.Stat(from); err != nil || info.IsDir() {
		return errors.Join(err, os.CopyFS(to, os.DirFS(from)))
	}
	b, err := os.ReadFile(from)
	return errors.Join(err, os.WriteFile(to, b, 0o600))
}

// On the small disk there is room for the data, and spare beside it, of which ballast
// leaves little.
const (
	diskSpare = 32 << 20
	diskLeft  = 100 << 10
)

// diskFull has a node run out of space while the others go on, and gives it space
// again.
func diskFull(ctx context.Context, b *bout) (err error) {
	v := 1 + b.nth%validators
	data := filepath.Join(b.net.Nodes[v-1].Home, "data")
	if err := b.net.KillNode(v); err != nil {
		return err
	}
	away := filepath.Join(b.net.Dir, "away")
	defer os.RemoveAll(away)
	if err := os.CopyFS(away, os.DirFS(data)); err != nil {
		return err
	}
	unmount, err := mountSmall(data, size(away)+diskSpare) // over what is there
	if err != nil {
		return err
	}
	b.unmount = append(b.unmount, unmount)
	if err := os.CopyFS(data, os.DirFS(away)); err != nil {
		return err
	}
	ballast := filepath.Join(data, "ballast")
	if err := os.WriteFile(ballast, make([]byte, diskSpare-diskLeft), 0o600); err != nil {
		return err
	}
	startErr := b.net.StartNode(ctx, v)
	begin := time.Now()
	for startErr == nil && b.exit(v) == nil && ctx.Err() == nil {
		if time.Since(begin) > patience {
			return fmt.Errorf("node %d does not fill %d bytes", v, diskLeft)
		}
		_ = sleep(ctx, lookPause)
	}
	said := fmt.Sprint(startErr, b.exit(v))
	if !strings.Contains(said, "no space left on device") || strings.Contains(said, "crashed: ") {
		b.row.broke("A", "of a full disk it says %q", said)
	}
	if err := os.Remove(ballast); err != nil {
		return err
	}
	b.heal()
	return b.net.StartNode(ctx, v)
}

// size is how many bytes the files of a folder have, and their inodes.
func size(dir string) (bytes int) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if info, err := d.Info(); err == nil {
			bytes += int(info.Size()) + os.Getpagesize()
		}
		return nil
	})
	return bytes
}
