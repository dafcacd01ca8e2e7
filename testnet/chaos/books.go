package chaos

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"

	"hongbao/app/query"
	"hongbao/client/audit"
	"hongbao/client/evidence"
	"hongbao/client/rpc"
	"hongbao/contract"
)

// deed is a transaction of a block, and how it ended.
type deed struct {
	tx   *contract.Tx
	code contract.Code
}

// nonces are those that an account has spent in blocks.
type nonces struct {
	next uint64
	// free is whether the last one may not have been spent: a claim that fails spends none of
	// an account that does not exist yet.
	free bool
}

// follows takes a transaction, and reports whether its nonce is the account's next.
func (n *nonces) follows(tx *contract.Tx, code contract.Code) bool {
	right := tx.Nonce == n.next || n.free && tx.Nonce == 0
	_, claims := tx.Message.(*contract.Claim)
	n.free = tx.Nonce == 0 && claims && code != contract.CodeOK
	n.next = tx.Nonce + 1
	return right
}

// live takes a block's transactions into the books of packets, and says what no rule
// allows (R), who has two shares (P), and whose nonces have a gap (X).
func (a *arena) live(row *Row, height int64, now contract.Time, deeds []deed) {
	for _, d := range deeds {
		if d.tx == nil {
			continue
		}
		if a.nonces[d.tx.Account] == nil {
			a.nonces[d.tx.Account] = &nonces{}
		}
		if !a.nonces[d.tx.Account].follows(d.tx, d.code) {
			row.broke("X", "block %d: nonce %d of %s is not its next", height, d.tx.Nonce, d.tx.Account.Short())
		}
		for _, w := range a.lives.Take(height, now, d.tx, d.code) {
			row.broke(w.Promise, "block %d, of %s: %s", height, now, w.Text)
		}
		if p := a.lives.About(d.tx); p != nil && d.code == contract.CodeOK {
			a.unproven[p.ID] = 0
		}
	}
}

// codes asks a node how transactions ended.
func (a *arena) codes(ctx context.Context, number int, hashes []contract.Hash) (map[contract.Hash]contract.Code,
	error) {
	codes := map[contract.Hash]contract.Code{}
	for some := range slices.Chunk(hashes, query.MaxResults) {
		results, _, err := a.clients[number-1].Results(ctx, some...)
		if err != nil {
			return nil, fmt.Errorf("node %d: %w", number, err)
		}
		for i, r := range results {
			codes[some[i]] = r.Code
		}
	}
	return codes, nil
}

// proofs has the nodes prove each packet of which something is new, and the supply, and
// verifies that as its reader does. A packet's proof holds its whole history, which is
// judged again: that its heads fold (T), its money adds up (P), and each step was
// allowed (R).
func (a *arena) proofs(ctx context.Context, row *Row, now contract.Time) error {
	file, err := os.Open(a.net.TrustFile())
	if err != nil {
		return err
	}
	defer file.Close()
	trust, err := audit.ReadTrust(file)
	if err != nil {
		return err
	}
	var due []contract.PacketID
	for id, from := range a.unproven {
		if from <= now {
			due = append(due, id)
		}
	}
	slices.SortFunc(due, func(x, y contract.PacketID) int { return slices.Compare(x[:], y[:]) })
	subjects := make(chan evidence.Subject)
	var readers sync.WaitGroup
	for i := range a.net.Nodes {
		readers.Go(func() { a.prove(ctx, row, i+1, subjects, trust) })
	}
	for range a.net.Nodes {
		subjects <- evidence.Subject{Kind: audit.KindSupply}
	}
	for _, id := range due {
		l := a.lives.Of(id)
		if !l.Terms.Large() {
			subjects <- evidence.Subject{Kind: audit.KindPacket, Packet: id}
			continue
		}
		subjects <- evidence.Subject{Kind: audit.KindLargePacket, Packet: id}
		for _, c := range l.Claims {
			subjects <- evidence.Subject{Kind: audit.KindShare, Packet: id, Share: c.Number}
		}
	}
	close(subjects)
	readers.Wait()
	row.Packets += len(due)
	return ctx.Err()
}

// prove has one node prove subjects as they come.
func (a *arena) prove(ctx context.Context, row *Row, number int, subjects <-chan evidence.Subject, trust *audit.Trust) {
	// The state of the last block that was read: its header is there, and what is proven
	// is what the books say.
	g := &evidence.Gatherer{Node: a.clients[number-1], Chain: a.chain, Height: a.checked}
	for s := range subjects {
		var r audit.Report
		bytes, failed := proof(ctx, g, s)
		if failed == nil {
			r = audit.Verify(bytes, trust, audit.Options{})
			if check := r.Failed(); check != nil {
				failed = fmt.Errorf("%s: %s", r.Verdict, check.Name)
			}
		}
		if failed != nil && ctx.Err() == nil {
			a.broke(row, "V", "node %d: proof of %s %s: %v", number, s.Kind, s.Packet, failed)
		}
		if failed == nil {
			if err := a.keep.proof(a.chain, a.net.TrustFile(), row.Fault, string(s.Kind), bytes); err != nil {
				a.broke(row, "V", "a proof could not be kept: %v", err)
			}
		}
		if failed == nil && s.Kind != audit.KindSupply {
			a.proved(row, number, s, r.Proven)
		}
		if failed == nil && s.Share > 0 {
			if err := a.folds(ctx, g.Node, s, r.Proven); err != nil && ctx.Err() == nil {
				a.broke(row, "T", "node %d: share %s: %v", number, s, err)
			}
		}
	}
}

// folds holds the history of a large packet's share against the head in its leaf, which is
// proven.
func (a *arena) folds(ctx context.Context, c *rpc.Client, s evidence.Subject, proven *audit.Proven) error {
	key, leaf := contract.ShareKey(s.Packet, s.Share), proven.Packet.LeafBeside()
	entries, err := c.Entries(ctx, key, 0, leaf.History.Count)
	if err != nil {
		return err
	}
	if had := contract.FirstHistory(a.chain, key).With(entries...); had != leaf.History {
		return fmt.Errorf("%d entries fold to %s, its leaf says %d and %s", had.Count, had.Head, leaf.History.Count,
			leaf.History.Head)
	}
	return nil
}

func proof(ctx context.Context, g *evidence.Gatherer, s evidence.Subject) ([]byte, error) {
	e, err := g.Gather(ctx, s)
	if err != nil {
		return nil, err
	}
	file, err := e.File()
	if err != nil {
		return nil, err
	}
	return file.Encode()
}

// proved holds a proven packet, or a share of a large one, against what the blocks say of
// it, and takes down when there will be more to prove.
func (a *arena) proved(row *Row, number int, s evidence.Subject, proven *audit.Proven) {
	a.mu.Lock()
	defer a.mu.Unlock()
	l, id := a.lives.Of(s.Packet), s.Packet
	if s.Share > 0 {
		if wrong := l.Share(s.Share).Differs(proven.Packet.ShareAt(s.Share)); wrong != "" {
			row.broke("P", "node %d: packet %s %s", number, id.Short(), wrong)
		}
		return
	}
	if wrong := l.Differs(proven.Packet); wrong != "" {
		row.broke("P", "node %d: packet %s %s", number, id.Short(), wrong)
	}
	if from, more := nextStep(proven.Packet, a.blocks[len(a.blocks)-1].at); more {
		a.unproven[id] = from
	} else {
		delete(a.unproven, id)
	}
}

// nextStep is from when on something may happen of itself to a packet, as it is in a state of
// that time.
func nextStep(p *contract.Packet, at contract.Time) (from contract.Time, more bool) {
	next := func(at contract.Time) {
		if !more || at < from {
			from, more = at, true
		}
	}
	if p.Status == contract.Open {
		next(p.Expires)
	}
	if t := p.Tally; t != nil && t.Claimed > 0 {
		if settled := t.LastClaim.Plus(p.Terms.Hold); at < settled {
			next(settled)
		}
		if t.Undrawn > 0 {
			next(0)
		}
	}
	for _, s := range p.Shares {
		switch s.State {
		case contract.Reserved:
			next(0)
		case contract.Held:
			next(s.ClaimedAt.Plus(p.Terms.Hold))
		}
	}
	return from, more
}
