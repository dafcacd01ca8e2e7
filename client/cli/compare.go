package cli

import (
	"fmt"
	"io"
	"strings"

	"hongbao/client/audit"
	"hongbao/client/words"
)

// comparedJSON is the result of verify --against, and of verify on the file of a
// contradiction.
type comparedJSON struct {
	Verdict       string             `json:"verdict"`       // contradiction, consistent, invalid or untrusted
	Detail        string             `json:"detail"`        // why, in English
	Files         []comparedFileJSON `json:"files"`         // by height
	Contradiction *contradictionJSON `json:"contradiction"` // null unless they contradict each other
	Out           string             `json:"out,omitempty"` // the file that both were written to
	Trust         *trustedBy         `json:"trust"`         // null without one
}

type comparedFileJSON struct {
	Verdict   audit.Verdict `json:"verdict"`
	Statement string        `json:"statement"`
}

type contradictionJSON struct {
	Code          string       `json:"code"`            // stable: docs/format.md, section 12
	Heights       [2]int64     `json:"heights"`         // of the two headers
	Signers       []signerJSON `json:"signers"`         // of both headers
	Power         int64        `json:"power"`           // of the signers
	Total         int64        `json:"total"`           // of all validators
	MoreThanThird bool         `json:"more_than_third"` // power is more than 1/3 of total
}

type signerJSON struct {
	Name    string `json:"name"`    // as the trust file has it
	Address string `json:"address"` // of the consensus key, in hex
	Power   int64  `json:"power"`   // of its vote
}

// compare judges two proofs, and whether both can be true.
func (s proofs) compare(path, against, out string, opts audit.Options) error {
	trust, err := s.trust()
	if err != nil {
		return err
	}
	first, err := s.readProof(path)
	if err != nil {
		return err
	}
	second, err := s.readProof(against)
	if err != nil {
		return err
	}
	c := audit.Compare(first, second, trust, opts)
	result := s.comparedJSON(&c, trust)
	if c.Contradiction != nil && out != "" {
		if err := writeShared(out, c.Encode()); err != nil {
			return err
		}
		result.Out = out
	}
	s.Result(result, func(w io.Writer) { s.showComparison(w, &c, trust) })
	if result.Out != "" {
		s.hint(s.Say("anyone can check it offline: %s verify %s --trust TRUST",
			"任何人都可以离线核对:%s verify %s --trust TRUST", s.Program(), out))
	}
	if c.Contradiction != nil {
		return exitStatus(ExitInvalid)
	}
	return s.verdictStatus(c.Verdict, trust)
}

// verifyContradiction judges the file of a contradiction: valid if it shows one.
func (s proofs) verifyContradiction(file []byte, trust *audit.Trust, opts audit.Options) error {
	c := audit.VerifyContradiction(file, trust, opts)
	s.Result(s.comparedJSON(&c, trust), func(w io.Writer) { s.showComparison(w, &c, trust) })
	return s.verdictStatus(c.Verdict, trust)
}

func (s proofs) comparedJSON(c *audit.Comparison, t *audit.Trust) comparedJSON {
	out := comparedJSON{Verdict: string(c.Verdict), Trust: s.trustedBy(t), Files: []comparedFileJSON{}}
	for _, r := range []*audit.Report{&c.First, &c.Second} {
		if len(r.Checks) > 0 {
			out.Files = append(out.Files, comparedFileJSON{r.Verdict, s.stated(r)})
		}
	}
	switch {
	case c.Failed != nil:
		out.Detail = words.Finding(words.English, c.Failed)
	case c.Contradiction != nil:
		out.Verdict, out.Detail = "contradiction", words.Contradiction(words.English, c.Contradiction)
		out.Contradiction = newContradictionJSON(c.Contradiction)
	case c.Verdict == audit.Valid:
		out.Verdict, out.Detail = "consistent", "both proofs may be true"
	}
	return out
}

func newContradictionJSON(c *audit.Contradiction) *contradictionJSON {
	out := &contradictionJSON{
		Code: c.Found.Code, Heights: c.Heights, Signers: []signerJSON{}, Power: c.Power, Total: c.Total,
		MoreThanThird: c.Power > c.Total/3,
	}
	for _, x := range c.Signers {
		out.Signers = append(out.Signers, signerJSON{x.Name, fmt.Sprintf("%X", x.Address), x.Power})
	}
	return out
}

// showComparison is a comparison for people: what each proof states, and who
// signed both where they cannot both be true.
func (s proofs) showComparison(w io.Writer, c *audit.Comparison, t *audit.Trust) {
	for _, r := range []*audit.Report{&c.First, &c.Second} {
		if len(r.Checks) > 0 {
			fmt.Fprintf(w, "%s: %s\n", words.Verdict(s.Lang(), string(r.Verdict)), inSeconds(s.stated(r)))
		}
	}
	if by := s.trustedBy(t); by != nil {
		fmt.Fprintln(w, s.Say("by trust file %s: chain %s, genesis %s", "依据信任文件%s:链%s,创世哈希%s",
			by.File, by.ChainID, by.GenesisHash))
	}
	x := c.Contradiction
	switch {
	case c.Failed != nil:
		fmt.Fprintln(w, s.Say("✗ no contradiction: %s", "✗ 不是矛盾:%s", words.Finding(s.Lang(), c.Failed)))
	case x != nil:
		fmt.Fprintln(w, s.Say("CONTRADICTION: %s", "矛盾:%s", words.Contradiction(s.Lang(), x)))
		fmt.Fprintln(w, s.Say("these validators signed both, %d of %d in power:",
			"两个区块头都有签名的验证人,投票权 %d/%d:", x.Power, x.Total))
		for _, v := range x.Signers {
			fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("  %X  %d  %s", v.Address, v.Power, v.Name), " "))
		}
	case c.Verdict == audit.Valid:
		fmt.Fprintln(w, s.Say("consistent: both proofs may be true", "相符:两份证明可以同时为真"))
	}
}
