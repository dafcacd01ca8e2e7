package cli

import (
	"context"
	"fmt"
	"io"

	"hongbao/client/words"
	"hongbao/contract"
)

// luckiestJSON is the share that drew the most of a packet (手气最佳).
type luckiestJSON struct {
	Share   uint32           `json:"share"`
	Claimer contract.Address `json:"claimer"`
	Amount  fen              `json:"amount_fen"`
}

// luckiest is nil where there is none, or none yet. What a node says may be a full
// packet without shares.
func luckiest(p *contract.Packet) *luckiestJSON {
	n := p.Luckiest()
	if p.ShareAt(n) == nil {
		return nil
	}
	share := p.ShareAt(n)
	return &luckiestJSON{Share: n, Claimer: share.Claimer, Amount: fen(share.Amount)}
}

func (s look) printLuckiest(w io.Writer, l *luckiestJSON) {
	fmt.Fprintln(w, s.Say("luck    %s", "%s",
		words.Luckiest(s.Lang(), s.name(l.Claimer), contract.Amount(l.Amount), l.Share)))
}

// oneValidator reports whether the chain has a single validator, who can choose
// what a lucky packet's draws give: as the trust file says, if one is given, or
// else as the node does.
func (s look) oneValidator(ctx context.Context, p *contract.Packet) (bool, error) {
	if p.Terms.Split != contract.Lucky {
		return false, nil
	}
	c, err := s.Client(ctx)
	if err != nil {
		return false, err
	}
	g, err := c.Genesis(ctx)
	if err != nil {
		return false, err
	}
	return g.Validators == 1, nil
}

// beaconJSON is what the shares that one block reserved were drawn with. Block
// and proposer are CometBFT's: the hash of the block that reserved, and who
// proposed the one that drew.
type beaconJSON struct {
	Hash     contract.Hash `json:"hash"`     // what the draws' entries name
	Height   int64         `json:"height"`   // of the block that reserved, one before the draws
	Block    contract.Hash `json:"block"`    // its hash
	Proposer string        `json:"proposer"` // in the header of the block after it, in hex
	Proof    string        `json:"proof"`    // the proposer's VRF proof (RFC 9381), in hex
}

// beacons are those that entries were drawn with, in order.
func (s look) beacons(ctx context.Context, entries []contract.Entry) ([]beaconJSON, error) {
	c, err := s.Client(ctx)
	if err != nil {
		return nil, err
	}
	out := []beaconJSON{}
	for i := range entries {
		e := &entries[i]
		if e.Beacon == nil || len(out) > 0 && out[len(out)-1].Hash == *e.Beacon {
			continue
		}
		b, err := c.Node().Beacon(ctx, e.Height-1)
		if err != nil {
			return nil, err
		}
		if b == nil || b.Hash() != *e.Beacon {
			return nil, c.Node().BadAnswerf("entry %d names beacon %s of block %d, which it does not have",
				e.Seq, e.Beacon, e.Height-1)
		}
		out = append(out, beaconJSON{b.Hash(), b.Height, b.Block, fmt.Sprintf("%X", b.Proposer),
			fmt.Sprintf("%x", b.Proof)})
	}
	return out, nil
}
