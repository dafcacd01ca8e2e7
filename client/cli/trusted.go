package cli

import (
	"context"
	"fmt"
	"time"

	"hongbao/client/audit"
	"hongbao/client/rpc"
	"hongbao/client/words"
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

// policy is how old a state may be. That of a height that was chosen is as old
// as it was when it was.
func (s *Session) policy() audit.Options {
	if s.height != 0 {
		return audit.Options{}
	}
	return audit.Options{At: s.now().Add(-maxReadAge)}
}

// believe verifies what the node answered.
func (s *Session) believe(e *evidence) (*audit.Proven, rpc.At, error) {
	trust, err := s.trust()
	if err != nil {
		return nil, rpc.At{}, err
	}
	file, err := e.file()
	if err != nil {
		return nil, rpc.At{}, err
	}
	b, err := file.Encode()
	if err != nil {
		return nil, rpc.At{}, Fail(ExitRefused, "proof_too_long", "%v", err).WithHint("read it without --trust, or prove it in parts", "不加 --trust 来读,或分段证明")
	}
	report := audit.Verify(b, trust, s.policy())
	if err := e.judged(&report); err != nil {
		return nil, rpc.At{}, err
	}
	return report.Proven, rpc.At{Height: report.Proven.Height, Time: report.Proven.Time}, nil
}

// judged is what is wrong with what the node answered.
func (e *evidence) judged(r *audit.Report) error {
	last := r.Checks[len(r.Checks)-1]
	switch r.Verdict {
	case audit.Invalid:
		return Fail(ExitInvalid, "bad_answer", "node %s: what it answers does not hold: %s", e.client.URL(), words.Finding(last.Found))
	case audit.Untrusted:
		err := Fail(ExitUntrusted, "untrusted_answer", "node %s: what it answers is not to be trusted: %s", e.client.URL(), words.Finding(last.Found))
		if last.Name != "age" {
			return err
		}
		now := e.s.now().UTC().Format(time.RFC3339)
		return err.WithHint("this machine's clock says %s: if that is wrong, put it right; else the node is behind or the chain stands still, and another --node may know more",
			"这台机器的时钟是 %s:如果不对,请先校准;如果对,就是节点落后或链停了,可用 --node 换一个", now)
	}
	if e.Header != nil && e.s.height == 0 {
		e.s.warnOfClock(e.Header.Time)
	}
	return nil
}

// maxClockLead is by how much the newest header may be of this machine's future:
// validators refuse one that is a minute ahead of their own clocks.
const maxClockLead = 10 * time.Second

// warnOfClock says once that the newest state is of this machine's future: its
// clock is behind, so that an old answer would pass for a fresh one.
func (s *Session) warnOfClock(newest time.Time) {
	lead := newest.Sub(s.now())
	if lead <= maxClockLead || s.warnedOfClock {
		return
	}
	s.warnedOfClock = true
	s.warn(s.Say("this machine's clock is %s behind the chain: how fresh an answer is cannot be told",
		"这台机器的时钟比链慢%s:看不出回答是不是最新的", words.Length(s.Lang(), contract.Seconds(lead.Seconds()))))
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
	return s.believe(e)
}

// account reads an account; nil when it never received money.
func (s *Session) account(ctx context.Context, a contract.Address) (*contract.Account, rpc.At, error) {
	if s.checked() {
		e, err := s.gather(ctx, audit.KindAccount, a.String(), contract.AccountKey(a))
		if err != nil {
			return nil, rpc.At{}, err
		}
		account, err := e.account()
		return account, e.at, err
	}
	client, err := s.Node(ctx)
	if err != nil {
		return nil, rpc.At{}, err
	}
	return client.Account(ctx, a)
}

// provenAccount is an account's statement from an entry on, verified; nil when
// it is verified that there is no such account.
func (s *Session) provenAccount(ctx context.Context, a contract.Address, part part) (*audit.Proven, rpc.At, error) {
	e, err := s.accountEvidence(ctx, a, part)
	if err != nil {
		return nil, rpc.At{}, err
	}
	proven, at, err := s.believe(e)
	if len(e.leaf) == 0 {
		proven = nil
	}
	return proven, at, err
}
