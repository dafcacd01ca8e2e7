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
	Packet    *Proven `json:"-"`         // what a valid proof of a packet establishes, for whoever acts on it; else nil
}

// Proven is a packet's leaf as a valid proof establishes it.
type Proven struct {
	Chain  string
	ID     contract.PacketID
	Packet *contract.Packet
	Time   contract.Time // of the header that signs it
}

// Check is one step of a verification.
type Check struct {
	Name   string `json:"name"` // stable: one of file, header, trust, age, leaf, signatures, entries, draws, sums, replay
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

// String is the check as a line: "✓ 7 entries fold to the head".
func (c Check) String() string {
	if c.OK {
		return "✓ " + c.Detail
	}
	return "✗ " + c.Detail
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

	header  *cmttypes.SignedHeader // of block file.Height+1; its signers are checked by the step "header"
	id      contract.PacketID
	packet  *contract.Packet // the leaf, proven under header
	txs     []signedTx
	entries []*contract.Entry // the leaf's whole history
	beacons []*beacon         // of its lucky draws
	sums    sums

	doubts []Check // why a sound proof is not trusted
}

func verify(proof []byte, trust *Trust, o Options) (r Report) {
	file, err := Decode(proof)
	if err != nil {
		r.fail("file", err)
		return r
	}
	v := &verifier{file: file, trust: trust, opts: o}
	for _, step := range []struct {
		name  string
		check func() (detail string, err error)
	}{
		{"header", v.checkHeader},
		{"leaf", v.checkLeaf},
		{"signatures", v.checkSignatures},
		{"entries", v.checkEntries},
		{"draws", v.checkDraws},
		{"sums", v.checkSums},
		{"replay", v.checkReplay},
	} {
		detail, err := step.check()
		if err != nil {
			r.fail(step.name, err)
			return r
		}
		if detail != "" {
			r.Checks = append(r.Checks, Check{step.name, true, detail})
		}
	}
	if len(v.doubts) > 0 {
		r.Verdict = Untrusted
		r.Statement = "Nothing is proven: " + v.doubts[0].Detail + "."
		r.Checks = append(r.Checks, v.doubts...)
		return r
	}
	r.Verdict, r.Statement = Valid, v.statement()
	r.Packet = &Proven{Chain: file.ChainID, ID: v.id, Packet: v.packet, Time: contract.TimeOf(v.header.Time)}
	return r
}

func (r *Report) fail(name string, err error) {
	r.Verdict = Invalid
	r.Statement = "Nothing is proven: " + err.Error() + "."
	r.Checks = append(r.Checks, Check{name, false, err.Error()})
}

// doubt notes why a proof is not trusted; the checks go on, for a proof that
// is not even sound is worse.
func (v *verifier) doubt(name, format string, args ...any) {
	v.doubts = append(v.doubts, Check{name, false, fmt.Sprintf(format, args...)})
}
