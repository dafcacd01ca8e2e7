package cli

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"hongbao/contract"
)

// blames reports whether the command fails and says that it is the node's fault.
func (c *deceived) blames(s *said) (bool, string) {
	as := fmt.Sprintf("%s (%d)", s.code, s.exit)
	switch {
	case s.exit == ExitInvalid && s.code == "bad_answer", s.exit == ExitInternal && s.code == "bad_answer",
		s.exit == ExitUntrusted && (s.code == "untrusted_answer" || s.code == "wrong_trust"),
		s.exit == ExitUnreachable && (s.code == "unreachable" || s.code == "no_new_block"):
		return true, as
	case s.code == "" && s.exit != ExitOK && strings.HasPrefix(s.message, "hongbao: node "): // without JSON
		return true, fmt.Sprintf("without JSON (%d)", s.exit)
	}
	return false, as
}

// judge says how a lie ended, and whether as it should.
func (c *deceived) judge(s *said, l *lie, w *witness) (string, bool) {
	if c.signs {
		return c.judgeSigned(s)
	}
	var at header
	if s.asOf.Height != 0 {
		var err error
		if at, err = w.of(s.asOf.Height); err != nil || at.time != s.asOf.Time {
			return "OF NO STATE", false
		}
	}
	for i, honest := range slices.Backward(c.stages) {
		h := honest.said
		if s.exit != h.exit || s.code != h.code || s.message != h.message || s.result != h.result ||
			at.app != honest.app {
			continue
		}
		if i == len(c.stages)-1 {
			return "the truth", true
		}
		return "an older truth", true
	}
	if blamed, as := c.blames(s); blamed {
		return as, true
	}
	if e := endpoint(l.question); c.vague && (e == "/resolve" || e == "/tx") && s.exit != ExitOK &&
		slices.Contains([]string{"unknown_packet", "ambiguous_ref", "unknown_tx"}, s.code) {
		return "not found", true
	}
	return "WRONG", false
}

// judgeSigned is about what left the client's hands: nothing, or what it would
// have signed for an honest node. What the liar was handed never happens and
// still may, so that no command says how it ended.
func (c *deceived) judgeSigned(s *said) (string, bool) {
	if len(s.offered) == 0 {
		return "signed nothing", true
	}
	if open := s.exit == ExitUnknown || s.exit == ExitOK && strings.Contains(s.result, `"height":null`); s.handed &&
		!open {
		return "SAYS HOW IT ENDED", false
	}
	honest := c.stages[len(c.stages)-1].said.offered
	newest := honest[len(honest)-1].ValidUntil // drawn from a second
	for _, tx := range s.offered {
		if tx.Chain != honest[0].Chain || tx.ValidUntil > newest.Plus(1) || !slices.ContainsFunc(c.stages,
			func(honest stage) bool {
				h := honest.said.offered[0]
				return tx.Account == h.Account && tx.Nonce == h.Nonce && reflect.DeepEqual(unlinked(tx.Message),
					unlinked(h.Message))
			}) {
			return "SIGNED WRONGLY", false
		}
	}
	return "signed the truth", true
}

// unlinked is m without the signature of a link.
func unlinked(m contract.Message) contract.Message {
	if claim, ok := m.(*contract.Claim); ok {
		c := *claim
		c.Link = nil
		return &c
	}
	return m
}
