package words

import (
	"fmt"
	"strings"
	"time"

	"hongbao/client/audit"
	"hongbao/contract"
)

// Check is a line of a verification: "✓ 7 entries fold to the head".
func Check(l Lang, c audit.Check) string {
	if c.OK {
		return "✓ " + Finding(l, c.Found)
	}
	return "✗ " + l.pick("", "这一项不成立:") + Finding(l, c.Found)
}

// Contradiction is why two proofs cannot both be true.
func Contradiction(l Lang, c *audit.Contradiction) string { return Finding(l, c.Found) }

// Finding is what a check found.
func Finding(l Lang, f *audit.Finding) string {
	text := ""
	for _, table := range []map[string]Phrase{findings, contradictions, faults} {
		if p, ok := table[f.Code]; ok {
			text = fill(l, p.In(l), f.Values)
		}
	}
	if compose := composed[f.Code]; compose != nil {
		text = compose(l, f.Values)
	}
	said := ""
	switch cause := f.Cause.(type) {
	case nil:
		return text
	case *audit.Finding:
		said = Finding(l, cause)
	default:
		said, _ = Detail(l, cause.Error())
	}
	if text == "" {
		return said
	}
	return text + l.pick(": ", ":") + said
}

// fill puts values into a text: {height} is a value, {chain%q} the same by a
// format of its own, and {count|entry folds|entries fold} a number of something.
func fill(l Lang, text string, values map[string]any) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		slot, after, _ := strings.Cut(rest, "}")
		b.WriteString(slotText(l, slot, values))
		text = after
	}
}

func slotText(l Lang, slot string, values map[string]any) string {
	if parts := strings.Split(slot, "|"); len(parts) == 3 {
		return Count(values[parts[0]].(int), parts[1], parts[2])
	}
	name, verb, found := strings.Cut(slot, "%")
	if found {
		return fmt.Sprintf("%"+verb, values[name])
	}
	if t, ok := values[name].(time.Time); ok {
		return t.Format(time.RFC3339Nano)
	}
	text := fmt.Sprint(values[name])
	if word, ok := slotWords[name][text]; ok {
		return word.In(l)
	}
	if name == "what" {
		text, _ = Detail(l, text)
	}
	return text
}

// slotWords are the words that a value of a finding is one of, by its name. Their
// English is the word itself.
var slotWords = map[string]map[string]Phrase{
	"message": kinds,
	"kind":    kinds,
	"phase":   phases,
	"part":    parts,
	"from":    places,
	"to":      places,
}

// composed are the findings that are more than a text with values in it.
var composed = map[string]func(Lang, map[string]any) string{
	"signatures": saySigned,
	"sums":       saySums,
	"sums_total": func(l Lang, v map[string]any) string {
		return sumsText(l, v) +
			fill(l, l.pick(", but {sent} were sent under terms of {terms}", ",但发出 {sent},条款写的是 {terms}"), v)
	},
	"sums_back": func(l Lang, v map[string]any) string {
		return l.Say("%[1]v came back of %[2]v %[3]s", "%[3]s %[2]v,退回的却有 %[1]v",
			v["back"], v["claimed"], claimedWord(v).In(l))
	},
}

// signedMessages are the names of what can be signed, in the order they are told.
var signedMessages = []struct{ name, one, many, zh string }{
	{"send", "send", "sends", "发红包"},
	{"pay", "payment", "payments", "付款"},
	{"claim", "claim", "claims", "领取"},
	{"recall", "recall", "recalls", "收回"},
	{"return", "return", "returns", "退还"},
	{"ask", "ask", "asks", "请求"},
	{"answer", "answer", "answers", "答复"},
	{"tighten", "tightening", "tightenings", "收紧"},
}

// saySigned is "send, 5 claims and 1 recall signed". A single send is the
// packet's own and needs no number.
func saySigned(l Lang, values map[string]any) string {
	counts, list := values["messages"].(map[string]int), []string{}
	for _, m := range signedMessages {
		switch n := counts[m.name]; {
		case n == 1 && m.name == "send":
			list = append(list, l.pick(m.one, m.zh))
		case n > 0:
			list = append(list, l.Say("%[1]s", "%[2]d 笔%[3]s", Count(n, m.one, m.many), n, m.zh))
		}
	}
	return (&teller{l: l}).list(list) + l.pick(" signed", "都有签名")
}

// saySums is "555.00 claimed + 333.00 recalled = 888.00".
func saySums(l Lang, v map[string]any) string {
	text := sumsText(l, v)
	back := amounts(l, v, []named{
		{"taken_back", Phrase{"of it recalled from hold", "其中到账前被收回"}},
		{"returned", Phrase{"of it returned", "其中由领的人退还"}},
	})
	if len(back) > 0 {
		text += l.Say(" (%s)", "(%s)", strings.Join(back, l.pick(" and ", "、")))
	}
	return text
}

func sumsText(l Lang, v map[string]any) string {
	parts := amounts(l, v, []named{
		{"claimed", claimedWord(v)},
		{"recalled", Phrase{"recalled", "收回"}},
		{"refunded", Phrase{"refunded", "到期退回"}},
		{"escrow", Phrase{"in escrow", "未领"}},
	})
	return strings.Join(parts, " + ") + fmt.Sprintf(" = %v", v["total"])
}

func claimedWord(v map[string]any) Phrase {
	if v["drawn"] == true {
		return Phrase{"drawn", "已抽"}
	}
	return Phrase{"claimed", "已领"}
}

// named is a value and the word for it.
type named struct {
	value string
	word  Phrase
}

// amounts are those of the values that are something: "1.00 claimed".
func amounts(l Lang, v map[string]any, all []named) (list []string) {
	for _, n := range all {
		if a := v[n.value].(contract.Amount); a > 0 {
			list = append(list, l.Say("%[1]s %[2]s", "%[2]s %[1]s", a, n.word.In(l)))
		}
	}
	return list
}
