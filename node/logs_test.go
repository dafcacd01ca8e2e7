package node

import (
	"regexp"
	"testing"

	"github.com/cometbft/cometbft/libs/cli/flags"
	"github.com/cometbft/cometbft/libs/log"
)

// The watched log writes what CometBFT's own would, whatever is added on the way.
func TestWatchedLogWritesWhatCometBFTsWould(t *testing.T) {
	stamp := regexp.MustCompile(`\[[^\]]*\]`)
	say := func(l log.Logger) {
		step := l.With("module", "consensus").With("height", 7, "round", 0)
		other := step.With("peer", "b") // beside the next one, over the same slice
		step.With("peer", "a").Error("an error", "err", "e")
		for _, l := range []log.Logger{l, step, other, l.With("module", "main"), l.With("module", "p2p")} {
			l.Debug("debug", "n", 1)
			l.Info("info", "n", 2)
			l.Warn("warning", "n", 2)
			l.Error("error", "n", 3)
		}
	}
	for _, level := range []string{"main:info,*:warn", "debug", "info", "consensus:debug,*:error", "none"} {
		c := DefaultConfig(t.TempDir())
		var got, want syncBuffer
		watched, err := newLogger(c, Options{Log: &got, LogLevel: level})
		if err != nil {
			t.Fatal(err)
		}
		plain, err := flags.ParseLogLevel(level, log.NewTMLogger(log.NewSyncWriter(&want)), "info")
		if err != nil {
			t.Fatal(err)
		}
		say(watched)
		say(plain.With("module", "main"))
		g, w := stamp.ReplaceAllString(got.String(), ""), stamp.ReplaceAllString(want.String(), "")
		if g != w {
			t.Errorf("%s: wrote\n%s\nCometBFT's log\n%s", level, g, w)
		}
	}
}
