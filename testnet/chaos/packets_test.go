package chaos

import (
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"hongbao/testnet"
)

// A network that lost every packet for a while, so that TCP has backed off on
// each of its links, makes blocks again soon after packets flow. It needs a
// network of its own to lose packets in, as
//
//	unshare -rn go test ./testnet/chaos -campaign -run LostPackets -v
//
// gives it on Linux.
func TestLostPackets(t *testing.T) {
	if !*campaign {
		t.Skip("-campaign")
	}
	interfaces, err := net.Interfaces()
	must(t, err)
	if len(interfaces) != 1 || interfaces[0].Flags&net.FlagLoopback == 0 {
		t.Skip("loses every packet on the loopback interface: only in a network namespace of its own (unshare -rn)")
	}
	system(t, "ip link set lo up")
	n, end, err := testnet.Temporary(t.Context(), testnet.Spec{Accounts: testnet.DevAccounts()})
	must(t, err)
	defer func() { must(t, end()) }()

	for _, lost := range []time.Duration{10 * time.Second, 30 * time.Second, time.Minute} {
		from := height(t, n, 1)
		system(t, "ip link set lo down")
		time.Sleep(lost)
		system(t, "ip link set lo up")
		healed := time.Now()
		for _, m := range n.Nodes {
			// A block or two may have been under way.
			for height(t, n, m.Number) < from+4 {
				if time.Since(healed) > catchUp {
					t.Fatalf("node %d: no new block %s after packets flowed again", m.Number, catchUp)
				}
				time.Sleep(20 * time.Millisecond)
			}
		}
		took := time.Since(healed).Round(100 * time.Millisecond)
		t.Logf("%s without packets: new blocks on all after %s", lost, took)
		if took > lost/2 && took > 10*time.Second {
			t.Errorf("%s without packets: new blocks only after %s", lost, took)
		}
	}
}

func system(t *testing.T, command string) {
	t.Helper()
	words := strings.Fields(command)
	if out, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
		t.Skipf("%s: %v: %s", command, err, out)
	}
}
