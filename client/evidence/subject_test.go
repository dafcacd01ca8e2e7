package evidence

import (
	"errors"
	"testing"

	"hongbao/client/audit"
)

// What no proof can hold is refused as that before a node is asked for it, and
// no node is blamed.
func TestProvableParts(t *testing.T) {
	const most = audit.MaxStatement
	for _, row := range []struct {
		part  Part
		count uint64
		kind  Kind // 0: provable
	}{
		{Part{}, 1, 0},
		{Part{}, most, 0},
		{Part{}, most + 1, TooManyEntries},
		{Part{From: 1}, most + 1, 0},
		{Part{Until: most}, 1 << 40, 0},
		{Part{From: 5, Until: most + 6}, 1 << 40, TooManyEntries},
		{Part{From: 3, Until: 3}, 9, NoEntries},
		{Part{Until: 10}, 9, NoEntries},
	} {
		from, until, err := row.part.provable(row.count)
		var why *Error
		switch {
		case err != nil && (!errors.As(err, &why) || why.Kind != row.kind), err == nil && row.kind != 0:
			t.Errorf("%+v of %d: %v", row.part, row.count, err)
		case err == nil && (from >= until || until > row.count || until-from > most):
			t.Errorf("%+v of %d: %d to %d", row.part, row.count, from, until)
		}
	}
}
