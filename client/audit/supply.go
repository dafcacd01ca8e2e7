package audit

import (
	"errors"
	"fmt"

	"hongbao/contract"
)

// checkSupply establishes where all money is, and that it is all there.
func (v *verifier) checkSupply() (line, error) {
	s := new(contract.Supply)
	if err := contract.Decode(v.leaf, s); err != nil {
		return line{}, fmt.Errorf("leaf: %w", err)
	}
	if !s.Holds() {
		return line{}, errors.New("sums: wallets, escrow and hold are not the total")
	}
	v.facts.Supply = &SupplyFacts{Wallets: s.Wallets, Escrow: s.Escrow, Held: s.Held, Total: s.Total}
	return both("%s in wallets + %s in escrow + %s held = %s", "钱包 %s + 未领 %s + 待到账 %s = %s", s.Wallets, s.Escrow, s.Held, s.Total), nil
}
