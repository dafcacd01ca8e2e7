package contract

import (
	"errors"
	"fmt"
	"strings"
)

// Code says why something was refused. Numbers and names are part of the wire
// format: they never change meaning and are never reused.
type Code uint32

// The codes. A number is an ABCI result code; a name is what scripts match.
const (
	CodeOK                 Code = 0
	CodeMalformed          Code = 1
	CodeNotCanonical       Code = 2
	CodeTxTooLarge         Code = 3
	CodeWrongChain         Code = 4
	CodeWrongNonce         Code = 5
	CodeTxExpired          Code = 6
	CodeValidUntilTooFar   Code = 7
	CodeBadSignature       Code = 8
	CodeBucketEmpty        Code = 9
	CodeUnknownAccount     Code = 10
	CodeUnsupported        Code = 11
	CodeAlreadyClaimed     Code = 12
	CodeOverdraft          Code = 13
	CodeBadAmount          Code = 14
	CodeBadAddress         Code = 15
	CodeBelowMinimum       Code = 16
	CodeSelfPayment        Code = 17
	CodeUnknownPacket      Code = 18
	CodeFull               Code = 19
	CodeExpired            Code = 20
	CodeRecalled           Code = 21
	CodeTermsMismatch      Code = 22
	CodeSenderClaims       Code = 23
	CodeLinkRequired       Code = 24
	CodeBadLink            Code = 25
	CodeNotNamed           Code = 26
	CodeWindowClosed       Code = 27
	CodeWindowNotOpen      Code = 28
	CodeTouched            Code = 29
	CodeSignatureMissing   Code = 30
	CodeUnknownClause      Code = 31
	CodeReasonNotAllowed   Code = 32
	CodeUnknownReason      Code = 33
	CodeBadShares          Code = 34
	CodeTooManyShares      Code = 35
	CodeUnevenSplit        Code = 36
	CodeBadTerms           Code = 37
	CodeBadCondition       Code = 38
	CodeConditionTooDeep   Code = 39
	CodeConditionTooLarge  Code = 40
	CodeConditionMisplaced Code = 41
	CodeDuplicateKey       Code = 42
	CodeTooManyKeys        Code = 43
	CodeUnsignedClause     Code = 44
	CodeClauseNeverTrue    Code = 45
	CodeClaimNeverTrue     Code = 46
	CodeClauseOutlives     Code = 47
	CodeTooManyOpen        Code = 48
	CodeUnknownShare       Code = 49
	CodeNotClaimer         Code = 50
	CodeAlreadyReturned    Code = 51
	CodeFirstClaimRepeated Code = 52
	CodeFirstClaimsFull    Code = 53
	CodeBlockFull          Code = 54
	CodeBadGenesis         Code = 55
	CodeUnknownScene       Code = 56
	CodeSceneMismatch      Code = 57
	CodeRecallBudget       Code = 58
	CodeShareSettled       Code = 59
	CodeShareRecalled      Code = 60
	CodeShareNotSettled    Code = 61
	CodeBadConsent         Code = 62
	CodeConsentExpired     Code = 63
	CodeConsentUnlisted    Code = 64
	CodeConsentRepeated    Code = 65
	CodeNotSender          Code = 66
	CodeAlreadyAsked       Code = 67
	CodeNoOpenAsk          Code = 68
	CodeNotTighter         Code = 69
	CodeTooManyTightenings Code = 70
	CodeTooManyWindows     Code = 71
	CodeShareReserved      Code = 72
	CodeBadBeacon          Code = 73
	CodeDueFull            Code = 74
	CodeNotDevChain        Code = 75
	CodeBadWarp            Code = 76
	CodeNoRoom             Code = 77
	CodePlanOutdated       Code = 78
	CodeBadPlan            Code = 79
	CodeApprovalMissing    Code = 80
	CodeBadApproval        Code = 81
	CodeBadKeyProof        Code = 82
	CodeBadUpgrade         Code = 83
	CodeBadList            Code = 84
	CodeEntryRequired      Code = 85
	CodeUnknownEntry       Code = 86
	CodeBadPath            Code = 87
	CodeNotOnList          Code = 88
	CodeEntryClaimed       Code = 89
)

var codeNames = [...]string{
	"ok", "malformed", "not_canonical", "tx_too_large", "wrong_chain",
	"wrong_nonce", "tx_expired", "valid_until_too_far", "bad_signature", "bucket_empty",
	"unknown_account", "unsupported", "already_claimed", "overdraft", "bad_amount",
	"bad_address", "below_minimum", "self_payment", "unknown_packet", "full",
	"expired", "recalled", "terms_mismatch", "sender_claims", "link_required",
	"bad_link", "not_named", "window_closed", "window_not_open", "touched",
	"signature_missing", "unknown_clause", "reason_not_allowed", "unknown_reason", "bad_shares",
	"too_many_shares", "uneven_split", "bad_terms", "bad_condition", "condition_too_deep",
	"condition_too_large", "condition_misplaced", "duplicate_key", "too_many_keys", "unsigned_clause",
	"clause_never_true", "claim_never_true", "clause_outlives_packet", "too_many_open_packets", "unknown_share",
	"not_claimer", "already_returned", "first_claim_repeated", "first_claims_full", "block_full",
	"bad_genesis", "unknown_scene", "scene_mismatch", "recall_budget_spent", "share_settled",
	"share_recalled", "share_not_settled", "bad_consent", "consent_expired", "consent_unlisted",
	"consent_repeated", "not_sender", "already_asked", "no_open_ask", "not_tighter",
	"too_many_tightenings", "too_many_windows", "share_reserved", "bad_beacon", "due_full",
	"not_dev_chain", "bad_warp", "no_room", "plan_outdated", "bad_plan",
	"approval_missing", "bad_approval", "bad_key_proof", "bad_upgrade", "bad_list",
	"entry_required", "unknown_entry", "bad_path", "not_on_list", "entry_claimed",
}

// String is the code's name, such as already_claimed.
func (c Code) String() string {
	if int(c) < len(codeNames) {
		return codeNames[c]
	}
	return fmt.Sprintf("code_%d", uint32(c))
}

// Codes lists every code but ok, in order of number.
func Codes() []Code {
	var all []Code
	for c := range codeNames[1:] {
		all = append(all, Code(c+1))
	}
	return all
}

// Error is a refusal. Msg finishes the subject's sentence, such as "packet
// rp1…: expired at 2026-02-17T00:00:00Z".
type Error struct {
	Code    Code
	Msg     string
	RetryAt Time // when the same thing may succeed; 0 when waiting is no help
}

func (e *Error) Error() string { return e.Msg }

// maxMessage bounds a refusal's text, which is kept with every failed tx and
// may quote what its author wrote.
const maxMessage = 500

// Errorf makes a refusal; a longer text than 500 bytes is cut.
func Errorf(code Code, format string, args ...any) *Error {
	msg := fmt.Sprintf(format, args...)
	if len(msg) > maxMessage {
		msg = strings.ToValidUTF8(msg[:maxMessage], "") + "…"
	}
	return &Error{Code: code, Msg: msg}
}

// at adds when to try again.
func (e *Error) at(t Time) *Error {
	e.RetryAt = t
	return e
}

// CodeOf is the code of a refusal, CodeOK for nil, and CodeMalformed for an
// error of another make.
func CodeOf(err error) Code {
	var e *Error
	switch {
	case err == nil:
		return CodeOK
	case errors.As(err, &e):
		return e.Code
	}
	return CodeMalformed
}
