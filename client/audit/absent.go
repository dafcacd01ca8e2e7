package audit

// checkAbsence makes sure that nothing stands under the subject's key. Leaves
// of packets and accounts are never deleted: there was never anything.
func (v *verifier) checkAbsence() (*Finding, error) {
	if err := checkNonMembership(v.header.appHash(), v.key, v.file.LeafProof); err != nil {
		return nil, in("absence", err)
	}
	return found("absent", "subject", v.file.Subject), nil
}
