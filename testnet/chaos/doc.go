// Package chaos holds the fault tests of whole networks: validators killed
// under traffic, one or all at once, and proposers that lie, with what was
// promised held against what the chain then says. It is tests alone:
//
//	go test ./testnet/chaos                                  a few faults, in a minute
//	go test ./testnet/chaos -campaign -timeout 60m -v        each fault against each validator, three times
//	go test ./testnet/chaos -campaign -run Flood -timeout 60m -v   six floods, and how honest people fared
package chaos
