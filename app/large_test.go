package app

import (
	"fmt"
	"testing"
	"time"

	"hongbao/contract"
)

// staff is a list of people, and how they claim from a packet to it.
type staff struct {
	entries []contract.ListEntry
	list    *contract.List
	places  map[string]int
}

// newStaff is a list of names: entry i is of i yuan, from 1. A name that begins with
// "@" has a link of its own, which any account may use.
func newStaff(t testing.TB, names ...string) *staff {
	t.Helper()
	s := &staff{places: map[string]int{}}
	var leaves []contract.Subtree
	for i, name := range names {
		e := contract.ListEntry{Index: uint32(i + 1), Kind: contract.WhoAddress, Who: addr(name),
			Amount: contract.Amount(i+1) * 100}
		if name[0] == '@' {
			e.Kind = contract.WhoLink
		}
		s.places[name] = i
		s.entries, leaves = append(s.entries, e), append(leaves, e.Leaf())
	}
	var err error
	if s.list, err = contract.NewList(leaves); err != nil {
		t.Fatal(err)
	}
	return s
}

// terms are those of a packet to the list.
func (s *staff) terms(edits ...func(*contract.Terms)) contract.Terms {
	t := terms(s.list.Count(), 1, edits...)
	t.Total, t.Split = s.list.Total(), contract.ByList
	t.Claim = contract.Rule{Cond: contract.Listed{Root: s.list.Root()}}
	return t
}

// claim is name's claim of its own entry, or of that of a link.
func (s *staff) claim(c *chain, name, entry string, id contract.PacketID, t contract.Terms,
	edits ...func(*contract.Claim)) []byte {
	i := s.places[entry]
	m := &contract.Claim{Packet: id, TermsHash: t.Hash(testChain),
		Listing: &contract.Listing{Entry: s.entries[i], Path: s.list.Path(uint32(i + 1))}}
	if entry[0] == '@' {
		sig, err := contract.SignDigest(testKey(entry), contract.LinkDigest(testChain, id, addr(name)))
		c.OK(err)
		m.Link = &sig
	}
	for _, e := range edits {
		e(m)
	}
	return c.Tx(name, m)
}

// What is wrong with a claim from a list has a code, and takes nothing.
func TestBadClaimsFromAList(t *testing.T) {
	t.Parallel()
	names := []string{"bob", "carol", "@voucher", "dave", "erin"}
	c := newChain(t, "alice", "bob", "carol", "dave", "erin", "zoe")
	s, other := newStaff(t, names...), newStaff(t, append(names, "zoe")...)
	tm := s.terms()
	id := c.Send("alice", tm)
	sum := func() contract.Amount {
		supply, err := readSupply(c.app.bareState())
		c.OK(err)
		return supply.Escrow
	}
	listing := func(edit func(*contract.Listing)) func(*contract.Claim) {
		return func(m *contract.Claim) { edit(m.Listing) }
	}
	refused := func(desc string, want contract.Code, wire []byte) {
		t.Helper()
		before := sum()
		if code := c.Block(wire)[0]; code != want || sum() != before {
			t.Errorf("%s: %s, want %s; escrow %d, before %d", desc, code, want, sum(), before)
		}
	}
	for _, row := range []struct {
		desc, who, entry string
		edit             func(*contract.Claim)
		code             contract.Code
	}{
		{"no entry", "bob", "bob", func(m *contract.Claim) { m.Listing = nil }, contract.CodeEntryRequired},
		{"index 0", "bob", "bob", listing(func(l *contract.Listing) { l.Entry.Index = 0 }), contract.CodeUnknownEntry},
		{"an index beyond the list", "bob", "bob", listing(func(l *contract.Listing) { l.Entry.Index = 6 }),
			contract.CodeUnknownEntry},
		{"another's index", "bob", "bob", listing(func(l *contract.Listing) { l.Entry.Index = 2 }),
			contract.CodeNotOnList},
		{"more money", "bob", "bob", listing(func(l *contract.Listing) { l.Entry.Amount += 100 }),
			contract.CodeNotOnList},
		{"no money", "bob", "bob", listing(func(l *contract.Listing) { l.Entry.Amount = 0 }), contract.CodeBadAmount},
		{"another's entry", "zoe", "bob", func(*contract.Claim) {}, contract.CodeNotNamed},
		{"another address", "zoe", "bob", listing(func(l *contract.Listing) { l.Entry.Who = addr("zoe") }),
			contract.CodeNotOnList},
		{"a path too short", "bob", "bob", listing(func(l *contract.Listing) { l.Path = l.Path[1:] }),
			contract.CodeBadPath},
		{"a path too long", "bob", "bob", listing(func(l *contract.Listing) { l.Path = append(l.Path, l.Path[0]) }),
			contract.CodeBadPath},
		{"a path of another list", "bob", "bob", listing(func(l *contract.Listing) { l.Path = other.list.Path(1) }),
			contract.CodeNotOnList},
		{"an entry of another list", "zoe", "bob", listing(func(l *contract.Listing) {
			*l = contract.Listing{Entry: other.entries[5], Path: other.list.Path(6)}
		}), contract.CodeUnknownEntry},
		{"a voucher without its link", "zoe", "@voucher", func(m *contract.Claim) { m.Link = nil },
			contract.CodeLinkRequired},
		{"a voucher signed for another", "zoe", "@voucher", func(m *contract.Claim) {
			sig, _ := contract.SignDigest(testKey("@voucher"), contract.LinkDigest(testChain, id, addr("bob")))
			m.Link = &sig
		}, contract.CodeBadLink},
		{"a link where none is asked for", "bob", "bob", func(m *contract.Claim) { m.Link = new(contract.Signature) },
			contract.CodeBadLink},
		{"other terms", "bob", "bob", func(m *contract.Claim) { m.TermsHash[0] ^= 1 }, contract.CodeTermsMismatch},
	} {
		refused(row.desc, row.code, s.claim(c, row.who, row.entry, id, tm, row.edit))
	}
	refused("its sender", contract.CodeSenderClaims, s.claim(c, "alice", "@voucher", id, tm))
	plain := c.Send("alice", terms(2, 100))
	refused("an entry for a packet without a list", contract.CodeNotOnList,
		s.claim(c, "bob", "bob", plain, terms(2, 100)))

	// Two ask for one voucher in one block: the first has it.
	codes := c.Block(s.claim(c, "zoe", "@voucher", id, tm), s.claim(c, "dave", "@voucher", id, tm),
		s.claim(c, "bob", "bob", id, tm))
	if fmt.Sprint(codes) != "[ok entry_claimed ok]" {
		t.Errorf("two claims of one voucher: %s", codes)
	}
	refused("an entry twice", contract.CodeEntryClaimed, s.claim(c, "bob", "bob", id, tm))
	codes = c.Block(s.claim(c, "carol", "carol", id, tm), c.Tx("alice", &contract.Recall{Packet: id, Clause: 1}),
		s.claim(c, "dave", "dave", id, tm))
	if fmt.Sprint(codes) != "[ok ok recalled]" || sum() != 200 {
		t.Errorf("a claim, a recall, a claim: %s, %d in escrow", codes, sum())
	}
	refused("after the recall", contract.CodeRecalled, s.claim(c, "erin", "erin", id, tm))
	next := c.Send("alice", tm)
	c.Wait(25 * time.Hour)
	if code := c.Block(s.claim(c, "erin", "erin", next, tm))[0]; code != contract.CodeExpired {
		t.Errorf("after expiry: %s", code)
	}
}

// A list that does not add up to the packet's total pays no one, and all of it comes home.
func TestListsThatDoNotAddUp(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		desc string
		edit func(*contract.Terms)
	}{
		{"a fen too much", func(t *contract.Terms) { t.Total++ }},
		{"a fen too little", func(t *contract.Terms) { t.Total-- }},
		{"an entry too many", func(t *contract.Terms) { t.Shares++ }},
		{"an entry too few", func(t *contract.Terms) { t.Shares-- }},
		{"twice the money", func(t *contract.Terms) { t.Total *= 2 }},
	} {
		c := newChain(t, "alice", "bob", "carol", "dave")
		s := newStaff(t, "bob", "carol", "dave")
		before := c.Account("alice").Balance
		tm := s.terms()
		row.edit(&tm)
		id := c.Send("alice", tm)
		for i, name := range []string{"bob", "carol", "dave"} {
			code := c.Block(s.claim(c, name, name, id, tm))[0]
			if code != contract.CodeNotOnList && code != contract.CodeBadPath && code != contract.CodeUnknownEntry {
				t.Errorf("%s: entry %d is claimed: %s", row.desc, i+1, code)
			}
		}
		c.Wait(25 * time.Hour)
		c.Block()
		if after := c.Account("alice").Balance; after != before {
			t.Errorf("%s: %d fen came home of %d", row.desc, after, before)
		}
	}
}

// A block of a thousand claims of one campaign writes each claimer, each share, and
// the packet, and what the sums are, once. Recalls and expiries cost what they cost a
// small packet, whatever the number.
func TestTreeWritesOfLargePackets(t *testing.T) {
	t.Parallel()
	const many = 1000
	names := []string{"alice"}
	for i := range many {
		names = append(names, fmt.Sprint("employee ", i))
	}
	g := testGenesis(contract.DefaultParams(), names...)
	g.Accounts[0].Balance = 100_000_000
	c := newChainWith(t, Options{}, g)
	s := newStaff(t, names[1:]...)
	tm := s.terms()
	id := c.Send("alice", tm)
	var rush [][]byte
	for _, name := range names[1:] {
		rush = append(rush, s.claim(c, name, name, id, tm))
	}
	before := c.app.store.Writes()
	for i, r := range c.Finalize(rush[:many-1]...).TxResults {
		if r.Code != 0 {
			t.Fatalf("claim %d: %s", i, r.Log)
		}
	}
	writes := c.app.store.Writes() - before
	t.Logf("%d claims of %d bytes in one block: %d leaves written", many-1, len(rush[0]), writes)
	if want := int64(2*(many-1) + 2); writes != want {
		t.Errorf("%d leaves written, want %d", writes, want)
	}
	for _, count := range []uint32{10, contract.MaxListed} {
		million := tm
		million.Shares, million.Total = count, contract.MaxListed
		id := c.Send("alice", million)
		before := c.app.store.Writes()
		c.Block(c.Tx("alice", &contract.Recall{Packet: id, Clause: 1}))
		if got := c.app.store.Writes() - before; got != 3 {
			t.Errorf("a recall of the rest of %d: %d leaves written, want sender, packet and supply", count, got)
		}
		c.Send("alice", million)
		c.Wait(24 * time.Hour)
		before = c.app.store.Writes()
		c.Block()
		c.Block()
		if got := c.app.store.Writes() - before; got > 6 { // the first packet expires, too
			t.Errorf("an expiry of %d: %d leaves written", count, got)
		}
	}
}
