package cli

import (
	"testing"

	"hongbao/client/audit"
)

// What no proof can hold is refused as that before a node is asked for it, and
// no node is blamed.
func TestProvableParts(t *testing.T) {
	const most = audit.MaxStatement
	for _, row := range []struct {
		part  part
		count uint64
		exit  int // 0: provable
	}{
		{part{}, 1, 0},
		{part{}, most, 0},
		{part{}, most + 1, ExitRefused},
		{part{from: 1}, most + 1, 0},
		{part{until: most}, 1 << 40, 0},
		{part{from: 5, until: most + 6}, 1 << 40, ExitRefused},
		{part{from: 3, until: 3}, 9, ExitUsage},
		{part{until: 10}, 9, ExitUsage},
	} {
		from, until, err := row.part.provable(row.count)
		switch {
		case err != nil && asError(err).Exit != row.exit, err == nil && row.exit != 0:
			t.Errorf("%+v of %d: %v", row.part, row.count, err)
		case err == nil && (from >= until || until > row.count || until-from > most):
			t.Errorf("%+v of %d: %d to %d", row.part, row.count, from, until)
		}
	}
}
