package demo

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"hongbao/client/audit"
)

// verdict is the result of `hongbao verify`.
type verdict struct {
	Verdict string `json:"verdict"`
	Checks  []struct {
		Name   string `json:"name"`
		OK     bool   `json:"ok"`
		Detail string `json:"detail"`
	} `json:"checks"`
}

// audit proves the packet's life, verifies it offline, and forges it.
func (s *story) audit() error {
	if err := s.run(nil, "", "prove", s.packet.String(), "-o", s.proofFile()); err != nil {
		return err
	}
	proof, err := os.ReadFile(s.proofFile())
	if err != nil {
		return err
	}
	s.say("The auditor, offline, with trust.json and packet.proof (%.0f kB)",
		"审计的人不联网,只凭trust.json和packet.proof(%.0f kB)", float64(len(proof))/1000)
	good, exit, err := s.verify(proof)
	if err != nil {
		return err
	}
	for _, c := range good.Checks {
		if err := s.check(c.OK, "%s: %s", c.Name, c.Detail); err != nil {
			return err
		}
	}
	held := s.marked("✓ ")
	if err := s.check(len(held) == len(good.Checks), "each check is said: %q", held); err != nil {
		return err
	}
	for _, said := range held {
		s.say("  ✓ %s", "  ✓ %s", said)
	}
	if err := s.check(exit == exitOK && good.Verdict == string(audit.Valid) && len(good.Checks) > 0,
		"the proof is valid: %+v, exit %d", good, exit); err != nil {
		return err
	}

	forged, err := flipLeafByte(proof)
	if err != nil {
		return err
	}
	bad, exit, err := s.verify(forged)
	if err != nil {
		return err
	}
	why := s.Lang.Say("refused", "不成立")
	if failed := s.marked("✗ "); len(failed) > 0 {
		why, _, _ = strings.Cut(failed[0], ":")
	}
	s.say("  ✗ same file, one byte changed: %s (exit %d, as it should)\n",
		"  ✗ 同一个文件改一个字节:%s(退出码%d,理应如此)\n", why, exit)
	return s.check(exit == exitInvalid && bad.Verdict == string(audit.Invalid),
		"the forged proof is refused: %+v, exit %d", bad, exit)
}

// verify runs the verifier on a proof, with the trust file alone: the node it
// is given does not exist.
func (s *story) verify(proof []byte) (v verdict, exit int, err error) {
	path := filepath.Join(s.home, "under.proof")
	if err := os.WriteFile(path, proof, 0o600); err != nil {
		return v, 0, err
	}
	r := s.exec("", "verify", path, "--trust", s.network.TrustFile(), "--node", "http://127.0.0.1:1")
	return v, r.exit, r.result(&v)
}

// marked is what the verifier says, to a person, about the checks of the proof that
// it verified last: those that held (✓) or did not (✗).
func (s *story) marked(mark string) (said []string) {
	r := s.exec("", "verify", filepath.Join(s.home, "under.proof"), "--trust", s.network.TrustFile(), "--node",
		"http://127.0.0.1:1", "--output", "text")
	for _, line := range strings.Split(r.out, "\n") {
		if text, ok := strings.CutPrefix(line, mark); ok {
			said = append(said, text)
		}
	}
	return said
}

// flipLeafByte changes one byte of the leaf that a proof shows, in the first half
// of its ICS-23 proof: as by one who wants the packet to say something else.
func flipLeafByte(proof []byte) ([]byte, error) {
	mark := []byte(`"leaf_proof":`)
	at := bytes.Index(proof, mark)
	if at < 0 {
		return nil, fmt.Errorf("demo: the proof shows no leaf")
	}
	start := at + len(mark) + bytes.IndexByte(proof[at+len(mark):], '"') + 1
	end := start + bytes.IndexByte(proof[start:], '"')
	forged := bytes.Clone(proof)
	at = start + (end-start)/4
	if forged[at] == 'A' {
		forged[at] = 'B'
	} else {
		forged[at] = 'A'
	}
	return forged, nil
}
