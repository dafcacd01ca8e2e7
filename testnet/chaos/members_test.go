package chaos_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hongbao/client/cli"
	"hongbao/client/rpc"
	"hongbao/contract"
	"hongbao/node"

	cmttypes "github.com/cometbft/cometbft/types"
)

// knowsRules makes a node of this test binary know the rules after those of the
// program, which differ from them in their number alone.
const knowsRules = "TEST_KNOWS_RULES"

// newerProgram is what TestMain does for it.
func newerProgram() {
	if n, err := strconv.ParseUint(os.Getenv(knowsRules), 10, 64); err == nil {
		node.KnowRules(n)
	}
}

// council runs the command line as the members of a network would.
type council struct {
	t    *testing.T
	dir  string
	url  string    // of the node that is asked
	home string    // of keys and settings
	told io.Writer // gets what the ledger said of transactions, as load writes it down
}

func (c *council) run(args ...string) []byte {
	c.t.Helper()
	var out, said bytes.Buffer
	args = append(args, "--home", c.home, "--yes", "--output", "json")
	if code := cli.Run(c.t.Context(), cli.NewRoot(strings.NewReader(""), &out, &said), args); code != 0 {
		c.t.Fatalf("hongbao %s: exit %d\n%s%s", strings.Join(args, " "), code, out.Bytes(), said.Bytes())
	}
	return out.Bytes()
}

// decide has a plan written, signed by the validators of machines, and handed in.
func (c *council) decide(by []*machine, wishes ...string) {
	c.t.Helper()
	plan := filepath.Join(c.dir, "a.plan")
	c.run(append([]string{"validator", "propose", "-o", plan, "--node", c.url}, wishes...)...)
	submit := []string{"validator", "submit", "--node", c.url, "--from", "alice"}
	for i, m := range by {
		signed := filepath.Join(c.dir, fmt.Sprintf("signed-%d.plan", i))
		c.run("validator", "sign", plan, "--node-home", m.home, "-o", signed)
		if i > 0 {
			submit = append(submit, "--with")
		}
		submit = append(submit, signed)
	}
	var answer struct {
		Result struct {
			Tx     contract.Hash `json:"tx"`
			Height int64         `json:"height"`
		} `json:"result"`
	}
	must(c.t, json.Unmarshal(c.run(submit...), &answer))
	fmt.Fprintf(c.told, "sent %s\nack %s %d\n", answer.Result.Tx, answer.Result.Tx, answer.Result.Height)
}

// shows has a machine show its keys, for a plan that lets it in.
func (c *council) shows(m *machine) (file string) {
	c.t.Helper()
	file = filepath.Join(c.dir, m.Name+".join")
	c.run("validator", "join", "--node-home", m.home, "--name", m.Name, "-o", file)
	return file
}

// signs reports whether the newest commit has the vote of a machine's validator.
func (c *council) signs(m *machine) bool {
	c.t.Helper()
	return slices.Contains(c.signers(), c.address(m))
}

// signers are the addresses of those whose votes the newest commit has.
func (c *council) signers() (list []string) {
	c.t.Helper()
	client, err := rpc.Dial(c.url)
	must(c.t, err)
	defer client.Close()
	st, err := client.Status(c.t.Context())
	must(c.t, err)
	header, err := client.SignedHeader(c.t.Context(), st.Height)
	must(c.t, err)
	for _, s := range header.Commit.Signatures {
		if s.BlockIDFlag == cmttypes.BlockIDFlagCommit {
			list = append(list, s.ValidatorAddress.String())
		}
	}
	return list
}

// address is that of a machine's validator.
func (c *council) address(m *machine) string {
	c.t.Helper()
	v, err := node.LoadValidator(m.home, m.Name)
	must(c.t, err)
	return v.PubKey.Address().String()
}

// until waits.
func (c *council) until(what string, is func() bool) {
	c.t.Helper()
	for begin := time.Now(); !is(); time.Sleep(200 * time.Millisecond) {
		if time.Since(begin) > comesFor {
			c.t.Fatalf("not within %s: %s", comesFor, what)
		}
	}
}
