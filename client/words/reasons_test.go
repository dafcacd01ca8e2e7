package words

import (
	"strings"
	"testing"
	"unicode"

	"hongbao/contract"
)

// chinese reports whether text is, and says something.
func chinese(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

func TestEveryWordOfTheLedgerIsSaidInBothLanguages(t *testing.T) {
	say := func(what func(Lang, string) string, word string, columns int) {
		t.Helper()
		if en := what(English, word); en != word {
			t.Errorf("%s is called %q in English: scripts have always read it", word, en)
		}
		if zh := what(Chinese, word); !chinese(zh) || Width(zh) > columns {
			t.Errorf("%s is called %q in Chinese; want at most %d columns", word, zh, columns)
		}
	}
	for k := contract.KindGenesis; k.String() != "unknown"; k++ {
		say(Kind, k.String(), 7)
	}
	for _, m := range []contract.Message{&contract.Pay{}, &contract.Send{}, &contract.Claim{}, &contract.Recall{},
		&contract.Return{},
		&contract.Ask{}, &contract.Answer{}, &contract.Tighten{}, &contract.Warp{}, &contract.Change{}} {
		say(Kind, contract.KindName(m), 7)
	}
	for _, s := range []contract.Status{contract.Open, contract.Full, contract.Recalled, contract.Expired} {
		say(func(l Lang, _ string) string { return Status(l, s) }, s.String(), 8)
	}
	for _, s := range []contract.ShareState{contract.Reserved, contract.Held, contract.Settled, contract.ShareRecalled,
		contract.Returned} {
		say(func(l Lang, _ string) string { return State(l, s) }, s.String(), 8)
	}
}
