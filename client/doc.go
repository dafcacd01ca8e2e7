// Package client is hongbao for Go programs: it sends red packets and claims
// from them, recalls, reads, proves and follows, through one node of a chain.
//
// A program needs a node's URL, and to sign an account of a wallet:
//
//	c, err := client.Dial(ctx, "http://127.0.0.1:26657", client.Options{})
//	alice, err := wallet.Open(home).Account("alice")
//	sent, err := c.As(alice).Send(ctx, client.Packet{Total: 8880, Shares: 8})
//	fmt.Println(sent.Link) // hongbao:claim?chain=…&packet=rp1…#k=…
//
// docs/library.md has a whole program.
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
//	[contract.Error]   refused here, before any node was asked
//
// Find them with errors.As. Every method takes a context; when it ends while a
// transaction is out, the error is [Unknown].
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
