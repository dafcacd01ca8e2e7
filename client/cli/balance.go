package cli

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"hongbao/app/query"
	"hongbao/contract"
)

type balanceJSON struct {
	Address  contract.Address `json:"address"`
	Name     string           `json:"name,omitempty"`
	Balance  fen              `json:"balance_fen"`
	Held     fen              `json:"held_fen"`
	Nonce    uint64           `json:"nonce"`
	Open     uint32           `json:"open_packets"`
	AsOf     asOf             `json:"as_of"`
	Verified bool             `json:"verified"`
}

func (s *Session) balanceCommand() *cobra.Command {
	return s.command(groupLook, "balance [PARTY]", "What an account can spend", cobra.MaximumNArgs(1), s.balance)
}

func (s *Session) balance(ctx context.Context, args []string) error {
	address, err := s.Self(ctx, args)
	if err != nil {
		return err
	}
	a, now, err := s.account(ctx, address)
	if err != nil {
		return err
	}
	if a == nil {
		a = new(contract.Account)
	}
	out := balanceJSON{
		Address: address, Name: s.Keys().NameOf(address), Balance: fen(a.Balance), Held: fen(a.Held),
		Nonce: a.Nonce, Open: a.Open, AsOf: at(now), Verified: s.checked(),
	}
	s.Result(out, func(w io.Writer) {
		fmt.Fprintf(w, "%s  %s\n", s.name(address), a.Balance.Yuan())
		if a.Held > 0 {
			fmt.Fprintf(w, "%s more is held, and not its own yet\n", a.Held.Yuan())
		}
		if a.Open > 0 {
			fmt.Fprintf(w, "%d of its packets are open\n", a.Open)
		}
	})
	return nil
}

type listJSON struct {
	Address  contract.Address `json:"address"`
	Packets  []listedJSON     `json:"packets"`
	AsOf     asOf             `json:"as_of"`
	Verified bool             `json:"verified"`
}

type listedJSON struct {
	Packet  contract.PacketID `json:"packet"`
	Role    string            `json:"role"` // sent or claimed
	Status  string            `json:"status"`
	Total   fen               `json:"total_fen"`
	Escrow  fen               `json:"escrow_fen"`
	Claimed int               `json:"claimed"`
	Shares  uint32            `json:"share_count"`
	Created contract.Time     `json:"created"`
	Expires contract.Time     `json:"expires"`
}

func (s *Session) listCommand() *cobra.Command {
	var sent, claimed, open bool
	c := s.command(groupLook, "list [PARTY]", "The packets an account sent and claimed from, newest first", cobra.MaximumNArgs(1),
		func(ctx context.Context, args []string) error {
			if !sent && !claimed {
				sent, claimed = true, true
			}
			return s.list(ctx, args, sent, claimed, open)
		})
	c.Flags().BoolVar(&sent, "sent", false, "only those it sent")
	c.Flags().BoolVar(&claimed, "claimed", false, "only those it claimed from")
	c.Flags().BoolVar(&open, "open", false, "only those still open")
	return c
}

// packetsOf are the packets in which an account has a role, newest first, and
// whether there are older ones. A node's list may leave some out; an account's
// statement does not.
func (s *Session) packetsOf(ctx context.Context, a contract.Address, role query.Role) (ids []contract.PacketID, older bool, err error) {
	if !s.checked() {
		client, err := s.Node(ctx)
		if err != nil {
			return nil, false, err
		}
		page, err := client.Packets(ctx, a, role, nil, maxListed)
		if err != nil {
			return nil, false, err
		}
		return page.Packets, len(page.Next) > 0, nil
	}
	proven, _, err := s.provenAccount(ctx, a, part{})
	if err != nil || proven == nil {
		return nil, false, err
	}
	for _, e := range slices.Backward(proven.Entries) {
		took := e.Kind == contract.KindReserve || e.Kind == contract.KindClaim
		if e.Kind == contract.KindSend && role == query.Sent || took && role == query.Claimed {
			if len(ids) == maxListed {
				return ids, true, nil
			}
			ids = append(ids, *e.Packet)
		}
	}
	return ids, false, nil
}

// maxListed is how many packets of a role list looks at.
const maxListed = query.MaxPackets

func (s *Session) list(ctx context.Context, args []string, sent, claimed, open bool) error {
	address, err := s.Self(ctx, args)
	if err != nil {
		return err
	}
	_, now, err := s.account(ctx, address)
	if err != nil {
		return err
	}
	if s.checked() {
		s.height = now.Height // what is proven is proven of one state
	}
	out := listJSON{Address: address, Packets: []listedJSON{}, AsOf: at(now), Verified: s.checked()}
	more := false
	for _, role := range []struct {
		wanted bool
		role   query.Role
		name   string
	}{{sent, query.Sent, "sent"}, {claimed, query.Claimed, "claimed"}} {
		if !role.wanted {
			continue
		}
		ids, older, err := s.packetsOf(ctx, address, role.role)
		if err != nil {
			return err
		}
		more = more || older
		for _, id := range ids {
			p, now, err := s.packet(ctx, id)
			if err != nil {
				return err
			}
			out.AsOf = at(now)
			if open && status(p, now.Time) != contract.Open.String() {
				continue
			}
			out.Packets = append(out.Packets, listedJSON{
				Packet: id, Role: role.name, Status: status(p, now.Time), Total: fen(p.Terms.Total), Escrow: fen(p.Escrow),
				Claimed: len(p.Shares), Shares: p.Terms.Shares, Created: p.Created, Expires: p.Expires,
			})
		}
	}
	s.Result(out, func(w io.Writer) {
		for _, p := range out.Packets {
			fmt.Fprintf(w, "%-7s %s  %12s  %-8s %d/%d claimed  %s\n", p.Role, p.Packet.Short(),
				contract.Amount(p.Total).Yuan(), p.Status, p.Claimed, p.Shares, clock(p.Created))
		}
		if len(out.Packets) == 0 {
			fmt.Fprintln(w, "no packets")
		}
	})
	if more {
		s.Progress("hint: older packets are not shown")
	}
	return nil
}
