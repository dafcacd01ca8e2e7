package cli

import (
	"context"
)

// Faucet pays play money to a party, from the dev account that is there for
// it. It fails on a chain that is not for development.
func (s *Session) Faucet(ctx context.Context, party, amount string) error {
	fen, err := parseAmount(amount)
	if err != nil {
		return err
	}
	account, err := s.faucet(ctx)
	if err != nil {
		return err
	}
	payee, err := s.Resolve(ctx, party)
	if err != nil {
		return err
	}
	return s.payTo(ctx, account, payee, fen)
}
