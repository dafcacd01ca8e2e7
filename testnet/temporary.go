package testnet

import (
	"context"
	"errors"
	"os"
	"path/filepath"
)

// Temporary makes a network in a folder of its own, has before prepare it, starts
// it and waits until it is ready. The returned function ends it and removes the folder; it is to
// be called even when ctx has ended, and is not nil only when err is.
func Temporary(ctx context.Context, spec Spec, before ...func(*Network)) (n *Network, end func() error, err error) {
	parent, err := os.MkdirTemp("", "hongbao-")
	if err != nil {
		return nil, nil, err
	}
	end = func() error {
		var err error
		if n != nil {
			err = n.Close()
		}
		return errors.Join(err, os.RemoveAll(parent))
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, end())
			n, end = nil, nil
		}
	}()
	if n, err = Generate(filepath.Join(parent, "testnet"), spec); err != nil {
		return nil, end, err
	}
	for _, prepare := range before {
		prepare(n)
	}
	if err = n.Start(ctx); err != nil {
		return n, end, err
	}
	return n, end, n.WaitInStep(ctx)
}
