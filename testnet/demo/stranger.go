package demo

import (
	"errors"
	"strings"

	"hongbao/client"
	"hongbao/client/files"
	"hongbao/client/words"
	"hongbao/contract"
)

// stranger is money paid to a stranger: it waits in hold, its claimer is told so
// before signing, and two of three arbiters send it home.
func (s *story) stranger() error {
	s.say("carol pays a stranger ¥200.00, held for a day. Two arbiters may call it fraud.",
		"carol付给陌生人¥200.00,先存一天。三个裁判中的两个可以认定诈骗。")
	var sent struct {
		Packet contract.PacketID `json:"packet"`
	}
	if err := s.run(&sent, "", "send", "200", "--scene", "stranger", "--to", "grace", "--with", "a=dave,b=erin,c=frank",
		"--from", "carol"); err != nil {
		return err
	}
	s.types("send 200 --scene stranger --to grace --with a=dave,b=erin,c=frank")

	reads := s.exec("", "explain", sent.Packet.String(), "--from", "grace")
	warning := s.Lang.Say("treat the money as not arrived", "就当钱还没到")
	if err := s.check(reads.exit == exitOK && strings.Contains(reads.out, warning), "the terms warn her: %s%s",
		reads.out, reads.err); err != nil {
		return err
	}
	s.say("grace reads before she signs:", "grace先看条款再签字:")
	for _, line := range strings.Split(strings.TrimSpace(reads.out), "\n") {
		for _, part := range words.Wrap(line, 74) {
			s.say("  %s", "  %s", part)
		}
	}
	unasked := s.exec("", "claim", sent.Packet.String(), "--from", "grace")
	if err := s.check(unasked.exit == exitUsage && unasked.errorCode() == "confirmation_needed",
		"nothing is signed without her yes: exit %d, %s", unasked.exit, unasked.out); err != nil {
		return err
	}
	claimed, finality, err := s.claim("grace", &files.Link{Packet: sent.Packet})
	if err != nil {
		return err
	}
	if err := s.check(claimed.Packet.Shares[0].State == contract.Held && finality.OthersUntil > 0,
		"her share is held, not final: %+v", finality); err != nil {
		return err
	}
	s.say("  claimed, NOT FINAL: held until %s", "  领了,还没有终局:存到%s", clock(finality.OthersUntil))

	carol, err := s.as("carol")
	if err != nil {
		return err
	}
	recall := client.Recall{Packet: sent.Packet, Share: 1, Reason: "fraud"}
	_, err = carol.Recall(s.ctx, recall)
	if err := s.check(errors.As(err, new(*client.Refused)), "carol alone cannot: %v", err); err != nil {
		return err
	}
	for _, name := range []string{"dave", "erin"} {
		arbiter, err := s.as(name)
		if err != nil {
			return err
		}
		consent, err := arbiter.Consent(s.ctx, client.Consent{Packet: sent.Packet, Share: 1, Reason: "fraud"})
		if err != nil {
			return err
		}
		recall.Consents = append(recall.Consents, consent)
	}
	moved, err := carol.Recall(s.ctx, recall)
	if err != nil {
		return err
	}
	s.say("carol alone cannot; dave and erin consent: fraud  %s home\n",
		"carol一个人收不回;dave和erin同意,理由:诈骗   收回%s\n",
		moved.Amount.Yuan())
	return s.check(*moved.Amount == 20000, "the held share comes home: %s", moved.Amount.Yuan())
}
