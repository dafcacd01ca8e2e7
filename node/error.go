package node

import (
	"errors"
	"fmt"
)

// The codes of an [Error], which are stable.
const (
	CodeDataDamaged            = "data_damaged"
	CodeGenesisChanged         = "genesis_changed"
	CodeClockOff               = "clock_off"
	CodeDiskFull               = "disk_full"
	CodeConsensusFailed        = "consensus_failed"
	CodeSignedTwice            = "signed_twice"
	CodeNoSignState            = "no_sign_state"
	CodeNoSigner               = "no_signer" // the process that has the key does not answer
	CodeNoPeers                = "no_peers"
	CodeNodeExists             = "node_exists"
	CodeNoNodeHome             = "no_node_home"             // or its settings are gone
	CodePortTaken              = "node_port_taken"          // by another program
	CodeBadConfig              = "bad_config"               // half-written, or with a setting that no one reads
	CodeBadNodeHome            = "bad_node_home"            // some of its files are gone, and others not
	CodeWrongGenesis           = "wrong_genesis"            // another one than the trust file names
	CodeBadPeer                = "bad_peer"                 // not written as ID@HOST:PORT
	CodePeerUnreachable        = "peer_unreachable"         // or silent
	CodeBlocksGone             = "blocks_gone"              // the peers no longer have the first ones
	CodePeerOtherID            = "peer_other_id"            // another node answers there
	CodeBadRegistration        = "bad_registration"         // not a registration of a ceremony
	CodeRegistrationVersion    = "registration_version"     // of a format that this program does not read
	CodeRegistrationTooLarge   = "registration_too_large"   // for a registration
	CodeRegistrationSignature  = "registration_signature"   // foreign, or a field was altered
	CodeRegistrationOtherChain = "registration_other_chain" // for which it was not signed
	CodeRegistrationTwice      = "registration_twice"       // a key, a name or an address
	CodeRegistrationSamePerson = "registration_same_person" // by the account
	CodePeerOtherChain         = "peer_other_chain"         // or it lies about this one
	CodeSnapshotFailed         = "snapshot_failed"          // no peer's was true, or it could not be kept
	CodeStoodStill             = "stood_still"              // while its peers went on
	CodeNoVote                 = "no_vote"                  // the home's validator is not among those who decide
	CodeUpgradeNeeded          = "upgrade_needed"           // the next block obeys rules that are not known here
	CodeCrashed                = "node_crashed"
	CodeNodeRunning            = "node_running"
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

// hasCode reports whether err is an [Error] of a code.
func hasCode(err error, code string) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}

func errorf(code, home, format string, args ...any) *Error {
	return &Error{Code: code, Home: home, Err: fmt.Errorf(format, args...)}
}
