package sim

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	"hongbao/app/query"
	"hongbao/contract"
)

// gateway is how clients reach nodes. ok is false where a node does not answer.
type gateway interface {
	submit(node int, wire []byte) (code contract.Code, ok bool)
	query(node int, req *abci.RequestQuery) (res *abci.ResponseQuery, ok bool)
}

// crowd are all clients. They act one after the other, whenever step is called.
type crowd struct {
	*trace
	gateway
	chain string
	rng   *rand.Rand
	now   func() time.Time
	list  []*person
	gifts []*gift
	calm  bool // no one begins anything new
	most  int  // newcomers there may be
	pace  int  // a person acts in one of so many steps
}

// person is an account's owner. A strict nonce means one tx at a time.
type person struct {
	*crowd
	name    string
	node    int    // that it talks to
	nonce   uint64 // of its next tx, as far as it was told
	pending *pending
	new     bool // has no account yet
	retired bool
	slow    contract.Time // does nothing before
}

// pending is a tx of unknown outcome.
type pending struct {
	hash  contract.Hash
	wire  []byte
	tx    *contract.Tx
	gift  *gift
	tried time.Time
}

// gift is a packet as those who deal in it know it.
type gift struct {
	id     contract.PacketID
	terms  contract.Terms
	sender string
	link   *owner
	list   *list // nil: it is by no list
}

func newCrowd(seed uint64, chain string, t *trace, g gateway, now func() time.Time) *crowd {
	c := &crowd{trace: t, gateway: g, chain: chain, rng: rand.New(rand.NewPCG(seed, 1)), now: now, most: 40, pace: 24}
	for _, names := range [][]string{busy, payers} {
		for _, name := range names {
			c.list = append(c.list, &person{crowd: c, name: name, node: c.rng.IntN(validators)})
		}
	}
	return c
}

func (c *crowd) chance(n int) bool { return c.rng.IntN(n) == 0 }

func (c *crowd) step() {
	for _, p := range c.list {
		switch {
		case p.pending != nil:
			p.follow()
		case !c.calm && !p.retired && contract.TimeOf(c.now()) >= p.slow && c.chance(c.pace):
			p.act()
		}
	}
	if c.chance(3) {
		c.read()
	}
	newcomers := len(c.list) - len(busy) - len(payers)
	if !c.calm && newcomers < c.most && len(c.gifts) > 0 && c.chance(8) {
		c.list = append(c.list, &person{crowd: c, name: fmt.Sprint("newcomer ", newcomers), new: true,
			node: c.rng.IntN(validators)})
	}
}

// settled reports whether every tx has an outcome.
func (c *crowd) settled() bool {
	for _, p := range c.list {
		if p.pending != nil {
			return false
		}
	}
	return true
}

// ask queries a node and decodes the answer; found is false where there is none.
func (c *crowd) ask(node int, path string, data []byte, v any) (
	res *abci.ResponseQuery, asOf contract.Time, found bool) {
	res, ok := c.query(node, queryOf(path, data))
	if !ok || asOf.UnmarshalText([]byte(res.Info)) != nil || res.Code != 0 {
		return nil, 0, false
	}
	if len(res.Value) == 0 {
		return res, asOf, false
	}
	check(contract.Decode(res.Value, v))
	return res, asOf, true
}

func queryOf(path string, data []byte) *abci.RequestQuery {
	return &abci.RequestQuery{Path: path, Data: data}
}

func (c *crowd) packet(node int, id contract.PacketID) (p contract.Packet, found bool) {
	p.ID = id
	_, _, found = c.ask(node, query.Leaf, contract.PacketKey(id), &p)
	return p, found
}

// act begins something new.
func (p *person) act() {
	var account contract.Account
	res, asOf, found := p.ask(p.node, query.Leaf, contract.AccountKey(addr(p.name)), &account)
	if res == nil || account.Nonce < p.nonce || !found && !p.new {
		p.node = p.rng.IntN(validators) // this one is down, or behind
		return
	}
	p.nonce, p.new = account.Nonce, p.new && !found
	message, g := p.deed(asOf)
	if message == nil {
		return
	}
	tx := &contract.Tx{Chain: p.chain, Nonce: p.nonce, ValidUntil: asOf.Plus(contract.Seconds(20 + p.rng.IntN(60))),
		Message: message}
	tx.Account = addr(p.name)
	tx.Signature = ownerOf(p.name).sign(tx.Digest())
	wire := tx.Encode()
	p.pending = &pending{hash: contract.TxHash(wire), wire: wire, tx: tx, gift: g}
	if p.try(account.Nonce, false) != contract.CodeOK {
		p.pending = nil // no node has it
		p.slow = contract.TimeOf(p.now()).Plus(1)
		return
	}
	if send, is := message.(*contract.Send); is {
		g.id, g.terms = contract.NewPacketID(p.chain, tx.Account, tx.Nonce), send.Terms
		if p.chance(8) {
			p.gifts = append(p.gifts, g) // its link is out before it is certain
		}
	}
}

// try hands the pending tx to the node.
func (p *person) try(known uint64, again bool) contract.Code {
	x := p.pending
	x.tried = p.now()
	code, ok := p.submit(p.node, x.wire)
	if !ok {
		code = contract.CodeMalformed
		if again {
			return code
		}
	}
	defer p.lock()()
	p.Sent = append(p.Sent, sent{Hash: x.hash, Wire: x.wire, Who: p.name, Nonce: x.tx.Nonce, Node: p.node,
		At: contract.TimeOf(x.tried), Known: known, Again: again, Code: code})
	return code
}

// follow looks for the outcome of the pending tx, and hands it to another node
// when that takes long.
func (p *person) follow() {
	x := p.pending
	var record query.TxRecord
	res, asOf, found := p.ask(p.node, query.Tx, x.hash[:], &record)
	switch {
	case found:
		p.learn(&record)
	case res != nil && asOf >= x.tx.ValidUntil:
		p.learn(&query.TxRecord{})
	case p.now().Sub(x.tried) > 2*time.Second:
		p.node = p.rng.IntN(validators)
		p.try(0, true)
	}
}

func (p *person) learn(record *query.TxRecord) {
	x := p.pending
	told := told{Hash: x.hash, Node: p.node, At: contract.TimeOf(p.now()), Height: record.Height, Index: record.Index,
		Code: record.Code}
	if claim, is := x.tx.Message.(*contract.Claim); is && record.Height > 0 && record.Code == contract.CodeOK {
		number, answers := p.shareOf(p.node, claim.Packet, x.tx.Account)
		if claim.Listing != nil {
			number = claim.Listing.Entry.Index
		}
		packet, found := p.withShare(p.node, claim.Packet, number)
		if !answers || !found && number > 0 {
			return // it went down meanwhile, or has lost the share
		}
		if told.Share = number; found {
			told.Amount = packet.ShareAt(number).Amount
		}
	}
	told.At = contract.TimeOf(p.now())
	if record.Height > 0 {
		p.nonce = x.tx.Nonce + 1
	}
	p.pending = nil
	if _, is := x.tx.Message.(*contract.Send); is && told.Height > 0 && told.Code == contract.CodeOK {
		p.gifts = append(p.gifts, x.gift)
	}
	p.retired = p.new && record.Height > 0 && p.chance(2)
	p.new = p.new && record.Code != contract.CodeOK || p.new && record.Height == 0
	defer p.lock()()
	p.Told = append(p.Told, told)
}

// read asks any node about any account or packet, or for a proof.
func (c *crowd) read() {
	node := c.rng.IntN(validators)
	who := append(append([]string{}, payers...), busy...)[c.rng.IntN(len(payers)+len(busy))]
	a := asked{Node: node, Who: who}
	var res *abci.ResponseQuery
	var found bool
	switch n := c.rng.IntN(8); {
	case n < 4 || len(c.gifts) == 0:
		var account contract.Account
		res, a.AsOf, found = c.ask(node, query.Leaf, contract.AccountKey(addr(who)), &account)
		a.Balance, a.Nonce = account.Balance, account.Nonce
	case n < 7:
		g := c.gifts[max(0, len(c.gifts)-1-c.rng.IntN(8))]
		packet := contract.Packet{ID: g.id}
		res, a.AsOf, found = c.ask(node, query.Leaf, contract.PacketKey(g.id), &packet)
		a.Who, a.Packet, a.Claimed = "", &g.id, int(packet.Claimed())
		a.Full, a.Closed = packet.Status == contract.Full, packet.Status == contract.Recalled
	default:
		c.prove(node, contract.AccountKey(addr(who)))
		if g := c.gifts[len(c.gifts)-1]; g.terms.Large() {
			c.prove(node, contract.ShareKey(g.id, uint32(1+c.rng.IntN(3))))
		}
	}
	if !found {
		return
	}
	a.At, a.Height = contract.TimeOf(c.now()), res.Height
	defer c.lock()()
	c.Asked = append(c.Asked, a)
}

func (c *crowd) prove(node int, key []byte) {
	res, ok := c.query(node, &abci.RequestQuery{Path: query.Leaf, Data: key, Prove: true})
	unclaimed := ok && len(res.Value) == 0 && bytes.HasPrefix(key, []byte("s/"))
	if !ok || res.Code != 0 || res.ProofOps == nil || unclaimed {
		return
	}
	defer c.lock()()
	c.Proofs = append(c.Proofs, proof{Node: node, Height: res.Height, Key: key, Value: res.Value,
		Proof: res.ProofOps.Ops[0].Data, At: contract.TimeOf(c.now())})
}
