package node

import (
	"fmt"
	"os"
	"strings"
	"sync"

	cfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/libs/cli/flags"
	"github.com/cometbft/cometbft/libs/log"
)

// newLogger says what the node does: one line each, to opts.Log.
func newLogger(c *cfg.Config, opts Options) (*watchedLog, error) {
	w := opts.Log
	if w == nil {
		w = os.Stderr
	}
	if opts.LogLevel != "" {
		c.LogLevel = opts.LogLevel
	}
	if opts.LogFormat != "" {
		c.LogFormat = opts.LogFormat
	}
	if err := c.BaseConfig.ValidateBasic(); err != nil {
		return nil, err
	}
	logger := log.NewTMLogger(log.NewSyncWriter(w))
	if c.LogFormat == cfg.LogFormatJSON {
		logger = log.NewTMJSONLogger(log.NewSyncWriter(w))
	}
	filtered, err := flags.ParseLogLevel(c.LogLevel, logger, cfg.DefaultLogLevel)
	if err != nil {
		return nil, err
	}
	watched := watchLog(filtered.With("module", "main"))
	watched.debug = strings.Contains(c.LogLevel, "debug")
	return watched, nil
}

// watchedLog is CometBFT's log on its way out. CometBFT says some things
// nowhere else: why its consensus ended, and that another process signs with
// this node's key. And it calls some things errors that are none.
//
// CometBFT makes loggers for each step of each block, which mostly say nothing:
// what With adds is handed on when there is a line to write.
type watchedLog struct {
	under log.Logger
	added []any
	debug bool // whether any line for debugging is wanted
	heard *heard
}

// heard is what a log said of the node.
type heard struct {
	mu      sync.Mutex
	failure string        // why consensus ended; empty while it runs
	twice   chan struct{} // closed when a second signer of this node's key is seen
	once    sync.Once

	noSnapshot chan string // gets why no snapshot could be taken
}

func watchLog(l log.Logger) *watchedLog {
	return &watchedLog{under: l, debug: true,
		heard: &heard{twice: make(chan struct{}), noSnapshot: make(chan string, 1)}}
}

func (l *watchedLog) With(keyvals ...any) log.Logger {
	return &watchedLog{l.under, append(l.added[:len(l.added):len(l.added)], keyvals...), l.debug, l.heard}
}

func (l *watchedLog) Debug(msg string, keyvals ...any) {
	if l.debug {
		l.under.With(l.added...).Debug(msg, keyvals...)
	}
}

func (l *watchedLog) Info(msg string, keyvals ...any) { l.under.With(l.added...).Info(msg, keyvals...) }

func (l *watchedLog) Warn(msg string, keyvals ...any) { l.under.With(l.added...).Warn(msg, keyvals...) }

// What CometBFT v0.40 writes. The tests of this package run it, and fail if a
// later version says it in other words.
const (
	saidFailure = "CONSENSUS FAILURE!!!"
	saidNoState = "State sync failed"
	saidTwice   = "found conflicting vote from ourselves; did you unsafe_reset a validator?"
)

// harmless are errors of CometBFT's that a healthy node writes: the message,
// and what else stands in its line.
var harmless = []struct{ msg, with string }{
	// Block sync has ended, and its timers find that no peer sends blocks.
	{"SendTimeout", "peer did not send us anything"},
	// Block sync stops itself when it is done, and is stopped again with the node.
	{"Error stopping pool", "already stopped"},
	// It is stopped before the node, and again with it.
	{"error while stopped reactor", "already stopped"},
	// A node that was restarted within a round refuses to sign its step anew.
	{"failed signing vote", "step regression"},
	// How a server ends whose listener has been closed.
	{"Error serving server", "use of closed network connection"},
}

func (l *watchedLog) Error(msg string, keyvals ...any) {
	line := fmt.Sprint(keyvals...)
	switch msg {
	case saidFailure:
		cause, _, _ := strings.Cut(fmt.Sprint(valueOf(keyvals, "err")), "\n")
		l.heard.mu.Lock()
		l.heard.failure = cause
		l.heard.mu.Unlock()
		l.Debug("consensus failed", keyvals...) // with CometBFT's stack
		l.under.With(l.added...).Error(msg, "err", cause)
		return
	case saidNoState:
		select {
		case l.heard.noSnapshot <- fmt.Sprint(valueOf(keyvals, "err")):
		default:
		}
	case saidTwice:
		l.heard.once.Do(func() { close(l.heard.twice) })
	}
	for _, h := range harmless {
		if msg == h.msg && strings.Contains(line, h.with) {
			l.Info(msg, keyvals...)
			return
		}
	}
	l.under.With(l.added...).Error(msg, keyvals...)
}

func valueOf(keyvals []any, key string) any {
	for i := 0; i+1 < len(keyvals); i += 2 {
		if keyvals[i] == key {
			return keyvals[i+1]
		}
	}
	return nil
}

// cause is why consensus ended, empty if that was never said.
func (h *heard) cause() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.failure
}
