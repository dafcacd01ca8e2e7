package client

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"hongbao/client/wallet"
	"hongbao/contract"
)

// acted is a file for the page's tests: terms and consent files of this package, which the
// page has to make again, byte for byte.
var acted = flag.String("acted", "", "write terms and consents to this file, for client/web/page/run-tests")

// offerVector is what a person chooses, and the terms that follow. Bytes are in hex.
type offerVector struct {
	Total  string   `json:"total"`
	Shares uint32   `json:"shares"`
	Lucky  bool     `json:"lucky"`
	Scene  string   `json:"scene"`
	To     []string `json:"to"`
	Roles  []string `json:"roles"`
	Memo   string   `json:"memo"`
	Salt   string   `json:"salt"`
	Link   string   `json:"link"` // the link's secret; empty: there is no link
	Terms  string   `json:"terms"`
}

// approvedVector is a consent file, and what it was made of.
type approvedVector struct {
	Chain  string `json:"chain"`
	ID     string `json:"id"`
	Packet string `json:"packet"` // its leaf
	Secret string `json:"secret"`
	Share  uint32 `json:"share"`
	Reason string `json:"reason"`
	Now    string `json:"now"`
	File   string `json:"file"`
}

// The page offers and approves what the command line does: client/web/page/run-tests reads
// the file.
func TestVectorsForThePage(t *testing.T) {
	const chain, now = "hongbao-test-1", contract.Time(1_771_340_400_123_456_789)
	var out struct {
		Offers   []offerVector    `json:"offers"`
		Consents []approvedVector `json:"consents"`
	}
	people := make([]contract.Address, len(wallet.DevNames))
	for i, name := range wallet.DevNames {
		people[i] = contract.AddressOf(wallet.DevKey(name))
	}
	for i, s := range contract.Scenes() {
		for variant := range 4 {
			holders := people[5 : 5+len(s.Roles)]
			p := Packet{Total: contract.Amount(6 * (i + 1)), Shares: 3, Lucky: variant%2 == 1, Scene: s.Name,
				Hold: s.Hold, Expiry: s.Expiry}
			switch {
			case s.Claimers == contract.Everyone:
				p.Public, p.Lucky = true, true
			case s.Claimers == contract.OneClaimer:
				p.Shares, p.To = 1, people[1:2]
			case s.Claimers == contract.ListedPeople || variant > 1:
				p.To = people[1:4]
			}
			if variant == 0 {
				p.Memo = "恭喜发财 & <good luck>"
			}
			var err error
			if p.Clauses, err = s.ClausesFor(holders); err != nil {
				t.Fatal(err)
			}
			terms, link, err := p.terms()
			if err != nil {
				t.Fatal(err)
			}
			if err := contract.CheckTerms(terms, people[0], now); err != nil {
				t.Fatalf("%s: %v", s.Name, err)
			}
			v := offerVector{Total: fmt.Sprint(uint64(p.Total)), Shares: terms.Shares, Lucky: p.Lucky, Scene: s.Name,
				To: inHex(p.To), Roles: inHex(holders), Memo: p.Memo, Terms: hex.EncodeToString(contract.Encode(terms))}
			if link.Memo != nil {
				v.Salt = hex.EncodeToString(link.Memo.Salt[:])
			}
			if link.Key != nil {
				v.Link = hex.EncodeToString(link.Key.Serialize())
			}
			out.Offers = append(out.Offers, v)
			if len(holders) > 0 {
				out.Consents = append(out.Consents, approved(t, chain, now, terms, people[0], people[1])...)
			}
		}
	}
	if len(out.Consents) == 0 {
		t.Error("no consent is compared")
	}
	if *acted == "" {
		return
	}
	b, err := json.Marshal(out)
	if err == nil {
		err = os.WriteFile(*acted, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// approved are consents of a role's holder to a recall from a packet of these terms: of its
// rest and, where shares are held, of one.
func approved(t *testing.T, chain string, now contract.Time, terms *contract.Terms, sender, claimer contract.Address,
) (list []approvedVector) {
	id := contract.PacketID{1, 2, 3}
	created, claimed := now-contract.Time(time.Minute), now-contract.Time(30*time.Second)
	p := &contract.Packet{ID: id, Sender: sender, Terms: *terms, Created: created, Expires: created.Plus(terms.Expiry),
		Status: contract.Open, Escrow: terms.Total, Shares: []contract.Share{}, Tightened: []contract.Tightening{}}
	holder := wallet.DevNames[5]
	account, err := wallet.Open(t.TempDir()).Account(holder)
	if err != nil {
		t.Fatal(err)
	}
	share := uint32(0)
	if terms.Hold > 0 {
		amount := terms.Total / contract.Amount(terms.Shares)
		p.Shares = append(p.Shares, contract.Share{Claimer: claimer, Amount: amount, State: contract.Held,
			ClaimedAt: claimed})
		p.Escrow -= amount
		share = 1
	}
	for _, reason := range p.InForce()[0].Reasons {
		a, err := (&Consent{Share: share, Reason: reason}).On(p, account.Address, now, now)
		if err != nil {
			t.Fatal(err)
		}
		file, err := a.Sign(chain, account)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.MarshalIndent(file, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, approvedVector{Chain: chain, ID: hex.EncodeToString(id[:]), Secret: hex.EncodeToString(
			wallet.DevKey(holder).Serialize()), Packet: hex.EncodeToString(contract.Encode(p)), Share: share,
			Reason: string(reason), Now: fmt.Sprint(int64(now)), File: string(text) + "\n"})
	}
	return list
}

func inHex(list []contract.Address) []string {
	out := []string{}
	for _, a := range list {
		out = append(out, hex.EncodeToString(a[:]))
	}
	return out
}
