package cli

import (
	"hongbao/client/files"
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
