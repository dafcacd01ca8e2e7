package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"hongbao/client"
	"hongbao/client/audit"
	"hongbao/client/evidence"
	"hongbao/client/words"
	"hongbao/contract"
	"hongbao/internal/home"
)

func (s proofs) proveVerb() *Verb {
	var out string
	var recall, absent bool
	var unclaimed string
	var p partFlags
	return &Verb{
		Use: "prove REF -o FILE", Group: groupProof,
		Short: words.Both("Make a file that proves something to anybody, offline",
			"做一个证明文件,任何人都能离线核实"),
		Long: words.Both(`Make a file that anybody can check offline, with verify and a trust file.

  prove rp1…              the packet's whole life, replayed by the contract
  prove rp1…/3            whether share 3 is final: its claimer's alone to move
  prove rp1… --recall     why the rest could be recalled: clause, signatures
  prove rp1…/3 --recall   the same of a share
  prove rp1… --absent     that nothing was recalled, or that it never existed
  prove rp1…/3 --unclaimed staff.list   that entry 3 of its list was not claimed
  prove account NAME      a statement, every entry from opening to closing
  prove supply            where all money is`,
			`做一个文件,任何人都能用 verify 和信任文件离线核实。

  prove rp1…              红包的一生,由合约重新执行
  prove rp1…/3            第 3 份是否终局:只有领的人能动
  prove rp1… --recall     没领走的为什么能收回:条款和签名
  prove rp1…/3 --recall   一份为什么能收回
  prove rp1… --absent     没有收回过,或从来不存在
  prove rp1…/3 --unclaimed staff.list   名单上的第 3 项还没有人领
  prove account NAME      一个账户的账目,从期初到期末一条不漏
  prove supply            所有的钱在哪里`),
		Flags: []Flag{
			{&absent, "--absent",
				"prove that it was not recalled, or never existed (an address: that it never had an account)",
				"证明没有收回过,或从来不存在(写地址:从来没有过账户)"},
			{&recall, "--recall", "prove the recall", "证明这次收回"},
			{&unclaimed, "--unclaimed LIST", "prove that the share's entry on this list file was not claimed",
				"证明这个名单文件里的这一项还没有人领"},
		},
		Reach: Asking, Results: []any{provedJSON{}},
		Run: func(ctx context.Context,
			args []string) error {
			if unclaimed != "" && !recall && !absent {
				return s.proveUnclaimed(ctx, args[0], unclaimed, out)
			}
			return s.proveAbout(ctx, args[0], recall, absent, unclaimed != "", out)
		},
		Shared: []Flag{{&out, "-o, --out FILE", "where to write the proof; - is stdout", "证明写到哪里;- 是标准输出"}},
		Under: []*Verb{{
			Use:   "account [PARTY] -o FILE",
			Short: words.Both("Prove an account's statement", "证明一个账户的账目"),
			Reach: Asking, Results: []any{provedJSON{}},
			Run:   func(ctx context.Context, args []string) error { return s.proveAccount(ctx, args, &p, out) },
			Flags: p.flags(),
		}, {
			Use:   "supply -o FILE",
			Short: words.Both("Prove where all money is", "证明所有的钱在哪里"),
			Reach: Asking, Results: []any{provedJSON{}},
			Run: func(ctx context.Context, _ []string) error { return s.proveSupply(ctx, out) },
		}},
	}
}

// proveAbout proves something about a REF.
func (s proofs) proveAbout(ctx context.Context, ref string, recall, absent, unclaimed bool, out string) error {
	if recall && absent || unclaimed {
		return usagef("prove: choose one of --recall, --absent and --unclaimed")
	}
	file, err := s.proveRef(ctx, ref, recall, absent)
	if err != nil {
		return err
	}
	return s.prove(file, out)
}

// proveUnclaimed proves that the entry which gives a share was not claimed. Its path is
// made from the list file.
func (s proofs) proveUnclaimed(ctx context.Context, ref, path, out string) error {
	h, err := s.readList(path)
	if err != nil {
		return err
	}
	r, err := s.parseRef(ctx, ref)
	switch {
	case err != nil:
		return err
	case r.Share == 0 || r.Share > h.tail.Count:
		return usagef("prove --unclaimed: name the share behind the /, from 1 to %d", h.tail.Count)
	case r.Packet != h.tail.Packet:
		return Fail(ExitUsage, "bad_list_file", "%s: was sent to packet %s", path, h.tail.Packet)
	}
	listing, err := h.listing(r.Share)
	if err != nil {
		return err
	}
	c, err := s.Client(ctx)
	if err != nil {
		return err
	}
	file, err := c.Prove(ctx, client.Subject{Kind: audit.KindUnclaimed, Packet: r.Packet, Entry: listing})
	if err != nil {
		return err
	}
	return s.prove(file, out)
}

// proveAccount proves the statement of an account, or the part that f chooses.
func (s proofs) proveAccount(ctx context.Context, args []string, f *partFlags, out string) error {
	want, err := f.parse()
	if err != nil {
		return err
	}
	address, err := s.Self(ctx, args)
	if err != nil {
		return err
	}
	c, err := s.Client(ctx)
	if err != nil {
		return err
	}
	part, err := c.PartOf(ctx, address, want)
	if err != nil {
		return err
	}
	if want.Timed() && part.From == part.Until {
		return usagef("%s: nothing happened to it in that time", s.name(address))
	}
	file, err := c.Prove(ctx, client.Subject{Kind: audit.KindAccount, Account: address, Part: part})
	if err != nil {
		return err
	}
	return s.prove(file, out)
}

// proveSupply proves where all money is.
func (s proofs) proveSupply(ctx context.Context, out string) error {
	c, err := s.Client(ctx)
	if err != nil {
		return err
	}
	file, err := c.Prove(ctx, client.Subject{Kind: audit.KindSupply})
	if err != nil {
		return err
	}
	return s.prove(file, out)
}

// proveRef is the proof file about a REF.
func (s proofs) proveRef(ctx context.Context, text string, recall, absent bool) (*audit.File, error) {
	c, err := s.Client(ctx)
	if err != nil {
		return nil, err
	}
	if absent && strings.HasPrefix(text, "hb1") {
		a, err := contract.ParseAddress(text)
		if err != nil {
			return nil, err
		}
		return c.Prove(ctx, client.Subject{Kind: audit.KindAbsent, Account: a})
	}
	if id, err := contract.ParsePacketID(text); err == nil && absent { // no node need know it
		file, err := c.Prove(ctx, client.Subject{Kind: audit.KindAbsent, Packet: id})
		var exists *evidence.Error
		if !errors.As(err, &exists) || exists.Kind != evidence.NotAbsent {
			return file, err
		}
	}
	r, err := s.parseRef(ctx, text)
	about := client.Subject{Kind: audit.KindPacket, Packet: r.Packet, Share: r.Share}
	switch {
	case err != nil:
		return nil, err
	case absent && r.Share != 0:
		return nil, usagef("prove --absent: name the packet, not a share of it")
	case absent:
		about.Kind = audit.KindUnrecalled
	case recall:
		about.Kind = audit.KindRecall
	case r.Share != 0:
		about.Kind = audit.KindShare
	}
	return c.Prove(ctx, about)
}

type provedJSON struct {
	File      string        `json:"file"`
	Kind      audit.Kind    `json:"kind"`
	Subject   string        `json:"subject"`
	Height    int64         `json:"height"` // the state that is proven is the one after this block
	Bytes     int           `json:"bytes"`  // of the file
	Verdict   audit.Verdict `json:"verdict"`
	Statement string        `json:"statement"`
	Final     *bool         `json:"final,omitempty"` // of a share
}

// prove judges a proof file and writes it.
func (s proofs) prove(file *audit.File, out string) error {
	if out == "" {
		return usagef("prove: -o FILE is missing: name the file to write")
	}
	if out == "-" && s.Global.Output == "json" {
		return usagef("prove: choose one of -o - and --output json: both write to stdout")
	}
	b, err := file.Encode()
	if err != nil {
		return Fail(ExitUsage, "proof_too_long", "%v", err).
			WithHint("prove a statement in parts, with --since and --until", "用 --since 和 --until 分段证明")
	}
	trust, err := s.trust()
	if err != nil {
		return err
	}
	// A proof that does not hold must not reach the user.
	report := audit.Verify(b, trust, audit.Options{})
	if failed := report.Failed(); report.Verdict == audit.Invalid {
		e := Fail(ExitInvalid, "bad_answer", "node %s: what it answers proves nothing", s.client.Node().URL())
		e.Found = failed.Found
		return e
	}
	if out == "-" {
		_, _ = s.Stdout.Write(b) // which keeps its error
		s.Progress(s.proved(file, out, len(b)))
		return nil
	}
	if err := writeShared(out, b); err != nil {
		return err
	}
	result := provedJSON{out, file.Kind, file.Subject, file.Height, len(b), report.Verdict, s.stated(&report),
		report.Final()}
	s.Result(result, func(w io.Writer) {
		fmt.Fprintln(w, s.proved(file, out, len(b)))
		if final := report.Final(); final != nil && !*final {
			fmt.Fprintln(w, inSeconds(s.stated(&report)))
		}
	})
	check := fmt.Sprintf("%s verify %s --trust TRUST", s.Program(), out)
	if file.Kind == audit.KindShare || file.Kind == audit.KindLargeShare {
		check += " --final " + file.Subject
	}
	s.hint(s.Say("anyone can check it offline: %s", "任何人都可以离线核实:%s", check))
	return nil
}

// writeShared writes a file that is made for others to read: a proof, or whom to
// believe. It is written whole or not at all.
func writeShared(path string, b []byte) error {
	if err := home.WriteFile(path, b, 0o644); err != nil {
		return Fail(ExitUsage, "cannot_write", "%v", err)
	}
	return nil
}

// proved says which proof was written, where, and how long it is.
func (s proofs) proved(file *audit.File, out string, length int) string {
	about := words.Proof(s.Lang(), string(file.Kind), short(file.Subject))
	return s.Say("%s  %.1f kB: %s up to block %d", "%s  %.1f kB:%s,到区块%d为止",
		out, float64(length)/1000, about, file.Height)
}

// short is a subject for a line.
func short(subject string) string {
	id, share, found := strings.Cut(subject, "/")
	if p, err := contract.ParsePacketID(id); err == nil {
		id = p.Short()
	} else if a, err := contract.ParseAddress(id); err == nil {
		id = a.Short()
	}
	if found {
		id += "/" + share
	}
	return id
}
