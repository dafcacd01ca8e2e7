package cli

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"hongbao/client"
	"hongbao/contract"
)

// conditions sets when money comes back and when a share settles: from the
// scene, or from the flags.
func (s money) conditions(ctx context.Context, t *client.Packet, f *sendFlags) (err error) {
	if f.scene != "" {
		return s.fromScene(ctx, t, f)
	}
	if len(f.with) > 0 {
		return usagef("--with: fills the roles of a --scene")
	}
	if f.expires != "" {
		if t.Expiry, err = parseSeconds(f.expires); err != nil {
			return err
		}
		if t.Expiry == 0 {
			return contract.Errorf(contract.CodeBadTerms, "expiry of %s: must be %s to %s",
				t.Expiry, contract.Seconds(1), contract.MaxDuration.InDays())
		}
	}
	if f.hold != "" {
		if t.Hold, err = parseSeconds(f.hold); err != nil {
			return err
		}
	}
	t.Clauses, err = clauses(f.recall, s.resolver(ctx))
	return err
}

// fromScene follows a scene's template. What the flags say against it is named
// here, before the ledger finds the terms to differ.
func (s money) fromScene(ctx context.Context, t *client.Packet, f *sendFlags) error {
	if len(f.recall) > 0 || f.hold != "" || f.expires != "" {
		return usagef("--scene %s: sets --recall, --hold and --expires itself", f.scene)
	}
	scene, err := sceneNamed(f.scene)
	if err != nil {
		return err
	}
	switch people := len(f.to); {
	case scene.Claimers == contract.OneClaimer && (people != 1 || t.Shares != 1):
		return usagef("--scene %s: for one person, one share", f.scene).
			WithHint("name who may claim with --to NAME", "用 --to NAME 写明谁可以领")
	case scene.Claimers == contract.ListedPeople && f.list == "" && (people == 0 || int(t.Shares) != people):
		return usagef("--scene %s: for the people listed, a share for each", f.scene).
			WithHint("name everybody with --to A,B,C, or in a table with --list FILE",
				"用 --to A,B,C 写明每个人,或用 --list FILE 给一份表格")
	case scene.Claimers == contract.Everyone && (people > 0 || f.list != "" || f.link || f.each != ""):
		return usagef("--scene %s: drawn, and open to every account: leave out --to, --list, --link and --each",
			f.scene)
	case scene.MaxTotal != 0 && t.Total > scene.MaxTotal:
		return refusal(contract.CodeSceneMismatch,
			fmt.Sprintf("scene %s: a total of at most %s, not %s", f.scene, scene.MaxTotal.Yuan(), t.Total.Yuan()), 0)
	}
	keys, given, err := roles(scene, f.with, s.resolver(ctx))
	if err != nil {
		return err
	}
	if i := slices.Index(given, false); i >= 0 {
		return usagef("--with: nobody is %s; scene %s %s", scene.Roles[i], scene.Name, rolesOf(scene)).
			WithHint("write --with %s", "请写 --with %s", strings.Join(scene.Roles, "=NAME,")+"=NAME")
	}
	t.Hold, t.Expiry = scene.Hold, scene.Expiry
	t.Public, t.Lucky = t.Public || scene.Claimers == contract.Everyone, t.Lucky || scene.Split == contract.Lucky
	t.Clauses, err = scene.ClausesFor(keys)
	return err
}

// finder finds the address of a party.
type finder func(party string) (contract.Address, error)

func (s money) resolver(ctx context.Context) finder {
	return func(party string) (contract.Address, error) { return s.Resolve(ctx, party) }
}

func rolesOf(scene *contract.Scene) string {
	if len(scene.Roles) == 0 {
		return "has no roles"
	}
	return "has the roles " + strings.Join(scene.Roles, ", ")
}

// roles are the accounts that --with gives to a scene's roles, in the scene's
// order, and which of them were given.
func roles(scene *contract.Scene, with []string, find finder) (keys []contract.Address, given []bool, err error) {
	keys, given = make([]contract.Address, len(scene.Roles)), make([]bool, len(scene.Roles))
	for _, pair := range listed(with) {
		role, party, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, nil, usagef("--with %q: write it like role=party; scene %s %s", pair, scene.Name,
				rolesOf(scene))
		}
		i := slices.Index(scene.Roles, role)
		switch {
		case i < 0:
			return nil, nil, usagef("--with %q: scene %s %s", pair, scene.Name, rolesOf(scene))
		case given[i]:
			return nil, nil, usagef("--with %q: %s is given twice; scene %s %s", pair, role, scene.Name, rolesOf(scene))
		}
		if keys[i], err = find(party); err != nil {
			return nil, nil, err
		}
		given[i] = true
	}
	return keys, given, nil
}

// partyKey is a key by its name, as people write it in a clause.
var partyKey = regexp.MustCompile(`key\(\s*@([^\s(),]+)\s*\)`)

// clauses reads clauses as people write them: with key(@name) for a party's
// address.
func clauses(texts []string, find finder) ([]contract.Clause, error) {
	list := []contract.Clause{}
	for _, text := range texts {
		text = narrow(text)
		for _, m := range partyKey.FindAllStringSubmatch(text, -1) {
			a, err := find(m[1])
			if err != nil {
				return nil, err
			}
			text = strings.Replace(text, m[0], contract.Print(contract.Key{Address: a}), 1)
		}
		c, err := contract.ParseClause(text)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}
