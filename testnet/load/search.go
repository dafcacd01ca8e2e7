package load

import (
	"context"
	"errors"
	"time"
)

// A search looks first with short runs, and then for as long as it is asked to
// sustain the rate.
const (
	probePart   = 6 // a probe lasts this part of the whole
	minProbe    = 5 * time.Second
	closeEnough = 16 // the highest rate is looked for to a 16th
)

// ErrNothingSustained is the error of a search that found no rate at all.
var ErrNothingSustained = errors.New("load: no rate was sustained")

// Search finds the highest rate that a run sustains for whole, beginning at rate
// begin, and returns the run that sustained it. Each run should get a network of
// its own: on one that earlier runs made large, its databases' work comes on top.
// probed hears of each run.
func Search(ctx context.Context, begin int, whole time.Duration,
	run func(ctx context.Context, rate int, lasts time.Duration) (*Report, error),
	probed func(*Report)) (*Report, error) {
	try := func(rate int, lasts time.Duration) (*Report, error) {
		r, err := run(ctx, rate, lasts)
		if err == nil {
			probed(r)
		}
		return r, err
	}
	low, high := 0, 0 // sustained, not sustained
	for rate := begin; rate > low; {
		r, err := try(rate, min(whole, max(minProbe, whole/probePart)))
		if err != nil {
			return nil, err
		}
		if r.Sustained() {
			low = rate
		} else {
			high = rate
		}
		switch {
		case high == 0:
			rate = min(MaxRate, rate*3/2)
		case high-low <= high/closeEnough:
			rate = low
		default:
			rate = (low + high) / 2
		}
	}
	// What a short run sustains, a long one may not: each next try is an eighth lower.
	for rate := low; rate > low/2; rate = rate * 7 / 8 {
		r, err := try(rate, whole)
		if err != nil || r.Sustained() {
			return r, err
		}
	}
	return nil, ErrNothingSustained
}
