package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"hongbao/client/wallet"
	"hongbao/contract"
	"hongbao/testnet"
)

// chineseReader is a person at a terminal who answers yes, and reads no English.
type chineseReader struct {
	t      *testing.T
	dir    string
	home   string
	toured map[string]bool // commands
	packet string          // sent last
}

// tour is command lines that show every kind of line; ! before one that fails.
// DIR stands for a folder of the test's, PACKET for the packet sent last.
const tour = `
scenes
keys new lin --passphrase-file DIR/passphrase
keys list
keys show lin
keys use alice
keys export lin --passphrase-file DIR/passphrase
keys import mei --passphrase-file DIR/passphrase < DIR/words
! keys import mei
keys rename mei zhao
keys passwd zhao --passphrase-file DIR/passphrase --new-passphrase-file DIR/short
keys rescan zhao
keys rm zhao
keys rename lin wei
! keys rm nobody
keys rename wei lin
! keys show nobody
contacts list
contacts add wu hb1wx
contacts rm wu

list lin
balance alice
pay 5 --to bob --dry-run
pay 50 --to lin
pay 5 --to bob --wait 0
! pay 500000 --to bob
! pay 5 --to nobody
! pay 5
! pya
! pay 1.005 --to bob
! send 1 --recall sometimes --public
! send 1 --scene freinds --public
! send 10 --shares 0
! send -1
! send 10 --shares 3
! send 1 --public --opens soon
! claim hongbao:claim?x
! explain
! tx wait zz
! statement --since soon
! balance --wait soon
! verify DIR/none --trust TRUST
! verify DIR/passphrase --trust DIR/passphrase
! pay 5 --ot bob

send 88.80 --shares 8 --scene friends --memo 恭喜
send 88.80 --shares 8 --public --recall 2m --dry-run
send 88.80 --shares 8 --public --recall 2m
show PACKET
list
claim PACKET --from bob
claim PACKET --from carol --dry-run
! claim PACKET --from bob
show PACKET
recall
history PACKET
! recall PACKET
! recall --from grace
return PACKET --from bob
show PACKET/1
statement bob
statement bob --trust TRUST
balance bob --trust TRUST
watch PACKET --from-height 1 --count 3
watch bob --from-height 1 --count 2
! watch bob --until-settled
! web --port 70000

send 12 --shares 3 --public
claim PACKET --from bob
claim PACKET --from carol
! ask PACKET
ask PACKET/1 --reason wrong-person --dry-run
ask PACKET/1 --reason wrong-person
show PACKET
answer PACKET refuse --from bob
ask PACKET/2
answer PACKET accept --from carol
! answer PACKET accept --from carol
show PACKET
history PACKET

send 90 --shares 3 --public --scene stranger --with a=dave,b=erin,c=frank
explain PACKET
claim PACKET --from bob
show PACKET
balance bob
list bob
statement bob
consent PACKET/1 --reason fraud -o DIR/dave.json --from dave
consent PACKET/1 --reason fraud -o DIR/erin.json --from erin
! recall PACKET/1 --reason fraud --consent DIR/dave.json
recall PACKET/1 --reason fraud --consent DIR/dave.json --consent DIR/erin.json --from erin
show PACKET
list bob
prove PACKET -o DIR/packet.proof
verify DIR/packet.proof --trust TRUST
! verify DIR/packet.proof --trust TRUST --final PACKET/1
! verify DIR/packet.proof --trust TRUST --at 2099-01-01
! verify DIR/passphrase --trust TRUST
prove PACKET/1 --recall -o DIR/recall.proof
prove PACKET/1 -o DIR/share.proof
! verify DIR/share.proof --trust TRUST
! prove PACKET --absent -o DIR/absent.proof
prove hb1wx --absent -o DIR/absent.proof
verify DIR/absent.proof --trust TRUST
prove account bob -o DIR/bob.proof
prove supply -o DIR/supply.proof
! prove PACKET --recall -o DIR/no.proof

send 8 --public --hold 1h --recall 2m
tighten PACKET --recall 1m
show PACKET
tighten PACKET --renounce
show PACKET
claim PACKET --from bob
show PACKET

send 8.88 --shares 2 --lucky --public --recall 1h
claim PACKET --from bob
claim PACKET --from carol
show PACKET
history PACKET

send --each 500 --scene enterprise --to bob,carol --with finance=dave,hr=erin,audit=frank
claim PACKET --from bob
return PACKET --from bob --wait 0
claim PACKET --from carol --wait 0
explain --scene enterprise
explain --recall 2m
explain --recall SHARE

send --list DIR/staff.csv
! send --list DIR/staff.csv
! send --list DIR/hosts
! send --list DIR/none.csv
! send 5 --list DIR/staff.csv
show PACKET
history PACKET
list vouchers DIR/staff.list -o DIR/vouchers
! list vouchers DIR/staff.list -o DIR/vouchers
! list vouchers DIR/hosts
claim PACKET --list DIR/staff.list --from bob
! claim PACKET --list DIR/staff.list --from carol
! claim PACKET --from carol
list claimed DIR/staff.list
! list claimed DIR/none
list find DIR/staff.list bob
list find DIR/staff.list dave
! list find DIR/none bob
prove PACKET -o DIR/life.proof
verify DIR/life.proof --trust TRUST
prove PACKET/2 --unclaimed DIR/staff.list -o DIR/unclaimed.proof
verify DIR/unclaimed.proof --trust TRUST
! prove PACKET/1 --unclaimed DIR/staff.list -o DIR/x.proof
! prove PACKET/9 --unclaimed DIR/staff.list -o DIR/x.proof
! prove PACKET/1 --recall --unclaimed DIR/staff.list -o DIR/x.proof
show PACKET/1

pay 5 --to bob --unsigned DIR/pay.tx
tx decode DIR/pay.tx
! tx broadcast DIR/pay.tx
tx sign DIR/pay.tx -o DIR/signed.tx
tx broadcast DIR/signed.tx
tx decode DIR/signed.tx
tx wait HASH
tx decode HASH
! tx wait 00
error already_claimed
error usage
! error alredy_claimed
trust init -o DIR/trust.json
trust init
! show PACKET/9
! show rp1qqqq
! show last --node http://127.0.0.1:1
node init --home DIR/node --account hb1wx=1
! node init --home DIR/node
node init --home DIR/joins --genesis DIR/node/config/genesis.json
! node init --home DIR/none
node init --home DIR/strange --keys
genesis register --node-home DIR/strange --chain-id hongbao --name mei --address 127.0.0.1:1 --from alice -o DIR/mei.reg
! genesis register --node-home DIR/strange --chain-id hongbao --name mei --address 127.0.0.1 --from alice -o DIR/none
! genesis register
genesis assemble --registration DIR/mei.reg BEGINNING -o DIR/born
! genesis assemble --registration DIR/mei.reg --registration DIR/mei.reg BEGINNING -o DIR/none
! genesis assemble --registration TRUST BEGINNING -o DIR/none
! genesis assemble
! node start --home DIR/none
! node signer
! node signer --home DIR/none --socket DIR/none --chain-id x
! node status --home DIR/none
node join --home DIR/joined --trust TRUST --peer PEER --prepare
node join --home DIR/joined --trust TRUST --peer PEER --prepare
! node join --home DIR/none --trust TRUST
! node join --home DIR/none --trust TRUST --peer 127.0.0.1:1
! node join --home DIR/none --trust TRUST --peer 0000000000000000000000000000000000000000@127.0.0.1:1
! node join --home DIR/none --trust TRUST --genesis DIR/node/config/genesis.json
! node join --home NODE --trust TRUST --peer PEER
! node status --home DIR/node
! node resync --home DIR/node
node status --home NODE
validator list
! validator join
! validator join --node-home DIR/none -o DIR/none
validator join --node-home DIR/joined -o DIR/mei.join
! validator propose -o DIR/none
! validator propose --join DIR/mei.join --power 100 -o DIR/none
! validator propose --join TRUST -o DIR/none
! validator propose --leave 00 -o DIR/none
! validator propose --rules 7 --at 900000 -o DIR/none
! validator propose --rules 6 --at 1 -o DIR/none
! validator propose --call-off -o DIR/none
validator propose --rules 6 --at 900000 -o DIR/rules.plan
validator propose --join DIR/mei.join --power 1 -o DIR/mei.plan
! validator sign DIR/mei.plan --node-home DIR/strange -o DIR/none
! validator submit DIR/mei.plan
validator sign DIR/mei.plan --node-home NODE -o DIR/mei.approved
! validator submit DIR/mei.join
! validator submit DIR/mei.approved --with DIR/mei.join
testnet generate --hosts DIR/hosts -o DIR/network
testnet generate --validators 2 -o DIR/containers
! testnet generate --hosts TRUST -o DIR/none
! testnet generate --validators 0 -o DIR/none
! testnet generate -o DIR/none
! testnet generate --validators 1 -o DIR/network
testnet save DIR/network.save --dir DIR/stopped
testnet restore DIR/network.save --dir DIR/restored
! testnet restore DIR/network.save --dir DIR/restored
! testnet restore DIR/network.save --dir DIR/network
! testnet restore TRUST --dir DIR/none
! testnet restore DIR/none --dir DIR/none
! testnet save DIR/none --dir DIR/none
! testnet up -n 0
! testnet status --dir DIR/none
! testnet down --dir DIR/none
! testnet stop 1 --dir DIR/none
! testnet start x
! testnet kill 1 --dir DIR/none
! testnet load --dir DIR/none
! testnet settle --dir DIR/none
testnet chaos --list
! testnet chaos --only none
! testnet warp
testnet faucet lin --node URL
testnet warp 1h30m --node URL
! demo twice
version
`

// writeTourFiles writes what the tour finds in its folder.
func writeTourFiles(t *testing.T, dir string) {
	t.Helper()
	for name, text := range map[string]string{
		"passphrase": "open sesame\n",
		"short":      "sesame\n",
		"staff.csv":  contract.AddressOf(wallet.DevKey("bob")).String() + ",5\n李雷,0.80\n",
		"hosts":      "mei 127.0.0.2\nzhao 127.0.0.3:20000\n",
		"words":      "legal winner thank year wave sausage worth useful legal winner thank yellow\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	spec := testnet.Spec{Validators: 1, Accounts: testnet.DevAccounts()}
	if _, err := testnet.Generate(filepath.Join(dir, "stopped"), spec); err != nil {
		t.Fatal(err)
	}
}

// tourLine is a line of the tour with its words in capitals replaced.
func tourLine(t *testing.T, n *network, line, dir, packet, hash string) string {
	t.Helper()
	line = strings.Replace(line, "BEGINNING",
		"--chain-id hongbao --begins 2026-01-01T00:00:00Z --account hb1wx=1", 1)
	return strings.NewReplacer("DIR", dir, "NODE", n.home, "URL", n.url, "TRUST", n.trust,
		"PACKET", packet, "HASH", hash, "PEER", n.peer(t),
		"hb1wx", contract.AddressOf(wallet.DevKey("wu")).String()).Replace(line)
}

func TestChineseScreensHaveNoEnglish(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a node")
	}
	t.Parallel()
	n := nodeNetwork(t)
	home := t.TempDir()
	if err := n.newHome(home); err != nil {
		t.Fatal(err)
	}
	r := &chineseReader{t: t, dir: t.TempDir(), home: home, toured: map[string]bool{}}
	writeTourFiles(t, r.dir)
	hash := ""
	for _, line := range strings.Split(strings.TrimSpace(tour), "\n") {
		if line == "" {
			continue
		}
		line, fails := strings.CutPrefix(line, "! ")
		line, stdin, _ := strings.Cut(line, " < ")
		line = tourLine(t, n, line, r.dir, r.packet, hash)
		args := strings.Fields(line)
		if i := slices.Index(args, "SHARE"); i >= 0 {
			args[i] = "share when 2 of (sender,key(@bob)) for fraud"
		}
		out := r.types(args, strings.Replace(stdin, "DIR", r.dir, 1), fails)
		if m := regexp.MustCompile(`红包  (rp1\w+)`).FindStringSubmatch(out); m != nil && args[0] == "send" {
			r.packet = m[1]
		}
		if m := regexp.MustCompile(`交易 +([0-9a-f]{64})`).FindStringSubmatch(out); m != nil {
			hash = m[1]
		}
	}
	r.sawAll(NewRoot(nil, nil, nil))
}

// types runs a command line, and reads what it says.
func (r *chineseReader) types(args []string, file string, fails bool) string {
	r.t.Helper()
	stdin := "y\ny\ny\n"
	if len(args) > 2 && args[1] == "rm" {
		stdin = args[2] + "\n"
	}
	if file != "" {
		b, err := os.ReadFile(file)
		if err != nil {
			r.t.Fatal(err)
		}
		stdin = string(b)
	}
	var stdout, stderr bytes.Buffer
	root := NewRoot(strings.NewReader(stdin), &stdout, &stderr)
	s := sessionOf(root)
	s.work, s.Terminal = testWork, func() bool { return file == "" }
	if c, _, err := root.Find(args); err == nil {
		r.toured[c.CommandPath()] = true
	}
	exit := Run(context.Background(), root, append([]string{"--home", r.home, "--lang", "zh"}, args...))
	said := stdout.String() + stderr.String()
	if (exit != 0) != fails {
		r.t.Errorf("%q: exit %d\n%s", strings.Join(args, " "), exit, said)
	}
	for _, line := range strings.Split(said, "\n") {
		if word := english(line); word != "" {
			r.t.Errorf("%q: says %q in\n%s", strings.Join(args, " "), word, line)
		}
		if strings.Contains(line, "%!") {
			r.t.Errorf("%q: a format and what it is given do not fit:\n%s", args, line)
		}
	}
	return said
}

// sawAll reports the commands under c that the tour left out.
func (r *chineseReader) sawAll(c *cobra.Command) {
	for _, sub := range c.Commands() {
		if sub.HasSubCommands() {
			r.sawAll(sub)
		}
		if sub.Runnable() && !onlyHolds(sub) && !r.toured[sub.CommandPath()] {
			r.t.Errorf("the tour leaves out %s", sub.CommandPath())
		}
	}
}

// notWords are what is the same in every language: names, ids, units, and what
// is typed.
var notWords = regexp.MustCompile(strings.Join([]string{
	`(?:hongbao|\S*cli\.test)(?: [!-~…]+)+`,
	`"[^"]*"`, `'[^']*'`, `hongbao:claim\?\S+`, `(?:rp1|hb1)[a-z0-9]+(?:…[a-z0-9]*)?`,
	`hongbao(?:-(?:test|dev))?(?:-1)?(?:-[0-9a-f]+)?\b`, `\b[0-9a-fA-F]{8,}\b`,
	`https?://\S+`, `/\S+`, `--?[a-z][-a-z]*(?: [A-Z][A-Z,=]*)?`, `\b(?:FILE|NAME|REF|TRUST)\b`, `HONGBAO_\w+`,
	`Ctrl-C`, `\b[kMG]B`, `是不是想写 [^?]+`, `\bAppHash\b`, `\bUTC\b`, `VRF`,
	`^(?:[a-z]+ ){11}[a-z]+$`, `\blast\b`, `\bdevel\b`, // the words of a key; REF; the version
	`\b(?:alice|bob|carol|dave|erin|frank|grace|heidi|ivan|judy|faucet|lin|mei|wu|wei|zhao)\b`,
	`\b(?:finance|hr|audit)\b`, `\b(?:already_claimed|usage)\b`,
	`^node,`, `(?:ID)?@HOST:PORT`, `\bHOST:PORT\b`, `ADDRESS\[:PORT\] \[RPCPORT\]`, `\bID\b`, `hb1…=[0-9.]+`,
	`\bgenesis_hash\b`, `\bpersistent_peers\b`, `\bconfig/(?:[a-z]+\.toml)?`,
	`docker compose -f`, ` up$`, `^[a-z0-9]+ +[0-9a-f]{40}@\S+`, `\bDIR\b`,
	`\b[a-z]+(?: [a-z]+)?:(?:少写了[A-Z]+|多写了)`,
	`^(?:wechat|alipay|qq|douyin-live|transfer-72h|delayed|friends)\b`,
	`^(?:workgroup|stranger|test-packet|enterprise|coupon|voucher|rain)\b`,
}, "|"))

// english is the first English word in a line; empty where there is none.
func english(line string) string {
	return regexp.MustCompile(`[A-Za-z]{2,}`).FindString(notWords.ReplaceAllString(line, " "))
}

func TestEnglishIsToldFromWhatIsTyped(t *testing.T) {
	for line, want := range map[string]string{
		"红包  rp1qqq…x4z,区块5":                              "",
		"提示:用 --trust FILE 指明相信谁":                         "",
		"hongbao: 手慢了,红包派完了 (packet rp1q: full)":          "packet",
		"hongbao: packet rp1q: full":                      "packet",
		"share 1 of rp1qqq…x4z":                           "share",
		"提示:anybody can check it offline: hongbao verify": "anybody",
		"未终局,NOT FINAL":                                   "NOT",
		"¥5.00 and ¥3.00 held":                            "and",
	} {
		if got := english(line); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}
