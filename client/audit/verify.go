package audit

import (
	"fmt"
	"time"

	"hongbao/contract"

	cmttypes "github.com/cometbft/cometbft/types"
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

// Report is what [Verify] found.
type Report struct {
	Verdict   Verdict `json:"verdict"`
	Statement string  `json:"statement"` // what is proven, or why nothing is, in words
	Checks    []Check `json:"checks"`    // in the order made; a failed one is the last
	Facts     *Facts  `json:"facts"`     // what is proven, for programs; nil unless valid

	Chinese string  `json:"-"` // Statement in Chinese
	Proven  *Proven `json:"-"` // what the facts were made of; nil unless valid
}

// Proven is what a valid proof establishes, for whoever acts on it: those of
// the leaves that the proof is about, and the entries it shows.
type Proven struct {
	Chain   string
	Height  int64
	Time    contract.Time // on the chain, at the header that signs it
	ID      contract.PacketID
	Packet  *contract.Packet  // of a packet's, a share's or a recall's proof
	Account *contract.Account // of an account's
	Entries []*contract.Entry
}

// Final says of a valid proof of a share whether nobody but its claimer can
// move it; nil of others.
func (r *Report) Final() *bool {
	if r.Facts == nil || r.Facts.Share == nil {
		return nil
	}
	return &r.Facts.Share.Final
}

// Check is one step of a verification.
type Check struct {
	Name    string `json:"name"` // stable: file, or what steps names
	OK      bool   `json:"ok"`
	Detail  string `json:"detail"`
	Chinese string `json:"-"` // Detail in Chinese, where it is OK
}

// String is the check as a line: "✓ 7 entries fold to the head".
func (c Check) String() string { return c.mark() + c.Detail }

// InChinese is the same in Chinese; in detail, why a check failed is told in
// English.
func (c Check) InChinese() string {
	if c.Chinese == "" {
		return c.mark() + "这一项不成立:" + c.Detail
	}
	return c.mark() + c.Chinese
}

func (c Check) mark() string {
	if c.OK {
		return "✓ "
	}
	return "✗ "
}

// Verify judges a proof file's bytes by a trust file, which may be nil, and
// the reader's policy. It depends on its arguments alone and never panics,
// whatever the bytes are.
func Verify(proof []byte, trust *Trust, o Options) (r Report) {
	defer func() {
		if p := recover(); p != nil {
			r = Report{}
			r.fail("file", fmt.Errorf("the verifier stumbled over it: %v", p))
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

	header  *cmttypes.SignedHeader // of block file.Height+1; its signers are checked by the step "header"
	clock   *contract.Clock        // of a dev chain, proven under header; nil where none is shown
	leaf    []byte                 // the leaf's value, proven under header
	packet  *contract.Packet       // the leaf, where it is a packet's
	account *contract.Account      // or an account's
	txs     []signedTx
	entries []*contract.Entry
	heads   []contract.Hash // heads[i] is what everything before entries[i] folds to
	beacons []*beacon       // of its lucky draws
	sums    sums
	before  *contract.Packet // a recall's case: just before it
	recalls []PowerFacts     // a packet's life

	facts  Facts
	doubts []Check // why a sound proof is not trusted
}

func verify(proof []byte, trust *Trust, o Options) (r Report) {
	file, err := Decode(proof)
	if err != nil {
		r.fail("file", err)
		return r
	}
	v := &verifier{file: file, trust: trust, opts: o}
	if err := v.readSubject(); err != nil {
		r.fail("file", err)
		return r
	}
	if !v.run(v.steps(), &r) {
		return r
	}
	v.establish()
	said := v.statement()
	r.Verdict, r.Statement, r.Chinese, r.Facts = Valid, said.en, said.zh, &v.facts
	r.Proven = &Proven{
		Chain: file.ChainID, Height: file.Height, Time: v.now(), ID: v.id, Packet: v.packet, Account: v.account, Entries: v.entries,
	}
	return r
}

// run makes the checks and notes them; false unless all hold without a doubt.
func (v *verifier) run(steps []step, r *Report) bool {
	for _, step := range steps {
		said, err := step.check()
		if err != nil {
			r.fail(step.name, err)
			return false
		}
		if said.en != "" {
			r.Checks = append(r.Checks, Check{step.name, true, said.en, said.zh})
		}
	}
	if len(v.doubts) > 0 {
		r.Verdict = Untrusted
		r.nothing(v.doubts[0].Detail)
		r.Checks = append(r.Checks, v.doubts...)
		return false
	}
	return true
}

func (r *Report) fail(name string, err error) {
	r.Verdict = Invalid
	r.nothing(err.Error())
	r.Checks = append(r.Checks, Check{Name: name, Detail: err.Error()})
}

func (r *Report) nothing(why string) {
	r.Statement, r.Chinese = "Nothing is proven: "+why+".", "什么也没有证明:"+why+"。"
}

// doubt notes why a proof is not trusted; the checks go on, for a proof that
// is not even sound is worse.
func (v *verifier) doubt(name, format string, args ...any) {
	v.doubts = append(v.doubts, Check{Name: name, Detail: fmt.Sprintf(format, args...)})
}
