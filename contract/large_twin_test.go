package contract

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
)

// A packet to a list of equal amounts and one to the same people by name are one
// packet told twice: whatever happens to both, the same money is in the same hands.
// So the small packet, which a model and its history check, is the large one's model.
// Where shares are equal or drawn, the large one is the same packet, made large.
type twins struct {
	dice
	small, large *world
	id           PacketID
	entries      []ListEntry
	list         *List
	claimers     []Address
	terms        Terms // the large one's
	open         bool  // to every account, with no list
}

const twinShare = 70 // fen

func newTwins(t testing.TB, n int) *twins {
	tw := &twins{dice: newDice(n), id: NewPacketID(testChain, people[0], 0)}
	tw.claimers = append(slices.Clone(strangers), people[1:4]...)[:1+tw.IntN(6)]
	var leaves []Subtree
	for i, c := range tw.claimers {
		e := ListEntry{Index: uint32(i + 1), Kind: WhoAddress, Who: c, Amount: twinShare}
		if tw.chance(40) {
			e.Kind, e.Who = WhoLink, testAddr("link"+strconv.Itoa(i))
		}
		tw.entries, leaves = append(tw.entries, e), append(leaves, e.Leaf())
	}
	var err error
	if tw.list, err = NewList(leaves); err != nil {
		t.Fatal(err)
	}
	terms := tw.dice.terms(noon)
	terms.Shares = uint32(len(tw.claimers))
	terms.Total = twinShare * Amount(terms.Shares)
	terms.Claim, terms.Split = Rule{Named{tw.claimers}}, Equal
	tw.terms = terms
	tw.terms.Claim, tw.terms.Split = Rule{Listed{tw.list.Root()}}, ByList
	if n%3 > 0 {
		tw.open, terms.Claim = true, Rule{Always{}}
		if n%3 == 2 {
			terms.Split = Lucky
		}
		tw.terms = terms
	}
	for _, w := range []**world{&tw.small, &tw.large} {
		*w = worldOf(t, &Genesis{Params: DefaultParams(), Accounts: []GenesisAccount{{people[0], 100_000},
			{people[1], 500}, {neutral, 100_000}}})
		(*w).hash = trusting{}
	}
	if a, b := tw.do(t, people[0], &Send{Terms: terms}, &Send{Terms: tw.terms}); a != CodeOK || b != CodeOK {
		t.Fatalf("twins %d: sends: %s and %s", n, a, b)
	}
	if tw.open { // a packet with so few shares is never large: make it so
		_, p := tw.packets(t)
		p.Tally = new(Tally)
		tw.large.leaves[string(PacketKey(tw.id))] = Encode(p)
	}
	return tw
}

// do runs a message in a block of its own in each world, at one time.
func (tw *twins) do(t testing.TB, who Address, small, large Message) (a, b Code) {
	now := tw.small.now
	a = tw.small.block(t, tw.small.unsigned(t, who, small))[0]
	b = tw.large.block(t, tw.large.unsigned(t, who, large))[0]
	tw.small.now, tw.large.now = now, now
	return a, b
}

// wait lets d pass, and does what falls due.
func (tw *twins) wait(t testing.TB, d Time) {
	for _, w := range []*world{tw.small, tw.large} {
		w.now += d
		w.block(t)
		w.now -= 1e9
	}
}

func (tw *twins) packets(t testing.TB) (small, large *Packet) {
	small, large = &Packet{ID: tw.id}, &Packet{ID: tw.id}
	if err := errors.Join(Decode(tw.small.leaves[string(PacketKey(tw.id))], small),
		Decode(tw.large.leaves[string(PacketKey(tw.id))], large)); err != nil {
		t.Fatal(err)
	}
	return small, large
}

// share is the large one's share of claimer; nil while it is not claimed.
func (tw *twins) share(t testing.TB, number uint32) *ShareLeaf {
	b := tw.large.leaves[string(ShareKey(tw.id, number))]
	if b == nil {
		return nil
	}
	leaf := new(ShareLeaf)
	if err := Decode(b, leaf); err != nil {
		t.Fatal(err)
	}
	return leaf
}

// numbers are a claimer's share in both; 0 where there is none.
func (tw *twins) numbers(t testing.TB, i int) (small, large uint32) {
	p, _ := tw.packets(t)
	small = uint32(p.ShareOf(tw.claimers[i]))
	if tw.open {
		large, _ = tw.large.ShareOf(tw.id, tw.claimers[i])
		return small, large
	}
	return small, uint32(i + 1)
}

func (tw *twins) claim(t testing.TB, i int) (a, b Code) {
	small, large := tw.packets(t)
	if tw.open {
		m := &Claim{Packet: tw.id, TermsHash: small.Terms.Hash(testChain)}
		return tw.do(t, tw.claimers[i], m, m)
	}
	link := new(Signature)
	if tw.entries[i].Kind == WhoAddress {
		link = nil
	}
	return tw.do(t, tw.claimers[i], &Claim{Packet: tw.id, TermsHash: small.Terms.Hash(testChain)},
		&Claim{Packet: tw.id, TermsHash: large.Terms.Hash(testChain), Link: link,
			Listing: &Listing{Entry: tw.entries[i], Path: tw.list.Path(uint32(i + 1))}})
}

// step does one random thing to both, and says what of it differs.
func (tw *twins) step(t testing.TB) error {
	i := tw.IntN(len(tw.claimers))
	claimer := tw.claimers[i]
	s, l := tw.numbers(t, i)
	if s == 0 {
		s = 99 // no share, as l is none
	}
	if l == 0 {
		l = 99
	}
	reason := pick(tw.dice, Reason(""), "FRAD", "DUPL", "AM09")
	consents := func(by Address) (list []Consent) {
		for _, p := range people[:pick(tw.dice, 1, 3, 8)] {
			if p != by && tw.chance(70) {
				list = append(list, Consent{Account: p, ValidUntil: tw.small.now.Plus(60)})
			}
		}
		return list
	}
	var what string
	var a, b Code
	switch what = pick(tw.dice, "claim", "claim", "claim", "rest", "share", "share", "return", "ask", "ask", "answer",
		"tighten", "wait", "wait", "long wait"); what {
	case "claim":
		if a, b = tw.claim(t, i); a != CodeOK && b != CodeOK {
			a = b // closed or claimed: the two ask in another order
		}
	case "rest", "share":
		if what == "rest" {
			s, l = 0, 0
		}
		by := people[tw.IntN(3)]
		m := Recall{Packet: tw.id, Clause: uint32(1 + tw.IntN(3)), Reason: reason, Consents: consents(by)}
		if p, _ := tw.packets(t); tw.chance(80) { // the first clause that fits, and all its keys
			for n, c := range p.InForce() {
				if (c.Target == HeldShares) != (s != 0) {
					continue
				}
				m.Clause, m.Consents = uint32(n+1), nil
				if len(c.Reasons) > 0 {
					m.Reason = c.Reasons[0]
				}
				for _, key := range KeysIn(c.When.Cond, p.Sender) {
					if key != by {
						m.Consents = append(m.Consents, Consent{Account: key, ValidUntil: tw.small.now.Plus(60)})
					}
				}
				break
			}
		}
		other := m
		m.Share, other.Share = s, l
		a, b = tw.do(t, by, &m, &other)
	case "return":
		a, b = tw.do(t, claimer, &Return{Packet: tw.id, Share: s}, &Return{Packet: tw.id, Share: l})
	case "ask":
		a, b = tw.do(t, people[0], &Ask{Packet: tw.id, Share: s, Reason: reason},
			&Ask{Packet: tw.id, Share: l, Reason: reason})
	case "answer":
		accept := tw.chance(40)
		a, b = tw.do(t, claimer, &Answer{Packet: tw.id, Share: s, Accept: accept},
			&Answer{Packet: tw.id, Share: l, Accept: accept})
	case "tighten":
		p, _ := tw.packets(t)
		clauses := slices.Clone(p.InForce())
		if n := len(clauses); n > 0 {
			clauses = slices.Delete(clauses, n-1, n)
		}
		a, b = tw.do(t, people[0], &Tighten{Packet: tw.id, Clauses: clauses}, &Tighten{Packet: tw.id, Clauses: clauses})
		// A large packet knows when its last share was claimed, not which are held: once it
		// is closed it may be tightened for somewhat longer, which gives no one power.
		if a != b && (a == CodeFull || a == CodeRecalled || a == CodeExpired) {
			return errTwinsPart
		}
	case "wait":
		tw.wait(t, Time(1+tw.IntN(20))*1e9)
	case "long wait":
		tw.wait(t, pick(tw.dice, Time(60), 600, 72*3600)*1e9)
	}
	if a != b {
		return fmt.Errorf("%s by %s: %s, of the list %s", what, claimer.Short(), a, b)
	}
	return tw.compare(t)
}

var errTwinsPart = errors.New("the twins may part here")

// compare says what differs between the two.
func (tw *twins) compare(t testing.TB) error {
	small, large := tw.packets(t)
	if err := errors.Join(small.Check(tw.small.now), tw.check(large)); err != nil {
		return err
	}
	if small.Status != large.Status || small.Closed != large.Closed || small.Escrow != large.Escrow ||
		len(small.Tightened) != len(large.Tightened) || small.Claimed() != large.Claimed() ||
		small.recalledFrom() != large.recalledFrom() || small.lastClaim() != large.lastClaim() {
		return fmt.Errorf("packets: %s, %d in escrow and %s, %d", small.Status, small.Escrow, large.Status,
			large.Escrow)
	}
	if !bytes.Equal(tw.small.leaves[string(SupplyKey)], tw.large.leaves[string(SupplyKey)]) {
		return errors.New("the sums of money differ")
	}
	for i, c := range tw.claimers {
		n, number := tw.numbers(t, i)
		leaf := tw.share(t, number)
		if (n == 0) != (leaf == nil) {
			return fmt.Errorf("share of %s: %d, of the list %v", c.Short(), n, leaf)
		}
		if n == 0 {
			continue
		}
		if !bytes.Equal(Encode(small.Shares[n-1]), Encode(leaf.Share)) {
			return fmt.Errorf("share of %s: %+v, of the list %+v", c.Short(), small.Shares[n-1], leaf.Share)
		}
		if tw.open && n != number {
			return fmt.Errorf("share of %s: number %d, of the large one %d", c.Short(), n, number)
		}
		if err := large.CheckShare(number, leaf, tw.large.now); err != nil {
			return err
		}
	}
	for _, who := range append(append([]Address{neutral}, people...), strangers...) {
		var a, b Account
		one, two := tw.small.leaves[string(AccountKey(who))], tw.large.leaves[string(AccountKey(who))]
		if (one == nil) != (two == nil) {
			return fmt.Errorf("account %s is there in one alone", who.Short())
		}
		if one == nil {
			continue
		}
		if err := errors.Join(Decode(one, &a), Decode(two, &b)); err != nil {
			return err
		}
		a.History.Head, a.Bucket = b.History.Head, b.Bucket // of other txs
		if a != b {
			return fmt.Errorf("account %s: %+v, of the list %+v", who.Short(), a, b)
		}
	}
	slices.SortFunc(tw.large.due, func(a, b Due) int { return int(a.Share) - int(b.Share) })
	if len(tw.small.due) != len(tw.large.due) {
		return fmt.Errorf("due: %v, of the list %v", tw.small.due, tw.large.due)
	}
	return nil
}

// check holds the large one to its terms: of one made large, to what its tally says.
func (tw *twins) check(p *Packet) error {
	if tw.open {
		return errors.Join(p.checkStatus(tw.large.now), p.checkTally(tw.large.now))
	}
	return p.Check(tw.large.now)
}

// histories says whether what was written down folds to the leaves, and adds up.
func (tw *twins) histories(t testing.TB) error {
	heads := map[string]*History{}
	var claimed, home Amount
	var count uint32
	for _, e := range tw.large.entries {
		h := heads[string(e.Leaf)]
		if h == nil {
			h = &History{Head: FirstHead(testChain, e.Leaf)}
			heads[string(e.Leaf)] = h
		}
		var entry Entry
		if err := Decode(e.Entry, &entry); err != nil || entry.Seq != h.Count {
			return fmt.Errorf("entry %d of %q: seq %d, %v", h.Count, e.Leaf, entry.Seq, err)
		}
		h.Head, h.Count = NextHead(h.Head, EntryHash(e.Entry)), h.Count+1
		if bytes.Equal(e.Leaf, PacketKey(tw.id)) {
			switch {
			case entry.Claims != nil && entry.Kind == KindDraw:
				claimed += entry.Claims.Sum
			case entry.Claims != nil:
				claimed, count = claimed+entry.Claims.Sum, count+entry.Claims.Count
			case entry.Kind == KindRecall && entry.Posting == nil: // it waits for draws
			case entry.Kind == KindRecall || entry.Kind == KindRefund:
				home += entry.Posting.Amount
			case entry.Kind != KindSend && entry.Kind != KindTighten:
				return fmt.Errorf("a large packet's history has a %s", entry.Kind)
			}
			if left := tw.terms.Total - claimed - home; entry.Balance != left {
				return fmt.Errorf("behind a %s the history has %d in escrow, of %d", entry.Kind, entry.Balance, left)
			}
		}
	}
	_, p := tw.packets(t)
	if claimed+home+p.Escrow != p.Terms.Total || count != p.Tally.Claimed {
		return fmt.Errorf("the history tells of %d claims of %d and %d home", count, claimed, home)
	}
	for key, value := range tw.large.leaves {
		want, err := LeafHistory([]byte(key), value)
		if err != nil {
			return err
		}
		if want != nil && (heads[key] == nil || *heads[key] != *want) && want.Count > 0 {
			return fmt.Errorf("the entries of %q do not fold to its head", key)
		}
	}
	return nil
}

// run tells the life of twins n, with a bug planted into each committed large leaf;
// nil: none.
func runTwins(t testing.TB, n int, plant func(*twins, *Packet, map[uint32]*ShareLeaf)) error {
	tw := newTwins(t, n)
	for range 40 {
		switch err := tw.step(t); {
		case err == errTwinsPart:
			return nil
		case err != nil:
			return fmt.Errorf("twins %d: %w", n, err)
		}
		if plant != nil {
			_, p := tw.packets(t)
			shares := map[uint32]*ShareLeaf{}
			for i := range tw.claimers {
				if s := tw.share(t, uint32(i+1)); s != nil {
					shares[uint32(i+1)] = s
				}
			}
			plant(tw, p, shares)
			tw.large.leaves[string(PacketKey(tw.id))] = Encode(p)
			for number, s := range shares {
				tw.large.leaves[string(ShareKey(tw.id, number))] = Encode(s)
			}
		}
	}
	tw.wait(t, 80*3600*1e9)
	tw.wait(t, 80*3600*1e9)
	if err := tw.compare(t); err != nil {
		return fmt.Errorf("twins %d, in the end: %w", n, err)
	}
	return tw.histories(t)
}

func TestLargePacketsAreSmallOnes(t *testing.T) {
	t.Parallel()
	lives := 120
	if testing.Short() {
		lives = 30
	}
	for n := range lives {
		if err := runTwins(t, n, nil); err != nil {
			t.Fatal(err)
		}
	}
}
