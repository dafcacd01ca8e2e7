package chaos

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"hongbao/client"
	"hongbao/client/audit"
	"hongbao/client/wallet"
	"hongbao/contract"
)

const (
	// peaceFor is how long honest people are watched before a storm.
	peaceFor = 10 * time.Second
	// stormSlower is by how much a storm may slow down honest people. The strangers and
	// the four validators share one machine here, so that what is slower is reported as
	// late and breaks nothing by itself; stormFree is never too late.
	stormSlower, stormFree = 2, 2 * time.Second
	// stormBytes is what a storm may have a node hold: 900 connections, each of which
	// sends a request of 256 kB with headers of 64 kB, and as much again before Go
	// collects it.
	stormBytes = 600 << 20
)

// strange is what strangers do to a network until ctx ends. They say how much that was.
type strange func(context.Context, *bout) (did string, err error)

// storm has strangers do something, and compares how honest people fare meanwhile with
// how they fared before.
func storm(attack strange) do {
	return func(ctx context.Context, b *bout) error {
		peace := b.journal.mark()
		if err := sleep(ctx, peaceFor); err != nil {
			return err
		}
		before := b.largest()
		war := b.journal.mark()
		d := b.long(10*time.Second, 30*time.Second)
		storming, calm := context.WithTimeout(ctx, d)
		defer calm()
		did, failed := "", make(chan error, 1)
		go func() {
			var err error
			did, err = attack(storming, b)
			failed <- err
		}()
		most := before
		for storming.Err() == nil {
			_ = sleep(storming, peaceFor/10)
			most = max(most, b.largest())
		}
		err := <-failed
		over := b.journal.mark()
		b.heal()
		if ctx.Err() != nil || err != nil {
			return firstOf([]error{ctx.Err(), err})
		}
		was, is := b.journal.percentile(99, peace, war), b.journal.percentile(99, war, over)
		b.row.figure("%s; honest p99 %.1f s before, %.1f s meanwhile (%d and %d transactions); the largest node holds "+
			"%d MB, %d MB at most", did, was.Seconds(), is.Seconds(), war-peace, over-war, before>>20, most>>20)
		if over == war {
			b.row.broke("L", "no honest transaction in %s of %s", d, did)
		}
		if is > max(stormSlower*was, stormFree) {
			b.row.late("L", "honest people waited %.1f s, and before %.1f s", is.Seconds(), was.Seconds())
		}
		if most-before > stormBytes {
			b.row.broke("A", "a node holds %d MB, and %d MB before", most>>20, before>>20)
		}
		return nil
	}
}

// largest is how many bytes of memory the largest of the nodes' processes holds; 0 where
// the system does not tell.
func (a *arena) largest() (bytes int64) {
	for _, m := range a.net.Nodes {
		statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", a.net.PID(m.Number)))
		if fields := bytesFields(statm); err == nil && len(fields) > 1 {
			pages, _ := strconv.ParseInt(fields[1], 10, 64)
			bytes = max(bytes, pages*int64(os.Getpagesize()))
		}
	}
	return bytes
}

func bytesFields(b []byte) (list []string) {
	for _, f := range bytes.Fields(b) {
		list = append(list, string(f))
	}
	return list
}

// open opens connections to a port until ctx ends or there are count of them, and
// returns those that it got.
func open(ctx context.Context, host string, port, count int) (list []net.Conn) {
	for range count {
		c, err := (&net.Dialer{Timeout: calm}).DialContext(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err != nil {
			return list // the node takes no more
		}
		list = append(list, c)
	}
	return list
}

func closeAll(list []net.Conn) {
	for _, c := range list {
		c.Close()
	}
}

// idle opens connections, and says nothing: to each node's RPC more than it takes, and
// to its port for peers more than it has places for strangers.
func idle(ctx context.Context, b *bout) (did string, err error) {
	var all []net.Conn
	defer func() { closeAll(all) }()
	for _, m := range b.net.Nodes {
		all = append(all, open(ctx, m.Host, m.RPC, idleRPC)...)
		all = append(all, open(ctx, m.Host, m.P2P, idlePeers)...)
	}
	<-ctx.Done()
	return fmt.Sprintf("%d connections", len(all)), nil
}

// drip sends one node's RPC requests that never end: a byte of a header a second, over
// as many connections as it takes. Where it hangs up another is opened.
func drip(ctx context.Context, b *bout) (did string, err error) {
	m := b.net.Nodes[b.victim()-1]
	var again, dripping atomic.Int64
	var wg sync.WaitGroup
	for range idleRPC {
		wg.Go(func() {
			for ; ctx.Err() == nil; again.Add(1) {
				list := open(ctx, m.Host, m.RPC, 1)
				if len(list) == 0 {
					return
				}
				dripping.Add(1)
				_, err := list[0].Write([]byte("GET /status HTTP/1.1\r\nX: "))
				for err == nil && sleep(ctx, time.Second) == nil {
					_, err = list[0].Write([]byte("x"))
				}
				closeAll(list)
			}
		})
	}
	wg.Wait()
	return fmt.Sprintf("%d slow requests, %d of them cut off", dripping.Load(), max(0, again.Load()-idleRPC)), nil
}

// subscribers are more websockets than a node takes subscribers (20).
const subscribers = 150

// subscribe has strangers subscribe at every node to every transaction and every block,
// and read nothing of it.
func subscribe(ctx context.Context, b *bout) (did string, err error) {
	var all []net.Conn
	defer func() { closeAll(all) }()
	taken := 0
	for _, m := range b.net.Nodes {
		list := open(ctx, m.Host, m.RPC, subscribers)
		all = append(all, list...)
		for _, c := range list {
			if subscribeOver(c, m.Host, "tm.event='Tx'", "tm.event='NewBlock'", "tm.event='Vote'") == nil {
				taken++
			}
		}
	}
	<-ctx.Done()
	return fmt.Sprintf("%d websockets with three subscriptions each", taken), nil
}

// subscribeOver makes a websocket of a connection, and asks for events.
func subscribeOver(c net.Conn, host string, queries ...string) error {
	_ = c.SetDeadline(time.Now().Add(calm))
	_, err := fmt.Fprintf(c, "GET /websocket HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", host)
	if err != nil {
		return err
	}
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusSwitchingProtocols {
		return fmt.Errorf("websocket: %s", answer.Status)
	}
	for i, q := range queries {
		text := fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"subscribe","params":{"query":"%s"}}`, i, q)
		// One text frame, of less than 126 bytes, masked with zeros.
		if _, err := c.Write(append([]byte{0x81, 0x80 | byte(len(text)), 0, 0, 0, 0}, text...)); err != nil {
			return err
		}
	}
	return nil
}

// askers is how many ask for proofs at once.
const askers = 16

// ask has strangers ask for the proofs of packets' whole histories, as fast as they are
// answered.
func ask(ctx context.Context, b *bout) (did string, err error) {
	var subjects []client.Subject
	for id, l := range b.lives.All() {
		kind := audit.KindPacket
		if l.Terms.Large() {
			kind = audit.KindLargePacket
		}
		subjects = append(subjects, client.Subject{Kind: kind, Packet: id})
	}
	var answered, refused atomic.Int64
	var wg sync.WaitGroup
	for i := range askers {
		c, err := client.Dial(ctx, b.net.Nodes[i%validators].RPCURL(), client.Options{})
		if err != nil {
			return "", err
		}
		defer c.Close()
		wg.Go(func() {
			for n := i; ctx.Err() == nil; n += askers {
				s := client.Subject{Kind: audit.KindSupply}
				if len(subjects) > 0 {
					s = subjects[n%len(subjects)]
				}
				if _, err := c.Prove(ctx, s); err == nil {
					answered.Add(1)
				} else if ctx.Err() == nil {
					refused.Add(1)
				}
			}
		})
	}
	wg.Wait()
	return fmt.Sprintf("%d proofs answered, %d refused", answered.Load(), refused.Load()), nil
}

// flooding is how many payments one account signs, far more than it may have waiting.
const flooding = 100_000

// flood has one account with money offer payments to all nodes, each once, as fast as
// they are answered.
func flood(ctx context.Context, b *bout) (did string, err error) {
	key := wallet.DevKey(b.net.Accounts[len(b.net.Accounts)-1].Name)
	to := contract.AddressOf(wallet.DevKey(b.net.Accounts[0].Name))
	leaf, at, err := b.clients[0].Account(ctx, contract.AddressOf(key))
	if err != nil {
		return "", err
	}
	var next, taken, refused atomic.Int64
	var wg sync.WaitGroup
	for i := range askers {
		c := b.clients[i%validators]
		wg.Go(func() {
			for ctx.Err() == nil {
				n := next.Add(1) - 1
				if n >= flooding {
					return
				}
				tx := &contract.Tx{Chain: b.chain, Nonce: leaf.Nonce + uint64(n), ValidUntil: at.Time.Plus(300),
					Message: &contract.Pay{To: to, Amount: 1}}
				if tx.Sign(key) != nil {
					return
				}
				wire := tx.Encode()
				fmt.Fprintf(b.journal, "sent %s\n", contract.TxHash(wire))
				if c.Broadcast(ctx, wire) == nil {
					taken.Add(1)
				} else if ctx.Err() == nil {
					refused.Add(1)
				}
			}
		})
	}
	wg.Wait()
	return fmt.Sprintf("%d payments of one account taken, %d refused", taken.Load(), refused.Load()), nil
}
