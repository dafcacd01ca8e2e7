package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"hongbao/client/audit"
	"hongbao/client/evidence"
	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
)

// explainFlags are what `explain` was asked about, instead of a REF.
type explainFlags struct {
	scene, hold, expires string
	with, recall         []string
}

func (s look) explainVerb() *Verb {
	var f explainFlags
	return &Verb{
		Use: "explain REF | --scene NAME | --recall CLAUSE", Group: groupLook,
		Short: words.Both("Who can move which money until when, in plain words",
			"用大白话说谁在什么时候之前能动哪些钱"),
		Long: words.Both(`Say in a few sentences how much there is, who can take it back until when, when
it is yours, and what happens to the rest: of a packet, of a share of one, of a
scene, or of clauses that you think of signing. Only a REF needs a node.`,
			`用几句话说明:有多少钱,谁在什么时候之前能收回,什么时候归你,剩下的怎么办。
可以是一个红包、其中一份、一个场景,或你打算签的条款。只有 REF 要问节点。`),
		Example: words.Same(`  explain last --lang zh
  explain rp1…/3
  explain --scene enterprise --with finance=@lin,hr=@wu,audit=@mei
  explain --recall 'share when 2 of (sender,key(@lin)) for fraud' --hold 24h`),
		Flags: []Flag{
			{&f.expires, "--expires DURATION",
				"after how long the packet expires, for --recall (default: 24h)",
				"配合 --recall:红包多久过期(默认 24h)"},
			{&f.hold, "--hold DURATION",
				"how long a share is held, for --recall 'share when …' (default: 24h)",
				"配合 --recall 'share when …':一份先存多久(默认 24h)"},
			{&f.recall, "--recall CLAUSE",
				"explain a clause as send takes it; may be repeated",
				"解释一条条款,写法同 send;可以写多次"},
			{&f.scene, "--scene SCENE", "explain a scene (see scenes), by an example", "举例解释一个场景(见 scenes)"},
			{&f.with, "--with ROLES",
				"who has the scene's roles: role=party, with commas",
				"场景里的角色由谁担任:角色=谁,用逗号隔开"},
		},
		Reach: Asking, Results: []any{explainedJSON{}},
		Run: func(ctx context.Context, args []string) error { return s.explain(ctx, args, &f) },
	}
}

type explainedJSON struct {
	Packet      *contract.PacketID `json:"packet,omitempty"`
	Share       uint32             `json:"share,omitempty"`
	Scene       string             `json:"scene,omitempty"`
	Text        []string           `json:"text"` // sentences
	Windows     []windowJSON       `json:"windows"`
	FinalSince  *contract.Time     `json:"final_since,omitempty"`  // of the share
	OthersUntil *contract.Time     `json:"others_until,omitempty"` // or until when others can take it back
	AsOf        *asOf              `json:"as_of,omitempty"`
	Verified    bool               `json:"verified"`
}

// windowJSON is a contract.Window. While it is not known what it counts from,
// its ends are seconds after that.
type windowJSON struct {
	Clause       int               `json:"clause"`                  // its number, from 1
	Target       string            `json:"target"`                  // rest or share
	From         *contract.Time    `json:"from"`                    // null while it is not known; half-open
	Until        *contract.Time    `json:"until"`                   // likewise
	After        string            `json:"after,omitempty"`         // send or claim
	FromSeconds  *contract.Seconds `json:"from_seconds,omitempty"`  // after that
	UntilSeconds *contract.Seconds `json:"until_seconds,omitempty"` // after that
	Untouched    bool              `json:"untouched"`               // only before the first claim
	Signers      [][]string        `json:"signers"`                 // any of these sets of signatures suffices
	Reasons      []contract.Reason `json:"reasons"`                 // for one of these; none: for any, or none
}

func (s look) explain(ctx context.Context, args []string, f *explainFlags) error {
	asked := 0
	for _, is := range []bool{len(args) == 1, f.scene != "", len(f.recall) > 0} {
		if is {
			asked++
		}
	}
	switch {
	case asked != 1:
		return usagef("explain: write a packet, a share, --scene NAME or --recall CLAUSE")
	case len(f.with) > 0 && f.scene == "":
		return usagef("--with: fills the roles of a --scene")
	case (f.hold != "" || f.expires != "") && len(f.recall) == 0:
		return usagef("--hold and --expires: go with --recall")
	case f.scene != "":
		return s.explainScene(ctx, f)
	case len(f.recall) > 0:
		return s.explainClauses(ctx, f)
	}
	return s.explainRef(ctx, args[0])
}

func (s look) explainRef(ctx context.Context, text string) error {
	r, err := s.parseRef(ctx, text)
	if err != nil {
		return err
	}
	p, now, err := s.client.PacketWith(ctx, r.Packet, r.Share)
	if err != nil {
		return err
	}
	if err := evidence.CheckShare(r.Packet, p, r.Share); err != nil {
		return err
	}
	as := at(now)
	out := explainedJSON{Packet: &r.Packet, Share: r.Share, Scene: p.Terms.Scene, AsOf: &as, Verified: s.checked()}
	if out.Text, err = s.plain(ctx, p, r.Share, now.Time); err != nil {
		return err
	}
	var claimed contract.Time
	held := r.Share == 0
	if r.Share > 0 {
		share := audit.NewShareStanding(p, r.Share, now.Time)
		claimed, held = share.ClaimedAt, share.State == contract.Held || share.State == contract.Reserved
		out.FinalSince, out.OthersUntil = share.FinalSince, share.OthersUntil
	}
	windows := slices.DeleteFunc(contract.Windows(p.InForce(), p.Sender, &p.Terms, p.Created, claimed),
		func(w contract.Window) bool { return w.Target == contract.Rest || !held })
	out.Windows = windowsJSON(append(p.RestWindows(), windows...), true, r.Share > 0, contract.Address.String)
	s.Result(out, func(w io.Writer) { printLines(w, out.Text) })
	return nil
}

// explainScene needs no node: who has no role yet is called by it.
func (s look) explainScene(_ context.Context, f *explainFlags) error {
	scene, err := sceneNamed(f.scene)
	if err != nil {
		return err
	}
	keys, given, err := roles(scene, f.with, s.offline)
	if err != nil {
		return err
	}
	for i, role := range scene.Roles {
		if !given[i] {
			keys[i] = standIn(role)
		}
	}
	terms, err := words.Example(scene, keys)
	if err != nil {
		return err
	}
	p := &contract.Packet{Terms: *terms, Status: contract.Open}
	role := func(a contract.Address) string {
		if i := slices.Index(keys, a); i >= 0 {
			return "@" + scene.Roles[i]
		}
		return "sender"
	}
	out, err := s.explained(p, role)
	if err != nil {
		return err
	}
	out.Scene = scene.Name
	s.hint(s.Say("%s; the amounts are an example", "%s;金额只是举例", words.Scene(s.Lang(), scene.Name)))
	s.Result(out, func(w io.Writer) { printLines(w, out.Text) })
	return nil
}

// explainClauses is of clauses that the user may sign later; no node is
// needed. Where they name clock times, they are as of now.
func (s look) explainClauses(_ context.Context, f *explainFlags) (err error) {
	t := contract.Terms{Shares: 1, Split: contract.Equal, Expiry: 24 * 3600}
	if f.expires != "" {
		if t.Expiry, err = parseSeconds(f.expires); err != nil {
			return err
		}
	}
	holds := f.hold != ""
	if t.Clauses, err = clauses(f.recall, s.offline); err != nil {
		return err
	}
	for _, c := range t.Clauses {
		holds = holds || c.Target == contract.HeldShares
	}
	if holds {
		t.Hold = 24 * 3600
	}
	if f.hold != "" {
		if t.Hold, err = parseSeconds(f.hold); err != nil {
			return err
		}
	}
	now := contract.TimeOf(time.Now())
	legal := t
	legal.Total, legal.Claim.Cond = 1, contract.Always{}
	if err := contract.CheckTerms(&legal, standIn("sender"), now); err != nil {
		return err
	}
	p := &contract.Packet{Terms: t, Status: contract.Open}
	if datedTerms(&legal) {
		p.Created = now
	}
	out, err := s.explained(p, func(a contract.Address) string {
		if a == (contract.Address{}) {
			return "sender"
		}
		return a.String()
	})
	if err != nil {
		return err
	}
	if holds && f.hold == "" {
		s.hint(s.Say("as if a claimed share were held for 24h; --hold says otherwise",
			"这里当作领到的钱存24小时;可用 --hold 另定"))
	}
	s.Result(out, func(w io.Writer) { printLines(w, out.Text) })
	return nil
}

// explained is of a packet that is not on the chain.
func (s look) explained(p *contract.Packet, name words.Namer) (*explainedJSON, error) {
	arbiter, err := s.trustedArbiters()
	if err != nil {
		return nil, err
	}
	return &explainedJSON{
		Text: words.Explain(s.Lang(),
			words.Subject{Packet: p, Now: time.Now(), Name: s.Keys().NameOf, Arbiter: arbiter}),
		Windows: windowsJSON(contract.Windows(p.InForce(), p.Sender, &p.Terms, p.Created, 0), p.Created != 0, false,
			name),
	}, nil
}

func printLines(w io.Writer, lines []string) {
	for _, line := range lines {
		fmt.Fprintln(w, line)
	}
}

// windowsJSON writes windows, whose ends are instants if the send, or the
// share's claim, is known.
func windowsJSON(list []contract.Window, sent, claimed bool, name words.Namer) []windowJSON {
	out := []windowJSON{}
	for _, w := range list {
		j := windowJSON{Clause: w.Clause, Target: w.Target.String(), Untouched: w.Untouched, Signers: [][]string{},
			Reasons: append([]contract.Reason{}, w.Reasons...)}
		known, after := sent, "send"
		if w.Target == contract.HeldShares {
			known, after = claimed, "claim"
		}
		if known {
			j.From, j.Until = &w.From, &w.Until
		} else {
			from, until := seconds(w.From), seconds(w.Until)
			j.After, j.FromSeconds, j.UntilSeconds = after, &from, &until
		}
		for _, set := range w.Signers {
			var names []string
			for _, a := range set {
				names = append(names, name(a))
			}
			j.Signers = append(j.Signers, names)
		}
		out = append(out, j)
	}
	return out
}

// seconds is a length of time that was counted from 0.
func seconds(t contract.Time) contract.Seconds {
	return contract.Seconds(t / contract.Time(time.Second))
}

// dated says whether a condition names an instant, so that what it means
// depends on when it is read.
func dated(c contract.Cond) bool {
	text := contract.Print(c)
	return strings.Contains(text, "before(") || strings.Contains(text, "from(")
}

func datedTerms(t *contract.Terms) bool {
	return dated(t.Claim.Cond) || slices.ContainsFunc(t.Clauses,
		func(c contract.Clause) bool { return dated(c.When.Cond) })
}

// standIn is an account that stands for a part that no account has yet.
func standIn(role string) contract.Address { return contract.AddressOf(wallet.DevKey("role-" + role)) }

// offline is the address of a party, whatever network it may be for: nothing is
// sent, so a name need not be good on the chain.
func (s look) offline(party string) (contract.Address, error) {
	name, err := s.Keys().Find(party)
	if err != nil {
		return contract.Address{}, s.unknownParty(party, err)
	}
	return name.Address, nil
}

// showTerms says on stderr what is about to be signed about a packet, or about
// one that is made at now.
func (s look) showTerms(ctx context.Context, p *contract.Packet, now contract.Time) error {
	lines, err := s.plain(ctx, p, 0, now)
	for _, line := range lines {
		s.Progress("  " + line)
	}
	return err
}

// plain explains a packet, or a share of it, as of a block's time.
func (s look) plain(ctx context.Context, p *contract.Packet, share uint32, now contract.Time) ([]string, error) {
	subject, err := s.subject(ctx, p, share, now)
	if err != nil {
		return nil, err
	}
	return words.Explain(s.Lang(), subject), nil
}

// subject is a packet, or a share of it, to speak of as of a block's time. What a
// node says may be no legal packet at all.
func (s look) subject(
	ctx context.Context, p *contract.Packet, share uint32, now contract.Time,
) (sub words.Subject, err error) {
	t := p.Terms
	if len(p.Tightened) > 0 { // what is in force then equals no template
		t.Clauses, t.Scene = p.InForce(), ""
	}
	if err := contract.CheckTerms(&t, p.Sender, p.Created); err != nil {
		return sub, &rpc.Error{Kind: rpc.BadAnswer, Msg: fmt.Sprintf("packet with terms that are not legal: %v", err),
			Err: err}
	}
	arbiter, err := s.arbiters(ctx, p)
	if err != nil {
		return sub, err
	}
	alone, err := s.oneValidator(ctx, p)
	if err != nil {
		return sub, err
	}
	return words.Subject{
		Packet: p, Share: share, Now: now.Std().Local(), Today: time.Now(), Name: s.Keys().NameOf, Arbiter: arbiter,
		Alone: alone,
	}, nil
}

// arbiters names those of the keys in p's clauses that the chain's genesis
// names: as the trust file says, if one is given, or else as the node does.
func (s look) arbiters(ctx context.Context, p *contract.Packet) (words.Namer, error) {
	others := slices.ContainsFunc(p.InForce(), func(c contract.Clause) bool {
		return slices.ContainsFunc(contract.KeysIn(c.When.Cond, p.Sender),
			func(a contract.Address) bool { return a != p.Sender })
	})
	if !others {
		return nil, nil
	}
	c, err := s.Client(ctx)
	if err != nil {
		return nil, err
	}
	g, err := c.Genesis(ctx)
	if err != nil {
		return nil, err
	}
	return func(a contract.Address) string { return printable(g.Arbiters[a]) }, nil
}

// trustedArbiters are those of the trust file; nil when none is given.
func (s look) trustedArbiters() (words.Namer, error) {
	trust, err := s.givenTrust()
	if err != nil || trust == nil {
		return nil, err
	}
	return arbitersOf(trust), nil
}

func arbitersOf(trust *audit.Trust) words.Namer {
	names := map[contract.Address]string{}
	for _, a := range trust.Arbiters {
		names[a.Address] = a.Name
	}
	return func(a contract.Address) string { return names[a] }
}

// givenTrust is the trust file that --trust names; nil when none is given.
func (s *Session) givenTrust() (*audit.Trust, error) {
	if s.Global.Trust == "" {
		return nil, nil
	}
	trust, err := s.trust()
	if err == nil && s.chain != "" && trust.ChainID != s.chain {
		return nil, Fail(ExitUntrusted, "wrong_trust", "--trust: of chain %q, this is %q", trust.ChainID, s.chain)
	}
	return trust, err
}
