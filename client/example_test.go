package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"hongbao/client"
	"hongbao/client/audit"
	"hongbao/client/files"
	"hongbao/client/wallet"
	"hongbao/contract"
)

// dial is a client of a test network, and two of its accounts.
func dial(o client.Options) (c *client.Client, alice, bob *wallet.Account) {
	c, err := client.Dial(context.Background(), nodeURL, o)
	if err != nil {
		log.Fatal(err)
	}
	keys := wallet.Open(home)
	alice, errA := keys.Account("alice")
	bob, errB := keys.Account("bob")
	if err := errors.Join(errA, errB); err != nil {
		log.Fatal(err)
	}
	return c, alice, bob
}

func Example() {
	ctx := context.Background()
	c, alice, bob := dial(client.Options{})
	defer c.Close()

	sent, err := c.As(alice).Send(ctx, client.Packet{Total: 8800, Shares: 4, Memo: "恭喜发财"})
	if err != nil {
		log.Fatal(err)
	}
	// The link goes to bob, who reads what he will sign before he claims.
	link, err := files.ParseLink(sent.Link.String())
	if err != nil {
		log.Fatal(err)
	}
	offer, err := c.Offer(ctx, link)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(offer.Link.Memo.Text, offer.Packet.Terms.Total.Yuan(), "in", offer.Packet.Terms.Shares)
	claimed, err := c.As(bob).Claim(ctx, offer)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("share", claimed.Share, claimed.Amount.Yuan())
	// Output:
	// 恭喜发财 ¥88.00 in 4
	// share 1 ¥22.00
}

// A refusal says why, and when the same may succeed.
func ExampleRefused() {
	ctx := context.Background()
	c, alice, bob := dial(client.Options{})
	defer c.Close()
	opens := time.Now().Add(time.Hour)
	sent, err := c.As(alice).Send(ctx, client.Packet{Total: 100, Opens: contract.TimeOf(opens)})
	if err != nil {
		log.Fatal(err)
	}
	offer, err := c.Offer(ctx, sent.Link)
	if err != nil {
		log.Fatal(err)
	}
	_, err = c.As(bob).Claim(ctx, offer)
	var refused *client.Refused
	if errors.As(err, &refused) {
		wait := refused.RetryAt.Std().Sub(opens)
		fmt.Println(refused.Code, 0 <= wait && wait < time.Second)
	}
	// Output: window_not_open true
}

func ExampleSigner_Send() {
	c, alice, _ := dial(client.Options{})
	defer c.Close()
	clause, err := contract.ParseClause("rest when all(sender,within(2m))")
	if err != nil {
		log.Fatal(err)
	}
	sent, err := c.As(alice).Send(context.Background(), client.Packet{
		Total: 8800, Shares: 8, Clauses: []contract.Clause{clause},
		Keep: func(s *client.Sent) error {
			link := s.Link.String() // to be written down: the bytes leave next
			fmt.Println(link[:len("hongbao:claim?")], strings.Contains(link, "#k="))
			return nil
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	recallable := sent.Packet.RecallableUntil().Std().Sub(sent.Packet.Created.Std())
	fmt.Println(sent.Terms.Total.Yuan(), "recallable for", recallable)
	// Output:
	// hongbao:claim? true
	// ¥88.00 recallable for 2m0s
}

func ExampleSigner_Recall() {
	ctx := context.Background()
	c, alice, bob := dial(client.Options{})
	defer c.Close()
	clause, err := contract.ParseClause("rest when all(sender,within(1h)) for AM09")
	if err != nil {
		log.Fatal(err)
	}
	sent, err := c.As(alice).Send(ctx, client.Packet{Total: 500, Public: true, Clauses: []contract.Clause{clause}})
	if err != nil {
		log.Fatal(err)
	}
	// Bob's signature is not the one that the clause asks for.
	_, err = c.As(bob).Recall(ctx, client.Recall{Packet: sent.ID, Reason: "AM09"})
	var refused *client.Refused
	fmt.Println(errors.As(err, &refused) && refused.Tx == nil, refused.Code)
	moved, err := c.As(alice).Recall(ctx, client.Recall{Packet: sent.ID, Reason: "AM09"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(moved.Amount.Yuan(), "is back")
	// Output:
	// true signature_missing
	// ¥5.00 is back
}

// A proof is checked offline, by a file that says who the validators are.
func ExampleSigner_Consent() {
	ctx := context.Background()
	c, alice, bob := dial(client.Options{})
	defer c.Close()
	clause, err := contract.ParseClause(fmt.Sprintf("rest when all(sender,key(%s))", bob.Address))
	if err != nil {
		log.Fatal(err)
	}
	sent, err := c.As(alice).Send(ctx, client.Packet{Total: 500, Public: true, Clauses: []contract.Clause{clause}})
	if err != nil {
		log.Fatal(err)
	}
	// Bob signs that alice may take it back, and sends her what he signed.
	consent, err := c.As(bob).Consent(ctx, client.Consent{Packet: sent.ID})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("bob signs clause", consent.Clause)
	moved, err := c.As(alice).Recall(ctx, client.Recall{Packet: sent.ID, Consents: []*files.Consent{consent}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(moved.Amount.Yuan(), "is back")
	// Output:
	// bob signs clause 1
	// ¥5.00 is back
}

func ExampleClient_Prove() {
	ctx := context.Background()
	c, alice, _ := dial(client.Options{})
	defer c.Close()
	sent, err := c.As(alice).Send(ctx, client.Packet{Total: 100, Public: true})
	if err != nil {
		log.Fatal(err)
	}
	file, err := c.Prove(ctx, client.Subject{Kind: audit.KindPacket, Packet: sent.ID})
	if err != nil {
		log.Fatal(err)
	}
	proof, err := file.Encode()
	if err != nil {
		log.Fatal(err)
	}
	report := audit.Verify(proof, readTrust(), audit.Options{})
	fmt.Println(report.Verdict, report.Facts.Packet.Status, report.Facts.Packet.Total.Yuan())
	// Output: valid open ¥1.00
}

func readTrust() *audit.Trust {
	f, err := os.Open(trustFile)
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	trust, err := audit.ReadTrust(f)
	if err != nil {
		log.Fatal(err)
	}
	return trust
}

// With a trust file no answer is believed that does not hold.
func ExampleOptions_trust() {
	ctx := context.Background()
	c, alice, bob := dial(client.Options{Trust: readTrust()})
	defer c.Close()
	paid, err := c.As(alice).Pay(ctx, bob.Address, 1)
	if err != nil {
		log.Fatal(err)
	}
	account, at, err := c.Account(ctx, bob.Address)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("proven:", account.Balance > 0, at.Height >= paid.Record.Height)
	// Output: proven: true true
}

func ExampleClient_Watch() {
	ctx := context.Background()
	c, alice, bob := dial(client.Options{})
	defer c.Close()
	sent, err := c.As(alice).Send(ctx, client.Packet{Total: 200, Shares: 2, Public: true})
	if err != nil {
		log.Fatal(err)
	}
	offer, err := c.Offer(ctx, sent.Link)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := c.As(bob).Claim(ctx, offer); err != nil {
		log.Fatal(err)
	}
	for look, err := range c.Watch(ctx, client.Watched{Packet: sent.ID}, 1) {
		if err != nil {
			log.Fatal(err)
		}
		for _, e := range look.Entries {
			fmt.Println(e.Kind, e.Posting.Amount.Yuan())
		}
		break // it would go on
	}
	// Output:
	// send ¥2.00
	// claim ¥1.00
}

func ExampleClient_List() {
	ctx := context.Background()
	c, alice, _ := dial(client.Options{})
	defer c.Close()
	if _, err := c.As(alice).Send(ctx, client.Packet{Total: 777, Public: true}); err != nil {
		log.Fatal(err)
	}
	list, err := c.List(ctx, alice.Address)
	if err != nil {
		log.Fatal(err)
	}
	for p, err := range list.Sent(ctx, nil) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(p.Packet.Terms.Total.Yuan(), p.Packet.Status)
		break // the newest
	}
	// Output: ¥7.77 open
}

// What the ledger would refuse is refused before anything is signed.
func ExampleSigner_Pay() {
	c, alice, bob := dial(client.Options{})
	defer c.Close()
	signer := c.As(alice)
	_, err := signer.Pay(context.Background(), bob.Address, 10_000_000_000)
	var refused *client.Refused
	if errors.As(err, &refused) {
		fmt.Println(refused.Code)
	}
	paid, err := signer.Pay(context.Background(), bob.Address, 100)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("final in a block:", paid.Record.Height > 0)
	// Output:
	// overdraft
	// final in a block: true
}
