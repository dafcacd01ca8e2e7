package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"hongbao/client"
	"hongbao/client/audit"
	"hongbao/client/evidence"
	"hongbao/client/files"
	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/client/web"
	"hongbao/client/words"
	"hongbao/contract"
	"hongbao/node"
)

// Exit codes.
const (
	ExitOK          = 0
	ExitInternal    = 1
	ExitUsage       = 2
	ExitRefused     = 3 // before anything signed was handed out, or settled as never happening; nothing changed
	ExitFailed      = 4 // stands in a block, and failed there
	ExitUnknown     = 5 // may still happen, at the latest until valid_until
	ExitUnreachable = 6
	ExitInvalid     = 7 // a proof does not hold
	ExitUntrusted   = 8 // a proof holds, but not under this trust
	ExitDeclined    = 9
	// a proof holds, and says that others can still take the share back, or did; or nothing of the
	// share that was asked about
	ExitNotFinal = 10
)

// ExitCodes says what each exit code means.
func ExitCodes() []string {
	return []string{
		ExitOK:       "done",
		ExitInternal: "internal: the program or the node met what it does not expect",
		ExitUsage:    "usage: it was not written as it has to be, or nobody could confirm it; nothing was done",
		ExitRefused: "refused before a transaction was handed out, or it never happens for sure; " +
			"nothing was changed, and nothing was paid",
		ExitFailed: "executed in a block, and failed there",
		ExitUnknown: "outcome unknown: it happens once or never, `tx wait` says which, at the latest when its " +
			"valid_until passes",
		ExitUnreachable: "the node does not answer; of `node status`: it is not in step",
		ExitInvalid:     "a proof is invalid",
		ExitUntrusted:   "a proof is sound, but the trust is missing, too old, or for another chain",
		ExitDeclined:    "a person declined",
		ExitNotFinal:    "a proof is sound, and says that the share is not final",
	}
}

// Error is a failure as a user and a script see it.
type Error struct {
	Code    string        // stable, such as already_claimed
	Number  contract.Code // the contract's number; 0 for the client's own codes
	Message string
	Found   *audit.Finding // what a verification found wrong; it is said behind Message
	Hint    words.Phrase
	Exit    int
	Tx      *contract.Hash // the tx it is about
	Height  int64          // of the block that holds it
	RetryAt contract.Time  // when the same thing may succeed; 0 = waiting is no help
}

func (e *Error) Error() string { return e.Message }

// Fail makes an error of the client's own.
func Fail(exit int, code, format string, args ...any) *Error {
	return &Error{Code: code, Exit: exit, Message: fmt.Sprintf(format, args...)}
}

// WithHint adds what to do about it: see [words.Both].
func (e *Error) WithHint(en, zh string, args ...any) *Error {
	e.Hint = words.Both(en, zh, args...)
	return e
}

func usagef(format string, args ...any) *Error { return Fail(ExitUsage, "usage", format, args...) }

// refusal is a contract's refusal seen before any block.
func refusal(code contract.Code, log string, retry contract.Time) *Error {
	return &Error{Code: code.String(), Number: code, Message: log, Exit: ExitRefused, RetryAt: retry}
}

// asError gives every error its code and exit.
func asError(err error) *Error {
	var own *Error
	var refused *contract.Error
	var answer *rpc.Error
	var stopped *node.Error
	var link *files.LinkError
	var misfit *files.MisfitError
	var choose *client.ChooseError
	var unproven *evidence.Error
	var lie *evidence.AnswerError
	var page *web.Error
	if e := fromSubmit(err); e != nil {
		return e
	}
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &page):
		return fromPage(page)
	case errors.As(err, &stopped):
		return fromNode(stopped)
	case errors.As(err, &link):
		return Fail(ExitUsage, "bad_link_text", "%v", err).
			WithHint("copy the whole link, with everything after the #", "请完整复制链接,包括 # 后面的部分")
	case errors.Is(err, files.ErrOtherMemo):
		return Fail(ExitRefused, "memo_mismatch", "%v", err)
	case errors.Is(err, files.ErrMemoText):
		return usagef("--memo: %v", err)
	case errors.As(err, &choose):
		return usagef("ask: name the share: packet %s has several", choose.Packet.Short()).
			WithHint("name one, as in %s/%d", "请写明哪一份,例如 %s/%d", choose.Packet.Short(), choose.Share)
	case errors.As(err, &misfit):
		return Fail(ExitRefused, "consent_mismatch", "%v", err)
	case errors.As(err, &unproven):
		return fromEvidence(unproven)
	case errors.As(err, &lie):
		return fromAnswer(lie)
	case errors.As(err, &answer): // before refused: what is wrong with an answer is the node's fault
		return fromRPC(answer)
	case errors.Is(err, wallet.ErrWrite), errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EROFS),
		errors.Is(err, syscall.EDQUOT):
		return Fail(ExitUsage, "cannot_write", "%v", err)
	case errors.Is(err, wallet.ErrPassphrase), errors.Is(err, wallet.ErrNoSecret), errors.Is(err, wallet.ErrNoWords):
		return asError(keyError(err))
	case errors.Is(err, wallet.ErrDamaged):
		return Fail(ExitUsage, "bad_home", "%v", err)
	case errors.As(err, &refused):
		e := refusal(refused.Code, err.Error(), refused.RetryAt)
		if slices.Contains(words.CodeNamed(e.Code).Exits, ExitUsage) {
			e.Exit = ExitUsage // no ledger was asked: what the ledger refuses comes as an Error
		}
		return e
	case errors.As(err, new(*url.Error)) || errors.As(err, new(*net.OpError)):
		return Fail(ExitUnreachable, "unreachable", "%v", err) // of a command that asks a node by itself
	case errors.Is(err, context.Canceled):
		return Fail(ExitDeclined, "interrupted", "interrupted")
	}
	return Fail(ExitInternal, "internal", "%v", err)
}

func fromRPC(e *rpc.Error) *Error {
	switch e.Kind {
	case rpc.Unreachable:
		return Fail(ExitUnreachable, "unreachable", "%v", e)
	}
	return Fail(ExitInternal, "bad_answer", "%v", e)
}

// errorJSON is the error object.
type errorJSON struct {
	Code    string        `json:"code"`
	Number  contract.Code `json:"number,omitempty"`
	Message string        `json:"message"`
	Hint    string        `json:"hint,omitempty"`
	Exit    int           `json:"exit"`
	Tx      string        `json:"tx,omitempty"`
	Height  int64         `json:"height,omitempty"`
	RetryAt string        `json:"retry_at,omitempty"`
}

// shownIn is err as a person hears it in a language. What people and nodes wrote
// stands in it: here alone it is made fit to be shown.
func shownIn(l words.Lang, err error) *Error {
	e := *asError(err)
	e.Message = strings.TrimSpace(redacted(e.Message))
	row := words.CodeNamed(e.Code)
	e.Message = row.Tell(l, e.Message)
	if e.Found != nil {
		e.Message += fmt.Sprintf(" (%s)", redacted(words.Finding(l, e.Found)))
	}
	return &e
}

// object is the error object of an error that is shown in a language.
func (s *Session) object(l words.Lang, e *Error) *errorJSON {
	out := &errorJSON{Code: e.Code, Number: e.Number, Message: e.Message, Hint: s.hintOf(l, e), Exit: e.Exit,
		Height: e.Height}
	if e.Tx != nil {
		out.Tx = e.Tx.String()
	}
	if e.RetryAt != 0 {
		out.RetryAt = e.RetryAt.String()
	}
	return out
}

// report prints err where it belongs and returns the exit code.
func (s *Session) report(err error) int {
	e := shownIn(s.Lang(), err)
	if s.Global.Output == "json" {
		s.printJSON(envelope{Status: "error", Error: s.object(s.Lang(), e)})
		if s.unwritten() == nil {
			return e.Exit
		}
	}
	s.reportText(e)
	return e.Exit
}

func (s *Session) hintOf(l words.Lang, e *Error) string {
	hint, row := e.Hint.In(l), words.CodeNamed(e.Code)
	if hint == "" && e.Tx != nil && (e.Code == "outcome_unknown" || e.Code == "previous_pending") {
		hint = waitFor(s.Program(), *e.Tx).In(l)
	}
	return redacted(cmp.Or(hint, row.Advice(l, s.Program())))
}

func (s *Session) reportText(e *Error) {
	screen := s.screen(s.Stderr)
	fmt.Fprintf(screen, "hongbao: %s\n", printable(s.shortened(inSeconds(e.Message))))
	switch {
	case e.RetryAt == 0:
	case !e.RetryAt.Std().After(s.now()):
		fmt.Fprintln(screen, s.Say("hint: the chain's time has not come to %s yet, which this clock has: try again "+
			"in a moment",
			"提示:这里的时钟已过%s,链上的时间还没到,请稍后再试", clock(e.RetryAt)))
	default:
		fmt.Fprintln(screen, s.Say("hint: possible from %s on", "提示:%s起可以", clock(e.RetryAt)))
	}
	if hint := s.hintOf(s.Lang(), e); hint != "" {
		fmt.Fprintln(screen, s.Say("hint: %s", "提示:%s", printable(hint)))
	}
}

// exactTime is a point in block time as a message has it, to the nanosecond.
var exactTime = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z`)

// inSeconds is a message for people: with points in time as screens show them.
func inSeconds(message string) string {
	return exactTime.ReplaceAllStringFunc(message, func(text string) string {
		var at contract.Time
		if at.UnmarshalText([]byte(text)) != nil {
			return text
		}
		return clock(at)
	})
}

// longID is an address or a packet's id in a message.
var longID = regexp.MustCompile(`(?:hb1|rp1)[0-9a-z]{50,}`)

// shortened is a message for people: with names for the addresses that this home
// knows, and every other address and id as screens show them. What is none stays as
// it was typed.
func (s *Session) shortened(message string) string {
	return longID.ReplaceAllStringFunc(message, func(text string) string {
		if a, err := contract.ParseAddress(text); err == nil {
			return cmp.Or(s.Keys().NameOf(a), a.Short())
		}
		if id, err := contract.ParsePacketID(text); err == nil {
			return id.Short()
		}
		return text
	})
}

func (s *Session) printJSON(v any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // a result that is no JSON: a programmer's error
	}
	_, _ = s.Stdout.Write(escapeControls(b.Bytes())) // which keeps its error
}
