package cli

import (
	"context"

	"hongbao/client/audit"
	"hongbao/client/evidence"
	"hongbao/client/rpc"
	"hongbao/contract"
)

// With --trust a read believes no node: what the node answers is made into the
// proof that `prove` would write, and judged as `verify` judges it.

// checked reports whether reads are to be verified: only a --trust that was
// given asks for it, for it costs a block.
func (s *Session) checked() bool { return s.Global.Trust != "" }

// verified is what a proof of a subject establishes.
func (s *Session) verified(ctx context.Context, about evidence.Subject) (*audit.Proven, rpc.At, error) {
	g, err := s.gatherer(ctx)
	if err != nil {
		return nil, rpc.At{}, err
	}
	proven, err := g.Verified(ctx, about)
	if err != nil {
		return nil, rpc.At{}, err
	}
	return proven, rpc.At{Height: proven.Height, Time: proven.Time}, nil
}

// packet reads the packet that a REF names.
func (s *Session) packet(ctx context.Context, id contract.PacketID) (*contract.Packet, rpc.At, error) {
	if s.checked() {
		proven, at, err := s.provenLife(ctx, id)
		if err != nil {
			return nil, at, err
		}
		return proven.Packet, at, nil
	}
	client, err := s.Node(ctx)
	if err != nil {
		return nil, rpc.At{}, err
	}
	p, at, err := client.Packet(ctx, id)
	if err == nil && p == nil {
		err = evidence.UnknownPacket(id)
	}
	return p, at, err
}

// provenLife is a packet's whole life, verified.
func (s *Session) provenLife(ctx context.Context, id contract.PacketID) (*audit.Proven, rpc.At, error) {
	return s.verified(ctx, evidence.Subject{Kind: audit.KindPacket, Packet: id})
}

// account reads an account; nil when it never received money.
func (s *Session) account(ctx context.Context, a contract.Address) (*contract.Account, rpc.At, error) {
	if s.checked() {
		g, err := s.gatherer(ctx)
		if err != nil {
			return nil, rpc.At{}, err
		}
		account, e, err := g.Account(ctx, a)
		if err != nil {
			return nil, rpc.At{}, err
		}
		return account, e.At, nil
	}
	client, err := s.Node(ctx)
	if err != nil {
		return nil, rpc.At{}, err
	}
	return client.Account(ctx, a)
}

// provenAccount is a part of an account's statement, verified; nil when it is
// verified that there is no such account.
func (s *Session) provenAccount(ctx context.Context, a contract.Address, part evidence.Part) (*audit.Proven, rpc.At, error) {
	proven, at, err := s.verified(ctx, evidence.Subject{Kind: audit.KindAccount, Account: a, Part: part})
	if err == nil && proven.Account == nil {
		proven = nil
	}
	return proven, at, err
}
