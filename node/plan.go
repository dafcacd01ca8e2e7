package node

import (
	"github.com/cometbft/cometbft/privval"
	voi "github.com/oasisprotocol/curve25519-voi/primitives/ed25519"

	"hongbao/contract"
)

// ProveKeys shows that the home in dir has the secret halves of its validator key
// and its VRF key, so that a plan may let it in.
func ProveKeys(dir, chain string) (v contract.Validator, proof contract.KeyProof, err error) {
	pv, err := fileKey(dir)
	if err != nil {
		return v, proof, err
	}
	vrf, err := LoadVRFKey(dir)
	if err != nil {
		return v, proof, err
	}
	v.PubKey = [32]byte(pv.Key.PubKey.Bytes())
	v.VRFKey = [32]byte(vrf.Public().(voi.PublicKey))
	proof, err = contract.NewKeyProof(chain, v.PubKey,
		func(h contract.Hash) ([]byte, error) { return pv.Key.PrivKey.Sign(h[:]) }, vrf)
	return v, proof, err
}

// ApprovePlan signs a plan with the validator key of the home in dir, which must be
// among set's.
func ApprovePlan(dir, chain string, set contract.ValidatorSet, p *contract.Plan) (a contract.Approval, err error) {
	pv, err := fileKey(dir)
	if err != nil {
		return a, err
	}
	digest := p.Digest(chain)
	for i, v := range set {
		if v.PubKey != [32]byte(pv.Key.PubKey.Bytes()) {
			continue
		}
		signature, err := pv.Key.PrivKey.Sign(digest[:])
		if err != nil {
			return a, err
		}
		return contract.Approval{Validator: uint32(i), Signature: [64]byte(signature)}, nil
	}
	return a, errorf(CodeNoVote, dir, "node home %s: its validator %s is not among those who decide on plan %d", dir,
		pv.Key.Address, p.Number)
}

func fileKey(dir string) (*privval.FilePV, error) {
	c := DefaultConfig(dir)
	if err := checkValidatorKey(c); err != nil {
		return nil, err
	}
	return privval.LoadFilePVEmptyState(c.PrivValidatorKeyFile(), c.PrivValidatorStateFile()), nil
}
