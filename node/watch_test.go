package node

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cometbft/cometbft/types"

	"github.com/cometbft/cometbft/libs/log"
)

// A node is in step only if it has what its peers have, makes blocks, and is
// dated like the others; else its status says what keeps it from it.
func TestStatusSaysWhatKeepsANodeOutOfStep(t *testing.T) {
	now := time.Date(2026, 2, 17, 12, 0, 0, 0, time.UTC)
	healthy := func() Status {
		return Status{Height: 848, Time: now.Add(-time.Second), Self: Self{
			NoBlockFor: 0.5, ClockKnown: true, ClockOffset: 0.3, SignedUpTo: 848,
			PeerHeights: []PeerHeight{{"node2", 848}, {"node3", 850}},
		}}
	}
	for _, row := range []struct {
		desc   string
		change func(*Status)
		want   []Trouble // none: in step
	}{
		{"healthy", func(*Status) {}, nil},
		{"far behind, by consensus gossip", func(s *Status) { s.Height = 196 }, []Trouble{BehindPeers, SignedAhead}},
		{"fetching blocks", func(s *Status) { s.CatchingUp = true }, []Trouble{CatchingUp}},
		{"a halted chain", func(s *Status) { s.Self.NoBlockFor = 600 }, []Trouble{Stalled}},
		{"a joiner without peers", func(s *Status) { *s = Status{} }, []Trouble{NoBlockYet}},
		{"clock set back by 20 min", func(s *Status) {
			s.Time = now.Add(20 * time.Minute)
		}, []Trouble{ClockBehindChain}},
		{"clock 30 s ahead", func(s *Status) { s.Self.ClockOffset = 30 }, []Trouble{ClockAhead}},
		{"clock 30 s behind", func(s *Status) { s.Self.ClockOffset = -30 }, []Trouble{ClockBehind}},
		{"an offset that was not measured", func(s *Status) { s.Self.ClockOffset, s.Self.ClockKnown = 30, false }, nil},
		{"a sign state that is ahead", func(s *Status) { s.Self.SignedUpTo = 2000 }, []Trouble{SignedAhead}},
	} {
		s := healthy()
		row.change(&s)
		s.judge(now)
		if got := s.Troubles(); !slices.Equal(got, row.want) || s.InStep != (len(row.want) == 0) {
			t.Errorf("%s: in step %v, troubles %v, want %v", row.desc, s.InStep, got, row.want)
		}
	}
}

// The clock that proposals are judged by follows the other validators' when
// this machine's is ahead, after some blocks in a row that say so.
func TestAClockAheadIsPutRight(t *testing.T) {
	for _, row := range []struct {
		desc    string
		offsets []time.Duration
		known   bool
		ahead   time.Duration // by which the clock is taken back
	}{
		{"too few blocks", []time.Duration{30 * time.Second, 30 * time.Second}, false, 0},
		{"30 s ahead", []time.Duration{31e9, 30e9, 32e9, 30e9, 33e9}, true, 30 * time.Second},
		{"one fresh vote among late ones", []time.Duration{31e9, 1e9, 32e9, 30e9, 33e9}, true, 0},
		{"behind", []time.Duration{-31e9, -30e9, -32e9, -30e9, -33e9}, true, 0},
		{"in step", []time.Duration{1e9, 2e8, 3e8, 1e8, 5e8}, true, 0},
	} {
		w := &watch{logger: log.NewNopLogger(), offsets: row.offsets}
		if _, known := w.clockOffset(); known != row.known {
			t.Errorf("%s: known %v", row.desc, known)
		}
		if got := time.Until(w.now()); (got + row.ahead).Abs() > time.Second {
			t.Errorf("%s: the clock is off by %s, expected %s", row.desc, got, -row.ahead)
		}
	}
}

// One wrong clock of four makes no right one look wrong, whichever three votes a
// commit has.
func TestTheMiddleVoteIsThatOfARightClock(t *testing.T) {
	at := time.Date(2026, 2, 17, 12, 0, 0, 0, time.UTC)
	const absent = 1000
	for _, tt := range []struct {
		desc  string
		votes []int // of validators 0, 1, 2 ...: seconds by which each is late; 0 is this one
		want  int   // absent: not known
	}{
		{"all are right", []int{0, 1, 2, 3}, 2},
		{"another is ahead", []int{0, 1, 2, 30}, 2},
		{"another is ahead, and one did not vote", []int{0, absent, 1, 30}, 1},
		{"another is behind, and one did not vote", []int{0, absent, 1, -30}, 0},
		{"another is ahead, and this one did not vote", []int{absent, 0, 1, 30}, 1},
		{"this one is ahead", []int{30, 0, 1, 2}, 2},
		{"this one is behind, and one did not vote", []int{-30, 0, 1, absent}, 0},
		{"two validators, the other behind", []int{30, 0}, 0},
		{"two validators, the other ahead", []int{0, 30}, 30},
		{"no other voted", []int{0, absent, absent}, absent},
		{"no vote", []int{absent, absent}, absent},
	} {
		commit := &types.Commit{Signatures: []types.CommitSig{
			{BlockIDFlag: types.BlockIDFlagNil, ValidatorAddress: []byte{9}, Timestamp: at.Add(time.Hour)}}}
		for i, second := range tt.votes {
			if second != absent {
				commit.Signatures = append(commit.Signatures, types.CommitSig{BlockIDFlag: types.BlockIDFlagCommit,
					ValidatorAddress: []byte{byte(i)}, Timestamp: at.Add(time.Duration(second) * time.Second)})
			}
		}
		got, ok := middleVote(commit, []byte{0})
		if ok != (tt.want != absent) || ok && got != at.Add(time.Duration(tt.want)*time.Second) {
			t.Errorf("%s: %v, %v", tt.desc, got, ok)
		}
	}
	if _, ok := middleVote(nil, []byte{0}); ok {
		t.Error("known without a commit")
	}
}

// Lines that a healthy node writes do not hide those that matter.
func TestTheLogTellsHarmlessErrorsFromOthers(t *testing.T) {
	for _, row := range []struct {
		desc    string
		msg     string
		keyvals []any
		level   string
	}{
		{"block sync's timer", "SendTimeout", []any{"reason", "peer did not send us anything"}, "I"},
		{"a slow peer of block sync", "SendTimeout", []any{"reason", "peer is not sending us data fast enough"}, "E"},
		{"a step signed before a restart", "failed signing vote",
			[]any{"err", "error signing vote: step regression at height 7"}, "I"},
		{"a height signed before", "failed signing vote",
			[]any{"err", "error signing vote: height regression. Got 7, last height 99"}, "E"},
		{"block sync stopped twice", "Error stopping pool", []any{"err", "already stopped"}, "I"},
		{"block sync stopped before the node", "error while stopped reactor", []any{"err", "already stopped"}, "I"},
		{"a listener that was closed", "Error serving server",
			[]any{"err", "accept tcp: use of closed network connection"}, "I"},
		{"consensus", saidFailure, []any{"err", "broken\nmore", "stack", "goroutine 1"}, "E"},
	} {
		var out syncBuffer
		l := watchLog(log.NewTMLogger(&out))
		l.With("module", "x").Error(row.msg, row.keyvals...)
		if text := out.String(); !strings.HasPrefix(lastLine(text), row.level) {
			t.Errorf("%s: %q, expected level %s", row.desc, text, row.level)
		}
		if row.msg == saidFailure && l.heard.cause() != "broken" {
			t.Errorf("cause %q", l.heard.cause())
		}
	}
	l := watchLog(log.NewNopLogger())
	l.With("module", "consensus").Error(saidTwice)
	select {
	case <-l.heard.twice:
	default:
		t.Error("a second signer was not heard of")
	}
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}
