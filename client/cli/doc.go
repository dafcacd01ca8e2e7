// Package cli is hongbao's command line: one file per verb over one
// [Session], which holds the global flags, the node, the keys and the way
// results and errors are shown.
//
// # What a script relies on
//
// Results go to stdout, progress and hints to stderr. With --output json
// exactly one object stands on stdout, whatever happens (watch alone prints one
// for each entry):
//
//	{"status":"ok","result":{...}}
//	{"status":"error","error":{"code":"already_claimed","number":12,"message":"...","exit":4,...}}
//
// An error code with a number is the contract's own, even where the client
// noticed it: a refusal by the ledger's rules. A code without a number is the client's. The
// exit code says how far things went:
//
//	0 done                        5 outcome unknown: hongbao tx wait HASH settles it
//	1 internal                    6 node unreachable
//	2 usage                       7 proof invalid
//	3 refused before a block      8 proof sound, trust missing or not fitting
//	4 executed and failed         9 a person declined
//	                             10 proof sound, and the share not final
//
// # A transaction
//
// Every verb that changes the ledger goes one way, in submit.go: lock the
// account, settle what an earlier command left open, read the nonce, let the
// node simulate the tx (a refusal costs nothing and exits 3), show the terms,
// ask for the passphrase, sign, write the bytes down, print the hash, broadcast,
// and poll until the tx stands in a block or provably never will.
//
// # Tests
//
// [NewRoot] and [Run] are all that a program needs; [From] gives a test the
// session of a root.
package cli
