package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
	"hongbao/testnet"
)

// completer says what could stand for a word of a usage line, such as PARTY;
// each may carry a description after a tab. typed is what is there already.
type completer func(c *cobra.Command, typed string) []string

func (s completing) completers() map[string]completer {
	return map[string]completer{
		"PARTY": func(*cobra.Command, string) []string { return s.parties() },
		"NODE":  func(c *cobra.Command, _ string) []string { return s.nodeNumbers(c) },
		"NAME":  func(c *cobra.Command, _ string) []string { return s.namesFor(c) },
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

// completable gives the arguments and flags of a row's command their completion.
func (s completing) completable(c *cobra.Command, v *Verb) {
	for _, f := range slices.Concat(v.Flags, v.Shared) {
		long, _, word := f.name()
		complete := func(c *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			list, directive := s.candidates(c, word, typed)
			if word == "PARTIES" || word == "ROLES" {
				directive |= cobra.ShellCompDirectiveNoSpace // another may follow
			}
			return list, directive
		}
		if err := c.RegisterFlagCompletionFunc(long, complete); err != nil {
			panic(err) // a flag that stands twice in a row: a programmer's error
		}
	}
	places := slots(v.Use)
	c.ValidArgsFunction = func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= len(places) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return s.candidates(c, places[len(args)].words, typed)
	}
}

// candidates are the completions of the words in alternatives, which "|"
// separates, and whether the shell offers files: small letters stand for themselves.
func (s completing) candidates(
	c *cobra.Command, alternatives, typed string,
) (out []string, directive cobra.ShellCompDirective) {
	known := s.completers()
	directive = cobra.ShellCompDirectiveNoFileComp
	for _, word := range strings.Split(alternatives, "|") {
		switch complete := known[word]; {
		case word == "FILE":
			directive = cobra.ShellCompDirectiveDefault
		case word == "DIR":
			directive = cobra.ShellCompDirectiveFilterDirs
		case complete != nil:
			out = append(out, complete(c, typed)...)
		case word == strings.ToLower(word) && word != "-":
			out = append(out, word)
		}
	}
	return slices.DeleteFunc(out, func(v string) bool { return !strings.HasPrefix(v, typed) }), directive
}

func prefixed(prefix string, list []string) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = prefix + v
	}
	return out
}

// parties are the names that this home knows.
func (s completing) parties() []string { return described(s.named()) }

func described(list []wallet.Name) (out []string) {
	for _, n := range list {
		out = append(out, n.Name+"\t"+n.Address.Short())
	}
	return out
}

// namesFor are the names that a command can be about: of keys, of contacts, or any.
func (s completing) namesFor(c *cobra.Command) []string {
	switch c.Parent().Name() {
	case "contacts":
		list, _ := s.Keys().Contacts()
		return described(list)
	case "keys":
		list, _ := s.Keys().List()
		return described(slices.DeleteFunc(list, func(n wallet.Name) bool {
			return n.Dev && c.Name() != "show" && c.Name() != "use" // everybody's: nothing else can be done with it
		}))
	}
	return s.parties()
}

// nodeNumbers are the nodes of the network in this folder.
func (s completing) nodeNumbers(c *cobra.Command) (out []string) {
	dir := (&folder{s: s.Session, flag: c.Flag("dir").Value.String()}).dir()
	network, err := testnet.Load(dir)
	if err != nil {
		return nil
	}
	for _, m := range network.Nodes {
		out = append(out, fmt.Sprint(m.Number))
	}
	return out
}

func (s completing) errorCodes() (out []string) {
	for _, e := range ErrorCodes(s.Lang(), Invocation()) {
		out = append(out, e.Code+"\t"+e.Message)
	}
	return out
}

func (s completing) sceneNames() (out []string) {
	for _, scene := range contract.Scenes() {
		out = append(out, scene.Name+"\t"+words.Scene(s.Lang(), scene.Name))
	}
	return out
}

// roleNames completes role=party, of the scene that was named.
func (s completing) roleNames(c *cobra.Command, typed string) (out []string) {
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
