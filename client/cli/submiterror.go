package cli

import (
	"errors"
	"fmt"

	"hongbao/client/evidence"
	"hongbao/client/rpc"
	"hongbao/client/submit"
	"hongbao/client/words"
	"hongbao/contract"
)

// fromSubmit gives an error about a tx its code and its exit; it is nil of any
// other error.
func fromSubmit(err error) *Error {
	var unknown *submit.Unknown
	var unsent *submit.NotSent
	var pending *submit.PreviousPending
	var failed *submit.Failed
	var refused *submit.Refused
	var unproven *submit.UnprovenError
	switch {
	case errors.As(err, &unknown): // before what is known of it
		return fromUnknown(unknown)
	case errors.As(err, &unsent):
		return asError(unsent.Err).about(unsent.Tx)
	case errors.As(err, &pending):
		return Fail(ExitRefused, "previous_pending", "%s: its previous transaction may still happen, until %s",
			pending.Account, clock(pending.ValidUntil)).about(pending.Tx)
	case errors.As(err, &failed):
		e := refusal(failed.Code, failed.Msg, 0).about(failed.Tx)
		e.Exit, e.Height = ExitFailed, failed.Height
		return e
	case errors.As(err, &refused):
		e := refusal(refused.Code, refused.Msg, refused.RetryAt)
		e.Tx = refused.Tx
		return e
	case errors.As(err, &unproven):
		return Fail(ExitInvalid, "bad_answer", "%v", unproven)
	}
	return nil
}

// fromUnknown is the error of a tx that may still happen, or that happened and
// whose effect could not be read.
func fromUnknown(u *submit.Unknown) *Error {
	if u.Height != 0 {
		why := asError(u.Why)
		e := Fail(ExitUnknown, "outcome_unknown",
			"the transaction stands in block %d; what it did could not be read: %s", u.Height, why.Message)
		e.Height, e.Found = u.Height, why.Found
		return e.about(u.Tx)
	}
	until := ""
	if u.ValidUntil != 0 {
		until = fmt.Sprintf(", until %s of block time", clock(u.ValidUntil))
	}
	e := Fail(ExitUnknown, "outcome_unknown", "outcome unknown: %sthe transaction may still happen%s",
		because(u.Why), until)
	if u.Why != nil {
		e.Found = asError(u.Why).Found
	}
	return e.about(u.Tx)
}

// because is what is known of an unknown outcome: a node's refusal, or what is
// wrong with its answers.
func because(why error) string {
	var node *rpc.Error
	switch {
	case errors.As(why, new(*evidence.AnswerError)), errors.As(why, new(*evidence.Error)),
		errors.As(why, new(*submit.UnprovenError)):
		return asError(why).Message + "; "
	case !errors.As(why, &node):
	case node.Kind == rpc.Refused || node.Kind == rpc.Busy:
		return fmt.Sprintf("the node refuses it (%s), and has it; ", node.Msg)
	case node.Kind == rpc.BadAnswer:
		return node.Msg + "; "
	}
	return ""
}

// about says which tx an error is about.
func (e *Error) about(tx contract.Hash) *Error {
	e.Tx = &tx
	return e
}

// waitFor is how to find out how a tx ended.
func waitFor(program string, tx contract.Hash) words.Phrase {
	return words.Both("%s tx wait %s", "%s tx wait %s", program, tx)
}
