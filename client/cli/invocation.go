package cli

import "hongbao/node"

// Invocation is how the running program was called, for the commands that
// hints print.
func Invocation() string { return node.Invocation() }
