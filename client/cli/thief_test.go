package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// thief is a proxy in front of an honest node that keeps what it is handed, and
// says that it refuses it. What else a node can say is in the tests of package
// submit.
type thief struct{ node string }

func newThief(t *testing.T, node string) string {
	server := httptest.NewServer(thief{node})
	t.Cleanup(server.Close)
	return server.URL
}

func (f thief) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var req rpcRequest
	if err := json.Unmarshal(body, &req); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if strings.HasPrefix(req.Method, "broadcast") {
		fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":{"code":13,"data":"","log":"has ¥0.00, needs ¥5.00",`+
			`"codespace":"","hash":"00"}}`, req.ID)
		return
	}
	resp, err := http.Post(f.node, "application/json", bytes.NewReader(body))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	_, _ = io.Copy(w, resp.Body)
}

// signings are command lines of every command that hands a signed tx out, each
// about a packet of its own. FROM and TO are two accounts.
func signings(u *user, from, to string) map[string][]string {
	send := func(args ...string) string {
		return u.must(append([]string{"send", "5", "--from", from}, args...)...)["packet"].(string)
	}
	claimed := func(args ...string) string {
		id := send(append(args, "--to", to)...)
		u.must("claim", id, "--from", to, "--yes")
		return id
	}
	asked := func() string {
		id := claimed()
		u.must("ask", id+"/1", "--from", from)
		return id
	}
	return map[string][]string{
		"pay":           {"pay", "5", "--to", to, "--from", from},
		"send":          {"send", "5", "--public", "--from", from},
		"claim":         {"claim", send("--to", to), "--from", to, "--yes"},
		"recall":        {"recall", send("--public", "--recall", "1h"), "--from", from},
		"recall share":  {"recall", claimed("--hold", "1h", "--recall", "share when sender") + "/1", "--from", from},
		"return":        {"return", claimed(), "--from", to},
		"ask":           {"ask", claimed() + "/1", "--from", from},
		"answer accept": {"answer", asked(), "accept", "--from", to},
		"answer refuse": {"answer", asked(), "refuse", "--from", to},
		"tighten":       {"tighten", send("--public", "--recall", "1h"), "--renounce", "--from", from},
	}
}

// Whatever a node says once it has a signed transaction, no command says that it
// did nothing, or that it is done, while it may still happen; and none forgets it:
// it happens once, when an honest node is asked.
func TestANodeThatKeepsWhatIsSigned(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	for trust, pair := range map[bool][2]string{true: {"alice", "bob"}, false: {"carol", "dave"}} {
		t.Run(fmt.Sprintf("trust %v", trust), func(t *testing.T) {
			t.Parallel()
			u := &user{t, t.TempDir()}
			if err := n.newHome(u.home); err != nil {
				t.Fatal(err)
			}
			keepsNothing(u, n, newThief(t, n.url), trust, pair)
		})
	}
}

func keepsNothing(u *user, n *network, thief string, trust bool, pair [2]string) {
	t := u.t
	flags := []string{"--node", thief, "--wait", "400ms"}
	if trust {
		flags = append(flags, "--trust", n.trust)
	}
	robbed := func(desc string, args ...string) string {
		t.Helper()
		r := u.run(append(args, flags...)...)
		if r.exit != ExitUnknown || r.Error.Code != "outcome_unknown" || r.Error.Tx == "" {
			t.Errorf("%s: exit %d\n%s%s", desc, r.exit, r.stdout, r.stderr)
		}
		if said := r.stdout + r.stderr; strings.Contains(said, "final") || strings.Contains(said, "nothing") {
			t.Errorf("%s: says %s", desc, said)
		}
		return r.Error.Tx
	}
	settled := func(desc, tx string, nonce float64, account string) {
		t.Helper()
		if tx == "" {
			return
		}
		if got := u.must("tx", "wait", tx, "--trust", n.trust); got["height"] == nil {
			t.Errorf("%s: %v", desc, got)
		}
		if got := u.must("balance", account)["nonce"].(float64); got != nonce+1 {
			t.Errorf("%s: nonce %v after %v", desc, got, nonce)
		}
	}
	nonceOf := func(args []string) (string, float64) {
		account := args[indexAfter(args, "--from")]
		return account, u.must("balance", account)["nonce"].(float64)
	}
	for desc, args := range signings(u, pair[0], pair[1]) {
		account, nonce := nonceOf(args)
		settled(desc, robbed(desc, args...), nonce, account)
	}
	args := []string{"pay", "5", "--to", pair[1], "--from", pair[0]}
	account, nonce := nonceOf(args)
	tx := robbed("pay", args...)
	if again := robbed("tx wait", "tx", "wait", tx); again != tx {
		t.Errorf("tx wait speaks of %s", again)
	}
	settled("tx wait", tx, nonce, account)

	dir := t.TempDir()
	u.must(append(args, "--unsigned", filepath.Join(dir, "tx"))...)
	u.must("tx", "sign", filepath.Join(dir, "tx"), "-o", filepath.Join(dir, "signed"), "--yes")
	broadcast := []string{"tx", "broadcast", filepath.Join(dir, "signed")}
	tx = robbed("tx broadcast", broadcast...)
	if again := robbed("tx broadcast again", broadcast...); again != tx {
		t.Errorf("tx broadcast speaks of %s", again)
	}
	settled("tx broadcast", tx, nonce+1, account)
}

func indexAfter(args []string, flag string) int {
	for i, a := range args {
		if a == flag {
			return i + 1
		}
	}
	return -1
}
