package cli

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/term"

	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
	"hongbao/internal/home"
	"hongbao/testnet"
)

// upScreen is what a person sees of `testnet up`: a first page, and below it,
// on a terminal only, one line that is kept fresh.
type upScreen struct {
	out, err io.Writer
	lang     words.Lang
	live     bool
	homeFlag string // for the commands that are printed
	dirFlag  string // for those of them that are about the network

	clients map[string]*rpc.Client // of the live line alone, by URL

	mu    sync.Mutex // keeps a report out of the middle of the live line
	dirty bool       // the live line stands on the terminal
}

// clearLine goes back to the start of the terminal's line and empties it.
const clearLine = "\r\x1b[K"

// first prints the first page; accounts are the network's with what they hold
// now, list how its nodes are, and page where the page is served.
func (s *upScreen) first(
	n *testnet.Network, accounts []testnet.Account, list []testnet.NodeStatus, took time.Duration,
	page string,
) {
	s.mu.Lock()
	defer s.mu.Unlock()
	run := Invocation()
	fmt.Fprintln(s.out, s.lang.Say("hongbao testnet %s · %d of %d running · ready in %.0f s",
		"hongbao testnet %s · 运行%d个,共%d个 · 用时%.0f秒",
		n.ChainID, countNodes(list, runs), len(n.Nodes), math.Ceil(took.Seconds())))
	for _, line := range ailments(s.lang, list) {
		fmt.Fprintln(s.out, line)
	}
	numbers, ports := s.lang.Say("node", "节点"), "rpc "
	for _, m := range n.Nodes {
		port := fmt.Sprintf(":%d", m.RPC)
		numbers += fmt.Sprintf(" %*s", (len(port)+1)/2, fmt.Sprint(m.Number)) + strings.Repeat(" ", len(port)/2)
		ports += " " + port
	}
	fmt.Fprintf(s.out, "%s\n%s\n\n", strings.TrimRight(numbers, " "), ports)
	people := slices.DeleteFunc(slices.Clone(accounts), func(a testnet.Account) bool { return a.Name == wallet.Faucet })
	s.accounts(people)
	fmt.Fprintf(s.out, s.lang.Say("Keys are public: play money only.\n\nIn another terminal:",
		"密钥人人都有:只放游戏币。\n\n在另一个终端里输入:")+`
  %[1]s send 88.80 --shares 8 --scene friends --public --from alice%[2]s
  %[1]s claim last --from bob%[2]s
  %[1]s explain last --lang zh%[2]s
`, run, s.homeFlag)
	if len(people) < len(n.Accounts) {
		fmt.Fprintln(s.out, s.lang.Say("For a key of your own: %s testnet faucet NAME%s",
			"给自己的密钥领游戏币:%s testnet faucet NAME%s", run, s.homeFlag+s.dirFlag))
	}
	fmt.Fprintln(s.out, s.lang.Say("In a browser: %s", "用浏览器打开:%s", page))
	fmt.Fprintln(s.out, s.lang.Say("\nCtrl-C stops; state stays in %s (--reset to forget)",
		"\nCtrl-C 停止;状态留在%s(用 --reset 丢掉)", tilde(n.Dir)))
}

// accounts prints two columns, read downwards.
func (s *upScreen) accounts(list []testnet.Account) {
	cell := func(a testnet.Account) string {
		return fmt.Sprintf("%-5s  %s  %s", a.Name, a.Address.Short(), a.Balance.Yuan())
	}
	rows := (len(list) + 1) / 2
	for i, a := range list[:rows] {
		line := cell(a)
		if rows+i < len(list) {
			pad := max(2, 40-utf8.RuneCountInString(line))
			line += strings.Repeat(" ", pad) + cell(list[rows+i])
		}
		fmt.Fprintln(s.out, line)
	}
}

// status draws the live line.
func (s *upScreen) status(ctx context.Context, n *testnet.Network) {
	list := n.Status(ctx)
	var newest int64
	for _, m := range list {
		newest = max(newest, m.Height)
	}
	line := s.lang.Say("block %d · %d/%d in step", "区块%d · %d/%d个同步", newest, countNodes(list, inStep), len(list))
	for _, m := range list {
		if m.InStep {
			line += s.ledger(ctx, n, m.RPC)
			break
		}
	}
	if why := standstill(s.lang, list); why != "" {
		line += " · " + why
	}
	if ctx.Err() != nil {
		return // on the way out every node looks absent
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprint(s.out, clearLine, words.Cut(line, s.columns()-1)) // a line that is broken is not cleared again
	s.dirty = true
}

// columns is how wide the terminal is.
func (s *upScreen) columns() int {
	if f, ok := s.out.(*os.File); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 1 {
			return columns
		}
	}
	return words.Columns
}

// ledger says what the books of one node hold; nothing when it does not answer
// in time, which the rest of the line shows well enough.
func (s *upScreen) ledger(ctx context.Context, n *testnet.Network, url string) string {
	client := s.clients[url]
	if client == nil {
		var err error
		if client, err = rpc.Dial(url); err != nil {
			return ""
		}
		if s.clients == nil {
			s.clients = map[string]*rpc.Client{}
		}
		s.clients[url] = client
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	totals, _, err := client.Summary(ctx)
	if err != nil {
		return ""
	}
	clock, _, err := client.Clock(ctx)
	if err != nil {
		return ""
	}
	var start contract.Amount
	for _, a := range n.Accounts {
		start += a.Balance
	}
	packets, mark := "packets", "✓"
	if totals.Open == 1 {
		packets = "packet"
	}
	if !totals.Supply.Holds() || totals.Supply.Total != start {
		mark = "✗"
	}
	line := s.lang.Say(" · %[1]d %[2]s open · supply %[3]s", " · %[1]d个红包没领完 · 总额%[3]s",
		totals.Open, packets, mark)
	if clock != nil && clock.Offset > 0 {
		line += s.lang.Say(" · clock +%[1]s", " · 时钟快%[2]s", clock.Offset, words.Length(s.lang, clock.Offset))
	}
	return line
}

// report says at once what went wrong, above the live line.
func (s *upScreen) report(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dirty {
		fmt.Fprint(s.out, clearLine)
		s.dirty = false
	}
	fmt.Fprintln(s.err, s.lang.Say("hongbao: %v", "hongbao: 网络出了情况 (%v)", err))
}

// endLive leaves the last live line standing.
func (s *upScreen) endLive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dirty {
		fmt.Fprintln(s.out)
		s.dirty = false
	}
}

// tilde shortens a path below the user's home, as people write it.
func tilde(path string) string {
	home, err := os.UserHomeDir()
	if err != nil {
		return path
	}
	if rest, ok := strings.CutPrefix(path, home+string(filepath.Separator)); ok {
		return "~" + string(filepath.Separator) + rest
	}
	return path
}

// liveTerminal reports whether w is a terminal that understands the live line.
func liveTerminal(w io.Writer) bool {
	return home.IsTerminal(Stream(w)) && os.Getenv("TERM") != "dumb"
}
