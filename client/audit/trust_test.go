package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"hongbao/contract"

	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/crypto/secp256k1"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	cmttypes "github.com/cometbft/cometbft/types"
)

func writeTrust(t testing.TB, trust *Trust) string {
	t.Helper()
	var b bytes.Buffer
	must(t, trust.Write(&b))
	return b.String()
}

// Reading is the inverse of writing, and white space is free.
func TestTrustFile(t *testing.T) {
	trust := newValidators(5, 10).trust()
	trust.Validators[0].Name = "一号 <one> & only"
	trust.Arbiters = []TrustArbiter{{"lin", address("lin")}, {"王", address("wang")}}
	good := writeTrust(t, trust)
	var compact bytes.Buffer
	must(t, json.Compact(&compact, []byte(good)))
	for _, s := range []string{good, compact.String(), good + "\n\n", strings.ReplaceAll(good, "  ", "\t")} {
		again, err := ReadTrust(strings.NewReader(s))
		if err != nil {
			t.Errorf("%s\n%v", s, err)
		} else if writeTrust(t, again) != good {
			t.Errorf("read as %+v", again)
		}
	}
	if set := trust.inOrder(); len(set) != 2 || set[0].power != 10 || set[1].power != 5 {
		t.Errorf("%v", set)
	}
}

func TestTrustOfAValidatorTwiceIsNotWritten(t *testing.T) {
	twice := newValidators(5, 10).trust()
	twice.Validators[0].PubKey = twice.Validators[1].PubKey
	if err := twice.Write(new(bytes.Buffer)); err == nil {
		t.Error("a validator twice can be written")
	}
}

// What trust init makes of a genesis is what the genesis says.
func TestTrustFromGenesis(t *testing.T) {
	keys := newValidators(10, 10).Keys
	vrf := []string{strings.Repeat("ab", 32), strings.Repeat("cd", 32)}
	state := contract.Genesis{
		Params:   contract.DefaultParams(),
		Accounts: []contract.GenesisAccount{{Address: address("alice"), Balance: 1}},
		Arbiters: []contract.GenesisArbiter{{Name: "lin", Address: address("lin")}},
		Dev:      true,
	}
	doc := &cmttypes.GenesisDoc{GenesisTime: genesisTime, ChainID: "hongbao-1"}
	for i, k := range keys {
		a := k.PubKey().Address()
		// Listed in another order than the validators.
		state.Validators = append([]contract.GenesisValidator{{Address: a.String(), VRFKey: vrf[i]}},
			state.Validators...)
		doc.Validators = append(doc.Validators,
			cmttypes.GenesisValidator{Address: a, PubKey: k.PubKey(), Power: int64(7 + i), Name: "node"})
	}
	var err error
	doc.AppState, err = json.Marshal(state)
	must(t, err)
	file := func() []byte {
		b, err := cmtjson.Marshal(doc)
		must(t, err)
		named, _, err := contract.NameGenesis(b, doc.ChainID)
		must(t, err)
		return named
	}

	trust, err := TrustFromGenesis(file())
	must(t, err)
	bare, err := cmtjson.Marshal(doc)
	must(t, err)
	if hash := fmt.Sprintf("%x", sha256.Sum256(bare)); trust.GenesisHash.String() != hash ||
		trust.ChainID != "hongbao-1-"+hash[:20] || !trust.Dev {
		t.Errorf("%+v", trust)
	}
	for i, v := range trust.Validators {
		if !bytes.Equal(v.PubKey, keys[i].PubKey().Bytes()) || v.Power != int64(7+i) || v.VRFKey != vrf[i] ||
			v.Name != "node" {
			t.Errorf("validator %d: %+v", i, v)
		}
	}
	if len(trust.Arbiters) != 1 || trust.Arbiters[0] != (TrustArbiter{"lin", address("lin")}) {
		t.Errorf("%+v", trust.Arbiters)
	}
	set := cmttypes.NewValidatorSet([]*cmttypes.Validator{
		cmttypes.NewValidator(keys[0].PubKey(), 7), cmttypes.NewValidator(keys[1].PubKey(), 8),
	})
	if !bytes.Equal(set.Hash(), hashOf(trust.inOrder())) {
		t.Error("the set hashes differently from CometBFT's")
	}
	if again, err := ReadTrust(strings.NewReader(writeTrust(t, trust))); err != nil ||
		writeTrust(t, again) != writeTrust(t, trust) {
		t.Errorf("%v", err)
	}

	if _, err := TrustFromGenesis(append(file(), ' ')); contract.CodeOf(err) != contract.CodeBadGenesis {
		t.Errorf("a genesis that was changed is taken: %v", err)
	}
	doc.Validators[0].PubKey = secp256k1.GenPrivKey().PubKey()
	if _, err := TrustFromGenesis(file()); err == nil {
		t.Error("a key that is not ed25519 is taken")
	}
	doc.Validators[0].PubKey = ed25519.GenPrivKey().PubKey() // has no VRF key
	if _, err := TrustFromGenesis(file()); err == nil {
		t.Error("a validator without a VRF key is taken")
	}
	doc.AppState = []byte("{}")
	if _, err := TrustFromGenesis(file()); err == nil {
		t.Error("an app_state that is none is taken")
	}
}
