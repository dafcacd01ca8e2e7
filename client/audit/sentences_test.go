package audit_test

import (
	"hongbao/client/audit"
	"hongbao/client/words"
)

func lang(zh bool) words.Lang {
	if zh {
		return words.Chinese
	}
	return words.English
}

func init() {
	audit.Say = func(f *audit.Finding) string { return words.Finding(words.English, f) }
	audit.CheckLine = func(zh bool, c audit.Check) string { return words.Check(lang(zh), c) }
	audit.Statement = func(zh bool, r audit.Report) string { return words.Statement(lang(zh), &r) }
}
