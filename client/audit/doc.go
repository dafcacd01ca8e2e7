// Package audit proves what happened to a red packet, and checks such proofs
// offline: it asks no node, clock or disk, and believes nothing but a trust
// file.
//
// # The story of a proof
//
// Alice sent ¥888.00 by mistake; five people took a share each before she
// recalled the rest. An auditor who trusts neither her nor any node holds two
// files: a [Trust], which says who the chain's validators are, and a proof
// [File], which any client can make from a node's answers with
// [Build]. [Verify] leads from the one to the other:
//
//	header      the trusted validators, by more than 2/3 of their power, signed
//	            a block whose header holds the application's root hash; where they
//	            changed since, each set approved the next one, likewise
//	clock       of a dev chain: how far its time is ahead of the header's
//	leaf        under that root stands the packet's leaf; the key is made here,
//	            from the packet's id, and an ICS-23 proof leads to it
//	signatures  every transaction in the file is signed by its account
//	entries     the history in the file is whole: it folds to the head in the leaf
//	draws       of a lucky packet: each beacon in the file is a trusted
//	            validator's proof, by its VRF key, over a block's hash
//	sums        no fen is missing: claimed + recalled + refunded + escrow = total
//	replay      starting from nothing but the signed transactions and the times
//	            in the entries, the contract's rules give each entry and at last
//	            the leaf, byte for byte; lucky amounts follow from the beacons
//
// The last step is what makes the proof more than the validators' word: they
// could not have paid a share to an account that did not sign for it, let a
// recall through that the sender's terms forbid, or shortened a window,
// without it showing.
//
// The file decides nothing about its own judge. Keys, roots, proof formats and
// the first validators come from the verifier; each byte of the file is compared or
// hashed, and each value has one spelling, so that no byte can be changed
// without the verdict changing.
//
// # Verdicts
//
// A proof is valid, or invalid (a check failed), or untrusted: sound in itself,
// but there is no trust file, or the trust file is of another chain, or the
// proof's header is older than the reader accepts.
//
// What a valid proof does not say: that the packet is still as it was at the
// proof's height (an open one may have moved on), that more than 2/3 of the
// validators are honest, that their clocks were right, and that each beacon is by
// the validator whose turn it was, over the hash that its block had.
// docs/format.md holds all that a second implementation needs.
//
// # Other kinds
//
// That is [KindPacket]. The others show one leaf too, under the same header, and
// less of a history: a share's finality, one recall, an account's statement, that
// something was not recalled or never existed, the supply. Each is a list of such
// steps: see the method steps.
//
// # Two proofs
//
// Validators with more than 2/3 of the power can sign two histories, and show each
// to another person. [Compare] lays two valid proofs beside each other; where no
// chain can have both, it names the more than 1/3 that signed both, and makes a file
// of the two that [VerifyContradiction] judges again.
//
// # Values and sentences
//
// This package speaks no language. A [Report] is a verdict, the checks, and the
// facts; a [Check] is a name, whether it holds, and a [Finding]: a stable code with
// named values. client/words has the sentences, in English and Chinese. What
// [Decode], [ReadTrust], [Build] and [TrustFromGenesis] refuse is an ordinary
// error.
//
// # Files
//
//	trust               the trust file
//	file, parse, kind   the proof file: its one spelling, its kinds, and how one is built
//	verify, finding     the verdict, and what each check found
//	protobuf, header, commit, iavl  what CometBFT signs, and the tree below it
//	leaf, absent        the leaf that a proof is of, or that there is none
//	clock               a dev chain's time
//	packet, entry       signatures, entries, sums
//	replay, draws       the packet's life once more, by the contract's rules, and its lucky draws
//	parties, finality   who signed the terms, and what can still become of a share
//	recall              one recall, on the packet as it was the moment before
//	account, supply     an account's statement, and where all money is
//	facts, turnover     what was proven, as values
//	compare             what two proofs say that cannot both be true
package audit
