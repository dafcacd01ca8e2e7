//go:build !linux

package chaos

import (
	"context"
	"errors"
	"os/exec"
)

// wire is for Linux alone: see wire_linux.go.
type wire struct{}

var errNoWire = errors.New("only Linux has network namespaces")

func newWire(int) (*wire, error)                             { return nil, errNoWire }
func (*wire) start(int, *exec.Cmd) error                     { return errNoWire }
func (*wire) set(_, _ int, _ Link)                           {}
func (*wire) between(func(from, to int) Link)                {}
func (*wire) addresses() []string                            { return nil }
func (*wire) end() error                                     { return nil }
func mountSmall(string, int) (unmount func() error, _ error) { return nil, errNoWire }

// Aside needs Linux.
func Aside(context.Context, []string) (exit int, err error) { return 0, errNoWire }
