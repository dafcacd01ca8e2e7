package cli

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"hongbao/client/words"
	"hongbao/contract"
)

// clientExits are the exit codes that each code of the client's own comes
// with. The contract's codes come with exit 3 before a block and 4 in one;
// those of spellings with 2 where no ledger was asked.
var clientExits = map[string][]int{
	"already_running":     {ExitUsage},
	"ambiguous_ref":       {ExitUsage},
	"bad_answer":          {ExitInternal, ExitInvalid}, // invalid: a proof the node gave proves nothing
	"bad_consent_file":    {ExitUsage},
	"bad_home":            {ExitUsage},
	"bad_link_text":       {ExitUsage},
	"bad_name":            {ExitUsage},
	"bad_passphrase":      {ExitUsage},
	"bad_ref":             {ExitUsage},
	"bad_trust_file":      {ExitUsage},
	"bad_tx_file":         {ExitUsage},
	"bad_words":           {ExitUsage},
	"cannot_write":        {ExitInternal, ExitUsage}, // internal: a result
	"clock_off":           {ExitInternal},
	"confirmation_needed": {ExitUsage},
	"consensus_failed":    {ExitInternal},
	"consent_mismatch":    {ExitRefused},
	"data_damaged":        {ExitInternal},
	"declined":            {ExitDeclined},
	"disk_full":           {ExitInternal},
	"genesis_changed":     {ExitInternal},
	"internal":            {ExitInternal},
	"interrupted":         {ExitDeclined},
	"key_in_use":          {ExitUsage},
	"memo_mismatch":       {ExitRefused},
	"name_taken":          {ExitUsage},
	"no_last":             {ExitUsage},
	"no_network":          {ExitUnreachable},
	"no_new_block":        {ExitUnreachable},
	"no_node":             {ExitUsage},
	"no_peers":            {ExitInternal},
	"no_secret_key":       {ExitUsage},
	"no_sign_state":       {ExitInternal},
	"no_such_key":         {ExitUsage},
	"no_testnet":          {ExitUsage},
	"no_words":            {ExitUsage},
	"node_failed":         {ExitInternal},
	"not_absent":          {ExitRefused},
	"not_empty":           {ExitUsage},
	"not_recalled":        {ExitRefused},
	"not_running":         {ExitUnreachable},
	"not_signed":          {ExitUsage},
	"nothing_recallable":  {ExitRefused},
	"outcome_unknown":     {ExitUnknown},
	"passphrase_needed":   {ExitUsage},
	"passphrases_differ":  {ExitUsage},
	"previous_pending":    {ExitRefused},
	"proof_invalid":       {ExitInvalid},
	"proof_too_long":      {ExitUsage, ExitRefused},
	"proof_untrusted":     {ExitUntrusted},
	"public_key":          {ExitUsage},
	"signed_twice":        {ExitInternal},
	"stale_testnet":       {ExitUsage},
	"unknown_party":       {ExitUsage},
	"unknown_tx":          {ExitRefused},
	"unreachable":         {ExitUnreachable},
	"unreadable":          {ExitUsage},
	"untrusted_answer":    {ExitUntrusted},
	"usage":               {ExitUsage},
	"was_recalled":        {ExitRefused},
	"wrong_passphrase":    {ExitUsage},
	"wrong_proof":         {ExitUsage},
	"wrong_trust":         {ExitUntrusted},
}

// ErrorCode is a page of the manual of errors.
type ErrorCode struct {
	Code    string        `json:"code"`
	Number  contract.Code `json:"number,omitempty"` // of the contract's codes
	Exits   []int         `json:"exits"`            // the exit codes that it comes with
	Message string        `json:"message"`          // what happened
	Hint    string        `json:"hint"`             // what to do
}

// ErrorCodes is the manual of errors: the contract's by number, then the
// client's own by name.
func ErrorCodes(l words.Lang, program string) (list []ErrorCode) {
	add := func(code string, number contract.Code, exits []int) {
		m, _ := words.Explained(l, code, program)
		list = append(list, ErrorCode{code, number, exits, m.What, m.Do})
	}
	for _, c := range contract.Codes() {
		exits := []int{ExitRefused, ExitFailed}
		if slices.Contains(spellings, c) {
			exits = []int{ExitUsage, ExitRefused, ExitFailed}
		}
		add(c.String(), c, exits)
	}
	for _, code := range slices.Sorted(maps.Keys(clientExits)) {
		add(code, 0, clientExits[code])
	}
	return list
}

func (s *Session) errorVerb() *Verb {
	return &Verb{
		Use: "error CODE", Group: groupLook,
		Short: words.Both("What an error code means, and what to do", "错误码是什么意思,该怎么办"),
		Long: words.Both(`Say what an error code means and what to do about it, by its name or, for the
codes of the contract, by its number.`,
			"说明一个错误码的意思和该怎么办。写它的名字;合约的错误码也可以写编号。"),
		Example: words.Same(`  error already_claimed
  error 19 --lang zh`),
		Reach: Alone, Results: []any{ErrorCode{}},
		Run: func(_ context.Context, args []string) error { return s.explainError(args[0]) },
	}
}

func (s *Session) explainError(code string) error {
	all := ErrorCodes(s.Lang(), Invocation())
	i := slices.IndexFunc(all, func(e ErrorCode) bool {
		return e.Code == code || e.Number != 0 && code == fmt.Sprint(uint32(e.Number))
	})
	if i < 0 {
		names := make([]string, len(all))
		for i, e := range all {
			names[i] = e.Code
		}
		return usagef("error code %q: unknown", code).offering(code, names)
	}
	e := all[i]
	s.Result(e, func(w io.Writer) {
		title := e.Code
		if e.Number != 0 {
			title += fmt.Sprintf(" (%d)", uint32(e.Number))
		}
		exits := strings.Trim(strings.ReplaceAll(fmt.Sprint(e.Exits), " ", ", "), "[]")
		fmt.Fprintln(w, s.Say("%s, exit %s", "%s,退出码 %s", title, exits))
		printLines(w, []string{e.Message, e.Hint})
	})
	return nil
}
