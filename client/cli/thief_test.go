package cli

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hongbao/app/query"
	"hongbao/contract"
)

// thief is a proxy in front of an honest node that keeps what it is handed, to
// send it on when it likes, and says something else about it.
type thief struct {
	t     *testing.T
	node  string
	url   string
	trick trick
	after time.Duration // 0: it never sends anything on by itself

	mu   sync.Mutex
	kept map[string][]byte // by hash
}

// trick is what a thief says of what it keeps.
type trick struct {
	desc      string
	broadcast string                            // its answer to a broadcast; empty: its mempool is full
	record    func(wire []byte) *query.TxRecord // of a tx that it keeps; nil: none
	ahead     contract.Seconds                  // of the time that answers about txs name
}

const taken = `{"code":0,"data":"","log":"","codespace":"","hash":"00"}`

var tricks = []trick{
	{desc: "refuse", broadcast: `{"code":13,"data":"","log":"has ¥0.00, needs ¥5.00","codespace":"","hash":"00"}`},
	{desc: "busy"},
	{desc: "refuse the nonce", broadcast: fmt.Sprintf(`{"code":%d,"data":"","log":"nonce","codespace":"","hash":"00"}`,
		contract.CodeWrongNonce)},
	{desc: "invent a record", broadcast: taken, record: func(wire []byte) *query.TxRecord {
		return &query.TxRecord{Height: 2, Time: contract.TimeOf(time.Now()), Wire: wire}
	}},
	{desc: "invent a failure", broadcast: taken, record: func(wire []byte) *query.TxRecord {
		return &query.TxRecord{Height: 2, Time: 1, Code: contract.CodeFull, Log: "full", Wire: wire}
	}},
	{desc: "be ahead of time", broadcast: taken, ahead: 3600},
}

func newThief(t *testing.T, node string, how trick) *thief {
	f := &thief{t: t, node: node, trick: how, kept: map[string][]byte{}}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

func (f *thief) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var req rpcRequest
	if err := json.Unmarshal(body, &req); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if strings.HasPrefix(req.Method, "broadcast") {
		f.keep(&req, body)
		if f.trick.broadcast == "" {
			fmt.Fprintf(w,
				`{"jsonrpc":"2.0","id":%s,"error":{"code":-32603,"message":"Internal error",`+
					`"data":"mempool is full: number of txs 5000"}}`, req.ID)
			return
		}
		fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":%s}`, req.ID, f.trick.broadcast)
		return
	}
	answer := f.ask(body)
	if req.Method == "abci_query" && req.Params["path"] == query.Tx {
		answer = f.twist(answer, fmt.Sprint(req.Params["data"]))
	}
	_, _ = w.Write(answer)
}

func (f *thief) ask(body []byte) []byte {
	resp, err := http.Post(f.node, "application/json", bytes.NewReader(body))
	if err != nil {
		f.t.Error(err)
		return nil
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(resp.Body)
	return answer
}

func (f *thief) keep(req *rpcRequest, body []byte) {
	wire, err := base64.StdEncoding.DecodeString(fmt.Sprint(req.Params["tx"]))
	if err != nil {
		f.t.Error(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	hash := contract.TxHash(wire).String()
	if f.kept[hash] == nil && f.after > 0 {
		time.AfterFunc(f.after, func() { f.ask(body) })
	}
	f.kept[hash] = wire
}

// twist is the answer about a tx as the thief has it.
func (f *thief) twist(answer []byte, hash string) []byte {
	f.mu.Lock()
	wire := f.kept[hash]
	f.mu.Unlock()
	if wire == nil {
		return answer
	}
	tree, err := parseJSON(answer)
	if err != nil {
		f.t.Error(err)
	}
	response := tree.(map[string]any)["result"].(map[string]any)["response"].(map[string]any)
	if f.trick.record != nil {
		response["value"] = base64.StdEncoding.EncodeToString(contract.Encode(f.trick.record(wire)))
	}
	if f.trick.ahead > 0 {
		var now contract.Time
		if err := now.UnmarshalText([]byte(response["info"].(string))); err != nil {
			f.t.Error(err)
		}
		response["info"] = now.Plus(f.trick.ahead).String()
	}
	out, _ := json.Marshal(tree)
	return out
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
// did nothing, or with --trust that it is done, while it may still happen; and
// none forgets it: it happens once, when an honest node is asked.
func TestANodeThatKeepsWhatIsSigned(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	pairs := [][2]string{{"alice", "bob"}, {"carol", "dave"}, {"erin", "frank"}, {"grace", "heidi"}, {"ivan", "judy"}}
	cases := []struct {
		trick trick
		trust bool
	}{}
	for _, how := range tricks {
		cases = append(cases, struct {
			trick trick
			trust bool
		}{how, true})
	}
	for _, how := range tricks[:2] {
		cases = append(cases, struct {
			trick trick
			trust bool
		}{how, false})
	}
	var wg sync.WaitGroup
	for i, pair := range pairs {
		wg.Go(func() {
			for j := i; j < len(cases); j += len(pairs) {
				c := cases[j]
				t.Run(fmt.Sprintf("%s, trust %v", c.trick.desc, c.trust), func(t *testing.T) {
					u := &user{t, t.TempDir()}
					if err := n.newHome(u.home); err != nil {
						t.Fatal(err)
					}
					keepsNothing(u, n, newThief(t, n.url, c.trick), c.trust, pair)
				})
			}
		})
	}
	wg.Wait()
}

func keepsNothing(u *user, n *network, f *thief, trust bool, pair [2]string) {
	t := u.t
	flags := []string{"--node", f.url, "--wait", "400ms"}
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

// What a node refuses and sends on all the same is seen to happen, once.
func TestAStolenPaymentIsSeen(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	for _, flags := range [][]string{nil, {"--trust", n.trust}} {
		f := newThief(t, n.url, tricks[0])
		f.after = 300 * time.Millisecond
		before := u.must("balance", "ivan")["balance_fen"]
		got := u.must(append([]string{"pay", "5", "--to", "judy", "--from", "ivan", "--node", f.url}, flags...)...)
		record := u.must("tx", "decode", got["tx"].(string))
		if got["height"] == nil || got["height"] != record["height"] || got["time"] != record["time"] {
			t.Errorf("%v\n%v", got, record)
		}
		if after := u.must("balance", "ivan")["balance_fen"]; fenNumber(t, before)-fenNumber(t, after) != 500 {
			t.Errorf("%v, and before %v", after, before)
		}
	}
}

func fenNumber(t *testing.T, v any) (n int64) {
	t.Helper()
	if _, err := fmt.Sscan(v.(string), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// What is settled without having happened is refused, as the ledger has it: the
// nonce went to another tx, or the packet was closed meanwhile.
func TestWhatIsSettledOtherwiseIsRefused(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	u, other := &user{t, t.TempDir()}, &user{t, t.TempDir()}
	for _, u := range []*user{u, other} {
		if err := n.newHome(u.home); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	file, signed := filepath.Join(dir, "tx"), filepath.Join(dir, "signed")
	for _, flags := range [][]string{nil, {"--trust", n.trust}} {
		u.must("pay", "5", "--to", "bob", "--unsigned", file)
		u.must("tx", "sign", file, "-o", signed, "--yes")
		// A thief keeps it; then another home spends the nonce.
		r := u.run("tx", "broadcast", signed, "--node", newThief(t, n.url, tricks[0]).url, "--wait", "100ms")
		if r.exit != ExitUnknown {
			t.Fatal(r.stdout)
		}
		other.must("pay", "1", "--to", "carol")
		for _, command := range [][]string{{"tx", "wait", r.Error.Tx}, {"tx", "broadcast", signed}} {
			got := u.run(append(command, flags...)...)
			if got.exit != ExitRefused || got.Error.Code != "wrong_nonce" {
				t.Errorf("%q %q: %s", command, flags, got.stdout)
			}
		}
		u.must(append([]string{"pay", "1", "--to", "bob"}, flags...)...) // the journal is free again
	}
}
