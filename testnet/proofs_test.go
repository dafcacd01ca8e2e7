package testnet_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	cfg "github.com/cometbft/cometbft/config"

	"hongbao/client/cli"
	"hongbao/client/rpc"
	"hongbao/contract"
	"hongbao/node"
	"hongbao/testnet"
)

// prover is a client that makes proofs on one node or another, and verifies them.
type prover struct {
	t     *testing.T
	home  string
	trust string
}

// run runs a command line and returns its result; nil when it has none.
func (p *prover) run(args ...string) (result map[string]any, exit int) {
	p.t.Helper()
	var stdout, stderr bytes.Buffer
	root := cli.NewRoot(strings.NewReader(""), &stdout, &stderr)
	exit = cli.Run(context.Background(), root, append([]string{"--home", p.home, "--output", "json", "--yes"}, args...))
	var out struct {
		Status string
		Result map[string]any
	}
	if err := json.Unmarshal(stdout.Bytes(), &out); err != nil || out.Status != "ok" {
		p.t.Errorf("%q: exit %d: %s%s", args, exit, &stdout, &stderr)
	}
	return out.Result, exit
}

// proof is a file, and what it established when it was made.
type proof struct {
	file    string
	verdict int // exit code
	facts   map[string]any
	state   any // height and time
}

// verify says what a file establishes; no node is asked.
func (p *prover) verify(file string) proof {
	p.t.Helper()
	result, exit := p.run("verify", file, "--trust", p.trust)
	facts, ok := result["facts"].(map[string]any)
	if !ok {
		p.t.Errorf("%s: %v", file, result)
	}
	out := proof{file: file, verdict: exit, state: [2]any{facts["height"], facts["time"]}}
	delete(facts, "height")
	delete(facts, "time")
	out.facts = facts
	return out
}

// proveAll proves everything that a list says on one node, at once: each proof
// waits for a block.
func (p *prover) proveAll(m *testnet.Node, list []string) []proof {
	p.t.Helper()
	dir, proofs := p.t.TempDir(), make([]proof, len(list))
	var wg sync.WaitGroup
	for i, line := range list {
		file := filepath.Join(dir, strconv.Itoa(i)+".proof")
		wg.Go(func() {
			p.run(append(append([]string{"prove"}, strings.Fields(line)...), "-o", file, "--node", m.RPCURL(),
				"--trust", p.trust)...)
			proofs[i] = p.verify(file)
		})
	}
	wg.Wait()
	if p.t.Failed() {
		p.t.FailNow()
	}
	return proofs
}

// leafAt is a leaf of an older state with its proof, as a node has it; nil once
// it has pruned that state.
func leafAt(t *testing.T, m *testnet.Node, key []byte, height int64) *rpc.Proof {
	t.Helper()
	client, err := rpc.Dial(m.RPCURL())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	leaf, err := client.Prove(t.Context(), key, height)
	if rpc.IsKind(err, rpc.BadAnswer) && strings.Contains(err.Error(), "pruned") {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return &leaf
}

// keptVersions is how little node 1 keeps of the past, so that it has soon pruned
// what it proved.
const keptVersions = 10

// Proofs say the same wherever and whenever they are made: on another node, after
// a restart, after the state that they were of was pruned. And what a file says
// does not change.
func TestProofsAreAlikeEverywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("runs four processes")
	}
	t.Parallel()
	n := testnet.Fresh(t, testnet.Spec{Configure: func(number int, _ *cfg.Config, s *node.Settings) {
		if number == 1 {
			s.KeepVersions = keptVersions
		}
	}})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	defer n.Close()
	if err := n.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if err := n.WaitInStep(ctx); err != nil {
		t.Fatal(err)
	}
	one, two := n.Nodes[0], n.Nodes[1]
	p := &prover{t, filepath.Join(t.TempDir(), "home"), n.TrustFile()}
	do := func(line string) map[string]any {
		t.Helper()
		result, _ := p.run(append(strings.Fields(line), "--node", two.RPCURL())...)
		return result
	}
	send := func(line string) string {
		t.Helper()
		packet, ok := do("send " + line)["packet"].(string)
		if !ok {
			t.FailNow()
		}
		return packet
	}

	equal := send("8 --shares 4 --recall 1h --public")
	do("claim " + equal + " --from bob")
	do("recall " + equal + " --reason wrong-amount")
	lucky := send("9 --shares 2 --lucky --public")
	do("claim " + lucky + " --from bob")
	do("claim " + lucky + " --from carol")
	held := send("5 --to bob --scene delayed")
	do("claim " + held + " --from bob")
	back := send("5 --to carol --scene delayed")
	do("claim " + back + " --from carol")
	do("recall " + back + "/1")
	absent := contract.PacketID{1}.String()
	list := []string{equal, lucky, held, equal + "/1", held + "/1", back + "/1 --recall", equal + " --recall",
		lucky + " --absent", absent + " --absent",
		"account alice", "account bob --since 1 --until 3", "supply"}

	testnet.SameHash(t, n) // all nodes have got that far
	first := p.proveAll(one, list)
	alike := func(desc string, later []proof) {
		t.Helper()
		for i := range list {
			if a, b := first[i], later[i]; a.verdict != b.verdict || !reflect.DeepEqual(a.facts, b.facts) {
				t.Errorf("%s: prove %s: exit %d, %v\nbefore: exit %d, %v", desc, list[i], b.verdict, b.facts,
					a.verdict, a.facts)
			}
		}
	}
	again := func(desc string) {
		t.Helper()
		var out []proof
		for _, x := range first {
			now := p.verify(x.file)
			if now.state != x.state {
				t.Errorf("%s: %s is of %v now, was of %v", desc, x.file, now.state, x.state)
			}
			out = append(out, now)
		}
		alike(desc, out)
	}
	alike("on node 2", p.proveAll(two, list))

	height := n.Newest(ctx) - 1
	key := contract.SupplyKey
	before, elsewhere := leafAt(t, one, key, height), leafAt(t, two, key, height)
	if before == nil || !reflect.DeepEqual(before, elsewhere) {
		t.Errorf("a leaf at one height, on two nodes: %+v and %+v", before, elsewhere)
	}
	if err := n.StopNode(1); err != nil {
		t.Fatal(err)
	}
	if err := n.StartNode(ctx, 1); err != nil {
		t.Fatal(err)
	}
	again("after a restart")
	alike("proven after a restart", p.proveAll(one, list))

	testnet.Eventually(t, "node 1 has pruned", func() bool {
		do("pay 1 --to erin --from frank") // makes a block, and touches nothing that is proven
		return leafAt(t, one, key, height) == nil
	})
	if after := leafAt(t, two, key, height); !reflect.DeepEqual(after, before) {
		t.Errorf("node 2 keeps it: %+v, was %+v", after, before)
	}
	again("after pruning")
	alike("proven after pruning", p.proveAll(one, list))

	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	testnet.Gone(t, n)
	// An auditor has the files, the trust file, and nothing else.
	trust := filepath.Join(t.TempDir(), "trust.json")
	b, err := os.ReadFile(p.trust)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(trust, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(n.Dir); err != nil {
		t.Fatal(err)
	}
	p.home, p.trust = filepath.Join(t.TempDir(), "nowhere"), trust
	again("without any node")
}
