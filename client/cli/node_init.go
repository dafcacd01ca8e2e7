package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"hongbao/client/words"
	"hongbao/contract"
	"hongbao/node"
)

// nodeMadeJSON is the result of node init.
type nodeMadeJSON struct {
	Home    string `json:"home"`     // the node's folder
	ChainID string `json:"chain_id"` // of the chain that it starts or joins; empty with --keys
	ID      string `json:"id"`       // what its peers call it
}

func (s nodes) nodeInitVerb(at atNode) *Verb {
	o := node.InitOptions{Name: "node", ChainID: "hongbao-1"}
	var genesis string
	var accounts []string
	return &Verb{
		Use:   "init",
		Short: words.Both("Make a node's folder: keys, genesis, settings", "建节点的目录:密钥、创世文件、设置"),
		Long: words.Both(`Make a node's folder: keys, genesis, settings. The node listens on 127.0.0.1
alone. Before it listens elsewhere, name all other validators in
persistent_peers of config/config.toml: they then have room however many
strangers come, each of whom has one connection an address. docs/operations.md
has the rest.`,
			`建节点的目录:密钥、创世文件、设置。节点只监听 127.0.0.1。要监听别的地址,请先在
config/config.toml 的 persistent_peers 里写上所有其他验证人:不管来多少陌生节点,
都有它们的位置,陌生节点一个地址只能有一个连接。其余见 docs/operations.md。`),
		Flags: []Flag{
			{&o.Name, "--name NAME", "the node's name", "节点的名字"},
			{&o.ChainID, "--chain-id NAME",
				"name of a new chain; its id is the name and the beginning of the genesis hash",
				"新链的名字;链的编号是名字加创世文件哈希的开头"},
			{&o.KeysAlone, "--keys",
				"make keys and settings alone: the genesis comes from a ceremony, see genesis --help",
				"只生成密钥和设置:创世文件由创世仪式得到,见 genesis --help"},
			{&genesis, "--genesis FILE",
				"join the chain of this genesis.json instead of starting one",
				"加入这个创世文件(genesis.json)的链,不新建"},
			{&accounts, "--account ADDRESS=AMOUNT",
				"who has how much at the start of a new chain (repeatable)", "新链开始时谁有多少钱(可以写多次)"},
		},
		Reach: AtHome, Results: []any{nodeMadeJSON{}},
		Run: at(func(_ context.Context, home string) (err error) {
			if genesis != "" {
				if o.Genesis, err = readBounded(genesis, maxGenesis); err != nil {
					return Fail(ExitUsage, "unreadable", "%v", err)
				}
			}
			if o.State, err = startState(accounts); err != nil {
				return err
			}
			return s.initNode(home, o)
		}),
	}
}

func (s nodes) initNode(home string, o node.InitOptions) error {
	v, err := node.Init(home, o)
	if errors.Is(err, node.ErrNoAccount) {
		return usagef("node init: %v", err).
			WithHint("--account hb1…=10000.00 gives one money; --genesis FILE joins a chain",
				"用 --account hb1…=10000.00 给一个账户钱;用 --genesis FILE 加入已有的链")
	}
	if err != nil {
		return err
	}
	chain := ""
	if !o.KeysAlone {
		genesis, _, err := node.ReadGenesis(home)
		if err != nil {
			return err
		}
		chain = genesis.ChainID
	}
	s.Result(nodeMadeJSON{home, chain, string(v.NodeID)}, func(w io.Writer) {
		fmt.Fprintln(w, home)
		if chain != "" {
			fmt.Fprintln(w, s.Say("chain %s", "链    %s", chain))
		}
		fmt.Fprintln(w, s.Say("id    %s", "编号  %s", v.NodeID))
	})
	if chain != "" {
		s.hint(s.Say("start it with: %s", "启动它:%s", nodeStart(home)))
	}
	if o.Genesis != nil {
		s.hint(s.Say("it knows no peers yet: %s node join --home %s --trust FILE --peer ID@HOST:PORT   names one, and "+
			"runs it",
			"它还不认识别的节点:用 %s node join --home %s --trust FILE --peer ID@HOST:PORT 指定一个并运行",
			Invocation(), ShellWord(home)))
	}
	return nil
}

// startState is who has money at the start of a new chain.
func startState(accounts []string) (contract.Genesis, error) {
	state := contract.Genesis{Params: contract.DefaultParams()}
	for _, text := range accounts {
		addr, amount, ok := strings.Cut(text, "=")
		if !ok {
			return state, usagef("account %q: write it like hb1…=10000.00", text)
		}
		a, err := contract.ParseAddress(addr)
		if err != nil {
			return state, err
		}
		balance, err := contract.ParseAmount(amount)
		if err != nil {
			return state, err
		}
		state.Accounts = append(state.Accounts, contract.GenesisAccount{Address: a, Balance: balance})
	}
	return state, nil
}
