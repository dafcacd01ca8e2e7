package audit

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"hongbao/contract"

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

// BenchmarkVerify gives the cost of the demo's proof (send, 5 claims, recall),
// and that cost over the least it could be: a BIP-340 check for each of the 7
// signatures and one header's commit.
func BenchmarkVerify(b *testing.B) {
	file, trust := encode(b, tellRecalled(b)), newValidators(10, 10, 10, 10).trust()
	f, err := Decode(file)
	must(b, err)
	tx, err := contract.DecodeTx(f.Txs[0])
	must(b, err)
	header, err := decodeHeader(f.SignedHeader)
	must(b, err)
	set := trust.ValidatorSet()

	each := func(do func()) float64 { // nanoseconds
		const rounds = 200
		start := time.Now()
		for range rounds {
			do()
		}
		return float64(time.Since(start).Nanoseconds()) / rounds
	}
	schnorr := each(func() { contract.Schnorr{}.Verify(tx.Account, tx.Digest(), tx.Signature) })
	commit := each(func() { must(b, checkCommit(header, set)) })

	b.SetBytes(int64(len(file)))
	b.ResetTimer()
	for range b.N {
		if r := Verify(file, trust, Options{}); r.Verdict != Valid {
			b.Fatal(r.Statement)
		}
	}
	perOp := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
	b.ReportMetric(schnorr, "ns/BIP-340")
	b.ReportMetric(commit, "ns/commit")
	b.ReportMetric(perOp/(schnorr+commit), "x(BIP-340+commit)")
	b.ReportMetric(perOp/(7*schnorr+commit), "x(7BIP-340+commit)")
}
