package sim

import "time"

// run has the model live for so long, then lets everything come to rest and
// takes down what each node holds.
func (m *model) run(length time.Duration) {
	p := newPlan(m.rng)
	m.plant.plan(&p)
	if p.liar {
		m.liar = &liar{world: m.world, node: p.lying, colluder: p.colluding, rng: m.rng, told: map[string]int{}}
		m.kill(m.nodes[p.lying])
		m.restart(m.nodes[p.lying])
		m.fault(m.clock, p.lying, false, "lies")
	}
	m.kills = p.kills
	if p.losses {
		m.lossy = 20
	}
	for i, n := range m.nodes {
		n.skew = p.skew[i]
	}
	var whole, mends time.Time // when the network is whole again, and when the dead are restarted
	for m.clock.Sub(start) < length {
		m.step()
		switch {
		case !whole.IsZero() && m.clock.After(whole):
			m.heal()
			m.fault(m.clock, -1, m.whole(), "healed")
			whole = time.Time{}
		case p.cuts && whole.IsZero() && m.rng.IntN(300) == 0:
			var what string
			m.reach, what = cut(m.rng)
			m.fault(m.clock, -1, false, what)
			whole = m.clock.Add(time.Duration(2+m.rng.IntN(20)) * time.Second)
		}
		switch {
		case p.kills && m.rng.IntN(250) == 0:
			for range 1 + m.rng.IntN(4)*m.rng.IntN(2) {
				m.kill(m.nodes[m.rng.IntN(validators)])
			}
		case m.clock.After(mends):
			m.mend()
			mends = m.clock.Add(time.Duration(1+m.rng.IntN(15)) * time.Second)
		}
	}
	m.rest()
}

func (m *model) mend() {
	for _, n := range m.nodes {
		m.restart(n)
	}
}

// rest ends all faults and new deeds, and goes on until every client knows the
// outcome of what it did.
func (m *model) rest() {
	m.heal()
	m.lossy, m.kills, m.calm = 0, false, true
	if m.liar != nil {
		m.liar.rest, m.Lies = true, m.liar.told
	}
	m.mend()
	m.fault(m.clock, -1, true, "all faults end")
	for end := m.clock.Add(3 * time.Minute); m.clock.Before(end) && !m.settled(); m.mend() {
		m.step()
	}
	if !m.settled() {
		m.alarm(m.clock, -1, "clients wait for outcomes for ever")
	}
	for end := m.clock.Add(livePatience + time.Second); m.clock.Before(end); m.mend() {
		m.step() // a while longer, so that a chain that stands still shows
	}
	for _, n := range m.nodes {
		m.catchUp(n)
		if !n.alive {
			continue
		}
		m.crowd.prove(n.number, []byte("c/supply"))
		m.Finals = append(m.Finals, dumpOf(n.number, n.height, n.disk))
	}
}

func dumpOf(node int, height int64, d *disk) dump {
	return dump{Node: node, Height: height, Leaves: d.under('v'), Records: d.under('r')}
}
