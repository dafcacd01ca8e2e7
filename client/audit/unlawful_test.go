package audit

import (
	"testing"

	"hongbao/contract"
	"hongbao/internal/testchain"
)

// unlawfulStories are signed by all validators, who say what the file itself
// refutes: without the packet's life a leaf is still held to the terms that were
// signed, and to what its fields say of each other.
var unlawfulStories = []badStory{
	{"unlawful-tightening-of-nothing", "a share recalled under a tightening, of terms that allow no recall",
		unlawful(heldFor(7200, terms(3, 100)), func(f *forgery) *File {
			return f.claim("bob").widen("share when "+keyOf("mallory")).after(2).
				recallShare("mallory", 1, 1, "").recallCase(1)
		}), Invalid, "leaf"},
	{"unlawful-tightening-of-rest", "the rest recalled under a tightening that names another account than the terms do",
		unlawful(terms(3, 100, "rest when all(sender,within(2m))"), func(f *forgery) *File {
			return f.claim("bob").widen("rest when "+keyOf("mallory")).after(2).recall("mallory", 1, "").recallCase(0)
		}), Invalid, "leaf"},
	{"unlawful-tightening-for-longer", "a tightening that allows what the terms do, for longer",
		unlawful(terms(3, 100, "rest when all(sender,within(2m))"), func(f *forgery) *File {
			return f.widen("rest when all(sender,within(3m))").unrecalled()
		}), Invalid, "leaf"},
	{"unlawful-tightening-same", "a tightening that allows as much as the terms do",
		unlawful(heldTerms(3), func(f *forgery) *File {
			f.claim("bob").p.Tightened = []contract.Tightening{{At: f.now, Clauses: f.p.Terms.Clauses}}
			return f.shareCase(1)
		}), Invalid, "leaf"},
	{"unlawful-created", "a recall within two minutes of a packet that is said to be created a year after its send",
		unlawful(terms(3, 100, "rest when all(sender,within(2m))"), func(f *forgery) *File {
			return f.createdLater(365*24*3600).recall("alice", 1, "").recallCase(0)
		}), Invalid, "parties"},
	{"unlawful-created-share", "a share of a packet that is said to be created after its send had run out",
		unlawful(terms(3, 100), func(f *forgery) *File { return f.createdLater(60).claim("bob").shareCase(1) }),
		Invalid, "parties"},
	{"unlawful-claimer", "a share claimed by another than the claim rule names",
		unlawful(namedTerms("bob"), func(f *forgery) *File { return f.claim("carol").shareCase(1) }),
		Invalid, "parties"},
	{"unlawful-link", "a share claimed by link, without the link's signature",
		unlawful(linkTerms(), func(f *forgery) *File { return f.claim("bob").shareCase(1) }), Invalid, "parties"},
	{"unlawful-link-of-another", "a share claimed with the link's signature for another",
		unlawful(linkTerms(), func(f *forgery) *File { return f.claim("bob", linkBy("link", "carol")).shareCase(1) }),
		Invalid, "parties"},
	{"unlawful-claim-late", "a share claimed at the instant of expiry",
		unlawful(terms(3, 100), func(f *forgery) *File { return f.after(3600).claim("bob").shareCase(1) }),
		Invalid, "leaf"},
	{"unlawful-claim-twice", "two shares by one claim",
		unlawful(terms(3, 100), func(f *forgery) *File {
			f.claim("bob").p.Shares = append(f.p.Shares, f.p.Shares[0])
			f.p.Escrow -= 100
			return f.shareCase(1)
		}), Invalid, "leaf"},
	{"unlawful-claim-order", "a share claimed before the one before it",
		unlawful(terms(3, 100), func(f *forgery) *File {
			f.after(2).claim("bob").claim("carol").p.Shares[1].ClaimedAt = f.sent
			return f.shareCase(1)
		}), Invalid, "leaf"},
	{"unlawful-settled", "a share settled 15 seconds into a hold of two hours",
		unlawful(heldTerms(3), func(f *forgery) *File {
			f.claim("bob").after(15).p.Shares[0].State = contract.Settled
			return f.shareCase(1)
		}), Invalid, "leaf"},
	{"unlawful-held", "a share held where there is no hold",
		unlawful(terms(3, 100), func(f *forgery) *File {
			f.claim("bob").p.Shares[0].State = contract.Held
			return f.shareCase(1)
		}), Invalid, "leaf"},
	{"unlawful-future", "a header of before the packet was created",
		unlawful(terms(3, 100), func(f *forgery) *File {
			f.claim("bob").now--
			return f.shareCase(1)
		}), Invalid, "leaf"},
	{"unlawful-expires", "a packet that expires at another time than its terms say",
		unlawful(heldTerms(3), func(f *forgery) *File {
			f.p.Expires = 0
			return f.unrecalled()
		}), Invalid, "leaf"},
	{"unlawful-full", "a packet that is full, and has shares left",
		unlawful(terms(3, 100), func(f *forgery) *File {
			f.claim("bob").p.Status, f.p.Closed = contract.Full, f.now
			return f.unrecalled()
		}), Invalid, "leaf"},
	{"unlawful-question-state", "a question in an unknown state",
		unlawful(terms(3, 100), func(f *forgery) *File {
			f.claim("bob").p.Shares[0].Asked = &contract.Asked{State: 5, At: f.now}
			return f.shareCase(1)
		}), Invalid, "leaf"},
	{"unlawful-question-reason", "a question for a reason that there is not",
		unlawful(terms(3, 100), func(f *forgery) *File { return f.claim("bob").ask("alice", 1, "XXXX").shareCase(1) }),
		Invalid, "leaf"},
	{"unlawful-question-early", "a question about a share that is held",
		unlawful(heldTerms(3), func(f *forgery) *File { return f.claim("bob").ask("alice", 1, "").shareCase(1) }),
		Invalid, "leaf"},
	{"unlawful-amount", "a lucky share of 2^63 fen",
		unlawful(luckyTerms(3, 300), func(f *forgery) *File {
			f.reserve("bob").after(1).beacon().draw(1).p.Shares[0].Amount = 1 << 63
			return f.shareCase(1)
		}), Invalid, "leaf"},
	{"unlawful-clock", "a clock moved by more than 3660 days",
		func(t testing.TB) *File { return statementOf(t, contract.MaxOffset+1, nil) }, Invalid, "clock"},
	{"unlawful-balance", "a statement of an account that holds 2^63 fen",
		func(t testing.TB) *File {
			return statementOf(t, 0, func(a *contract.Account, e *contract.Entry) { a.Held, e.Held = 1<<63, 1<<63 })
		}, Invalid, "leaf"},
	{"unlawful-genesis", "money from outside that comes from a name",
		func(t testing.TB) *File {
			return statementOf(t, 0, func(_ *contract.Account, e *contract.Entry) { e.Posting.From.ID[0] = 1 })
		}, Invalid, "balances"},
	{"unlawful-entry", "an entry of genesis that is about a share",
		func(t testing.TB) *File {
			return statementOf(t, 0, func(_ *contract.Account, e *contract.Entry) { e.Share = 1 })
		}, Invalid, "entries"},
}

func unlawful(t contract.Terms, tell func(*forgery) *File) func(testing.TB) *File {
	return func(tb testing.TB) *File { return tell(newForgery(tb, t)) }
}

func keyOf(name string) string { return "key(" + address(name).String() + ")" }

func heldFor(hold contract.Seconds, t contract.Terms) contract.Terms {
	t.Hold = hold
	return t
}

func namedTerms(names ...string) contract.Terms {
	t, rule := terms(3, 100), contract.Named{}
	for _, n := range names {
		rule.Claimers = append(rule.Claimers, address(n))
	}
	t.Claim.Cond = rule
	return t
}

func linkTerms() contract.Terms {
	t, key := terms(3, 100), [32]byte(address("link"))
	t.Claim.Cond, t.LinkKey = contract.Link{}, &key
	return t
}

// widen puts a tightening into the leaf that the sender did not sign, a second
// after the send.
func (f *forgery) widen(clauses ...string) *forgery {
	f.after(1)
	f.p.Tightened = append(f.p.Tightened, contract.Tightening{At: f.now, Clauses: terms(1, 1, clauses...).Clauses})
	return f
}

// createdLater says that the packet was created so long after its send was
// signed.
func (f *forgery) createdLater(d contract.Seconds) *forgery {
	f.after(d)
	f.sent, f.p.Created, f.p.Expires, f.entries[0].Time = f.now, f.now, f.now.Plus(f.p.Terms.Expiry), f.now
	return f
}

// unrecalled is the proof that nothing was recalled in a forgery.
func (f *forgery) unrecalled() *File {
	file := f.seal()
	file.Kind, file.Entries, file.Txs, file.Beacons = KindUnrecalled, nil, nil, nil
	return file
}

// statementOf is the whole statement of an account that has nothing but what
// genesis gave it, under a clock that is so far ahead; edit spoils what the
// validators sign.
func statementOf(t testing.TB, ahead contract.Seconds, edit func(*contract.Account, *contract.Entry)) *File {
	l := newDevLedger(t, "alice")
	l.block(1)
	key := contract.AccountKey(address("alice"))
	var a contract.Account
	var e contract.Entry
	must(t, contract.Decode(l.leaves[string(key)], &a))
	must(t, contract.Decode(l.history(key)[0], &e))
	if edit != nil {
		edit(&a, &e)
	}
	a.History.Head = contract.NextHead(contract.FirstHead(testChain, key), e.Hash())
	var clock contract.Clock
	must(t, contract.Decode(l.leaves[string(contract.ClockKey)], &clock))
	clock.Offset = ahead
	l.entries[string(key)] = [][]byte{contract.Encode(&e)}
	l.height++
	l.write([]contract.Leaf{{Key: key, Value: contract.Encode(&a)},
		{Key: contract.ClockKey, Value: contract.Encode(&clock)}}, nil)
	_, _, err := l.tree.SaveVersion()
	must(t, err)
	return l.proveAccount("alice", 0, 0)
}

// An account through which the same money passes again and again has a
// turnover beyond every amount, and a statement all the same.
func livesTurnover(t testing.TB) *ledger {
	g := testchain.Genesis("alice", "bob")
	g.Accounts[0].Balance, g.Accounts[1].Balance, g.Dev = contract.MaxAmount-100, 100, false
	l := ledgerOf(t, g)
	for range 3 {
		l.block(1e9, l.tx("alice", &contract.Pay{To: address("bob"), Amount: contract.MaxAmount - 100}))
		l.block(1e9, l.tx("bob", &contract.Pay{To: address("alice"), Amount: contract.MaxAmount - 100}))
	}
	return l
}
