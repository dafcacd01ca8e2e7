package contract

import "errors"

// Status is a packet's state. Every status but Open is final.
type Status uint8

const (
	Open     Status = 1 // shares may be claimed until expiry
	Full     Status = 2 // every share was claimed
	Recalled Status = 3 // the rest went back under a clause
	Expired  Status = 4 // the rest was refunded at expiry
)

func (s Status) String() string {
	return nameOf(s, "unknown", "open", "full", "recalled", "expired")
}

// MarshalText writes the name.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// ShareState is a share's state.
type ShareState uint8

const (
	Reserved      ShareState = 1 // claimed, its amount not drawn yet: lucky splits
	Held          ShareState = 2 // claimed; settles at its claim + the terms' hold
	Settled       ShareState = 3 // the claimer's own, beyond every clause
	ShareRecalled ShareState = 4 // it went back under a clause while it was held
	Returned      ShareState = 5 // the claimer gave it back
)

func (s ShareState) String() string {
	return nameOf(s, "unknown", "reserved", "held", "settled", "recalled", "returned")
}

// MarshalText writes the name.
func (s ShareState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Share is a claimed portion of a packet.
type Share struct {
	_         struct{} `cbor:",toarray"`
	Claimer   Address
	Amount    Amount
	State     ShareState
	ClaimedAt Time
	Asked     *Asked // the sender's one question about it; nil while there was none
}

// Asked is the sender's question whether a settled share may come back.
type Asked struct {
	_      struct{} `cbor:",toarray"`
	State  AskState
	Reason Reason
	At     Time
}

// AskState is how a question stands.
type AskState uint8

const (
	AskOpen     AskState = 1 // until AskFor after it was asked
	AskAccepted AskState = 2 // the share was returned in time
	AskRefused  AskState = 3
	AskLapsed   AskState = 4 // not answered in time
)

func (s AskState) String() string {
	return nameOf(s, "unknown", "open", "accepted", "refused", "lapsed")
}

// MarshalText writes the name.
func (s AskState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// AskFor is how long a question waits for its answer: time enough for a claimer
// who does not look every day.
const AskFor Seconds = 72 * 3600

// LapsesAt is the instant from which the question can no longer be answered.
func (a *Asked) LapsesAt() Time { return a.At.Plus(AskFor) }

// StateAt is how the question stands at now: an open one lapses by the time,
// whether that was swept by then or not.
func (a *Asked) StateAt(now Time) AskState {
	if a.State == AskOpen && now >= a.LapsesAt() {
		return AskLapsed
	}
	return a.State
}

// Packet is one red packet, and the head of its life: its ID, which is not in
// the leaf p/<id> but in its key, and the leaf.
type Packet struct {
	_         struct{} `cbor:",toarray"`
	ID        PacketID `cbor:"-"` // zeros before the packet is sent
	Sender    Address
	Terms     Terms
	SendTx    Hash         // hash of the tx that signed Terms
	Tightened []Tightening // in order; the last one's clauses are in force
	Created   Time         // block time of the send; relative windows count from here
	Expires   Time         // Created + Terms.Expiry, for readers of the leaf alone
	Status    Status
	Closed    Time    // when Status left Open; 0 while open
	Escrow    Amount  // unclaimed and undrawn money: total - claimed - recalled - refunded
	Shares    []Share // in order of claim; share n of the packet is Shares[n-1]
	History   History
	Tally     *Tally `cbor:"-"` // of a large packet, whose Shares are empty: the leaf's one field more

	beside *numberedShare // a share of a large packet that is looked at
}

type (
	// packetLeaf is a Packet that may be decoded without an ID.
	packetLeaf Packet
	// largeLeaf is one of a large packet.
	largeLeaf struct {
		_ struct{} `cbor:",toarray"`
		*packetLeaf
		Tally *Tally
	}
)

// packetFields is how many items the leaf of a packet has that is not large.
const packetFields = 11

// UnmarshalCBOR reads a leaf into a Packet that has its ID already: without one,
// what is signed and said about the packet would be about no packet.
func (p *Packet) UnmarshalCBOR(leaf []byte) error {
	if p.ID == (PacketID{}) {
		return errors.New("contract: set Packet.ID before decoding its leaf")
	}
	return p.decodeLeaf(leaf)
}

// decodeLeaf is UnmarshalCBOR where the ID is known to be set.
func (p *Packet) decodeLeaf(leaf []byte) error {
	if !isArrayOf(packetFields+1, leaf) {
		return strictDecoding.Unmarshal(leaf, (*packetLeaf)(p))
	}
	large := largeLeaf{packetLeaf: (*packetLeaf)(p)}
	err := strictDecoding.Unmarshal(leaf, &large)
	p.Tally = large.Tally
	return err
}

// MarshalCBOR writes the leaf.
func (p *Packet) MarshalCBOR() ([]byte, error) {
	if p.Tally == nil {
		return canonicalEncoding.Marshal((*packetLeaf)(p))
	}
	return canonicalEncoding.Marshal(&largeLeaf{packetLeaf: (*packetLeaf)(p), Tally: p.Tally})
}

// Tightening is a list of clauses that took the place of the one before it.
type Tightening struct {
	_       struct{} `cbor:",toarray"`
	At      Time
	Clauses []Clause
}

// History is a leaf's place in its own past: how many entries it has and the
// hash that they fold to.
type History struct {
	_     struct{} `cbor:",toarray"`
	Count uint64
	Head  Hash
}

// InForce are the clauses that a recall is judged by: the terms' own, or those
// of the last tightening.
func (p *Packet) InForce() []Clause {
	if n := len(p.Tightened); n > 0 {
		return p.Tightened[n-1].Clauses
	}
	return p.Terms.Clauses
}

// ShareOf is the index, from 1, of the share that a claimed; 0 when it has none.
func (p *Packet) ShareOf(a Address) int {
	for i := range p.Shares {
		if p.Shares[i].Claimer == a {
			return i + 1
		}
	}
	return 0
}

// share is share n, from 1; a refusal when it is not claimed.
func (p *Packet) share(n uint32) (*Share, error) {
	if s := p.ShareAt(n); s != nil {
		return s, nil
	}
	return nil, Errorf(CodeUnknownShare, "packet %s: has %d shares claimed, none numbered %d",
		p.ID, p.Claimed(), n)
}

// SettlesAt is the instant from which share n (from 1) is beyond every clause,
// whether it was swept by then or not.
func (p *Packet) SettlesAt(n uint32) Time { return p.ShareAt(n).ClaimedAt.Plus(p.Terms.Hold) }

// StatusAt is the packet's status at now. Expiry is judged by the time, not by
// whether the refund was already swept.
func (p *Packet) StatusAt(now Time) Status {
	if p.Status == Open && now >= p.Expires {
		return Expired
	}
	return p.Status
}

// StateAt is the state of share n (from 1) at now. Settlement too is judged by the
// time.
func (p *Packet) StateAt(n uint32, now Time) ShareState {
	state := p.ShareAt(n).State
	if state == Held && now >= p.SettlesAt(n) {
		return Settled
	}
	return state
}

// Facts are what the claim rule and the rest clauses are judged on at now.
func (p *Packet) Facts(now Time, signers ...Address) Facts {
	return Facts{
		Now:       now,
		Start:     p.Created,
		Untouched: p.Claimed() == 0,
		Sender:    p.Sender,
		Signers:   signers,
	}
}

// RecallFacts are what the clauses on share (from 1; 0: the rest) are judged on.
func (p *Packet) RecallFacts(share uint32, now Time, signers ...Address) Facts {
	if share == 0 {
		return p.Facts(now, signers...)
	}
	return Facts{Now: now, Start: p.ShareAt(share).ClaimedAt, Sender: p.Sender, Signers: signers}
}

// closedError says why a packet no longer gives or takes back money; nil while
// it is open at now.
func (p *Packet) closedError(now Time) error {
	switch p.StatusAt(now) {
	case Full:
		return Errorf(CodeFull, "packet %s: every share was taken at %s", p.ID, p.Closed)
	case Recalled:
		return Errorf(CodeRecalled, "packet %s: recalled at %s", p.ID, p.Closed)
	case Expired:
		return Errorf(CodeExpired, "packet %s: expired at %s", p.ID, p.Expires)
	}
	return nil
}

// notHeldError says why share n cannot be recalled; nil while it is held at now.
func (p *Packet) notHeldError(n uint32, now Time) error {
	if _, err := p.share(n); err != nil {
		return err
	}
	switch p.StateAt(n, now) {
	case ShareRecalled:
		return Errorf(CodeShareRecalled, "share %s/%d: was recalled already", p.ID, n)
	case Returned:
		return Errorf(CodeAlreadyReturned, "share %s/%d: was returned already", p.ID, n)
	case Reserved:
		return Errorf(CodeShareReserved, "share %s/%d: its amount is drawn in the next block", p.ID, n)
	case Settled:
		return Errorf(CodeShareSettled, "share %s/%d: settled at %s, beyond every clause", p.ID, n, p.SettlesAt(n))
	}
	return nil
}

// TargetOf is what a recall of share (from 1; 0 = the rest) would be about, or
// why that money is beyond every clause at now.
func (p *Packet) TargetOf(share uint32, now Time) (Target, error) {
	if share != 0 {
		return HeldShares, p.notHeldError(share, now)
	}
	return Rest, p.closedError(now)
}

// RecallableShare is share, or where it is 0 the held share that is all of the
// packet's money: no rest could be meant.
func (p *Packet) RecallableShare(share uint32) uint32 {
	if s := p.ShareAt(1); share == 0 && p.Terms.Shares == 1 && s != nil && s.State == Held {
		return 1
	}
	return share
}

// recalledFrom reports whether any of the packet's money was recalled.
func (p *Packet) recalledFrom() bool {
	for i := range p.Shares {
		if p.Shares[i].State == ShareRecalled {
			return true
		}
	}
	return p.Status == Recalled || p.Tally != nil && p.Tally.Recalled
}
