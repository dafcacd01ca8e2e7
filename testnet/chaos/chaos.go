package chaos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	cfg "github.com/cometbft/cometbft/config"

	"hongbao/testnet"
	"hongbao/testnet/load"
)

// Link is what happens to packets on their way.
type Link struct {
	Delay  time.Duration
	Jitter time.Duration // a packet takes up to so much more or less; at most Delay
	Lost   float64       // the part of them that is lost; 1: all
}

// Config is a campaign.
type Config struct {
	Full bool   // the long one
	Only string // faults whose name holds this; empty: all
	Seed uint64 // of what is chosen by chance; the processes have their own
	Rate int    // operations a second that are due, of load.Varied; 0: DefaultRate
	// Times is how often each fault is done; 0: as often as the campaign has it.
	Times int
	// Apart says that this process has namespaces of its own: see [Aside]. Without
	// them the faults that need them are not tried.
	Apart bool
	// Proofs, if set, is a folder for some of the proofs that were verified, see keeper.
	Proofs string
	// Configure, if set, changes each node's settings, and Prepare each network before
	// it starts.
	Configure func(*cfg.Config)
	Prepare   func(*testnet.Network)
	// Begun and Done, if set, hear of each fault.
	Begun func(fault string, times int)
	Done  func(Row)
}

const (
	DefaultRate = 60
	// calm is how long there is traffic before a row's first fault, and after its last.
	calm = 2 * time.Second
	// AsideEnv is set to 1 in a process that has namespaces of its own.
	AsideEnv = "HONGBAO_CHAOS_ASIDE"
)

// IsAside reports whether [Aside] started this process.
func IsAside() bool { return os.Getenv(AsideEnv) == "1" }

// Row is what came of a fault.
type Row struct {
	Fault   string
	Times   int             // that it was done
	Skipped string          // why it was not tried; empty: it was
	Undone  string          // why it was not done as often as planned; empty: it was
	Broken  []Break         // none: every promise held
	Back    []time.Duration // from the end of each to new blocks on every node; empty: there is no such end
	Acked   int             // transactions whose result a client was told meanwhile
	Took    []time.Duration // from each one's first attempt to its result
	Packets int             // whose whole histories were proven and judged
	Blocks  int64           // made meanwhile
	Seconds float64         // of all
	Figures []string        // what else was measured
}

// Break is a promise that did not hold.
type Break struct {
	Promise string // its letter, as in docs/evidence.md
	Text    string
	Late    bool // it held, and later than promised, as it does on a machine that is busy
}

// Held reports whether a fault was done as planned and every promise held.
func (r *Row) Held() bool { return r.Skipped == "" && r.Undone == "" && len(r.Broken) == 0 }

// Longest is the longest time that a network took to be back.
func (r *Row) Longest() time.Duration {
	if len(r.Back) == 0 {
		return 0
	}
	return slices.Max(r.Back)
}

// Median is the median of the times that a network took to be back.
func (r *Row) Median() time.Duration { return load.Percentile(r.Back, 50) }

// Percentile is the latency that p percent of the acknowledged did not exceed.
func (r *Row) Percentile(p int) time.Duration { return load.Percentile(r.Took, p) }

// maxBreaks is how many breaks of a row are kept: the first say why.
const maxBreaks = 20

func (r *Row) broke(promise, format string, args ...any) {
	if len(r.Broken) < maxBreaks {
		r.Broken = append(r.Broken, Break{Promise: promise, Text: fmt.Sprintf(format, args...)})
	}
}

// late says of a promise that it held, and later than it should.
func (r *Row) late(promise, format string, args ...any) {
	if len(r.Broken) < maxBreaks {
		r.Broken = append(r.Broken, Break{promise, fmt.Sprintf(format, args...), true})
	}
}

// back takes down how long a network took to be back.
func (r *Row) back(took time.Duration) {
	r.Back = append(r.Back, took)
	if took > backFor && took <= patience {
		r.late("L", "new blocks on all nodes only %s after the fault", took.Round(100*time.Millisecond))
	}
}

func (r *Row) figure(format string, args ...any) {
	r.Figures = append(r.Figures, fmt.Sprintf(format, args...))
}

// Run does all faults, each so many times on a network under traffic, and returns
// a row for each. Faults of a group share a network. The error says what kept the
// campaign itself from going on; a broken promise is none.
func Run(ctx context.Context, c Config) (rows []Row, err error) {
	if c.Rate == 0 {
		c.Rate = DefaultRate
	}
	for _, g := range groups() {
		g.faults = c.chosen(g)
		more, err := g.run(ctx, c)
		rows = append(rows, more...)
		if err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// rowTakes is how many seconds it takes to read and judge all blocks and packets of a row,
// and to start a network for the first of a group.
const rowTakes = 8

// Planned is a row for each fault that Run would do, with the number of times and the
// seconds that it is expected to take.
func Planned(c Config) (rows []Row) {
	for _, g := range groups() {
		for _, f := range c.chosen(g) {
			lasts := f.lasts[0]
			if c.Full {
				lasts = f.lasts[1]
			}
			times := f.count(c)
			rows = append(rows, Row{Fault: f.name, Times: times, Seconds: float64(rowTakes + times*lasts)})
		}
	}
	return rows
}

func (c *Config) chosen(g group) []fault {
	return slices.DeleteFunc(g.faults, func(f fault) bool {
		return f.count(*c) == 0 || !strings.Contains(f.name, c.Only)
	})
}

// group is faults that one network bears after each other.
type group struct {
	faults []fault
	apart  bool // needs namespaces
}

// fault is something that happens to a network.
type fault struct {
	name  string
	times [2]int // in the quick campaign, which leaves out some, and in the full one
	// do does it once, and says when it is over: bout.heal. What it finds broken it
	// says; its error is why it could not be done.
	do    func(context.Context, *bout) error
	lasts [2]int // seconds of one time, about, in each campaign
	// rate is the most transactions a second meanwhile; 0: as the campaign has it.
	rate int
}

func (f fault) count(c Config) int {
	if c.Times > 0 {
		return c.Times
	}
	switch {
	case c.Full:
		return f.times[1]
	case c.Only != "":
		return max(1, f.times[0]) // it was asked for
	}
	return f.times[0]
}

// bout is one time of a fault.
type bout struct {
	*arena
	row    *Row
	full   bool
	nth    int       // from 0
	healed time.Time // zero: it has measured that itself
}

// heal says that the fault ends now.
func (b *bout) heal() { b.healed = time.Now() }

func (g group) run(ctx context.Context, c Config) (rows []Row, err error) {
	if len(g.faults) == 0 {
		return nil, nil
	}
	if g.apart && !c.Apart {
		for _, f := range g.faults {
			rows = append(rows, Row{Fault: f.name, Skipped: "this machine gives no namespaces"})
			c.tell(rows[len(rows)-1])
		}
		return rows, nil
	}
	for left := g.faults; len(left) > 0; {
		some, err := c.onOne(ctx, left)
		rows, left = append(rows, some...), left[len(some):]
		if err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// onOne has faults happen on one network until a promise breaks, or a fault cannot be done:
// what follows would be measured on a network that is broken already.
func (c Config) onOne(ctx context.Context, faults []fault) (rows []Row, err error) {
	a, err := newArena(ctx, c)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	for _, f := range faults {
		row, err := a.bear(ctx, c, f)
		if ctx.Err() != nil {
			return rows, fmt.Errorf("%s: %w", f.name, ctx.Err())
		}
		if err != nil {
			row.Undone = err.Error()
		}
		rows = append(rows, row)
		c.tell(row)
		if err != nil || slices.ContainsFunc(row.Broken, func(b Break) bool { return !b.Late }) {
			break
		}
	}
	return rows, nil
}

func (c *Config) tell(row Row) {
	if c.Done != nil {
		c.Done(row)
	}
}

// bear has a fault happen as often as it is to, under traffic.
func (a *arena) bear(ctx context.Context, c Config, f fault) (row Row, err error) {
	times := f.count(c)
	if c.Begun != nil {
		c.Begun(f.name, times)
	}
	row.Fault = f.name
	began, from := time.Now(), a.newest(ctx)
	rate := a.rate
	if f.rate > 0 {
		rate = min(rate, f.rate)
	}
	started, stop := a.traffic(ctx, rate)
	defer stop()
	select {
	case <-started:
	case <-time.After(patience):
		return row, errors.New("no traffic")
	case <-ctx.Done():
		return row, ctx.Err()
	}
	for i := range times {
		if err := sleep(ctx, calm); err != nil {
			return row, err
		}
		b := &bout{arena: a, row: &row, full: c.Full, nth: i}
		if err := f.do(ctx, b); err != nil {
			return row, err
		}
		row.Times++
		if b.healed.IsZero() {
			continue
		}
		back, err := a.untilBack(ctx, b.healed)
		if ctx.Err() != nil {
			return row, ctx.Err()
		}
		row.back(back)
		if err != nil {
			row.broke("L", "%v", err)
			break
		}
	}
	if err := sleep(ctx, calm); err != nil {
		return row, err
	}
	stop()
	row.Seconds, row.Blocks = time.Since(began).Seconds(), a.newest(ctx)-from
	acked, took := a.journal.take()
	row.Acked, row.Took = len(acked), took
	if err := a.check(ctx, &row, acked); err != nil {
		return row, err
	}
	if row.Acked == 0 {
		row.broke("X", "no client was told of any transaction")
	}
	return row, nil
}
