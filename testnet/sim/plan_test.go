package sim

import (
	"math/rand/v2"
	"time"
)

// plan is what goes wrong in a run, and how often: each seed has its own mixture,
// so that some runs have nothing but partitions, and some all at once.
type plan struct {
	kills, cuts, losses, liar bool
	skew                      [validators]time.Duration
	lying, colluding          int
}

func newPlan(rng *rand.Rand) plan {
	var p plan
	some := func() bool { return rng.IntN(2) == 0 }
	p.kills, p.cuts, p.losses, p.liar = some(), some(), some(), some()
	p.lying = rng.IntN(validators)
	p.colluding = (p.lying + 1 + rng.IntN(validators-1)) % validators
	if some() {
		p.skew[rng.IntN(validators)] = time.Duration(rng.IntN(60_000)-30_000) * time.Millisecond
	}
	return p
}

// cut is a way in which the network falls apart: reach[from][to].
func cut(rng *rand.Rand) (reach [validators][validators]bool, what string) {
	one := rng.IntN(validators)
	other := (one + 1 + rng.IntN(validators-1)) % validators
	kinds := []struct {
		what  string
		parts func(from, to int) bool
	}{
		{"3-1", func(from, to int) bool { return (from == one) != (to == one) }},
		{"2-2", func(from, to int) bool { return (from == one || from == other) != (to == one || to == other) }},
		{"deaf", func(_, to int) bool { return to == one }},
		{"mute", func(from, _ int) bool { return from == one }},
		{"one way", func(from, to int) bool { return from == one && to == other }},
		{"each alone", func(_, _ int) bool { return true }},
	}
	kind := kinds[rng.IntN(len(kinds))]
	for from := range validators {
		for to := range validators {
			reach[from][to] = from == to || !kind.parts(from, to)
		}
	}
	return reach, kind.what
}
