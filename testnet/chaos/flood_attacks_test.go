package chaos_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"

	"hongbao/client/rpc"
	"hongbao/contract"
)

// The sizes of the floods.
const (
	dearPackets   = 2048
	dearPerMaker  = dearPackets / enemyAccounts
	claimers      = 16
	claimDepth    = dearPackets / claimers // claims that an account has waiting
	sendDepth     = 25                     // sends of 12 kB: together more than a mempool
	lanes         = 80
	bucket        = 256 // txs that a new account may have at once, one of which hands its yuan on
	poorAccounts  = 400
	poorWorkers   = 16
	yuan          = contract.Amount(100)
	loudBytes     = 15_800 // of a failing tx's text
	baitClaims    = 2000
	routeWorkers  = 8
	enemyInterval = 100 * time.Millisecond
)

// tally counts what enemies did.
type tally struct{ taken, refused, asked, answered atomic.Int64 }

func (e *tally) String() string {
	s := fmt.Sprintf("%d txs taken by mempools, %d refused", e.taken.Load(), e.refused.Load())
	if n := e.asked.Load(); n > 0 {
		s += fmt.Sprintf("; check_tx asked %d times, answered %d times", n, e.answered.Load())
	}
	return s
}

// lane is one account's stream of txs.
type lane struct {
	b      *battle
	client *rpc.Client
	key    *btcec.PrivateKey
	make   func(nonce uint64) contract.Message
	depth  uint64 // txs that may wait
	until  contract.Time

	spent  uint64 // the account's nonce when last asked
	next   uint64 // nonce to be sent
	looked time.Time
}

// look asks what was executed. Txs whose nonces are not may have been lost:
// with again they are sent once more.
func (l *lane) look(ctx context.Context, again bool) {
	l.looked = time.Now()
	leaf, _, err := l.client.Account(ctx, contract.AddressOf(l.key))
	if err != nil || leaf == nil {
		return
	}
	l.spent = leaf.Nonce
	if again || l.next < l.spent {
		l.next = l.spent
	}
}

// step sends the next tx, if one may be sent, and says whether a node took it.
func (l *lane) step(ctx context.Context) bool {
	if l.looked.IsZero() || (l.next >= l.spent+l.depth && time.Since(l.looked) > enemyInterval) {
		l.look(ctx, l.looked.IsZero())
	}
	if l.next >= l.spent+l.depth {
		return false
	}
	tx := &contract.Tx{Chain: l.b.net.ChainID, Nonce: l.next, ValidUntil: l.until, Message: l.make(l.next)}
	must(l.b.t, tx.Sign(l.key))
	err := l.client.Broadcast(ctx, tx.Encode())
	if err == nil {
		l.next++
		l.b.enemy.taken.Add(1)
		return true
	}
	l.b.enemy.refused.Add(1)
	if refusedWith(err) == contract.CodeWrongNonce && time.Since(l.looked) > enemyInterval {
		l.look(ctx, true)
	}
	return false
}

// run sends while ctx lasts, up to a nonce.
func (l *lane) run(ctx context.Context, upto uint64) {
	for ctx.Err() == nil && l.spent < upto {
		if l.next >= upto {
			pause(ctx, enemyInterval)
			l.look(ctx, time.Since(l.looked) > 10*enemyInterval)
		} else if !l.step(ctx) {
			pause(ctx, enemyInterval)
		}
	}
}

// forEver is more nonces than a flood has time for.
const forEver = 1 << 40

func (b *battle) lane(i int, key *btcec.PrivateKey, depth uint64, message func(uint64) contract.Message) *lane {
	return &lane{b: b, client: b.foes[i%len(b.foes)], key: key, make: message, depth: depth, until: b.until}
}

// together runs n things at once.
func together(n int, do func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { do(i) })
	}
	all.Wait()
}

// dearTerms are legal and cost as much to read as terms of one fen may: 130
// names and two clauses of 32 keys.
func dearTerms() contract.Terms {
	names := func(from, n int) (c contract.Named) {
		for i := range n {
			c.Claimers = append(c.Claimers, contract.AddressOf(enemyKey(1000+from+i)))
		}
		return c
	}
	var keys []contract.Cond
	for i := range 16 {
		keys = append(keys, contract.Key{Address: contract.AddressOf(enemyKey(2000 + i%8))})
	}
	fat := contract.Clause{Target: contract.Rest, Reasons: []contract.Reason{},
		When: contract.Rule{Cond: contract.Any{contract.Any(keys), contract.Any(keys)}}}
	return contract.Terms{Total: 1, Shares: 1, Split: contract.Equal, Expiry: 3600,
		Claim:   contract.Rule{Cond: contract.Any{names(0, 100), names(100, 30)}},
		Clauses: []contract.Clause{fat}}
}

// makeDearPackets sends them at leisure: it is no part of the flood.
func (b *battle) makeDearPackets() {
	terms := dearTerms()
	b.dearHash = terms.Hash(b.net.ChainID)
	b.until = b.now().Plus(9 * 60)
	ctx, cancel := context.WithTimeout(b.t.Context(), 8*time.Minute)
	defer cancel()
	begin := time.Now()
	send := &contract.Send{Terms: terms}
	together(enemyAccounts, func(i int) {
		l := b.lane(i, enemyKey(i), 4, func(uint64) contract.Message { return send })
		l.run(ctx, dearPerMaker)
	})
	if ctx.Err() != nil {
		b.t.Fatalf("%d dear packets do not stand after %s", dearPackets, time.Since(begin))
	}
	for i := range enemyAccounts {
		for nonce := range uint64(dearPerMaker) {
			b.dear = append(b.dear, contract.NewPacketID(b.net.ChainID, contract.AddressOf(enemyKey(i)), nonce))
		}
	}
	b.t.Logf("%d dear packets stand after %s", len(b.dear), time.Since(begin).Round(time.Second))
	b.enemy = tally{}
}

// claimDearPackets has each account claim its share of the packets, which name
// others: every claim fails, if it ever has its turn.
func (b *battle) claimDearPackets(ctx context.Context) {
	together(claimers, func(i int) {
		l := b.lane(i, enemyKey(i), claimDepth, func(nonce uint64) contract.Message {
			at := uint64(i)*claimDepth + nonce%claimDepth
			return &contract.Claim{Packet: b.dear[at], TermsHash: b.dearHash}
		})
		l.run(ctx, forEver)
	})
}

func (b *battle) sendDearPackets(ctx context.Context) {
	send := &contract.Send{Terms: dearTerms()}
	together(enemyAccounts, func(i int) {
		b.lane(i, enemyKey(i), sendDepth, func(uint64) contract.Message { return send }).run(ctx, forEver)
	})
}

// give hands a yuan each to new accounts.
func (b *battle) give(n int) (keys []*btcec.PrivateKey) {
	for range n {
		key, err := btcec.NewPrivateKey()
		must(b.t, err)
		keys = append(keys, key)
	}
	b.until = b.now().Plus(9 * 60)
	ctx, cancel := context.WithTimeout(b.t.Context(), 2*time.Minute)
	defer cancel()
	each := (n + enemyAccounts - 1) / enemyAccounts
	together(enemyAccounts, func(i int) {
		mine := keys[min(i*each, n):min((i+1)*each, n)]
		l := b.lane(i, enemyKey(i), 8, func(nonce uint64) contract.Message {
			return &contract.Pay{To: contract.AddressOf(mine[nonce]), Amount: yuan}
		})
		l.run(ctx, uint64(len(mine)))
	})
	if ctx.Err() != nil {
		b.t.Fatalf("%d accounts have no yuan yet", n)
	}
	b.enemy = tally{}
	return keys
}

func (b *battle) makeLanes() { b.keys = b.give(lanes) }
func (b *battle) makePoor()  { b.keys = b.give(poorAccounts) }

// runLanes has each yuan go from account to account. Each new account fails as
// often as its bucket allows before it hands the yuan on.
func (b *battle) runLanes(ctx context.Context) {
	together(lanes, func(i int) {
		for key := b.keys[i]; ctx.Err() == nil; {
			next, err := btcec.NewPrivateKey()
			must(b.t, err)
			start := uint64(1) // an account made by a payment begins there
			l := b.lane(i, key, bucket, func(nonce uint64) contract.Message {
				if nonce == start+bucket-1 {
					return &contract.Pay{To: contract.AddressOf(next), Amount: yuan}
				}
				return &contract.Return{Packet: contract.PacketID(contract.TaggedHash("nowhere", []byte{byte(nonce)})),
					Share: 1}
			})
			l.run(ctx, start+bucket)
			key = next
		}
	})
}

// failLoudly has each poor account fail with as many bytes as a tx may have.
func (b *battle) failLoudly(ctx context.Context) {
	text := make([]byte, loudBytes*3/4)
	rand.Read(text)
	scene := base64.StdEncoding.EncodeToString(text) // disks cannot compress it away
	send := &contract.Send{Terms: contract.Terms{Total: 1, Shares: 1, Split: contract.Equal, Expiry: 60,
		Claim: contract.Rule{Cond: contract.Always{}}, Clauses: []contract.Clause{}, Scene: scene}}
	together(poorWorkers, func(w int) {
		var mine []*lane
		for i := w; i < len(b.keys); i += poorWorkers {
			mine = append(mine, b.lane(i, b.keys[i], bucket, func(uint64) contract.Message { return send }))
		}
		for ctx.Err() == nil {
			took := false
			for _, l := range mine {
				for range 4 {
					if ctx.Err() != nil || !l.step(ctx) {
						break
					}
					took = true
				}
			}
			if !took {
				pause(ctx, enemyInterval)
			}
		}
	})
}

// evict hands every tx that waits in sight to every node's check_tx.
func (b *battle) evict(ctx context.Context) {
	together(routeWorkers, func(i int) {
		for n := i; ctx.Err() == nil; n++ {
			from := b.net.Nodes[n%len(b.net.Nodes)].RPCURL()
			var waiting struct {
				Txs [][]byte `json:"txs"`
			}
			if err := b.get(ctx, from+"/unconfirmed_txs?limit=100", &waiting); err != nil {
				pause(ctx, enemyInterval)
				continue
			}
			for _, wire := range waiting.Txs {
				for _, m := range b.net.Nodes {
					b.checkTx(ctx, m.RPCURL(), wire)
				}
			}
			if len(waiting.Txs) == 0 {
				pause(ctx, 2*time.Millisecond)
			}
		}
	})
}

// makeBait signs first claims of a public packet, each by a key made up for it.
func (b *battle) makeBait() {
	until := b.now().Plus(9 * 60)
	for range baitClaims {
		key, err := btcec.NewPrivateKey()
		must(b.t, err)
		tx := &contract.Tx{Chain: b.net.ChainID, ValidUntil: until,
			Message: &contract.Claim{Packet: b.public, TermsHash: b.publicHash}}
		must(b.t, tx.Sign(key))
		b.bait = append(b.bait, tx.Encode())
	}
}

func (b *battle) claimByRoute(ctx context.Context) {
	together(routeWorkers, func(i int) {
		for n := i; ctx.Err() == nil; n += routeWorkers {
			for _, m := range b.net.Nodes {
				b.checkTx(ctx, m.RPCURL(), b.bait[n%len(b.bait)])
			}
		}
	})
}

// checkTx asks the route that changes the mempool's books, where it is served.
func (b *battle) checkTx(ctx context.Context, node string, wire []byte) {
	b.enemy.asked.Add(1)
	if err := b.get(ctx, node+"/check_tx?tx=0x"+hex.EncodeToString(wire), nil); err == nil {
		b.enemy.answered.Add(1)
	}
}

// strangers' requests share connections, or the machine would do little else.
var strangers = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: routeWorkers}}

// get asks a node as a stranger with nothing but HTTP does.
func (b *battle) get(ctx context.Context, url string, result any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := strangers.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	answer := struct {
		Result any             `json:"result"`
		Error  json.RawMessage `json:"error"`
	}{Result: result}
	if err := json.Unmarshal(body, &answer); err != nil {
		return err
	}
	if answer.Error != nil {
		return errors.New(string(answer.Error))
	}
	return nil
}
