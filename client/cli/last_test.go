package cli

import (
	"testing"
	"time"

	"hongbao/client/wallet"
	"hongbao/contract"
)

// last names the packet last sent once it is there. While that is open it names
// none, and where it never comes to be the one before.
func TestLastNamesNoPacketThatNeverWas(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	u.refused(ExitUsage, "no_last", "show", "last")
	s := &Session{Global: Global{Home: u.home}, chain: n.chain}
	alice, err := wallet.Open(u.home).Account("alice")
	if err != nil {
		t.Fatal(err)
	}
	now := contract.TimeOf(time.Now())
	sends := func(until contract.Time) {
		t.Helper()
		tx := alice.Draft(s.chain, 0, until, 0, &contract.Pay{})
		tx.ValidUntil = until
		if err := s.rememberSending(tx, contract.PacketID{byte(until)}); err != nil {
			t.Fatal(err)
		}
	}
	sends(now.Plus(600))
	u.refused(ExitRefused, "previous_pending", "show", "last")
	sends(1)
	u.refused(ExitUsage, "no_last", "show", "last")

	packet := u.must("send", "5", "--public", "--from", "alice")["packet"]
	is := func(desc string) {
		t.Helper()
		if got := u.must("show", "last")["packet"]; got != packet {
			t.Errorf("%s: last is %v, want %v", desc, got, packet)
		}
	}
	is("just sent")
	sends(2)
	is("another never was")
	sends(3)
	is("nor another one")
	sends(now.Plus(600))
	r := u.refused(ExitRefused, "previous_pending", "show", "last")
	if r.Error.Tx == "" {
		t.Errorf("says not which transaction: %s", r.stdout)
	}
	packet = u.must("send", "6", "--public", "--from", "alice", "--wait", "0")["packet"]
	for begin := time.Now(); u.run("show", "last").exit != ExitOK &&
		time.Since(begin) < time.Minute; time.Sleep(100 * time.Millisecond) {
	}
	is("in a block by now")
}
