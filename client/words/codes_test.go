package words

import (
	"slices"
	"strings"
	"testing"

	"hongbao/contract"
)

// Every code of the contract has one row, and no row is of another's number; each
// text is there in both languages.
func TestEveryCodeIsExplainedInBothLanguages(t *testing.T) {
	var numbers []contract.Code
	names := map[string]bool{}
	for _, c := range Codes() {
		if names[c.Name] {
			t.Errorf("%s has two rows", c.Name)
		}
		names[c.Name] = true
		if c.Number != 0 {
			numbers = append(numbers, c.Number)
		}
		for _, l := range []Lang{English, Chinese} {
			what, do := c.Meaning(l, "go run .")
			texts := []string{what, do}
			if c.Number != 0 {
				texts = append(texts, c.Said.In(l))
			}
			for _, text := range texts {
				if text == "" || strings.Contains(text, "%s") || !strings.Contains(text, "8.88元") &&
					chinese(text) != (l == Chinese) {
					t.Errorf("%s, language %d: %q", c.Name, l, text)
				}
			}
		}
		if len(c.Exits) == 0 || !slices.IsSorted(c.Exits) {
			t.Errorf("%s: exits %v", c.Name, c.Exits)
		}
	}
	if !slices.Equal(numbers, contract.Codes()) {
		t.Errorf("rows of %v\nthe contract has %v", numbers, contract.Codes())
	}
	if c := CodeNamed("bored"); c.Name != "" || c.Said.In(Chinese) != "" {
		t.Errorf("a code that does not exist is explained: %+v", c)
	}
}

func TestAdviceIsHalfASentence(t *testing.T) {
	for _, tt := range []struct{ code, en, zh string }{
		{"link_required",
			"claim with the whole link: go run . claim 'hongbao:claim?…', or go run . claim - to paste it",
			"请用完整链接领取:go run . claim 'hongbao:claim?…',或用 go run . claim - 粘贴"},
		{"unknown_scene", "go run . scenes lists them", "用 go run . scenes 查看全部场景"},
		{"overdraft", "", ""},
		{"claim_never_true", "let it open sooner (--opens) or expire later (--expires)",
			"请早点开始(--opens)或晚点过期(--expires)"},
	} {
		c := CodeNamed(tt.code)
		if en, zh := c.Advice(English, "go run ."), c.Advice(Chinese, "go run ."); en != tt.en || zh != tt.zh {
			t.Errorf("%s: %q, %q", tt.code, en, zh)
		}
	}
}
