package words

// clientMeanings are those of the client's own codes, which no ledger knows.
var clientMeanings = map[string][2]Phrase{
	"already_running": {
		{"The network in this folder runs already.", "这个目录里的网络已经在运行。"},
		{"Use it, or stop it with %s testnet down.", "直接使用,或用 %s testnet down 停止。"}},
	"ambiguous_ref": {
		{"More than one packet's id begins like that.", "有几个红包的编号都这样开头。"},
		{"Write more of the id.", "请多写几位。"}},
	"bad_answer": {
		{"The node answers what no node of this kind would: it is of another version, broken, or lying.", "节点的回答不对:版本不同、出了故障,或在说谎。"},
		{"Nothing was believed. Ask another node with --node, and compare.", "没有采信它。请用 --node 换一个节点对比。"}},
	"bad_consent_file": {
		{"The file is no consent.", "这不是签字文件。"},
		{"Ask for it again: %s consent REF -o FILE. Send it as a file, not as text in a message.", "请重新要一份:%s consent REF -o FILE。请作为文件传送,不要粘贴成文字。"}},
	"bad_home": {
		{"A file in hongbao's home cannot be read.", "主目录里有文件读不出来。"},
		{"The message names it; %s testnet up writes client.json anew. Keys are in files of their own.", "提示里写明了是哪个;%s testnet up 会重写 client.json。密钥在另外的文件里。"}},
	"bad_link_text": {
		{"The text is no claim link.", "这段文字不是领取链接。"},
		{"Copy the whole link, from hongbao: to its end, and put it in quotes.", "请从 hongbao: 开始完整复制,并加引号。"}},
	"bad_name": {
		{"It cannot be a key's name.", "这不能作为密钥的名字。"},
		{"Use 1 to 32 of a-z, Chinese characters, 0-9, - and _, beginning with a letter or a Chinese character.",
			"请用 1 到 32 个汉字、a-z、0-9、- 和 _,以汉字或字母开头。"}},
	"bad_passphrase": {
		{"The passphrase is too long, or no text that can be typed: a file saved as UTF-16, or with a byte order mark.", "口令太长,或不是能输入的文字:文件存成了 UTF-16,或带有字节序标记(BOM)。"},
		{"Write it as the first line of a plain UTF-8 file, of at most 1,024 bytes.", "请写在纯 UTF-8 文件的第一行,最多 1024 字节。"}},
	"bad_ref": {
		{"It names no packet.", "这不是红包的写法。"},
		{"Write rp1… (or its beginning), rp1…/3 for share 3, a tx hash, or last.", "请写 rp1…(或它的开头)、rp1…/3 表示第 3 份、交易哈希,或 last。"}},
	"bad_trust_file": {
		{"The file is no trust file.", "这个文件不是信任文件。"},
		{"Make one with: %s trust init", "生成一个:%s trust init"}},
	"bad_tx_file": {
		{"The file is no transaction on its way to be signed or sent.", "这个文件不是待签字或待发送的交易。"},
		{"Make it again with --unsigned FILE, and send it as a file.", "请用 --unsigned FILE 重新生成,并作为文件传送。"}},
	"bad_words": {
		{"The words are not those of a key: one is missing, misspelt or out of order.", "这些助记词不是一个密钥:有缺漏、拼错或次序不对。"},
		{"Compare them with what was written down; the last one checks the others.", "请与抄下的核对;最后一个是校验。"}},
	"cannot_write": {
		{"A file, or a result, could not be written.", "文件或结果写不进去。"},
		{"See that the folder exists, is yours, and has room.", "请检查目录是否存在、可写、有空间。"}},
	"clock_off": {
		{"The clock of this machine and those of the other validators are too far apart: a block more than 60 s in its future is refused, and a node stops where the others took one.", "这台机器的时钟和其他验证人的差得太多:比它快 60 秒以上的区块不收,而别人收了,节点就停下。"},
		{"Put the clock right (date -u; timedatectl), then start again. If the other clocks are wrong, start again when the time in the message has passed.", "请校准时钟(date -u、timedatectl)再启动。如果是别人的时钟不对,等过了提示里的时间再启动。"}},
	"confirmation_needed": {
		{"Somebody has to confirm this, and nobody sits at a terminal.", "这一步要有人确认,而没有人在终端前。"},
		{"Run it in a terminal, or answer beforehand with --yes.", "请在终端里运行,或用 --yes 事先确认。"}},
	"consensus_failed": {
		{"The node could not execute a block that the others agreed on, and stopped.", "节点执行不了大家已同意的区块,停下了。"},
		{"The message and the log say why; start it again. If it stops at the same block again, its data is at fault: %s node resync --home DIR", "原因见提示和日志;请再启动一次。如果还停在同一个区块,就是数据坏了:%s node resync --home DIR"}},
	"consent_mismatch": {
		{"The consent file is for another packet, clause, reason or share than this recall.", "这份签字是给另一个红包、条款、理由或份额的。"},
		{"Leave it out, or ask for one that fits.", "请去掉它,或要一份对得上的。"}},
	"data_damaged": {
		{"A file of the node's data is damaged, lost, or older than the others. The node does not start, so that it answers nothing wrong.", "节点的数据有文件损坏、丢失,或比别的旧。节点不启动,免得答错。"},
		{"%s node resync --home DIR deletes the data, keeps keys and signatures, and the next start fetches it from the peers.", "%s node resync --home DIR 会删掉数据(密钥和签名记录留着),下次启动时从其他节点重新取。"}},
	"declined": {
		{"A person answered no, or did not answer. Nothing was done.", "有人回答了不,或没有回答。什么都没有做。"},
		{"Nothing needs to be done.", "不用再做什么。"}},
	"disk_full": {
		{"The node's disk is full. It stopped; what it had promised is kept.", "节点的磁盘满了,已停下;承诺过的都还在。"},
		{"Make room, and start it again.", "请腾出空间再启动。"}},
	"genesis_changed": {
		{"config/genesis.json is not the one that the data of this node began with.", "config/genesis.json 不是这个节点的数据开始时的那一份。"},
		{"Put back the one that is kept in data/genesis.json; for another chain, make another folder with %s node init.", "请放回 data/genesis.json 里保存的那一份;另一条链请用 %s node init 另建目录。"}},
	"internal": {
		{"The program met something that it does not expect.", "程序遇到了意料之外的情况。"},
		{"Where a tx hash was printed, %s tx wait HASH says what became of it. Please report the message.", "若打印过交易哈希,用 %s tx wait HASH 查结果。请把提示报告给我们。"}},
	"interrupted": {
		{"It was stopped, with Ctrl-C or another signal. What was broadcast may still happen.", "被中断(Ctrl-C 或别的信号)。已广播的交易仍可能执行。"},
		{"Where a tx hash was printed: %s tx wait HASH", "若打印过交易哈希:%s tx wait HASH"}},
	"key_in_use": {
		{"The key signs where nothing else is said, and others could take its place.", "没有指明用哪个密钥时,就用这个密钥签字,而且还有别的密钥可以接替它。"},
		{"Choose another first: %s keys use NAME", "请先换用别的:%s keys use NAME"}},
	"memo_mismatch": {
		{"The link's memo is not the one that the sender signed: somebody altered it.", "链接里的留言不是发的人签名的那一条:有人改过。"},
		{"Ask the sender for the link again.", "请向发的人重新要链接。"}},
	"name_taken": {
		{"A key or a contact of that name is in this home, and none is ever overwritten.", "主目录里已有同名的密钥或联系人,从不覆盖。"},
		{"Choose another name; %s keys list and %s contacts list show those taken.", "请换个名字;用 %s keys list 和 %s contacts list 查看已有的。"}},
	"no_last": {
		{"last is the packet last sent or claimed from this home, and on this chain there is none.", "last 指本机最近发或领的红包,而这条链上还没有。"},
		{"Name the packet by its id.", "请写红包的编号。"}},
	"no_network": {
		{"No network answers where one is needed.", "需要网络,而没有网络应答。"},
		{"Start one with: %s testnet up", "启动一个:%s testnet up"}},
	"no_new_block": {
		{"The chain makes no blocks: too many of its validators are away.", "链不再出块:离线的验证人太多。"},
		{"Wait, or ask its operators. On a testnet: %s testnet status", "请等待或询问运维。测试网:%s testnet status"}},
	"no_node": {
		{"No node to talk to is known.", "不知道该连哪个节点。"},
		{"Start a network with %s testnet up, or name a node with --node http://HOST:PORT.", "用 %s testnet up 启动网络,或用 --node http://HOST:PORT 指定。"}},
	"no_peers": {
		{"The settings name no peers to fetch the blocks from.", "设置里没有可以取区块的节点。"},
		{"Name them in config/config.toml: persistent_peers = \"ID@HOST:PORT,…\". A chain of one validator can only be restored from a copy.", "请写在 config/config.toml:persistent_peers = \"ID@HOST:PORT,…\"。只有一个验证人的链只能从备份恢复。"}},
	"no_secret_key": {
		{"The secret key of that account is not in this home, so nothing can be signed for it.", "这个账户的私钥不在本机,不能为它签名。"},
		{"Name a key of your own with --from; %s keys list shows them.", "请用 --from 指定自己的密钥;用 %s keys list 查看。"}},
	"no_sign_state": {
		{"data/priv_validator_state.json, which says what this validator has signed, is missing, damaged or an old copy. Without it the validator could sign a block twice.", "data/priv_validator_state.json 记着这个验证人签过什么,现在丢了、坏了,或是旧的。没有它,可能会重复签名。"},
		{"Put back the newest copy; never make an empty one. docs/operations.md says what to do when there is none.", "请放回最新的一份,千万不要新建空的。一份都没有时,见 docs/operations.md。"}},
	"no_such_key": {
		{"Nobody can have a key for that address, so money sent there would be lost.", "没有密钥能对应这个地址,钱转过去就没了。"},
		{"Ask for the address again, and copy it whole.", "请重新要地址,并完整复制。"}},
	"no_testnet": {
		{"There is no network in that folder.", "这个目录里没有网络。"},
		{"Make one with: %s testnet up", "新建一个:%s testnet up"}},
	"no_words": {
		{"That key has no words to show: it is one of the public dev keys, or was made without.", "这个密钥没有助记词可显示:它是公开的测试密钥,或不是用助记词生成的。"},
		{"%s keys list shows your own; make one with words: %s keys new NAME", "用 %s keys list 查看自己的;新建一个:%s keys new NAME"}},
	"node_failed": {
		{"A validator of the network ended by itself.", "网络里有一个验证人自己退出了。"},
		{"The message says why, its log says more; a network that cannot go on is made anew with: %s testnet up --reset", "原因见提示和日志;无法继续的网络可重建:%s testnet up --reset"}},
	"not_absent": {
		{"There is such a packet or account, so its absence cannot be proven.", "这个红包或账户存在,不能证明它不存在。"},
		{"Prove what there is: %s prove REF -o FILE", "请证明已有的内容:%s prove REF -o FILE"}},
	"not_empty": {
		{"The folder holds something else than a network, and is left alone.", "这个目录里有别的东西,不是网络,没有动它。"},
		{"Name another folder with --dir.", "请用 --dir 换个目录。"}},
	"not_recalled": {
		{"Nothing of that packet was recalled, so there is no recall to prove.", "这个红包没有被收回过,没有收回可证明。"},
		{"Prove that none was with: %s prove REF --absent -o FILE", "要证明没有收回:%s prove REF --absent -o FILE"}},
	"not_running": {
		{"The network is not running.", "网络没有在运行。"},
		{"Start it with: %s testnet up", "启动它:%s testnet up"}},
	"not_signed": {
		{"The transaction in the file is not signed yet.", "文件里的交易还没有签字。"},
		{"Sign it where the key is: %s tx sign FILE -o SIGNED", "请在有密钥的地方签字:%s tx sign FILE -o SIGNED"}},
	"nothing_recallable": {
		{"None of this account's packets can be recalled now by its signature alone.", "这个账户的红包里,现在没有单凭它签字就能收回的。"},
		{"%s list --open shows those still open; %s explain REF says who can recall one.", "用 %s list --open 看未结束的;用 %s explain REF 看谁能收回。"}},
	"outcome_unknown": {
		{"The transaction was handed out, and it is not known yet whether it happens: a node that refuses it has it all the same. It happens once or never, and that is certain soon.", "交易已交出,还不知道是否执行:节点就算拒绝,也已拿到它。它要么执行一次,要么永不执行,很快就有定论。"},
		{"Do not repeat the command: %s tx wait HASH settles it.", "不要重复操作:用 %s tx wait HASH 查结果。"}},
	"passphrase_needed": {
		{"The key is encrypted, and nobody is at a terminal to type the passphrase.", "密钥已加密,而没有人在终端前输入口令。"},
		{"Name a file whose first line it is: --passphrase-file FILE, or HONGBAO_PASSPHRASE_FILE.", "请指定第一行是口令的文件:--passphrase-file FILE,或 HONGBAO_PASSPHRASE_FILE。"}},
	"passphrases_differ": {
		{"The passphrase was typed twice, differently. No key was made.", "两次输入的口令不同,没有生成密钥。"},
		{"Try again.", "请再试。"}},
	"previous_pending": {
		{"The account's transaction before this one may still happen, and this one has to follow it.", "该账户上一笔交易还可能执行,这一笔必须排在它后面。"},
		{"%s tx wait HASH settles the earlier one; then try again.", "用 %s tx wait HASH 等上一笔有结果,再试。"}},
	"proof_invalid": {
		{"The proof does not hold: something in it was altered or does not fit.", "证明不成立:有内容被改过或对不上。"},
		{"Believe nothing of it. %s verify FILE says which check fails.", "不要采信。用 %s verify FILE 看哪一项不通过。"}},
	"proof_too_long": {
		{"The proof would be longer than a verifier reads.", "证明太长,超过验证程序能读的长度。"},
		{"Prove a statement in parts, with --since and --until; or read it without --trust.", "请用 --since 和 --until 分段证明对账单;或不带 --trust 查看。"}},
	"proof_untrusted": {
		{"The proof is sound, but not by validators that you believe.", "证明本身无误,但签名的不是你信任的验证人。"},
		{"Say whom you believe with --trust FILE; %s trust init makes one.", "用 --trust FILE 指定信任谁;用 %s trust init 生成。"}},
	"public_key": {
		{"That name is of a dev network, where everybody has its key. Money sent to it elsewhere would be anybody's.", "这个名字属于测试网,密钥人人都有;在别的链上给它的钱谁都能拿。"},
		{"Name a key of your own, or an address.", "请用自己的密钥名,或写地址。"}},
	"signed_twice": {
		{"Another process signs with this validator's key: two votes for one block were seen. The node stopped.", "另有程序在用这个验证人的密钥:看到了对同一个区块的两次投票。节点已停下。"},
		{"Find the other node and stop it; start this one again when it is gone for good.", "请找到另一个节点并停掉;确定它不再运行后,再启动这一个。"}},
	"stale_testnet": {
		{"The network kept in this folder was made by another version of hongbao, whose rules this one does not follow.", "这个目录里的网络是另一个版本的 hongbao 建的,规则不同。"},
		{"Forget it and make a new one: %s testnet up --reset; or keep it, and name another folder with --dir.", "删掉重建:%s testnet up --reset;或保留它,用 --dir 换个目录。"}},
	"unknown_party": {
		{"It is no address, and nobody is known by that name here.", "这不是地址,本机也不认识这个名字。"},
		{"Write an address (hb1…) or a name from: %s keys list", "请写地址(hb1…)或名字,名字见:%s keys list"}},
	"unknown_tx": {
		{"The transaction is in no block.", "这笔交易不在任何区块里。"},
		{"If it was just sent, %s tx wait HASH waits for it; compare the chain with --node.", "若刚发出,用 %s tx wait HASH 等它;请核对 --node 是否是同一条链。"}},
	"unreachable": {
		{"The node does not answer.", "连不上节点。"},
		{"Is the network up? %s testnet up starts one; --node names another. Where a tx hash was printed, %s tx wait HASH finds out later.", "网络启动了吗?用 %s testnet up 启动,或用 --node 换一个。若打印过交易哈希,以后用 %s tx wait HASH 查。"}},
	"unreadable": {
		{"A file cannot be read, or is not of the kind needed.", "文件读不出来,或不是需要的那种文件。"},
		{"See that the path is right and the file yours.", "请检查路径和权限。"}},
	"untrusted_answer": {
		{"What the node answers is sound, but it is too old, or of another chain than the trust file's.", "节点的回答本身无误,但太旧,或不是信任文件那条链的。"},
		{"Ask another node with --node; a chain that makes no blocks proves nothing new.", "请用 --node 换一个节点;不出块的链证明不了新的内容。"}},
	"usage": {
		{"The command was not written as it has to be. Nothing was done.", "命令写得不对,什么都没有做。"},
		{"Add --help to the command for how to write it.", "在命令后加 --help 查看写法。"}},
	"was_recalled": {
		{"Something of that packet was recalled, so it cannot be proven that nothing was.", "这个红包有过收回,不能证明没有收回。"},
		{"Prove the recall with: %s prove REF --recall -o FILE", "要证明收回:%s prove REF --recall -o FILE"}},
	"wrong_passphrase": {
		{"The passphrase does not open the key.", "口令打不开这个密钥。"},
		{"Try again. Whoever has the words can bring the key back under another name and passphrase: %s keys import NEW", "请再试。有助记词的人可以换个名字、用新口令导入:%s keys import NEW"}},
	"wrong_proof": {
		{"The proof is of something else than what was asked for.", "证明的不是要查的东西。"},
		{"Ask for a proof of this very packet: %s prove REF -o FILE", "请要这个红包的证明:%s prove REF -o FILE"}},
	"wrong_trust": {
		{"The trust file is of another chain.", "信任文件是另一条链的。"},
		{"Name the right one with --trust, or make it with: %s trust init", "用 --trust 指定正确的,或生成:%s trust init"}},
}
