package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"hongbao/contract"
)

// Mutants that a forger can make who has the vectors and an editor.

var bytesMutations = []mutation{
	{name: "a byte of the file changed", mutants: func(c *samples, s *sample, try func(func() []byte)) {
		for i := range s.bytes {
			for _, mask := range []byte{0x01, 0x80, 0xff} {
				try(func() []byte { b := bytes.Clone(s.bytes); b[i] ^= mask; return b })
			}
		}
	}},
	{name: "a byte of the file dropped", mutants: func(c *samples, s *sample, try func(func() []byte)) {
		for i := range s.bytes {
			try(func() []byte { return slices.Delete(bytes.Clone(s.bytes), i, i+1) })
		}
	}},
	{name: "a byte put into the file", mutants: func(c *samples, s *sample, try func(func() []byte)) {
		for i := range len(s.bytes) + 1 {
			for _, b := range []byte{' ', '\n', 'A', '='} {
				try(func() []byte { return slices.Insert(bytes.Clone(s.bytes), i, b) })
			}
		}
	}},
	{name: "two neighbouring bytes of the file exchanged",
		mutants: func(c *samples, s *sample, try func(func() []byte)) {
			for i := 0; i < len(s.bytes)-1; i += 2 {
				try(func() []byte { b := bytes.Clone(s.bytes); b[i], b[i+1] = b[i+1], b[i]; return b })
			}
		}},
	{name: "base64 spelt otherwise", mutants: base64Mutants},
	{name: "a byte below the base64 changed", mutants: func(c *samples, s *sample, try func(func() []byte)) {
		f := s.copy()
		for _, part := range below(f) {
			for i := range *part {
				at := &(*part)[i]
				try(changed(f, put(at, *at^(1<<(i%8)))))
			}
		}
	}},
	{name: "a part below the base64 cut short", mutants: func(c *samples, s *sample, try func(func() []byte)) {
		f := s.copy()
		for _, part := range below(f) {
			for n := 0; n < len(*part); n += 2 {
				try(changed(f, put(part, (*part)[:n])))
			}
		}
	}},
	{name: "a part below the base64 without its beginning, or longer",
		mutants: func(c *samples, s *sample, try func(func() []byte)) {
			f := s.copy()
			for _, part := range below(f) {
				for n := 1; n < len(*part); n += 3 {
					try(changed(f, put(part, (*part)[n:])))
				}
				for _, b := range []byte{0x00, 0x01, 0x0a, 0x80, 0xf6, 0xff} {
					try(changed(f, put(part, append(bytes.Clone(*part), b))))
					try(changed(f, put(part, append([]byte{b}, *part...))))
				}
				try(changed(f, put(part, append(bytes.Clone(*part), *part...))))
			}
		}},
}

// below are all byte strings of a file.
func below(f *File) []*[]byte {
	list := []*[]byte{&f.SignedHeader, &f.LeafProof, &f.ClockProof, &f.Head, &f.Tail, &f.Listing, &f.Absence}
	for _, l := range [][][]byte{f.Entries, f.Txs, f.Beacons} {
		for i := range l {
			list = append(list, &l[i])
		}
	}
	return list
}

// base64Mutants spell the same bytes as other decoders of base64 would take
// them.
func base64Mutants(c *samples, s *sample, try func(func() []byte)) {
	text := string(s.bytes)
	for _, part := range below(s.file) {
		if len(*part) == 0 {
			continue
		}
		quoted, _ := json.Marshal(*part)
		as := strings.Trim(string(quoted), `"`)
		respelt := func(spelling string) {
			try(func() []byte { return []byte(strings.Replace(text, as, spelling, 1)) })
		}
		respelt(strings.TrimRight(as, "="))
		respelt(as + "=")
		respelt(as + "====")
		respelt(strings.NewReplacer("+", "-", "/", "_").Replace(as))
		respelt(strings.ReplaceAll(as, "/", `\/`))
		respelt(strings.ReplaceAll(as, "+", `\u002b`))
		for n := 4; n < len(as); n += 60 {
			respelt(as[:n] + "\n" + as[n:])
			respelt(as[:n] + `\n` + as[n:])
			respelt(as[:n] + " " + as[n:])
			respelt(as[:n] + "==" + as[n:])
		}
		if body := strings.TrimRight(as, "="); len(body) < len(as) {
			const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
			last := strings.IndexByte(digits, body[len(body)-1])
			for unused := 1; unused < 16; unused++ {
				respelt(body[:len(body)-1] + string(digits[last^unused]) + as[len(body):])
			}
		}
	}
}

// fileFields are those that a vector's file may take from another's.
var fileFields = []string{"Kind", "Subject", "Height", "SignedHeader", "LeafProof", "ClockProof", "From", "Head",
	"Entries", "Tail", "Txs", "Beacons", "Listing", "Absence"}

var fieldMutations = []mutation{
	{name: "1, 2 or 3 fields of another proof, or all but 1 or 2",
		mutants: func(c *samples, s *sample, try func(func() []byte)) {
			for set := 1; set < 1<<len(fileFields)-1; set++ {
				if n := bitsIn(set); n > 3 && n < len(fileFields)-2 {
					continue
				}
				for _, o := range c.all {
					try(func() []byte {
						f := *s.file
						to, from := reflect.ValueOf(&f).Elem(), reflect.ValueOf(o.file).Elem()
						for i, name := range fileFields {
							if set>>i&1 == 1 {
								to.FieldByName(name).Set(from.FieldByName(name))
							}
						}
						return f.write()
					})
				}
			}
		}},
	{name: "an entry, transaction or beacon of another proof",
		mutants: func(c *samples, s *sample, try func(func() []byte)) {
			f := s.copy()
			lists := func(f *File) [][][]byte { return [][][]byte{f.Entries, f.Txs, f.Beacons} }
			for l, list := range lists(f) {
				for i := range list {
					for _, o := range c.all {
						for _, item := range lists(o.file)[l] {
							try(changed(f, put(&list[i], item)))
						}
					}
				}
			}
		}},
	{name: "another kind and subject", mutants: func(c *samples, s *sample, try func(func() []byte)) {
		for _, subject := range c.subjects() {
			for _, kind := range kinds {
				for _, bare := range []bool{false, true} {
					try(func() []byte {
						f := *s.file
						f.Kind, f.Subject = kind, subject
						if bare {
							f.From, f.Head, f.Entries, f.Tail, f.Txs, f.Beacons = 0, nil, nil, nil, nil, nil
						}
						return f.write()
					})
				}
			}
		}
	}},
	{name: "height, seq, chain id or format shifted", mutants: func(c *samples, s *sample, try func(func() []byte)) {
		f := s.copy()
		for _, by := range []int64{1, 2, 3, 4, 5, 10, 100, 1 << 31, 1 << 32, math.MaxInt64} {
			for _, by := range []int64{by, -by} {
				try(changed(f, put(&f.Height, f.Height+by)))
				try(changed(f, put(&f.From, f.From+uint64(by))))
			}
		}
		for _, chain := range []string{"", "hongbao-test-2", "hongbao-other-1-01000000000000000000", "Hongbao-test-1",
			"hongbao-test-1 ", strings.Repeat("x", 51)} {
			try(changed(f, put(&f.ChainID, chain)))
		}
		for _, format := range []string{"", "hongbao-proof/2", "hongbao-proof/1 ", "hongbao-trust/1"} {
			try(changed(f, put(&f.Format, format)))
		}
		for _, subject := range []string{"", f.Subject + " ", f.Subject + "/0", f.Subject + "/01", f.Subject + "/1",
			f.Subject + "/101", strings.ToUpper(f.Subject), f.Subject[:len(f.Subject)-1]} {
			try(changed(f, put(&f.Subject, subject)))
		}
		for _, subject := range s.world.neighbouringSubjects() {
			try(changed(f, put(&f.Subject, subject)))
		}
	}},
}

func bitsIn(set int) (n int) {
	for ; set != 0; set &= set - 1 {
		n++
	}
	return n
}

// subjects are all that the vectors' chains know, and some more.
func (c *samples) subjects() []string {
	var list []string
	for _, s := range c.all {
		list = append(list, s.file.Subject)
		for _, id := range s.world.ids() {
			list = append(list, id.String())
			for n := range 6 {
				list = append(list, fmt.Sprintf("%s/%d", id, n+1))
			}
		}
		for _, a := range s.world.addresses() {
			list = append(list, a.String())
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

var kinds = []Kind{KindPacket, KindShare, KindRecall, KindUnrecalled, KindAccount, KindAbsent, KindSupply,
	KindLargePacket, KindLargeShare, KindUnclaimed}

// neighbouringSubjects are ids and addresses one bit away from those that there
// are.
func (w *world) neighbouringSubjects() (list []string) {
	for bit := range 256 {
		for _, id := range w.ids() {
			id[bit/8] ^= 1 << (bit % 8)
			list = append(list, id.String())
		}
		for _, a := range w.addresses() {
			a[bit/8] ^= 1 << (bit % 8)
			list = append(list, a.String())
		}
	}
	return list
}

var historyMutations = []mutation{
	{name: "entries dropped, repeated or reordered", mutants: func(c *samples, s *sample, try func(func() []byte)) {
		f := s.copy()
		for list := range rearranged(f.Entries) {
			try(changed(f, put(&f.Entries, list)))
			try(changed(f, put(&f.Entries, renumber(list, f.From))))
		}
	}},
	{name: "transactions dropped, repeated or reordered",
		mutants: func(c *samples, s *sample, try func(func() []byte)) {
			f := s.copy()
			for list := range rearranged(f.Txs) {
				try(changed(f, put(&f.Txs, list)))
			}
		}},
	{name: "beacons dropped, repeated or reordered", mutants: func(c *samples, s *sample, try func(func() []byte)) {
		f := s.copy()
		for list := range rearranged(f.Beacons) {
			try(changed(f, put(&f.Beacons, list)))
		}
		try(changed(f, put(&f.Beacons, [][]byte{{}})))
	}},
	{name: "entries and transactions dropped together", mutants: func(c *samples, s *sample, try func(func() []byte)) {
		f := s.copy()
		for list := range rearranged(f.Entries) {
			for txs := range rearranged(f.Txs) {
				if len(list) < len(f.Entries) && len(txs) < len(f.Txs) {
					try(changed(f, together(put(&f.Entries, renumber(list, f.From)), put(&f.Txs, txs))))
				}
			}
		}
	}},
	{name: "entries moved into head or tail, or out of them", mutants: cutMutants},
}

// together makes two changes.
func together(a, b func() func()) func() func() {
	return func() func() {
		undoA, undoB := a(), b()
		return func() { undoB(); undoA() }
	}
}

// rearranged are lists with an item less, an item twice, or in another order.
func rearranged(list [][]byte) func(yield func([][]byte) bool) {
	return func(yield func([][]byte) bool) {
		n := len(list)
		for i := range n {
			if !yield(slices.Delete(slices.Clone(list), i, i+1)) {
				return
			}
			for j := range n + 1 {
				if !yield(slices.Insert(slices.Clone(list), j, list[i])) {
					return
				}
				moved := slices.Delete(slices.Clone(list), i, i+1)
				if j < n && !yield(slices.Insert(moved, j, list[i])) {
					return
				}
			}
			for j := range i {
				swapped := slices.Clone(list)
				swapped[i], swapped[j] = swapped[j], swapped[i]
				if !yield(swapped) || !yield(slices.Delete(slices.Clone(list), j, i+1)) {
					return
				}
			}
		}
		reversed := slices.Clone(list)
		slices.Reverse(reversed)
		_ = yield(reversed) && yield(append(slices.Clone(list), list...)) && yield(nil)
	}
}

// renumber gives entries the seqs that their places ask for.
func renumber(list [][]byte, from uint64) [][]byte {
	list = slices.Clone(list)
	for i, b := range list {
		var e contract.Entry
		if contract.Decode(b, &e) == nil {
			e.Seq = from + uint64(i)
			list[i] = contract.Encode(&e)
		}
	}
	return list
}

// cutMutants show other parts of a history: each part, before each of several
// heads, with each of several tails, beginning at several seqs.
func cutMutants(c *samples, s *sample, try func(func() []byte)) {
	w, key := s.world, s.key()
	all, _ := w.past(s.file.Height, key)
	n := uint64(len(all))
	hash := func(list [][]byte) (tail []byte) {
		for _, b := range list {
			h := contract.EntryHash(b)
			tail = append(tail, h[:]...)
		}
		return tail
	}
	for from := range n {
		for until := from; until <= n; until++ {
			part := new(File)
			w.cut(part, key, all, from, until)
			first := contract.FirstHead(testChain, key)
			heads := [][]byte{part.Head, first[:], make([]byte, 32), nil}
			tails := [][]byte{part.Tail, nil, hash(all[from:]), hash(all),
				append(bytes.Clone(part.Tail), make([]byte, 32)...)}
			if len(part.Tail) > 32 {
				tails = append(tails, part.Tail[32:], part.Tail[:len(part.Tail)-32],
					append(bytes.Clone(part.Tail[32:]), part.Tail[:32]...))
			}
			for _, seq := range []uint64{from, 0, from + 1, until} {
				for _, head := range heads {
					for _, tail := range tails {
						for _, fit := range []bool{false, true} {
							try(func() []byte {
								f := *s.file
								f.From, f.Head, f.Entries, f.Tail = seq, head, part.Entries, tail
								if fit {
									f.Entries = renumber(part.Entries, seq)
								}
								return f.write()
							})
						}
						// The same with the transactions of that part alone.
						if s.file.Kind == KindAccount {
							try(func() []byte {
								f := *s.file
								f.From, f.Head, f.Entries, f.Tail = seq, head, part.Entries, tail
								if honest := w.honest(f.Kind, f.Subject, f.Height, from, until-from); honest != nil {
									f.Txs = honest.Txs
								}
								return f.write()
							})
						}
					}
				}
			}
		}
	}
}
