package audit

import (
	"sync"
	"syscall"
	"testing"

	"hongbao/contract"
)

// BenchmarkVerify gives each verification's cost, also as a multiple of what no
// proof can do without: one BIP-340 signature and one header's commit, of four
// validators here, measured in the same run; and of that with a signature for
// each transaction in the file. The multiples are of processor time.
//
//	go test ./client/audit -run xxx -bench Verify -benchmem
func BenchmarkVerify(b *testing.B) {
	trust := newValidators(10, 10, 10, 10).trust()
	for _, c := range []struct {
		name  string
		build func(b *testing.B) *File
	}{
		{"packet of 5 claims", func(b *testing.B) *File { return tellRecalled(b) }},
		{"longest life", func(b *testing.B) *File {
			f := claimedByAll(b, contract.Lucky)
			askedAndReturned(f)
			return f.seal()
		}},
		{"share", func(b *testing.B) *File { return kindStory("share-held").tell(b) }},
		{"recall of the rest", func(b *testing.B) *File { return kindStory("recall-rest").tell(b) }},
		{"recall of a share by 2 of 3", func(b *testing.B) *File { return kindStory("recall-share").tell(b) }},
		{"statement of 1000 entries", func(b *testing.B) *File {
			return payments(b, 1000).proveAccount("alice", 0, 0)
		}},
		{"statement of 10000 entries", func(b *testing.B) *File {
			return payments(b, longStatement).proveAccount("alice", 0, 0)
		}},
		{"absence", func(b *testing.B) *File { return kindStory("absent-packet").tell(b) }},
		{"supply", func(b *testing.B) *File { return kindStory("supply").tell(b) }},
	} {
		build := sync.OnceValue(func() *File { return c.build(b) })
		b.Run(c.name, func(b *testing.B) {
			f := build()
			file := encode(b, f)
			signature, commit := leastWork(b, f)
			b.SetBytes(int64(len(file)))
			b.ResetTimer()
			each := cpu(b, b.N, func() {
				if r := Verify(file, trust, Options{}); r.Verdict != Valid {
					b.Fatal(Statement(false, r))
				}
			})
			b.ReportMetric(each/(signature+commit), "x(BIP-340+commit)")
			b.ReportMetric(each/(float64(len(f.Txs))*signature+commit), "x(txs*BIP-340+commit)")
			b.ReportMetric(float64(len(f.Txs)), "txs")
			b.ReportMetric(signature, "ns/BIP-340")
			b.ReportMetric(commit, "ns/commit")
		})
	}
}

// leastWork is how many nanoseconds a signature takes, and a commit.
func leastWork(b *testing.B, f *File) (signature, commit float64) {
	tx, err := contract.DecodeTx(tellRecalled(b).Txs[0])
	must(b, err)
	header, err := decodeHeader(f.SignedHeader)
	must(b, err)
	set := newValidators(10, 10, 10, 10).trust().inOrder()
	const rounds = 300
	signature = cpu(b, rounds, func() { contract.Schnorr{}.Verify(tx.Account, tx.Digest(), tx.Signature) })
	commit = cpu(b, rounds, func() {
		_, err := header.checkCommit(set)
		must(b, err)
	})
	return signature, commit
}

// cpu is how many nanoseconds of the processor something takes: what others do
// on the machine meanwhile does not count.
func cpu(b *testing.B, rounds int, do func()) float64 {
	used := func() int64 {
		var u syscall.Rusage
		must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
		return u.Utime.Nano() + u.Stime.Nano()
	}
	start := used()
	for range rounds {
		do()
	}
	return float64(used()-start) / float64(rounds)
}
