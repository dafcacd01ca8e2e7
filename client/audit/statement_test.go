package audit

import (
	"strings"
	"testing"

	"hongbao/contract"
)

// The statement calls final what is final at the header's time, to the
// nanosecond, and nothing else.
func TestStatement(t *testing.T) {
	// Bob is one of the arbiters of his own share.
	own := terms(2, 100, "share when all(key("+address("bob").String()+"),sender)", "rest when all(sender,within(1h))")
	own.Hold, own.Expiry = 7200, 3600
	luckyHeld := luckyTerms(3, 300, "share when sender")
	luckyHeld.Hold = 7200
	const (
		final    = "beyond every clause"
		notFinal = "NOT FINAL: 1 share, ¥1.00 in all, can be taken back by others until "
	)
	for _, c := range []struct {
		desc  string
		terms contract.Terms
		do    func(f *forgery)
		says  string
		not   string
	}{
		{"a held share that others may recall", heldTerms(3), func(f *forgery) {
			f.claim("bob")
		}, notFinal + "2026-02-17T23:00:00Z", final},
		{"the instant before it settles", heldTerms(3), func(f *forgery) {
			f.claim("bob").after(7200).now--
		}, notFinal + "2026-02-17T23:00:00Z", final},
		{"the instant of settlement, not swept", heldTerms(3), func(f *forgery) {
			f.claim("bob").after(7200)
		}, final, "NOT FINAL"},
		{"settled", heldTerms(3), func(f *forgery) { f.claim("bob").settled(1) }, final, "NOT FINAL"},
		{"held until after the last window", terms2h("share when all(sender,within(1h))"), func(f *forgery) {
			f.claim("bob").after(3600).now--
		}, notFinal + "2026-02-17T22:00:00Z", final},
		{"held, and the last window has just ended", terms2h("share when all(sender,within(1h))"), func(f *forgery) {
			f.claim("bob").after(3600)
		}, final + ". 1 share is held until 2026-02-17T23:00:00Z.", "NOT FINAL"},
		{"held, and the only window has not begun", terms2h("share when all(sender,after(1h))"), func(f *forgery) {
			f.claim("bob")
		}, notFinal + "2026-02-17T23:00:00Z", final},
		{"held without a clause", terms2h(), func(f *forgery) { f.claim("bob") }, final, "NOT FINAL"},
		{"a clause that needs the claimer's own signature", own, func(f *forgery) {
			f.claim("bob")
		}, final, "NOT FINAL"},
		{"the same clause over somebody else's share", own, func(f *forgery) { f.claim("carol") }, notFinal, final},
		{"full with a share at risk", own, func(f *forgery) {
			f.claim("bob").claim("carol")
		}, "1 share is beyond every clause, ¥1.00 in all. 2 shares are held until 2026-02-17T23:00:00Z. It is full " +
			"since 2026-02-17T21:00:00Z.", "nobody can take"},
		{"tightened, and still at risk", heldTerms(3), func(f *forgery) {
			f.claim("bob").after(1).tighten("alice", "share when all(sender,within(30m))")
		}, "The sender tightened the clauses at 2026-02-17T21:00:01Z. 1 share was claimed, ¥1.00 in all. " + notFinal +
			"2026-02-17T21:30:00Z", final},
		{"renounced", heldTerms(3), func(f *forgery) {
			f.claim("bob").after(1).tighten("alice")
		}, "The sender renounced every clause at 2026-02-17T21:00:01Z.", "NOT FINAL"},
		{"returned", heldTerms(3), func(f *forgery) {
			f.claim("bob").giveBack("bob", 1)
		}, "1 share was given back by the claimer, ¥1.00 in all.", final},
		{"recalled, for a reason", heldTerms(3), func(f *forgery) {
			f.claim("bob").recallShare("alice", 2, 1, "DUPL")
		}, "1 share was recalled from hold as duplicate (DUPL), ¥1.00 in all.", final},
		{"a share and the rest recalled for different reasons", heldTerms(3), func(f *forgery) {
			f.claim("bob").recallShare("alice", 2, 1, "DUPL").recall("alice", 3, "AM09")
		}, "from hold as duplicate (DUPL), ¥1.00 in all. ¥2.00 was recalled at 2026-02-17T21:00:00Z as " +
			"wrong-amount (AM09).", final},
		{"asked an instant before it lapses", heldTerms(3), func(f *forgery) {
			f.claim("bob").settled(1).ask("alice", 1, "").after(lapses).now--
		}, "asked for 1 share back: 1 open.", "NOT FINAL"},
		{"asked, and too late to answer", heldTerms(3), func(f *forgery) {
			f.claim("bob").settled(1).ask("alice", 1, "").after(lapses)
		}, "asked for 1 share back: 1 lapsed.", "open"},
		{"recallable", own, func(f *forgery) {
			f.after(3600).now--
		}, "unclaimed until 2026-02-17T22:00:00Z, and could be recalled until 2026-02-17T22:00:00Z.", "expiry"},
		{"no longer recallable", terms(2, 100, "2m"), func(f *forgery) {
			f.after(120)
		}, "unclaimed until 2026-02-17T22:00:00Z, and nobody can recall it.", "could"},
		{"lucky and full: the luckiest of equal ones is the first", luckyTerms(2, 2), func(f *forgery) {
			f.reserve("bob").reserve("carol").after(1).beacon().draw(1).draw(2)
		}, "in 2 lucky shares at 2026-02-17T21:00:00Z. 2 shares were claimed, ¥0.02 in all, and beyond every " +
			"clause. The luckiest is share 1, of " + address("bob").String() + ", with ¥0.01. It is full", "drawn"},
		{"lucky, and not full: nobody is luckiest yet", luckyTerms(3, 300), func(f *forgery) {
			f.reserve("bob").after(1).beacon().draw(1)
		}, final, "luckiest"},
		{"full, the last share not drawn", luckyTerms(2, 200), func(f *forgery) {
			f.reserve("bob").after(1).beacon().draw(1).reserve("carol")
		}, "drawn so far, and beyond every clause. 1 share is reserved: its amount is drawn in block 9. It is full " +
			"since 2026-02-17T21:00:01Z: nobody can take anything back.", "luckiest"},
		{"reserved, and the rest recalled", luckyTerms(3, 300, "2m"), func(f *forgery) {
			f.reserve("bob").waitingRecall("alice", "AM09")
		}, "1 share was claimed, ¥0.00 drawn so far, and beyond every clause. 1 share is reserved: its amount is " +
			"drawn in block 8. ¥3.00, less what is drawn, was recalled at 2026-02-17T21:00:00Z as wrong-amount " +
			"(AM09).", "NOT FINAL"},
		{"reserved, to be held at others' mercy", luckyHeld, func(f *forgery) { f.reserve("bob").reserve("carol") },
			"2 shares were claimed, ¥0.00 drawn so far. 2 shares are reserved: their amounts are drawn in block 8. " +
				"NOT FINAL: 2 shares, ¥0.00 drawn so far, can be taken back by others until 2026-02-17T23:00:00Z.",
			final},
		{"reserved an instant before expiry, and the header of expiry", luckyTerms(3, 300), func(f *forgery) {
			f.after(3599).reserve("bob").now = f.p.Expires
		}, "¥3.00, less what is drawn, was unclaimed at expiry, 2026-02-17T22:00:00Z, and goes back to the sender.",
			"NOT FINAL"},
		{"expired, and not refunded yet", own, func(f *forgery) {
			f.after(3600)
		}, "¥2.00 was unclaimed at expiry, 2026-02-17T22:00:00Z, and goes back to the sender.", "recall"},
	} {
		t.Run(c.desc, func(t *testing.T) {
			f := newForgery(t, c.terms)
			c.do(f)
			r := verify(encode(t, f.seal()), newValidators(10, 10, 10, 10).trust(), Options{})
			if r.Verdict != Valid || !strings.Contains(Statement(false, r), c.says) ||
				strings.Contains(Statement(false, r), c.not) {
				t.Errorf("%s: says\n%s\nwant\n%s\nand not %q", r.Verdict, Statement(false, r), c.says, c.not)
			}
		})
	}
}

func terms2h(clauses ...string) contract.Terms {
	t := terms(2, 100, clauses...)
	t.Hold = 7200
	return t
}

// That nothing was recalled says nothing of what may be: shares claimed later
// wait in hold too.
func TestStatementOfWhatMayBeRecalled(t *testing.T) {
	held := func(clauses ...string) contract.Terms {
		t := terms(2, 100, clauses...)
		t.Hold, t.Expiry = 7200, 3600
		return t
	}
	const (
		nobody = "Nobody can recall anything of it any more."
		until  = "Something of it could still be recalled until 2026-02-17T"
		later  = "Something of it could still be recalled until 2026-02-18T00:00:00Z."
	)
	for _, c := range []struct {
		desc  string
		terms contract.Terms
		do    func(f *forgery)
		says  string
	}{
		{"nobody has claimed, and who does waits", held("share when sender"), func(f *forgery) {}, later},
		{"in the first hour of the hold", held("share when all(sender,within(1h))"), func(f *forgery) {},
			until + "23:00:00Z"},
		{"a share was given back, and one is unclaimed", held("share when sender"), func(f *forgery) {
			f.claim("bob").giveBack("bob", 1)
		}, later},
		{"the last instant in which the other can be claimed", held("share when sender"), func(f *forgery) {
			f.claim("bob").after(3600).now--
		}, later},
		{"expired", held("share when sender"), func(f *forgery) { f.claim("bob").after(3600) }, until + "23:00:00Z"},
		{"every share is claimed", held("share when sender"), func(f *forgery) {
			f.claim("bob").claim("carol")
		}, until + "23:00:00Z"},
		{"renounced", held("share when sender"), func(f *forgery) { f.claim("bob").after(1).tighten("alice") }, nobody},
		{"the rest, and shares for longer", held("rest when sender", "share when sender"), func(f *forgery) {}, later},
		{"the rest alone", held("rest when sender"), func(f *forgery) {}, until + "22:00:00Z"},
		{"no clause", held(), func(f *forgery) {}, nobody},
	} {
		t.Run(c.desc, func(t *testing.T) {
			f := newForgery(t, c.terms)
			c.do(f)
			file := f.seal()
			file.Kind, file.Entries, file.Txs = KindUnrecalled, nil, nil
			r := verify(encode(t, file), newValidators(10, 10, 10, 10).trust(), Options{})
			if r.Verdict != Valid || !strings.Contains(Statement(false, r), c.says) {
				t.Errorf("%s: says\n%s\nwant\n%s", r.Verdict, Statement(false, r), c.says)
			}
		})
	}
}
