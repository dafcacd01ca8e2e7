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
