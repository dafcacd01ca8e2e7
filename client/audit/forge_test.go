package audit

import (
	"testing"

	"hongbao/contract"
)

// forgery is a chain whose validators do as they are told: whatever is added
// to it is written into leaf, tree and header without a question. What it
// proves has every signature of the chain and must still be refused unless the
// contract allows it.
type forgery struct {
	t       testing.TB
	id      contract.PacketID
	p       contract.Packet
	entries []*contract.Entry
	txs     [][]byte
	beacons [][]byte
	drawn   *contract.Beacon // by draws to come

	sent   contract.Time
	now    contract.Time
	height int64
	index  uint32
	nonces map[string]uint64
	edit   func(*contract.Tx) // applied to the next tx before it is signed
	resign func(*contract.Tx) // and after
}

func newForgery(t testing.TB, terms contract.Terms) *forgery {
	sent := contract.TimeOf(genesisTime).Plus(60)
	f := &forgery{t: t, id: contract.NewPacketID(testChain, address("alice"), 0), sent: sent, now: sent, height: 7,
		nonces: map[string]uint64{}}
	hash := f.sign("alice", &contract.Send{Terms: terms})
	f.p = contract.Packet{
		Sender: address("alice"), Terms: terms, SendTx: *hash, Created: sent, Expires: sent.Plus(terms.Expiry),
		Status: contract.Open, Escrow: terms.Total,
	}
	f.add(contract.KindSend, hash, contract.Wallet(address("alice")), contract.Escrow(f.id), terms.Total)
	return f
}

// after starts a block the given time after the send.
func (f *forgery) after(d contract.Seconds) *forgery {
	f.now, f.height, f.index = f.sent.Plus(d), f.height+1, 0
	return f
}

func (f *forgery) sign(name string, m contract.Message) *contract.Hash {
	tx := &contract.Tx{Chain: testChain, Nonce: f.nonces[name], ValidUntil: f.now.Plus(60), Message: m}
	f.nonces[name]++
	if f.edit != nil {
		f.edit(tx)
	}
	must(f.t, tx.Sign(accountKey(name)))
	if f.resign != nil {
		f.resign(tx)
	}
	f.edit, f.resign = nil, nil
	wire := tx.Encode()
	f.txs = append(f.txs, wire)
	hash := contract.TxHash(wire)
	return &hash
}

func (f *forgery) add(kind contract.Kind, tx *contract.Hash, from, to contract.Place,
	amount contract.Amount) *contract.Entry {
	e := f.note(kind, tx)
	e.Posting = &contract.Posting{From: from, To: to, Amount: amount}
	return e
}

// note adds an entry that moves nothing.
func (f *forgery) note(kind contract.Kind, tx *contract.Hash) *contract.Entry {
	e := &contract.Entry{Kind: kind}
	e.Seq, e.Height, e.Time, e.Phase, e.Index = uint64(len(f.entries)), f.height, f.now, contract.PhaseTx, f.index
	e.Tx, e.Packet, e.Balance = tx, &f.id, f.p.Escrow
	if tx == nil {
		e.Phase = contract.PhaseDue
	}
	f.index++
	f.entries = append(f.entries, e)
	return e
}

func (f *forgery) claim(name string, edits ...func(*contract.Claim)) *forgery {
	m := &contract.Claim{Packet: f.id, TermsHash: f.p.Terms.Hash(testChain)}
	for _, edit := range edits {
		edit(m)
	}
	hash := f.sign(name, m)
	amount := f.p.Terms.ShareAmount()
	f.p.Escrow -= amount
	state, to := contract.Settled, contract.Wallet(address(name))
	if f.p.Terms.Hold > 0 {
		state, to = contract.Held, contract.Hold(address(name))
	}
	share := contract.Share{Claimer: address(name), Amount: amount, State: state, ClaimedAt: f.now}
	f.p.Shares = append(f.p.Shares, share)
	f.add(contract.KindClaim, hash, contract.Escrow(f.id), to, amount).Share = uint32(len(f.p.Shares))
	if len(f.p.Shares) == int(f.p.Terms.Shares) {
		f.p.Status, f.p.Closed = contract.Full, f.now
	}
	return f
}

func (f *forgery) recall(name string, clause uint32, reason contract.Reason, edits ...func(*contract.Recall)) *forgery {
	m := &contract.Recall{Packet: f.id, Clause: clause, Reason: reason}
	for _, edit := range edits {
		edit(m)
	}
	hash := f.sign(name, m)
	amount := f.p.Escrow
	f.p.Escrow, f.p.Status, f.p.Closed = 0, contract.Recalled, f.now
	f.add(contract.KindRecall, hash, contract.Escrow(f.id), contract.Wallet(f.p.Sender), amount).Reason = reason
	return f
}

func (f *forgery) refund() *forgery {
	amount := f.p.Escrow
	f.p.Escrow, f.p.Status, f.p.Closed = 0, contract.Expired, f.now
	f.add(contract.KindRefund, nil, contract.Escrow(f.id), contract.Wallet(f.p.Sender), amount)
	return f
}

func (f *forgery) giveBack(name string, share uint32) *forgery {
	return f.giveBackBy(f.sign(name, &contract.Return{Packet: f.id, Share: share}), name, share)
}

func (f *forgery) giveBackBy(tx *contract.Hash, name string, share uint32) *forgery {
	s, from := &f.p.Shares[share-1], contract.Wallet(address(name))
	if s.State == contract.Held {
		from = contract.Hold(address(name))
	}
	s.State = contract.Returned
	if s.Asked != nil && s.Asked.State == contract.AskOpen && f.now < s.Asked.LapsesAt() {
		s.Asked.State = contract.AskAccepted
	}
	f.add(contract.KindReturn, tx, from, contract.Wallet(f.p.Sender), s.Amount).Share = share
	return f
}

// entry is the newest one, for a row to spoil.
func (f *forgery) entry() *contract.Entry { return f.entries[len(f.entries)-1] }

// seal has the validators sign it all.
func (f *forgery) seal() *File {
	f.t.Helper()
	key := contract.PacketKey(f.id)
	f.p.History = contract.History{Count: uint64(len(f.entries)), Head: contract.FirstHead(testChain, key)}
	var entries [][]byte
	for _, e := range f.entries {
		f.p.History.Head = contract.NextHead(f.p.History.Head, e.Hash())
		entries = append(entries, contract.Encode(e))
	}
	tree, leaf := newTree(), contract.Encode(&f.p)
	for _, l := range []contract.Leaf{{Key: contract.FirstKey, Value: []byte("first")}, {Key: key, Value: leaf},
		{Key: contract.LastKey, Value: []byte("last")}} {
		_, err := tree.Set(l.Key, l.Value)
		must(f.t, err)
	}
	_, _, err := tree.SaveVersion()
	must(f.t, err)
	header := newValidators(10, 10, 10, 10).signHeader(testChain, f.height+1, f.now.Std(), tree.Hash())
	file, err := Build(KindPacket, f.id.String(), Evidence{
		Header: wireOf(f.t, header), LeafProof: proofOf(f.t, tree, key), Entries: entries, Txs: f.txs,
		Beacons: f.beacons,
	})
	must(f.t, err)
	return file
}

func linkBy(key, claimer string) func(*contract.Claim) {
	return func(m *contract.Claim) {
		sig, err := contract.SignDigest(accountKey(key), contract.LinkDigest(testChain, m.Packet, address(claimer)))
		if err != nil {
			panic(err)
		}
		m.Link = &sig
	}
}

// forgedLife is the forgery of a packet's whole life.
func forgedLife(desc, failed string, terms contract.Terms, do func(*forgery)) forged {
	return forged{desc: desc, failed: failed, file: func(t testing.TB) []byte {
		f := newForgery(t, terms)
		do(f)
		return encode(t, f.seal())
	}}
}

// forgedLives are of validators that sign what the contract forbids: the replay
// finds them out.
func forgedLives(testing.TB) (list []forged) {
	plain := terms(3, 100, "rest when all(sender,within(2m)) for DUPL,AM09",
		"rest when all(key("+address("lin").String()+"),after(1m))")
	linked, named, lying := plain, plain, plain
	lying.Scene = "friends"
	key := [32]byte(address("link"))
	linked.Claim, linked.LinkKey = contract.Rule{Cond: contract.Link{}}, &key
	named.Claim.Cond = contract.Named{Claimers: []contract.Address{address("bob")}}

	for _, c := range []struct {
		desc  string
		check string // that must fail; empty: the file is good
		terms contract.Terms
		do    func(f *forgery)
	}{
		{"a lawful life: claim, recall, return", "", plain, func(f *forgery) {
			f.after(1).claim("bob").after(2).recall("alice", 1, "AM09").after(3).giveBack("bob", 1)
		}},
		{"a lawful life: the arbiter recalls for no reason", "", plain, func(f *forgery) {
			f.after(60).recall("lin", 2, "")
		}},
		{"a lawful life: the arbiter recalls for fraud", "", plain, func(f *forgery) {
			f.after(60).recall("lin", 2, "FRAD")
		}},
		{"a lawful life: claimed by link until full", "", linked, func(f *forgery) {
			f.claim("bob", linkBy("link", "bob")).claim("carol", linkBy("link", "carol")).
				claim("dave", linkBy("link", "dave"))
		}},
		{"a lawful life: refunded, and a claim an instant before", "", named, func(f *forgery) {
			f.after(3599).claim("bob").after(3600).refund()
		}},

		{"a claim without the link", "replay", linked, func(f *forgery) { f.claim("bob") }},
		{"a claim by a link made for another", "replay", linked, func(f *forgery) {
			f.claim("bob", linkBy("link", "carol"))
		}},
		{"a claim by another packet's link", "replay", linked, func(f *forgery) {
			f.claim("bob", linkBy("mallory", "bob"))
		}},
		{"a link where none was asked for", "replay", plain, func(f *forgery) {
			f.claim("bob", linkBy("link", "bob"))
		}},
		{"a claim by somebody not named", "replay", named, func(f *forgery) { f.claim("carol") }},
		{"a claim by the sender", "replay", plain, func(f *forgery) { f.claim("alice") }},
		{"two claims by one account", "replay", plain, func(f *forgery) {
			f.claim("bob").after(1).claim("bob")
		}},
		{"a claim that accepts other terms", "replay", plain, func(f *forgery) {
			f.claim("bob", func(m *contract.Claim) { m.TermsHash[0] ^= 1 })
		}},
		{"a claim of another packet", "replay", plain, func(f *forgery) {
			f.claim("bob", func(m *contract.Claim) { m.Packet[0] ^= 1 })
		}},
		{"a claim at expiry", "replay", plain, func(f *forgery) { f.after(3600).claim("bob") }},
		{"a claim after the recall", "replay", plain, func(f *forgery) {
			f.recall("alice", 1, "AM09").after(1)
			f.p.Escrow = 100 // found somewhere
			f.claim("bob").entry().Posting.Amount = 0
		}},
		{"a claim paid to another wallet", "replay", plain, func(f *forgery) {
			f.claim("bob").entry().Posting.To = contract.Wallet(address("mallory"))
		}},
		{"a claim paid short, the leaf agreeing", "replay", plain, func(f *forgery) {
			f.claim("bob").entry().Posting.Amount, f.p.Escrow = 99, 201
			f.entry().Balance, f.p.Shares[0].Amount = 201, 99
		}},
		{"a recall when its window has closed", "replay", plain, func(f *forgery) {
			f.after(120).recall("alice", 1, "AM09")
		}},
		{"a recall before its window opens", "replay", plain, func(f *forgery) {
			f.after(59).recall("lin", 2, "")
		}},
		{"a recall by a stranger", "replay", plain, func(f *forgery) {
			f.recall("mallory", 1, "AM09")
		}},
		{"a recall for a reason not listed", "replay", plain, func(f *forgery) {
			f.recall("alice", 1, "FRAD")
		}},
		{"a recall for no reason where one is due", "replay", plain, func(f *forgery) {
			f.recall("alice", 1, "")
		}},
		{"a recall for a made-up reason", "replay", plain, func(f *forgery) {
			f.after(60).recall("lin", 2, "fraud")
		}},
		{"a recall under no clause", "replay", plain, func(f *forgery) {
			f.recall("alice", 0, "AM09")
		}},
		{"a recall under a clause beyond the last", "replay", plain, func(f *forgery) {
			f.recall("alice", 3, "AM09")
		}},
		{"a recall of a share that nobody claimed", "replay", plain, func(f *forgery) {
			f.recall("alice", 1, "AM09", func(m *contract.Recall) { m.Share = 1 })
		}},
		{"a recall with a consent of nobody", "replay", plain, func(f *forgery) {
			f.recall("alice", 1, "AM09", func(m *contract.Recall) { m.Consents = []contract.Consent{{}} })
		}},
		{"a recall that pays the arbiter", "replay", plain, func(f *forgery) {
			f.after(60).recall("lin", 2, "").entry().Posting.To = contract.Wallet(address("lin"))
		}},
		{"a recall whose entry gives another reason", "replay", plain, func(f *forgery) {
			f.recall("alice", 1, "AM09").entry().Reason = "DUPL"
		}},
		{"a refund an instant before expiry", "replay", plain, func(f *forgery) {
			f.after(3599).refund()
		}},
		{"a second refund", "replay", plain, func(f *forgery) {
			f.after(3600).refund().after(3601).refund()
		}},
		{"a refund before the send", "entries", plain, func(f *forgery) {
			f.after(3600).refund()
			f.entries[0].Height, f.entries[1].Height = f.entries[1].Height, f.entries[0].Height
			f.entries[0], f.entries[1] = f.entries[1], f.entries[0]
			f.entries[0].Seq, f.entries[1].Seq = 0, 1
		}},
		{"a return by another account", "replay", plain, func(f *forgery) {
			f.claim("bob").after(1).giveBack("mallory", 1)
		}},
		{"a return of the same share twice", "sums", plain, func(f *forgery) {
			f.claim("bob").after(1).giveBack("bob", 1).giveBack("bob", 1)
		}},
		{"a return of the same share twice, hidden by another claim", "replay", plain,
			func(f *forgery) {
				f.claim("bob").claim("carol").after(1).giveBack("bob", 1).giveBack("bob", 1)
			}},
		{"a return to somebody else", "replay", plain, func(f *forgery) {
			f.claim("bob").after(1).giveBack("bob", 1).entry().Posting.To = contract.Wallet(address("mallory"))
		}},
		{"a claim executed when it was no longer valid", "replay", plain, func(f *forgery) {
			f.edit = func(tx *contract.Tx) { tx.ValidUntil = f.now }
			f.claim("bob")
		}},
		{"a claim kept back for longer than a tx may live", "replay", plain, func(f *forgery) {
			f.edit = func(tx *contract.Tx) { tx.ValidUntil = f.now.Plus(contract.MaxValidFor) + 1 }
			f.claim("bob")
		}},
		{"an account's txs out of order", "replay", plain, func(f *forgery) {
			f.nonces["bob"] = 5
			f.claim("bob").after(1)
			f.nonces["bob"] = 5
			f.giveBack("bob", 1)
		}},
		{"blocks that run backwards", "entries", plain, func(f *forgery) {
			f.claim("bob").after(1).claim("carol").entry().Height = 6
		}},
		{"time that runs backwards", "entries", plain, func(f *forgery) {
			f.after(2).claim("bob").after(1).claim("carol")
		}},
		{"one block at two times", "entries", plain, func(f *forgery) {
			f.claim("bob").entry().Time++
			f.p.Shares[0].ClaimedAt++
		}},
		{"two txs at one index", "entries", plain, func(f *forgery) {
			f.claim("bob").entry().Index = 0
		}},
		{"a refund behind the block's txs", "entries", plain, func(f *forgery) {
			f.claim("bob").after(3600).giveBack("bob", 1).refund()
		}},
		{"an entry in the genesis phase", "entries", plain, func(f *forgery) {
			f.after(1).claim("bob").entry().Phase = contract.PhaseGenesis
		}},
		{"an entry with a beacon", "replay", plain, func(f *forgery) {
			f.claim("bob").entry().Beacon = &contract.Hash{1}
		}},
		{"an entry that leaves money held", "replay", plain, func(f *forgery) {
			f.claim("bob").entry().Held = 1
		}},
		{"an entry with another balance after", "replay", plain, func(f *forgery) {
			f.claim("bob").entry().Balance++
		}},
		{"an entry of another share", "replay", plain, func(f *forgery) {
			f.claim("bob").entry().Share = 2
		}},
		{"an entry of another packet", "replay", plain, func(f *forgery) {
			f.claim("bob").entry().Packet = &contract.PacketID{}
		}},
		{"an entry of another kind, which moves the same money", "sums", plain, func(f *forgery) {
			f.claim("bob").entry().Kind = contract.KindRecall
			f.entry().Posting.Amount, f.p.Escrow = 300, 300
		}},
		{"an entry that names no tx", "replay", plain, func(f *forgery) {
			f.claim("bob").entry().Tx = nil
		}},
		{"an entry without a posting", "sums", plain, func(f *forgery) {
			f.claim("bob").entry().Posting = nil
		}},
		{"an entry of a kind that is no packet's", "sums", plain, func(f *forgery) {
			f.claim("bob").entry().Kind = contract.KindPay
		}},
		{"an entry later than the proof", "entries", plain, func(f *forgery) {
			f.claim("bob").entry().Height = 100
		}},
		{"a payment among the transactions", "replay", plain, func(f *forgery) {
			f.claim("bob")
			f.sign("bob", &contract.Pay{To: address("carol"), Amount: 1})
		}},
		{"a second send", "replay", plain, func(f *forgery) {
			f.sign("alice", &contract.Send{Terms: plain})
		}},
		{"a claim that is in no entry", "replay", plain, func(f *forgery) {
			f.sign("bob", &contract.Claim{Packet: f.id, TermsHash: f.p.Terms.Hash(testChain)})
		}},
		{"terms under a scene's name that are not the scene's", "replay", lying,
			func(f *forgery) {}},
		{"terms that the contract refuses", "replay", terms(1, 1, "rest when all(sender,never)"),
			func(f *forgery) {}},
		{"more in escrow than was sent", "sums", plain, func(f *forgery) { f.p.Escrow++ }},
		{"money gone from escrow", "sums", plain, func(f *forgery) { f.claim("bob"); f.p.Escrow-- }},
		{"a sum that wraps round", "sums", plain, func(f *forgery) {
			f.claim("bob").entry().Posting.Amount = contract.MaxAmount
			f.p.Escrow = contract.MaxAmount
		}},
	} {
		list = append(list, forgedLife(c.desc, c.check, c.terms, c.do))
	}
	return list
}

// forgedLeaves set the fields of a leaf, each of which is derived, at will.
func forgedLeaves(testing.TB) (list []forged) {
	for _, c := range []struct {
		desc  string
		spoil func(*contract.Packet)
	}{
		{"as it is", nil},
		{"sender", func(p *contract.Packet) { p.Sender = address("mallory") }},
		{"total", func(p *contract.Packet) { p.Terms.Shares = 4 }},
		{"memo", func(p *contract.Packet) { p.Terms.Memo = &contract.Hash{} }},
		{"clauses", func(p *contract.Packet) { p.Terms.Clauses = p.Terms.Clauses[:0] }},
		{"send tx", func(p *contract.Packet) { p.SendTx[0] ^= 1 }},
		{"created", func(p *contract.Packet) { p.Created++ }},
		{"expires", func(p *contract.Packet) { p.Expires-- }},
		{"status", func(p *contract.Packet) { p.Status = contract.Recalled }},
		{"closed", func(p *contract.Packet) { p.Closed = p.Created }},
		{"claimer", func(p *contract.Packet) { p.Shares[0].Claimer = address("mallory") }},
		{"amount", func(p *contract.Packet) { p.Shares[0].Amount++ }},
		{"share state", func(p *contract.Packet) { p.Shares[0].State = contract.Returned }},
		{"asked", func(p *contract.Packet) { p.Shares[0].Asked = &contract.Asked{State: contract.AskRefused} }},
		{"tightened", func(p *contract.Packet) { p.Tightened = []contract.Tightening{{At: p.Created, Clauses: nil}} }},
		{"claimed at", func(p *contract.Packet) { p.Shares[0].ClaimedAt++ }},
		{"a share", func(p *contract.Packet) { p.Shares = append(p.Shares, p.Shares[0]) }},
		{"no share", func(p *contract.Packet) { p.Shares = nil }},
	} {
		failed := "replay"
		if c.spoil == nil {
			failed = ""
		}
		list = append(list, forgedLife(c.desc, failed, terms(3, 100, "2m"), func(f *forgery) {
			if f.after(1).claim("bob"); c.spoil != nil {
				c.spoil(&f.p)
			}
		}))
	}
	return list
}
