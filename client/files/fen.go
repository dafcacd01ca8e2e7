package files

import (
	"fmt"
	"strconv"

	"hongbao/contract"
)

// Fen is an amount in JSON: a string, because a JSON number loses fen beyond
// 2^53 in many readers.
type Fen contract.Amount

// MarshalText writes the amount in decimal.
func (f Fen) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%d", uint64(f)), nil }

// UnmarshalText reads what MarshalText writes, and no other spelling.
func (f *Fen) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 10, 64)
	if err != nil || strconv.FormatUint(n, 10) != string(text) {
		return fmt.Errorf("%q: not an amount in fen", text)
	}
	*f = Fen(n)
	return nil
}
