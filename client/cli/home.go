package cli

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"hongbao/internal/home"
)

// checkPaths puts the user's home for a ~ that begins a path: a shell does not in
// --home=~/x, and a folder of that name is never meant. It refuses a command that
// needs a home where none is known: it would be in whatever folder one is in.
func (s *Session) checkPaths(c *cobra.Command) (err error) {
	c.Flags().VisitAll(func(f *pflag.Flag) {
		kind := f.Value.Type()
		if err == nil && (kind == "FILE" || kind == "DIR") {
			err = expand(f)
		}
	})
	if err != nil || !needsHome(c) {
		return err
	}
	if f := c.Flag("home"); f != nil && f.Value.String() == "" && home.Default() == "" {
		return usagef("HOME is not set").WithHint("name the folder where hongbao keeps keys and settings with --home",
			"用 --home 指定存放密钥和设置的目录")
	}
	return nil
}

// needsHome reports whether a command reads or writes files of the home.
func needsHome(c *cobra.Command) bool {
	v := VerbOf(c)
	return v != nil && v.Reach > Alone
}

func expand(f *pflag.Flag) error {
	path := f.Value.String()
	rest, tilde := strings.CutPrefix(path, "~")
	if !tilde {
		return nil
	}
	user, err := os.UserHomeDir()
	if err != nil || rest != "" && rest[0] != filepath.Separator {
		return usagef("--%s %s: whose home ~ is, is not known here", f.Name, path).
			WithHint("write the path in full, or ./%s for a name that begins with ~",
				"请写完整路径;若名字本身以 ~ 开头,请写 ./%s",
				path)
	}
	return f.Value.Set(filepath.Join(user, rest))
}
