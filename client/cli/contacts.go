package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
)

func (s *Session) contactsCommand() *cobra.Command {
	contacts := &cobra.Command{Use: "contacts", Short: "Names for other people's addresses", GroupID: groupLook, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
		Long: `A contact is a name of yours for somebody's address: wu or @wu then stands for
it wherever a party is named. An address that begins and ends like one you know,
and is another, is pointed out and asked about before anything is signed.`}
	contacts.AddCommand(
		s.command("", "add NAME ADDRESS", "Name an address", cobra.ExactArgs(2), func(_ context.Context, args []string) error {
			return s.addContact(args[0], args[1])
		}),
		s.command("", "list", "Every contact", cobra.NoArgs, func(context.Context, []string) error {
			all, err := s.Keys().Contacts()
			if err != nil {
				return err
			}
			s.showContacts(all, true)
			return nil
		}),
		s.command("", "rm NAME", "Forget a contact", cobra.ExactArgs(1), func(_ context.Context, args []string) error {
			n, err := s.Keys().RemoveContact(args[0])
			if err != nil {
				return keyError(err)
			}
			s.showContacts([]wallet.Name{n}, false)
			return nil
		}),
	)
	return contacts
}

func (s *Session) addContact(name, address string) error {
	a, err := contract.ParseAddress(address)
	if err != nil {
		return err
	}
	if !a.OnCurve() {
		return Fail(ExitUsage, "no_such_key", "%s: no key has this address; money sent there would be lost", address)
	}
	if err := s.checkLookalikes(a); err != nil {
		return err
	}
	n, err := s.Keys().AddContact(name, a)
	if err != nil {
		return keyError(err)
	}
	s.showContacts([]wallet.Name{n}, false)
	return nil
}

type contactsJSON struct {
	Contacts []contactJSON `json:"contacts"`
}

type contactJSON struct {
	Name    string           `json:"name"`
	Address contract.Address `json:"address"`
}

func (s *Session) showContacts(list []wallet.Name, many bool) {
	out := []contactJSON{}
	for _, n := range list {
		out = append(out, contactJSON{n.Name, n.Address})
	}
	var v any = contactsJSON{out}
	if !many {
		v = out[0]
	}
	s.Result(v, func(w io.Writer) {
		for _, n := range list {
			fmt.Fprintln(w, words.Left(n.Name, 8), n.Address)
		}
		if len(list) == 0 {
			fmt.Fprintln(w, s.Say("no contacts", "还没有联系人"))
		}
	})
}

// checkLookalikes asks before an address is used that was perhaps made to be
// mistaken for one that this home knows.
func (s *Session) checkLookalikes(addresses ...contract.Address) error {
	for _, a := range addresses {
		known, ok := s.Keys().Lookalike(a)
		if !ok {
			continue
		}
		s.warn(words.Lookalike(s.Lang(), known.Name) + fmt.Sprintf(":\n  %s %s\n  %s %s", words.Left("?", 5), a, words.Left(known.Name, 5), known.Address))
		if err := s.Confirm(words.UseLookalike(s.Lang(), known.Name)); err != nil {
			return err
		}
	}
	return nil
}

// addressesIn are those that a message gives money or power to.
func addressesIn(m contract.Message) []contract.Address {
	switch m := m.(type) {
	case *contract.Pay:
		return []contract.Address{m.To}
	case *contract.Send:
		return append(contract.ClaimersIn(m.Terms.Claim.Cond), keysOf(m.Terms.Clauses)...)
	case *contract.Tighten:
		return keysOf(m.Clauses)
	}
	return nil // the others only move money back where it came from
}

func keysOf(clauses []contract.Clause) (list []contract.Address) {
	for _, c := range clauses {
		list = append(list, contract.KeysIn(c.When.Cond, contract.Address{})...)
	}
	return list
}
