package cli

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hongbao/client/rpc"
	"hongbao/client/wallet"
	"hongbao/contract"
)

// keeper is a person with a key of their own, whose commands are processes.
type keeper struct {
	user
	network *network
	secret  string // passphrase file
}

const passphrase = "open sesame"

// newKeeper is a home with the key lin, who was paid ¥5,000.00.
func newKeeper(t *testing.T) *keeper {
	t.Helper()
	if testing.Short() {
		t.Skip("it runs many processes")
	}
	n := testNetwork(t)
	o := &keeper{user{t, t.TempDir()}, n, filepath.Join(t.TempDir(), "passphrase")}
	if err := n.newHome(o.home); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(o.secret, []byte(passphrase+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	keys := wallet.Open(o.home)
	keys.Work = testWork
	if _, err := keys.New("lin", func(string) (string, error) { return passphrase, nil }); err != nil {
		t.Fatal(err)
	}
	o.must("pay", "5000", "--to", "lin", "--from", "alice")
	return o
}

// process is a command line, and what it wrote.
type process struct {
	*exec.Cmd
	stdout, stderr bytes.Buffer
}

func (o *keeper) process(args ...string) *process {
	exe, err := os.Executable()
	if err != nil {
		o.t.Fatal(err)
	}
	p := &process{Cmd: exec.Command(exe, args...)}
	p.Env = append(os.Environ(), cliEnv+"=1", "HONGBAO_HOME="+o.home, "HONGBAO_PASSPHRASE_FILE="+o.secret)
	p.Stdout, p.Stderr = &p.stdout, &p.stderr
	return p
}

// runFor runs it, and kills it after that long.
func (p *process) runFor(d time.Duration) error {
	if err := p.Start(); err != nil {
		return err
	}
	timer := time.AfterFunc(d, func() { p.Process.Kill() })
	defer timer.Stop()
	return p.end()
}

// runUntil runs it, and kills it once it has written text on stderr.
func (p *process) runUntil(text string) error {
	p.Stderr = killOn{p, text}
	if err := p.Start(); err != nil {
		return err
	}
	return p.end()
}

type killOn struct {
	*process
	text string
}

func (k killOn) Write(b []byte) (int, error) {
	if strings.Contains(string(b), k.text) {
		k.Process.Kill()
	}
	return k.stderr.Write(b)
}

func (p *process) end() error {
	if err := p.Wait(); err != nil && p.ProcessState.ExitCode() >= 0 {
		return fmt.Errorf("%q: %v: %s%s", p.Args[1:], err, p.stdout.String(), p.stderr.String())
	}
	return nil // done, or killed
}

// done reports that it ended well and by itself.
func (p *process) done() bool { return p.ProcessState.ExitCode() == 0 }

// payments counts what lin paid, by amount.
func (o *keeper) payments() map[contract.Amount]int {
	o.t.Helper()
	lin, err := wallet.Open(o.home).Find("lin")
	if err != nil {
		o.t.Fatal(err)
	}
	client, err := rpc.Dial(o.network.url)
	if err != nil {
		o.t.Fatal(err)
	}
	defer client.Close()
	ctx := context.Background()
	leaf, _, err := client.Account(ctx, lin.Address)
	if err != nil {
		o.t.Fatal(err)
	}
	encoded, err := client.Entries(ctx, contract.AccountKey(lin.Address), 0, leaf.History.Count)
	if err != nil {
		o.t.Fatal(err)
	}
	entries, err := rpc.DecodeEntries(encoded)
	if err != nil {
		o.t.Fatal(err)
	}
	paid := map[contract.Amount]int{}
	n := 0
	for _, e := range entries {
		if e.Posting != nil && e.Posting.From == contract.Wallet(lin.Address) {
			paid[e.Posting.Amount]++
			n++
		}
	}
	if want := uint64(n + 1); leaf.Nonce != want { // the first is 1: lin's money was there before lin
		o.t.Errorf("lin paid %d times, and the nonce is %d", n, leaf.Nonce)
	}
	return paid
}

// Fifty payments from one wallet at once: all succeed, none twice.
func TestFiftyPaymentsAtOnce(t *testing.T) {
	t.Parallel()
	o := newKeeper(t)
	const payments = 50
	var wg sync.WaitGroup
	for i := range payments {
		wg.Add(1)
		go func() {
			defer wg.Done()
			p := o.process("pay", yuan(i), "--to", "bob", "--from", "lin")
			if err := p.Run(); err != nil {
				t.Errorf("payment %d: %v: %s%s", i, err, p.stdout.String(), p.stderr.String())
			}
		}()
	}
	wg.Wait()
	paid := o.payments()
	for i := range payments {
		if n := paid[fenOfRound(i)]; n != 1 {
			t.Errorf("payment %d happened %d times", i, n)
		}
	}
	if len(paid) != payments {
		t.Errorf("%d payments", len(paid))
	}
}

// Every round pays an amount of its own, so that the ledger says which ones
// happened.
func fenOfRound(i int) contract.Amount { return contract.Amount(100 + i) }

func yuan(i int) string { return strconv.Itoa(int(fenOfRound(i))) + "fen" }

var announced = regexp.MustCompile(`(?m)^tx ([0-9a-f]{64})$`)

// Commands are killed at any moment, several at work at once. Each pays once or
// not at all; one that said it paid did; and what became of one that printed its
// hash, tx wait says.
func TestKilledPaymentsPayAtMostOnce(t *testing.T) {
	t.Parallel()
	o := newKeeper(t)
	const rounds, workers = 60, 3
	begin := time.Now()
	if p := o.process("pay", "4000fen", "--to", "bob", "--from", "lin"); p.Run() != nil {
		t.Fatal(p.stderr.String())
	}
	whole := 3 * time.Since(begin) // some wait for another's turn
	var wg sync.WaitGroup
	killed := make([]*process, rounds)
	for w := range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := w; i < rounds; i += workers {
				killed[i] = o.process("pay", yuan(i), "--to", "bob", "--from", "lin")
				err := error(nil)
				if i%2 == 0 {
					err = killed[i].runUntil("tx ")
				} else {
					err = killed[i].runFor(rand.N(whole))
				}
				if err != nil {
					t.Error(err)
				}
			}
		}()
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	// The next command sees to what the killed ones left.
	if p := o.process("pay", "4001fen", "--to", "bob", "--from", "lin"); p.Run() != nil {
		t.Fatal(p.stderr.String())
	}
	paid := o.payments()
	done, happened, silent := 0, 0, 0
	for i, p := range killed {
		n := paid[fenOfRound(i)]
		hash := announced.FindStringSubmatch(p.stderr.String())
		switch {
		case n > 1:
			t.Errorf("payment %d happened %d times", i, n)
		case p.done() && n != 1:
			t.Errorf("payment %d said it was made: %s", i, p.stdout.String())
		case p.done():
			done++
		case hash == nil:
			silent++
		default:
			r := o.run("tx", "wait", hash[1])
			if ended := r.exit == ExitOK; ended != (n == 1) || (!ended && r.Error.Code != "tx_expired") {
				t.Errorf("payment %d happened %d times, and tx wait says %s", i, n, r.stdout)
			}
		}
		happened += n
	}
	t.Logf("of %d payments %d were made, %d happened, and %d were killed before their hash was out", rounds, done,
		happened, silent)
	if paid[4000] != 1 || paid[4001] != 1 || len(paid) != happened+2 {
		t.Errorf("payments: %v", paid)
	}
}

// A key that was shown is there, whatever was killed meanwhile, and its
// words come back.
func TestKilledCommandsLoseNoKey(t *testing.T) {
	t.Parallel()
	o := newKeeper(t)
	const rounds, workers = 12, 2
	begin := time.Now()
	if p := o.process("keys", "new", "first"); p.Run() != nil {
		t.Fatal(p.stderr.String())
	}
	whole := 4 * time.Since(begin)
	o.must("send", "--each", "1", "--shares", "12", "--public", "--from", "alice")
	var wg sync.WaitGroup
	made := make([]*process, rounds)
	fresh := make([]*process, rounds)
	for w := range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := w; i < rounds; i += workers {
				made[i] = o.process("keys", "new", fmt.Sprintf("key%d", i))
				fresh[i] = o.process("claim", "last", "--fresh", "--from", "lin")
				for _, p := range []*process{made[i], fresh[i]} {
					if err := p.runFor(rand.N(whole)); err != nil {
						t.Error(err)
					}
				}
			}
		}()
	}
	wg.Wait()

	keys := wallet.Open(o.home)
	keys.Passphrase = func(string) (string, error) { return passphrase, nil }
	all, err := keys.List()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]wallet.Name{}
	for _, n := range all {
		known[n.Name] = n
	}
	shown, kept := 0, 0
	for i, p := range made {
		name := fmt.Sprintf("key%d", i)
		n, ok := known[name]
		if ok {
			kept++
			if words, err := keys.Export(name); err != nil || len(strings.Fields(words)) != 12 {
				t.Errorf("%s: %q, %v", name, words, err)
			}
		}
		if text := p.stdout.String(); text != "" {
			shown++
			if !ok || !strings.Contains(text, n.Address.String()) {
				t.Errorf("%s was shown, and is not kept: %s", name, text)
			}
		}
	}
	claimed := 0
	for _, p := range fresh {
		if !p.done() {
			continue
		}
		claimed++
		name := strings.TrimSuffix(strings.Fields(p.stderr.String())[2], ",")
		if got := o.must("balance", name); got["balance_fen"] != "100" {
			t.Errorf("%s: %v", name, got)
		}
	}
	t.Logf("of %d keys %d were shown and %d are kept; %d of %d claims ended well", rounds, shown, kept, claimed, rounds)
}
