package cli

import (
	"bytes"
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A link is taken in the forms in which phones and messengers hand it on, and
// read before it is claimed; what does not take it never repeats its secret.
func TestALinkIsTakenAndItsSecretIsKept(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	sent := u.must("send", "5", "--memo", "恭喜", "--from", "alice")
	link, packet := sent["link"].(string), sent["packet"].(string)
	_, secret, _ := strings.Cut(link, "#k=")
	forms := []string{
		link, "H" + link[1:], strings.Replace(link, "hongbao:claim", "HONGBAO:CLAIM", 1), "<" + link + ">",
		"“" + link + "”", `"` + link + `"`, "'" + link + "'",
		"‘" + link + "’", "«" + link + "»", "(" + link + ")", "（" + link + "）", "「" + link + "」",
		" " + link + "\r\n",
		"\ufeff" + link, "\u200b" + link, link + "\u200d",
		"here it is: " + link, "红包:" + link + "。", link + " (claim it)", link[:20] + "\u2060" + link[20:],
		"\u202a" + link + "\u202c", "`" + link + "`",
	}
	for _, form := range forms {
		for _, command := range []string{"show", "explain", "history"} {
			if got := u.must(command, form)["packet"]; got != packet {
				t.Errorf("%s %q: %v", command, form, got)
			}
		}
		u.must("claim", form, "--from", "bob", "--dry-run")
	}
	damaged := append(forms, url.QueryEscape(link), "hongbao:"+link[14:], link[:40]+link[60:],
		strings.Replace(link, "claim?", "klaim?", 1))
	for i, text := range damaged {
		for j, args := range [][]string{
			{"claim", text[:len(text)/3] + text[len(text)/2:], "--from", "bob", "--dry-run"}, {"recall", text + "/x"},
			{"pay", "1", "--to", text, "--dry-run"}, {"pay", "1", "--to", "bob", "--from", text, "--dry-run"},
			{"contacts", "add", "x", text}, {"contacts", "add", text, "x"},
			{"keys", "show", text}, {"keys", "use", text}, {"verify", text}, {"tx", "decode", text},
			{"tx", "wait", text}, {"balance", text}, {text}, {"show", "x", text}, {"error", text},
			{"send", text}, {"send", "1", "--opens", text}, {"send", "1", "--recall", text}, {"explain", "--scene",
				text}, {"statement", "--since", text}, {"--output", text}, {"--home", u.home, "--" + text},
		} {
			output := []string{"json", "text"}[(i+j)%2] // each command says it in both, one form after the other
			var stdout, stderr bytes.Buffer
			root := NewRoot(strings.NewReader(""), &stdout, &stderr)
			Run(context.Background(), root, append([]string{"--home", u.home, "--output", output}, args...))
			if said := stdout.String() + stderr.String(); strings.Contains(said, secret[:12]) {
				t.Errorf("%q says %s", args, said)
			}
		}
	}
	// A file of that name is not there, and says so without the secret.
	if _, err := os.Stat(filepath.Join(u.home, link)); err == nil {
		t.Error("a link became a file")
	}
	got := u.must("claim", "<H"+link[1:]+">", "--from", "bob")
	if got["memo"] != "恭喜" {
		t.Errorf("%v", got)
	}
}
