// Package sim runs the whole system under virtual time: four validators, what
// clients do with them, and what can go wrong between and inside them, all from
// one seed. It is made of tests; there is nothing to import.
//
// Two drivers make a run:
//
//	model   four real applications under a consensus of ours, in one goroutine. A
//	        seed is the whole run, byte for byte. An hour of virtual time costs
//	        half a minute.
//	bubble  CometBFT's own consensus, block sync, mempool, evidence and executor, with
//	        this product's gossip, proposer check and pulse, in one testing/synctest
//	        bubble. The seed fixes faults and deeds, not the order of goroutines.
//
// Both write a [trace]: the blocks, what each node made of them, what clients
// sent, were told and read, and every fault. The [checkers] read nothing else.
// A trace whose run broke a promise is kept in a file: -run TestTrace -trace FILE
// judges it again and executes its blocks in a fresh application.
//
// A [plant] is a bug put between the product's parts, before the application or
// under its database, so that nothing in the product can switch it on.
//
// # Files
//
//	world, trace, plan      who there is, what is known of a run, what goes wrong
//	crowd, deeds, large     clients and what they do
//	disk, recorder, liar    what stands around an application
//	model, modelrun         the one driver
//	bubble, bubblenode,
//	network, switch, signer the other
//	view, checks, packets,
//	order                   the checkers
//	plant, planted, replay  the bugs that try them; a trace once more
package sim
