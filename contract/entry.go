package contract

import (
	"fmt"
)

// Phase is the part of a block in which an entry was made, in block order.
type Phase uint8

const (
	PhaseGenesis Phase = 1
	PhaseDraw    Phase = 2
	PhaseDue     Phase = 3
	PhaseTx      Phase = 4
)

func (p Phase) String() string {
	return nameOf(p, "unknown", "genesis", "draw", "due", "tx")
}

// Kind is what an entry records.
type Kind uint8

const (
	KindGenesis Kind = 1
	KindPay     Kind = 2
	KindSend    Kind = 3
	KindClaim   Kind = 4
	KindRecall  Kind = 5
	KindReturn  Kind = 6
	KindRefund  Kind = 7
	KindSettle  Kind = 8  // a held share becomes its claimer's
	KindAsk     Kind = 9  // the sender asks for a settled share
	KindRefuse  Kind = 10 // its claimer refuses; accepting is a return
	KindLapse   Kind = 11 // the question was not answered in time
	KindTighten Kind = 12 // the clauses in force now allow less
	KindReserve Kind = 13 // a lucky share is claimed; its amount is drawn in the next block
	KindDraw    Kind = 14
	KindWarp    Kind = 15 // a dev chain's clock moves
	KindChange  Kind = 16 // the validators change, or the rules at a height
)

func (k Kind) String() string {
	return nameOf(k, "unknown", "genesis", "pay", "send", "claim", "recall", "return", "refund",
		"settle", "ask", "refuse", "lapse", "tighten", "reserve", "draw", "warp",
		"change")
}

// PlaceKind says what sort of place money is in.
type PlaceKind uint8

const (
	InMint   PlaceKind = 0 // outside; only genesis takes from it
	InWallet PlaceKind = 1 // an account's balance
	InEscrow PlaceKind = 2 // a packet's unclaimed money
	InHold   PlaceKind = 3 // an account's claimed and not yet settled money
)

// Place is where money is: ID is an Address for a wallet and a hold, a
// PacketID for escrow, zeros for the mint.
type Place struct {
	_    struct{} `cbor:",toarray"`
	Kind PlaceKind
	ID   [32]byte
}

// Wallet is a's balance.
func Wallet(a Address) Place { return Place{Kind: InWallet, ID: a} }

// Escrow is p's unclaimed money.
func Escrow(p PacketID) Place { return Place{Kind: InEscrow, ID: p} }

// Hold is a's claimed money that has not settled yet.
func Hold(a Address) Place { return Place{Kind: InHold, ID: a} }

// leaf is the key of the leaf that says how much is there; nil for the mint.
func (p Place) leaf() []byte {
	switch p.Kind {
	case InWallet, InHold:
		return AccountKey(Address(p.ID))
	case InEscrow:
		return PacketKey(PacketID(p.ID))
	}
	return nil
}

// String is the address, the address and "/hold", the packet id, or "genesis".
func (p Place) String() string {
	switch p.Kind {
	case InWallet:
		return Address(p.ID).String()
	case InEscrow:
		return PacketID(p.ID).String()
	case InHold:
		return Address(p.ID).String() + "/hold"
	case InMint:
		return "genesis"
	}
	return fmt.Sprintf("place %d", p.Kind)
}

// Posting is one movement of money, both sides.
type Posting struct {
	_      struct{} `cbor:",toarray"`
	From   Place
	To     Place
	Amount Amount
}

// Entry is one line of one leaf's history. A movement that touches two
// accounts and a packet makes three entries, one in each history, alike but
// for Seq and the balances after. What moves nothing (ask, refuse, lapse,
// tighten) makes one, in the packet's; a warp one in the clock's; a change one in
// that of c/validators.
type Entry struct {
	_       struct{} `cbor:",toarray"`
	Seq     uint64   // from 0, without gaps
	Height  int64    // of the block; 0 at genesis
	Time    Time     // of the block
	Phase   Phase
	Index   uint32 // of the tx in its block, or of the item in its phase
	Kind    Kind
	Tx      *Hash // phase tx only
	Packet  *PacketID
	Share   uint32   // from 1; 0 = none
	Beacon  *Hash    // draws only
	Posting *Posting // nil: nothing moved
	Reason  Reason   // recalls and asks; empty = none given
	Balance Amount   // after: an account's balance, or a packet's escrow
	Held    Amount   // after: an account's held money; 0 for a packet

	Claims *ClaimBatch `cbor:"-"` // of a large packet's claim, reserve or draw: the entry's one field more
}

// entryFields is how many items an entry has without a batch.
const entryFields = 14

type (
	plainEntry   Entry
	batchedEntry struct {
		_ struct{} `cbor:",toarray"`
		*plainEntry
		Claims *ClaimBatch
	}
)

// MarshalCBOR writes the entry, with its batch if there is one.
func (e *Entry) MarshalCBOR() ([]byte, error) {
	if e.Claims == nil {
		return canonicalEncoding.Marshal((*plainEntry)(e))
	}
	return canonicalEncoding.Marshal(&batchedEntry{plainEntry: (*plainEntry)(e), Claims: e.Claims})
}

// UnmarshalCBOR reads an entry with or without a batch.
func (e *Entry) UnmarshalCBOR(b []byte) error {
	if !isArrayOf(entryFields+1, b) {
		return strictDecoding.Unmarshal(b, (*plainEntry)(e))
	}
	batched := batchedEntry{plainEntry: (*plainEntry)(e)}
	err := strictDecoding.Unmarshal(b, &batched)
	e.Claims = batched.Claims
	return err
}

// Hash is the entry's digest, which heads fold.
func (e *Entry) Hash() Hash { return EntryHash(Encode(e)) }

// EntryHash is the digest of an entry's encoding.
func EntryHash(encoded []byte) Hash { return TaggedHash(tagEntry, encoded) }

// FirstHead is the head of a leaf without entries: bound to chain and leaf, so
// that no history can be passed off as another's.
func FirstHead(chain string, leafKey []byte) Hash {
	return TaggedHash(tagFirstHead, lengthPrefixed(chain), leafKey)
}

// NextHead folds an entry's hash into a head.
func NextHead(head, entry Hash) Hash { return TaggedHash(tagHead, head[:], entry[:]) }

// FirstHistory is that of a leaf without entries.
func FirstHistory(chain string, leafKey []byte) History {
	return History{Head: FirstHead(chain, leafKey)}
}

// With is the history with entries behind it, each in its encoding.
func (h History) With(entries ...[]byte) History {
	for _, e := range entries {
		h.Count, h.Head = h.Count+1, NextHead(h.Head, EntryHash(e))
	}
	return h
}

// add appends e, setting its Seq, and returns its encoding.
func (h *History) add(e *Entry) []byte {
	e.Seq = h.Count
	b, err := e.MarshalCBOR() // as Encode does, in less time
	if err != nil {
		panic(fmt.Sprintf("contract: an entry does not encode: %v", err))
	}
	h.Head = NextHead(h.Head, EntryHash(b))
	h.Count++
	return b
}

// Keys of leaves. The two-byte prefix says what the leaf is.

// AccountKey is a/<32 bytes>.
func AccountKey(a Address) []byte { return append([]byte("a/"), a[:]...) }

// PacketKey is p/<32 bytes>.
func PacketKey(p PacketID) []byte { return append([]byte("p/"), p[:]...) }

var (
	SupplyKey     = []byte("c/supply")
	ParamsKey     = []byte("c/params")
	DrawsKey      = []byte("c/draws")
	ClockKey      = []byte("c/clock") // dev chains only
	ValidatorsKey = []byte("c/validators")

	// FirstKey and LastKey sort before and after every other leaf, so that
	// every absent key has two neighbours to prove its absence with.
	FirstKey = []byte("!")
	LastKey  = []byte("~")
)
