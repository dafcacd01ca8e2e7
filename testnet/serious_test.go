package testnet_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"hongbao/client/cli"
	"hongbao/client/rpc"
	"hongbao/contract"
	"hongbao/node"
	"hongbao/testnet"
)

// TestOnlyDevChainsWarp: a network whose genesis is not for development has
// neither a clock to move nor a faucet, and says so before anything is sent.
func TestOnlyDevChainsWarp(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a process")
	}
	t.Parallel()
	n := testnet.Fresh(t, testnet.Spec{Validators: 1})
	doc, genesis, err := node.ReadGenesis(n.Nodes[0].Home)
	if err != nil {
		t.Fatal(err)
	}
	genesis = bytes.Replace(genesis, []byte(doc.ChainID), []byte("serious-1"), 1)
	serious := bytes.Replace(genesis, []byte(`"dev": true`), []byte(`"dev": false`), 1)
	if bytes.Equal(serious, genesis) {
		t.Fatal("the genesis does not say that it is for development")
	}
	if serious, _, err = contract.NameGenesis(serious, "serious-1"); err != nil {
		t.Fatal(err)
	}
	if err := node.WriteGenesis(n.Nodes[0].Home, serious); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	defer n.Close()
	if err := n.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if err := n.WaitReady(ctx); err != nil {
		t.Fatal(err)
	}
	url, home := n.Nodes[0].RPCURL(), t.TempDir()
	for _, args := range [][]string{{"warp", "1h"}, {"faucet", contract.Address{1}.String()}} {
		args = append([]string{"testnet", "--home", home, "--node", url, "--output", "json"}, args...)
		out, exit := hongbao(t, args...)
		if exit != cli.ExitRefused || !strings.Contains(out, `"code":"not_dev_chain"`) {
			t.Errorf("%v: exit %d, said %s", args, exit, out)
		}
	}
	client, err := rpc.Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if clock, _, err := client.Clock(ctx); clock != nil || err != nil {
		t.Errorf("its clock is %+v (%v)", clock, err)
	}
}
