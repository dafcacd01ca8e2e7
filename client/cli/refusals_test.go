package cli

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hongbao/client/files"
	"hongbao/client/wallet"
	"hongbao/contract"
)

// Every bad wish is refused with its code before anything is sent, and costs
// nothing.
func TestBadWishesAreRefusedWithTheirCode(t *testing.T) {
	t.Parallel()
	n := testNetwork(t)
	u := &user{t, t.TempDir()}
	if err := n.newHome(u.home); err != nil {
		t.Fatal(err)
	}
	packet := func(args ...string) string { return u.must(append([]string{"send"}, args...)...)["packet"].(string) }

	public := packet("8", "--shares", "4", "--public", "--recall", "1h")
	linked := u.must("send", "8", "--shares", "2", "--recall", "rest when all(sender,within(1h)) for DUPL")
	link, linkID := linked["link"].(string), linked["packet"].(string)
	named := packet("8", "--to", "bob,carol")
	full := packet("5", "--public", "--recall", "1h")
	recalled := packet("5", "--public", "--recall", "1h")
	touched := packet("4", "--shares", "2", "--public", "--recall", "rest when all(sender,within(1h),untouched)")
	brief := packet("5", "--public", "--recall", "1s")
	expired := packet("5", "--public", "--expires", "1s", "--recall", "1s")
	opens := packet("5", "--public", "--opens", time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	later := packet("5", "--public", "--recall", "rest when all(sender,after(1h))")
	other := u.must("send", "5")["link"].(string)
	plain := packet("5", "--public")
	held := packet("5", "--public", "--hold", "1h")

	u.must("claim", public, "--from", "bob")
	u.must("claim", full, "--from", "bob")
	u.must("claim", touched, "--from", "bob")
	u.must("claim", held, "--from", "bob")
	u.must("recall", recalled)
	u.must("return", public, "--from", "bob")
	wait(t, "the window and the packet to end", func() bool {
		return u.must("show", brief)["recallable_until"] == nil && u.must("show", expired)["status"] == "expired"
	})

	for _, ref := range []string{public, public[:14], public[:14] + "…", public[:10] + "/1", public[:7] + "…" +
		public[57:], public[:7] + "…" + public[57:] + "/1"} {
		if got := u.must("show", ref)["packet"]; got != public {
			t.Errorf("show %s: %v", ref, got)
		}
	}

	absent := contract.PacketID{1}.String()
	wrongLink := strings.Replace(other, "packet="+packetOf(t, other), "packet="+linkID, 1)
	stranger := contract.AddressOf(wallet.DevKey("stranger")).String()
	before := balances(u)
	for _, tt := range []struct {
		desc string
		exit int
		code string
		args string
	}{
		{"claim twice", 3, "already_claimed", "claim " + public + " --from bob"},
		{"claim one's own", 3, "sender_claims", "claim " + public},
		{"claim without the link", 3, "link_required", "claim " + linkID + " --from bob"},
		{"claim with another link's key", 3, "bad_link", "claim " + wrongLink + " --from bob"},
		{"claim with half a link", 2, "bad_link_text", "claim " + link[:len(link)-3] + " --from bob"},
		{"claim with a link that names nothing", 2, "bad_link_text", "claim hongbao:claim?chain=x#k=x --from bob"},
		{"claim with another chain's link", 3, "wrong_chain", "claim " + strings.Replace(link, n.chain, "other-1", 1) +
			" --from bob"},
		{"claim by somebody not named", 3, "not_named", "claim " + named + " --from dave"},
		{"claim of a full packet", 3, "full", "claim " + full + " --from carol"},
		{"claim after the recall", 3, "recalled", "claim " + recalled + " --from carol"},
		{"claim after expiry", 3, "expired", "claim " + expired + " --from carol"},
		{"claim before it opens", 3, "window_not_open", "claim " + opens + " --from carol"},
		{"claim of no packet", 3, "unknown_packet", "claim " + absent + " --from carol"},
		{"recall outside the window", 3, "window_closed", "recall " + brief},
		{"recall before the window", 3, "window_not_open", "recall " + later},
		{"recall by another", 3, "signature_missing", "recall " + public + " --from bob"},
		{"recall twice", 3, "recalled", "recall " + recalled},
		{"recall of a full packet", 3, "full", "recall " + full},
		{"recall after expiry", 3, "expired", "recall " + expired},
		{"recall once somebody claimed", 3, "touched", "recall " + touched},
		{"recall without a clause", 3, "unknown_clause", "recall " + plain},
		{"recall under a clause there is not", 3, "unknown_clause", "recall " + public + " --clause 2"},
		{"recall for no reason where one is asked", 3, "reason_not_allowed", "recall " + linkID},
		{"recall for another reason", 3, "reason_not_allowed", "recall " + linkID + " --reason fraud"},
		{"recall for a reason there is not", 2, "unknown_reason", "recall " + linkID + " --reason bored"},
		{"recall of a share given back", 3, "already_returned", "recall " + public + "/1"},
		{"recall of a settled share", 3, "share_settled", "recall " + full + "/1"},
		{"recall of a share there is not", 3, "unknown_share", "recall " + public + "/3"},
		{"recall of a held share without a clause about it", 3, "unknown_clause", "recall " + held + "/1"},
		{"consents for no packet", 2, "unreadable", "recall --consent " + t.TempDir() + "/none"},
		{"consent to what is settled", 3, "share_settled", "consent " + full + "/1 -o " + t.TempDir() + "/c --yes"},
		{"consent by somebody the clause does not name", 3, "consent_unlisted", "consent " + public + " -o " +
			t.TempDir() + "/c --yes --from bob"},
		{"consent under a clause there is not", 3, "unknown_clause", "consent " + public + " --clause 2 -o " +
			t.TempDir() + "/c --yes"},
		{"consent to a window that has closed", 3, "window_closed", "consent " + brief + " --clause 1 -o " +
			t.TempDir() + "/c --yes"},
		{"consent for another reason", 3, "reason_not_allowed", "consent " + linkID + " --reason fraud -o " +
			t.TempDir() + "/c --yes"},
		{"consent into no file", 2, "usage", "consent " + public},
		{"consent for too long", 2, "usage", "consent " + public + " --valid-for 31d -o " + t.TempDir() + "/c --yes"},
		{"consent that nobody confirms", 2, "confirmation_needed", "consent " + public + " -o " + t.TempDir() + "/c"},
		{"ask by somebody else", 3, "not_sender", "ask " + full + "/1 --from bob"},
		{"ask for what is held", 3, "share_not_settled", "ask " + held + "/1"},
		{"ask where nothing is settled", 3, "share_not_settled", "ask " + held},
		{"ask for what was given back", 3, "already_returned", "ask " + public + "/1"},
		{"answer nobody's question", 3, "no_open_ask", "answer " + full + " refuse --from bob"},
		{"answer for another", 3, "not_claimer", "answer " + full + " accept --from carol"},
		{"answer perhaps", 2, "usage", "answer " + full + " perhaps --from bob"},
		{"tighten to nothing said", 2, "usage", "tighten " + public},
		{"tighten to two things", 2, "usage", "tighten " + public + " --renounce --recall 1m"},
		{"tighten one share", 2, "usage", "tighten " + public + "/1 --renounce"},
		{"tighten to more", 3, "not_tighter", "tighten " + public + " --recall 2h"},
		{"tighten to the same", 3, "not_tighter", "tighten " + public + " --recall 1h"},
		{"tighten what is another's", 3, "not_sender", "tighten " + public + " --renounce --from bob"},
		{"recall of no packet", 3, "unknown_packet", "recall " + absent},
		{"recall of whatever, unasked", 2, "confirmation_needed", "recall"},
		{"recall where nothing is", 3, "nothing_recallable", "recall --from judy"},
		{"return of nothing", 3, "not_claimer", "return " + public + " --from carol"},
		{"return of another's", 3, "not_claimer", "return " + public + "/1 --from carol"},
		{"return twice", 3, "already_returned", "return " + public + " --from bob"},
		{"return of a share there is not", 3, "unknown_share", "return " + public + "/4 --from bob"},
		{"overdraft", 3, "overdraft", "pay 10000.01 --to carol --from judy"},
		{"a packet beyond the balance", 3, "overdraft", "send 10000.01 --public --from judy"},
		{"pay nothing", 2, "bad_amount", "pay 0 --to carol"},
		{"pay half a fen", 2, "bad_amount", "pay 0.005 --to carol"},
		{"pay less than nothing", 2, "bad_amount", "pay --to carol -- -1"},
		{"pay more than there can be", 2, "bad_amount", "pay 92233720368547758.08 --to carol"},
		{"pay oneself", 3, "self_payment", "pay 1 --to alice"},
		{"a new account for dust", 3, "below_minimum", "pay 0.99 --to " + stranger},
		{"a mistyped address", 2, "bad_address", "pay 1 --to " + stranger[:60] + "b"},
		{"a name nobody has", 2, "unknown_party", "pay 1 --to nobody"},
		{"sign as a stranger", 2, "no_secret_key", "pay 1 --to bob --from " + stranger},
		{"send nothing", 2, "bad_amount", "send 0 --public"},
		{"an uneven split", 3, "uneven_split", "send 10 --shares 3"},
		{"more than 1,000,000 shares", 2, "usage", "send 101 --shares 1000001"},
		{"more shares than fen", 3, "too_many_shares", "send 0.07 --shares 8"},
		{"each, more than there can be", 2, "bad_amount", "send --each 92233720368547758 --shares 2"},
		{"a total and each", 2, "usage", "send 10 --each 5"},
		{"no amount at all", 2, "usage", "send --public"},
		{"two claim rules", 2, "usage", "send 10 --public --link"},
		{"the same name twice", 3, "duplicate_key", "send 10 --to bob,bob"},
		{"an endless expiry", 2, "bad_condition", "send 10 --expires 367d"},
		{"a memo too long", 2, "usage", "send 10 --memo " + strings.Repeat("x", 257)},
		{"each the same, and by chance", 2, "usage", "send --each 5 --lucky --shares 2"},
		{"more lucky shares than fen", 3, "too_many_shares", "send 0.09 --lucky --shares 10"},
		{"hold for longer than a year", 2, "bad_condition", "send 10 --hold 367d"},
		{"a scene there is not", 2, "unknown_scene", "send 10 --scene birthday"},
		{"a scene and a clause", 2, "usage", "send 10 --scene qq --recall 2m"},
		{"a scene and a hold", 2, "usage", "send 10 --scene qq --hold 1h"},
		{"a scene and its own expiry", 2, "usage", "send 10 --scene qq --expires 24h"},
		{"a transfer to nobody", 2, "usage", "send 10 --scene transfer-72h"},
		{"a transfer to two", 2, "usage", "send 10 --scene transfer-72h --to bob,carol"},
		{"a transfer in two shares", 2, "usage", "send 10 --scene transfer-72h --to bob --shares 2"},
		{"incentives to nobody", 2, "usage", "send 10 --scene enterprise --with finance=dave,hr=erin,audit=frank"},
		{"incentives without a share for each", 2, "usage",
			"send 10 --scene enterprise --to bob,carol --shares 1 --with finance=dave,hr=erin,audit=frank"},
		{"a test that is no test", 3, "scene_mismatch", "send 1.01 --scene test-packet"},
		{"roles of no scene", 2, "usage", "send 10 --with a=bob"},
		{"roles that a scene does not have", 2, "usage", "send 10 --scene stranger --with a=bob,b=carol,d=dave"},
		{"a role twice", 2, "usage", "send 10 --scene stranger --with a=bob,b=carol,b=dave"},
		{"a role left out", 2, "usage", "send 10 --scene stranger --with a=bob,b=carol"},
		{"a role without its party", 2, "usage", "send 10 --scene stranger --with a,b,c"},
		{"roles in a scene without", 2, "usage", "send 10 --scene qq --with a=bob"},
		{"one party in two roles", 3, "duplicate_key", "send 10 --scene stranger --with a=bob,b=bob,c=dave"},
		{"the sender in a role", 3, "scene_mismatch", "send 10 --scene stranger --with a=alice,b=bob,c=dave"},
		{"a proof of a share that nobody claimed", 3, "unknown_share", "prove " + public + "/9 -o " +
			t.TempDir() + "/x"},
		{"a proof of a recall that never was", 3, "not_recalled", "prove " + public + " --recall -o " +
			t.TempDir() + "/x"},
		{"a proof that nothing was recalled, and it was", 3, "was_recalled", "prove " + recalled + " --absent -o " +
			t.TempDir() + "/x"},
		{"a proof that something is not there, and it is", 2, "usage", "prove " + public + "/1 --absent -o " +
			t.TempDir() + "/x"},
		{"a proof of no packet", 3, "unknown_packet", "prove " + absent + " -o " + t.TempDir() + "/x"},
		{"show of no packet", 3, "unknown_packet", "show " + absent},
		{"show of another end", 3, "unknown_packet", "show " + public[:14] + "…qqqq"},
		{"show of too little", 2, "bad_address", "show rp1q"},
		{"show of no share", 3, "unknown_share", "show " + public + "/9"},
		{"share zero", 2, "bad_ref", "show " + public + "/0"},
		{"a name for a packet", 2, "bad_ref", "show whatever"},
		{"history of a tx there is not", 3, "unknown_tx", "history " + strings.Repeat("0", 64)},
		{"a wait for a tx there is not", 5, "outcome_unknown", "tx wait " + strings.Repeat("0", 64) + " --wait 50ms"},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			(&user{t, u.home}).refused(tt.exit, tt.code, strings.Fields(tt.args)...)
		})
	}
	for _, tt := range []struct{ desc, code, clause string }{
		{"a garbled clause", "bad_condition", "give it back"},
		{"a garbled condition", "bad_condition", "rest when all(sender"},
		{"an unknown atom", "bad_condition", "rest when all(sender,sometimes)"},
		{"a link in a clause", "condition_misplaced", "rest when all(sender,link)"},
		{"a list of claimers in a clause", "condition_misplaced", "rest when all(sender,named(" + stranger + "))"},
		{"nesting without end", "condition_too_deep", "rest when " + strings.Repeat("all(", 9) + "sender" +
			strings.Repeat(")", 9)},
		{"no end of parts", "condition_too_large", "rest when any(" +
			strings.Repeat("all(sender,sender,sender,sender,sender),", 15) + "sender)"},
		{"true without a signature", "unsigned_clause", "rest when within(1h)"},
		{"never true", "clause_never_true", "rest when all(sender,never)"},
		{"longer than the packet", "clause_outlives_packet", "25h"},
		{"one key twice in a k of", "duplicate_key", "rest when 2 of (sender,sender)"},
		{"an unknown reason", "unknown_reason", "rest when sender for FUN"},
		{"a share clause where nothing is held", "clause_never_true", "share when sender"},
		{"a key that nobody has", "unknown_party", "rest when key(@nobody)"},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			exit := ExitRefused
			if slices.Contains([]string{"unknown_party", "bad_condition", "condition_too_deep", "condition_too_large",
				"unknown_reason"}, tt.code) {
				exit = ExitUsage
			}
			(&user{t, u.home}).refused(exit, tt.code, "send", "10", "--public", "--recall", tt.clause)
		})
	}
	if after := balances(u); after != before {
		t.Errorf("refusals moved money or spent nonces:\n%s\n%s", before, after)
	}
	if h := u.refused(3, "uneven_split", "send", "10", "--shares", "3"); !strings.Contains(h.Error.Hint, "--each") ||
		h.Error.Number != int(contract.CodeUnevenSplit) {
		t.Errorf("an uneven split: %+v", h.Error)
	}
}

// balances is what every account holds and its nonce.
func balances(u *user) string {
	var b strings.Builder
	for _, name := range wallet.DevNames {
		r := u.must("balance", name)
		b.WriteString(name + " " + r["balance_fen"].(string) + " ")
		b.WriteString(time.Duration(r["nonce"].(float64)).String() + "\n")
	}
	return b.String()
}

func packetOf(t *testing.T, text string) string {
	t.Helper()
	l, err := files.ParseLink(text)
	if err != nil {
		t.Fatal(err)
	}
	return l.Packet.String()
}

func wait(t *testing.T, what string, done func() bool) {
	t.Helper()
	for begin := time.Now(); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Since(begin) > 20*time.Second {
			t.Fatalf("waited 20 s for %s", what)
		}
	}
}
