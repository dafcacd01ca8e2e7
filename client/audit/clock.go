package audit

import (
	"errors"
	"fmt"

	"hongbao/contract"
)

// checkClock establishes v.clock: how far the time on a dev chain is ahead of its
// headers', under the same root as the leaf. A file that shows no clock is
// judged as if there were none: clocks go forward only, so that its header's time
// is then the earliest that it can be on the chain, and what is final then is
// final.
func (v *verifier) checkClock() (line, error) {
	if len(v.file.ClockProof) == 0 {
		return line{}, nil
	}
	if v.trust != nil && !v.trust.Dev {
		return line{}, errors.New("clock: by the trust file this is no dev chain, and has none")
	}
	value, err := checkMembership(v.header.AppHash, contract.ClockKey, v.file.ClockProof)
	if err != nil {
		return line{}, fmt.Errorf("clock does not match: %w", err)
	}
	v.clock = new(contract.Clock)
	if err := contract.Decode(value, v.clock); err != nil {
		return line{}, fmt.Errorf("clock: %w", err)
	}
	if v.clock.Offset > contract.MaxOffset {
		return line{}, fmt.Errorf("clock: %s ahead: at most %s", v.clock.Offset, contract.MaxOffset)
	}
	v.facts.DevClock = &v.clock.Offset
	if v.clock.Offset == 0 {
		return line{"DEV CLOCK: not moved", "测试链时钟:没有拨动"}, nil
	}
	return both("DEV CLOCK: %s ahead of the validators' clocks", "测试链时钟:比验证者的快 %s", v.clock.Offset), nil
}

// now is the time on the chain at the header that signs the state: what is done
// later is done then or after.
func (v *verifier) now() contract.Time { return v.clock.Now(contract.TimeOf(v.header.Time)) }
