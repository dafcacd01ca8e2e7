package node

import "time"

// Progress is how a node that lacks blocks of its peers gets on.
type Progress struct {
	Newest    int64   `json:"newest"`            // block of any peer, or the node's own
	PerSecond float64 `json:"blocks_per_second"` // that the node gained lately
	Left      float64 `json:"seconds_left"`      // at that pace, with what its peers go on to make; 0: not known
}

// pace keeps what is needed to tell a [Progress]: where the node and its
// furthest peer were in the last seconds.
type pace struct{ seen []sighting }

type sighting struct {
	at             time.Time
	height, newest int64
}

// paceSightings are what an estimate is made of, one a second: fewer follow
// each pause, more go on about what is over.
const paceSightings = 30

func (p *pace) see(at time.Time, height, newest int64) {
	p.seen = append(p.seen, sighting{at, height, max(height, newest)})
	p.seen = p.seen[max(0, len(p.seen)-paceSightings):]
}

func (p *pace) progress() (g Progress) {
	if len(p.seen) == 0 {
		return g
	}
	first, last := p.seen[0], p.seen[len(p.seen)-1]
	g.Newest = last.newest
	seconds := last.at.Sub(first.at).Seconds()
	if seconds <= 0 {
		return g
	}
	g.PerSecond = float64(last.height-first.height) / seconds
	made := 0.0
	if first.newest > first.height { // a peer had told its height by then
		made = float64(last.newest-first.newest) / seconds
	}
	if missing := last.newest - last.height; missing > 0 && g.PerSecond > made {
		g.Left = float64(missing) / (g.PerSecond - made)
	}
	return g
}

// Percent is how much of the chain a height is, from 0 to 100.
func (g Progress) Percent(height int64) int64 {
	if g.Newest <= 0 {
		return 0
	}
	return min(100, height*100/g.Newest)
}
