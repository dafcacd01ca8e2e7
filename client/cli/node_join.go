package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"hongbao/client/words"
	"hongbao/node"
)

// maxPeers bounds a file of peers, in bytes.
const maxPeers = 64 << 10

// nodeJoinedJSON is the result of node join.
type nodeJoinedJSON struct {
	Home      string `json:"home"`      // the node's folder
	ChainID   string `json:"chain_id"`  // of the chain that it joins
	ID        string `json:"id"`        // what its peers call it
	Fresh     bool   `json:"fresh"`     // the folder was made now; else its keys and settings were kept
	Validator bool   `json:"validator"` // its key is one of the chain's
	WaitsFor  int64  `json:"waits_for"` // the block before which it casts no vote, as its sign state was lost; 0: none
	Log       string `json:"log"`       // where the node writes what it does
}

func (s nodes) nodeJoinVerb(at atNode) *Verb {
	o := node.JoinOptions{Name: "node"}
	var genesis, peers string
	var prepare bool
	return &Verb{
		Use: "join --trust FILE --peer ID@HOST:PORT",
		Short: words.Both("Make a node of a running chain, and run it; or bring one back that lost its data",
			"新建一个节点加入运行中的链,或恢复丢了数据的节点,并运行它"),
		Long: words.Both(`Join a chain with nothing but its trust file and one node of it. The node asks
the peer for the genesis, checks it against the trust file's hash, fetches all
blocks, and executes and verifies each of them. It shows how far it is until it
is in step, and runs until Ctrl-C. With --prepare it makes the folder alone;
node start runs it.

With --snapshot the node takes the newest state that a peer offers, checks all
of it against a header that the validators signed, and fetches only the blocks
after it. It does not know why transactions failed before that.

A node that lost its data, or its whole data folder, comes back by the same
command. Its keys and settings are kept. If it is a validator that has also lost
priv_validator_state.json, it casts no vote until the network is well past every
block that it can have voted for.

The node listens on 127.0.0.1 alone unless --listen or --rpc says otherwise.`,
			`只凭信任文件和链上的一个节点加入一条链。节点向它要创世文件,按信任文件里的哈希
核对,取回所有区块,逐个执行并核实。同步之前一直显示进度,之后运行到 Ctrl-C。
加上 --prepare 只建目录,再用 node start 运行。

加上 --snapshot,节点取其他节点提供的最新状态,按验证人签过的区块头全部核对,再只取
之后的区块。那以前的交易为什么失败,它不知道。

丢了数据、甚至整个 data 目录的节点,用同一条命令就能恢复,密钥和设置都保留。
如果它是验证人,连 priv_validator_state.json 也丢了,那么在网络远远超过它可能投过
票的区块之前,它不投票。

除非用 --listen 或 --rpc 另外指定,节点只监听 127.0.0.1。`),
		Flags: []Flag{
			{&o.Peers, "--peer ID@HOST:PORT", "a node of the chain (repeatable)", "链上的一个节点(可以写多次)"},
			{&peers, "--peers FILE", "a file with such a peer in each line", "每行写一个这样的节点的文件"},
			{&genesis, "--genesis FILE",
				"the chain's genesis.json (default: asked of the peer); checked all the same",
				"链的创世文件(genesis.json,默认向那个节点要),同样会核对"},
			{&o.Name, "--name NAME", "the node's name", "节点的名字"},
			{&o.Listen, "--listen HOST:PORT",
				"where its peers reach it, such as 0.0.0.0:26656 (default: 127.0.0.1 and a free port)",
				"其他节点连它的地址,例如 0.0.0.0:26656(默认:127.0.0.1 和一个空闲端口)"},
			{&o.RPC, "--rpc HOST:PORT",
				"where it answers queries (default: the port after the one for peers, on the loopback interface)",
				"应答查询的地址(默认:本机回环地址,端口是连节点那个加一)"},
			{&o.Snapshot, "--snapshot",
				"begin with a snapshot of the state that peers have, and not with the first block",
				"从其他节点的状态快照开始,不从第一个区块开始"},
			{&prepare, "--prepare", "make the folder, and do not run the node", "只建目录,不运行节点"},
		},
		Reach: AtHome, Exits: []int{ExitUnreachable}, Results: []any{nodeJoinedJSON{}},
		Run: at(func(ctx context.Context, home string) error {
			if peers != "" {
				b, err := readBounded(peers, maxPeers)
				if err != nil {
					return Fail(ExitUsage, "unreadable", "%v", err)
				}
				o.Peers = append(o.Peers, strings.Fields(string(b))...)
			}
			if len(o.Peers) == 0 && genesis == "" {
				return usagef("node join: --peer is missing: name a node of the chain").
					WithHint("--peer ID@HOST:PORT; its operator reads ID in: %s node status",
						"--peer ID@HOST:PORT;那个节点的运维用 %s node status 查 ID", Invocation())
			}
			if genesis != "" {
				b, err := readBounded(genesis, maxGenesis)
				if err != nil {
					return Fail(ExitUsage, "unreadable", "%v", err)
				}
				o.Genesis = b
			}
			return s.joinChain(ctx, home, o, prepare)
		}),
	}
}

func (s nodes) joinChain(ctx context.Context, home string, o node.JoinOptions, prepare bool) error {
	trust, err := s.trust()
	if err != nil {
		return err
	}
	if trust == nil {
		return usagef("node join: --trust is missing: name the chain's trust file").
			WithHint("get it from someone whom you believe, and compare its genesis_hash",
				"请向信得过的人要,并核对其中的 genesis_hash")
	}
	o.ChainID, o.GenesisHash = trust.ChainID, trust.GenesisHash
	j, err := node.Join(ctx, home, o)
	if err != nil {
		return err
	}
	out := nodeJoinedJSON{Home: j.Home, ChainID: trust.ChainID, ID: j.ID, Fresh: j.Fresh, Validator: j.Validator,
		WaitsFor: j.WaitsFor, Log: filepath.Join(j.Home, "node.log")}
	s.Result(out, func(w io.Writer) { s.showJoined(w, out, prepare) })
	if prepare {
		return nil
	}
	log, err := os.OpenFile(out.Log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return Fail(ExitUsage, "cannot_write", "%v", err)
	}
	defer log.Close()
	following, enough := context.WithCancel(ctx)
	defer enough()
	go func() {
		if st, ok := s.follow(following, j.Home, ""); ok {
			s.Progress(s.Say("in step at block %d", "同步,到区块%d", st.Height))
		}
	}()
	return s.runNode(ctx, j.Home, node.Options{Log: log})
}

func (s nodes) showJoined(w io.Writer, out nodeJoinedJSON, prepare bool) {
	say := func(en, zh string, args ...any) { fmt.Fprintln(w, s.Say(en, zh, args...)) }
	if out.Fresh {
		say("%s: made for chain %s", "%s:已为链%s新建", out.Home, out.ChainID)
	} else {
		say("%s: keys and settings kept, chain %s", "%s:密钥和设置保留,链%s", out.Home, out.ChainID)
	}
	say("id        %s", "编号  %s", out.ID)
	if out.WaitsFor > 0 {
		say("it lost priv_validator_state.json, and casts no vote before block %d",
			"它丢了 priv_validator_state.json,在区块%d之前不投票", out.WaitsFor)
	}
	if prepare {
		say("start it with: %s", "启动它:%s", nodeStart(out.Home))
	} else {
		say("its log: %s", "日志:%s", out.Log)
	}
}
