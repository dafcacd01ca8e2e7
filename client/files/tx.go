package files

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"hongbao/contract"
)

// txFormat is the first field of a tx file.
const txFormat = "hongbao-tx/1"

// MaxTxBytes is more than any tx file has: a tx and the terms it accepts, in
// hex.
const MaxTxBytes = 6 * contract.MaxTxBytes

// Tx is a transaction on its way between a home that has no keys and one that
// has no network.
type Tx struct {
	Tx *contract.Tx
	// Packet is the one that a claim is about; nil where the file does not say.
	// The claim vouches for the terms, whose hash it names; for sender and
	// creation the file's author does.
	Packet *contract.Packet
}

// txJSON is the form of a tx file.
type txJSON struct {
	Format string       `json:"format"` // txFormat
	Tx     string       `json:"tx"`     // its wire form in hex; until it is signed, with a signature of zeros
	Offer  *claimedJSON `json:"claims_from,omitempty"`
}

// claimedJSON is the packet that a claim is about.
type claimedJSON struct {
	Sender  contract.Address `json:"sender"`
	Created contract.Time    `json:"created"`
	Terms   string           `json:"terms"` // CBOR in hex
}

// Signed reports whether the tx carries a signature; whether a good one,
// contract.Schnorr says.
func (f *Tx) Signed() bool { return f.Tx.Signature != contract.Signature{} }

// MarshalJSON writes the tx file.
func (f *Tx) MarshalJSON() ([]byte, error) { return json.Marshal(f.form()) }

func (f *Tx) form() *txJSON {
	out := &txJSON{Format: txFormat, Tx: hex.EncodeToString(f.Tx.Encode())}
	if p := f.Packet; p != nil {
		out.Offer = &claimedJSON{p.Sender, p.Created, hex.EncodeToString(contract.Encode(&p.Terms))}
	}
	return out
}

// ParseTx reads a tx file, or a tx's wire form alone, as bytes or in hex.
func ParseTx(b []byte) (f *Tx, err error) {
	if len(b) > MaxTxBytes {
		return nil, fmt.Errorf("larger than %d bytes", MaxTxBytes)
	}
	text := bytes.TrimSpace(b)
	if !bytes.HasPrefix(text, []byte("{")) {
		if raw, err := hex.DecodeString(string(text)); err == nil {
			b = raw
		}
		tx, err := decodeTx(b)
		return &Tx{Tx: tx}, err
	}
	var form txJSON
	if err := decodeStrictly(b, &form, "transaction"); err != nil {
		return nil, err
	}
	if form.Format != txFormat {
		return nil, fmt.Errorf("format is %q, expected %q", form.Format, txFormat)
	}
	wire, err := hex.DecodeString(form.Tx)
	if err != nil {
		return nil, errors.New("tx: not in hex")
	}
	f = &Tx{}
	if f.Tx, err = decodeTx(wire); err != nil {
		return nil, err
	}
	if form.Offer != nil {
		f.Packet, err = form.Offer.packet(f.Tx)
	}
	return f, err
}

// decodeStrictly reads one JSON object that has no unknown field.
func decodeStrictly(b []byte, v any, kind string) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("not a %s file: %v", kind, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("not a %s file: something stands behind it", kind)
	}
	return nil
}

func decodeTx(wire []byte) (*contract.Tx, error) {
	tx, err := contract.DecodeTx(wire)
	if code := contract.CodeOf(err); code == contract.CodeMalformed || code == contract.CodeNotCanonical {
		err = errors.New("not a transaction")
	}
	return tx, err
}

// packet is the one that tx claims from.
func (f *claimedJSON) packet(tx *contract.Tx) (*contract.Packet, error) {
	claim, ok := tx.Message.(*contract.Claim)
	if !ok {
		return nil, errors.New("claims_from: belongs to a claim")
	}
	b, err := hex.DecodeString(f.Terms)
	if err != nil {
		return nil, errors.New("terms: not in hex")
	}
	p := &contract.Packet{ID: claim.Packet, Sender: f.Sender, Created: f.Created, Status: contract.Open}
	if err := contract.Decode(b, &p.Terms); err != nil {
		return nil, err
	}
	if p.Terms.Hash(tx.Chain) != claim.TermsHash {
		return nil, errors.New("terms: not those that the claim accepts")
	}
	p.Expires = p.Created.Plus(p.Terms.Expiry)
	return p, nil
}
