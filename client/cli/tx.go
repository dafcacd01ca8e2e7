package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"hongbao/app/query"
	"hongbao/client/files"
	"hongbao/client/rpc"
	"hongbao/client/submit"
	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
)

func (s money) txVerb() *Verb {
	var out string
	return &Verb{
		Use: "tx", Group: groupLook,
		Short: words.Both("Transactions themselves, also offline", "交易本身,也可离线"),
		Long: words.Both(`A transaction ends one way or the other: it stands in a block, or its time
passes and it never will. wait says which, and offers it again if it was dropped:
the same bytes, so that nothing is ever done twice.

A key need never meet a network. One home has a node and no keys; another has
the key and no network. A file goes between them, for up to ten minutes:

  pay 5 --to bob --from lin --unsigned pay.tx    with the node: lin is a contact
  tx sign pay.tx -o signed.tx                    with the key: says what it is, and asks
  tx broadcast signed.tx                         with the node again

Any command that makes a transaction takes --unsigned.`,
			`一笔交易总有结局:要么记入区块,要么过了时间、永远不会发生。wait 说是哪一种;
交易丢了就把同样的字节再递一次,所以什么都不会做两遍。

密钥不必碰网络。一个主目录有节点没有密钥,另一个有密钥没有网络,文件在两者之间
传递,最多十分钟:

  pay 5 --to bob --from lin --unsigned pay.tx    有节点的一边:lin 是联系人
  tx sign pay.tx -o signed.tx                    有密钥的一边:念出内容,再问
  tx broadcast signed.tx                         再回到有节点的一边

凡是会产生交易的命令都可以加 --unsigned。`),
		Reach: Alone,
		Under: []*Verb{{
			Use: "sign FILE | - -o FILE",
			Short: words.Both("Sign a transaction that another home wrote; no node is asked",
				"给另一个主目录写下的交易签字,不问节点"),
			Long: words.Both(`Sign a transaction that another home wrote down with --unsigned. What it does is
said in plain words first, for a claim and a send with the terms, and asked
about.`,
				`给别处用 --unsigned 写下的交易签字。先用大白话念出它做什么,领取和发红包还念出
条款,然后再问。`),
			Flags: []Flag{
				{&out, "-o, --out FILE", "file to write what is signed to", "签好的交易写进这个文件"},
			},
			Reach: AtHome, Exits: []int{ExitRefused}, Results: []any{carriedJSON{}},
			Run: func(_ context.Context, args []string) error { return s.txSign(args[0], out) },
		}, {
			Use:   "broadcast FILE | -",
			Short: words.Both("Send a signed transaction, and see it through", "提交签好的交易,并看到结果"),
			Reach: Sending, Results: []any{txJSON{}},
			Run: func(ctx context.Context, args []string) error { return s.txBroadcast(ctx, args[0]) },
		}, {
			Use: "wait HASH",
			Short: words.Both("Find out how a transaction ended, offering it again if it was dropped",
				"查明一笔交易的结局,丢了就再递一次"),
			Reach: Asking, Exits: []int{ExitFailed, ExitUnknown}, Results: []any{txJSON{}},
			Run: func(ctx context.Context, args []string) error { return s.txWait(ctx, args[0]) },
		}, {
			Use:   "decode HASH | FILE | -",
			Short: words.Both("Say what a transaction says", "说出一笔交易的内容"),
			Reach: Asking, Results: []any{txJSON{}},
			Run: func(ctx context.Context, args []string) error { return s.txDecode(ctx, args[0]) },
		}},
	}
}

func (s money) txSign(path, out string) error {
	if out == "" {
		return usagef("tx sign: -o FILE is missing: name the file to write")
	}
	c, err := s.readTx(path)
	if err != nil {
		return err
	}
	defaults, err := s.Defaults()
	switch {
	case err != nil:
		return err
	case c.Signed():
		return usagef("%s: signed already", path)
	case defaults.ChainID != "" && defaults.ChainID != c.Tx.Chain:
		return refusal(contract.CodeWrongChain,
			fmt.Sprintf("%s: for chain %q, this home is set up for %q", path, c.Tx.Chain, defaults.ChainID), 0)
	}
	account, err := s.Keys().Account(c.Tx.Account.String())
	if err != nil {
		return err
	}
	if !account.Secret {
		return Fail(ExitUsage, "no_secret_key", "%s: is for %s to sign, whose secret key is not in this home", path,
			account.Called())
	}
	for _, line := range s.says(c) {
		s.Progress("  " + line)
	}
	s.Progress("  " + words.SignBy(s.Lang(), c.Tx.Chain, clock(c.Tx.ValidUntil)))
	if c.Tx.ValidUntil <= contract.TimeOf(time.Now()) {
		s.warn(words.TooLateToSign(s.Lang()))
	}
	if err := s.Confirm(words.SignIt(s.Lang())); err != nil {
		return err
	}
	if err := account.Sign(c.Tx); err != nil {
		return keyError(err)
	}
	if err := writeTxFile(out, c); err != nil {
		return err
	}
	hash := contract.TxHash(c.Tx.Encode())
	result := newCarriedJSON(out, c.Tx)
	result.Signed, result.Tx = true, &hash
	s.Result(result, func(w io.Writer) {
		fmt.Fprintln(w, s.Say("%s  signed by %s", "%s  %s签了字", out, account.Called()))
	})
	s.hint(s.Say("where there is a node: %s tx broadcast %s", "到有节点的地方:%s tx broadcast %s", s.Program(), out))
	return nil
}

// says is what a tx says, in plain words.
func (s look) says(c *files.Tx) []string {
	lines := []string{words.Says(s.Lang(), c.Tx, s.Keys().NameOf)}
	p, now := c.Packet, time.Now()
	switch m := c.Tx.Message.(type) {
	case *contract.Send:
		p = &contract.Packet{Sender: c.Tx.Account, Terms: m.Terms, Status: contract.Open}
		if datedTerms(&m.Terms) {
			p.Created = contract.TimeOf(now)
		}
	case *contract.Claim:
		if p == nil {
			return append(lines, s.Say("(which terms, the file does not say)", "(文件里没有写是什么条款)"))
		}
	default:
		return lines
	}
	if err := contract.CheckTerms(&p.Terms, p.Sender, p.Created); err != nil {
		return append(lines, s.Say("(terms that are not legal: %v)", "(条款不合规则:%v)", err))
	}
	for _, line := range words.Explain(s.Lang(), words.Subject{Packet: p, Now: now, Name: s.Keys().NameOf}) {
		lines = append(lines, "  "+line)
	}
	return lines
}

func (s money) txBroadcast(ctx context.Context, path string) error {
	c, err := s.readTx(path)
	if err != nil {
		return err
	}
	if !c.Signed() {
		return Fail(ExitUsage, "not_signed", "%s: not signed yet", path).
			WithHint("%s tx sign %s -o FILE, where the key is", "到有私钥的地方:%s tx sign %s -o FILE",
				s.Program(), path)
	}
	account, err := s.Keys().Account(c.Tx.Account.String())
	if err != nil {
		return err
	}
	signer, err := s.signerOf(ctx, account)
	if err != nil {
		return err
	}
	o, err := signer.Broadcast(ctx, c.Tx)
	if err != nil {
		return err
	}
	if s.Global.DryRun {
		return s.showDry(o, nil)
	}
	switch c.Tx.Message.(type) {
	case *contract.Send, *contract.Claim:
		if o.Record != nil && o.Record.Code == contract.CodeOK {
			if err := s.remember(refOf(c.Tx).Packet); err != nil {
				return err
			}
		}
	}
	return s.showTx(c, o.Record)
}

type txJSON struct {
	Tx         contract.Hash      `json:"tx"`
	Chain      string             `json:"chain_id"`
	Account    contract.Address   `json:"account"`
	Nonce      uint64             `json:"nonce"`
	ValidUntil contract.Time      `json:"valid_until"`
	Kind       string             `json:"kind"` // of its message
	Packet     *contract.PacketID `json:"packet,omitempty"`
	Share      uint32             `json:"share,omitempty"`
	Text       []string           `json:"text"`   // what it says, in plain words
	Signed     bool               `json:"signed"` // its signature is good
	Height     *int64             `json:"height"` // null: in no block, or, with --trust, of one that failed
	Time       *contract.Time     `json:"time"`
	Code       string             `json:"code,omitempty"` // ok, or why it failed in its block
}

func (s money) txWait(ctx context.Context, text string) error {
	hash, err := contract.ParseHash(strings.ToLower(text))
	if err != nil {
		return usagef("tx wait: %v", err)
	}
	c, err := s.Client(ctx)
	if err != nil {
		return err
	}
	pending, err := s.Keys().FindPending(hash)
	if err != nil {
		return err
	}
	stranger, err := s.strangerTx(ctx, hash, pending)
	if err != nil {
		return err
	}
	record, err := c.Follow(ctx, hash, pending)
	if stranger && errors.As(err, new(*submit.Unknown)) {
		return Fail(ExitUnknown, "outcome_unknown", "tx %s: in no block, and not made in this home", hash).about(hash).
			WithHint("compare the hash with the one that was printed; if it is right, ask again later, or in the home "+
				"that made it", "请核对哈希;如果没错,请稍后再查,或到发出它的主目录去查")
	}
	if err != nil {
		return err
	}
	return s.showRecord(ctx, c.Node(), hash, record)
}

// strangerTx reports whether neither this home nor the node's blocks know a tx, and
// says so at once: its hash may be mistyped.
func (s money) strangerTx(ctx context.Context, hash contract.Hash, pending *wallet.Pending) (bool, error) {
	if pending != nil {
		return false, nil
	}
	record, _, err := s.client.Node().Tx(ctx, hash)
	if err != nil || record != nil {
		return false, err
	}
	if s.Global.Wait > 0 {
		s.Progress(s.Say("no block holds it yet, and it was not made in this home: waiting for it %s at most",
			"还没有区块记入它,它也不是这个主目录发出的:最多等%s", s.Global.Wait))
	}
	return true, nil
}

func (s money) txDecode(ctx context.Context, text string) error {
	hash, err := contract.ParseHash(text)
	if err != nil {
		c, err := s.readTx(text)
		if err != nil {
			return err
		}
		return s.showTx(c, nil)
	}
	c, err := s.Client(ctx)
	if err != nil {
		return err
	}
	record, err := c.Tx(ctx, hash)
	if err != nil {
		return err
	}
	if record == nil {
		return Fail(ExitRefused, "unknown_tx", "tx %s: in no block", hash).about(hash)
	}
	return s.showRecord(ctx, c.Node(), hash, record)
}

// showRecord shows a tx as a node has it.
func (s money) showRecord(
	ctx context.Context, client *rpc.Client, hash contract.Hash, record *query.TxRecord,
) error {
	wire, err := client.Wire(ctx, hash, record)
	if err != nil {
		return err
	}
	tx, err := contract.DecodeTx(wire)
	if err != nil {
		return err
	}
	return s.showTx(&files.Tx{Tx: tx}, record)
}

func (s money) showTx(c *files.Tx, record *query.TxRecord) error {
	tx := c.Tx
	out := txJSON{
		Tx: contract.TxHash(tx.Encode()), Chain: tx.Chain, Account: tx.Account, Nonce: tx.Nonce,
		ValidUntil: tx.ValidUntil,
		Kind:       contract.KindName(tx.Message), Text: s.says(c),
		Signed: contract.Schnorr{}.Verify(tx.Account, tx.Digest(), tx.Signature),
	}
	if about := refOf(tx); about.Packet != (contract.PacketID{}) {
		out.Packet, out.Share = &about.Packet, about.Share
	}
	if record != nil {
		out.Code = record.Code.String()
		if record.Height != 0 {
			out.Height, out.Time = &record.Height, &record.Time
		}
	}
	s.Result(out, func(w io.Writer) { printLines(w, s.txLines(c, &out, record)) })
	return nil
}

func (s money) txLines(c *files.Tx, out *txJSON, record *query.TxRecord) (lines []string) {
	say := func(en, zh string, args ...any) { lines = append(lines, s.Say(en, zh, args...)) }
	if c.Signed() {
		say("tx      %s", "交易  %s", out.Tx)
	}
	say("%-7[1]s by %[2]s, nonce %[3]d, valid until %[4]s", "%[5]s  %[2]s,序号%[3]d,%[4]s前有效",
		out.Kind, s.name(out.Account), out.Nonce, clock(out.ValidUntil), words.Kind(s.Lang(), out.Kind))
	if out.Packet != nil {
		say("packet  %s", "红包  %s", ref{*out.Packet, out.Share})
	}
	for _, line := range out.Text {
		say("        %s", "      %s", line)
	}
	switch {
	case !c.Signed():
		say("not signed", "还没有签字")
	case !out.Signed:
		say("its signature is not good", "签字不对")
	}
	if record != nil {
		came := s.Say("ok", "成功")
		if record.Code != contract.CodeOK {
			row := words.CodeNamed(record.Code.String())
			came = s.Say("%[1]s", "%[2]s(%[1]s)", record.Code, row.Said.In(s.Lang()))
		}
		if record.Height == 0 { // with --trust, of one that failed
			say("block   not proven: %s", "区块  没有证明:%s", came)
		} else {
			say("block   %d, %s: %s", "区块  %d,%s:%s", record.Height, clock(record.Time), came)
		}
	}
	return lines
}
