package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	"hongbao/client/words"
	"hongbao/contract"
	"hongbao/testnet"
)

// generatedJSON is the result of testnet generate.
type generatedJSON struct {
	Dir         string              `json:"dir"`          // with a folder for each host
	ChainID     string              `json:"chain_id"`     // its name and the beginning of the hash
	GenesisHash string              `json:"genesis_hash"` // what all have to agree on
	Trust       string              `json:"trust"`        // file for those who verify or join
	Dev         bool                `json:"dev"`          // play money, and keys that are public
	Hosts       []generatedHostJSON `json:"hosts"`        // in the order of their file
}

type generatedHostJSON struct {
	Name string `json:"name"` // of its folder
	Peer string `json:"peer"` // ID@HOST:PORT, as the others reach it
	Home string `json:"home"` // the folder to take to that host
}

func (f *folder) generateVerb() *Verb {
	var hosts, out string
	var accounts []string
	var count int
	var counted bool
	name := testnet.DefaultName
	return &Verb{
		Use: "generate -o DIR",
		Short: words.Both("Make the folders of a network of several machines",
			"为几台机器组成的网络建好各自的目录"),
		Long: words.Both(`Make a folder for each host: keys, genesis, settings that name the others, and a
unit for systemd. Beside them are the genesis, the trust file, the list of peers
and a file for docker compose. Nothing runs yet.

A line of the file of hosts is NAME ADDRESS[:PORT] [RPCPORT]; what follows a #
is a comment. With --validators the hosts are containers of one machine, and
docker compose up runs them all.

All keys are made here: that is for people who trust you. Strangers hold a
ceremony instead: genesis --help.`,
			`为每台主机建一个目录:密钥、创世文件、写好其他主机的设置,和 systemd 的单元文件。
旁边还有创世文件、信任文件、节点列表和 docker compose 的文件。还不会运行。

主机文件每行写 NAME ADDRESS[:PORT] [RPCPORT],# 后面是注释。用 --validators 时,
主机是同一台机器上的容器,docker compose up 会全部运行。

所有密钥都在这里生成,适合信得过你的人;互不相识的人请办一次创世仪式:
genesis --help。`),
		Example: words.Same(`  testnet generate --hosts hosts.txt -o network
  testnet generate --validators 4 -o network`),
		Flags: []Flag{
			{&hosts, "--hosts FILE", "the hosts, one a line", "主机文件,每行一台"},
			{given[int]{&count, &counted}, "--validators N", "so many containers of this machine",
				"这台机器上的几个容器"},
			{&out, "-o, --out DIR", "where to make the folders", "建在哪个目录"},
			{&name, "--chain-id NAME", "name of the chain; its id adds the beginning of the genesis hash",
				"链的名字;编号会加上创世哈希的开头"},
			{&accounts, "--account ADDRESS=AMOUNT",
				"who has how much at the start (repeatable; default: the public dev accounts, play money)",
				"开始时谁有多少钱(可以写多次;默认是公开的测试账户,游戏币)"},
		},
		Reach: AtHome, Results: []any{generatedJSON{}},
		Run: func(context.Context, []string) error {
			list, err := hostsOf(hosts, count, counted)
			if err != nil {
				return f.told(err)
			}
			if out == "" {
				return usagef("testnet generate: --out is missing: name a folder that is not there yet")
			}
			spec := testnet.HostsSpec{Name: name, Hosts: list, Container: counted}
			if spec.State, err = hostsState(accounts); err != nil {
				return err
			}
			return f.generate(out, spec)
		},
	}
}

func hostsOf(path string, count int, counted bool) ([]testnet.Host, error) {
	switch {
	case counted == (path != ""):
		return nil, usagef("testnet generate: choose one of --hosts and --validators")
	case counted:
		return testnet.ComposeHosts(min(max(count, 0), testnet.MaxHosts+1)), nil
	}
	r, err := os.Open(path)
	if err != nil {
		return nil, Fail(ExitUsage, "unreadable", "%v", err)
	}
	defer r.Close()
	list, err := testnet.ReadHosts(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return list, nil
}

// hostsState is a dev network's where no account is named.
func hostsState(accounts []string) (contract.Genesis, error) {
	if len(accounts) > 0 {
		return startState(accounts)
	}
	state := contract.Genesis{Params: contract.DefaultParams(), Dev: true}
	for _, a := range testnet.DevAccounts() {
		state.Accounts = append(state.Accounts, contract.GenesisAccount{Address: a.Address, Balance: a.Balance})
	}
	return state, nil
}

func (f *folder) generate(out string, spec testnet.HostsSpec) error {
	n, err := testnet.GenerateHosts(out, spec)
	if err != nil {
		return f.told(err)
	}
	result := generatedJSON{Dir: n.Dir, ChainID: n.Chain, GenesisHash: n.Hash.String(), Trust: n.Trust,
		Dev: spec.State.Dev, Hosts: []generatedHostJSON{}}
	for _, m := range n.Nodes {
		result.Hosts = append(result.Hosts, generatedHostJSON{m.Name, m.Peer(), m.Home})
	}
	f.s.Result(result, func(w io.Writer) {
		say := func(en, zh string, args ...any) { fmt.Fprintln(w, f.s.Say(en, zh, args...)) }
		say("%s: chain %s", "%s:链%s", n.Dir, n.Chain)
		say("genesis %s", "创世哈希 %s", n.Hash)
		for _, h := range result.Hosts {
			fmt.Fprintf(w, "%-8s %s\n", h.Name, h.Peer)
		}
		if spec.State.Dev {
			say("Keys are public: play money only.", "密钥人人都有:只放游戏币。")
		}
		if spec.Container {
			say("run them all with: docker compose -f %s up", "全部运行:docker compose -f %s up",
				ShellWord(n.Dir+"/compose.yaml"))
		} else {
			say("take each folder to its host, and start it there: %s node start --home DIR",
				"把每个目录放到它的主机上,在那里启动:%s node start --home DIR", Invocation())
		}
	})
	return nil
}
