package audit

import (
	"slices"

	"hongbao/contract"
)

// Facts are what a valid proof establishes. Each is recomputed from verified
// data; none is copied from the file. Amounts are fen. Of the parts behind
// Time one is there, as the kind says: for packet and unrecalled Packet, for
// absent none.
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
	Sender          contract.Address  `json:"sender"`
	Scene           string            `json:"scene"`
	Split           string            `json:"split"`
	Total           contract.Amount   `json:"total_fen,string"`
	ShareCount      uint32            `json:"share_count"`
	Created         contract.Time     `json:"created"`
	Expires         contract.Time     `json:"expires"`
	Status          string            `json:"status"` // as of Time: what is due has expired
	Closed          *contract.Time    `json:"closed"`
	Escrow          contract.Amount   `json:"escrow_fen,string"`
	RecallableUntil *contract.Time    `json:"recallable_until"` // the rest, by others than time
	Tightened       []TightenedFacts  `json:"tightened"`
	Shares          []ShareFacts      `json:"shares"`
	Luckiest        uint32            `json:"luckiest,omitempty"` // share, once a lucky packet is full and drawn
	Recalled        *contract.Amount  `json:"recalled_fen,string,omitempty"`
	RecalledFor     []contract.Reason `json:"recalled_for,omitempty"`
	Refunded        *contract.Amount  `json:"refunded_fen,string,omitempty"`
	Recalls         []PowerFacts      `json:"recalls,omitempty"` // in order; of kind packet
}

// TightenedFacts are when the sender gave up power, and whether all of it.
type TightenedFacts struct {
	At        contract.Time `json:"at"`
	Renounced bool          `json:"renounced"`
}

// ShareFacts are about a claimed share.
type ShareFacts struct {
	Index       uint32               `json:"index"`
	Claimer     contract.Address     `json:"claimer"`
	Amount      *contract.Amount     `json:"amount_fen,string"` // null while it is not drawn
	State       string               `json:"state"`             // as of Time: what is due has settled
	ClaimedAt   contract.Time        `json:"claimed_at"`
	SettlesAt   *contract.Time       `json:"settles_at,omitempty"` // while it is held
	Final       bool                 `json:"final"`                // the claimer's: no other account can take it
	FinalSince  *contract.Time       `json:"final_since,omitempty"`
	OthersUntil *contract.Time       `json:"others_until,omitempty"`
	By          [][]contract.Address `json:"by,omitempty"`      // any of these sets of signatures suffices
	Reasons     []contract.Reason    `json:"reasons,omitempty"` // for one of these; absent = any, or none
	// the sender's question: open, accepted, refused or lapsed
	Asked       string          `json:"asked,omitempty"`
	RecalledFor contract.Reason `json:"recalled_for,omitempty"`
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
	s := &p.Shares[n-1]
	f := ShareFacts{Index: n, Claimer: s.Claimer, State: s.State.String(), ClaimedAt: s.ClaimedAt}
	if s.State != contract.Reserved {
		f.Amount = &s.Amount
	}
	if s.State == contract.Held {
		at := p.SettlesAt(n)
		f.SettlesAt = &at
		if at <= now {
			f.State, f.SettlesAt = contract.Settled.String(), nil
		}
	}
	if s.State == contract.Reserved || s.State == contract.Held || s.State == contract.Settled {
		if fin := p.Finality(n, now); fin.OthersUntil != 0 {
			f.OthersUntil, f.By, f.Reasons = &fin.OthersUntil, fin.By, fin.Reasons
		} else {
			f.Final, f.FinalSince = true, &fin.FinalSince
		}
	}
	if a := s.Asked; a != nil {
		f.Asked = a.State.String()
		if a.State == contract.AskOpen && now >= a.LapsesAt() {
			f.Asked = contract.AskLapsed.String() // too late for the claimer to answer it
		}
	}
	return f
}

// newPacketFacts are about p at now, from its leaf.
func newPacketFacts(p *contract.Packet, now contract.Time) *PacketFacts {
	f := &PacketFacts{
		Sender: p.Sender, Scene: p.Terms.Scene, Split: p.Terms.Split.String(), Total: p.Terms.Total,
		ShareCount: p.Terms.Shares, Created: p.Created, Expires: p.Expires, Status: p.Status.String(), Escrow: p.Escrow,
		Tightened: []TightenedFacts{}, Shares: []ShareFacts{}, Luckiest: p.Luckiest(),
	}
	if p.Status != contract.Open {
		f.Closed = &p.Closed
	} else if now >= p.Expires {
		f.Status = contract.Expired.String()
	}
	if until := p.RecallableUntil(); now < until {
		f.RecallableUntil = &until
	}
	for _, t := range p.Tightened {
		f.Tightened = append(f.Tightened, TightenedFacts{t.At, len(t.Clauses) == 0})
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
