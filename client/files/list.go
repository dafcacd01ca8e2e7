package files

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/btcsuite/btcd/btcec/v2"

	"hongbao/contract"
)

// A list file holds a list of claimers as it was sent to, one entry a line, and what
// a sender needs to hand each of them a link:
//
//	hongbao-list/1 SEED
//	50000,hb1…,Li Lei
//	80000,voucher,Han Meimei
//	…
//	end COUNT TOTAL ROOT CHAIN PACKET
//
// An entry is an amount in fen, an address or the word voucher, and a name, which
// may be empty beside an address. The key of a voucher is made of the seed, 64 hex
// digits, and the entry's number: the file is worth the money of all its vouchers
// that are not claimed. A file without its last line was cut off.
const (
	listFormat  = "hongbao-list/1"
	listEnd     = "end"
	voucher     = "voucher"
	tagVoucher  = "hongbao/voucher-key"
	maxListName = 200  // bytes of a name
	maxListLine = 1024 // bytes of a line
)

// ListLine is an entry as a list file has it.
type ListLine struct {
	Amount  contract.Amount
	Address *contract.Address // nil: it is a voucher's
	Name    string
}

// ListTail is a list file's last line.
type ListTail struct {
	Count  uint32
	Total  contract.Amount
	Root   contract.Hash
	Chain  string
	Packet contract.PacketID
}

// ListSeed is what the keys of a list's vouchers are made of.
type ListSeed [32]byte

// NewListSeed is a seed that cannot be guessed.
func NewListSeed() (s ListSeed, err error) {
	_, err = rand.Read(s[:])
	return s, err
}

// Key is the one-time key of entry number index, from 1.
func (s *ListSeed) Key(index uint32) *btcec.PrivateKey {
	for try := uint32(0); ; try++ { // the first is a key but once in 2^128
		h := contract.TaggedHash(tagVoucher, s[:], uint32Bytes(index), uint32Bytes(try))
		var scalar btcec.ModNScalar
		if overflow := scalar.SetByteSlice(h[:]); !overflow && !scalar.IsZero() {
			return btcec.PrivKeyFromScalar(&scalar)
		}
	}
}

func uint32Bytes(n uint32) []byte { return []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)} }

// Entry is the line as entry number index of a list.
func (l *ListLine) Entry(seed *ListSeed, index uint32) contract.ListEntry {
	e := contract.ListEntry{Index: index, Kind: contract.WhoAddress, Amount: l.Amount}
	if l.Address != nil {
		e.Who = *l.Address
	} else {
		e.Kind, e.Who = contract.WhoLink, contract.AddressOf(seed.Key(index))
	}
	return e
}

// ListBuilder makes a list of lines, keeping 40 bytes of each. Lines are hashed in
// batches on all processors: a voucher's key is what costs time.
type ListBuilder struct {
	Seed   ListSeed
	leaves []contract.Subtree
	batch  []ListLine
	sum    contract.Amount
}

// listBatch is how many lines are hashed at once.
const listBatch = 4096

// Add takes in the next line.
func (b *ListBuilder) Add(l ListLine) error {
	sum, ok := b.sum.Add(l.Amount)
	if !ok {
		return contract.Errorf(contract.CodeBadList, "list: its amounts add up to more than %s",
			contract.MaxAmount.Yuan())
	}
	if len(b.leaves)+len(b.batch) == contract.MaxListed {
		return contract.Errorf(contract.CodeBadList, "list: more than %d entries", contract.MaxListed)
	}
	b.sum = sum
	if b.batch = append(b.batch, l); len(b.batch) == listBatch {
		b.hash()
	}
	return nil
}

// Count is how many lines there are so far.
func (b *ListBuilder) Count() int { return len(b.leaves) + len(b.batch) }

func (b *ListBuilder) hash() {
	first := len(b.leaves)
	b.leaves = append(b.leaves, make([]contract.Subtree, len(b.batch))...)
	var all sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		all.Add(1)
		go func() {
			defer all.Done()
			for i := w; i < len(b.batch); i += workers {
				e := b.batch[i].Entry(&b.Seed, uint32(first+i+1))
				b.leaves[first+i] = e.Leaf()
			}
		}()
	}
	all.Wait()
	b.batch = b.batch[:0]
}

// List is the list of the lines.
func (b *ListBuilder) List() (*contract.List, error) {
	b.hash()
	return contract.NewList(b.leaves)
}

// WriteListHead writes a list file's first line.
func WriteListHead(w io.Writer, seed *ListSeed) error {
	_, err := fmt.Fprintf(w, "%s %s\n", listFormat, hex.EncodeToString(seed[:]))
	return err
}

// WriteListLine writes an entry.
func WriteListLine(w io.Writer, l *ListLine) error {
	who := voucher
	if l.Address != nil {
		who = l.Address.String()
	}
	_, err := fmt.Fprintf(w, "%d,%s,%s\n", uint64(l.Amount), who, l.Name)
	return err
}

// WriteListTail writes a list file's last line.
func WriteListTail(w io.Writer, t *ListTail) error {
	_, err := fmt.Fprintf(w, "%s %d %d %s %s %s\n", listEnd, t.Count, uint64(t.Total), t.Root, t.Chain, t.Packet)
	return err
}

// ListFileError says what is wrong with a list file, and on which line (0: at its
// end).
type ListFileError struct {
	Line int
	Why  string
}

func (e *ListFileError) Error() string {
	if e.Line == 0 {
		return "list file: " + e.Why
	}
	return fmt.Sprintf("list file: line %d: %s", e.Line, e.Why)
}

// ReadList reads a list file, and calls each with every entry and its number, from 1;
// seeded, unless it is nil, hears of the seed before.
// It fails with a ListFileError. That the entries are those of the root, a caller
// finds out who makes the list of them.
func ReadList(
	r io.Reader, seeded func(ListSeed), each func(index uint32, l *ListLine) error,
) (seed ListSeed, tail ListTail, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxListLine)
	number := 0
	bad := func(format string, args ...any) error {
		return &ListFileError{number, fmt.Sprintf(format, args...)}
	}
	for lines.Scan() {
		number++
		text := lines.Text()
		switch {
		case number == 1:
			if seed, err = readListHead(text); err != nil {
				return seed, tail, bad("does not begin as a list file does")
			}
			if seeded != nil {
				seeded(seed)
			}
		case strings.HasPrefix(text, listEnd+" "):
			if tail, err = readListTail(text); err != nil || int(tail.Count) != number-2 {
				return seed, tail, bad("its last line does not fit")
			}
			if lines.Scan() {
				number++
				return seed, tail, bad("something follows its end")
			}
			return seed, tail, nil
		case number-1 > contract.MaxListed:
			return seed, tail, bad("more than %d entries", contract.MaxListed)
		default:
			l, err := readListLine(text)
			if err != nil {
				return seed, tail, bad("not an entry")
			}
			if err := each(uint32(number-1), l); err != nil {
				return seed, tail, err
			}
		}
	}
	number = 0
	if lines.Err() != nil {
		return seed, tail, bad("cannot be read: %v", lines.Err())
	}
	return seed, tail, bad("is cut off: it has no end")
}

func readListHead(text string) (seed ListSeed, err error) {
	format, digits, _ := strings.Cut(text, " ")
	b, err := hex.DecodeString(digits)
	if err != nil || format != listFormat || len(b) != len(seed) {
		return seed, fmt.Errorf("not %s", listFormat)
	}
	return ListSeed(b), nil
}

func readListLine(text string) (*ListLine, error) {
	amount, rest, _ := strings.Cut(text, ",")
	who, name, found := strings.Cut(rest, ",")
	fen, err := strconv.ParseUint(amount, 10, 63)
	l := &ListLine{Amount: contract.Amount(fen), Name: name}
	if err == nil && who != voucher {
		var a contract.Address
		a, err = contract.ParseAddress(who)
		l.Address = &a
	}
	var again bytes.Buffer
	if err == nil {
		err = WriteListLine(&again, l)
	}
	if err != nil || !found || fen == 0 || again.String() != text+"\n" {
		return nil, fmt.Errorf("not an entry")
	}
	return l, nil
}

func readListTail(text string) (t ListTail, err error) {
	f := strings.Split(text, " ")
	if len(f) != 6 {
		return t, fmt.Errorf("%d fields", len(f))
	}
	count, err := strconv.ParseUint(f[1], 10, 32)
	if err != nil {
		return t, err
	}
	total, err := strconv.ParseUint(f[2], 10, 63)
	if err != nil {
		return t, err
	}
	t = ListTail{Count: uint32(count), Total: contract.Amount(total), Chain: f[4]}
	if t.Root, err = contract.ParseHash(f[3]); err != nil {
		return t, err
	}
	t.Packet, err = contract.ParsePacketID(f[5])
	return t, err
}
