package cli

import (
	"strings"
	"testing"
)

func TestInvocation(t *testing.T) {
	for _, row := range []struct{ desc, exe, arg0, want string }{
		{"first go run", "/tmp/go-build1434989226/b001/exe/hongbao", "/tmp/go-build1434989226/b001/exe/hongbao",
			"go run ."},
		{"go run again", "/h/.cache/go-build/cf/" + strings.Repeat("cf", 32) + "-d/hongbao", "x", "go run ."},
		{"from the path", "/usr/local/bin/hongbao", "hongbao", "hongbao"},
		{"by relative path", "/src/hongbao", "./hongbao", "./hongbao"},
		{"by absolute path", "/src/hongbao", "/src/hongbao", "hongbao"},
	} {
		if got := invocation(row.exe, row.arg0); got != row.want {
			t.Errorf("%s: %q, expected %q", row.desc, got, row.want)
		}
	}
}
