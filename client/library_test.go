package client_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"hongbao/client"
	"hongbao/client/audit"
	"hongbao/client/files"
	"hongbao/contract"
)

var fenced = regexp.MustCompile("(?s)```(go)?\n(.*?)```")

// The program of docs/library.md compiles, runs, and prints what stands there.
func TestTheProgramOfTheManual(t *testing.T) {
	manual, err := os.ReadFile("../docs/library.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := fenced.FindAllStringSubmatch(string(manual), -1)
	if len(blocks) != 2 || blocks[0][1] != "go" || blocks[1][1] != "" {
		t.Fatalf("%d blocks, expected a program and its output", len(blocks))
	}
	source := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(source, []byte(blocks[0][2]), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "go", "run", source, nodeURL, trustFile, home).CombinedOutput()
	if err != nil || string(out) != blocks[1][2] {
		t.Errorf("%v\n%s\nwant\n%s", err, out, blocks[1][2])
	}
}

// What a program can tell apart by type.
func TestErrorsHaveTypes(t *testing.T) {
	ctx := t.Context()
	c, alice, bob := dial(client.Options{Wait: client.NoWait})
	defer c.Close()
	var other *client.ChainError
	if _, err := client.Dial(ctx, nodeURL, client.Options{Chain: "other-1"}); !errors.As(err, &other) || other.Trust {
		t.Errorf("another chain: %v", err)
	}
	trust := readTrust()
	trust.ChainID = "other-1"
	if _, err := client.Dial(ctx, nodeURL, client.Options{Trust: trust}); !errors.As(err, &other) || !other.Trust {
		t.Errorf("a trust file of another chain: %v", err)
	}
	if _, err := client.Dial(ctx, "ftp://x", client.Options{}); !errors.As(err, new(*client.URLError)) {
		t.Errorf("no URL: %v", err)
	}
	if _, err := client.Dial(ctx, "127.0.0.1:1", client.Options{}); !errors.As(err, new(*client.NodeError)) {
		t.Errorf("no node: %v", err)
	}
	if _, _, err := c.Packet(ctx, contract.PacketID{1}); contract.CodeOf(err) != contract.CodeUnknownPacket {
		t.Errorf("no packet: %v", err)
	}
	both := client.Packet{Total: 1, Public: true, To: []contract.Address{bob.Address}}
	if _, err := c.As(alice).Send(ctx, both); !errors.Is(err, client.ErrAudience) {
		t.Errorf("two audiences: %v", err)
	}
	long := client.Packet{Total: 1, Memo: strings.Repeat("x", files.MaxMemoBytes+1)}
	if _, err := c.As(alice).Send(ctx, long); !errors.Is(err, files.ErrMemoText) {
		t.Errorf("a long memo: %v", err)
	}
	stop := errors.New("stop")
	signer := c.As(alice)
	signer.Review = func(client.Draft) error { return stop }
	if _, err := signer.Pay(ctx, bob.Address, 1); !errors.Is(err, stop) {
		t.Errorf("a review that says no: %v", err)
	}
	if pending, err := alice.Pending(c.Chain()); err != nil || pending != nil {
		t.Errorf("left %+v, %v", pending, err)
	}
}

// A claim whose Wait ends before the draw has its share all the same; one that
// does not wait is found by its hash.
func TestAnOutcomeThatIsNotWaitedFor(t *testing.T) {
	ctx := t.Context()
	c, alice, bob := dial(client.Options{Wait: client.NoWait})
	defer c.Close()
	sent, err := c.As(alice).Send(ctx, client.Packet{Total: 300, Shares: 2, Lucky: true, Public: true})
	if err != nil || sent.Packet != nil || !sent.Sent || sent.Height() != 0 {
		t.Fatalf("%+v, %v", sent, err)
	}
	patient, _, _ := dial(client.Options{})
	defer patient.Close()
	pending, err := alice.Pending(c.Chain())
	if err != nil || pending == nil || pending.Tx != sent.Hash {
		t.Fatalf("journal: %+v, %v", pending, err)
	}
	if record, err := patient.Follow(ctx, sent.Hash, pending); err != nil || record.Code != contract.CodeOK {
		t.Fatalf("%+v, %v", record, err)
	}
	offer, err := patient.Offer(ctx, sent.Link) // of a public packet, too
	if err != nil {
		t.Fatal(err)
	}
	claimed, err := patient.As(bob).Claim(ctx, offer)
	if err != nil || claimed.Share != 1 || claimed.Packet.Shares[0].State != contract.Settled ||
		claimed.Amount == nil || *claimed.Amount != claimed.Packet.Shares[0].Amount {
		t.Fatalf("%+v, %v", claimed, err)
	}
	entries, at, err := patient.History(ctx, sent.ID)
	if err != nil || len(entries) != 3 || at.Height < claimed.Record.Height {
		t.Errorf("%d entries at %d, %v: want send, reserve, draw", len(entries), at.Height, err)
	}
	_, err = patient.Prove(ctx, client.Subject{Kind: audit.KindRecall, Packet: sent.ID})
	if err == nil {
		t.Error("a recall was proven that never was")
	}
	_, err = patient.Prove(ctx, client.Subject{Kind: audit.KindShare, Packet: sent.ID})
	if contract.CodeOf(err) != contract.CodeUnknownShare {
		t.Errorf("a proof of share 0: %v", err)
	}
}

// A refusal has its code, by whichever side it came, and a reason its word.
func TestRefusalsHaveCodes(t *testing.T) {
	ctx := t.Context()
	c, alice, bob := dial(client.Options{})
	defer c.Close()
	clause, err := contract.ParseClause("rest when all(sender,within(1h)) for AM09")
	if err != nil {
		t.Fatal(err)
	}
	sent, err := c.As(alice).Send(ctx, client.Packet{Total: 100, Public: true, Clauses: []contract.Clause{clause}})
	if err != nil {
		t.Fatal(err)
	}
	bare, err := c.As(alice).Send(ctx, client.Packet{Total: 100, Public: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		signer *client.Signer
		r      client.Recall
		code   contract.Code
	}{
		{c.As(alice), client.Recall{Packet: bare.ID}, contract.CodeUnknownClause},
		{c.As(alice), client.Recall{Packet: sent.ID}, contract.CodeReasonNotAllowed},
		{c.As(alice), client.Recall{Packet: sent.ID, Reason: "wrong-amonut"}, contract.CodeUnknownReason},
		{c.As(bob), client.Recall{Packet: sent.ID, Reason: "AM09"}, contract.CodeSignatureMissing},
	} {
		if _, err := x.signer.Recall(ctx, x.r); contract.CodeOf(err) != x.code {
			t.Errorf("%+v: %v, want %s", x.r, err, x.code)
		}
	}
	moved, err := c.As(alice).Recall(ctx, client.Recall{Packet: sent.ID, Reason: "wrong-amount"})
	if err != nil || moved.Reason != "AM09" {
		t.Errorf("%+v, %v", moved, err)
	}
}
