package demo_test

import (
	"bytes"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"hongbao/client/cli"
	"hongbao/client/words"
	"hongbao/testnet/demo"
)

var vouchers = flag.Int("vouchers", 30, "how many vouchers are sent, claimed in part and recalled")

// The story of a list holds, and is what the READMEs show but for its numbers.
func TestVouchersEndToEnd(t *testing.T) {
	if testing.Short() {
		t.Skip("starts four processes")
	}
	temp := temporaryFolder(t)
	for _, one := range []struct {
		readme string
		lang   words.Lang
	}{{"../../README.md", words.English}, {"../../README.zh.md", words.Chinese}} {
		var out bytes.Buffer
		o := demo.Options{Lang: one.lang, Out: &out, Type: cli.Typed, Program: "hongbao"}
		if err := demo.Vouchers(t.Context(), o, *vouchers); err != nil {
			t.Fatalf("%v\n%s", err, &out)
		}
		t.Logf("\n%s", &out)
		for line := range strings.Lines(out.String()) {
			if n := words.Width(strings.TrimRight(line, "\n")); n > words.Columns {
				t.Errorf("%d columns: %s", n, line)
			}
		}
		text, err := os.ReadFile(one.readme)
		if err != nil {
			t.Fatal(err)
		}
		block := regexp.MustCompile("(?s)```console\n\\$ go run \\. demo --vouchers \\d+\n(.*?)```").FindSubmatch(text)
		if block == nil {
			t.Fatalf("%s has no console block that starts with: $ go run . demo --vouchers", one.readme)
		}
		numbers := regexp.MustCompile(`\d[\d,.]*`)
		plain := func(s string) string { return numbers.ReplaceAllString(normal(s), "N") }
		if want, got := plain(string(block[1])), plain(out.String()); want != got {
			t.Errorf("%s shows\n%s\nthe demo prints\n%s", one.readme, want, got)
		}
	}
	leftNothing(t, temp)
}
