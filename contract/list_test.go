package contract

import (
	"encoding/binary"
	"testing"
)

// testList is a list of n entries: entry i is of address who(i), or of the link key
// of that name where i is even, and of i+amount fen.
func testList(t testing.TB, n int) (entries []ListEntry, list *List) {
	t.Helper()
	var leaves []Subtree
	for i := range n {
		e := ListEntry{Index: uint32(i + 1), Kind: WhoKind(1 + i%2), Amount: Amount(i + 1)}
		binary.BigEndian.PutUint32(e.Who[:], uint32(i))
		entries, leaves = append(entries, e), append(leaves, e.Leaf())
	}
	list, err := NewList(leaves)
	if err != nil {
		t.Fatal(err)
	}
	return entries, list
}

// Each entry leads to the root of its list, by a path of the length that count and
// index say, and to no other list's; nor does any entry that was changed.
func TestListEntries(t *testing.T) {
	t.Parallel()
	counts := []int{100, 127, 128, 129, 1000}
	for n := range 40 {
		counts = append(counts, n+1)
	}
	for _, n := range counts {
		entries, list := testList(t, n)
		_, other := testList(t, n+1)
		sum := Amount(n) * Amount(n+1) / 2
		if list.Total() != sum || list.Count() != uint32(n) || other.Root() == list.Root() {
			t.Fatalf("%d entries: total %d, count %d", n, list.Total(), list.Count())
		}
		for i := 0; i < n; i += 1 + n/50 {
			good := Listing{Entry: entries[i], Path: list.Path(uint32(i + 1))}
			if err := good.Check(list.Root(), uint32(n), sum); err != nil {
				t.Fatalf("entry %d of %d: %v", i+1, n, err)
			}
			for _, row := range []struct {
				desc string
				edit func(l *Listing)
				code Code
			}{
				{"index 0", func(l *Listing) { l.Entry.Index = 0 }, CodeUnknownEntry},
				{"an index beyond the count", func(l *Listing) { l.Entry.Index = uint32(n) + 1 }, CodeUnknownEntry},
				{"no money", func(l *Listing) { l.Entry.Amount = 0 }, CodeBadAmount},
				{"more money", func(l *Listing) { l.Entry.Amount = min(l.Entry.Amount+1, sum) }, CodeNotOnList},
				{"another claimer", func(l *Listing) { l.Entry.Who[31] ^= 1 }, CodeNotOnList},
				{"a link for an address", func(l *Listing) { l.Entry.Kind = 3 - l.Entry.Kind }, CodeNotOnList},
				{"an unknown kind of claimer", func(l *Listing) { l.Entry.Kind = 3 }, CodeNotOnList},
				{"a path too long", func(l *Listing) { l.Path = append(l.Path, l.Entry.Leaf()) }, CodeBadPath},
				{"a path of another list", func(l *Listing) { l.Path = other.Path(uint32(i + 1)) }, 0},
			} {
				bad := Listing{Entry: good.Entry, Path: append([]Subtree{}, good.Path...)}
				row.edit(&bad)
				if string(Encode(&bad)) == string(Encode(&good)) {
					continue // nothing to change, such as more than all
				}
				err := bad.Check(list.Root(), uint32(n), sum)
				if err == nil || row.code != 0 && CodeOf(err) != row.code {
					t.Errorf("entry %d of %d, %s: %v, want %s", i+1, n, row.desc, err, row.code)
				}
			}
			for j := range good.Path {
				for _, edit := range []func(*Subtree){
					func(s *Subtree) { s.Sum++ }, func(s *Subtree) { s.Hash[7] ^= 1 },
					func(s *Subtree) { s.Sum = MaxAmount }, func(s *Subtree) { s.Sum = 1 << 63 },
				} {
					bad := Listing{Entry: good.Entry, Path: append([]Subtree{}, good.Path...)}
					edit(&bad.Path[j])
					if err := bad.Check(list.Root(), uint32(n), sum); CodeOf(err) != CodeNotOnList {
						t.Errorf("entry %d of %d, step %d changed: %v", i+1, n, j+1, err)
					}
				}
			}
			if len(good.Path) > 0 {
				short := Listing{Entry: good.Entry, Path: good.Path[1:]}
				if err := short.Check(list.Root(), uint32(n), sum); CodeOf(err) != CodeBadPath {
					t.Errorf("entry %d of %d, a path too short: %v", i+1, n, err)
				}
			}
			for _, total := range []Amount{sum - 1, sum + 1} {
				if err := good.Check(list.Root(), uint32(n), total); err == nil {
					t.Errorf("entry %d of %d leads to a list of another total", i+1, n)
				}
			}
		}
	}
}

// A list whose amounts are no amount together is refused, and so is one of none or
// of too many entries.
func TestListBounds(t *testing.T) {
	t.Parallel()
	half := Subtree{Sum: MaxAmount}
	for _, leaves := range [][]Subtree{nil, {half, half}, make([]Subtree, MaxListed+1)} {
		if _, err := NewList(leaves); CodeOf(err) != CodeBadList {
			t.Errorf("a list of %d: %v", len(leaves), err)
		}
	}
	if n := pathLength(MaxListed-2, MaxListed); n > maxPath {
		t.Errorf("a path of %d steps", n)
	}
}

// What a send to a million costs a chain, and a claim from it.
func TestListSizes(t *testing.T) {
	var path []Subtree
	for range maxPath {
		path = append(path, Subtree{Sum: MaxAmount})
	}
	send := &Tx{Chain: testChain, Nonce: 1 << 40, ValidUntil: noon,
		Message: &Send{Terms: listTerms(Hash{}, MaxListed, 1<<50)}}
	claim := &Tx{Chain: testChain, Nonce: 1 << 40, ValidUntil: noon, Message: &Claim{Link: new(Signature),
		Listing: &Listing{Entry: ListEntry{Index: MaxListed, Kind: WhoLink, Amount: MaxAmount}, Path: path}}}
	t.Logf("send %d bytes, claim %d bytes", send.Size(), claim.Size())
	if send.Size() > 1000 || claim.Size() > 2000 {
		t.Errorf("a send to a million has %d bytes, a claim from it %d", send.Size(), claim.Size())
	}
}

func listTerms(root Hash, count uint32, total Amount, edits ...func(*Terms)) Terms {
	t := goodTerms(func(t *Terms) {
		t.Total, t.Shares, t.Split, t.Claim = total, count, ByList, Rule{Listed{root}}
	})
	for _, e := range edits {
		e(&t)
	}
	return t
}

// The split and the claim rule of a list belong together, and nothing else lets
// anyone in.
func TestListTerms(t *testing.T) {
	t.Parallel()
	key := [32]byte(testAddr("link"))
	for _, row := range []struct {
		desc string
		edit func(*Terms)
		code Code
	}{
		{"a list", func(*Terms) {}, CodeOK},
		{"a list that opens later", func(t *Terms) { t.Claim = Rule{All{Listed{}, From{at(60)}}} }, CodeOK},
		{"a list or a time", func(t *Terms) { t.Claim = Rule{Any{Listed{}, From{at(60)}}} }, CodeBadList},
		{"a list or never", func(t *Terms) { t.Claim = Rule{Any{Listed{}, Never{}}} }, CodeOK},
		{"two lists", func(t *Terms) { t.Claim = Rule{All{Listed{}, Listed{Hash{1}}}} }, CodeBadList},
		{"a list and names", func(t *Terms) {
			t.Claim = Rule{All{Listed{}, Named{[]Address{testAddr("bob")}}}}
		}, CodeBadList},
		{"a list and the packet's link", func(t *Terms) {
			t.Claim, t.LinkKey = Rule{All{Listed{}, Link{}}}, &key
		}, CodeBadList},
		{"a list, split equally", func(t *Terms) { t.Split = Equal }, CodeBadList},
		{"a list, drawn", func(t *Terms) { t.Split = Lucky }, CodeBadList},
		{"amounts of no list", func(t *Terms) { t.Claim = Rule{Always{}} }, CodeBadList},
		{"a list that is closed", func(t *Terms) { t.Claim = Rule{All{Listed{}, Never{}}} }, CodeClaimNeverTrue},
		{"a list in a clause", func(t *Terms) {
			t.Clauses[0].When = Rule{All{Sender{}, Listed{}}}
		}, CodeConditionMisplaced},
		{"more entries than there may be", func(t *Terms) { t.Shares, t.Total = MaxListed+1, 1<<40 }, CodeBadShares},
		{"as many as there may be", func(t *Terms) { t.Shares, t.Total = MaxListed, 1<<40 }, CodeOK},
		{"more entries than fen", func(t *Terms) { t.Total = 3 }, CodeTooManyShares},
	} {
		terms := listTerms(Hash{}, 10, 1000, row.edit)
		if err := terms.check(testAddr("alice"), noon); CodeOf(err) != row.code {
			t.Errorf("%s: %v, want %s", row.desc, err, row.code)
		}
	}
}

// A claim that carries a listing has one spelling, and so has one without.
func TestClaimWithListingRoundTrip(t *testing.T) {
	t.Parallel()
	entries, list := testList(t, 5)
	for _, m := range []*Claim{{Packet: PacketID{1}}, {Packet: PacketID{1}, Link: new(Signature),
		Listing: &Listing{Entry: entries[2], Path: list.Path(3)}}} {
		b := Encode(m)
		var got Claim
		if err := Decode(b, &got); err != nil || string(Encode(&got)) != string(b) ||
			(got.Listing == nil) != (m.Listing == nil) {
			t.Errorf("%x: %+v, %v", b, got, err)
		}
		for i := range b {
			bad := append([]byte{}, b...)
			bad[i] ^= 0x20
			var c Claim
			if Decode(bad, &c) == nil && string(Encode(&c)) != string(bad) {
				t.Errorf("byte %d changed is read, and written otherwise", i)
			}
		}
	}
	var c Claim
	null := append(Encode(&Claim{}), 0xf6)
	null[0]++ // fields
	if err := Decode(null, &c); err == nil {
		t.Error("a listing of null is a second spelling of none, and is read")
	}
	long := &Tx{Chain: testChain, Message: &Claim{Listing: &Listing{Path: make([]Subtree, maxPath+1)}}}
	if _, err := ReadTx(long.Encode()); CodeOf(err) != CodeBadPath {
		t.Errorf("a path deeper than any list: %v", err)
	}
}
