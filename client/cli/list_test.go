package cli

import (
	"slices"
	"testing"
	"time"
)

// However small its pages, a list has everything once, newest first: also what
// several packets in one block leave to chance.
func TestAListIsTheSameInPagesOfAnySize(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		u.must("send", "4", "--shares", "2", "--public", "--from", "bob", "--wait", "0")
		mine := u.must("send", "4", "--shares", "4", "--public", "--from", "alice")["packet"].(string)
		u.must("claim", mine, "--from", "bob")
	}
	u.must("pay", "1", "--to", "carol", "--from", "bob") // after bob's last send
	for _, filter := range [][]string{nil, {"--sent"}, {"--claimed"}, {"--open"}} {
		whole := pages(u, "100", filter)
		want := map[bool]int{true: 6, false: 3}[filter == nil || filter[0] == "--open"]
		if len(whole) != want {
			t.Errorf("%v: %d packets, want %d", filter, len(whole), want)
		}
		for _, limit := range []string{"1", "2", "4"} {
			if got := pages(u, limit, filter); !slices.Equal(got, whole) {
				t.Errorf("%v in pages of %s:\n%v\nat once:\n%v", filter, limit, got, whole)
			}
		}
	}
}

// pages is bob's list, read page by page.
func pages(u *user, limit string, filter []string) (all []string) {
	u.t.Helper()
	before, newest := []string(nil), time.Time{}
	for {
		r := u.must(slices.Concat([]string{"list", "bob", "--limit", limit}, filter, before)...)
		for _, p := range r["packets"].([]any) {
			p := p.(map[string]any)
			at, err := time.Parse(time.RFC3339Nano, p["at"].(string))
			if err != nil || !newest.IsZero() && at.After(newest) {
				u.t.Errorf("%v is newer than the one before it, or worse: %v", p, err)
			}
			newest = at
			all = append(all, p["role"].(string)+" "+p["packet"].(string))
		}
		if r["next"] == nil {
			return all
		}
		before = []string{"--before", r["next"].(string)}
	}
}
