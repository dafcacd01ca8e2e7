package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"hongbao/client/audit"
)

// A file that is longer than any proof is an invalid one, and not unreadable.
func TestVerifyOfAFileTooLong(t *testing.T) {
	u := &user{t, t.TempDir()}
	path := filepath.Join(t.TempDir(), "long.proof")
	if err := os.WriteFile(path, bytes.Repeat([]byte(`"",`), audit.MaxFileBytes/3+1), 0o600); err != nil {
		t.Fatal(err)
	}
	r := u.run("verify", path)
	if r.exit != ExitInvalid || r.Result["verdict"] != "invalid" || r.Result["trust"] != nil {
		t.Errorf("exit %d: %s", r.exit, r.stdout)
	}
}

// Two proofs that cannot both be true end with 7 and name who signed both; the
// file of both is checked as a proof is.
func TestVerifyAgainst(t *testing.T) {
	const vectors = "../../testdata/vectors/"
	u, dir := &user{t, t.TempDir()}, t.TempDir()
	split := func(name string) (first, second string) {
		b, err := os.ReadFile(vectors + name + ".contradiction")
		if err != nil {
			t.Fatal(err)
		}
		one, other, _ := bytes.Cut(b, []byte(",\n\"second\": "))
		_, one, _ = bytes.Cut(one, []byte("\"first\": "))
		other = bytes.TrimSuffix(other, []byte("\n}\n"))
		first, second = filepath.Join(dir, name+".1"), filepath.Join(dir, name+".2")
		for path, b := range map[string][]byte{first: one, second: other} {
			if err := os.WriteFile(path, append(b, '\n'), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return first, second
	}
	trust, out := vectors+"trust.json", filepath.Join(dir, "both")
	first, second := split("pair-share-changed")
	r := u.run("verify", second, "--against", first, "--trust", trust, "-o", out)
	found, _ := r.Result["contradiction"].(map[string]any)
	if r.exit != ExitInvalid || r.Result["verdict"] != "contradiction" || found["code"] != "packet_changed" ||
		len(found["signers"].([]any)) != 4 || found["more_than_third"] != true {
		t.Errorf("exit %d: %s", r.exit, r.stdout)
	}
	if r := u.run("verify", out, "--trust", trust); r.exit != ExitOK || r.Result["verdict"] != "contradiction" {
		t.Errorf("the file: exit %d: %s", r.exit, r.stdout)
	}
	if r := u.run("verify", out); r.exit != ExitUntrusted {
		t.Errorf("without trust: exit %d: %s", r.exit, r.stdout)
	}
	first, second = split("pair-life")
	r = u.run("verify", first, "--against", second, "--trust", trust)
	if r.exit != ExitOK || r.Result["verdict"] != "consistent" || r.Result["contradiction"] != nil {
		t.Errorf("exit %d: %s", r.exit, r.stdout)
	}
	pair := vectors + "pair-life.contradiction"
	if r := u.run("verify", pair, "--trust", trust); r.exit != ExitInvalid || r.Result["verdict"] != "invalid" {
		t.Errorf("a pair that agrees: exit %d: %s", r.exit, r.stdout)
	}
	if r := u.run("verify", first, "--out", out, "--trust", trust); r.exit != ExitUsage {
		t.Errorf("--out alone: exit %d: %s", r.exit, r.stdout)
	}
}
