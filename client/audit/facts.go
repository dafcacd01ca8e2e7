package audit

import (
	"slices"

	"hongbao/contract"
)

// Facts are what a valid proof establishes. Each is recomputed from verified
// data; none is copied from the file. Amounts are fen. Of the parts behind
// Time one is there, as the kind says: for packet, large-packet and unrecalled Packet, for
// absent none; for unclaimed Packet and Entry.
type Facts struct {
	Kind    Kind          `json:"kind"`
	Subject string        `json:"subject"`
	ChainID string        `json:"chain_id"`
	Dev     bool          `json:"dev"`    // play money: the accounts' keys are public
	Height  int64         `json:"height"` // all this is so after this block
	Time    contract.Time `json:"time"`   // of the next block, which signs it and can itself change nothing earlier

	// how far a dev chain's clock is moved, where the file shows it
	DevClock *contract.Seconds `json:"dev_clock_seconds,omitempty"`

	Terms   *TermsFacts   `json:"terms,omitempty"` // of what is about a packet
	Packet  *PacketFacts  `json:"packet,omitempty"`
	Share   *ShareFacts   `json:"share,omitempty"`
	Entry   *EntryFacts   `json:"entry,omitempty"` // of kind unclaimed
	Recall  *RecallFacts  `json:"recall,omitempty"`
	Account *AccountFacts `json:"account,omitempty"`
	Supply  *SupplyFacts  `json:"supply,omitempty"`
}

// TermsFacts are the words of the contract.
type TermsFacts struct {
	Hash     contract.Hash    `json:"hash"`                // of the terms: what a claim accepts
	Claim    string           `json:"claim"`               // the rule by which shares are claimed
	Clauses  []string         `json:"clauses"`             // in force; of a recall's case just before it
	Hold     contract.Seconds `json:"hold_seconds"`        // for which a claimed share is held
	MemoHash *contract.Hash   `json:"memo_hash,omitempty"` // of the memo behind its salt, which the link holds
}

func (v *verifier) newTermsFacts() *TermsFacts {
	t, inForce := &v.packet.Terms, v.packet.InForce()
	if v.before != nil {
		inForce = v.before.InForce()
	}
	f := &TermsFacts{Hash: t.Hash(v.file.ChainID), Claim: contract.Print(t.Claim.Cond), Clauses: []string{},
		Hold: t.Hold, MemoHash: t.Memo}
	for i := range inForce {
		f.Clauses = append(f.Clauses, inForce[i].String())
	}
	return f
}

// PacketFacts are about a packet.
type PacketFacts struct {
	PacketStanding
	Tightened   []TightenedFacts  `json:"tightened"`
	Shares      []ShareFacts      `json:"shares"`
	Luckiest    uint32            `json:"luckiest,omitempty"` // share, once a lucky packet is full and drawn
	Recalled    *contract.Amount  `json:"recalled_fen,string,omitempty"`
	RecalledFor []contract.Reason `json:"recalled_for,omitempty"`
	Refunded    *contract.Amount  `json:"refunded_fen,string,omitempty"`
	Recalls     []PowerFacts      `json:"recalls,omitempty"` // in order; of kinds packet and large-packet
	Large       *LargeFacts       `json:"large,omitempty"`   // of a large packet, whose Shares are empty
}

// LargeFacts are what a large packet knows of its shares, each of which has a leaf of its
// own.
type LargeFacts struct {
	Claimed       uint32           `json:"claimed"`                      // shares
	Amount        *contract.Amount `json:"claimed_fen,string,omitempty"` // drawn, of a lucky one; of kind large-packet
	Undrawn       uint32           `json:"undrawn"`                      // of those claimed
	LastClaim     *contract.Time   `json:"last_claim,omitempty"`         // where one was claimed
	ShareRecalled bool             `json:"share_recalled"`               // a held share was recalled
}

func newLargeFacts(t *contract.Tally) *LargeFacts {
	f := &LargeFacts{Claimed: t.Claimed, Undrawn: t.Undrawn, ShareRecalled: t.Recalled}
	if t.Claimed > 0 {
		f.LastClaim = &t.LastClaim
	}
	return f
}

// EntryFacts are about an entry of a list. It names an address or the key of a one-time
// link, whose holder may claim it.
type EntryFacts struct {
	Index   uint32            `json:"index"` // from 1; the share that it gives has this number
	Address *contract.Address `json:"address,omitempty"`
	LinkKey *contract.Hash    `json:"link_key,omitempty"` // in hex
	Amount  contract.Amount   `json:"amount_fen,string"`
}

func newEntryFacts(e *contract.ListEntry) *EntryFacts {
	f := &EntryFacts{Index: e.Index, Amount: e.Amount}
	if e.Kind == contract.WhoAddress {
		f.Address = (*contract.Address)(&e.Who)
	} else {
		f.LinkKey = (*contract.Hash)(&e.Who)
	}
	return f
}

// PacketStanding is how a packet stands at a time: what its leaf says, and what is
// due by then.
type PacketStanding struct {
	Sender          contract.Address `json:"sender"`
	Scene           string           `json:"scene"`
	Split           contract.Split   `json:"split"`
	Total           contract.Amount  `json:"total_fen,string"`
	ShareCount      uint32           `json:"share_count"`
	Created         contract.Time    `json:"created"`
	Expires         contract.Time    `json:"expires"`
	Status          contract.Status  `json:"status"` // open, full, recalled, or expired: swept or not
	Closed          *contract.Time   `json:"closed"`
	Escrow          contract.Amount  `json:"escrow_fen,string"`
	RecallableUntil *contract.Time   `json:"recallable_until"` // the rest, under a clause
}

// NewPacketStanding is how p stands at now.
func NewPacketStanding(p *contract.Packet, now contract.Time) PacketStanding {
	s := PacketStanding{
		Sender: p.Sender, Scene: p.Terms.Scene, Split: p.Terms.Split, Total: p.Terms.Total, ShareCount: p.Terms.Shares,
		Created: p.Created, Expires: p.Expires, Status: p.StatusAt(now), Escrow: p.Escrow,
	}
	if p.Status != contract.Open {
		s.Closed = &p.Closed
	}
	if until := p.RecallableUntil(); now < until {
		s.RecallableUntil = &until
	}
	return s
}

// TightenedFacts are when the sender gave up power, and whether all of it.
type TightenedFacts struct {
	At        contract.Time `json:"at"`
	Renounced bool          `json:"renounced"`
}

// NewTightenedFacts are about a tightening.
func NewTightenedFacts(t *contract.Tightening) TightenedFacts {
	return TightenedFacts{t.At, len(t.Clauses) == 0}
}

// ShareFacts are about a claimed share.
type ShareFacts struct {
	Index   uint32           `json:"index"`
	Claimer contract.Address `json:"claimer"`
	ShareStanding
	RecalledFor contract.Reason `json:"recalled_for,omitempty"`
}

// ShareStanding is how a claimed share stands at a time, were nothing else to
// happen: whose it is, since when or until when.
type ShareStanding struct {
	Amount      *contract.Amount     `json:"amount_fen,string"` // null while it is not drawn
	State       contract.ShareState  `json:"state"`             // reserved, held, settled, recalled or returned
	ClaimedAt   contract.Time        `json:"claimed_at"`
	SettlesAt   *contract.Time       `json:"settles_at,omitempty"` // while it is held
	Final       bool                 `json:"final"`                // the claimer's: no other account can take it
	FinalSince  *contract.Time       `json:"final_since,omitempty"`
	OthersUntil *contract.Time       `json:"others_until,omitempty"`
	By          [][]contract.Address `json:"by,omitempty"`      // any of these sets of signatures suffices
	Reasons     []contract.Reason    `json:"reasons,omitempty"` // for one of these; absent = any, or none
	// the sender's question: open, accepted, refused or lapsed
	Asked contract.AskState `json:"asked,omitempty"`
}

// NewShareStanding is how share n (from 1) of p stands at now.
func NewShareStanding(p *contract.Packet, n uint32, now contract.Time) ShareStanding {
	share := p.ShareAt(n)
	s := ShareStanding{State: p.StateAt(n, now), ClaimedAt: share.ClaimedAt}
	if s.State != contract.Reserved {
		s.Amount = &share.Amount
	}
	if s.State == contract.Held {
		at := p.SettlesAt(n)
		s.SettlesAt = &at
	}
	if !s.WentBack() {
		if f := p.Finality(n, now); f.OthersUntil != 0 {
			s.OthersUntil, s.By, s.Reasons = &f.OthersUntil, f.By, f.Reasons
		} else {
			s.Final, s.FinalSince = true, &f.FinalSince
		}
	}
	if share.Asked != nil {
		s.Asked = share.Asked.StateAt(now)
	}
	return s
}

// WentBack reports whether the share is its claimer's no more.
func (s *ShareStanding) WentBack() bool {
	return s.State == contract.ShareRecalled || s.State == contract.Returned
}

// RecallFacts are one recall and why it was allowed.
type RecallFacts struct {
	Packet    contract.PacketID `json:"packet"`
	Sender    contract.Address  `json:"sender"`
	Claimer   *contract.Address `json:"claimer,omitempty"` // of the share
	ClaimedAt *contract.Time    `json:"claimed_at,omitempty"`
	PowerFacts
}

// PowerFacts are what was taken back and by whose power.
type PowerFacts struct {
	Share     uint32             `json:"share"`             // 0: the rest
	Amount    *contract.Amount   `json:"amount_fen,string"` // back to the sender; null while draws are owed
	Clause    uint32             `json:"clause"`            // of those in force then, from 1
	When      string             `json:"when"`              // its text
	Tightened bool               `json:"tightened"`         // it was one of a tightening, else of the terms
	Reason    contract.Reason    `json:"reason"`            // empty: none given
	Signers   []contract.Address `json:"signers"`           // whose signatures counted
	Submitter contract.Address   `json:"submitter"`
	At        contract.Time      `json:"at"`
	Height    int64              `json:"height"`
	Tx        contract.Hash      `json:"tx"`
}

// newPowerFacts are about a recall by tx that e records, from the packet as it
// was before.
func newPowerFacts(before *contract.Packet, e *contract.Entry, tx signedTx, m *contract.Recall) PowerFacts {
	clause := before.InForce()[m.Clause-1]
	f := PowerFacts{
		Share: m.Share, Clause: m.Clause, When: clause.String(), Tightened: len(before.Tightened) > 0, Reason: m.Reason,
		Signers: signers(&clause, before.Sender, tx.Account, m), Submitter: tx.Account, At: e.Time, Height: e.Height,
		Tx: tx.Hash,
	}
	if e.Posting != nil {
		f.Amount = &e.Posting.Amount
	}
	return f
}

// AccountFacts are an account's statement from entry From on.
type AccountFacts struct {
	Address     contract.Address `json:"address"`
	From        uint64           `json:"from"`
	Entries     uint64           `json:"entries"`
	Complete    bool             `json:"complete"` // from the first entry to the newest
	Since       contract.Time    `json:"since"`    // of the first entry shown
	Until       contract.Time    `json:"until"`    // of the last
	Opening     contract.Amount  `json:"opening_fen,string"`
	OpeningHeld contract.Amount  `json:"opening_held_fen,string"`
	In          Turnover         `json:"in_fen"` // wallet and hold together: what only settles is neither
	Out         Turnover         `json:"out_fen"`
	Closing     contract.Amount  `json:"closing_fen,string"`
	ClosingHeld contract.Amount  `json:"closing_held_fen,string"`
}

// count adds an entry to the sums.
func (s *AccountFacts) count(e *contract.Entry) {
	if e.Posting == nil {
		return
	}
	own := func(place contract.Place) bool {
		return place == contract.Wallet(s.Address) || place == contract.Hold(s.Address)
	}
	switch from, to := own(e.Posting.From), own(e.Posting.To); {
	case from && !to:
		s.Out.add(e.Posting.Amount)
	case to && !from:
		s.In.add(e.Posting.Amount)
	}
}

// SupplyFacts are where all money is.
type SupplyFacts struct {
	Wallets contract.Amount `json:"wallets_fen,string"`
	Escrow  contract.Amount `json:"escrow_fen,string"`
	Held    contract.Amount `json:"held_fen,string"`
	Total   contract.Amount `json:"total_fen,string"`
}

// newShareFacts are about share n (from 1) of p, at now.
func newShareFacts(p *contract.Packet, n uint32, now contract.Time) ShareFacts {
	return ShareFacts{Index: n, Claimer: p.ShareAt(n).Claimer, ShareStanding: NewShareStanding(p, n, now)}
}

// newPacketFacts are about p at now, from its leaf.
func newPacketFacts(p *contract.Packet, now contract.Time) *PacketFacts {
	f := &PacketFacts{
		PacketStanding: NewPacketStanding(p, now), Tightened: []TightenedFacts{}, Shares: []ShareFacts{},
		Luckiest: p.Luckiest(),
	}
	if p.Tally != nil {
		f.Large = newLargeFacts(p.Tally)
	}
	for i := range p.Tightened {
		f.Tightened = append(f.Tightened, NewTightenedFacts(&p.Tightened[i]))
	}
	for i := range p.Shares {
		f.Shares = append(f.Shares, newShareFacts(p, uint32(i+1), now))
	}
	return f
}

// addHistory adds what only the entries tell.
func (f *PacketFacts) addHistory(entries []*contract.Entry) {
	for _, e := range entries {
		switch {
		case e.Kind == contract.KindRecall && e.Share != 0:
			f.Shares[e.Share-1].RecalledFor = e.Reason
		case e.Kind == contract.KindRecall:
			if e.Reason != "" && !slices.Contains(f.RecalledFor, e.Reason) {
				f.RecalledFor = append(f.RecalledFor, e.Reason)
			}
			if e.Posting == nil {
				continue
			}
			f.Recalled = &e.Posting.Amount
			for i := range f.Recalls { // which may have waited for the draws
				if f.Recalls[i].Share == 0 {
					f.Recalls[i].Amount = f.Recalled
				}
			}
		case e.Kind == contract.KindRefund:
			f.Refunded = &e.Posting.Amount
		}
	}
}
