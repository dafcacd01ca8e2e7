package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"hongbao/client/wallet"
	"hongbao/contract"
)

type keyJSON struct {
	Name    string           `json:"name"`
	Address contract.Address `json:"address"`
	Dev     bool             `json:"dev"`     // its secret is public
	Current bool             `json:"current"` // signs where no --from is given
}

type keysJSON struct {
	Keys []keyJSON `json:"keys"`
}

func (s *Session) keysCommand() *cobra.Command {
	keys := &cobra.Command{Use: "keys", Short: "The keys you sign with", GroupID: groupLook, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	keys.AddCommand(
		s.command("", "new NAME", "Make a key", cobra.ExactArgs(1), func(_ context.Context, args []string) error {
			n, err := s.Keys().New(args[0])
			if err != nil {
				return keyError(err)
			}
			s.Progress("hint: kept unencrypted, in a file that only you can read, in %s", s.Global.Home)
			s.showKeys([]wallet.Name{n}, false)
			return nil
		}),
		s.command("", "import NAME", "Bring a key from elsewhere", cobra.ExactArgs(1), func(context.Context, []string) error {
			return &Error{Code: contract.CodeUnsupported.String(), Number: contract.CodeUnsupported, Exit: ExitRefused,
				Message: "keys import: not in this version yet"}
		}),
		s.command("", "list", "Every key at hand", cobra.NoArgs, func(context.Context, []string) error {
			all, err := s.Keys().List()
			if err != nil {
				return keyError(err)
			}
			s.showKeys(all, true)
			return nil
		}),
		s.command("", "show NAME", "A key's address", cobra.ExactArgs(1), func(_ context.Context, args []string) error {
			n, err := s.Keys().Find(args[0])
			if err != nil {
				return keyError(err)
			}
			s.showKeys([]wallet.Name{n}, false)
			return nil
		}),
		s.command("", "use NAME", "Sign with this key from now on", cobra.ExactArgs(1), func(_ context.Context, args []string) error {
			n, err := s.Keys().Use(args[0])
			if err != nil {
				return keyError(err)
			}
			s.showKeys([]wallet.Name{n}, false)
			return nil
		}),
	)
	return keys
}

func keyError(err error) error {
	switch {
	case errors.Is(err, wallet.ErrUnknown):
		return Fail(ExitUsage, "unknown_party", "%v", err)
	case errors.Is(err, wallet.ErrExists):
		return Fail(ExitUsage, "key_exists", "%v", err)
	case errors.Is(err, wallet.ErrBadName):
		return Fail(ExitUsage, "bad_name", "%v", err)
	case errors.Is(err, wallet.ErrNoSecret):
		return Fail(ExitUsage, "no_secret_key", "%v", err)
	}
	return err
}

func (s *Session) showKeys(list []wallet.Name, many bool) {
	out := []keyJSON{}
	for _, n := range list {
		out = append(out, keyJSON{n.Name, n.Address, n.Dev, n.Current})
	}
	var v any = keysJSON{out}
	if !many {
		v = out[0]
	}
	s.Result(v, func(w io.Writer) {
		for _, n := range list {
			note := ""
			if n.Dev {
				note = "  public: play money only"
			}
			if n.Current {
				note += "  in use"
			}
			fmt.Fprintf(w, "%-8s %s%s\n", n.Name, n.Address, note)
		}
	})
}
