package cli

import (
	"slices"
	"testing"

	"hongbao/contract"
)

// What a Chinese input method makes of an amount is that amount; what is none
// stays none.
func TestAmountsAsAChineseInputMethodWritesThem(t *testing.T) {
	for text, want := range map[string]contract.Amount{
		"￥8.88": 888, "８．８８": 888, "￥８。８８": 888, "8。88元": 888, "８８８ｆｅｎ": 888,
		"５块": 500, "5块钱": 500, "8.8块": 880, "　5": 500, "¥5元": 500,
		"五块": 0, "5块5": 0, "块": 0, "5块元": 0, "５，０００": 0, "5fen块": 0, "－5": 0,
	} {
		if got, err := parseAmount(text); got != want || (err == nil) != (want > 0) {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
}

func TestListsAndClausesAsAChineseInputMethodWritesThem(t *testing.T) {
	if got := listed([]string{"bob，carol、 dave", "erin"}); !slices.Equal(got, []string{"bob", "carol",
		"dave", "erin"}) {
		t.Errorf("%q", got)
	}
	find := func(string) (contract.Address, error) { return contract.Address{1}, nil }
	wide, err := clauses([]string{"ｒest when all（sender，within（２ｍ），key（＠bob））"}, find)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := clauses([]string{"rest when all(sender,within(2m),key(@bob))"}, find)
	if err != nil || wide[0].String() != plain[0].String() {
		t.Errorf("%s, want %s; %v", wide[0].String(), plain[0].String(), err)
	}
	if got, err := parseSeconds("２４ｈ"); got != 24*3600 || err != nil {
		t.Errorf("24h: %s, %v", got, err)
	}
}
