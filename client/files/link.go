package files

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/btcsuite/btcd/btcec/v2"

	"hongbao/contract"
)

// Link is what a sender hands on:
//
//	hongbao:claim?chain=hongbao-dev-0f3a…&packet=rp1…#k=…&m=…
//
// Everything secret is behind the #, which no server that a link passes
// through is ever sent. k is the link's secret key, m the memo behind the 16
// bytes of salt of its commitment; both base64url without padding, both
// optional. Of a packet to a list, l is the claimer's entry, with the way from it to
// the list's root, in CBOR and base64url; k is that entry's key, where it has one.
type Link struct {
	Chain  string
	Packet contract.PacketID
	Key    *btcec.PrivateKey // nil: the packet needs none
	Memo   *Memo             // nil: there is none
	Entry  *contract.Listing // of a packet to a list: whose money this is; nil: no entry is at hand
}

// Memo is a text of which the ledger holds the commitment alone. The salt
// keeps a short memo from being guessed from it.
type Memo struct {
	Salt [16]byte
	Text string
}

// MaxMemoBytes keeps a link short enough for a QR code.
const MaxMemoBytes = 256

// ErrMemoText is returned for a text that no memo may be.
var ErrMemoText = fmt.Errorf("at most %d bytes of text", MaxMemoBytes)

// ErrOtherMemo is returned for a link whose memo the packet's terms do not
// commit to.
var ErrOtherMemo = errors.New("its memo is not the one the sender signed")

// NewMemo is a memo under a new salt. It fails with ErrMemoText.
func NewMemo(text string) (*Memo, error) {
	if len(text) > MaxMemoBytes || !utf8.ValidString(text) {
		return nil, ErrMemoText
	}
	m := &Memo{Text: text}
	_, err := rand.Read(m.Salt[:])
	return m, err
}

// Hash is the commitment that the terms hold.
func (m *Memo) Hash() contract.Hash { return contract.MemoHash(m.Salt, m.Text) }

// String is the link's one spelling.
func (l *Link) String() string {
	b64 := base64.RawURLEncoding
	var secret []string
	if l.Key != nil {
		secret = append(secret, "k="+b64.EncodeToString(l.Key.Serialize()))
	}
	if l.Memo != nil {
		secret = append(secret, "m="+b64.EncodeToString(append(l.Memo.Salt[:], l.Memo.Text...)))
	}
	if l.Entry != nil {
		secret = append(secret, "l="+b64.EncodeToString(contract.Encode(l.Entry)))
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

// findLink finds the link in what a person pasted: messengers and phones put
// quotes, brackets and invisible characters round it, and capitals at its start.
func findLink(text string) (string, bool) {
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

// IsLink reports whether text is meant as a link.
func IsLink(text string) bool {
	clean, ok := findLink(text)
	return ok || strings.HasPrefix(strings.ToLower(clean), linkScheme)
}

// LinkError says what is wrong with the text of a link. It never repeats what
// stands behind the #.
type LinkError struct{ Why string }

func (e *LinkError) Error() string { return "link: " + e.Why }

// ParseLink reads a link, also out of what a messenger put round it. Its error
// is a LinkError.
func ParseLink(text string) (*Link, error) {
	text, _ = findLink(text)
	open, secret, _ := strings.Cut(text, "#")
	rest, ok := strings.CutPrefix(open, linkStart)
	if !ok {
		return nil, &LinkError{"does not begin with hongbao:claim?"}
	}
	q, err := url.ParseQuery(rest)
	if err != nil {
		return nil, &LinkError{"garbled"}
	}
	l := &Link{Chain: q.Get("chain")}
	if l.Packet, err = contract.ParsePacketID(q.Get("packet")); err != nil || l.Chain == "" {
		return nil, &LinkError{"names no chain or no packet"}
	}
	f, err := url.ParseQuery(secret)
	if err != nil {
		return nil, &LinkError{"garbled behind the #"}
	}
	b64 := base64.RawURLEncoding.Strict()
	if f.Has("k") {
		k, err := b64.DecodeString(f.Get("k"))
		var scalar btcec.ModNScalar
		if err != nil || len(k) != 32 || scalar.SetByteSlice(k) || scalar.IsZero() {
			return nil, &LinkError{"its key is damaged"}
		}
		l.Key = btcec.PrivKeyFromScalar(&scalar)
	}
	if f.Has("m") {
		m, err := b64.DecodeString(f.Get("m"))
		if err != nil || len(m) < 16 || !utf8.Valid(m[16:]) {
			return nil, &LinkError{"its memo is damaged"}
		}
		l.Memo = &Memo{Salt: [16]byte(m[:16]), Text: string(m[16:])}
	}
	if f.Has("l") {
		b, err := b64.DecodeString(f.Get("l"))
		l.Entry = new(contract.Listing)
		if err != nil || contract.Decode(b, l.Entry) != nil {
			return nil, &LinkError{"its entry on the list is damaged"}
		}
	}
	return l, nil
}

// Check compares what the link says with the packet's terms. It fails with
// contract.CodeBadLink or ErrOtherMemo.
func (l *Link) Check(t *contract.Terms) error {
	if l.Key != nil {
		pub := [32]byte(contract.AddressOf(l.Key))
		opens := t.LinkKey
		if l.Entry != nil && l.Entry.Entry.Kind == contract.WhoLink {
			opens = &l.Entry.Entry.Who
		}
		if opens == nil || !bytes.Equal(pub[:], opens[:]) {
			return contract.Errorf(contract.CodeBadLink, "packet %s: the link's key is not its key", l.Packet)
		}
	}
	if root := contract.ListIn(t.Claim.Cond); l.Entry != nil && root != nil {
		if err := l.Entry.Check(*root, t.Shares, t.Total); err != nil {
			return err
		}
	} else if l.Entry != nil {
		return contract.Errorf(contract.CodeNotOnList, "packet %s: has no list", l.Packet)
	}
	if l.Memo != nil && (t.Memo == nil || l.Memo.Hash() != *t.Memo) {
		return fmt.Errorf("link: %w", ErrOtherMemo)
	}
	return nil
}
