package node

import (
	"reflect"
	"testing"

	"hongbao/contract"
)

// A node says who signs, with how many of the votes itself, and what waits.
func TestSigningIsWhatTheLedgerHas(t *testing.T) {
	a, b := contract.Validator{PubKey: [32]byte{1}, Power: 10}, contract.Validator{PubKey: [32]byte{2}, Power: 30}
	v := &contract.Validators{Number: 2, Set: contract.NewValidatorSet([]contract.Validator{a, b}), From: 812, Rules: 5}
	first, second := b.Address(), a.Address()
	want := &Signing{Number: 2, From: 812, Votes: 40, Own: 10, Address: hexAddress(second[:]), Rules: 5,
		Validators: []Signer{{hexAddress(first[:]), 30}, {hexAddress(second[:]), 10}}}
	if got := signingOf(v, second[:]); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	other := contract.Validator{PubKey: [32]byte{3}}
	third := other.Address()
	v.Upgrade, want.Upgrade, want.Own = &contract.Upgrade{Height: 900, Rules: 6}, &NextUpgrade{900, 6}, 0
	want.Address = hexAddress(third[:])
	if got := signingOf(v, third[:]); !reflect.DeepEqual(got, want) {
		t.Errorf("with an upgrade, to one that follows: %+v, want %+v", got, want)
	}
	if got := signingOf(nil, first[:]); got != nil {
		t.Errorf("before the genesis: %+v", got)
	}
}
