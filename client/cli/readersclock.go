package cli

import (
	"time"

	"hongbao/client/words"
	"hongbao/contract"
)

// maxClockLead is by how much the newest header may be of this machine's future:
// validators refuse one that is a minute ahead of their own clocks.
const maxClockLead = 10 * time.Second

// warnOfClock says once that the newest state is of this machine's future: its
// clock is behind, so that an old answer would pass for a fresh one.
func (s *Session) warnOfClock(newest time.Time) {
	lead := newest.Sub(s.now())
	if lead <= maxClockLead || s.warnedOfClock {
		return
	}
	s.warnedOfClock = true
	s.warn(s.Say("this machine's clock is %s behind the chain: how fresh an answer is cannot be told",
		"这台机器的时钟比链慢%s:看不出回答是不是最新的", words.Length(s.Lang(), contract.Seconds(lead.Seconds()))))
}
