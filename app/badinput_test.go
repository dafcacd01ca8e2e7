package app

import (
	"strings"
	"time"

	"hongbao/contract"
)

// Where a bad tx is stopped.
const (
	noPlace = false // it can stand in no block
	inBlock = true  // it stands in a block, fails there, and spends its nonce
)

type badInput struct {
	desc  string
	code  string
	place bool
	tx    func(s *scene) []byte
	says  string // in the message
}

var unknown = contract.PacketID{7}

var badInputs = []badInput{
	{"garbage bytes", "malformed", noPlace, func(s *scene) []byte { return []byte("hello") }, ""},
	{"no bytes", "malformed", noPlace, func(s *scene) []byte { return nil }, ""},
	{"non-canonical CBOR: a longer array head", "not_canonical", noPlace, func(s *scene) []byte {
		return append([]byte{0x98, 0x07}, s.signed("alice", &contract.Pay{To: addr("bob"), Amount: 1})[1:]...)
	}, ""},
	{"trailing byte", "malformed", noPlace, func(s *scene) []byte {
		return append(s.signed("alice", &contract.Pay{To: addr("bob"), Amount: 1}), 0)
	}, ""},
	{"over the size limit", "tx_too_large", noPlace, func(s *scene) []byte {
		return make([]byte, contract.MaxTxBytes+1)
	}, "16384"},
	{"message of no version", "malformed", noPlace, func(s *scene) []byte { return s.raw(10, []any{}) }, ""},
	{"warp by nothing", "bad_warp", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Warp{})
	}, "forward"},
	{"warp by more than a year", "bad_warp", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Warp{By: contract.MaxDuration + 1})
	}, "366 days"},
	{"condition too deep", "condition_too_deep", noPlace, func(s *scene) []byte { return s.sendOf(ruleOf(nested(9))) },
		""},
	{"condition of too many parts", "condition_too_large", noPlace, func(s *scene) []byte {
		return s.sendOf(ruleOf(wide(64)))
	}, ""},
	{"named list of 101", "condition_too_large", noPlace, func(s *scene) []byte {
		return s.sendOf(ruleOf(contract.Named{Claimers: make([]contract.Address, 101)}))
	}, ""},
	{"garbled condition", "bad_condition", noPlace, func(s *scene) []byte { return s.rawSend("within(") }, ""},
	{"empty condition", "bad_condition", noPlace, func(s *scene) []byte { return s.rawSend("") }, ""},
	{"condition that is null", "bad_condition", noPlace, func(s *scene) []byte { return s.rawSend(nil) }, ""},
	{"condition in a second spelling", "not_canonical", noPlace, func(s *scene) []byte {
		return s.rawSend("within(90s)")
	}, "1m30s"},

	{"wrong chain", "wrong_chain", noPlace, func(s *scene) []byte {
		return s.signed("alice", &contract.Pay{To: addr("bob"), Amount: 1}, func(tx *contract.Tx) {
			tx.Chain = "other"
		})
	}, ""},
	{"nonce of the past", "wrong_nonce", noPlace, func(s *scene) []byte {
		return s.signed("bob", &contract.Pay{To: addr("alice"), Amount: 1}, func(tx *contract.Tx) { tx.Nonce = 0 })
	}, "expected 2, got 0"},
	{"nonce of the future", "wrong_nonce", noPlace, func(s *scene) []byte {
		return s.signed("bob", &contract.Pay{To: addr("alice"), Amount: 1}, func(tx *contract.Tx) { tx.Nonce = 9 })
	}, "expected 2, got 9"},
	{"valid_until is the block's own instant", "tx_expired", noPlace, func(s *scene) []byte {
		return s.signed("alice", &contract.Pay{To: addr("bob"), Amount: 1}, func(tx *contract.Tx) {
			tx.ValidUntil = contract.TimeOf(s.Now)
		})
	}, ""},
	{"valid_until a nanosecond too distant", "valid_until_too_far", noPlace, func(s *scene) []byte {
		return s.signed("alice", &contract.Pay{To: addr("bob"), Amount: 1}, func(tx *contract.Tx) {
			tx.ValidUntil = contract.TimeOf(s.Now).Plus(contract.MaxValidFor) + 1
		})
	}, ""},
	{"valid_until at the end of time", "valid_until_too_far", noPlace, func(s *scene) []byte {
		return s.signed("alice", &contract.Pay{To: addr("bob"), Amount: 1}, func(tx *contract.Tx) {
			tx.ValidUntil = contract.MaxTime
		})
	}, ""},
	{"valid_until before 1970", "malformed", noPlace, func(s *scene) []byte {
		return s.signed("alice", &contract.Pay{To: addr("bob"), Amount: 1}, func(tx *contract.Tx) {
			tx.ValidUntil = -1
		})
	}, ""},
	{"flipped signature", "bad_signature", noPlace, func(s *scene) []byte {
		wire := s.signed("alice", &contract.Pay{To: addr("bob"), Amount: 1})
		wire[len(wire)-1] ^= 1
		return wire
	}, ""},
	{"signature by another key", "bad_signature", noPlace, func(s *scene) []byte {
		tx := &contract.Tx{Chain: testChain, Nonce: s.Nonces["alice"],
			ValidUntil: contract.TimeOf(s.Now.Add(time.Minute)), Message: &contract.Pay{To: addr("bob"), Amount: 1}}
		s.OK(tx.Sign(testKey("mallory")))
		tx.Account = addr("alice")
		return tx.Encode()
	}, ""},
	{"signature over another amount", "bad_signature", noPlace, func(s *scene) []byte {
		tx, err := contract.DecodeTx(s.signed("alice", &contract.Pay{To: addr("bob"), Amount: 1}))
		s.OK(err)
		tx.Message.(*contract.Pay).Amount = 2
		return tx.Encode()
	}, ""},
	{"payment by an account without money", "unknown_account", noPlace, func(s *scene) []byte {
		return s.signed("stranger", &contract.Pay{To: addr("bob"), Amount: 1})
	}, ""},
	{"a stranger's first claim with nonce 1", "wrong_nonce", noPlace, func(s *scene) []byte {
		tm := s.terms[s.open]
		return s.signed("stranger", &contract.Claim{Packet: s.open, TermsHash: tm.Hash(testChain)},
			func(tx *contract.Tx) { tx.Nonce = 1 })
	}, "expected 0, got 1"},
	{"a stranger's claim of a full packet", "full", noPlace, func(s *scene) []byte {
		return s.claimOf("stranger", s.full)
	}, ""},
	{"a stranger's claim after expiry", "expired", noPlace, func(s *scene) []byte {
		return s.claimOf("stranger", s.expired)
	}, ""},
	{"a stranger's claim after the recall", "recalled", noPlace, func(s *scene) []byte {
		return s.claimOf("stranger", s.recalled)
	}, ""},
	{"a stranger's claim without the link", "link_required", noPlace, func(s *scene) []byte {
		return s.claimOf("stranger", s.linked)
	}, ""},
	{"a stranger's claim by somebody not named", "not_named", noPlace, func(s *scene) []byte {
		return s.claimOf("stranger", s.named)
	}, ""},
	{"a stranger's claim of an unknown packet", "unknown_packet", noPlace, func(s *scene) []byte {
		return s.claimOf("stranger", unknown)
	}, ""},
	{"a stranger's claim of other terms", "terms_mismatch", noPlace, func(s *scene) []byte {
		return s.claimOf("stranger", s.open, func(c *contract.Claim) { c.TermsHash[0] ^= 1 })
	}, ""},

	{"overdraft by a payment", "overdraft", inBlock, func(s *scene) []byte {
		return s.signed("poor", &contract.Pay{To: addr("bob"), Amount: 701})
	}, "¥7.01"},
	{"overdraft by a packet", "overdraft", inBlock, func(s *scene) []byte {
		return s.signed("poor", &contract.Send{Terms: terms(7, 101)})
	}, ""},
	{"payment of zero", "bad_amount", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Pay{To: addr("bob")})
	}, ""},
	{"payment of 2^63 fen", "bad_amount", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Pay{To: addr("bob"), Amount: 1 << 63})
	}, ""},
	{"payment of 2^64-1 fen", "bad_amount", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Pay{To: addr("bob"), Amount: 1<<64 - 1})
	}, ""},
	{"payment of all there could be", "overdraft", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Pay{To: addr("bob"), Amount: contract.MaxAmount})
	}, ""},
	{"payment to oneself", "self_payment", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Pay{To: addr("alice"), Amount: 1})
	}, ""},
	{"small payment to a new account", "below_minimum", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Pay{To: addr("new"), Amount: 99})
	}, ""},
	{"payment to a key that nobody can hold", "bad_address", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Pay{To: contract.Address{}, Amount: 100})
	}, ""},
	{"total of zero", "bad_amount", inBlock, func(s *scene) []byte {
		return s.sendOf(func(t *contract.Terms) { t.Total = 0 })
	}, ""},
	{"total of 2^63 fen", "bad_amount", inBlock, func(s *scene) []byte {
		return s.sendOf(func(t *contract.Terms) { t.Total = 1 << 63 })
	}, ""},
	{"total of 2^64-2 fen", "bad_amount", inBlock, func(s *scene) []byte {
		return s.sendOf(func(t *contract.Terms) { t.Total = 1<<64 - 2 })
	}, ""},
	{"no shares", "bad_shares", inBlock, func(s *scene) []byte {
		return s.sendOf(func(t *contract.Terms) { t.Shares = 0 })
	}, ""},
	{"1,000,001 shares", "bad_shares", inBlock, func(s *scene) []byte {
		return s.sendOf(func(t *contract.Terms) { t.Shares, t.Total = 1_000_001, 1_000_001 })
	}, ""},
	{"2^32-1 shares", "bad_shares", inBlock, func(s *scene) []byte {
		return s.sendOf(func(t *contract.Terms) { t.Shares = 1<<32 - 1 })
	}, ""},
	{"more shares than fen", "too_many_shares", inBlock, func(s *scene) []byte {
		return s.sendOf(func(t *contract.Terms) { t.Shares, t.Total = 10, 9 })
	}, ""},
	{"uneven split", "uneven_split", inBlock, func(s *scene) []byte {
		return s.sendOf(func(t *contract.Terms) { t.Shares = 3 })
	}, ""},
	{"link in a clause", "condition_misplaced", inBlock, func(s *scene) []byte {
		return s.sendOf(clauseOf(contract.All{contract.Sender{}, contract.Link{}}))
	}, "link"},
	{"untouched in a claim rule", "condition_misplaced", inBlock, func(s *scene) []byte {
		return s.sendOf(ruleOf(contract.Untouched{}))
	}, "untouched"},
	{"claim rule that is never true", "claim_never_true", inBlock, func(s *scene) []byte {
		return s.sendOf(ruleOf(contract.Never{}))
	}, ""},
	{"claim rule that lists only the sender", "claim_never_true", inBlock, func(s *scene) []byte {
		return s.sendOf(ruleOf(contract.Named{Claimers: []contract.Address{addr("alice")}}))
	}, ""},
	{"clause true without a signature", "unsigned_clause", inBlock, func(s *scene) []byte {
		return s.sendOf(clauseOf(contract.Within{For: 60}))
	}, ""},
	{"clause that can never be true", "clause_never_true", inBlock, func(s *scene) []byte {
		return s.sendOf(clauseOf(contract.All{contract.Sender{}, contract.Within{For: 0}}))
	}, ""},
	{"clause that outlives its packet", "clause_outlives_packet", inBlock, func(s *scene) []byte {
		return s.sendOf(clauseOf(contract.All{contract.Sender{}, contract.Within{For: 24*3600 + 1}}))
	}, ""},
	{"one key twice in a k of", "duplicate_key", inBlock, func(s *scene) []byte {
		k := contract.Key{Address: addr("bob")}
		return s.sendOf(clauseOf(contract.Of{K: 2, Operands: []contract.Cond{k, k}}))
	}, ""},

	{"claim twice", "already_claimed", inBlock, func(s *scene) []byte { return s.claimOf("bob", s.open) }, "share 1"},
	{"claim after expiry", "expired", inBlock, func(s *scene) []byte { return s.claimOf("carol", s.expired) },
		"expired at 2026-"},
	{"claim of a full packet", "full", inBlock, func(s *scene) []byte { return s.claimOf("carol", s.full) }, ""},
	{"claim of a recalled packet", "recalled", inBlock, func(s *scene) []byte { return s.claimOf("carol", s.recalled) },
		""},
	{"claim by the sender", "sender_claims", inBlock, func(s *scene) []byte { return s.claimOf("alice", s.open) }, ""},
	{"claim of other terms", "terms_mismatch", inBlock, func(s *scene) []byte {
		return s.claimOf("carol", s.open, func(c *contract.Claim) { c.TermsHash = contract.Hash{} })
	}, ""},
	{"claim of an unknown packet", "unknown_packet", inBlock, func(s *scene) []byte {
		return s.claimOf("carol", unknown)
	}, ""},
	{"claim without the link", "link_required", inBlock, func(s *scene) []byte { return s.claimOf("carol", s.linked) },
		""},
	{"claim with a wrong link key", "bad_link", inBlock, func(s *scene) []byte {
		return s.claimOf("carol", s.linked, s.withLink("another link", s.linked, "carol"))
	}, ""},
	{"claim with somebody else's link signature", "bad_link", inBlock, func(s *scene) []byte {
		return s.claimOf("carol", s.linked, s.withLink("link", s.linked, "bob"))
	}, ""},
	{"claim with the link of another packet", "bad_link", inBlock, func(s *scene) []byte {
		return s.claimOf("carol", s.linked, s.withLink("link", s.open, "carol"))
	}, ""},
	{"claim with a link where none is", "bad_link", inBlock, func(s *scene) []byte {
		return s.claimOf("carol", s.open, s.withLink("link", s.open, "carol"))
	}, ""},
	{"claim by somebody not named", "not_named", inBlock, func(s *scene) []byte { return s.claimOf("bob", s.named) },
		""},

	{"recall before the window", "window_not_open", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Recall{Packet: s.later, Clause: 1})
	}, ""},
	{"recall after the window", "window_closed", inBlock, func(s *scene) []byte {
		s.Wait(3 * time.Minute)
		return s.signed("alice", &contract.Recall{Packet: s.linked, Clause: 1})
	}, ""},
	{"recall by another", "signature_missing", inBlock, func(s *scene) []byte {
		return s.signed("bob", &contract.Recall{Packet: s.open, Clause: 1})
	}, ""},
	{"recall twice", "recalled", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Recall{Packet: s.recalled, Clause: 1})
	}, ""},
	{"recall of a full packet", "full", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Recall{Packet: s.full, Clause: 1})
	}, ""},
	{"recall of an unknown packet", "unknown_packet", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Recall{Packet: unknown, Clause: 1})
	}, ""},
	{"recall under clause 0", "unknown_clause", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Recall{Packet: s.open})
	}, ""},
	{"recall under a clause that is not there", "unknown_clause", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Recall{Packet: s.open, Clause: 1<<32 - 1})
	}, ""},
	{"recall for a reason the clause does not allow", "reason_not_allowed", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Recall{Packet: s.fraud, Clause: 1, Reason: "DUPL"})
	}, ""},
	{"recall for no reason where one is due", "reason_not_allowed", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Recall{Packet: s.fraud, Clause: 1})
	}, ""},
	{"recall for a reason that is none", "reason_not_allowed", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Recall{Packet: s.open, Clause: 1,
			Reason: contract.Reason(strings.Repeat("\x01", 9000))})
	}, ""},
	{"recall with nine consents", "malformed", noPlace, func(s *scene) []byte {
		return s.signed("alice", &contract.Recall{Packet: s.open, Clause: 1, Consents: make([]contract.Consent, 9)})
	}, ""},
	{"recall with a consent that is none", "bad_consent", inBlock, func(s *scene) []byte {
		return s.signed("poor", &contract.Recall{Packet: s.open, Clause: 1,
			Consents: []contract.Consent{s.consent("alice", time.Hour)}})
	}, ""},
	{"recall with the consent of nobody listed", "consent_unlisted", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Recall{Packet: s.open, Clause: 1,
			Consents: []contract.Consent{s.consent("bob", time.Hour)}})
	}, ""},
	{"recall with the consent of who signs anyway", "consent_repeated", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Recall{Packet: s.open, Clause: 1,
			Consents: []contract.Consent{s.consent("alice", time.Hour)}})
	}, ""},
	{"recall with a consent at its own end", "consent_expired", inBlock, func(s *scene) []byte {
		return s.signed("poor", &contract.Recall{Packet: s.open, Clause: 1,
			Consents: []contract.Consent{s.consent("alice", 0)}})
	}, ""},
	{"recall with a consent for too long", "valid_until_too_far", inBlock, func(s *scene) []byte {
		return s.signed("poor", &contract.Recall{Packet: s.open, Clause: 1,
			Consents: []contract.Consent{s.consent("alice", 30*24*time.Hour+1)}})
	}, ""},
	{"recall of a settled share", "share_settled", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Recall{Packet: s.open, Clause: 1, Share: 1})
	}, ""},
	{"recall of a share nobody claimed", "unknown_share", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Recall{Packet: s.open, Clause: 1, Share: 2})
	}, ""},
	{"question by another", "not_sender", inBlock, func(s *scene) []byte {
		return s.signed("carol", &contract.Ask{Packet: s.open, Share: 1})
	}, ""},
	{"question for a reason that is none", "unknown_reason", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Ask{Packet: s.open, Share: 1, Reason: "XXXX"})
	}, ""},
	{"question about a share nobody claimed", "unknown_share", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Ask{Packet: s.open, Share: 1<<32 - 1})
	}, ""},
	{"answer to no question", "no_open_ask", inBlock, func(s *scene) []byte {
		return s.signed("bob", &contract.Answer{Packet: s.open, Share: 1, Accept: true})
	}, ""},
	{"answer for another", "not_claimer", inBlock, func(s *scene) []byte {
		return s.signed("carol", &contract.Answer{Packet: s.open, Share: 1})
	}, ""},
	{"tightening by another", "not_sender", inBlock, func(s *scene) []byte {
		return s.signed("bob", &contract.Tighten{Packet: s.open})
	}, ""},
	{"tightening that allows the same", "not_tighter", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Tighten{Packet: s.open, Clauses: s.terms[s.open].Clauses})
	}, ""},
	{"tightening of an expired packet", "expired", inBlock, func(s *scene) []byte {
		return s.signed("alice", &contract.Tighten{Packet: s.expired})
	}, ""},
	{"scene that is none", "unknown_scene", inBlock, func(s *scene) []byte {
		return s.sendOf(func(t *contract.Terms) { t.Scene = "hongbao" })
	}, ""},
	{"scene that lies", "scene_mismatch", inBlock, func(s *scene) []byte {
		return s.sendOf(func(t *contract.Terms) { t.Scene = "wechat" })
	}, ""},
	{"share clause where nothing is held", "clause_never_true", inBlock, func(s *scene) []byte {
		return s.sendOf(func(t *contract.Terms) {
			t.Clauses[0] = contract.Clause{Target: contract.HeldShares, When: contract.Rule{Cond: contract.Sender{}}}
		})
	}, ""},
	{"return of another's share", "not_claimer", inBlock, func(s *scene) []byte {
		return s.signed("carol", &contract.Return{Packet: s.open, Share: 1})
	}, ""},
	{"return of a share nobody claimed", "unknown_share", inBlock, func(s *scene) []byte {
		return s.signed("bob", &contract.Return{Packet: s.open, Share: 2})
	}, ""},
	{"return of share 0", "unknown_share", inBlock, func(s *scene) []byte {
		return s.signed("bob", &contract.Return{Packet: s.open})
	}, ""},
	{"return of an unknown packet", "unknown_packet", inBlock, func(s *scene) []byte {
		return s.signed("bob", &contract.Return{Packet: unknown, Share: 1})
	}, ""},
}
