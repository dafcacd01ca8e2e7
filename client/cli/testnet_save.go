package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"hongbao/client/words"
	"hongbao/node"
	"hongbao/testnet"
)

// savedJSON is the result of testnet save.
type savedJSON struct {
	File       string `json:"file"`
	ChainID    string `json:"chain_id"`
	Validators int    `json:"validators"` // whose keys the file holds
	Bytes      int64  `json:"bytes"`      // of the file
}

// restoredJSON is the result of testnet restore.
type restoredJSON struct {
	Dir        string `json:"dir"` // of the network
	ChainID    string `json:"chain_id"`
	Validators int    `json:"validators"`
	Trust      string `json:"trust"` // the trust file, the same as before
}

func (f *folder) saveVerb() *Verb {
	return &Verb{
		Use: "save FILE",
		Short: words.Both("Write the whole network to one file, for another machine or a report",
			"把整个网络写进一个文件,带到别的机器,或附在报告里"),
		Long: words.Both(`Write the whole network to one file: keys, blocks, ledgers, clock and logs of
all its validators. testnet restore makes it again, here or on another machine,
and it goes on where it stopped. The network must be down.

The file holds the validators' keys, and is for play money: a network that is
not made for development is refused.`,
			`把整个网络写进一个文件:所有验证人的密钥、区块、账本、时钟和日志。testnet restore
在这里或别的机器上恢复,从停下的地方继续。要先停掉网络。

文件里有验证人的密钥,只用于游戏币:不是测试链的网络会拒绝。`),
		Example: words.Same(`  testnet down
  testnet save network.save`),
		Reach: AtHome, Results: []any{savedJSON{}},
		Run: func(ctx context.Context, args []string) error {
			return f.save(ctx, args[0])
		},
	}
}

func (f *folder) save(ctx context.Context, file string) error {
	saved, err := testnet.Save(ctx, f.dir(), file)
	if err != nil {
		return f.told(err)
	}
	out := savedJSON{file, saved.ChainID, saved.Nodes, saved.Bytes}
	f.s.Result(out, func(w io.Writer) {
		fmt.Fprintln(w, f.s.Say("%s  %.1f MB: chain %s, validators: %d", "%s  %.1f MB:链%s,验证人%d个",
			file, float64(saved.Bytes)/1e6, saved.ChainID, saved.Nodes))
		fmt.Fprintln(w, f.s.Say("It holds the validators' keys: play money only.", "里面有验证人的密钥:只放游戏币。"))
	})
	f.s.hint(f.s.Say("bring it back with: %s testnet restore %s", "恢复:%s testnet restore %s",
		f.s.ProgramHere(), ShellWord(file)))
	return nil
}

func (f *folder) restoreVerb() *Verb {
	var reset bool
	return &Verb{
		Use:   "restore FILE",
		Short: words.Both("Make the network again that testnet save wrote", "恢复 testnet save 写下的网络"),
		Long: words.Both(`Make the network again that testnet save wrote to a file: the same chain,
history, clock and trust file, on free ports of 127.0.0.1. Then testnet up
starts it.

A file that was cut or altered, or that another version saved, is refused as a
whole. A network that is there already stays, unless --reset says otherwise.

Do not run one save in two places that reach each other: the keys are the same.`,
			`恢复 testnet save 写进文件的网络:链、历史、时钟和信任文件都不变,端口换成
127.0.0.1 上空闲的。之后用 testnet up 启动。

被截断、改动过或别的版本保存的文件,整个拒绝。已有的网络保留,除非写了 --reset。

不要让同一份保存在连得通的两处同时运行:它们的密钥相同。`),
		Example: words.Same(`  testnet restore network.save
  testnet restore network.save --dir there`),
		Flags: []Flag{
			{&reset, "--reset", "forget the network kept in the folder", "丢掉目录里保存的网络"},
		},
		Reach: AtHome, Results: []any{restoredJSON{}},
		Run: func(ctx context.Context, args []string) error {
			return f.restore(ctx, args[0], reset)
		},
	}
}

func (f *folder) restore(ctx context.Context, file string, reset bool) error {
	saved, err := testnet.Restore(ctx, file, f.dir(), reset)
	switch {
	case errors.As(err, new(*fs.PathError)):
		return Fail(ExitUsage, "unreadable", "%v", err)
	case errors.Is(err, node.ErrOtherRules):
		return Fail(ExitUsage, "save_version", "%v", err)
	case err != nil:
		return f.told(err)
	}
	n, err := testnet.Load(saved.Dir)
	if err != nil {
		return f.told(err)
	}
	f.s.Result(restoredJSON{n.Dir, n.ChainID, len(n.Nodes), n.TrustFile()}, func(w io.Writer) {
		fmt.Fprintln(w, f.s.Say("%s: chain %s, validators: %d", "%s:链%s,验证人%d个",
			n.Dir, n.ChainID, len(n.Nodes)))
	})
	f.s.hint(f.s.Say("start it with: %s testnet up%s", "启动它:%s testnet up%s", f.s.ProgramHere(), f.again()))
	return nil
}
