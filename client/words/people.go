package words

import (
	"fmt"
	"slices"
	"strings"

	"hongbao/contract"
)

// people says who suffices, of minimal sets: "any two of a, b and c".
func (x *explainer) people(sets [][]contract.Address) string {
	if s, ok := x.family(sets); ok {
		return s
	}
	// Not one family: those of one person, of two, and so on may be one each.
	bySize := map[int][][]contract.Address{}
	var sizes []int
	for _, set := range sets {
		if bySize[len(set)] == nil {
			sizes = append(sizes, len(set))
		}
		bySize[len(set)] = append(bySize[len(set)], set)
	}
	slices.Sort(sizes)
	var said []string
	for i, size := range sizes {
		s, ok := x.family(bySize[size])
		if !ok {
			s = x.some(slices.Concat(valuesFrom(bySize, sizes[i:])...))
			said = append(said, s)
			break
		}
		said = append(said, s)
	}
	return strings.Join(said, x.pick(", or ", ",或者"))
}

func valuesFrom(m map[int][][]contract.Address, keys []int) (out [][][]contract.Address) {
	for _, k := range keys {
		out = append(out, m[k])
	}
	return out
}

// some says sets that are no family: each where they are few, else who takes
// part and how many it takes at the least.
func (x *explainer) some(sets [][]contract.Address) string {
	if len(sets) <= 3 {
		var said []string
		for _, set := range sets {
			s, _ := x.family([][]contract.Address{set})
			said = append(said, s)
		}
		return strings.Join(said, x.pick(", or ", ",或者"))
	}
	var all []contract.Address
	least := len(sets[0])
	for _, set := range sets {
		all, least = append(all, set...), min(least, len(set))
	}
	return fmt.Sprintf(x.pick("certain groups of %[2]s or more among %[1]s", "%[1]s中某几种搭配(至少%[2]s人)"),
		x.join(x.called(x.inOrder(all))), x.number(least))
}

// family recognises people who must all be there, together with any k of some
// others.
func (x *explainer) family(sets [][]contract.Address) (string, bool) {
	core := slices.Clone(sets[0])
	var others []contract.Address
	for _, set := range sets[1:] {
		core = slices.DeleteFunc(core, func(a contract.Address) bool { return !slices.Contains(set, a) })
	}
	k := len(sets[0]) - len(core)
	for _, set := range sets {
		if len(set)-len(core) != k {
			return "", false
		}
		for _, a := range set {
			if !slices.Contains(core, a) && !slices.Contains(others, a) {
				others = append(others, a)
			}
		}
	}
	if len(sets) != choose(len(others), k) { // they are distinct, and subsets of others
		return "", false
	}
	must, any := x.called(x.inOrder(core)), x.anyOf(k, x.called(x.inOrder(others)))
	switch {
	case len(others) == 0 && len(must) == 1:
		return must[0], true
	case len(others) == 0:
		return fmt.Sprintf(x.pick("%s together", "%s一起"), x.join(must)), true
	case len(must) == 0:
		return any, true
	}
	return x.join(must) + x.pick(" together with ", "加上") + any, true
}

// anyOf says k of n names, k < n.
func (x *explainer) anyOf(k int, names []string) string {
	if k == 1 && len(names) == 2 {
		return strings.Join(names, x.pick(" or ", "或"))
	}
	if x.Lang == Chinese {
		return x.join(names) + "中任意" + x.number(k) + "人"
	}
	return "any " + x.number(k) + " of " + x.join(names)
}

func choose(n, k int) int {
	c := 1
	for i := range k {
		c = c * (n - i) / (i + 1)
	}
	return c
}

// number is a small number in words; clauses name at most eight keys.
func (x *explainer) number(n int) string {
	return x.pick([]string{"none", "one", "two", "three", "four", "five", "six", "seven", "eight"}[n],
		[]string{"零", "一", "两", "三", "四", "五", "六", "七", "八"}[n])
}

// nameKeys gives every key in the clauses that has none yet a name that holds all
// through the explanation. Who is known neither to the genesis nor to the reader is called
// by the part the scene gives it, else by a letter.
func (x *explainer) nameKeys() {
	for i, a := range x.keys() {
		if x.names[a] != "" {
			continue
		}
		name := ""
		if x.Arbiter != nil {
			name = x.Arbiter(a)
		}
		if name == "" && x.Name != nil {
			name = x.Name(a)
		}
		if name == "" {
			name = x.role(i)
		}
		if name == "" {
			name, x.letters = x.letters[0], x.letters[1:]
		}
		x.names[a] = name
	}
}

// keys lists the accounts other than the sender that the clauses in force
// name, in order.
func (x *explainer) keys() (list []contract.Address) {
	for _, c := range x.Packet.InForce() {
		for _, a := range contract.KeysIn(c.When.Cond, x.Packet.Sender) {
			if a != x.Packet.Sender && !slices.Contains(list, a) {
				list = append(list, a)
			}
		}
	}
	return list
}

// role is the part that a scene gives its i-th key, as long as its own clauses
// are in force.
func (x *explainer) role(i int) string {
	s, err := contract.SceneNamed(x.terms.Scene)
	if err != nil || i >= len(s.Roles) || len(x.Packet.Tightened) > 0 {
		return ""
	}
	return roles[s.Roles[i]].In(x.Lang)
}

// inOrder sorts accounts as the clauses name them, the sender first, each once.
func (x *explainer) inOrder(list []contract.Address) (out []contract.Address) {
	for _, a := range append([]contract.Address{x.Packet.Sender}, x.keys()...) {
		if slices.Contains(list, a) {
			out = append(out, a)
		}
	}
	return out
}

func (x *explainer) called(list []contract.Address) (names []string) {
	for _, a := range list {
		names = append(names, x.names[a])
	}
	return names
}

// chosen says where the keys that have a power come from, and after which
// sentence to say it.
func (x *explainer) chosen(rest, held []power) (about, text string) {
	about = "rest"
	var all []contract.Address
	for _, p := range slices.Concat(rest, held) {
		for _, set := range p.sets {
			all = append(all, set...)
		}
	}
	var listed, others []contract.Address
	overHeld := false
	for _, a := range x.inOrder(all) {
		switch {
		case a == x.Packet.Sender:
		case x.Arbiter != nil && x.Arbiter(a) != "":
			listed = append(listed, a)
		default:
			others = append(others, a)
			overHeld = overHeld || slices.ContainsFunc(held, func(p power) bool {
				return slices.ContainsFunc(p.sets, func(set []contract.Address) bool { return slices.Contains(set, a) })
			})
		}
	}
	if len(held) > 0 {
		about = "held"
	}
	var said []string
	if len(listed) == 1 {
		said = append(said, fmt.Sprintf(x.pick("the network's genesis names %s as an arbiter",
			"%s是本链创世时列名的仲裁人"),
			x.join(x.called(listed))))
	} else if len(listed) > 1 {
		said = append(said, fmt.Sprintf(x.pick("the network's genesis names %s as arbiters",
			"%s是本链创世时列名的仲裁人"),
			x.join(x.called(listed))))
	}
	if len(others) > 0 {
		said = append(said, x.chosenBySender(others, len(listed) == 0, overHeld))
	}
	return about, strings.Join(said, x.pick("; ", ";"))
}

func (x *explainer) chosenBySender(keys []contract.Address, all, overHeld bool) string {
	who, them, theirs := x.join(x.called(keys)), x.pick("them", "他们"), "their keys"
	n := len(keys)
	switch {
	case n == 1:
		them, theirs = who, who+"'s key"
	case all:
		who = fmt.Sprintf(x.pick("these %s", "这%s人"), x.number(n))
	}
	if x.Lang == Chinese {
		s := fmt.Sprintf("%s由%s指定,也可能就是%s自己", who, x.sender, x.sender)
		if overHeld {
			s += ":不认识" + them + ",就当钱还没到"
		}
		return s
	}
	s := fmt.Sprintf("%s chose %s, and may hold %s too", x.sender, who, theirs)
	if overHeld {
		s += ": if you do not know " + them + ", treat the money as not arrived until it settles"
	}
	return s
}
