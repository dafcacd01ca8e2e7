package audit

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"hongbao/contract"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmttypes "github.com/cometbft/cometbft/types"
)

// checkHeader establishes v.header: the header of the block after the proven
// state, signed by more than 2/3 of the trusted validators' power. Without
// trust for its chain it only establishes that the file is consistent, and
// notes the doubt and leaves v.trust nil.
func (v *verifier) checkHeader() (line, error) {
	h, err := decodeHeader(v.file.SignedHeader)
	if err != nil {
		return line{}, fmt.Errorf("header: %w", err)
	}
	v.header = h
	switch {
	case h.ChainID != v.file.ChainID:
		return line{}, fmt.Errorf("header %d: is of chain %q, the proof of %q", h.Height, h.ChainID, v.file.ChainID)
	case h.Height-1 != v.file.Height:
		return line{}, fmt.Errorf("header %d: holds the state after block %d, the proof is of %d", h.Height, h.Height-1, v.file.Height)
	}
	if doubt := v.trust.doubt(h.Header); doubt != "" {
		v.doubt("trust", "%s", doubt)
		v.trust = nil
		return line{}, nil
	}
	if h.Time.Before(v.opts.At) {
		v.doubt("age", "header %d is of %s, older than %s", h.Height, rfc3339(h.Time), rfc3339(v.opts.At))
	}
	validators := v.trust.ValidatorSet()
	if err := checkCommit(h, validators); err != nil {
		return line{}, fmt.Errorf("header %d: %w", h.Height, err)
	}
	signed := 0
	for _, s := range h.Commit.Signatures {
		if s.BlockIDFlag == cmttypes.BlockIDFlagCommit {
			signed++
		}
	}
	return both("header %d signed by %d of %d (> 2/3)", "区块头 %d 由 %d/%d 个验证人签名(超过 2/3)", h.Height, signed, validators.Size()), nil
}

// doubt is why t, which may be nil, cannot judge h; empty when it can.
func (t *Trust) doubt(h *cmttypes.Header) string {
	switch {
	case t == nil:
		return fmt.Sprintf("no trust file says who may sign header %d of %s", h.Height, h.ChainID)
	case t.check() != nil:
		return fmt.Sprintf("the trust file is unusable: %v", t.check())
	case t.ChainID != h.ChainID:
		return fmt.Sprintf("the trust file is for chain %s, the proof is of %s", t.ChainID, h.ChainID)
	}
	return ""
}

func rfc3339(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// decodeHeader reads a signed header whose commit is for that very header, at
// the same height. Who signed it is not judged here.
func decodeHeader(b []byte) (*cmttypes.SignedHeader, error) {
	var pb cmtproto.SignedHeader
	if err := pb.Unmarshal(b); err != nil {
		return nil, errors.New("not a CometBFT signed header")
	}
	h, err := cmttypes.SignedHeaderFromProto(&pb)
	if err != nil {
		return nil, err
	}
	if h.Header == nil || h.Commit == nil {
		return nil, errors.New("header or commit is missing")
	}
	// Protobuf skips fields it does not know and has many spellings.
	if again, err := h.ToProto().Marshal(); err != nil || !bytes.Equal(again, b) {
		return nil, errors.New("not the one encoding of a signed header")
	}
	if len(h.ValidatorsHash) == 0 || len(h.Commit.BlockID.Hash) == 0 {
		return nil, errors.New("a hash is missing") // a header without validators has no hash of its own
	}
	if at := contract.TimeOf(h.Time); at < 0 || !at.Std().Equal(h.Time) {
		return nil, errors.New("its time is before 1970 or after 2262")
	}
	return h, h.ValidateBasic(h.ChainID)
}

// checkCommit makes sure that the header names the trusted validators and that
// they signed it: every vote in the commit is verified, also those for no
// block, and those for this block must hold more than 2/3 of the power.
func checkCommit(h *cmttypes.SignedHeader, trusted *cmttypes.ValidatorSet) error {
	if !bytes.Equal(h.ValidatorsHash, trusted.Hash()) {
		return errors.New("its validators are not the trusted ones")
	}
	err := cmttypes.VerifyCommit(h.ChainID, trusted, h.Commit.BlockID, h.Height, h.Commit)
	var few cmttypes.ErrNotEnoughVotingPowerSigned
	if errors.As(err, &few) {
		return fmt.Errorf("signed by %d of %d in power, not more than 2/3", few.Got, trusted.TotalVotingPower())
	}
	return err
}
