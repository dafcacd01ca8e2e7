// Package query is what a node answers by ABCI Query: paths, requests and
// answers. Requests and answers are canonical CBOR (contract.Encode) unless
// said otherwise. Every answer's Height is the committed height it speaks of,
// and its Info the time, in RFC 3339, of the node's newest committed block,
// which is the same one unless an older height was asked for; on a dev chain
// it is what the next block makes of that time (contract.Clock), so that signers
// count from there. A refusal has the contract's code and a message in Log.
package query

import "hongbao/contract"

// Paths.
const (
	// Leaf: data is a leaf key; the value is the leaf's bytes, empty when
	// there is none. Height 0 means the newest. With prove set, ProofOps holds
	// one op of type ProofType: an ICS-23 commitment proof of presence or
	// absence under the AppHash of header Height+1.
	Leaf = "/leaf"
	// Entries: data is an EntriesRequest; the value is an EntryPage.
	Entries = "/entries"
	// Tx: data is a 32-byte tx hash; the value is a TxRecord, empty while the
	// tx is in no block.
	Tx = "/tx"
	// Beacon: data is a block's height as 8 bytes, big-endian; the value is the
	// contract.Beacon that drew what that block reserved, empty when none did.
	Beacon = "/beacon"
	// Results: data is a ResultsRequest; the value is a ResultPage. For a client
	// that waits for many txs.
	Results = "/results"
	// Simulate: data is a wire tx, whose signature may be zeros; the value is a
	// Simulation of it, signed, as the next thing that happens. Nothing is
	// changed.
	Simulate = "/simulate"
	// Packets: data is a PacketsRequest; the value is a PacketPage.
	Packets = "/packets"
	// Resolve: data is the text of a packet id's beginning (rp1…, at least 6
	// characters); the value is a PacketPage of at most MaxResolve ids.
	Resolve = "/resolve"
	// Claims: data is a ClaimsRequest; the value is a ClaimPage: who claimed from a large
	// packet, in order.
	Claims = "/claims"
	// ShareOf: data is a packet id and an address; the value is the share, from 1 as 4
	// bytes, that the account claimed from a large packet, the highest of several of a list;
	// empty when it claimed none.
	ShareOf = "/share-of"
	// Summary: no data; the value is Totals.
	Summary = "/summary"

	// Unavailable is the code of a node that cannot read its own state: it is
	// stopping, or broken. It is no code of the contract's.
	Unavailable uint32 = 1<<32 - 1

	// ProofType is the type of the one proof op that Leaf answers.
	ProofType = "ics23:iavl"
)

// Bounds on one answer; ask again for more.
const (
	MaxEntries = 100
	MaxPackets = 100
	MaxResults = 100
	MaxClaims  = 500
	MaxResolve = 2 // enough to know that a prefix is not unique
)

// EntriesRequest asks for a leaf's history from a seq on.
type EntriesRequest struct {
	_     struct{} `cbor:",toarray"`
	Leaf  []byte
	From  uint64 // first seq wanted
	Limit uint32 // at most MaxEntries
}

// EntryPage is entries in order of seq, each in its own encoding.
type EntryPage struct {
	_       struct{} `cbor:",toarray"`
	Entries [][]byte
}

// TxRecord is a tx that stands in a block, failed or not.
type TxRecord struct {
	_      struct{} `cbor:",toarray"`
	Height int64
	Time   contract.Time // of the block, as its txs saw it
	Index  uint32
	Code   contract.Code
	Log    string // why it failed
	Wire   []byte // empty of one that failed: its block has it, at Index
}

// ResultsRequest asks what became of at most MaxResults txs.
type ResultsRequest struct {
	_      struct{} `cbor:",toarray"`
	Hashes []contract.Hash
}

// ResultPage answers in the order asked.
type ResultPage struct {
	_       struct{} `cbor:",toarray"`
	Results []Result
}

// Result is a tx's place and outcome; Height 0 while it is in no block.
type Result struct {
	_      struct{} `cbor:",toarray"`
	Height int64
	Code   contract.Code
}

// Simulation is what a tx would do in the next block.
type Simulation struct {
	_       struct{} `cbor:",toarray"`
	Code    contract.Code
	Log     string
	RetryAt contract.Time // when the same tx may succeed; 0 when waiting is no help
	Entries [][]byte      // that it would make
}

// Role is an account's part in a packet.
type Role uint8

// Roles.
const (
	Sent    Role = 1
	Claimed Role = 2
)

// PacketsRequest asks for an account's packets, newest first.
type PacketsRequest struct {
	_       struct{} `cbor:",toarray"`
	Account contract.Address
	Role    Role
	Before  []byte // Next of the page before; empty to start
	Limit   uint32 // at most MaxPackets
}

// PacketPage lists packets; Next is empty on the last page.
type PacketPage struct {
	_       struct{} `cbor:",toarray"`
	Packets []contract.PacketID
	Next    []byte
}

// ClaimsRequest asks for the claims of a large packet after a place in the chain; zeros
// are its beginning.
type ClaimsRequest struct {
	_      struct{} `cbor:",toarray"`
	Packet contract.PacketID
	Height int64
	Index  uint32
	Limit  uint32 // at most MaxClaims
}

// ClaimPage lists claims in the order of the chain.
type ClaimPage struct {
	_      struct{} `cbor:",toarray"`
	Claims []Claim
}

// Claim is a claim of a large packet's share. Blocks commit to it: see
// contract.ClaimBatch.
type Claim struct {
	_       struct{} `cbor:",toarray"`
	Height  int64
	Index   uint32 // of the tx in its block
	Time    contract.Time
	Share   uint32
	Claimer contract.Address
	Amount  contract.Amount
}

// Totals is where all money is, and how many packets are open.
type Totals struct {
	_      struct{} `cbor:",toarray"`
	Supply contract.Supply
	Open   uint32
	Writes uint64 // leaves this node wrote to its tree since it started; not part of the state
}
