package audit

import (
	"bytes"
	"testing"
	"time"

	"hongbao/contract"
)

// A client that gathers a proof learns what stands under a key, or that nothing
// does, before it asks for the rest, and is told no other key's value nor an
// absence that is none.
func TestALeafByItself(t *testing.T) {
	trust := newValidators(10, 10, 10, 10).trust()
	l, id := livesWarped(t)
	key, nothing := contract.PacketKey(id), contract.PacketKey(contract.PacketID{1})
	evidence := func(of []byte) Evidence {
		return Evidence{Header: wireOf(t, l.header()), LeafProof: proofOf(t, l.tree, of),
			ClockProof: proofOf(t, l.tree, contract.ClockKey)}
	}
	other := newDevLedger(t, "alice")
	other.send(terms(1, 520))
	late := Options{At: l.time.Add(2 * time.Second)}
	for _, row := range []struct {
		desc   string
		e      Evidence
		key    []byte
		absent bool
		trust  *Trust
		opts   Options
		want   Verdict
	}{
		{"what stands there", evidence(key), key, false, trust, Options{}, Valid},
		{"nothing", evidence(nothing), nothing, true, trust, Options{}, Valid},
		{"another key's value", evidence(contract.SupplyKey), key, false, trust, Options{}, Invalid},
		{"nothing where something stands", evidence(key), key, true, trust, Options{}, Invalid},
		{"something where nothing stands", evidence(nothing), nothing, false, trust, Options{}, Invalid},
		{"another state's header", Evidence{Header: wireOf(t, other.header()), LeafProof: proofOf(t, l.tree, key)}, key,
			false, trust, Options{}, Invalid},
		{"a clock that is none", Evidence{
			Header: wireOf(t, l.header()), LeafProof: proofOf(t, l.tree, key), ClockProof: proofOf(t, l.tree, key),
		}, key, false, trust, Options{}, Invalid},
		{"no header", Evidence{LeafProof: proofOf(t, l.tree, key)}, key, false, trust, Options{}, Invalid},
		{"no trust", evidence(key), key, false, nil, Options{}, Untrusted},
		{"too old", evidence(key), key, false, trust, late, Untrusted},
	} {
		leaf, r := VerifyLeaf(row.e, row.key, row.absent, row.trust, row.opts)
		if r.Verdict != row.want || (leaf != nil) != (row.want == Valid) || r.Facts != nil || r.Proven != nil {
			t.Errorf("%s: %s, %+v, expected %s", row.desc, r.Verdict, leaf, row.want)
			continue
		}
		if leaf == nil {
			continue
		}
		if want := contract.TimeOf(l.time.Add(time.Second)).Plus(5400); leaf.Height != l.height || leaf.Time != want {
			t.Errorf("%s: at %d, %s; expected %d, %s", row.desc, leaf.Height, leaf.Time, l.height, want)
		}
		if stands := l.leaves[string(row.key)]; !bytes.Equal(leaf.Value, stands) {
			t.Errorf("%s: %x, expected %x", row.desc, leaf.Value, stands)
		}
	}
}
