package contract

import (
	"fmt"
	"testing"
)

// BenchmarkLargestLeaf is what a packet's leaf costs whose rule names 100
// accounts and whose clauses were tightened as often as may be.
func BenchmarkLargestLeaf(b *testing.B) {
	var claimers Named
	for i := range maxNamed {
		claimers.Claimers = append(claimers.Claimers, testAddr(fmt.Sprint("name ", i)))
	}
	var keys Any
	for i := range 13 {
		keys = append(keys, Key{testAddr(fmt.Sprint("key ", i%maxClauseKeys))})
	}
	var clauses []Clause
	for range maxClauses {
		windows := Any{Within{10}, Within{20}, Within{30}, Within{40}}
		clauses = append(clauses, Clause{Target: Rest, When: Rule{All{windows, keys}}, Reasons: []Reason{}})
	}
	p := &Packet{Terms: Terms{Total: 100, Shares: 100, Split: Equal, Claim: Rule{claimers}, Clauses: clauses,
		Expiry: 3600}, Shares: []Share{}}
	for range maxTightenings {
		p.Tightened = append(p.Tightened, Tightening{Clauses: clauses})
	}
	leaf := Encode(p)
	for _, row := range []struct {
		desc string
		do   func() error
	}{
		{"committed", func() error { return DecodeCommitted(leaf, new(packetLeaf)) }},
		{"foreign", func() error { return Decode(leaf, &Packet{ID: PacketID{1}}) }},
		{"encode", func() error { Encode(p); return nil }},
		{"outline", func() error { return decodeOutline(leaf, new(outline)) }},
	} {
		b.Run(row.desc, func(b *testing.B) {
			b.SetBytes(int64(len(leaf)))
			for b.Loop() {
				if err := row.do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
