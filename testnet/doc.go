// Package testnet makes and runs a whole network on one machine: N validators,
// each a process of its own on 127.0.0.1.
//
// [Generate] writes a folder: a home per validator, one genesis in all of
// them, a trust file for those who verify, and testnet.json, which remembers
// names and ports. [Load] opens such a folder again. [Network.Start] starts
// the processes, [Network.WaitReady] waits until enough of them make blocks,
// and [Network.Close] returns when none of them is left.
//
// Processes are real so that they can be really killed: KillNode is SIGKILL in
// the middle of whatever the node does. A node that ends by itself is
// reported, never silently started again, because in this project a crash is
// a finding. No node outlives its supervisor, however that ends: each holds a
// pipe that the kernel closes with the supervisor.
//
// Nodes are counted from 1 everywhere: folder node3, `testnet stop 3`,
// StopNode(3).
//
//	spec := testnet.Spec{Validators: 4, Accounts: testnet.DevAccounts()}
//	n, err := testnet.Generate(dir, spec)
//	...
//	defer n.Close()
//	err = n.Start(ctx)
//	err = n.WaitInStep(ctx)
//	client := n.Nodes[0].RPCURL()
//
// [Up] does all of this and keeps the network for other processes to drive: it
// serves a small control interface on the loopback (control.go), whose other end
// [Open] gives. A program that runs a network, and one that stops a node of it:
//
//	network, err := testnet.Up(ctx, dir, testnet.UpOptions{Spec: spec})
//	...
//	defer network.Close()
//	<-network.Asked()
//
//	network, err := testnet.Open(dir)
//	...
//	err = network.StopNode(ctx, 3)
//	list, err := network.Status(ctx)
//
// What a caller can do something about is an [Error] with a stable code. The
// package prints nothing and speaks no person's language: the screens are in
// client/cli. A network's nodes are run by Network.Binary, or else by this very
// program: it has to understand `node start --home DIR`.
package testnet
