// Package files is what people hand to each other outside the ledger: a claim
// link, a transaction that waits for its key, an approver's consent, a validator's keys and
// a plan of the validators.
//
//	link      hongbao:claim?chain=…&packet=rp1…#k=…&m=…     text, with secrets behind the #
//	tx        {"format":"hongbao-tx/1", …}                  JSON, or the wire form alone
//	consent   {"format":"hongbao-consent/1", …}             JSON
//	join      {"format":"hongbao-join/1", …}                JSON
//	plan      {"format":"hongbao-plan/1", …}                JSON
//
// Each has one parser, which is strict and bounded, and one printer. Parsing
// judges the form; [Link.Check] and [Consent.Check] judge what it says against
// the packet that it is about. Nothing here reads a disk, a node or a clock.
package files
