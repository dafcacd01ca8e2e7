package wallet

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"math/rand/v2"
	"os"
	"testing"

	"hongbao/contract"
)

// signed is a file for the page's tests: keys and signatures of this package, which
// the page has to make again, byte for byte.
var signed = flag.String("signed", "", "write what is signed to this file, for client/web/page/run-tests")

// signedVectors are what the page makes again.
type signedVectors struct {
	Chain      string         `json:"chain"`
	Passphrase string         `json:"passphrase"`
	Words      string         `json:"words"`
	File       keyFile        `json:"file"` // of these words, under the passphrase
	Address    string         `json:"address"`
	Secret     string         `json:"secret"` // behind the address, in hex
	Txs        []signedVector `json:"txs"`
}

type signedVector struct {
	Secret  string `json:"secret"`
	Address string `json:"address"`
	Wire    string `json:"wire"`
}

// The page signs what the command line signs: client/web/page/run-tests reads the file.
func TestVectorsForThePage(t *testing.T) {
	const chain, passphrase = "hongbao-test-1", "Paßwort 口令 é"
	k := Open(t.TempDir())
	k.Work = 10 // the least dear that scrypt of age takes: reading it is the same
	k.Passphrase = func(string) (string, error) { return passphrase, nil }
	name, err := k.Import("mia", abandon, k.Passphrase)
	if err != nil {
		t.Fatal(err)
	}
	out := signedVectors{Chain: chain, Passphrase: passphrase, Words: abandon, Address: name.Address.String()}
	if out.File, err = k.read("mia"); err != nil {
		t.Fatal(err)
	}
	secret, err := secretAt(abandon, 0)
	if err != nil {
		t.Fatal(err)
	}
	out.Secret = hex.EncodeToString(secret.Serialize())

	rng := rand.New(rand.NewPCG(1, 2))
	scenes := contract.Scenes()
	for i := range 200 {
		key := DevKey(DevNames[i%len(DevNames)])
		if i%2 == 0 {
			if key, err = secretAt(abandon, uint32(i)); err != nil {
				t.Fatal(err)
			}
		}
		var link contract.Signature
		for j := range link {
			link[j] = byte(rng.Uint32())
		}
		id := contract.PacketID{byte(i), 1}
		scene := &scenes[i%len(scenes)]
		var roles []contract.Address
		for j := range scene.Roles {
			roles = append(roles, contract.AddressOf(DevKey(DevNames[j])))
		}
		clauses, err := scene.ClausesFor(roles)
		if err != nil {
			t.Fatal(err)
		}
		linkKey := new([32]byte)
		*linkKey = contract.AddressOf(key)
		consent := contract.Consent{Account: contract.AddressOf(key), ValidUntil: contract.Time(rng.Uint64N(1 << 62)),
			Signature: link}
		messages := []contract.Message{
			&contract.Pay{To: contract.Address{byte(i)}, Amount: contract.Amount(rng.Uint32())},
			&contract.Claim{Packet: id, TermsHash: contract.Hash{byte(i), 2}, Link: &link},
			&contract.Claim{Packet: id, TermsHash: contract.Hash{byte(i), 3}},
			&contract.Recall{Packet: id, Clause: 1, Reason: "AM09", Consents: []contract.Consent{}},
			&contract.Return{Packet: id, Share: 3},
			&contract.Answer{Packet: id, Share: 3, Accept: true},
			&contract.Answer{Packet: id, Share: 100},
			&contract.Ask{Packet: id, Share: 1, Reason: "AC03"},
			&contract.Ask{Packet: id, Share: 2},
			&contract.Tighten{Packet: id, Clauses: []contract.Clause{}},
			&contract.Tighten{Packet: id, Clauses: clauses},
			&contract.Recall{Packet: id, Clause: 2, Share: 1, Reason: "FRAD",
				Consents: []contract.Consent{consent, consent}},
			&contract.Send{Terms: contract.Terms{Total: contract.Amount(1 + rng.Uint32()), Shares: uint32(1 + i%100),
				Split: contract.Lucky, Claim: contract.Rule{Cond: contract.Link{}},
				LinkKey: linkKey, Hold: scene.Hold, Clauses: clauses,
				Expiry: scene.Expiry, Scene: scene.Name, Memo: &contract.Hash{byte(i), 4}}},
		}
		tx := &contract.Tx{Chain: chain, Account: contract.AddressOf(key), Nonce: rng.Uint64N(1 << 40),
			ValidUntil: contract.Time(rng.Uint64N(1 << 62)), Message: messages[i%len(messages)]}
		if err := tx.Sign(key); err != nil {
			t.Fatal(err)
		}
		out.Txs = append(out.Txs, signedVector{hex.EncodeToString(key.Serialize()), tx.Account.String(),
			hex.EncodeToString(tx.Encode())})
	}
	if *signed == "" {
		return
	}
	b, err := json.Marshal(out)
	if err == nil {
		err = os.WriteFile(*signed, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
