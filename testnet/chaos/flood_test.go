package chaos_test

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"

	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/contract"
	"hongbao/testnet"
)

// How long a network is watched in peace and under each flood, and how long it
// has afterwards to take in what honest people offered during it.
const (
	peaceFor     = 10 * time.Second
	afterwards   = 2 * time.Minute
	recallWindow = 15 * time.Second // between a recall being offered and its window's end
	recallEvery  = 5 * time.Second
)

var floodFor = flag.Duration("flood", time.Minute, "how long each flood of the campaign lasts")

// mostEmpty is the share of blocks that may be empty while honest payments are
// offered all the time. In peace it is a half: the block after one with txs
// carries its proof. A network that is kept from its work shows all of them.
const mostEmpty = 0.85

// flood is one attack by people without stake. What a row says of its costs is
// what its makers must own; nothing of it is spent.
type flood struct {
	name    string
	prepare func(*battle)
	attack  func(*battle, context.Context)
}

var floods = []flood{
	{"2,048 claims of dear packets, 16 accounts", (*battle).makeDearPackets, (*battle).claimDearPackets},
	{"a mempool full of sends of 12 kB, 64 accounts", nil, (*battle).sendDearPackets},
	{"80 lanes that hand one yuan on and on", (*battle).makeLanes, (*battle).runLanes},
	{"400 accounts of one yuan, failing txs of 16 kB", (*battle).makePoor, (*battle).failLoudly},
	{"what waits is handed to check_tx", nil, (*battle).evict},
	{"first claims are asked of check_tx", (*battle).makeBait, (*battle).claimByRoute},
}

// Each flood is let loose on a fresh network of four. Honest people pay, claim
// for the first time and recall meanwhile: every recall must get in before its
// window ends, every payment must get in, and blocks must not run empty.
func TestFlood(t *testing.T) {
	if !*campaign {
		t.Skip("takes ten minutes: go test ./testnet/chaos -campaign -run Flood -timeout 60m -v")
	}
	for _, f := range floods {
		t.Run(f.name, func(t *testing.T) { fight(t, f) })
	}
}

func fight(t *testing.T, f flood) {
	b := newBattle(t)
	peace := b.watch(peaceFor, nil)
	if f.prepare != nil {
		f.prepare(b)
	}
	b.sendRecallable()
	b.until = b.now().Plus(contract.Seconds((*floodFor + 5*time.Second) / time.Second))
	war := b.watch(*floodFor, func(ctx context.Context) { f.attack(b, ctx) })
	t.Logf("%s\n  in peace      %s\n  under attack  %s\n  attackers     %s", f.name, peace, war, &b.enemy)
	war.check(t)
	if n := b.enemy.answered.Load(); n > 0 {
		t.Errorf("check_tx was answered %d times", n)
	}
}

// battle is a network with honest people and enemies on it.
type battle struct {
	t       *testing.T
	net     *testnet.Network
	clients []*rpc.Client // of honest people, one a node
	foes    []*rpc.Client // of the enemies, likewise

	public     contract.PacketID // for newcomers
	publicHash contract.Hash
	recallable []recallable
	dear       []contract.PacketID
	dearHash   contract.Hash
	keys       []*btcec.PrivateKey // that a flood prepared
	bait       [][]byte
	until      contract.Time // an enemy's txs are valid until then, so that they end with the flood
	enemy      tally
}

type recallable struct {
	id   contract.PacketID
	ends time.Time // its window, by the wall clock of this one machine
}

// Enemies have as much money as honest people. Each recall has a friend of its
// own, so that one that is late keeps no other from its turn.
const (
	enemyAccounts  = 64
	friendAccounts = 60 // for floods of five minutes
)

func enemyKey(i int) *btcec.PrivateKey  { return wallet.DevKey(fmt.Sprintf("enemy %d", i)) }
func friendKey(i int) *btcec.PrivateKey { return wallet.DevKey(fmt.Sprintf("friend %d", i)) }

func newBattle(t *testing.T) *battle {
	t.Helper()
	accounts := testnet.DevAccounts()
	add := func(name string, key *btcec.PrivateKey) {
		accounts = append(accounts,
			testnet.Account{Name: name, Address: contract.AddressOf(key), Balance: accounts[0].Balance})
	}
	for i := range enemyAccounts {
		add(fmt.Sprintf("enemy%d", i), enemyKey(i))
	}
	for i := range friendAccounts {
		add(fmt.Sprintf("friend%d", i), friendKey(i))
	}
	n, end, err := testnet.Temporary(t.Context(), testnet.Spec{Accounts: accounts})
	must(t, err)
	t.Cleanup(func() { must(t, end()) })
	b := &battle{t: t, net: n}
	for _, m := range n.Nodes {
		b.clients = append(b.clients, dial(t, n, m.Number))
		b.foes = append(b.foes, dial(t, n, m.Number))
	}
	terms := contract.Terms{Total: contract.MaxShares, Shares: contract.MaxShares, Split: contract.Equal,
		Claim: contract.Rule{Cond: contract.Always{}}, Clauses: []contract.Clause{}, Expiry: 7200}
	b.public, b.publicHash = b.send(wallet.DevKey("heidi"), terms), terms.Hash(n.ChainID)
	return b
}

// now is the chain's time.
func (b *battle) now() contract.Time {
	_, at, err := b.clients[0].Account(b.t.Context(), contract.AddressOf(wallet.DevKey("alice")))
	must(b.t, err)
	return at.Time
}

func (b *battle) send(key *btcec.PrivateKey, terms contract.Terms) contract.PacketID {
	b.t.Helper()
	o := b.offer(b.t.Context(), 0, key, &contract.Send{Terms: terms})
	if !o.in || o.code != contract.CodeOK {
		b.t.Fatalf("send: %+v", o)
	}
	return contract.NewPacketID(b.net.ChainID, contract.AddressOf(key), o.nonce)
}

// sendRecallable funds what friends will recall during the flood, one packet
// every few seconds, each recallWindow before its window ends.
func (b *battle) sendRecallable() {
	b.t.Helper()
	start := time.Now().Add(5 * time.Second) // of the flood, about
	for at := recallEvery / 2; at+recallWindow/2 < *floodFor && len(b.recallable) < friendAccounts; at += recallEvery {
		ends := start.Add(at + recallWindow)
		window := contract.Seconds(time.Until(ends) / time.Second)
		id := b.send(friendKey(len(b.recallable)), contract.Terms{
			Total: 200, Shares: 2, Split: contract.Equal, Claim: contract.Rule{Cond: contract.Always{}}, Expiry: 7200,
			Clauses: []contract.Clause{{Target: contract.Rest,
				When: contract.Rule{Cond: contract.All{contract.Sender{}, contract.Within{For: window}}}}},
		})
		b.recallable = append(b.recallable, recallable{id, ends})
	}
}

// watch has honest people go about their business for a while, and attack
// happen meanwhile. What they offered in that time they go on offering after it.
func (b *battle) watch(d time.Duration, attack func(context.Context)) *report {
	b.t.Helper()
	r := &report{attacked: attack != nil}
	ctx, stop := context.WithTimeout(b.t.Context(), d)
	defer stop()
	patience, cancel := context.WithTimeout(b.t.Context(), d+afterwards)
	defer cancel()
	from, disk, begin := b.height(), b.disk(), time.Now()
	var enemies, friends sync.WaitGroup
	if attack != nil {
		enemies.Go(func() { attack(ctx) })
		friends.Go(func() { b.recalls(patience, begin, r) })
	}
	for i, name := range []string{"alice", "bob", "carol", "dave"} {
		friends.Go(func() { b.pays(ctx, patience, i, wallet.DevKey(name), r) })
	}
	friends.Go(func() { b.newcomers(ctx, patience, r) })
	<-ctx.Done()
	r.took, r.disk = time.Since(begin), b.disk()-disk
	to := b.height()
	enemies.Wait()
	friends.Wait()
	b.countBlocks(r, from+1, to)
	return r
}

// height is the newest of the four; a node may be too busy to answer.
func (b *battle) height() (top int64) {
	for _, s := range b.net.Status(b.t.Context()) {
		top = max(top, s.Height)
	}
	return top
}

// disk is what the first node's databases measure, in bytes, the log of its
// consensus aside, which is of a fixed size at most.
func (b *battle) disk() (sum int64) {
	data := filepath.Join(b.net.Nodes[0].Home, "data")
	filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || strings.Contains(path, "cs.wal") {
			return nil // LevelDB removes files while they are listed
		}
		if info, err := d.Info(); err == nil && !d.IsDir() {
			sum += info.Size()
		}
		return nil
	})
	return sum
}

func (b *battle) countBlocks(r *report, from, to int64) {
	b.t.Helper()
	run := 0
	for h := from; h <= to; h++ {
		txs, err := b.clients[0].BlockTxs(b.t.Context(), h)
		must(b.t, err)
		header, err := b.clients[0].SignedHeader(b.t.Context(), h)
		must(b.t, err)
		r.blocks++
		r.rounds += int(header.Commit.Round)
		r.txs += len(txs)
		run++
		if len(txs) > 0 {
			run = 0
		} else {
			r.empty++
		}
		r.emptyRun = max(r.emptyRun, run)
	}
}

// report is what honest people met with.
type report struct {
	attacked bool
	took     time.Duration
	disk     int64

	blocks, empty, emptyRun, rounds, txs int

	mu             sync.Mutex
	payments       []time.Duration // how long each took to stand in a block
	newcomers      []time.Duration
	recalls        []time.Duration
	refusals       int // times that a node said no, which it was then asked again
	never          int // payments and first claims that stood in no block at the end
	failed         []string
	beforeItsEnd   int // payments that stood in a block while the flood went on
	offeredRecalls int
}

func (r *report) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := fmt.Sprintf("%3.0f s: %d blocks, %d empty (%d in a row), %.1f extra rounds each, %d txs, disk %+.1f MB",
		r.took.Seconds(), r.blocks, r.empty, r.emptyRun, float64(r.rounds)/float64(max(r.blocks, 1)), r.txs,
		float64(r.disk)/1e6)
	s += fmt.Sprintf("; payments: %d in, %s; newcomers: %d in, %s; %d refusals, %d never",
		len(r.payments), percentiles(r.payments), len(r.newcomers), percentiles(r.newcomers), r.refusals, r.never)
	if r.attacked {
		s += fmt.Sprintf("; recalls: %d of %d in time, %s", len(r.recalls), r.offeredRecalls, percentiles(r.recalls))
	}
	if len(r.failed) > 0 {
		s += fmt.Sprintf("; failed: %v", r.failed)
	}
	return s
}

func percentiles(list []time.Duration) string {
	if len(list) == 0 {
		return "-"
	}
	list = slices.Sorted(slices.Values(list))
	at := func(p int) time.Duration { return list[min(len(list)*p/100, len(list)-1)].Round(time.Millisecond) }
	return fmt.Sprintf("p50 %s p99 %s", at(50), at(99))
}

// check holds what an enemy must not be able to do. It asserts no speed: this
// machine runs four validators, their enemies and more.
func (r *report) check(t *testing.T) {
	t.Helper()
	if r.offeredRecalls == 0 || len(r.recalls) != r.offeredRecalls {
		t.Errorf("%d of %d recalls got in before their windows ended", len(r.recalls), r.offeredRecalls)
	}
	if r.never > 0 {
		t.Errorf("%d honest payments and first claims stood in no block %s after the flood", r.never, afterwards)
	}
	if least := int(*floodFor / (10 * time.Second)); r.beforeItsEnd < least {
		t.Errorf("%d honest payments stood in a block while the flood went on, in %s", r.beforeItsEnd, *floodFor)
	}
	if r.blocks == 0 || float64(r.empty) > mostEmpty*float64(r.blocks) {
		t.Errorf("%d of %d blocks were empty", r.empty, r.blocks)
	}
	if len(r.failed) > 0 {
		t.Errorf("failed: %v", r.failed)
	}
}
