package node

import (
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hongbao/app"
	"hongbao/contract"
	"hongbao/internal/testchain"

	cfg "github.com/cometbft/cometbft/config"
	"github.com/prometheus/client_golang/prometheus"
)

// A node shows what it did and how it stands where CometBFT shows its own
// figures, and every figure that docs/monitoring names is one of them.
func TestMetrics(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a node")
	}
	home := filepath.Join(t.TempDir(), "node")
	_, err := Init(home, InitOptions{Name: "solo", ChainID: "metrics-1", State: contract.Genesis{
		Params:   contract.DefaultParams(),
		Accounts: []contract.GenesisAccount{{Address: testchain.Address("rich"), Balance: 1_000}}}})
	must(t, err)
	usePorts(t, home)
	metrics := fmt.Sprintf("127.0.0.1:%d", freePorts(t, 1))
	must(t, EditConfig(home, func(c *cfg.Config) {
		c.Instrumentation.Prometheus, c.Instrumentation.PrometheusListenAddr = true, metrics
	}))
	run(t, home)
	rpc, err := RPCURL(home)
	must(t, err)

	doc, _, err := ReadGenesis(home)
	must(t, err)
	pay := &contract.Tx{Chain: doc.ChainID, ValidUntil: contract.TimeOf(time.Now().Add(5 * time.Minute)),
		Message: &contract.Pay{To: testchain.Address("poor"), Amount: 500}}
	must(t, pay.Sign(testchain.Key("rich")))
	_, err = ask(t, rpc+"/broadcast_tx_sync?tx=0x"+hex.EncodeToString(pay.Encode()), nil)
	must(t, err)

	label := fmt.Sprintf(`chain_id=%q`, doc.ChainID)
	wanted := []string{
		"hongbao_ledger_transactions_total{" + label + `,code="ok",kind="pay"} 1`,
		"hongbao_ledger_wallets_fen{" + label + "} 1000",
		"hongbao_ledger_supply_fen{" + label + "} 1000",
		"hongbao_ledger_supply_holds{" + label + "} 1",
		"hongbao_ledger_readable{" + label + "} 1",
		"hongbao_node_in_step{" + label + "} 1",
		"hongbao_node_peers{" + label + "} 0",
		"hongbao_node_snapshot_every_blocks{" + label + "} 2000",
		"hongbao_node_snapshot_age_blocks{" + label + "} ",
		"hongbao_ledger_commit_seconds_count{" + label + "} ",
		"hongbao_consensus_height{",
	}
	var scraped string
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		scraped = body(t, "http://"+metrics+"/metrics", http.StatusOK)
		missing := slices.DeleteFunc(slices.Clone(wanted), func(s string) bool { return strings.Contains(scraped, s) })
		if len(missing) == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("no %q in\n%s", missing, scraped)
		}
	}
	if got := body(t, rpc+"/healthz", http.StatusOK); got != "ok\n" {
		t.Errorf("/healthz: %q", got)
	}
	if got := body(t, rpc+"/readyz", http.StatusOK); got != "in_step\n" {
		t.Errorf("/readyz: %q", got)
	}

	known := map[string]bool{"up": true}
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (\S+) (\S+)`).FindAllStringSubmatch(scraped, -1) {
		known[m[1]] = true
		if m[2] == "histogram" {
			known[m[1]+"_bucket"], known[m[1]+"_count"], known[m[1]+"_sum"] = true, true, true
		}
	}
	for name := range ownMetrics() {
		known[name] = true // not all have a value on a chain of one
	}
	for _, file := range []string{"alerts.yml", "alerts_test.yml", "dashboard.json"} {
		b, err := os.ReadFile(filepath.Join("../docs/monitoring", file))
		must(t, err)
		named := figureNames(string(b))
		if len(named) < 10 {
			t.Errorf("%s names %d figures", file, len(named))
		}
		for _, name := range named {
			if !known[name] {
				t.Errorf("%s names %s, which a node does not show", file, name)
			}
		}
	}
}

// ownMetrics are the names of what this package shows.
func ownMetrics() map[string]bool {
	m := newMetrics("hongbao", "c", "", nil, nil, nil)
	to := make(chan *prometheus.Desc, 100)
	m.Describe(to)
	close(to)
	names := map[string]bool{}
	for d := range to {
		names[regexp.MustCompile(`fqName: "([^"]+)"`).FindStringSubmatch(d.String())[1]] = true
	}
	return names
}

// Each alert has a test, and docs/operations.md says what to do about it.
func TestEachAlertIsTestedAndExplained(t *testing.T) {
	read := func(path string) string {
		b, err := os.ReadFile(path)
		must(t, err)
		return string(b)
	}
	tests, manual := read("../docs/monitoring/alerts_test.yml"), read("../docs/operations.md")
	alerts := regexp.MustCompile(`- alert: (\w+)`).FindAllStringSubmatch(read("../docs/monitoring/alerts.yml"), -1)
	if len(alerts) < 10 {
		t.Errorf("%d alerts", len(alerts))
	}
	for _, a := range alerts {
		if !strings.Contains(tests, "alertname: "+a[1]+"\n") {
			t.Errorf("%s: no test of it in alerts_test.yml", a[1])
		}
		if !strings.Contains(manual, "`"+a[1]+"`") {
			t.Errorf("%s: docs/operations.md does not say what to do", a[1])
		}
	}
}

// What blocks did is counted by kind, code and reason; and a ledger that cannot be
// read is a figure too, beside those that were counted.
func TestMetricsCountWhatBlocksDid(t *testing.T) {
	m := newMetrics("hongbao", "c", t.TempDir(), nil,
		func() (app.Standing, error) { return app.Standing{}, contract.ErrState }, nil)
	m.told(app.Done{Drawn: 3, Txs: []app.Outcome{
		{Kind: "recall", Reason: "DUPL"}, {Kind: "recall"}, {Kind: "recall", Code: contract.CodeWindowClosed},
		{Kind: "pay"}, {Kind: "pay"},
	}})
	registry := prometheus.NewRegistry()
	registry.MustRegister(m)
	families, err := registry.Gather()
	must(t, err)
	got := map[string]float64{}
	for _, f := range families {
		for _, row := range f.Metric {
			name := f.GetName()
			for _, l := range row.Label {
				if l.GetName() != "chain_id" {
					name += " " + l.GetValue()
				}
			}
			got[strings.TrimPrefix(name, "hongbao_ledger_")] = row.GetCounter().GetValue() + row.GetGauge().GetValue()
		}
	}
	want := map[string]float64{"transactions_total ok recall": 2, "transactions_total window_closed recall": 1,
		"transactions_total ok pay": 2, "recalls_total DUPL": 1, "recalls_total none": 1, "draws_total": 3,
		"evidence_total": 0, "readable": 0, "execute_seconds": 0, "commit_seconds": 0}
	if !maps.Equal(got, want) {
		t.Errorf("%v\nexpected %v", got, want)
	}
}

func body(t *testing.T, url string, code int) string {
	t.Helper()
	res, err := http.Get(url)
	must(t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	must(t, err)
	if res.StatusCode != code {
		t.Fatalf("%s: %s\n%s", url, res.Status, b)
	}
	return string(b)
}
