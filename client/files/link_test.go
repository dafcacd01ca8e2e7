package files

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
	for _, l := range []Link{
		{Chain: "c-1", Packet: contract.PacketID{1}},
		{Chain: "c-1", Packet: contract.PacketID{1}, Key: key},
		{Chain: "c-1",
			Packet: contract.PacketID{1}, Key: key, Memo: &Memo{Salt: [16]byte{9}, Text: "新年快乐 #1 & more"}},
		{Chain: "c-1", Packet: contract.PacketID{1}, Memo: &Memo{}},
	} {
		got, err := ParseLink(" " + l.String() + "\n")
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
	whole := (&Link{Chain: "c", Packet: contract.PacketID{1}, Key: key}).String()
	open, secret, _ := strings.Cut(whole, "#")
	for _, bad := range []string{
		"", "hongbao:", "hongbao:pay?" + open[14:], "https://x/#" + secret,
		"hongbao:claim?chain=c#" + secret, strings.Replace(whole, "chain=c", "chain=", 1),
		strings.Replace(whole, "rp1", "rp2", 1), whole[:len(whole)-1], whole + "A",
		open + "#k=" + strings.Repeat("A", 43),
		open + "#k=!", open + "#m=AAAA", open + "#k=%zz",
	} {
		l, err := ParseLink(bad)
		if !errors.As(err, new(*LinkError)) {
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
	m := &Memo{Salt: [16]byte{1}, Text: "for tea"}
	hash := m.Hash()
	terms := &contract.Terms{LinkKey: &pub, Memo: &hash}
	for _, tt := range []struct {
		desc  string
		code  contract.Code // of the refusal
		other bool          // it is ErrOtherMemo
		link  Link
	}{
		{"fits", 0, false, Link{Key: key, Memo: m}},
		{"no secrets", 0, false, Link{}},
		{"another key", contract.CodeBadLink, false, Link{Key: other}},
		{"another memo", 0, true, Link{Key: key, Memo: &Memo{Salt: m.Salt, Text: "for wine"}}},
		{"another salt", 0, true, Link{Key: key, Memo: &Memo{Text: m.Text}}},
	} {
		err := tt.link.Check(terms)
		if tt.code != 0 && contract.CodeOf(err) != tt.code || errors.Is(err, ErrOtherMemo) != tt.other ||
			(err != nil) != (tt.code != 0 || tt.other) {
			t.Errorf("%s: %v", tt.desc, err)
		}
	}
	if err := (&Link{Key: key}).Check(&contract.Terms{}); err == nil {
		t.Error("a key for a packet that has none")
	}
}
