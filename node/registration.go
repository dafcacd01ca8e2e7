package node

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
	"time"

	"hongbao/contract"

	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
	voi "github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519/extra/ecvrf"
)

const (
	// RegistrationFormat is the first field of a registration file.
	RegistrationFormat = "hongbao-registration/1"
	registrationFamily = "hongbao-registration/"
	// MaxRegistrationBytes bounds a registration file; one has some 1,100.
	MaxRegistrationBytes = 4 << 10
	// MaxRegistrations bounds a ceremony: CometBFT shows 100 validators a page, and each
	// holds a connection to every other.
	MaxRegistrations = 64
	// tagCeremony is the tag of what a registration's keys sign.
	tagCeremony = "hongbao/registration"

	// Powers are from 10 on, see validatorPower, and small enough that no sum of
	// them comes near CometBFT's bound.
	minPower, maxPower = validatorPower, 1_000_000
)

// Registration is what a stranger sends to those with whom he begins a chain: the public
// halves of the keys that he made at home, signed by each of them, and by the
// account that says who he is. Its file is JSON with exactly these fields in this
// order; white space between them is free.
type Registration struct {
	Format     string                 `json:"format"`        // RegistrationFormat
	Chain      string                 `json:"chain"`         // the name that the chain is to have
	Name       string                 `json:"name"`          // of the validator: one word
	Address    string                 `json:"address"`       // HOST:PORT, where its peers reach it
	Power      int64                  `json:"power"`         // of its vote
	Account    contract.Address       `json:"account"`       // the person's own: one registration each
	Validator  []byte                 `json:"validator_key"` // ed25519, 32 bytes, in base64: signs blocks
	VRF        string                 `json:"vrf_key"`       // 64 lower-case hex digits: proves lucky draws
	Node       []byte                 `json:"node_key"`      // ed25519, 32 bytes, in base64: names it to its peers
	Signatures RegistrationSignatures `json:"signatures"`
}

// RegistrationSignatures are over the registration's digest, each by the key of its name.
type RegistrationSignatures struct {
	Validator []byte `json:"validator"` // ed25519, 64 bytes, in base64
	VRF       []byte `json:"vrf"`       // an ECVRF proof, 80 bytes, in base64: its owner has the secret key
	Node      []byte `json:"node"`      // ed25519, 64 bytes, in base64
	Account   []byte `json:"account"`   // BIP-340, 64 bytes, in base64
}

// Digest is what the signatures of a registration sign: the tagged hash of its fields
// before them, as JSON without white space.
func (e *Registration) Digest() (contract.Hash, error) {
	b, err := encodeRegistration(e)
	if err != nil {
		return contract.Hash{}, err
	}
	body, _, found := bytes.Cut(b, []byte(`,"signatures":`))
	if !found {
		return contract.Hash{}, fmt.Errorf("registration %q: has no signatures", e.Name)
	}
	return contract.TaggedHash(tagCeremony, body), nil
}

func encodeRegistration(e *Registration) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(e)
	return bytes.TrimSpace(b.Bytes()), err
}

// RegistrationOptions are what a person adds to his keys.
type RegistrationOptions struct {
	Chain, Name, Address string
	Power                int64 // 0: that of every validator of a generated network
	Account              contract.Address
	// Sign makes the account's BIP-340 signature.
	Sign func(contract.Hash) (contract.Signature, error)
}

// NewRegistration makes the registration of a home that has keys, and signs it.
func NewRegistration(home string, o RegistrationOptions) (*Registration, error) {
	v, err := LoadValidator(home, o.Name)
	if err != nil {
		return nil, err
	}
	c := DefaultConfig(home)
	nodeKey, err := loadNodeKey(c)
	if err != nil {
		return nil, err
	}
	vrf, err := LoadVRFKey(home)
	if err != nil {
		return nil, err
	}
	if o.Power == 0 {
		o.Power = validatorPower
	}
	e := &Registration{Format: RegistrationFormat, Chain: o.Chain, Name: o.Name, Address: o.Address, Power: o.Power,
		Account: o.Account, Validator: v.PubKey.Bytes(), VRF: hex.EncodeToString(v.VRFKey),
		Node: nodeKey.PubKey().Bytes()}
	if err := e.check(); err != nil {
		return nil, err
	}
	digest, err := e.Digest()
	if err != nil {
		return nil, err
	}
	pv := privval.LoadFilePVEmptyState(c.PrivValidatorKeyFile(), c.PrivValidatorStateFile())
	if e.Signatures.Validator, err = pv.Key.PrivKey.Sign(digest[:]); err != nil {
		return nil, err
	}
	if e.Signatures.Node, err = nodeKey.PrivKey.Sign(digest[:]); err != nil {
		return nil, err
	}
	e.Signatures.VRF = ecvrf.Prove(vrf, digest[:])
	account, err := o.Sign(digest)
	e.Signatures.Account = account[:]
	if err != nil {
		return nil, err
	}
	return e, e.verify()
}

// Encode is the registration's file.
func (e *Registration) Encode() ([]byte, error) {
	b, err := encodeRegistration(e)
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	if err := json.Indent(&file, b, "", "  "); err != nil {
		return nil, err
	}
	return append(file.Bytes(), '\n'), nil
}

// ReadRegistration reads a registration's file and verifies its signatures. Each way in which
// it can be bad has a code.
func ReadRegistration(file []byte) (*Registration, error) {
	if len(file) > MaxRegistrationBytes {
		return nil, errorf(CodeRegistrationTooLarge, "", "registration: larger than %d bytes", MaxRegistrationBytes)
	}
	bad := func(err error) error { return errorf(CodeBadRegistration, "", "registration: %w", err) }
	var format struct {
		Format string `json:"format"`
	}
	if err := json.Unmarshal(file, &format); err != nil {
		return nil, bad(err)
	}
	if format.Format != RegistrationFormat && strings.HasPrefix(format.Format, registrationFamily) {
		return nil, errorf(CodeRegistrationVersion, "", "registration: its format is %s, this program reads %s",
			format.Format, RegistrationFormat)
	}
	e := new(Registration)
	if err := json.Unmarshal(file, e); err != nil {
		return nil, bad(err)
	}
	// Go's decoder takes any case of a field's name, and the last of two.
	var compact bytes.Buffer
	again, err := encodeRegistration(e)
	if err == nil {
		err = json.Compact(&compact, file)
	}
	if err != nil {
		return nil, bad(err)
	}
	if !bytes.Equal(compact.Bytes(), again) {
		return nil, errorf(CodeBadRegistration, "",
			"registration: a field is unknown, missing, repeated, misspelt or out of order")
	}
	if err := e.check(); err != nil {
		return nil, err
	}
	return e, e.verify()
}

var (
	chainName        = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,28}$`) // with the genesis's hash, 50 bytes
	registrationName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,31}$`)
	// hostName is of a machine. Others write it into their settings, where a quote or the
	// end of a line would be more than a name.
	hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$`)
)

// check makes sure that every field but the signatures means something.
func (e *Registration) check() error {
	bad := func(format string, args ...any) error {
		return errorf(CodeBadRegistration, "", "registration %q: %w", e.Name, fmt.Errorf(format, args...))
	}
	host, port, err := net.SplitHostPort(e.Address)
	switch {
	case e.Format != RegistrationFormat:
		return bad("format is %q, expected %q", e.Format, RegistrationFormat)
	case !chainName.MatchString(e.Chain):
		return bad("chain %q: write 1 to 29 of A-Z a-z 0-9 . _ -", e.Chain)
	case !registrationName.MatchString(e.Name):
		return bad("write a name of 1 to 32 of A-Z, a-z, 0-9 and -, beginning with a letter")
	case err != nil || net.ParseIP(host) == nil && !hostName.MatchString(host) || !isPort(port):
		return bad("address %q: write it as HOST:PORT", e.Address)
	case e.Power < minPower || e.Power > maxPower:
		return bad("power %d: must be %d to %d", e.Power, minPower, maxPower)
	case len(e.Validator) != ed25519.PubKeySize || len(e.Node) != ed25519.PubKeySize:
		return bad("validator_key and node_key are %d bytes", ed25519.PubKeySize)
	case len(e.vrf()) != voi.PublicKeySize || e.VRF != strings.ToLower(e.VRF):
		return bad("vrf_key is %d bytes, in lower-case hex", voi.PublicKeySize)
	case !e.Account.OnCurve():
		return bad("no key exists for %s", e.Account)
	}
	return nil
}

func isPort(text string) bool {
	var port int
	n, err := fmt.Sscanf(text+" ", "%d ", &port)
	return n == 1 && err == nil && port > 0 && port < 1<<16 && fmt.Sprint(port) == text
}

func (e *Registration) vrf() []byte {
	b, _ := hex.DecodeString(e.VRF)
	return b
}

// What is wrong with a signature.
var (
	errValidatorSignature = errors.New("the signature by the validator's key is not over these fields")
	errVRFSignature       = errors.New("the proof by the VRF key is not over these fields")
	errNodeSignature      = errors.New("the signature by the node's key is not over these fields")
	errAccountSignature   = errors.New("the signature by the account is not over these fields")
)

// verify checks that who wrote the registration has each of its keys.
func (e *Registration) verify() error {
	digest, err := e.Digest()
	if err != nil {
		return err
	}
	unsigned := func(err error) error {
		return errorf(CodeRegistrationSignature, "", "registration %q: %w", e.Name, err)
	}
	s := &e.Signatures
	if !ed25519.PubKey(e.Validator).VerifySignature(digest[:], s.Validator) {
		return unsigned(errValidatorSignature)
	}
	if len(s.VRF) != ecvrf.ProofSize {
		return unsigned(errVRFSignature)
	}
	if ok, _ := ecvrf.Verify(e.vrf(), s.VRF, digest[:]); !ok {
		return unsigned(errVRFSignature)
	}
	if !ed25519.PubKey(e.Node).VerifySignature(digest[:], s.Node) {
		return unsigned(errNodeSignature)
	}
	if len(s.Account) != len(contract.Signature{}) ||
		!(contract.Schnorr{}).Verify(e.Account, digest, contract.Signature(s.Account)) {
		return unsigned(errAccountSignature)
	}
	return nil
}

// validator is the registration as a genesis lists it.
func (e *Registration) validator() Validator {
	return Validator{Name: e.Name, PubKey: ed25519.PubKey(e.Validator), Power: e.Power, VRFKey: e.vrf(),
		NodeID: e.id()}
}

func (e *Registration) id() p2p.ID { return p2p.PubKeyToID(ed25519.PubKey(e.Node)) }

// Peer is where others reach the node: ID@HOST:PORT.
func (e *Registration) Peer() string { return string(e.id()) + "@" + e.Address }

// What two registrations may not share.
var (
	errSameKey     = errors.New("they have one key")
	errSameName    = errors.New("they have one name")
	errSameAddress = errors.New("they have one address")
)

// Assemble joins the registrations of all who begin a chain into its genesis. Whatever
// the order of the registrations, accounts and arbiters, the bytes are the same, so that
// everyone assembles for himself and compares one hash. Registrations for another chain,
// and two that share a key, a name, an address or a person, are refused.
func Assemble(chain string, begins time.Time, registrations []*Registration,
	state contract.Genesis) ([]byte, error) {
	if n := len(registrations); n == 0 || n > MaxRegistrations {
		return nil, errorf(CodeBadRegistration, "", "%d registrations: must be 1 to %d", n, MaxRegistrations)
	}
	taken, people := map[string]string{}, map[contract.Address]string{}
	for _, e := range registrations {
		if e.Chain != chain {
			return nil, errorf(CodeRegistrationOtherChain, "", "registration %q: is for the chain %s, not %s", e.Name,
				e.Chain, chain)
		}
		for _, one := range []struct {
			value string
			err   error
		}{
			{hex.EncodeToString(e.Validator), errSameKey}, {e.VRF, errSameKey},
			{hex.EncodeToString(e.Node), errSameKey}, {e.Name, errSameName}, {e.Address, errSameAddress},
		} {
			if other, ok := taken[one.value]; ok {
				return nil, errorf(CodeRegistrationTwice, "", "registrations %q and %q: %w", other, e.Name, one.err)
			}
			taken[one.value] = e.Name
		}
		if other, ok := people[e.Account]; ok {
			return nil, errorf(CodeRegistrationSamePerson, "",
				"registration %q: is by the same account as registration %q", e.Name, other)
		}
		people[e.Account] = e.Name
	}
	var validators []Validator
	for _, e := range registrations {
		validators = append(validators, e.validator())
	}
	slices.SortFunc(validators, func(a, b Validator) int {
		return bytes.Compare(a.PubKey.Address(), b.PubKey.Address())
	})
	slices.SortFunc(state.Accounts, func(a, b contract.GenesisAccount) int {
		return bytes.Compare(a.Address[:], b.Address[:])
	})
	slices.SortFunc(state.Arbiters, func(a, b contract.GenesisArbiter) int { return strings.Compare(a.Name, b.Name) })
	return NewGenesis(chain, begins, validators, state)
}
