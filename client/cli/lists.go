package cli

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"hongbao/app/query"
	"hongbao/client"
	"hongbao/client/files"
	"hongbao/client/words"
	"hongbao/contract"
)

// progressLines is after how many lines of a long list a person hears of it.
const progressLines = 100_000

// listDraft is a list file on its way: every line is there, under another name, and
// its end is written once the packet's id is known.
type listDraft struct {
	path string // where it will be
	file *os.File
	list *contract.List
}

// draftList reads a table of claimers into a list, and writes the list file but for
// its end. It reads and writes a line at a time.
func (s money) draftList(table string) (d *listDraft, err error) {
	d = &listDraft{path: strings.TrimSuffix(table, ".csv") + ".list"}
	if _, err := os.Lstat(d.path); err == nil {
		return nil, Fail(ExitUsage, "list_exists", "%s: is there already", d.path)
	}
	in, err := os.Open(table)
	if err != nil {
		return nil, Fail(ExitUsage, "unreadable", "%v", err)
	}
	defer in.Close()
	if d.file, err = os.CreateTemp(filepath.Dir(d.path), ".list-*"); err != nil { // mode 0600
		return nil, Fail(ExitUsage, "cannot_write", "%v", err)
	}
	defer func() {
		if err != nil {
			d.drop()
		}
	}()
	var b files.ListBuilder
	if b.Seed, err = files.NewListSeed(); err != nil {
		return nil, err
	}
	out := bufio.NewWriterSize(d.file, 1<<20)
	if err = files.WriteListHead(out, &b.Seed); err != nil {
		return nil, err
	}
	err = files.ReadCSV(in, func(l files.ListLine) error {
		if err := b.Add(l); err != nil {
			return err
		}
		if n := b.Count(); n%progressLines == 0 {
			s.Progress(s.Say("%d entries read", "已读%d项", n))
		}
		return files.WriteListLine(out, &l)
	})
	if bad := new(files.CSVError); errors.As(err, &bad) {
		return nil, Fail(ExitUsage, "bad_list", "%s: %v", table, bad)
	}
	if err != nil {
		return nil, err
	}
	if d.list, err = b.List(); err != nil {
		return nil, err
	}
	return d, out.Flush()
}

// keep writes the end, and gives the file its name.
func (d *listDraft) keep(o *client.Sent) error {
	err := files.WriteListTail(d.file, &files.ListTail{Count: d.list.Count(), Total: d.list.Total(),
		Root: d.list.Root(), Chain: o.Tx.Chain, Packet: o.ID})
	err = errors.Join(err, d.file.Sync(), d.file.Close())
	if err == nil {
		err = os.Rename(d.file.Name(), d.path)
	}
	if err != nil {
		return Fail(ExitUsage, "cannot_write", "%v", err)
	}
	return nil
}

// drop forgets a file that was not kept.
func (d *listDraft) drop() {
	if d != nil && d.file != nil {
		d.file.Close()
		os.Remove(d.file.Name())
	}
}

// heldList is a list file that was read, and found to be of its root.
type heldList struct {
	path string
	seed files.ListSeed
	tail files.ListTail
	list *contract.List
}

// readList reads a list file, and makes its tree.
func (s look) readList(path string) (*heldList, error) {
	h := &heldList{path: path}
	b := files.ListBuilder{}
	err := h.each(func(_ uint32, l *files.ListLine) error { return b.Add(*l) },
		func(seed files.ListSeed) { b.Seed = seed })
	if err != nil {
		return nil, err
	}
	if h.list, err = b.List(); err != nil {
		return nil, err
	}
	if h.list.Root() != h.tail.Root || h.list.Total() != h.tail.Total {
		return nil, Fail(ExitUsage, "bad_list_file", "%s: its entries are not those that were sent to", path)
	}
	return h, nil
}

// each reads the file's lines; seeded hears of its seed before the first.
func (h *heldList) each(do func(uint32, *files.ListLine) error, seeded func(files.ListSeed)) error {
	f, err := os.Open(h.path)
	if err != nil {
		return Fail(ExitUsage, "unreadable", "%v", err)
	}
	defer f.Close()
	h.seed, h.tail, err = files.ReadList(f, seeded, do)
	if bad := new(files.ListFileError); errors.As(err, &bad) {
		return Fail(ExitUsage, "bad_list_file", "%s: %v", h.path, bad)
	}
	return err
}

// link is the claim link of an entry.
func (h *heldList) link(index uint32, l *files.ListLine) *files.Link {
	out := &files.Link{Chain: h.tail.Chain, Packet: h.tail.Packet,
		Entry: &contract.Listing{Entry: l.Entry(&h.seed, index), Path: h.list.Path(index)}}
	if l.Address == nil {
		out.Key = h.seed.Key(index)
	}
	return out
}

// listing is an entry with its path.
func (h *heldList) listing(index uint32) (found *contract.Listing, err error) {
	err = h.each(func(at uint32, l *files.ListLine) error {
		if at == index {
			found = h.link(index, l).Entry
		}
		return nil
	}, nil)
	return found, err
}

// entryOf is the link of the entry of an address.
func (h *heldList) entryOf(a contract.Address) (found *files.Link, err error) {
	err = h.each(func(index uint32, l *files.ListLine) error {
		if l.Address != nil && *l.Address == a && found == nil {
			found = h.link(index, l)
		}
		return nil
	}, nil)
	if err == nil && found == nil {
		err = contract.Errorf(contract.CodeNotNamed, "list: %s has no entry of its own", a)
	}
	return found, err
}

// vouchersJSON is the result of list vouchers.
type vouchersJSON struct {
	Packet contract.PacketID `json:"packet"`
	File   string            `json:"file"`
	Count  uint32            `json:"count"` // links
	Total  fen               `json:"total_fen"`
	QR     string            `json:"qr,omitempty"` // the folder of the QR codes, with --qr
}

// maxQR is how many QR codes are drawn at most: each is a file, and a folder of many more
// is slow to open. Longer lists are printed from vouchers.csv.
const maxQR = 10_000

func (s look) vouchersVerb() *Verb {
	out, qr := ".", false
	return &Verb{
		Use:   "vouchers FILE",
		Short: words.Both("A claim link for each line of a list that was sent to", "给名单上的每一行生成一个领取链接"),
		Long: words.Both(`Write DIR/vouchers.csv: number, name, amount and claim link of each entry of a
list file, which send --list made. A link holds the entry with its path, and the
entry's key: who has it can claim that entry, once. Treat the file like cash.
With --qr each link is drawn as a QR code, too, in DIR/qr/NUMBER.png.`,
			`写出 DIR/vouchers.csv:send --list 生成的名单文件里每一项的序号、名字、金额和领取
链接。链接里有这一项和它的路径,以及这一项的密钥:谁有链接谁就能领,只能领一次。
请把这个文件当现金保管。加 --qr 再把每个链接画成二维码:DIR/qr/序号.png。`),
		Flags: []Flag{
			{&out, "-o, --out DIR", "the folder to write to (default: this one)", "写到哪个目录(默认当前目录)"},
			{&qr, "--qr", fmt.Sprintf("draw each link as a QR code, of at most %d entries", maxQR),
				fmt.Sprintf("把每个链接画成二维码,名单最多 %d 项", maxQR)},
		},
		Reach: Alone, Results: []any{vouchersJSON{}},
		Run: func(_ context.Context, args []string) error { return s.vouchers(args[0], out, qr) },
	}
}

func (s look) vouchers(path, dir string, qr bool) error {
	h, err := s.readList(path)
	if err != nil {
		return err
	}
	result := vouchersJSON{Packet: h.tail.Packet, Count: h.tail.Count, Total: fen(h.tail.Total)}
	made := dir
	if qr {
		if h.tail.Count > maxQR {
			return usagef("--qr: the list has %d entries, and at most %d are drawn", h.tail.Count, maxQR)
		}
		made = filepath.Join(dir, "qr")
		result.QR = made
	}
	if err := os.MkdirAll(made, 0o700); err != nil {
		return Fail(ExitUsage, "cannot_write", "%v", err)
	}
	name := filepath.Join(dir, "vouchers.csv")
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return Fail(ExitUsage, "list_exists", "%s: is there already", name)
	}
	if err != nil {
		return Fail(ExitUsage, "cannot_write", "%v", err)
	}
	buffered := bufio.NewWriterSize(f, 1<<20)
	w := csv.NewWriter(buffered)
	w.Write([]string{"number", "name", "amount", "link"})
	err = h.each(func(index uint32, l *files.ListLine) error {
		if index%progressLines == 0 {
			s.Progress(s.Say("%d links written", "已写%d个链接", index))
		}
		link := h.link(index, l)
		if qr {
			if err := drawQR(filepath.Join(made, fmt.Sprintf("%d.png", index)), link); err != nil {
				return err
			}
		}
		return w.Write([]string{strconv.Itoa(int(index)), l.Name, l.Amount.String(), link.String()})
	}, nil)
	w.Flush()
	if err = errors.Join(err, w.Error(), buffered.Flush(), f.Sync(), f.Close()); err != nil {
		os.Remove(name)
		return err
	}
	result.File = name
	s.Result(result, func(w io.Writer) {
		fmt.Fprintln(w, s.Say("%[1]s: %[3]s, %[4]s in all", "%[1]s:%[2]d个链接,共%[4]s", name, h.tail.Count,
			words.Count(int(h.tail.Count), "link", "links"), h.tail.Total.Yuan()))
		if qr {
			fmt.Fprintln(w, s.Say("%s: a QR code of each, by its number", "%s:每个链接的二维码,以序号为名", made))
		}
	})
	s.hint(s.Say("anyone with a link can claim its entry: treat the file like cash",
		"谁有链接谁就能领,请把文件当现金保管"))
	return nil
}

// drawQR writes a link's QR code to a new file, for its owner's eyes alone.
func drawQR(path string, l *files.Link) error {
	png, err := l.QR()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return Fail(ExitUsage, "list_exists", "%s: is there already", path)
	}
	if err != nil {
		return Fail(ExitUsage, "cannot_write", "%v", err)
	}
	_, err = f.Write(png)
	return errors.Join(err, f.Close())
}

// claimedListJSON is the result of list claimed.
type claimedListJSON struct {
	Packet   contract.PacketID `json:"packet"`
	Status   contract.Status   `json:"status"`
	Entries  uint32            `json:"entries"`   // on the list
	Total    fen               `json:"total_fen"` // of all entries
	Claimed  uint32            `json:"claimed"`   // entries
	Amount   fen               `json:"amount_fen"`
	Left     fen               `json:"escrow_fen"`
	AsOf     asOf              `json:"as_of"`
	Verified bool              `json:"verified"`
}

func (s look) claimedVerb() *Verb {
	return &Verb{
		Use:   "claimed FILE",
		Short: words.Both("Who of a list has claimed, and who has not", "名单上谁领了,谁还没领"),
		Long: words.Both(`Join a list file with the chain: how many of its entries were claimed, and with
--output csv each of them, with who claimed it and when. The packet's history
commits to its claims, so that with --trust none can be left out or made up.`,
			`把名单文件和链上的记录对起来:领了多少项;加 --output csv 列出每一项,写明谁在何时
领的。红包的历史锁定了每次领取,所以加 --trust 时,一次也漏不了、编不出。`),
		Reach: Asking, Forms: []string{"csv"}, Results: []any{claimedListJSON{}},
		Run: func(ctx context.Context, args []string) error { return s.claimedOf(ctx, args[0]) },
	}
}

func (s look) claimedOf(ctx context.Context, path string) error {
	h, err := s.readList(path)
	if err != nil {
		return err
	}
	if _, err := s.Client(ctx); err != nil {
		return err
	}
	if h.tail.Chain != s.chain {
		return contract.Errorf(contract.CodeWrongChain, "chain: this is %q, the list was sent to on %q", s.chain,
			h.tail.Chain)
	}
	claims := map[uint32]query.Claim{}
	out := claimedListJSON{Packet: h.tail.Packet, Entries: h.tail.Count, Total: fen(h.tail.Total),
		Verified: s.checked()}
	p, now, err := s.client.Claims(ctx, h.tail.Packet, func(c query.Claim) error {
		claims[c.Share] = c
		out.Claimed++
		out.Amount += fen(c.Amount)
		return nil
	})
	if err != nil {
		return err
	}
	out.Status, out.Left, out.AsOf = p.StatusAt(now.Time), fen(p.Escrow), at(now)
	if s.Global.Output == "csv" {
		return s.claimedTable(h, claims)
	}
	s.Result(out, func(w io.Writer) {
		fmt.Fprintln(w, s.Say("claimed  %[1]d of %[2]d entries, %[3]s of %[4]s",
			"已领  %[2]d项中的%[1]d项,%[4]s中的%[3]s", out.Claimed, out.Entries,
			contract.Amount(out.Amount).Yuan(), h.tail.Total.Yuan()))
		fmt.Fprintln(w, s.Say("packet   %s, %s, %s unclaimed", "红包  %s,%s,%s没领走", out.Packet,
			words.Status(s.Lang(), out.Status), p.Escrow.Yuan()))
	})
	return nil
}

// claimedTable writes the list with who claimed each entry.
func (s look) claimedTable(h *heldList, claims map[uint32]query.Claim) error {
	w := csv.NewWriter(s.Stdout)
	w.UseCRLF = true
	w.Write([]string{"number", "name", "address", "amount_fen", "claimed_by", "claimed_at"})
	err := h.each(func(index uint32, l *files.ListLine) error {
		row := []string{strconv.Itoa(int(index)), l.Name, "", strconv.FormatUint(uint64(l.Amount), 10), "", ""}
		if l.Address != nil {
			row[2] = l.Address.String()
		}
		if c, claimed := claims[index]; claimed {
			row[4], row[5] = c.Claimer.String(), c.Time.String()
		}
		return w.Write(row)
	}, nil)
	w.Flush()
	return errors.Join(err, w.Error())
}
