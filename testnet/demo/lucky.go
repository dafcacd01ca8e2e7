package demo

import (
	"strings"

	"hongbao/client/files"
	"hongbao/contract"
)

// lucky is a packet whose shares are unknown before they are drawn.
func (s *story) lucky() error {
	s.say("dave sends ¥66.66 for luck: 拼手气. Nobody knows what a share holds.",
		"dave发¥66.66拼手气,事先谁也不知道每份多少。")
	var sent struct {
		Packet contract.PacketID `json:"packet"`
	}
	if err := s.run(&sent, "", "send", "66.66", "--shares", "5", "--lucky", "--public", "--from", "dave"); err != nil {
		return err
	}
	s.types("send 66.66 --shares 5 --lucky --public")

	takers := []string{"alice", "bob", "carol", "erin", "frank"}
	var full *contract.Packet
	var said []string
	for i, name := range takers {
		claimed, finality, err := s.claim(name, &files.Link{Packet: sent.Packet})
		if err != nil {
			return err
		}
		if err := s.check(claimed.Share == uint32(i+1) && *claimed.Amount > 0 && finality.FinalSince > 0,
			"%s draws a share for good: share %d, %s, %+v", name, claimed.Share, claimed.Amount.Yuan(),
			finality); err != nil {
			return err
		}
		full = claimed.Packet
		said = append(said, name+" "+claimed.Amount.Yuan())
	}
	var sum contract.Amount
	best := 0 // the first of equal ones
	for i, share := range full.Shares {
		if sum += share.Amount; share.Amount > full.Shares[best].Amount {
			best = i
		}
	}
	s.say("  %s", "  %s", strings.Join(said, "  "))
	if err := s.check(sum == 6666, "the draws sum to the total: %s", sum.Yuan()); err != nil {
		return err
	}
	told := full.Luckiest()
	if err := s.check(told == uint32(best+1), "the luckiest share is told: %d, it is %d", told, best+1); err != nil {
		return err
	}
	s.say("  all drawn: %s in all; %s is the luckiest (手气最佳)", "  全部抽出,共%s;%s手气最佳",
		sum.Yuan(), takers[best])
	return s.drawn(sent.Packet, len(takers))
}

// drawn checks that every draw in a packet's history names the beacon that the
// node has of the block before.
func (s *story) drawn(packet contract.PacketID, draws int) error {
	entries, _, err := s.client.History(s.ctx, packet)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Kind != contract.KindDraw || e.Beacon == nil {
			continue
		}
		b, err := s.client.Node().Beacon(s.ctx, e.Height-1)
		if err != nil {
			return err
		}
		if b != nil && b.Hash() == *e.Beacon {
			draws--
		}
	}
	s.say("  each drawn with a proof that only the next block's proposer could make\n",
		"  每一份都凭下一个区块的出块人才给得出的证明抽取\n")
	return s.check(draws == 0, "each draw has its beacon: %d have none", draws)
}
