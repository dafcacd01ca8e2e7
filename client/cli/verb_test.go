package cli

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"hongbao/client/words"
)

// eachRow visits a row and all under it, by command line.
func eachRow(v *Verb, under string, visit func(line string, v *Verb)) {
	line := strings.TrimSpace(under + " " + strings.Fields(v.Use)[0])
	visit(line, v)
	for _, sub := range v.Under {
		eachRow(sub, line, visit)
	}
}

// Every row says in both languages what it does and what each of its flags means.
func TestEveryVerbIsSaidInBothLanguages(t *testing.T) {
	s := From(NewRoot(nil, nil, nil))
	rows := 0
	eachRow(s.verbs(), "", func(line string, v *Verb) {
		rows++
		said := func(what, en, zh string) {
			if en != "" && (zh == en || !translates(zh)) {
				t.Errorf("%s: %s is %q, in Chinese %q", line, what, en, zh)
			}
		}
		if v.Short.In(words.English) == "" {
			t.Errorf("%s: nothing says what it does", line)
		}
		said("what it does", v.Short.In(words.English), v.Short.In(words.Chinese))
		for _, f := range slices.Concat(v.Flags, v.Shared) {
			said(f.Usage, f.En, f.Zh)
		}
		if long := v.Long.In(words.English); long != "" && !translates(v.Long.In(words.Chinese)) {
			t.Errorf("%s: its description has no Chinese", line)
		}
		if v.Reach >= Asking && v.Run == nil {
			t.Errorf("%s: runs nothing, and asks a node", line)
		}
	})
	if rows < 40 {
		t.Errorf("found no more than %d rows", rows)
	}
}

func TestAUsageLineSaysWhatItTakes(t *testing.T) {
	for use, want := range map[string]string{
		"list":                                 "",
		"pay AMOUNT --to PARTY":                "AMOUNT",
		"send TOTAL | --each AMOUNT":           "[TOTAL]",
		"claim REF | LINK | -":                 "REF|LINK|-",
		"recall [REF]":                         "[REF]",
		"watch [REF | PARTY]":                  "[REF|PARTY]",
		"answer REF accept|refuse":             "REF accept|refuse",
		"tighten REF --recall X | --ren":       "REF",
		"explain REF | --scene N | --recall C": "[REF]",
		"sign FILE | - -o FILE":                "FILE|-",
		"account [PARTY] -o FILE":              "[PARTY]",
		"faucet NAME|ADDRESS [AMOUNT]":         "NAME|ADDRESS [AMOUNT]",
	} {
		var got []string
		for _, s := range slots(use) {
			if s.optional {
				s.words = "[" + s.words + "]"
			}
			got = append(got, s.words)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", use, got, want)
		}
	}
}

// The exit codes of a verb are those that its reach allows, and its own.
func TestAReachSaysHowAVerbEnds(t *testing.T) {
	for _, tt := range []struct {
		v    Verb
		want string
	}{
		{Verb{Reach: Alone}, "[0 1 2 9]"},
		{Verb{Reach: AtHome, Exits: []int{ExitNotFinal}}, "[0 1 2 9 10]"},
		{Verb{Reach: Asking}, "[0 1 2 3 6 7 8 9]"},
		{Verb{Reach: Sending}, "[0 1 2 3 4 5 6 7 8 9]"},
	} {
		if got := fmt.Sprint(tt.v.ExitCodes()); got != tt.want {
			t.Errorf("%+v: %s, want %s", tt.v, got, tt.want)
		}
	}
}
