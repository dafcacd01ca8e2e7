package cli

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
	"hongbao/node"
)

// What keeps a node from being in step is said in both languages, with its
// figures.
func TestNodeStatusSaysWhatIsWrong(t *testing.T) {
	healthy := func() node.Status {
		return node.Status{
			Height: 848, Time: time.Now().Add(-time.Second), BlockAge: 1, InStep: true,
			Peers: []string{"node2", "node3"},
			Self: node.Self{ClockKnown: true, ClockOffset: 0.3, PeerHeights: []node.PeerHeight{{Name: "node2",
				Height: 848}}},
		}
	}
	for _, row := range []struct {
		desc   string
		change func(*node.Status)
		en, zh string
	}{
		{"healthy", func(*node.Status) {}, "in step", "同步"},
		{"far behind", func(s *node.Status) { s.Behind = 654 }, "behind by 654", "差654个区块"},
		{"fetching blocks", func(s *node.Status) { s.CatchingUp = true }, "catching up", "正在追区块"},
		{"a halted chain", func(s *node.Status) { s.Self.NoBlockFor = 600 }, "no new block for 600 s",
			"600秒没有新区块"},
		{"a joiner without peers", func(s *node.Status) { *s = node.Status{} }, "no block yet", "还没有区块"},
		{"blocks that are all old", func(s *node.Status) { s.BlockAge = 90 }, "its newest block is 1m30s old",
			"最新的区块是1分钟30秒前的"},
		{"clock set back by 20 min", func(s *node.Status) { s.BlockAge = -1200 },
			"this machine's clock is 20m0s behind the chain's last block", "这台机器的时钟比链上最后一个区块慢20分钟"},
		{"clock 30 s ahead", func(s *node.Status) { s.Self.ClockOffset = 30 },
			"its clock is 30s ahead of the other validators'", "它的时钟比其他验证人的快30秒"},
		{"clock 30 s behind", func(s *node.Status) { s.Self.ClockOffset = -30 },
			"its clock is 30s behind the other validators'", "它的时钟比其他验证人的慢30秒"},
		{"a sign state that is ahead", func(s *node.Status) { s.Self.SignedUpTo = 2000 },
			"it casts no vote before block 2000: it has signed up to there", "它已签到区块2000,之前不投票"},
	} {
		st := healthy()
		row.change(&st)
		for l, want := range map[words.Lang]string{words.English: row.en, words.Chinese: row.zh} {
			var screen strings.Builder
			printNodeStatus(&screen, l, st)
			first, _, _ := strings.Cut(screen.String(), "\n")
			if !strings.HasSuffix(first, ": "+want) && !strings.HasSuffix(first, ":"+want) {
				t.Errorf("%s: the first line is %q, want it to end in %q", row.desc, first, want)
			}
			if strings.Contains(screen.String(), "%!") {
				t.Errorf("%s: a format and what it is given do not fit:\n%s", row.desc, &screen)
			}
		}
	}
	both := healthy()
	both.CatchingUp, both.Behind = true, 9
	if said := nodeTroubles(words.English, both); !slices.Equal(said, []string{"catching up", "behind by 9"}) {
		t.Errorf("two troubles: %q", said)
	}
}

// Who signs is said with this node's own votes, and which rules wait for their height.
func TestNodeStatusSaysWhoSigns(t *testing.T) {
	st := node.Status{Self: node.Self{Signing: &node.Signing{
		Number: 2, From: 812, Votes: 40, Own: 10, Rules: 5, Address: "77AB0012" + strings.Repeat("F", 32),
		Validators: []node.Signer{{Address: "3F9A1C22" + strings.Repeat("0", 32), Votes: 30},
			{Address: "77AB0012" + strings.Repeat("F", 32), Votes: 10}},
	}}}
	for _, row := range []struct {
		upgrade *node.NextUpgrade
		en, zh  string
	}{
		{nil, "rules     5\n", "规则  5\n"},
		{&node.NextUpgrade{Height: 900, Rules: 6}, "rules     5; rules 6 from block 900 on\n",
			"规则  5;规则6,从区块900起\n"},
	} {
		st.Self.Signing.Upgrade = row.upgrade
		for l, want := range map[words.Lang]string{
			words.English: "votes     10 of 40 as 77AB0012, by plan 2 from block 812 on: " +
				"3F9A1C22 30, 77AB0012 10\n" + row.en,
			words.Chinese: "票数  10,共40,本验证人77AB0012,依第2号计划,从区块812起:" +
				"3F9A1C22 30票,77AB0012 10票\n" + row.zh,
		} {
			var screen strings.Builder
			printNodeStatus(&screen, l, st)
			if !strings.Contains(screen.String(), want) {
				t.Errorf("%s\nhas no\n%s", &screen, want)
			}
		}
	}
}

// A disk is told of, and loudly before it is full.
func TestNodeStatusSaysWhatRoomTheDiskHas(t *testing.T) {
	for _, row := range []struct {
		free   uint64
		en, zh string
	}{
		{0, "", ""},
		{64_000_000_000, "disk      64.0 GB free\n", "磁盘  还有 64.0 GB\n"},
		{1_200_000_000, "disk      1.2 GB free: MAKE ROOM", "磁盘  还有 1.2 GB:请腾出空间"},
	} {
		for l, want := range map[words.Lang]string{words.English: row.en, words.Chinese: row.zh} {
			var screen strings.Builder
			printNodeStatus(&screen, l, node.Status{Self: node.Self{DiskFree: row.free}})
			if text := screen.String(); !strings.Contains(text, want) || want == "" && strings.Contains(text, "GB") {
				t.Errorf("%d bytes: %q is not in\n%s", row.free, want, text)
			}
		}
	}
}

// A node that catches up says how far it is, and how long it takes yet.
func TestCatchingUpIsShown(t *testing.T) {
	st := node.Status{Height: 345, CatchingUp: true, Behind: 655}
	st.Self.Progress = node.Progress{Newest: 1000, PerSecond: 12.4, Left: 65.3}
	if got, want := progressLine(words.English, st),
		"[######..............] 34 %, block 345 of 1000, 12 a second, about 1m5s left"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := progressLine(words.Chinese, st),
		"[######..............] 34%,区块345,共1000,每秒12个,大约还要1分钟5秒"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	st.Self.Progress = node.Progress{}
	if got, want := progressLine(words.English, st), "block 345: catching up; behind by 655"; got != want {
		t.Errorf("with no peer to compare with: %s, want %s", got, want)
	}
}

// A script learns from the exit code alone whether a node is in step.
func TestNodeStatusEndsWithSixOutOfStep(t *testing.T) {
	u := &user{t, t.TempDir()}
	home := filepath.Join(t.TempDir(), "node")
	u.must("node", "init", "--home", home, "--account", contract.AddressOf(wallet.DevKey("bob")).String()+"=1")
	url, err := node.RPCURL(home)
	if err != nil {
		t.Fatal(err)
	}
	status := func() *ran { return u.run("node", "status", "--home", home) }
	if r := status(); r.exit != ExitUnreachable || r.Error.Code != "unreachable" {
		t.Errorf("none answers: exit %d: %s", r.exit, r.stdout)
	}
	for _, row := range []struct {
		desc       string
		age        time.Duration // of its newest block
		catchingUp bool
		exit       int
	}{
		{"in step", time.Second, false, ExitOK},
		{"fetching blocks", time.Second, true, ExitUnreachable},
		{"a chain that stands", time.Hour, false, ExitUnreachable},
		{"a clock set back", -time.Hour, false, ExitUnreachable},
	} {
		l, err := net.Listen("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := `{"result":{"response":{"value":"e30="}}}` // it has nothing to say of itself
			switch r.URL.Path {
			case "/status":
				answer = fmt.Sprintf(`{"result":{"node_info":{"id":"a","moniker":"solo","network":"c"},"sync_info":`+
					`{"latest_block_height":"7","latest_block_time":%q,"catching_up":%t}}}`,
					time.Now().Add(-row.age).UTC().Format(time.RFC3339Nano), row.catchingUp)
			case "/net_info":
				answer = `{"result":{"listening":true,"peers":[]}}`
			}
			_, _ = io.WriteString(w, answer)
		}))
		server.Listener.Close()
		server.Listener = l
		server.Start()
		if r := status(); r.exit != row.exit || r.Result["in_step"] != (row.exit == ExitOK) {
			t.Errorf("%s: exit %d: %s", row.desc, r.exit, r.stdout)
		}
		server.Close()
	}
}
