package sim

import (
	"encoding/binary"
	"fmt"

	"hongbao/app/query"
	"hongbao/contract"
)

// list is what the sender of a packet by list gives out.
type list struct {
	entries []contract.ListEntry
	keys    []*owner // of those entries that are for a link; nil for the others
	tree    *contract.List
}

// newList has some entries for busy people, by address, and some for links. One address
// may stand on it more than once, and so may one link.
func (p *person) newList() *list {
	l := &list{}
	var leaves []contract.Subtree
	for i := range 2 + p.rng.IntN(7) {
		e := contract.ListEntry{Index: uint32(i + 1), Kind: contract.WhoLink,
			Amount: contract.Amount(1 + p.rng.IntN(300))}
		key := ownerOf(fmt.Sprint("link ", p.rng.IntN(50)))
		e.Who = key.address
		if p.chance(2) {
			e.Kind, e.Who, key = contract.WhoAddress, addr(busy[p.rng.IntN(len(busy))]), nil
		}
		l.entries, l.keys, leaves = append(l.entries, e), append(l.keys, key), append(leaves, e.Leaf())
	}
	var err error
	l.tree, err = contract.NewList(leaves)
	check(err)
	return l
}

// enlarge makes a packet one whose shares stand in leaves of their own: by list, or for
// more people than there are. Of some lists the sum is not the total.
func (p *person) enlarge(t *contract.Terms, g *gift) {
	if p.chance(3) {
		t.Shares = uint32(contract.MaxShares + 1 + p.rng.IntN(50))
		t.Total *= contract.Amount(t.Shares)
		return
	}
	g.list = p.newList()
	t.Split, t.Shares, t.Total = contract.ByList, g.list.tree.Count(), g.list.tree.Total()
	if p.chance(12) {
		t.Total++
	}
	g.link, t.LinkKey, t.Claim.Cond = nil, nil, contract.Listed{Root: g.list.tree.Root()}
}

// claim fills in an entry, with what it asks for. Most of the time this person may have it.
func (l *list) claim(p *person, g *gift, m *contract.Claim) {
	at := p.rng.IntN(len(l.entries))
	for range 8 {
		if e := l.entries[at]; e.Kind == contract.WhoLink || e.Who == addr(p.name) {
			break
		}
		at = p.rng.IntN(len(l.entries))
	}
	m.Listing = &contract.Listing{Entry: l.entries[at], Path: l.tree.Path(uint32(at + 1))}
	if p.chance(16) {
		m.Listing.Entry.Amount++
	}
	if key := l.keys[at]; key != nil {
		sig := key.sign(contract.LinkDigest(p.chain, g.id, addr(p.name)))
		m.Link = &sig
	}
}

// shareOf is the number of the share that someone claimed, the highest of several; 0
// where the node knows of none. ok is false where the node does not answer.
func (c *crowd) shareOf(node int, id contract.PacketID, who contract.Address) (number uint32, ok bool) {
	packet, found := c.packet(node, id)
	if !found || !packet.Terms.Large() {
		return uint32(packet.ShareOf(who)), found
	}
	res, ok := c.query(node, queryOf(query.ShareOf, append(id[:], who[:]...)))
	if !ok || res.Code != 0 {
		return 0, false
	}
	if len(res.Value) == 4 {
		number = binary.BigEndian.Uint32(res.Value)
	}
	return number, true
}

// withShare is a packet with a share that can be looked at; ok is false where it was not
// claimed, or the node does not answer.
func (c *crowd) withShare(node int, id contract.PacketID, number uint32) (p *contract.Packet, ok bool) {
	packet, found := c.packet(node, id)
	if !found || !packet.Terms.Large() {
		return &packet, found && packet.ShareAt(number) != nil
	}
	var leaf contract.ShareLeaf
	_, _, found = c.ask(node, query.Leaf, contract.ShareKey(id, number), &leaf)
	return packet.With(number, leaf), found
}
