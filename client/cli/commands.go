package cli

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// commands is every verb of this package.
func (s *Session) commands() []*cobra.Command {
	return []*cobra.Command{
		s.sendCommand(), s.claimCommand(), s.recallCommand(), s.consentCommand(), s.returnCommand(),
		s.askCommand(), s.answerCommand(), s.tightenCommand(), s.payCommand(),
		s.showCommand(), s.explainCommand(), s.scenesCommand(), s.listCommand(), s.balanceCommand(), s.historyCommand(), s.statementCommand(), s.watchCommand(),
		s.keysCommand(), s.contactsCommand(), s.txCommand(), s.errorCommand(),
		s.proveCommand(), s.verifyCommand(), s.trustCommand(),
		s.versionCommand(),
	}
}

type versionJSON struct {
	Version  string `json:"version"`            // of the release; devel between two
	Go       string `json:"go,omitempty"`       // what it was built with
	Revision string `json:"revision,omitempty"` // the commit that it was built from
}

func (s *Session) versionCommand() *cobra.Command {
	return s.command("", "version", "Which hongbao this is", cobra.NoArgs, func(context.Context, []string) error {
		out := versionJSON{Version: "devel"}
		if info, ok := debug.ReadBuildInfo(); ok {
			out.Go = info.GoVersion
			if v := info.Main.Version; v != "" && v != "(devel)" {
				out.Version = v
			}
			for _, setting := range info.Settings {
				if setting.Key == "vcs.revision" {
					out.Revision = setting.Value
				}
			}
		}
		s.Result(out, func(w io.Writer) {
			fmt.Fprintln(w, strings.TrimSpace("hongbao "+out.Version+" "+out.Revision))
		})
		return nil
	})
}
