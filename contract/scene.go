package contract

import (
	"bytes"
	"strings"
)

// Scene is a named template of terms. A send that names a scene equals its
// template or is refused, so that a scene's name can be trusted. A scene fixes
// the clauses, the hold and the expiry, and whatever else its fields say; the
// amount, the shares, the split, the claim rule, the opening time, the memo and
// the keys of its roles are free where they say nothing.
type Scene struct {
	Name     string
	Clauses  []string // as ParseClause reads them, with @role in place of an address
	Roles    []string // whose keys the clauses name, in order
	Hold     Seconds
	Expiry   Seconds
	Claimers Claimers
	Split    Split  // 0: free
	MaxTotal Amount // 0: no limit of its own
}

// Claimers is what a scene says of who may claim.
type Claimers int

const (
	AnyClaimers  Claimers = iota // the claim rule is free
	OneClaimer                   // one named claimer, one share
	ListedPeople                 // named claimers, a share for each; or a list
	Everyone                     // every account, at once or from an instant on
)

const (
	day         Seconds = 24 * 3600
	soon        Seconds = 600 // a stream, or a voucher at a counter
	testPackets Amount  = 100 // ¥1.00: small enough to be a test, or to be lost
)

// scenes are the systems that people know, then the situations that they sign
// terms for. docs/format.md lists them in this order.
var scenes = []Scene{
	{Name: "wechat", Expiry: day},
	{Name: "alipay", Expiry: day, Clauses: []string{"rest when all(sender,within(24h))"}},
	{Name: "qq", Expiry: day, Clauses: []string{"rest when all(sender,untouched,within(2m))"}},
	{Name: "douyin-live", Expiry: soon},
	{Name: "transfer-72h", Expiry: day, Hold: 72 * 3600, Claimers: OneClaimer,
		Clauses: []string{"share when sender", "rest when sender"}},
	{Name: "delayed", Expiry: day, Hold: day, Claimers: OneClaimer, Clauses: []string{"share when sender"}},
	{Name: "friends", Expiry: day, Clauses: []string{"rest when all(sender,within(2m))"}},
	{Name: "workgroup", Expiry: day, Clauses: []string{"rest when all(sender,within(24h))"}},
	{Name: "stranger", Expiry: day, Hold: day, Roles: []string{"a", "b", "c"},
		Clauses: []string{"share when 2 of (key(@a),key(@b),key(@c)) for FRAD"}},
	{Name: "test-packet", Expiry: day, MaxTotal: testPackets, Clauses: []string{"rest when all(sender,within(5m))"}},
	{Name: "enterprise", Expiry: day, Claimers: ListedPeople, Roles: []string{"finance", "hr", "audit"},
		Clauses: []string{"rest when 2 of (key(@finance),key(@hr),key(@audit)) for DUPL,AM09"}},
	// Who hears of a coupon has an hour to claim it: only then may the merchant stop it.
	{Name: "coupon", Expiry: day, Clauses: []string{"rest when all(sender,after(1h)) for CUST,FRAD"}},
	{Name: "voucher", Expiry: soon, Claimers: OneClaimer},
	{Name: "rain", Expiry: soon, Claimers: Everyone, Split: Lucky},
}

// Scenes lists every scene, in the order of docs/format.md.
func Scenes() []Scene { return append([]Scene{}, scenes...) }

// SceneNamed finds a scene; a refusal when there is none of that name.
func SceneNamed(name string) (*Scene, error) {
	for i := range scenes {
		if scenes[i].Name == name {
			s := scenes[i]
			return &s, nil
		}
	}
	return nil, Errorf(CodeUnknownScene, "scene %q: unknown", name)
}

// ClausesFor are the scene's clauses with keys in the place of its roles: one for
// each, or they would be other clauses.
func (s *Scene) ClausesFor(keys []Address) ([]Clause, error) {
	if len(keys) != len(s.Roles) {
		return nil, Errorf(CodeSceneMismatch, "scene %s: its clauses are %s", s.Name, s.clauses())
	}
	clauses := []Clause{}
	for _, text := range s.Clauses {
		for i, role := range s.Roles {
			text = strings.ReplaceAll(text, "key(@"+role+")", Print(Key{keys[i]}))
		}
		c, err := ParseClause(text)
		if err != nil {
			return nil, err
		}
		clauses = append(clauses, c)
	}
	return clauses, nil
}

// clauses are the scene's as text, "none" when it has none.
func (s *Scene) clauses() string {
	if len(s.Clauses) == 0 {
		return "none"
	}
	return strings.Join(s.Clauses, "; ")
}

// checkScene refuses terms that name a scene and differ from its template.
func (t *Terms) checkScene(sender Address) error {
	if t.Scene == "" {
		return nil
	}
	s, err := SceneNamed(t.Scene)
	if err != nil {
		return err
	}
	mismatch := func(format string, args ...any) error {
		return Errorf(CodeSceneMismatch, "scene "+s.Name+": "+format, args...)
	}
	keys := roleKeys(t.Clauses)
	want, err := s.ClausesFor(keys)
	switch {
	case err != nil:
		return err
	case !bytes.Equal(Encode(want), Encode(t.Clauses)):
		return mismatch("its clauses are %s", s.clauses())
	case contains(keys, sender):
		return mismatch("the sender cannot have a role of its own")
	case t.Hold != s.Hold:
		return mismatch("holds a claimed share for %s, these terms for %s", s.Hold, t.Hold)
	case t.Expiry != s.Expiry:
		return mismatch("expires after %s, these terms after %s", s.Expiry, t.Expiry)
	case s.MaxTotal != 0 && t.Total > s.MaxTotal:
		return mismatch("a total of at most %s, not %s", s.MaxTotal.Yuan(), t.Total.Yuan())
	case s.Split != 0 && t.Split != s.Split:
		return mismatch("its split is %s, not %s", s.Split, t.Split)
	}
	names, only := t.Claim.namedOnly()
	switch {
	case s.Claimers == OneClaimer && (!only || len(names) != 1 || t.Shares != 1):
		return mismatch("one named claimer and one share")
	case s.Claimers == ListedPeople && !t.Claim.listOnly() && (!only || len(names) != int(t.Shares)):
		return mismatch("named claimers and a share for each, or a list")
	case s.Claimers == Everyone && !t.Claim.everyone():
		return mismatch("open to every account, at once or from an instant on")
	}
	return nil
}

// roleKeys are the accounts that clauses name by key, in order of appearance.
func roleKeys(clauses []Clause) (keys []Address) {
	for i := range clauses {
		walk(clauses[i].When.Cond, 1, func(c Cond, _ int) {
			if k, ok := c.(Key); ok {
				keys = append(keys, k.Address)
			}
		})
	}
	return keys
}

// everyone reports whether a rule lets in every account, and asks at most for an
// opening time.
func (r Rule) everyone() bool {
	switch r.Cond.(type) {
	case Always, From:
		return true
	}
	return false
}

// listOnly reports whether a rule asks for an entry on a list, and at most for an
// opening time.
func (r Rule) listOnly() bool {
	_, is := r.whoAlone().(Listed)
	return is
}

// namedOnly lists the claimers of a rule that is a list of names, with or
// without an opening time.
func (r Rule) namedOnly() ([]Address, bool) {
	named, ok := r.whoAlone().(Named)
	return named.Claimers, ok
}

// whoAlone is a rule without its opening time.
func (r Rule) whoAlone() Cond {
	c := r.Cond
	if all, ok := c.(All); ok && len(all) == 2 {
		if _, opens := all[1].(From); opens {
			c = all[0]
		}
	}
	return c
}
