// Package submit takes one transaction from its nonce to its outcome.
//
// The life of a tx, in the order in which [Submitter.Submit] lives it:
//
//	lock       the account's nonce is this process's alone
//	previous   a tx that was left open is offered again, the same bytes, and seen to end
//	nonce      of the account's leaf, with the newest block's time
//	simulate   what the ledger would refuse is refused here, before anything is signed
//	review     the caller shows what will be signed; only then is the key asked for
//	sign       valid for wallet.ValidFor from now: it executes soon or never
//	journal    written down before the bytes leave, so that no crash forgets them
//	offer      to the node's mempool
//	outcome    it stands in a block, or never will
//
// Once the bytes of a signed tx have left this process, a node's refusal settles
// nothing: it can keep them, and send them on later. What settles a tx is that it
// stands in a block, that its nonce is spent by another, or that its time is
// over. Without a trust file the node is believed about these; with one they are
// proven, and what the node says of the tx only tells when to look.
//
// # Errors
//
//	[Refused]          it did not happen and never will; the contract's code says why
//	[Failed]           it stands in a block, and failed there
//	[Unknown]          it may still happen, until its ValidUntil
//	[PreviousPending]  the account's tx before it may still happen: nothing was signed
//	[NotSent]          the node was not reached: nothing left
//
// Others are those of packages rpc, evidence and wallet; then nothing was handed
// out.
package submit
