package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"hongbao/client/words"
	"hongbao/node"
)

// resyncedJSON is the result of node resync.
type resyncedJSON struct {
	Home    string   `json:"home"`    // the node's folder
	Deleted []string `json:"deleted"` // the files and folders that are gone
	Kept    []string `json:"kept"`    // those of data/ that are not
}

func (s nodes) nodeResyncVerb(at atNode) *Verb {
	return &Verb{
		Use: "resync",
		Short: words.Both("Delete a stopped node's data; its next start fetches it anew",
			"删掉停着的节点的数据,下次启动重新获取"),
		Long: words.Both(`Delete the blocks, the state and the ledger of a node that is stopped. Its next
start fetches them from its peers and executes every block again. That heals
damage of any kind in data/.

It keeps data/priv_validator_state.json, so that the validator never signs a
height twice, and everything in config/: keys, genesis, settings. It is refused
while the node runs, and when no peers are named to fetch from.`,
			`删掉停着的节点的区块、状态和账本。下次启动时从其他节点获取,并重新执行每个区块;
data/ 里无论什么损坏都能这样修好。

保留 data/priv_validator_state.json,所以验证人绝不会对一个高度签两次;config/
里的密钥、创世文件和设置也都保留。节点在运行,或没有可以获取的节点时,会拒绝。`),
		Reach: AtHome, Results: []any{resyncedJSON{}},
		Run: at(func(_ context.Context, home string) error { return s.resyncNode(home) }),
	}
}

func (s nodes) resyncNode(home string) error {
	deleted, err := node.Resync(home)
	if err != nil {
		for _, path := range deleted {
			s.Progress(s.Say("deleted %s", "已删除 %s", path))
		}
		return err
	}
	out := resyncedJSON{Home: home, Deleted: append([]string{}, deleted...)}
	for _, name := range node.KeptByResync {
		out.Kept = append(out.Kept, filepath.Join(home, "data", name))
	}
	s.Result(out, func(w io.Writer) {
		for _, path := range deleted {
			fmt.Fprintln(w, s.Say("deleted %s", "已删除 %s", path))
		}
		fmt.Fprintln(w, s.Say("kept    %s", "保留   %s",
			filepath.Join(home, "data", strings.Join(node.KeptByResync, s.Say(" and ", "、")))))
		fmt.Fprintln(w, s.Say("%s fetches the rest from the peers", "%s 会从其他节点取回其余的", nodeStart(home)))
	})
	return nil
}
