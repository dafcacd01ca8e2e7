package cli

import (
	"fmt"
	"io"

	"hongbao/client/files"
	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
)

// readTx reads a tx from a file or from stdin: a tx file, or the wire form
// alone, as bytes or in hex.
func (s money) readTx(path string) (*files.Tx, error) {
	b, err := s.readInput(path, files.MaxTxBytes+1)
	if err != nil {
		return nil, Fail(ExitUsage, "unreadable", "%v", err)
	}
	f, err := files.ParseTx(b)
	if err != nil {
		return nil, Fail(ExitUsage, "bad_tx_file", "%s: %v", path, err)
	}
	return f, nil
}

// readInput reads a file, or stdin where path is -, up to so many bytes.
func (s *Session) readInput(path string, limit int64) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(io.LimitReader(s.Stdin, limit))
	}
	return readUpTo(path, limit)
}

func writeTxFile(path string, f *files.Tx) error {
	if err := wallet.WriteFile(path, f); err != nil {
		return Fail(ExitUsage, "cannot_write", "%v", err)
	}
	return nil
}

// carriedJSON is the result of --unsigned, and of tx sign.
type carriedJSON struct {
	File       string             `json:"file"`
	Signed     bool               `json:"signed"`       // false: its account has not signed yet
	Tx         *contract.Hash     `json:"tx,omitempty"` // once it is signed
	Account    contract.Address   `json:"account"`
	Nonce      uint64             `json:"nonce"`
	Kind       string             `json:"kind"` // of its message
	Packet     *contract.PacketID `json:"packet,omitempty"`
	ValidUntil contract.Time      `json:"valid_until"`
	Link       string             `json:"link,omitempty"` // of a send, where the link opens it
}

func newCarriedJSON(path string, tx *contract.Tx) carriedJSON {
	out := carriedJSON{File: path, Account: tx.Account, Nonce: tx.Nonce, Kind: contract.KindName(tx.Message),
		ValidUntil: tx.ValidUntil}
	if about := refOf(tx); about.Packet != (contract.PacketID{}) {
		out.Packet = &about.Packet
	}
	return out
}

func (s money) showUnsigned(tx *contract.Tx) error {
	out := newCarriedJSON(s.Global.Unsigned, tx)
	if _, ok := tx.Message.(*contract.Send); ok {
		link, err := links(s.Global.Home).kept(*out.Packet)
		if err != nil {
			return err
		}
		out.Link = link
	}
	s.Result(out, func(w io.Writer) {
		kind := words.Kind(s.Lang(), out.Kind)
		fmt.Fprintln(w, s.Say("%s  a %s by %s, not signed; may happen until %s",
			"%[1]s  %[3]s的交易(%[2]s),还没有签字,%[4]s前有效",
			out.File, kind, s.name(tx.Account), clock(tx.ValidUntil)))
		if out.Link != "" {
			fmt.Fprintln(w, s.Say("link    %s", "链接  %s", out.Link))
		}
	})
	s.hint(s.Say("where the key is: %[1]s tx sign %[2]s -o FILE, then here: %[1]s tx broadcast FILE",
		"到有私钥的地方:%[1]s tx sign %[2]s -o FILE,再回到这里:%[1]s tx broadcast FILE", s.Program(), out.File))
	return nil
}
