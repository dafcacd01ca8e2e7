package cli

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hongbao/client"
	"hongbao/client/evidence"
	"hongbao/client/files"
	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
	"hongbao/internal/home"
)

// Session is one command's surroundings.
type Session struct {
	Global Global
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer

	// Terminal says whether a person is there to answer; nil looks at Stdin.
	Terminal func() bool
	// Secret asks that person for what the screen must not show; nil asks the terminal.
	Secret func(prompt string) (string, error)

	// now is the reader's clock, which says how old a state may be, and headerWait
	// the reader's patience with one that is not signed yet.
	now           func() time.Time
	warnedOfClock bool // that this machine's clock is behind the chain
	headerWait    time.Duration

	work int // how dear new keys make a guess: see [wallet.Keyring]; 0: the default

	rows    map[*cobra.Command]*Verb // of each command
	started bool
	here    string        // --home, as the command line has it, for the commands that hints print
	there   string        // --node, likewise
	skipped []string      // files of the home that were warned of
	lines   *bufio.Reader // over Stdin, made at the first question
	client  *client.Client
	chain   string
	sent    *contract.Hash // the tx that this command handed out
	dev     *bool
}

// ClientFile is <home>/client.json: the home's defaults, which `testnet up`
// writes so that nothing need be typed.
type ClientFile struct {
	Node    string `json:"node"`
	Trust   string `json:"trust"`
	ChainID string `json:"chain_id"`
}

const clientFile = "client.json"

// WriteClientFile makes c the defaults of a home.
func WriteClientFile(home string, c ClientFile) error {
	return wallet.WriteFile(filepath.Join(home, clientFile), c)
}

// Defaults reads the home's client.json; without one everything is empty.
func (s *Session) Defaults() (c ClientFile, err error) {
	path := filepath.Join(s.Global.Home, clientFile)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil {
		return c, Fail(ExitUsage, "bad_home", "%s: %v", path, err)
	}
	return c, nil
}

// Say is what a line says in the person's language: see [words.Lang.Say].
func (s *Session) Say(en, zh string, args ...any) string { return s.Lang().Say(en, zh, args...) }

// Lang is the person's language.
func (s *Session) Lang() words.Lang {
	if s.Global.Lang == "zh" {
		return words.Chinese
	}
	return words.English
}

// Keys is the home's keyring.
func (s *Session) Keys() *wallet.Keyring {
	keys := wallet.Open(s.Global.Home)
	keys.Passphrase, keys.Again, keys.Work = s.passphrase, s.again(), cmp.Or(s.work, keys.Work)
	keys.Skipped = func(err error) {
		if text := err.Error(); !slices.Contains(s.skipped, text) {
			s.skipped = append(s.skipped, text)
			s.warn(s.Say("passed over: %v", "跳过(%v)", err))
		}
	}
	return keys
}

// Client is the node to talk to. The first call asks it for its chain's name,
// and refuses a chain other than the one the home is set up for, or that --trust
// is for.
func (s *Session) Client(ctx context.Context) (*client.Client, error) {
	if s.client != nil {
		return s.client, nil
	}
	url, chain, err := s.node()
	if err != nil {
		return nil, err
	}
	options, err := s.options()
	if err != nil {
		return nil, err
	}
	options.Chain = chain
	c, err := client.Dial(ctx, url, options)
	if err != nil {
		return nil, s.notDialed(err)
	}
	s.client, s.chain = c, c.Chain()
	if block := c.Dialed().Time; s.stale(block) && !s.checked() {
		s.warn(s.Say("node %s is behind, or its chain is halted: its newest block is of %s",
			"节点%s落后了,或链已停:最新的区块是%s的", url, clock(block)))
	}
	return c, nil
}

// node is the node to talk to, and the chain that it has to serve; empty: any.
func (s *Session) node() (url, chain string, err error) {
	if s.Global.Node != "" {
		return s.Global.Node, "", nil
	}
	defaults, err := s.Defaults()
	if err == nil && defaults.Node == "" {
		err = Fail(ExitUsage, "no_node", "no node to talk to").
			WithHint("start a network with: %s testnet up   or name one with --node http://HOST:PORT",
				"启动网络:%s testnet up   或用 --node http://HOST:PORT 指定节点", s.ProgramHere())
	}
	return defaults.Node, defaults.ChainID, err
}

// options are what the flags of every command say about reading and waiting.
func (s *Session) options() (client.Options, error) {
	trust, err := s.givenTrust()
	wait := s.Global.Wait
	if wait == 0 {
		wait = client.NoWait
	}
	return client.Options{
		Trust: trust, Wait: wait, Now: s.now, HeaderWait: s.headerWait, Newest: s.warnOfClock,
		Fetched: func(done, total int) {
			s.Progress(s.Say("%d of %d transactions", "已取%d笔交易,共%d笔", done, total))
		},
		Locked: func(a *wallet.Account) { s.Progress(words.WaitingFor(s.Lang(), a.Called())) },
		Sent: func(tx contract.Hash) {
			s.Progress(s.Say("tx %s", "交易 %s", tx))
			s.sent = &tx
		},
		Drawing: func() { s.Progress(s.Say("waiting for the draw in the next block", "等下一个区块抽出金额")) },
	}, err
}

// notDialed is the error of a node that cannot be talked to.
func (s *Session) notDialed(err error) error {
	var bad *client.URLError
	var other *client.ChainError
	switch {
	case errors.As(err, &bad):
		return usagef("--node %q: %v", bad.URL, bad.Err)
	case errors.As(err, &other) && other.Trust:
		return Fail(ExitUntrusted, "wrong_trust", "--trust: of chain %q, this is %q", other.Want, other.Chain)
	case other != nil:
		return refusal(contract.CodeWrongChain,
			fmt.Sprintf("node %s: serves chain %q, this home is set up for %q", other.Node, other.Chain, other.Want), 0)
	}
	e := asError(err)
	if e.Exit == ExitUnreachable {
		e = e.WithHint("is the network up? start it with: %s testnet up", "网络开了吗?启动:%s testnet up",
			s.ProgramHere())
	}
	return e
}

// stale reports whether the newest block is older than an idle chain's would be.
func (s *Session) stale(block contract.Time) bool {
	return s.now().Sub(block.Std()) > evidence.MaxAge
}

func (s *Session) close() {
	if s.client != nil {
		s.client.Close()
		s.client = nil
	}
}

// onDev reports whether the chain is for play money, whose keys are public: as
// the trust file says, if one is given, or else as the node does.
func (s *Session) onDev(ctx context.Context) (bool, error) {
	if s.dev != nil {
		return *s.dev, nil
	}
	trust, err := s.givenTrust()
	if err != nil {
		return false, err
	}
	if trust != nil {
		s.dev = &trust.Dev
		return trust.Dev, nil
	}
	c, err := s.Client(ctx)
	if err != nil {
		return false, err
	}
	g, err := c.Genesis(ctx)
	if err != nil {
		return false, err
	}
	s.dev = &g.Dev
	return g.Dev, nil
}

// Resolve is the address of a party: an address, or the name of a key or a
// contact, with or without @. A dev name stands for its public key on dev networks only:
// elsewhere any reader of the source could take money sent to it.
func (s *Session) Resolve(ctx context.Context, party string) (contract.Address, error) {
	name, err := s.Keys().Find(party)
	switch {
	case errors.Is(err, wallet.ErrUnknown):
		return contract.Address{}, s.unknownParty(party, err)
	case err != nil:
		return contract.Address{}, err
	case !name.Dev:
		return name.Address, nil
	}
	dev, err := s.onDev(ctx)
	if err != nil {
		return contract.Address{}, err
	}
	if !dev {
		return contract.Address{}, Fail(ExitUsage, "public_key",
			"%s: a dev key, which everybody has; this is not a dev network", party)
	}
	return name.Address, nil
}

func (s *Session) self(ctx context.Context) (*wallet.Account, error) {
	from := s.Global.From
	if from == "" {
		current, err := s.Keys().Current()
		if err != nil {
			return nil, err
		}
		from = current
	}
	if from == "" {
		own, err := s.Keys().Own()
		if err != nil {
			return nil, err
		}
		if len(own) > 1 {
			return nil, usagef("no key is in use: choose one of %s", strings.Join(own, ", ")).
				WithHint("%s keys use NAME, or --from NAME", "%s keys use NAME,或 --from NAME", s.Program())
		}
		if len(own) == 1 {
			from = own[0]
		}
	}
	if from == "" {
		dev, err := s.onDev(ctx)
		if err != nil {
			return nil, err
		}
		if !dev {
			return nil, usagef("no key is in use, so nothing can be signed").
				WithHint("%s keys new NAME, or --from NAME", "%s keys new NAME,或 --from NAME", s.Program())
		}
		from = wallet.DevNames[0]
	}
	if _, err := s.Resolve(ctx, from); err != nil {
		return nil, err
	}
	return s.Keys().Account(from)
}

// Self is whom a reading command is about when its arguments name no account.
func (s *Session) Self(ctx context.Context, args []string) (contract.Address, error) {
	if len(args) > 0 {
		return s.Resolve(ctx, args[0])
	}
	account, err := s.self(ctx)
	if err != nil {
		return contract.Address{}, err
	}
	return account.Address, nil
}

// Confirm asks a yes-or-no question on the terminal. Without one, and without
// --yes, the user has not agreed.
func (s *Session) Confirm(question string) error {
	if s.Global.Yes || s.Global.DryRun {
		return nil
	}
	if !s.atTerminal() {
		return Fail(ExitUsage, "confirmation_needed", "%s The answer has to be typed in a terminal.", question).
			WithHint("add --yes to agree beforehand", "加 --yes 表示事先同意")
	}
	fmt.Fprint(s.screen(s.Stderr), s.Say("%s [y/N] ", "%s [y 是/N 否] ", question))
	answer, err := answered(s.readLine)
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(s.Stderr)
		return err
	}
	if err != nil && answer == "" {
		fmt.Fprintln(s.Stderr)
		return Fail(ExitDeclined, "declined", "no answer: nothing was done")
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes", "是", "好":
		return nil
	}
	return Fail(ExitDeclined, "declined", "nothing was done")
}

func (s *Session) readLine() (string, error) {
	if s.lines == nil {
		s.lines = bufio.NewReader(s.Stdin)
	}
	return s.lines.ReadString('\n')
}

func (s *Session) atTerminal() bool {
	if s.Terminal != nil {
		return s.Terminal()
	}
	return home.IsTerminal(s.Stdin)
}

// asOf is the state a reading command speaks of.
type asOf struct {
	Height int64         `json:"height"`
	Time   contract.Time `json:"time"`
}

func at(a rpc.At) asOf { return asOf{Height: a.Height, Time: a.Time} }

// fen is an amount in a result.
type fen = files.Fen

func fenOf(a contract.Amount) *fen { return (*fen)(&a) }

// known is v, which is zero while it is not known: then it is null in JSON.
func known[T comparable](v T) *T {
	var unknown T
	if v == unknown {
		return nil
	}
	return &v
}

// clock is t on a screen.
func clock(t contract.Time) string { return words.Clock(t, time.Now()) }
