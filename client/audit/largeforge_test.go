package audit

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"hongbao/contract"

	ics23 "github.com/cosmos/ics23/go"
)

// draft is a proof about a large packet that all validators sign as it stands: what is
// changed in it has every signature of theirs, and no other account's.
type draft struct {
	t       testing.TB
	name    string
	file    File
	state   map[string][]byte // all leaves; the subject's are leaf
	leaf    any               // *contract.Packet or *contract.ShareLeaf
	key     []byte
	entries []*contract.Entry
	txs     [][]byte
	listing *contract.Listing
	absence []byte // key that is shown to be absent; nil: none
	at      time.Time
	list    *listed
	keeps   bool // the history's head stays what it was
	named   int  // how many entries of the file name their packet, from the first on
	chain   *ledger
}

func newDraft(t testing.TB, s namedStory) *draft {
	w := &witness{TB: t}
	f := s.tell(w)
	l := w.chain
	d := &draft{t: t, name: s.name, file: *f, state: maps.Clone(l.leaves), txs: slices.Clone(f.Txs), chain: l,
		at: l.time.Add(time.Second)}
	sample := &sample{file: f, world: &world{ledger: l}}
	d.key, d.leaf = sample.key(), sample.readLeaf()
	v := &verifier{file: f}
	must(t, v.readSubject())
	for _, b := range f.Entries {
		e := new(contract.Entry)
		must(t, contract.Decode(b, e))
		e.Packet = &v.id
		d.entries = append(d.entries, e)
	}
	d.list = l.lists[v.id]
	if len(f.Listing) > 0 {
		d.listing, d.absence = new(contract.Listing), contract.ShareKey(v.id, v.share)
		must(t, contract.Decode(f.Listing, d.listing))
	}
	return d
}

// copy is a draft for one lie.
func (d *draft) copy() *draft {
	c := *d
	c.state, c.txs, c.entries = maps.Clone(d.state), slices.Clone(d.txs), nil
	for _, e := range d.entries {
		again := new(contract.Entry)
		must(d.t, contract.Decode(contract.Encode(e), again))
		c.entries = append(c.entries, again)
	}
	switch leaf := d.leaf.(type) {
	case *contract.Packet:
		again := &contract.Packet{ID: leaf.ID}
		must(d.t, contract.Decode(contract.Encode(leaf), again))
		c.leaf = again
	case *contract.ShareLeaf:
		again := new(contract.ShareLeaf)
		must(d.t, contract.Decode(contract.Encode(leaf), again))
		c.leaf = again
	}
	if d.listing != nil {
		c.listing = new(contract.Listing)
		must(d.t, contract.Decode(contract.Encode(d.listing), c.listing))
	}
	return &c
}

func (d *draft) packet() *contract.Packet   { p, _ := d.leaf.(*contract.Packet); return p }
func (d *draft) share() *contract.ShareLeaf { s, _ := d.leaf.(*contract.ShareLeaf); return s }

// seal has the validators sign it.
func (d *draft) seal() *File {
	f := d.file
	f.Entries, f.Txs = nil, d.txs
	head := contract.FirstHead(testChain, d.key)
	for i, e := range d.entries {
		head = contract.NextHead(head, e.Hash())
		short := *e
		if i >= d.named && e.Packet != nil && bytes.Equal(contract.PacketKey(*e.Packet), d.key) {
			short.Packet = nil
		}
		f.Entries = append(f.Entries, contract.Encode(&short))
	}
	if p := d.packet(); p != nil && len(d.entries) > 0 && !d.keeps {
		p.History = contract.History{Count: uint64(len(d.entries)), Head: head}
	}
	d.state[string(d.key)] = contract.Encode(d.leaf)
	tree := newTree()
	for _, key := range slices.Sorted(maps.Keys(d.state)) {
		_, err := tree.Set([]byte(key), d.state[key])
		must(d.t, err)
	}
	_, _, err := tree.SaveVersion()
	must(d.t, err)
	header := d.chain.vals.signHeader(testChain, f.Height+1, d.at, tree.Hash())
	f.SignedHeader, f.LeafProof = wireOf(d.t, header), proofOf(d.t, tree, d.key)
	if d.listing != nil {
		f.Listing, f.Absence = contract.Encode(d.listing), proofOf(d.t, tree, d.absence)
		if d.state[string(d.absence)] != nil {
			f.Absence = forgedGap(d.t, d.state, d.absence, func(key []byte) []byte { return proofOf(d.t, tree, key) })
		}
	}
	return &f
}

// forgedGap claims that nothing stands at key, between the leaves before and behind it.
func forgedGap(t testing.TB, state map[string][]byte, key []byte, proof func([]byte) []byte) []byte {
	keys := slices.Sorted(maps.Keys(state))
	at, _ := slices.BinarySearch(keys, string(key))
	exist := func(k string) *ics23.ExistenceProof { return readProof(t, proof([]byte(k))).GetExist() }
	return marshal(&ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Nonexist{
		Nonexist: &ics23.NonExistenceProof{Key: key, Left: exist(keys[at-1]), Right: exist(keys[at+1])}}})
}

// liar makes drafts untrue.
type liar struct{ *rand.Rand }

// other is a number that is not n, near it or anywhere.
func (r liar) other(n uint64) uint64 {
	by := 1 + r.Uint64N(9)
	switch r.IntN(4) {
	case 0:
		return n + by
	case 1:
		if n >= by {
			return n - by
		}
	}
	if m := r.Uint64() >> (1 + r.IntN(63)); m != n {
		return m
	}
	return n + 1
}

func (r liar) amount(a contract.Amount) contract.Amount {
	return contract.Amount(r.other(uint64(a)))
}

func (r liar) reason() contract.Reason {
	return []contract.Reason{"DUPL", "AM09", "AC03", "FRAD", "CUST", "TECH"}[r.IntN(6)]
}

func (r liar) hash() (h contract.Hash) {
	for i := range h {
		h[i] = byte(r.Uint32())
	}
	return h
}

// far is a time more than a tx may live away from t.
func (r liar) far(t contract.Time) contract.Time {
	by := contract.Time(601+r.IntN(86400)) * 1e9
	if r.IntN(2) == 0 {
		return t - by
	}
	return t + by
}

// where is the places of the entries that fit.
func (d *draft) where(fits func(*contract.Entry) bool) (list []int) {
	for i, e := range d.entries {
		if fits(e) {
			list = append(list, i)
		}
	}
	return list
}

func isBatch(e *contract.Entry) bool { return e.Claims != nil }

func (r liar) pick(list []int) int { return list[r.IntN(len(list))] }

// renumber makes the entries' seqs fit.
func (d *draft) renumber() {
	for i, e := range d.entries {
		e.Seq = uint64(i)
	}
}

// shift moves what entries from i on and the leaf say is in escrow, and what came home
// of it.
func (d *draft) shift(i int, by contract.Amount) {
	for _, e := range d.entries[i:] {
		if e.Posting != nil && e.Kind != contract.KindSend {
			e.Posting.Amount += by
			return
		}
		e.Balance += by
	}
	d.packet().Escrow += by
}

// sign has an account sign a message about when entry e is.
func (d *draft) sign(name string, e *contract.Entry, m contract.Message) []byte {
	tx := &contract.Tx{Chain: testChain, Nonce: 77, ValidUntil: e.Time.Plus(60), Message: m}
	must(d.t, tx.Sign(accountKey(name)))
	return tx.Encode()
}

// A campaignLie is a way to be untrue about a large packet, whatever the numbers drawn for
// it. make reports whether the draft has what it is about.
type campaignLie struct {
	desc string
	make func(d *draft, r liar) bool
}

var campaignLies = slices.Concat(batchLies, lifeLies, largeLeafLies, largeShareLies, listingLies, absenceLies, fileLies)

// campaigns are the drafts behind the forgeries.
func campaigns(t testing.TB) (list []*draft) {
	for _, s := range append(slices.Clone(largeStories), namedStory{"large-packet-late",
		"a list from which nobody may claim for an hour", func(t testing.TB) *File {
			l, id := aLateList(t)
			return l.proveLargePacket(id)
		}}) {
		d := newDraft(t, s)
		accepted(t, encode(t, d.copy().seal()))
		list = append(list, d)
	}
	return list
}

// aLateList is a list's packet from which claims begin an hour after it was sent.
func aLateList(t testing.TB) (*ledger, contract.PacketID) {
	l := newLedger(t, "alice", "bob", "carol")
	list := listOf(t, staff...)
	terms := list.terms()
	terms.Claim.Cond = contract.All{terms.Claim.Cond, contract.After{For: 3600}}
	id := l.sendList(list, terms)
	l.block(time.Hour)
	l.block(time.Second, l.claimEntry("bob", id, 1), l.claimEntry("carol", id, 4))
	return l, id
}

var earlyLie = campaignLie{"claims before the claim rule lets any in", func(d *draft, r liar) bool {
	if d.name != "large-packet-late" {
		return false
	}
	at := d.packet().Created.Plus(contract.Seconds(r.IntN(3600)))
	d.entries[1].Time, d.packet().Tally.LastClaim = at, at
	return true
}}

// forge makes one untrue file, and says how; ok is false where the draft has nothing of
// the kind.
func forgeCampaign(d *draft, lie campaignLie, r liar) (file []byte, ok bool) {
	c := d.copy()
	if !lie.make(c, r) {
		return nil, false
	}
	b := written(func() []byte { return c.seal().write() })
	return b, b != nil
}

// flipped is a file with one bit changed.
func flipped(b []byte, r liar) []byte {
	b = bytes.Clone(b)
	b[r.IntN(len(b))] ^= 1 << r.IntN(8)
	return b
}

var largeForgers = newForgers("campaigns", 3000, "forged proofs of large packets")

// No untrue proof about a large packet is accepted, though all validators sign it.
//
//	go test ./client/audit -run ForgedCampaigns -campaigns 100000 -campaigns-to /FOLDER -v
//	node docs/verifier/vectors.js testdata/vectors /FOLDER
func TestForgedCampaignsAreRefused(t *testing.T) {
	r, trust := liar{rand.New(rand.NewPCG(*largeForgers.seed, 16))}, newValidators(10, 10, 10, 10).trust()
	drafts, lies := campaigns(t), append(slices.Clone(campaignLies), earlyLie)
	groups, good := map[string]*vectorGroup{}, make([][]byte, len(drafts))
	for i, d := range drafts {
		good[i] = encode(t, d.copy().seal())
		groups[d.name] = &vectorGroup{Desc: d.name, Base: strings.SplitAfter(string(good[i]), "\n")}
	}
	var known seen
	for n := 0; n < largeForgers.tries(); {
		i, desc := r.IntN(len(drafts)), "a bit of the file"
		file := flipped(good[i], r)
		if k := r.IntN(len(lies) + len(lies)/4); k < len(lies) {
			var ok bool
			if file, ok = forgeCampaign(drafts[i], lies[k], r); !ok {
				continue
			}
			desc = lies[k].desc
		}
		if !known.add(file) {
			continue
		}
		n++
		report := verify(file, trust, Options{})
		if report.Verdict == Valid {
			t.Fatalf("mutant %d, %s, is accepted: %s\n%s", n, drafts[i].name, desc, file)
		}
		largeForgers.tried(t, groups[drafts[i].name], n, desc, file, report)
	}
	var kinds []string
	for _, lie := range lies {
		kinds = append(kinds, lie.desc)
	}
	largeForgers.end(t, groups, kinds)
}

// forgedCampaigns are one forgery of each kind.
func forgedCampaigns(t testing.TB) []forged {
	r, drafts := liar{rand.New(rand.NewPCG(1, 2))}, campaigns(t)
	list := []forged{{desc: "a share as it stands", file: func(t testing.TB) []byte {
		return encode(t, drafts[0].copy().seal())
	}}}
	for _, lie := range append(slices.Clone(campaignLies), earlyLie) {
		for tries := 0; ; tries++ {
			if tries == 10_000 {
				t.Fatalf("cannot be made: %s", lie.desc)
			}
			file, ok := forgeCampaign(drafts[r.IntN(len(drafts))], lie, r)
			if !ok {
				continue
			}
			r := verify(file, newValidators(10, 10, 10, 10).trust(), Options{})
			failed := r.Failed()
			if failed == nil {
				t.Fatalf("accepted: %s", lie.desc)
			}
			list = append(list, forged{desc: lie.desc, failed: failed.Name,
				file: func(testing.TB) []byte { return file }})
			break
		}
	}
	return list
}
