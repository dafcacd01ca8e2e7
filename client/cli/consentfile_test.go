package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A consent file that cannot be read stops the recall before anything is
// asked.
func TestADamagedConsentIsNamed(t *testing.T) {
	u := &user{t, t.TempDir()}
	path := filepath.Join(u.home, "bob.json")
	if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := u.refused(ExitUsage, "bad_consent_file", "recall", "rp1", "--consent", path)
	if !strings.Contains(r.Error.Message, path) {
		t.Errorf("%s", r.Error.Message)
	}
	if _, err := readConsents([]string{filepath.Join(u.home, "none")}); err == nil {
		t.Error("a file that is not there was read")
	}
}
