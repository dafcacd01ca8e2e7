package node

import (
	"context"
	"io"
	"os"
)

// SupervisedEnv, when set to 1, says that standard input is a pipe held by a
// supervisor.
const SupervisedEnv = "HONGBAO_SUPERVISED"

// Supervised is ctx, ended also when the supervisor's pipe closes. The kernel
// closes it even when the supervisor is killed outright, so no node outlives
// the network it belongs to, on any system that has pipes. Nothing is ever
// read from it.
func Supervised(ctx context.Context) context.Context {
	if !IsSupervised() {
		return ctx
	}
	return untilEOF(ctx, os.Stdin)
}

func untilEOF(ctx context.Context, r io.Reader) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer cancel()
		io.Copy(io.Discard, r)
	}()
	return ctx
}
