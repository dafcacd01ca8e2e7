package evidence

import (
	"errors"
	"fmt"
	"time"

	"hongbao/client/audit"
	"hongbao/contract"
)

// Kind is why a proof cannot be made.
type Kind int

const (
	// NotRecalled: there is no recall to prove.
	NotRecalled Kind = iota + 1
	// WasRecalled: something was recalled, so that its absence cannot be proven.
	WasRecalled
	// NotAbsent: the packet or account exists.
	NotAbsent
	// NoEntries: the account's history does not have the entries asked for.
	NoEntries
	// TooManyEntries: more than audit.MaxStatement.
	TooManyEntries
	// TooLarge: the file would be larger than audit.MaxFileBytes.
	TooLarge
	// Large: the packet's shares stand in leaves of their own, and the kind of proof is of
	// a packet that holds them all.
	Large
	// Small: the packet holds its shares itself, or has no list, and the kind of proof is of one
	// that does not, or has.
	Small
	// NoNewBlock: the header that signs the newest state did not come in time.
	NoNewBlock
)

// Error is a proof that cannot be made.
type Error struct {
	Kind Kind
	Msg  string
}

func (e *Error) Error() string { return e.Msg }

// IsLarge reports whether err is of kind Large.
func IsLarge(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == Large
}

func fail(kind Kind, format string, args ...any) *Error {
	return &Error{kind, fmt.Sprintf(format, args...)}
}

// AnswerError is a node's answer that the trust file does not bear out: it is
// refuted (audit.Invalid), or sound and by others than those who are trusted, or
// too old (audit.Untrusted).
type AnswerError struct {
	Node    string // its URL
	Verdict audit.Verdict
	Check   audit.Check // the one that failed
	Now     time.Time   // the reader's clock, by which an answer is too old
}

func (e *AnswerError) Error() string {
	return fmt.Sprintf("node %s: its answer is %s: %s", e.Node, e.Verdict, e.Check.Found)
}

// UnknownPacket is the error of an id that no packet has.
func UnknownPacket(id contract.PacketID) error {
	return contract.Errorf(contract.CodeUnknownPacket, "packet %s: unknown", id)
}

// CheckShare fails with contract.CodeUnknownShare unless share number n of p was
// claimed. n is from 1; 0 asks for no share, which never fails.
func CheckShare(id contract.PacketID, p *contract.Packet, n uint32) error {
	if n == 0 || p.ShareAt(n) != nil {
		return nil
	}
	claimed := fmt.Sprintf("%d shares", p.Claimed())
	if p.Claimed() == 1 {
		claimed = "1 share"
	}
	return contract.Errorf(contract.CodeUnknownShare, "packet %s: has %s claimed, none numbered %d", id, claimed, n)
}
