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
