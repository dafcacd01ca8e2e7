package client

import (
	"context"
	"errors"
	"time"

	"hongbao/client/files"
	"hongbao/client/wallet"
	"hongbao/contract"
)

// DefaultExpiry is the time after which the unclaimed rest of a packet comes back,
// unless Packet.Expiry names another: a day, as WeChat has it.
const DefaultExpiry contract.Seconds = 24 * 3600

// Packet is a red packet to be sent. The zero value of a field is its default.
type Packet struct {
	Total  contract.Amount // of all shares, in fen
	Shares uint32          // 1 to contract.MaxListed; 0: one, or one for each of To
	Lucky  bool            // amounts are drawn after the claims (拼手气); else they are equal

	// Who may claim: those of To; every account, if it is Public; else the holders
	// of the link.
	To     []contract.Address
	Public bool
	List   *contract.List // each entry gets its own amount: Total and Shares are the list's
	Opens  contract.Time  // claims before it are refused; rounded up to the second; 0: it is open at once

	Clauses []contract.Clause // who may take money back: see contract.ParseClause
	Hold    contract.Seconds  // for which a claimed share is held before it settles
	Expiry  contract.Seconds  // after which the unclaimed rest comes back; 0: DefaultExpiry
	Scene   string            // the template that clauses, hold and expiry follow; empty: none

	Memo string // travels in the link; the ledger holds its commitment

	// Keep hears of the packet's id and its link just before the bytes leave, to
	// write the link down: the money behind one that is lost comes back at its
	// expiry alone. An error ends the sending. nil: it is not told.
	Keep func(*Sent) error
}

// ErrAudience refuses a packet that says twice who may claim.
var ErrAudience = errors.New("packet: one of To, Public and List")

// terms are what will be signed, and the beginnings of the link: key and memo.
func (p *Packet) terms() (*contract.Terms, *files.Link, error) {
	t := &contract.Terms{
		Total: p.Total, Shares: p.Shares, Split: contract.Equal, Hold: p.Hold, Expiry: p.Expiry, Scene: p.Scene,
		Clauses: append([]contract.Clause{}, p.Clauses...),
	}
	if p.Lucky {
		t.Split = contract.Lucky
	}
	if p.List != nil {
		t.Split, t.Shares, t.Total = contract.ByList, p.List.Count(), p.List.Total()
	}
	if t.Shares == 0 {
		t.Shares = uint32(max(1, len(p.To)))
	}
	if t.Expiry == 0 {
		t.Expiry = DefaultExpiry
	}
	l := new(files.Link)
	if p.Memo != "" {
		var err error
		if l.Memo, err = files.NewMemo(p.Memo); err != nil {
			return nil, nil, err
		}
		hash := l.Memo.Hash()
		t.Memo = &hash
	}
	return t, l, p.claimRule(t, l)
}

// claimRule says who may claim; a link's key is new for every packet.
func (p *Packet) claimRule(t *contract.Terms, l *files.Link) (err error) {
	var rule contract.Cond
	switch {
	case len(p.To) > 0 && p.Public, p.List != nil && (len(p.To) > 0 || p.Public || p.Lucky):
		return ErrAudience
	case len(p.To) > 0:
		rule = contract.Named{Claimers: p.To}
	case p.List != nil:
		rule = contract.Listed{Root: p.List.Root()}
	case p.Public:
		rule = contract.Always{}
	default:
		if l.Key, err = wallet.NewLink(); err != nil {
			return err
		}
		pub := [32]byte(contract.AddressOf(l.Key))
		rule, t.LinkKey = contract.Link{}, &pub
	}
	if p.Opens != 0 {
		from := contract.From{At: p.Opens - p.Opens%contract.Time(time.Second)}
		if from.At < p.Opens {
			from.At = from.At.Plus(1)
		}
		if p.Public {
			rule = from
		} else {
			rule = contract.All{rule, from}
		}
	}
	t.Claim = contract.Rule{Cond: rule}
	return nil
}

// Sent is a packet that was sent.
type Sent struct {
	*Outcome
	ID    contract.PacketID
	Terms *contract.Terms
	// Link opens the packet, and holds its memo. Its Key is nil where the packet
	// needs none.
	Link *files.Link
	// Packet is the packet as its block made it; nil while no block holds it.
	Packet *contract.Packet
}

// Send sends a packet. Once its transaction was signed, Sent has its id and its
// link, beside an error, too.
func (s *Signer) Send(ctx context.Context, p Packet) (*Sent, error) {
	terms, link, err := p.terms()
	if err != nil {
		return nil, err
	}
	sent := &Sent{Outcome: new(Outcome), Terms: terms}
	signer := *s
	signer.Keep = func(tx *contract.Tx) error {
		link.Chain, link.Packet = tx.Chain, contract.NewPacketID(tx.Chain, tx.Account, tx.Nonce)
		sent.ID = link.Packet
		sent.Link, sent.Tx = link, tx
		if s.Keep != nil {
			if err := s.Keep(tx); err != nil {
				return err
			}
		}
		if p.Keep != nil {
			return p.Keep(sent)
		}
		return nil
	}
	offered := &contract.Packet{Sender: s.Account.Address, Terms: *terms, Status: contract.Open}
	o, err := signer.submit(ctx, &contract.Send{Terms: *terms}, offered, 0)
	if o != nil {
		sent.Outcome = o
	}
	if err == nil && o.Record != nil {
		at := sent.Record.Time
		sent.Packet = &contract.Packet{ID: sent.ID, Sender: s.Account.Address, Terms: *terms, Created: at,
			Expires: at.Plus(terms.Expiry), Status: contract.Open}
		if terms.Large() {
			sent.Packet.Tally = new(contract.Tally)
		}
	}
	return sent, err
}
