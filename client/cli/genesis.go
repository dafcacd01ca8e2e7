package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"hongbao/client/audit"
	"hongbao/client/words"
	"hongbao/contract"
	"hongbao/node"
)

func (s nodes) genesisVerb() *Verb {
	return &Verb{
		Use:   "genesis",
		Short: words.Both("Begin a chain with strangers: a ceremony", "和互不相识的人一起创建一条链:创世仪式"),
		Long: words.Both(`Begin a chain with people who do not trust each other. No one sees another's
keys, and no one has to believe who joins the files:

  node init --keys               each makes keys at home
  genesis register -o mine.reg        each signs a registration and sends it to all
  genesis assemble …             each joins all registrations; all compare one hash
  node join --genesis …          each runs the node`,
			`和互不信任的人一起创建一条链。谁也看不到别人的密钥,也不必相信汇总文件的人:

  node init --keys               各人在自己那里生成密钥
  genesis register -o mine.reg        各人签一份登记,发给所有人
  genesis assemble …             各人汇总全部登记,互相核对一个哈希
  node join --genesis …          各人运行节点`),
		Reach: Alone,
		Under: []*Verb{s.genesisRegisterVerb(), s.genesisAssembleVerb()},
	}
}

// registrationJSON is the result of genesis register.
type registrationJSON struct {
	File    string           `json:"file"`    // to send to all
	Chain   string           `json:"chain"`   // the name that the chain is to have
	Name    string           `json:"name"`    // of the validator
	Peer    string           `json:"peer"`    // ID@HOST:PORT, where others reach it
	Power   int64            `json:"power"`   // of its vote
	Account contract.Address `json:"account"` // of the person who signed it
}

func (s nodes) genesisRegisterVerb() *Verb {
	var o node.RegistrationOptions
	o.Power = 10
	var home, out string
	return &Verb{
		Use:   "register -o FILE",
		Short: words.Both("Sign your registration for a chain that is to begin", "为将要创建的链签一份登记"),
		Long: words.Both(`Write down the public halves of the keys in a node's folder, and sign them with
each of the keys and with your account. The file is public: send it to all who
take part. No field of it can be altered, and no one can send it as his own.`,
			`写下节点目录里各个密钥的公开部分,用每个密钥和你的账户签名。文件可以公开:发给所有
参加的人。里面的内容谁也改不了,也不能冒充是自己的。`),
		Flags: []Flag{
			{&o.Chain, "--chain-id NAME", "the name that the chain is to have", "链将要用的名字"},
			{&o.Name, "--name NAME", "the validator's name", "验证人的名字"},
			{&o.Address, "--address HOST:PORT", "where its peers reach it", "其他节点连它的地址"},
			{&o.Power, "--power N", "of its vote, as all have agreed", "它的投票权,按大家的约定"},
			{&home, "--node-home DIR", "the node's folder (default ~/.hongbao/node)",
				"节点的目录(默认:主目录里的 node)"},
			{&out, "-o, --out FILE", "where to write it", "写到哪里"},
		},
		Reach: AtHome, Results: []any{registrationJSON{}},
		Run: func(ctx context.Context, _ []string) error {
			for _, needed := range []struct{ flag, value string }{{"--chain-id", o.Chain}, {"--name", o.Name},
				{"--address", o.Address}, {"--out", out}} {
				if needed.value == "" {
					return usagef("genesis register: %s is missing", needed.flag)
				}
			}
			if home == "" {
				home = filepath.Join(s.Global.Home, "node")
			}
			return s.signRegistration(ctx, home, out, o)
		},
	}
}

func (s nodes) signRegistration(ctx context.Context, home, out string, o node.RegistrationOptions) error {
	account, err := money{look(s)}.account(ctx)
	if err != nil {
		return err
	}
	o.Account, o.Sign = account.Address, account.SignRegistration
	e, err := node.NewRegistration(home, o)
	if err != nil {
		return err
	}
	b, err := e.Encode()
	if err != nil {
		return err
	}
	if err := writeShared(out, b); err != nil {
		return err
	}
	s.Result(registrationJSON{out, e.Chain, e.Name, e.Peer(), e.Power, e.Account}, func(w io.Writer) {
		fmt.Fprintln(w, s.Say("%s  %s for chain %s: send it to all who take part", "%s  %s,链%s:请发给所有参加的人",
			out, e.Name, e.Chain))
	})
	return nil
}

// assembledJSON is the result of genesis assemble.
type assembledJSON struct {
	Dir         string              `json:"dir"`          // with genesis.json, trust.json and peers.txt
	ChainID     string              `json:"chain_id"`     // its name and the beginning of the hash
	GenesisHash string              `json:"genesis_hash"` // what all have to agree on
	Begins      string              `json:"begins"`       // when the first block may be made
	Validators  []assembledNodeJSON `json:"validators"`   // in the order of their registrations
}

type assembledNodeJSON struct {
	Name    string           `json:"name"`    // of the validator
	Peer    string           `json:"peer"`    // ID@HOST:PORT, where others reach it
	Power   int64            `json:"power"`   // of its vote
	Account contract.Address `json:"account"` // of the person who signed the registration
}

func (s nodes) genesisAssembleVerb() *Verb {
	var chain, begins, out string
	var registrations, accounts, arbiters []string
	return &Verb{
		Use:   "assemble -o DIR",
		Short: words.Both("Join all registrations into the genesis", "把全部登记汇总成创世文件"),
		Long: words.Both(`Join the registrations of all into the genesis, the trust file and the list of
peers. Everyone does so at home, with the same registrations, accounts and
beginning, in any order, and gets the same bytes: compare the hash with the
others by telephone.

A registration is refused whose signature is foreign, whose field was altered,
that shares a key, a name, an address or a person with another, or is for
another chain.`,
			`把所有人的登记汇总成创世文件、信任文件和节点列表。每个人都在自己那里做,用同样的
登记、账户和开始时间,先后不限,得到的内容一个字节都不差:请通过电话互相核对哈希。

这样的登记会拒绝:签名不是本人的,内容被改过的,密钥、名字、地址或账户和别的登记
相同的,属于另一条链的。`),
		Flags: []Flag{
			{&registrations, "--registration FILE", "a registration (repeatable)", "一份登记(可以写多次)"},
			{&chain, "--chain-id NAME", "the name of the chain, as in the registrations", "链的名字,和登记里的相同"},
			{&begins, "--begins TIME", "when the chain begins, such as 2027-01-01T12:00:00Z",
				"链的开始时间,例如 2027-01-01T12:00:00Z"},
			{&accounts, "--account ADDRESS=AMOUNT", "who has how much at the start (repeatable)",
				"开始时谁有多少钱(可以写多次)"},
			{&arbiters, "--arbiter NAME=ADDRESS", "an account that terms may name as an arbiter (repeatable)",
				"条款里可以当仲裁人的账户(可以写多次)"},
			{&out, "-o, --out DIR", "where to write the files", "文件写在哪个目录"},
		},
		Reach: AtHome, Results: []any{assembledJSON{}},
		Run: func(context.Context, []string) error {
			for _, needed := range []struct{ flag, value string }{{"--registration", strings.Join(registrations, "")},
				{"--chain-id", chain}, {"--begins", begins}, {"--account", strings.Join(accounts, "")},
				{"--out", out}} {
				if needed.value == "" {
					return usagef("genesis assemble: %s is missing", needed.flag)
				}
			}
			at, err := time.Parse(time.RFC3339, begins)
			if err != nil {
				return usagef("--begins %q: write it like 2027-01-01T12:00:00Z", begins)
			}
			state, err := startState(accounts)
			if err != nil {
				return err
			}
			for _, text := range arbiters {
				name, address, _ := strings.Cut(text, "=")
				a, err := contract.ParseAddress(address)
				if err != nil {
					return err
				}
				state.Arbiters = append(state.Arbiters, contract.GenesisArbiter{Name: name, Address: a})
			}
			return s.assemble(out, chain, at, registrations, state)
		},
	}
}

func (s nodes) assemble(out, chain string, at time.Time, paths []string, state contract.Genesis) error {
	var registrations []*node.Registration
	for _, path := range paths {
		b, err := readUpTo(path, node.MaxRegistrationBytes+1)
		if err != nil {
			return Fail(ExitUsage, "unreadable", "%v", err)
		}
		e, err := node.ReadRegistration(b)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		registrations = append(registrations, e)
	}
	genesis, err := node.Assemble(chain, at, registrations, state)
	if err != nil {
		return err
	}
	trust, err := audit.TrustFromGenesis(genesis)
	if err != nil {
		return err
	}
	result := assembledJSON{Dir: out, ChainID: trust.ChainID, GenesisHash: trust.GenesisHash.String(),
		Begins: at.UTC().Format(time.RFC3339), Validators: []assembledNodeJSON{}}
	peers := ""
	for _, e := range registrations {
		peers += e.Peer() + "\n"
		result.Validators = append(result.Validators, assembledNodeJSON{e.Name, e.Peer(), e.Power, e.Account})
	}
	var believed bytes.Buffer
	if err := errors.Join(trust.Write(&believed), os.MkdirAll(out, 0o755)); err != nil {
		return err
	}
	for name, b := range map[string][]byte{"genesis.json": genesis, "trust.json": believed.Bytes(),
		"peers.txt": []byte(peers)} {
		if err := writeShared(filepath.Join(out, name), b); err != nil {
			return err
		}
	}
	s.Result(result, func(w io.Writer) {
		say := func(en, zh string, args ...any) { fmt.Fprintln(w, s.Say(en, zh, args...)) }
		say("%s: chain %s, begins %s", "%s:链%s,开始时间%s", out, result.ChainID, result.Begins)
		say("genesis %s", "创世哈希 %s", result.GenesisHash)
		for _, v := range result.Validators {
			fmt.Fprintf(w, "%-8s %s  %d  %s\n", v.Name, v.Account.Short(), v.Power, v.Peer)
		}
		say("compare the hash with the others, then: %s", "和其他人核对哈希,然后:%s", fmt.Sprintf(
			"%s node join --home DIR --genesis %s --trust %s --peers %s --listen 0.0.0.0:PORT", Invocation(),
			ShellWord(filepath.Join(out, "genesis.json")), ShellWord(filepath.Join(out, "trust.json")),
			ShellWord(filepath.Join(out, "peers.txt"))))
	})
	return nil
}
