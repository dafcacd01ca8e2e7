package words

// findings say what a check of client/audit established. A slot in braces is a
// value of the finding: see fill.
var findings = map[string]Phrase{
	"signed": {
		"header {height} signed by {signed} of {validators} (> 2/3)",
		"区块头 {height} 由 {signed}/{validators} 个验证人签名(超过 2/3)"},
	"signed_after": {
		"header {height} signed by {signed} of {validators} (> 2/3), who followed the trust file's " +
			"by {plans|plan|plans}, each approved by more than 2/3 of those before",
		"区块头 {height} 由 {signed}/{validators} 个验证人签名(超过 2/3);他们经 {plans} 次变更接替信任文件里的验证人," +
			"每次都有变更前超过 2/3 的同意"},
	"dev_clock":         {"DEV CLOCK: {ahead} ahead of the validators' clocks", "测试链时钟:比验证人的快 {ahead}"},
	"dev_clock_unmoved": {"DEV CLOCK: not moved", "测试链时钟:没有拨动"},
	"packet_leaf":       {"packet leaf under its AppHash", "其 AppHash 之下有该红包的记录"},
	"account_leaf":      {"account leaf under its AppHash", "其 AppHash 之下有该账户的记录"},
	"share_leaf":        {"share leaf under its AppHash", "其 AppHash 之下有该份的记录"},
	"supply_leaf":       {"supply leaf under its AppHash", "其 AppHash 之下有总额记录"},
	"absent":            {"no leaf of {subject} under its AppHash", "其 AppHash 之下没有 {subject}"},
	"entries":           {"{count|entry folds|entries fold} to the head", "{count} 条记录的哈希与账上的一致"},
	"entries_part": {"{shown} of {count} entries shown, all fold to the head",
		"给出 {shown} 条(共 {count} 条)记录,哈希与账上的一致"},
	"draws": {
		"{count|beacon is a trusted validator's proof|beacons are trusted validators' proofs}; " +
			"whose turn it was is the word of more than 2/3",
		"{count} 个抽奖随机数都出自可信验证人的证明;当时轮到谁出块,由超过 2/3 的验证人认定"},
	"replay": {"replay of the signed transactions gives the same leaf",
		"按合约重放这些签名交易,得到同一记录"},
	"replay_batches": {
		"the signed transactions give the same leaf, with the counts and sums of each block's claims; " +
			"that each claim was lawful is its share's to prove",
		"按合约重放这些签名交易,加上每个区块领取的份数与合计,得到同一记录;每次领取是否合规,由那一份自己的证明说明"},
	"listing": {"entry {n} of {count} leads to the list in the terms, with {amount}",
		"第 {n} 项(共 {count} 项)通到条款里的名单,金额 {amount}"},
	"unclaimed":        {"no leaf of share {share} under its AppHash", "其 AppHash 之下没有第 {share} 份的记录"},
	"sender_signed":    {"the sender signed the terms", "发的人签过这些条款"},
	"parties_signed":   {"sender and claimer signed the same terms", "发的人和领的人签的是同样的条款"},
	"not_final":        {"others can take it back until {until}", "{until} 前别人还能拿走"},
	"final":            {"nobody else can take it since {since}", "自 {since} 起谁也拿不走"},
	"gone_back":        {"it is {state}", "钱已经回到发的人那里"},
	"nothing_recalled": {"nothing was recalled from it", "没有任何一笔被收回"},
	"recall": {
		"clause {clause} allowed it to {signers} of its signers: {when}",
		"第 {clause} 条允许,{signers} 人依约签字:{when}"},
	"debits": {
		"{count} of its payments, sends and returns signed by the account",
		"该账户的 {count} 笔付款、发红包与退还都有其签名"},
	"balances": {"{opening} + {in} in - {out} out = {closing}", "{opening} + 收入 {in} - 支出 {out} = {closing}"},
	"supply": {
		"{wallets} in wallets + {escrow} in escrow + {held} held = {total}",
		"钱包 {wallets} + 未领 {escrow} + 待到账 {held} = {total}"},
}

// contradictions say why two proofs cannot both be true, by the same rules.
var contradictions = map[string]Phrase{
	"two_blocks": {
		"two blocks of height {height}: {first%X} and {second%X}",
		"高度 {height} 有两个区块:{first%X} 和 {second%X}"},
	"time_back": {
		"block {height} is of {first}, and the later block {later} of {second}",
		"区块 {height} 的时间是 {first},更晚的区块 {later} 却是 {second}"},
	"clock_back": {"the dev clock went back from {first} to {second}", "测试链时钟倒退了:从 {first} 到 {second}"},
	"absent_after": {"it is there after block {height}, and not after block {later}",
		"第 {height} 块之后有它,第 {later} 块之后却没有"},
	"absent_before": {
		"it is not there after block {height}; by its state after block {later} it was",
		"第 {height} 块之后没有它;按第 {later} 块之后的状态,那时已有"},
	"supply_changed": {"the total supply changed from {first} to {second}", "总额变了:从 {first} 到 {second}"},
	"packet_changed": {
		"its {what} after block {height} cannot become that after block {later}",
		"第 {height} 块之后的状态({what})变不成第 {later} 块之后的样子"},
	"nonce_back": {"the account's nonce went back from {first} to {second}",
		"账户的序号倒退了:从 {first} 到 {second}"},
	"history_shorter": {"its history shrank from {first} to {second} entries",
		"历史记录变少了:从 {first} 条到 {second} 条"},
	"history_other": {"its first {count} entries are two histories", "前 {count} 条记录有两个版本"},
	"history_entry": {
		"entry {seq} is of block {height}, and the state after block {state} had {count} entries",
		"第 {seq} 条记录属于区块 {height},而第 {state} 块之后的状态有 {count} 条记录"},
	"statement_other": {
		"the life of {packet} and the statement of {account} show different movements between them",
		"红包 {packet} 的经过与账户 {account} 的账目,记的往来不同"},
}

// faults say why a proof is not valid or not trusted.
var faults = map[string]Phrase{
	// Frames: where the cause behind them is.
	"error":                 {"", ""}, // the cause says it all
	"in":                    {"{part}", "{part}"},
	"header":                {"header {height}", "区块头 {height}"},
	"hand_over":             {"hand-over {n}", "第 {n} 次验证人变更"},
	"entry":                 {"entry {n}", "第 {n} 条记录"},
	"tx":                    {"transaction {n}", "第 {n} 笔交易"},
	"beacon":                {"beacon {n}", "第 {n} 个随机证明"},
	"message":               {"the {message}", "{message}交易"},
	"message_against_rules": {"the {message} is against the rules", "{message}交易不合规则"},
	"against_rules":         {"against the rules", "不合规则"},
	"clock_mismatch":        {"clock does not match", "时钟对不上"},
	"leaf_mismatch":         {"leaf does not match", "叶子对不上"},
	"trust_unusable":        {"the trust file is unusable", "信任文件不能用"},
	"panic":                 {"the verifier stumbled over it: {value}", "验证程序在这里出错:{value}"},

	// Trust and header.
	"no_trust": {
		"no trust file says who may sign header {height} of {chain}",
		"没有信任文件说明谁可以给链 {chain} 的区块头 {height} 签名"},
	"trust_chain": {
		"the trust file is for chain {chain}, the proof is of {want}", "信任文件是链 {chain} 的,证明是链 {want} 的"},
	"header_old": {
		"header {height} is of {time}, older than {at}", "区块头 {height} 的时间是 {time},早于 {at}"},
	"header_chain": {
		`is of chain {chain%q}, the proof of {want%q}`, "是链 {chain%q} 的,证明是链 {want%q} 的"},
	"header_height": {
		"holds the state after block {state}, the proof is of {want}",
		"写的是区块 {state} 之后的状态,证明是区块 {want} 的"},
	"header_protobuf": {
		"not a CometBFT signed header in its one encoding", "不是按唯一写法编码的 CometBFT 签名区块头"},
	"header_hash_missing": {"a hash is missing", "缺少一个哈希"},
	"header_hash_size":    {"a hash is not 32 bytes", "有一个哈希不是 32 字节"},
	"header_protocol":     {"block protocol {protocol}", "区块协议是 {protocol}"},
	"header_proposer":     {"a proposer's address of {bytes} bytes", "出块人地址有 {bytes} 字节"},
	"header_range":        {"chain id, height or last block are out of range", "链名、高度或上一区块超出范围"},
	"header_time":         {"its time is before 1970 or after 2262", "时间早于 1970 年或晚于 2262 年"},
	"header_validators":   {"its validators are not the trusted ones", "验证人不是可信的那些"},
	"commit_range": {
		"round, block or number of votes of the commit are out of range", "提交的轮次、区块或票数超出范围"},
	"commit_vote":   {"vote {vote} is neither whole nor absent", "第 {vote} 票既不完整,也不是缺席"},
	"commit_height": {"its commit is of height {height}", "它的提交是高度 {height} 的"},
	"commit_other": {
		"its commit is for block {commit%X}, the header is of block {header%X}",
		"它的提交是给区块 {commit%X} 的,区块头是 {header%X} 的"},
	"commit_size": {"{votes} votes for {validators} validators", "{validators} 个验证人有 {votes} 票"},
	"commit_address": {
		"vote {vote} is of {address%X}, not of validator {want%X}",
		"第 {vote} 票是 {address%X} 的,不是验证人 {want%X} 的"},
	"commit_signature": {
		"vote {vote} is not signed by validator {address%X}", "第 {vote} 票没有验证人 {address%X} 的签名"},
	"commit_few": {
		"signed by {power} of {total} in power, not more than 2/3", "签名的投票权是 {power}/{total},没有超过 2/3"},

	// Leaves.
	"ics23_form": {
		"not a plain ICS-23 proof in its one encoding", "不是按唯一写法编码的普通 ICS-23 证明"},
	"ics23_no_existence": {"not a proof of existence", "不是存在的证明"},
	"ics23_existence_unproven": {
		"the proof does not lead from it to the root", "证明没有从它通到根哈希"},
	"ics23_no_absence": {"not a proof of absence", "不是不存在的证明"},
	"ics23_neighbours": {"not both neighbours of this key", "不是这个键左右相邻的两片叶子"},
	"ics23_absence_unproven": {
		"the proof does not show that nothing stands there", "证明没有说明那里什么也没有"},
	"claim_entry": {"claims another entry of the list, or another amount", "领的是名单的另一项,或金额不同"},
	"large_packet": {
		"this kind of proof is not of a packet with so many shares", "这种证明不适用于份数这么多的红包"},
	"small_packet": {"this kind of proof is of a packet with more shares, or with a list",
		"这种证明只适用于份数更多的、或按名单发的红包"},
	"batch_split":     {"the claims of one block stand in two entries", "同一个区块的领取分在两条记录里"},
	"listing_no_list": {"the terms have no list", "条款里没有名单"},
	"listing_other":   {"it is of entry {n}", "写的是第 {n} 项"},
	"unclaimed_full":  {"the packet is full: every entry was claimed", "红包已领完,每一项都被领了"},
	"shape_claims":    {"a {kind} of many claims", "{kind} 记了多次领取"},
	"share_unclaimed": {"share {share} is not claimed", "第 {share} 份还没有人领"},
	"clock_no_dev": {
		"by the trust file this is no dev chain, and has none", "按信任文件这不是测试链,没有这种时钟"},
	"clock_far":    {"{ahead} ahead: at most {most}", "快了 {ahead},最多快 {most}"},
	"supply_total": {"wallets, escrow and hold are not the total", "钱包、未领与待到账之和不等于总额"},
	"value_range":  {"a value of {value} is out of its range", "有一个值是 {value},超出范围"},
	"amount_range": {"an amount of {fen} fen: at most {most}", "有一笔金额是 {fen} 分:最多 {most} 分"},

	// Signatures and who signed.
	"tx_chain":     {"a {message} for chain {chain%q}", "{message}交易属于链 {chain%q}"},
	"tx_signature": {"the {message} is not signed by {account}", "{message}交易没有 {account} 的签名"},
	"tx_kind":      {"is a {message}", "是{message}交易"},
	"tx_order":     {"its transaction is not the next one in the file", "它的交易不是文件里的下一笔"},
	"tx_time": {
		"its transaction was valid until {until}, executed at {at}", "它的交易到 {until} 为止有效,却在 {at} 执行"},
	"nonce_reused": {"its transaction reuses nonce {nonce}", "它的交易重复用了序号 {nonce}"},
	"send_other":   {"is not the one that the leaf names", "不是叶子指明的那一笔"},
	"send_packet":  {"sends another packet", "发的是别的红包"},
	"send_terms":   {"holds other terms than the leaf", "条款与叶子上的不同"},
	"send_time":    {"could not have been executed when the packet was created", "不可能在红包发出时执行"},
	"claim_packet": {"is of another packet", "领的是别的红包"},
	"claim_signer": {
		"is signed by {account}, who does not have the share", "由 {account} 签名,而这一份不是它的"},
	"claim_terms": {"accepts other terms than the leaf's", "同意的条款与叶子上的不同"},
	"claim_time": {
		"could not have been executed when the share was claimed", "不可能在这一份领取时执行"},

	// Entries.
	"entries_count": {"{count} entries, the leaf has {leaf}", "有 {count} 条记录,叶子上是 {leaf} 条"},
	"entries_head":  {"{count} entries do not fold to the head", "{count} 条记录的哈希与历史头不一致"},
	"entry_seq":     {"has seq {seq}", "编号是 {seq}"},
	"entry_future": {
		"of {time}, and at the header it is {now} yet", "时间是 {time},而区块头才到 {now}"},
	"entry_height": {
		"of block {height}, after the proof's {proof}", "属于区块 {height},晚于证明的区块 {proof}"},
	"entry_when": {
		"at height {height}, {ns} ns, in phase {phase}", "在高度 {height}、{ns} ns、{phase}阶段"},
	"entry_order": {"is not after the one before", "不在前一条之后"},
	"entry_kind":  {"of kind {kind}, which moves no money of a packet", "是{kind}记录,不动红包的钱"},
	"entry_phase": {
		"phase {phase}: nothing of a packet's happens there", "{phase}阶段:那时不会有红包的记录"},
	"shape_phase": {"a {kind} in phase {phase}", "{kind}记录出现在{phase}阶段"},
	"shape_tx": {
		"a {kind} in phase {phase}, with or without a transaction", "{phase}阶段的{kind}记录,多写或漏写了交易"},
	"shape_packet": {
		"a {kind} about share {share}, with or without a packet", "{kind}记录写的是第 {share} 份,份或红包写得不对"},
	"shape_beacon":  {"a {kind}, with or without a beacon", "{kind}记录多写或漏写了随机证明"},
	"shape_reason":  {"a {kind} with reason {reason%q}", "{kind}记录的理由是 {reason%q}"},
	"shape_posting": {"moves nothing", "没有动钱"},

	// A packet's sums, draws and replay.
	"overflow": {"amounts overflow", "金额溢出"},
	"beacon_proof": {
		"not the proof of validator {proposer%X} over block {height}",
		"不是验证人 {proposer%X} 对区块 {height} 的证明"},
	"beacon_proposer": {"{proposer%X} is no trusted validator", "{proposer%X} 不是可信验证人"},
	"beacon_missing":  {"its beacon is missing", "缺少它的随机证明"},
	"beacon_order":    {"its beacon is not the next one in the file", "它的随机证明不是文件里的下一个"},
	"undrawn": {
		"block {height} did not draw what block {reserved} reserved", "区块 {reserved} 占位的,区块 {height} 没有抽出"},
	"not_owed":            {"the {kind} was not owed", "不该有这条{kind}记录"},
	"not_due":             {"the {kind} was not due", "还不到有这条{kind}记录的时候"},
	"send_first":          {"a packet is sent once, and first of all", "红包只能发出一次,而且在最前"},
	"packet_other":        {"it is about packet {packet}", "是关于红包 {packet} 的"},
	"replay_txs_left":     {"{count} transactions are in no entry", "有 {count} 笔交易不在任何记录里"},
	"replay_beacons_left": {"{count} beacons are in no entry", "有 {count} 个随机证明不在任何记录里"},
	"replay_entry":        {"is not what its {kind} does", "不是{kind}应有的记录"},
	"replay_leaf":         {"gives another leaf than the proven one", "得到的叶子与证明的不同"},

	// Recalls.
	"rest_recalled":   {"the rest was recalled at {at}", "未领的部分在 {at} 被收回了"},
	"share_recalled":  {"share {share} was recalled", "第 {share} 份被收回了"},
	"recall_no_entry": {"no entry of it", "没有它的记录"},
	"recall_tx":       {"the last transaction is not about it", "最后一笔交易不是关于它的"},
	"recall_other_tx": {"the entry names another transaction", "记录指明的是另一笔交易"},
	"recall_time":     {"was valid until {until}, executed at {at}", "到 {until} 为止有效,却在 {at} 执行"},
	"recall_share":    {"the leaf does not have that share as recalled", "叶子上那一份没有被收回"},
	"recall_rest": {
		"the leaf does not have the rest as recalled then", "叶子上未领的部分不是那时被收回的"},
	"recall_tightenings": {
		"{count} tightenings of the same instant, {shown} shown", "同一时刻有 {count} 次收紧,只给出 {shown} 次"},
	"recall_unsigned": {
		"clause {clause} asks for nobody's signature", "第 {clause} 条不要求任何人签字"},
	"recall_entry": {"the entry is not what the transaction does", "记录不是这笔交易应有的"},
	"recall_amount": {
		"it brought {amount} home, the shares left {rest}", "收回了 {amount},各份余下的是 {rest}"},
	"recall_end": {
		"how it brought home the {rest} that the shares left is not shown", "没有给出各份余下的 {rest} 怎样收回"},

	// A file of a contradiction.
	"contradiction_form": {
		"not a file of a contradiction, or an altered one", "不是矛盾证明的文件,或被改过"},
	"contradiction_none": {"both proofs may be true", "两份证明可能都成立"},

	// An account's statement.
	"balance_jump": {
		"starts from {balance} and {held} held, the one before it left {left} and {left_held}",
		"从 {balance} 和待到账 {held} 开始,前一条留下的是 {left} 和 {left_held}"},
	"balance_before_history": {
		"the account had money before it had a history", "账户在有历史之前就有钱"},
	"balance_leaf": {
		"the entries leave {balance} and {held} held, the leaf has {leaf} and {leaf_held}",
		"记录留下 {balance} 和待到账 {held},叶子上是 {leaf} 和 {leaf_held}"},
	"balance_misfit":  {"{amount} do not fit the balances after it", "{amount} 与之后的余额对不上"},
	"moves_nothing":   {"a {kind} that moves nothing", "{kind}记录没有动钱"},
	"moves_other":     {"moves no money of this account", "没有动这个账户的钱"},
	"moves_to_itself": {"moves money from a place to itself", "钱从一处转到同一处"},
	"unknown_move": {
		"a {kind} of phase {phase} from {from} to {to}", "{phase}阶段的{kind}记录,从 {from} 到 {to}"},
	"mint_named": {
		"is from outside, by a name that outside does not have", "来自外部,却写了外部没有的名字"},
	"escrow_other":   {"is of another packet than it names", "是别的红包的,不是它写明的那个"},
	"debit_signer":   {"the {message} is signed by {account}", "{message}交易由 {account} 签名"},
	"debit_other":    {"is not what its {message} says", "不是它的{message}交易写的那样"},
	"debit_txs_left": {"{count} transactions are of no entry", "有 {count} 笔交易不属于任何记录"},
}
