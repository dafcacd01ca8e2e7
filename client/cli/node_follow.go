package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hongbao/client/words"
	"hongbao/internal/home"
	"hongbao/node"
)

const (
	// followPause is between two looks at a node that catches up, and followLine
	// between two lines about it where they do not replace each other.
	followPause = time.Second
	followLine  = 10 * time.Second
	barCells    = 20
)

// follow shows on stderr how the node of a home gets on, until it is in step:
// in one line that is kept fresh on a terminal, else in a line now and then.
// It returns what the node said last, and false when ctx ended first.
// url is where the node answers; empty: its settings say so.
func (s nodes) follow(ctx context.Context, at, url string) (st node.Status, inStep bool) {
	live := home.IsTerminal(s.Stderr)
	var told time.Time
	tick := time.NewTicker(followPause)
	defer tick.Stop()
	for {
		line, err := s.Say("the node does not answer yet", "节点还没有应答"), error(nil)
		if url == "" {
			url, err = node.RPCURL(at)
		}
		if err == nil {
			if st, err = node.QueryStatus(ctx, url); err == nil {
				line = progressLine(s.Lang(), st)
			}
		}
		done := err == nil && st.InStep
		switch {
		case ctx.Err() != nil || s.Global.Quiet:
		case live && done:
			fmt.Fprint(s.Stderr, clearLine)
		case live:
			fmt.Fprint(s.Stderr, clearLine, words.Cut(printable(line), words.Columns-1))
		case !done && time.Since(told) >= followLine:
			s.Progress(line)
			told = time.Now()
		}
		if done {
			return st, true
		}
		select {
		case <-ctx.Done():
			return st, false
		case <-tick.C:
		}
	}
}

// progressLine is how a node gets on, in a line.
func progressLine(l words.Lang, st node.Status) string {
	troubles := strings.Join(nodeTroubles(l, st), l.Say("; ", ";"))
	p := st.Self.Progress
	if p.Newest <= st.Height {
		return l.Say("block %d: %s", "区块%d:%s", st.Height, troubles)
	}
	percent := p.Percent(st.Height)
	full := int(percent * barCells / 100)
	line := l.Say("[%s%s] %d %%, block %d of %d, %.0f a second", "[%s%s] %d%%,区块%d,共%d,每秒%.0f个",
		strings.Repeat("#", full), strings.Repeat(".", barCells-full), percent, st.Height, p.Newest, p.PerSecond)
	if p.Left > 0 {
		line += l.Say(", about %s left", ",大约还要%s", roughly(l, max(1, p.Left)))
	}
	return line
}
