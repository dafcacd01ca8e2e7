package cli

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"hongbao/client/evidence"
	"hongbao/client/words"
	"hongbao/contract"
)

func (s look) statementVerb() *Verb {
	var p partFlags
	return &Verb{
		Use: "statement [PARTY|FILE]", Group: groupLook,
		Short: words.Both("Every movement of an account's money, with the balance after each",
			"一个账户的每一笔进出,和每笔之后的余额"),
		Long: words.Both(`Every movement of an account's money, with the balance after each. With --trust
it is complete for sure: nothing was left out, and what the account spent itself
is signed by it. A key of this home is one with its further addresses, which
claim --fresh made; --since and --until with numbers are of its first alone.

Of a FILE that prove account made it is what the file proves, offline: no node
is asked, and --trust says whom to believe.

--output csv writes a table for a spreadsheet: amounts in fen and in yuan, times
in UTC and in your own zone.`,
			`一个账户的每一笔进出,和每笔之后的余额。加 --trust 就保证完整:一笔不漏,支出
都有账户自己的签名。这个主目录里的密钥,连同 claim --fresh 给它生成的其他地址
算在一起;--since 和 --until 写编号时,只看第一个地址。

写 prove account 做的文件 FILE,就是文件证明的账目:离线,不问节点,--trust 指明
相信谁。

--output csv 写成表格软件能打开的表:金额有分也有元,时间有 UTC 也有本地。`),
		Example: words.Both(`  statement
  statement --since 2026-02-01 --until 2026-03-01 --output csv > feb.csv
  statement bob --since 10000          from his entry 10000 on`,
			`  statement
  statement --since 2026-02-01 --until 2026-03-01 --output csv > feb.csv
  statement bob --since 10000          从他的第 10000 条起`),
		Reach: Asking, Forms: []string{"csv"}, Results: []any{statementJSON{}},
		Run:   func(ctx context.Context, args []string) error { return s.statement(ctx, args, &p) },
		Flags: p.flags(),
	}
}

// statementJSON is the result of statement.
type statementJSON struct {
	Address  contract.Address `json:"address"`
	Opening  fen              `json:"opening_fen"` // before the first entry, held money included
	Closing  fen              `json:"closing_fen"` // after the last
	Entries  []movementJSON   `json:"entries"`
	AsOf     asOf             `json:"as_of"`
	Verified bool             `json:"verified"`
}

// movementJSON is one line of a statement.
type movementJSON struct {
	Seq    uint64        `json:"seq"` // in the account's history
	Height int64         `json:"height"`
	Time   contract.Time `json:"time"`
	Kind   string        `json:"kind"`
	// signed: what came in is positive; 0 where it only settled or is announced
	Amount       string             `json:"amount_fen"`
	Balance      fen                `json:"balance_fen"`  // of that account, after
	Held         fen                `json:"held_fen"`     // of that account, after
	Counterparty string             `json:"counterparty"` // address, packet or "genesis"; empty where it only settled
	Packet       *contract.PacketID `json:"packet,omitempty"`
	Share        uint32             `json:"share,omitempty"`
	Tx           *contract.Hash     `json:"tx,omitempty"`
	Reason       contract.Reason    `json:"reason,omitempty"`
	Account      contract.Address   `json:"account"` // the address asked about, or a further one of its key

	entry *contract.Entry
}

func (s look) statement(ctx context.Context, args []string, f *partFlags) error {
	if len(args) == 1 && isProofFile(args[0]) {
		if *f != (partFlags{}) {
			return usagef("statement %s: shows what the file proves, which --since and --until cannot change", args[0])
		}
		out, err := s.provenStatement(args[0])
		if err != nil {
			return err
		}
		return s.statementResult(&out)
	}
	want, err := f.parse()
	if err != nil {
		return err
	}
	all, err := s.selves(ctx, args)
	if err != nil {
		return err
	}
	if want.Part != (evidence.Part{}) {
		all = all[:1] // numbers are those of one history
	}
	c, err := s.Client(ctx)
	if err != nil {
		return err
	}
	out := statementJSON{Address: all[0].Address, Entries: []movementJSON{}, Verified: s.checked()}
	for i, n := range all {
		part, err := c.Statement(ctx, n.Address, want)
		if err != nil {
			return err
		}
		if i == 0 {
			out.AsOf, c = at(part.At), c.AsOf(part.At.Height)
		}
		opening, closing, entries := part.Before, part.Before, part.Entries
		for i := range entries {
			m, before := newMovement(&entries[i], n.Address)
			if i == 0 {
				opening = before
			}
			closing = contract.Amount(m.Balance + m.Held)
			out.Entries = append(out.Entries, m)
		}
		out.Opening, out.Closing = out.Opening+fen(opening), out.Closing+fen(closing)
	}
	slices.SortStableFunc(out.Entries, func(a, b movementJSON) int { return cmp.Compare(a.Height, b.Height) })
	return s.statementResult(&out)
}

func (s look) statementResult(out *statementJSON) error {
	if s.Global.Output == "csv" {
		return s.csv(out)
	}
	s.Result(*out, func(w io.Writer) { s.showStatement(w, out) })
	return nil
}

// newMovement is e as a line of a's statement, and what a had before, held money
// included.
func newMovement(e *contract.Entry, a contract.Address) (m movementJSON, before contract.Amount) {
	m = movementJSON{
		Account: a, entry: e, Seq: e.Seq, Height: e.Height, Time: e.Time, Kind: e.Kind.String(), Amount: "0",
		Balance: fen(e.Balance), Held: fen(e.Held),
		Packet: e.Packet, Share: e.Share, Tx: e.Tx, Reason: e.Reason,
	}
	before = e.Balance + e.Held
	p := e.Posting
	if p == nil {
		return m, before
	}
	own := func(place contract.Place) bool { return place == contract.Wallet(a) || place == contract.Hold(a) }
	switch amount := strconv.FormatUint(uint64(p.Amount), 10); {
	case own(p.From) && own(p.To): // it settled
	case own(p.From):
		m.Amount, m.Counterparty = "-"+amount, owner(p.To)
		before += p.Amount
	default:
		m.Amount, m.Counterparty = amount, owner(p.From)
		before -= min(before, p.Amount)
	}
	return m, before
}

// owner is whose a place is.
func owner(p contract.Place) string {
	if p.Kind == contract.InHold {
		return contract.Address(p.ID).String()
	}
	return p.String()
}

func (s look) showStatement(w io.Writer, out *statementJSON) {
	fmt.Fprintln(w, s.Say("%s  opening %s", "%s  期初%s", s.name(out.Address), contract.Amount(out.Opening).Yuan()))
	for _, m := range out.Entries {
		e := m.entry
		sign, what := " ", ""
		if m.Amount[0] == '-' {
			sign = "-"
		} else if m.Amount != "0" {
			sign = "+"
		}
		if e.Posting != nil {
			what = sign + e.Posting.Amount.Yuan()
		}
		line := fmt.Sprintf("%s  %s %13s  %13s", clock(e.Time), s.kind(e), what, e.Balance.Yuan())
		if e.Held > 0 {
			line += s.Say(" and %s held", ",另存%s", e.Held.Yuan())
		}
		if e.Posting != nil && m.Counterparty != "" {
			other := e.Posting.From
			if sign == "-" {
				other = e.Posting.To
			}
			line += "  " + s.place(other)
		} else if e.Packet != nil {
			line += "  " + s.place(contract.Escrow(*e.Packet))
		}
		line += s.shareOf(e) + s.because(e.Reason)
		if m.Account != out.Address {
			line += s.Say("; at %s", ";在%s", s.name(m.Account))
		}
		fmt.Fprintln(w, line)
	}
	closing := s.Say("closing %s", "期末%s", contract.Amount(out.Closing).Yuan())
	if out.Verified {
		closing += s.Say(", %s", ",%s", s.verifiedBy())
	}
	fmt.Fprintln(w, closing)
}

// spreadsheetTime is a time that a spreadsheet takes for one.
const spreadsheetTime = "2006-01-02 15:04:05"

// csv writes the statement as RFC 4180 says, a line of names first. In Chinese a
// byte order mark precedes it: without one a spreadsheet takes it for another
// encoding.
func (s look) csv(out *statementJSON) error {
	if s.Lang() == words.Chinese {
		if _, err := io.WriteString(s.Stdout, "\ufeff"); err != nil {
			return err
		}
	}
	table := csv.NewWriter(s.Stdout)
	text := func(v fmt.Stringer, there bool) string {
		if !there {
			return ""
		}
		return v.String()
	}
	rows := [][]string{{"seq", "height", "time", "kind", "amount_fen", "balance_fen", "held_fen", "counterparty",
		"packet", "share", "tx", "reason",
		"account", "local_time", "kind_text", "amount", "balance", "held", "counterparty_text", "reason_text"}}
	for _, m := range out.Entries {
		share, other, reason := "", "", ""
		if m.Share != 0 {
			share = strconv.Itoa(int(m.Share))
		}
		if p := m.entry.Posting; p != nil && m.Counterparty != "" {
			if other = s.place(p.From); m.Amount[0] == '-' {
				other = s.place(p.To)
			}
		}
		if m.Reason != "" {
			reason = words.Reason(s.Lang(), m.Reason)
		}
		rows = append(rows, []string{
			strconv.FormatUint(m.Seq, 10), strconv.FormatInt(m.Height, 10), m.Time.String(), m.Kind, m.Amount,
			strconv.FormatUint(uint64(m.Balance), 10), strconv.FormatUint(uint64(m.Held), 10), m.Counterparty,
			text(m.Packet, m.Packet != nil), share, text(m.Tx, m.Tx != nil), string(m.Reason),
			s.name(m.Account), m.Time.Std().Local().Format(spreadsheetTime), strings.TrimSpace(s.kind(m.entry)),
			signedYuan(m.Amount), contract.Amount(m.Balance).String(), contract.Amount(m.Held).String(), other, reason,
		})
	}
	return table.WriteAll(rows)
}

// signedYuan is a signed amount of fen in yuan, with two decimals.
func signedYuan(fen string) string {
	digits, negative := strings.CutPrefix(fen, "-")
	n, _ := strconv.ParseUint(digits, 10, 64) // newMovement made it
	text := contract.Amount(n).String()
	if negative {
		return "-" + text
	}
	return text
}
