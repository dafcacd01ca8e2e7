package client

import (
	"context"

	"hongbao/client/submit"
	"hongbao/client/wallet"
	"hongbao/contract"
)

// Outcome is how far a transaction came: see submit.Outcome. Sent is false of
// one that Mode kept back.
type Outcome = submit.Outcome

// Signer makes transactions in the name of one account. Its fields may be set
// before a method is called; methods may be called from several goroutines, and
// those of one account wait for each other.
type Signer struct {
	Account *wallet.Account
	Mode    submit.Mode // zero: sign and hand out

	// Each of these may be nil, and an error of one ends the transaction before
	// anything left. Confirm may take its time: the account's nonce is not locked yet.
	// Review is called once the node has said what the transaction would do, and
	// before the key is asked for. Keep writes down what must not be lost, just
	// before the bytes leave.
	Confirm func(Draft) error
	Review  func(Draft) error
	Keep    func(tx *contract.Tx) error

	c *Client
}

// Draft is a transaction before it is signed.
type Draft struct {
	Message contract.Message
	// Packet is the one that the message is about, as it was read, or as it is
	// offered; nil where there is none.
	Packet *contract.Packet
	Now    contract.Time // the newest block's time; to Confirm, that of the packet's state
}

// As is the signing side of the client for an account.
func (c *Client) As(account *wallet.Account) *Signer { return &Signer{Account: account, c: c} }

// submit takes a message that is about p, or about none, to its outcome.
func (s *Signer) submit(
	ctx context.Context, m contract.Message, p *contract.Packet, now contract.Time,
) (*Outcome, error) {
	if s.Confirm != nil {
		if err := s.Confirm(Draft{m, p, now}); err != nil {
			return nil, err
		}
	}
	hooks := submit.Hooks{Keep: s.Keep}
	if s.Review != nil {
		hooks.Review = func(tx *contract.Tx, now contract.Time) error { return s.Review(Draft{tx.Message, p, now}) }
	}
	return s.c.submitter(s.Mode).Submit(ctx, s.Account, m, hooks)
}

// Pay pays amount to an account directly; it is final at once.
func (s *Signer) Pay(ctx context.Context, to contract.Address, amount contract.Amount) (*Outcome, error) {
	return s.submit(ctx, &contract.Pay{To: to, Amount: amount}, nil, 0)
}

// Warp moves a dev chain's clock forward. It is in force from the next block on:
// see Client.AwaitBlock.
func (s *Signer) Warp(ctx context.Context, by contract.Seconds) (*Outcome, error) {
	return s.submit(ctx, &contract.Warp{By: by}, nil, 0)
}

// Change hands in a plan that the validators approved. It is in force two blocks
// later.
func (s *Signer) Change(ctx context.Context, m *contract.Change) (*Outcome, error) {
	return s.submit(ctx, m, nil, 0)
}

// Broadcast sends a transaction that the account signed elsewhere, and sees it
// through. It may be called again with one that was sent before.
func (s *Signer) Broadcast(ctx context.Context, tx *contract.Tx) (*Outcome, error) {
	return s.c.submitter(s.Mode).Broadcast(ctx, s.Account, tx)
}

// Tighten puts stricter clauses in the place of a packet's, for good; none
// renounces. They must allow nothing that those in force do not.
func (s *Signer) Tighten(ctx context.Context, id contract.PacketID, clauses []contract.Clause) (*Outcome, error) {
	p, at, err := s.c.Packet(ctx, id)
	if err != nil {
		return nil, err
	}
	if p.Sender != s.Account.Address { // first: what the clauses may be is the sender's business alone
		return nil, contract.Errorf(contract.CodeNotSender, "packet %s: only its sender may tighten", id)
	}
	if err := p.CheckTightening(clauses); err != nil {
		return nil, err
	}
	return s.submit(ctx, &contract.Tighten{Packet: id, Clauses: clauses}, p, at.Time)
}
