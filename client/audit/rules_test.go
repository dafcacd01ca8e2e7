package audit

import (
	"os/exec"
	"strings"
	"testing"

	ics23 "github.com/cosmos/ics23/go"
)

// A verifier that links a database or a client would no longer be one that
// anybody can read, or that surely asks nobody.
func TestDependencies(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for dep := range strings.Lines(string(out)) {
		dep = strings.TrimSpace(dep)
		if strings.HasPrefix(dep, "hongbao/") && dep != "hongbao/client/audit" && dep != "hongbao/client/words" && dep != "hongbao/contract" {
			t.Errorf("depends on %s", dep)
		}
		for _, heavy := range []string{
			"github.com/cosmos/iavl", "cometbft-db", "cosmos-db", "goleveldb", "pebble", "badger", "bbolt",
			"cometbft/light", "cometbft/rpc", "cometbft/node", "cometbft/store", "cometbft/state", "spf13",
		} {
			if strings.Contains(dep, heavy) {
				t.Errorf("depends on %s", dep)
			}
		}
	}
}

// The rules of the tree are a variable of a library; these are the ones meant.
func TestPinnedSpec(t *testing.T) {
	want := &ics23.ProofSpec{
		LeafSpec: &ics23.LeafOp{
			Hash: ics23.HashOp_SHA256, PrehashKey: ics23.HashOp_NO_HASH, PrehashValue: ics23.HashOp_SHA256,
			Length: ics23.LengthOp_VAR_PROTO, Prefix: []byte{0},
		},
		InnerSpec: &ics23.InnerSpec{
			ChildOrder: []int32{0, 1}, ChildSize: 33, MinPrefixLength: 4, MaxPrefixLength: 12, Hash: ics23.HashOp_SHA256,
		},
	}
	if !ics23.IavlSpec.SpecEquals(want) || ics23.IavlSpec.String() != want.String() {
		t.Errorf("ics23.IavlSpec is %v, expected %v", ics23.IavlSpec, want)
	}
}
