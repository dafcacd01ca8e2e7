package cli

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
)

// txFormat is the first field of a tx file.
const txFormat = "hongbao-tx/1"

// maxTxFile is more than any: a tx and the terms it accepts, in hex.
const maxTxFile = 6 * contract.MaxTxBytes

// unsignedFor is how long a tx may take to be carried to its key and back: as
// long as the ledger allows.
const unsignedFor = contract.MaxValidFor

// txFile is a tx on its way between a home that has no keys and one that has
// no network.
type txFile struct {
	Format string       `json:"format"` // txFormat
	Tx     string       `json:"tx"`     // its wire form in hex; until it is signed, with a signature of zeros
	Offer  *claimedFile `json:"claims_from,omitempty"`
}

// claimedFile is the packet that a claim is about. The claim vouches for the
// terms, whose hash it names; for the rest, whoever wrote the file does.
type claimedFile struct {
	Sender  contract.Address `json:"sender"`
	Created contract.Time    `json:"created"`
	Terms   string           `json:"terms"` // CBOR in hex
}

// carried is what a tx file says.
type carried struct {
	tx     *contract.Tx
	packet *contract.Packet // that a claim is about; nil: not in the file
}

func (c *carried) signed() bool { return c.tx.Signature != contract.Signature{} }

func (c *carried) file() *txFile {
	f := &txFile{Format: txFormat, Tx: hex.EncodeToString(c.tx.Encode())}
	if p := c.packet; p != nil {
		f.Offer = &claimedFile{p.Sender, p.Created, hex.EncodeToString(contract.Encode(&p.Terms))}
	}
	return f
}

// readTx reads a tx from a file or from stdin: a tx file, or the wire form
// alone, as bytes or in hex.
func (s *Session) readTx(path string) (*carried, error) {
	in := s.Stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, Fail(ExitUsage, "unreadable", "%v", err)
		}
		defer f.Close()
		in = f
	}
	b, err := io.ReadAll(io.LimitReader(in, maxTxFile+1))
	if err != nil {
		return nil, Fail(ExitUsage, "unreadable", "%v", err)
	}
	c, err := parseTxFile(b)
	if err != nil {
		return nil, Fail(ExitUsage, "bad_tx_file", "%s: %v", path, err)
	}
	return c, nil
}

func parseTxFile(b []byte) (c *carried, err error) {
	if len(b) > maxTxFile {
		return nil, fmt.Errorf("larger than %d bytes", maxTxFile)
	}
	text := bytes.TrimSpace(b)
	if !bytes.HasPrefix(text, []byte("{")) {
		if raw, err := hex.DecodeString(string(text)); err == nil {
			b = raw
		}
		tx, err := decodeTx(b)
		return &carried{tx: tx}, err
	}
	var f txFile
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return nil, fmt.Errorf("not a transaction file: %v", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("not a transaction file: something stands behind it")
	}
	if f.Format != txFormat {
		return nil, fmt.Errorf("format is %q, expected %q", f.Format, txFormat)
	}
	wire, err := hex.DecodeString(f.Tx)
	if err != nil {
		return nil, fmt.Errorf("tx: not in hex")
	}
	c = &carried{}
	if c.tx, err = decodeTx(wire); err != nil {
		return nil, err
	}
	if f.Offer != nil {
		c.packet, err = f.Offer.packet(c.tx)
	}
	return c, err
}

func decodeTx(wire []byte) (*contract.Tx, error) {
	tx, err := contract.DecodeTx(wire)
	if code := contract.CodeOf(err); code == contract.CodeMalformed || code == contract.CodeNotCanonical {
		err = errors.New("not a transaction")
	}
	return tx, err
}

// packet is the one that tx claims from.
func (f *claimedFile) packet(tx *contract.Tx) (*contract.Packet, error) {
	claim, ok := tx.Message.(*contract.Claim)
	if !ok {
		return nil, errors.New("claims_from: belongs to a claim")
	}
	b, err := hex.DecodeString(f.Terms)
	if err != nil {
		return nil, errors.New("terms: not in hex")
	}
	p := &contract.Packet{Sender: f.Sender, Created: f.Created, Status: contract.Open}
	if err := contract.Decode(b, &p.Terms); err != nil {
		return nil, err
	}
	if p.Terms.Hash(tx.Chain) != claim.TermsHash {
		return nil, errors.New("terms: not those that the claim accepts")
	}
	p.Expires = p.Created.Plus(p.Terms.Expiry)
	return p, nil
}

// writeUnsigned writes a tx to the file of --unsigned, with what its signer
// has to read.
func (s *Session) writeUnsigned(ctx context.Context, tx *contract.Tx) error {
	c := &carried{tx: tx}
	if claim, ok := tx.Message.(*contract.Claim); ok {
		p, _, err := s.packet(ctx, claim.Packet)
		if err != nil {
			return err
		}
		c.packet = p
	}
	return writeTxFile(s.Global.Unsigned, c)
}

func writeTxFile(path string, c *carried) error {
	if err := wallet.WriteFile(path, c.file()); err != nil {
		return Fail(ExitUsage, "cannot_write", "%v", err)
	}
	return nil
}

// carriedJSON is the result of --unsigned, and of tx sign.
type carriedJSON struct {
	File       string             `json:"file"`
	Signed     bool               `json:"signed"`       // false: nobody has yet
	Tx         *contract.Hash     `json:"tx,omitempty"` // once it is signed
	Account    contract.Address   `json:"account"`
	Nonce      uint64             `json:"nonce"`
	Kind       string             `json:"kind"` // of its message
	Packet     *contract.PacketID `json:"packet,omitempty"`
	ValidUntil contract.Time      `json:"valid_until"`
	Link       string             `json:"link,omitempty"` // of a send, where the link opens it
}

func newCarriedJSON(path string, tx *contract.Tx) carriedJSON {
	out := carriedJSON{File: path, Account: tx.Account, Nonce: tx.Nonce, Kind: contract.KindName(tx.Message), ValidUntil: tx.ValidUntil}
	if about := refIn(tx); about.Packet != (contract.PacketID{}) {
		out.Packet = &about.Packet
	}
	return out
}

func (s *Session) showUnsigned(tx *contract.Tx) error {
	out := newCarriedJSON(s.Global.Unsigned, tx)
	if _, ok := tx.Message.(*contract.Send); ok {
		link, err := s.keptLink(*out.Packet)
		if err != nil {
			return err
		}
		out.Link = link
	}
	s.Result(out, func(w io.Writer) {
		kind := words.Kind(s.Lang(), out.Kind)
		fmt.Fprintln(w, s.Say("%s  a %s by %s, not signed; may happen until %s", "%[1]s  %[3]s的交易(%[2]s),还没有签字,%[4]s前有效", out.File, kind, s.name(tx.Account), clock(tx.ValidUntil)))
		if out.Link != "" {
			fmt.Fprintln(w, s.Say("link    %s", "链接  %s", out.Link))
		}
	})
	s.hint(s.Say("where the key is: %[1]s tx sign %[2]s -o FILE, then here: %[1]s tx broadcast FILE", "到有私钥的地方:%[1]s tx sign %[2]s -o FILE,再回到这里:%[1]s tx broadcast FILE", s.Program(), out.File))
	return nil
}
