package words

import (
	"fmt"
	"strings"

	"hongbao/contract"
)

// reasonPhrases follow "as" and stand in "以…为由"; by the reason's word.
var reasonPhrases = map[string]Phrase{
	"duplicate":    {"a duplicate", "重复发送"},
	"wrong-amount": {"a wrong amount", "金额错误"},
	"wrong-person": {"a payment to the wrong person", "发错人"},
	"fraud":        {"fraud", "诈骗"},
	"changed-mind": {"a change of mind", "改变主意"},
	"technical":    {"a technical fault", "技术故障"},
}

// Reason is why money goes back, in a person's words.
func Reason(l Lang, r contract.Reason) string {
	word := r.Word()
	if p, ok := reasonPhrases[word]; ok && l == Chinese {
		return p.zh
	}
	return strings.ReplaceAll(word, "-", " ")
}

// states are what becomes of a share, and of the question about one.
var states = map[string]Phrase{
	"reserved": {"reserved", "已占位"},
	"held":     {"held", "待到账"},
	"settled":  {"settled", "已到账"},
	"recalled": {"recalled", "已收回"},
	"returned": {"returned", "已退还"},
	"open":     {"open", "待答复"},
	"accepted": {"accepted", "已同意"},
	"refused":  {"refused", "未同意"},
	"lapsed":   {"lapsed", "未答复"},
}

// statuses are what becomes of a packet.
var statuses = map[string]Phrase{
	"open":     {"open", "可领"},
	"full":     {"full", "派完"},
	"recalled": {"recalled", "已收回"},
	"expired":  {"expired", "已过期"},
}

// kinds are what an entry records, and what a transaction does.
var kinds = map[string]Phrase{
	"genesis": {"genesis", "创世"},
	"pay":     {"pay", "付款"},
	"send":    {"send", "发出"},
	"claim":   {"claim", "领取"},
	"recall":  {"recall", "收回"},
	"return":  {"return", "退还"},
	"refund":  {"refund", "到期"},
	"settle":  {"settle", "到账"},
	"ask":     {"ask", "请求"},
	"answer":  {"answer", "答复"},
	"refuse":  {"refuse", "不退"},
	"lapse":   {"lapse", "没答复"},
	"tighten": {"tighten", "收紧"},
	"reserve": {"reserve", "占位"},
	"draw":    {"draw", "抽出"},
	"warp":    {"warp", "拨钟"},
	"change":  {"change", "换届"},
	"unknown": {"unknown", "未知"},
}

// phases are when in a block an entry is made.
var phases = map[string]Phrase{
	"genesis": {"genesis", "创世"},
	"draw":    {"draw", "抽取"},
	"due":     {"due", "到期"},
	"tx":      {"tx", "交易"},
	"unknown": {"unknown", "未知"},
}

// places are where money is, beside the accounts and packets that are named by
// their ids.
var places = map[string]Phrase{"genesis": {"genesis", "创世"}}

// parts are what of a proof a finding is about.
var parts = map[string]Phrase{
	"absence": {"absence", "不存在"},
	"claim":   {"claim", "领取"},
	"clock":   {"clock", "时钟"},
	"header":  {"header", "区块头"},
	"leaf":    {"leaf", "叶子"},
	"listing": {"listing", "名单项"},
	"recall":  {"recall", "收回"},
	"replay":  {"replay", "重放"},
	"send":    {"send", "发出"},
	"sums":    {"sums", "合计"},
}

// proofs are what a proof says of its subject, by its kind.
var proofs = map[string]Phrase{
	"packet":       {"packet %s", "红包%s的一生"},
	"share":        {"share %s", "%s这一份归谁"},
	"large-share":  {"share %s", "%s这一份归谁"},
	"large-packet": {"packet %s", "红包%s的一生"},
	"unclaimed":    {"unclaimed %s", "名单上的%s还没有人领"},
	"recall":       {"recall %s", "%s的收回"},
	"unrecalled":   {"unrecalled %s", "红包%s没有收回过"},
	"account":      {"account %s", "账户%s的账目"},
	"absent":       {"absent %s", "从来没有%s"},
	"supply":       {"where all money is", "所有的钱在哪里"},
}

var verdicts = map[string]Phrase{
	"valid":     {"valid", "成立"},
	"invalid":   {"invalid", "不成立"},
	"untrusted": {"untrusted", "无从取信"},
}

// Verdict is what a proof is worth, in one word.
func Verdict(l Lang, verdict string) string { return verdicts[verdict].In(l) }

// Status is the status of a packet, in one word.
func Status(l Lang, s contract.Status) string { return statuses[s.String()].In(l) }

// Kind is the kind of an entry or of a transaction, in one word.
func Kind(l Lang, kind string) string { return kinds[kind].In(l) }

// Proof is what a proof of a kind is about.
func Proof(l Lang, kind, subject string) string {
	return strings.ReplaceAll(proofs[kind].In(l), "%s", subject)
}

// State is the state of a share or of the question about it, in one word.
func State(l Lang, state fmt.Stringer) string { return states[state.String()].In(l) }
