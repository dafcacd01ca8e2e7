package app

import (
	"time"

	"hongbao/contract"
)

// sceneCase is what a scene's name promises, in the scene's own numbers, and what
// comes of it instant by instant.
type sceneCase struct {
	name     string
	shares   uint32
	each     contract.Amount
	claimers []string // named ones; none = open to all
	roles    []string // who holds the scene's roles
	expiry   time.Duration
	rows     []sceneRow
}

// sceneRow is what happens to one packet of a scene.
type sceneRow struct {
	desc  string
	steps []sceneStep
}

// sceneStep is a block with at most one tx, so long after the send.
type sceneStep struct {
	at    time.Duration
	do    deed   // nil: nothing is done
	want  string // what becomes of it
	state string // of the packet after the block
}

// sceneCases are in the order of contract.Scenes.
func sceneCases() []sceneCase {
	const (
		minute = time.Minute
		hour   = time.Hour
		ns     = time.Nanosecond
	)
	return []sceneCase{
		{name: "wechat", shares: 2, each: 10000, expiry: 24 * hour, rows: []sceneRow{
			{"nobody can recall, from the first instant on", []sceneStep{
				{0, recallsRest("alice", 1, ""), "unknown_clause", "open"},
				{ns, recallsRest("alice", 1, "AM09"), "unknown_clause", "open"},
			}},
			{"a claim settles in its own block, beyond every clause", []sceneStep{
				{3 * time.Second, claims("bob"), "ok", "open settled"},
				{3 * time.Second, recallsShare("alice", 1, 1, ""), "share_settled", "open settled"},
			}},
			{"unclaimed money returns, what was claimed stays", []sceneStep{
				{hour, claims("bob"), "ok", "open settled"},
				{24*hour - ns, nil, "", "open settled"},
				{24 * hour, nil, "", "expired settled"},
			}},
		}},
		{name: "alipay", shares: 4, each: 2200, expiry: 24 * hour, rows: []sceneRow{
			{"recallable to the last nanosecond of 24 hours", []sceneStep{
				{24*hour - ns, recallsRest("alice", 1, ""), "ok", "recalled"},
			}},
			{"and then the refund comes first", []sceneStep{
				{24 * hour, recallsRest("alice", 1, ""), "expired", "expired"},
			}},
			{"by nobody else", []sceneStep{
				{minute, recallsRest("bob", 1, ""), "signature_missing", "open"},
			}},
			{"what was claimed stays claimed", []sceneStep{
				{minute, claims("bob"), "ok", "open settled"},
				{23 * hour, recallsRest("alice", 1, "CUST"), "ok", "recalled settled"},
				{23 * hour, claims("carol"), "recalled", "recalled settled"},
			}},
		}},
		{name: "qq", shares: 3, each: 888, expiry: 24 * hour, rows: []sceneRow{
			{"recallable to the last nanosecond of two minutes", []sceneStep{
				{2*minute - ns, recallsRest("alice", 1, ""), "ok", "recalled"},
			}},
			{"not at two minutes", []sceneStep{
				{2 * minute, recallsRest("alice", 1, ""), "window_closed", "open"},
				{2*minute + ns, recallsRest("alice", 1, ""), "window_closed", "open"},
			}},
			{"not once anybody claimed", []sceneStep{
				{ns, claims("bob"), "ok", "open settled"},
				{2 * ns, recallsRest("alice", 1, ""), "touched", "open settled"},
			}},
			{"nor once that share was given back", []sceneStep{
				{ns, claims("bob"), "ok", "open settled"},
				{2 * ns, returns("bob", 1), "ok", "open returned"},
				{3 * ns, recallsRest("alice", 1, ""), "touched", "open returned"},
			}},
		}},
		{name: "douyin-live", shares: 50, each: 20, expiry: 10 * minute, rows: []sceneRow{
			{"nobody can recall while the stream lasts", []sceneStep{
				{0, recallsRest("alice", 1, ""), "unknown_clause", "open"},
				{10*minute - ns, recallsRest("alice", 1, ""), "unknown_clause", "open"},
				{10 * minute, recallsRest("alice", 1, ""), "expired", "expired"},
			}},
		}},
		{name: "transfer-72h", shares: 1, each: 50000, claimers: []string{"bob"}, expiry: 24 * hour, rows: []sceneRow{
			{"before it is claimed the sender recalls it", []sceneStep{
				{24*hour - ns, recallsRest("alice", 2, "AC03"), "ok", "recalled"},
			}},
			{"until it expires", []sceneStep{
				{24 * hour, recallsRest("alice", 2, "AC03"), "expired", "expired"},
			}},
			{"the 72 hours run from the claim, and settle it to the nanosecond", []sceneStep{
				{5*hour + 7*ns, claims("bob"), "ok", "full held"},
				{77*hour + 6*ns, nil, "", "full held"},
				{77*hour + 7*ns, nil, "", "full settled"},
			}},
			{"the sender recalls the share in the last nanosecond", []sceneStep{
				{5*hour + 7*ns, claims("bob"), "ok", "full held"},
				{77*hour + 6*ns, recallsShare("alice", 1, 1, "FRAD"), "ok", "full recalled"},
				{77*hour + 7*ns, nil, "", "full recalled"},
			}},
			{"and not when it settles", []sceneStep{
				{5*hour + 7*ns, claims("bob"), "ok", "full held"},
				{77*hour + 7*ns, recallsShare("alice", 1, 1, "FRAD"), "share_settled", "full settled"},
				{77*hour + 8*ns, recallsShare("alice", 1, 1, "FRAD"), "share_settled", "full settled"},
			}},
			{"each clause has power over its own target", []sceneStep{
				{minute, recallsRest("alice", 1, ""), "unknown_clause", "open"},
				{hour, claims("bob"), "ok", "full held"},
				{2 * hour, recallsShare("alice", 2, 1, ""), "unknown_clause", "full held"},
				{2 * hour, recallsRest("alice", 2, ""), "full", "full held"},
			}},
			{"nobody else recalls, the claimer returns", []sceneStep{
				{hour, claims("bob"), "ok", "full held"},
				{2 * hour, recallsShare("carol", 1, 1, ""), "signature_missing", "full held"},
				{2 * hour, recallsShare("bob", 1, 1, ""), "signature_missing", "full held"},
				{3 * hour, returns("bob", 1), "ok", "full returned"},
				{73 * hour, nil, "", "full returned"},
			}},
			{"only the one it is for claims", []sceneStep{
				{hour, claims("carol"), "not_named", "open"},
			}},
		}},
		{name: "delayed", shares: 1, each: 20000, claimers: []string{"carol"}, expiry: 24 * hour, rows: []sceneRow{
			{"it arrives 24 hours after the claim, to the nanosecond", []sceneStep{
				{24*hour - ns, claims("carol"), "ok", "full held"},
				{48*hour - 2*ns, nil, "", "full held"},
				{48*hour - ns, nil, "", "full settled"},
			}},
			{"the sender recalls it in the last nanosecond before", []sceneStep{
				{hour, claims("carol"), "ok", "full held"},
				{25*hour - ns, recallsShare("alice", 1, 1, "AC03"), "ok", "full recalled"},
			}},
			{"and not when it arrives", []sceneStep{
				{hour, claims("carol"), "ok", "full held"},
				{25 * hour, recallsShare("alice", 1, 1, "AC03"), "share_settled", "full settled"},
			}},
			{"not before the claim", []sceneStep{
				{24*hour - ns, recallsRest("alice", 1, ""), "unknown_clause", "open"},
			}},
			{"until it expires", []sceneStep{
				{24 * hour, recallsRest("alice", 1, ""), "expired", "expired"},
			}},
		}},
		{name: "friends", shares: 8, each: 11100, expiry: 24 * hour, rows: []sceneRow{
			{"a slip of the hand is taken back to the last nanosecond of two minutes", []sceneStep{
				{2*minute - ns, recallsRest("alice", 1, "AM09"), "ok", "recalled"},
			}},
			{"not at two minutes", []sceneStep{
				{2 * minute, recallsRest("alice", 1, "AM09"), "window_closed", "open"},
				{2*minute + ns, recallsRest("alice", 1, "AM09"), "window_closed", "open"},
			}},
			{"what friends grabbed meanwhile is theirs", []sceneStep{
				{4 * time.Second, claims("bob"), "ok", "open settled"},
				{5 * time.Second, claims("carol"), "ok", "open settled settled"},
				{9 * time.Second, recallsRest("alice", 1, "AM09"), "ok", "recalled settled settled"},
				{9 * time.Second, recallsShare("alice", 1, 1, "AM09"), "share_settled", "recalled settled settled"},
			}},
			{"a friend is asked, and gives back", []sceneStep{
				{4 * time.Second, claims("bob"), "ok", "open settled"},
				{hour, asks("alice", 1), "ok", "open settled/open"},
				{24 * hour, nil, "", "expired settled/open"},
				{73*hour - ns, answers("bob", 1, true), "ok", "expired returned/accepted"},
			}},
			{"or does not answer in 72 hours", []sceneStep{
				{4 * time.Second, claims("bob"), "ok", "open settled"},
				{hour, asks("alice", 1), "ok", "open settled/open"},
				{24 * hour, nil, "", "expired settled/open"},
				{73*hour - ns, nil, "", "expired settled/open"},
				{73 * hour, answers("bob", 1, true), "no_open_ask", "expired settled/lapsed"},
			}},
		}},
		{name: "workgroup", shares: 20, each: 1000, expiry: 24 * hour, rows: []sceneRow{
			{"recallable to the last nanosecond of 24 hours", []sceneStep{
				{hour, claims("bob"), "ok", "open settled"},
				{24*hour - ns, recallsRest("alice", 1, "DUPL"), "ok", "recalled settled"},
			}},
			{"and then the refund comes first", []sceneStep{
				{24 * hour, recallsRest("alice", 1, "DUPL"), "expired", "expired"},
			}},
		}},
		{name: "stranger", shares: 3, each: 6600, roles: []string{"judge a", "judge b", "judge c"}, expiry: 24 * hour,
			rows: []sceneRow{
				{"two of three arbiters recall a held share for fraud, to the last nanosecond", []sceneStep{
					{hour, claims("bob"), "ok", "open held"},
					{24 * hour, nil, "", "expired held"},
					{25*hour - ns, recallsShare("judge a", 1, 1, "FRAD", "judge b"), "ok", "expired recalled"},
				}},
				{"any two of them, no matter who submits it", []sceneStep{
					{hour, claims("bob"), "ok", "open held"},
					{hour + ns, claims("carol"), "ok", "open held held"},
					{2 * hour, recallsShare("dave", 1, 1, "FRAD", "judge b", "judge c"), "ok", "open recalled held"},
					{2 * hour, recallsShare("alice", 1, 2, "FRAD", "judge c", "judge a"), "ok",
						"open recalled recalled"},
				}},
				{"not when it settles", []sceneStep{
					{hour, claims("bob"), "ok", "open held"},
					{25 * hour, recallsShare("judge a", 1, 1, "FRAD", "judge b"), "share_settled", "expired settled"},
					{25*hour + ns, recallsShare("judge a", 1, 1, "FRAD", "judge b"), "share_settled",
						"expired settled"},
				}},
				{"one alone does nothing, nor does the sender", []sceneStep{
					{hour, claims("bob"), "ok", "open held"},
					{2 * hour, recallsShare("judge a", 1, 1, "FRAD"), "signature_missing", "open held"},
					{2 * hour, recallsShare("alice", 1, 1, "FRAD"), "signature_missing", "open held"},
					{2 * hour, recallsShare("alice", 1, 1, "FRAD", "judge c"), "signature_missing", "open held"},
					{2 * hour, recallsShare("judge c", 1, 1, "FRAD", "alice"), "consent_unlisted", "open held"},
				}},
				{"for fraud and nothing else", []sceneStep{
					{hour, claims("bob"), "ok", "open held"},
					{2 * hour, recallsShare("judge a", 1, 1, "AM09", "judge b"), "reason_not_allowed", "open held"},
					{2 * hour, recallsShare("judge a", 1, 1, "", "judge b"), "reason_not_allowed", "open held"},
				}},
				{"what nobody claimed is out of their reach", []sceneStep{
					{hour, recallsRest("judge a", 1, "FRAD", "judge b"), "unknown_clause", "open"},
					{hour, recallsShare("judge a", 1, 1, "FRAD"), "unknown_share", "open"},
				}},
			}},
		{name: "test-packet", shares: 10, each: 10, expiry: 24 * hour, rows: []sceneRow{
			{"recalled to the last nanosecond of five minutes", []sceneStep{
				{minute, claims("bob"), "ok", "open settled"},
				{5*minute - ns, recallsRest("alice", 1, "TECH"), "ok", "recalled settled"},
			}},
			{"not at five minutes", []sceneStep{
				{5 * minute, recallsRest("alice", 1, "TECH"), "window_closed", "open"},
				{5*minute + ns, recallsRest("alice", 1, "TECH"), "window_closed", "open"},
			}},
		}},
		{name: "enterprise", shares: 3, each: 88800, claimers: []string{"bob", "carol", "dave"},
			roles: []string{"judge a", "judge b", "judge c"}, expiry: 24 * hour, rows: []sceneRow{
				{"finance and hr recall the rest of a duplicate, to the last nanosecond", []sceneStep{
					{hour, claims("carol"), "ok", "open settled"},
					{24*hour - ns, recallsRest("judge a", 1, "DUPL", "judge b"), "ok", "recalled settled"},
				}},
				{"hr and audit that of a wrong amount, no matter who submits it", []sceneStep{
					{ns, recallsRest("dave", 1, "AM09", "judge b", "judge c"), "ok", "recalled"},
				}},
				{"not at expiry", []sceneStep{
					{24 * hour, recallsRest("judge a", 1, "DUPL", "judge b"), "expired", "expired"},
				}},
				{"not for another reason, or none", []sceneStep{
					{hour, recallsRest("judge a", 1, "FRAD", "judge b"), "reason_not_allowed", "open"},
					{hour, recallsRest("judge a", 1, "", "judge b"), "reason_not_allowed", "open"},
				}},
				{"one alone does nothing, nor does the sender", []sceneStep{
					{hour, recallsRest("judge c", 1, "DUPL"), "signature_missing", "open"},
					{hour, recallsRest("alice", 1, "DUPL"), "signature_missing", "open"},
					{hour, recallsRest("alice", 1, "DUPL", "judge a"), "signature_missing", "open"},
				}},
				{"an incentive that was paid is beyond audit", []sceneStep{
					{hour, claims("dave"), "ok", "open settled"},
					{hour, recallsShare("judge a", 1, 1, "DUPL", "judge b"), "share_settled", "open settled"},
				}},
				{"all on the list have theirs, nobody else", []sceneStep{
					{hour, claims("dave"), "ok", "open settled"},
					{hour, claims("judge a"), "not_named", "open settled"},
					{hour, claims("bob"), "ok", "open settled settled"},
					{hour, claims("carol"), "ok", "full settled settled settled"},
				}},
			}},
		{name: "coupon", shares: 5, each: 1700, expiry: 24 * hour, rows: []sceneRow{
			{"the merchant stops new claims for a change of mind; those made are immune", []sceneStep{
				{hour / 2, claims("bob"), "ok", "open settled"},
				{24*hour - 2*ns, recallsShare("alice", 1, 1, "CUST"), "share_settled", "open settled"},
				{24*hour - ns, recallsRest("alice", 1, "CUST"), "ok", "recalled settled"},
				{24*hour - ns, claims("carol"), "recalled", "recalled settled"},
			}},
			{"not in the first hour, to its last nanosecond; then for fraud, too", []sceneStep{
				{ns, recallsRest("alice", 1, "CUST"), "window_not_open", "open"},
				{hour - 2*ns, claims("bob"), "ok", "open settled"},
				{hour - ns, recallsRest("alice", 1, "FRAD"), "window_not_open", "open settled"},
				{hour, recallsRest("alice", 1, "FRAD"), "ok", "recalled settled"},
			}},
			{"not for another reason, or none", []sceneStep{
				{hour, recallsRest("alice", 1, "AM09"), "reason_not_allowed", "open"},
				{hour, recallsRest("alice", 1, ""), "reason_not_allowed", "open"},
			}},
			{"not at expiry", []sceneStep{
				{24 * hour, recallsRest("alice", 1, "CUST"), "expired", "expired"},
			}},
		}},
		{name: "voucher", shares: 1, each: 64800, claimers: []string{"bob"}, expiry: 10 * minute, rows: []sceneRow{
			{"nobody can recall it, claimed or not", []sceneStep{
				{ns, recallsRest("alice", 1, "CUST"), "unknown_clause", "open"},
				{minute, claims("bob"), "ok", "full settled"},
				{minute, recallsRest("alice", 1, "CUST"), "full", "full settled"},
				{minute, recallsShare("alice", 1, 1, "CUST"), "share_settled", "full settled"},
			}},
			{"only the one it is for claims it", []sceneStep{
				{minute, claims("carol"), "not_named", "open"},
			}},
		}},
		{name: "rain", shares: 50, each: 20, expiry: 10 * minute, rows: []sceneRow{
			{"nobody can stop it, and it is over in ten minutes", []sceneStep{
				{0, recallsRest("alice", 1, ""), "unknown_clause", "open"},
				{10*minute - ns, recallsRest("alice", 1, ""), "unknown_clause", "open"},
				{10 * minute, recallsRest("alice", 1, ""), "expired", "expired"},
			}},
			{"each account has one share, drawn in the next block, which nobody can take back", []sceneStep{
				{3 * time.Second, claims("bob"), "ok", "open reserved"},
				{4 * time.Second, claims("bob"), "already_claimed", "open settled"},
				{5 * time.Second, claims("carol"), "ok", "open settled reserved"},
				{6 * time.Second, recallsShare("alice", 1, 1, ""), "share_settled", "open settled settled"},
				{10 * minute, nil, "", "expired settled settled"},
			}},
		}},
	}
}
