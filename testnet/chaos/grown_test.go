package chaos_test

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"

	"hongbao/client/rpc"
	"hongbao/contract"
	"hongbao/node"
)

// What a node may need to join a chain that has grown: with that many accounts and
// packets, in step by a snapshot within joinBound; by block sync as many times faster
// than the validators made the blocks; and never more memory.
const (
	grownAccounts = 100_000
	grownPackets  = 20_000
	grownSenders  = 1_000

	joinBound   = 30 * time.Second
	speedBound  = 3.0
	memoryBound = 600 << 20
	// grownSnapshots is of every how many blocks a snapshot is made, once the chain has
	// grown and makes a block a second.
	grownSnapshots = 40
)

// TestJoinAGrownChain has four validators make a chain of 100,000 accounts and 20,000
// packets, each a transaction of its own, and nodes join it.
func TestJoinAGrownChain(t *testing.T) {
	if !*campaign {
		t.Skip("takes five minutes: go test ./testnet/chaos -campaign -run GrownChain -timeout 15m -v")
	}
	senders := make([]*btcec.PrivateKey, grownSenders)
	state := contract.Genesis{Params: contract.DefaultParams(), Dev: true}
	for i := range grownAccounts {
		secret := contract.TaggedHash(contract.TagDevKey, fmt.Appendf(nil, "grown %d", i))
		key, _ := btcec.PrivKeyFromBytes(secret[:])
		state.Accounts = append(state.Accounts,
			contract.GenesisAccount{Address: contract.AddressOf(key), Balance: 1000})
		if i < grownSenders {
			senders[i] = key
		}
	}
	h := newHosts(t, nil, 4, 0, state, "alice", "bob", "carol", "dave", "erin", "frank")
	validators, erin, frank := h.machines[:4], h.machines[4], h.machines[5]
	var peers []string
	for _, m := range validators {
		h.start(m)
		peers = append(peers, "--peer", m.peer)
	}
	for _, m := range validators {
		h.until(m, "more than the block of the genesis", func(s node.Status) bool { return s.Height > 2 })
	}

	first, last, seconds := h.grow(senders)
	made := grownPackets / seconds
	t.Logf("%d accounts, %d packets in blocks %d to %d: made in %.1f s, %.0f a second by four validators",
		grownAccounts, grownPackets, first, last, seconds, made)
	for _, m := range validators {
		h.end(m, syscall.SIGTERM)
		c, settings, err := node.LoadConfig(m.home)
		must(t, err)
		settings.SnapshotEvery = grownSnapshots
		must(t, node.WriteConfig(c, settings))
		h.start(m)
	}
	for _, m := range validators {
		h.until(m, "a block after the restart", func(s node.Status) bool { return s.Height > last+3 })
	}

	erin.env, frank.env = nil, nil // all processors, as on a machine of their own
	begin := time.Now()
	h.join(erin, peers...)
	h.until(erin, "the block before the packets", func(s node.Status) bool { return s.Height >= first-1 })
	from := time.Now()
	h.until(erin, "all packets", func(s node.Status) bool { return s.Height >= last })
	fetched := grownPackets / time.Since(from).Seconds()
	h.until(erin, "in step", isInStep)
	now, most := memory(t, erin)
	t.Logf("by block sync: in step after %s; %.0f packets a second, %.1f times production; %d MB, %d MB at most",
		took(begin), fetched, fetched/made, now>>20, most>>20)
	if fetched < speedBound*made {
		t.Errorf("block sync is %.1f times as fast as production, not %.1f", fetched/made, speedBound)
	}
	if most > memoryBound {
		t.Errorf("a node that joins by block sync takes %d MB", most>>20)
	}
	h.end(erin, syscall.SIGTERM)

	tip := h.height(validators[0])
	h.until(validators[0], "a snapshot", func(s node.Status) bool {
		return s.Height >= (tip/grownSnapshots+1)*grownSnapshots+5
	})
	begin = time.Now()
	h.join(frank, append(peers, "--snapshot")...)
	h.until(frank, "in step", isInStep)
	lasted := took(begin)
	now, most = memory(t, frank)
	t.Logf("by state sync: in step after %s; %d MB, %d MB at most", lasted, now>>20, most>>20)
	if lasted > joinBound {
		t.Errorf("in step by a snapshot after %s, not within %s", lasted, joinBound)
	}
	if most > memoryBound {
		t.Errorf("a node that joins by a snapshot takes %d MB", most>>20)
	}
	h.hasGrown(frank)
	for _, m := range validators {
		now, most = memory(t, m)
		t.Logf("%s: %d MB, %d MB at most", m.Name, now>>20, most>>20)
		if now > memoryBound {
			t.Errorf("%s takes %d MB", m.Name, now>>20)
		}
	}
}

// grow has the senders send all packets, and returns the blocks that hold them, and
// how many seconds lie between them.
func (h *hosts) grow(senders []*btcec.PrivateKey) (first, last int64, seconds float64) {
	h.t.Helper()
	var clients []*rpc.Client
	for _, m := range h.machines[:4] {
		c, err := rpc.Dial(m.url())
		must(h.t, err)
		defer c.Close()
		clients = append(clients, c)
	}
	c := clients[0]
	_, at, err := c.Results(h.t.Context())
	must(h.t, err)
	first = at.Height + 1
	wires := packets(h.t, h.network.Chain, senders, at.Time.Plus(contract.Seconds(9*60)))

	// A sender's packets go to one node, in their order; eight senders at a time.
	var wg sync.WaitGroup
	next := make(chan int)
	for range 8 {
		wg.Go(func() {
			for i := range next {
				for _, wire := range wires[i] {
					h.put(clients[i%len(clients)], wire)
				}
			}
		})
	}
	for i := range wires {
		next <- i
	}
	close(next)
	wg.Wait()
	for begin := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		totals, at, err := c.Summary(h.t.Context())
		if err == nil && totals.Open == grownPackets {
			last = at.Height
			break
		}
		if time.Since(begin) > comesFor {
			h.t.Fatalf("%+v of %d packets after %s: %v", totals, grownPackets, comesFor, err)
		}
	}
	return h.span(c, first, last)
}

// span is the blocks between two that hold transactions, and the seconds in which they
// were made: a block is dated by the votes for the one before.
func (h *hosts) span(c *rpc.Client, from, to int64) (first, last int64, seconds float64) {
	h.t.Helper()
	for at := from; at <= to; at++ {
		txs, err := c.BlockTxs(h.t.Context(), at)
		must(h.t, err)
		if len(txs) > 0 {
			last = at
			if first == 0 {
				first = at
			}
		}
	}
	h.until(h.machines[0], "the block after", func(s node.Status) bool { return s.Height > last+1 })
	begin, err := c.SignedHeader(h.t.Context(), first)
	must(h.t, err)
	end, err := c.SignedHeader(h.t.Context(), last+1)
	must(h.t, err)
	return first, last, end.Time.Sub(begin.Time).Seconds()
}

// put has a node take a transaction, however often it is asked.
func (h *hosts) put(c *rpc.Client, wire []byte) {
	var err error
	for begin := time.Now(); time.Since(begin) < comesFor; time.Sleep(50 * time.Millisecond) {
		if err = c.Broadcast(h.t.Context(), wire); err == nil {
			return
		}
	}
	h.t.Errorf("not taken within %s: %v", comesFor, err)
}

// packets are the sends of each sender, signed.
func packets(t *testing.T, chain string, senders []*btcec.PrivateKey, until contract.Time) [][][]byte {
	t.Helper()
	wires := make([][][]byte, len(senders))
	for i, key := range senders {
		for nonce := range uint64(grownPackets / grownSenders) {
			terms := contract.Terms{Total: 8, Shares: 4, Split: contract.Equal, Expiry: 24 * 3600,
				Claim: contract.Rule{Cond: contract.Always{}}, Clauses: []contract.Clause{}}
			tx := &contract.Tx{Chain: chain, Nonce: nonce, ValidUntil: until, Message: &contract.Send{Terms: terms}}
			must(t, tx.Sign(key))
			wires[i] = append(wires[i], tx.Encode())
		}
	}
	return wires
}

// hasGrown holds what a node says of the chain against what was made.
func (h *hosts) hasGrown(m *machine) {
	h.t.Helper()
	c, err := rpc.Dial(m.url())
	must(h.t, err)
	defer c.Close()
	totals, _, err := c.Summary(h.t.Context())
	must(h.t, err)
	if totals.Open != grownPackets || !totals.Supply.Holds() || totals.Supply.Total != grownAccounts*1000 {
		h.t.Errorf("%s holds %+v", m.Name, totals)
	}
}

// memory is what a machine's node holds now, and held at most, in bytes, from Linux's
// /proc; 0 elsewhere.
func memory(t *testing.T, m *machine) (now, most int64) {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", m.process.Process.Pid))
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(b)) {
		var kb int64
		for prefix, into := range map[string]*int64{"VmRSS:": &now, "VmHWM:": &most} {
			if rest, found := strings.CutPrefix(line, prefix); found {
				_, err := fmt.Sscan(rest, &kb)
				must(t, err)
				*into = kb << 10
			}
		}
	}
	return now, most
}
