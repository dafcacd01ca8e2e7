package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"hongbao/client/words"
	"hongbao/contract"
)

func (s *Session) scenesCommand() *cobra.Command {
	return s.command(groupLook, "scenes", "The named templates of terms", cobra.NoArgs,
		func(context.Context, []string) error { return s.scenes() })
}

type scenesJSON struct {
	Scenes []sceneJSON `json:"scenes"`
}

type sceneJSON struct {
	Name     string           `json:"name"`
	What     string           `json:"what"`    // in a few words
	Clauses  []string         `json:"clauses"` // a role stands where its key goes
	Roles    []string         `json:"roles"`   // for --with, in order
	Hold     contract.Seconds `json:"hold_seconds"`
	Expiry   contract.Seconds `json:"expiry_seconds"`
	Claimers string           `json:"claimers"`                // any, one or listed
	MaxTotal *fen             `json:"max_total_fen,omitempty"` // absent: no limit of its own
}

func (s *Session) scenes() error {
	list := []sceneJSON{}
	for _, scene := range contract.Scenes() {
		j := sceneJSON{
			Name: scene.Name, What: words.Scene(s.lang(), scene.Name), Clauses: append([]string{}, scene.Clauses...),
			Roles: append([]string{}, scene.Roles...), Hold: scene.Hold, Expiry: scene.Expiry,
			Claimers: [...]string{"any", "one", "listed"}[scene.Claimers],
		}
		if scene.MaxTotal != 0 {
			j.MaxTotal = fenOf(scene.MaxTotal)
		}
		list = append(list, j)
	}
	s.Result(scenesJSON{list}, func(w io.Writer) {
		for _, j := range list {
			fmt.Fprintf(w, "%-13s %s\n", j.Name, j.What)
			fixed := "expires " + j.Expiry.String()
			if j.Hold > 0 {
				fixed += ", hold " + j.Hold.String()
			}
			if len(j.Roles) > 0 {
				fixed += ", roles " + strings.Join(j.Roles, ",")
			}
			fmt.Fprintf(w, "%-13s %s\n", "", fixed)
			for _, c := range j.Clauses {
				fmt.Fprintf(w, "%-13s %s\n", "", c)
			}
		}
	})
	s.Progress("hint: %s explain --scene NAME   says in plain words who can take what back", Invocation())
	return nil
}
