package words

import (
	"strings"
	"testing"
	"unicode"

	"hongbao/contract"
)

func TestEveryContractCodeIsExplainedInBothLanguages(t *testing.T) {
	codes := map[string]bool{}
	for _, c := range contract.Codes() {
		codes[c.String()] = true
		if _, ok := meanings[c.String()]; !ok {
			t.Errorf("%s (%d) has no explanation", c, c)
		}
	}
	for code := range meanings {
		if !codes[code] {
			t.Errorf("%s is explained, and no code of the contract", code)
		}
	}
	for code := range clientMeanings {
		if codes[code] {
			t.Errorf("%s is the contract's code, and explained as the client's", code)
		}
	}
}

func TestExplanationsSayWhatHappenedAndWhatToDo(t *testing.T) {
	for _, table := range []map[string][2]phrase{meanings, clientMeanings} {
		for code := range table {
			for _, l := range []Lang{English, Chinese} {
				m, ok := Explained(l, code, "go run .")
				for _, text := range []string{m.What, m.Do} {
					if !ok || text == "" || strings.Contains(text, "%s") {
						t.Errorf("%s, language %d: %q", code, l, text)
					}
					if chinese := strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }); chinese != (l == Chinese) && !strings.Contains(text, "8.88元") {
						t.Errorf("%s: is not in its language: %q", code, text)
					}
				}
			}
		}
	}
	if _, ok := Explained(English, "bored", "hongbao"); ok {
		t.Error("a code that does not exist is explained")
	}
}
