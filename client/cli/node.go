package cli

import (
	"context"
	"path/filepath"

	"hongbao/client/words"
)

// nodeVerb is `hongbao node`. Its --home is the node's own folder, since a machine
// may have several; everywhere else --home is where hongbao keeps all.
func (s nodes) nodeVerb() *Verb {
	var home string
	at := func(run func(ctx context.Context, home string) error) func(context.Context, []string) error {
		return func(ctx context.Context, _ []string) error {
			if home == "" {
				home = filepath.Join(s.Global.Home, "node")
			}
			return run(ctx, home)
		}
	}
	return &Verb{
		Use:   "node",
		Short: words.Both("Run one validator or follower", "运行一个验证人或跟随节点"),
		Shared: []Flag{
			{&home, "--home DIR", "the node's folder (default ~/.hongbao/node)", "节点的目录(默认:主目录里的 node)"},
		},
		Reach: Alone,
		Under: []*Verb{s.nodeInitVerb(at), s.nodeJoinVerb(at), s.nodeStartVerb(at), s.nodeStatusVerb(at),
			s.nodeResyncVerb(at), s.nodeSignerVerb(at)},
	}
}

// atNode makes what a verb runs of what it does at the folder of its node.
type atNode func(run func(ctx context.Context, home string) error) func(context.Context, []string) error

// nodeStart is the command that starts the node of a home.
func nodeStart(home string) string { return Invocation() + " node start --home " + ShellWord(home) }
