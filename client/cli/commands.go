package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"hongbao/client/words"
	"hongbao/internal/home"
)

// verbs is the table of commands. Each row stands beside what it runs.
func (s *Session) verbs() *Verb {
	see := look{s}
	sign := money{see}
	return &Verb{
		Use:    "hongbao",
		Short:  words.Both("Red packets whose recall is agreed on beforehand", "事先约定好怎么收回的红包"),
		Shared: s.globalFlags(),
		Under: []*Verb{
			sign.sendVerb(), sign.claimVerb(), sign.recallVerb(), sign.consentVerb(), sign.returnVerb(),
			sign.askVerb(), sign.answerVerb(), sign.tightenVerb(), sign.payVerb(),
			see.showVerb(), see.explainVerb(), see.scenesVerb(), see.listVerb(), see.balanceVerb(), see.historyVerb(),
			see.statementVerb(), see.watchVerb(), wallets{see}.keysVerb(), wallets{see}.contactsVerb(),
			sign.txVerb(), see.errorVerb(),
			proofs{see}.proveVerb(), proofs{see}.verifyVerb(), proofs{see}.trustVerb(), proofs{see}.webVerb(),
			see.demoVerb(), (&folder{s: s}).testnetVerb(), nodes{s}.nodeVerb(),
			nodes{s}.genesisVerb(), sign.validatorVerb(), see.versionVerb(),
		},
	}
}

// The groups of the overview.
const (
	groupMoney = "money"
	groupLook  = "look"
	groupProof = "proof"
)

var groups = []struct {
	id    string
	title words.Phrase
}{
	{groupMoney, words.Both("Money:", "钱:")},
	{groupLook, words.Both("Look:", "查看:")},
	{groupProof, words.Both("Proofs:", "证明:")},
}

// globalFlags are those of every command.
func (s *Session) globalFlags() []Flag {
	g := &s.Global
	*g = Global{Home: home.Default(), Output: "text", Lang: localeLanguage(os.Getenv), Wait: 30 * time.Second}
	return []Flag{
		{&g.Home, "--home DIR", "where hongbao keeps keys and settings", "存放密钥和设置的目录"},
		{&g.Node, "--node URL",
			"the node to talk to, such as http://127.0.0.1:26657", "连哪个节点,如 http://127.0.0.1:26657"},
		{&g.From, "--from PARTY", "who signs: a key name or an address", "谁签字:密钥名或地址"},
		{&g.Output, "--output text|json", "text or json (statement: or csv)", "text 或 json(statement 还有 csv)"},
		{&g.Lang, "--lang zh|en", "zh or en (default: the locale's)", "zh 或 en(默认按系统语言)"},
		{&g.Trust, "--trust FILE", "trust file: whom to believe", "信任文件:相信谁"},
		{&g.Wait, "--wait DURATION", "how long to wait for the outcome; 0 = not at all", "等结果最多等多久;0 表示不等"},
		{&g.Yes, "--yes", "answer yes to every question", "所有问题都答“是”"},
		{&g.DryRun, "--dry-run", "say what would happen, and do nothing", "只说会发生什么,什么都不做"},
		{&g.Quiet, "--quiet", "no progress on stderr", "不在 stderr 上报进度"},
		{&g.PassphraseFile, "--passphrase-file FILE",
			"file whose first line is the passphrase of the key", "文件的第一行是密钥的口令"},
		{&g.Unsigned, "--unsigned FILE",
			"write the transaction to this file, and sign nothing: see tx --help",
			"把交易写进文件,不签字:见 tx --help"},
	}
}

type versionJSON struct {
	Version  string `json:"version"`            // of the release; devel between two
	Go       string `json:"go,omitempty"`       // what it was built with
	Revision string `json:"revision,omitempty"` // the commit that it was built from
}

func (s look) versionVerb() *Verb {
	return &Verb{
		Use:   "version",
		Short: words.Both("Which hongbao this is", "这是哪个版本的 hongbao"),
		Reach: Alone, Results: []any{versionJSON{}},
		Run: func(context.Context, []string) error { return s.version() },
	}
}

func (s look) version() error {
	out := versionJSON{Version: "devel"}
	if info, ok := debug.ReadBuildInfo(); ok {
		out.Go = info.GoVersion
		if v := info.Main.Version; v != "" && v != "(devel)" {
			out.Version = v
		}
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				out.Revision = setting.Value
			}
		}
	}
	s.Result(out, func(w io.Writer) {
		fmt.Fprintln(w, strings.TrimSpace("hongbao "+out.Version+" "+out.Revision))
	})
	return nil
}
