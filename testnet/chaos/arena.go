package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"sync"
	"time"

	cfg "github.com/cometbft/cometbft/config"

	"hongbao/client/rpc"
	"hongbao/contract"
	"hongbao/node"
	"hongbao/testnet"
	"hongbao/testnet/lives"
	"hongbao/testnet/load"
)

const (
	validators = 4
	// lookPause is between two looks at heights: small beside what is measured.
	lookPause = 50 * time.Millisecond
	// lookFor is how long a node may take to say its height.
	lookFor = 3 * time.Second
	// patience is how long a network may take to be whole again. Later than backFor
	// it has broken its promise, and is measured all the same.
	patience = 90 * time.Second
	// backFor is promise L.
	backFor = 10 * time.Second
	// snapshotEvery has a network of some minutes make snapshots, too.
	snapshotEvery = 50
)

// arena is a network that faults happen to, under traffic.
type arena struct {
	net     *testnet.Network
	end     func() error
	wire    *wire // nil: the nodes share 127.0.0.1
	random  *rand.Rand
	rate    int
	journal *journal
	clients []*rpc.Client           // one a node
	checked int64                   // promises hold of the blocks up to this one
	blocks  []*block                // those, from the first
	stands  map[contract.Hash]int64 // where each tx of them stands
	chain   string
	lives   *lives.Lives // of every packet that was sent
	nonces  map[contract.Address]*nonces
	// unproven are the packets whose life is to be proven, each from when on.
	unproven map[contract.PacketID]contract.Time

	keep *keeper

	unmount []func() error // what is mounted in its folders

	mu    sync.Mutex
	env   map[int][]string // variables of a node's next start
	exits map[int]error    // why a node ended last, unasked
}

// newBooks is an arena in which nothing has happened yet, without a network. Before its
// blocks are read its chain has to be known, see open.
func newBooks(seed uint64) *arena {
	return &arena{random: rand.New(rand.NewPCG(seed, 0)), journal: newJournal(),
		stands: map[contract.Hash]int64{}, nonces: map[contract.Address]*nonces{},
		unproven: map[contract.PacketID]contract.Time{}, env: map[int][]string{}, exits: map[int]error{}}
}

func newArena(ctx context.Context, c Config) (a *arena, err error) {
	a = newBooks(c.Seed)
	a.keep = &keeper{dir: c.Proofs}
	a.rate = c.Rate
	spec := testnet.Spec{Validators: validators, Accounts: testnet.DevAccounts()}
	if c.Apart {
		if a.wire, err = newWire(validators + 1); err != nil { // and one for a guest
			return nil, err
		}
		spec.Hosts = a.wire.addresses()[:validators]
	}
	spec.Configure = func(_ int, settings *cfg.Config, own *node.Settings) {
		own.SnapshotEvery = snapshotEvery
		settings.LogLevel = "blocksync:info," + settings.LogLevel // where it begins to vote: see crash
		if c.Configure != nil {
			c.Configure(settings)
		}
	}
	a.net, a.end, err = testnet.Temporary(ctx, spec, func(n *testnet.Network) {
		n.Launch = a.launch
		if c.Prepare != nil {
			c.Prepare(n)
		}
		n.OnExit = func(m *testnet.Node, err error) {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.exits[m.Number] = err
		}
	})
	if err != nil {
		return nil, errors.Join(err, a.close())
	}
	if err := a.dial(); err != nil {
		return nil, errors.Join(err, a.close())
	}
	return a, nil
}

// open begins the books of a chain.
func (a *arena) open(chain string, p contract.Params) { a.chain, a.lives = chain, lives.New(chain, p) }

// dial begins the books of the network's chain, and makes a client for each of its nodes.
func (a *arena) dial() error {
	doc, _, err := node.ReadGenesis(a.net.Nodes[0].Home)
	if err != nil {
		return err
	}
	state, err := contract.ParseGenesis(doc.AppState)
	if err != nil {
		return err
	}
	a.open(doc.ChainID, state.Params)
	for _, m := range a.net.Nodes {
		client, err := rpc.Dial(m.RPCURL())
		if err != nil {
			return err
		}
		a.clients = append(a.clients, client)
	}
	return nil
}

func (a *arena) close() (err error) {
	for _, c := range a.clients {
		c.Close()
	}
	if a.net != nil {
		err = a.net.Close()
	}
	for _, unmount := range a.unmount {
		err = errors.Join(err, unmount())
	}
	if a.end != nil {
		err = errors.Join(err, a.end())
	}
	if a.wire != nil {
		err = errors.Join(err, a.wire.end())
	}
	return err
}

// launch starts a node's process on its host, with the variables of this start.
func (a *arena) launch(m *testnet.Node, cmd *exec.Cmd) error {
	a.mu.Lock()
	cmd.Env = append(cmd.Env, a.env[m.Number]...)
	delete(a.env, m.Number)
	delete(a.exits, m.Number)
	a.mu.Unlock()
	if a.wire == nil {
		return cmd.Start()
	}
	return a.wire.start(m.Number, cmd)
}

// exit is why a node ended by itself; nil while it has not.
func (a *arena) exit(number int) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.exits[number]
}

// others are the nodes but those.
func (a *arena) others(but ...int) (list []int) {
	for n := 1; n <= len(a.clients); n++ {
		is := false
		for _, b := range but {
			is = is || b == n
		}
		if !is {
			list = append(list, n)
		}
	}
	return list
}

func (a *arena) victim() int { return 1 + a.random.IntN(len(a.clients)) }

// shuffled are all nodes, in a random order.
func (a *arena) shuffled() []int {
	list := a.others()
	a.random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// height is a node's committed height; 0 while it does not answer.
func (a *arena) height(ctx context.Context, number int) int64 {
	ctx, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	_, at, err := a.clients[number-1].Results(ctx)
	if err != nil {
		return 0
	}
	return at.Height
}

// heights are those of nodes, asked at once.
func (a *arena) heights(ctx context.Context, nodes []int) []int64 {
	list := make([]int64, len(nodes))
	var wg sync.WaitGroup
	for i, n := range nodes {
		wg.Go(func() { list[i] = a.height(ctx, n) })
	}
	wg.Wait()
	return list
}

func (a *arena) newest(ctx context.Context) (h int64) {
	for _, at := range a.heights(ctx, a.others()) {
		h = max(h, at)
	}
	return h
}

// untilBack waits until every node has two blocks more than the newest had at the
// call, and returns how long after begin that was.
func (a *arena) untilBack(ctx context.Context, begin time.Time) (time.Duration, error) {
	want := a.newest(ctx) + 2
	for {
		missing := 0
		for i, h := range a.heights(ctx, a.others()) {
			if h < want {
				missing = i + 1
			}
		}
		took := time.Since(begin)
		switch {
		case missing == 0:
			return took, nil
		case a.exit(missing) != nil:
			return took, a.exit(missing)
		case took > patience:
			return took, fmt.Errorf("node %d has no block %d after %s", missing, want, patience)
		}
		if err := sleep(ctx, lookPause); err != nil {
			return took, err
		}
	}
}

// traffic makes operations on small and large packets until stop is called, whatever happens.
func (a *arena) traffic(ctx context.Context, rate int) (started <-chan struct{}, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	first, done := make(chan struct{}), make(chan struct{})
	var once sync.Once
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			c := load.Config{Mix: load.Varied, Rate: rate, For: time.Minute, Journal: a.journal,
				Started: func() { once.Do(func() { close(first) }) }}
			c.Use(a.net)
			c.Homes = nil
			// It may well fail: a node that it asks is down. What it was told stands
			// in the journal.
			_, _ = load.Run(ctx, c)
			_ = sleep(ctx, lookPause)
		}
	}()
	return first, func() { cancel(); <-done }
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
