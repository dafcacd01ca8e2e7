package contract

import (
	"bytes"
	"strings"
	"testing"
)

// A chain's id is its genesis's: who changes a byte of it, or begins anew under
// the same name, has another chain.
func TestAChainIDBindsItsGenesis(t *testing.T) {
	file := []byte("{\n  \"genesis_time\": \"2026-02-17T20:59:00Z\",\n  \"chain_id\": \"hongbao-1\"\n}\n")
	named, chain, err := NameGenesis(file, "hongbao-1")
	if err != nil || !strings.HasPrefix(chain, "hongbao-1-") || len(chain) != len("hongbao-1-")+20 {
		t.Fatalf("%s, %v", chain, err)
	}
	hash, err := GenesisHash(named, chain)
	if err != nil || !hash.Begins(chain) || hash.Begins("hongbao-1") || hash.Begins(chain[len("hongbao-1"):]) {
		t.Fatalf("%s of %s: %v", hash, chain, err)
	}
	for i := range named {
		changed := bytes.Clone(named)
		changed[i] ^= 1
		if _, err := GenesisHash(changed, chain); CodeOf(err) != CodeBadGenesis {
			t.Errorf("byte %d changed: %v", i, err)
		}
	}
	later := bytes.Replace(file, []byte("20:59"), []byte("21:00"), 1)
	if _, again, err := NameGenesis(later, "hongbao-1"); err != nil || again == chain {
		t.Errorf("begun anew: %s, %v", again, err)
	}
	for desc, file := range map[string]string{
		"no name in it":    `{"chain_id": "other"}`,
		"the name twice":   `{"chain_id": "hongbao-1", "again": "hongbao-1"}`,
		"a name that ends": `{"chain_id": "hongbao-1`,
	} {
		if _, _, err := NameGenesis([]byte(file), "hongbao-1"); CodeOf(err) != CodeBadGenesis {
			t.Errorf("%s: %v", desc, err)
		}
	}
	for _, id := range []string{"", "x", "hongbao-1", chain + "0", "hongbao-2" + chain[len("hongbao-1"):]} {
		if _, err := GenesisHash(named, id); CodeOf(err) != CodeBadGenesis {
			t.Errorf("as %q: %v", id, err)
		}
	}
}
