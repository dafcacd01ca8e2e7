package audit

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"hongbao/contract"
)

// TrustFormat is the first field of a trust file.
const TrustFormat = "hongbao-trust/1"

const (
	maxTrustBytes      = 256 << 10 // the validators and arbiters below, with room
	maxTrustValidators = 250       // a commit holds a signature of each; networks have 4 to 7
	maxTrustArbiters   = 1000      // genesis lists no more
	maxNameBytes       = 64
	maxChainIDBytes    = 50 // CometBFT's bound (types.MaxChainIDLen)
)

// Trust is what a verifier believes beforehand: a chain's first validators, and the
// arbiters that its genesis names. Who signs later follows from hand-overs. It
// is small enough to compare by telephone: the genesis hash stands for it all.
//
// Its file is JSON with exactly these fields in this order; white space between
// them is free.
type Trust struct {
	Format      string           `json:"format"`       // TrustFormat
	ChainID     string           `json:"chain_id"`     // 1 to 50 of A-Z a-z 0-9 . _ -
	GenesisHash contract.Hash    `json:"genesis_hash"` // contract.GenesisHash; the chain id ends in its beginning
	Validators  []TrustValidator `json:"validators"`   // in the genesis's order
	Arbiters    []TrustArbiter   `json:"arbiters"`
	Dev         bool             `json:"dev"` // play money: the accounts' keys are public
}

// TrustValidator is who signs blocks.
type TrustValidator struct {
	Name   string `json:"name"`    // may be empty
	PubKey []byte `json:"pub_key"` // ed25519, 32 bytes, in base64
	Power  int64  `json:"power"`   // of its vote, at least 1
	VRFKey string `json:"vrf_key"` // what it draws lucky amounts with: 64 lower-case hex digits
}

// vrfKey is VRFKey, which check has read before.
func (v *TrustValidator) vrfKey() (key [32]byte) {
	hex.Decode(key[:], []byte(v.VRFKey))
	return key
}

// TrustArbiter is an account that the genesis names as an arbiter.
type TrustArbiter struct {
	Name    string           `json:"name"`
	Address contract.Address `json:"address"`
}

// genesisDoc is what a trust file takes from CometBFT's genesis document.
type genesisDoc struct {
	ChainID    string `json:"chain_id"`
	Validators []struct {
		PubKey struct {
			Type  string `json:"type"`
			Value []byte `json:"value"`
		} `json:"pub_key"`
		Power int64  `json:"power,string"`
		Name  string `json:"name"`
	} `json:"validators"`
	AppState json.RawMessage `json:"app_state"`
}

const ed25519Type = "tendermint/PubKeyEd25519"

// TrustFromGenesis takes over what a genesis file says. A caller thereby believes
// the genesis, so it has to come from a party that he trusts.
func TrustFromGenesis(genesis []byte) (*Trust, error) {
	var doc genesisDoc
	if err := json.Unmarshal(genesis, &doc); err != nil {
		return nil, fmt.Errorf("genesis: %w", err)
	}
	state, err := contract.ParseGenesis(doc.AppState)
	if err != nil {
		return nil, err
	}
	hash, err := contract.GenesisHash(genesis, doc.ChainID)
	if err != nil {
		return nil, err
	}
	vrf := map[string]string{}
	for _, v := range state.Validators {
		vrf[v.Address] = v.VRFKey
	}
	t := &Trust{
		Format: TrustFormat, ChainID: doc.ChainID, GenesisHash: hash,
		Validators: []TrustValidator{}, Arbiters: []TrustArbiter{}, Dev: state.Dev,
	}
	for _, v := range doc.Validators {
		if v.PubKey.Type != ed25519Type {
			return nil, fmt.Errorf("genesis: validator %q: its key is not ed25519", v.Name)
		}
		address := fmt.Sprintf("%X", addressOf(v.PubKey.Value))
		t.Validators = append(t.Validators, TrustValidator{
			Name: v.Name, PubKey: v.PubKey.Value, Power: v.Power, VRFKey: vrf[address],
		})
	}
	for _, a := range state.Arbiters {
		t.Arbiters = append(t.Arbiters, TrustArbiter{Name: a.Name, Address: a.Address})
	}
	return t, t.check()
}

// ReadTrust reads a trust file to its end. It refuses unknown, repeated,
// missing and misspelt fields, and anything after the object.
func ReadTrust(r io.Reader) (*Trust, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxTrustBytes+1))
	if err != nil {
		return nil, fmt.Errorf("trust file: %w", err)
	}
	if len(b) > maxTrustBytes {
		return nil, fmt.Errorf("trust file: larger than %d bytes", maxTrustBytes)
	}
	t := new(Trust)
	if err := json.Unmarshal(b, t); err != nil {
		return nil, fmt.Errorf("trust file: %w", err)
	}
	// Go's decoder takes any case of a field's name, and the last of two.
	// Compared without white space, there is one spelling.
	var got, want bytes.Buffer
	again, err := t.encode()
	if err == nil {
		err = errors.Join(json.Compact(&got, b), json.Compact(&want, again))
	}
	if err != nil {
		return nil, fmt.Errorf("trust file: %w", err)
	}
	if !bytes.Equal(got.Bytes(), want.Bytes()) {
		return nil, errors.New("trust file: a field is unknown, missing, repeated, misspelt or out of order")
	}
	return t, t.check()
}

// Write writes the trust file.
func (t *Trust) Write(w io.Writer) error {
	if err := t.check(); err != nil {
		return err
	}
	b, err := t.encode()
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

func (t *Trust) encode() ([]byte, error) { return encodeJSON(t) }

// encodeJSON is a value as this package's files spell it: two spaces of
// indent, no escape that JSON does not demand, one newline at the end.
func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.Bytes(), err
}

// check makes sure that every field means something.
func (t *Trust) check() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("trust: "+format, args...)
	}
	switch {
	case t.Format != TrustFormat:
		return bad("format is %q, expected %q", t.Format, TrustFormat)
	case !plainChainID(t.ChainID):
		return bad("chain id %q: must be 1 to %d of A-Z a-z 0-9 . _ -", t.ChainID, maxChainIDBytes)
	case len(t.Validators) == 0 || len(t.Validators) > maxTrustValidators:
		return bad("%d validators: must be 1 to %d", len(t.Validators), maxTrustValidators)
	case len(t.Arbiters) > maxTrustArbiters:
		return bad("%d arbiters: at most %d", len(t.Arbiters), maxTrustArbiters)
	case t.Arbiters == nil:
		return bad("arbiters are missing: an empty list where there is none")
	case !t.GenesisHash.Begins(t.ChainID):
		return bad("chain id %q does not end in the beginning of its genesis hash, %s", t.ChainID, t.GenesisHash)
	}
	keys, power := map[string]bool{}, int64(0)
	for _, v := range t.Validators {
		switch {
		case !plainName(v.Name):
			return bad("validator %q: not a name", v.Name)
		case len(v.PubKey) != ed25519.PublicKeySize:
			return bad("validator %q: pub_key of %d bytes, expected %d", v.Name, len(v.PubKey), ed25519.PublicKeySize)
		case keys[string(v.PubKey)]:
			return bad("validator %q: is listed twice", v.Name)
		case v.Power < 1 || v.Power > maxTotalPower-power:
			return bad("validator %q: power of %d", v.Name, v.Power)
		case !hexKey(v.VRFKey):
			return bad("validator %q: vrf_key must be 64 lower-case hex digits", v.Name)
		}
		keys[string(v.PubKey)] = true
		power += v.Power
	}
	named := map[contract.Address]bool{}
	for _, a := range t.Arbiters {
		if !plainName(a.Name) || named[a.Address] {
			return bad("arbiter %q: not a name, or an address listed twice", a.Name)
		}
		named[a.Address] = true
	}
	return nil
}

func plainChainID(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
	return s != "" && len(s) <= maxChainIDBytes && strings.Trim(s, letters) == ""
}

// plainName allows what can be shown on a line without deceiving its reader.
func plainName(s string) bool {
	return len(s) <= maxNameBytes && utf8.ValidString(s) &&
		strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}

func hexKey(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 32 && hex.EncodeToString(b) == s
}
