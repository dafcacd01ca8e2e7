package node

import (
	"os"
	"path/filepath"
	"regexp"
)

// Invocation is how the running program was called, for the commands that it
// prints: "go run ." or "hongbao" (the name of the executable, with the path
// if it was called by one).
func Invocation() string {
	exe, err := os.Executable()
	if err != nil {
		exe = os.Args[0]
	}
	return invocation(exe, os.Args[0])
}

// goRun matches where the go command puts what `go run` runs: a temporary
// folder at the first run of a source, the build cache afterwards.
var goRun = regexp.MustCompile(`(/go-build[0-9]+/b[0-9]+/exe/|/[0-9a-f]{2}/[0-9a-f]{64}-d/)[^/]+$`)

func invocation(exe, arg0 string) string {
	switch {
	case goRun.MatchString(filepath.ToSlash(exe)):
		return "go run ."
	case arg0 == "" || filepath.IsAbs(arg0):
		return filepath.Base(exe)
	}
	return arg0
}
