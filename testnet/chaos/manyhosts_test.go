package chaos_test

import (
	"context"
	"fmt"
	"os"
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
	"hongbao/testnet/chaos"
	"hongbao/testnet/load"
)

const (
	// noHosts is the exit code of a run in namespaces that could make no hosts there.
	noHosts = 75
	// oftenEnough has a joiner find a snapshot within a minute, and those that it is
	// taking still there when it has them: a busy chain makes ten blocks a second.
	oftenEnough = 100
	// hostsRate is what two cores carry over six nodes, in transactions a second.
	hostsRate = 40
)

// TestManyHosts is the life of a network of four hosts under load, in which a fifth
// joins from the trust file and one peer, and one loses its disk and comes back with its
// keys alone. With -campaign each host is a network namespace where this machine
// allows it, the fifth takes the place of a validator, a sixth begins with a snapshot
// and becomes one more, and the rules are upgraded at a height, before which a node
// stops that does not know them, as does one that then joins. All blocks of all nodes
// are the same, what a client was told stands in one block, and each packet's whole
// history verifies under the trust file of the beginning.
//
//	go test ./testnet/chaos -campaign -run ManyHosts -timeout 20m -v
func TestManyHosts(t *testing.T) {
	if testing.Short() {
		t.Skip("runs five processes")
	}
	var wire *chaos.Wire
	if *campaign {
		var elsewhere bool
		if wire, elsewhere = ownHosts(t); elsewhere {
			return
		}
	}
	l := newLife(t, wire)
	erin := l.fifth()
	back := l.lostDisk()
	if *campaign {
		l.council.until("carol votes again", func() bool { return l.council.signs(l.hosts.machines[2]) })
		l.replaced(erin)
		l.sixth()
		l.upgraded()
		l.seventh()
	}
	l.stop()
	l.judge()
	for _, m := range l.whole {
		st := l.hosts.until(m, "an answer", func(s node.Status) bool { return s.Height > 0 })
		if len(st.Self.Misbehaviors) > 0 {
			t.Errorf("%s tells of evidence: %+v", m.Name, st.Self.Misbehaviors)
		}
	}
	t.Logf("carol voted from block %d on; all held up to block %d", back, l.court.Blocks())
}

// ownHosts makes hosts in this process, or has the test run elsewhere, in a process with
// namespaces of its own. It does neither where the machine does not allow it.
func ownHosts(t *testing.T) (wire *chaos.Wire, elsewhere bool) {
	t.Helper()
	if chaos.IsAside() {
		wire, err := chaos.NewWire(7)
		if err != nil {
			fmt.Fprintln(os.Stderr, "no hosts:", err)
			os.Exit(noHosts)
		}
		t.Cleanup(func() { must(t, wire.End()) })
		return wire, false
	}
	exit, err := chaos.Aside(t.Context(), []string{"-test.run=^" + t.Name() + "$", "-test.v",
		"-test.timeout=15m", "-campaign"})
	if err != nil || exit == noHosts {
		t.Logf("this machine makes no hosts with namespaces (%v): they are addresses of 127.0.0.0/8", err)
		return nil, false
	}
	if exit != 0 {
		t.Errorf("on hosts with a namespace each: exit %d", exit)
	}
	return nil, true
}

// life is a network's, as TestManyHosts tells it.
type life struct {
	t       *testing.T
	hosts   *hosts
	court   *chaos.Court
	council *council
	newer   string     // the rules after those of the program
	whole   []*machine // that have all blocks; the court asks them
	late    []*machine // that began with a snapshot
	stop    func()     // ends the load
}

// newLife starts four hosts, of which the last has a program that knows no newer rules,
// and the load.
func newLife(t *testing.T, wire *chaos.Wire) *life {
	t.Helper()
	state := contract.Genesis{Params: contract.DefaultParams(), Dev: true}
	for _, a := range testnet.DevAccounts() {
		state.Accounts = append(state.Accounts, contract.GenesisAccount{Address: a.Address, Balance: a.Balance})
	}
	h := newHosts(t, wire, 4, oftenEnough, state, "alice", "bob", "carol", "dave", "erin", "frank", "grace")
	l := &life{t: t, hosts: h, newer: strconv.FormatUint(app.Version+1, 10)}
	for _, m := range h.machines {
		if m.Name != "dave" {
			m.env = append(m.env, knowsRules+"="+l.newer)
		}
	}
	for _, m := range h.machines[:4] {
		h.start(m)
	}
	for _, m := range h.machines[:4] {
		h.height(m)
	}
	alice, bob, carol, dave, erin := h.machines[0], h.machines[1], h.machines[2], h.machines[3], h.machines[4]
	l.whole = []*machine{alice, bob, carol, erin, dave}
	asked := &testnet.Network{Dir: h.network.Dir, ChainID: h.network.Chain}
	for i, m := range l.whole {
		asked.Nodes = append(asked.Nodes, m.as(i+1))
	}
	var err error
	l.court, err = chaos.NewCourt(asked, 1)
	must(t, err)
	t.Cleanup(l.court.Close)
	l.council = &council{t: t, dir: h.dir, url: alice.url(), home: filepath.Join(h.dir, "client"),
		told: l.court.Journal()}
	l.load(alice, bob)
	return l
}

// load has clients ask two nodes that never go down, until stop.
func (l *life) load(asked ...*machine) {
	l.t.Helper()
	c := load.Config{Rate: 20, For: 3 * time.Second, Chain: l.hosts.network.Chain, Journal: l.court.Journal()}
	if *campaign {
		c.Rate, c.For = hostsRate, 20*time.Second
	}
	for _, m := range asked {
		c.Nodes = append(c.Nodes, m.url())
	}
	for _, a := range testnet.DevAccounts() {
		if a.Name != "alice" { // who hands in plans
			c.Funders = append(c.Funders, a.Name)
		}
	}
	started, over, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	c.Started = func() { close(started) }
	go func() {
		defer close(done)
		for {
			report, err := load.Run(context.WithoutCancel(l.t.Context()), c)
			c.Started = nil
			if err != nil {
				l.t.Errorf("load: %v", err)
				return
			}
			if len(report.Failed) > 0 || report.Unknown > 0 { // the court judges where each stands
				l.t.Errorf("load: failed %v, unknown %d", report.Failed, report.Unknown)
			}
			select {
			case <-over:
				return
			default:
			}
		}
	}()
	stopped := false
	l.stop = func() {
		if !stopped {
			stopped = true
			close(over)
			<-done
		}
	}
	l.t.Cleanup(l.stop)
	select {
	case <-started:
	case <-done:
		l.t.Fatal("load ended before it began")
	}
}

// fifth has erin join by block sync, from the trust file and one peer.
func (l *life) fifth() *machine {
	l.t.Helper()
	h := l.hosts
	erin := h.machines[4]
	since := time.Now()
	if j := h.join(erin, "--peer", h.machines[0].peer); !j.Fresh || j.Validator {
		l.t.Errorf("a fifth joins as %+v", j)
	}
	st := h.until(erin, "a fifth in step", isInStep)
	l.t.Logf("erin in step at block %d, by block sync, after %s", st.Height, took(since))
	return erin
}

func took(since time.Time) time.Duration { return time.Since(since).Round(100 * time.Millisecond) }

// lostDisk wipes carol's disk, and returns the first block for which she then votes.
func (l *life) lostDisk() int64 {
	l.t.Helper()
	h, carol := l.hosts, l.hosts.machines[2]
	h.lose(carol)
	seen := h.height(h.machines[0])
	since := time.Now()
	j := h.join(carol, "--peer", h.machines[0].peer, "--peer", h.machines[1].peer, "--peer", h.machines[3].peer)
	if !j.Validator || j.Fresh || j.WaitsFor <= seen {
		l.t.Errorf("the host that lost its disk comes back as %+v; the network is past block %d", j, seen)
	}
	st := h.until(carol, "a wiped host at its peers' height", func(s node.Status) bool {
		return s.Height > 0 && !s.CatchingUp && s.Behind <= 1
	})
	l.t.Logf("carol's disk wiped: at block %d again after %s; she votes from block %d on", st.Height, took(since),
		j.WaitsFor)
	return j.WaitsFor
}

// replaced has a plan put erin in dave's place.
func (l *life) replaced(erin *machine) {
	l.t.Helper()
	m, c := l.hosts.machines, l.council
	dave := m[3]
	c.decide(m[:3], "--join", c.shows(erin), "--leave", c.address(dave))
	c.until("erin signs, and dave does not", func() bool { return c.signs(erin) && !c.signs(dave) })
	l.t.Logf("erin in dave's place by block %d", l.hosts.height(m[0]))
}

// sixth has frank begin with a snapshot of after the change, and a plan add him.
func (l *life) sixth() {
	l.t.Helper()
	h, c, frank := l.hosts, l.council, l.hosts.machines[5]
	tip := h.height(h.machines[0])
	h.until(h.machines[0], "a snapshot of after the change", func(s node.Status) bool {
		return s.Height >= (tip/oftenEnough+1)*oftenEnough+10
	})
	since := time.Now()
	h.join(frank, "--snapshot", "--peer", h.machines[0].peer, "--peer", h.machines[1].peer)
	st := h.until(frank, "a sixth in step", isInStep)
	l.t.Logf("frank in step at block %d, by state sync, after %s", st.Height, took(since))
	l.late = append(l.late, frank)
	c.decide([]*machine{h.machines[0], h.machines[1], h.machines[4]}, "--join", c.shows(frank))
	c.until("frank signs", func() bool { return c.signs(frank) })
	l.t.Logf("frank one more by block %d", h.height(h.machines[0]))
}

// upgraded has the rules change. What dave has up to there is judged, and then his node
// stops.
func (l *life) upgraded() {
	l.t.Helper()
	h, c := l.hosts, l.council
	alice, bob, dave, erin, frank := h.machines[0], h.machines[1], h.machines[3], h.machines[4], h.machines[5]
	l.judge()
	at := h.height(alice) + oftenEnough
	c.decide([]*machine{alice, bob, erin, frank}, "--rules", l.newer, "--at", strconv.FormatInt(at, 10))
	h.until(dave, "an upgrade that waits", func(s node.Status) bool {
		u := s.Self.Signing.Upgrade
		return u != nil && u.Height == at && u.Rules == app.Version+1
	})
	exit, said := h.stops(dave)
	want := fmt.Sprintf("block %d obeys rules %s", at, l.newer)
	if exit != cli.ExitInternal || !strings.Contains(said, want) {
		l.t.Errorf("the old program ends with %d, and does not say %q:\n%s", exit, want, said)
	}
	l.court.Dismiss()
	l.whole = l.whole[:len(l.whole)-1]
	for _, m := range append(l.whole, frank) {
		st := h.until(m, "blocks of the new rules", func(s node.Status) bool { return s.Height > at+3 })
		if s := st.Self.Signing; len(s.Validators) != 5 || s.Number != 3 || s.Rules != app.Version+1 || s.Own == 0 {
			l.t.Errorf("%s says of the validators: %+v", m.Name, s)
		}
		client, err := rpc.Dial(m.url())
		must(l.t, err)
		defer client.Close()
		for _, row := range []struct {
			height int64
			rules  uint64
		}{{at - 1, app.Version}, {at + 2, app.Version + 1}} {
			header, err := client.SignedHeader(l.t.Context(), row.height)
			must(l.t, err)
			if header.Version.App != row.rules {
				l.t.Errorf("%s: header %d has rules %d, not %d", m.Name, row.height, header.Version.App, row.rules)
			}
		}
	}
	l.t.Logf("rules %s from block %d on", l.newer, at)
}

// seventh has grace begin with a snapshot of after the upgrade: an old program says what
// it lacks and ends, a newer one is in step.
func (l *life) seventh() {
	l.t.Helper()
	h, grace := l.hosts, l.hosts.machines[6]
	tip := h.height(h.machines[0])
	h.until(h.machines[0], "a snapshot of after the upgrade", func(s node.Status) bool {
		return s.Height >= (tip/oftenEnough+1)*oftenEnough+10
	})
	newer := grace.env
	grace.env = nil
	h.join(grace, "--snapshot", "--peer", h.machines[0].peer, "--peer", h.machines[1].peer)
	exit, said := h.stops(grace)
	if want := "obeys rules " + l.newer; exit != cli.ExitInternal || !strings.Contains(said, want) {
		l.t.Errorf("the old program ends with %d, and does not say %q:\n%s", exit, want, said)
	}
	grace.env = newer
	h.start(grace)
	st := h.until(grace, "a seventh in step", isInStep)
	l.t.Logf("grace in step at block %d, by a snapshot under the new rules", st.Height)
	l.late = append(l.late, grace)
}

// judge holds all promises against all nodes. A node that began with a snapshot has no
// earlier blocks; its state, its records and a proof of its are held against the others'.
func (l *life) judge() {
	l.t.Helper()
	since := time.Now()
	row, err := l.court.Judge(l.t.Context())
	must(l.t, err)
	for _, m := range l.late {
		must(l.t, l.court.Compare(l.t.Context(), &row, m.as(m.number)))
		proof := filepath.Join(l.hosts.dir, m.Name+".proof")
		l.council.run("prove", "supply", "-o", proof, "--node", m.url())
		l.council.run("verify", proof, "--trust", l.hosts.network.Trust)
	}
	for _, b := range row.Broken {
		if !b.Late {
			l.t.Errorf("broken: %s: %s", b.Promise, b.Text)
		}
	}
	if row.Acked == 0 {
		l.t.Error("nothing was acknowledged: this shows nothing")
	}
	l.t.Logf("judged up to block %d in %s: %d more acknowledged, each once on %d nodes; %d packets proven; %v",
		l.court.Blocks(), took(since), row.Acked, len(l.whole), row.Packets, row.Figures)
}
