package contract

// Account is the leaf a/<address>.
type Account struct {
	_       struct{} `cbor:",toarray"`
	Balance Amount   // spendable
	Held    Amount   // claimed and not yet settled
	Nonce   uint64   // of the next tx; a leaf that a payment made begins at 1
	Bucket  Bucket
	Open    uint32 // packets sent that are still open
	Recalls Bucket // the recall budget: one token for each of its packets that was recalled from
	History History
}

// Supply is the leaf c/supply: where all money is. Wallets + Escrow + Held =
// Total after every block, and the validators sign it.
type Supply struct {
	_       struct{} `cbor:",toarray"`
	Wallets Amount   // sum of balances
	Escrow  Amount   // sum of packets' escrows
	Held    Amount   // sum of held shares
	Total   Amount   // fixed at genesis
}

// Holds reports whether the sum is whole: no fen made, none lost.
func (s *Supply) Holds() bool {
	sum, ok := s.Wallets.Add(s.Escrow)
	sum, ok2 := sum.Add(s.Held)
	return ok && ok2 && sum == s.Total
}
