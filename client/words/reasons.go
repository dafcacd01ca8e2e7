package words

import (
	"strings"

	"hongbao/contract"
)

// reasonPhrases follow "as" and stand in "以…为由"; by the reason's word.
var reasonPhrases = map[string]phrase{
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
var states = map[string]phrase{
	"reserved": {"reserved", "已占位"},
	"held":     {"held", "待到账"},
	"settled":  {"settled", "已到账"},
	"recalled": {"recalled", "已撤回"},
	"returned": {"returned", "已退回"},
	"open":     {"open", "待答复"},
	"accepted": {"accepted", "已同意"},
	"refused":  {"refused", "未同意"},
	"lapsed":   {"lapsed", "未答复"},
}

var verdicts = map[string]phrase{
	"valid":     {"valid", "成立"},
	"invalid":   {"invalid", "不成立"},
	"untrusted": {"untrusted", "无从取信"},
}

// Verdict is what a proof is worth, in one word.
func Verdict(l Lang, verdict string) string { return verdicts[verdict].in(l) }

// State is the state of a share or of the question about it, in one word.
func State(l Lang, state string) string {
	return states[state].in(l)
}
