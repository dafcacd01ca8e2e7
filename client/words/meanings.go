package words

import (
	"maps"
	"slices"
	"strings"
)

// Meaning is what an error code means: what happened, and what to do. Code
// and meaning are the manual; what one command says when it fails is shorter
// ([Refusal], [Hint]).
type Meaning struct {
	What, Do string
}

// Explained is the meaning of an error code, where program is how hongbao was
// called; false when there is no such code.
func Explained(l Lang, code, program string) (Meaning, bool) {
	p, ok := meanings[code]
	if !ok {
		p, ok = clientMeanings[code]
	}
	said := func(p Phrase) string { return strings.ReplaceAll(p.In(l), "%s", program) }
	return Meaning{What: said(p[0]), Do: said(p[1])}, ok
}

// ClientCodes are the codes that are the client's own, in alphabetical order.
func ClientCodes() []string {
	return slices.Sorted(maps.Keys(clientMeanings))
}

// meanings are those of the contract's codes: what happened, and what to do.
var meanings = map[string][2]Phrase{
	"malformed": {
		{"The bytes are no transaction, query or proof of this kind.", "这些字节不是这一类的交易、查询或证明。"},
		{"Make it anew with this program; if that made it, the file or the message was damaged on its way.", "请用本程序重新生成;若本来就是它生成的,则文件或消息在途中损坏了。"}},
	"not_canonical": {
		{"It says something that has one permitted spelling, and is spelt otherwise.", "内容有唯一的写法,而这里写得不一样。"},
		{"Write it the way the message shows; sign transactions with this program or by docs/format.md.", "请照提示的写法写;交易请用本程序或按 docs/format.md 签名。"}},
	"tx_too_large": {
		{"The transaction is larger than any may be.", "交易超过了允许的大小。"},
		{"Name fewer people, use shorter clauses, or send several packets.", "请减少人数、缩短条款,或分成几个红包。"}},
	"wrong_chain": {
		{"It is for another chain than the one this node serves: nothing crosses from one to the other.", "它属于另一条链,不是这个节点的链;两条链之间互不相通。"},
		{"Name a node of the right chain with --node; a home is set up for one chain by its client.json.", "用 --node 指定正确的节点;主目录的链记在 client.json 里。"}},
	"wrong_nonce": {
		{"An account's transactions are numbered, and this is not the next number: another was faster, or this one is done already.", "账户的交易按序编号,这一笔不是下一个号:有别的交易抢先,或它已经执行过了。"},
		{"Try again; nothing happened twice.", "请再试一次;没有任何事发生两次。"}},
	"tx_expired": {
		{"The transaction was not in a block before its valid_until. It has not happened, and never will.", "交易在有效期内没有进入区块。它没有发生,以后也不会发生。"},
		{"Do it again. If it keeps happening the network is overloaded, or this computer's clock is slow.", "请重新操作。若总是这样,则网络太忙,或本机时钟慢了。"}},
	"valid_until_too_far": {
		{"It would stay valid for longer than the ledger allows, so that its author could not be sure soon how it ended.", "有效期超过了账本允许的长度,作者无法很快确知结果。"},
		{"Sign a transaction for at most 10 minutes ahead, a consent for at most 30 days; see that this computer's clock is right.", "交易最多提前 10 分钟,签字最多 30 天;请核对本机时钟。"}},
	"bad_signature": {
		{"The signature is not the account's over these very bytes.", "签名不是该账户对这些字节的签名。"},
		{"Sign again with the right key; a signed transaction cannot be altered afterwards.", "请用正确的密钥重签;签好的交易不能再改。"}},
	"bucket_empty": {
		{"This account sent very many transactions at once, very long ones, or several while it was new.", "该账户短时间内发出的交易太多或太长;新账户起初能连发的笔数较少。"},
		{"Wait a few seconds: an account regains several transactions, or kilobytes, a second.", "请等几秒:可发的笔数每秒都会恢复。"}},
	"unknown_account": {
		{"This account has never received money, so it cannot do anything yet but claim its first share.", "该账户从没收过钱,目前只能领取第一份红包。"},
		{"Let somebody pay it at least ¥1, or claim a packet with it.", "请别人先付给它至少 1 元,或用它领一个红包。"}},
	"unsupported": {
		{"This version of the ledger or the program does not do that.", "这个版本的账本或程序还不支持。"},
		{"%s version says which one this is; CHANGELOG.md says what each can do.", "用 %s version 查看版本;各版本的功能见 CHANGELOG.md。"}},
	"already_claimed": {
		{"This account has its share of the packet: there is one for each account, whatever became of it.", "这个账户已经领过:每个账户只能领一份,退了也一样。"},
		{"See it with: %s show REF", "查看:%s show REF"}},
	"overdraft": {
		{"There is less money in the account than this takes. Money that is held is not there yet.", "余额不够。存着还没到账的钱不能用。"},
		{"See what there is with: %s balance", "查看余额:%s balance"}},
	"bad_amount": {
		{"It is no amount of money that can be moved: nothing, less than a fen, too much, or not a number.", "这不是可以转的金额:是零、不到一分、太大,或不是数字。"},
		{"Write 8.88, 8.88元 or 888fen.", "请写成 8.88、8.88元 或 888fen。"}},
	"bad_address": {
		{"It is no address or id: a character is wrong or missing, or nobody could hold its key.", "这不是有效的地址或编号:有字符写错或缺少,或没有人能持有它的密钥。"},
		{"Copy it whole; the last six characters are a checksum, and no money was moved.", "请完整复制;最后六位是校验码,钱没有动。"}},
	"below_minimum": {
		{"The first payment to a new account is too small: an account is kept for ever, so making one costs something.", "付给新账户的第一笔钱太少:账户永久保存,开户有门槛。"},
		{"Pay it at least ¥1, or send it a packet of any amount.", "至少付 1 元,或给它发一个任意金额的红包。"}},
	"self_payment": {
		{"Payer and payee are one account.", "付款人和收款人是同一个账户。"},
		{"Name somebody else with --to.", "请用 --to 指定别人。"}},
	"unknown_packet": {
		{"No packet of that id was ever sent on this chain.", "这条链上没有这个编号的红包。"},
		{"Compare the id; %s list shows your packets. A packet just sent takes a moment to be in a block.", "请核对编号;%s list 列出你的红包。刚发的要等片刻才进入区块。"}},
	"full": {
		{"Every share was taken before this got into a block.", "在它进入区块之前,每一份都被领走了。"},
		{"Nothing is lost; there is nothing left to claim or to recall in it.", "你没有损失;里面已没有可领或可收回的钱。"}},
	"expired": {
		{"The packet's time is over. What was unclaimed has gone back to the sender, or is about to.", "红包已过期。没领完的钱已退回或即将退回给发的人。"},
		{"Ask the sender for a new one.", "请发的人再发一个。"}},
	"recalled": {
		{"The sender's side took back what was unclaimed, under a clause signed when the packet was sent.", "没领的钱已按发出时签好的条款收回。"},
		{"%s history REF shows when, by whom and why. What was claimed before is not touched.", "用 %s history REF 看何时、由谁、为何收回。之前领到的不受影响。"}},
	"terms_mismatch": {
		{"The claim accepts other terms than the packet has.", "领取时同意的条款不是这个红包的条款。"},
		{"Read the terms again with: %s show REF, and claim anew.", "请用 %s show REF 重新看条款,再领一次。"}},
	"sender_claims": {
		{"A sender cannot claim a share of the own packet.", "发的人不能领自己的红包。"},
		{"Take money back with %s recall where the terms allow it; the rest comes back at expiry.", "条款允许时用 %s recall 收回;到期没领完的会自动退回。"}},
	"link_required": {
		{"The packet opens only with the secret in its link.", "这个红包要有链接里的密钥才能领。"},
		{"Claim with the whole link: %s claim 'hongbao:claim?…#k=…', or %s claim - to paste it.", "请用完整链接领取:%s claim 'hongbao:claim?…#k=…',或用 %s claim - 粘贴。"}},
	"bad_link": {
		{"The link's secret is not this packet's, or it was used for somebody else's claim.", "链接里的密钥不是这个红包的,或是为别人的领取签的。"},
		{"Copy the whole link again, with everything after the #.", "请重新完整复制链接,包括 # 后面的部分。"}},
	"not_named": {
		{"The packet is for the people it lists, and this account is not among them.", "红包只给名单上的人,这个账户不在其中。"},
		{"Claim with the account that the sender named, with --from.", "请用 --from 换成名单上的账户领取。"}},
	"window_closed": {
		{"The terms allowed that only up to a moment, and block time has passed it.", "条款只允许在某一刻之前这样做,区块时间已过。"},
		{"%s explain REF says what is still possible.", "用 %s explain REF 看现在还能做什么。"}},
	"window_not_open": {
		{"The terms allow that only from a moment on, which has not come.", "条款允许的时间还没到。"},
		{"Try again at the time that the message names.", "请到提示的时间再试。"}},
	"touched": {
		{"The clause holds only while nobody has claimed, and somebody has.", "条款只在没人领过时有效,而已经有人领了。"},
		{"Another clause may allow it (--clause N): see %s show REF. Else what is unclaimed comes back at expiry.", "也许另一条款允许(--clause N),见 %s show REF;否则没领的到期退回。"}},
	"signature_missing": {
		{"The condition needs the signature of somebody who has not signed.", "条件需要某人签字,而他没有签。"},
		{"Others who are named sign with %s consent REF -o FILE; hand their files over with --consent FILE.", "条款里的其他人用 %s consent REF -o FILE 签字,再用 --consent FILE 交上。"}},
	"unknown_clause": {
		{"The packet has no such clause in force, or it is not about this money: rest clauses are about what is unclaimed, share clauses about what is held.", "红包没有这条现行条款,或它管的不是这笔钱:rest 管没领的,share 管领了还没到账的。"},
		{"%s show REF lists the clauses, numbered from 1.", "用 %s show REF 查看条款,从 1 编号。"}},
	"reason_not_allowed": {
		{"The clause allows a recall for some reasons only, and this is none of them.", "条款只允许某些理由,而这不是其中之一。"},
		{"%s show REF says which; give one with --reason.", "用 %s show REF 看允许的理由,用 --reason 给出。"}},
	"unknown_reason": {
		{"There is no such reason.", "没有这个理由。"},
		{"--reason takes duplicate, wrong-amount, wrong-person, fraud, changed-mind or technical.", "--reason 可用 duplicate、wrong-amount、wrong-person、fraud、changed-mind、technical。"}},
	"bad_shares": {
		{"A packet has 1 to 100 shares.", "一个红包有 1 到 100 份。"},
		{"Choose another number of --shares, or send several packets.", "请换个 --shares,或分成几个红包。"}},
	"too_many_shares": {
		{"There are more shares than fen.", "份数比分还多。"},
		{"A share is at least one fen: fewer --shares, or more money.", "每份至少一分钱:请减少份数或增加金额。"}},
	"uneven_split": {
		{"The total does not divide into equal shares without a rest.", "总额不能平均分成这么多份。"},
		{"Say what each one gets with --each, choose another number of --shares, or draw lots with --lucky.", "用 --each 指定每份金额,换个 --shares,或用 --lucky 拼手气。"}},
	"bad_terms": {
		{"The terms contradict themselves or leave the limits: expiry, hold, number of clauses, a reason twice.", "条款自相矛盾或超出限制:期限、存的时间、条款数量或重复的理由。"},
		{"The message names the part; see the limits in docs/format.md.", "提示里写明了是哪一项;限制见 docs/format.md。"}},
	"bad_condition": {
		{"A condition or a length of time cannot be read.", "条件或时长写得不对。"},
		{"Write clauses like 'rest when all(sender,within(24h)) for DUPL' and times like 2m, 24h or 1h30m.", "条款写成 'rest when all(sender,within(24h)) for DUPL',时长写成 2m、24h 或 1h30m。"}},
	"condition_too_deep": {
		{"The condition has brackets within brackets beyond the limit.", "条件的括号嵌套太深。"},
		{"Say the same flatter; any, all and k of take several parts.", "请写得平一些;any、all 和 k of 可以有多个部分。"}},
	"condition_too_large": {
		{"The condition has more parts, names or characters than the limit.", "条件的部分、名单或字数超过限制。"},
		{"Shorten it, or send several packets.", "请缩短,或分成几个红包。"}},
	"condition_misplaced": {
		{"This condition cannot stand there: link and named belong to claim rules, keys to clauses, fixed dates and untouched not to share clauses.", "这个条件不能放在这里:link、named 只用于领取规则,签字只用于条款,固定日期和 untouched 不能用于 share 条款。"},
		{"docs/format.md has the table of what may stand where.", "什么条件能放哪里,见 docs/format.md 的表。"}},
	"duplicate_key": {
		{"One person is listed twice where each has to be another.", "同一个人列了两次,而这里必须各不相同。"},
		{"Name each person once; two names may stand for one address.", "每人只写一次;两个名字可能是同一个地址。"}},
	"too_many_keys": {
		{"The clauses name more different people than a packet may.", "条款里的人数超过一个红包的上限。"},
		{"Name at most 8 in all clauses together.", "所有条款合起来最多 8 人。"}},
	"unsigned_clause": {
		{"The clause would allow anybody at all to take money back, without a signature.", "这条款不要任何人签字,谁都能收回。"},
		{"Say who: all(sender,…), key(…) or k of (…).", "请写明由谁签字:all(sender,…)、key(…) 或 k of (…)。"}},
	"clause_never_true": {
		{"The clause promises a recall that can never happen.", "这条款承诺的收回永远不可能发生。"},
		{"Leave it out, or widen its times; a share clause needs --hold.", "请去掉它或放宽时间;share 条款需要 --hold。"}},
	"claim_never_true": {
		{"Nobody could ever claim before the packet expires.", "在过期之前谁也领不了。"},
		{"Let it open sooner (--opens) or expire later (--expires).", "请早点开始(--opens)或晚点过期(--expires)。"}},
	"clause_outlives_packet": {
		{"The clause names a time later than the packet's expiry or the share's settlement, when nothing is left to recall.", "条款写的时间晚于过期或到账,那时已没有可收回的。"},
		{"Shorten the clause, or lengthen --expires or --hold.", "请缩短条款,或延长 --expires 或 --hold。"}},
	"too_many_open_packets": {
		{"This account has as many open packets as one account may have.", "该账户未结束的红包数已到上限。"},
		{"Wait until some are full or expire, or recall some: %s list --open", "请等一些领完或过期,或收回一些:%s list --open"}},
	"unknown_share": {
		{"Nobody has claimed a share of that number.", "没有人领过这个编号的份额。"},
		{"%s show REF lists the shares, numbered from 1 in the order of claims.", "用 %s show REF 查看份额,按领取顺序从 1 编号。"}},
	"not_claimer": {
		{"Only who claimed a share can give it back or answer for it.", "只有领这一份的人才能退回或答复。"},
		{"Name your own account with --from, and your own share as rp1…/N.", "用 --from 指定自己的账户,用 rp1…/N 指定自己的那一份。"}},
	"already_returned": {
		{"The share was given back already; its money is the sender's again.", "这一份已经退回,钱已回到发的人。"},
		{"Nothing remains to be done.", "不用再做什么。"}},
	"first_claim_repeated": {
		{"A new account may have one claim in a block, and has one there.", "新账户在一个区块里只能领一次,而已经有一次了。"},
		{"Wait for its outcome, then try again.", "请等结果出来再试。"}},
	"first_claims_full": {
		{"As many new accounts claim in this block as one block may take.", "这个区块里新账户的领取数已满。"},
		{"Try again: the next block takes more.", "请再试:下一个区块还能接收。"}},
	"block_full": {
		{"The block holds as many transactions as it may.", "这个区块的交易已满。"},
		{"Try again: the next block takes more.", "请再试:下一个区块还能接收。"}},
	"bad_genesis": {
		{"The genesis file cannot start a chain.", "创世文件不能用来启动链。"},
		{"The message names the part; make one with %s node init or %s testnet up.", "提示里写明了是哪一项;用 %s node init 或 %s testnet up 生成。"}},
	"unknown_scene": {
		{"There is no scene of that name.", "没有这个名字的场景。"},
		{"%s scenes lists them.", "用 %s scenes 查看全部场景。"}},
	"scene_mismatch": {
		{"The terms differ from those that the scene's name stands for, so the name is refused.", "条款与场景名代表的不同,所以不能用这个名字。"},
		{"%s explain --scene NAME says what it stands for; terms of your own need no --scene.", "用 %s explain --scene NAME 看场景的条件;自定条件不要加 --scene。"}},
	"recall_budget_spent": {
		{"This account recalled from so many packets lately that it may send only packets without clauses for a while.", "该账户最近收回得太多,暂时只能发不能收回的红包。"},
		{"Send without --recall, or wait until the time that the message names. Recalls of packets already sent are not affected.", "请不带 --recall 发送,或等到提示的时间。已发红包的收回不受影响。"}},
	"share_settled": {
		{"The share is its claimer's own, beyond every clause.", "这一份已到账,任何条款都收不回。"},
		{"The sender may ask for it once: %s ask REF. The claimer decides.", "发的人可以请求退回一次:%s ask REF。由领的人决定。"}},
	"share_recalled": {
		{"The share was taken back while it was held.", "这一份还存着的时候已被收回。"},
		{"%s history REF shows by whom and why.", "用 %s history REF 看由谁、为何收回。"}},
	"share_not_settled": {
		{"The share is still held, so there is nothing to ask for yet.", "这一份还存着、没到账,谈不上请求退回。"},
		{"While it is held a clause may let it be recalled: %s recall REF; or wait until it settles.", "到账前可按条款收回:%s recall REF;或等它到账。"}},
	"bad_consent": {
		{"A consent's signature is for something else than this recall.", "有人的签字不是为这次收回签的。"},
		{"A consent is for one packet, clause, reason and share: ask for a new one, %s consent REF -o FILE.", "签字只对一个红包、一条条款、一个理由、一份有效,请重签:%s consent REF -o FILE。"}},
	"consent_expired": {
		{"A consent was valid up to a time that has passed.", "有人的签字已过有效期。"},
		{"Ask for a new one: %s consent REF -o FILE", "请重新签字:%s consent REF -o FILE"}},
	"consent_unlisted": {
		{"A consent is by somebody whom the clause does not name.", "签字的人不在条款里。"},
		{"Leave it out; %s show REF says who may sign.", "请去掉它;用 %s show REF 看谁可以签字。"}},
	"consent_repeated": {
		{"One person's consent is there twice, or beside the recall's own signature.", "同一个人签了两次,或与收回交易本身的签名重复。"},
		{"Hand each person's consent over once.", "每人的签字只交一次。"}},
	"not_sender": {
		{"Only the packet's sender can do that.", "只有发的人可以这样做。"},
		{"Name the sender's account with --from.", "请用 --from 指定发的人的账户。"}},
	"already_asked": {
		{"The sender has asked for this share, and may ask once only.", "这一份已经请求过,只能请求一次。"},
		{"%s show REF says what the claimer answered.", "用 %s show REF 看领的人怎么答复。"}},
	"no_open_ask": {
		{"Nobody asks for this share: the question was never put, was answered, or has lapsed.", "没有等待答复的请求:没有请求过,已答复,或已过期。"},
		{"The claimer may give the share back all the same: %s return REF", "领的人仍可以主动退回:%s return REF"}},
	"not_tighter": {
		{"Tightening may only take powers away: the new clauses allow something more, or nothing less.", "收紧只能减少权力:新条款多允许了什么,或没有减少什么。"},
		{"%s show REF lists the clauses in force.", "用 %s show REF 查看现行条款。"}},
	"too_many_tightenings": {
		{"A packet's clauses can be tightened four times.", "一个红包的条款最多收紧四次。"},
		{"Nothing more can be given away; at expiry the clauses end anyway.", "不能再收紧;到期后条款自然失效。"}},
	"too_many_windows": {
		{"The clauses or the claim rule name more points in time than a packet may.", "条款或领取规则里的时间点太多。"},
		{"Use fewer different times.", "请减少不同的时间点。"}},
	"share_reserved": {
		{"The lucky share's amount is drawn in the next block; until then the share stands still.", "拼手气的金额在下一个区块抽出,在那之前这一份不能动。"},
		{"Try again in a second.", "请一秒后再试。"}},
	"bad_beacon": {
		{"A block's random proof is missing or is not its proposer's. Validators refuse such a block; money is not touched.", "区块的随机证明缺失,或不是出块人的。验证人会拒绝这样的区块,钱不受影响。"},
		{"Only a validator's operator can meet this: the node's VRF key has to be the one in genesis.", "只有验证人的运维会遇到:节点的 VRF 密钥必须与创世文件一致。"}},
	"due_full": {
		{"This block leaves as much work for later blocks, draws, settlements and refunds, as one of them can do.", "这个区块留给以后区块的工作(抽取、到账、退款)已满。"},
		{"Try again: the next block takes more.", "请再试:下一个区块还能接收。"}},
	"not_dev_chain": {
		{"Only a dev chain's clock can be moved: its genesis says that it is one, and this chain's does not.", "只有测试链的时钟可以拨动:创世文件要写明是测试链,而这条链不是。"},
		{"Try it on a network of your own: %s testnet up", "请在自己的网络上试:%s testnet up"}},
	"bad_warp": {
		{"A dev chain's clock moves forward only, by whole seconds, and not without end.", "测试链的时钟只能往前拨,以整秒计,且有上限。"},
		{"Name a length of time, such as 24h.", "请写一段时间,例如 24h。"}},
	"no_room": {
		{"So many transactions are waiting that this account may not have another one among them just now. Nothing was changed.", "排队的交易太多,该账户此刻不能再排一笔。什么都没有改变。"},
		{"Try again in a second: every account gets its turn, and every block makes room.", "请过一秒再试:每个账户都会轮到,每个区块都会腾出位置。"}},
}
