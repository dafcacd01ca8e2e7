package cli

import (
	"context"
	"sort"
	"strconv"

	"hongbao/client/evidence"
	"hongbao/contract"
)

// partFlags choose a part of a statement: by the numbers of its entries, or by time.
type partFlags struct{ since, until string }

func (f *partFlags) flags() []Flag {
	return []Flag{
		{&f.since, "--since N|TIME",
			"first entry, by its number (from 0), or the time it begins, such as 2026-02-17",
			"从哪一条起:编号(从 0 数起),或时间,如 2026-02-17"},
		{&f.until, "--until N|TIME",
			"the entry, or the time, to stop before (default: to the newest)",
			"到哪一条或哪个时间之前为止(默认到最新)"},
	}
}

// span is what they choose: a part, or a time, half-open; zero is all.
type span struct {
	evidence.Part
	since, until contract.Time
}

func (w span) timed() bool { return w.since != 0 || w.until != 0 }

func (f *partFlags) parse() (w span, err error) {
	for _, flag := range []struct {
		name, text string
		number     *uint64
		at         *contract.Time
	}{{"since", f.since, &w.Part.From, &w.since}, {"until", f.until, &w.Part.Until, &w.until}} {
		if flag.text == "" {
			continue
		}
		if n, err := strconv.ParseUint(flag.text, 10, 64); err == nil {
			*flag.number = n
			continue
		}
		t, err := parseTime(flag.text)
		if err != nil {
			return w, usagef("--%s %q: the number of an entry, or a time such as 2026-02-17 or '2026-02-17 08:00'", flag.name, flag.text)
		}
		*flag.at = contract.TimeOf(t)
	}
	if w.timed() && w.Part != (evidence.Part{}) {
		return w, usagef("--since and --until: write two numbers, or two times")
	}
	if w.since != 0 && w.until != 0 && w.until <= w.since {
		return w, usagef("--until %s: not after --since %s", f.until, f.since)
	}
	return w, nil
}

// search finds the entries of a time in an account's history of count, which is in
// the order of time: it asks the node for few.
func (s *Session) search(ctx context.Context, a contract.Address, count uint64, w span) (from, until uint64, err error) {
	first := func(t contract.Time) uint64 {
		return uint64(sort.Search(int(count), func(i int) bool {
			if err != nil {
				return true
			}
			var e []contract.Entry
			if e, err = s.entries(ctx, contract.AccountKey(a), uint64(i), uint64(i)+1); err == nil && len(e) != 1 {
				err = Fail(ExitInternal, "bad_answer", "node: %d entries for one", len(e))
			}
			return err != nil || e[0].Time >= t
		}))
	}
	until = count
	if w.since != 0 {
		from = first(w.since)
	}
	if w.until != 0 {
		until = first(w.until)
	}
	return from, until, err
}
