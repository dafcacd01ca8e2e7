package cli

import (
	"strings"

	"golang.org/x/text/width"

	"hongbao/contract"
)

// narrow is text as a Chinese input method leaves it, in the letters that amounts,
// lists and clauses are written in: ￥８．８８ is ¥8.88, （ ， ） are ( , ).
func narrow(text string) string {
	return width.Narrow.String(strings.NewReplacer("。", ".", "、", ",").Replace(text))
}

// parseAmount reads an amount to give as people type it, 5块 and 5块钱 too. It is
// some money.
func parseAmount(text string) (contract.Amount, error) {
	a, err := readAmount(text)
	if err == nil && a == 0 {
		err = contract.Errorf(contract.CodeBadAmount, "amount %q: at least 0.01", text)
	}
	return a, err
}

func readAmount(text string) (contract.Amount, error) {
	t := strings.TrimSpace(narrow(text))
	for _, unit := range []string{"块钱", "块"} {
		if number, ok := strings.CutSuffix(t, unit); ok {
			return contract.ParseAmount(number + "元")
		}
	}
	return contract.ParseAmount(t)
}

// parseSeconds reads a length of time as people type it.
func parseSeconds(text string) (contract.Seconds, error) {
	return contract.ParseSeconds(narrow(text))
}

// listed are the elements of lists that a flag was given, with commas of either
// width between them.
func listed(given []string) (all []string) {
	for _, part := range given {
		for _, one := range strings.Split(narrow(part), ",") {
			all = append(all, strings.TrimSpace(one))
		}
	}
	return all
}
