package node

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hongbao/contract"
	"hongbao/internal/testchain"

	cfg "github.com/cometbft/cometbft/config"
	rpccore "github.com/cometbft/cometbft/rpc/core"
)

// A node that runs answers what it should and nothing else, in whatever form it
// is asked; and what strangers asked changes nothing for who sends.
func TestRoutes(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a node")
	}
	rich, start := testchain.Key("rich"), time.Now()
	home := filepath.Join(t.TempDir(), "node")
	state := contract.Genesis{Params: contract.DefaultParams(),
		Accounts: []contract.GenesisAccount{{Address: testchain.Address("rich"), Balance: 1_000}}}
	_, err := Init(home, InitOptions{Name: "solo", ChainID: "routes-1", State: state})
	must(t, err)
	usePorts(t, home)
	operator := fmt.Sprintf("127.0.0.1:%d", freePorts(t, 1))
	var public string
	must(t, EditConfig(home, func(c *cfg.Config) {
		public = strings.TrimPrefix(c.RPC.ListenAddress, "tcp://")
		c.RPC.ListenAddress += ", tcp://" + operator
		c.RPC.MaxOpenConnections = 3
	}))
	if at, err := RPCURL(home); err != nil || at != "http://"+operator {
		t.Errorf("the operator asks at %s, %v", at, err)
	}
	run(t, home)

	doc, _, err := ReadGenesis(home)
	must(t, err)
	pay := &contract.Tx{Chain: doc.ChainID, ValidUntil: contract.TimeOf(start.Add(5 * time.Minute)),
		Message: &contract.Pay{To: testchain.Address("poor"), Amount: 500}}
	must(t, pay.Sign(rich))
	wire := pay.Encode()
	tx := "?tx=0x" + hex.EncodeToString(wire)
	for _, path := range []string{"check_tx" + tx, "broadcast_tx_commit" + tx, "dump_consensus_state", "dial_seeds",
		"dial_peers", "unsafe_flush_mempool",
		"tx_search?query=%22tx.height>0%22", "block_search?query=%22block.height>0%22"} {
		if body, err := ask(t, "http://"+public+"/"+path, nil); err == nil {
			t.Errorf("%s is answered: %.200s", path, body)
		}
	}
	call := fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"check_tx","params":{"tx":%q}}`,
		base64.StdEncoding.EncodeToString(wire))
	for _, body := range []string{call, "[" + call + "," + call + "]"} {
		answer, err := ask(t, "http://"+public, strings.NewReader(body))
		if err == nil && !strings.Contains(answer, "Method not found") {
			t.Errorf("check_tx by POST is answered: %.200s", answer)
		}
	}
	if _, err := ask(t, "http://"+public, strings.NewReader(strings.Repeat(" ", rpcBodyBytes+1))); err == nil {
		t.Error("a body of any size is read")
	}
	for _, path := range []string{"health", "status", "net_info", "genesis", "block", "commit", "unconfirmed_txs",
		"consensus_state"} {
		if _, err := ask(t, "http://"+public+"/"+path, nil); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	body, err := ask(t, "http://"+public+"/broadcast_tx_sync"+tx, nil)
	if must(t, err); !strings.Contains(body, `"code":0`) {
		t.Errorf("the owner's broadcast after all that: %s", body)
	}

	for range 3 {
		c, err := net.Dial("tcp", public)
		must(t, err)
		defer c.Close()
	}
	client := &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	if res, err := client.Get("http://" + public + "/health"); err == nil {
		res.Body.Close()
		t.Error("strangers hold every connection, and yet another one is served: the test shows nothing")
	}
	if _, err := QueryStatus(t.Context(), "http://"+operator); err != nil {
		t.Errorf("strangers hold every connection of the other address: %v", err)
	}
}

// run serves a home until the test ends.
func run(t *testing.T, home string) {
	t.Helper()
	at, err := RPCURL(home)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, home, Options{Log: io.Discard}) }()
	t.Cleanup(func() {
		cancel()
		must(t, <-ended)
	})
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if s, err := QueryStatus(ctx, at); err == nil && s.Height > 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("does not answer")
		}
	}
}

// ask is a GET, or a POST of a body; an error when the node does not answer it.
func ask(t *testing.T, at string, body io.Reader) (string, error) {
	t.Helper()
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	var res *http.Response
	var err error
	if body == nil {
		res, err = client.Get(at)
	} else {
		res, err = client.Post(at, "application/json", body)
	}
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return "", err
	}
	var answer struct{ Error json.RawMessage }
	if json.Unmarshal(b, &answer) == nil && answer.Error != nil {
		return string(b), fmt.Errorf("%s", answer.Error)
	}
	if res.StatusCode != http.StatusOK {
		return string(b), fmt.Errorf("%s", res.Status)
	}
	return string(b), nil
}

// Every route that a node answers is in the table of what each one costs, and
// the table names no other.
func TestEveryRouteIsDocumented(t *testing.T) {
	documented := tableOfRoutes(t)
	var served []string
	for name := range routes(noEnvironment(), false) {
		served = append(served, name)
	}
	slices.Sort(served)
	slices.Sort(documented)
	if !slices.Equal(served, documented) {
		t.Errorf("served %v\nin the table %v", served, documented)
	}
}

func TestRPCSettingsAreRefused(t *testing.T) {
	for _, row := range []struct {
		desc, listen string
		unsafe       bool
		grpc, pprof  string
		says         string
	}{
		{"routes of the operator's at home", "tcp://127.0.0.1:1,unix:///tmp/s", true, "", "", ""},
		{"everybody's routes everywhere", "tcp://0.0.0.0:1", false, "", "", ""},
		{"routes of the operator's everywhere", "tcp://127.0.0.1:1,tcp://0.0.0.0:1", true, "", "", "rpc.unsafe"},
		{"what is not served", "tcp://127.0.0.1:1", false, "tcp://127.0.0.1:2", "", "grpc_laddr"},
		{"profiles at home", "tcp://0.0.0.0:1", false, "", "127.0.0.1:6060", ""},
		{"profiles everywhere", "tcp://127.0.0.1:1", false, "", ":6060", "pprof_laddr"},
	} {
		c := cfg.DefaultRPCConfig()
		c.ListenAddress, c.Unsafe, c.GRPCListenAddress = row.listen, row.unsafe, row.grpc
		c.PprofListenAddress = row.pprof
		if err := checkRPC(c); (err == nil) != (row.says == "") || err != nil &&
			!strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: %v", row.desc, err)
		}
	}
}

func noEnvironment() *rpccore.Environment { return &rpccore.Environment{} }

// tableOfRoutes reads the first column of the table in docs/operations.md.
func tableOfRoutes(t *testing.T) (names []string) {
	t.Helper()
	b, err := os.ReadFile("../docs/operations.md")
	must(t, err)
	_, table, found := strings.Cut(string(b), "| Route |")
	if !found {
		t.Fatal("docs/operations.md has no table of routes")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	for _, line := range strings.Split(table, "\n")[2:] {
		first, _, _ := strings.Cut(strings.TrimPrefix(line, "|"), "|")
		for _, name := range strings.Split(first, ",") {
			names = append(names, strings.Trim(name, " `"))
		}
	}
	return names
}
