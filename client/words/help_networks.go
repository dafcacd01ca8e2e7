package words

// Help is what the help of a command says in Chinese.
type Help struct {
	Short, Long, Example string
	Flags                map[string]string
}

// ChineseHelp is the help of a command that runs networks or nodes, by its command line.
func ChineseHelp(path string) (Help, bool) {
	h, ok := helpOfNetworks[path]
	return h, ok
}

const freshNetworkHelp = "单为这一次建一个有这么多验证人的网络"

// helpOfNetworks is the help of the commands that run networks and nodes.
var helpOfNetworks = map[string]Help{
	"hongbao demo": {
		Short: "在新建的 4 个验证人的网络上,把整个故事演一遍",
		Long: `在 127.0.0.1 上新建 4 个验证人的网络:一个发错的红包,五个人领,一次收回,一个
来晚的人被拒,一份证明成立、改过的不成立,一份存着的钱由三个裁判中的两个退回,
还有一个拼手气红包。每一行都经过检查,全部成立退出码才是 0。什么都不留下。`,
	},
	"hongbao testnet": {
		Short: "在这台机器上运行有几个验证人的网络",
		Flags: map[string]string{"dir": "网络的目录(默认:主目录里的 testnet)"},
	},
	"hongbao testnet up": {
		Short: "启动网络并守着它,按 Ctrl-C 停止",
		Flags: map[string]string{
			"config-out": "就绪后把地址、端口和进程号写进这个文件",
			"metrics":    "提供 CometBFT 的 Prometheus 指标(新建的网络)",
			"reset":      "丢掉目录里保存的网络,重新建一个",
			"validators": "几个验证人,1 到 16;不写就用保存的",
		},
	},
	"hongbao testnet status": {Short: "哪些节点在运行,到了哪个高度"},
	"hongbao testnet down":   {Short: "停止网络,状态保留"},
	"hongbao testnet stop":   {Short: "让节点 N 退出"},
	"hongbao testnet start":  {Short: "重新启动节点 N"},
	"hongbao testnet kill":   {Short: "立刻结束节点 N,像断电一样(SIGKILL)"},
	"hongbao testnet warp": {
		Short: "把网络的时钟拨快,如 24h 或 3d",
		Long: `把网络的时钟拨快:时限到期、存放的到账、红包过期,就像真过了这么久。拨钟是一笔
交易,所以各节点一致,从下一个区块起生效。拨了不能回头,总共最多 3660 天。只能用于
开发链,别的链会拒绝(not_dev_chain)。`,
	},
	"hongbao testnet faucet": {
		Short: "给钱包发游戏币,不写金额就是 ¥100.00",
		Long:  `从网络的 faucet 账户给钱包发游戏币。只能用于开发链。`,
	},
	"hongbao testnet load": {
		Short: "给网络施加真实流量并测量",
		Long: `给网络施加真实流量:发、领、收回和付款,事先签好,按给定的速率持续给定的时间。
打印每秒终局的交易数和客户端看到的延迟。

用的是目录里正在运行的网络;加 --fresh N 则单为这一次建一个 N 个验证人的网络,
用完删掉。`,
		Flags: map[string]string{
			"for":     "多久,最长 5m0s",
			"fresh":   freshNetworkHelp,
			"groups":  "几组账户,每组 5 个,最多 200 组;0 表示按速率需要",
			"journal": "把发了什么、在哪个高度确认的写进这个新文件",
			"rate":    "每秒多少笔交易,最多 20000",
		},
	},
	"hongbao testnet settle": {
		Short: "测量空闲网络上一笔付款要多久,空转要花多少",
		Flags: map[string]string{
			"apart": "两笔之间至少隔多久,另加一段随机时间",
			"count": "付几笔",
			"fresh": freshNetworkHelp,
			"idle":  "先看空闲的网络多久(Linux)",
		},
	},
}
