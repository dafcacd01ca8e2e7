package testchain

import (
	"context"

	abci "github.com/cometbft/cometbft/abci/types"

	"hongbao/app/query"
	"hongbao/contract"
)

// Ask queries the first node and decodes the answer, if there is one, into v.
func (c *Chain) Ask(path string, request []byte, v any) *abci.ResponseQuery {
	c.T.Helper()
	res, err := c.Nodes[0].Query(context.Background(), &abci.RequestQuery{Path: path, Data: request})
	c.OK(err)
	if res.Code != 0 {
		c.T.Fatalf("%s: %s", path, res.Log)
	}
	if len(res.Value) > 0 && v != nil {
		c.OK(contract.Decode(res.Value, v))
	}
	return res
}

// Time is what the contract takes Now for: a dev chain's clock may be ahead.
func (c *Chain) Time() contract.Time {
	c.T.Helper()
	var clock *contract.Clock
	if res := c.Ask(query.Leaf, contract.ClockKey, nil); len(res.Value) > 0 {
		clock = new(contract.Clock)
		c.OK(contract.Decode(res.Value, clock))
	}
	return clock.Now(contract.TimeOf(c.Now))
}

// Account is a named account's leaf; zero where there is none.
func (c *Chain) Account(name string) (a contract.Account) {
	c.T.Helper()
	c.Ask(query.Leaf, contract.AccountKey(Address(name)), &a)
	return a
}

// Packet is a packet's leaf; zero but for its id where there is none.
func (c *Chain) Packet(id contract.PacketID) (p contract.Packet) {
	c.T.Helper()
	p.ID = id
	c.Ask(query.Leaf, contract.PacketKey(id), &p)
	return p
}

// Supply says where all money is.
func (c *Chain) Supply() (s contract.Supply) {
	c.T.Helper()
	c.Ask(query.Leaf, contract.SupplyKey, &s)
	return s
}

// Dump is every key of the first node's database under a letter.
func (c *Chain) Dump(prefix string) map[string][]byte {
	c.T.Helper()
	all := map[string][]byte{}
	it, err := c.DBs[0].Iterator([]byte(prefix), []byte{prefix[0] + 1})
	c.OK(err)
	defer it.Close()
	for ; it.Valid(); it.Next() {
		all[string(it.Key())] = it.Value()
	}
	return all
}

// Leaves are the newest ones by their keys, in the flat copies that the store
// keeps of them.
func (c *Chain) Leaves() map[string][]byte {
	c.T.Helper()
	all := map[string][]byte{}
	for key, value := range c.Dump("v") {
		all[key[1:]] = value
	}
	return all
}
