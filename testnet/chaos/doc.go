// Package chaos attacks networks of real processes, and holds what was promised
// against what every node then says. `hongbao testnet chaos` runs it.
//
// A campaign ([Run]) is a table of faults. Each happens so many times to a network of
// four validators that is under mixed traffic (package load), which writes down what
// it sent and what it was told. A fault says when it ends; from there it is measured
// how long it takes until every node has new blocks. After each row all blocks of all
// nodes are read and compared with each other and with what clients were told, every
// transaction's record is asked for, every packet's life is judged by the blocks alone,
// and its whole history is proven and verified.
//
// Packets are lost in a network of its own kind: each node lives in a network
// namespace, and what it sends passes through this process (wire_linux.go). TCP is
// the kernel's, so that it backs off as it does in a real outage. For that the
// program runs itself again in a user namespace ([Aside]), which takes no privilege.
// Where that is not allowed, those faults are left out, and their rows say so.
//
// The tests beside it are attacks that need a program of their own: proposers that
// lie, floods that cost their makers something, guests that take every connection.
//
//	go test ./testnet/chaos                                  killed validators, and each lie once
//	go test ./testnet/chaos -campaign -timeout 600m -v       each lie for longer, and wrong clocks
//	go test ./testnet/chaos -campaign -run Flood -timeout 60m -v   six floods, and how honest people fared
package chaos
