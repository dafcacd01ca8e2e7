package audit

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"hongbao/contract"

	ics23 "github.com/cosmos/ics23/go"
)

// badStories are proof files that must be refused, or not be trusted, by every
// implementation: files that were tampered with, and files of validators who
// signed what the rules forbid.
var badStories = append(unlawfulStories, []badStory{
	{"bad-entry-dropped", "the last entry left out", tampered("recalled", func(f *File) {
		f.Entries = f.Entries[:6]
	}), Invalid, "entries"},
	{"bad-entries-swapped", "two claims' entries swapped", tampered("recalled", func(f *File) {
		f.Entries[1], f.Entries[2] = f.Entries[2], f.Entries[1]
	}), Invalid, "entries"},
	{"bad-tx-swapped", "two claims' transactions swapped", tampered("recalled", func(f *File) {
		f.Txs[1], f.Txs[2] = f.Txs[2], f.Txs[1]
	}), Invalid, "replay"},
	{"bad-tx-repeated", "a transaction twice", tampered("recalled", func(f *File) {
		f.Txs = append(f.Txs, f.Txs[6])
	}), Invalid, "replay"},
	{"bad-signature", "a claim whose signature is another's", tampered("recalled", func(f *File) {
		copy(f.Txs[1][len(f.Txs[1])-64:], f.Txs[2][len(f.Txs[2])-64:])
	}), Invalid, "signatures"},
	{"bad-height", "a height that the header does not sign", tampered("recalled", func(f *File) {
		f.Height++
	}), Invalid, "header"},
	{"bad-commit", "a byte of a validator's signature changed", tampered("recalled", func(f *File) {
		f.SignedHeader[len(f.SignedHeader)-10] ^= 1
	}), Invalid, "header"},
	{"bad-leaf", "a byte of the leaf changed", tampered("recalled", func(f *File) {
		f.LeafProof[100] ^= 1
	}), Invalid, "leaf"},
	{"bad-subject", "another packet's id", tampered("recalled", func(f *File) {
		f.Subject = contract.NewPacketID(testChain, address("nobody"), 7).String()
	}), Invalid, "leaf"},
	{"bad-beacons-swapped", "two beacons swapped", tampered("lucky", func(f *File) {
		f.Beacons[0], f.Beacons[1] = f.Beacons[1], f.Beacons[0]
	}), Invalid, "replay"},
	{"bad-beacon", "a byte of a beacon's proof changed", tampered("lucky", func(f *File) {
		f.Beacons[0][len(f.Beacons[0])-1] ^= 1
	}), Invalid, "draws"},
	{"bad-clock", "the packet's leaf passed off as the chain's clock", tampered("warped", func(f *File) {
		f.ClockProof = f.LeafProof
	}), Invalid, "clock"},
	{"bad-clock-hidden", "an entry after a warp, and the clock not shown", func(t testing.TB) *File {
		l, id := livesWarped(t)
		l.block(time.Second)
		f := l.prove(id)
		f.ClockProof = nil
		return f
	}, Invalid, "entries"},
	{"bad-kind", "a share's proof passed off as that nothing was recalled", tampered("share-recalled", func(f *File) {
		f.Kind, f.Subject, f.Txs = KindUnrecalled, f.Subject[:strings.Index(f.Subject, "/")], nil
	}), Invalid, "recalls"},
	{"bad-share", "another share of the same packet", tampered("share-held", func(f *File) {
		f.Subject = strings.Replace(f.Subject, "/1", "/2", 1)
	}), Invalid, "parties"},
	{"bad-absence-of-presence", "the absence of something that is there", func(t testing.TB) *File {
		l, id := aHeldPacket(t)
		f := l.build(KindAbsent, id.String(), contract.PacketKey(id), Evidence{})
		var there ics23.CommitmentProof
		must(t, there.Unmarshal(f.LeafProof))
		left, right := neighbours(t, l, contract.PacketKey(id))
		gap := ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Nonexist{Nonexist: &ics23.NonExistenceProof{
			Key: contract.PacketKey(id), Left: left, Right: right,
		}}}
		b, err := gap.Marshal()
		must(t, err)
		f.LeafProof = b
		return f
	}, Invalid, "absence"},
	{"bad-absence-by-existence", "an existence offered as an absence", func(t testing.TB) *File {
		l, id := aHeldPacket(t)
		return l.build(KindAbsent, id.String(), contract.PacketKey(id), Evidence{})
	}, Invalid, "absence"},
	{"bad-statement-gap", "a statement with an entry left out and its hash put into the tail",
		tampered("account", func(f *File) {
			e := f.Entries[len(f.Entries)-1]
			hash := contract.EntryHash(e)
			f.Entries, f.Tail = slices.Delete(f.Entries, 1, 2), hash[:]
		}), Invalid, "entries"},
	{"bad-statement-head", "a part with a byte of its head changed", tampered("account-from", func(f *File) {
		f.Head[0] ^= 1
	}), Invalid, "entries"},
	{"bad-statement-debit", "a payment's transaction left out", tampered("account", func(f *File) {
		f.Txs = f.Txs[1:]
	}), Invalid, "debits"},
	{"bad-statement-other", "another account's address", tampered("account", func(f *File) {
		f.Subject = address("bob").String()
	}), Invalid, "leaf"},
	{"bad-recall-claim", "the case of a share with another's claim", func(t testing.TB) *File {
		l, id := aHeldPacket(t)
		f := l.proveRecall(id, 2)
		f.Txs[1] = l.wires(l.parties(id, 1))[1]
		return f
	}, Invalid, "parties"},
	{"bad-recall-tightening-hidden", "the case of a recall that hides a tightening of the same block",
		func(t testing.TB) *File {
			f := kindStory("recall-tightened").tell(t)
			first := f.Entries[0]
			head := contract.NextHead(contract.Hash(f.Head), contract.EntryHash(first))
			f.From, f.Head, f.Entries = f.From+1, head[:], f.Entries[1:]
			return f
		}, Invalid, "recall"},
	{"lawless-recall", "signed by all validators: a recall after its window", func(t testing.TB) *File {
		f := newForgery(t, terms(3, 100, "rest when all(sender,within(2m))"))
		return f.claim("bob").after(120).recall("alice", 1, "").seal()
	}, Invalid, "replay"},
	{"lawless-claim", "signed by all validators: a claim that its account never signed for these terms",
		func(t testing.TB) *File {
			f := newForgery(t, terms(3, 100))
			return f.claim("bob", func(m *contract.Claim) { m.TermsHash[0] ^= 1 }).seal()
		}, Invalid, "replay"},
	{"lawless-share", "signed by all validators: an equal share of less than the terms give", func(t testing.TB) *File {
		f := newForgery(t, terms(3, 100)).claim("bob")
		f.p.Shares[0].Amount, f.p.Escrow = 99, 201
		return f.shareCase(1)
	}, Invalid, "leaf"},
	{"lawless-rest", "signed by all validators: a recall of the rest that brings home more than the shares left",
		func(t testing.TB) *File {
			f := newForgery(t, terms(3, 100, "rest when all(sender,within(2m))")).claim("bob").recall("alice", 1, "")
			f.entry().Posting.Amount++
			return f.recallCase(0)
		}, Invalid, "recall"},
	{"untrusted-chain", "sound, and of a chain that the trust file is not for", func(t testing.TB) *File {
		f, err := Decode(otherChain(t))
		must(t, err)
		return f
	}, Untrusted, "trust"},
}...)

type badStory struct {
	name    string
	desc    string
	tell    func(t testing.TB) *File
	verdict Verdict
	failed  string
}

// tampered is a good story's file with an edit.
func tampered(name string, edit func(*File)) func(testing.TB) *File {
	return func(t testing.TB) *File {
		tell := kindStory(name).tell
		for _, s := range stories {
			if s.name == name {
				tell = s.tell
			}
		}
		f, err := Decode(bytes.Clone(encode(t, tell(t))))
		must(t, err)
		edit(f)
		return f
	}
}

func kindStory(name string) (story namedStory) {
	for _, s := range kindStories {
		if s.name == name {
			return s
		}
	}
	return story
}

// neighbours are the existence proofs of the leaves before and after key.
func neighbours(t testing.TB, l *ledger, key []byte) (left, right *ics23.ExistenceProof) {
	var before, after []byte
	for k := range l.leaves {
		if k < string(key) && k > string(before) {
			before = []byte(k)
		}
		if k > string(key) && (after == nil || k < string(after)) {
			after = []byte(k)
		}
	}
	one := func(k []byte) *ics23.ExistenceProof {
		var p ics23.CommitmentProof
		must(t, p.Unmarshal(proofOf(t, l.tree, k)))
		return p.GetExist()
	}
	return one(before), one(after)
}

// otherChain is a good supply proof of another chain with the same validators.
func otherChain(t testing.TB) []byte {
	l, _ := aHeldPacket(t)
	f := l.build(KindSupply, "supply", contract.SupplyKey, Evidence{})
	h := l.vals.signHeader("hongbao-other-1-01000000000000000000", l.height+1, l.time.Add(time.Second),
		l.tree.Hash())
	signed, err := h.ToProto().Marshal()
	must(t, err)
	f.ChainID, f.SignedHeader = "hongbao-other-1-01000000000000000000", signed
	return encode(t, f)
}

// What is wrong is refused, by the step that is there for it.
func TestBadStories(t *testing.T) {
	trust := newValidators(10, 10, 10, 10).trust()
	for _, s := range badStories {
		t.Run(s.name, func(t *testing.T) {
			file := encode(t, s.tell(t))
			golden(t, s.name+".proof", file)
			r := verify(file, trust, Options{})
			golden(t, s.name+".json", outcomeOf(t, s.desc, r))
			last := r.Checks[len(r.Checks)-1]
			if r.Verdict != s.verdict || last.Name != s.failed || last.OK {
				t.Errorf("%s: %s\n%s", s.desc, r.Verdict, strings.Join(lines(r), "\n"))
			}
		})
	}
}
