package cli

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"hongbao/app/query"
	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/contract"
)

func (s *Session) txCommand() *cobra.Command {
	tx := &cobra.Command{Use: "tx", Short: "Transactions themselves", GroupID: groupLook, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	tx.AddCommand(
		s.command("", "wait HASH", "Find out how a transaction ended, offering it again if it was dropped", cobra.ExactArgs(1),
			func(ctx context.Context, args []string) error { return s.txWait(ctx, args[0]) }),
		s.command("", "decode HASH | FILE | -", "Say what a transaction says", cobra.ExactArgs(1),
			func(ctx context.Context, args []string) error { return s.txDecode(ctx, args[0]) }),
	)
	return tx
}

type txJSON struct {
	Tx         contract.Hash      `json:"tx"`
	Chain      string             `json:"chain_id"`
	Account    contract.Address   `json:"account"`
	Nonce      uint64             `json:"nonce"`
	ValidUntil contract.Time      `json:"valid_until"`
	Kind       string             `json:"kind"`
	Packet     *contract.PacketID `json:"packet,omitempty"`
	Share      uint32             `json:"share,omitempty"`
	Signed     bool               `json:"signed"` // its signature is good
	Height     *int64             `json:"height"` // null: in no block
	Time       *contract.Time     `json:"time"`
	Code       string             `json:"code,omitempty"` // ok, or why it failed in its block
}

func (s *Session) txWait(ctx context.Context, text string) error {
	hash, err := contract.ParseHash(strings.ToLower(text))
	if err != nil {
		return usagef("tx wait: %v", err)
	}
	client, err := s.Node(ctx)
	if err != nil {
		return err
	}
	pending, err := s.Keys().FindPending(hash)
	if err != nil {
		return err
	}
	if pending == nil || pending.Chain != s.chain {
		// Not of this home, or settled already: only the chain can tell.
		pending = &wallet.Pending{Chain: s.chain, Tx: hash}
		record, _, err := client.Tx(ctx, hash)
		if err != nil {
			return err
		}
		if record == nil && s.Global.Wait == 0 {
			return s.withTx(Fail(ExitUnknown, "outcome_unknown", "tx %s: in no block yet", hash), hash)
		}
	}
	record, err := s.await(ctx, client, pending)
	if err != nil {
		return err
	}
	return s.showTx(hash, record.Wire, record)
}

func (s *Session) txDecode(ctx context.Context, text string) error {
	if hash, err := contract.ParseHash(text); err == nil {
		client, err := s.Node(ctx)
		if err != nil {
			return err
		}
		record, _, err := client.Tx(ctx, hash)
		if err != nil {
			return err
		}
		if record == nil {
			return s.withTx(Fail(ExitRefused, "unknown_tx", "tx %s: in no block", hash), hash)
		}
		return s.showTx(hash, record.Wire, record)
	}
	wire, err := s.readTx(text)
	if err != nil {
		return err
	}
	return s.showTx(contract.TxHash(wire), wire, nil)
}

// readTx reads a tx from a file or from stdin, as bytes or in hex.
func (s *Session) readTx(path string) (b []byte, err error) {
	in := s.Stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, Fail(ExitUsage, "unreadable", "%v", err)
		}
		defer f.Close()
		in = f
	}
	b, err = io.ReadAll(io.LimitReader(in, 4*contract.MaxTxBytes))
	if err != nil {
		return nil, Fail(ExitUsage, "unreadable", "%v", err)
	}
	if raw, err := hex.DecodeString(strings.TrimSpace(string(b))); err == nil {
		return raw, nil
	}
	return b, nil
}

func (s *Session) showTx(hash contract.Hash, wire []byte, record *query.TxRecord) error {
	tx, err := contract.DecodeTx(wire)
	if err != nil {
		return err
	}
	if contract.TxHash(wire) != hash {
		return &rpc.Error{Kind: rpc.BadAnswer, Msg: "node: answers another transaction than the one asked for"}
	}
	out := txJSON{
		Tx: hash, Chain: tx.Chain, Account: tx.Account, Nonce: tx.Nonce, ValidUntil: tx.ValidUntil,
		Kind: contract.KindName(tx.Message), Signed: contract.Schnorr{}.Verify(tx.Account, tx.Digest(), tx.Signature),
	}
	if about := refIn(tx); about.Packet != (contract.PacketID{}) {
		out.Packet, out.Share = &about.Packet, about.Share
	}
	if record != nil {
		out.Height, out.Time, out.Code = &record.Height, &record.Time, record.Code.String()
	}
	s.Result(out, func(w io.Writer) {
		fmt.Fprintf(w, "tx      %s\n%-7s by %s, nonce %d, valid until %s\n", hash, out.Kind, s.name(tx.Account), tx.Nonce, clock(tx.ValidUntil))
		if out.Packet != nil {
			fmt.Fprintf(w, "packet  %s\n", ref{*out.Packet, out.Share})
		}
		if !out.Signed {
			fmt.Fprintln(w, "its signature is not good")
		}
		if record != nil {
			fmt.Fprintf(w, "block   %d, %s: %s\n", record.Height, clock(record.Time), record.Code)
		}
	})
	return nil
}
