package words

// Help is what the help of a command says in Chinese. The English stands where the
// command is made, and the manual is made of it; a test holds that no command and no
// flag has no Chinese.
type Help struct {
	Short, Long, Example string
	Flags                map[string]string
}

// ChineseHelp is the help of a command, by its command line.
func ChineseHelp(path string) (Help, bool) {
	h, ok := helpOfMoney[path]
	if !ok {
		h, ok = helpOfLooking[path]
	}
	if !ok {
		h, ok = helpOfNetworks[path]
	}
	return h, ok
}

const (
	reasonHelp = "理由:duplicate 重复、wrong-amount 金额错、wrong-person 发错人、fraud 诈骗、changed-mind 反悔、technical 技术原因"
	sinceHelp  = "从哪一条起:编号(从 0 数起),或时间,如 2026-02-17"
	untilHelp  = "到哪一条或哪个时间之前为止(默认到最新)"
)

// helpOfMoney is the help of the commands that sign.
var helpOfMoney = map[string]Help{
	"hongbao": {
		Short: "事先约定好怎么收回的红包",
		Flags: map[string]string{
			"dry-run":         "只说会发生什么,什么都不做",
			"from":            "谁签字:密钥名或地址",
			"home":            "存放密钥和设置的目录",
			"lang":            "zh 或 en(默认按系统语言)",
			"node":            "连哪个节点,如 http://127.0.0.1:26657",
			"output":          "text 或 json(statement 还有 csv)",
			"passphrase-file": "`file` 的第一行是密钥的口令",
			"quiet":           "不在 stderr 上报进度",
			"trust":           "信任文件:相信谁",
			"unsigned":        "把交易写进 `file`,不签字:见 tx --help",
			"wait":            "等结果最多等多久;0 表示不等",
			"yes":             "所有问题都答“是”",
		},
	},
	"hongbao send": {
		Short: "发红包,条款现在就签定",
		Example: `  send 88.80 --shares 8                    凭打印出来的链接领取
  send 500 --to bob --recall 2m            两分钟内可以收回
  send --each 11.10 --shares 8 --public    谁先来谁领
  send 88.80 --shares 8 --lucky            拼手气,领取之后才抽金额
  send 500 --scene transfer-72h --to bob   72小时内可以收回
  send --each 500 --scene enterprise --to bob,carol \
       --with finance=dave,hr=erin,audit=frank
  send 90 --hold 24h \
       --recall 'share when 2 of (key(@dave),key(@erin),key(@frank)) for fraud'
  send 66 --recall 'rest when all(sender,within(24h),untouched) for AC03'`,
		Flags: map[string]string{
			"each":    "每份多少钱,用来代替总额",
			"expires": "多久没领完就自动退回(默认 24h)",
			"hold":    "领到的一份先存多久才归领的人,如 24h",
			"link":    "有链接的人就能领(默认)",
			"lucky":   "拼手气:领取之后再抽每份的金额,至少 0.01",
			"memo":    "留言,随链接传递;账本上只有它的承诺值",
			"opens":   "这个时间之前谁也不能领,如 2026-02-17T00:00:00Z",
			"public":  "任何账户都能领;一个地址一份,不等于一个人一份",
			"recall":  "谁能收回:写 2m 表示自己两分钟内可收回,或写完整条款,如 'share when …';可以写多次",
			"scene":   "场景:条款、存放和过期时间的模板,如 friends 或 transfer-72h",
			"shares":  "分几份(默认一份,或 --to 写了几个人就几份)",
			"to":      "只有这些人能领:名字或地址,用逗号隔开",
			"with":    "场景里的角色由谁担任:角色=谁,用逗号隔开",
		},
	},
	"hongbao claim": {
		Short: "领一份红包,接受它的条款",
		Long: `领一份红包。领之前用大白话念出条款,并对它签字:领取交易里带着条款的哈希。
如果别人还能把这份钱收回,会先问你。写 - 就从标准输入读链接,链接不会留在
命令历史里。

拼手气红包的金额在下一个区块抽出,claim 会等它。--wait 的时间先到了,state
就是 "reserved",amount_fen 是 null;写 --wait 0 时什么都还不知道,share 和
state 也是 null。全部抽出之后,luckiest 是金额最大的一份(手气最佳),一样大的
取最先的。

账本是公开的:知道一个地址,就能看到它领过、发过、付过的一切。加 --fresh,
这一份就领到你密钥的一个新地址,别人看不出是你的,除非你从它付钱给认识这个
地址的人。新地址和密钥存在一起,助记词能把它找回来;keys list 里写作 name/1、
name/2。领取被拒时不会用掉新地址。`,
		Flags: map[string]string{"fresh": "用你密钥的一个新地址领,保护隐私"},
	},
	"hongbao recall": {
		Short: "按红包的条款收回,钱回到发的人",
		Long: `收回还没领走的钱;写 rp1…/3,则收回已经领走、还存着的一份。不管谁来收回,钱
都回到发的人。不写 REF,就是你发的、还能收回的最新一个红包,并会先问你。

同一个区块里有人领了拼手气的份,先抽他们的;抽完之前 amount_fen 是 null。

条款里有你,你自己的签字就算数。条款还要别人签字的,把他们用 consent 做的文件
带上;谁提交都可以。`,
		Flags: map[string]string{
			"clause":  "用第几条条款,从现行条款的 1 数起(默认:签字文件里的,或第一条成立的)",
			"consent": "别人同意收回的签字文件;可以写多次",
			"reason":  reasonHelp + "(默认:签字文件里的,或不写理由)",
		},
	},
	"hongbao consent": {
		Short: "同意别人收回,把签字写进文件",
		Long: `签字同意使用一条写有你名字的条款:收回没领走的钱,或已领的一份,如 rp1…/3。
签字写进一个文件;提交收回的人用 recall --consent 带上它。钱回到发红包的人,
不会给提交的人。

加 --proof 就不问节点:红包以证明为准,按你的信任文件,截至证明的那个区块。
签字何时失效只看你自己的时钟。`,
		Flags: map[string]string{
			"clause":    "第几条条款,从现行条款的 1 数起(默认:写有你的那一条)",
			"out":       "签字写到哪里",
			"proof":     "证明红包的文件;不问节点",
			"reason":    reasonHelp,
			"valid-for": "多久之内可用,最长 30d",
		},
	},
	"hongbao return": {Short: "把领到的一份退给发红包的人"},
	"hongbao ask": {
		Short: "请求退回已到账的一份,由领的人决定",
		Long: `请领走一份(如 rp1…/3)并已到账的人把它退回。每一份只能请求一次,没有答复就
失效。谁也没有义务答应。`,
		Flags: map[string]string{"reason": reasonHelp},
	},
	"hongbao answer": {
		Short: "答复是否退回你的一份",
		Long: `答复发红包的人对你那一份的请求。答应就是赠与:这一份是你的,钱从你的余额转给
发的人。可以拒绝,也可以不答复。`,
	},
	"hongbao tighten": {
		Short: "把收回的权利收紧,不能反悔",
		Long: `用更严的条款代替现行的,或者全部放弃。新条款不能允许现行条款不允许的事。这一步
不能撤销;当初签的、领的人也签的条款原文不变。`,
		Flags: map[string]string{
			"recall":   "今后的条款:1m,或完整条款;可以写多次",
			"renounce": "今后谁也不能再收回",
		},
	},
	"hongbao pay": {
		Short: "直接付钱给一个人,立刻终局",
		Flags: map[string]string{"to": "付给谁"},
	},
	"hongbao tx": {
		Short: "交易本身,也可离线",
		Long: `一笔交易总有结局:要么记入区块,要么过了时间、永远不会发生。wait 说是哪一种;
交易丢了就把同样的字节再递一次,所以什么都不会做两遍。

密钥不必碰网络。一个主目录有节点没有密钥,另一个有密钥没有网络,文件在两者之间
传递,最多十分钟:

  pay 5 --to bob --from lin --unsigned pay.tx    有节点的一边:lin 是联系人
  tx sign pay.tx -o signed.tx                    有密钥的一边:念出内容,再问
  tx broadcast signed.tx                         再回到有节点的一边

凡是会产生交易的命令都可以加 --unsigned。`,
	},
	"hongbao tx sign": {
		Short: "给另一个主目录写下的交易签字,不问节点",
		Long: `给别处用 --unsigned 写下的交易签字。先用大白话念出它做什么,领取和发红包还念出
条款,然后再问。`,
		Flags: map[string]string{"out": "签好的交易写进这个 `file`"},
	},
	"hongbao tx broadcast": {Short: "提交签好的交易,并看到结果"},
	"hongbao tx wait":      {Short: "查明一笔交易的结局,丢了就再递一次"},
	"hongbao tx decode":    {Short: "说出一笔交易的内容"},
}
