package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"hongbao/client"
	"hongbao/client/audit"
	"hongbao/client/files"
	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
)

func (s money) claimVerb() *Verb {
	var fresh bool
	var list string
	return &Verb{
		Use: "claim REF | LINK | -", Group: groupMoney,
		Short: words.Both("Take a share, accepting the terms it is under", "领一份红包,接受它的条款"),
		Long: words.Both(`Take a share of a packet. Its terms are read and said in plain words, and
signed: the claim holds their hash. Where others could take the money back from
you, you are asked first. With - the link is read from stdin, which keeps it out
of the shell's history.

What a lucky share holds is drawn in the next block, and claim waits for that.
When --wait is over before, state is "reserved" and amount_fen null; with
--wait 0 nothing is known yet: share is null, and there is no state. Once every
share is drawn, luckiest is the one that holds the most (手气最佳), the first of
equal ones.

The ledger is public: anyone who knows an address sees all that it ever claimed,
sent and paid. With --fresh the share goes to a new address of your key, which
nobody can tell is yours until you pay from it to one that they know. It is kept
with the key, whose words bring it back; keys list shows it, as name/1, name/2.
A claim that is refused uses none up.`,
			`领一份红包。领之前用大白话念出条款,并对它签字:领取交易里带着条款的哈希。
如果别人还能把这份钱收回,会先问你。写 - 就从标准输入读链接,链接不会留在
命令历史里。

拼手气红包的金额在下一个区块抽出,claim 会等它。--wait 的时间先到了,state
就是 "reserved",amount_fen 是 null;写 --wait 0 时什么都还不知道,share 是
null,没有 state。全部抽出之后,luckiest 是金额最大的一份(手气最佳),一样大的
取最先的。

账本是公开的:知道一个地址,就能看到它领过、发过、付过的一切。加 --fresh,
这一份就领到你密钥的一个新地址,别人看不出是你的,除非你从它付钱给认识这个
地址的人。新地址和密钥存在一起,助记词能把它找回来;keys list 里写作 name/1、
name/2。领取被拒时不会用掉新地址。`),
		Flags: []Flag{
			{&list, "--list FILE", "claim this account's entry in a list file", "按名单文件里这个账户的那一项来领"},
			{&fresh, "--fresh",
				"claim with a new address of your key, for privacy",
				"用你密钥的一个新地址领,保护隐私"},
		},
		Reach: Signing, Results: []any{claimedJSON{}},
		Run: func(ctx context.Context, args []string) error { return s.claim(ctx, args[0], list, fresh) },
	}
}

// claimedJSON is the result of claim. Where the command did not wait for the
// block, share is null, and how it stands is not there.
type claimedJSON struct {
	Packet  contract.PacketID `json:"packet"`
	Claimer contract.Address  `json:"claimer"`
	Share   *uint32           `json:"share"`

	*audit.ShareStanding `json:",omitempty"`

	Luckiest *luckiestJSON `json:"luckiest,omitempty"` // of a lucky packet whose shares are all drawn
	Memo     string        `json:"memo,omitempty"`
	Tx       contract.Hash `json:"tx"`
	Height   *int64        `json:"height"`
}

func (s money) claim(ctx context.Context, target, list string, fresh bool) error {
	l, err := s.claimTarget(ctx, target)
	if err != nil {
		return err
	}
	signer, err := s.signer(ctx)
	if err != nil {
		return err
	}
	if list != "" && l.Entry == nil {
		if l.Entry, err = s.listed(list, l.Packet, signer.Account.Address); err != nil {
			return err
		}
	}
	offer, err := s.client.Offer(ctx, l)
	if err != nil {
		return err
	}
	account := signer.Account
	var claimed *client.Claimed
	if fresh {
		claimed, err = signer.ClaimFresh(ctx, offer, func(at *client.Signer) error {
			account = at.Account
			s.Progress(words.FreshAddress(s.Lang(), account.Called(), account.Address.String()))
			return s.asClaimer(ctx, at, offer)
		})
	} else if err = s.asClaimer(ctx, signer, offer); err == nil {
		claimed, err = signer.Claim(ctx, offer)
	}
	switch {
	case errors.Is(err, wallet.ErrOpen):
		return Fail(ExitRefused, "previous_pending", "%v", err)
	case err != nil:
		return err
	case !claimed.Sent:
		return s.showDry(claimed.Outcome, offer.Packet)
	}
	return s.showClaimed(ctx, account, offer, claimed)
}

// listed is the entry of an address in the list file of a packet.
func (s money) listed(path string, id contract.PacketID, a contract.Address) (*contract.Listing, error) {
	h, err := s.readList(path)
	if err != nil {
		return nil, err
	}
	if h.tail.Packet != id {
		return nil, Fail(ExitUsage, "bad_list_file", "%s: is the list of packet %s", path, h.tail.Packet)
	}
	l, err := h.entryOf(a)
	if err != nil {
		return nil, err
	}
	return l.Entry, nil
}

// asClaimer has a signer show the terms that its account is about to accept. The
// person is asked first where others could take the money back.
func (s money) asClaimer(ctx context.Context, signer *client.Signer, offer *client.Offer) error {
	p, now := offer.Packet, offer.At.Time
	others, err := s.othersLine(ctx, p, offer.Finality(signer.Account.Address), now)
	if err != nil {
		return err
	}
	signer.Confirm = func(client.Draft) error {
		if others == "" {
			return nil
		}
		if _, err := p.TargetOf(0, now); err != nil {
			return err // too late: there is nothing to ask about
		}
		if err := s.showOffer(ctx, offer, now); err != nil {
			return err
		}
		return s.Confirm(words.ClaimAnyway(s.Lang(), others))
	}
	signer.Review = func(d client.Draft) error {
		if others != "" {
			return nil // shown already
		}
		return s.showOffer(ctx, offer, d.Now)
	}
	signer.Keep = func(*contract.Tx) error {
		if s.Global.Unsigned != "" {
			return nil // it is sent by tx broadcast
		}
		return s.remember(offer.Link.Packet)
	}
	return nil
}

// showOffer says what a claimer is about to accept.
func (s money) showOffer(ctx context.Context, offer *client.Offer, now contract.Time) error {
	p := offer.Packet
	s.Progress(s.Say("packet %s from %s", "红包%s,%s发的", offer.Link.Packet.Short(), s.name(p.Sender)))
	if m := offer.Link.Memo; m != nil {
		s.Progress(s.Say("  memo: %s", "  留言:%s", printable(m.Text)))
	}
	return s.showTerms(ctx, p, now)
}

// claimTarget is the packet to claim from, and the link's key and memo where
// they were given.
func (s money) claimTarget(ctx context.Context, target string) (*files.Link, error) {
	if target == "-" {
		line, err := s.readLine()
		if err != nil && line == "" {
			return nil, usagef("claim -: no link on stdin")
		}
		target = line
		if !files.IsLink(target) {
			return nil, usagef("claim -: stdin does not hold a link")
		}
	}
	if _, err := s.Client(ctx); err != nil {
		return nil, err
	}
	if !files.IsLink(target) {
		r, err := s.parseRef(ctx, target)
		return &files.Link{Chain: s.chain, Packet: r.Packet}, err
	}
	return linkOfChain(s.chain, target)
}

func (s money) showClaimed(
	ctx context.Context, account *wallet.Account, offer *client.Offer, o *client.Claimed,
) error {
	out := claimedJSON{Packet: offer.Link.Packet, Claimer: account.Address, Tx: o.Hash, Height: known(o.Height())}
	if m := offer.Link.Memo; m != nil {
		out.Memo = m.Text
	}
	stands := ""
	if o.Share != 0 {
		subject, err := s.subject(ctx, o.Packet, o.Share, o.At.Time)
		if err != nil {
			return o.Unread(err)
		}
		standing := audit.NewShareStanding(o.Packet, o.Share, o.At.Time)
		out.Share, out.ShareStanding, out.Luckiest = &o.Share, &standing, luckiest(o.Packet)
		stands = words.Standing(s.Lang(), subject)
	}
	s.Result(out, func(w io.Writer) { s.printClaimed(w, &out, stands) })
	return nil
}

// printClaimed prints out; stands says how the share does.
func (s money) printClaimed(w io.Writer, out *claimedJSON, stands string) {
	if out.Share == nil {
		fmt.Fprintln(w, s.Say("claim of %s offered, not in a block yet", "%s领取:已提交,还没进区块",
			s.name(out.Claimer)))
		return
	}
	line := s.Say("%[3]s: share %[1]d of %[2]s, %[4]s", "%[3]s领到红包%[2]s的第%[1]d份,%[4]s", *out.Share,
		out.Packet.Short(), s.name(out.Claimer), stands)
	if out.Amount != nil {
		line = fmt.Sprintf("+%s  %s", out.Amount.Yuan(), line)
	}
	fmt.Fprintln(w, line)
	if out.Luckiest != nil {
		s.printLuckiest(w, out.Luckiest)
	}
	if out.Memo != "" {
		fmt.Fprintln(w, s.Say("memo    %s", "留言  %s", printable(out.Memo)))
	}
}

// othersLine says who can take a share of p back, until when; empty where no
// other account can.
func (s look) othersLine(
	ctx context.Context, p *contract.Packet, f contract.Finality, now contract.Time,
) (string, error) {
	if f.OthersUntil == 0 {
		return "", nil
	}
	subject, err := s.subject(ctx, p, 0, now)
	if err != nil {
		return "", err
	}
	return words.Others(s.Lang(), subject, f), nil
}
