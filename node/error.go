package node

import "fmt"

// The codes of an [Error], which are stable.
const (
	CodeDataDamaged     = "data_damaged"
	CodeGenesisChanged  = "genesis_changed"
	CodeClockOff        = "clock_off"
	CodeDiskFull        = "disk_full"
	CodeConsensusFailed = "consensus_failed"
	CodeCrashed         = "node_crashed"
	CodeSignedTwice     = "signed_twice"
	CodeNoSignState     = "no_sign_state"
	CodeNoPeers         = "no_peers"
	CodeNoHome          = "no_node_home"
	CodeNodeExists      = "node_exists"
	CodeNodeRunning     = "node_running"
)

// Error is why a node was not made, does not start, or has stopped, where its
// operator can do something about it.
type Error struct {
	Code string
	Home string // the node's, for the command that helps
	Err  error
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

func errorf(code, home, format string, args ...any) *Error {
	return &Error{Code: code, Home: home, Err: fmt.Errorf(format, args...)}
}
