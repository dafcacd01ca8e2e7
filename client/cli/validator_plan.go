package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"hongbao/client/files"
	"hongbao/client/words"
	"hongbao/contract"
	"hongbao/node"
)

// planJSON is what a plan file says.
type planJSON struct {
	File       string         `json:"file"`
	Number     uint64         `json:"number"`      // of the plan
	ValidUntil contract.Time  `json:"valid_until"` // it is carried out before then or never
	Changes    []planLineJSON `json:"changes"`     // of validators; empty: an upgrade
	Upgrade    *upgradeJSON   `json:"upgrade"`     // null: none; height 0 calls off the one that waits
	Approved   uint64         `json:"approved"`    // votes of those who signed
	Votes      uint64         `json:"votes"`       // of all who decide; more than two thirds must sign
}

type planLineJSON struct {
	Address string `json:"address"` // consensus address, 40 hex digits
	Before  uint64 `json:"before"`  // votes; 0: it joins
	After   uint64 `json:"after"`   // votes; 0: it leaves
}

// wishes are what propose is asked for.
type wishes struct {
	joins, leaves, votes []string
	power                uint32
	rules                uint32
	height               int64
	callOff              bool
	days                 uint32
}

func (s money) validatorProposeVerb() *Verb {
	o := wishes{power: 10, days: 7}
	var out string
	return &Verb{
		Use:   "propose -o FILE",
		Short: words.Both("Write a plan for the validators to sign", "写一份计划,供验证人签字"),
		Long: words.Both(`Write a plan. Those who stay must keep more than two thirds of the votes, of
those before and of those after: change more in several steps. A validator is
named by its address, or the beginning of it, as in validator list.`,
			`写一份计划。留下的验证人须保有超过三分之二的票,变更前后都是:要变得更多,请分
几步。验证人用地址或地址的开头来指明,见 validator list。`),
		Example: words.Same(`  hongbao validator propose --join erin.join --leave 3F9A -o 1.plan
  hongbao validator propose --votes 3F9A=12 -o 2.plan
  hongbao validator propose --rules 6 --at 250000 -o 3.plan`),
		Flags: []Flag{
			{&o.joins, "--join FILE", "who joins: a file of validator join (repeatable)",
				"谁加入:validator join 的文件(可以写多次)"},
			{&o.power, "--power N", "votes of each who joins", "加入者各有多少票"},
			{&o.leaves, "--leave ADDRESS", "who leaves (repeatable)", "谁退出(可以写多次)"},
			{&o.votes, "--votes ADDRESS=N", "who has how many votes from then on (repeatable)",
				"谁以后有多少票(可以写多次)"},
			{&o.rules, "--rules N", "the version of the rules to begin with --at", "从 --at 起用的规则版本"},
			{&o.height, "--at HEIGHT", "the first block of the new rules", "新规则的第一个区块"},
			{&o.callOff, "--call-off", "call off the upgrade that waits", "取消等待中的升级"},
			{&o.days, "--days N", "how long it may be handed in, 1 to 30", "多少天内可以提交,1 到 30"},
			{&out, "-o, --out FILE", "where to write it", "写到哪里"},
		},
		Reach: Asking, Results: []any{planJSON{}},
		Run: func(ctx context.Context, _ []string) error {
			switch upgrade := o.rules != 0 || o.height != 0; {
			case out == "":
				return usagef("-o FILE is missing: name the file to write")
			case upgrade && (o.rules == 0 || o.height <= 0):
				return usagef("validator propose: --rules and --at belong together")
			case o.days < 1 || o.days > 30:
				return usagef("--days %d: must be 1 to 30", o.days)
			}
			v, height, err := s.validators(ctx)
			if err != nil {
				return err
			}
			m, err := o.change(s.chain, v, height, s.now())
			if err != nil {
				return err
			}
			if err := writeShared(out, encodeFile(files.NewPlan(s.chain, v.Set, m))); err != nil {
				return err
			}
			s.showPlan(out, s.chain, v.Set, m)
			s.hint(s.Say("each validator signs where its key is: %s validator sign %s -o NAME.plan",
				"验证人各自在密钥所在处签字:%s validator sign %s -o NAME.plan", s.Program(), ShellWord(out)))
			return nil
		},
	}
}

// change is what is wished of the validators that there are at a height. What the next block
// would refuse is refused now, before anyone signs it.
func (o *wishes) change(chain string, v *contract.Validators, height int64, now time.Time) (*contract.Change, error) {
	m := new(contract.Change)
	p := &m.HandOver.Plan
	p.Number, p.Before = v.Number+1, v.Set.Hash()
	p.ValidUntil = contract.TimeOf(now.Truncate(time.Second)).Plus(contract.Seconds(o.days) * 86400)
	proofs := map[[32]byte]contract.KeyProof{}
	for _, path := range o.joins {
		b, err := readBounded(path, files.MaxJoinBytes)
		if err != nil {
			return nil, Fail(ExitUsage, "unreadable", "%v", err)
		}
		who, proof, err := files.ParseJoin(b, chain)
		if err != nil {
			return nil, Fail(ExitUsage, "bad_plan_file", "%s: %v", path, err)
		}
		proofs[who.PubKey] = proof
		p.Updates = append(p.Updates, contract.Update{PubKey: who.PubKey, Power: uint64(o.power), VRFKey: &who.VRFKey})
	}
	for _, text := range append(slices.Clone(o.leaves), o.votes...) {
		name, votes, more := strings.Cut(text, "=")
		power, err := strconv.ParseUint(votes, 10, 32)
		if more && (err != nil || power == 0) {
			return nil, usagef("--votes %q: write it like 3F9A=12", text)
		}
		who, err := findValidator(v.Set, name)
		if err != nil {
			return nil, err
		}
		p.Updates = append(p.Updates, contract.Update{PubKey: who.PubKey, Power: power})
	}
	slices.SortFunc(p.Updates, func(a, b contract.Update) int { return bytes.Compare(a.PubKey[:], b.PubKey[:]) })
	for _, u := range p.Updates {
		if u.VRFKey != nil {
			m.Proofs = append(m.Proofs, proofs[u.PubKey])
		}
	}
	switch {
	case o.callOff:
		p.Upgrade = &contract.Upgrade{Rules: v.Rules}
	case o.rules != 0:
		p.Upgrade = &contract.Upgrade{Height: o.height, Rules: uint64(o.rules)}
	}
	if _, err := p.After(v.Set); err != nil {
		return nil, err
	}
	if p.Upgrade != nil {
		if err := v.Schedule(height+1, p.Upgrade); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// findValidator is the one whose address begins with text.
func findValidator(set contract.ValidatorSet, text string) (*contract.Validator, error) {
	var found []*contract.Validator
	for i := range set {
		if text != "" && strings.HasPrefix(addressOf(&set[i]), strings.ToUpper(text)) {
			found = append(found, &set[i])
		}
	}
	if len(found) != 1 {
		return nil, usagef("validator %q: %d addresses begin so", text, len(found))
	}
	return found[0], nil
}

func (s money) validatorSignVerb(home *string) *Verb {
	var out string
	return &Verb{
		Use: "sign FILE -o FILE",
		Short: words.Both("Sign a plan with the validator key of a node's folder",
			"用节点目录里的验证人密钥签一份计划"),
		Long: words.Both(`Show a plan, ask, and sign it with the validator key of a node's folder. Nothing
is asked of a node: it works where the key is, without a network. Sign one plan
of a number only: a proof may rest on any plan that enough of you signed.`,
			`显示计划,确认后用节点目录里的验证人密钥签字。不连任何节点:密钥在哪里就在哪里签,
不需要网络。同一个号只签一份计划:签够了的计划,都可能成为证明的依据。`),
		Flags: []Flag{
			{&out, "-o, --out FILE", "where to write it, with your signature", "签好后写到哪里"},
		},
		Reach: AtHome, Results: []any{planJSON{}},
		Run: func(_ context.Context, args []string) error {
			if out == "" {
				return usagef("-o FILE is missing: name the file to write")
			}
			chain, set, m, err := readPlan(args[0])
			if err != nil {
				return err
			}
			approval, err := node.ApprovePlan(s.nodeHome(*home), chain, set, &m.HandOver.Plan)
			if err != nil {
				return err
			}
			for _, line := range s.planLines(set, m) {
				s.Progress("  " + line)
			}
			if err := s.Confirm(s.Say("sign plan %d of chain %s?", "给第%d号计划(链%s)签字吗?", m.HandOver.Plan.Number,
				chain)); err != nil {
				return err
			}
			files.AddApproval(m, approval)
			if err := writeShared(out, encodeFile(files.NewPlan(chain, set, m))); err != nil {
				return err
			}
			s.showPlan(out, chain, set, m)
			return nil
		},
	}
}

func readPlan(path string) (string, contract.ValidatorSet, *contract.Change, error) {
	b, err := readBounded(path, files.MaxPlanBytes)
	if err != nil {
		return "", nil, nil, Fail(ExitUsage, "unreadable", "%v", err)
	}
	chain, set, m, err := files.ParsePlan(b)
	if err != nil {
		err = Fail(ExitUsage, "bad_plan_file", "%s: %v", path, err)
	}
	return chain, set, m, err
}

// changedJSON is the result of validator submit.
type changedJSON struct {
	Number uint64        `json:"number"` // of the plan
	Tx     contract.Hash `json:"tx"`
	Height *int64        `json:"height"` // null: not in a block yet
}

func (s money) validatorSubmitVerb() *Verb {
	var copies []string
	return &Verb{
		Use:   "submit FILE",
		Short: words.Both("Hand in a plan with the signatures in these files", "把这些文件里的签字合在一起,提交计划"),
		Long: words.Both(`Hand in a plan. The files are copies of one plan; their signatures are joined.`,
			`提交计划。各个文件是同一份计划的副本,里面的签字会合在一起。`),
		Example: words.Same("  hongbao validator submit alice.plan --with bob.plan --with carol.plan"),
		Flags: []Flag{
			{&copies, "--with FILE", "a copy of the plan with other signatures (repeatable)",
				"有其他签字的副本(可以写多次)"},
		},
		Reach: Signing, Results: []any{changedJSON{}},
		Run: func(ctx context.Context, args []string) error {
			_, set, m, err := readPlan(args[0])
			if err != nil {
				return err
			}
			for _, path := range copies {
				_, _, other, err := readPlan(path)
				if err != nil {
					return err
				}
				if !bytes.Equal(contract.Encode(&other.HandOver.Plan), contract.Encode(&m.HandOver.Plan)) {
					return Fail(ExitUsage, "bad_plan_file", "%s: another plan than %s", path, args[0])
				}
				for _, a := range other.HandOver.Approvals {
					files.AddApproval(m, a)
				}
			}
			for _, line := range s.planLines(set, m) {
				s.Progress("  " + line)
			}
			signer, err := s.signer(ctx)
			if err != nil {
				return err
			}
			o, err := signer.Change(ctx, m)
			if err != nil {
				return err
			}
			if !o.Sent {
				return s.showDry(o, nil)
			}
			number := m.HandOver.Plan.Number
			s.Result(changedJSON{number, o.Hash, known(o.Height())}, func(w io.Writer) {
				fmt.Fprintln(w, s.Say("%[1]s plan %[2]d%[3]s", "提交第%[2]d号计划%[3]s",
					verb(o, "handed in", "offered"), number, s.when(o)))
			})
			return nil
		},
	}
}

func describePlan(file, chain string, set contract.ValidatorSet, m *contract.Change) planJSON {
	p := &m.HandOver.Plan
	out := planJSON{File: file, Number: p.Number, ValidUntil: p.ValidUntil, Changes: []planLineJSON{}}
	for _, u := range p.Updates {
		who := contract.Validator{PubKey: u.PubKey}
		line := planLineJSON{Address: addressOf(&who), After: u.Power}
		if i := slices.IndexFunc(set, func(v contract.Validator) bool { return v.PubKey == u.PubKey }); i >= 0 {
			line.Before = set[i].Power
		}
		out.Changes = append(out.Changes, line)
	}
	if u := p.Upgrade; u != nil {
		out.Upgrade = &upgradeJSON{u.Height, u.Rules}
	}
	out.Approved, out.Votes = m.HandOver.Weigh(chain, set)
	return out
}

func (s money) planLines(set contract.ValidatorSet, m *contract.Change) (lines []string) {
	for _, c := range describePlan("", "", set, m).Changes {
		switch {
		case c.Before == 0:
			lines = append(lines, s.Say("%s joins with %d votes", "%s 加入,%d票", c.Address, c.After))
		case c.After == 0:
			lines = append(lines, s.Say("%s leaves, with %d votes", "%s 退出,原有%d票", c.Address, c.Before))
		default:
			lines = append(lines, s.Say("%s has %d votes, and then %d", "%s 从%d票变为%d票",
				c.Address, c.Before, c.After))
		}
	}
	switch u := m.HandOver.Plan.Upgrade; {
	case u == nil:
	case u.Height == 0:
		lines = append(lines, s.Say("the upgrade that waits is called off", "取消等待中的升级"))
	default:
		lines = append(lines, s.Say("rules %[2]d from block %[1]d on: a node without them stops there",
			"从区块%d起换用规则%d:没有新规则的节点会在那里停下", u.Height, u.Rules))
	}
	return lines
}

func (s money) showPlan(file, chain string, set contract.ValidatorSet, m *contract.Change) {
	out := describePlan(file, chain, set, m)
	s.Result(out, func(w io.Writer) {
		printLines(w, s.planLines(set, m))
		fmt.Fprintln(w, s.Say("%s  plan %d, valid until %s; signed by %d of %d votes, more than two thirds must",
			"%s  第%d号计划,%s前有效;签字的有%d票,共%d票,须超过三分之二",
			file, out.Number, clock(out.ValidUntil), out.Approved, out.Votes))
	})
}

// encodeFile is a file's JSON, for people to look into.
func encodeFile(v any) []byte {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic(err) // texts and numbers
	}
	return append(b, '\n')
}
