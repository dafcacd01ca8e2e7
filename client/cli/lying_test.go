package cli

import (
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hongbao/client/evidence"
	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/contract"
)

var allLies = flag.Bool("lies", false, "tell every lie to every command, instead of some thousands; takes an hour")

// deceived is a command line that a liar answers.
type deceived struct {
	desc  string
	args  []string // FILE is a new file
	proof bool     // it makes a proof, and what verify says of that counts
	signs bool     // what it signs counts
	vague bool     // REF is looked up, and a node may deny what nothing proves

	*liar
	home   string
	stages []stage
}

// stage is a state of the chain, and what it made an honest node answer and the
// command say.
type stage struct {
	heard answers
	said  *said
	app   string // the state's AppHash
}

// witness knows what the headers of a chain say.
type witness struct {
	client *rpc.Client
	mu     sync.Mutex
	seen   map[int64]header
}

type header struct {
	app  string
	time contract.Time
}

// of is the header that signs the state after block height.
func (w *witness) of(height int64) (h header, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if h, ok := w.seen[height]; ok {
		return h, nil
	}
	signed, err := w.client.SignedHeader(context.Background(), height+1)
	if err == nil {
		h = header{signed.AppHash.String(), contract.TimeOf(signed.Time)}
		w.seen[height] = h
	}
	return h, err
}

// TestALyingNode has nodes lie to every read with --trust, to prove, and to what
// signs, in each field of each answer that these ask for. Whatever they say, the
// command says what is true, names the state it is true of, or fails and blames
// the node.
func TestALyingNode(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	client, err := rpc.Dial(n.url)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	w := &witness{client: client, seen: map[int64]header{}}

	s := newScene(u)
	commands := s.commands(t, n)
	learn := func() {
		var wg sync.WaitGroup
		for _, c := range commands {
			wg.Go(func() { c.learnStage(w) })
		}
		wg.Wait()
		share(commands)
	}
	learn()
	s.goOn()
	learn()
	if t.Failed() {
		return
	}
	now := time.Now()
	table, told := tally{}, tally{}
	var mu sync.Mutex
	t.Run("commands", func(t *testing.T) {
		for i, c := range commands {
			if testing.Short() && i%3 != 0 {
				continue
			}
			t.Run(c.desc, func(t *testing.T) {
				t.Parallel()
				c.liar.t = t
				mine, kinds := c.lieTo(t, w, commands, now)
				mu.Lock()
				defer mu.Unlock()
				table.add(mine)
				told.add(kinds)
			})
		}
	})
	t.Logf("%s\n\n%s", table, told)
}

// scene is what happens on the chain that is lied about.
type scene struct {
	u                                       *user
	equal, lucky, held, final, tight, other string // packets
	claim                                   string // tx of bob's claim from equal
}

func newScene(u *user) *scene {
	send := func(args ...string) string {
		return u.must(append([]string{"send"}, args...)...)["packet"].(string)
	}
	s := &scene{u: u}
	s.equal = send("8", "--shares", "4", "--recall", "1h", "--public")
	s.claim = u.must("claim", s.equal, "--from", "bob")["tx"].(string)
	u.must("claim", s.equal, "--from", "carol")
	s.lucky = send("9", "--shares", "3", "--lucky", "--public")
	u.must("claim", s.lucky, "--from", "bob")
	u.must("claim", s.lucky, "--from", "carol")
	s.held = send("5", "--to", "bob", "--scene", "delayed")
	u.must("claim", s.held, "--from", "bob", "--yes")
	s.final = send("2", "--to", "dave")
	u.must("claim", s.final, "--from", "dave")
	s.tight = send("6", "--shares", "2", "--public", "--recall", "1h")
	s.other = send("4", "--shares", "2", "--public", "--recall", "1h")
	return s
}

// goOn is what happens next.
func (s *scene) goOn() {
	s.u.must("recall", s.equal, "--reason", "wrong-amount")
	s.u.must("claim", s.lucky, "--from", "dave")
	s.u.must("recall", s.held+"/1")
	s.u.must("ask", s.final+"/1", "--reason", "wrong-person")
	s.u.must("tighten", s.tight, "--renounce")
	s.u.must("claim", s.other, "--from", "bob")
	s.u.must("pay", "1", "--to", "bob", "--from", "carol")
}

func (s *scene) commands(t *testing.T, n *network) (list []*deceived) {
	nobody := contract.AddressOf(wallet.DevKey("nobody")).String()
	alice := contract.AddressOf(wallet.DevKey("alice")).String()
	absent := contract.PacketID{1}.String()
	add := func(line string, set func(*deceived)) {
		c := &deceived{desc: line, home: filepath.Join(t.TempDir(), "home"), liar: newLiar(t, n.url)}
		for from, to := range map[string]string{"EQUAL": s.equal, "LUCKY": s.lucky, "HELD": s.held, "FINAL": s.final,
			"TIGHT": s.tight,
			"OTHER": s.other, "BEGIN": s.equal[:12], "START": s.other[:12], "TX": s.claim, "ABSENT": absent,
			"NOBODY": nobody, "ALICE": alice} {
			line = strings.ReplaceAll(line, from, to)
		}
		c.args = append(strings.Fields(line), "--home", c.home, "--trust", n.trust, "--quiet")
		set(c)
		list = append(list, c)
	}
	for _, line := range []string{"show EQUAL", "show LUCKY", "show HELD/1", "show TIGHT", "show ABSENT", "show ALICE",
		"balance bob", "balance NOBODY",
		"statement alice", "statement carol --since 1 --until 3", "statement NOBODY", "statement bob --output csv",
		"list alice", "list bob --claimed", "list NOBODY",
		"history EQUAL", "history LUCKY", "explain EQUAL", "explain HELD/1", "explain TIGHT --lang zh", "show EQUAL/9",
		"statement bob --since 99"} {
		add(line, func(*deceived) {})
	}
	for _, line := range []string{"show BEGIN", "history TX", "explain START"} {
		add(line, func(c *deceived) { c.vague = true })
	}
	for _, line := range []string{"EQUAL", "LUCKY", "HELD/1", "FINAL/1", "EQUAL --recall", "HELD/1 --recall",
		"OTHER --recall", "OTHER --absent", "EQUAL --absent", "ABSENT --absent",
		"NOBODY --absent", "ALICE --absent", "account alice", "account bob --since 1 --until 3", "supply"} {
		add("prove "+line, func(c *deceived) { c.proof = true })
	}
	for _, line := range []string{"claim OTHER --from erin", "claim TIGHT --from erin",
		"recall OTHER --reason wrong-amount", "recall", "return EQUAL --from bob", "pay 1 --to bob",
		"send 1 --public", "ask EQUAL/1", "tighten OTHER --renounce"} {
		add(line+" --wait 0 --yes", func(c *deceived) { c.signs = true })
	}
	for _, line := range []string{"pay 1 --to bob", "claim OTHER --from erin", "send 1 --public"} {
		add(line+" --wait 60ms --yes", func(c *deceived) { c.signs = true })
	}
	return list
}

// hear runs the command at a reader's time, whose patience is short where a liar
// repeats.
func (c *deceived) hear(now time.Time, patience time.Duration) *said {
	if err := os.RemoveAll(c.home); err != nil { // a signer's home remembers
		c.t.Fatal(err)
	}
	reader := func(s *Session) { s.now, s.headerWait = func() time.Time { return now }, patience }
	args, file := c.args, filepath.Join(filepath.Dir(c.home), "a.proof")
	if c.proof {
		args = append(slices.Clone(args), "-o", file)
		os.Remove(file)
	}
	out := c.liar.hear(reader, args...)
	if c.proof && out.exit == ExitOK {
		trust := args[slices.Index(args, "--trust")+1]
		return c.liar.hear(reader, "verify", file, "--trust", trust, "--home", c.home)
	}
	return out
}

// learnStage has the command ask an honest node.
func (c *deceived) learnStage(w *witness) {
	c.learn()
	said := c.hear(time.Now(), evidence.HeaderWait)
	heard := c.learnt()
	if _, asked := heard["genesis"]; asked {
		c.t.Errorf("%s: asks the node for the genesis", c.desc)
	}
	if bad, _ := c.blames(said); bad {
		c.t.Errorf("%s: %+v", c.desc, said)
	}
	s := stage{heard: heard, said: said}
	if at := said.asOf; at.Height != 0 {
		h, err := w.of(at.Height)
		if err != nil || h.time != at.Time {
			c.t.Errorf("%s: as of %+v, the header says %v (%v)", c.desc, at, h, err)
		}
		s.app = h.app
	}
	c.stages = append(c.stages, s)
}

// share lets every liar say what any of them learnt last, so that a lie leads
// into a whole world: all are as far as the furthest.
func share(commands []*deceived) {
	hearsay, furthest := answers{}, int64(0)
	for _, c := range commands {
		heard := c.stages[len(c.stages)-1].heard
		was := hearsay["status"]
		maps.Copy(hearsay, heard)
		if h := heightOf(heard["status"]); h > furthest {
			furthest = h
		} else {
			hearsay["status"] = was
		}
	}
	for _, c := range commands {
		c.stages[len(c.stages)-1].heard["status"] = hearsay["status"]
		c.hearsay = hearsay
	}
}

func heightOf(status any) int64 {
	text, _ := path{"result", "sync_info", "latest_block_height"}.at(status)
	n, _ := strconv.ParseInt(fmt.Sprint(text), 10, 64)
	return n
}

// patience is short: what a liar repeats holds what an honest answer needs.
const patience = 50 * time.Millisecond

// lieTo tells the command all lies there are, or as many as the run has time for.
func (c *deceived) lieTo(t *testing.T, w *witness, all []*deceived, now time.Time) (endings, kinds tally) {
	endings, kinds = tally{}, tally{}
	newest, oldest := c.stages[len(c.stages)-1], c.stages[0]
	hear := func(recorded answers, l *lie) {
		c.repeat(recorded, l)
		s := c.hear(now, patience)
		how, ok := c.judge(s, l, w)
		if !ok {
			t.Errorf("%s: %s\nsaid %+v", l, how, s)
		}
		endings.count(l.about(), how)
		kinds.count(l.kind, how)
	}
	// Whole endpoints repeat what was true once.
	names := changed(newest.heard, oldest.heard)
	for set := range 1 << len(names) {
		mixed, old := maps.Clone(newest.heard), []string{}
		for i, e := range names {
			if set>>i&1 == 0 {
				continue
			}
			old = append(old, e)
			for q, a := range oldest.heard {
				if endpoint(q) == e {
					mixed[q] = a
				}
			}
		}
		hear(mixed, &lie{question: strings.Join(old, " "), kind: "several older", change: func(v any) any { return v }})
	}
	for _, l := range c.some(c.lies(all), all) {
		hear(newest.heard, &l)
	}
	// A node that stands still is found out.
	c.repeat(newest.heard, nil)
	stale := &lie{question: "several", kind: "standstill"}
	s := c.hear(now.Add(2*evidence.MaxAge), evidence.HeaderWait)
	if blamed, _ := c.blames(s); !c.proof && (!blamed || s.code != "" && s.code != "untrusted_answer") {
		t.Errorf("a state of two minutes ago: %+v", s)
	} else if how, ok := c.judge(s, stale, w); !ok {
		t.Errorf("%s: %s\nsaid %+v", stale, how, s)
	}
	return endings, kinds
}

// some are as many lies as there is time for: each whole answer that takes
// another's place; and of a sort of lies one, another one for each command, which
// some of the commands that sign hear, and some of the others.
func (c *deceived) some(list []lie, all []*deceived) (out []lie) {
	if *allLies {
		return list
	}
	bySort := map[string][]lie{}
	for _, l := range list {
		if l.whole() {
			out = append(out, l)
		} else {
			bySort[l.sort()] = append(bySort[l.sort()], l)
		}
	}
	alike := slices.DeleteFunc(slices.Clone(all), func(d *deceived) bool { return d.signs != c.signs })
	mine, share := slices.Index(alike, c), min(30, len(alike))
	for _, sort := range slices.Sorted(maps.Keys(bySort)) {
		h := fnv.New32a()
		fmt.Fprint(h, sort)
		if int(h.Sum32())%share == mine%share {
			out = append(out, bySort[sort][mine%len(bySort[sort])])
		}
	}
	return out
}

// changed are the endpoints that answered the same question otherwise once.
func changed(now, then answers) (list []string) {
	for q, a := range now {
		if e, old := endpoint(q), then[q]; old != nil && !reflect.DeepEqual(a, old) && !slices.Contains(list, e) {
			list = append(list, e)
		}
	}
	slices.Sort(list)
	return list
}

// lies are those that the command can be told.
func (c *deceived) lies(all []*deceived) (list []lie) {
	newest, oldest := c.stages[len(c.stages)-1].heard, c.stages[0].heard
	for _, q := range slices.Sorted(maps.Keys(newest)) {
		list = append(list, lies(q, newest[q], oldest[q], c.others(q, all), 3)...)
	}
	return list
}

// others are answers to other questions of the same endpoint, also older ones:
// some that the command asks as well, and some from all over.
func (c *deceived) others(question string, all []*deceived) (list []any) {
	seen := map[string]bool{question: true}
	gather := func(d *deceived) (found []any) {
		for _, s := range slices.Backward(d.stages) {
			for _, q := range slices.Sorted(maps.Keys(s.heard)) {
				if endpoint(q) == endpoint(question) && !seen[q] {
					seen[q] = true
					found = append(found, s.heard[q])
				}
			}
		}
		return found
	}
	own, others := gather(c), []any{}
	for _, d := range all {
		others = append(others, gather(d)...)
	}
	if *allLies {
		return append(spread(own, 2), spread(others, 3)...)
	}
	return append(spread(own, 1), spread(others, 2)...)
}

// spread are n of a list, from all over it.
func spread(list []any, n int) (out []any) {
	n = min(n, len(list))
	for i := range n {
		out = append(out, list[(2*i+1)*len(list)/(2*n)])
	}
	return out
}
