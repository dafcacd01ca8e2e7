package client

import (
	"context"
	"fmt"

	"hongbao/client/evidence"
	"hongbao/contract"
)

// Asked is a question about a share, or the answer to one.
type Asked struct {
	*Outcome
	ID     contract.PacketID
	Share  uint32           // from 1
	Packet *contract.Packet // as it was before
	// Question is as it stands: of one that was asked just now zero while no block
	// holds it.
	Question contract.Asked
}

// ChooseError says that several shares of a packet could be meant.
type ChooseError struct {
	Packet contract.PacketID
	Share  uint32 // one of them
}

func (e *ChooseError) Error() string {
	return fmt.Sprintf("packet %s: has several settled shares; %d is one", e.Packet, e.Share)
}

// Ask asks the claimer of a settled share to give it back. Share is from 1; 0 is
// the only settled one. It fails with a ChooseError where there are several.
// Reason is a code or its word, as in Recall, or empty.
func (s *Signer) Ask(ctx context.Context, id contract.PacketID, share uint32, reason contract.Reason) (*Asked, error) {
	p, at, err := s.c.PacketWith(ctx, id, share)
	if err != nil {
		return nil, err
	}
	if share == 0 {
		if share, err = onlySettled(id, p); err != nil {
			return nil, err
		}
	}
	if reason, err = reasonCode(reason); err != nil {
		return nil, err
	}
	out := &Asked{ID: id, Share: share, Packet: p}
	m := &contract.Ask{Packet: id, Share: share, Reason: reason}
	if out.Outcome, err = s.submit(ctx, m, p, at.Time); err != nil || !out.Sent {
		return out, err
	}
	if err := evidence.CheckShare(id, p, share); err != nil || out.Record == nil {
		return out, out.Unread(err)
	}
	out.Question = contract.Asked{State: contract.AskOpen, Reason: reason, At: out.Record.Time}
	return out, nil
}

// onlySettled is the one settled share of a packet.
func onlySettled(id contract.PacketID, p *contract.Packet) (only uint32, err error) {
	for i := range p.Shares {
		if p.Shares[i].State != contract.Settled {
			continue
		}
		if only != 0 {
			return 0, &ChooseError{id, only}
		}
		only = uint32(i + 1)
	}
	if only == 0 {
		err = contract.Errorf(contract.CodeShareNotSettled, "packet %s: has no settled share to ask for", id)
	}
	return only, err
}

// Answer answers the sender's question about the account's share. To accept is a
// gift back: the share's amount goes from the account's balance to the sender.
// Share is from 1; 0 is the one that the account claimed.
func (s *Signer) Answer(ctx context.Context, id contract.PacketID, share uint32, accept bool) (*Asked, error) {
	p, at, err := s.c.packetFor(ctx, id, share, s.Account.Address)
	if err != nil {
		return nil, err
	}
	if share, err = s.ownShare(id, p, share); err != nil {
		return nil, err
	}
	out := &Asked{ID: id, Share: share, Packet: p}
	m := &contract.Answer{Packet: id, Share: share, Accept: accept}
	if out.Outcome, err = s.submit(ctx, m, p, at.Time); err != nil || !out.Sent {
		return out, err
	}
	if err := evidence.CheckShare(id, p, share); err != nil {
		return out, out.Unread(err)
	}
	asked := p.ShareAt(share).Asked
	if asked == nil {
		err := s.c.node.BadAnswerf("takes an answer to a question that its packet does not have")
		return out, out.Unread(err)
	}
	if out.Question = *asked; out.Record != nil {
		out.Question.State = contract.AskRefused
		if accept {
			out.Question.State = contract.AskAccepted
		}
	}
	return out, nil
}
