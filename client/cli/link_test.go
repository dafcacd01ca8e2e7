package cli

import (
	"errors"
	"strings"
	"testing"

	"hongbao/client/wallet"
	"hongbao/contract"
)

func TestLinksPrintAndParse(t *testing.T) {
	key, err := wallet.NewLink()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []link{
		{Chain: "c-1", Packet: contract.PacketID{1}},
		{Chain: "c-1", Packet: contract.PacketID{1}, Key: key},
		{Chain: "c-1", Packet: contract.PacketID{1}, Key: key, Memo: &memo{Salt: [16]byte{9}, Text: "新年快乐 #1 & more"}},
		{Chain: "c-1", Packet: contract.PacketID{1}, Memo: &memo{}},
	} {
		got, err := parseLink(" " + l.String() + "\n")
		if err != nil || got.String() != l.String() || (got.Key == nil) != (l.Key == nil) {
			t.Errorf("%s\n%v, %v", l.String(), got, err)
		}
		if l.Memo != nil && (got.Memo == nil || *got.Memo != *l.Memo) {
			t.Errorf("memo %+v of %+v", got.Memo, l.Memo)
		}
		if open, _, _ := strings.Cut(l.String(), "#"); strings.Contains(open, "k=") || strings.Contains(open, "m=") {
			t.Errorf("a secret before the #: %s", open)
		}
	}
}

// What is wrong with a link is said without repeating its secret.
func TestDamagedLinks(t *testing.T) {
	key, err := wallet.NewLink()
	if err != nil {
		t.Fatal(err)
	}
	whole := (&link{Chain: "c", Packet: contract.PacketID{1}, Key: key}).String()
	open, secret, _ := strings.Cut(whole, "#")
	for _, bad := range []string{
		"", "hongbao:", "hongbao:pay?" + open[14:], "https://x/#" + secret,
		"hongbao:claim?chain=c#" + secret, strings.Replace(whole, "chain=c", "chain=", 1),
		strings.Replace(whole, "rp1", "rp2", 1), whole[:len(whole)-1], whole + "A", open + "#k=" + strings.Repeat("A", 43),
		open + "#k=!", open + "#m=AAAA", open + "#k=%zz",
	} {
		l, err := parseLink(bad)
		var e *Error
		if err == nil || !errors.As(err, &e) || e.Exit != ExitUsage || e.Code != "bad_link_text" {
			t.Errorf("%q: %v, %v", bad, l, err)
		} else if strings.Contains(err.Error(), secret[2:20]) {
			t.Errorf("%q: the error tells the secret: %v", bad, err)
		}
	}
}

func TestALinkIsCheckedAgainstTheTerms(t *testing.T) {
	key, _ := wallet.NewLink()
	other, _ := wallet.NewLink()
	pub := [32]byte(contract.AddressOf(key))
	m := &memo{Salt: [16]byte{1}, Text: "for tea"}
	hash := m.hash()
	terms := &contract.Terms{LinkKey: &pub, Memo: &hash}
	for _, tt := range []struct {
		desc, code string
		link       link
	}{
		{"fits", "", link{Key: key, Memo: m}},
		{"no secrets", "", link{}},
		{"another key", "bad_link", link{Key: other}},
		{"another memo", "memo_mismatch", link{Key: key, Memo: &memo{Salt: m.Salt, Text: "for wine"}}},
		{"another salt", "memo_mismatch", link{Key: key, Memo: &memo{Text: m.Text}}},
	} {
		err := tt.link.check(terms)
		if (tt.code == "") != (err == nil) || (err != nil && asError(err).Code != tt.code) {
			t.Errorf("%s: %v", tt.desc, err)
		}
	}
	if err := (&link{Key: key}).check(&contract.Terms{}); err == nil {
		t.Error("a key for a packet that has none")
	}
}

func TestAMemoCannotDriveATerminal(t *testing.T) {
	if got := printable("新\x1b[2J\u009b年\r\n快乐"); got != "新 [2J 年  快乐" {
		t.Errorf("%q", got)
	}
}

// What a stranger wrote is shown on one line, and reads as it was written.
func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"新年快乐 👨‍👩‍👧":           "新年快乐 👨‍👩‍👧",
		"\x1b[2Jgone\r\nfinal": " [2Jgone  final",
		"\u009b2J":             " 2J",
		"a\u2028b\u2029c":      "a b c",
		"\u202e00.1¥ +\u2066":  " 00.1¥ + ",
		"\u200fx\u061c":        " x ",
	} {
		if got := printable(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
