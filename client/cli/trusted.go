package cli

import (
	"context"
	"fmt"
	"time"

	"hongbao/client/audit"
	"hongbao/client/rpc"
	"hongbao/contract"
)

// With --trust a read believes no node: what the node answers is made into the
// proof that `prove` would write, and judged as `verify` judges it.

// maxReadAge is how old the newest signed state that a node shows may be: an
// idle chain makes a block each second, so one that is older is halted, or the
// node hides what came since.
const maxReadAge = time.Minute

// checked reports whether reads are to be verified: only a --trust that was
// given asks for it, for it costs a block.
func (s *Session) checked() bool { return s.Global.Trust != "" }

// believe verifies what the node answered.
func (s *Session) believe(ctx context.Context, e *evidence) (*audit.Proven, rpc.At, error) {
	trust, err := s.trust()
	if err != nil {
		return nil, rpc.At{}, err
	}
	file, err := e.file(ctx)
	if err != nil {
		return nil, rpc.At{}, err
	}
	b, err := file.Encode()
	if err != nil {
		return nil, rpc.At{}, Fail(ExitRefused, "proof_too_long", "%v", err).WithHint("read it without --trust, or prove it in parts", "不加 --trust 来读,或分段证明")
	}
	report := audit.Verify(b, trust, audit.Options{At: time.Now().Add(-maxReadAge)})
	switch report.Verdict {
	case audit.Invalid:
		return nil, rpc.At{}, Fail(ExitInvalid, "bad_answer", "node %s: what it answers does not hold: %s", e.client.URL(), report.Checks[len(report.Checks)-1].Detail)
	case audit.Untrusted:
		return nil, rpc.At{}, Fail(ExitUntrusted, "untrusted_answer", "node %s: what it answers is not to be trusted: %s", e.client.URL(), report.Checks[len(report.Checks)-1].Detail)
	}
	return report.Proven, rpc.At{Height: report.Proven.Height, Time: report.Proven.Time}, nil
}

// packet reads the packet that a REF names.
func (s *Session) packet(ctx context.Context, id contract.PacketID) (*contract.Packet, rpc.At, error) {
	if s.checked() {
		p, at, err := s.provenLife(ctx, id)
		if err != nil {
			return nil, at, err
		}
		return p.Packet, at, nil
	}
	client, err := s.Node(ctx)
	if err != nil {
		return nil, rpc.At{}, err
	}
	p, at, err := client.Packet(ctx, id)
	if err == nil && p == nil {
		err = unknownPacket(id)
	}
	return p, at, err
}

func unknownPacket(id contract.PacketID) error {
	return refusal(contract.CodeUnknownPacket, fmt.Sprintf("packet %s: unknown", id), 0)
}

// provenLife is a packet's whole life, verified.
func (s *Session) provenLife(ctx context.Context, id contract.PacketID) (*audit.Proven, rpc.At, error) {
	e, err := s.lifeEvidence(ctx, id)
	if err != nil {
		return nil, rpc.At{}, err
	}
	return s.believe(ctx, e)
}

// account reads an account; one that never received money is empty.
func (s *Session) account(ctx context.Context, a contract.Address) (*contract.Account, rpc.At, error) {
	if s.checked() {
		p, at, err := s.provenAccount(ctx, a, newestEntry)
		if err != nil || p == nil {
			return &contract.Account{}, at, err
		}
		return p.Account, at, nil
	}
	client, err := s.Node(ctx)
	if err != nil {
		return nil, rpc.At{}, err
	}
	account, at, err := client.Account(ctx, a)
	if err == nil && account == nil {
		account = &contract.Account{}
	}
	return account, at, err
}

// provenAccount is an account's statement from an entry on, verified; nil when
// it is verified that there is no such account.
func (s *Session) provenAccount(ctx context.Context, a contract.Address, part part) (*audit.Proven, rpc.At, error) {
	e, err := s.accountEvidence(ctx, a, part)
	if err != nil {
		return nil, rpc.At{}, err
	}
	proven, at, err := s.believe(ctx, e)
	if len(e.leaf) == 0 {
		proven = nil
	}
	return proven, at, err
}
