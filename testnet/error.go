package testnet

import "fmt"

// Error is a failure that a caller can tell by its identity (errors.Is) and a
// script by its code, which is stable. What is returned wraps one of those below
// and says which network or node it is about.
type Error struct {
	Code string
	text string
}

func (e *Error) Error() string { return e.text }

var (
	// ErrNotThere is returned for a folder that holds no network.
	ErrNotThere = &Error{"no_testnet", "no testnet there"}
	// ErrOtherFormat is returned for a folder whose state file this program
	// does not know.
	ErrOtherFormat = &Error{"stale_testnet", "not as this version of hongbao writes it"}
	// ErrNotEmpty is returned for a folder that holds something else.
	ErrNotEmpty = &Error{"not_empty", "holds other files than those of a network"}
	// ErrRunning is returned for a network that already has a supervisor, and for a
	// node that runs.
	ErrRunning = &Error{"already_running", "already running"}
	// ErrNotRunning is returned for a network, or a node, that does not run.
	ErrNotRunning = &Error{"not_running", "not running"}
	// ErrNotReady is returned for a network whose supervisor takes no orders now.
	ErrNotReady = &Error{"not_running", "still starting, or leaving"}
	// ErrEnded is returned when a node ended by itself.
	ErrEnded = &Error{"node_failed", "ended unasked"}
	// ErrBadHosts is returned for a list of hosts of which no network can be made.
	ErrBadHosts = &Error{"bad_hosts", "not a list of hosts"}
	// ErrExists is returned for a folder that holds a network already.
	ErrExists = &Error{"testnet_exists", "holds a network already"}
	// ErrNotDev is returned for a network whose keys are not for play.
	ErrNotDev = &Error{"not_dev_testnet", "not made for development: its keys stay where they are"}
	// ErrBadSave is returned for a file that Save did not write, or not this way.
	ErrBadSave = &Error{"bad_save", "not a saved network"}
	// ErrSaveVersion is returned for a file that another version's Save wrote.
	ErrSaveVersion = &Error{"save_version", "saved by another version of hongbao"}
	// ErrSaveTooLarge is returned for a network that is too large for a file.
	ErrSaveTooLarge = &Error{"save_too_large", "larger than a saved network may be"}
	// ErrNoNode is returned for a number that no node has.
	ErrNoNode = &Error{"usage", "no such node"}
)

// OtherSize is returned by Up for a kept network that has another number of
// validators than was asked for.
type OtherSize struct {
	Dir       string
	Has, Want int
}

func (e *OtherSize) Error() string {
	return fmt.Sprintf("testnet %s: has %d validators, not %d", e.Dir, e.Has, e.Want)
}

// Refusal is an order to a network in another process that its state does not
// allow: a node that does not exist, that runs already, or does not run. It says
// which.
type Refusal string

func (e Refusal) Error() string { return string(e) }
