package cli

import (
	"context"
	"fmt"
	"io"

	"hongbao/client/files"
	"hongbao/client/words"
	"hongbao/contract"
)

// foundJSON is the result of list find.
type foundJSON struct {
	Packet   contract.PacketID `json:"packet"`
	Address  contract.Address  `json:"address"`
	Listed   bool              `json:"listed"`      // it has an entry of its own
	Entries  []foundEntryJSON  `json:"entries"`     // those for the address, in order
	Count    uint32            `json:"entry_count"` // of the list
	Vouchers uint32            `json:"vouchers"`    // entries for who holds their link
	Root     contract.Hash     `json:"root"`        // of the list, in the packet's terms
	AsOf     asOf              `json:"as_of"`
	Verified bool              `json:"verified"` // the packet's terms are, by the trust file
}

type foundEntryJSON struct {
	Index  uint32 `json:"index"`
	Name   string `json:"name"`
	Amount fen    `json:"amount_fen"`
}

func (s look) findVerb() *Verb {
	return &Verb{
		Use:   "find FILE PARTY",
		Short: words.Both("Whether an address is on a packet's list", "一个地址在不在红包的名单上"),
		Long: words.Both(`Look an address up in a list file, and compare the file with the list in the
packet's terms. The whole list has one root, so that a file that leads to it has
every entry: an address that is not in it is not on the list. With --trust the
terms are proven. A voucher is for who holds its link, whatever the address.`,
			`在名单文件里查一个地址,并把文件和红包条款里的名单对照。整份名单只有一个根:文件
算得出这个根,就一项不缺,里面没有的地址就不在名单上。加 --trust 时条款经过证明。
凭链接领的项不写地址,谁有链接归谁。`),
		Reach: Asking, Results: []any{foundJSON{}},
		Run: func(ctx context.Context, args []string) error { return s.find(ctx, args[0], args[1:]) },
	}
}

func (s look) find(ctx context.Context, path string, party []string) error {
	a, err := s.Self(ctx, party)
	if err != nil {
		return err
	}
	h, err := s.readList(path)
	if err != nil {
		return err
	}
	c, err := s.Client(ctx)
	if err != nil {
		return err
	}
	p, now, err := c.Packet(ctx, h.tail.Packet)
	if err != nil {
		return err
	}
	root := contract.ListIn(p.Terms.Claim.Cond)
	if root == nil || *root != h.list.Root() {
		return Fail(ExitUsage, "bad_list_file", "%s: is not the list in the terms of packet %s", path, p.ID)
	}
	out := foundJSON{Packet: p.ID, Address: a, Entries: []foundEntryJSON{}, Count: h.tail.Count, Root: *root,
		AsOf: at(now), Verified: s.checked()}
	err = h.each(func(index uint32, l *files.ListLine) error {
		switch {
		case l.Address == nil:
			out.Vouchers++
		case *l.Address == a:
			out.Entries = append(out.Entries, foundEntryJSON{index, l.Name, fen(l.Amount)})
		}
		return nil
	}, nil)
	if err != nil {
		return err
	}
	out.Listed = len(out.Entries) > 0
	s.Result(out, func(w io.Writer) { s.printFound(w, &out) })
	return nil
}

func (s look) printFound(w io.Writer, out *foundJSON) {
	for _, e := range out.Entries {
		fmt.Fprintln(w, s.Say("entry   %[1]d  %[2]s  %[3]s", "第%[1]d项  %[2]s  %[3]s", e.Index,
			contract.Amount(e.Amount).Yuan(), printable(e.Name)))
	}
	if !out.Listed {
		fmt.Fprintln(w, s.Say("%s has none of the list's %d entries", "名单共%[2]d项,没有一项是%[1]s的",
			s.name(out.Address), out.Count))
	}
	source := s.Say("as this node says", "只是节点这么说")
	if out.Verified {
		source = s.verifiedBy()
	}
	fmt.Fprintln(w, s.Say("list    of packet %s: the terms, %s", "名单    红包%s的;条款%s", out.Packet.Short(), source))
	if out.Vouchers > 0 {
		fmt.Fprintln(w, s.Say("links   %d entries are for who holds their link", "链接    %d项归持有链接的人",
			out.Vouchers))
	}
}
