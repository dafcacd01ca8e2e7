package node

import (
	"testing"
	"time"
)

// The estimate counts what the network goes on to make, and is not there where
// the node gains nothing on it.
func TestProgress(t *testing.T) {
	at := time.Unix(1_000_000, 0)
	for _, row := range []struct {
		desc                 string
		gain, made           int64 // blocks a second
		percent              int64
		perSecond, left      float64
		height, newest, more int64
	}{
		{desc: "a chain that stands", gain: 10, height: 100, newest: 1000, more: 10, percent: 20, perSecond: 10,
			left: 80},
		{desc: "a chain that goes on", gain: 10, made: 5, height: 100, newest: 1000, more: 10, percent: 19,
			perSecond: 10, left: 170},
		{desc: "no gain", gain: 5, made: 5, height: 100, newest: 1000, more: 10, percent: 14, perSecond: 5},
		{desc: "in step", gain: 1, made: 1, height: 100, newest: 100, more: 10, percent: 100, perSecond: 1},
		{desc: "no peer", height: 7, more: 10, percent: 100},
	} {
		var p pace
		for s := range row.more + 1 {
			p.see(at.Add(time.Duration(s)*time.Second), row.height+s*row.gain, row.newest+s*row.made)
		}
		g, height := p.progress(), row.height+row.more*row.gain
		if g.PerSecond != row.perSecond || g.Left != row.left || g.Percent(height) != row.percent {
			t.Errorf("%s: %+v, %d %%", row.desc, g, g.Percent(height))
		}
	}
	if g := (&pace{}).progress(); g != (Progress{}) {
		t.Errorf("before the first look: %+v", g)
	}
}
