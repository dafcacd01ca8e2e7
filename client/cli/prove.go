package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/cometbft/cometbft/types"
	"github.com/spf13/cobra"

	"hongbao/client/audit"
	"hongbao/client/rpc"
	"hongbao/contract"
)

func (s *Session) proveCommand() *cobra.Command {
	var out string
	c := s.command(groupProof, "prove REF -o FILE", "Make a file that proves a packet's whole life offline", cobra.ExactArgs(1),
		func(ctx context.Context, args []string) error { return s.prove(ctx, args[0], out) })
	c.Flags().StringVarP(&out, "out", "o", "", "where to write the proof")
	return c
}

type provedJSON struct {
	File      string            `json:"file"`
	Packet    contract.PacketID `json:"packet"`
	Height    int64             `json:"height"` // the state that is proven is the one after this block
	Bytes     int               `json:"bytes"`  // of the file
	Verdict   audit.Verdict     `json:"verdict"`
	Statement string            `json:"statement"`
}

func (s *Session) prove(ctx context.Context, text, out string) error {
	if out == "" {
		return usagef("prove: into which file? name it with -o")
	}
	r, err := s.parseRef(ctx, text)
	if err != nil {
		return err
	}
	if r.Share != 0 {
		return &Error{Code: contract.CodeUnsupported.String(), Number: contract.CodeUnsupported, Exit: ExitRefused,
			Message: "proof of a share: not in this version yet", Hint: "prove the packet: it holds every share"}
	}
	file, err := s.buildProof(ctx, r.Packet)
	if err != nil {
		return err
	}
	b, err := file.Encode()
	if err != nil {
		return err
	}
	trust, err := s.trust()
	if err != nil {
		return err
	}
	// Nobody should hand on a proof that does not hold.
	report := audit.Verify(b, trust, audit.Options{})
	if report.Verdict == audit.Invalid {
		return Fail(ExitInvalid, "bad_answer", "node %s: what it answers proves nothing: %s", s.client.URL(), report.Statement)
	}
	if err := os.WriteFile(out, b, 0o644); err != nil {
		return Fail(ExitUsage, "cannot_write", "%v", err)
	}
	result := provedJSON{out, r.Packet, file.Height, len(b), report.Verdict, report.Statement}
	s.Result(result, func(w io.Writer) {
		fmt.Fprintf(w, "%s  %.1f kB: packet %s up to block %d\n", out, float64(len(b))/1000, r.Packet.Short(), file.Height)
	})
	s.Progress("hint: anybody can check it offline: %s verify %s --trust TRUST", Invocation(), out)
	return nil
}

// buildProof gathers what a packet's proof holds from the node.
func (s *Session) buildProof(ctx context.Context, id contract.PacketID) (*audit.File, error) {
	client, err := s.Node(ctx)
	if err != nil {
		return nil, err
	}
	proof, err := client.Prove(ctx, contract.PacketKey(id), 0)
	if err != nil {
		return nil, err
	}
	if len(proof.Value) == 0 {
		return nil, refusal(contract.CodeUnknownPacket, fmt.Sprintf("packet %s: unknown", id), 0)
	}
	var p contract.Packet
	if err := contract.Decode(proof.Value, &p); err != nil {
		return nil, err
	}
	entries, err := client.Entries(ctx, contract.PacketKey(id), 0, p.History.Count)
	if err != nil {
		return nil, err
	}
	hashes, err := audit.TxHashes(entries)
	if err != nil {
		return nil, err
	}
	var txs [][]byte
	for _, h := range hashes {
		record, _, err := client.Tx(ctx, h)
		if err != nil {
			return nil, err
		}
		if record == nil {
			return nil, Fail(ExitInternal, "bad_answer", "node %s: an entry names tx %s, which it does not have", client.URL(), h)
		}
		txs = append(txs, record.Wire)
	}
	heights, err := audit.BeaconHeights(entries)
	if err != nil {
		return nil, err
	}
	var beacons [][]byte
	for _, h := range heights {
		b, err := client.Beacon(ctx, h)
		if err != nil {
			return nil, err
		}
		if b == nil {
			return nil, Fail(ExitInternal, "bad_answer", "node %s: has no beacon for the shares that block %d reserved", client.URL(), h)
		}
		beacons = append(beacons, contract.Encode(b))
	}
	header, err := awaitHeader(ctx, client, proof.Height+1)
	if err != nil {
		return nil, err
	}
	return audit.BuildPacket(id, header, proof.Value, proof.ICS23, entries, txs, beacons)
}

// headerWait is how long the header that signs the newest state may take: an
// idle chain makes a block each second.
const headerWait = 15 * time.Second

// awaitHeader is the signed header of a height, once there is one.
func awaitHeader(ctx context.Context, client *rpc.Client, height int64) (*types.SignedHeader, error) {
	ctx, cancel := context.WithTimeout(ctx, headerWait)
	defer cancel()
	for {
		status, err := client.Status(ctx)
		if err == nil && status.Height >= height {
			return client.SignedHeader(ctx, height)
		}
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, Fail(ExitUnreachable, "no_new_block", "node %s: made no block after %d within %s; is the network halted?",
				client.URL(), height-1, headerWait)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
