package audit

// checkSupply establishes where all money is, and that it is all there.
func (v *verifier) checkSupply() (*Finding, error) {
	s := v.supply
	if !s.Holds() {
		return nil, in("sums", fault("supply_total"))
	}
	v.facts.Supply = &SupplyFacts{Wallets: s.Wallets, Escrow: s.Escrow, Held: s.Held, Total: s.Total}
	return found("supply", "wallets", s.Wallets, "escrow", s.Escrow, "held", s.Held, "total", s.Total), nil
}
