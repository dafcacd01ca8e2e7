package client

import (
	"context"
	"errors"

	"hongbao/client/wallet"
	"hongbao/contract"
)

// errUsed ends a claim whose fresh address was used meanwhile.
var errUsed = errors.New("the new address was used meanwhile")

// Fresh is an account at a new address of owner's key, which the node's ledger does
// not know and which nothing here is open for. Nothing is written down. It fails with
// wallet.ErrOpen where too many claims with new addresses are still open.
func (c *Client) Fresh(ctx context.Context, owner *wallet.Account) (*wallet.Account, error) {
	return owner.Fresh(func(a *wallet.Account) (wallet.Use, error) {
		leaf, at, err := c.node.Account(ctx, a.Address)
		if err != nil {
			return 0, err
		}
		if leaf != nil {
			return wallet.InUse, nil
		}
		pending, err := a.Pending(c.Chain())
		if pending != nil && at.Time <= pending.ValidUntil {
			return wallet.StillOpen, err
		}
		return wallet.NeverUsed, err
	})
}

// ClaimFresh is Claim at a new address of the account's key, which others cannot tell
// is the account's. The key keeps the address, and its words bring it back; a claim
// that is refused uses none up. as, if it is not nil, hears of the signer at the new
// address before each try, and may change it: another command may use that address
// first, and then the next one is tried.
func (s *Signer) ClaimFresh(ctx context.Context, o *Offer, as func(*Signer) error) (*Claimed, error) {
	for {
		account, err := s.c.Fresh(ctx, s.Account)
		if err != nil {
			return nil, err
		}
		fresh := *s
		fresh.Account = account
		if as != nil {
			if err := as(&fresh); err != nil {
				return nil, err
			}
		}
		keep := fresh.Keep
		fresh.Keep = func(tx *contract.Tx) error {
			if tx.Nonce != 0 {
				return errUsed
			}
			if err := account.Keep(); err != nil || keep == nil {
				return err
			}
			return keep(tx)
		}
		claimed, err := fresh.Claim(ctx, o)
		if err == nil {
			return claimed, nil
		}
		if again, unread := s.c.usedMeanwhile(ctx, account, err); unread != nil || !again {
			return claimed, errors.Join(err, unread)
		}
	}
}

// usedMeanwhile reports whether a claim failed, before it was sent, because another
// command used its fresh address first.
func (c *Client) usedMeanwhile(ctx context.Context, account *wallet.Account, failed error) (bool, error) {
	if errors.Is(failed, errUsed) {
		return true, nil
	}
	var refused *Refused
	if !errors.As(failed, &refused) || refused.Tx != nil {
		return false, nil
	}
	leaf, _, err := c.node.Account(ctx, account.Address)
	return leaf != nil, err
}
