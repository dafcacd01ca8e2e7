package audit

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hongbao/contract"
)

// history is all of a leaf's entries.
func (l *ledger) history(key []byte) [][]byte { return l.entries[string(key)] }

// parties are the send and, of a share, its claim.
func (l *ledger) parties(id contract.PacketID, share uint32) (hashes []contract.Hash) {
	hashes = append(hashes, l.packet(id).SendTx)
	for _, e := range decode(l.t, l.history(contract.PacketKey(id))) {
		if (e.Kind == contract.KindClaim || e.Kind == contract.KindReserve) && e.Share == share && share != 0 {
			hashes = append(hashes, *e.Tx)
		}
	}
	return hashes
}

func decode(t testing.TB, encoded [][]byte) (entries []contract.Entry) {
	for _, b := range encoded {
		var e contract.Entry
		must(t, contract.Decode(b, &e))
		entries = append(entries, e)
	}
	return entries
}

func subject(id contract.PacketID, share uint32) string {
	s := id.String()
	if share != 0 {
		s += "/" + string(rune('0'+share))
	}
	return s
}

func (l *ledger) proveShare(id contract.PacketID, share uint32) *File {
	return l.build(KindShare, subject(id, share), contract.PacketKey(id), Evidence{Txs: l.wires(l.parties(id, share))})
}

func (l *ledger) proveRecall(id contract.PacketID, share uint32) *File {
	key := contract.PacketKey(id)
	entries := decode(l.t, l.history(key))
	from, until, err := RecallCase(entries, share)
	must(l.t, err)
	hashes := l.parties(id, share)
	for _, e := range entries[from:until] {
		if e.Kind == contract.KindRecall && e.Tx != nil && e.Share == share {
			hashes = append(hashes, *e.Tx)
		}
	}
	e := Evidence{Txs: l.wires(hashes)}
	e.Cut(testChain, key, l.history(key), uint64(from), uint64(until))
	return l.build(KindRecall, subject(id, share), key, e)
}

func (l *ledger) proveAccount(name string, from, until uint64) *File {
	key := contract.AccountKey(address(name))
	if until == 0 {
		until = uint64(len(l.history(key)))
	}
	var e Evidence
	e.Cut(testChain, key, l.history(key), from, until)
	hashes, err := DebitTxs(address(name), e.Entries)
	must(l.t, err)
	e.Txs = l.wires(hashes)
	return l.build(KindAccount, address(name).String(), key, e)
}

// aHeldPacket is a packet of heldTerms: carol's share was recalled by two
// arbiters, dave gave his back, bob's is held; the sender recalled the rest.
func aHeldPacket(t testing.TB) (*ledger, contract.PacketID) {
	l := newLedger(t, "alice", "bob", "carol", "dave", "lin", "mei")
	id := l.send(heldTerms(5))
	l.block(time.Second, l.claim("bob", id), l.claim("carol", id), l.claim("dave", id))
	l.block(time.Minute, l.tx("dave", &contract.Return{Packet: id, Share: 3}))
	l.block(time.Minute, l.tx("lin", &contract.Recall{Packet: id, Clause: 1, Share: 2, Reason: "FRAD",
		Consents: []contract.Consent{l.consent("mei", id, 1, 2, "FRAD")}}))
	l.block(time.Minute, l.tx("alice", &contract.Recall{Packet: id, Clause: 3, Reason: "AC03"}))
	return l, id
}

// namedStory is a proof of another kind than [KindPacket].
type namedStory struct {
	name string
	desc string
	tell func(t testing.TB) *File
}

// kindStories are the proofs of the kinds beside [KindPacket].
var kindStories = slices.Concat(smallStories, largeStories)

var smallStories = []namedStory{
	{"share-held", "a held share that others can still take back", func(t testing.TB) *File {
		l, id := aHeldPacket(t)
		return l.proveShare(id, 1)
	}},
	{"share-settled", "the same share once it settled", func(t testing.TB) *File {
		l, id := aHeldPacket(t)
		l.block(2 * time.Hour)
		return l.proveShare(id, 1)
	}},
	{"share-due", "the same share at the instant it settles, not swept yet", func(t testing.TB) *File {
		l, id := aHeldPacket(t)
		l.block(2*time.Hour - 3*time.Minute - time.Second)
		return l.proveShare(id, 1)
	}},
	{"share-recalled", "a share that was recalled", func(t testing.TB) *File {
		l, id := aHeldPacket(t)
		return l.proveShare(id, 2)
	}},
	{"share-returned", "a share that its claimer gave back", func(t testing.TB) *File {
		l, id := aHeldPacket(t)
		return l.proveShare(id, 3)
	}},
	{"share-reserved", "a lucky share that is not drawn yet", func(t testing.TB) *File {
		l := newLedger(t, "alice", "bob")
		id := l.send(luckyTerms(3, 8880, "2m"))
		l.block(time.Second, l.claim("bob", id))
		return l.proveShare(id, 1)
	}},
	{"share-asked", "a settled share that the sender asks for", func(t testing.TB) *File {
		l := newLedger(t, "alice", "bob")
		id := l.send(terms(2, 100))
		l.block(time.Second, l.claim("bob", id))
		l.block(time.Second, l.tx("alice", &contract.Ask{Packet: id, Share: 1, Reason: "AC03"}))
		return l.proveShare(id, 1)
	}},
	{"recall-rest", "the demo's recall", func(t testing.TB) *File {
		l, id := livesRecalled(t)
		return l.proveRecall(id, 0)
	}},
	{"recall-share", "two arbiters recalled a held share, and more happened afterwards", func(t testing.TB) *File {
		l, id := aHeldPacket(t)
		l.block(2 * time.Hour)
		return l.proveRecall(id, 2)
	}},
	{"recall-tightened", "a share recalled in the very block in which the clauses were tightened, before and after it",
		func(t testing.TB) *File {
			l := newLedger(t, "alice", "bob")
			id := l.send(heldTerms(2))
			l.block(time.Second, l.claim("bob", id))
			first := l.tx("alice", tightenTo(id, "share when all(sender,within(50m))"))
			recall := l.tx("alice", &contract.Recall{Packet: id, Clause: 1, Share: 1, Reason: "DUPL"}, first)
			last := l.tx("alice", tightenTo(id), first, recall)
			l.block(time.Minute, first, recall, last)
			return l.proveRecall(id, 1)
		}},
	{"recall-lucky", "the rest of a lucky packet, recalled in the block of two reservations", func(t testing.TB) *File {
		l, id := livesLuckyRecalled(t)
		l.block(time.Second)
		return l.proveRecall(id, 0)
	}},
	{"recall-owed", "the same before the draws that come first", func(t testing.TB) *File {
		l, id := livesLuckyRecalled(t)
		return l.proveRecall(id, 0)
	}},
	{"unrecalled", "an open packet that could be recalled and was not", func(t testing.TB) *File {
		l := newLedger(t, "alice", "bob")
		id := l.send(heldTerms(2))
		l.block(time.Second, l.claim("bob", id))
		return l.build(KindUnrecalled, id.String(), contract.PacketKey(id), Evidence{})
	}},
	{"account", "a sender's whole statement: genesis, payments, sends, what came home", func(t testing.TB) *File {
		l := livesAccount(t)
		return l.proveAccount("alice", 0, 0)
	}},
	{"account-claimer", "a claimer's whole statement: a first claim, holds that settle, are recalled and given back",
		func(t testing.TB) *File {
			l, _ := aHeldPacket(t)
			l.block(2 * time.Hour)
			return l.proveAccount("carol", 0, 0)
		}},
	{"account-from", "a statement from an entry on", func(t testing.TB) *File {
		l := livesAccount(t)
		return l.proveAccount("alice", 2, 0)
	}},
	{"account-part", "a statement from an entry on, to an earlier day", func(t testing.TB) *File {
		l := livesAccount(t)
		return l.proveAccount("alice", 1, 4)
	}},
	{"account-first", "a statement's first entry alone", func(t testing.TB) *File {
		l := livesAccount(t)
		return l.proveAccount("alice", 0, 1)
	}},
	{"account-turnover", "an account through which more money went than there is", func(t testing.TB) *File {
		l := livesTurnover(t)
		return l.proveAccount("alice", 0, 0)
	}},
	{"share-renounced", "a share that others could have taken later, had the sender not renounced",
		func(t testing.TB) *File {
			l, id := livesRenouncedEarly(t)
			return l.proveShare(id, 1)
		}},
	{"share-tightened", "a share whose clauses were tightened twice after they had ended for it",
		func(t testing.TB) *File {
			l := newLedger(t, "alice", "bob")
			id := l.send(heldFor(4*3600, terms(2, 100, "share when all(sender,any(within(1h),after(2h)))")))
			l.block(time.Second, l.claim("bob", id))
			l.block(30 * time.Minute)
			l.block(time.Second, l.tx("alice", tightenTo(id, "share when all(sender,within(1h))")))
			l.block(90 * time.Minute)
			l.block(time.Second, l.tx("alice", tightenTo(id)))
			return l.proveShare(id, 1)
		}},
	{"share-linked", "a share claimed by link", func(t testing.TB) *File {
		l := newLedger(t, "alice", "bob")
		id := l.send(linkTerms())
		m := &contract.Claim{Packet: id, TermsHash: l.packet(id).Terms.Hash(testChain)}
		linkBy("link", "bob")(m)
		l.block(time.Second, l.tx("bob", m))
		return l.proveShare(id, 1)
	}},
	{"absent-packet", "an id that no packet ever had", func(t testing.TB) *File {
		l := livesAccount(t)
		id := contract.NewPacketID(testChain, address("nobody"), 7)
		return l.build(KindAbsent, id.String(), contract.PacketKey(id), Evidence{})
	}},
	{"absent-account", "an address that never received money", func(t testing.TB) *File {
		l := livesAccount(t)
		return l.build(KindAbsent, address("nobody").String(), contract.AccountKey(address("nobody")), Evidence{})
	}},
	{"supply", "where all money is", func(t testing.TB) *File {
		l, _ := aHeldPacket(t)
		return l.build(KindSupply, "supply", contract.SupplyKey, Evidence{})
	}},
}

// livesRenouncedEarly: others could take bob's share from two hours after its
// claim on; the sender renounces four seconds after it.
func livesRenouncedEarly(t testing.TB) (*ledger, contract.PacketID) {
	l := newLedger(t, "alice", "bob")
	id := l.send(heldFor(24*3600, terms(2, 100, "share when all(sender,after(2h))")))
	l.block(time.Second, l.claim("bob", id))
	l.block(4*time.Second, l.tx("alice", tightenTo(id)))
	return l, id
}

func tightenTo(id contract.PacketID, clauses ...string) *contract.Tighten {
	m := &contract.Tighten{Packet: id, Clauses: []contract.Clause{}}
	for _, s := range clauses {
		c, err := contract.ParseClause(s)
		if err != nil {
			panic(err)
		}
		m.Clauses = append(m.Clauses, c)
	}
	return m
}

func livesLuckyRecalled(t testing.TB) (*ledger, contract.PacketID) {
	l := newLedger(t, "alice", "bob", "carol")
	id := l.send(luckyTerms(5, 8880, "2m"))
	l.block(time.Second, l.claim("bob", id), l.claim("carol", id),
		l.tx("alice", &contract.Recall{Packet: id, Clause: 1, Reason: "AM09"}))
	return l, id
}

// livesAccount is a chain on which alice pays, is paid, sends, recalls, is
// refunded, and gets an accepted share back.
func livesAccount(t testing.TB) *ledger {
	l := newLedger(t, "alice", "bob")
	l.block(time.Second, l.tx("alice", &contract.Pay{To: address("bob"), Amount: 1234}),
		l.tx("bob", &contract.Pay{To: address("alice"), Amount: 34}))
	id := contract.NewPacketID(testChain, address("alice"), 1)
	l.block(time.Second, l.tx("alice", &contract.Send{Terms: terms(3, 500, "rest when sender")}))
	l.block(time.Second, l.claim("bob", id))
	l.block(time.Second, l.tx("alice", &contract.Recall{Packet: id, Clause: 1}))
	l.block(time.Second, l.tx("alice", &contract.Ask{Packet: id, Share: 1}))
	l.block(time.Second, l.tx("bob", &contract.Answer{Packet: id, Share: 1, Accept: true}))
	l.block(time.Second, l.tx("alice", &contract.Send{Terms: terms(1, 77)}))
	l.block(2 * time.Hour)
	return l
}

// outcome is what a vector's file says of it: all that another implementation
// should find.
type outcome struct {
	Desc      string  `json:"desc"`
	Verdict   Verdict `json:"verdict"`
	Failed    string  `json:"failed,omitempty"` // the check that failed
	Final     *bool   `json:"final,omitempty"`
	Statement string  `json:"statement"`
	Chinese   string  `json:"chinese"`
	Facts     *Facts  `json:"facts"`
}

func outcomeOf(t testing.TB, desc string, r Report) []byte {
	o := outcome{Desc: desc, Verdict: r.Verdict, Final: r.Final(), Statement: Statement(false, r),
		Chinese: Statement(true, r), Facts: r.Facts}
	if last := r.Checks[len(r.Checks)-1]; !last.OK {
		o.Failed = last.Name
	}
	b, err := encodeJSON(o)
	must(t, err)
	return b
}

// Each kind of proof says what happened on the chain, in both languages.
func TestKindStories(t *testing.T) {
	trust := newValidators(10, 10, 10, 10).trust()
	for _, s := range kindStories {
		t.Run(s.name, func(t *testing.T) {
			file := encode(t, s.tell(t))
			golden(t, s.name+".proof", file)
			r := verify(file, trust, Options{})
			golden(t, s.name+".json", outcomeOf(t, s.desc, r))
			if r.Verdict != Valid {
				t.Errorf("%s: %s\n%s", s.desc, r.Verdict, strings.Join(lines(r), "\n"))
			}
			for _, c := range r.Checks {
				if en, zh := CheckLine(false, c), CheckLine(true, c); strings.Contains(en+zh, "%!") || en == zh {
					t.Errorf("%s: %q, %q", c.Name, en, zh)
				}
			}
			if strings.Contains(Statement(false, r)+Statement(true, r), "%!") {
				t.Errorf("says %q, %q", Statement(false, r), Statement(true, r))
			}
		})
	}
}

// The vectors are exactly the stories: no file is left of one that was renamed.
func TestVectorsAreStories(t *testing.T) {
	known := map[string]bool{"README.md": true, "trust.json": true, filepath.Base(forgeries): true}
	for _, s := range stories {
		known[s.name+".proof"], known[s.name+".json"] = true, true
	}
	for _, s := range kindStories {
		known[s.name+".proof"], known[s.name+".json"] = true, true
	}
	for _, s := range badStories {
		known[s.name+".proof"], known[s.name+".json"] = true, true
	}
	for _, s := range pairStories {
		known[s.name+".contradiction"], known[s.name+".json"] = true, true
	}
	for _, s := range badPairs {
		known[s.name+".contradiction"], known[s.name+".json"] = true, true
	}
	files, err := os.ReadDir(vectors)
	must(t, err)
	for _, f := range files {
		if !known[f.Name()] {
			t.Errorf("%s is of no story", filepath.Join(vectors, f.Name()))
		}
	}
	if len(files) != len(known) {
		t.Errorf("%d files, expected %d", len(files), len(known))
	}
}

// What stands in a vector's outcome is JSON as programs read it.
func TestOutcomesAreJSON(t *testing.T) {
	paths, err := filepath.Glob(vectors + "/*.json")
	must(t, err)
	for _, path := range paths {
		b, err := os.ReadFile(path)
		must(t, err)
		if !json.Valid(b) || bytes.Contains(b, []byte("%!")) {
			t.Errorf("%s", path)
		}
	}
}
