// Package testchain is the chain that tests run on: the application that its
// caller opens, driven block by block as CometBFT would, with keys, times and
// block hashes that are the same each time.
//
// [New] begins a chain. Its accounts have names ([Key], [Address]) and ¥10,000.00
// each ([Genesis]); its [Validators] sign headers with real keys, and prove what
// lucky shares are drawn with. [Chain.Block] has a block proposed, judged and
// executed by every node. [Chain.Serve] answers for it over HTTP as a node does,
// so that the real client reads it, sends to it and makes proofs of it.
//
// It does not import the application: the tests inside package app use it too.
package testchain
