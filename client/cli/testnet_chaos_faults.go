package cli

import "hongbao/client/words"

// faultNames say what the faults of `testnet chaos` are.
var faultNames = map[string]words.Phrase{
	"kill-one":      words.Both("SIGKILL of one node", "强行结束一个节点"),
	"kill-all":      words.Both("SIGKILL of all nodes at once", "同时强行结束所有节点"),
	"stop-one":      words.Both("one node stands still (SIGSTOP)", "一个节点停住"),
	"stop-two":      words.Both("two nodes stand still (SIGSTOP)", "两个节点停住"),
	"crash-point":   words.Both("a node crashes in the middle of a block's writes", "一个节点在写区块的半途崩溃"),
	"partition-3-1": words.Both("one node is cut off", "一个节点与其余断开"),
	"partition-2-2": words.Both("two and two nodes are parted", "两两分割"),
	"partition-all": words.Both("each node is alone", "每个节点各自断开"),
	"deaf":          words.Both("what is sent to one node is lost", "发给一个节点的包全丢"),
	"mute":          words.Both("what one node sends is lost", "一个节点发出的包全丢"),
	"flapping":      words.Both("links come and go", "连接时断时续"),
	"slow-100ms":    words.Both("packets take 100 ± 20 ms", "包要 100 ± 20 毫秒"),
	"slow-300ms-loss": words.Both("packets take 300 ± 100 ms, and one in twenty is lost",
		"包要 300 ± 100 毫秒,二十个丢一个"),
	"journal-bit":      words.Both("a bit of a database's journal is flipped", "数据库日志翻一位"),
	"journal-cut":      words.Both("a database's journal is cut", "数据库日志被截断"),
	"journal-lost":     words.Both("a database's journal is lost", "数据库日志丢失"),
	"table-bit":        words.Both("a bit of a database's table is flipped", "数据库表文件翻一位"),
	"table-lost":       words.Both("a database's table is lost", "数据库表文件丢失"),
	"manifest-bit":     words.Both("a bit of a database's manifest is flipped", "数据库清单翻一位"),
	"manifest-lost":    words.Both("a database's MANIFEST or CURRENT is lost", "数据库清单丢失"),
	"database-lost":    words.Both("a whole database is lost", "整个数据库丢失"),
	"wal-bit":          words.Both("a bit of the consensus journal is flipped", "共识日志翻一位"),
	"wal-cut":          words.Both("the consensus journal is cut", "共识日志被截断"),
	"sign-state-lost":  words.Both("priv_validator_state.json is lost", "签名记录丢失"),
	"database-old":     words.Both("a database is an older copy", "数据库换成旧的副本"),
	"disk-full":        words.Both("a node's disk is full", "一个节点的磁盘满了"),
	"one-key-twice":    words.Both("two processes sign with one key", "两个进程用同一把密钥签名"),
	"idle-connections": words.Both("strangers open connections and say nothing", "陌生人连上来却不说话"),
	"garbage":          words.Both("ten times as much garbage as honest transactions", "十倍于正常交易的垃圾"),
}
