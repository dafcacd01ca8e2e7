package audit

import (
	"flag"
	"fmt"
	"path/filepath"
	"testing"
)

// forgers are the settings of a test that tries forged files of a kind, and what it has
// seen of them: -NAME, -NAME-seed and -NAME-to.
type forgers struct {
	name   string
	count  *int
	seed   *uint64
	folder *string

	kinds map[string]int // how many were tried
	steps map[string]int // how many each step of verify refused
}

func newForgers(name string, count int, what string) *forgers {
	return &forgers{
		name:   name,
		count:  flag.Int(name, count, "how many "+what+" are tried"),
		seed:   flag.Uint64(name+"-seed", 1, "of the "+what),
		folder: flag.String(name+"-to", "", "write the "+what+" into this folder, for docs/verifier/vectors.js"),
		kinds:  map[string]int{},
		steps:  map[string]int{},
	}
}

// tries is how many there are to be; an eighth in a short run.
func (f *forgers) tries() int {
	if testing.Short() {
		return *f.count / 8
	}
	return *f.count
}

// tried takes down what became of a file, which goes into a group where it is to be
// written.
func (f *forgers) tried(t testing.TB, group *vectorGroup, n int, kind string, file []byte, r Report) {
	f.kinds[kind]++
	if failed := r.Failed(); failed != nil {
		f.steps[failed.Name]++
	}
	if *f.folder != "" {
		v := &vector{Desc: fmt.Sprintf("%d: %s", n, kind), Proof: diff(group.Base, file)}
		v.fill(t, r)
		group.Cases = append(group.Cases, v)
	}
}

// end writes the groups, by name, and wants each kind to have been tried where enough were.
func (f *forgers) end(t testing.TB, groups map[string]*vectorGroup, kinds []string) {
	if *f.folder != "" {
		for name, g := range groups {
			g.write(t, filepath.Join(*f.folder, fmt.Sprintf("%s-%d.json", name, *f.seed)))
		}
	}
	for _, kind := range kinds {
		if f.kinds[kind] == 0 && f.tries() >= 1000 {
			t.Errorf("never tried: %s", kind)
		}
	}
	t.Logf("%d forged %s of %d kinds, refused by %v", f.tries(), f.name, len(f.kinds), f.steps)
}
