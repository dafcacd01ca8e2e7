package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
)

// manageVerbs are those that change a key that is there.
func (s wallets) manageVerbs() []*Verb {
	gap := uint32(wallet.Gap)
	var file string
	return []*Verb{{
		Use:   "rescan NAME",
		Short: words.Both("Look for the further addresses that a key has used", "寻找密钥用过的其他地址"),
		Long: words.Both(`Look on the ledger for the further addresses that a key has used, here or
elsewhere, and keep them. keys import does the same once; rescan looks again,
and as far as you say.`,
			`在账本上寻找密钥在这里或别处用过的其他地址,并记下来。keys import 会找一次;
rescan 再找一次,找多远由你定。`),
		Flags: []Flag{
			{&gap, "--gap N",
				"how many addresses in a row that were never used end the search",
				"连续多少个地址没用过就不再找"},
		},
		Reach: Asking, Results: []any{keysJSON{}},
		Run: func(ctx context.Context, args []string) error { return s.keysRescan(ctx, args[0], gap) },
	}, {
		Use:   "rename NAME NEW",
		Short: words.Both("Give a key another name", "给密钥改名"),
		Long: words.Both(`Give a key another name, and its further addresses with it. Its addresses and
its passphrase stay what they are.`,
			"给密钥改名,它的其他地址跟着改。地址和口令都不变。"),
		Reach: AtHome, Results: []any{keyJSON{}},
		Run: func(_ context.Context, args []string) error { return s.keysRename(args[0], args[1]) },
	}, {
		Use:   "passwd NAME",
		Short: words.Both("Protect a key with another passphrase", "给密钥换口令"),
		Long: words.Both(`Protect a key with another passphrase. The one so far is asked for, or read from
--passphrase-file. Copies of the key's file that were made before still open
with the old one.`,
			`给密钥换口令。先问现在的口令,或从 --passphrase-file 读。换之前复制出去的密钥
文件,仍然用旧口令打开。`),
		Flags: []Flag{
			{&file, "--new-passphrase-file FILE",
				"file whose first line is the new passphrase",
				"文件的第一行是新口令"},
		},
		Reach: AtHome, Results: []any{keyJSON{}},
		Run: func(_ context.Context, args []string) error { return s.keysPasswd(args[0], file) },
	}, {
		Use:   "rm NAME",
		Short: words.Both("Remove a key from this home", "从这个主目录删掉一个密钥"),
		Long: words.Both(`Remove a key from this home, with all its addresses. Only its words bring it
back (keys export shows them), so you type its name to confirm it. A key that
is in use is not removed while there are others: choose another one first, with
keys use.`,
			`从这个主目录删掉一个密钥和它的所有地址。只有助记词能找回它(keys export 会
显示),所以要输入它的名字来确认。正在用的密钥,只要还有别的就不删:请先用
keys use 换一个。`),
		Reach: Asking, Results: []any{keyJSON{}},
		Run: func(ctx context.Context, args []string) error { return s.keysRemove(ctx, args[0]) },
	}}
}

// ownKey is the name of the key of this home that party names.
func (s wallets) ownKey(party string) (string, error) {
	account, err := s.Keys().Account(party)
	if err != nil {
		return "", keyError(err)
	}
	name, err := account.Key()
	return name, keyError(err)
}

func (s wallets) keysRescan(ctx context.Context, party string, gap uint32) error {
	if gap == 0 {
		return usagef("--gap 0: write a number from 1 on")
	}
	name, err := s.ownKey(party)
	if err != nil {
		return err
	}
	if err := s.restoreAddresses(ctx, name, gap); err != nil {
		return err
	}
	all, err := s.Keys().Addresses(name)
	if err != nil {
		return err
	}
	s.showKeys(all, true)
	return nil
}

func (s wallets) keysRename(party, to string) error {
	name, err := s.ownKey(party)
	if err != nil {
		return err
	}
	return s.showKey(s.Keys().Rename(name, to))
}

func (s wallets) keysPasswd(party, file string) error {
	name, err := s.ownKey(party)
	if err != nil {
		return err
	}
	err = s.Keys().ChangePassphrase(name, func(name string) (string, error) { return s.passphraseFrom(file, name) })
	if err != nil {
		return keyError(err)
	}
	return s.showKey(s.Keys().Find(name))
}

// keysRemove asks for the name once more. A damaged file is removed as well.
func (s wallets) keysRemove(ctx context.Context, party string) error {
	name, err := s.ownKey(party)
	if errors.Is(err, wallet.ErrDamaged) {
		name, err = party, nil
	}
	if err != nil {
		return err
	}
	keys := s.Keys()
	if err := keys.MayRemove(name); err != nil {
		return keyError(err)
	}
	all, damaged := keys.Addresses(name)
	if money := s.heldBy(ctx, all); money != "" {
		s.warn(money)
	}
	if err := s.confirmByTyping(words.RemoveKey(s.Lang(), name), name); err != nil {
		return err
	}
	if err := keys.Remove(name); err != nil {
		return keyError(err)
	}
	n := wallet.Name{Name: name}
	if damaged == nil {
		n = all[0]
	}
	return s.showKey(n, nil)
}

// heldBy says what addresses of a key hold, if a node is there to say it.
func (s wallets) heldBy(ctx context.Context, all []wallet.Name) string {
	c, err := s.Client(ctx)
	if err != nil {
		return ""
	}
	var sum contract.Amount
	for _, n := range all {
		leaf, _, err := c.Node().Account(ctx, n.Address)
		if err != nil {
			return ""
		}
		if leaf == nil {
			continue
		}
		more, ok := leaf.Balance.Add(leaf.Held)
		if ok {
			more, ok = more.Add(sum)
		}
		if !ok { // more than any supply: a node that lies
			return ""
		}
		sum = more
	}
	if sum == 0 {
		return ""
	}
	return words.KeyHolds(s.Lang(), all[0].Name, sum)
}

// confirmByTyping asks for a word to be typed: a y is typed in haste, a word is
// not.
func (s wallets) confirmByTyping(question, word string) error {
	if s.Global.Yes {
		return nil
	}
	if !s.atTerminal() {
		return Fail(ExitUsage, "confirmation_needed", "%s The answer has to be typed in a terminal.", question).
			WithHint("add --yes to agree beforehand", "加 --yes 表示事先同意")
	}
	fmt.Fprint(s.screen(s.Stderr), s.Say("%s Type its name: ", "%s请输入它的名字:", question))
	answer, err := answered(s.readLine)
	if errors.Is(err, context.Canceled) {
		return err
	}
	if strings.TrimSpace(answer) != word {
		return Fail(ExitDeclined, "declined", "that is not its name: nothing was done")
	}
	return nil
}
