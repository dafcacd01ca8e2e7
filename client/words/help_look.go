package words

// helpOfLooking is the help of the commands that read, of keys and of proofs.
var helpOfLooking = map[string]Help{
	"hongbao show": {
		Short: "一个红包和它的条款,或一个账户",
		Long: `说明一个红包、一份或一个账户现在的情况。

拼手气的份领了还没抽出时是 "reserved",amount_fen 是 null;能收回多少还要看
抽签时,recallable_now_fen 是 null。全部抽出之后,luckiest 是金额最大的一份
(手气最佳),一样大的取最先的。`,
	},
	"hongbao explain": {
		Short: "用大白话说谁在什么时候之前能动哪些钱",
		Long: `用几句话说明:有多少钱,谁在什么时候之前能收回,什么时候归你,剩下的怎么办。
可以是一个红包、其中一份、一个场景,或你打算签的条款。只有 REF 要问节点。`,
		Flags: map[string]string{
			"expires": "配合 --recall:红包多久过期(默认 24h)",
			"hold":    "配合 --recall 'share when …':一份先存多久(默认 24h)",
			"recall":  "解释一条条款,写法同 send;可以写多次",
			"scene":   "举例解释一个场景(见 scenes)",
			"with":    "场景里的角色由谁担任:角色=谁,用逗号隔开",
		},
	},
	"hongbao scenes": {Short: "有名字的条款模板"},
	"hongbao list": {
		Short: "一个账户发过和领过的红包,最新的在前",
		Example: `  list --open                  我的、还没领完的
  list bob --claimed           bob 领过的
  list --sent --limit 100      多看一些;提示里写着怎么接着看`,
		Flags: map[string]string{
			"before":  "从上次结束的地方接着看:写它的 next",
			"claimed": "只看领的",
			"limit":   "最多几个,1 到 100",
			"open":    "只看还没领完的",
			"sent":    "只看发的",
		},
	},
	"hongbao balance": {
		Short: "一个账户能花多少钱",
		Long: `一个账户能花多少钱。这个主目录里的密钥,连同 claim --fresh 给它生成的其他地址
算在一起:逐个列出,再合计。每个地址的钱要从它自己付:pay --from name/1。`,
	},
	"hongbao history": {Short: "一个红包经历的一切"},
	"hongbao statement": {
		Short: "一个账户的每一笔进出,和每笔之后的余额",
		Long: `一个账户的每一笔进出,和每笔之后的余额。加 --trust 就保证完整:一笔不漏,支出
都有账户自己的签名。这个主目录里的密钥,连同 claim --fresh 给它生成的其他地址
算在一起;--since 和 --until 写编号时,只看第一个地址。

写 prove account 做的文件 FILE,就是文件证明的账目:离线,不问节点,--trust 指明
相信谁。

--output csv 写成表格软件能打开的表:金额有分也有元,时间有 UTC 也有本地。`,
		Example: `  statement
  statement --since 2026-02-01 --until 2026-03-01 --output csv > feb.csv
  statement bob --since 10000          从他的第 10000 条起`,
		Flags: map[string]string{"since": sinceHelp, "until": untilHelp},
	},
	"hongbao watch": {
		Short: "实时跟踪一个红包或账户,按 Ctrl-C 结束",
		Long: `红包、一份或账户每发生一件事就打印一行;不写名字就跟踪自己的账户。加
--output json 时每行是一个单独的对象,result 是一条记录:只有这个命令会输出
多个对象。内容都来自账本的状态,节点中途重启也不会漏;但这只是节点的说法,要
核实请用 history 或 statement 加 --trust。节点断开超过 --wait 就结束(退出码
6),按 Ctrl-C 算正常结束。`,
		Example: `  watch last --until-settled
  watch alice --from-height 1200        从区块 1200 起的一切,接着往下看
  watch rp1… --count 1 --output json    等下一件事发生`,
		Flags: map[string]string{
			"count":         "看够几条就结束(默认不结束)",
			"from-height":   "从这个区块起(默认只看新的)",
			"until-settled": "红包关闭、且没有份还存着时结束",
		},
	},
	"hongbao error": {
		Short: "错误码是什么意思,该怎么办",
		Long:  `说明一个错误码的意思和该怎么办。写它的名字;合约的错误码也可以写编号。`,
	},
	"hongbao version": {Short: "这是哪个版本的 hongbao"},

	"hongbao keys": {
		Short: "你用来签字的密钥",
		Long: `一个密钥就是十二个助记词(BIP-39)。它们存在主目录里,用口令加密(age、scrypt),
每次签字时输入口令,或从 --passphrase-file 读。凭助记词在任何地方都能找回密钥,
所以请抄下来:keys export 会显示。

密钥名代表它的第一个地址。name/1、name/2……是 claim --fresh 另外生成的地址
(BIP-44,m/44'/1'/0'/0/i)。

alice、bob 等公开的密钥人人都有,只能放游戏币。`,
	},
	"hongbao keys new":    {Short: "新建一个密钥"},
	"hongbao keys list":   {Short: "手头的所有密钥"},
	"hongbao keys show":   {Short: "一个密钥的地址"},
	"hongbao keys use":    {Short: "以后都用这个密钥签字"},
	"hongbao keys export": {Short: "显示密钥的助记词,它们就是密钥的全部"},
	"hongbao keys import": {
		Short: "用助记词把别处的密钥带过来",
		Long: `用助记词把别处的密钥带过来。助记词由你输入(不显示),或来自管道。有节点时,
密钥用过的其他地址也会找回来。`,
		Example: `  keys import lin                             会问助记词
  keys import lin --passphrase-file p < words
  keys export lin --yes | hongbao --home B keys import lin`,
	},
	"hongbao keys rename": {
		Short: "给密钥改名",
		Long:  `给密钥改名,它的其他地址跟着改。地址和口令都不变。`,
	},
	"hongbao keys passwd": {
		Short: "给密钥换口令",
		Long: `给密钥换口令。先问现在的口令,或从 --passphrase-file 读。换之前复制出去的密钥
文件,仍然用旧口令打开。`,
		Flags: map[string]string{"new-passphrase-file": "`file` 的第一行是新口令"},
	},
	"hongbao keys rm": {
		Short: "从这个主目录删掉一个密钥",
		Long: `从这个主目录删掉一个密钥和它的所有地址。只有助记词能找回它(keys export 会
显示),所以要输入它的名字来确认。正在用的密钥,只要还有别的就不删:请先用
keys use 换一个。`,
	},
	"hongbao keys rescan": {
		Short: "寻找密钥用过的其他地址",
		Long: `在账本上寻找密钥在这里或别处用过的其他地址,并记下来。keys import 会找一次;
rescan 再找一次,找多远由你定。`,
		Flags: map[string]string{"gap": "连续多少个地址没用过就不再找"},
	},
	"hongbao contacts": {
		Short: "给别人的地址起的名字",
		Long: `联系人是你给别人的地址起的名字:此后凡是要写人的地方,写 wu 或 @wu 就代表这个
地址。遇到首尾和你认识的地址一样、其实不是同一个的地址,签字之前会指出来并问你。`,
	},
	"hongbao contacts add":  {Short: "给一个地址起名"},
	"hongbao contacts list": {Short: "所有联系人"},
	"hongbao contacts rm":   {Short: "删掉一个联系人"},

	"hongbao prove": {
		Short: "做一个证明文件,任何人都能离线核实",
		Long: `做一个文件,任何人都能用 verify 和信任文件离线核实。

  prove rp1…              红包的一生,由合约重新执行
  prove rp1…/3            第 3 份是否终局:只有领的人能动
  prove rp1… --recall     没领走的为什么能收回:条款和签名
  prove rp1…/3 --recall   一份为什么能收回
  prove rp1… --absent     没有收回过,或从来不存在
  prove account NAME      一个账户的账目,从期初到期末一条不漏
  prove supply            所有的钱在哪里`,
		Flags: map[string]string{
			"absent": "证明没有收回过,或从来不存在(写地址:从来没有过账户)",
			"recall": "证明这次收回",
			"out":    "证明写到哪里",
		},
	},
	"hongbao prove account": {
		Short: "证明一个账户的账目",
		Flags: map[string]string{"since": sinceHelp, "until": untilHelp},
	},
	"hongbao prove supply": {Short: "证明所有的钱在哪里"},
	"hongbao verify": {
		Short: "离线核实一份证明,只相信信任文件",
		Long: `离线核实一份证明,不问任何节点。退出码就是结论:0 成立;7 不成立;8 本身无误,
但不合这份信任文件(或用了 --at 而太旧);10 成立,但这一份还没有终局。

成立的证明可能证的是别的事。要凭“这一份已经终局”行事,就写明是哪一份:
verify share.proof --trust T --final rp1…/3 && ship
证的是别的事,退出码也是 10。`,
		Flags: map[string]string{
			"at":    "区块早于这个时间的证明不算",
			"final": "只有证明说这一份(rp1…/3)已终局,退出码才是 0",
		},
	},
	"hongbao trust": {Short: "核实时相信谁"},
	"hongbao trust init": {
		Short: "从创世文件做一个信任文件",
		Long: `从创世文件做一个信任文件:用你指定的文件,或用节点给的;用节点给的,请找信得过的
人核对创世哈希。`,
		Flags: map[string]string{
			"genesis": "创世文件(默认:问节点)",
			"out":     "写到哪里(默认:主目录的 trust.json,今后默认用它)",
		},
	},
	"hongbao help":       {Short: "任何命令的帮助", Long: `hongbao help [命令] 显示一条命令的帮助。`},
	"hongbao completion": {Short: "生成命令行补全脚本", Long: `为指定的 shell 生成补全脚本;各子命令的帮助里写着怎么用。`},
}
