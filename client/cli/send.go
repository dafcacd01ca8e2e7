package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"hongbao/client/files"
	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"

	"github.com/btcsuite/btcd/btcec/v2"
)

// sendFlags are what `send` was asked for.
type sendFlags struct {
	each, expires, hold, memo, opens, scene string
	to, recall, with                        []string
	shares                                  uint32
	sharesGiven                             bool
	link, public, lucky                     bool
}

func (s *Session) sendVerb() *Verb {
	var f sendFlags
	return &Verb{
		Use: "send TOTAL | --each AMOUNT", Group: groupMoney,
		Short: words.Both("Send a red packet, under the terms you sign now", "发红包,条款现在就签定"),
		Example: words.Both(`  send 88.80 --shares 8                    claimed with the link that is printed
  send 500 --to bob --recall 2m            you may take it back for two minutes
  send --each 11.10 --shares 8 --public    whoever comes first
  send 88.80 --shares 8 --lucky            amounts drawn after the claims
  send 500 --scene transfer-72h --to bob   yours to recall for 72 hours
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
			{&f.link, "--link", "whoever has the link may claim (the default)", "有链接的人就能领(默认)"},
			{&f.lucky, "--lucky",
				"draw what each share holds, at least 0.01, once it is claimed (拼手气)",
				"拼手气:领取之后再抽每份的金额,至少 0.01"},
			{&f.memo, "--memo TEXT",
				"a text that travels in the link; the ledger holds a commitment to it",
				"留言,随链接传递;账本上只有它的承诺值"},
			{&f.opens, "--opens TIME",
				"nobody claims before this time, such as 2026-02-17T00:00:00Z",
				"这个时间之前谁也不能领,如 2026-02-17T00:00:00Z"},
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
}

func (s *Session) send(ctx context.Context, args []string, f *sendFlags) error {
	terms, l, err := s.terms(ctx, args, f)
	if err != nil {
		return err
	}
	account, err := s.Signer(ctx)
	if err != nil {
		return err
	}
	o, err := s.submit(ctx, account, &contract.Send{Terms: *terms}, func(now contract.Time) error {
		return s.showTerms(ctx, &contract.Packet{Sender: account.Address, Terms: *terms, Created: now, Status: contract.Open}, now)
	}, func(tx *contract.Tx) error {
		l.Chain, l.Packet = tx.Chain, contract.NewPacketID(tx.Chain, tx.Account, tx.Nonce)
		return s.keepSent(tx, l)
	})
	if err == nil && o.Record != nil {
		_ = s.remember(l.Packet) // last finds out by itself otherwise
	}
	if err != nil {
		if e := asError(err); e.Exit == ExitUnknown && l.Key != nil {
			e.Hint = s.waitFor(*e.Tx).And(words.Both("its link is kept: %s show %s", "链接已经存下:%s show %s", s.Program(), l.Packet))
			return e
		}
		return err
	}
	if !o.Sent {
		return s.showDry(o, nil)
	}
	out := sentJSON{
		Packet: l.Packet, Sender: account.Address, Tx: o.Hash, Height: o.Height(), Created: o.Time(),
		Total: fen(terms.Total), Shares: terms.Shares, TermsHash: terms.Hash(s.chain),
	}
	if l.Key != nil || l.Memo != nil {
		out.Link = l.String()
	}
	alone := false // can the sender recall without anybody else?
	if o.Record != nil {
		p := &contract.Packet{Sender: account.Address, Terms: *terms, Created: o.Record.Time,
			Expires: o.Record.Time.Plus(terms.Expiry), Status: contract.Open}
		out.Expires = &p.Expires
		if until := p.RecallableUntil(); until != 0 {
			out.RecallableUntil = &until
			alone = slices.ContainsFunc(p.RestWindows(), func(w contract.Window) bool {
				return slices.ContainsFunc(w.Signers, func(set []contract.Address) bool { return slices.Equal(set, []contract.Address{p.Sender}) })
			})
		}
	}
	s.Result(out, func(w io.Writer) {
		fmt.Fprintln(w, s.Say("packet  %s%s", "红包  %s%s", out.Packet, s.when(o)))
		one, many, lucky := "share", "shares", ""
		if terms.Split == contract.Lucky {
			one, many, lucky = "lucky share", "lucky shares", ",拼手气"
		}
		fmt.Fprintln(w, s.Say("%-7[1]s %[2]s in %[3]s, from %[6]s", "金额  %[2]s,%[4]d份%[5]s,%[6]s发",
			verb(o, "sent", "offered"), terms.Total.Yuan(), words.Count(int(terms.Shares), one, many), terms.Shares, lucky, account.Called()))
		if out.RecallableUntil != nil {
			line := s.Say("recall  until %s, what is unclaimed", "收回  %s前,可收回没领走的", clock(*out.RecallableUntil))
			if alone {
				line += s.Say(": %s recall last", ":%s recall last", s.Program())
			}
			fmt.Fprintln(w, line)
		}
		if terms.Hold > 0 {
			fmt.Fprintln(w, s.Say("hold    a share settles %[1]s after its claim", "存放  领取后先存%[2]s再到账", terms.Hold, words.Length(s.Lang(), terms.Hold)))
		}
		if out.Link != "" {
			fmt.Fprintln(w, s.Say("link    %s", "链接  %s", out.Link))
		}
	})
	if out.Link != "" && l.Key != nil {
		s.hint(s.Say("whoever has the link can claim; hand it on like cash", "谁有链接谁就能领,请像现金一样交出去"))
	}
	return nil
}

// keepSent writes down what a crash must not lose.
func (s *Session) keepSent(tx *contract.Tx, l *files.Link) error {
	if l.Key != nil || l.Memo != nil {
		if err := s.keepLink(l); err != nil {
			return err
		}
	} else {
		os.Remove(s.linkPath(l.Packet)) // a chain started over gives ids out again
	}
	if s.Global.Unsigned != "" {
		return nil // it is sent by tx broadcast
	}
	return s.rememberSending(tx, l.Packet)
}

// terms builds what will be signed, and the beginnings of its link.
func (s *Session) terms(ctx context.Context, args []string, f *sendFlags) (*contract.Terms, *files.Link, error) {
	f.to = listed(f.to)
	t := &contract.Terms{Split: contract.Equal, Clauses: []contract.Clause{}, Scene: f.scene, Shares: f.shares}
	if f.lucky {
		t.Split = contract.Lucky
	}
	switch {
	case f.sharesGiven && (f.shares < 1 || f.shares > contract.MaxShares):
		return nil, nil, usagef("--shares %d: 1 to %d", f.shares, contract.MaxShares)
	case !f.sharesGiven && len(f.to) > contract.MaxShares:
		return nil, nil, usagef("--to: at most %d names without --shares", contract.MaxShares)
	case !f.sharesGiven:
		t.Shares = uint32(max(1, len(f.to)))
	}
	err := s.amounts(t, args, f)
	if err != nil {
		return nil, nil, err
	}
	if err := s.conditions(ctx, t, f); err != nil {
		return nil, nil, err
	}
	l := &files.Link{}
	if f.memo != "" {
		if l.Memo, err = files.NewMemo(f.memo); err != nil {
			return nil, nil, usagef("--memo: %v", err)
		}
		hash := l.Memo.Hash()
		t.Memo = &hash
	}
	l.Key, err = s.claimRule(ctx, t, f)
	return t, l, err
}

// amounts sets the total from the argument or from --each.
func (s *Session) amounts(t *contract.Terms, args []string, f *sendFlags) (err error) {
	switch {
	case f.lucky && f.each != "":
		return usagef("send: --each says what a share holds, --lucky draws it").WithHint("write the total instead of --each", "请写总额,不要写 --each")
	case len(args) == 1 && f.each != "":
		return usagef("send: a total or --each, not both")
	case len(args) == 1:
		t.Total, err = parseAmount(args[0])
		return err
	case f.each == "":
		return usagef("send: how much? write a total, or --each AMOUNT")
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

// claimRule says who may claim; a link's key is new for every packet.
func (s *Session) claimRule(ctx context.Context, t *contract.Terms, f *sendFlags) (key *btcec.PrivateKey, err error) {
	if (len(f.to) > 0 && f.public) || (f.link && (f.public || len(f.to) > 0)) {
		return nil, usagef("send: choose one of --to, --link and --public")
	}
	var rule contract.Cond
	switch {
	case len(f.to) > 0:
		var named contract.Named
		for _, party := range f.to {
			a, err := s.Resolve(ctx, party)
			if err != nil {
				return nil, err
			}
			named.Claimers = append(named.Claimers, a)
		}
		rule = named
	case f.public:
		rule = contract.Always{}
	default:
		if key, err = wallet.NewLink(); err != nil {
			return nil, err
		}
		pub := [32]byte(contract.AddressOf(key))
		rule, t.LinkKey = contract.Link{}, &pub
	}
	if f.opens != "" {
		at, err := parseTime(f.opens)
		if err != nil {
			return nil, usagef("--opens %v", err)
		}
		if !at.After(s.now()) {
			return nil, usagef("--opens %s: is past already", f.opens).
				WithHint("leave it out: a packet is open at once", "不写就是马上可以领")
		}
		from := contract.From{At: contract.Time(at.Truncate(time.Second).UnixNano())}
		if f.public {
			rule = from
		} else {
			rule = contract.All{rule, from}
		}
	}
	t.Claim = contract.Rule{Cond: rule}
	return key, nil
}

// parseTime reads a time as people write it: RFC 3339, or without a zone for
// the reader's own.
func parseTime(text string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.UTC(), checkTime(t, text)
	}
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"} {
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
