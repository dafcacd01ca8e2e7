package cli

import (
	"context"
	"fmt"
	"io"

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
	client, err := s.Node(ctx)
	if err != nil {
		return err
	}
	a, now, err := client.Account(ctx, address)
	if err != nil {
		return err
	}
	if a == nil {
		a = &contract.Account{} // an address that never received money has none
	}
	out := balanceJSON{
		Address: address, Name: s.Keys().NameOf(address), Balance: fen(a.Balance), Held: fen(a.Held),
		Nonce: a.Nonce, Open: a.Open, AsOf: at(now),
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

// maxListed is how many packets of a role list looks at.
const maxListed = query.MaxPackets

func (s *Session) list(ctx context.Context, args []string, sent, claimed, open bool) error {
	address, err := s.Self(ctx, args)
	if err != nil {
		return err
	}
	client, err := s.Node(ctx)
	if err != nil {
		return err
	}
	out := listJSON{Address: address, Packets: []listedJSON{}}
	more := false
	for _, role := range []struct {
		wanted bool
		role   query.Role
		name   string
	}{{sent, query.Sent, "sent"}, {claimed, query.Claimed, "claimed"}} {
		if !role.wanted {
			continue
		}
		page, err := client.Packets(ctx, address, role.role, nil, maxListed)
		if err != nil {
			return err
		}
		more = more || len(page.Next) > 0
		for _, id := range page.Packets {
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
	if out.AsOf.Height == 0 {
		_, now, err := client.Account(ctx, address)
		if err != nil {
			return err
		}
		out.AsOf = at(now)
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
