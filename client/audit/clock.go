package audit

import (
	"hongbao/contract"
)

// checkClock establishes v.clock: how far the time on a dev chain is ahead of its
// headers', under the same root as the leaf. A file that shows no clock is
// judged as if there were none: clocks go forward only, so that its header's time
// is then the earliest that it can be on the chain, and what is final then is
// final.
func (v *verifier) checkClock() (*Finding, error) {
	if len(v.file.ClockProof) == 0 {
		return nil, nil
	}
	if v.trust != nil && !v.trust.Dev {
		return nil, in("clock", fault("clock_no_dev"))
	}
	value, err := checkMembership(v.header.appHash(), contract.ClockKey, v.file.ClockProof)
	if err != nil {
		return nil, within(err, "clock_mismatch")
	}
	v.clock = new(contract.Clock)
	if err := contract.Decode(value, v.clock); err != nil {
		return nil, in("clock", err)
	}
	if v.clock.Offset > contract.MaxOffset {
		return nil, in("clock", fault("clock_far", "ahead", v.clock.Offset, "most", contract.MaxOffset))
	}
	v.facts.DevClock = &v.clock.Offset
	if v.clock.Offset == 0 {
		return found("dev_clock_unmoved"), nil
	}
	return found("dev_clock", "ahead", v.clock.Offset), nil
}

// now is the time on the chain at the header that signs the state: what is done
// later is done then or after.
func (v *verifier) now() contract.Time { return v.clock.Now(v.header.time) }
