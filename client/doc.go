// Package client is hongbao for Go programs: it sends red packets and claims
// from them, recalls, reads, proves and follows, through one node of a chain.
//
// A program needs a node's URL. To sign, it needs an account of a wallet:
//
//	c, err := client.Dial(ctx, "http://127.0.0.1:26657", client.Options{})
//	alice, err := wallet.Open(home).Account("alice")
//	clause, err := contract.ParseClause("2m") // alice may recall what is unclaimed, for two minutes
//	sent, err := c.As(alice).Send(ctx, client.Packet{
//		Total: 8880, Shares: 8, Clauses: []contract.Clause{clause},
//	})
//	fmt.Println(sent.Link) // hongbao:claim?chain=…&packet=rp1…#k=…
//
// The link goes to bob. He reads the terms, and signs them when he claims:
//
//	link, err := files.ParseLink(text)
//	offer, err := c.Offer(ctx, link)
//	claimed, err := c.As(bob).Claim(ctx, offer)
//	fmt.Println(claimed.Amount.Yuan()) // ¥11.10
//
// Alice recalls the rest, and writes the proof file of it:
//
//	moved, err := c.As(alice).Recall(ctx, client.Recall{Packet: sent.ID, Reason: "wrong-amount"})
//	file, err := c.Prove(ctx, client.Subject{Kind: audit.KindRecall, Packet: sent.ID})
//	proof, err := file.Encode()
//
// With the file and a trust file the auditor needs no node:
//
//	report := audit.Verify(proof, trust, audit.Options{})
//	fmt.Println(report.Verdict) // valid
//
// docs/library.md has a whole program. `hongbao testnet up` starts a network for
// it, and prints the nodes' URLs.
//
// # Whom to believe
//
// A [Client] believes its node, unless [Options] has a trust file: then every
// read is made into the proof that package audit verifies, and an answer that
// does not hold, or is older than a minute, is an [AnswerError]. That costs a
// block, about a second on an idle chain. [Client.Watch] and the time search of
// [Client.Statement] ask the node alone; what they lead to can be proven.
//
// # Signing
//
// [Client.As] is the side that signs. Each of its methods makes one transaction,
// shows it to Review, asks the wallet for the key, writes the bytes down, hands
// them out and waits for the outcome: see package submit. A transaction happens
// once or never. An error says which:
//
//	[Refused]          it did not happen and never will; Code says why, RetryAt when it may
//	[Failed]           it stands in a block, and failed there
//	[Unknown]          it may still happen, until ValidUntil: [Client.Follow] says how it ended
//	[PreviousPending]  the account's transaction before it may still happen; nothing was signed
//	[NotSent]          the node was not reached; nothing left
//	[NodeError]        unreachable, or an answer that no node would give
//	[contract.Error]   refused by this package: nothing was signed
//
// All are pointers: find them with errors.As. Refused and Failed wrap a
// contract.Error, so that one case covers every refusal by the contract's rules.
// Unknown and NodeError may hold one that settles nothing: they come first.
//
//	var unknown *client.Unknown
//	var node *client.NodeError
//	var refused *contract.Error
//	switch {
//	case errors.As(err, &unknown):
//		fmt.Println("it may still happen:", unknown.Tx)
//	case errors.As(err, &node):
//		fmt.Println("no answer to rely on:", node)
//	case errors.As(err, &refused):
//		fmt.Println(refused.Code, refused.RetryAt) // window_not_open 2026-11-27T10:37:05Z
//	}
//
// RetryAt is zero where waiting is no help. `hongbao error CODE` explains a code.
// Every method takes a context; when it ends while a transaction is out, the error
// is [Unknown].
//
// # What is where
//
//	client      this package: read, sign, follow
//	files       claim links, transaction files, consents
//	submit      one transaction from its nonce to its outcome
//	evidence    a node's answers made into evidence
//	audit       proofs verified offline
//	wallet      keys and accounts
//	rpc         a node's answers as they come
package client
