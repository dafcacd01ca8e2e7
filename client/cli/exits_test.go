package cli

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/contract"
)

// Every exit code is reached, each in the plainest way there is.
func TestEveryExitCode(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	packet := u.must("send", "8", "--shares", "2", "--public", "--recall", "1h")["packet"].(string)
	u.must("claim", packet, "--from", "bob")
	proof := filepath.Join(u.home, "packet.proof")
	u.must("prove", packet, "-o", proof)
	heldPacket := u.must("send", "5", "--public", "--hold", "1h", "--recall", "share when sender")["packet"].(string)
	u.must("claim", heldPacket, "--from", "bob", "--yes")
	held := filepath.Join(u.home, "held.proof")
	u.must("prove", heldPacket+"/1", "-o", held)
	failed := failedInBlock(t, n, packet)

	for _, tt := range []struct {
		desc string
		exit int
		code string // of the error object; empty where a result says it
		args []string
	}{
		{"done", ExitOK, "", []string{"balance"}},
		{"a node that answers nonsense", ExitInternal, "bad_answer", []string{"balance", "--node", nonsenseNode(t)}},
		{"no amount", ExitUsage, "usage", []string{"pay"}},
		{"nobody to confirm", ExitUsage, "confirmation_needed", []string{"recall"}},
		{"more than there is", ExitRefused, "overdraft", []string{"pay", "99999", "--to", "bob"}},
		{"executed, and failed", ExitFailed, "already_claimed", []string{"tx", "wait", failed}},
		{"in no block yet", ExitUnknown, "outcome_unknown", []string{"tx", "wait", strings.Repeat("0", 64),
			"--wait", "50ms"}},
		{"nobody there", ExitUnreachable, "unreachable", []string{"balance", "--node", "http://127.0.0.1:1"}},
		{"a proof altered", ExitInvalid, "", []string{"verify", flipped(t, proof), "--trust", n.trust}},
		{"a proof too old", ExitUntrusted, "", []string{"verify", proof, "--trust", n.trust, "--at",
			"2099-01-01T00:00:00Z"}},
		{"a share that can still be taken back", ExitNotFinal, "", []string{"verify", held, "--trust", n.trust}},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			(&user{t, u.home}).refused(tt.exit, tt.code, tt.args...)
		})
	}
	t.Run("somebody says no", func(t *testing.T) {
		var stdout, stderr bytes.Buffer
		root := NewRoot(strings.NewReader("n\n"), &stdout, &stderr)
		From(root).Terminal = func() bool { return true }
		open := u.must("send", "5", "--public", "--recall", "1h")["packet"]
		if exit := Run(context.Background(), root, []string{"--home", u.home, "recall"}); exit != ExitDeclined {
			t.Errorf("exit %d\n%s%s", exit, &stdout, &stderr)
		}
		if got := u.must("show", open.(string))["status"]; got != "open" {
			t.Errorf("the packet is %v", got)
		}
	})
}

// failedInBlock is a tx that no client would send, since a simulation tells
// how it ends: bob claims his share a second time.
func failedInBlock(t *testing.T, n *network, packet string) string {
	t.Helper()
	id, err := contract.ParsePacketID(packet)
	if err != nil {
		t.Fatal(err)
	}
	client, err := rpc.Dial(n.url)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	bob, err := wallet.Open(t.TempDir()).Account("bob")
	if err != nil {
		t.Fatal(err)
	}
	leaf, now, err := client.Account(t.Context(), bob.Address)
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := client.Packet(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	tx := bob.Draft(n.chain, leaf.Nonce, now.Time, wallet.ValidFor, &contract.Claim{Packet: id,
		TermsHash: p.Terms.Hash(n.chain)})
	if err := bob.Sign(tx); err != nil {
		t.Fatal(err)
	}
	wire := tx.Encode()
	if err := client.Broadcast(t.Context(), wire); err != nil {
		t.Fatal(err)
	}
	return contract.TxHash(wire).String()
}

// nonsenseNode answers every question with the same.
func nonsenseNode(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"jsonrpc":"2.0","id":-1,"result":{}}`))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// flipped is a copy of a file with one byte in its middle changed.
func flipped(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	out := filepath.Join(t.TempDir(), "flipped")
	if err := os.WriteFile(out, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return out
}
