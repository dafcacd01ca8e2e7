package cli

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"hongbao/contract"
)

// consentFormat is the first field of a consent file.
const consentFormat = "hongbao-consent/1"

// maxConsentFile is more than any consent: its clause prints in at most 9 kB.
const maxConsentFile = 16 << 10

// consentFile is an approver's signature as it travels from the approver to
// whoever submits the recall. All but format and signature is there to be
// read, and to say what does not fit; the signature alone gives power.
type consentFile struct {
	Format     string            `json:"format"` // consentFormat
	ChainID    string            `json:"chain_id"`
	Packet     contract.PacketID `json:"packet"`
	Share      uint32            `json:"share"`  // from 1; 0 = the rest
	Clause     uint32            `json:"clause"` // its number when it was signed, from 1; the text counts
	ClauseText string            `json:"clause_text"`
	Reason     contract.Reason   `json:"reason"` // a code, or empty for none
	Account    contract.Address  `json:"account"`
	Claimer    *contract.Address `json:"claimer,omitempty"`    // of a share
	Amount     *fen              `json:"amount_fen,omitempty"` // of a share
	ValidUntil contract.Time     `json:"valid_until"`
	Signature  string            `json:"signature"` // BIP-340, 128 hex digits
}

// newConsentFile writes down a consent to a recall from p under clause number
// n.
func newConsentFile(chain string, r ref, p *contract.Packet, n uint32, reason contract.Reason, c contract.Consent) *consentFile {
	f := &consentFile{
		Format: consentFormat, ChainID: chain, Packet: r.Packet, Share: r.Share, Clause: n, ClauseText: p.InForce()[n-1].String(),
		Reason: reason, Account: c.Account, ValidUntil: c.ValidUntil, Signature: hex.EncodeToString(c.Signature[:]),
	}
	if r.Share != 0 {
		share := &p.Shares[r.Share-1]
		f.Claimer, f.Amount = &share.Claimer, fenOf(share.Amount)
	}
	return f
}

// parseConsent reads a consent file's form. What it says is judged by check.
func parseConsent(b []byte) (*consentFile, error) {
	if len(b) > maxConsentFile {
		return nil, fmt.Errorf("larger than %d bytes", maxConsentFile)
	}
	f := new(consentFile)
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(f); err != nil {
		return nil, fmt.Errorf("not a consent file: %v", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("not a consent file: something stands behind it")
	}
	switch {
	case f.Format != consentFormat:
		return nil, fmt.Errorf("format is %q, expected %q", f.Format, consentFormat)
	case f.ChainID == "" || f.Packet == (contract.PacketID{}) || f.Account == (contract.Address{}) || f.ClauseText == "" || f.Clause == 0 || f.ValidUntil == 0:
		return nil, errors.New("a field is missing")
	case (f.Share == 0) != (f.Claimer == nil) || (f.Share == 0) != (f.Amount == nil):
		return nil, errors.New("claimer and amount belong to a share, and a share to them")
	}
	if _, err := f.signature(); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *consentFile) signature() (sig contract.Signature, err error) {
	b, err := hex.DecodeString(f.Signature)
	if err != nil || len(b) != len(sig) || hex.EncodeToString(b) != f.Signature {
		return sig, fmt.Errorf("signature: must be %d hex digits", 2*len(sig))
	}
	return contract.Signature(b), nil
}

// readConsents reads the files named on a command line.
func readConsents(paths []string) (list []namedConsent, err error) {
	for _, path := range paths {
		b, err := readBounded(path, maxConsentFile)
		if err != nil {
			return nil, Fail(ExitUsage, "unreadable", "%v", err)
		}
		f, err := parseConsent(b)
		if err != nil {
			return nil, Fail(ExitUsage, "bad_consent_file", "%s: %v", path, err)
		}
		list = append(list, namedConsent{path, f})
	}
	return list, nil
}

// namedConsent is a consent and the file it came in.
type namedConsent struct {
	path string
	*consentFile
}

// addConsents puts consents into the recall m of p, and takes clause and reason
// from them where m has none. Each is checked, so that a file for something
// else is named before the ledger refuses the whole.
func (s *Session) addConsents(m *contract.Recall, p *contract.Packet, submitter contract.Address, consents []namedConsent) error {
	for i, c := range consents {
		if i == 0 && m.Reason == "" {
			m.Reason = c.Reason
		}
		clause, consent, err := c.check(s.chain, p, m)
		if err != nil {
			return err
		}
		m.Clause = clause
		if c.Account == submitter {
			s.Progress(s.Say("%s: not needed, %s signs the recall itself", "%s:用不着,%s自己就签了这次收回", c.path, s.name(submitter)))
			continue
		}
		m.Consents = append(m.Consents, consent)
	}
	return nil
}

// check is the consent and the number of its clause among those in force now,
// once the file fits the recall.
func (c *namedConsent) check(chain string, p *contract.Packet, m *contract.Recall) (uint32, contract.Consent, error) {
	var clause uint32
	for i, inForce := range p.InForce() {
		if inForce.String() == c.ClauseText {
			clause = uint32(i + 1)
		}
	}
	misfit := func(format string, args ...any) error {
		return Fail(ExitRefused, "consent_mismatch", "%s: "+format, append([]any{c.path}, args...)...)
	}
	var err error
	switch {
	case c.ChainID != chain:
		err = misfit("for chain %q, this is %q", c.ChainID, chain)
	case c.Packet != m.Packet:
		err = misfit("for packet %s, not for %s", c.Packet, m.Packet)
	case c.Share != m.Share && c.Share == 0:
		err = misfit("for the unclaimed rest, not for share %d", m.Share)
	case c.Share != m.Share:
		err = misfit("for share %d: name it, as in %s/%d", c.Share, m.Packet.Short(), c.Share)
	case int(m.Share) > len(p.Shares):
		_, err = p.TargetOf(m.Packet, m.Share, 0)
	case clause == 0:
		err = misfit("for the clause %q, which is not in force", c.ClauseText)
	case m.Clause != 0 && m.Clause != clause:
		err = misfit("for clause %d, not for clause %d", clause, m.Clause)
	case c.Reason != m.Reason:
		err = misfit("for reason %q, not for %q", c.Reason.Word(), m.Reason.Word())
	case m.Share != 0 && (*c.Claimer != p.Shares[m.Share-1].Claimer || contract.Amount(*c.Amount) != p.Shares[m.Share-1].Amount):
		err = misfit("share %d has another claimer or amount", m.Share)
	}
	if err != nil {
		return 0, contract.Consent{}, err
	}
	sig, err := c.signature()
	digest := contract.ConsentDigest(chain, m.Packet, p, &p.InForce()[clause-1], m.Share, m.Reason, c.ValidUntil)
	if err != nil || !(contract.Schnorr{}).Verify(c.Account, digest, sig) {
		return 0, contract.Consent{}, refusal(contract.CodeBadConsent, fmt.Sprintf("%s: not signed by %s", c.path, c.Account), 0)
	}
	return clause, contract.Consent{Account: c.Account, ValidUntil: c.ValidUntil, Signature: sig}, nil
}
