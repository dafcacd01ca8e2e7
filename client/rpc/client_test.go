package rpc

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"

	"hongbao/app/query"
	"hongbao/contract"
)

// fakeNode answers what a test lets it, and counts what it was offered.
type fakeNode struct {
	mu      sync.Mutex
	now     contract.Time
	record  *query.TxRecord
	account *contract.Account
	packets []*contract.Packet // one answer after the other, the last for good
	beacon  *contract.Beacon
	block   [][]byte // the txs of every block
	offered int

	// broadcast answers an offer, counted from 1: a JSON result or error.
	broadcast func(n int) string
}

const accepted = `"result":{"code":0,"data":"","log":"","hash":"00"}`

func (f *fakeNode) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var req struct {
		ID     json.RawMessage
		Method string
		Params struct{ Path, Data string }
	}
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer := fmt.Sprintf(`"error":{"code":-32601,"message":"no %s here"}`, req.Method)
	switch req.Method {
	case "broadcast_tx_sync":
		f.offered++
		answer = f.broadcast(f.offered)
	case "block":
		txs, _ := json.Marshal(f.block)
		answer = fmt.Sprintf(`"result":{"block":{"data":{"txs":%s}}}`, txs)
	case "abci_query":
		answer = f.query(req.Params.Path, req.Params.Data)
	}
	fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,%s}`, req.ID, answer)
}

func (f *fakeNode) query(path, data string) string {
	var value []byte
	switch path {
	case query.Tx:
		if f.record != nil {
			value = contract.Encode(f.record)
		}
	case query.Leaf:
		if b, err := hex.DecodeString(data); err == nil && strings.HasPrefix(string(b), "a/") && f.account != nil {
			value = contract.Encode(f.account)
		} else if err == nil && strings.HasPrefix(string(b), "p/") && len(f.packets) > 0 {
			value = contract.Encode(f.packets[0])
			f.packets = f.packets[min(1, len(f.packets)-1):]
		}
	case query.Beacon:
		if f.beacon != nil {
			value = contract.Encode(f.beacon)
		}
	default:
		return `"result":{"response":{"code":1,"log":"path unknown","height":"1","info":"2026-02-17T00:00:00Z"}}`
	}
	return fmt.Sprintf(`"result":{"response":{"code":0,"value":%q,"height":"7","info":%q}}`,
		base64.StdEncoding.EncodeToString(value), f.now)
}

func start(t *testing.T, f *fakeNode) *Client {
	t.Helper()
	if f.now == 0 {
		f.now = contract.TimeOf(time.Unix(1_800_000_000, 0))
	}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	c, err := Dial(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func pay(t *testing.T) (wire []byte, hash contract.Hash, until contract.Time) {
	t.Helper()
	return signed(t, &contract.Pay{To: contract.Address{1}, Amount: 1})
}

func signed(t *testing.T, m contract.Message) (wire []byte, hash contract.Hash, until contract.Time) {
	t.Helper()
	key, _ := btcec.PrivKeyFromBytes([]byte{1})
	tx := &contract.Tx{
		Chain: "c", Nonce: 4, ValidUntil: contract.TimeOf(time.Unix(1_800_000_060, 0)),
		Message: m,
	}
	if err := tx.Sign(key); err != nil {
		t.Fatal(err)
	}
	wire = tx.Encode()
	return wire, contract.TxHash(wire), tx.ValidUntil
}

// A mempool may drop a tx that it took. The same bytes are offered again.
func TestADroppedTxIsOfferedAgain(t *testing.T) {
	wire, hash, until := pay(t)
	f := &fakeNode{}
	f.broadcast = func(n int) string {
		if n == 2 {
			f.record = &query.TxRecord{Height: 9, Wire: wire}
		}
		return accepted
	}
	c := start(t, f)
	if err := c.Broadcast(context.Background(), wire); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	record, err := c.Await(ctx, hash, wire, until)
	if err != nil || record.Height != 9 || f.offered != 2 {
		t.Errorf("record %+v, %v, offered %d times", record, err, f.offered)
	}
}

func TestATxEndsOneWayOrTheOther(t *testing.T) {
	wire, hash, until := pay(t)
	inCache := `"error":{"code":-32603,"message":"Internal error","data":"tx already exists in cache"}`
	wrongNonce := fmt.Sprintf(`"result":{"code":%d,"data":"","log":"nonce","hash":"00"}`, contract.CodeWrongNonce)
	for _, tt := range []struct {
		desc string
		node *fakeNode
		want error
	}{
		{"a block is later than valid_until", &fakeNode{now: until}, ErrNever},
		{"another tx took its nonce", &fakeNode{account: &contract.Account{Nonce: 5}, broadcast: func(int) string {
			return wrongNonce
		}}, ErrNever},
		{"the nonce is ahead of the blocks", &fakeNode{account: &contract.Account{Nonce: 4},
			broadcast: func(int) string {
				return wrongNonce
			}}, context.DeadlineExceeded},
		{"still in the mempool", &fakeNode{broadcast: func(int) string { return inCache }}, context.DeadlineExceeded},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			t.Parallel()
			c := start(t, tt.node)
			ctx, cancel := context.WithTimeout(context.Background(), 1500*time.Millisecond)
			defer cancel()
			if record, err := c.Await(ctx, hash, wire, until); !errors.Is(err, tt.want) || record != nil {
				t.Errorf("%+v, %v; want %v", record, err, tt.want)
			}
		})
	}
}

// A claim that lost the race for the last share is over; one that a node refuses
// while the packet is open is not.
func TestARefusedClaimIsOverOnceThePacketIsClosed(t *testing.T) {
	wire, hash, until := signed(t, &contract.Claim{Packet: contract.PacketID{1}})
	full := fmt.Sprintf(`"result":{"code":%d,"data":"","log":"full","hash":"00"}`, contract.CodeFull)
	for claimed, want := range map[int]error{2: nil, 3: ErrNever} {
		p := packetWith(claimed)
		status := p.Status
		c := start(t, &fakeNode{packets: []*contract.Packet{p}, broadcast: func(int) string { return full }})
		refusal := c.Broadcast(t.Context(), wire)
		err := c.Never(t.Context(), hash, wire, refusal)
		if !errors.Is(err, want) || want != nil && !IsKind(err, Refused) {
			t.Errorf("%s: %v; want %v", status, err, want)
		}
		ctx, cancel := context.WithTimeout(t.Context(), resendEvery+500*time.Millisecond)
		defer cancel()
		if _, err := c.Await(ctx, hash, wire, until); !errors.Is(err, cmp.Or(want, context.DeadlineExceeded)) ||
			!IsKind(err, Refused) {
			t.Errorf("%s: awaited: %v", status, err)
		}
	}
}

// A failed tx stands in a block like any other, and its bytes are there alone.
func TestAFailedTxIsFound(t *testing.T) {
	wire, hash, until := pay(t)
	failed := &query.TxRecord{Height: 3, Index: 1, Code: contract.CodeFull, Log: "full"}
	for _, tt := range []struct {
		desc  string
		block [][]byte
		good  bool
	}{
		{"its block holds it", [][]byte{{1}, wire}, true},
		{"another place of it does", [][]byte{wire, {1}}, false},
		{"the block is shorter", [][]byte{wire}, false},
	} {
		c := start(t, &fakeNode{record: failed, block: tt.block})
		record, err := c.Await(context.Background(), hash, wire, until)
		if err != nil || record.Code != contract.CodeFull {
			t.Fatalf("%s: %+v, %v", tt.desc, record, err)
		}
		got, err := c.Wire(context.Background(), hash, record)
		if tt.good && (err != nil || !bytes.Equal(got, wire)) || !tt.good && !IsKind(err, BadAnswer) {
			t.Errorf("%s: %x, %v", tt.desc, got, err)
		}
	}
	c := start(t, &fakeNode{record: &query.TxRecord{Height: 3}})
	if record, _, err := c.Tx(context.Background(), hash); !IsKind(err, BadAnswer) {
		t.Errorf("a tx that succeeded comes without its bytes: %+v, %v", record, err)
	}
}

// Once a node has answered, it has the bytes, whatever it says.
func TestOffersAreSortedByWhatTheyMean(t *testing.T) {
	wire, _, _ := pay(t)
	for _, tt := range []struct {
		desc, answer string
		kind         Kind
	}{
		{"taken", accepted, 0},
		{"there already", `"error":{"code":-32603,"message":"Internal error","data":"tx already exists in cache"}`, 0},
		{"refused", `"result":{"code":13,"data":"","log":"overdraft","hash":"00"}`, Refused},
		{"full", `"error":{"code":-32603,"message":"Internal error","data":"mempool is full: number of txs 5000"}`,
			Busy},
		{"no", `"error":{"code":-32603,"message":"Internal error","data":"whatever"}`, BadAnswer},
		{"nonsense", `"result":`, BadAnswer},
	} {
		c := start(t, &fakeNode{broadcast: func(int) string { return tt.answer }})
		err := c.Broadcast(context.Background(), wire)
		if (tt.kind == 0) != (err == nil) || (err != nil && !IsKind(err, tt.kind)) || NeverSent(err) {
			t.Errorf("%s: %v, never sent %v", tt.desc, err, NeverSent(err))
		}
	}
}

func TestANodeThatIsNotThere(t *testing.T) {
	wire, hash, until := pay(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	c, err := Dial(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Broadcast(context.Background(), wire); !IsKind(err, Unreachable) || !NeverSent(err) {
		t.Errorf("broadcast: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Await(ctx, hash, wire, until); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("await: %v", err)
	}
	for _, bad := range []string{"", "ftp://x", "http://", ":::"} {
		if _, err := Dial(bad); err == nil {
			t.Errorf("dialled %q", bad)
		}
	}
}

// A node that hangs up in the middle may have taken the tx.
func TestANodeThatHangsUp(t *testing.T) {
	wire, _, _ := pay(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		conn.Close()
	}))
	defer server.Close()
	c, err := Dial(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Broadcast(context.Background(), wire); !IsKind(err, Unreachable) || NeverSent(err) {
		t.Errorf("%v, never sent %v", err, NeverSent(err))
	}
}

func TestAnswersCarryTheirHeightAndNoQueryIsRefused(t *testing.T) {
	c := start(t, &fakeNode{})
	if _, err := c.Resolve(context.Background(), "rp1qqq"); !IsKind(err, BadAnswer) {
		t.Errorf("a refused query: %v", err)
	}
	if _, err := c.Resolve(context.Background(), "rp1"); contract.CodeOf(err) != contract.CodeBadAddress {
		t.Errorf("too short to be asked for: %v", err)
	}
	c = start(t, &fakeNode{account: &contract.Account{Balance: 7}})
	a, at, err := c.Account(context.Background(), contract.Address{1})
	if err != nil || a.Balance != 7 || at.Height != 7 || at.Time == 0 {
		t.Errorf("%+v at %+v, %v", a, at, err)
	}
}

func packetWith(n int) *contract.Packet {
	terms := contract.Terms{Total: 3, Shares: 3, Split: contract.Equal, Claim: contract.Rule{Cond: contract.Always{}},
		Expiry: 60}
	p := &contract.Packet{Sender: contract.Address{1}, Terms: terms, Expires: contract.Time(0).Plus(60),
		Status: contract.Open,
		Escrow: contract.Amount(3 - n), History: contract.History{Count: uint64(1 + n)}}
	for i := range n {
		p.Shares = append(p.Shares, contract.Share{Claimer: contract.Address{2, byte(i)}, Amount: 1,
			State: contract.Settled})
	}
	if n == 3 {
		p.Status = contract.Full
	}
	return p
}

// A packet is looked at until it is as its caller wants it, or the caller leaves.
func TestAPacketIsAwaited(t *testing.T) {
	full := func(p *contract.Packet) bool { return len(p.Shares) == 3 }
	c := start(t, &fakeNode{packets: []*contract.Packet{packetWith(0), packetWith(2), packetWith(3)}})
	if p, at, err := c.AwaitPacket(context.Background(), contract.PacketID{1}, full); err != nil ||
		len(p.Shares) != 3 || at.Height != 7 {
		t.Errorf("%+v at %+v, %v", p, at, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	c = start(t, &fakeNode{packets: []*contract.Packet{packetWith(2)}})
	if p, _, err := c.AwaitPacket(ctx, contract.PacketID{1}, full); !errors.Is(err, context.DeadlineExceeded) ||
		p != nil {
		t.Errorf("%+v, %v", p, err)
	}
}

// A packet that no chain holds is the node's lie, and no caller reckons with it.
func TestAPacketIsOneThatMayBe(t *testing.T) {
	c := start(t,
		&fakeNode{packets: []*contract.Packet{{Terms: contract.Terms{Claim: contract.Rule{Cond: contract.Always{}}}}}})
	if p, _, err := c.Packet(context.Background(), contract.PacketID{1}); !IsKind(err, BadAnswer) || p != nil {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestABeaconIsTheOneAskedFor(t *testing.T) {
	b := contract.Beacon{Height: 6, Block: contract.Hash{1}, Proposer: [20]byte{2}}
	c := start(t, &fakeNode{beacon: &b})
	if got, err := c.Beacon(context.Background(), 6); err != nil || got.Hash() != b.Hash() {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := c.Beacon(context.Background(), 5); !IsKind(err, BadAnswer) || got != nil {
		t.Errorf("another block's: %+v, %v", got, err)
	}
	c = start(t, &fakeNode{})
	if got, err := c.Beacon(context.Background(), 6); err != nil || got != nil {
		t.Errorf("of a block that reserved nothing: %+v, %v", got, err)
	}
}
