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

// life is what the blocks say of one packet: transactions that succeeded, and the dates
// of their blocks. No node's state goes into it, and of the ledger's rules the meaning of a
// condition alone, and whether a path leads to a list's root.
type life struct {
	sender   contract.Address
	terms    contract.Terms
	created  contract.Time
	inForce  []contract.Clause
	claims   []claimed
	recalled bool // the rest
}

type claimed struct {
	number uint32 // of the share
	by     contract.Address
	at     contract.Time
	gone   bool // recalled, or given back
}

// share is the one of this number; nil while it is not claimed.
func (l *life) share(number uint32) *claimed {
	at := slices.IndexFunc(l.claims, func(c claimed) bool { return c.number == number })
	if at < 0 {
		return nil
	}
	return &l.claims[at]
}

func (l *life) expires() contract.Time { return l.created.Plus(l.terms.Expiry) }

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
		if d.code != contract.CodeOK {
			continue
		}
		id, share := contract.PacketOf(d.tx.Message)
		if m, is := d.tx.Message.(*contract.Send); is {
			id = contract.NewPacketID(a.chain, d.tx.Account, d.tx.Nonce)
			a.lives[id] = &life{sender: d.tx.Account, terms: m.Terms, created: now, inForce: m.Terms.Clauses}
		}
		l := a.lives[id]
		if l == nil {
			switch d.tx.Message.(type) {
			case *contract.Pay, *contract.Change:
			default:
				row.broke("R", "block %d: a transaction about no packet succeeds", height)
			}
			continue
		}
		if promise, text := l.take(a.chain, id, now, d.tx, share); text != "" {
			row.broke(promise, "block %d, of %s: packet %s %s", height, now, id.Short(), text)
		}
		a.unproven[id] = 0
	}
}

// take has a transaction that succeeded happen to the packet, and says what is wrong
// with that; empty: nothing.
func (l *life) take(chain string, id contract.PacketID, now contract.Time, tx *contract.Tx, share uint32) (promise,
	wrong string) {
	facts := contract.Facts{Now: now, Start: l.created, Untouched: len(l.claims) == 0, Sender: l.sender}
	if share > 0 && l.share(share) == nil {
		return "P", fmt.Sprintf("has no share %d", share)
	}
	switch m := tx.Message.(type) {
	case *contract.Claim:
		l.claimer(chain, id, tx.Account, m, &facts)
		c := claimed{number: uint32(len(l.claims) + 1), by: tx.Account, at: now}
		if m.Listing != nil {
			c.number = m.Listing.Entry.Index
		}
		switch has := func(c claimed) bool { return c.by == tx.Account }; {
		case m.Listing != nil && contract.ListIn(l.terms.Claim.Cond) == nil:
			promise, wrong = "R", "is by no list, and is claimed by an entry"
		case l.share(c.number) != nil:
			promise, wrong = "P", fmt.Sprintf("has entry %d claimed twice", c.number)
		case l.terms.Split != contract.ByList && slices.ContainsFunc(l.claims, has):
			promise, wrong = "P", "is claimed twice by "+tx.Account.Short()
		case len(l.claims) == int(l.terms.Shares):
			promise, wrong = "P", "is claimed more often than it has shares"
		case l.recalled:
			promise, wrong = "R", "is claimed after its recall"
		case now >= l.expires():
			promise, wrong = "R", "is claimed after it expired"
		case contract.Unmet(l.terms.Claim.Cond, facts) != nil:
			promise, wrong = "R", "is claimed against its rule"
		}
		l.claims = append(l.claims, c)
	case *contract.Tighten:
		if tx.Account != l.sender {
			promise, wrong = "R", "is tightened by another than its sender"
		}
		l.inForce = m.Clauses
	case *contract.Recall:
		wrong = l.judgeRecall(now, tx.Account, m, facts)
		promise = "R"
		l.gone(share)
	case *contract.Return:
		l.gone(share)
	case *contract.Answer:
		if m.Accept {
			l.gone(share)
		}
	}
	return promise, wrong
}

// claimer takes into facts what a claim shows of its claimer: that the link's key signed it,
// and that an entry of the list is its own.
func (l *life) claimer(chain string, id contract.PacketID, by contract.Address, m *contract.Claim, to *contract.Facts) {
	to.Claimer = by
	key, root := l.terms.LinkKey, contract.ListIn(l.terms.Claim.Cond)
	if m.Listing != nil && m.Listing.Entry.Kind == contract.WhoLink {
		key = &m.Listing.Entry.Who
	}
	if m.Link != nil && key != nil {
		to.Link = contract.Schnorr{}.Verify(*key, contract.LinkDigest(chain, id, by), *m.Link)
	}
	if m.Listing == nil || root == nil || m.Listing.Check(*root, l.terms.Shares, l.terms.Total) != nil {
		return
	}
	e := m.Listing.Entry
	to.Listed = e.Kind == contract.WhoLink && to.Link || e.Kind == contract.WhoAddress && contract.Address(e.Who) == by
}

// gone takes down that a share, or the rest, went back.
func (l *life) gone(share uint32) {
	if share == 0 {
		l.recalled = true
	} else {
		l.share(share).gone = true
	}
}

func (l *life) judgeRecall(now contract.Time, by contract.Address, m *contract.Recall, facts contract.Facts) string {
	if m.Clause == 0 || int(m.Clause) > len(l.inForce) {
		return fmt.Sprintf("is recalled under clause %d of %d", m.Clause, len(l.inForce))
	}
	clause := l.inForce[m.Clause-1]
	facts.Signers = []contract.Address{by}
	for _, c := range m.Consents {
		facts.Signers = append(facts.Signers, c.Account)
	}
	if m.Share > 0 {
		c := l.share(m.Share)
		facts.Start = c.at
		if now >= c.at.Plus(l.terms.Hold) || c.gone {
			return fmt.Sprintf("has share %d, settled or gone, recalled", m.Share)
		}
	} else if l.recalled || now >= l.expires() {
		return "is recalled when it is closed"
	}
	if (clause.Target == contract.Rest) != (m.Share == 0) || !clause.Allows(m.Reason) ||
		contract.Unmet(clause.When.Cond, facts) != nil {
		return fmt.Sprintf("is recalled outside its clause %q", clause.String())
	}
	return ""
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
		l := a.lives[id]
		if !l.terms.Large() {
			subjects <- evidence.Subject{Kind: audit.KindPacket, Packet: id}
			continue
		}
		subjects <- evidence.Subject{Kind: audit.KindLargePacket, Packet: id}
		for _, c := range l.claims {
			subjects <- evidence.Subject{Kind: audit.KindShare, Packet: id, Share: c.number}
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
	head := contract.FirstHead(a.chain, key)
	for _, e := range entries {
		head = contract.NextHead(head, contract.EntryHash(e))
	}
	if uint64(len(entries)) != leaf.History.Count || head != leaf.History.Head {
		return fmt.Errorf("%d entries fold to %s, its leaf says %d and %s", len(entries), head, leaf.History.Count,
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
	l, id := a.lives[s.Packet], s.Packet
	if s.Share > 0 {
		if wrong := l.share(s.Share).differs(proven.Packet.ShareAt(s.Share)); wrong != "" {
			row.broke("P", "node %d: packet %s %s", number, id.Short(), wrong)
		}
		return
	}
	if wrong := l.differs(proven.Packet); wrong != "" {
		row.broke("P", "node %d: packet %s %s", number, id.Short(), wrong)
	}
	if from, more := nextStep(proven.Packet, a.blocks[len(a.blocks)-1].at); more {
		a.unproven[id] = from
	} else {
		delete(a.unproven, id)
	}
}

// differs says where a packet's leaf and the blocks up to it do not agree; empty: nowhere.
// Of a large packet it has counts, and the shares have leaves of their own.
func (l *life) differs(p *contract.Packet) string {
	if int(p.Claimed()) != len(l.claims) {
		return fmt.Sprintf("has %d shares, and %d were claimed", p.Claimed(), len(l.claims))
	}
	for i := range p.Shares {
		if wrong := l.claims[i].differs(&p.Shares[i]); wrong != "" {
			return wrong
		}
	}
	if (p.Status == contract.Recalled) != l.recalled {
		return fmt.Sprintf("is %s (recalled: %t)", p.Status, l.recalled)
	}
	return ""
}

func (c *claimed) differs(s *contract.Share) string {
	back := s.State == contract.ShareRecalled || s.State == contract.Returned
	if s.Claimer == c.by && back == c.gone {
		return ""
	}
	return fmt.Sprintf("has share %d of %s, %s; it was claimed by %s (gone: %t)", c.number, s.Claimer.Short(),
		s.State, c.by.Short(), c.gone)
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
