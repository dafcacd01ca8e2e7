package testnet

import (
	"encoding/base64"
	"hongbao/contract"
	"hongbao/node"

	"github.com/cometbft/cometbft/types"
)

// trustJSON is the trust file's form (docs/format.md).
type trustJSON struct {
	Format      string                    `json:"format"`
	ChainID     string                    `json:"chain_id"`
	GenesisHash string                    `json:"genesis_hash"`
	Validators  []trustValidator          `json:"validators"`
	Arbiters    []contract.GenesisArbiter `json:"arbiters"`
	Dev         bool                      `json:"dev"`
}

type trustValidator struct {
	Name   string `json:"name"`
	PubKey string `json:"pub_key"` // base64, ed25519
	Power  int64  `json:"power"`
	VRFKey string `json:"vrf_key"` // hex
}

// writeTrust says in the verifier's words what the genesis says.
func writeTrust(path string, genesis []byte) error {
	doc, err := types.GenesisDocFromJSON(genesis)
	if err != nil {
		return err
	}
	state, err := contract.ParseGenesis(doc.AppState)
	if err != nil {
		return err
	}
	vrf := map[string]string{}
	for _, v := range state.Validators {
		vrf[v.Address] = v.VRFKey
	}
	t := trustJSON{
		Format: "hongbao-trust/1", ChainID: doc.ChainID, GenesisHash: node.GenesisHash(genesis),
		Arbiters: append([]contract.GenesisArbiter{}, state.Arbiters...), Dev: state.Dev,
	}
	for _, v := range doc.Validators {
		t.Validators = append(t.Validators, trustValidator{
			v.Name, base64.StdEncoding.EncodeToString(v.PubKey.Bytes()), v.Power, vrf[v.Address.String()],
		})
	}
	return writeJSON(path, t)
}
