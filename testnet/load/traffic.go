package load

import (
	"fmt"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"

	"hongbao/contract"
)

const (
	claimersPerGroup = 4
	GroupSize        = 1 + claimersPerGroup
	shares           = claimersPerGroup + 1 // one is left to recall
	shareAmount      = contract.Amount(2)
	payAmount        = contract.Amount(1)
	txsPerRound      = 1 + claimersPerGroup + 1 + 1 // send, claims, recall, pay

	// grant is what a group account starts with: the least that creates a
	// leaf, and many rounds' worth of fen.
	grant = contract.Amount(1000)

	validFor = 9 * time.Minute // under the ledger's 10, with room for clocks
)

// signed is a tx ready to go.
type signed struct {
	kind string
	wire []byte
	hash contract.Hash
}

// round is one story, in steps; the txs of a step go out together.
type round [][]signed

// account signs for one key and counts its nonces.
type account struct {
	key   *btcec.PrivateKey
	addr  contract.Address
	nonce uint64
}

// newAccount derives an account from a run's seed.
func newAccount(seed contract.Hash, group, member int) *account {
	secret := contract.TaggedHash(contract.TagDevKey, seed[:], fmt.Appendf(nil, "load %d.%d", group, member))
	key, _ := btcec.PrivKeyFromBytes(secret[:])
	return &account{key: key, addr: contract.AddressOf(key)}
}

func (a *account) sign(chain string, validUntil contract.Time, m contract.Message) (signed, error) {
	tx := &contract.Tx{Chain: chain, Nonce: a.nonce, ValidUntil: validUntil, Message: m}
	if err := tx.Sign(a.key); err != nil {
		return signed{}, err
	}
	a.nonce++
	wire := tx.Encode()
	return signed{kind: contract.KindName(m), wire: wire, hash: contract.TxHash(wire)}, nil
}

// group is one sender and its claimers.
type group struct{ members [GroupSize]*account }

// sign makes a group's next round.
func (g *group) sign(chain string, validUntil contract.Time) (r round, err error) {
	step := func(a *account, m contract.Message) {
		tx, signErr := a.sign(chain, validUntil, m)
		if signErr != nil {
			err = signErr
		}
		r[len(r)-1] = append(r[len(r)-1], tx)
	}
	next := func() { r = append(r, nil) }

	sender := g.members[0]
	terms := contract.Terms{
		Total: shares * shareAmount, Shares: shares, Split: contract.Equal,
		Claim: contract.Rule{Cond: contract.Always{}},
		Clauses: []contract.Clause{{Target: contract.Rest,
			When: contract.Rule{Cond: contract.All{contract.Sender{}, contract.Within{For: 3600}}}}},
		Expiry: 24 * 3600,
	}
	id := contract.NewPacketID(chain, sender.addr, sender.nonce)
	next()
	step(sender, &contract.Send{Terms: terms})
	next()
	for _, m := range g.members[1:] {
		step(m, &contract.Claim{Packet: id, TermsHash: terms.Hash(chain)})
	}
	next()
	step(sender, &contract.Recall{Packet: id, Clause: 1, Reason: "AM09"})
	next()
	step(sender, &contract.Pay{To: g.members[1].addr, Amount: payAmount})
	return r, err
}
