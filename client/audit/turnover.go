package audit

import (
	"fmt"
	"math/big"
	"math/bits"

	"hongbao/contract"
)

// Turnover is a sum of movements in fen. Money that moves twice counts twice,
// so a sum of honest amounts may exceed any amount that there is.
type Turnover struct{ high, low uint64 } // 128 bits

func (t *Turnover) add(a contract.Amount) {
	var carry uint64
	t.low, carry = bits.Add64(t.low, uint64(a), 0)
	t.high += carry
}

func (t Turnover) fen() *big.Int {
	n := new(big.Int).SetUint64(t.high)
	return n.Lsh(n, 64).Add(n, new(big.Int).SetUint64(t.low))
}

// MarshalText writes fen in decimal.
func (t Turnover) MarshalText() ([]byte, error) { return t.fen().Append(nil, 10), nil }

// String is yuan with two decimals, as of an amount.
func (t Turnover) String() string {
	digits := fmt.Sprintf("%03d", t.fen())
	return digits[:len(digits)-2] + "." + digits[len(digits)-2:]
}

// Yuan is the sum as people read it: "¥1,234.50".
func (t Turnover) Yuan() string {
	text := t.String()
	for i := len(text) - 6; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return "¥" + text
}
