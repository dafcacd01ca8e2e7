package cli

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/btcsuite/btcd/btcec/v2"

	"hongbao/client/wallet"
	"hongbao/contract"
)

// link is what a sender hands on:
//
//	hongbao:claim?chain=hongbao-dev-0f3a…&packet=rp1…#k=…&m=…
//
// Everything secret is behind the #, which no server that a link passes
// through is ever sent. k is the link's secret key, m the memo behind the 16
// bytes of salt of its commitment; both base64url without padding, both
// optional.
type link struct {
	Chain  string
	Packet contract.PacketID
	Key    *btcec.PrivateKey // nil: the packet needs none
	Memo   *memo             // nil: there is none
}

// memo is a text that only its commitment stands on the ledger for. The salt
// keeps a short memo from being guessed from it.
type memo struct {
	Salt [16]byte
	Text string
}

// maxMemoBytes keeps a link short enough for a QR code.
const maxMemoBytes = 256

func (m *memo) hash() contract.Hash {
	return contract.MemoHash(m.Salt, m.Text)
}

func checkMemo(text string) error {
	if len(text) > maxMemoBytes || !utf8.ValidString(text) {
		return usagef("--memo: at most %d bytes of text", maxMemoBytes)
	}
	return nil
}

func (l *link) String() string {
	b64 := base64.RawURLEncoding
	var secret []string
	if l.Key != nil {
		secret = append(secret, "k="+b64.EncodeToString(l.Key.Serialize()))
	}
	if l.Memo != nil {
		secret = append(secret, "m="+b64.EncodeToString(append(l.Memo.Salt[:], l.Memo.Text...)))
	}
	s := linkStart + "chain=" + url.QueryEscape(l.Chain) + "&packet=" + l.Packet.String()
	if len(secret) > 0 {
		s += "#" + strings.Join(secret, "&")
	}
	return s
}

const (
	linkScheme = "hongbao:"
	linkStart  = linkScheme + "claim?"
)

// linkIn finds the link in what a person pasted: messengers and phones put
// quotes, brackets and invisible characters round it, and capitals at its start.
func linkIn(text string) (string, bool) {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text))
	at := strings.Index(strings.ToLower(text), linkStart)
	// The small form of some letters has another length: look where it was found.
	if at < 0 || !strings.EqualFold(text[at:min(len(text), at+len(linkStart))], linkStart) {
		return text, false
	}
	rest := text[at+len(linkStart):]
	if end := strings.IndexFunc(rest, endsLink); end >= 0 {
		rest = rest[:end]
	}
	return linkStart + rest, true
}

// endsLink reports whether r cannot stand in a link.
func endsLink(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune(`"'<>()[]{}`+"`", r) || r > unicode.MaxASCII
}

// isLink reports whether text is meant as a link.
func isLink(text string) bool {
	clean, ok := linkIn(text)
	return ok || strings.HasPrefix(strings.ToLower(clean), linkScheme)
}

// parseLink reads a link. Its errors never repeat what is behind the #.
func parseLink(text string) (*link, error) {
	text, _ = linkIn(text)
	bad := func(why string) error {
		return Fail(ExitUsage, "bad_link_text", "link: %s", why).WithHint("copy the whole link, with everything after the #", "请完整复制链接,包括 # 后面的部分")
	}
	open, secret, _ := strings.Cut(text, "#")
	rest, ok := strings.CutPrefix(open, linkStart)
	if !ok {
		return nil, bad("does not begin with hongbao:claim?")
	}
	q, err := url.ParseQuery(rest)
	if err != nil {
		return nil, bad("garbled")
	}
	l := &link{Chain: q.Get("chain")}
	if l.Packet, err = contract.ParsePacketID(q.Get("packet")); err != nil || l.Chain == "" {
		return nil, bad("names no chain or no packet")
	}
	f, err := url.ParseQuery(secret)
	if err != nil {
		return nil, bad("garbled behind the #")
	}
	b64 := base64.RawURLEncoding.Strict()
	if f.Has("k") {
		k, err := b64.DecodeString(f.Get("k"))
		var scalar btcec.ModNScalar
		if err != nil || len(k) != 32 || scalar.SetByteSlice(k) || scalar.IsZero() {
			return nil, bad("its key is damaged")
		}
		l.Key = btcec.PrivKeyFromScalar(&scalar)
	}
	if f.Has("m") {
		m, err := b64.DecodeString(f.Get("m"))
		if err != nil || len(m) < 16 || !utf8.Valid(m[16:]) {
			return nil, bad("its memo is damaged")
		}
		l.Memo = &memo{Salt: [16]byte(m[:16]), Text: string(m[16:])}
	}
	return l, nil
}

// check compares what the link says with the packet's terms.
func (l *link) check(t *contract.Terms) error {
	if l.Key != nil {
		pub := [32]byte(contract.AddressOf(l.Key))
		if t.LinkKey == nil || !bytes.Equal(pub[:], t.LinkKey[:]) {
			return refusal(contract.CodeBadLink, "packet "+l.Packet.String()+": the link's key is not its key", 0)
		}
	}
	if l.Memo != nil && (t.Memo == nil || l.Memo.hash() != *t.Memo) {
		return Fail(ExitRefused, "memo_mismatch", "link: its memo is not the one the sender signed")
	}
	return nil
}

// The links of packets sent from a home are kept there, for their owner alone:
// a terminal that closed too early must not cost the money behind them.

func (s *Session) linkPath(id contract.PacketID) string {
	return filepath.Join(s.Global.Home, "links", id.String()+".json")
}

type linkFile struct {
	Link string `json:"link"`
}

func (s *Session) keepLink(l *link) error {
	return wallet.WriteFile(s.linkPath(l.Packet), linkFile{l.String()})
}

// keptLink is the link of a packet sent from this home; empty when there is
// none.
func (s *Session) keptLink(id contract.PacketID) (string, error) {
	b, err := os.ReadFile(s.linkPath(id))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	var f linkFile
	if err == nil {
		err = json.Unmarshal(b, &f)
	}
	return f.Link, err
}
