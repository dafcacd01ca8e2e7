package demo

import (
	"strings"

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
	var sum contract.Amount
	var best share // the first of equal ones
	var told *share
	var said []string
	for i, name := range takers {
		var claimed struct {
			Share    uint32          `json:"share"`
			Amount   contract.Amount `json:"amount_fen,string"`
			Final    bool            `json:"final"`
			Luckiest *share          `json:"luckiest"`
		}
		if err := s.run(&claimed, "", "claim", sent.Packet.String(), "--from", name); err != nil {
			return err
		}
		if err := s.check(claimed.Share == uint32(i+1) && claimed.Amount > 0 && claimed.Final,
			"%s draws a share for good: %+v", name, claimed); err != nil {
			return err
		}
		if sum += claimed.Amount; claimed.Amount > best.Amount {
			best = share{claimed.Share, claimed.Amount}
		}
		told = claimed.Luckiest
		said = append(said, name+" "+claimed.Amount.Yuan())
	}
	s.say("  %s", "  %s", strings.Join(said, "  "))
	if err := s.check(sum == 6666, "the draws sum to the total: %s", sum.Yuan()); err != nil {
		return err
	}
	if err := s.check(told != nil && *told == best, "who fills the packet is told the luckiest share: %+v, it is %+v",
		told, best); err != nil {
		return err
	}
	s.say("  all drawn: %s in all; %s is the luckiest (手气最佳)", "  全部抽出,共%s;%s手气最佳",
		sum.Yuan(), takers[best.Share-1])
	return s.drawn(sent.Packet, len(takers))
}

// share is a packet's share of some amount.
type share struct {
	Share  uint32          `json:"share"`
	Amount contract.Amount `json:"amount_fen,string"`
}

// drawn checks that every draw in a packet's history names the beacon that the
// node has of the block before.
func (s *story) drawn(packet contract.PacketID, draws int) error {
	var history struct {
		Entries []struct {
			Kind   string `json:"kind"`
			Height int64  `json:"height"`
			Beacon string `json:"beacon"`
		} `json:"entries"`
		Beacons []struct {
			Hash   string `json:"hash"`
			Height int64  `json:"height"` // of the block that reserved
		} `json:"beacons"`
	}
	if err := s.run(&history, "", "history", packet.String()); err != nil {
		return err
	}
	made := map[string]int64{} // beacon to the height of its draws
	for _, b := range history.Beacons {
		made[b.Hash] = b.Height + 1
	}
	for _, e := range history.Entries {
		if e.Kind == "draw" && e.Beacon != "" && made[e.Beacon] == e.Height {
			draws--
		}
	}
	s.say("  each drawn with a proof that only the next block's proposer could make\n",
		"  每一份都凭下一个区块的出块人才给得出的证明抽取\n")
	return s.check(draws == 0, "each draw has its beacon: %+v", history)
}
