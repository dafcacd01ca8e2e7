package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"hongbao/client"
	"hongbao/client/words"
	"hongbao/contract"
)

type watchFlags struct {
	from    int64
	count   int
	settled bool
}

func (s look) watchVerb() *Verb {
	var f watchFlags
	return &Verb{
		Use: "watch [REF | PARTY]", Group: groupLook,
		Short: words.Both("Follow a packet or an account live, until Ctrl-C",
			"实时跟踪一个红包或账户,按 Ctrl-C 结束"),
		Long: words.Both(`Print what happens to a packet, a share or an account, one line each, as it
happens; without a name, to your own account. With --output json each line is
an object of its own whose result is one entry: here alone there is more than
one object. All comes from the ledger's state, so nothing is left out, not even
if the node restarts meanwhile; but it is the node that says so, and history or
statement with --trust that checks it. A node that is gone for longer than
--wait ends it (exit 6), Ctrl-C ends it well.`,
			`红包、一份或账户每发生一件事就打印一行;不写名字就跟踪自己的账户。加
--output json 时每行是一个单独的对象,result 是一条记录:只有这个命令会输出
多个对象。内容都来自账本的状态,节点中途重启也不会漏;但这只是节点的说法,要
核实请用 history 或 statement 加 --trust。节点断开超过 --wait 就结束(退出码
6),按 Ctrl-C 算正常结束。`),
		Example: words.Both(`  watch last --until-settled
  watch alice --from-height 1200        everything since block 1200, and on
  watch rp1… --count 1 --output json    wait for the next thing to happen`,
			`  watch last --until-settled
  watch alice --from-height 1200        从区块 1200 起的一切,接着往下看
  watch rp1… --count 1 --output json    等下一件事发生`),
		Flags: []Flag{
			{&f.count, "--count N", "end after this many (default: do not end)", "看够几条就结束(默认不结束)"},
			{&f.from, "--from-height HEIGHT",
				"begin with what stands in this block or a later one (default: with what is new)",
				"从这个区块起(默认只看新的)"},
			{&f.settled, "--until-settled",
				"end when the packet is closed and no share of it is held any more",
				"红包关闭、且没有份还存着时结束"},
		},
		Reach: Asking, Results: []any{entryJSON{}},
		Run: func(ctx context.Context, args []string) error { return s.watch(ctx, args, &f) },
	}
}

func (s look) watch(ctx context.Context, args []string, f *watchFlags) error {
	if f.from < 0 || f.count < 0 {
		return usagef("--from-height and --count: not below 0")
	}
	w, err := s.watched(ctx, args)
	if err != nil {
		return err
	}
	if f.settled && !w.isPacket() {
		return usagef("--until-settled: an account never settles; name a packet")
	}
	c, err := s.Client(ctx)
	if err != nil {
		return err
	}
	err = s.follow(ctx, c, w, f)
	if w.from == 0 && err != nil { // nothing was shown
		return err
	}
	next := words.Both("go on with: %s watch %s --from-height %d", "接着看:%s watch %s --from-height %d", s.Program(),
		w.name, w.from)
	if err != nil && ctx.Err() == nil {
		e := asError(err)
		e.Hint = next
		return e
	}
	s.hint(next.In(s.Lang()))
	return nil
}

// watched is a leaf whose history is followed.
type watched struct {
	name  string // to go on with
	about client.Watched
	share uint32 // of the packet; 0: all of it
	from  int64  // the block to go on from; 0: before the first look
}

func (s look) watched(ctx context.Context, args []string) (*watched, error) {
	if len(args) == 0 || s.isParty(args[0]) {
		owner, err := s.Self(ctx, args)
		name := cmp.Or(s.Keys().NameOf(owner), owner.String())
		return &watched{name: name, about: client.Watched{Account: owner}}, err
	}
	r, err := s.parseRef(ctx, args[0])
	return &watched{name: r.String(), about: client.Watched{Packet: r.Packet}, share: r.Share}, err
}

// isPacket reports whether it is no account that is watched.
func (w *watched) isPacket() bool { return w.about.Packet != (contract.PacketID{}) }

// settled reports whether a share (0: every share, and the rest) is where it
// stays unless its claimer gives it back.
func settled(p *contract.Packet, share uint32) bool {
	if share != 0 {
		return p.ShareAt(share) != nil && p.ShareAt(share).State > contract.Held
	}
	for n := range p.Shares {
		if !settled(p, uint32(n+1)) {
			return false
		}
	}
	return p.Status != contract.Open
}

// follow shows entries until the flags, the context or a node that stays away
// end it.
func (s look) follow(ctx context.Context, c *client.Client, w *watched, f *watchFlags) error {
	shown := 0
	for look, err := range c.Watch(ctx, w.about, f.from) {
		if err != nil {
			return err
		}
		if w.from == 0 { // the first look
			w.from = cmp.Or(f.from, look.At.Height+1)
			s.Progress(s.Say("watching %s from block %d on; Ctrl-C ends it",
				"正在看%s,从区块%d起;按 Ctrl-C 结束", w.name, w.from))
		}
		for i := range look.Entries {
			e := &look.Entries[i]
			if f.count > 0 && shown == f.count {
				w.from = e.Height
				return nil
			}
			if e.Height >= w.from && (w.share == 0 || len(ofShare(look.Entries[i:i+1], w.share)) > 0) {
				s.showWatched(w, e)
				shown++
				if s.unwritten() != nil { // the reader is gone
					return nil
				}
			}
		}
		w.from = max(w.from, look.At.Height+1)
		if f.count > 0 && shown == f.count || f.settled && settled(look.Packet, w.share) {
			return nil
		}
	}
	return nil
}

func (s look) showWatched(w *watched, e *contract.Entry) {
	s.Result(entriesJSON([]contract.Entry{*e})[0], func(out io.Writer) {
		if w.isPacket() {
			fmt.Fprintln(out, s.packetLine(&contract.Packet{ID: w.about.Packet}, e))
			return
		}
		fmt.Fprintln(out, s.accountLine(w.about.Account, e))
	})
}

// accountLine is an entry of an account's history on one line.
func (s look) accountLine(owner contract.Address, e *contract.Entry) string {
	amount, with := "", ""
	after := s.Say("; balance %s", ";余额%s", e.Balance.Yuan())
	if p := e.Posting; p != nil {
		amount, with = p.Amount.Yuan(), s.place(p.From)
		switch other := p.To; {
		case p.To == contract.Wallet(owner):
			amount = "+" + amount
		case p.From == contract.Wallet(owner):
			amount, with = "-"+amount, s.place(other)
		default: // its hold alone is touched
			after = s.Say("; held %s", ";存着%s", e.Held.Yuan())
			if p.From == contract.Hold(owner) {
				with = s.place(other)
			}
		}
	}
	if e.Packet != nil {
		with = s.Say("packet %s", "红包%s", e.Packet.Short()) + s.shareOf(e)
	}
	return strings.TrimRight(fmt.Sprintf("%s  %6d  %s %13s  %s%s", clock(e.Time), e.Height, s.kind(e), amount, with,
		after), " ")
}
