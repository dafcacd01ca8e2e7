package words

// findings say what a check of client/audit established. A slot in braces is a
// value of the finding: see fill.
var findings = map[string]Phrase{
	"signed": {
		"header {height} signed by {signed} of {validators} (> 2/3)",
		"区块头 {height} 由 {signed}/{validators} 个验证人签名(超过 2/3)"},
	"dev_clock":         {"DEV CLOCK: {ahead} ahead of the validators' clocks", "测试链时钟:比验证人的快 {ahead}"},
	"dev_clock_unmoved": {"DEV CLOCK: not moved", "测试链时钟:没有拨动"},
	"packet_leaf":       {"packet leaf under its AppHash", "其 AppHash 之下有该红包的记录"},
	"account_leaf":      {"account leaf under its AppHash", "其 AppHash 之下有该账户的记录"},
	"supply_leaf":       {"supply leaf under its AppHash", "其 AppHash 之下有总额记录"},
	"absent":            {"no leaf of {subject} under its AppHash", "其 AppHash 之下没有 {subject}"},
	"entries":           {"{count|entry folds|entries fold} to the head", "{count} 条记录的哈希与账上的一致"},
	"entries_part": {"{shown} of {count} entries shown, all fold to the head",
		"给出 {shown} 条(共 {count} 条)记录,哈希与账上的一致"},
	"draws": {
		"{count|beacon is a trusted validator's proof|beacons are trusted validators' proofs}; " +
			"whose turn it was is the word of more than 2/3",
		"{count} 个抽奖随机数都出自可信验证人的证明;当时轮到谁出块,由超过 2/3 的验证人认定"},
	"replay":           {"replay of the signed transactions gives the same leaf", "按合约重放这些签名交易,得到同一记录"},
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
	"nonce_back":      {"the account's nonce went back from {first} to {second}", "账户的序号倒退了:从 {first} 到 {second}"},
	"history_shorter": {"its history shrank from {first} to {second} entries", "历史记录变少了:从 {first} 条到 {second} 条"},
	"history_other":   {"its first {count} entries are two histories", "前 {count} 条记录有两个版本"},
	"history_entry": {
		"entry {seq} is of block {height}, and the state after block {state} had {count} entries",
		"第 {seq} 条记录属于区块 {height},而第 {state} 块之后的状态有 {count} 条记录"},
	"statement_other": {
		"the life of {packet} and the statement of {account} show different movements between them",
		"红包 {packet} 的经过与账户 {account} 的账目,记的往来不同"},
}

// faults say why a proof is not valid or not trusted, in English: who reads them
// looks for what is wrong with a file or its maker.
var faults = map[string]string{
	// Frames: where the cause behind them is.
	"error":                 "", // the cause says it all
	"in":                    "{part}",
	"header":                "header {height}",
	"entry":                 "entry {n}",
	"tx":                    "transaction {n}",
	"beacon":                "beacon {n}",
	"message":               "the {message}",
	"message_against_rules": "the {message} is against the rules",
	"against_rules":         "against the rules",
	"clock_mismatch":        "clock does not match",
	"leaf_mismatch":         "leaf does not match",
	"trust_unusable":        "the trust file is unusable",
	"panic":                 "the verifier stumbled over it: {value}",

	// Trust and header.
	"no_trust":            "no trust file says who may sign header {height} of {chain}",
	"trust_chain":         "the trust file is for chain {chain}, the proof is of {want}",
	"header_old":          "header {height} is of {time}, older than {at}",
	"header_chain":        `is of chain {chain%q}, the proof of {want%q}`,
	"header_height":       "holds the state after block {state}, the proof is of {want}",
	"header_protobuf":     "not a CometBFT signed header in its one encoding",
	"header_hash_missing": "a hash is missing",
	"header_hash_size":    "a hash is not 32 bytes",
	"header_protocol":     "block protocol {protocol}",
	"header_proposer":     "a proposer's address of {bytes} bytes",
	"header_range":        "chain id, height or last block are out of range",
	"header_time":         "its time is before 1970 or after 2262",
	"header_validators":   "its validators are not the trusted ones",
	"commit_range":        "round, block or number of votes of the commit are out of range",
	"commit_vote":         "vote {vote} is neither whole nor absent",
	"commit_height":       "its commit is of height {height}",
	"commit_other":        "its commit is for block {commit%X}, the header is of block {header%X}",
	"commit_size":         "{votes} votes for {validators} validators",
	"commit_address":      "vote {vote} is of {address%X}, not of validator {want%X}",
	"commit_signature":    "vote {vote} is not signed by validator {address%X}",
	"commit_few":          "signed by {power} of {total} in power, not more than 2/3",

	// Leaves.
	"ics23_form":               "not a plain ICS-23 proof in its one encoding",
	"ics23_no_existence":       "not a proof of existence",
	"ics23_existence_unproven": "the proof does not lead from it to the root",
	"ics23_no_absence":         "not a proof of absence",
	"ics23_neighbours":         "not both neighbours of this key",
	"ics23_absence_unproven":   "the proof does not show that nothing stands there",
	"share_unclaimed":          "share {share} is not claimed",
	"clock_no_dev":             "by the trust file this is no dev chain, and has none",
	"clock_far":                "{ahead} ahead: at most {most}",
	"supply_total":             "wallets, escrow and hold are not the total",
	"amount_range":             "an amount of {fen} fen: at most {most}",

	// Signatures and who signed.
	"tx_chain":     "a {message} for chain {chain%q}",
	"tx_signature": "the {message} is not signed by {account}",
	"tx_kind":      "is a {message}",
	"tx_order":     "its transaction is not the next one in the file",
	"tx_time":      "its transaction was valid until {until}, executed at {at}",
	"nonce_reused": "its transaction reuses nonce {nonce}",
	"txs_count":    "{count} transactions, expected {want}",
	"send_other":   "is not the one that the leaf names",
	"send_packet":  "sends another packet",
	"send_terms":   "holds other terms than the leaf",
	"send_time":    "could not have been executed when the packet was created",
	"claim_packet": "is of another packet",
	"claim_signer": "is signed by {account}, who does not have the share",
	"claim_terms":  "accepts other terms than the leaf's",
	"claim_time":   "could not have been executed when the share was claimed",

	// Entries.
	"entries_count": "{count} entries, the leaf has {leaf}",
	"entries_head":  "{count} entries do not fold to the head",
	"entry_seq":     "has seq {seq}",
	"entry_future":  "of {time}, and at the header it is {now} yet",
	"entry_height":  "of block {height}, after the proof's {proof}",
	"entry_when":    "at height {height}, {ns} ns, in phase {phase}",
	"entry_order":   "is not after the one before",
	"entry_kind":    "of kind {kind}, which moves no money of a packet",
	"entry_phase":   "phase {phase}: nothing of a packet's happens there",
	"shape_phase":   "a {kind} in phase {phase}",
	"shape_tx":      "a {kind} in phase {phase}, with or without a transaction",
	"shape_packet":  "a {kind} about share {share}, with or without a packet",
	"shape_beacon":  "a {kind}, with or without a beacon",
	"shape_reason":  "a {kind} with reason {reason%q}",
	"shape_posting": "moves nothing",

	// A packet's sums, draws and replay.
	"overflow":            "amounts overflow",
	"beacon_proof":        "not the proof of validator {proposer%X} over block {height}",
	"beacon_proposer":     "{proposer%X} is no trusted validator",
	"beacon_missing":      "its beacon is missing",
	"beacon_order":        "its beacon is not the next one in the file",
	"undrawn":             "block {height} did not draw what block {reserved} reserved",
	"not_owed":            "the {kind} was not owed",
	"not_due":             "the {kind} was not due",
	"send_first":          "a packet is sent once, and first of all",
	"packet_other":        "it is about packet {packet}",
	"replay_txs_left":     "{count} transactions are in no entry",
	"replay_beacons_left": "{count} beacons are in no entry",
	"replay_entry":        "is not what its {kind} does",
	"replay_leaf":         "gives another leaf than the proven one",

	// Recalls.
	"rest_recalled":      "the rest was recalled at {at}",
	"share_recalled":     "share {share} was recalled",
	"recall_no_entry":    "no entry of it",
	"recall_tx":          "the last transaction is not about it",
	"recall_other_tx":    "the entry names another transaction",
	"recall_time":        "was valid until {until}, executed at {at}",
	"recall_share":       "the leaf does not have that share as recalled",
	"recall_rest":        "the leaf does not have the rest as recalled then",
	"recall_tightenings": "{count} tightenings of the same instant, {shown} shown",
	"recall_unsigned":    "clause {clause} asks for nobody's signature",
	"recall_entry":       "the entry is not what the transaction does",
	"recall_amount":      "it brought {amount} home, the shares left {rest}",
	"recall_end":         "how it brought home the {rest} that the shares left is not shown",

	// A file of a contradiction.
	"contradiction_form": "not a file of a contradiction, or an altered one",
	"contradiction_none": "both proofs may be true",

	// An account's statement.
	"balance_jump":           "starts from {balance} and {held} held, the one before it left {left} and {left_held}",
	"balance_before_history": "the account had money before it had a history",
	"balance_leaf":           "the entries leave {balance} and {held} held, the leaf has {leaf} and {leaf_held}",
	"balance_misfit":         "{amount} do not fit the balances after it",
	"moves_nothing":          "a {kind} that moves nothing",
	"moves_other":            "moves no money of this account",
	"moves_to_itself":        "moves money from a place to itself",
	"unknown_move":           "a {kind} of phase {phase} from {from} to {to}",
	"mint_named":             "is from outside, by a name that outside does not have",
	"escrow_other":           "is of another packet than it names",
	"debit_signer":           "the {message} is signed by {account}",
	"debit_other":            "is not what its {message} says",
	"debit_txs_left":         "{count} transactions are of no entry",
}
