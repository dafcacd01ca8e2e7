// Package audit proves what happened to a red packet, and checks such proofs
// offline: it asks no node, clock or disk.
package audit
