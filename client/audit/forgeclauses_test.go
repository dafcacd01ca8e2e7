package audit

import (
	"strconv"
	"testing"

	"hongbao/contract"
)

// What a forgery needs for held shares, consents, questions and tightenings.

// consent is name's signature under a recall; an edit, if any, changes what is
// signed.
func (f *forgery) consent(name string, clause int, share uint32, reason contract.Reason,
	edits ...func(*signedConsent)) contract.Consent {
	c := signedConsent{chain: testChain, id: f.id, p: f.p, clause: f.p.InForce()[clause-1], share: share,
		reason: reason, until: f.now.Plus(60)}
	for _, edit := range edits {
		edit(&c)
	}
	return c.sign(f.t, name)
}

// signedConsent is what a consent is to.
type signedConsent struct {
	chain  string
	id     contract.PacketID
	p      contract.Packet
	clause contract.Clause
	share  uint32
	reason contract.Reason
	until  contract.Time
}

func (c *signedConsent) digest() contract.Hash {
	c.p.ID = c.id
	return contract.ConsentDigest(c.chain, &c.p, &c.clause, c.share, c.reason, c.until)
}

func (c *signedConsent) sign(t testing.TB, name string) contract.Consent {
	sig, err := contract.SignDigest(accountKey(name), c.digest())
	must(t, err)
	return contract.Consent{Account: address(name), ValidUntil: c.until, Signature: sig}
}

func (f *forgery) recallShare(name string, clause, share uint32, reason contract.Reason,
	consents ...contract.Consent) *forgery {
	hash := f.sign(name,
		&contract.Recall{Packet: f.id, Clause: clause, Share: share, Reason: reason, Consents: consents})
	s := &f.p.Shares[share-1]
	s.State = contract.ShareRecalled
	e := f.add(contract.KindRecall, hash, contract.Hold(s.Claimer), contract.Wallet(f.p.Sender), s.Amount)
	e.Share, e.Reason = share, reason
	return f
}

func (f *forgery) settle(share uint32) *forgery {
	s := &f.p.Shares[share-1]
	s.State = contract.Settled
	f.add(contract.KindSettle, nil, contract.Hold(s.Claimer), contract.Wallet(s.Claimer), s.Amount).Share = share
	return f
}

func (f *forgery) ask(name string, share uint32, reason contract.Reason) *forgery {
	hash := f.sign(name, &contract.Ask{Packet: f.id, Share: share, Reason: reason})
	f.p.Shares[share-1].Asked = &contract.Asked{State: contract.AskOpen, Reason: reason, At: f.now}
	e := f.note(contract.KindAsk, hash)
	e.Share, e.Reason = share, reason
	return f
}

func (f *forgery) accept(name string, share uint32) *forgery {
	return f.giveBackBy(f.sign(name, &contract.Answer{Packet: f.id, Share: share, Accept: true}), name, share)
}

func (f *forgery) refuse(name string, share uint32) *forgery {
	return f.endAsk(contract.KindRefuse, f.sign(name, &contract.Answer{Packet: f.id, Share: share}), share,
		contract.AskRefused)
}

func (f *forgery) lapse(share uint32) *forgery {
	return f.endAsk(contract.KindLapse, nil, share, contract.AskLapsed)
}

func (f *forgery) endAsk(kind contract.Kind, tx *contract.Hash, share uint32, state contract.AskState) *forgery {
	if asked := f.p.Shares[share-1].Asked; asked != nil {
		asked.State = state
	}
	f.note(kind, tx).Share = share
	return f
}

func (f *forgery) tighten(name string, clauses ...string) *forgery {
	list := terms(1, 1, clauses...).Clauses
	hash := f.sign(name, &contract.Tighten{Packet: f.id, Clauses: list})
	f.p.Tightened = append(f.p.Tightened, contract.Tightening{At: f.now, Clauses: list})
	f.note(contract.KindTighten, hash)
	return f
}

const (
	lapses = 7200 + 72*3600 // when a question lapses that was asked at the settlement of a share claimed with the send
	expiry = 100 * 3600
)

// forgedClauses are of validators that bend a rule about clauses.
func forgedClauses(testing.TB) (list []forged) {
	for _, c := range []struct {
		desc  string
		check string // that must fail; empty: the file is good
		do    func(f *forgery)
	}{
		{"a lawful life: two arbiters of three recall a held share", "", func(f *forgery) {
			f.claim("bob").claim("carol").after(10).recallShare("lin", 1, 2, "FRAD", f.consent("mei", 1, 2, "FRAD"))
			f.after(7200).settle(1)
		}},
		{"a lawful life: a stranger hands in the arbiters' consents", "", func(f *forgery) {
			f.claim("bob").after(7199).recallShare("dave", 1, 1, "FRAD", f.consent("wu", 1, 1, "FRAD"),
				f.consent("lin", 1, 1, "FRAD"))
		}},
		{"a lawful life: the sender recalls a share and the rest", "", func(f *forgery) {
			f.claim("bob").after(3599).recallShare("alice", 2, 1, "").recall("alice", 3, "CUST")
		}},
		{"a lawful life: given back from hold and after settling, swept or not", "", func(f *forgery) {
			f.claim("bob").claim("carol").claim("dave").after(1).giveBack("bob", 1)
			f.after(7200).settle(2).giveBack("carol", 2).giveBack("dave", 3)
		}},
		{"a lawful life: asked and accepted", "", func(f *forgery) {
			f.claim("bob").settled(1).ask("alice", 1, "AC03").after(lapses-1).accept("bob", 1)
		}},
		{"a lawful life: asked, and returned without an answer", "", func(f *forgery) {
			f.claim("bob").settled(1).ask("alice", 1, "").after(9000).giveBack("bob", 1)
		}},
		{"a lawful life: asked, refused, and returned all the same", "", func(f *forgery) {
			f.claim("bob").settled(1).ask("alice", 1, "").after(9000).refuse("bob", 1).after(9001).giveBack("bob", 1)
		}},
		{"a lawful life: asked and lapsed", "", func(f *forgery) {
			f.claim("bob").settled(1).ask("alice", 1, "").after(lapses).lapse(1)
		}},
		{"a lawful life: returned too late for the question, which lapses later", "", func(f *forgery) {
			f.claim("bob").settled(1).ask("alice", 1, "").after(lapses).giveBack("bob", 1).after(lapses + 1).lapse(1)
		}},
		{"a lawful life: tightened, then renounced while a share is held", "", func(f *forgery) {
			f.claim("bob").after(1).tighten("alice", "share when all(sender,within(30m)) for FRAD").
				after(1799).recallShare("alice", 1, 1, "FRAD").claim("carol").after(3600).tighten("alice")
			f.after(8999).settle(2).after(expiry).refund()
		}},

		{"a held claim paid out at once", "replay", func(f *forgery) {
			f.claim("bob").entry().Posting.To = contract.Wallet(address("bob"))
			f.p.Shares[0].State = contract.Settled
		}},
		{"one arbiter of three", "replay", func(f *forgery) {
			f.claim("bob").recallShare("lin", 1, 1, "FRAD")
		}},
		{"a stranger and one arbiter", "replay", func(f *forgery) {
			f.claim("bob").recallShare("dave", 1, 1, "FRAD", f.consent("mei", 1, 1, "FRAD"))
		}},
		{"an arbiter twice", "replay", func(f *forgery) {
			f.claim("bob").recallShare("lin", 1, 1, "FRAD", f.consent("lin", 1, 1, "FRAD"))
		}},
		{"more consents than a packet's clauses have keys", "signatures", func(f *forgery) {
			f.claim("bob").recallShare("lin", 1, 1, "FRAD", make([]contract.Consent, 9)...)
		}},
		{"an arbiter that the clause does not name", "replay", func(f *forgery) {
			f.claim("bob").recallShare("lin", 1, 1, "FRAD", f.consent("dave", 1, 1, "FRAD"))
		}},
		{"a consent to another share", "replay", func(f *forgery) {
			f.claim("bob").claim("carol").recallShare("lin", 1, 1, "FRAD", f.consent("mei", 1, 2, "FRAD"))
		}},
		{"a consent to the rest", "replay", consentTo(func(c *signedConsent) { c.share = 0 })},
		{"a consent under another clause", "replay", consentTo(func(c *signedConsent) {
			c.clause.Reasons = nil
		})},
		{"a consent for another reason", "replay", consentTo(func(c *signedConsent) {
			c.reason = "DUPL"
		})},
		{"a consent about another packet", "replay", consentTo(func(c *signedConsent) {
			c.id[0] ^= 1
		})},
		{"a consent on another chain", "replay", consentTo(func(c *signedConsent) {
			c.chain += "2"
		})},
		{"a consent about another claimer", "replay", consentTo(func(c *signedConsent) {
			c.p.Shares = []contract.Share{{Claimer: address("carol"), Amount: 100}}
		})},
		{"a consent about another amount", "replay", consentTo(func(c *signedConsent) {
			c.p.Shares = []contract.Share{{Claimer: address("bob"), Amount: 1}}
		})},
		{"a consent whose time is made longer", "replay", func(f *forgery) {
			c := f.claim("bob").consent("mei", 1, 1, "FRAD")
			c.ValidUntil++
			f.recallShare("lin", 1, 1, "FRAD", c)
		}},
		{"a consent at the end of its time", "replay", consentTo(func(c *signedConsent) {
			c.until = c.until.Plus(0) - 60e9
		})},
		{"a consent for longer than a consent may live", "replay", consentTo(func(c *signedConsent) {
			c.until += 30 * 24 * 3600e9
		})},
		{"an arbiter's consent passed off as another's", "replay", func(f *forgery) {
			c := f.claim("bob").consent("mei", 1, 1, "FRAD")
			c.Account = address("wu")
			f.recallShare("lin", 1, 1, "FRAD", c)
		}},

		{"a share recalled for a reason not listed", "replay", func(f *forgery) {
			f.claim("bob").recallShare("lin", 1, 1, "DUPL", f.consent("mei", 1, 1, "DUPL"))
		}},
		{"a share recalled when its window has closed", "replay", func(f *forgery) {
			f.claim("bob").after(3600).recallShare("alice", 2, 1, "")
		}},
		{"a lawful life: a share's window counts from its claim", "", func(f *forgery) {
			f.after(60).claim("bob").after(3601).recallShare("alice", 2, 1, "")
		}},
		{"a share recalled under a clause on the rest", "replay", func(f *forgery) {
			f.claim("bob").recallShare("alice", 3, 1, "")
		}},
		{"the rest recalled under a clause on shares", "replay", func(f *forgery) {
			f.claim("bob").recall("alice", 2, "")
		}},
		{"a share recalled at its settlement, not swept yet", "replay", func(f *forgery) {
			f.claim("bob").after(7200).recallShare("lin", 1, 1, "FRAD", f.consent("mei", 1, 1, "FRAD"))
		}},
		{"a settled share recalled", "replay", func(f *forgery) {
			f.claim("bob").settled(1).after(7201).recallShare("lin", 1, 1, "FRAD", f.consent("mei", 1, 1, "FRAD"))
		}},
		{"a returned share recalled", "replay", func(f *forgery) {
			f.claim("bob").claim("carol").after(1).giveBack("bob", 1).after(2).recallShare("alice", 2, 1, "")
		}},
		{"a share recalled twice", "replay", func(f *forgery) {
			f.claim("bob").claim("carol").after(1).recallShare("alice", 2, 1, "").recallShare("alice", 2, 1, "")
		}},
		{"a recalled share returned", "replay", func(f *forgery) {
			f.claim("bob").claim("carol").after(1).recallShare("alice", 2, 1, "").giveBack("bob", 1)
		}},
		{"more taken back than was claimed", "sums", func(f *forgery) {
			f.claim("bob").after(1).recallShare("alice", 2, 1, "").giveBack("bob", 1)
		}},
		{"a recalled share paid to an arbiter", "replay", func(f *forgery) {
			f.claim("bob").after(1).recallShare("alice", 2, 1, "").entry().Posting.To = contract.Wallet(address("lin"))
		}},
		{"a share's recall passed off as the rest's", "replay", func(f *forgery) {
			f.claim("bob").after(1).recallShare("alice", 2, 1, "").entry().Share = 0
			f.entry().Posting, f.p.Status, f.p.Closed = nil, contract.Recalled, f.now
		}},

		{"settled an instant early", "replay", func(f *forgery) {
			f.claim("bob").after(7200).settle(1).entry().Time--
			f.now--
		}},
		{"settled before its turn", "replay", func(f *forgery) {
			f.claim("bob").claim("carol").after(7200).settle(2).settle(1)
		}},
		{"a share settled that was claimed later", "replay", func(f *forgery) {
			f.claim("bob").after(60).claim("carol").after(7201).settle(1).settle(2)
		}},
		{"settled twice", "replay", func(f *forgery) {
			f.claim("bob").after(7200).settle(1).settle(1)
		}},
		{"settled after it was returned", "replay", func(f *forgery) {
			f.claim("bob").after(1).giveBack("bob", 1).after(7200).settle(1)
		}},
		{"settled after it was recalled", "replay", func(f *forgery) {
			f.claim("bob").after(1).recallShare("alice", 2, 1, "").after(7200).settle(1)
		}},
		{"a refund while an older settlement waits", "replay", func(f *forgery) {
			f.claim("bob").after(expiry).refund().settle(1)
		}},
		{"settled into another wallet", "replay", func(f *forgery) {
			f.claim("bob").settled(1).entry().Posting.To = contract.Wallet(address("mallory"))
		}},
		{"settled by somebody's tx", "replay", func(f *forgery) {
			f.claim("bob").settled(1).entry().Phase = contract.PhaseTx
		}},

		{"a held share asked for", "replay", func(f *forgery) { f.claim("bob").ask("alice", 1, "") }},
		{"asked by another than the sender", "replay", func(f *forgery) {
			f.claim("bob").settled(1).ask("carol", 1, "")
		}},
		{"asked for twice", "replay", func(f *forgery) {
			f.claim("bob").settled(1).ask("alice", 1, "").after(7201).refuse("bob", 1).ask("alice", 1, "")
		}},
		{"asked for a made-up reason", "replay", func(f *forgery) {
			f.claim("bob").settled(1).ask("alice", 1, "please")
		}},
		{"a returned share asked for", "replay", func(f *forgery) {
			f.claim("bob").after(1).giveBack("bob", 1).ask("alice", 1, "")
		}},
		{"a question that moves money", "sums", func(f *forgery) {
			f.claim("bob").settled(1).ask("alice", 1, "").entry().Posting = f.entries[0].Posting
		}},
		{"refused by another than the claimer", "replay", func(f *forgery) {
			f.claim("bob").settled(1).ask("alice", 1, "").refuse("carol", 1)
		}},
		{"accepted by another than the claimer", "replay", func(f *forgery) {
			f.claim("bob").settled(1).ask("alice", 1, "").accept("carol", 1)
		}},
		{"refused before it was asked", "replay", func(f *forgery) {
			f.claim("bob").settled(1).refuse("bob", 1)
		}},
		{"accepted after it was refused", "replay", func(f *forgery) {
			f.claim("bob").settled(1).ask("alice", 1, "").refuse("bob", 1).accept("bob", 1)
		}},
		{"refused at the end of its time", "replay", func(f *forgery) {
			f.claim("bob").settled(1).ask("alice", 1, "").after(lapses).refuse("bob", 1)
		}},
		{"a refusal passed off as a return", "replay", func(f *forgery) {
			f.claim("bob").settled(1).ask("alice", 1, "")
			f.giveBackBy(f.sign("bob", &contract.Answer{Packet: f.id, Share: 1}), "bob", 1)
		}},
		{"lapsed an instant early", "replay", func(f *forgery) {
			f.claim("bob").settled(1).ask("alice", 1, "").after(lapses).lapse(1).entry().Time--
			f.now--
		}},
		{"lapsed after it was answered", "replay", func(f *forgery) {
			f.claim("bob").settled(1).ask("alice", 1, "").refuse("bob", 1).after(lapses).lapse(1)
		}},
		{"lapsed though nobody asked", "replay", func(f *forgery) {
			f.claim("bob").settled(1).after(lapses).lapse(1)
		}},

		{"tightened to something new", "replay", func(f *forgery) {
			f.after(1).tighten("alice", "rest when key("+address("lin").String()+")")
		}},
		{"tightened for a longer time", "replay", func(f *forgery) {
			f.after(1).tighten("alice", "share when all(sender,within(61m))")
		}},
		{"tightened to the same in other words", "replay", func(f *forgery) {
			f.after(1).tighten("alice", "rest when any(sender,all(sender,within(2m)))",
				"share when 2 of (key("+address("wu").String()+"),key("+address("lin").String()+"),key("+
					address("mei").String()+")) for FRAD",
				"share when all(within(1h),sender)")
		}},
		{"tightened by another than the sender", "replay", func(f *forgery) {
			f.after(1).tighten("lin")
		}},
		{"tightened when nothing is left to recall", "replay", func(f *forgery) {
			f.after(expiry).refund().tighten("alice")
		}},
		{"tightened five times", "replay", func(f *forgery) {
			for i := 9; i > 5; i-- {
				f.after(1).tighten("alice", "rest when all(sender,within("+strconv.Itoa(i)+"m))")
			}
			f.tighten("alice")
		}},
		{"recalled under a clause that was renounced", "replay", func(f *forgery) {
			f.after(1).tighten("alice").recall("alice", 3, "")
		}},
		{"recalled under a number of before the tightening", "replay", func(f *forgery) {
			f.after(1).tighten("alice", "rest when sender").recall("alice", 3, "")
		}},
		{"a tightening that the leaf forgets", "replay", func(f *forgery) {
			f.after(1).tighten("alice")
			f.p.Tightened = nil
		}},
	} {
		list = append(list, forgedLife(c.desc, c.check, heldTerms(3), c.do))
	}
	return list
}

// settled settles a share that was claimed with the send.
func (f *forgery) settled(share uint32) *forgery { return f.after(7200).settle(share) }

// consentTo has lin recall bob's share with a consent of mei to something else.
func consentTo(edit func(*signedConsent)) func(*forgery) {
	return func(f *forgery) {
		f.claim("bob").recallShare("lin", 1, 1, "FRAD", f.consent("mei", 1, 1, "FRAD", edit))
	}
}
