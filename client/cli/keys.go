package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
)

type keyJSON struct {
	Name    string           `json:"name"`
	Address contract.Address `json:"address"`
	Dev     bool             `json:"dev"`     // its secret is public
	Current bool             `json:"current"` // signs where no --from is given
}

type keysJSON struct {
	Keys []keyJSON `json:"keys"`
}

func (s wallets) keysVerb() *Verb {
	return &Verb{
		Use: "keys", Group: groupLook,
		Short: words.Both("The keys you sign with", "你用来签字的密钥"),
		Long: words.Both(`A key is twelve words (BIP-39). They are kept in the home, encrypted under a
passphrase (age, scrypt) that is asked for each time something is signed, or
read from --passphrase-file. The words alone bring the key back anywhere, so
write them down once: keys export shows them.

A name stands for the key's first address. name/1, name/2, … are the further
ones that claim --fresh makes (BIP-44, m/44'/1'/0'/0/i).

alice, bob and the other public keys are everybody's, and for play money only.`,
			`一个密钥就是十二个助记词(BIP-39)。它们存在主目录里,用口令加密(age、scrypt),
每次签字时输入口令,或从 --passphrase-file 读。凭助记词在任何地方都能找回密钥,
所以请抄下来:keys export 会显示。

密钥名代表它的第一个地址。name/1、name/2……是 claim --fresh 另外生成的地址
(BIP-44,m/44'/1'/0'/0/i)。

alice、bob 等公开的密钥人人都有,只能放游戏币。`),
		Reach: Alone,
		Under: append(s.manageVerbs(), s.ownVerbs()...),
	}
}

// ownVerbs are those that make, find and show keys.
func (s wallets) ownVerbs() []*Verb {
	return []*Verb{{
		Use:   "new NAME",
		Short: words.Both("Make a key", "新建一个密钥"),
		Reach: Asking, Results: []any{keyJSON{}},
		Run: s.keysNew,
	}, {
		Use:   "import NAME",
		Short: words.Both("Bring a key from elsewhere, by its words", "用助记词把别处的密钥带过来"),
		Long: words.Both(`Bring a key from elsewhere. The words are typed, unseen, or come from a pipe.
Where a node is at hand, the further addresses that the key has used are found
too.`,
			`用助记词把别处的密钥带过来。助记词由你输入(不显示),或来自管道。有节点时,
密钥用过的其他地址也会找回来。`),
		Example: words.Both(`  keys import lin                             asks for the words
  keys import lin --passphrase-file p < words
  keys export lin --yes | hongbao --home B keys import lin`,
			`  keys import lin                             会问助记词
  keys import lin --passphrase-file p < words
  keys export lin --yes | hongbao --home B keys import lin`),
		Reach: Asking, Results: []any{keyJSON{}},
		Run: s.keysImport,
	}, {
		Use:   "list",
		Short: words.Both("Every key at hand", "手头的所有密钥"),
		Reach: AtHome, Results: []any{keysJSON{}},
		Run: func(context.Context, []string) error { return s.listKeys() },
	}, {
		Use:   "show NAME",
		Short: words.Both("A key's address", "一个密钥的地址"),
		Reach: AtHome, Results: []any{keyJSON{}},
		Run: func(_ context.Context, args []string) error { return s.showKey(s.Keys().Find(args[0])) },
	}, {
		Use:   "export NAME",
		Short: words.Both("Show the words of a key, which are all of it", "显示密钥的助记词,它们就是密钥的全部"),
		Reach: AtHome, Results: []any{exportedJSON{}},
		Run: s.keysExport,
	}, {
		Use:   "use NAME",
		Short: words.Both("Sign with this key from now on", "以后都用这个密钥签字"),
		Reach: AtHome, Results: []any{keyJSON{}},
		Run: func(_ context.Context, args []string) error { return s.showKey(s.Keys().Use(args[0])) },
	}}
}

func (s wallets) listKeys() error {
	all, err := s.Keys().List()
	if err != nil {
		return keyError(err)
	}
	s.showKeys(all, true)
	return nil
}

func (s wallets) keysNew(_ context.Context, args []string) error {
	name := args[0]
	n, err := s.Keys().New(name, s.newPassphrase)
	if err != nil {
		return keyError(err)
	}
	s.showKeys([]wallet.Name{n}, false)
	s.hint(words.KeepWords(s.Lang(), fmt.Sprintf("%s keys export %s", s.Program(), name)))
	s.hintUse(n)
	return nil
}

// hintUse says how to sign with a new key, where another one is in use.
func (s wallets) hintUse(n wallet.Name) {
	if !n.Current {
		s.hint(words.UseKey(s.Lang(), fmt.Sprintf("%s keys use %s", s.Program(), n.Name)))
	}
}

func (s wallets) keysImport(ctx context.Context, args []string) error {
	name := args[0]
	if err := s.Keys().Free(name); err != nil {
		return keyError(err)
	}
	text, err := s.readWords(name)
	if err != nil {
		return err
	}
	n, err := s.Keys().Import(name, text, s.newPassphrase)
	if err != nil {
		return keyError(err)
	}
	if err := s.restoreAddresses(ctx, name, wallet.Gap); err != nil {
		s.hint(s.Say("its further addresses, if it has any, were not looked for: %v",
			"它若还有别的地址,这次没有去找(%v)", err))
	}
	s.showKeys([]wallet.Name{n}, false)
	s.hintUse(n)
	return nil
}

func (s wallets) readWords(name string) (string, error) {
	if s.atTerminal() {
		return s.secret(words.KeyWords(s.Lang(), name))
	}
	b, err := io.ReadAll(io.LimitReader(s.Stdin, maxPassphrase+1))
	if err != nil {
		return "", Fail(ExitUsage, "unreadable", "stdin: %v", err)
	}
	if len(b) > maxPassphrase {
		return "", Fail(ExitUsage, "bad_words", "%v: more than %d bytes", wallet.ErrWords, maxPassphrase)
	}
	return string(b), nil
}

// restoreAddresses brings back what `claim --fresh` made of a key elsewhere, as
// far as the ledger knows.
func (s wallets) restoreAddresses(ctx context.Context, name string, gap uint32) error {
	c, err := s.Client(ctx)
	if err != nil {
		return err
	}
	return s.Keys().Restore(name, gap, func(a contract.Address) (bool, error) {
		leaf, _, err := c.Node().Account(ctx, a)
		return leaf != nil, err
	})
}

func (s wallets) keysExport(_ context.Context, args []string) error {
	if _, err := s.Keys().Find(args[0]); err != nil {
		return keyError(err)
	}
	if err := s.Confirm(words.ShowWords(s.Lang(), args[0])); err != nil {
		return err
	}
	text, err := s.Keys().Export(args[0])
	if err != nil {
		return keyError(err)
	}
	s.Result(exportedJSON{args[0], text}, func(w io.Writer) { fmt.Fprintln(w, text) })
	return nil
}

type exportedJSON struct {
	Name  string `json:"name"`
	Words string `json:"words"` // with a blank between two
}

// keyError gives the wallet's errors their codes.
func keyError(err error) error {
	var wrong *wallet.WordsError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong):
		return Fail(ExitUsage, "bad_words", "%v", err).withWords(wrong)
	case errors.Is(err, wallet.ErrCurrent):
		return Fail(ExitUsage, "key_in_use", "%v", err).
			WithHint("choose another first, with keys use NAME", "请先用 keys use NAME 换一个")
	case errors.Is(err, wallet.ErrNewPassphrase):
		return Fail(ExitUsage, "bad_passphrase", "%v", err)
	case errors.Is(err, wallet.ErrUnknown):
		return Fail(ExitUsage, "unknown_party", "%v", err).
			WithHint("the names are in: %[1]s keys list, %[1]s contacts list",
				"已有的名字见:%[1]s keys list、%[1]s contacts list", Invocation())
	case errors.Is(err, wallet.ErrExists):
		return Fail(ExitUsage, "name_taken", "%v", err)
	case errors.Is(err, wallet.ErrBadName):
		return Fail(ExitUsage, "bad_name", "%v", err)
	case errors.Is(err, wallet.ErrNoSecret):
		return Fail(ExitUsage, "no_secret_key", "%v", err)
	case errors.Is(err, wallet.ErrNoWords):
		return Fail(ExitUsage, "no_words", "%v", err)
	case errors.Is(err, wallet.ErrPassphrase):
		return Fail(ExitUsage, "wrong_passphrase", "%v", err)
	}
	return err
}

// withWords says in both languages which of the words it is.
func (e *Error) withWords(wrong *wallet.WordsError) *Error {
	numbers := strings.Trim(strings.ReplaceAll(fmt.Sprint(wrong.Unknown), " ", ", "), "[]")
	switch {
	case len(wrong.Unknown) > 0:
		return e.WithHint("compare word %s with what was written down", "请核对第 %s 个词", numbers)
	case !wrong.GoodCount():
		return e.WithHint("there are %d words: twelve are usual", "现在有 %d 个词,一般是十二个", wrong.Count)
	}
	return e.WithHint("compare each with what was written down, and their order",
		"词都在词表里,但合不起来:请逐个核对,并核对次序")
}

func (s wallets) showKey(n wallet.Name, err error) error {
	if err != nil {
		return keyError(err)
	}
	if current, err := s.Keys().Current(); err == nil && n.Name == current {
		n.Current = true
	}
	s.showKeys([]wallet.Name{n}, false)
	return nil
}

func (s wallets) showKeys(list []wallet.Name, many bool) {
	out := []keyJSON{}
	for _, n := range list {
		out = append(out, keyJSON{n.Name, n.Address, n.Dev, n.Current})
	}
	var v any = keysJSON{out}
	if !many {
		v = out[0]
	}
	s.Result(v, func(w io.Writer) {
		for _, n := range list {
			note := ""
			if n.Dev {
				note = s.Say("  public: play money only", "  密钥公开:只放游戏币")
			}
			if n.Current {
				note += s.Say("  in use", "  正在用")
			}
			fmt.Fprintf(w, "%s %s%s\n", words.Left(n.Name, 8), n.Address, note)
		}
	})
}
