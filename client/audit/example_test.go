package audit_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"time"

	"hongbao/client/audit"
	"hongbao/client/words"
)

const vectors = "../../testdata/vectors/"

// readVector is a file of the examples; they show no error handling.
func readVector(name string) []byte {
	b, err := os.ReadFile(vectors + name)
	if err != nil {
		panic(err)
	}
	return b
}

func readTrust() *audit.Trust {
	trust, err := audit.ReadTrust(bytes.NewReader(readVector("trust.json")))
	if err != nil {
		panic(err)
	}
	return trust
}

// A trust file names a chain's validators. One with a field that it does not
// know is refused.
func ExampleReadTrust() {
	file := readVector("trust.json")
	trust, err := audit.ReadTrust(bytes.NewReader(file))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(trust.ChainID, len(trust.Validators), trust.Dev)

	_, err = audit.ReadTrust(strings.NewReader(strings.Replace(string(file), `"dev"`, `"Dev"`, 1)))
	fmt.Println(err)

	// Output:
	// hongbao-test-1-01000000000000000000 4 true
	// trust file: a field is unknown, missing, repeated, misspelt or out of order
}

// Alice's packet: five people took a share each before she recalled the rest.
func ExampleVerify() {
	proof, trust := readVector("recalled.proof"), readTrust()

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

// A program acts on values: the facts, and of a check its code.
func ExampleVerify_facts() {
	report := audit.Verify(readVector("share-held.proof"), readTrust(), audit.Options{})
	share := report.Facts.Share
	fmt.Println(report.Verdict, share.State, *share.Amount, "final:", share.Final)

	report = audit.Verify(readVector("bad-signature.proof"), readTrust(), audit.Options{})
	failed := report.Failed()
	fmt.Println(report.Verdict, failed.Name, failed.Found.Code, failed.Found.Values["n"])

	// Output:
	// valid held 1.00 final: false
	// invalid signatures tx 1
}

// A sound proof is worth nothing to a reader who does not know its chain, or who
// wants a younger state.
func ExampleVerify_untrusted() {
	proof := readVector("recalled.proof")
	report := audit.Verify(proof, nil, audit.Options{})
	fmt.Println(report.Verdict, report.Failed().Name)

	newYear := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	report = audit.Verify(proof, readTrust(), audit.Options{At: newYear})
	fmt.Println(report.Verdict, report.Failed().Name)

	// Output:
	// untrusted trust
	// untrusted age
}

// Two people were shown two histories: in one bob has the first share, in the
// other carol. Laid beside each other, the proofs name who signed both.
func ExampleCompare() {
	pair := readVector("pair-share-changed.contradiction")
	bobs, carols := halves(pair)

	c := audit.Compare(bobs, carols, readTrust(), audit.Options{})
	fmt.Println(c.First.Verdict, c.Second.Verdict, c.Contradiction.Found.Code)
	fmt.Println(words.Contradiction(words.English, c.Contradiction))
	fmt.Printf("%d validators, %d of %d in power, signed both\n",
		len(c.Contradiction.Signers), c.Contradiction.Power, c.Contradiction.Total)
	fmt.Println("one file of both:", bytes.Equal(c.Encode(), pair))

	// Output:
	// valid valid packet_changed
	// its share 1 after block 2 cannot become that after block 3
	// 4 validators, 40 of 40 in power, signed both
	// one file of both: true
}

// The file of a contradiction is judged like a proof, by a trust file alone.
func ExampleVerifyContradiction() {
	for _, name := range []string{"pair-two-blocks", "pair-life", "bad-pair-vote"} {
		c := audit.VerifyContradiction(readVector(name+".contradiction"), readTrust(), audit.Options{})
		fmt.Println(name, c.Verdict, c.Contradiction != nil)
	}

	// Output:
	// pair-two-blocks valid true
	// pair-life invalid false
	// bad-pair-vote invalid false
}

// halves are the two proofs in the file of a contradiction.
func halves(pair []byte) (first, second []byte) {
	first, second, _ = bytes.Cut(pair, []byte(",\n\"second\": "))
	_, first, _ = bytes.Cut(first, []byte("\"first\": "))
	return append(bytes.Clone(first), '\n'), bytes.TrimSuffix(second, []byte("}\n"))
}
