package rpc_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"hongbao/app"
	"hongbao/app/query"
	"hongbao/client/rpc"
	"hongbao/contract"
	"hongbao/internal/testchain"
)

// How a tx ends, by what a node says and by what it proves, is in the tests of
// package submit.

// serve is a chain on which alice has sent a packet of three shares, the node
// that answers for it, and a client of that.
func serve(t *testing.T) (s *testchain.Server, c *rpc.Client, packet contract.PacketID) {
	t.Helper()
	chain := testchain.New(t, testchain.Options{Genesis: testchain.Genesis("alice"),
		Open: func(o testchain.NodeOptions) (testchain.Node, error) {
			return app.New(o.DB, app.Options{Now: o.Now})
		}})
	packet = chain.Send("alice", terms)
	s = chain.Serve()
	c, err := rpc.Dial(s.URL)
	chain.OK(err)
	t.Cleanup(c.Close)
	return s, c, packet
}

var terms = contract.Terms{Total: 3, Shares: 3, Split: contract.Equal, Claim: contract.Rule{Cond: contract.Always{}},
	Clauses: []contract.Clause{}, Expiry: 3600}

// says has the node answer every request to a route, or query of a path, with
// this JSON.
func says(s *testchain.Server, route, answer string) {
	s.Instead = func(method, path string) string {
		if route != method && route != path {
			return ""
		}
		return answer
	}
}

func value(v any) string {
	return fmt.Sprintf(`"result":{"response":{"code":0,"value":%q,"height":"7","info":"2026-02-17T21:00:00Z"}}`,
		base64.StdEncoding.EncodeToString(contract.Encode(v)))
}

// Answers carry the state that they are of.
func TestAnswersCarryTheirHeight(t *testing.T) {
	s, c, packet := serve(t)
	a, at, err := c.Account(t.Context(), testchain.Address("alice"))
	if err != nil || a.Balance != testchain.Balance-3 || at.Height != s.Height || at.Time != s.Time() {
		t.Errorf("%+v at %+v, %v", a, at, err)
	}
	if found, err := c.Resolve(t.Context(), packet.String()[:12]); err != nil || len(found) != 1 || found[0] != packet {
		t.Errorf("%v, %v", found, err)
	}
	if _, err := c.Resolve(t.Context(), "rp1"); contract.CodeOf(err) != contract.CodeBadAddress {
		t.Errorf("too short to be asked for: %v", err)
	}
	says(s, query.Resolve, `"result":{"response":{"code":1,"log":"path unknown","height":"1",
		"info":"2026-02-17T00:00:00Z"}}`)
	if _, err := c.Resolve(t.Context(), packet.String()[:12]); !rpc.IsKind(err, rpc.BadAnswer) {
		t.Errorf("a refused query: %v", err)
	}
}

// A failed tx stands in a block like any other, and its bytes are there alone.
func TestAFailedTxIsFound(t *testing.T) {
	s, c, packet := serve(t)
	good := s.Tx("alice", &contract.Pay{To: testchain.Address("bob"), Amount: 100})
	bad := s.Tx("alice", &contract.Recall{Packet: packet, Clause: 1})
	s.Wait(time.Second)
	s.Block(good, bad)
	hash := contract.TxHash(bad)
	record, err := c.Await(t.Context(), hash, bad, 0)
	if err != nil || record.Code != contract.CodeUnknownClause || len(record.Wire) > 0 {
		t.Fatalf("%+v, %v", record, err)
	}
	if wire, err := c.Wire(t.Context(), hash, record); err != nil || !bytes.Equal(wire, bad) {
		t.Errorf("%x, %v", wire, err)
	}
	for desc, block := range map[string]string{
		"another place of its block holds it": fmt.Sprintf("%q", base64.StdEncoding.EncodeToString(bad)),
		"the block is empty":                  "",
	} {
		says(s, "block", fmt.Sprintf(`"result":{"block":{"data":{"txs":[%s]}}}`, block))
		if wire, err := c.Wire(t.Context(), hash, record); !rpc.IsKind(err, rpc.BadAnswer) {
			t.Errorf("%s: %x, %v", desc, wire, err)
		}
	}
	says(s, query.Tx, value(query.TxRecord{Height: 3}))
	if record, _, err := c.Tx(t.Context(), hash); !rpc.IsKind(err, rpc.BadAnswer) {
		t.Errorf("a tx that succeeded comes without its bytes: %+v, %v", record, err)
	}
}

// Once a node has answered, it has the bytes, whatever it says.
func TestOffersAreSortedByWhatTheyMean(t *testing.T) {
	s, c, _ := serve(t)
	wire := s.Tx("alice", &contract.Pay{To: testchain.Address("bob"), Amount: 100})
	for _, tt := range []struct {
		desc, answer string
		kind         rpc.Kind
	}{
		{"taken", "", 0},
		{"there already", "", 0},
		{"refused", `"result":{"code":13,"data":"","log":"overdraft","hash":"00"}`, rpc.Refused},
		{"full", `"error":{"code":-32603,"message":"Internal error","data":"mempool is full: number of txs 5000"}`,
			rpc.Busy},
		{"no", `"error":{"code":-32603,"message":"Internal error","data":"whatever"}`, rpc.BadAnswer},
		{"nonsense", `"result":`, rpc.BadAnswer},
	} {
		says(s, "broadcast_tx_sync", tt.answer)
		err := c.Broadcast(t.Context(), wire)
		if (tt.kind == 0) != (err == nil) || err != nil && !rpc.IsKind(err, tt.kind) || rpc.NeverSent(err) {
			t.Errorf("%s: %v, never sent %v", tt.desc, err, rpc.NeverSent(err))
		}
	}
}

func TestANodeThatIsNotThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	c, err := rpc.Dial(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Broadcast(t.Context(), []byte("tx")); !rpc.IsKind(err, rpc.Unreachable) || !rpc.NeverSent(err) {
		t.Errorf("broadcast: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Await(ctx, contract.Hash{1}, []byte("tx"), 0); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("await: %v", err)
	}
	for _, bad := range []string{"", "ftp://x", "http://", ":::"} {
		if _, err := rpc.Dial(bad); err == nil {
			t.Errorf("dialled %q", bad)
		}
	}
}

// A node that hangs up in the middle may have taken the tx.
func TestANodeThatHangsUp(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		conn.Close()
	}))
	defer server.Close()
	c, err := rpc.Dial(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Broadcast(t.Context(), []byte("tx")); !rpc.IsKind(err, rpc.Unreachable) || rpc.NeverSent(err) {
		t.Errorf("%v, never sent %v", err, rpc.NeverSent(err))
	}
}

// A packet is looked at until it is as its caller wants it, or the caller leaves.
func TestAPacketIsAwaited(t *testing.T) {
	s, c, packet := serve(t)
	claimed := func(n int) func(*contract.Packet) bool {
		return func(p *contract.Packet) bool { return len(p.Shares) == n }
	}
	looks := 0
	s.Instead = func(_, path string) string {
		if looks++; path == query.Leaf && looks <= 3 {
			s.Wait(time.Second)
			s.Block(s.Claim(fmt.Sprint("claimer ", looks), packet, terms))
		}
		return ""
	}
	if p, at, err := c.AwaitPacket(t.Context(), packet, claimed(3)); err != nil || p.Status != contract.Full ||
		at.Height != s.Height || looks != 3 {
		t.Errorf("%+v at %+v after %d looks, %v", p, at, looks, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if p, _, err := c.AwaitPacket(ctx, packet, claimed(4)); !errors.Is(err, context.DeadlineExceeded) || p != nil {
		t.Errorf("%+v, %v", p, err)
	}
}

// A packet that no chain holds is the node's lie, and no caller reckons with it.
func TestAPacketIsOneThatMayBe(t *testing.T) {
	s, c, packet := serve(t)
	says(s, query.Leaf, value(contract.Packet{Terms: contract.Terms{Claim: contract.Rule{Cond: contract.Always{}}}}))
	if p, _, err := c.Packet(t.Context(), packet); !rpc.IsKind(err, rpc.BadAnswer) || p != nil {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestABeaconIsTheOneAskedFor(t *testing.T) {
	s, c, _ := serve(t)
	if got, err := c.Beacon(t.Context(), 1); err != nil || got != nil {
		t.Errorf("of a block that reserved nothing: %+v, %v", got, err)
	}
	b := contract.Beacon{Height: 6, Block: contract.Hash{1}, Proposer: [20]byte{2}}
	says(s, query.Beacon, value(b))
	if got, err := c.Beacon(t.Context(), 6); err != nil || got.Hash() != b.Hash() {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := c.Beacon(t.Context(), 5); !rpc.IsKind(err, rpc.BadAnswer) || got != nil {
		t.Errorf("another block's: %+v, %v", got, err)
	}
}
