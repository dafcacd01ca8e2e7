package cli

import (
	"os"
	"os/exec"
	"testing"
)

// BenchmarkStart is what a person waits for a command: the start of a process,
// what it asks a running node, and its end. The program is this test binary, which
// is larger; version asks nothing.
//
//	go test ./client/cli -run xxx -bench Start -benchtime 50x
func BenchmarkStart(b *testing.B) {
	dir := b.TempDir()
	n, err := startNode(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := n.stop(); err != nil {
			b.Error(err)
		}
	}()
	if err := n.newHome(dir); err != nil {
		b.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	for _, args := range [][]string{{"version"}, {"balance", "alice"}} {
		b.Run(args[0], func(b *testing.B) {
			for b.Loop() {
				program := exec.Command(exe, args...)
				program.Env = append(os.Environ(), cliEnv+"=1", "HONGBAO_HOME="+dir)
				if out, err := program.CombinedOutput(); err != nil {
					b.Fatalf("%v: %s", err, out)
				}
			}
		})
	}
}
