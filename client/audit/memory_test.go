package audit

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"hongbao/contract"
)

const (
	longStatement    = 10_000
	statementMemory  = 100 << 20
	verifyAloneInEnv = "TEST_HONGBAO_VERIFY_ALONE"
)

// payments is a chain on which alice paid bob n-1 times after genesis: every
// entry but the first brings a transaction and a signature of hers, so no
// statement of n entries is dearer.
func payments(t testing.TB, n int) *ledger {
	t.Helper()
	l := newLedger(t, "alice", "bob")
	for left := n - 1; left > 0; {
		var txs [][]byte
		for range min(left, 250) { // the bucket holds 256
			txs = append(txs, l.tx("alice", &contract.Pay{To: address("bob"), Amount: 1}, txs...))
		}
		l.block(time.Minute, txs...)
		left -= len(txs)
	}
	return l
}

// A statement of ten thousand entries is verified in less than 100 MB, counting
// everything the process ever held: the runtime, this test binary and the file.
func TestStatementMemory(t *testing.T) {
	if file := os.Getenv(verifyAloneInEnv); file != "" {
		verifyAlone(t, file)
		return
	}
	if testing.Short() {
		t.Skip("signs ten thousand payments")
	}
	if _, err := peakMemory(); err != nil {
		t.Skipf("this system does not tell: %v", err)
	}
	proof := encode(t, payments(t, longStatement).proveAccount("alice", 0, 0))
	path := filepath.Join(t.TempDir(), "statement.proof")
	must(t, os.WriteFile(path, proof, 0o644))

	alone := exec.Command(os.Args[0], "-test.run=^TestStatementMemory$", "-test.v")
	alone.Env = append(os.Environ(), verifyAloneInEnv+"="+path)
	out, err := alone.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, after, _ := strings.Cut(string(out), "peak ")
	peak, err := strconv.Atoi(strings.Fields(after)[0])
	must(t, err)
	t.Logf("%d entries, a file of %.1f MB: at most %.1f MB of memory", longStatement, float64(len(proof))/1e6,
		float64(peak)/1e6)
	if peak >= statementMemory {
		t.Errorf("%d bytes, expected less than %d", peak, statementMemory)
	}
}

func verifyAlone(t *testing.T, path string) {
	proof, err := os.ReadFile(path)
	must(t, err)
	r := Verify(proof, newValidators(10, 10, 10, 10).trust(), Options{})
	if r.Verdict != Valid || r.Facts.Account.Entries != longStatement {
		t.Fatal(Statement(false, r))
	}
	peak, err := peakMemory()
	must(t, err)
	fmt.Println("peak", peak)
}

// peakMemory is the most that this process ever had in memory, in bytes. What
// getrusage says would include the parent's, up to exec.
func peakMemory() (int, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, line, _ := strings.Cut(string(status), "VmHWM:")
	kB, err := strconv.Atoi(strings.Fields(line + " none")[0])
	return kB << 10, err
}
