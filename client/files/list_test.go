package files

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"hongbao/contract"
	"hongbao/internal/testchain"
)

// A table as people and spreadsheets write it becomes entries; a line that is none is
// named by its number.
func TestReadCSV(t *testing.T) {
	bob := testchain.Address("bob").String()
	for _, row := range []struct {
		desc, in, want string
	}{
		{"a name and an address", "ann,1\n" + bob + ",2.50\n", "100 ann; 250 " + bob},
		{"a BOM, CRLF, no last line end", "\ufeffann,1\r\nben,2", "100 ann; 200 ben"},
		{"a heading", "姓名,金额\nann,1\n", "100 ann"},
		{"quotes, and a comma in a name", "\"Li, Lei\",\"8.80\"\n", "880 Li, Lei"},
		{"an address with a name", bob + ",1,bob\n", "100 " + bob + " bob"},
		{"empty lines and blanks", "\n  ann , 1 \n\n", "100 ann"},
		{"empty columns at the end", "ann,1,,\n", "100 ann"},
		{"nothing", "", ""},
		{"a heading twice", "name,amount\nname,amount\n", "line 2: its amount is not one"},
		{"no amount", "ann\n", "line 1: 1 columns"},
		{"a quote that does not end", "ann,1\n\"ben,2\n", "line 2: quotes"},
		{"a first line that may be an entry", "ann,five\nben,1\n", "line 1: its amount is not one"},
		{"a zero", "ann,0\n", "line 1: its amount is zero"},
		{"a negative amount", "ann,-1\n", "line 1: its amount is not one"},
		{"an amount with a separator", "ann,\"1,000\"\n", "line 1: its amount is not one"},
		{"a damaged address", bob[:60] + ",1\n", "line 1: its address"},
		{"a formula", "ann,1\n=1+1,1\n", "line 2: its name begins as a formula"},
		{"a name twice", "ann,1\nben,1\nann,2\n", "line 3: the same claimer as on line 1"},
		{"an address twice", bob + ",1\n" + bob + ",1,bob\n", "line 2: the same claimer as on line 1"},
		{"a control character", "a\x1bnn,1\n", "line 1: its name is not text"},
		{"no UTF-8", "a\xffnn,1\n", "line 1: its name is not text"},
		{"a long line", "ann,1\n" + strings.Repeat("x", 5000), "line 2: longer than"},
		{"a long name", strings.Repeat("x", 201) + ",1\n", "line 1: a name longer than"},
	} {
		var got []string
		err := ReadCSV(strings.NewReader(row.in), func(l ListLine) error {
			who := l.Name
			if l.Address != nil {
				who = strings.TrimSpace(l.Address.String() + " " + l.Name)
			}
			got = append(got, fmt.Sprintf("%d %s", l.Amount, who))
			return nil
		})
		text := strings.Join(got, "; ")
		if bad := new(CSVError); errors.As(err, &bad) {
			text = err.Error()
		} else if err != nil {
			t.Errorf("%s: %v", row.desc, err)
		}
		if text != row.want && (row.want == "" || err == nil || !strings.HasPrefix(text, row.want)) {
			t.Errorf("%s: %q, want %q", row.desc, text, row.want)
		}
	}
}

// endless is a table without an end.
type endless struct{ line string }

func (e endless) Read(b []byte) (n int, err error) {
	for n < len(b) {
		n += copy(b[n:], e.line)
	}
	return n, nil
}

// A table that never ends is left at its first bad line, and one line that never ends
// at its first kilobyte.
func TestReadCSVIsBounded(t *testing.T) {
	for _, row := range []struct {
		desc, line, want string
		most             int // bytes read
	}{
		{"the same name", "ann,1\n", "line 2: the same claimer as on line 1", 1 << 16},
		{"one line", "x", "line 1: longer than", 1 << 16},
		{"one name", "\"x", "line 1: longer than", 1 << 16},
		{"quotes", "\"\n", "line 1: quotes", 1 << 16},
		{"zeroes", "\x00", "line 1: longer than", 1 << 16},
		{"empty lines", "\n", "line 2000001: more than 2000000 lines", 2_100_000},
	} {
		in := &countingReader{r: io.LimitReader(endless{row.line}, 10<<30)}
		err := ReadCSV(in, func(ListLine) error { return nil })
		if err == nil || !strings.HasPrefix(err.Error(), row.want) || in.n > row.most {
			t.Errorf("%s for ever: %v, want %s; %d bytes were read", row.desc, err, row.want, in.n)
		}
	}
}

// people are a table of as many names as are read.
type people struct {
	n    int
	left string
}

func (p *people) Read(b []byte) (n int, err error) {
	for n < len(b) {
		if p.left == "" {
			p.n++
			p.left = fmt.Sprintf("employee %d,0.01\n", p.n)
		}
		k := copy(b[n:], p.left)
		n, p.left = n+k, p.left[k:]
	}
	return n, nil
}

// Ten gigabytes of people are refused by their number, at the first that is too many; and
// amounts that are too much together at the first too much.
func TestListsAreBounded(t *testing.T) {
	almost := ListBuilder{leaves: make([]contract.Subtree, contract.MaxListed-3)} // as if so many stood before
	in := &countingReader{r: io.LimitReader(&people{}, 10<<30)}
	err := ReadCSV(in, almost.Add)
	if contract.CodeOf(err) != contract.CodeBadList || almost.Count() != contract.MaxListed || in.n > 1<<16 {
		t.Errorf("%d entries of 10 GB: %v, %d bytes were read", almost.Count(), err, in.n)
	}
	rich := ListBuilder{sum: contract.MaxAmount - 1}
	for i, want := range []contract.Code{contract.CodeOK, contract.CodeBadList} {
		if err := rich.Add(ListLine{Amount: 1, Name: "ann"}); contract.CodeOf(err) != want {
			t.Errorf("fen %d beyond all but one: %v, want %s", i+1, err, want)
		}
	}
}

// A voucher that was altered is refused before anything is signed, each in its own way.
func TestBadVouchers(t *testing.T) {
	seed := ListSeed{7}
	var entries []contract.ListEntry
	lists := map[int]*contract.List{}
	for _, n := range []int{5, 6} {
		var leaves []contract.Subtree
		entries = nil
		for i := range n {
			line := ListLine{Amount: contract.Amount(i + 1), Name: "ann"}
			entries = append(entries, line.Entry(&seed, uint32(i+1)))
			leaves = append(leaves, entries[i].Leaf())
		}
		list, err := contract.NewList(leaves)
		if err != nil {
			t.Fatal(err)
		}
		lists[n] = list
	}
	list := lists[5]
	good := contract.Terms{Total: list.Total(), Shares: list.Count(), Split: contract.ByList,
		Claim: contract.Rule{Cond: contract.Listed{Root: list.Root()}}}
	other := seed.Key(4)
	for _, row := range []struct {
		desc string
		edit func(*Link, *contract.Terms)
		want contract.Code
	}{
		{"as it was made", func(*Link, *contract.Terms) {}, contract.CodeOK},
		{"index 0", func(l *Link, _ *contract.Terms) { l.Entry.Entry.Index = 0 }, contract.CodeUnknownEntry},
		{"an index beyond the list", func(l *Link, _ *contract.Terms) { l.Entry.Entry.Index = 6 },
			contract.CodeUnknownEntry},
		{"another's index", func(l *Link, _ *contract.Terms) { l.Entry.Entry.Index = 4 }, contract.CodeNotOnList},
		{"a fen more", func(l *Link, _ *contract.Terms) { l.Entry.Entry.Amount++ }, contract.CodeNotOnList},
		{"no money", func(l *Link, _ *contract.Terms) { l.Entry.Entry.Amount = 0 }, contract.CodeBadAmount},
		{"all the money and a fen", func(l *Link, t *contract.Terms) { l.Entry.Entry.Amount = t.Total + 1 },
			contract.CodeBadAmount},
		{"a key of one's own", func(l *Link, _ *contract.Terms) {
			l.Key, l.Entry.Entry.Who = other, contract.AddressOf(other)
		}, contract.CodeNotOnList},
		{"another's key", func(l *Link, _ *contract.Terms) { l.Key = other }, contract.CodeBadLink},
		{"a path too short", func(l *Link, _ *contract.Terms) { l.Entry.Path = l.Entry.Path[1:] },
			contract.CodeBadPath},
		{"a path too long", func(l *Link, _ *contract.Terms) {
			l.Entry.Path = append(l.Entry.Path, contract.Subtree{})
		}, contract.CodeBadPath},
		{"a step altered", func(l *Link, _ *contract.Terms) { l.Entry.Path[1].Hash[3] ^= 1 }, contract.CodeNotOnList},
		{"a step with more money", func(l *Link, _ *contract.Terms) { l.Entry.Path[1].Sum++ }, contract.CodeNotOnList},
		{"a path of another list", func(l *Link, _ *contract.Terms) { l.Entry.Path = lists[6].Path(3) },
			contract.CodeNotOnList},
		{"a packet to another list", func(_ *Link, t *contract.Terms) {
			t.Claim.Cond = contract.Listed{Root: lists[6].Root()}
		}, contract.CodeNotOnList},
		{"a packet of another total", func(_ *Link, t *contract.Terms) { t.Total++ }, contract.CodeNotOnList},
		{"a packet of more entries", func(_ *Link, t *contract.Terms) { t.Shares = 6 }, contract.CodeNotOnList},
		{"a packet without a list", func(_ *Link, t *contract.Terms) {
			t.Claim.Cond, t.Split = contract.Always{}, contract.Equal
		}, contract.CodeNotOnList},
	} {
		l := &Link{Chain: testchain.ID, Key: seed.Key(3),
			Entry: &contract.Listing{Entry: entries[2], Path: list.Path(3)}}
		terms := good
		row.edit(l, &terms)
		if err := l.Check(&terms); contract.CodeOf(err) != row.want {
			t.Errorf("%s: %v, want %s", row.desc, err, row.want)
		}
	}
}

type countingReader struct {
	r io.Reader
	n int
}

func (c *countingReader) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += n
	return n, err
}

// aListFile is a list file of n entries, and its list.
func aListFile(t testing.TB, n int) ([]byte, *contract.List) {
	t.Helper()
	b := ListBuilder{Seed: ListSeed{7}}
	var file bytes.Buffer
	check := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	check(WriteListHead(&file, &b.Seed))
	bob := testchain.Address("bob")
	for i := range n {
		l := ListLine{Amount: contract.Amount(i + 1), Name: fmt.Sprint("name, ", i)}
		if i == 1 {
			l.Address = &bob
		}
		check(b.Add(l))
		check(WriteListLine(&file, &l))
	}
	list, err := b.List()
	check(err)
	check(WriteListTail(&file, &ListTail{Count: list.Count(), Total: list.Total(), Root: list.Root(),
		Chain: testchain.ID, Packet: contract.PacketID{9}}))
	return file.Bytes(), list
}

// A list file tells the list that was sent to; cut anywhere, or with a byte changed, it
// is refused, or tells another list than its last line does.
func TestListFile(t *testing.T) {
	file, list := aListFile(t, 5)
	read := func(b []byte) (root contract.Hash, tail ListTail, err error) {
		var again ListBuilder
		_, tail, err = ReadList(bytes.NewReader(b), func(s ListSeed) { again.Seed = s },
			func(_ uint32, l *ListLine) error { return again.Add(*l) })
		if err != nil {
			return root, tail, err
		}
		l, err := again.List()
		if err != nil {
			return root, tail, err
		}
		return l.Root(), tail, nil
	}
	root, tail, err := read(file)
	if err != nil || root != list.Root() || tail.Root != root || tail.Total != 15 ||
		tail.Packet != (contract.PacketID{9}) {
		t.Fatalf("read again: %s, %+v, %v", root, tail, err)
	}
	for i := range len(file) - 1 { // the last line end is no loss
		if _, _, err := read(file[:i]); err == nil {
			t.Errorf("cut at byte %d of %d: is read", i, len(file))
		}
	}
	for i := range file {
		bad := bytes.Clone(file)
		bad[i] ^= 1
		root, tail, err := read(bad)
		if err == nil && root == tail.Root && root != list.Root() {
			t.Errorf("byte %d changed: is another list, and passes", i)
		}
	}
	if _, _, err := read(append(bytes.Clone(file), "1,voucher,x\n"...)); err == nil {
		t.Error("something after the end: is read")
	}
}

// A link holds an entry with its path, and is short enough for a QR code also where
// the list is the longest there may be.
func TestVoucherLink(t *testing.T) {
	seed := ListSeed{1}
	line := ListLine{Amount: contract.MaxAmount}
	l := &Link{Chain: "hongbao-dev-0123456789abcdef0123", Packet: contract.PacketID{3}, Key: seed.Key(1_000_000),
		Entry: &contract.Listing{Entry: line.Entry(&seed, 1_000_000)}}
	for range 20 {
		l.Entry.Path = append(l.Entry.Path, contract.Subtree{Sum: contract.MaxAmount})
	}
	text := l.String()
	got, err := ParseLink("see " + text + " !")
	if err != nil || got.String() != text || len(text) > 2331 { // a QR code of version 40, level M
		t.Errorf("%d characters, %v", len(text), err)
	}
	t.Logf("%d characters", len(text))
	if _, err := ParseLink(text[:len(text)-2]); err == nil {
		t.Error("a link that was cut is read")
	}
}

// BenchmarkListOfAMillion makes a list of a million lines of a table, half of them
// vouchers.
func BenchmarkListOfAMillion(b *testing.B) {
	var table bytes.Buffer
	for i := range contract.MaxListed {
		if i%2 == 0 {
			fmt.Fprintf(&table, "employee %d,%d.50\n", i, i%100+1)
			continue
		}
		fmt.Fprintf(&table, "%s,8.88\n", contract.Address{byte(i), byte(i >> 8), byte(i >> 16)})
	}
	for b.Loop() {
		build := ListBuilder{Seed: ListSeed{5}}
		err := ReadCSV(bytes.NewReader(table.Bytes()), func(l ListLine) error {
			if err := build.Add(l); err != nil {
				return err
			}
			return WriteListLine(io.Discard, &l)
		})
		if err != nil {
			b.Fatal(err)
		}
		if l, err := build.List(); err != nil || l.Count() != contract.MaxListed {
			b.Fatal(err)
		}
	}
}
