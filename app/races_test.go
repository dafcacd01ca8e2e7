package app

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"hongbao/contract"
)

// race is txs that meet in one block.
type race struct {
	desc   string
	shares uint32
	hold   contract.Seconds
	recall []string          // the clauses
	setup  func(*stage)      // up to the block of the race
	txs    map[string]deed   // by name
	want   map[string]string // by order of names: what becomes of each, then the packet's state
}

const (
	bySender  = "rest when sender"
	shareBack = "share when sender"
	tenHours  = contract.Seconds(36000)
)

// afterwards plays deeds, each in a block of its own, and lets d pass since the
// send.
func afterwards(d time.Duration, deeds ...deed) func(*stage) {
	return func(s *stage) {
		for _, d := range deeds {
			s.must(d)
		}
		s.at(d)
	}
}

// crowded is like afterwards, but the block's one due item is then the refund of a
// packet of bob's: what the race is about has to wait.
func crowded(d time.Duration, deeds ...deed) func(*stage) {
	return func(s *stage) {
		if len(deeds) > 0 {
			s.must(deeds...)
		}
		s.Send("bob", terms(1, 500, under(s.T, 0), func(tm *contract.Terms) { tm.Expiry = 1 }))
		s.at(d)
	}
}

var races = []race{
	{"claim and recall of the last share", 1, 0, []string{bySender}, afterwards(time.Minute), map[string]deed{
		"claim":  claims("bob"),
		"recall": recallsRest("alice", 1, ""),
	}, map[string]string{
		"claim recall": "ok full: full settled",
		"recall claim": "ok recalled: recalled",
	}},
	{"two claims and a recall", 3, 0, []string{bySender}, afterwards(time.Minute), map[string]deed{
		"bob":    claims("bob"),
		"carol":  claims("carol"),
		"recall": recallsRest("alice", 1, ""),
	}, map[string]string{
		"bob carol recall": "ok ok ok: recalled settled settled",
		"carol bob recall": "ok ok ok: recalled settled settled",
		"bob recall carol": "ok ok recalled: recalled settled",
		"carol recall bob": "ok ok recalled: recalled settled",
		"recall bob carol": "ok recalled recalled: recalled",
		"recall carol bob": "ok recalled recalled: recalled",
	}},
	{"claim and recall while untouched", 2, 0, []string{"rest when all(sender,untouched)"}, afterwards(time.Minute),
		map[string]deed{
			"claim":  claims("bob"),
			"recall": recallsRest("alice", 1, ""),
		}, map[string]string{
			"claim recall": "ok touched: open settled",
			"recall claim": "ok recalled: recalled",
		}},
	{"claim and recall of the share it takes", 2, tenHours, []string{shareBack}, afterwards(time.Minute),
		map[string]deed{
			"claim":  claims("bob"),
			"recall": recallsShare("alice", 1, 1, ""),
		}, map[string]string{
			"claim recall": "ok ok: open recalled",
			"recall claim": "unknown_share ok: open held",
		}},
	{"recall and claim in the block of the expiry: the due work comes first", 2, 0, []string{bySender},
		afterwards(24 * time.Hour), map[string]deed{
			"claim":  claims("bob"),
			"recall": recallsRest("alice", 1, ""),
		}, map[string]string{
			"claim recall": "expired expired: expired",
			"recall claim": "expired expired: expired",
		}},
	{"recall and claim at expiry, while the refund waits", 2, 0, []string{bySender}, crowded(24 * time.Hour),
		map[string]deed{
			"claim":  claims("bob"),
			"recall": recallsRest("alice", 1, ""),
		}, map[string]string{
			"claim recall": "expired expired: open",
			"recall claim": "expired expired: open",
		}},
	{"recall and return in the block of the settlement: the due work comes first", 1, tenHours, []string{shareBack},
		afterwards(10*time.Hour, claims("bob")), map[string]deed{
			"recall": recallsShare("alice", 1, 1, ""),
			"return": returns("bob", 1),
		}, map[string]string{
			"recall return": "share_settled ok: full returned",
			"return recall": "ok already_returned: full returned",
		}},
	{"recall and renounce of a share that is due, while its settlement waits", 1, tenHours, []string{shareBack},
		crowded(10*time.Hour, claims("bob")), map[string]deed{
			"recall":   recallsShare("alice", 1, 1, ""),
			"renounce": tightens("alice"),
		}, map[string]string{
			"recall renounce": "share_settled full: full held",
			"renounce recall": "full share_settled: full held",
		}},
	{"recall and return of a held share", 1, tenHours, []string{shareBack}, afterwards(10*time.Hour-1, claims("bob")),
		map[string]deed{
			"recall": recallsShare("alice", 1, 1, ""),
			"return": returns("bob", 1),
		}, map[string]string{
			"recall return": "ok share_recalled: full recalled",
			"return recall": "ok already_returned: full returned",
		}},
	{"two recalls of the rest", 2, 0, []string{judges("rest when 1")}, afterwards(time.Hour), map[string]deed{
		"a": recallsRest("judge a", 1, ""),
		"b": recallsRest("judge b", 1, "DUPL"),
	}, map[string]string{
		"a b": "ok recalled: recalled",
		"b a": "ok recalled: recalled",
	}},
	{"two recalls of a share, each with the same consent", 1, tenHours, []string{judges("share when 2")},
		afterwards(time.Hour, claims("bob")), map[string]deed{
			"a": recallsShare("judge a", 1, 1, "FRAD", "judge c"),
			"b": recallsShare("judge b", 1, 1, "FRAD", "judge c"),
		}, map[string]string{
			"a b": "ok share_recalled: full recalled",
			"b a": "ok share_recalled: full recalled",
		}},
	{"recalls of two shares and of the rest do not meet", 3, tenHours, []string{bySender, judges("share when 1")},
		afterwards(time.Hour, claims("bob"), claims("carol")), map[string]deed{
			"one":  recallsShare("judge a", 2, 1, "FRAD"),
			"two":  recallsShare("judge b", 2, 2, "FRAD"),
			"rest": recallsRest("alice", 1, ""),
		}, map[string]string{
			"one two rest": "ok ok ok: recalled recalled recalled",
			"one rest two": "ok ok ok: recalled recalled recalled",
			"two one rest": "ok ok ok: recalled recalled recalled",
			"two rest one": "ok ok ok: recalled recalled recalled",
			"rest one two": "ok ok ok: recalled recalled recalled",
			"rest two one": "ok ok ok: recalled recalled recalled",
		}},
	{"renounce and recall of the rest", 2, 0, []string{bySender}, afterwards(time.Minute), map[string]deed{
		"renounce": tightens("alice"),
		"recall":   recallsRest("alice", 1, ""),
	}, map[string]string{
		"renounce recall": "ok unknown_clause: open",
		"recall renounce": "ok recalled: recalled",
	}},
	{"tighten and recall in a window that it shuts", 2, 0, []string{"rest when all(sender,within(2m))"},
		afterwards(time.Minute), map[string]deed{
			"tighten": tightens("alice", "rest when all(sender,within(1m))"),
			"recall":  recallsRest("alice", 1, ""),
		}, map[string]string{
			"tighten recall": "ok window_closed: open",
			"recall tighten": "ok recalled: recalled",
		}},
	{"tighten and recall in a window that it leaves open", 2, 0, []string{"rest when all(sender,within(2m))"},
		afterwards(time.Minute - 1), map[string]deed{
			"tighten": tightens("alice", "rest when all(sender,within(1m))"),
			"recall":  recallsRest("alice", 1, ""),
		}, map[string]string{
			"tighten recall": "ok ok: recalled",
			"recall tighten": "ok recalled: recalled",
		}},
	{"renounce and recall of a held share", 1, tenHours, []string{judges("share when 1")},
		afterwards(time.Hour, claims("bob")), map[string]deed{
			"renounce": tightens("alice"),
			"recall":   recallsShare("judge a", 1, 1, "FRAD"),
		}, map[string]string{
			"renounce recall": "ok unknown_clause: full held",
			"recall renounce": "ok full: full recalled",
		}},
	{"tighten for fewer reasons, and a recall by consents to the old clause", 1, tenHours,
		[]string{judges("share when 2")},
		afterwards(time.Hour, claims("bob")), map[string]deed{
			"tighten": tightens("alice", judges("share when 2")+" for FRAD"),
			"recall":  recallsShare("judge a", 1, 1, "FRAD", "judge b"),
		}, map[string]string{
			"tighten recall": "ok bad_consent: full held",
			"recall tighten": "ok full: full recalled",
		}},
	{"claim and tighten do not meet: a claim signs the terms", 2, 0, []string{bySender}, afterwards(time.Minute),
		map[string]deed{
			"claim":   claims("bob"),
			"tighten": tightens("alice"),
		}, map[string]string{
			"claim tighten": "ok ok: open settled",
			"tighten claim": "ok ok: open settled",
		}},
	{"the last claim and tighten", 1, 0, []string{bySender}, afterwards(time.Minute), map[string]deed{
		"claim":   claims("bob"),
		"tighten": tightens("alice"),
	}, map[string]string{
		"claim tighten": "ok full: full settled",
		"tighten claim": "ok ok: full settled",
	}},
	{"claim, tighten and recall", 2, 0, []string{bySender}, afterwards(time.Minute), map[string]deed{
		"claim":   claims("bob"),
		"tighten": tightens("alice"),
		"recall":  recallsRest("alice", 1, ""),
	}, map[string]string{
		"claim tighten recall": "ok ok unknown_clause: open settled",
		"claim recall tighten": "ok ok recalled: recalled settled",
		"tighten claim recall": "ok ok unknown_clause: open settled",
		"tighten recall claim": "ok unknown_clause ok: open settled",
		"recall claim tighten": "ok recalled recalled: recalled",
		"recall tighten claim": "ok recalled recalled: recalled",
	}},
	{"ask, return and refuse", 1, 0, nil, afterwards(time.Minute, claims("bob")), map[string]deed{
		"ask":    asks("alice", 1),
		"return": returns("bob", 1),
		"refuse": answers("bob", 1, false),
	}, map[string]string{
		"ask return refuse": "ok ok no_open_ask: full returned/accepted",
		"ask refuse return": "ok ok ok: full returned/refused",
		"return ask refuse": "ok already_returned no_open_ask: full returned",
		"return refuse ask": "ok no_open_ask already_returned: full returned",
		"refuse ask return": "no_open_ask ok ok: full returned/accepted",
		"refuse return ask": "no_open_ask ok already_returned: full returned",
	}},
	{"ask and recall of a held share", 1, tenHours, []string{judges("share when 1")},
		afterwards(time.Hour, claims("bob")), map[string]deed{
			"ask":    asks("alice", 1),
			"recall": recallsShare("judge a", 1, 1, "FRAD"),
		}, map[string]string{
			"ask recall": "share_not_settled ok: full recalled",
			"recall ask": "ok share_recalled: full recalled",
		}},
	{"an answer in the block in which the question lapses", 1, 0, nil, func(s *stage) {
		s.must(claims("bob"), asks("alice", 1))
		s.at(72 * time.Hour)
	}, map[string]deed{
		"accept": answers("bob", 1, true),
		"ask":    asks("alice", 1),
	}, map[string]string{
		"accept ask": "no_open_ask already_asked: full settled/lapsed",
		"ask accept": "already_asked no_open_ask: full settled/lapsed",
	}},
}

// Txs that meet in one block, in any order: one of those that compete wins,
// the loser is told why, and the money is all there.
func TestRaces(t *testing.T) {
	for _, r := range races {
		t.Run(r.desc, func(t *testing.T) {
			orders := permutations(slices.Sorted(maps.Keys(r.txs)))
			if len(orders) != len(r.want) {
				t.Fatalf("%d orders, %d outcomes", len(orders), len(r.want))
			}
			for _, order := range orders {
				r.run(t, order)
			}
		})
	}
}

func (r *race) run(t *testing.T, order []string) {
	p := contract.DefaultParams()
	p.MaxDuePerBlock = 1 // see crowded
	s := newStageWith(t, p, people...)
	s.put("alice", terms(r.shares, 700, under(t, r.hold, r.recall...)))
	r.setup(s)
	var deeds []deed
	for _, name := range order {
		deeds = append(deeds, r.txs[name])
	}
	name := strings.Join(order, " ")
	if got := s.play(deeds...) + ": " + s.state(); got != r.want[name] {
		t.Errorf("%s: %s, want %s", name, got, r.want[name])
	}
	s.books()

	// Whatever still falls due does no harm, and all of it ends.
	for range 4 {
		s.Wait(100 * time.Hour)
		s.Block()
		s.books()
	}
	if sum := s.Supply(); sum.Escrow != 0 || sum.Held != 0 {
		t.Errorf("%s: at last %d fen in escrow and %d held", name, sum.Escrow, sum.Held)
	}
}

// A question that comes too early hears when to ask again, unless that moment is
// over and only the settlement's turn has not come.
func TestEarlyQuestionHearsWhenToAskAgain(t *testing.T) {
	p := contract.DefaultParams()
	p.MaxDuePerBlock = 1 // see crowded
	s := newStageWith(t, p, people...)
	s.put("alice", terms(1, 700, under(t, tenHours)))
	s.must(claims("bob"))
	settles := contract.TimeOf(s.sent.Add(10 * time.Hour))
	if sim := s.simulate("alice", &contract.Ask{Packet: s.id, Share: 1}); sim.Code != contract.CodeShareNotSettled ||
		sim.RetryAt != settles {
		t.Errorf("%s, again at %s, want %s", sim.Code, sim.RetryAt, settles)
	}
	crowded(10 * time.Hour)(s)
	s.Block()
	if got := s.state(); got != "full held" {
		t.Fatalf("the packet is %s", got)
	}
	if sim := s.simulate("alice", &contract.Ask{Packet: s.id, Share: 1}); sim.Code != contract.CodeShareNotSettled ||
		sim.RetryAt != 0 {
		t.Errorf("while the settlement waits: %s, again at %s", sim.Code, sim.RetryAt)
	}
}

func permutations(list []string) (all [][]string) {
	if len(list) == 0 {
		return [][]string{nil}
	}
	for i, first := range list {
		for _, rest := range permutations(slices.Delete(slices.Clone(list), i, i+1)) {
			all = append(all, append([]string{first}, rest...))
		}
	}
	return all
}
