package cli

import (
	"context"
	"fmt"
	"io"

	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
)

func (s wallets) contactsVerb() *Verb {
	return &Verb{
		Use: "contacts", Group: groupLook,
		Short: words.Both("Names for other people's addresses", "给别人的地址起的名字"),
		Long: words.Both(`A contact is a name of yours for somebody's address: wu or @wu then stands for
it wherever a party is named. An address that begins and ends like one you know,
and is another, is pointed out and asked about before anything is signed.`,
			`联系人是你给别人的地址起的名字:此后凡是要写人的地方,写 wu 或 @wu 就代表这个
地址。遇到首尾和你认识的地址一样、其实不是同一个的地址,签字之前会指出来并问你。`),
		Reach: Alone,
		Under: []*Verb{{
			Use:   "add NAME ADDRESS",
			Short: words.Both("Name an address", "给一个地址起名"),
			Reach: AtHome, Results: []any{contactJSON{}},
			Run: func(_ context.Context, args []string) error { return s.addContact(args[0], args[1]) },
		}, {
			Use:   "list",
			Short: words.Both("Every contact", "所有联系人"),
			Reach: AtHome, Results: []any{contactsJSON{}},
			Run: func(context.Context, []string) error { return s.listContacts() },
		}, {
			Use:   "rm NAME",
			Short: words.Both("Forget a contact", "删掉一个联系人"),
			Reach: AtHome, Results: []any{contactJSON{}},
			Run: func(_ context.Context, args []string) error { return s.removeContact(args[0]) },
		}},
	}
}

func (s wallets) listContacts() error {
	all, err := s.Keys().Contacts()
	if err != nil {
		return err
	}
	s.showContacts(all, true)
	return nil
}

func (s wallets) removeContact(name string) error {
	n, err := s.Keys().RemoveContact(name)
	if err != nil {
		return keyError(err)
	}
	s.showContacts([]wallet.Name{n}, false)
	return nil
}

func (s wallets) addContact(name, address string) error {
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

func (s wallets) showContacts(list []wallet.Name, many bool) {
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
func (s look) checkLookalikes(addresses ...contract.Address) error {
	for _, a := range addresses {
		known, ok := s.Keys().Lookalike(a)
		if !ok {
			continue
		}
		s.warn(words.Lookalike(s.Lang(), known.Name) + fmt.Sprintf(":\n  %s %s\n  %s %s", words.Left("?", 5), a,
			words.Left(known.Name, 5), known.Address))
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
