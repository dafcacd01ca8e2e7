package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"

	"hongbao/client/audit"
	"hongbao/client/rpc"
	"hongbao/client/words"
	"hongbao/contract"
)

// What the commands that read a proof file offline have in common.

var (
	beginsProof = []byte("{\n  \"format\": \"hongbao-proof/")
	namesTrust  = []byte(`"hongbao-trust/`) // near its beginning: white space is free there
)

// readProof reads the file at path, - being stdin, or of one that is too long as much as the
// verdict needs to say so. Another kind of file is a mistake that people make.
func (s look) readProof(path string) ([]byte, error) {
	proof, err := s.readInput(path, audit.MaxContradictionBytes+1)
	if err != nil {
		return nil, Fail(ExitUsage, "unreadable", "%v", err)
	}
	if !bytes.HasPrefix(proof, beginsProof) && bytes.Contains(proof[:min(100, len(proof))], namesTrust) {
		return nil, Fail(ExitUsage, "usage", "%s: is a trust file, not a proof", path).
			WithHint("the proof first: %s verify PROOF --trust %s", "先写证明:%s verify PROOF --trust %s",
				Invocation(), path)
	}
	return proof, nil
}

// isProofFile reports whether path is that of a proof file.
func isProofFile(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	start, err := readUpTo(path, int64(len(beginsProof)))
	return err == nil && bytes.Equal(start, beginsProof)
}

// trustedBy is the trust file that a verdict goes by, or null.
type trustedBy struct {
	File        string        `json:"file"`
	ChainID     string        `json:"chain_id"`
	GenesisHash contract.Hash `json:"genesis_hash"`
}

func (s look) trustedBy(t *audit.Trust) *trustedBy {
	if t == nil {
		return nil
	}
	path, _ := s.trustPath() // which was read before
	return &trustedBy{path, t.ChainID, t.GenesisHash}
}

// showVerdict is a report for people: each check, the verdict, by which trust
// file, and who the addresses in it are.
func (s look) showVerdict(w io.Writer, r *audit.Report, t *audit.Trust) {
	for _, c := range r.Checks {
		fmt.Fprintln(w, inSeconds(words.Check(s.Lang(), c)))
	}
	if by := s.trustedBy(t); by != nil {
		fmt.Fprintln(w, s.Say("by trust file %s: chain %s, genesis %s", "依据信任文件%s:链%s,创世哈希%s",
			by.File, by.ChainID,
			by.GenesisHash))
	}
	fmt.Fprintf(w, "%s: %s\n", words.Verdict(s.Lang(), string(r.Verdict)), inSeconds(s.stated(r)))
	s.showNames(w, s.stated(r), t)
}

var addresses = regexp.MustCompile(`hb1[0-9a-z]{50,}`)

// showNames says whose the addresses in a text are, as far as this home's
// contacts and keys or the trust file's arbiters tell. A name is the reader's own:
// no proof says it.
func (s look) showNames(w io.Writer, text string, t *audit.Trust) {
	seen := map[string]bool{}
	for _, spelt := range addresses.FindAllString(text, -1) {
		a, err := contract.ParseAddress(spelt)
		if err != nil || seen[spelt] {
			continue
		}
		seen[spelt] = true
		if own := s.Keys().NameOf(a); own != "" {
			fmt.Fprintln(w, s.Say("  %s is %s here", "  %s在这里叫%s", a.Short(), own))
		} else if t == nil {
			continue
		} else if arbiter := arbitersOf(t)(a); arbiter != "" {
			fmt.Fprintln(w, s.Say("  %s is the arbiter %s of the trust file", "  %s是信任文件里的仲裁人%s",
				a.Short(), arbiter))
		}
	}
}

// provenStatement is the statement that a proof file holds.
func (s look) provenStatement(path string) (out statementJSON, err error) {
	trust, err := s.trust()
	if err != nil {
		return out, err
	}
	proof, err := s.readProof(path)
	if err != nil {
		return out, err
	}
	r := audit.Verify(proof, trust, audit.Options{})
	switch {
	case r.Verdict == audit.Invalid:
		return out, Fail(ExitInvalid, "proof_invalid", "%s: %s", path, words.Statement(words.English, &r))
	case r.Verdict == audit.Untrusted:
		return out, Fail(ExitUntrusted, "proof_untrusted", "%s: %s", path, words.Statement(words.English, &r)).
			WithHint("say whom you believe with --trust FILE", "用 --trust FILE 指明相信谁")
	case r.Facts.Account == nil:
		return out, usagef("%s: is a proof of kind %s, not of a statement: hongbao verify says what it proves",
			path, r.Facts.Kind)
	}
	f := r.Facts.Account
	out = statementJSON{
		Address: f.Address, Opening: fen(f.Opening + f.OpeningHeld), Closing: fen(f.Closing + f.ClosingHeld),
		Entries: []movementJSON{},
		AsOf:    at(rpc.At{Height: r.Proven.Height, Time: r.Proven.Time}), Verified: true,
	}
	for _, e := range r.Proven.Entries {
		m, _ := newMovement(e, f.Address)
		out.Entries = append(out.Entries, m)
	}
	return out, nil
}
