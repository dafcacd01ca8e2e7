package cli

import (
	"context"
	"time"

	"hongbao/client/evidence"
	"hongbao/client/words"
	"hongbao/contract"
)

// gatherer asks the node for evidence. With --trust it believes nothing that it
// is told.
func (s *Session) gatherer(ctx context.Context) (*evidence.Gatherer, error) {
	client, err := s.Node(ctx)
	if err != nil {
		return nil, err
	}
	trust, err := s.givenTrust()
	return &evidence.Gatherer{
		Node: client, Chain: s.chain, Trust: trust, Height: s.height, Now: s.now, HeaderWait: s.headerWait,
		Progress: func(done, total int) {
			s.Progress(s.Say("%d of %d transactions", "已取%d笔交易,共%d笔", done, total))
		},
		Newest: s.warnOfClock,
	}, err
}

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
