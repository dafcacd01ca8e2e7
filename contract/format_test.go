package contract

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// docs/format.md, which second implementations are written from, lists every
// code and every scene as they are.
func TestFormatDocument(t *testing.T) {
	b, err := os.ReadFile("../docs/format.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(b)
	codes := strings.Fields(strings.ReplaceAll(doc[strings.Index(doc, "\n## 13 Codes"):], "·", " "))
	listed := strings.Join(codes, " ") + " "
	for _, c := range Codes() {
		if !strings.Contains(listed, fmt.Sprintf(" %d %s ", uint32(c), c)) {
			t.Errorf("code %d %s is not listed", uint32(c), c)
		}
	}
	for _, s := range Scenes() {
		clauses, and := "none", ""
		if len(s.Clauses) > 0 {
			clauses = "`" + strings.Join(s.Clauses, "`; `") + "`"
		}
		switch {
		case s.Claimers == OneClaimer:
			and = "one claimer "
		case s.Claimers == ListedPeople:
			and = "listed people "
		case s.Claimers == Everyone && s.Split == Lucky:
			and = "everyone, lucky "
		case s.MaxTotal > 0:
			and = fmt.Sprintf("total ≤ %d fen ", s.MaxTotal)
		}
		row := fmt.Sprintf("| `%s` | %s | %s | %s | %s|\n", s.Name, clauses, inWords(s.Hold), inWords(s.Expiry), and)
		if !strings.Contains(doc, row) {
			t.Errorf("no row %q", row)
		}
	}
}

func inWords(d Seconds) string {
	switch {
	case d == 0:
		return "0"
	case d%3600 == 0:
		return fmt.Sprintf("%d h", d/3600)
	}
	return fmt.Sprintf("%d min", d/60)
}
