package cli

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"hongbao/client/audit"
	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
)

// luckyPacket is alice's, with a share drawn for each amount; 0 is not drawn yet.
func luckyPacket(shares uint32, amounts ...contract.Amount) *contract.Packet {
	noon := contract.TimeOf(time.Date(2026, 2, 17, 12, 0, 0, 0, time.UTC))
	p := &contract.Packet{
		Sender: contract.AddressOf(wallet.DevKey("alice")), Created: noon, Expires: noon.Plus(3600),
		Status: contract.Open, Escrow: 1000,
		Terms: contract.Terms{Total: 1000, Shares: shares, Split: contract.Lucky, Expiry: 3600,
			Claim: contract.Rule{Cond: contract.Always{}}, Clauses: []contract.Clause{}},
	}
	for i, a := range amounts {
		s := contract.Share{Claimer: contract.AddressOf(wallet.DevKey(wallet.DevNames[i+1])), Amount: a,
			State: contract.Settled, ClaimedAt: noon}
		if a == 0 {
			s.State = contract.Reserved
		}
		p.Shares, p.Escrow = append(p.Shares, s), p.Escrow-a
	}
	if len(amounts) == int(shares) {
		p.Status, p.Closed = contract.Full, noon
	}
	return p
}

func TestTheLuckiestShare(t *testing.T) {
	equal := luckyPacket(2, 500, 500)
	equal.Terms.Split = contract.Equal
	returned := luckyPacket(3, 100, 700, 200)
	returned.Shares[1].State = contract.Returned
	nonsense := luckyPacket(2)
	nonsense.Status = contract.Full
	for _, tt := range []struct {
		desc   string
		packet *contract.Packet
		want   uint32 // 0: none
	}{
		{"drew the most", luckyPacket(3, 300, 600, 100), 2},
		{"is the first of equal ones", luckyPacket(3, 200, 400, 400), 2},
		{"is the first of all equal ones", luckyPacket(2, 500, 500), 1},
		{"stays the luckiest when it is given back", returned, 2},
		{"is not known before every share is claimed", luckyPacket(4, 300, 600), 0},
		{"is not known before every share is drawn", luckyPacket(3, 300, 600, 0), 0},
		{"is nobody where all get the same", equal, 0},
		{"is the only one", luckyPacket(1, 1000), 1},
		{"is nobody before anybody claims", luckyPacket(3), 0},
		{"is nobody in what no honest node answers", nonsense, 0},
	} {
		got := luckiest(tt.packet)
		if (got == nil) != (tt.want == 0) {
			t.Errorf("%s: %+v", tt.desc, got)
			continue
		}
		if got != nil && (got.Share != tt.want || got.Amount != fen(tt.packet.Shares[tt.want-1].Amount) ||
			got.Claimer != tt.packet.Shares[tt.want-1].Claimer) {
			t.Errorf("%s: %+v, want share %d", tt.desc, got, tt.want)
		}
	}
}

// What waits for a draw has no amount: not the share, and not what a recall
// would bring.
func TestNothingIsSaidOfWhatIsNotDrawn(t *testing.T) {
	s := look{&Session{Global: Global{Home: t.TempDir()}, now: time.Now}}
	sender := contract.Clause{Target: contract.Rest, When: contract.Rule{Cond: contract.Sender{}}}
	fraud := contract.Clause{Target: contract.HeldShares, When: contract.Rule{Cond: contract.Sender{}},
		Reasons: []contract.Reason{"FRAD"}}
	for _, tt := range []struct {
		desc        string
		amounts     []contract.Amount
		hold        contract.Seconds
		recallable  string // recallable_now_fen
		share, seen []string
	}{
		{"drawn", []contract.Amount{300}, 0, "700",
			[]string{"amount 300, settled, final"},
			[]string{"1 of 3 shares claimed, ¥7.00 unclaimed\n", "recall  ¥7.00 can be taken back",
				"share   1  ¥3.00  bob  final since"}},
		{"one not drawn", []contract.Amount{300, 0}, 0, "null",
			[]string{"amount 300, settled, final", "amount null, reserved, final"},
			[]string{"2 of 3 shares claimed, ¥7.00 unclaimed or not drawn yet\n",
				"recall  what the draws leave can be taken back",
				"share   2  ¥?  carol  final since ",
				": nobody else can take it. Its amount is drawn in the next block.\n"}},
		{"one not drawn that will be held", []contract.Amount{0}, 600, "null",
			[]string{"amount null, reserved, others until 2026-02-17T12:10:00Z"},
			[]string{"share   1  ¥?  bob  NOT FINAL. Others can take it back until ",
				": alice, as fraud. Its amount is drawn in the next block. It is held until "}},
	} {
		p := luckyPacket(3, tt.amounts...)
		p.Terms.Hold, p.Terms.Clauses = tt.hold, []contract.Clause{sender}
		if tt.hold > 0 {
			p.Terms.Clauses = append(p.Terms.Clauses, fraud)
		}
		out := s.packetJSON(contract.PacketID{}, p, rpc.At{Height: 1, Time: p.Created})
		if got := orNull(out.RecallableNow); got != tt.recallable {
			t.Errorf("%s: recallable now %s, want %s", tt.desc, got, tt.recallable)
		}
		for i, want := range tt.share {
			sh, final := out.Shares[i], "final"
			if sh.OthersUntil != nil {
				final = "others until " + sh.OthersUntil.String()
			}
			if got := fmt.Sprintf("amount %s, %s, %s", orNull((*fen)(sh.Amount)), sh.State, final); got != want {
				t.Errorf("%s: share %d: %s, want %s", tt.desc, i+1, got, want)
			}
		}
		var text bytes.Buffer
		s.showPacket(&text, &out, words.Subject{Packet: p, Now: p.Created.Std(), Name: s.Keys().NameOf})
		for _, want := range tt.seen {
			if !strings.Contains(text.String(), want) {
				t.Errorf("%s: does not say %q:\n%s", tt.desc, want, &text)
			}
		}
	}
}

func orNull(f *fen) string {
	if f == nil {
		return "null"
	}
	return fmt.Sprint(uint64(*f))
}

// Who stops waiting for the draw has claimed all the same.
func TestAWaitForTheDrawThatIsOver(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	u.must("send", "3", "--shares", "2", "--lucky", "--public")
	u.must("claim", "last", "--from", "bob")
	s := money{look{&Session{Global: Global{Home: u.home, Wait: time.Millisecond, Quiet: true}, now: time.Now}}}
	defer s.close()
	r, err := s.parseRef(t.Context(), "last")
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := s.client.Packet(t.Context(), r.Packet)
	if err != nil || len(p.Shares) != 1 {
		t.Errorf("%+v, %v", p, err)
	}

	share := uint32(1)
	out := claimedJSON{Share: &share, ShareStanding: &audit.ShareStanding{State: contract.Reserved}}
	var text bytes.Buffer
	s.printClaimed(&text, &out, "NOT FINAL.")
	if want := "hb1qqqq…dl2n: share 1 of rp1qqqq…pupz, NOT FINAL.\n"; text.String() != want {
		t.Errorf("%q, want %q", &text, want)
	}
}

// Between its claim and the next block a lucky share has no amount. It can be
// neither asked for nor recalled, and who looks or did not wait is told so.
func TestAShareBeforeItsDraw(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	packet := u.must("send", "3", "--shares", "2", "--lucky", "--public", "--hold", "1h", "--recall",
		"share when sender")["packet"].(string)
	n.server.Set(func() { n.server.Halted = true })
	u.must("claim", packet, "--yes", "--from", "bob", "--wait", "0")
	n.server.Set(n.server.Tick) // the claim is in the chain's last block
	p := u.must("show", packet)
	share := p["shares"].([]any)[0].(map[string]any)
	if share["state"] != "reserved" || share["amount_fen"] != nil || share["others_until"] == nil ||
		share["final"] != false || p["luckiest"] != nil {
		t.Errorf("shown as %v", p)
	}
	if asked := u.run("ask", packet+"/1"); asked.Error.Code != "share_not_settled" || !strings.Contains(
		asked.Error.Message, "its amount is drawn in the next block") {
		t.Errorf("ask: %s", asked.stdout)
	}
	u.refused(ExitRefused, "share_reserved", "recall", packet+"/1")
	explained := u.must("explain", packet+"/1")
	if text := fmt.Sprint(explained["text"]); !strings.Contains(text,
		"its amount is drawn in the next block, and then held until") || explained["others_until"] == nil {
		t.Errorf("explain: %v", explained)
	}
	n.server.Set(n.server.Tick)
	share = u.must("show", packet)["shares"].([]any)[0].(map[string]any)
	if share["state"] != "held" || share["amount_fen"] == nil {
		t.Errorf("drawn as %v", share)
	}
}

// A recall of the rest in the very block of some claims comes after their draws,
// and waits for what they leave.
func TestARecallAmongReservations(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	packet := u.must("send", "9", "--shares", "4", "--lucky", "--public", "--recall", "1h")["packet"].(string)
	n.server.Set(func() { n.server.Halted = true })
	for _, name := range []string{"bob", "carol"} {
		u.must("claim", packet, "--from", name, "--wait", "0")
	}
	n.server.Set(func() {
		n.server.Instead = func(method, _ string) string { // once it has the recall as well
			n.server.Halted = n.server.Halted && !strings.HasPrefix(method, "broadcast")
			return ""
		}
	})
	recall := u.must("recall", packet, "--reason", "wrong-amount")
	var kinds []string
	history := u.must("history", packet)
	for _, e := range history["entries"].([]any) {
		kinds = append(kinds, e.(map[string]any)["kind"].(string))
	}
	if got := fmt.Sprint(kinds); got != "[send reserve reserve recall draw draw recall]" {
		t.Fatalf("its history is %s", got)
	}
	p := u.must("show", packet)
	sum := uint64(0)
	for _, s := range append(p["shares"].([]any), recall) {
		var f fen
		if err := f.UnmarshalText([]byte(s.(map[string]any)["amount_fen"].(string))); err != nil {
			t.Fatal(err)
		}
		sum += uint64(f)
	}
	if sum != 900 || recall["reason"] != "AM09" || recall["height"] == nil || p["status"] != "recalled" ||
		p["luckiest"] != nil {
		t.Errorf("%d fen in all; recall %v, packet %v", sum, recall, p)
	}
	if b := history["beacons"].([]any); len(b) != 1 {
		t.Errorf("one block drew both, with %v", b)
	}
}
