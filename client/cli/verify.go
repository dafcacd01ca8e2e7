package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	cmttypes "github.com/cometbft/cometbft/types"

	"hongbao/client/audit"
	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
)

func (s proofs) verifyVerb() *Verb {
	var at, final, against, out string
	return &Verb{
		Use: "verify FILE | -", Group: groupProof,
		Short: words.Both("Check a proof offline, believing the trust file alone", "离线核实一份证明,只相信信任文件"),
		Long: words.Both(`Check a proof offline: no node is asked; - reads it from stdin. The exit code is
the verdict:
0 valid, 7 invalid, 8 sound but not by this trust (or too old, with --at),
10 valid, and the share is not final.

A valid proof may be about anything. Who acts on a share being final says which:
verify share.proof --trust T --final rp1…/3 && ship. A proof about something
else then ends with 10, too.

With --against, two proofs of one chain that are valid each are compared: 0 if
both may be true, 7 if they cannot. Then more than 1/3 of the validators signed
both; they are named, and --out writes both proofs into one file, which verify
checks as it checks a proof: 0 if it shows a contradiction.`,
			`离线核实一份证明,不问任何节点;写 - 就从标准输入读。退出码就是结论:0 成立;
7 不成立;8 本身无误,但不合这份信任文件(或用了 --at 而太旧);10 成立,但这一份
还没有终局。

成立的证明可能证的是别的事。要凭“这一份已经终局”行事,就写明是哪一份:
verify share.proof --trust T --final rp1…/3 && ship
证的是别的事,退出码也是 10。

加 --against 是拿同一条链上两份各自成立的证明对照:都可能为真,退出码 0;不能
同时为真,退出码 7。那就有超过 1/3 的验证人两边都签了名,会逐个列出;--out 把
两份证明写进一个文件,可以像证明一样用 verify 核实:确有矛盾,退出码 0。`),
		Flags: []Flag{
			{&at, "--at TIME", "refuse a proof whose block is older than this time", "区块早于这个时间的证明不算"},
			{&final, "--final SHARE",
				"end with 0 only if the proof says that this share (rp1…/3) is final",
				"只有证明说这一份(rp1…/3)已终局,退出码才是 0"},
			{&against, "--against PROOF", "compare with another proof: can both be true?",
				"与另一份证明对照:能同时为真吗"},
			{&out, "-o, --out FILE", "with --against: where to write a contradiction",
				"配合 --against:矛盾写进哪个文件"},
		},
		Reach: AtHome, Exits: []int{ExitInvalid, ExitUntrusted, ExitNotFinal}, Results: []any{verifiedJSON{},
			comparedJSON{}},
		Run: func(_ context.Context, args []string) error {
			opts, err := verifyOptions(at)
			switch {
			case err != nil:
				return err
			case against != "" && final != "":
				return usagef("choose one of --against and --final")
			case against == "" && out != "":
				return usagef("--out: needs --against")
			case against != "":
				return s.compare(args[0], against, out, opts)
			}
			return s.verify(args[0], final, opts)
		},
	}
}

// verifyOptions are the reader's policy, of --at.
func verifyOptions(at string) (o audit.Options, err error) {
	if at == "" {
		return o, nil
	}
	if o.At, err = parseTime(at); err != nil {
		return o, usagef("--at %v", err)
	}
	return o, nil
}

// longProof is the size from which a proof has thousands of signatures, which
// take a while to check: the user who waits is told so.
const longProof = 2 << 20

// verify judges the proof at path; final is the share that it has to call final,
// or empty.
func (s proofs) verify(path, final string, opts audit.Options) error {
	if final != "" && !wholeShare(final) {
		return usagef("--final %q: write the whole share, rp1…/3", final)
	}
	trust, err := s.trust()
	if err != nil {
		return err
	}
	proof, err := s.readProof(path)
	if err != nil {
		return err
	}
	if audit.IsContradiction(proof) {
		return s.verifyContradiction(proof, trust, opts)
	}
	if len(proof) > longProof {
		s.Progress(s.Say("checking %.1f MB of proof", "正在核对%.1f MB的证明", float64(len(proof))/1e6))
	}
	report := audit.Verify(proof, trust, opts)
	is := report.Final()
	asked := final == "" || report.Facts != nil && is != nil && report.Facts.Subject == final
	out := s.verifiedJSON(&report, trust)
	if final != "" {
		holds := asked && *is
		out.FinalOf, out.Asked = final, &holds
	}
	s.Result(out, func(w io.Writer) { s.showVerdict(w, &report, trust) })
	switch {
	case report.Verdict != audit.Valid:
		return s.verdictStatus(report.Verdict, trust)
	case !asked:
		s.Progress(s.Say("the proof is about %s, not about whether share %s is final",
			"这份证明讲的是:%s;不是%s终局了没有",
			words.Proof(s.Lang(), string(report.Facts.Kind), short(report.Facts.Subject)), final))
		return exitStatus(ExitNotFinal)
	case is != nil && !*is:
		return exitStatus(ExitNotFinal)
	}
	return nil
}

// verdictStatus is the exit code of a verdict by the trust file t, nil for none.
func (s proofs) verdictStatus(v audit.Verdict, t *audit.Trust) error {
	switch v {
	case audit.Valid:
		return nil
	case audit.Untrusted:
		if t == nil {
			s.hint(s.Say("say whom you believe with --trust FILE", "用 --trust FILE 指明相信谁"))
		}
		return exitStatus(ExitUntrusted)
	}
	return exitStatus(ExitInvalid)
}

// wholeShare reports whether text is a share as proofs spell it.
func wholeShare(text string) bool {
	name, share, err := cutShare(text)
	id, bad := contract.ParsePacketID(name)
	return err == nil && bad == nil && share != 0 && text == ref{id, share}.String()
}

// verifiedJSON is the result of verify.
type verifiedJSON struct {
	Verdict     audit.Verdict  `json:"verdict"`
	Statement   string         `json:"statement"`
	Checks      []checkJSON    `json:"checks"`
	Final       *bool          `json:"final,omitempty"`    // of a share: its claimer alone can move it
	FinalOf     string         `json:"final_of,omitempty"` // the share that --final asks about
	Asked       *bool          `json:"asked,omitempty"`    // with --final: the proof says that this share is final
	OthersUntil *contract.Time `json:"others_until,omitempty"`
	Trust       *trustedBy     `json:"trust"` // the trust file that this goes by; null without one
	Facts       *audit.Facts   `json:"facts"` // null unless valid
}

// checkJSON is a check of a verification.
type checkJSON struct {
	Name   string `json:"name"` // stable: file, or a step of docs/format.md, section 12
	OK     bool   `json:"ok"`
	Detail string `json:"detail"` // in English
}

func (s proofs) verifiedJSON(r *audit.Report, t *audit.Trust) verifiedJSON {
	out := verifiedJSON{Trust: s.trustedBy(t), Verdict: r.Verdict, Statement: s.stated(r), Final: r.Final(),
		Facts: r.Facts}
	for _, c := range r.Checks {
		out.Checks = append(out.Checks, checkJSON{c.Name, c.OK, words.Finding(words.English, c.Found)})
	}
	if r.Facts != nil && r.Facts.Share != nil {
		out.OthersUntil = r.Facts.Share.OthersUntil
	}
	return out
}

// stated is what a report says, in the person's language.
func (s look) stated(r *audit.Report) string { return words.Statement(s.Lang(), r) }

// exitStatus ends a command that has shown its result with an exit code that
// is part of it.
type exitStatus int

func (e exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// readUpTo reads a file, or so many bytes of a longer one.
func readUpTo(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var b bytes.Buffer
	if info, err := f.Stat(); err == nil {
		b.Grow(int(min(info.Size(), limit)) + bytes.MinRead)
	}
	_, err = b.ReadFrom(io.LimitReader(f, limit))
	return b.Bytes(), err
}

func readBounded(path string, limit int64) ([]byte, error) {
	b, err := readUpTo(path, limit+1)
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s: larger than %d bytes", path, limit)
	}
	return b, err
}

// trust is the trust file of --trust, else the home's; nil when there is
// none.
func (s *Session) trust() (*audit.Trust, error) {
	path, err := s.trustPath()
	if err != nil || path == "" {
		return nil, err
	}
	return readTrust(path)
}

// readTrust reads the trust file at path.
func readTrust(path string) (*audit.Trust, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, Fail(ExitUsage, "unreadable", "%v", err)
	}
	defer f.Close()
	t, err := audit.ReadTrust(f)
	if err != nil && isProofFile(path) {
		return nil, Fail(ExitUsage, "bad_trust_file", "%s: is a proof, not a trust file", path).
			WithHint("the proof first, and who is believed behind --trust", "先写证明,--trust 后面写信任文件")
	}
	if err != nil {
		return nil, Fail(ExitUsage, "bad_trust_file", "%s: %v", path, err)
	}
	return t, nil
}

// trustPath is where that file is; empty when there is none.
func (s *Session) trustPath() (string, error) {
	if s.Global.Trust != "" {
		return s.Global.Trust, nil
	}
	defaults, err := s.Defaults()
	return defaults.Trust, err
}

func (s proofs) trustVerb() *Verb {
	return &Verb{
		Use: "trust", Group: groupProof,
		Short: words.Both("Whom your verifications believe", "核实时相信谁"),
		Reach: Alone,
		Under: []*Verb{s.trustInitVerb()},
	}
}

func (s proofs) trustInitVerb() *Verb {
	var genesis, out string
	return &Verb{
		Use:   "init",
		Short: words.Both("Make a trust file from a genesis", "从创世文件做一个信任文件"),
		Long: words.Both(`Make a trust file from a genesis: from the file you name, or else from what the
node says, in which case compare the genesis hash with somebody you trust.`,
			`从创世文件做一个信任文件:用你指定的文件,或用节点给的;用节点给的,请找信得过的
人核对创世哈希。`),
		Flags: []Flag{
			{&genesis, "--genesis FILE", "genesis file (default: what the node says)", "创世文件(默认:问节点)"},
			{&out, "-o, --out FILE",
				"where to write it (default: trust.json in the home, which then is your default)",
				"写到哪里(默认:主目录的 trust.json,今后默认用它)"},
		},
		Reach: Asking, Results: []any{trustJSON{}},
		Run: func(ctx context.Context, _ []string) error { return s.trustInit(ctx, genesis, out) },
	}
}

type trustJSON struct {
	File        string `json:"file"`
	ChainID     string `json:"chain_id"`
	GenesisHash string `json:"genesis_hash"`
	Validators  int    `json:"validators"`
	Dev         bool   `json:"dev"` // play money, and keys that are public
}

func (s proofs) trustInit(ctx context.Context, genesis, out string) error {
	b, err := s.genesis(ctx, genesis)
	if err != nil {
		return err
	}
	t, err := audit.TrustFromGenesis(b)
	if err != nil {
		return err
	}
	path := out
	if path == "" {
		path = filepath.Join(s.Global.Home, "trust.json")
	}
	if old, err := os.Open(path); err == nil {
		defer old.Close()
		if was, err := audit.ReadTrust(old); err != nil || was.GenesisHash != t.GenesisHash {
			if err := s.Confirm(s.Say("%s holds another trust. Replace it?", "%s里是另一份信任文件。要换掉吗?",
				path)); err != nil {
				return err
			}
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return Fail(ExitUsage, "cannot_write", "%v", err)
	}
	var file bytes.Buffer
	if err := t.Write(&file); err != nil {
		return err
	}
	if err := writeShared(path, file.Bytes()); err != nil {
		return err
	}
	if out == "" {
		node := ""
		if genesis == "" {
			node = s.client.Node().URL()
		}
		if err := s.makeDefaultTrust(path, node, t.ChainID); err != nil {
			return err
		}
	}
	s.Result(trustJSON{path, t.ChainID, t.GenesisHash.String(), len(t.Validators), t.Dev}, func(w io.Writer) {
		fmt.Fprintln(w, s.Say("%[1]s  chain %[2]s, %[5]s\ngenesis %[4]s",
			"%[1]s  链%[2]s,%[3]d个验证人\n创世哈希 %[4]s",
			path, t.ChainID, len(t.Validators), t.GenesisHash, words.Count(len(t.Validators), "validator",
				"validators")))
	})
	if genesis == "" {
		s.hint(s.Say("a node told you this; compare the genesis hash with somebody you trust",
			"这是节点说的;请和信得过的人核对创世哈希"))
	}
	return nil
}

// maxGenesis bounds a genesis file, in bytes: some 500,000 accounts.
const maxGenesis = 64 << 20

// genesis is the bytes of a genesis document.
func (s proofs) genesis(ctx context.Context, path string) ([]byte, error) {
	var b []byte
	var err error
	if path == "" {
		c, err := s.Client(ctx)
		if err != nil {
			return nil, err
		}
		if b, err = c.Node().GenesisFile(ctx); err != nil {
			return nil, err
		}
	} else if b, err = readBounded(path, maxGenesis); err != nil {
		return nil, Fail(ExitUsage, "unreadable", "%v", err)
	}
	if _, err := cmttypes.GenesisDocFromJSON(b); err != nil {
		return nil, Fail(ExitUsage, "unreadable", "genesis: %v", err)
	}
	return b, nil
}

// makeDefaultTrust makes a trust file the one that this home believes. Where the home
// asks no node yet, it asks from now on the one that the trust comes from; empty: none.
func (s proofs) makeDefaultTrust(path, node, chain string) error {
	c, err := s.Defaults()
	if err != nil {
		return err
	}
	if c.Trust, err = filepath.Abs(path); err != nil {
		return err
	}
	if c.Node == "" && node != "" {
		c.Node, c.ChainID = node, chain
	}
	return wallet.WriteFile(filepath.Join(s.Global.Home, clientFile), c)
}
