package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"hongbao/client"
	"hongbao/client/files"
	"hongbao/client/words"
	"hongbao/contract"
)

// sendFlags are what `send` was asked for.
type sendFlags struct {
	each, expires, hold, memo, opens, scene string
	to, recall, with                        []string
	shares                                  uint32
	sharesGiven                             bool
	link, public, lucky                     bool
	list                                    string
}

func (s money) sendVerb() *Verb {
	var f sendFlags
	return &Verb{
		Use: "send TOTAL | --each AMOUNT | --list FILE", Group: groupMoney,
		Short: words.Both("Send a red packet, under the terms you sign now", "发红包,条款现在就签定"),
		Example: words.Both(`  send 88.80 --shares 8                    claimed with the link that is printed
  send 500 --to bob --recall 2m            you may take it back for two minutes
  send --each 11.10 --shares 8 --public    the first to claim get it
  send 88.80 --shares 8 --lucky            amounts drawn after the claims
  send 500 --scene transfer-72h --to bob   yours to recall for 72 hours
  send --list staff.csv --recall 24h       each line has its own amount
  send --each 500 --scene enterprise --to bob,carol \
       --with finance=dave,hr=erin,audit=frank
  send 90 --hold 24h \
       --recall 'share when 2 of (key(@dave),key(@erin),key(@frank)) for fraud'
  send 66 --recall 'rest when all(sender,within(24h),untouched) for AC03'`,
			`  send 88.80 --shares 8                    凭打印出来的链接领取
  send 500 --to bob --recall 2m            两分钟内可以收回
  send --each 11.10 --shares 8 --public    谁先来谁领
  send 88.80 --shares 8 --lucky            拼手气,领取之后才抽金额
  send 500 --scene transfer-72h --to bob   72小时内可以收回
  send --list staff.csv --recall 24h       名单上每行各有金额,最多一百万行
  send --each 500 --scene enterprise --to bob,carol \
       --with finance=dave,hr=erin,audit=frank
  send 90 --hold 24h \
       --recall 'share when 2 of (key(@dave),key(@erin),key(@frank)) for fraud'
  send 66 --recall 'rest when all(sender,within(24h),untouched) for AC03'`),
		Flags: []Flag{
			{&f.each, "--each AMOUNT", "what each share gets, instead of a total", "每份多少钱,用来代替总额"},
			{&f.expires, "--expires DURATION",
				"after how long the unclaimed rest comes back by itself (default: 24h)",
				"多久没领完就自动退回(默认 24h)"},
			{&f.hold, "--hold DURATION",
				"how long a claimed share is held before it is the claimer's, such as 24h",
				"领到的一份先存多久才归领的人,如 24h"},
			{&f.link, "--link", "anyone with the link may claim (the default)", "有链接的人就能领(默认)"},
			{&f.list, "--list FILE",
				"only those in this table may claim: a name or an address, and an amount, on each line",
				"只有表格里的人能领:每行写名字或地址,和金额"},
			{&f.lucky, "--lucky",
				"draw what each share holds, at least 0.01, once it is claimed (拼手气)",
				"拼手气:领取之后再抽每份的金额,至少 0.01"},
			{&f.memo, "--memo TEXT",
				"a text that travels in the link; the ledger holds a commitment to it",
				"留言,随链接传递;账本上只有它的承诺值"},
			{&f.opens, "--opens TIME",
				"nobody claims before this time, such as 2026-02-17T00:00:00Z, or +1h from now",
				"这个时间之前谁也不能领,如 2026-02-17T00:00:00Z;或 +1h,从现在起"},
			{&f.public, "--public",
				"every account may claim; one share an address is not one a person",
				"任何账户都能领;一个地址一份,不等于一个人一份"},
			{&f.recall, "--recall CLAUSE",
				"who may take money back: 2m for yourself, or a whole clause such as 'share when …'; may be repeated",
				"谁能收回:写 2m 表示自己两分钟内可收回,或写完整条款,如 'share when …';可以写多次"},
			{&f.scene, "--scene SCENE",
				"a named template of clauses, hold and expiry, such as friends or transfer-72h",
				"场景:条款、存放和过期时间的模板,如 friends 或 transfer-72h"},
			{given[uint32]{&f.shares, &f.sharesGiven}, "--shares N",
				"how many shares (default: one, or one for each name of --to)",
				"分几份(默认一份,或 --to 写了几个人就几份)"},
			{&f.to, "--to PARTIES",
				"only these may claim: names or addresses, with commas",
				"只有这些人能领:名字或地址,用逗号隔开"},
			{&f.with, "--with ROLES",
				"who has the scene's roles: role=party, with commas",
				"场景里的角色由谁担任:角色=谁,用逗号隔开"},
		},
		Reach: Signing, Results: []any{sentJSON{}},
		Run: func(ctx context.Context, args []string) error { return s.send(ctx, args, &f) },
	}
}

// sentJSON is the result of send.
type sentJSON struct {
	Packet          contract.PacketID `json:"packet"`
	Tx              contract.Hash     `json:"tx"`
	Height          *int64            `json:"height"`
	Created         *contract.Time    `json:"created"`
	Expires         *contract.Time    `json:"expires"`
	Sender          contract.Address  `json:"sender"`
	Total           fen               `json:"total_fen"`
	Shares          uint32            `json:"shares"`
	TermsHash       contract.Hash     `json:"terms_hash"`
	RecallableUntil *contract.Time    `json:"recallable_until,omitempty"`
	Link            string            `json:"link,omitempty"`
	File            string            `json:"file,omitempty"` // the list file of --list
}

func (s money) send(ctx context.Context, args []string, f *sendFlags) error {
	packet, err := s.packet(ctx, args, f)
	if err != nil {
		return err
	}
	var draft *listDraft
	if f.list != "" {
		if draft, err = s.draftList(f.list); err != nil {
			return err
		}
		packet.List = draft.list
		defer draft.drop()
	}
	signer, err := s.signer(ctx)
	if err != nil {
		return err
	}
	signer.Review = func(d client.Draft) error {
		offered := *d.Packet
		offered.Created = d.Now
		return s.showTerms(ctx, &offered, d.Now)
	}
	packet.Keep = s.keepSent
	if draft != nil {
		packet.Keep = func(o *client.Sent) error { return errors.Join(draft.keep(o), s.keepSent(o)) }
	}
	o, err := signer.Send(ctx, *packet)
	if err == nil && o.Record != nil {
		_ = s.remember(o.ID) // last finds out by itself otherwise
	}
	if err != nil {
		if e := asError(err); e.Exit == ExitUnknown && o.Link != nil && o.Link.Key != nil {
			kept := words.Both("its link is kept: %s show %s", "链接已经存下:%s show %s", s.Program(), o.ID)
			e.Hint = waitFor(s.Program(), *e.Tx).And(kept)
			return e
		}
		return err
	}
	if !o.Sent {
		return s.showDry(o.Outcome, nil)
	}
	out := newSentJSON(o, signer.Account.Address, s.chain)
	if draft != nil {
		out.File = draft.path
	}
	s.Result(out, func(w io.Writer) { s.showSent(w, o, &out, signer.Account.Called()) })
	if o.Link != nil && o.Link.Key != nil {
		s.hint(s.Say("anyone with the link can claim: treat it like cash", "谁有链接谁就能领,请当现金一样保管"))
	}
	return nil
}

func newSentJSON(o *client.Sent, sender contract.Address, chain string) sentJSON {
	out := sentJSON{
		Packet: o.ID, Sender: sender, Tx: o.Hash, Height: known(o.Height()), Created: known(o.Time()),
		Total: fen(o.Terms.Total), Shares: o.Terms.Shares, TermsHash: o.Terms.Hash(chain),
	}
	if hasSecret(o.Link) {
		out.Link = o.Link.String()
	}
	if p := o.Packet; p != nil {
		out.Expires = &p.Expires
		if until := p.RecallableUntil(); until != 0 {
			out.RecallableUntil = &until
		}
	}
	return out
}

// hasSecret reports whether a link holds what the ledger does not: a key or a
// memo.
func hasSecret(l *files.Link) bool { return l != nil && (l.Key != nil || l.Memo != nil) }

// recallsAlone reports whether p's sender can recall the rest without another's
// signature.
func recallsAlone(p *contract.Packet) bool {
	alone := []contract.Address{p.Sender}
	return slices.ContainsFunc(p.RestWindows(), func(w contract.Window) bool {
		return slices.ContainsFunc(w.Signers, func(set []contract.Address) bool { return slices.Equal(set, alone) })
	})
}

func (s money) showSent(w io.Writer, o *client.Sent, out *sentJSON, sender string) {
	fmt.Fprintln(w, s.Say("packet  %s%s", "红包  %s%s", out.Packet, s.when(o.Outcome)))
	terms := o.Terms
	one, many, lucky := "share", "shares", ""
	if terms.Split == contract.Lucky {
		one, many, lucky = "lucky share", "lucky shares", ",拼手气"
	}
	fmt.Fprintln(w, s.Say("%-7[1]s %[2]s in %[3]s, from %[6]s", "金额  %[2]s,%[4]d份%[5]s,%[6]s发",
		verb(o.Outcome, "sent", "offered"), terms.Total.Yuan(), words.Count(int(terms.Shares), one, many),
		terms.Shares, lucky, sender))
	if out.RecallableUntil != nil {
		line := s.Say("recall  until %s, what is unclaimed", "收回  %s前,可收回没领走的", clock(*out.RecallableUntil))
		if recallsAlone(o.Packet) {
			line += s.Say(": %s recall last", ":%s recall last", s.Program())
		}
		fmt.Fprintln(w, line)
	}
	if terms.Hold > 0 {
		fmt.Fprintln(w, s.Say("hold    a share settles %[1]s after its claim", "存放  领取后先存%[2]s再到账",
			terms.Hold, words.Length(s.Lang(), terms.Hold)))
	}
	if out.File != "" {
		fmt.Fprintln(w, s.Say("list    %s: %s list vouchers %s makes the links",
			"名单  %s,用 %s list vouchers %s 生成链接", out.File, s.Program(), out.File))
	}
	if out.Link != "" {
		fmt.Fprintln(w, s.Say("link    %s", "链接  %s", out.Link))
	}
}

// keepSent writes down what a crash must not lose.
func (s money) keepSent(o *client.Sent) error {
	if hasSecret(o.Link) {
		if err := links(s.Global.Home).keep(o.Link); err != nil {
			return err
		}
	} else {
		os.Remove(links(s.Global.Home).path(o.ID)) // a chain started over gives ids out again
	}
	if s.Global.Unsigned != "" {
		return nil // it is sent by tx broadcast
	}
	return s.rememberSending(o.Tx, o.ID)
}

// packet is what the flags say is to be sent.
func (s money) packet(ctx context.Context, args []string, f *sendFlags) (*client.Packet, error) {
	f.to = listed(f.to)
	p := &client.Packet{Scene: f.scene, Shares: f.shares, Lucky: f.lucky, Public: f.public, Memo: f.memo}
	switch {
	case f.list != "" && (f.sharesGiven || f.each != "" || len(args) > 0 || f.lucky || f.public || f.link ||
		len(f.to) > 0):
		return nil, usagef("send: --list says who gets how much: leave out the total, --each, --shares, --to, " +
			"--link, --public and --lucky")
	case f.sharesGiven && (f.shares < 1 || f.shares > contract.MaxListed):
		return nil, usagef("--shares %d: write a number from 1 to %d", f.shares, contract.MaxListed)
	case !f.sharesGiven && len(f.to) > contract.MaxShares:
		return nil, usagef("--to: at most %d names without --shares", contract.MaxShares)
	case !f.sharesGiven:
		p.Shares = uint32(max(1, len(f.to)))
	}
	if f.list == "" {
		if err := s.amounts(p, args, f); err != nil {
			return nil, err
		}
	}
	if err := s.conditions(ctx, p, f); err != nil {
		return nil, err
	}
	return p, s.claimers(ctx, p, f)
}

// amounts sets the total from the argument or from --each.
func (s money) amounts(t *client.Packet, args []string, f *sendFlags) (err error) {
	switch {
	case f.lucky && f.each != "":
		return usagef("send: choose one of --each and --lucky: --each sets the amount of a share, --lucky draws it").
			WithHint("write the total instead of --each", "请写总额,不要写 --each")
	case len(args) == 1 && f.each != "":
		return usagef("send: write a total or --each, not both")
	case len(args) == 1:
		t.Total, err = parseAmount(args[0])
		return err
	case f.each == "":
		return usagef("send: write a total, or --each AMOUNT")
	}
	each, err := parseAmount(f.each)
	if err != nil {
		return err
	}
	for range t.Shares {
		sum, ok := t.Total.Add(each)
		if !ok {
			return contract.Errorf(contract.CodeBadAmount, "%d shares of %s: too much", t.Shares, each.Yuan())
		}
		t.Total = sum
	}
	return nil
}

// claimers says who may claim, and from when on.
func (s money) claimers(ctx context.Context, p *client.Packet, f *sendFlags) error {
	if (len(f.to) > 0 && f.public) || (f.link && (f.public || len(f.to) > 0)) {
		return usagef("send: choose one of --to, --link and --public")
	}
	for _, party := range f.to {
		a, err := s.Resolve(ctx, party)
		if err != nil {
			return err
		}
		p.To = append(p.To, a)
	}
	if f.opens == "" {
		return nil
	}
	at, err := s.parseOpens(f.opens)
	if err != nil {
		return usagef("--opens %v", err)
	}
	if !at.After(s.now()) {
		return usagef("--opens %s: is past already", f.opens).
			WithHint("leave it out: a packet is open at once", "不写就是马上可以领")
	}
	p.Opens = contract.Time(at.Truncate(time.Second).UnixNano())
	return nil
}

// parseOpens reads a point in time, or with a + before it a length of time from now.
func (s money) parseOpens(text string) (time.Time, error) {
	length, is := strings.CutPrefix(text, "+")
	if !is {
		return parseTime(text)
	}
	after, err := parseSeconds(length)
	return s.now().Add(time.Duration(after) * time.Second), err
}

// parseTime reads a time as people write it: RFC 3339, or without a zone for
// the reader's own.
func parseTime(text string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.UTC(), checkTime(t, text)
	}
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05",
		"2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t.UTC(), checkTime(t, text)
		}
	}
	return time.Time{}, fmt.Errorf("%q: write it like 2026-02-17T00:00:00Z or '2026-02-17 00:00'", text)
}

func checkTime(t time.Time, text string) error {
	if y := t.UTC().Year(); y < 1970 || y > 2261 {
		return fmt.Errorf("%q: out of range", text)
	}
	return nil
}
