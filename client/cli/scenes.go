package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"hongbao/client/words"
	"hongbao/contract"
)

func (s look) scenesVerb() *Verb {
	return &Verb{
		Use: "scenes", Group: groupLook,
		Short: words.Both("The named templates of terms", "有名字的条款模板"),
		Reach: Alone, Results: []any{scenesJSON{}},
		Run: func(context.Context, []string) error { return s.scenes() },
	}
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
	Claimers string           `json:"claimers"`                // any, one, listed or everyone
	Lucky    bool             `json:"lucky"`                   // what a share holds is drawn
	MaxTotal *fen             `json:"max_total_fen,omitempty"` // absent: no limit of its own
}

func (s look) scenes() error {
	list := []sceneJSON{}
	for _, scene := range contract.Scenes() {
		j := sceneJSON{
			Name: scene.Name, What: words.Scene(s.Lang(), scene.Name), Clauses: append([]string{}, scene.Clauses...),
			Roles: append([]string{}, scene.Roles...), Hold: scene.Hold, Expiry: scene.Expiry,
			Claimers: [...]string{"any", "one", "listed", "everyone"}[scene.Claimers],
			Lucky:    scene.Split == contract.Lucky,
		}
		if scene.MaxTotal != 0 {
			j.MaxTotal = fenOf(scene.MaxTotal)
		}
		list = append(list, j)
	}
	s.Result(scenesJSON{list}, func(w io.Writer) {
		for _, j := range list {
			fmt.Fprintf(w, "%-13s %s\n", j.Name, j.What)
			fmt.Fprintf(w, "%-13s %s\n", "", s.fixed(&j))
			if s.Lang() == words.Chinese {
				continue // explain says what the clauses mean; their language is English
			}
			for _, c := range j.Clauses {
				fmt.Fprintf(w, "%-13s %s\n", "", c)
			}
		}
	})
	s.hint(s.Say("%s explain --scene NAME   says in plain words who can take what back",
		"%s explain --scene NAME   用大白话说谁能收回什么", s.Program()))
	return nil
}

// fixed is what a scene sets besides its clauses.
func (s look) fixed(j *sceneJSON) string {
	long := func(d contract.Seconds) string { return s.Say("%[1]s", "%[2]s", d, words.Length(s.Lang(), d)) }
	text := s.Say("expires %s", "%s没领完自动退回", long(j.Expiry))
	if j.Hold > 0 {
		text += s.Say(", hold %s", ",领到的先存%s", long(j.Hold))
	}
	if j.Claimers == "everyone" {
		text += s.Say(", open to every account", ",谁都可以领")
	}
	if j.Lucky {
		text += s.Say(", lucky", ",拼手气")
	}
	if len(j.Roles) > 0 {
		var list []string
		for _, role := range j.Roles {
			list = append(list, words.Role(s.Lang(), role))
		}
		text += s.Say(", roles %s", ",角色 %s", strings.Join(list, ","))
	}
	return text
}
