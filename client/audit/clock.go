package audit

import (
	"errors"
	"fmt"

	"hongbao/contract"
)

// ShowClock puts a dev chain's clock into the file: the leaf c/clock after block
// f.Height, and its ICS-23 proof. Other chains have none.
func (f *File) ShowClock(leaf, proof []byte) { f.Clock, f.ClockProof = leaf, proof }

// checkClock establishes v.clock: how far the time on a dev chain is ahead of its
// headers', under the same root as the packet. A file that shows no clock is
// judged as if there were none: clocks go forward only, so that its header's time
// is then the earliest that it can be on the chain, and what is final then is
// final.
func (v *verifier) checkClock() (string, error) {
	if len(v.file.Clock) == 0 {
		return "", nil
	}
	if v.trust != nil && !v.trust.Dev {
		return "", errors.New("clock: by the trust file this is no dev chain, and has none")
	}
	if err := checkMembership(v.header.AppHash, contract.ClockKey, v.file.Clock, v.file.ClockProof); err != nil {
		return "", fmt.Errorf("clock does not match: %w", err)
	}
	v.clock = new(contract.Clock)
	if err := contract.Decode(v.file.Clock, v.clock); err != nil {
		return "", fmt.Errorf("clock: %w", err)
	}
	if v.clock.Offset == 0 {
		return "DEV CLOCK: not moved", nil
	}
	return fmt.Sprintf("DEV CLOCK: %s ahead of the validators' clocks", v.clock.Offset), nil
}

// now is the time on the chain at the proven header: whatever is done after the
// proven state is done then or later.
func (v *verifier) now() contract.Time { return v.clock.Now(contract.TimeOf(v.header.Time)) }
