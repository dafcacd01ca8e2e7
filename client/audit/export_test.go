package audit

// Sentences are made in client/words, which imports this package: the tests of
// this package reach it through these, which sentences_test.go sets.
var (
	Say       func(*Finding) string          // in English
	CheckLine func(zh bool, c Check) string  // as verify prints it
	Statement func(zh bool, r Report) string // of a report
)
