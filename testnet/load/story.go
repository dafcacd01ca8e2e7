package load

import (
	"fmt"
	"slices"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"

	"hongbao/contract"
)

// Mix is what traffic is made of.
type Mix string

// The mixes.
const (
	Pay   Mix = "pay"   // payments
	Grab  Mix = "grab"  // a packet of a hundred shares, claimed at once
	Mixed Mix = "mixed" // packets as people send them: see decks
	// Varied is Mixed, and as much again by list and for crowds: the large packets.
	Varied Mix = "varied"
	// Campaign is one public packet with a share for each transaction, claimed by as many
	// newcomers: see campaign.go.
	Campaign Mix = "campaign"
)

// MixNames are the names of the mixes, in order.
func MixNames() []string {
	names := []string{string(Campaign)}
	for m := range decks {
		names = append(names, string(m))
	}
	slices.Sort(names)
	return names
}

// tale is the outline of a story: a packet of a scene, and what becomes of it.
type tale struct {
	scene  string // empty: no packet, but a payment of each to the next
	split  contract.Split
	by     audience
	shares int
	claims int // so many of the shares are claimed
	end    ending
}

// audience is who may claim.
type audience int

const (
	public audience = iota // every account: a packet in a group
	link                   // who has the link: its key signs each claimer
	named                  // the one claimer
	listed                 // an entry of a list for each
)

// ending is what happens when the shares are claimed.
type ending int

const (
	kept      ending = iota // nothing
	recalled                // the sender recalls the rest
	returned                // the first claimer gives the share back
	reclaimed               // two arbiters recall the first share, if it is held, or the rest
)

// timesTold is a tale, and how often it is told.
type timesTold struct {
	times int
	tale  tale
}

// crowd is more shares than a packet holds in its own leaf.
const crowd = contract.MaxShares + 1

// decks say how often each tale is told. Mixed has the scenes in the
// proportions in which people are said to send packets: 68 among friends, 25 at
// work, 7 to strangers and by transfer; and of a few something goes back. How
// many come by link, and how many are recalled, is ours.
var decks = map[Mix][]timesTold{
	Pay:   {{1, tale{}}},
	Grab:  {{1, tale{"workgroup", contract.Equal, public, contract.MaxShares, contract.MaxShares, kept}}},
	Mixed: mixed,
	Varied: slices.Concat(mixed, []timesTold{
		{4, tale{"enterprise", contract.ByList, listed, 4, 4, kept}},
		{2, tale{"enterprise", contract.ByList, listed, 4, 1, reclaimed}},
		{2, tale{"workgroup", contract.ByList, listed, 4, 2, recalled}},
		{2, tale{"workgroup", contract.ByList, listed, 4, 4, returned}},
		{2, tale{"stranger", contract.ByList, listed, 2, 1, reclaimed}},
		{4, tale{"rain", contract.Lucky, public, crowd, 4, kept}},
		{2, tale{"friends", contract.Lucky, public, crowd, 3, recalled}},
		{2, tale{"workgroup", contract.Equal, public, crowd, 4, returned}},
	}),
}

var mixed = []timesTold{
	{8, tale{"friends", contract.Lucky, public, 4, 4, kept}},
	{4, tale{"friends", contract.Lucky, link, 4, 4, kept}},
	{2, tale{"friends", contract.Lucky, public, 5, 2, recalled}},
	{3, tale{"workgroup", contract.Equal, public, 4, 4, kept}},
	{1, tale{"workgroup", contract.Equal, public, 4, 4, returned}},
	{1, tale{"workgroup", contract.Equal, public, 4, 0, recalled}},
	{1, tale{"stranger", contract.Equal, link, 1, 1, reclaimed}},
	{1, tale{"transfer-72h", contract.Equal, named, 1, 1, returned}},
}

// plainScenes stand in for those with clauses, where a run is of plain packets.
const plainScene = "wechat"

const (
	castSize    = 5 // a sender, its claimers, and among them who is an arbiter
	shareAmount = contract.Amount(2)
	payAmount   = contract.Amount(1)

	// smallGrant and largeGrant are what an account starts with, in fen: five minutes' worth
	// of stories. What a crowd left of its packet comes back when that expires.
	smallGrant = contract.Amount(1000)
	largeGrant = contract.Amount(5000)

	validFor = 9 * time.Minute // under the ledger's 10, with room for clocks
)

// grant is what an account starts with.
func (m Mix) grant() contract.Amount {
	if m == Varied {
		return largeGrant
	}
	return smallGrant
}

// castSize is how many accounts a lane of the mix has.
func (m Mix) castSize() int {
	if m == Grab {
		return 1 + contract.MaxShares
	}
	return castSize
}

// tales are the mix's deck, each tale as often as it is told, spread out: two of
// a kind stand apart.
func (m Mix) tales() (list []tale) {
	var at []float64
	for _, row := range decks[m] {
		for i := range row.times {
			pos := (float64(i) + 0.5) / float64(row.times)
			k, _ := slices.BinarySearch(at, pos)
			at, list = slices.Insert(at, k, pos), slices.Insert(list, k, row.tale)
		}
	}
	return list
}

// account signs for one key and counts its nonces.
type account struct {
	key   *btcec.PrivateKey
	addr  contract.Address
	nonce uint64
}

// newAccount derives account i from a run's seed.
func newAccount(seed contract.Hash, i int) *account {
	secret := contract.TaggedHash(contract.TagDevKey, seed[:], fmt.Appendf(nil, "load %d", i))
	key, _ := btcec.PrivKeyFromBytes(secret[:])
	return &account{key: key, addr: contract.AddressOf(key)}
}

// tx is one transaction of a story.
type tx struct {
	by      *account
	nonce   uint64
	message contract.Message
	ready   func() error // fills in what other keys sign; nil: nothing
	due     time.Duration

	wire []byte
	hash contract.Hash
}

// sign makes the wire form.
func (t *tx) sign(chain string, validUntil contract.Time) error {
	if t.ready != nil {
		if err := t.ready(); err != nil {
			return err
		}
	}
	c := &contract.Tx{Chain: chain, Nonce: t.nonce, ValidUntil: validUntil, Message: t.message}
	if err := c.Sign(t.by.key); err != nil {
		return err
	}
	t.wire = c.Encode()
	t.hash = contract.TxHash(t.wire)
	return nil
}

// story is steps; the txs of a step go out together.
type story [][]*tx

// next begins a step.
func (s *story) next() { *s = append(*s, nil) }

// add adds a tx to the last step.
func (s *story) add(by *account, m contract.Message) *tx {
	t := &tx{by: by, nonce: by.nonce, message: m}
	by.nonce++
	last := len(*s) - 1
	(*s)[last] = append((*s)[last], t)
	return t
}

// told is the tale as a story of a cast, whose first account sends.
type told struct {
	tale
	chain      string
	validUntil contract.Time // of signatures inside messages
	cast       []*account
	key        *btcec.PrivateKey // the link's
	list       *entryList        // nil: there is none
}

// story tells the tale. plain leaves out clauses and what they allow.
func (t *told) story(plain bool) (s story, err error) {
	if t.scene == "" {
		s.next()
		for i, a := range t.cast {
			s.add(a, &contract.Pay{To: t.cast[(i+1)%len(t.cast)].addr, Amount: payAmount})
		}
		return s, nil
	}
	sender := t.cast[0]
	terms, err := t.terms(plain)
	if err != nil {
		return nil, err
	}
	id := contract.NewPacketID(t.chain, sender.addr, sender.nonce)
	s.next()
	s.add(sender, &contract.Send{Terms: *terms})
	accepted := terms.Hash(t.chain)
	for i, a := range t.cast[1 : 1+t.claims] {
		if i == 0 || i == 1 && t.end == returned { // whose share is number 1 has to be known
			s.next()
		}
		t.claim(&s, a, i, &contract.Claim{Packet: id, TermsHash: accepted})
	}
	switch {
	case t.end == returned:
		s.next()
		s.add(t.cast[1], &contract.Return{Packet: id, Share: 1})
	case t.end == recalled && !plain:
		s.next()
		s.add(sender, &contract.Recall{Packet: id, Clause: 1, Reason: "AM09", Consents: []contract.Consent{}})
	case t.end == reclaimed && !plain:
		s.next()
		t.reclaim(&s, id, terms)
	}
	return s, nil
}

// claim has claimer i, from 0, claim.
func (t *told) claim(s *story, by *account, i int, m *contract.Claim) {
	claim := s.add(by, m)
	key, chain := t.key, t.chain
	if t.list != nil {
		m.Listing, key = t.list.entry(i)
	}
	if key == nil {
		return
	}
	claim.ready = func() error {
		signature, err := contract.SignDigest(key, contract.LinkDigest(chain, m.Packet, by.addr))
		m.Link = &signature
		return err
	}
}

// reclaim has one arbiter recall the first share, or the rest, with the consent of another.
func (t *told) reclaim(s *story, id contract.PacketID, terms *contract.Terms) {
	arbiters := t.arbiters()
	p := &contract.Packet{ID: id, Sender: t.cast[0].addr,
		Shares: []contract.Share{{Claimer: t.cast[1].addr, Amount: shareAmount}}}
	m := &contract.Recall{Packet: id, Clause: 1, Share: 1, Reason: "FRAD"}
	if terms.Clauses[0].Target == contract.Rest {
		m.Share, m.Reason = 0, "DUPL"
	}
	chain, until := t.chain, t.validUntil
	s.add(arbiters[0], m).ready = func() error {
		digest := contract.ConsentDigest(chain, p, &terms.Clauses[0], m.Share, m.Reason, until)
		signature, err := contract.SignDigest(arbiters[1].key, digest)
		m.Consents = []contract.Consent{{Account: arbiters[1].addr, ValidUntil: until, Signature: signature}}
		return err
	}
}

func (t *told) arbiters() []*account { return t.cast[2:5] }

// terms are the packet's.
func (t *told) terms(plain bool) (*contract.Terms, error) {
	name := t.scene
	if plain {
		name = plainScene
	}
	scene, err := contract.SceneNamed(name)
	if err != nil {
		return nil, err
	}
	var roles []contract.Address
	for i := range scene.Roles {
		roles = append(roles, t.arbiters()[i].addr)
	}
	clauses, err := scene.ClausesFor(roles)
	if err != nil {
		return nil, err
	}
	terms := &contract.Terms{
		Total: contract.Amount(t.shares) * shareAmount, Shares: uint32(t.shares), Split: t.split,
		Clauses: clauses, Hold: scene.Hold, Expiry: scene.Expiry, Scene: name,
	}
	switch t.by {
	case public:
		terms.Claim = contract.Rule{Cond: contract.Always{}}
	case named:
		terms.Claim = contract.Rule{Cond: contract.Named{Claimers: []contract.Address{t.cast[1].addr}}}
	case link:
		t.key = linkKey(t.cast[0], 0)
		pub := [32]byte(contract.AddressOf(t.key))
		terms.Claim, terms.LinkKey = contract.Rule{Cond: contract.Link{}}, &pub
	case listed:
		if t.list, err = newEntryList(t.cast[0], t.cast[1:1+t.shares]); err != nil {
			return nil, err
		}
		terms.Total = t.list.tree.Total()
		terms.Claim = contract.Rule{Cond: contract.Listed{Root: t.list.tree.Root()}}
	}
	return terms, nil
}
