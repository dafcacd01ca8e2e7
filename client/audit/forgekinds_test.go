package audit

import (
	"fmt"
	"testing"

	"hongbao/contract"
)

// What a forgery needs for the kinds that show a part of a packet's life.

// recallCase is the case of a recall in a forgery, as a client would make it.
func (f *forgery) recallCase(share uint32) *File {
	f.t.Helper()
	file, key := f.seal(), contract.PacketKey(f.id)
	entries := decode(f.t, file.Entries)
	from, until, err := RecallCase(entries, share)
	must(f.t, err)
	txs := [][]byte{f.txs[0]}
	for _, e := range entries {
		if e.Tx == nil || e.Share != share {
			continue
		}
		if e.Kind == contract.KindClaim && share != 0 || e.Kind == contract.KindRecall {
			for _, wire := range f.txs {
				if contract.TxHash(wire) == *e.Tx {
					txs = append(txs, wire)
				}
			}
		}
	}
	e := Evidence{Txs: txs}
	e.Cut(testChain, key, file.Entries, uint64(from), uint64(until))
	file.Kind, file.Subject = KindRecall, f.id.String()
	if share != 0 {
		file.Subject += fmt.Sprintf("/%d", share)
	}
	file.From, file.Head, file.Entries = e.From, e.Head, e.Entries
	file.Tail, file.Txs, file.Beacons = e.Tail, e.Txs, nil
	return file
}

// shareCase is the proof of a share in a forgery in which the first transactions
// are the send and that share's claim.
func (f *forgery) shareCase(share uint32) *File {
	f.t.Helper()
	file := f.seal()
	file.Kind, file.Subject = KindShare, fmt.Sprintf("%s/%d", f.id, share)
	file.Entries, file.Txs, file.Beacons = nil, file.Txs[:2], nil
	return file
}

// forgedAmounts are of kinds that show less of a packet's life: they still hold
// the validators to the terms that the sender signed, which divide the money.
func forgedAmounts(testing.TB) (list []forged) {
	plain := terms(3, 100, "rest when all(sender,within(2m)) for DUPL,AM09")
	lucky := luckyTerms(3, 300, "rest when sender")
	for _, c := range []struct {
		desc  string
		check string // that must fail; empty: the file is good
		terms contract.Terms
		tell  func(f *forgery) *File
	}{
		{"a lawful share", "", plain, func(f *forgery) *File { return f.claim("bob").shareCase(1) }},
		{"a lawful share of a full packet", "", plain, func(f *forgery) *File {
			return f.claim("bob").claim("carol").claim("dave").shareCase(1)
		}},
		{"a lawful share of a packet whose rest was refunded", "", plain, func(f *forgery) *File {
			return f.claim("bob").after(3600).refund().shareCase(1)
		}},
		{"a lawful share whose second clause is open before the first", "",
			heldFor(7200, terms(3, 100, "share when all("+keyOf("lin")+",after(1h))", "share when "+keyOf("mei"))),
			func(f *forgery) *File { return f.claim("bob").after(60).shareCase(1) }},
		{"a lawful recall of the rest", "", plain, func(f *forgery) *File {
			return f.claim("bob").recall("alice", 1, "AM09").recallCase(0)
		}},
		{"a lawful recall of all", "", plain, func(f *forgery) *File {
			return f.recall("alice", 1, "AM09").recallCase(0)
		}},
		{"a lawful recall of a lucky rest", "", lucky, func(f *forgery) *File {
			return f.reserve("bob").after(1).beacon().draw(1).recall("alice", 1, "").recallCase(0)
		}},

		{"an equal share of less", "leaf", plain, func(f *forgery) *File {
			f.claim("bob").p.Shares[0].Amount--
			f.p.Escrow++
			return f.shareCase(1)
		}},
		{"another's equal share of more", "leaf", plain, func(f *forgery) *File {
			f.claim("bob").claim("carol").p.Shares[1].Amount++
			f.p.Escrow--
			return f.shareCase(1)
		}},
		{"lucky shares of more than there was", "leaf", lucky,
			func(f *forgery) *File {
				f.reserve("bob").after(1).beacon().draw(1).p.Shares[0].Amount = 301
				return f.shareCase(1)
			}},
		{"the case of a share without its claim", "file", heldTerms(3), func(f *forgery) *File {
			file := f.claim("bob").after(2).recallShare("alice", 2, 1, "").recallCase(1)
			file.Txs = append(file.Txs[:1:1], file.Txs[2])
			return file
		}},
		{"the case of a rest with a claim", "file", plain, func(f *forgery) *File {
			file := f.claim("bob").recall("alice", 1, "AM09").recallCase(0)
			file.Txs = append(file.Txs[:1:1], f.txs[1], f.txs[2])
			return file
		}},
		{"escrow that is missing", "leaf", plain, func(f *forgery) *File {
			f.claim("bob").p.Escrow--
			return f.shareCase(1)
		}},
		{"escrow that is left after a recall", "leaf", plain, func(f *forgery) *File {
			f.claim("bob").recall("alice", 1, "AM09").p.Escrow = 200
			return f.recallCase(0)
		}},
		{"a rest that brings home more than the shares left", "recall",
			plain, func(f *forgery) *File {
				f.claim("bob").recall("alice", 1, "AM09").entry().Posting.Amount++
				return f.recallCase(0)
			}},
		{"a lucky rest that brings home less than the shares left", "recall", lucky,
			func(f *forgery) *File {
				f.reserve("bob").after(1).beacon().draw(1).recall("alice", 1, "").entry().Posting.Amount--
				return f.recallCase(0)
			}},
		{"a recall that nobody's signature allowed, under a tightening of the validators' own", "leaf",
			heldTerms(3), func(f *forgery) *File {
				open := terms(1, 1, "share when always").Clauses
				f.claim("bob").p.Tightened = []contract.Tightening{{At: f.sent, Clauses: open}}
				return f.after(2).recallShare("dave", 1, 1, "").recallCase(1)
			}},
		{"a rest said to wait for draws that are not owed", "recall", lucky, func(f *forgery) *File {
			f.reserve("bob").after(1).beacon().draw(1).recall("alice", 1, "")
			f.entry().Posting, f.entry().Balance = nil, 1
			return f.recallCase(0)
		}},
	} {
		list = append(list, forged{desc: c.desc, failed: c.check, file: func(t testing.TB) []byte {
			return encode(t, c.tell(newForgery(t, c.terms)))
		}})
	}
	return list
}
