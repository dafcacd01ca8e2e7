package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"hongbao/client/words"
	"hongbao/node"
)

func (s nodes) nodeSignerVerb(at atNode) *Verb {
	var socket, chain string
	return &Verb{
		Use:   "signer",
		Short: words.Both("Sign for a node with a key that it does not have", "替节点签名,密钥不放在节点上"),
		Long: words.Both(`Sign for a node with a validator's key that the node does not have: it asks over
a Unix socket, which its setting priv_validator_laddr names. The folder needs
config/priv_validator_key.json and data/priv_validator_state.json alone.

It signs for one chain, and no step of a block twice. It runs until Ctrl-C, and
waits for its node, again when that was away. See docs/operations.md.`,
			`替节点签名,验证人的密钥不放在节点上:节点经过 Unix 套接字来问,路径写在节点的设置
priv_validator_laddr 里。目录里只要有 config/priv_validator_key.json 和
data/priv_validator_state.json。

它只为一条链签名,同一步绝不签两次。一直运行到 Ctrl-C;节点不在就等着,断开会重连。
见 docs/operations.md。`),
		Example: words.Same("  node signer --home DIR --socket /run/hongbao/signer.sock --chain-id ID"),
		Flags: []Flag{
			{&socket, "--socket PATH", "where the node listens for its signer", "节点等签名程序的地方"},
			{&chain, "--chain-id ID", "the chain to sign for, and no other", "只为这条链签名"},
		},
		Reach: AtHome,
		Run: at(func(ctx context.Context, home string) error {
			if socket == "" || chain == "" {
				return usagef("node signer: name --socket and --chain-id")
			}
			ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
			defer stop()
			return node.ServeKey(node.Supervised(ctx), home, socket, chain, s.Stderr)
		}),
	}
}
