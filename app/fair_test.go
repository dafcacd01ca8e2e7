package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hongbao/contract"
)

// fair is a mempool under attack, and honest people beside the attackers. In
// every round the attackers put into the pool all that it takes, and only then
// the honest offer theirs.
type fair struct {
	*flood
	pool      *pool
	attackers []string
	newcomers int
}

// payers pay, and fund what newcomers claim, in turn: each once a second.
var payers = []string{"erin", "frank", "grace", "heidi", "ivan", "judy", "kim", "leo", "mia", "ned"}

const fairBlock = 100 * time.Millisecond // between two blocks' dates

func newFair(t *testing.T, attackers int) *fair {
	var names []string
	for i := range attackers {
		names = append(names, fmt.Sprint("attacker ", i))
	}
	p := contract.DefaultParams()
	p.MaxOpenPackets = 10_000
	all := slices.Concat(people, payers, names)
	f := &flood{newStageWith(t, p, all...), 1000, map[string]contract.Address{}}
	for _, n := range f.funded {
		f.addresses[n] = addr(n)
	}
	return &fair{flood: f, pool: &pool{chain: f.chain}, attackers: names}
}

// offer hands the pool name's next tx. A nonce that was refused is used again.
func (f *fair) offer(name string, m contract.Message) ([]byte, contract.Code) {
	wire := f.believed(name, m)
	code := f.pool.offer(wire)
	if code != contract.CodeOK {
		f.Nonces[name]--
	}
	return wire, code
}

// fill lets attackers offer in turn until each was refused.
func (f *fair) fill(names []string, next func(name string, n int) contract.Message) {
	for n := 0; len(names) > 0; n++ {
		var still []string
		for _, name := range names {
			if _, code := f.offer(name, next(name, n)); code == contract.CodeOK {
				still = append(still, name)
			}
		}
		names = still
	}
}

// claimsOf lets new addresses claim from packets of attackers' until the pool
// takes no more.
func (f *fair) claimsOf(ids []contract.PacketID, hash contract.Hash) {
	for refused := 0; refused < len(ids); {
		f.newcomers++
		name := fmt.Sprint("fresh ", f.newcomers)
		f.addresses[name] = contract.Address{2, byte(f.newcomers), byte(f.newcomers >> 8), byte(f.newcomers >> 16)}
		refused++
		if _, code := f.offer(name, &contract.Claim{Packet: ids[f.newcomers%len(ids)],
			TermsHash: hash}); code == contract.CodeOK {
			refused = 0
		}
	}
}

// packets sends n of an account's, without a mempool.
func (f *fair) packets(name string, n int, tm contract.Terms) (ids []contract.PacketID) {
	for range n {
		ids = append(ids, contract.NewPacketID(testChain, f.addresses[name], f.Nonces[name]))
		f.done(name, &contract.Send{Terms: tm})
	}
	return ids
}

// done makes a block of one tx, without a mempool.
func (f *fair) done(name string, m contract.Message) {
	f.T.Helper()
	if r := f.Finalize(f.believed(name, m)).TxResults[0]; r.Code != 0 {
		f.T.Fatalf("%s: %s", name, r.Log)
	}
}

// long is valid terms that name a hundred people: 6 kB.
func long() contract.Terms {
	var named []contract.Address
	for i := range 100 {
		named = append(named, addr(fmt.Sprint("named ", i)))
	}
	return terms(1, 1, func(tm *contract.Terms) { tm.Claim = contract.Rule{Cond: contract.Named{Claimers: named}} })
}

// failing is a send of about so many bytes that no block lets succeed.
func failing(bytes int) contract.Message {
	return &contract.Send{Terms: terms(1, 1, func(tm *contract.Terms) { tm.Scene = strings.Repeat("x", bytes) })}
}

// floods are what outsiders can do to a mempool. Each sets its scene, and
// returns what is done before every block.
var floods = []struct {
	desc      string
	attackers int
	start     func(*fair) func()
}{
	{"peace", 0, func(f *fair) func() { return func() {} }},
	{"16 kB that fail, of 400 accounts", 400, func(f *fair) func() {
		return func() { f.fill(f.attackers, func(string, int) contract.Message { return failing(15_900) }) }
	}},
	{"tiny ones that fail, of 80 accounts", 80, func(f *fair) func() {
		return func() {
			f.fill(f.attackers, func(string, int) contract.Message {
				return &contract.Pay{To: f.addresses["bob"], Amount: contract.MaxAmount}
			})
		}
	}},
	{"tiny ones that fail, of 400 accounts", 400, func(f *fair) func() {
		return func() {
			f.fill(f.attackers, func(string, int) contract.Message { return &contract.Return{Share: 7} })
		}
	}},
	{"2 kB that fail, of 400 accounts", 400, func(f *fair) func() {
		return func() { f.fill(f.attackers, func(string, int) contract.Message { return failing(1800) }) }
	}},
	{"6 kB sends, of 80 accounts", 80, func(f *fair) func() {
		tm := long()
		return func() { f.fill(f.attackers, func(string, int) contract.Message { return &contract.Send{Terms: tm} }) }
	}},
	{"2,000 claims of dear packets, of 8 accounts", 16, func(f *fair) func() {
		tm := long()
		var ids []contract.PacketID
		for _, name := range f.attackers[8:] {
			ids = append(ids, f.packets(name, 25, tm)...)
		}
		return func() {
			f.fill(f.attackers[:8], func(_ string, n int) contract.Message {
				return &contract.Claim{Packet: ids[n%len(ids)]}
			})
		}
	}},
	{"first claims of the packets of 20 accounts", 20, func(f *fair) func() {
		tm := terms(100, 1)
		var ids []contract.PacketID
		refill := func(n int) {
			for _, name := range f.attackers {
				ids = append(ids, f.packets(name, n, tm)...)
			}
		}
		refill(1)
		claims := 0
		return func() {
			if claims++; claims%4 == 0 {
				refill(1)
			}
			f.claimsOf(ids[max(0, len(ids)-40):], tm.Hash(testChain))
		}
	}},
	{"recalls by strangers, of 400 accounts", 400, func(f *fair) func() {
		id := f.packets("carol", 1, terms(1, 1))[0]
		return func() {
			f.fill(f.attackers, func(string, int) contract.Message { return &contract.Recall{Packet: id, Clause: 1} })
		}
	}},
	{"recalls of their own packets, of 200 accounts", 200, func(f *fair) func() {
		own := map[string]contract.PacketID{}
		for _, name := range f.attackers {
			own[name] = f.packets(name, 1, terms(1, 1))[0]
		}
		return func() {
			f.fill(f.attackers, func(name string, _ int) contract.Message {
				return &contract.Recall{Packet: own[name], Clause: 9}
			})
		}
	}},
	{"¥1 that goes from new account to new account, in 80 lanes", 80, func(f *fair) func() {
		return f.lanes()
	}},
}

// lanes hands each attacker's money to a fresh account in every block, and
// spends the rest of the old one's tokens on what fails.
func (f *fair) lanes() func() {
	at := slices.Clone(f.attackers)
	return func() {
		for i, name := range at {
			if f.Account(name).Nonce == 0 && name != f.attackers[i] {
				continue // the payment is not in a block yet
			}
			f.newcomers++
			fresh := fmt.Sprint("fresh ", f.newcomers)
			f.addresses[fresh] = addr(fresh)
			balance := f.Account(name).Balance
			if _, code := f.offer(name, &contract.Pay{To: f.addresses[fresh],
				Amount: balance}); code != contract.CodeOK {
				continue
			}
			f.Nonces[fresh] = 1
			f.fill([]string{name}, func(string, int) contract.Message { return &contract.Return{Share: 7} })
			at[i] = fresh
		}
	}
}

// honest is one tx that its author offers until it is taken.
type honest struct {
	name    string
	message contract.Message
	wire    []byte
	since   int
}

// Whatever fills the pool and the blocks, a payment by another account is in one
// of the next two blocks, and so is a newcomer's claim; a recall, a return and an
// answer are in the next. And the chain grows no faster than its pace.
func TestFairUnderFloods(t *testing.T) {
	t.Parallel()
	rounds := 30
	if testing.Short() {
		rounds = 6
	}
	for _, row := range floods {
		t.Run(row.desc, func(t *testing.T) {
			f := newFair(t, row.attackers)
			f.run(row.start(f), rounds)
		})
	}
}

func (f *fair) run(attack func(), rounds int) {
	t := f.T
	kept := f.scenery(rounds)
	worst := map[string]int{}
	var took []int // bytes, of each block
	waiting := map[string]*honest{}
	for r := range rounds {
		f.Wait(fairBlock)
		attack()
		for kind, h := range kept(r) {
			if waiting[kind] == nil {
				h.since = r
				waiting[kind] = h
			}
		}
		for _, kind := range []string{"payment", "newcomer", "recall", "return", "answer"} {
			if h := waiting[kind]; h != nil && h.wire == nil {
				if wire, code := f.offer(h.name, h.message); code == contract.CodeOK {
					h.wire = wire
				} else if code != contract.CodeNoRoom {
					t.Fatalf("round %d: %s: %s", r, kind, code)
				}
			}
		}
		codes := f.pool.step()
		bytes := 0
		for wire := range codes {
			bytes += len(wire)
		}
		took = append(took, bytes)
		for kind, h := range waiting {
			code, taken := codes[string(h.wire)]
			if taken && code != contract.CodeOK {
				t.Fatalf("round %d: %s: %s", r, kind, code)
			}
			if blocks := r - h.since + 1; taken || blocks > 2 {
				worst[kind] = max(worst[kind], blocks)
			}
			if taken {
				delete(waiting, kind)
			}
		}
	}
	f.judge(worst, took)
}

func (f *fair) judge(worst map[string]int, took []int) {
	t := f.T
	for kind, most := range map[string]int{"payment": 2, "newcomer": 2, "recall": 1, "return": 1, "answer": 1} {
		if worst[kind] == 0 || worst[kind] > most {
			t.Errorf("a %s took %d blocks, want 1 to %d", kind, worst[kind], most)
		}
	}
	if f.pool.full > 0 {
		t.Errorf("the pool itself was full %d times", f.pool.full)
	}
	total := 0
	for _, n := range took {
		total += n
	}
	span := int(fairBlock/time.Millisecond) * len(took)
	most := ordinarySavings + bulkySavings + (ordinaryPace+bulkyPace)/1000*span + laneSize[pressing].bytes*len(took)
	t.Logf("worst: %v blocks; %d kB a second", worst, total/span)
	if total > most {
		t.Errorf("%d bytes in %d ms, more than %d", total, span, most)
	}
}

// scenery makes what the honest do in each round: a payment, a newcomer's claim,
// a recall, a return and an answer about packets of their own.
func (f *fair) scenery(rounds int) func(round int) map[string]*honest {
	open := terms(100, 1)
	hash := open.Hash(testChain)
	var shared []contract.PacketID
	for _, name := range payers {
		shared = append(shared, f.packets(name, 1, open)...)
	}
	rests := f.packets("alice", rounds, terms(1, 1))
	one := terms(1, 1)
	accepts := one.Hash(testChain)
	returned, asked := f.packets("carol", rounds, one), f.packets("judge a", rounds, one)
	for i := range rounds {
		f.done("bob", &contract.Claim{Packet: returned[i], TermsHash: accepts})
		f.done("dave", &contract.Claim{Packet: asked[i], TermsHash: accepts})
		f.done("judge a", &contract.Ask{Packet: asked[i], Share: 1})
	}
	return func(r int) map[string]*honest {
		name := fmt.Sprint("newcomer ", r)
		f.addresses[name] = addr(name)
		return map[string]*honest{
			"payment":  {name: payers[r%len(payers)], message: &contract.Pay{To: f.addresses["bob"], Amount: 1}},
			"newcomer": {name: name, message: &contract.Claim{Packet: shared[r%len(payers)], TermsHash: hash}},
			"recall":   {name: "alice", message: &contract.Recall{Packet: rests[r], Clause: 1}},
			"return":   {name: "bob", message: &contract.Return{Packet: returned[r], Share: 1}},
			"answer":   {name: "dave", message: &contract.Answer{Packet: asked[r], Share: 1, Accept: false}},
		}
	}
}
