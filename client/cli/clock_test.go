package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"hongbao/client/audit"
	"hongbao/client/evidence"
	"hongbao/client/words"
)

// An idle chain is behind the clock on the wall. A claim at the moment that was
// announced is not refused for that.
func TestAClaimAtItsOpeningIsNotRefused(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	n.server.Next = func(last time.Time) time.Time {
		if behind := time.Now().Add(-time.Second); behind.After(last) {
			return behind
		}
		return last.Add(1)
	}
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	opens := time.Now().Add(2 * time.Second).Truncate(time.Second)
	packet := u.must("send", "5", "--public", "--opens", opens.UTC().Format(time.RFC3339))["packet"].(string)
	u.refused(ExitRefused, "window_not_open", "claim", packet, "--from", "bob", "--wait", "0")
	time.Sleep(time.Until(opens.Add(10 * time.Millisecond)))
	u.must("claim", packet, "--from", "bob")
}

// A wrong clock is named where it is what may be at fault.
func TestAWrongClockIsNamed(t *testing.T) {
	now := time.Date(2026, 2, 17, 12, 0, 0, 0, time.UTC)
	var stderr bytes.Buffer
	s := &Session{Stderr: &stderr, now: func() time.Time { return now }}
	s.Global.Lang = "en"
	old := &evidence.AnswerError{
		Verdict: audit.Untrusted, Check: audit.Check{Name: "age", Found: &audit.Finding{Code: "header_old"}}, Now: now,
	}
	failed := asError(old)
	if hint := failed.Hint.In(words.English); failed.Code != "untrusted_answer" || !strings.Contains(hint,
		"clock says 2026-02-17T12:00:00Z") {
		t.Errorf("a state that seems old: %+v", failed)
	}
	other := &evidence.AnswerError{
		Verdict: audit.Untrusted, Check: audit.Check{Name: "chain", Found: &audit.Finding{Code: "trust_chain"}},
	}
	if hint := asError(other).Hint.In(words.English); strings.Contains(hint, "clock") {
		t.Errorf("another chain is blamed on the clock: %s", hint)
	}
	s.warnOfClock(now.Add(5 * time.Second))
	if stderr.Len() != 0 {
		t.Errorf("a header a few seconds ahead: %s", stderr.String())
	}
	for range 2 {
		s.warnOfClock(now.Add(20 * time.Minute))
	}
	if text := stderr.String(); strings.Count(text, "this machine's clock is 20 minutes behind the chain") != 1 {
		t.Errorf("a header of the future: %q", text)
	}
	stderr.Reset()
	s.report(&Error{Code: "window_not_open", Message: "not yet", RetryAt: 1, Exit: ExitRefused})
	if text := stderr.String(); strings.Contains(text, "possible from") || !strings.Contains(text,
		"try again in a moment") {
		t.Errorf("a time that has passed: %q", text)
	}
}
