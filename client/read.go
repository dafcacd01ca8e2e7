package client

import (
	"context"
	"sort"

	"hongbao/app/query"
	"hongbao/client/audit"
	"hongbao/client/evidence"
	"hongbao/client/rpc"
	"hongbao/client/submit"
	"hongbao/client/wallet"
	"hongbao/contract"
)

// Subject says what a proof is to prove: see evidence.Subject.
type Subject = evidence.Subject

// Prove makes the proof file of a subject. Without a trust file nothing has
// judged it: verify its bytes with audit.Verify before they are handed on. It
// fails with an evidence.Error where there is nothing of the kind to prove. Of a large
// packet, the proof of KindPacket is one of KindLargePacket.
func (c *Client) Prove(ctx context.Context, s Subject) (*audit.File, error) {
	e, err := c.gatherer().Gather(ctx, s)
	if s.Kind == audit.KindPacket && evidence.IsLarge(err) {
		s.Kind = audit.KindLargePacket
		e, err = c.gatherer().Gather(ctx, s)
	}
	if err != nil {
		return nil, err
	}
	return e.File()
}

// Packet is a packet as it stands. It fails with contract.CodeUnknownPacket.
func (c *Client) Packet(ctx context.Context, id contract.PacketID) (*contract.Packet, At, error) {
	if c.verifies() {
		proven, err := c.gatherer().Verified(ctx, Subject{Kind: audit.KindPacket, Packet: id})
		if evidence.IsLarge(err) {
			return c.provenLarge(ctx, id)
		}
		if err != nil {
			return nil, At{}, err
		}
		return proven.Packet, At{Height: proven.Height, Time: proven.Time}, nil
	}
	p, at, err := c.node.Packet(ctx, id)
	if err == nil && p == nil {
		err = evidence.UnknownPacket(id)
	}
	return p, at, err
}

// Account is an account as it stands; nil when it never received money.
func (c *Client) Account(ctx context.Context, a contract.Address) (*contract.Account, At, error) {
	if !c.verifies() {
		return c.node.Account(ctx, a)
	}
	account, e, err := c.gatherer().Account(ctx, a)
	if err != nil {
		return nil, At{}, err
	}
	return account, e.At, nil
}

// ProveAccount is an account's leaf with its proof: all that a transaction of the account
// has to know, however long its history. The evidence has the Leaf, empty where the account
// never received money. Without a trust file nothing has judged it.
func (c *Client) ProveAccount(ctx context.Context, a contract.Address) (*contract.Account, *evidence.Evidence, error) {
	return c.gatherer().Account(ctx, a)
}

// Clock is a dev chain's clock. It fails with a NodeError on any other chain.
func (c *Client) Clock(ctx context.Context) (*contract.Clock, At, error) {
	if c.verifies() {
		e, err := c.gatherer().Leaf(ctx, contract.ClockKey)
		if err != nil {
			return nil, At{}, err
		}
		clock := new(contract.Clock)
		return clock, e.At, contract.Decode(e.Leaf, clock)
	}
	clock, at, err := c.node.Clock(ctx)
	if err == nil && clock == nil {
		err = c.node.BadAnswerf("a dev chain without a clock")
	}
	return clock, at, err
}

// Validators is who signs the chain's blocks, and what they decided.
func (c *Client) Validators(ctx context.Context) (*contract.Validators, At, error) {
	if c.verifies() {
		e, err := c.gatherer().Leaf(ctx, contract.ValidatorsKey)
		if err != nil {
			return nil, At{}, err
		}
		v := new(contract.Validators)
		return v, e.At, contract.Decode(e.Leaf, v)
	}
	v, at, err := c.node.Validators(ctx)
	if err == nil && v == nil {
		err = c.node.BadAnswerf("a chain without validators")
	}
	return v, at, err
}

// AwaitBlock waits until block height is signed.
func (c *Client) AwaitBlock(ctx context.Context, height int64) error {
	_, err := c.gatherer().AwaitHeader(ctx, height+1)
	return err
}

// History is everything that happened to a packet, in order.
func (c *Client) History(ctx context.Context, id contract.PacketID) ([]contract.Entry, At, error) {
	if !c.verifies() {
		p, at, err := c.Packet(ctx, id)
		if err != nil {
			return nil, at, err
		}
		entries, err := c.entries(ctx, contract.PacketKey(id), 0, p.History.Count)
		return entries, at, err
	}
	proven, err := c.gatherer().Verified(ctx, Subject{Kind: audit.KindPacket, Packet: id})
	if evidence.IsLarge(err) {
		return c.HistoryWith(ctx, id, 0)
	}
	if err != nil {
		return nil, At{}, err
	}
	entries := make([]contract.Entry, len(proven.Entries))
	for i, e := range proven.Entries {
		entries[i] = *e
	}
	return entries, At{Height: proven.Height, Time: proven.Time}, nil
}

// entries reads part of a leaf's history, as the node tells it.
func (c *Client) entries(ctx context.Context, leaf []byte, from, until uint64) ([]contract.Entry, error) {
	encoded, err := c.node.Entries(ctx, leaf, from, until)
	if err != nil {
		return nil, err
	}
	return rpc.DecodeEntries(encoded)
}

// Range chooses a part of a statement: by the numbers of its entries, or by
// time; both half-open. The zero value is all.
type Range struct {
	evidence.Part
	Since, Until contract.Time // 0: without that end
}

// Timed reports whether r is a part by time.
func (r Range) Timed() bool { return r.Since != 0 || r.Until != 0 }

// Statement is a part of an account's history.
type Statement struct {
	Entries []contract.Entry
	Before  contract.Amount // what the account had before the first of them, held money included
	At      At
}

// Statement reads the part of an account's statement that r chooses. It is
// empty where the account never received money. It fails with an evidence.Error
// of kind NoEntries.
func (c *Client) Statement(ctx context.Context, a contract.Address, r Range) (*Statement, error) {
	if c.verifies() {
		return c.provenStatement(ctx, a, r)
	}
	account, at, err := c.node.Account(ctx, a)
	out := &Statement{At: at}
	if err != nil || account == nil {
		return out, err
	}
	part, err := c.partOf(ctx, a, account, r)
	if err != nil {
		return nil, err
	}
	first := part.From
	if first > 0 {
		first-- // what is before it says what there was
	}
	if first == part.Until {
		return out, nil
	}
	out.Entries, err = c.entries(ctx, contract.AccountKey(a), first, part.Until)
	if err == nil && first < part.From {
		out.Before, out.Entries = out.Entries[0].Balance+out.Entries[0].Held, out.Entries[1:]
	}
	return out, err
}

func (c *Client) provenStatement(ctx context.Context, a contract.Address, r Range) (*Statement, error) {
	proven, err := c.gatherer().Verified(ctx, Subject{Kind: audit.KindAccount, Account: a, Part: r.Part})
	if err != nil {
		return nil, err
	}
	out := &Statement{At: At{Height: proven.Height, Time: proven.Time}}
	for _, e := range proven.Entries {
		switch {
		case r.Since > e.Time:
			out.Before = e.Balance + e.Held
		case r.Until == 0 || e.Time < r.Until:
			out.Entries = append(out.Entries, *e)
		}
	}
	return out, nil
}

// PartOf is the entries of an account that r chooses, for a proof of them. From
// equals Until where there are none.
func (c *Client) PartOf(ctx context.Context, a contract.Address, r Range) (evidence.Part, error) {
	if !r.Timed() {
		return r.Part, nil
	}
	account, _, err := c.Account(ctx, a)
	if err != nil || account == nil {
		return evidence.Part{}, err
	}
	return c.partOf(ctx, a, account, r)
}

// partOf finds the entries of a time in an account's history, which is in the
// order of time: it asks the node for few.
func (c *Client) partOf(
	ctx context.Context, a contract.Address, account *contract.Account, r Range,
) (out evidence.Part, err error) {
	count := account.History.Count
	if !r.Timed() {
		out.From, out.Until, err = r.Part.Of(count)
		return out, err
	}
	first := func(t contract.Time) uint64 {
		return uint64(sort.Search(int(count), func(i int) bool {
			if err != nil {
				return true
			}
			var e []contract.Entry
			if e, err = c.entries(ctx, contract.AccountKey(a), uint64(i), uint64(i)+1); err == nil && len(e) != 1 {
				err = c.node.BadAnswerf("%d entries for one", len(e))
			}
			return err != nil || e[0].Time >= t
		}))
	}
	out.Until = count
	if r.Since != 0 {
		out.From = first(r.Since)
	}
	if r.Until != 0 {
		out.Until = first(r.Until)
	}
	return out, err
}

// Follow finds out how a transaction ended, offering it again if it was dropped.
// p is the wallet's journal of it: see wallet.Keyring.FindPending; nil asks the
// chain alone. It fails with Refused, Failed or Unknown.
func (c *Client) Follow(ctx context.Context, tx contract.Hash, p *wallet.Pending) (*query.TxRecord, error) {
	return c.submitter(submit.Sign).Follow(ctx, tx, p)
}

// Tx is a transaction as its block has it; nil while it stands in no block. With
// a trust file it is what the trust file bears out: see submit.Submitter.Proven.
func (c *Client) Tx(ctx context.Context, tx contract.Hash) (*query.TxRecord, error) {
	record, _, err := c.node.Tx(ctx, tx)
	if err != nil || record == nil {
		return nil, err
	}
	return c.submitter(submit.Sign).Proven(ctx, tx, record)
}
