package store

import (
	"errors"
	"io"
	"slices"
	"testing"

	dbm "github.com/cometbft/cometbft-db"
)

// exported is what an export of a height yields.
func exported(t testing.TB, s *Store, height int64) (nodes []Node) {
	t.Helper()
	x, err := s.Export(height)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	for {
		n, err := x.Next()
		if err == io.EOF {
			return nodes
		}
		if err != nil {
			t.Fatal(err)
		}
		nodes = append(nodes, n)
	}
}

// restore fills s with nodes, and with the records of the model's height.
func restore(s *Store, m *model, height int64, nodes []Node) error {
	r, err := s.Restore(height)
	if err != nil {
		return err
	}
	for _, n := range nodes {
		if err := r.Add(n); err != nil {
			return errors.Join(err, r.Abort())
		}
	}
	for k, v := range m.versions[height].records {
		if err := r.Put(Record{[]byte(k), v}); err != nil {
			return errors.Join(err, r.Abort())
		}
	}
	if err := r.Finish(m.versions[height].time, m.versions[height].root); err != nil {
		return errors.Join(err, r.Abort())
	}
	return nil
}

// A restored store is the one that was exported, in all that it can be asked, and
// stays so while blocks are committed to it, versions pruned, and after a restart;
// and an export does not depend on the store that it comes from.
func TestRestoredStoreIsTheExportedOne(t *testing.T) {
	const at = 6
	m := newModel(t, 5, 100, 30, []int{40, 0, 10, 10, 0, 7, 10, 0, 10, 1, 5, 5})
	for _, kind := range dbKinds {
		t.Run(kind, func(t *testing.T) {
			from := mustOpen(t, dbm.NewMemDB(), Options{KeepVersions: 2})
			if err := m.run(from, at); err != nil {
				t.Fatal(err)
			}
			x, err := from.Export(at)
			if err != nil {
				t.Fatal(err)
			}
			if err := m.run(from, m.last()); err != nil { // the export goes on under blocks that prune
				t.Fatal(err)
			}
			nodes := exported(t, from, at)
			x.Close()
			x.Close()

			disk := newDB(t, kind)
			to := mustOpen(t, disk, Options{KeepVersions: 3})
			if err := m.run(to, 2); err != nil { // what was there before is gone
				t.Fatal(err)
			}
			if err := restore(to, m, at, nodes); err != nil {
				t.Fatal(err)
			}
			m.check(t, to, 1)
			if to.Oldest() != at {
				t.Errorf("oldest is %d", to.Oldest())
			}
			again := exported(t, to, at)
			if !slices.EqualFunc(nodes, again, func(a, b Node) bool {
				return a.Version == b.Version && string(a.Key) == string(b.Key) && string(a.Value) == string(b.Value)
			}) {
				t.Error("a restored store exports something else")
			}
			if err := m.run(to, at+2); err != nil {
				t.Fatal(err)
			}
			disk = reopenDB(t, disk)
			to = mustOpen(t, disk, Options{KeepVersions: 3})
			if err := m.run(to, m.last()); err != nil {
				t.Fatal(err)
			}
			m.check(t, to, 1)
			if err := to.PruneError(); err != nil || to.Oldest() != m.last()-2 {
				t.Errorf("oldest is %d, %v", to.Oldest(), err)
			}
		})
	}
}

// Nodes that are not the tree of the root are refused, whatever is wrong with
// them, and leave an empty store that works.
func TestAlteredNodesAreRefused(t *testing.T) {
	const at = 4
	m := newModel(t, 6, 50, 20, []int{30, 5, 0, 8})
	from := mustOpen(t, dbm.NewMemDB(), Options{})
	if err := m.run(from, at); err != nil {
		t.Fatal(err)
	}
	nodes := exported(t, from, at)
	flipped := func(b []byte) []byte {
		b = slices.Clone(b)
		b[len(b)-1] ^= 1
		return b
	}
	refused, to := 0, mustOpen(t, dbm.NewMemDB(), Options{})
	try := func(desc string, altered []Node) {
		t.Helper()
		if err := restore(to, m, at, altered); err == nil {
			t.Fatalf("%s: taken", desc)
		}
		if to.Height() != 0 || to.Hash() != nil {
			t.Fatalf("%s: height %d after a refusal", desc, to.Height())
		}
		refused++
	}
	for i, n := range nodes {
		with := func(change func(*Node)) []Node {
			altered := slices.Clone(nodes)
			change(&altered[i])
			return altered
		}
		try("a node left out", slices.Delete(slices.Clone(nodes), i, i+1))
		try("a node twice", slices.Insert(slices.Clone(nodes), i, n))
		try("another version", with(func(n *Node) { n.Version ^= 1 }))
		try("a version of the future", with(func(n *Node) { n.Version = at + 1 }))
		if i > 0 {
			altered := slices.Clone(nodes)
			altered[i-1], altered[i] = altered[i], altered[i-1]
			if nodes[i].Key != nil || nodes[i-1].Key != nil || nodes[i].Version != nodes[i-1].Version {
				try("two nodes in the other order", altered)
			}
		}
		if n.Key != nil {
			try("another key", with(func(n *Node) { n.Key = flipped(n.Key) }))
			try("another value", with(func(n *Node) { n.Value = flipped(n.Value) }))
			try("no value", with(func(n *Node) { n.Value = nil }))
			try("an inner node for a leaf", with(func(n *Node) { n.Key, n.Value = nil, nil }))
		}
	}
	if refused < 4*len(nodes) {
		t.Errorf("%d alterations of %d nodes", refused, len(nodes))
	}
	if err := restore(to, m, at, nodes); err != nil {
		t.Fatalf("the true nodes after all that: %v", err)
	}
	m.check(t, to, 1)
}

// A restore that ends anywhere before its last write leaves an empty store, or the
// whole one, and never a part; meanwhile the store answers nothing.
func TestInterruptedRestore(t *testing.T) {
	const at = 4
	m := newModel(t, 7, 50, 20, []int{30, 5, 0, 8})
	from := mustOpen(t, dbm.NewMemDB(), Options{})
	if err := m.run(from, at); err != nil {
		t.Fatal(err)
	}
	nodes := exported(t, from, at)
	for _, mode := range []faultMode{refused, doubted, crash} {
		for write := 1; ; write++ { // after those of opening it
			disk := dbm.NewMemDB()
			s := mustOpen(t, disk, Options{})
			if err := m.run(s, 2); err != nil {
				t.Fatal(err)
			}
			faulty := &faultDB{DB: disk, mode: mode}
			s = mustOpen(t, faulty, Options{})
			faulty.at = len(faulty.writes) + write
			failed := restore(s, m, at, nodes)
			if len(faulty.writes) < faulty.at {
				break
			}
			s = mustOpen(t, disk, Options{})
			if h := s.Height(); h != 0 && h != 2 && h != at {
				t.Fatalf("%s, write %d: height %d", mode, write, h)
			} else if h != 0 {
				m.check(t, s, 1)
			}
			if h := s.Height(); failed == nil && mode != crash && h != at {
				t.Fatalf("%s, write %d: restored, and height %d", mode, write, h)
			}
		}
	}

	s := mustOpen(t, dbm.NewMemDB(), Options{})
	r, err := s.Restore(at)
	if err != nil {
		t.Fatal(err)
	}
	for call, err := range everyCall(s) {
		if err == nil {
			t.Errorf("%s answers during a restore", call)
		}
	}
	if _, err := s.Restore(at); !errors.Is(err, ErrRestoring) {
		t.Errorf("a second restore: %v", err)
	}
	if err := r.Abort(); err != nil {
		t.Fatal(err)
	}
	if err := m.run(s, m.last()); err != nil {
		t.Errorf("blocks after an aborted restore: %v", err)
	}
}
