package cli

import (
	"time"

	"hongbao/client/audit"
	"hongbao/client/evidence"
)

// fromEvidence gives the error of a proof that cannot be made its code.
func fromEvidence(e *evidence.Error) *Error {
	switch e.Kind {
	case evidence.NotRecalled:
		return Fail(ExitRefused, "not_recalled", "%v", e).WithHint("prove that with --absent", "用 --absent 证明这一点")
	case evidence.WasRecalled:
		return Fail(ExitRefused, "was_recalled", "%v", e).WithHint("prove that with --recall", "用 --recall 证明这一点")
	case evidence.NotAbsent:
		return Fail(ExitRefused, "not_absent", "%v", e)
	case evidence.NoEntries:
		return usagef("%v", e)
	case evidence.TooManyEntries:
		return Fail(ExitRefused, "proof_too_long", "%v", e).
			WithHint("read or prove it in parts, with --since and --until; or read it without --trust",
				"用 --since 和 --until 分段读或分段证明;或者不加 --trust 来读")
	case evidence.TooLarge:
		return Fail(ExitRefused, "proof_too_long", "%v", e).
			WithHint("read it without --trust, or prove it in parts", "不加 --trust 来读,或分段证明")
	case evidence.Large, evidence.Small:
		return Fail(ExitRefused, "unsupported", "%v", e)
	case evidence.NoNewBlock:
		return Fail(ExitUnreachable, "no_new_block", "%v", e)
	}
	return Fail(ExitInternal, "internal", "%v", e)
}

// fromAnswer is the error of an answer that the trust file does not bear out.
func fromAnswer(e *evidence.AnswerError) *Error {
	err := Fail(ExitUntrusted, "untrusted_answer", "node %s: what it answers is not to be trusted", e.Node)
	if e.Verdict == audit.Invalid {
		err = Fail(ExitInvalid, "bad_answer", "node %s: what it answers does not hold", e.Node)
	}
	if err.Found = e.Check.Found; e.Check.Name != "age" {
		return err
	}
	now := e.Now.UTC().Format(time.RFC3339)
	return err.WithHint("this machine's clock says %s: if that is wrong, put it right; else the node is behind or "+
		"the chain stands still, and another --node may know more",
		"这台机器的时钟是 %s:如果不对,请先校准;如果对,就是节点落后或链停了,可用 --node 换一个", now)
}
