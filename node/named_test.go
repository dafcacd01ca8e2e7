package node

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	dbm "github.com/cometbft/cometbft-db"
)

// The reader of a damaged table is told of which database it is.
func TestDamageIsNamed(t *testing.T) {
	dir := t.TempDir()
	open := func() dbm.DB {
		db, err := dbm.NewGoLevelDB("state", dir)
		if err != nil {
			t.Fatal(err)
		}
		return named{db, "state"}
	}
	db := open()
	if err := db.Set([]byte("key"), make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	db.Close()
	open().Close() // makes a table of the journal
	tables, err := filepath.Glob(filepath.Join(dir, "state.db", "*.ldb"))
	if err != nil || len(tables) != 1 {
		t.Fatalf("tables %v: %v", tables, err)
	}
	b, err := os.ReadFile(tables[0])
	if err != nil {
		t.Fatal(err)
	}
	b[0] ^= 1
	if err := os.WriteFile(tables[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
	db = open()
	defer db.Close()
	_, get := db.Get([]byte("key"))
	_, has := db.Has([]byte("key"))
	it, err := db.Iterator(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer it.Close()
	for what, err := range map[string]error{"Get": get, "Has": has, "Iterator": it.Error()} {
		if err == nil || !strings.HasPrefix(err.Error(), "state.db: ") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
