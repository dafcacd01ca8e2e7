package audit

import (
	"bytes"
	"slices"

	"hongbao/contract"
)

// replayState is the state that the contract is run on again: nothing exists but
// what is put there. In a packet's life everybody who signs has an account and
// the sender what it sends. What an account could afford elsewhere, and how
// often it recalled, is its own statement's to prove.
type replayState struct {
	leaves map[string][]byte
	supply contract.Supply
}

func newReplayState() *replayState {
	params := contract.DefaultParams()
	return &replayState{leaves: map[string][]byte{
		string(contract.ParamsKey): contract.Encode(&params),
		string(contract.DrawsKey):  contract.Encode(&contract.Draws{}),
	}}
}

// account puts an account there, unless it is there already.
func (b *replayState) account(a contract.Address, is contract.Account) {
	if key := string(contract.AccountKey(a)); b.leaves[key] == nil {
		b.leaves[key] = contract.Encode(&is)
		b.supply.Wallets += is.Balance
		b.supply.Held += is.Held
	}
}

// packet puts a packet there.
func (b *replayState) packet(id contract.PacketID, is *contract.Packet) {
	b.leaves[string(contract.PacketKey(id))] = contract.Encode(is)
	b.supply.Escrow += is.Escrow
}

// ledger starts a replay over it.
func (b *replayState) ledger(chain string) (*contract.Replay, error) {
	s := b.supply
	s.Total = s.Wallets + s.Escrow + s.Held
	b.leaves[string(contract.SupplyKey)] = contract.Encode(&s)
	return contract.NewReplay(chain, b)
}

// Leaf implements contract.State.
func (b *replayState) Leaf(key []byte) (*contract.LeafValue, error) {
	return contract.NewLeafValue(slices.Clone(b.leaves[string(key)])), nil
}

// Due implements contract.State: a replay takes what falls due from the
// entries.
func (b *replayState) Due(contract.Time, int) ([]contract.Due, error) { return nil, nil }

// ShareOf implements contract.State: no account has claimed from a large packet.
func (b *replayState) ShareOf(contract.PacketID, contract.Address) (uint32, error) { return 0, nil }

// leafAndEntries is a leaf as l left it, and what l added to its history.
func leafAndEntries(l *contract.Replay, key []byte) (leaf []byte, entries [][]byte, err error) {
	leaves, all, _, err := l.Changes()
	if err != nil {
		return nil, nil, err
	}
	for _, x := range leaves {
		if bytes.Equal(x.Key, key) {
			leaf = x.Value
		}
	}
	for _, e := range all {
		if bytes.Equal(e.Leaf, key) {
			entries = append(entries, e.Entry)
		}
	}
	return leaf, entries, nil
}
