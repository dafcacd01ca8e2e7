package contract

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/schnorr"
	"github.com/btcsuite/btcd/btcutil/bech32"
)

// Address is an account: its BIP-340 x-only public key itself, so that a
// signature can be checked against an address with nothing else at hand.
// Text form: bech32m with the prefix "hb" (hb1…, 61 characters).
type Address [32]byte

// PacketID names a packet. Text form: bech32m with the prefix "rp" (rp1…).
type PacketID [32]byte

const (
	addressPrefix = "hb"
	packetPrefix  = "rp"
)

// AddressOf is the account of a private key.
func AddressOf(key *btcec.PrivateKey) Address {
	return Address(schnorr.SerializePubKey(key.PubKey()))
}

// ParseAddress reads hb1…; its error has CodeBadAddress.
func ParseAddress(s string) (Address, error) {
	b, err := parseBech32m(addressPrefix, s)
	return Address(b), err
}

// ParsePacketID reads rp1…; its error has CodeBadAddress.
func ParsePacketID(s string) (PacketID, error) {
	b, err := parseBech32m(packetPrefix, s)
	return PacketID(b), err
}

// NewPacketID is the id of the packet that sender funds with its tx of this
// nonce. A nonce executes once, so an id exists once.
func NewPacketID(chain string, sender Address, nonce uint64) PacketID {
	return PacketID(TaggedHash(tagPacket, lengthPrefixed(chain), sender[:], uint64Bytes(nonce)))
}

// OnCurve reports whether a key with this x exists. Money sent to an address
// off the curve could never move again.
func (a Address) OnCurve() bool {
	_, err := schnorr.ParsePubKey(a[:])
	return err == nil
}

func (a Address) String() string  { return formatBech32m(addressPrefix, a) }
func (p PacketID) String() string { return formatBech32m(packetPrefix, p) }

// Short is the form for screens: rp1q7…x4ab. Never parse it.
func (a Address) Short() string { return short(a.String()) }

// Short is the form for screens. Never parse it.
func (p PacketID) Short() string { return short(p.String()) }

func short(s string) string { return s[:7] + "…" + s[len(s)-4:] }

// MarshalText writes the bech32m form.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads the bech32m form.
func (a *Address) UnmarshalText(text []byte) (err error) {
	*a, err = ParseAddress(string(text))
	return err
}

// MarshalText writes the bech32m form.
func (p PacketID) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads the bech32m form.
func (p *PacketID) UnmarshalText(text []byte) (err error) {
	*p, err = ParsePacketID(string(text))
	return err
}

// parseBech32m reads what formatBech32m writes, or says what is wrong with it.
func parseBech32m(prefix, s string) (out [32]byte, err error) {
	if out, ok := readBech32m(prefix, s); ok {
		return out, nil
	}
	bad := func(why string) error {
		return Errorf(CodeBadAddress, "%q: %s", s, why)
	}
	got, words, version, err := bech32.DecodeGeneric(s)
	if err != nil {
		return out, bad("a character is wrong, missing or too many: copy all of it")
	}
	if got != prefix || version != bech32.VersionM {
		return out, bad(fmt.Sprintf("it has to begin with %s1", prefix))
	}
	b, err := bech32.ConvertBits(words, 5, 8, false)
	if err != nil || len(b) != len(out) {
		return out, bad("wrong length")
	}
	copy(out[:], b)
	// Bech32 also admits an all-capitals spelling; here a value has one.
	if formatBech32m(prefix, out) != s {
		return [32]byte{}, bad("write it in lower case")
	}
	return out, nil
}

// minPacketPrefix is the shortest beginning of a packet id that names one:
// rp1 and 3 characters, 32,768 to choose from.
const minPacketPrefix = 6

// PacketRange is the first and the last id whose text begins with prefix.
func PacketRange(prefix string) (first, last PacketID, err error) {
	text, ok := strings.CutPrefix(prefix, packetPrefix+"1")
	if !ok || len(prefix) < minPacketPrefix {
		return first, last, Errorf(CodeBadAddress, "%q: write at least %d characters of the packet's id, rp1…",
			prefix, minPacketPrefix)
	}
	low, high := make([]byte, bech32Words), bytes.Repeat([]byte{31}, bech32Words)
	for i := range min(len(text), bech32Words) {
		v := strings.IndexByte(bech32Charset, text[i])
		if v < 0 {
			return first, last, Errorf(CodeBadAddress, "%q: no packet id contains %q", prefix, text[i])
		}
		low[i], high[i] = byte(v), byte(v)
	}
	for _, b := range []struct {
		words []byte
		id    *PacketID
	}{{low, &first}, {high, &last}} {
		bits, err := bech32.ConvertBits(b.words, 5, 8, true)
		if err != nil {
			return first, last, Errorf(CodeBadAddress, "%q: %v", prefix, err)
		}
		copy(b.id[:], bits)
	}
	return first, last, nil
}
