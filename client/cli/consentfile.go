package cli

import (
	"hongbao/client/files"
	"hongbao/contract"
)

// readConsents reads the files named on a command line.
func readConsents(paths []string) (list []*files.Consent, err error) {
	for _, path := range paths {
		b, err := readBounded(path, files.MaxConsentBytes)
		if err != nil {
			return nil, Fail(ExitUsage, "unreadable", "%v", err)
		}
		f, err := files.ParseConsent(b)
		if err != nil {
			return nil, Fail(ExitUsage, "bad_consent_file", "%s: %v", path, err)
		}
		f.Name = path
		list = append(list, f)
	}
	return list, nil
}

// addConsents puts consents into the recall m of p, and takes clause and reason
// from them where m has none. Each is checked, so that a file for something
// else is named before the ledger refuses the whole.
func (s *Session) addConsents(m *contract.Recall, p *contract.Packet, submitter contract.Address, consents []*files.Consent) error {
	for i, c := range consents {
		if i == 0 && m.Reason == "" {
			m.Reason = c.Reason
		}
		clause, consent, err := c.Check(s.chain, p, m)
		if err != nil {
			return err
		}
		m.Clause = clause
		if c.Account == submitter {
			s.Progress(s.Say("%s: not needed, %s signs the recall itself", "%s:用不着,%s自己就签了这次收回", c.Name, s.name(submitter)))
			continue
		}
		m.Consents = append(m.Consents, consent)
	}
	return nil
}
