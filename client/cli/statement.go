package cli

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"hongbao/client/rpc"
	"hongbao/client/words"
	"hongbao/contract"
)

// outputs is the annotation of a command that has one more --output than the
// others.
const outputs = "outputs"

func (s *Session) statementCommand() *cobra.Command {
	var part part
	c := s.command(groupLook, "statement [PARTY]", "Every movement of an account's money, with the balance after each", cobra.MaximumNArgs(1),
		func(ctx context.Context, args []string) error { return s.statement(ctx, args, part) })
	c.Long = `Every movement of an account's money, with the balance after each. With --trust
it is complete for sure: nothing was left out, and what the account spent itself
is signed by it. --output csv writes a table for a spreadsheet.`
	c.Annotations = map[string]string{outputs: "csv"}
	part.flags(c)
	return c
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
	Seq          uint64             `json:"seq"`
	Height       int64              `json:"height"`
	Time         contract.Time      `json:"time"`
	Kind         string             `json:"kind"`
	Amount       string             `json:"amount_fen"`   // signed: what came in is positive; 0 where it only settled or is announced
	Balance      fen                `json:"balance_fen"`  // after
	Held         fen                `json:"held_fen"`     // after
	Counterparty string             `json:"counterparty"` // address, packet or "genesis"; empty where it only settled
	Packet       *contract.PacketID `json:"packet,omitempty"`
	Share        uint32             `json:"share,omitempty"`
	Tx           *contract.Hash     `json:"tx,omitempty"`
	Reason       contract.Reason    `json:"reason,omitempty"`
}

func (s *Session) statement(ctx context.Context, args []string, part part) error {
	address, err := s.Self(ctx, args)
	if err != nil {
		return err
	}
	entries, now, err := s.accountEntries(ctx, address, part)
	if err != nil {
		return err
	}
	out := statementJSON{Address: address, Entries: []movementJSON{}, AsOf: at(now), Verified: s.checked()}
	for i := range entries {
		m, before := newMovement(&entries[i], address)
		if i == 0 {
			out.Opening = fen(before)
		}
		out.Closing = m.Balance + m.Held
		out.Entries = append(out.Entries, m)
	}
	if s.Global.Output == "csv" {
		return out.csv(s.Stdout)
	}
	s.Result(out, func(w io.Writer) { s.showStatement(w, &out, entries) })
	return nil
}

// accountEntries are a part of an account's history; none when it never
// received money.
func (s *Session) accountEntries(ctx context.Context, a contract.Address, part part) (entries []contract.Entry, now rpc.At, err error) {
	if s.checked() {
		proven, now, err := s.provenAccount(ctx, a, part)
		if err != nil || proven == nil {
			return nil, now, err
		}
		for _, e := range proven.Entries {
			entries = append(entries, *e)
		}
		return entries, now, nil
	}
	account, now, err := s.account(ctx, a)
	if err != nil || account == nil {
		return nil, now, err
	}
	from, until, err := part.of(account.History.Count)
	if err != nil {
		return nil, now, err
	}
	entries, err = s.entries(ctx, contract.AccountKey(a), from, until)
	return entries, now, err
}

// newMovement is e as a line of a's statement, and what a had before, held money
// included.
func newMovement(e *contract.Entry, a contract.Address) (m movementJSON, before contract.Amount) {
	m = movementJSON{
		Seq: e.Seq, Height: e.Height, Time: e.Time, Kind: e.Kind.String(), Amount: "0", Balance: fen(e.Balance), Held: fen(e.Held),
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

func (s *Session) showStatement(w io.Writer, out *statementJSON, entries []contract.Entry) {
	fmt.Fprintf(w, "%s  opening %s\n", s.name(out.Address), contract.Amount(out.Opening).Yuan())
	for i, m := range out.Entries {
		e := &entries[i]
		sign, what := " ", ""
		if m.Amount[0] == '-' {
			sign = "-"
		} else if m.Amount != "0" {
			sign = "+"
		}
		if e.Posting != nil {
			what = sign + e.Posting.Amount.Yuan()
		}
		line := fmt.Sprintf("%s  %-7s %13s  %13s", clock(e.Time), e.Kind, what, e.Balance.Yuan())
		if e.Held > 0 {
			line += fmt.Sprintf(" and %s held", e.Held.Yuan())
		}
		if e.Posting != nil && m.Counterparty != "" {
			other := e.Posting.From
			if sign == "-" {
				other = e.Posting.To
			}
			line += "  " + s.place(other)
		}
		if e.Share != 0 {
			line += fmt.Sprintf(", share %d", e.Share)
		}
		if e.Reason != "" {
			line += ", " + words.Reason(s.lang(), e.Reason)
		}
		fmt.Fprintln(w, line)
	}
	fmt.Fprintf(w, "closing %s", contract.Amount(out.Closing).Yuan())
	if out.Verified {
		fmt.Fprint(w, ", verified by the trust file")
	}
	fmt.Fprintln(w)
}

// csv writes the statement as RFC 4180 says, a line of names first.
func (out *statementJSON) csv(w io.Writer) error {
	table := csv.NewWriter(w)
	text := func(v fmt.Stringer, there bool) string {
		if !there {
			return ""
		}
		return v.String()
	}
	rows := [][]string{{"seq", "height", "time", "kind", "amount_fen", "balance_fen", "held_fen", "counterparty", "packet", "share", "tx", "reason"}}
	for _, m := range out.Entries {
		share := ""
		if m.Share != 0 {
			share = strconv.Itoa(int(m.Share))
		}
		rows = append(rows, []string{
			strconv.FormatUint(m.Seq, 10), strconv.FormatInt(m.Height, 10), m.Time.String(), m.Kind, m.Amount,
			strconv.FormatUint(uint64(m.Balance), 10), strconv.FormatUint(uint64(m.Held), 10), m.Counterparty,
			text(m.Packet, m.Packet != nil), share, text(m.Tx, m.Tx != nil), string(m.Reason),
		})
	}
	return table.WriteAll(rows)
}
