package chaos_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"hongbao/app"
	"hongbao/client/cli"
	"hongbao/client/rpc"
	"hongbao/contract"
	"hongbao/node"
	"hongbao/testnet"

	cmttypes "github.com/cometbft/cometbft/types"
)

// knowsRules makes a node of this test binary know the rules after those of the
// program, which differ from them in their number alone.
const knowsRules = "TEST_KNOWS_RULES"

// newerProgram is what TestMain does for it.
func newerProgram() {
	if n, err := strconv.ParseUint(os.Getenv(knowsRules), 10, 64); err == nil {
		node.KnowRules(n)
	}
}

// council runs the command line as the members of a network would.
type council struct {
	t    *testing.T
	dir  string
	url  string // of the node that is asked
	home string // of keys and settings
}

func (c *council) run(args ...string) []byte {
	c.t.Helper()
	var out, said bytes.Buffer
	args = append(args, "--home", c.home, "--yes", "--output", "json")
	if code := cli.Run(c.t.Context(), cli.NewRoot(strings.NewReader(""), &out, &said), args); code != 0 {
		c.t.Fatalf("hongbao %s: exit %d\n%s%s", strings.Join(args, " "), code, out.Bytes(), said.Bytes())
	}
	return out.Bytes()
}

// decide has a plan written, signed by the validators of homes, and handed in.
func (c *council) decide(homes []string, wishes ...string) {
	c.t.Helper()
	plan := filepath.Join(c.dir, "a.plan")
	c.run(append([]string{"validator", "propose", "-o", plan, "--node", c.url}, wishes...)...)
	submit := []string{"validator", "submit", "--node", c.url, "--from", "alice"}
	for i, home := range homes {
		signed := filepath.Join(c.dir, fmt.Sprintf("signed-%d.plan", i))
		c.run("validator", "sign", plan, "--node-home", home, "-o", signed)
		if i > 0 {
			submit = append(submit, "--with")
		}
		submit = append(submit, signed)
	}
	c.run(submit...)
}

// validators are the addresses of those who sign from now on.
func (c *council) validators() (list []string) {
	c.t.Helper()
	var answer struct {
		Result struct {
			Validators []struct {
				Address string `json:"address"`
			} `json:"validators"`
		} `json:"result"`
	}
	must(c.t, json.Unmarshal(c.run("validator", "list", "--node", c.url), &answer))
	for _, v := range answer.Result.Validators {
		list = append(list, v.Address)
	}
	return list
}

// TestValidatorsChangeAndRulesGoOn: on five hosts one validator is replaced by one
// that joined by block sync, another node begins with a snapshot of the chain as it is
// then, and the rules are upgraded at a height. A host whose program does not know
// them stops before it; the others go on, with the same state, and a proof from the
// first trust file holds.
func TestValidatorsChangeAndRulesGoOn(t *testing.T) {
	if !*campaign {
		t.Skip("runs six processes for two minutes; with -campaign")
	}
	dir, base := t.TempDir(), freeBase(t)
	var lines strings.Builder
	for i, name := range []string{"alice", "bob", "carol", "dave"} {
		fmt.Fprintf(&lines, "%s 127.0.0.%d:%d\n", name, i+2, base+2*i)
	}
	hosts, err := testnet.ReadHosts(strings.NewReader(lines.String()))
	must(t, err)
	state := contract.Genesis{Params: contract.DefaultParams(), Dev: true}
	for _, a := range testnet.DevAccounts() {
		state.Accounts = append(state.Accounts, contract.GenesisAccount{Address: a.Address, Balance: a.Balance})
	}
	n, err := testnet.GenerateHosts(filepath.Join(dir, "network"),
		testnet.HostsSpec{Name: "members-1", Hosts: hosts, State: state})
	must(t, err)
	newer := strconv.FormatUint(app.Version+1, 10)
	var machines []*machine
	var homes, peers []string
	for i, h := range n.Nodes {
		c, settings, err := node.LoadConfig(h.Home)
		must(t, err)
		settings.SnapshotEvery = 10
		must(t, node.WriteConfig(c, settings))
		m := &machine{home: h.Home, url: fmt.Sprintf("http://%s:%d", h.Address, h.RPC)}
		if i < 3 {
			m.env = knowsRules + "=" + newer
		}
		m.start(t)
		machines, homes, peers = append(machines, m), append(homes, h.Home), append(peers, h.Peer())
	}
	for _, m := range machines {
		m.until(t, "a first block", func(s node.Status) bool { return s.Height > 0 })
	}
	join := func(name, ip string, port int, snapshot bool) *machine {
		t.Helper()
		m := &machine{home: filepath.Join(dir, name), url: fmt.Sprintf("http://%s:%d", ip, port+1),
			env: knowsRules + "=" + newer}
		_, err := node.Join(t.Context(), m.home, node.JoinOptions{Name: name, ChainID: n.Chain, GenesisHash: n.Hash,
			Peers: peers[:3], Listen: fmt.Sprintf("%s:%d", ip, port), RPC: fmt.Sprintf("%s:%d", ip, port+1),
			Snapshot: snapshot})
		must(t, err)
		m.start(t)
		m.until(t, name+" in step", func(s node.Status) bool { return s.InStep })
		return m
	}
	c := &council{t: t, dir: dir, url: machines[0].url, home: filepath.Join(dir, "client")}
	signs := func(address string) bool {
		client, err := rpc.Dial(c.url)
		must(t, err)
		defer client.Close()
		st, err := client.Status(t.Context())
		must(t, err)
		header, err := client.SignedHeader(t.Context(), st.Height)
		must(t, err)
		for _, s := range header.Commit.Signatures {
			if s.BlockIDFlag == cmttypes.BlockIDFlagCommit && s.ValidatorAddress.String() == address {
				return true
			}
		}
		return false
	}
	await := func(what string, is func() bool) {
		t.Helper()
		for begin := time.Now(); !is(); time.Sleep(200 * time.Millisecond) {
			if time.Since(begin) > catchUp {
				t.Fatalf("not within %s: %s", catchUp, what)
			}
		}
	}

	erin := join("erin", "127.0.0.6", base+8, false)
	file := filepath.Join(dir, "erin.join")
	c.run("validator", "join", "--node-home", erin.home, "--name", "erin", "-o", file)
	dave, err := node.LoadValidator(homes[3], "dave")
	must(t, err)
	own, err := node.LoadValidator(erin.home, "erin")
	must(t, err)
	c.decide(homes[:3], "--join", file, "--leave", dave.PubKey.Address().String())
	await("erin signs, and dave does not", func() bool {
		return signs(own.PubKey.Address().String()) && !signs(dave.PubKey.Address().String())
	})
	if list := c.validators(); len(list) != 4 {
		t.Errorf("validators %v", list)
	}

	tip := machines[0].until(t, "a height", func(s node.Status) bool { return s.Height > 0 }).Height
	machines[0].until(t, "a snapshot of after the change", func(s node.Status) bool { return s.Height > tip+25 })
	frank := join("frank", "127.0.0.7", base+8, true)

	tip = machines[0].until(t, "a height", func(s node.Status) bool { return s.Height > 0 }).Height
	at := tip + 25
	c.decide([]string{homes[0], homes[1], erin.home}, "--rules", newer, "--at", strconv.FormatInt(at, 10))
	stopped := make(chan error, 1)
	go func() { stopped <- machines[3].process.Wait() }()
	select {
	case err := <-stopped:
		exit, ok := err.(*exec.ExitError)
		if !ok || exit.ExitCode() != cli.ExitInternal {
			t.Errorf("the old program ends with %v", err)
		}
	case <-time.After(catchUp):
		t.Fatal("the old program does not stop")
	}
	said, err := os.ReadFile(filepath.Join(filepath.Dir(homes[3]), filepath.Base(homes[3])+".log"))
	must(t, err)
	if want := fmt.Sprintf("block %d obeys rules %s", at, newer); !bytes.Contains(said, []byte(want)) {
		t.Errorf("the old program does not say %q:\n%s", want, said[max(0, len(said)-3000):])
	}
	machines[3].process = nil
	hashes := map[string]bool{}
	for _, m := range []*machine{machines[0], machines[1], machines[2], erin, frank} {
		m.until(t, "blocks of the new rules", func(s node.Status) bool { return s.Height > at+3 })
		client, err := rpc.Dial(m.url)
		must(t, err)
		defer client.Close()
		header, err := client.SignedHeader(t.Context(), at+2)
		must(t, err)
		before, err := client.SignedHeader(t.Context(), at-1)
		must(t, err)
		if header.Version.App != app.Version+1 || before.Version.App != app.Version {
			t.Errorf("%s: headers %d and %d have rules %d and %d", m.home, at-1, at+2,
				before.Version.App, header.Version.App)
		}
		hashes[header.AppHash.String()] = true
	}
	if len(hashes) != 1 {
		t.Errorf("AppHashes differ: %v", hashes)
	}
	proof := filepath.Join(dir, "supply.proof")
	c.run("prove", "supply", "-o", proof, "--node", frank.url)
	c.run("verify", proof, "--trust", filepath.Join(dir, "network", "trust.json"))
}
