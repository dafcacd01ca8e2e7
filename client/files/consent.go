package files

import (
	"encoding/hex"
	"errors"
	"fmt"

	"hongbao/contract"
)

// consentFormat is the first field of a consent file.
const consentFormat = "hongbao-consent/1"

// MaxConsentBytes is more than any consent file has: its clause prints in at
// most 9 kB.
const MaxConsentBytes = 16 << 10

// Consent is an approver's signature as it travels from the approver to the
// account that submits the recall. All but format and signature is there to be
// read, and to say what does not fit; the signature alone gives power.
type Consent struct {
	Format     string            `json:"format"` // hongbao-consent/1
	ChainID    string            `json:"chain_id"`
	Packet     contract.PacketID `json:"packet"`
	Share      uint32            `json:"share"`  // from 1; 0 = the rest
	Clause     uint32            `json:"clause"` // its number when it was signed, from 1; the text counts
	ClauseText string            `json:"clause_text"`
	Reason     contract.Reason   `json:"reason"` // a code, or empty for none
	Account    contract.Address  `json:"account"`
	Claimer    *contract.Address `json:"claimer,omitempty"`    // of a share
	Amount     *Fen              `json:"amount_fen,omitempty"` // of a share
	ValidUntil contract.Time     `json:"valid_until"`
	Signature  string            `json:"signature"` // BIP-340, 128 hex digits

	Name string `json:"-"` // the file's, for errors; may be empty
}

// NewConsent writes down a consent to a recall of share (from 1; 0 = the rest)
// of packet p, under its clause number n (from 1, of those in force). It panics
// when the packet has no such share or clause.
func NewConsent(
	chain string, id contract.PacketID, p *contract.Packet, share, n uint32,
	reason contract.Reason, c contract.Consent,
) *Consent {
	f := &Consent{
		Format: consentFormat, ChainID: chain, Packet: id, Share: share, Clause: n,
		ClauseText: p.InForce()[n-1].String(), Reason: reason, Account: c.Account, ValidUntil: c.ValidUntil,
		Signature: hex.EncodeToString(c.Signature[:]),
	}
	if share != 0 {
		s := p.ShareAt(share)
		f.Claimer, f.Amount = &s.Claimer, (*Fen)(&s.Amount)
	}
	return f
}

// ParseConsent reads a consent file's form. What it says is judged by
// [Consent.Check].
func ParseConsent(b []byte) (*Consent, error) {
	if len(b) > MaxConsentBytes {
		return nil, fmt.Errorf("larger than %d bytes", MaxConsentBytes)
	}
	f := new(Consent)
	if err := decodeStrictly(b, f, "consent"); err != nil {
		return nil, err
	}
	switch {
	case f.Format != consentFormat:
		return nil, fmt.Errorf("format is %q, expected %q", f.Format, consentFormat)
	case f.ChainID == "" || f.Packet == (contract.PacketID{}) || f.Account == (contract.Address{}) ||
		f.ClauseText == "" || f.Clause == 0 || f.ValidUntil == 0:
		return nil, errors.New("a field is missing")
	case (f.Share == 0) != (f.Claimer == nil) || (f.Share == 0) != (f.Amount == nil):
		return nil, errors.New("claimer and amount belong to a share, and a share to them")
	}
	if _, err := f.signature(); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *Consent) signature() (sig contract.Signature, err error) {
	b, err := hex.DecodeString(f.Signature)
	if err != nil || len(b) != len(sig) || hex.EncodeToString(b) != f.Signature {
		return sig, fmt.Errorf("signature: must be %d hex digits", 2*len(sig))
	}
	return contract.Signature(b), nil
}

// MisfitError says that a consent is to something else than the recall.
type MisfitError struct{ Why string }

func (e *MisfitError) Error() string { return e.Why }

// Check is the consent and the number of its clause among those in force now,
// once the file fits m, a recall from p. A recall that names no clause takes
// this one. It fails with a MisfitError, contract.CodeUnknownShare, or
// contract.CodeBadConsent where another key signed. Its errors begin with Name.
func (f *Consent) Check(chain string, p *contract.Packet, m *contract.Recall) (uint32, contract.Consent, error) {
	clause, err := f.fits(chain, p, m)
	if err != nil {
		return 0, contract.Consent{}, err
	}
	sig, err := f.signature()
	digest := contract.ConsentDigest(chain, p, &p.InForce()[clause-1], m.Share, m.Reason, f.ValidUntil)
	if err != nil || !(contract.Schnorr{}).Verify(f.Account, digest, sig) {
		err := contract.Errorf(contract.CodeBadConsent, "%snot signed by %s", f.prefix(), f.Account)
		return 0, contract.Consent{}, err
	}
	return clause, contract.Consent{Account: f.Account, ValidUntil: f.ValidUntil, Signature: sig}, nil
}

func (f *Consent) prefix() string {
	if f.Name == "" {
		return ""
	}
	return f.Name + ": "
}

// fits is the number of the consent's clause, if all that it says is so of m.
func (f *Consent) fits(chain string, p *contract.Packet, m *contract.Recall) (clause uint32, err error) {
	for i, inForce := range p.InForce() {
		if inForce.String() == f.ClauseText {
			clause = uint32(i + 1)
		}
	}
	misfit := func(format string, args ...any) (uint32, error) {
		return 0, &MisfitError{f.prefix() + fmt.Sprintf(format, args...)}
	}
	switch {
	case f.ChainID != chain:
		return misfit("for chain %q, this is %q", f.ChainID, chain)
	case f.Packet != m.Packet:
		return misfit("for packet %s, not for %s", f.Packet, m.Packet)
	case f.Share != m.Share && f.Share == 0:
		return misfit("for the unclaimed rest, not for share %d", m.Share)
	case f.Share != m.Share:
		return misfit("for share %d: name it, as in %s/%d", f.Share, m.Packet.Short(), f.Share)
	case m.Share != 0 && p.ShareAt(m.Share) == nil:
		_, err := p.TargetOf(m.Share, 0)
		return 0, err
	case clause == 0:
		return misfit("for the clause %q, which is not in force", f.ClauseText)
	case m.Clause != 0 && m.Clause != clause:
		return misfit("for clause %d, not for clause %d", clause, m.Clause)
	case f.Reason != m.Reason:
		return misfit("for reason %q, not for %q", f.Reason.Word(), m.Reason.Word())
	case m.Share == 0:
		return clause, nil
	}
	share := p.ShareAt(m.Share)
	if *f.Claimer != share.Claimer || contract.Amount(*f.Amount) != share.Amount {
		return misfit("share %d has another claimer or amount", m.Share)
	}
	return clause, nil
}
