package cli

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"hongbao/client"
	"hongbao/client/audit"
	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
)

const (
	defaultListed = 20  // a screen of them
	maxListed     = 100 // a page for a script
	// maxLookedAt bounds how many packets one command asks its node for, where
	// few of them pass the filter.
	maxLookedAt = 1000
)

type listJSON struct {
	Address  contract.Address `json:"address"`
	Packets  []listedJSON     `json:"packets"` // newest first
	Next     *string          `json:"next"`    // for --before, to go on; null at the end
	AsOf     asOf             `json:"as_of"`
	Verified bool             `json:"verified"`
}

type listedJSON struct {
	Packet contract.PacketID `json:"packet"`
	Role   string            `json:"role"`            // sent or claimed
	At     contract.Time     `json:"at"`              // when this account sent it or claimed from it
	Share  uint32            `json:"share,omitempty"` // claimed: which

	*audit.ShareStanding `json:",omitempty"` // claimed: of that share

	Status  contract.Status `json:"status"` // of the packet
	Total   fen             `json:"total_fen"`
	Escrow  fen             `json:"escrow_fen"`  // what is unclaimed
	Claimed int             `json:"claimed"`     // how many shares are
	Shares  uint32          `json:"share_count"` // of how many
	Created contract.Time   `json:"created"`
	Expires contract.Time   `json:"expires"`
	// which sent it or claimed from it: the one asked about, or a further address of its key
	Account contract.Address `json:"account"`
}

type listFlags struct {
	sent, claimed, open bool
	limit               int
	before              string
}

func (s look) listVerb() *Verb {
	f := listFlags{limit: defaultListed}
	return &Verb{
		Use: "list [PARTY]", Group: groupLook,
		Short: words.Both("The packets an account sent and claimed from, newest first",
			"一个账户发过和领过的红包,最新的在前"),
		Example: words.Both(`  list --open                  mine that are still open
  list bob --claimed           what bob took
  list --sent --limit 100      more of them; the hint says how to go on`,
			`  list --open                  我的、还没领完的
  list bob --claimed           bob 领过的
  list --sent --limit 100      多看一些;提示里写着怎么接着看`),
		Flags: []Flag{
			{&f.before, "--before NEXT", "go on where a list ended: its next", "从上次结束的地方接着看:写它的 next"},
			{&f.claimed, "--claimed", "only those it claimed from", "只看领的"},
			{&f.limit, "--limit N", "how many at most, 1 to 100", "最多几个,1 到 100"},
			{&f.open, "--open", "only those still open", "只看还没领完的"},
			{&f.sent, "--sent", "only those it sent", "只看发的"},
		},
		Reach: Asking, Results: []any{listJSON{}}, Under: []*Verb{s.vouchersVerb(), s.claimedVerb(), s.findVerb()},
		Run: func(ctx context.Context, args []string) error { return s.list(ctx, args, &f) },
	}
}

func (s look) list(ctx context.Context, args []string, f *listFlags) error {
	if f.limit < 1 || f.limit > maxListed {
		return usagef("--limit %d: write a number from 1 to %d", f.limit, maxListed)
	}
	all, err := s.selves(ctx, args)
	if err != nil {
		return err
	}
	m, now, err := s.lists(ctx, all, f)
	if err != nil {
		return err
	}
	defer m.close()
	if err := m.seek(f.before); err != nil {
		return err
	}
	out := listJSON{Address: all[0].Address, Packets: []listedJSON{}, AsOf: at(now), Verified: s.checked()}
	for looked := 0; len(out.Packets) < f.limit && looked < maxLookedAt; looked++ {
		p, err := m.take(ctx)
		if err != nil {
			return err
		}
		if p == nil {
			break
		}
		if !f.open || p.Status == contract.Open {
			out.Packets = append(out.Packets, *p)
		}
	}
	if out.Next, err = m.position(ctx); err != nil {
		return err
	}
	s.Result(out, func(w io.Writer) {
		for i := range out.Packets {
			line := s.listLine(&out.Packets[i])
			if a := out.Packets[i].Account; a != out.Address {
				line += "  " + s.name(a)
			}
			fmt.Fprintln(w, line)
		}
		if len(out.Packets) == 0 {
			fmt.Fprintln(w, s.Say("no packets", "没有红包"))
		}
	})
	if out.Next != nil && s.Global.Output == "text" {
		s.hint(s.Say("older ones follow with: --before %s", "更早的:--before %s", *out.Next))
	}
	return nil
}

// lists are the packets of an account and the further addresses of its key.
func (s look) lists(ctx context.Context, all []wallet.Name, f *listFlags) (m merged, now rpc.At, err error) {
	c, err := s.Client(ctx)
	if err != nil {
		return nil, now, err
	}
	both := f.sent == f.claimed
	for i, n := range all {
		a, at, err := c.Account(ctx, n.Address)
		if err != nil {
			return nil, now, err
		}
		if i == 0 {
			now, c = at, c.AsOf(at.Height)
		} else if a == nil {
			continue // never used
		}
		list, err := c.List(ctx, n.Address)
		if err != nil {
			return nil, now, err
		}
		m = append(m, &packetList{address: n.Address, role: sentRole, pages: list.Sent, done: !both && !f.sent},
			&packetList{address: n.Address, role: claimedRole, pages: list.Claimed, done: !both && !f.claimed})
	}
	return m, now, nil
}

// listLine is a packet as a screen shows it: of one that was sent the whole, of
// one that was claimed from the account's share.
func (s look) listLine(p *listedJSON) string {
	role, amount, state := s.Say("sent", "发出"), contract.Amount(p.Total).Yuan(), words.Status(s.Lang(), p.Status)
	part := s.Say("%d/%d claimed", "已领%d/%d", p.Claimed, p.Shares)
	if p.Role == claimedRole {
		role, amount, state = s.Say("claimed", "领取"), s.Say("not drawn", "未抽出"), ""
		part = s.Say("share %d", "第%d份", p.Share)
	}
	if share := p.ShareStanding; share != nil {
		state = words.State(s.Lang(), share.State)
		if share.Amount != nil {
			amount = share.Amount.Yuan()
		}
	}
	return strings.Join([]string{words.Left(role, 7), p.Packet.Short(), words.Right(amount, 12), words.Left(state, 8),
		words.Left(part, 15), clock(p.At)}, " ")
}

// Roles of a packet in a list.
const (
	sentRole    = "sent"
	claimedRole = "claimed"
)

// packetList is an account's packets of one role, newest first, read one by
// one: so that a list can end, and go on, at any of them.
type packetList struct {
	address contract.Address
	role    string
	pages   func(ctx context.Context, from []byte) iter.Seq2[*client.Listed, error]
	next    func() (*client.Listed, error, bool) // nil before the first packet was read
	stop    func()
	before  []byte      // its position; empty: at the newest
	done    bool        // nothing follows before, or the role is not wanted
	head    *listedJSON // the next one
	after   []byte      // the position after head; empty: nothing follows
}

// peek reads the next packet, unless it is there already.
func (l *packetList) peek(ctx context.Context) error {
	if l.done || l.head != nil {
		return nil
	}
	if l.next == nil {
		l.next, l.stop = iter.Pull2(l.pages(ctx, l.before))
	}
	listed, err, more := l.next()
	switch {
	case errors.Is(err, client.ErrPosition):
		return usagef("--before: where a list ended that was not checked; leave out --trust, or begin anew")
	case err != nil:
		return err
	case !more:
		l.done = true
		return nil
	}
	p := listed.Packet
	head := &listedJSON{
		Packet: listed.ID, Account: l.address, Role: l.role, At: p.Created, Status: p.StatusAt(listed.At.Time),
		Total: fen(p.Terms.Total), Escrow: fen(p.Escrow),
		Claimed: int(p.Claimed()), Shares: p.Terms.Shares, Created: p.Created, Expires: p.Expires,
	}
	if n := p.NumberOf(l.address); l.role == claimedRole && n > 0 {
		share := audit.NewShareStanding(p, n, listed.At.Time)
		head.Share, head.ShareStanding, head.At = n, &share, share.ClaimedAt
	}
	l.head, l.after = head, listed.Next
	return nil
}

// merged is several lists in one, newest first.
type merged []*packetList

func (m merged) close() {
	for _, l := range m {
		if l.stop != nil {
			l.stop()
		}
	}
}

// newest is the list whose next packet is the newest; nil at the end.
func (m merged) newest(ctx context.Context) (newest *packetList, err error) {
	for _, l := range m {
		if err := l.peek(ctx); err != nil {
			return nil, err
		}
		if l.head != nil && (newest == nil || l.head.At > newest.head.At) {
			newest = l
		}
	}
	return newest, nil
}

// take removes the newest packet; nil at the end.
func (m merged) take(ctx context.Context) (*listedJSON, error) {
	l, err := m.newest(ctx)
	if l == nil || err != nil {
		return nil, err
	}
	head := l.head
	l.head, l.before, l.done = nil, l.after, len(l.after) == 0
	return head, nil
}

// ended stands in a position for a list of which nothing follows.
const ended = "end"

// position is where the list goes on; nil at the end.
func (m merged) position(ctx context.Context) (*string, error) {
	l, err := m.newest(ctx)
	if l == nil || err != nil {
		return nil, err
	}
	parts := make([]string, len(m))
	for i, l := range m {
		if parts[i] = hex.EncodeToString(l.before); l.done {
			parts[i] = ended
		}
	}
	text := strings.Join(parts, ".")
	return &text, nil
}

// seek goes to a position; the empty one is the beginning.
func (m merged) seek(position string) error {
	if position == "" {
		return nil
	}
	parts := strings.Split(position, ".")
	if len(parts) != len(m) {
		return usagef("--before %q: not where a list ended", position)
	}
	for i, l := range m {
		b, err := hex.DecodeString(parts[i])
		if err != nil && parts[i] != ended {
			return usagef("--before %q: not where a list ended", position)
		}
		l.before, l.done = b, l.done || parts[i] == ended
	}
	return nil
}
