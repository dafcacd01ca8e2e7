package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"hongbao/client/files"
	"hongbao/client/words"
	"hongbao/contract"
	"hongbao/node"
)

func (s money) validatorVerb() *Verb {
	var home string
	return &Verb{
		Use:   "validator",
		Short: words.Both("Change who validates, or the rules at a height", "更换验证人,或从某个高度起换规则"),
		Long: words.Both(`Validators with more than two thirds of the votes decide who joins, who leaves,
who has how many votes, and at which block the next version of the rules begins:

  validator join -o mine.join       a newcomer shows the keys of its node
  validator propose … -o 1.plan     any account writes the plan
  validator sign 1.plan -o me.plan  each validator signs, where its key is
  validator submit me.plan …        any account hands it in

A change is in force two blocks after the one that holds it.`,
			`由持有超过三分之二票的验证人决定:谁加入,谁退出,各有多少票,从哪个区块起换用
下一版规则:

  validator join -o mine.join       加入者出示自己节点的密钥
  validator propose … -o 1.plan     任何账户都可以写计划
  validator sign 1.plan -o me.plan  验证人各自在密钥所在处签字
  validator submit me.plan …        任何账户都可以提交

变更记入区块后,再过两个区块生效。`),
		Reach: Alone,
		Shared: []Flag{
			{&home, "--node-home DIR", "the node's folder (default ~/.hongbao/node)",
				"节点的目录(默认:主目录里的 node)"},
		},
		Under: []*Verb{s.validatorListVerb(), s.validatorJoinVerb(&home), s.validatorProposeVerb(),
			s.validatorSignVerb(&home), s.validatorSubmitVerb()},
	}
}

func (s money) nodeHome(given string) string {
	if given == "" {
		return filepath.Join(s.Global.Home, "node")
	}
	return given
}

// validatorsJSON is the result of validator list.
type validatorsJSON struct {
	Number     uint64          `json:"number"`     // of plans carried out
	From       int64           `json:"from"`       // the first block that these sign
	Validators []validatorJSON `json:"validators"` // those with the most votes first
	Votes      uint64          `json:"votes"`      // of all
	Rules      uint64          `json:"rules"`      // the version in force
	Upgrade    *upgradeJSON    `json:"upgrade"`    // null: none waits
}

type validatorJSON struct {
	Address string `json:"address"` // consensus address, 40 hex digits
	Votes   uint64 `json:"votes"`   // its own
	VRFKey  string `json:"vrf_key"` // 64 hex digits
}

type upgradeJSON struct {
	Height int64  `json:"height"` // the first block of the new rules
	Rules  uint64 `json:"rules"`  // their version
}

func listedValidators(set contract.ValidatorSet) []validatorJSON {
	list := []validatorJSON{}
	for _, v := range set {
		list = append(list, validatorJSON{addressOf(&v), v.Power, fmt.Sprintf("%x", v.VRFKey)})
	}
	return list
}

func addressOf(v *contract.Validator) string { return fmt.Sprintf("%X", v.Address()) }

func (s money) validatorListVerb() *Verb {
	return &Verb{
		Use:   "list",
		Short: words.Both("List the validators, their votes, and the rules in force", "列出验证人、票数和现行规则"),
		Reach: Asking, Results: []any{validatorsJSON{}},
		Run: func(ctx context.Context, _ []string) error {
			v, _, err := s.validators(ctx)
			if err != nil {
				return err
			}
			out := validatorsJSON{Number: v.Number, From: v.From, Validators: listedValidators(v.Set),
				Votes: v.Set.Power(), Rules: v.Rules}
			if u := v.Upgrade; u != nil {
				out.Upgrade = &upgradeJSON{u.Height, u.Rules}
			}
			s.Result(out, func(w io.Writer) {
				for _, m := range out.Validators {
					fmt.Fprintln(w, s.Say("%s  %d of %d votes", "%s  %d票,共%d票", m.Address, m.Votes, out.Votes))
				}
				fmt.Fprintln(w, s.Say("from block %d on, by plan %d; rules %d", "从区块%d起,依第%d号计划;规则%d",
					out.From, out.Number, out.Rules))
				if u := out.Upgrade; u != nil {
					fmt.Fprintln(w, s.Say("rules %[2]d from block %[1]d on", "从区块%d起换用规则%d", u.Height, u.Rules))
				}
			})
			return nil
		},
	}
}

// validators are those that sign, with the height of which that is.
func (s money) validators(ctx context.Context) (v *contract.Validators, height int64, err error) {
	c, err := s.Client(ctx)
	if err != nil {
		return nil, 0, err
	}
	v, at, err := c.Validators(ctx)
	return v, at.Height, err
}

// joinedJSON is the result of validator join.
type joinedJSON struct {
	*files.Join
	File string `json:"file"`
}

func (s money) validatorJoinVerb(home *string) *Verb {
	var name, out string
	return &Verb{
		Use:   "join -o FILE",
		Short: words.Both("Show that you have the keys of a node that is to validate", "出示要当验证人的节点的密钥"),
		Long: words.Both(`Write down the public halves of a node's validator key and VRF key, signed with
both. The node follows the chain already (node join): let it be in step before
it has votes. The file is public: send it to the validators.`,
			`写下节点的验证人密钥和 VRF 密钥的公开部分,并用两把密钥各签一次。节点应已加入
这条链(node join),并在得到票之前同步好。文件可以公开:发给各位验证人。`),
		Flags: []Flag{
			{&name, "--name NAME", "the validator's name, for people", "验证人的名字,给人看的"},
			{&out, "-o, --out FILE", "where to write it", "写到哪里"},
		},
		Reach: AtHome, Results: []any{joinedJSON{}},
		Run: func(context.Context, []string) error {
			if out == "" {
				return usagef("-o FILE is missing: name the file to write")
			}
			dir := s.nodeHome(*home)
			genesis, _, err := node.ReadGenesis(dir)
			if err != nil {
				return err
			}
			v, proof, err := node.ProveKeys(dir, genesis.ChainID)
			if err != nil {
				return err
			}
			file := files.NewJoin(genesis.ChainID, name, v.PubKey, v.VRFKey, proof)
			if err := writeShared(out, encodeFile(file)); err != nil {
				return err
			}
			s.Result(joinedJSON{file, out}, func(w io.Writer) {
				fmt.Fprintln(w, s.Say("%s  validator %s for chain %s: send it to the validators",
					"%s  验证人%s,链%s:请发给各位验证人", out, addressOf(&v), genesis.ChainID))
			})
			return nil
		},
	}
}
