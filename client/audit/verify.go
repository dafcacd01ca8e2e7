package audit

import (
	"time"

	"hongbao/contract"
)

// Verdict is what a proof is worth.
type Verdict string

// Verdicts.
const (
	Valid     Verdict = "valid"
	Invalid   Verdict = "invalid"   // a check failed
	Untrusted Verdict = "untrusted" // sound in itself, but trust is missing, for another chain, or the header too old
)

// Options are the reader's own policy.
type Options struct {
	At time.Time // a header older than this is not trusted; zero = any age
}

// Report is what [Verify] found, in values; client/words makes sentences of it.
type Report struct {
	Verdict Verdict
	Checks  []Check // in the order made; a failed one is the last
	Facts   *Facts  // what is proven; nil unless valid
	Proven  *Proven // what the facts were made of; nil unless valid
}

// Failed is the check that decided against a proof: of an invalid one the last,
// of an untrusted one the first reason for that. It is nil of a valid one.
func (r *Report) Failed() *Check {
	for i := range r.Checks {
		if !r.Checks[i].OK {
			return &r.Checks[i]
		}
	}
	return nil
}

// Proven holds the leaf that a valid proof is about, and the entries it shows:
// a caller that acts on a proof reads them here, and nothing in the file.
type Proven struct {
	Chain   string
	Height  int64
	Time    contract.Time // on the chain, at the header that signs it
	ID      contract.PacketID
	Packet  *contract.Packet  // of a packet's, a share's or a recall's proof
	Account *contract.Account // of an account's
	Entries []*contract.Entry
}

// RecallableUnclaimed is until when others could recall shares that are not
// claimed yet, from their claimers' hold; 0 when they could not.
func (p *Proven) RecallableUnclaimed() (latest contract.Time) {
	if p.Packet.StatusAt(p.Time) != contract.Open {
		return 0
	}
	t := &p.Packet.Terms
	for _, w := range contract.Windows(p.Packet.InForce(), p.Packet.Sender, t, p.Packet.Created, p.Packet.Expires) {
		if w.Target == contract.HeldShares {
			latest = max(latest, w.Until)
		}
	}
	return latest
}

// Final says of a valid proof of a share whether its claimer alone can move it;
// nil of others.
func (r *Report) Final() *bool {
	if r.Facts == nil || r.Facts.Share == nil {
		return nil
	}
	return &r.Facts.Share.Final
}

// Check is one step of a verification.
type Check struct {
	Name  string // stable: file, or what steps names
	OK    bool
	Found *Finding // why, or what it established
}

// Verify judges a proof file's bytes by a trust file, which may be nil, and
// the reader's policy. It depends on its arguments alone and never panics,
// whatever the bytes are.
func Verify(proof []byte, trust *Trust, o Options) (r Report) {
	defer func() {
		if p := recover(); p != nil {
			r = Report{}
			r.fail("file", fault("panic", "value", p))
		}
	}()
	return verify(proof, trust, o)
}

// verifier is a verification under way. Later steps rely on what earlier ones
// established, so the first failed check ends it.
type verifier struct {
	file  *File
	trust *Trust // nil after the step "header": none for the file's chain
	opts  Options

	// The subject, and the key of its leaf.
	id      contract.PacketID
	share   uint32 // from 1; 0: none in particular
	address contract.Address
	key     []byte

	set     []validator          // who signs the header, in CometBFT's order; nil without trust
	known   []contract.Validator // who did, since the trust file's
	header  *header              // of block file.Height+1; its signers are checked by the step "header"
	clock   *contract.Clock      // of a dev chain, proven under header; nil where none is shown
	leaf    []byte               // the leaf's value, proven under header
	packet  *contract.Packet     // the leaf, where it is a packet's
	account *contract.Account    // or an account's
	alone   *contract.ShareLeaf  // or a large packet's share's; packet then is what is known of it
	txs     []signedTx
	entries []*contract.Entry
	heads   []contract.Hash // heads[i] is what everything before entries[i] folds to
	beacons []*beacon       // of its lucky draws
	sums    sums
	before  *contract.Packet    // a recall's case: just before it
	recalls []PowerFacts        // a packet's life
	listed  *contract.ListEntry // of kind unclaimed: whose it is

	supply *contract.Supply // or of all money

	facts     Facts
	untrusted []Check // why a sound proof is not trusted
}

func verify(proof []byte, trust *Trust, o Options) Report {
	r, _ := examine(proof, trust, o)
	return r
}

// examine is verify, and what it established of a valid proof.
func examine(proof []byte, trust *Trust, o Options) (r Report, v *verifier) {
	file, err := Decode(proof)
	if err != nil {
		r.fail("file", err)
		return r, nil
	}
	v = &verifier{file: file, trust: trust, opts: o}
	if err = v.readSubject(); err == nil {
		err = v.checkCase()
	}
	if err != nil {
		r.fail("file", err)
		return r, nil
	}
	if !v.run(v.steps(), &r) {
		return r, nil
	}
	v.establish()
	r.Verdict, r.Facts = Valid, &v.facts
	r.Proven = &Proven{
		Chain: file.ChainID, Height: file.Height, Time: v.now(), ID: v.id,
		Packet: v.packet, Account: v.account, Entries: v.entries,
	}
	return r, v
}

// run makes the checks and notes them. It reports whether all hold and the proof
// is trusted.
func (v *verifier) run(steps []step, r *Report) bool {
	for _, step := range steps {
		found, err := step.check()
		if err != nil {
			r.fail(step.name, err)
			return false
		}
		if found != nil {
			r.Checks = append(r.Checks, Check{step.name, true, found})
		}
	}
	if len(v.untrusted) > 0 {
		r.Verdict = Untrusted
		r.Checks = append(r.Checks, v.untrusted...)
		return false
	}
	return true
}

func (r *Report) fail(name string, err error) {
	r.Verdict = Invalid
	r.Checks = append(r.Checks, Check{name, false, findingOf(err)})
}

// distrust notes why a proof is not trusted; the checks go on, for a proof that
// is not even sound is worse.
func (v *verifier) distrust(name string, why *Finding) {
	v.untrusted = append(v.untrusted, Check{name, false, why})
}

// establish completes the facts, which the checks have begun.
func (v *verifier) establish() {
	f := &v.facts
	f.Kind, f.Subject, f.ChainID, f.Dev = v.file.Kind, v.file.Subject, v.file.ChainID, v.trust.Dev
	f.Height, f.Time = v.file.Height, v.now()
	if v.packet != nil {
		f.Terms = v.newTermsFacts()
	}
	switch f.Kind {
	case KindPacket:
		f.Packet = newPacketFacts(v.packet, f.Time)
		f.Packet.Recalls = v.recalls
		f.Packet.addHistory(v.entries)
	case KindLargePacket:
		f.Packet = newPacketFacts(v.packet, f.Time)
		f.Packet.Recalls = v.recalls
		f.Packet.Large.Amount = &v.sums.claimed
		f.Packet.addHistory(v.entries)
	case KindUnrecalled:
		f.Packet = newPacketFacts(v.packet, f.Time)
	case KindUnclaimed:
		f.Packet = newPacketFacts(v.packet, f.Time)
		f.Entry = newEntryFacts(v.listed)
	}
}
