package client_test

import (
	"errors"
	"testing"

	"hongbao/client"
	"hongbao/client/wallet"
)

// A claim with a new address uses one up when it is handed out, and none when it is
// declined.
func TestClaimFresh(t *testing.T) {
	ctx := t.Context()
	c, alice, _ := dial(client.Options{})
	defer c.Close()
	keys := wallet.Open(t.TempDir())
	keys.Work = 10
	passphrase := func(string) (string, error) { return "correct horse battery", nil }
	keys.Passphrase = passphrase
	if _, err := keys.New("lin", passphrase); err != nil {
		t.Fatal(err)
	}
	lin, err := keys.Account("lin")
	if err != nil {
		t.Fatal(err)
	}
	sent, err := c.As(alice).Send(ctx, client.Packet{Total: 200, Shares: 2, Public: true})
	if err != nil {
		t.Fatal(err)
	}
	offer, err := c.Offer(ctx, sent.Link)
	if err != nil {
		t.Fatal(err)
	}
	no := errors.New("no")
	if _, err := c.As(lin).ClaimFresh(ctx, offer, func(s *client.Signer) error {
		s.Review = func(client.Draft) error { return no }
		return nil
	}); !errors.Is(err, no) {
		t.Fatalf("a claim that was declined: %v", err)
	}
	for i, want := range []string{"lin/1", "lin/2"} {
		claimed, err := c.As(lin).ClaimFresh(ctx, offer, nil)
		if err != nil || claimed.Share != uint32(i+1) {
			t.Fatalf("%+v, %v", claimed, err)
		}
		addresses, err := keys.Addresses("lin")
		if err != nil || len(addresses) != i+2 {
			t.Fatalf("the key has %v, %v", addresses, err)
		}
		newest := addresses[i+1]
		if newest.Name != want || newest.Address != claimed.Packet.Shares[i].Claimer {
			t.Errorf("share %d is at %v, want %s", i+1, newest, want)
		}
	}
}
