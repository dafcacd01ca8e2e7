package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"hongbao/client/words"
	"hongbao/contract"
)

// completer says what could stand for a word of a usage line, such as PARTY;
// each may carry a description after a tab. typed is what is there already.
type completer func(c *cobra.Command, typed string) []string

func (s *Session) completers() map[string]completer {
	return map[string]completer{
		"PARTY": func(*cobra.Command, string) []string { return s.parties() },
		"NAME":  func(*cobra.Command, string) []string { return s.parties() },
		"REF": func(*cobra.Command, string) []string {
			return []string{"last\t" + s.Say("the packet last sent or claimed here", "这里最近发出或领取的红包")}
		},
		"CODE":   func(*cobra.Command, string) []string { return s.errorCodes() },
		"SCENE":  func(*cobra.Command, string) []string { return s.sceneNames() },
		"REASON": func(*cobra.Command, string) []string { return contract.ReasonWords() },
		"PARTIES": func(_ *cobra.Command, typed string) []string {
			return prefixed(typed[:strings.LastIndex(typed, ",")+1], s.parties())
		},
		"ROLES": s.roleNames,
	}
}

// flagWords are the words that the flags' values are completed by.
var flagWords = map[string]string{
	"from": "PARTY", "to": "PARTIES", "with": "ROLES", "scene": "SCENE", "reason": "REASON",
	"output": "text|json", "lang": "zh|en",
}

// completable gives the arguments and flags of c and of all under it their
// completion.
func (s *Session) completable(c *cobra.Command) {
	known := s.completers()
	for flag, word := range flagWords {
		if c.LocalFlags().Lookup(flag) == nil {
			continue
		}
		complete := func(c *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			directive := cobra.ShellCompDirectiveNoFileComp
			if word == "PARTIES" || word == "ROLES" {
				directive |= cobra.ShellCompDirectiveNoSpace // another may follow
			}
			return candidates(c, known, word, typed), directive
		}
		if err := c.RegisterFlagCompletionFunc(flag, complete); err != nil {
			panic(err) // a flag registered twice: a programmer's error
		}
	}
	if slots := argumentWords(c.Use); c.Runnable() && !onlyHolds(c) {
		c.ValidArgsFunction = func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) >= len(slots) {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			if strings.Contains(slots[len(args)], "FILE") {
				return candidates(c, known, slots[len(args)], typed), cobra.ShellCompDirectiveDefault
			}
			return candidates(c, known, slots[len(args)], typed), cobra.ShellCompDirectiveNoFileComp
		}
	}
	for _, sub := range c.Commands() {
		s.completable(sub)
	}
}

// candidates are the completions of the words in alternatives, which "|"
// separates: small letters stand for themselves.
func candidates(c *cobra.Command, known map[string]completer, alternatives, typed string) (out []string) {
	for _, word := range strings.Split(alternatives, "|") {
		switch complete := known[word]; {
		case complete != nil:
			out = append(out, complete(c, typed)...)
		case word == strings.ToLower(word) && word != "-":
			out = append(out, word)
		}
	}
	return slices.DeleteFunc(out, func(v string) bool { return !strings.HasPrefix(v, typed) })
}

// argumentWords are the words of a usage line that stand for arguments, in
// order: "answer REF accept|refuse" has REF and accept|refuse. Flags and their
// values are none.
func argumentWords(use string) (slots []string) {
	line := strings.ReplaceAll(use, " | ", "|")
	for i, words := 1, strings.Fields(line); i < len(words); i++ {
		word := strings.Trim(words[i], "[]")
		if strings.HasPrefix(word, "-") {
			i++ // its value
			continue
		}
		if before, _, flag := strings.Cut(word, "|--"); flag {
			i++
			word = before
		}
		slots = append(slots, word)
	}
	return slots
}

func prefixed(prefix string, list []string) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = prefix + v
	}
	return out
}

// parties are the names that this home knows.
func (s *Session) parties() (out []string) {
	keys, err := s.Keys().List()
	contacts, bad := s.Keys().Contacts()
	if err != nil || bad != nil {
		return nil // completion has nowhere to say so
	}
	for _, n := range append(keys, contacts...) {
		out = append(out, n.Name+"\t"+n.Address.Short())
	}
	return out
}

func (s *Session) errorCodes() (out []string) {
	for _, e := range ErrorCodes(s.Lang(), Invocation()) {
		out = append(out, e.Code+"\t"+e.Message)
	}
	return out
}

func (s *Session) sceneNames() (out []string) {
	for _, scene := range contract.Scenes() {
		out = append(out, scene.Name+"\t"+words.Scene(s.Lang(), scene.Name))
	}
	return out
}

// roleNames completes role=party, of the scene that was named.
func (s *Session) roleNames(c *cobra.Command, typed string) (out []string) {
	done := typed[:strings.LastIndex(typed, ",")+1]
	if role, _, named := strings.Cut(typed[len(done):], "="); named {
		return prefixed(done+role+"=", s.parties())
	}
	scene, err := contract.SceneNamed(c.Flag("scene").Value.String())
	if err != nil {
		return nil
	}
	for _, role := range scene.Roles {
		out = append(out, done+role+"=")
	}
	return out
}
