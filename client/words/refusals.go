package words

import (
	"strings"

	"hongbao/contract"
)

// phrase is a text in both languages.
type phrase struct{ en, zh string }

func (p phrase) in(l Lang) string { return l.pick(p.en, p.zh) }

// refusals are what people hear where the contract's own sentence is not how
// anybody speaks. Codes without one speak for themselves.
var refusals = map[contract.Code]phrase{
	contract.CodeAlreadyClaimed:   {"You already have your share of this one.", "你已经领过了"},
	contract.CodeOverdraft:        {"Not enough money.", "余额不足"},
	contract.CodeUnknownPacket:    {"There is no such packet.", "没有这个红包"},
	contract.CodeFull:             {"Too late: every share is taken.", "手慢了,红包派完了"},
	contract.CodeExpired:          {"Too late: it has expired.", "红包已过期"},
	contract.CodeRecalled:         {"Too late: the sender took it back.", "红包已被发的人收回"},
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
}

// Refusal is what a code means to a person; empty where the contract's
// sentence says it well enough.
func Refusal(l Lang, c contract.Code) string {
	return refusals[c].in(l)
}

// hints say what to do about a code.
var hints = map[string]phrase{
	"uneven_split":        {"say what each one gets with --each, choose another number of --shares, or draw them with --lucky", "用 --each 指定每份金额,换个份数,或者用 --lucky 拼手气"},
	"link_required":       {"claim with the whole link: %s claim 'hongbao:claim?…#k=…', or %s claim - to paste it", "请用完整链接领取"},
	"bad_link":            {"copy the whole link, with everything after the #", "请完整复制链接,包括 # 后面的部分"},
	"wrong_nonce":         {"another command used this account at the same moment: try again", "同一账户同时有别的操作,请再试一次"},
	"bucket_empty":        {"wait a few seconds", "请等几秒"},
	"too_many_shares":     {"a share is at least one fen", "每份至少一分钱"},
	"unknown_reason":      {"--reason takes one of: duplicate, wrong-amount, wrong-person, fraud, changed-mind, technical", ""},
	"reason_not_allowed":  {"%s show REF says which reasons the clause allows", "用 %s show REF 看允许的理由"},
	"signature_missing":   {"others who are named sign with: %s consent REF -o FILE", "条款里的其他人用 %s consent REF -o FILE 签字"},
	"share_settled":       {"the sender may still ask for it: %s ask REF", "发的人还可以请求退回:%s ask REF"},
	"share_not_settled":   {"while it is held, a clause may let it be recalled: %s recall REF", "未到账前,可按条款收回:%s recall REF"},
	"share_reserved":      {"it is drawn in the next block: try again in a moment", "下一个区块就抽出来,请稍后再试"},
	"not_tighter":         {"%s show REF lists the clauses in force", "用 %s show REF 查看现行条款"},
	"consent_expired":     {"ask for a new one: %s consent REF -o FILE", "请重新签字:%s consent REF -o FILE"},
	"unknown_scene":       {"%s scenes lists them", "用 %s scenes 查看全部场景"},
	"unknown_clause":      {"%s show REF lists the clauses, numbered from 1", "用 %s show REF 查看条款"},
	"scene_mismatch":      {"%s explain --scene NAME says what it stands for; terms of your own need no --scene", "用 %s explain --scene NAME 看场景的条件;自定条件不要加 --scene"},
	"recall_budget_spent": {"send it without --recall", "可以先发不带收回条件的"},
	"bad_consent":         {"a consent is for one packet, clause, reason and share: ask for a new one with %s consent REF", "签字只对一个红包、一条条款、一个理由有效,请用 %s consent REF 重签"},
	"consent_unlisted":    {"%s show REF says who may sign", "用 %s show REF 看谁可以签字"},
	"no_open_ask":         {"%s show REF says how it stands", "用 %s show REF 查看"},
}

// Hint is what to do about an error code, where program is how hongbao was
// called; empty where nothing helps.
func Hint(l Lang, code, program string) string {
	p := hints[code]
	text := l.pick(p.en, p.zh)
	if text == "" {
		text = p.en
	}
	return strings.ReplaceAll(text, "%s", program)
}
