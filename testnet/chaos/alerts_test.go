package chaos_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	cfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/privval"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	comet "github.com/cometbft/cometbft/rpc/client/http"
	"github.com/cometbft/cometbft/types"

	"hongbao/internal/ports"
	"hongbao/node"
	"hongbao/testnet"
)

var prometheusBinary = flag.String("prometheus", "prometheus", "Prometheus, for the alerts in a real run")

// monitoring is where the rules and the dashboard are.
const monitoring = "../../docs/monitoring"

// aheadBy is by how much a validator "ahead" dates its votes ahead of the right time:
// more than HongbaoClockOff allows, and less than ends a node.
const aheadBy = 20 * time.Second

func init() {
	faults["ahead"] = func(string) node.Options {
		return node.Options{Signer: func(pv types.PrivValidator) types.PrivValidator { return aheadSigner{pv} }}
	}
}

// aheadSigner signs as a validator whose clock is ahead.
type aheadSigner struct{ types.PrivValidator }

func (s aheadSigner) SignVote(chainID string, vote *cmtproto.Vote) error {
	// Not later than the vote: that one is never earlier than the last block, which
	// these votes have dated.
	if ahead := time.Now().UTC().Add(aheadBy); ahead.After(vote.Timestamp) {
		vote.Timestamp = ahead
	}
	return s.PrivValidator.SignVote(chainID, vote)
}

// alertsWait is how long an alert may take to fire: the longest time that a rule waits,
// five minutes, and what leads to it.
const alertsWait = 7 * time.Minute

// TestAlertsFireInARealRun has Prometheus scrape four validators by the rules of
// docs/monitoring. None fires in peace; then one thing after the other goes wrong, each
// rule fires for the nodes that it is about, and the network comes back. Every query
// of the dashboard has an answer from the same nodes.
//
//	docs/monitoring/run-tests real
func TestAlertsFireInARealRun(t *testing.T) {
	if !*campaign {
		t.Skip("takes ten minutes: docs/monitoring/run-tests real")
	}
	program, err := exec.LookPath(*prometheusBinary)
	if err != nil {
		t.Skipf("no Prometheus (%v): docs/monitoring/run-tests real fetches it", err)
	}
	const snapshotEvery = 5
	n, end, err := testnet.Temporary(t.Context(), testnet.Spec{Accounts: testnet.DevAccounts(), Metrics: true,
		Configure: func(number int, _ *cfg.Config, s *node.Settings) {
			if number == 1 {
				s.SnapshotEvery = snapshotEvery
			}
		}}, func(n *testnet.Network) {
		// A file stands where the folder of node 1's snapshots would.
		must(t, os.WriteFile(filepath.Join(n.Nodes[0].Home, "data", "snapshots"), nil, 0o600))
	})
	must(t, err)
	defer func() { must(t, end()) }()
	p := startPrometheus(t, program, n)

	p.until("the nodes are scraped, and nothing is wrong but the disk of this machine, perhaps", time.Minute,
		func() bool {
			return p.value(`sum(hongbao_node_in_step)`) == "4" &&
				!slices.ContainsFunc(p.firing(), func(alert string) bool {
					return !strings.HasPrefix(alert, "HongbaoDiskFilling ")
				})
		})
	p.until("what is counted was scraped twice", time.Minute, func() bool {
		return p.value(`count(rate(process_cpu_seconds_total[1m]))`) == "4"
	})
	p.askDashboard(n)

	// Node 4's key signs two votes for one block. Then the node is gone.
	signTwice(t, n, 4)
	p.fires("HongbaoEvidence", 1, 2, 3)
	must(t, n.KillNode(4))

	// The clocks of nodes 2 and 3 are ahead, so that by the votes it is node 1's that
	// is off.
	restartFaulty(t, n, map[int]string{2: "ahead", 3: "ahead"})
	p.fires("HongbaoDown", 4)
	p.fires("HongbaoClockOff", 1)

	// Of four, one is left.
	must(t, n.KillNode(2))
	must(t, n.KillNode(3))
	p.fires("HongbaoDown", 2, 3, 4)
	p.fires("HongbaoNoPeers", 1)
	p.fires("HongbaoChainStands", 1)
	p.fires("HongbaoOutOfStep", 1)
	p.fires("HongbaoSnapshotOld", 1)
	t.Logf("fired: %s", strings.Join(p.seen, ", "))

	for _, number := range []int{2, 3, 4} {
		err := os.Remove(faultFile(n.Nodes[number-1].Home))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		must(t, n.StartNode(t.Context(), number))
	}
	p.until("what was put right is quiet", 2*time.Minute, func() bool {
		return !slices.ContainsFunc(p.firing(), func(alert string) bool {
			name, _, _ := strings.Cut(alert, " ")
			return slices.Contains([]string{"HongbaoDown", "HongbaoNoPeers", "HongbaoChainStands", "HongbaoOutOfStep"},
				name)
		})
	})
}

// signTwice signs two votes for one height and round with a node's key, and hands the
// evidence of it to another node.
func signTwice(t *testing.T, n *testnet.Network, number int) {
	t.Helper()
	client, err := comet.New(n.Nodes[0].RPCURL(), "/websocket")
	must(t, err)
	c := cfg.DefaultConfig().SetRoot(n.Nodes[number-1].Home)
	key := privval.LoadFilePVEmptyState(c.PrivValidatorKeyFile(), c.PrivValidatorStateFile()).Key
	status, err := client.Status(t.Context())
	must(t, err)
	height := status.SyncInfo.LatestBlockHeight - 1
	commit, err := client.Commit(t.Context(), &height)
	must(t, err)
	validators, err := client.Validators(t.Context(), &height, nil, nil)
	must(t, err)
	set, err := types.ValidatorSetFromExistingValidators(validators.Validators)
	must(t, err)
	index, _ := set.GetByAddress(key.Address)
	vote := func(block byte) *types.Vote {
		v := &types.Vote{Type: cmtproto.PrecommitType, Height: height, Timestamp: commit.Time,
			ValidatorAddress: key.Address, ValidatorIndex: index,
			BlockID: types.BlockID{Hash: bytes.Repeat([]byte{block}, 32),
				PartSetHeader: types.PartSetHeader{Total: 1, Hash: bytes.Repeat([]byte{block}, 32)}}}
		v.Signature, err = key.PrivKey.Sign(types.VoteSignBytes(n.ChainID, v.ToProto()))
		must(t, err)
		return v
	}
	evidence, err := types.NewDuplicateVoteEvidence(vote(1), vote(2), commit.Time, set)
	must(t, err)
	_, err = client.BroadcastEvidence(t.Context(), evidence)
	must(t, err)
}

// prometheus is one that scrapes a network.
type prometheus struct {
	t    *testing.T
	url  string
	of   map[string]int // node, by the address of its metrics
	seen []string       // alerts that fired, as fires was asked for them
}

// startPrometheus scrapes the network's nodes, and ends with the test.
func startPrometheus(t *testing.T, program string, n *testnet.Network) *prometheus {
	t.Helper()
	dir := t.TempDir()
	rules, err := filepath.Abs(filepath.Join(monitoring, "alerts.yml"))
	must(t, err)
	port, err := ports.Row(1)
	must(t, err)
	at := fmt.Sprintf("127.0.0.1:%d", port)
	p := &prometheus{t: t, url: "http://" + at, of: map[string]int{}}
	var targets []string
	for _, m := range n.Nodes {
		target := fmt.Sprintf("127.0.0.1:%d", m.MetricsPort)
		p.of[target] = m.Number
		targets = append(targets, fmt.Sprintf("%q", target))
	}
	config := filepath.Join(dir, "prometheus.yml")
	must(t, os.WriteFile(config, fmt.Appendf(nil, `global: {scrape_interval: 5s, evaluation_interval: 5s}
rule_files: [%q]
scrape_configs:
  - job_name: hongbao
    static_configs: [{targets: [%s]}]
`, rules, strings.Join(targets, ", ")), 0o600))
	log, err := os.Create(filepath.Join(dir, "log"))
	must(t, err)
	cmd := exec.Command(program, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+at)
	cmd.Stdout, cmd.Stderr = log, log
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		log.Close()
		if said, err := os.ReadFile(log.Name()); t.Failed() && err == nil {
			t.Logf("Prometheus:\n%s", said[max(0, len(said)-4000):])
		}
	})
	return p
}

// get asks Prometheus' API; false while it does not answer.
func (p *prometheus) get(path string, into any) bool {
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.url+"/api/v1/"+path, nil)
	must(p.t, err)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return false
	}
	answer := struct{ Data any }{into}
	return res.StatusCode == http.StatusOK && json.Unmarshal(b, &answer) == nil
}

// vector is the answer to a query.
type vector struct {
	Result []struct {
		Value [2]any // when, and the value as text
	}
}

// value is the only one that a query has; empty where there is none, or several.
func (p *prometheus) value(query string) string {
	var v vector
	if !p.get("query?query="+url.QueryEscape(query), &v) || len(v.Result) != 1 {
		return ""
	}
	return fmt.Sprint(v.Result[0].Value[1])
}

// firing are the alerts that fire, as NAME NODE.
func (p *prometheus) firing() (list []string) {
	var answer struct {
		Alerts []struct {
			State  string
			Labels map[string]string
		}
	}
	if !p.get("alerts", &answer) {
		return nil
	}
	for _, a := range answer.Alerts {
		if a.State == "firing" {
			list = append(list, fmt.Sprintf("%s %d", a.Labels["alertname"], p.of[a.Labels["instance"]]))
		}
	}
	slices.Sort(list)
	return list
}

// fires waits until an alert fires for all of these nodes.
func (p *prometheus) fires(name string, nodes ...int) {
	p.t.Helper()
	begin := time.Now()
	p.until(fmt.Sprintf("%s fires for nodes %v", name, nodes), alertsWait, func() bool {
		firing := p.firing()
		return !slices.ContainsFunc(nodes, func(number int) bool {
			return !slices.Contains(firing, fmt.Sprintf("%s %d", name, number))
		})
	})
	p.seen = append(p.seen, name)
	p.t.Logf("%s fires for nodes %v, after %s", name, nodes, time.Since(begin).Round(time.Second))
}

func (p *prometheus) until(what string, within time.Duration, is func() bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), within)
	defer cancel()
	for !is() {
		if ctx.Err() != nil {
			p.t.Fatalf("not within %s: %s; firing: %v", within, what, p.firing())
		}
		pause(ctx, time.Second)
	}
}

// askDashboard asks every query of the dashboard, about all nodes. What counts what has
// not happened yet has no series; any other has an answer.
func (p *prometheus) askDashboard(n *testnet.Network) {
	p.t.Helper()
	b, err := os.ReadFile(filepath.Join(monitoring, "dashboard.json"))
	must(p.t, err)
	var d struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	must(p.t, json.Unmarshal(b, &d))
	mayBeEmpty := []string{"transactions_total", "recalls_total", "snapshot_age_seconds", "clock_offset"}
	asked := 0
	for _, panel := range d.Panels {
		for _, q := range panel.Targets {
			query := strings.NewReplacer("$chain", n.ChainID, "$instance", ".*").Replace(q.Expr)
			var v vector
			empty := slices.ContainsFunc(mayBeEmpty, func(s string) bool { return strings.Contains(query, s) })
			if !p.get("query?query="+url.QueryEscape(query), &v) || len(v.Result) == 0 && !empty {
				p.t.Errorf("%s: %d answers to %s", panel.Title, len(v.Result), query)
			}
			asked++
		}
	}
	p.t.Logf("%d queries of the dashboard have an answer", asked)
}
