package words

import (
	"strings"

	"hongbao/contract"
)

// refusals are what people hear before the contract's own sentence, which says
// what exactly it is about, in English and with addresses.
var refusals = map[contract.Code]Phrase{
	contract.CodeMalformed:        {"This cannot be read.", "读不懂这笔交易"},
	contract.CodeNotCanonical:     {"This is not spelled as it must be.", "这笔交易的写法不规范"},
	contract.CodeTxTooLarge:       {"This is too much for one transaction.", "一笔交易装不下"},
	contract.CodeWrongChain:       {"That is for another network.", "这是另一条链上的"},
	contract.CodeWrongNonce:       {"This account did something else meanwhile.", "这个账户刚有过别的操作"},
	contract.CodeTxExpired:        {"Too late: what was signed is no longer valid.", "签好的交易已过有效期"},
	contract.CodeValidUntilTooFar: {"It would be valid for too long.", "有效期太长了"},
	contract.CodeBadSignature:     {"The signature does not fit.", "签名不对"},
	contract.CodeBucketEmpty:      {"That was too much at once.", "操作太频繁了"},
	contract.CodeNoRoom:           {"The network is too busy just now.", "网络太忙,这笔交易暂时排不上"},
	contract.CodeUnsupported:      {"That is not possible yet.", "还不支持这样做"},
	contract.CodeBadAmount:        {"Not a valid amount.", "金额不对"},
	contract.CodeBadAddress:       {"Not a valid address.", "地址不对"},
	contract.CodeBelowMinimum:     {"Too little to open an account with.", "金额太小,开不了新账户"},
	contract.CodeSelfPayment:      {"You cannot pay yourself.", "不能付给自己"},
	contract.CodeTermsMismatch:    {"Its terms are others than the ones you agreed to.", "红包的条件和你同意的不一样"},
	contract.CodeUnknownClause:    {"No clause allows that.", "没有这样的条款"},
	contract.CodeReasonNotAllowed: {"That is no reason to take it back.", "不能以这个理由收回"},
	contract.CodeUnknownReason:    {"There is no such reason.", "没有这个理由"},
	contract.CodeBadShares:        {"Not a valid number of shares.", "份数不对"},
	contract.CodeTooManyShares:    {"Too many shares.", "份数太多了"},
	contract.CodeUnevenSplit:      {"It cannot be shared out evenly.", "分不平均"},
	contract.CodeBadTerms:         {"These terms do not fit together.", "这些条件不能这样写"},
	contract.CodeClaimNeverTrue:   {"Nobody could ever claim it.", "这样写,谁也领不了"},
	contract.CodeTooManyOpen:      {"You have too many packets open.", "没领完的红包太多了"},
	contract.CodeUnknownShare:     {"There is no such share.", "没有这一份"},

	contract.CodeBadCondition:       {"This condition cannot be read.", "看不懂这个条件"},
	contract.CodeConditionTooDeep:   {"This condition is too nested.", "条件套得太深了"},
	contract.CodeConditionTooLarge:  {"This condition is too long.", "条件太长了"},
	contract.CodeConditionMisplaced: {"That cannot be asked here.", "这个条件不能用在这里"},
	contract.CodeDuplicateKey:       {"Somebody is listed twice.", "同一个人列了两次"},
	contract.CodeTooManyKeys:        {"Too many people have a say in this.", "条款里的人太多了"},
	contract.CodeUnsignedClause:     {"Anybody could take it back, without a signature.", "这样写,不用签字就能收回"},
	contract.CodeClauseNeverTrue:    {"Nobody could ever take anything back under this clause.", "按这条条款,谁也收不回"},
	contract.CodeClauseOutlives:     {"By then there is nothing left to take back.", "到那时已经没有可收回的钱了"},

	contract.CodeFirstClaimRepeated: {"Your first claim is already on its way.", "你的第一次领取已经在路上了"},
	contract.CodeFirstClaimsFull:    {"Too many newcomers at this moment.", "此刻新人太多了"},
	contract.CodeBlockFull:          {"Too much is going on at this moment.", "此刻操作的人太多了"},
	contract.CodeDueFull:            {"Too much is going on at this moment.", "此刻操作的人太多了"},
	contract.CodeBadGenesis:         {"The network's beginning is not by the rules.", "创世文件不合规则"},

	contract.CodeAlreadyClaimed:   {"You already have your share of this one.", "你已经领过了"},
	contract.CodeOverdraft:        {"Not enough money.", "余额不足"},
	contract.CodeUnknownPacket:    {"There is no such packet.", "没有这个红包"},
	contract.CodeFull:             {"Too late: every share is taken.", "手慢了,红包派完了"},
	contract.CodeExpired:          {"Too late: it has expired.", "红包已过期"},
	contract.CodeRecalled:         {"Too late: it was recalled.", "红包已被收回"},
	contract.CodeSenderClaims:     {"It is your own packet.", "不能领自己发的红包"},
	contract.CodeLinkRequired:     {"This one opens with its link only.", "要有链接才能领"},
	contract.CodeBadLink:          {"This link does not open it.", "链接不对"},
	contract.CodeNotNamed:         {"It is for somebody else.", "这个红包不是给你的"},
	contract.CodeWindowClosed:     {"Too late for that.", "时间已过"},
	contract.CodeWindowNotOpen:    {"Not yet.", "还没到时间"},
	contract.CodeTouched:          {"Too late: somebody has claimed.", "已经有人领了,收不回了"},
	contract.CodeSignatureMissing: {"You alone cannot do that.", "只有你签字还不行"},
	contract.CodeNotClaimer:       {"That share is somebody else's.", "这一份不是你的"},
	contract.CodeAlreadyReturned:  {"It was given back already.", "已经退回过了"},
	contract.CodeUnknownAccount:   {"This account has never received money.", "这个账户还没收过钱"},

	contract.CodeUnknownScene:       {"There is no scene of that name.", "没有这个场景"},
	contract.CodeSceneMismatch:      {"That is not what this scene stands for.", "这不是该场景约定的条件"},
	contract.CodeRecallBudget:       {"You took back too often: for now you can only send what cannot be taken back.", "收回得太频繁了,暂时只能发不能收回的红包"},
	contract.CodeShareSettled:       {"Too late: the money has arrived.", "钱已到账,收不回了"},
	contract.CodeShareRecalled:      {"It was taken back already.", "这一份已经被收回了"},
	contract.CodeShareNotSettled:    {"Not yet: the money has not arrived.", "钱还没到账"},
	contract.CodeShareReserved:      {"Not yet: nobody knows how much it is.", "这一份还没抽出金额"},
	contract.CodeBadBeacon:          {"That is no draw by the rules.", "这不是按规则抽出来的"},
	contract.CodeBadConsent:         {"Somebody's signature is not for this.", "有人的签字不是为这件事签的"},
	contract.CodeConsentExpired:     {"Somebody's signature has expired.", "有人的签字已过期"},
	contract.CodeConsentUnlisted:    {"Somebody signed who has no say in this.", "签字的人里,有人没资格签"},
	contract.CodeConsentRepeated:    {"Somebody signed twice.", "同一个人签了两次"},
	contract.CodeNotSender:          {"Only the sender can do that.", "只有发的人可以这样做"},
	contract.CodeAlreadyAsked:       {"You asked for it once, and once is all.", "已经请求过一次了,只能请求一次"},
	contract.CodeNoOpenAsk:          {"Nobody is waiting for your answer.", "没有等你答复的请求"},
	contract.CodeNotTighter:         {"Terms can only get stricter.", "条件只能收紧,不能放宽"},
	contract.CodeTooManyTightenings: {"It cannot be tightened any further.", "收紧的次数用完了"},
	contract.CodeTooManyWindows:     {"There are too many times in these terms.", "条件里的时间太多了"},

	contract.CodeNotDevChain: {"This chain is not for play.", "这不是测试链"},
	contract.CodeBadWarp:     {"Time cannot be moved that way.", "时间不能这样拨"},
}

// Refusal is what a code means to a person; empty for no code of the contract's.
func Refusal(l Lang, c contract.Code) string {
	return refusals[c].In(l)
}

// failures are what the client's own codes mean in Chinese, where that is shorter
// than their explanation. In English their messages say it; they follow in
// parentheses.
var failures = map[string]string{
	"clock_off":           "时钟差得太多",
	"consensus_failed":    "节点执行不了区块,停下了",
	"data_damaged":        "节点的数据坏了",
	"disk_full":           "磁盘满了",
	"genesis_changed":     "创世文件改过了",
	"no_peers":            "没有可以取区块的节点",
	"no_sign_state":       "签名记录不可用",
	"signed_twice":        "另有程序在用这个验证人的密钥",
	"usage":               "命令写得不对",
	"confirmation_needed": "需要确认,但没有人在终端前回答",
	"declined":            "没有同意,什么都没做",
	"interrupted":         "已中断",
	"unreachable":         "连不上节点",
	"no_node":             "没有可用的节点",
	"outcome_unknown":     "还不知道结果",
	"previous_pending":    "上一笔交易还没有结果",
	"unknown_tx":          "没有这笔交易",
	"unknown_party":       "不认识这个人",
	"no_secret_key":       "没有这个账户的私钥",
	"name_taken":          "这个名字已经有了",
	"bad_name":            "名字写得不对",
	"bad_words":           "助记词不对",
	"no_words":            "公用的账户没有自己的助记词",
	"no_such_key":         "这个地址没有私钥,钱转过去就没了",
	"passphrase_needed":   "要口令,但没有人在终端前输入",
	"passphrases_differ":  "两次输入的口令不一样,什么都没做",
	"wrong_passphrase":    "口令不对",
	"bad_passphrase":      "这个口令不能用",
	"key_in_use":          "这个密钥正在用",
	"bad_home":            "主目录里有文件不能用",
	"bad_tx_file":         "这不是交易文件",
	"not_signed":          "还没有人签字",
	"bad_ref":             "看不懂指的是哪个红包",
	"ambiguous_ref":       "不止一个红包对得上",
	"no_last":             "这里还没有用过红包",
	"nothing_recallable":  "没有可以收回的红包",
	"bad_link_text":       "链接不完整",
	"memo_mismatch":       "留言和红包对不上",
	"unreadable":          "文件读不了",
	"cannot_write":        "文件写不了",
	"bad_consent_file":    "这不是签字文件",
	"consent_mismatch":    "这份签字不是为这件事签的",
	"bad_trust_file":      "这不是信任文件",
	"wrong_trust":         "信任文件是另一条链的",
	"wrong_proof":         "这份证明证的不是它",
	"not_recalled":        "没有被收回过",
	"was_recalled":        "有过收回",
	"not_absent":          "它是存在的",
	"bad_answer":          "节点的回答不对",
	"untrusted_answer":    "节点的回答还不能信",
	"no_new_block":        "节点没有新区块",
	"proof_invalid":       "证明不成立",
	"proof_untrusted":     "证明还不能信",
}

// Failure is what an error code of the client's own means to a person; empty in
// English, where its message says it.
func Failure(l Lang, code string) string {
	explained := strings.TrimSuffix(clientMeanings[code][0].zh, "。")
	return l.pick("", orElse(failures[code], explained))
}

// hints say what to do about a code.
var hints = map[string]Phrase{
	"uneven_split":        {"say what each one gets with --each, choose another number of --shares, or draw them with --lucky", "用 --each 指定每份金额,换个份数,或者用 --lucky 拼手气"},
	"link_required":       {"claim with the whole link: %s claim 'hongbao:claim?…#k=…', or %s claim - to paste it", "请用完整链接领取"},
	"bad_link":            {"copy the whole link, with everything after the #", "请完整复制链接,包括 # 后面的部分"},
	"wrong_nonce":         {"another command used this account at the same moment: try again", "同一账户同时有别的操作,请再试一次"},
	"first_claims_full":   {"try again in a moment", "请稍后再试"},
	"bucket_empty":        {"wait a few seconds", "请等几秒"},
	"no_room":             {"try again in a moment", "请稍后再试"},
	"too_many_shares":     {"a share is at least one fen", "每份至少一分钱"},
	"unknown_reason":      {"--reason takes one of: duplicate, wrong-amount, wrong-person, fraud, changed-mind, technical", "--reason 可选:duplicate、wrong-amount、wrong-person、fraud、changed-mind、technical"},
	"reason_not_allowed":  {"%s show REF says which reasons the clause allows", "用 %s show REF 看允许的理由"},
	"signature_missing":   {"others who are named sign with: %s consent REF -o FILE", "条款里的其他人用 %s consent REF -o FILE 签字"},
	"share_settled":       {"the sender may still ask for it: %s ask REF", "发的人还可以请求退回:%s ask REF"},
	"share_not_settled":   {"while it is held, a clause may let it be recalled: %s recall REF", "未到账前,可按条款收回:%s recall REF"},
	"share_reserved":      {"it is drawn in the next block: try again in a moment", "下一个区块就抽出来,请稍后再试"},
	"not_tighter":         {"%s explain REF says what those in force allow", "用 %s explain REF 看现行条款允许什么"},
	"consent_expired":     {"ask for a new one: %s consent REF -o FILE", "请重新签字:%s consent REF -o FILE"},
	"unknown_scene":       {"%s scenes lists them", "用 %s scenes 查看全部场景"},
	"unknown_clause":      {"%s explain REF says who can take back what, if anybody can", "用 %s explain REF 看谁能收回什么,或者谁也收不回"},
	"scene_mismatch":      {"%s explain --scene NAME says what it stands for; terms of your own need no --scene", "用 %s explain --scene NAME 看场景的条件;自定条件不要加 --scene"},
	"recall_budget_spent": {"send it without --recall", "可以先发不带收回条件的"},
	"bad_consent":         {"a consent is for one packet, clause, reason and share: ask for a new one with %s consent REF", "签字只对一个红包、一条条款、一个理由有效,请用 %s consent REF 重签"},
	"consent_unlisted":    {"%s show REF says who may sign", "用 %s show REF 看谁可以签字"},
	"no_open_ask":         {"%s show REF says how it stands", "用 %s show REF 查看"},
}

// Hint is what to do about an error code, where program is how hongbao was
// called; empty where nothing helps.
func Hint(l Lang, code, program string) string {
	return strings.ReplaceAll(hints[code].In(l), "%s", program)
}
