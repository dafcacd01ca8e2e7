package contract

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = TimeOf(time.Date(2026, 2, 17, 12, 0, 0, 0, time.UTC))

func at(offset Seconds) Time { return noon.Plus(offset) }

func TestParseCondition(t *testing.T) {
	a, b := testAddr("alice").String(), testAddr("bob").String()
	for _, row := range []struct {
		desc, in string
		prints   string // empty: as it was read
		code     Code
	}{
		{"always", "always", "", 0},
		{"never", "never", "", 0},
		{"within", "within(2m)", "", 0},
		{"after, another spelling", "after(90s)", "after(1m30s)", 0},
		{"days", "within(3d)", "within(72h)", 0},
		{"before", "before(2026-02-17T00:00:00Z)", "", 0},
		{"from", "from(2026-02-17T00:00:00Z)", "", 0},
		{"untouched", "untouched", "", 0},
		{"sender", "sender", "", 0},
		{"link", "link", "", 0},
		{"key", "key(" + a + ")", "", 0},
		{"named", "named(" + a + "," + b + ")", "", 0},
		{"all", "all(sender,within(24h))", "", 0},
		{"spaces", " all ( sender , within( 24h ) ) ", "all(sender,within(24h))", 0},
		{"newlines", "all(\n\tsender,\n\twithin(24h)\n)", "all(sender,within(24h))", 0},
		{"any in all", "all(any(sender,untouched),after(1s))", "", 0},
		{"2 of 3", "2 of (sender,key(" + a + "),key(" + b + "))", "", 0},
		{"1 of 1", "1 of (sender)", "", 0},
		{"close spelling of of", "2of(sender,link)", "", CodeBadCondition},
		{"no space after of", "2 of(sender,link)", "2 of (sender,link)", 0},
		{"order is kept", "any(untouched,sender)", "", 0},
		{"empty", "", "", CodeBadCondition},
		{"spaces alone", "   ", "", CodeBadCondition},
		{"unknown word", "sometimes", "", CodeBadCondition},
		{"capitals", "Always", "", CodeBadCondition},
		{"something after", "always always", "", CodeBadCondition},
		{"bracket after", "always)", "", CodeBadCondition},
		{"always with brackets", "always()", "", CodeBadCondition},
		{"all of nothing", "all()", "", CodeBadCondition},
		{"unclosed", "all(sender", "", CodeBadCondition},
		{"comma at the end", "all(sender,)", "", CodeBadCondition},
		{"two commas", "all(sender,,link)", "", CodeBadCondition},
		{"within nothing", "within()", "", CodeBadCondition},
		{"within a moment", "within(2026-02-17T00:00:00Z)", "", CodeBadCondition},
		{"within over a year", "within(367d)", "", CodeBadCondition},
		{"before a length", "before(2m)", "", CodeBadCondition},
		{"before, in a zone", "before(2026-02-17T00:00:00+08:00)", "", CodeBadCondition},
		{"before, with decimals", "before(2026-02-17T00:00:00.5Z)", "", CodeBadCondition},
		{"before 1970", "before(1969-12-31T23:59:59Z)", "", CodeBadCondition},
		{"before 2262", "before(2261-12-31T23:59:59Z)", "", 0},
		{"in 2262", "before(2262-01-01T00:00:00Z)", "", CodeBadCondition},
		{"30 February", "before(2026-02-30T00:00:00Z)", "", CodeBadCondition},
		{"leap second", "before(2016-12-31T23:59:60Z)", "", CodeBadCondition},
		{"key of nobody", "key()", "", CodeBadCondition},
		{"mistyped key", "key(" + a[:20] + b[20:] + ")", "", CodeBadCondition},
		{"capital key", "key(" + strings.ToUpper(a) + ")", "", CodeBadCondition},
		{"two keys", "key(" + a + "," + b + ")", "", CodeBadCondition},
		{"named nobody", "named()", "", CodeBadCondition},
		{"0 of", "0 of (sender)", "", CodeBadCondition},
		{"more than there are", "3 of (sender,link)", "", CodeBadCondition},
		{"negative of", "-1 of (sender)", "", CodeBadCondition},
		{"2 written 02", "02 of (sender,link)", "", CodeBadCondition},
		{"a huge k", "99999999999999999999 of (sender)", "", CodeBadCondition},
		{"of nothing", "1 of ()", "", CodeBadCondition},
		{"not UTF-8", "\xff\xfe", "", CodeBadCondition},
		{"a zero byte", "always\x00", "", CodeBadCondition},
		{"8 deep", strings.Repeat("all(", 7) + "always" + strings.Repeat(")", 7), "", 0},
		{"9 deep", strings.Repeat("all(", 8) + "always" + strings.Repeat(")", 8), "", CodeConditionTooDeep},
		{"very deep", strings.Repeat("all(", 2000), "", CodeConditionTooDeep},
		{"16 operands", "any(" + strings.Repeat("link,", 15) + "link)", "", 0},
		{"17 operands", "any(" + strings.Repeat("link,", 16) + "link)", "", CodeConditionTooLarge},
		{"64 parts", fan(3, 16, 13), "", 0},
		{"65 parts", fan(3, 16, 14), "", CodeConditionTooLarge},
		{"100 names", "named(" + strings.Repeat(a+",", 99) + b + ")", "", 0},
		{"101 names", "named(" + strings.Repeat(a+",", 100) + b + ")", "", CodeConditionTooLarge},
		{"too many bytes", strings.Repeat(" ", maxCondBytes) + "link", "", CodeConditionTooLarge},
		{"too many bytes once spelt right", widening(), "", CodeConditionTooLarge},
	} {
		c, err := Parse(row.in)
		if CodeOf(err) != row.code || (err == nil) != (c != nil) {
			t.Errorf("%s: %s (%v), want %s", row.desc, CodeOf(err), err, row.code)
			continue
		}
		if err != nil {
			continue
		}
		want := row.prints
		if want == "" {
			want = row.in
		}
		if got := Print(c); got != want {
			t.Errorf("%s: prints %q, want %q", row.desc, got, want)
		}
		if again, err := Parse(Print(c)); err != nil || !reflect.DeepEqual(again, c) {
			t.Errorf("%s: what it prints parses to %v, %v", row.desc, again, err)
		}
	}
}

// fan is any of groups: n of them with size links each, and one more with last.
func fan(n, size, last int) string {
	group := func(n int) string { return "any(" + strings.Repeat("link,", n-1) + "link)" }
	return "any(" + strings.Repeat(group(size)+",", n-1) + group(size-1) + "," + group(last-1) + ")"
}

// widening is short enough as it stands, and too long as Print spells it: each
// of its 32 windows grows by three letters, from 9999s to 2h46m39s.
func widening() string {
	list := func(item string, n int) string { return "(" + strings.Repeat(item+",", n-1) + item + ")" }
	name, windows := testAddr("alice").String(), "all"+list("within(9999s)", 16)
	most := "any(link"
	for n := 1; ; n++ {
		s := "any(named" + list(name, 100) + "," + windows + "," + windows + ",named" + list(name, n) + ")"
		if len(s) > maxCondBytes {
			return most
		}
		most = s
	}
}

// genCond draws any condition that Parse could return, within its bounds.
func genCond(depth int) *rapid.Generator[Cond] {
	return rapid.Custom(func(rt *rapid.T) Cond {
		secs := Seconds(rapid.Uint32Max(uint32(MaxDuration)).Draw(rt, "seconds"))
		instant := Time(rapid.Int64Range(0, 9_000_000_000).Draw(rt, "instant")) * Time(time.Second)
		who := rapid.SampledFrom([]Address{testAddr("alice"), testAddr("bob"), testAddr("carol")})
		most := 13
		if depth <= 1 {
			most = 10
		}
		list := func() []Cond {
			return rapid.SliceOfN(genCond(depth-1), 1, 3).Draw(rt, "operands")
		}
		switch rapid.IntRange(0, most).Draw(rt, "kind") {
		case 0:
			return Always{}
		case 1:
			return Never{}
		case 2:
			return Within{secs}
		case 3:
			return After{secs}
		case 4:
			return Before{instant}
		case 5:
			return From{instant}
		case 6:
			return Untouched{}
		case 7:
			return Sender{}
		case 8:
			return Key{who.Draw(rt, "key")}
		case 9:
			return Link{}
		case 10:
			return Named{rapid.SliceOfN(who, 1, 4).Draw(rt, "named")}
		case 11:
			return All(list())
		case 12:
			return Any(list())
		}
		ops := list()
		return Of{rapid.IntRange(1, len(ops)).Draw(rt, "k"), ops}
	})
}

func TestPrintAndParseAreInverses(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := genCond(4).Draw(rt, "condition")
		got, err := Parse(Print(c))
		if CodeOf(err) == CodeConditionTooLarge {
			rt.Skip("too many parts")
		}
		if err != nil {
			rt.Fatalf("%s: %v", Print(c), err)
		}
		if !reflect.DeepEqual(got, c) {
			rt.Fatalf("%s parses to %s", Print(c), Print(got))
		}
		var r Rule
		if err := Decode(Encode(Rule{c}), &r); err != nil || !reflect.DeepEqual(r.Cond, c) {
			rt.Fatalf("%s on the wire: %v, %v", Print(c), r.Cond, err)
		}
		// One letter more, less or other is another text, or none.
		other := []byte(Print(c))
		i := rapid.IntRange(0, len(other)-1).Draw(rt, "at")
		letter := rapid.SampledFrom([]byte(" 0129(),:smhdT-Zaqz")).Draw(rt, "letter")
		switch rapid.IntRange(0, 2).Draw(rt, "bend") {
		case 0:
			other[i] = letter
		case 1:
			other = slices.Insert(other, i, letter)
		case 2:
			other = slices.Delete(other, i, i+1)
		}
		bent, err := Parse(string(other))
		if _, ok := parsePrinted(string(other)); ok != (err == nil && Print(bent) == string(other)) {
			rt.Fatalf("%q is read as what Print prints: %v", other, ok)
		}
	})
}

// More signatures, and an untouched packet, never make less true.
func TestConditionsAreMonotone(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := genCond(4).Draw(rt, "condition")
		alice, bob, carol := testAddr("alice"), testAddr("bob"), testAddr("carol")
		less := Facts{Now: noon + Time(rapid.Int64Range(-5, 5).Draw(rt, "now")), Start: noon,
			Sender: alice, Claimer: bob,
			Signers: rapid.SliceOfDistinct(rapid.SampledFrom([]Address{alice, bob, carol}), rapid.ID[Address]).Draw(rt,
				"signers")}
		more := less
		more.Signers = []Address{alice, bob, carol}
		more.Link, more.Untouched = true, true
		if Unmet(c, less) == nil && Unmet(c, more) != nil {
			rt.Fatalf("%s: true with less", Print(c))
		}
		if unmet := Unmet(c, less); unmet != nil {
			if err := refusal(unmet, less); CodeOf(err) == CodeOK || err.Error() == "" {
				rt.Fatalf("%s: refused without a reason", Print(c))
			}
		}
	})
}

// Every atom at its boundary and a nanosecond around it: windows are half-open.
func TestUnmet(t *testing.T) {
	alice, bob, carol := testAddr("alice"), testAddr("bob"), testAddr("carol")
	day := Seconds(86400)
	signed := func(who ...Address) Facts { return Facts{Now: noon, Start: noon, Sender: alice, Signers: who} }
	when := func(now Time) Facts { return Facts{Now: now, Start: noon, Sender: alice, Signers: []Address{alice}} }
	for _, row := range []struct {
		desc  string
		cond  Cond
		facts Facts
		code  Code
		retry Time
	}{
		{"always", Always{}, Facts{}, 0, 0},
		{"never", Never{}, Facts{}, CodeWindowClosed, 0},
		{"within, at the start", Within{120}, when(noon), 0, 0},
		{"within, 1 ns before its end", Within{120}, when(at(120) - 1), 0, 0},
		{"within, at its end", Within{120}, when(at(120)), CodeWindowClosed, 0},
		{"within, 1 ns after", Within{120}, when(at(120) + 1), CodeWindowClosed, 0},
		{"within nothing", Within{0}, when(noon), CodeWindowClosed, 0},
		{"within, from the end of time", Within{day}, Facts{Now: MaxTime - 1, Start: MaxTime - 1}, 0, 0},
		{"after, at the start", After{120}, when(noon), CodeWindowNotOpen, at(120)},
		{"after, 1 ns before", After{120}, when(at(120) - 1), CodeWindowNotOpen, at(120)},
		{"after, at its instant", After{120}, when(at(120)), 0, 0},
		{"after nothing", After{0}, when(noon), 0, 0},
		{"before, 1 ns before", Before{at(9)}, when(at(9) - 1), 0, 0},
		{"before, at its instant", Before{at(9)}, when(at(9)), CodeWindowClosed, 0},
		{"from, 1 ns before", From{at(9)}, when(at(9) - 1), CodeWindowNotOpen, at(9)},
		{"from, at its instant", From{at(9)}, when(at(9)), 0, 0},
		{"untouched", Untouched{}, Facts{Untouched: true}, 0, 0},
		{"touched", Untouched{}, Facts{}, CodeTouched, 0},
		{"sender signed", Sender{}, signed(alice), 0, 0},
		{"somebody else signed", Sender{}, signed(bob), CodeSignatureMissing, 0},
		{"nobody signed", Sender{}, signed(), CodeSignatureMissing, 0},
		{"key signed", Key{bob}, signed(alice, bob), 0, 0},
		{"another key signed", Key{bob}, signed(alice), CodeSignatureMissing, 0},
		{"link", Link{}, Facts{Link: true}, 0, 0},
		{"no link", Link{}, Facts{}, CodeLinkRequired, 0},
		{"named", Named{[]Address{alice, bob}}, Facts{Claimer: bob}, 0, 0},
		{"not named", Named{[]Address{alice, bob}}, Facts{Claimer: carol}, CodeNotNamed, 0},
		{"all", All{Sender{}, Within{1}}, when(noon), 0, 0},
		{"all names the first that lacks", All{Within{1}, Untouched{}}, when(at(1)), CodeWindowClosed, 0},
		{"all, the second lacks", All{Sender{}, After{5}}, when(noon), CodeWindowNotOpen, at(5)},
		{"any", Any{Never{}, Sender{}}, when(noon), 0, 0},
		{"any names what can still come true", Any{After{5}, Never{}}, when(noon), CodeWindowNotOpen, at(5)},
		{"any, all closed", Any{Within{1}, Never{}}, when(at(2)), CodeWindowClosed, 0},
		{"any, the last that is not closed", Any{Untouched{}, Key{bob}, Never{}}, when(noon), CodeSignatureMissing, 0},
		{"2 of 3 with 2", Of{2, []Cond{Sender{}, Key{bob}, Key{carol}}}, signed(alice, carol), 0, 0},
		{"2 of 3 with 1", Of{2, []Cond{Sender{}, Key{bob}, Key{carol}}}, signed(carol), CodeSignatureMissing, 0},
		{"2 of 3 with time as one", Of{2, []Cond{Sender{}, Key{bob}, After{5}}}, when(at(5)), 0, 0},
		{"a stranger's signature counts for nothing", Of{1, []Cond{Key{bob}}}, signed(alice, carol),
			CodeSignatureMissing, 0},
	} {
		unmet := Unmet(row.cond, row.facts)
		if (unmet == nil) != (row.code == 0) {
			t.Errorf("%s: unmet %v", row.desc, unmet)
			continue
		}
		if unmet == nil {
			continue
		}
		err := refusal(unmet, row.facts)
		if CodeOf(err) != row.code || err.(*Error).RetryAt != row.retry {
			t.Errorf("%s: %s at %v (%v), want %s at %v", row.desc, CodeOf(err), err.(*Error).RetryAt, err,
				row.code, row.retry)
		}
	}
}

// The table of docs/format.md: which atom may stand where.
func TestWhereAtomsMayStand(t *testing.T) {
	bob := testAddr("bob")
	of := Of{1, []Cond{Always{}}}
	for _, row := range []struct {
		cond              Cond
		claim, rest, held bool
	}{
		{Link{}, true, false, false},
		{Named{[]Address{bob}}, true, false, false},
		{Sender{}, false, true, true},
		{Key{bob}, false, true, true},
		{of, false, true, true},
		{Within{1}, true, true, true},
		{After{1}, true, true, true},
		{Before{1}, true, true, false},
		{From{1}, true, true, false},
		{Untouched{}, false, true, false},
		{Always{}, true, true, true},
		{Never{}, true, true, true},
	} {
		for where, want := range map[place]bool{inClaimRule: row.claim, inRest: row.rest, inShare: row.held} {
			for desc, c := range map[string]Cond{"alone": row.cond, "in all": All{Always{}, row.cond},
				"in any": Any{All{row.cond}}} {
				err := checkCond(c, where, testAddr("alice"))
				if (err == nil) != want || (err != nil && CodeOf(err) != CodeConditionMisplaced) {
					t.Errorf("%s, %s, in a %s: %v", Print(row.cond), desc, placeNames[where], err)
				}
			}
		}
	}
}

func TestCheckCond(t *testing.T) {
	alice, bob := testAddr("alice"), testAddr("bob")
	deep := Cond(Always{})
	for range maxCondDepth {
		deep = All{deep}
	}
	wide := All{}
	for range maxCondNodes {
		wide = append(wide, Always{})
	}
	for _, row := range []struct {
		desc string
		cond Cond
		at   place
		code Code
	}{
		{"deeper than a parser lets through", deep, inRest, CodeConditionTooDeep},
		{"larger than a parser lets through", wide, inRest, CodeConditionTooLarge},
		{"a name twice", Named{[]Address{bob, alice, bob}}, inClaimRule, CodeDuplicateKey},
		{"a name in two lists", Any{Named{[]Address{bob}}, Named{[]Address{bob}}}, inClaimRule, 0},
		{"a key twice in k of", Of{1, []Cond{Key{bob}, Key{bob}}}, inRest, CodeDuplicateKey},
		{"sender and her own key in k of", Of{1, []Cond{Sender{}, Key{alice}}}, inRest, CodeDuplicateKey},
		{"a key twice, once deeper", Of{1, []Cond{Key{bob}, All{Sender{}, Key{bob}}}}, inRest, CodeDuplicateKey},
		{"a key in k of and outside", All{Key{bob}, Of{1, []Cond{Key{bob}, Sender{}}}}, inRest, 0},
		{"a key twice within one operand", Of{1, []Cond{Any{Key{bob}, All{Key{bob}, Within{1}}}, Sender{}}}, inRest, 0},
		{"a key that nobody holds", Key{}, inRest, CodeBadAddress},
	} {
		if got := CodeOf(checkCond(row.cond, row.at, alice)); got != row.code {
			t.Errorf("%s: %s, want %s", row.desc, got, row.code)
		}
	}
}
