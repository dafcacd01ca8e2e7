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
	for _, line := range []string{"ann,1\n", "x", "\"\n", "\n"} {
		in := &countingReader{r: io.LimitReader(endless{line}, 64<<20)}
		err := ReadCSV(in, func(ListLine) error { return nil })
		if err == nil && line != "\n" || in.n > 64<<20 || line != "\n" && in.n > 1<<20 {
			t.Errorf("%q for ever: read %d bytes, %v", line, in.n, err)
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
