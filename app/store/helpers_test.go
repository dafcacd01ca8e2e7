package store

import (
	"bytes"
	"errors"
	"testing"

	dbm "github.com/cometbft/cometbft-db"
	ics23 "github.com/cosmos/ics23/go"

	"hongbao/internal/leveldb"
)

var dbKinds = []string{"memdb", "goleveldb"}

// levelDB remembers where it is, so that a test can open it again.
type levelDB struct {
	dbm.DB
	dir string
}

func newDB(t testing.TB, kind string) dbm.DB {
	t.Helper()
	if kind == "memdb" {
		return dbm.NewMemDB()
	}
	return openLevelDB(t, t.TempDir())
}

func openLevelDB(t testing.TB, dir string) dbm.DB {
	t.Helper()
	db, err := leveldb.Open("store", dir, leveldb.AtRandom)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() }) // a second Close only returns an error
	return levelDB{db, dir}
}

// reopenDB closes db and opens the same data again.
func reopenDB(t testing.TB, db dbm.DB) dbm.DB {
	t.Helper()
	l, ok := db.(levelDB)
	if !ok {
		return db
	}
	l.Close()
	return openLevelDB(t, l.dir)
}

func mustOpen(t testing.TB, db dbm.DB, opts Options) *Store {
	t.Helper()
	s, err := Open(db, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustStage(t testing.TB, s *Store, leaves ...Leaf) []byte {
	t.Helper()
	root, err := s.Stage(leaves)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func mustCommit(t testing.TB, s *Store, height, time int64, records ...Record) {
	t.Helper()
	if err := s.Commit(height, time, records); err != nil {
		t.Fatal(err)
	}
}

// checkProof verifies what Prove returned against a root known beforehand. A nil
// want is an absence.
func checkProof(t testing.TB, root, key, want, got []byte, proof *ics23.CommitmentProof) {
	t.Helper()
	if !bytes.Equal(got, want) || (got == nil) != (want == nil) {
		t.Errorf("%q: proven value %q, want %q", key, got, want)
		return
	}
	var ok bool
	if want == nil {
		ok = ics23.VerifyNonMembership(ics23.IavlSpec, root, proof, key)
	} else {
		ok = ics23.VerifyMembership(ics23.IavlSpec, root, proof, key, want)
	}
	if !ok {
		t.Errorf("%q: proof of %q does not verify against %x", key, want, root)
	}
}

// everyCall makes every call that can fail and returns the errors.
func everyCall(s *Store) map[string]error {
	errs := make(map[string]error)
	_, errs["Get"] = s.Get([]byte("a"))
	_, errs["Record"] = s.Record([]byte("a"))
	errs["Records"] = s.Records(nil, nil, func(_, _ []byte) bool { return true })
	_, _, errs["Prove"] = s.Prove([]byte("a"), 1)
	_, errs["Pin"] = s.Pin(1)
	_, errs["Stage"] = s.Stage(nil)
	errs["Commit"] = s.Commit(s.Height()+1, 1, nil)
	return errs
}

func nilIfEmpty(s string) []byte {
	if s == "" {
		return nil
	}
	return []byte(s)
}

var errFault = errors.New("simulated fault")
