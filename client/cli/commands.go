package cli

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// commands is every verb of this package.
func (s *Session) commands() []*cobra.Command {
	return []*cobra.Command{
		s.sendCommand(), s.claimCommand(), s.recallCommand(), s.consentCommand(), s.returnCommand(),
		s.askCommand(), s.answerCommand(), s.tightenCommand(), s.payCommand(),
		s.showCommand(), s.explainCommand(), s.scenesCommand(), s.listCommand(), s.balanceCommand(), s.historyCommand(), s.statementCommand(),
		s.keysCommand(), s.contactsCommand(), s.txCommand(), s.errorCommand(),
		s.proveCommand(), s.verifyCommand(), s.trustCommand(),
		s.versionCommand(),
	}
}

func (s *Session) versionCommand() *cobra.Command {
	return s.command("", "version", "Which hongbao this is", cobra.NoArgs, func(context.Context, []string) error {
		out := map[string]string{"version": "devel"}
		if info, ok := debug.ReadBuildInfo(); ok {
			out["go"] = info.GoVersion
			if v := info.Main.Version; v != "" && v != "(devel)" {
				out["version"] = v
			}
			for _, setting := range info.Settings {
				if setting.Key == "vcs.revision" {
					out["revision"] = setting.Value
				}
			}
		}
		s.Result(out, func(w io.Writer) {
			fmt.Fprintf(w, "hongbao %s %s\n", out["version"], out["revision"])
		})
		return nil
	})
}
