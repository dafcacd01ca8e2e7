// Package contract is the meaning of every byte on a hongbao chain: what a
// red packet is, who may move its money and when, and what is written down
// when they do. It is pure: no clock, no disk, no network, no goroutine.
//
// # The story of ¥100
//
// Alice signs [Terms]: ¥100.00 in 2 equal shares, claimed with a one-time
// link, expiring in 24 hours, with one [Clause] — "rest when
// all(sender,within(2m))" — so for two minutes she alone may take back what
// is not claimed. The terms travel in a [Send] message inside a signed
// [Tx]; her signature on the tx is her signature under the clause.
//
// [Block.Apply] runs the tx against a ledger, the state of one block under
// execution. It decides first and writes last: ¥100.00 moves from Alice's
// balance to the packet's escrow through ledger.move, the only place where
// money moves. The movement is a [Posting]; an [Entry] holding it is appended
// to the history of every leaf it touches, and each leaf carries a running
// hash, its head, over its whole history. So one proof of one leaf proves a
// complete history.
//
// Bob signs a [Claim]. It names the hash of the terms, so his signature is
// his acceptance of the clause; the link key signs his address, so a copied
// link claim is worthless to anyone else. ¥50.00 moves from escrow to Bob and
// is beyond every clause.
//
// One minute in, Alice notices she meant another person. Her [Recall] names
// the clause; [Unmet] finds nothing missing; the remaining ¥50.00 moves back
// to her and the packet closes. Had she done nothing, [Block.Due] would have
// refunded it at expiry.
//
// # Files
//
//	amount, address, bech32, clock,
//	hash                             the small values
//	cond, cond_text, cond_check      the condition language
//	terms, packet, account, entry    what is signed and what is kept
//	tx, encode, errors               the wire
//	block, mempool, replay           who runs the rules: a chain, its waiting txs, a reader
//	state, ledger, move              one block's state, and its one mover
//	admit, apply, apply_*, draw, due who may enter a block, and what it does
//	genesis                          block zero and the chain's parameters
package contract
