package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"hongbao/client"
	"hongbao/client/audit"
	"hongbao/client/files"
	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
)

// consentFlags are what `consent` was asked for.
type consentFlags struct {
	reason, out, validFor, proof string
	clause                       uint32
}

func (s money) consentVerb() *Verb {
	f := consentFlags{validFor: "7d"}
	return &Verb{
		Use: "consent REF -o FILE", Group: groupMoney,
		Short: words.Both("Approve that somebody else takes money back", "同意别人收回,把签字写进文件"),
		Long: words.Both(`Sign that a clause which names you may be used: on what is unclaimed of a
packet, or on a claimed share, as in rp1…/3. It goes into a file,
which the recall is given with recall --consent. The money goes to the packet's
sender, never to the account that submits the recall.

With --proof no node is asked: the packet is what the proof establishes under
your trust file, as of its block. Your clock alone says until when the consent
is valid.`,
			`签字同意使用一条写有你名字的条款:收回没领走的钱,或已领的一份,如 rp1…/3。
签字写进一个文件;提交收回的人用 recall --consent 带上它。钱回到发红包的人,
不会给提交的人。

加 --proof 就不问节点:红包以证明为准,按你的信任文件,截至证明的那个区块。
签字何时失效只看你自己的时钟。`),
		Example: words.Same(`  consent rp1q7…/1 --reason fraud -o bob.json
  consent rp1q7…/1 --reason fraud -o bob.json \
          --proof packet.proof --trust trust.json`),
		Flags: []Flag{
			{&f.clause, "--clause N",
				"the clause, numbered from 1 among those in force (default: the one that names you)",
				"第几条条款,从现行条款的 1 数起(默认:写有你的那一条)"},
			{&f.out, "-o, --out FILE", "where to write the consent", "签字写到哪里"},
			{&f.proof, "--proof FILE", "file that proves the packet; no node is asked", "证明红包的文件;不问节点"},
			{&f.reason, "--reason REASON", "why: " + reasonWords, reasonWordsZh},
			{&f.validFor, "--valid-for DURATION", "how long it may be used, at most 30d", "多久之内可用,最长 30d"},
		},
		Reach: Asking, Results: []any{consentedJSON{}},
		Run: func(ctx context.Context, args []string) error { return s.consent(ctx, args[0], &f) },
	}
}

// subject is the packet that an approver looks at.
type subject struct {
	ref
	packet  *contract.Packet
	now     contract.Time // the newest time that is known for sure: of the block, or of the proven header
	clock   contract.Time // from which the consent's validity counts
	arbiter words.Namer   // as the genesis names arbiters
}

func (s money) consent(ctx context.Context, text string, f *consentFlags) error {
	if f.out == "" {
		return usagef("consent: -o FILE is missing: name the file to write")
	}
	reason, err := parseReason(f.reason)
	if err != nil {
		return err
	}
	validFor, err := parseSeconds(f.validFor)
	if err != nil {
		return err
	}
	if validFor == 0 || validFor > contract.MaxConsentFor {
		return usagef("--valid-for %s: write a length of time from 1s to %s", f.validFor,
			contract.MaxConsentFor.InDays())
	}
	look := s.lookUp
	if f.proof != "" {
		look = func(_ context.Context, text string) (*subject, error) { return s.lookAtProof(text, f.proof) }
	}
	sub, err := look(ctx, text)
	if err != nil {
		return err
	}
	account, err := s.account(ctx)
	if err != nil {
		return err
	}
	wanted := client.Consent{Packet: sub.Packet, Share: sub.Share, Clause: f.clause, Reason: reason, ValidFor: validFor}
	approval, err := wanted.On(sub.packet, account.Address, sub.now, sub.clock)
	if choose := new(client.ChooseClauseError); errors.As(err, &choose) {
		return usagef("consent: several clauses name you: choose one of %v with --clause", choose.Clauses)
	} else if err != nil {
		return err
	}
	if err := s.confirmConsent(sub, approval); err != nil {
		return err
	}
	file, err := approval.Sign(s.chain, account)
	if err != nil {
		return keyError(err)
	}
	if err := wallet.WriteFile(f.out, file); err != nil {
		return Fail(ExitUsage, "cannot_write", "%v", err)
	}
	s.Result(consentedJSON{file, f.out}, func(w io.Writer) {
		fmt.Fprintln(w, s.Say("%s  consent of %s, valid until %s", "%s  %s签了字,%s前有效",
			f.out, s.name(account.Address),
			clock(approval.Usable)))
	})
	s.hint(s.Say("to take the money back with it: %s recall %s --consent %s",
		"拿这个文件去收回:%s recall %s --consent %s",
		s.Program(), sub.ref, f.out))
	return nil
}

// consentedJSON is the result of consent: what the file says, and its name.
type consentedJSON struct {
	*files.Consent
	File string `json:"file"`
}

// lookUp asks the node.
func (s money) lookUp(ctx context.Context, text string) (*subject, error) {
	r, err := s.parseRef(ctx, text)
	if err != nil {
		return nil, err
	}
	p, at, err := s.client.PacketWith(ctx, r.Packet, r.Share)
	if err != nil {
		return nil, err
	}
	arbiter, err := s.arbiters(ctx, p)
	return &subject{r.recallable(p), p, at.Time, at.Time, arbiter}, err
}

// lookAtProof believes a proof and the trust file alone. It settles which
// chain this is, and whether its money is for play.
func (s money) lookAtProof(text, path string) (*subject, error) {
	trust, err := s.trust()
	if err != nil {
		return nil, err
	}
	b, err := readBounded(path, audit.MaxFileBytes)
	if err != nil {
		return nil, Fail(ExitUsage, "unreadable", "%v", err)
	}
	report := audit.Verify(b, trust, audit.Options{})
	switch {
	case report.Verdict == audit.Untrusted:
		return nil, Fail(ExitUntrusted, "proof_untrusted", "%s: %s", path, words.Statement(words.English, &report)).
			WithHint("say whom you believe with --trust FILE", "用 --trust FILE 指明相信谁")
	case report.Verdict != audit.Valid:
		return nil, Fail(ExitInvalid, "proof_invalid", "%s: %s", path, words.Statement(words.English, &report))
	case report.Proven.Packet == nil:
		return nil, Fail(ExitUsage, "wrong_proof", "%s: proves no packet", path)
	}
	proven := report.Proven
	s.chain, s.dev = proven.Chain, &trust.Dev
	name, share, err := cutShare(text)
	if err != nil {
		return nil, err
	}
	if name == "last" {
		l, err := s.readLast()
		if err != nil {
			return nil, err
		}
		if l.Packet == (contract.PacketID{}) {
			return nil, noLast(s.chain)
		}
		name = l.Packet.String()
	}
	if name = strings.TrimSuffix(name, "…"); !strings.HasPrefix(name, "rp1") ||
		!strings.HasPrefix(proven.ID.String(), name) {
		return nil, Fail(ExitUsage, "wrong_proof", "%s: proves packet %s, not %s", path, proven.ID, name)
	}
	return &subject{ref{proven.ID, share}.recallable(proven.Packet), proven.Packet, proven.Time,
		max(proven.Time, contract.TimeOf(time.Now())), arbitersOf(trust)}, nil
}

// confirmConsent says what is about to be approved, and asks: it is other
// people's money.
func (s money) confirmConsent(sub *subject, a *client.Approval) error {
	as := words.Subject{Packet: sub.packet, Share: sub.Share, Now: sub.now.Std().Local(), Today: time.Now(),
		Name: s.Keys().NameOf, Arbiter: sub.arbiter}
	lines, question := words.Consent(s.Lang(), as, a.Clause, a.Reason, a.Usable)
	s.Progress(s.Say("  packet %s, sent by %s at %s", "  红包%[1]s,%[2]s在%[3]s发的",
		sub.ref, s.name(sub.packet.Sender),
		clock(sub.packet.Created)))
	for _, line := range lines {
		s.Progress("  " + line)
	}
	return s.Confirm(question)
}
