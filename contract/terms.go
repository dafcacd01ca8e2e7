package contract

import (
	"strings"
)

// Bounds on terms. Each multiplies into the size of a packet's leaf or the
// work of judging it.
const (
	MaxShares      = 100  // one leaf holds them all; a packet of more is large, see large.go
	maxClauses     = 4    // explain has five sentences; no scene has more than two
	maxClauseKeys  = 8    // a truth table over them has 256 rows
	maxWindows     = 16   // time conditions in all clauses, or in a claim rule: each is one more interval to judge
	maxClauseBytes = 4096 // of all clauses together: a leaf may hold five such lists
	maxReasons     = 6    // there are six
	minExpiry      = Seconds(1)
)

// Split is how a packet's total is divided among its shares.
type Split uint8

const (
	Equal  Split = 1 // every share is total/shares; the total divides evenly
	Lucky  Split = 2 // 拼手气: drawn after the claim
	ByList Split = 3 // each entry of a list has its own amount
)

func (s Split) String() string {
	switch s {
	case Equal:
		return "equal"
	case Lucky:
		return "lucky"
	case ByList:
		return "list"
	}
	return "unknown"
}

// MarshalText writes the name.
func (s Split) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Terms are what the sender signs. They never change.
type Terms struct {
	_       struct{} `cbor:",toarray"`
	Total   Amount   // 1 fen to MaxAmount
	Shares  uint32   // 1 to MaxListed, at most one per fen
	Split   Split
	Claim   Rule      // who may claim, and when
	LinkKey *[32]byte // the link's x-only public key; present exactly when Claim mentions link
	Hold    Seconds   // how long a claimed share waits before it settles; 0 = settles at once
	Clauses []Clause  // powers of others over the money; may be empty, never absent
	Expiry  Seconds   // from the executing block to the refund of what is not claimed
	Scene   string    // the template these terms equal (see Scenes), or empty
	Memo    *Hash     // salted commitment to a memo that travels beside the link
}

// Target is what a clause has power over.
type Target uint8

const (
	Rest       Target = 1 // the unclaimed remainder
	HeldShares Target = 2 // a claimed share while it is held
)

func (t Target) String() string {
	if t == HeldShares {
		return "share"
	}
	return "rest"
}

func (t Target) words() string {
	if t == HeldShares {
		return "shares that are held"
	}
	return "unclaimed rest"
}

// Clause gives others a power over money: signers that meet When may send it back
// to the packet's sender, for one of Reasons (empty = any reason or none).
type Clause struct {
	_       struct{} `cbor:",toarray"`
	Target  Target
	When    Rule
	Reasons []Reason
}

// Reason is an ISO 20022 code for why money goes back.
type Reason string

// The reasons, with the words people type. Order is the order of display.
var reasons = []struct {
	code Reason
	word string
}{
	{"DUPL", "duplicate"},
	{"AM09", "wrong-amount"},
	{"AC03", "wrong-person"},
	{"FRAD", "fraud"},
	{"CUST", "changed-mind"},
	{"TECH", "technical"},
}

// ReasonWords are the words for the reasons, in order of display.
func ReasonWords() []string {
	words := make([]string, len(reasons))
	for i, r := range reasons {
		words[i] = r.word
	}
	return words
}

// ParseReason reads a word (wrong-amount) or a code (AM09).
func ParseReason(s string) (Reason, error) {
	for _, r := range reasons {
		if s == r.word || s == string(r.code) {
			return r.code, nil
		}
	}
	return "", Errorf(CodeUnknownReason, "reason %q: choose one of %s", s, strings.Join(ReasonWords(), ", "))
}

// Word is the reason as people say it, such as wrong-amount.
func (r Reason) Word() string {
	for _, known := range reasons {
		if known.code == r {
			return known.word
		}
	}
	return string(r)
}

// Known reports whether r is one of the reasons.
func (r Reason) Known() bool {
	for _, k := range reasons {
		if k.code == r {
			return true
		}
	}
	return false
}

// String prints the clause in its one text form, such as
// "rest when all(sender,within(24h)) for DUPL,AM09".
func (c Clause) String() string {
	s := c.Target.String() + " when " + Print(c.When.Cond)
	for i, r := range c.Reasons {
		s += []string{" for ", ","}[min(i, 1)] + string(r)
	}
	return s
}

// Hash names the clause in what is signed about it.
func (c *Clause) Hash() Hash { return TaggedHash(tagClause, Encode(c)) }

// ParseClause reads a clause as String prints it; reasons may be words. A bare
// length such as "2m" is short for "rest when all(sender,within(2m))".
func ParseClause(s string) (Clause, error) {
	if d, err := ParseSeconds(strings.TrimSpace(s)); err == nil {
		return Clause{Target: Rest, When: Rule{All{Sender{}, Within{d}}}, Reasons: []Reason{}}, nil
	}
	target, rest, ok := strings.Cut(strings.TrimSpace(s), " when ")
	c := Clause{Target: Rest, Reasons: []Reason{}}
	switch {
	case ok && target == "rest":
	case ok && target == "share":
		c.Target = HeldShares
	default:
		return Clause{}, Errorf(CodeBadCondition,
			"clause %q: write it like 'rest when all(sender,within(24h)) for DUPL', or just 2m", s)
	}
	when, why, found := strings.Cut(rest, " for ")
	cond, err := Parse(when)
	if err != nil {
		return Clause{}, err
	}
	c.When = Rule{cond}
	if found {
		for _, w := range strings.Split(why, ",") {
			r, err := ParseReason(strings.TrimSpace(w))
			if err != nil {
				return Clause{}, err
			}
			c.Reasons = append(c.Reasons, r)
		}
	}
	return c, nil
}

// Allows reports whether the clause may be used for reason r; "" is none.
func (c Clause) Allows(r Reason) bool {
	if len(c.Reasons) == 0 {
		return r == "" || r.Known()
	}
	for _, a := range c.Reasons {
		if a == r {
			return true
		}
	}
	return false
}

// ReasonWords are the words of the reasons that the clause may be used for.
func (c Clause) ReasonWords() (words []string) {
	if len(c.Reasons) == 0 {
		return ReasonWords()
	}
	for _, r := range c.Reasons {
		words = append(words, r.Word())
	}
	return words
}

// MemoHash is the commitment to a memo. The salt keeps a short memo from being
// guessed; both travel in the link, behind the #.
func MemoHash(salt [16]byte, memo string) Hash {
	return TaggedHash(tagMemo, salt[:], []byte(memo))
}

// Hash is what a claimer signs: these terms on this chain.
func (t *Terms) Hash(chain string) Hash {
	return termsHash(chain, Encode(t))
}

// termsHash is Terms.Hash of encoded terms.
func termsHash(chain string, terms []byte) Hash {
	return TaggedHash(tagTerms, lengthPrefixed(chain), terms)
}

// ShareAmount is the amount of every share of an equal split.
func (t *Terms) ShareAmount() Amount { return t.Total / Amount(t.Shares) }

// hasLink reports whether the claim rule mentions link.
func (t *Terms) hasLink() (found bool) {
	walk(t.Claim.Cond, 1, func(c Cond, _ int) {
		if _, ok := c.(Link); ok {
			found = true
		}
	})
	return found
}

// check refuses terms that sender may not sign at now. It is what applySend
// decides on; clients call [CheckTerms] to hear of it before signing.
func (t *Terms) check(sender Address, now Time) error {
	switch {
	case t.Total == 0 || t.Total > MaxAmount:
		return Errorf(CodeBadAmount, "total of %d fen: must be 1 to %d", t.Total, MaxAmount)
	case t.Shares == 0 || t.Shares > MaxListed:
		return Errorf(CodeBadShares, "%d shares: must be 1 to %d", t.Shares, MaxListed)
	case Amount(t.Shares) > t.Total:
		return Errorf(CodeTooManyShares, "%d shares of %d fen: a share is at least one fen", t.Shares, t.Total)
	case t.Split != Equal && t.Split != Lucky && t.Split != ByList:
		return Errorf(CodeBadTerms, "split %d: unknown", t.Split)
	case t.Split == Equal && t.Total%Amount(t.Shares) != 0:
		return Errorf(CodeUnevenSplit, "%s does not divide into %d equal shares", t.Total.Yuan(), t.Shares)
	case t.Hold > MaxDuration:
		return Errorf(CodeBadTerms, "hold of %s: at most %s", t.Hold, MaxDuration.InDays())
	case t.Expiry < minExpiry || t.Expiry > MaxDuration:
		return Errorf(CodeBadTerms, "expiry of %s: must be %s to %s", t.Expiry, minExpiry,
			MaxDuration.InDays())
	case t.hasLink() != (t.LinkKey != nil):
		return Errorf(CodeBadTerms, "link key: present exactly when the claim rule mentions link")
	case t.LinkKey != nil && !Address(*t.LinkKey).OnCurve():
		return Errorf(CodeBadTerms, "link key: not a public key")
	}
	if err := t.checkClaimRule(sender, now); err != nil {
		return err
	}
	if err := t.checkClauses(sender, now); err != nil {
		return err
	}
	return t.checkScene(sender)
}

// checkClauses refuses clauses that could not be in force in a packet of t made
// at created.
func (t *Terms) checkClauses(sender Address, created Time) error {
	if len(t.Clauses) > maxClauses {
		return Errorf(CodeBadTerms, "%d clauses: at most %d", len(t.Clauses), maxClauses)
	}
	if n := len(Encode(t.Clauses)); n > maxClauseBytes {
		return Errorf(CodeConditionTooLarge, "clauses of %d bytes: at most %d", n, maxClauseBytes)
	}
	windows := 0
	for i := range t.Clauses {
		if err := t.checkClause(&t.Clauses[i], sender, created); err != nil {
			return err
		}
		windows += countWindows(t.Clauses[i].When.Cond)
	}
	if n := len(clauseKeys(t.Clauses, sender)); n > maxClauseKeys {
		return Errorf(CodeTooManyKeys, "clauses name %d keys: at most %d in a packet", n, maxClauseKeys)
	}
	if windows > maxWindows {
		return Errorf(CodeTooManyWindows, "clauses name %d times: at most %d in a packet", windows, maxWindows)
	}
	return nil
}

// span is when a target's clauses can matter: from the packet's creation to
// its expiry, or from a share's claim, counted from 0, to its settlement.
func (t *Terms) span(target Target, created Time) (start, end Time) {
	if target == HeldShares {
		return 0, Time(0).Plus(t.Hold)
	}
	return created, created.Plus(t.Expiry)
}

// CheckTerms tells a client what a Send of t by sender at about now would be
// refused for, money aside.
func CheckTerms(t *Terms, sender Address, now Time) error { return t.check(sender, now) }

func (t *Terms) checkClaimRule(sender Address, now Time) error {
	if err := checkCond(t.Claim.Cond, inClaimRule, sender); err != nil {
		return err
	}
	if n := countWindows(t.Claim.Cond); n > maxWindows {
		return Errorf(CodeTooManyWindows, "claim rule names %d times: at most %d", n, maxWindows)
	}
	// Conditions are monotone: a rule that holds for no listed claimer and no
	// stranger, each with the link, holds for no one. The sender cannot claim.
	if err := t.checkList(now); err != nil {
		return err
	}
	stranger := Address{}
	for _, claimer := range append(ClaimersIn(t.Claim.Cond), stranger) {
		from, _, ever := whenTrue(t.Claim.Cond, Facts{Start: now, Link: true, Listed: true, Claimer: claimer})
		if ever && from < now.Plus(t.Expiry) && claimer != sender {
			return nil
		}
	}
	return Errorf(CodeClaimNeverTrue, "claim rule %s: can never be true before expiry", Print(t.Claim.Cond))
}

// ClaimersIn lists the claimers that a condition names.
func ClaimersIn(c Cond) (list []Address) {
	walk(c, 1, func(c Cond, _ int) {
		if n, ok := c.(Named); ok {
			list = append(list, n.Claimers...)
		}
	})
	return list
}

func (t *Terms) checkClause(c *Clause, sender Address, created Time) error {
	at := inRest
	switch c.Target {
	case Rest:
	case HeldShares:
		at = inShare
	default:
		return Errorf(CodeBadTerms, "clause target %d: unknown", c.Target)
	}
	if err := checkCond(c.When.Cond, at, sender); err != nil {
		return err
	}
	if len(c.Reasons) > maxReasons {
		return Errorf(CodeBadTerms, "clause: at most %d reasons", maxReasons)
	}
	for i, r := range c.Reasons {
		if !r.Known() {
			return Errorf(CodeUnknownReason, "clause: reason %q is unknown", string(r))
		}
		for _, earlier := range c.Reasons[:i] {
			if r == earlier {
				return Errorf(CodeBadTerms, "clause: reason %s twice", r)
			}
		}
	}
	return t.checkWindow(c, sender, created)
}

// checkWindow refuses a clause that needs no signature, that can never be true,
// or whose stated end, the last instant at which it could be true if expiry and
// settlement did not exist, lies beyond those.
func (t *Terms) checkWindow(c *Clause, sender Address, created Time) error {
	start, limit := t.span(c.Target, created)
	unsigned := Facts{Start: start, Sender: sender, Untouched: true}
	if _, _, ever := whenTrue(c.When.Cond, unsigned); ever {
		return Errorf(CodeUnsignedClause, "clause %q: would be true without any signature", c)
	}
	// More signatures and an untouched packet never make less true.
	signed := unsigned
	signed.Signers = KeysIn(c.When.Cond, sender)
	from, end, ever := whenTrue(c.When.Cond, signed)
	switch {
	case !ever:
		return Errorf(CodeClauseNeverTrue, "clause %q: can never be true", c)
	case c.Target == HeldShares && t.Hold == 0:
		return Errorf(CodeClauseNeverTrue,
			"clause %q: a claimed share is not held, so it cannot be taken back; add --hold", c)
	case from >= limit && c.Target == HeldShares:
		return Errorf(CodeClauseNeverTrue, "clause %q: begins only when a share settles", c)
	case from >= limit:
		return Errorf(CodeClauseNeverTrue, "clause %q: begins only at expiry", c)
	case end == MaxTime || end <= limit:
		return nil
	case c.Target == HeldShares:
		return Errorf(CodeClauseOutlives, "clause %q: lasts longer than the %s for which a share is held", c, t.Hold)
	}
	return Errorf(CodeClauseOutlives, "clause %q: it lasts until %s, but the packet expires at %s", c, end, limit)
}
