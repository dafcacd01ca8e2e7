package cli

import (
	"strconv"

	"hongbao/client"
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

func (f *partFlags) parse() (w client.Range, err error) {
	for _, flag := range []struct {
		name, text string
		number     *uint64
		at         *contract.Time
	}{{"since", f.since, &w.Part.From, &w.Since}, {"until", f.until, &w.Part.Until, &w.Until}} {
		if flag.text == "" {
			continue
		}
		if n, err := strconv.ParseUint(flag.text, 10, 64); err == nil {
			*flag.number = n
			continue
		}
		t, err := parseTime(flag.text)
		if err != nil {
			return w, usagef("--%s %q: "+
				"write the number of an entry, or a time such as 2026-02-17 or '2026-02-17 08:00'",
				flag.name, flag.text)
		}
		*flag.at = contract.TimeOf(t)
	}
	if w.Timed() && w.Part != (evidence.Part{}) {
		return w, usagef("--since and --until: write two numbers, or two times")
	}
	if w.Since != 0 && w.Until != 0 && w.Until <= w.Since {
		return w, usagef("--until %s: not after --since %s", f.until, f.since)
	}
	return w, nil
}
