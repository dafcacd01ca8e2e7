package contract

// Status is a packet's state. Every status but Open is final.
type Status uint8

const (
	Open     Status = 1 // shares may be claimed until expiry
	Full     Status = 2 // every share was claimed
	Recalled Status = 3 // the rest went back under a clause
	Expired  Status = 4 // the rest was refunded at expiry
)

func (s Status) String() string {
	return [...]string{"unknown", "open", "full", "recalled", "expired"}[min(s, 5)%5]
}

// ShareState is a share's state.
type ShareState uint8

const (
	Settled  ShareState = 1 // the claimer's own, beyond every clause
	Returned ShareState = 2 // the claimer gave it back
)

func (s ShareState) String() string {
	return [...]string{"unknown", "settled", "returned"}[min(s, 3)%3]
}

// Share is a claimed portion of a packet.
type Share struct {
	_         struct{} `cbor:",toarray"`
	Claimer   Address
	Amount    Amount
	State     ShareState
	ClaimedAt Time
}

// Packet is the leaf p/<id>: one red packet, and the head of its life.
type Packet struct {
	_       struct{} `cbor:",toarray"`
	Sender  Address
	Terms   Terms
	SendTx  Hash // hash of the tx that signed Terms
	Created Time // block time of the send; relative windows count from here
	Expires Time // Created + Terms.Expiry, for whoever reads the leaf alone
	Status  Status
	Closed  Time    // when Status left Open; 0 while open
	Escrow  Amount  // unclaimed money: total - claimed - recalled - refunded
	Shares  []Share // in order of claim; share n of the packet is Shares[n-1]
	History History
}

// History is a leaf's place in its own past: how many entries it has and the
// hash that they fold to.
type History struct {
	_     struct{} `cbor:",toarray"`
	Count uint64
	Head  Hash
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

// Facts are what the packet's rules and clauses are judged on at now.
func (p *Packet) Facts(now Time, signers ...Address) Facts {
	return Facts{
		Now:       now,
		Start:     p.Created,
		Untouched: len(p.Shares) == 0,
		Sender:    p.Sender,
		Signers:   signers,
	}
}

// RecallableUntil is the latest instant before which anybody could still
// recall the rest, were nothing else to happen; 0 when nobody can. It is at
// most Expires.
func (p *Packet) RecallableUntil() Time {
	var latest Time
	if p.Status != Open {
		return 0
	}
	for i := range p.Terms.Clauses {
		c := &p.Terms.Clauses[i]
		if c.Target != Rest {
			continue
		}
		facts := p.Facts(p.Created, KeysIn(c.When.Cond, p.Sender)...)
		if end, ever := lastTrue(c.When.Cond, facts); ever {
			latest = max(latest, min(end, p.Expires))
		}
	}
	return latest
}

// closedError says why a packet no longer gives or takes back money; nil while
// it is open at now. Expiry is judged by the time, not by whether the refund
// was already swept.
func (p *Packet) closedError(id PacketID, now Time) error {
	switch {
	case p.Status == Full:
		return Errorf(CodeFull, "packet %s: every share was taken at %s", id, p.Closed)
	case p.Status == Recalled:
		return Errorf(CodeRecalled, "packet %s: recalled at %s", id, p.Closed)
	case p.Status == Expired || now >= p.Expires:
		return Errorf(CodeExpired, "packet %s: expired at %s", id, p.Expires)
	}
	return nil
}
