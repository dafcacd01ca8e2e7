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

// Search finds the highest rate that is sustained for cfg.For, beginning at
// cfg.Rate, and reports the run that sustained it. probed hears of each run.
func Search(ctx context.Context, cfg Config, probed func(*Report)) (*Report, error) {
	b, err := open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer b.close()
	return b.search(ctx, probed)
}

func (b *bench) search(ctx context.Context, probed func(*Report)) (*Report, error) {
	low, high := 0, 0 // sustained, not sustained
	for rate := b.cfg.Rate; rate > low; {
		short := b.cfg
		short.Rate, short.For = rate, min(b.cfg.For, max(minProbe, b.cfg.For/probePart))
		r, err := b.measure(ctx, short)
		if err != nil {
			return nil, err
		}
		probed(r)
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
		full := b.cfg
		full.Rate = rate
		r, err := b.measure(ctx, full)
		if err != nil {
			return nil, err
		}
		probed(r)
		if r.Sustained() {
			return r, nil
		}
	}
	return nil, ErrNothingSustained
}
