package audit

import (
	"bytes"
	"errors"

	"hongbao/contract"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmttypes "github.com/cometbft/cometbft/types"
)

// checkHeader establishes v.header: the header of the block after the proven
// state, signed by more than 2/3 of the trusted validators' power. Without
// trust for its chain it only establishes that the file is consistent, and
// notes the doubt and leaves v.trust nil.
func (v *verifier) checkHeader() (*Finding, error) {
	h, err := decodeHeader(v.file.SignedHeader)
	if err != nil {
		return nil, in("header", err)
	}
	v.header = h
	switch {
	case h.ChainID != v.file.ChainID:
		return nil, atHeader(h, fault("header_chain", "chain", h.ChainID, "want", v.file.ChainID))
	case h.Height-1 != v.file.Height:
		return nil, atHeader(h, fault("header_height", "state", h.Height-1, "want", v.file.Height))
	}
	if why := v.trust.unfit(h.Header); why != nil {
		v.distrust("trust", why)
		v.trust = nil
		return nil, nil
	}
	if h.Time.Before(v.opts.At) {
		v.distrust("age", found("header_old", "height", h.Height, "time", h.Time.UTC(), "at", v.opts.At.UTC()))
	}
	validators := v.trust.ValidatorSet()
	if err := checkCommit(h, validators); err != nil {
		return nil, atHeader(h, err)
	}
	signed := 0
	for _, s := range h.Commit.Signatures {
		if s.BlockIDFlag == cmttypes.BlockIDFlagCommit {
			signed++
		}
	}
	return found("signed", "height", h.Height, "signed", signed, "validators", validators.Size()), nil
}

// unfit is why t, which may be nil, cannot judge h; nil when it can.
func (t *Trust) unfit(h *cmttypes.Header) *Finding {
	if t == nil {
		return found("no_trust", "height", h.Height, "chain", h.ChainID)
	}
	if err := t.check(); err != nil {
		return &Finding{Code: "trust_unusable", Cause: err}
	}
	if t.ChainID != h.ChainID {
		return found("trust_chain", "chain", t.ChainID, "want", h.ChainID)
	}
	return nil
}

func atHeader(h *cmttypes.SignedHeader, err error) error {
	return within(err, "header", "height", h.Height)
}

// decodeHeader reads a signed header whose commit is for that very header, at
// the same height. Who signed it is not judged here.
func decodeHeader(b []byte) (*cmttypes.SignedHeader, error) {
	var pb cmtproto.SignedHeader
	if err := pb.Unmarshal(b); err != nil {
		return nil, fault("header_protobuf")
	}
	h, err := cmttypes.SignedHeaderFromProto(&pb)
	if err != nil {
		return nil, err
	}
	if h.Header == nil || h.Commit == nil {
		return nil, fault("header_part_missing")
	}
	// Protobuf skips fields it does not know and has many spellings.
	if again, err := h.ToProto().Marshal(); err != nil || !bytes.Equal(again, b) {
		return nil, fault("header_spelling")
	}
	if len(h.ValidatorsHash) == 0 || len(h.Commit.BlockID.Hash) == 0 {
		return nil, fault("header_hash_missing") // a header without validators has no hash of its own
	}
	if at := contract.TimeOf(h.Time); at < 0 || !at.Std().Equal(h.Time) {
		return nil, fault("header_time")
	}
	return h, h.ValidateBasic(h.ChainID)
}

// checkCommit makes sure that the header names the trusted validators and that
// they signed it: every vote in the commit is verified, also those for no
// block, and those for this block must hold more than 2/3 of the power.
func checkCommit(h *cmttypes.SignedHeader, trusted *cmttypes.ValidatorSet) error {
	if !bytes.Equal(h.ValidatorsHash, trusted.Hash()) {
		return fault("header_validators")
	}
	err := cmttypes.VerifyCommit(h.ChainID, trusted, h.Commit.BlockID, h.Height, h.Commit)
	var few cmttypes.ErrNotEnoughVotingPowerSigned
	if errors.As(err, &few) {
		return fault("commit_few", "power", few.Got, "total", trusted.TotalVotingPower())
	}
	return err
}
