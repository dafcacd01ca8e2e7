package audit_test

import (
	"fmt"
	"os"
	"strings"

	"hongbao/client/audit"
	"hongbao/client/words"
)

func ExampleVerify() {
	trustFile, _ := os.Open("../../testdata/vectors/trust.json")
	trust, err := audit.ReadTrust(trustFile)
	if err != nil {
		fmt.Println(err)
		return
	}
	proof, _ := os.ReadFile("../../testdata/vectors/recalled.proof")

	report := audit.Verify(proof, trust, audit.Options{})
	for _, check := range report.Checks {
		fmt.Println(words.Check(words.English, check))
	}
	for _, sentence := range strings.Split(words.Statement(words.English, &report), ". ")[1:] {
		fmt.Println(sentence)
	}

	proof[4000] ^= 1
	report = audit.Verify(proof, trust, audit.Options{})
	fmt.Println(report.Verdict)

	// Output:
	// ✓ header 5 signed by 4 of 4 (> 2/3)
	// ✓ packet leaf under its AppHash
	// ✓ send, 5 claims and 1 recall signed
	// ✓ 7 entries fold to the head
	// ✓ 555.00 claimed + 333.00 recalled = 888.00
	// ✓ replay of the signed transactions gives the same leaf
	// 5 shares were claimed, ¥555.00 in all, and beyond every clause
	// ¥333.00 was recalled at 2026-02-17T21:00:09Z as wrong-amount (AM09)
	// This is a dev chain: play money.
	// invalid
}
