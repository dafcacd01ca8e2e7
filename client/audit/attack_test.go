package audit

import (
	"bytes"
	"strings"
	"testing"

	"hongbao/contract"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmttypes "github.com/cometbft/cometbft/types"
	ics23 "github.com/cosmos/ics23/go"
)

// attack is a good file under attack by a forger who can write files and owns
// accounts, but no validator. There is a second packet on the chain, alike.
type attack struct {
	*File
	l     *ledger
	t     testing.TB
	other *File // proof of the second packet, at the same height
}

func newAttack(t testing.TB) *attack {
	l := newLedger(t, "alice", "bob", "carol", "dave")
	id := l.send(terms(3, 100, "2m"))
	l.block(1, l.tx("dave", &contract.Send{Terms: terms(3, 100, "2m")}))
	twin := contract.NewPacketID(testChain, address("dave"), 0)
	l.block(1, l.claim("bob", id), l.claim("carol", id))
	l.block(1, l.claim("bob", twin))
	l.block(1, l.tx("alice", &contract.Recall{Packet: id, Clause: 1}))
	return &attack{l.prove(id), l, t, l.prove(twin)}
}

// header changes the signed header, which keeps its votes.
func (a *attack) header(edit func(*cmttypes.SignedHeader)) {
	var pb cmtproto.SignedHeader
	must(a.t, pb.Unmarshal(a.SignedHeader))
	h, err := cmttypes.SignedHeaderFromProto(&pb)
	must(a.t, err)
	edit(h)
	a.setHeader(h)
}

func (a *attack) setHeader(h *cmttypes.SignedHeader) {
	b, err := h.ToProto().Marshal()
	must(a.t, err)
	a.SignedHeader = b
}

// vote has other validators sign the same state.
func (a *attack) vote(v validators, chain string, height int64, flags ...cmttypes.BlockIDFlag) {
	a.setHeader(v.signHeader(chain, height, a.l.time, a.l.tree.Hash(), flags...))
}

// proof changes the ICS-23 proof.
func (a *attack) proof(edit func(*ics23.CommitmentProof)) {
	var p ics23.CommitmentProof
	must(a.t, p.Unmarshal(a.LeafProof))
	edit(&p)
	b, err := p.Marshal()
	must(a.t, err)
	a.LeafProof = b
}

// tx changes a transaction, which keeps its signature.
func (a *attack) tx(i int, edit func(*contract.Tx)) {
	tx, err := contract.DecodeTx(a.Txs[i])
	must(a.t, err)
	edit(tx)
	a.Txs[i] = tx.Encode()
}

const (
	yes    = cmttypes.BlockIDFlagCommit
	absent = cmttypes.BlockIDFlagAbsent
	nilly  = cmttypes.BlockIDFlagNil
)

// forgedFiles are of a forger who has no validator: all but the votes of too few
// is found out before it matters.
func forgedFiles(testing.TB) (list []forged) {
	four := newValidators(10, 10, 10, 10)
	for _, c := range []struct {
		desc  string
		check string // that must fail; empty: no attack, the file is good
		do    func(a *attack)
	}{
		{"nothing changed", "", func(a *attack) {}},
		{"one validator absent", "", func(a *attack) { a.vote(four, testChain, 6, yes, absent, yes, yes) }},
		{"one validator voted for no block", "", func(a *attack) {
			a.vote(four, testChain, 6, nilly, yes, yes, yes)
		}},

		{"another chain's name", "header", func(a *attack) {
			a.ChainID = "hongbao-other-1-01000000000000000000"
		}},
		{"the same validators on another chain", "header", func(a *attack) {
			a.vote(four, "hongbao-other-1-01000000000000000000", 6)
		}},
		{"height shifted", "header", func(a *attack) { a.Height-- }},
		{"a header of another height", "header", func(a *attack) {
			a.vote(four, testChain, 7)
		}},
		{"signed by half of the power", "header", func(a *attack) {
			a.vote(four, testChain, 6, absent, absent)
		}},
		{"nil votes counted as votes", "header", func(a *attack) {
			a.vote(four, testChain, 6, nilly, nilly)
		}},
		{"no votes at all", "header", func(a *attack) {
			a.vote(four, testChain, 6, absent, absent, absent, absent)
		}},
		{"a set padded with a validator of the attacker's", "header", func(a *attack) {
			a.vote(newValidators(10, 10, 10, 10, 100), testChain, 6)
		}},
		{"the attacker's set under the trusted set's hash", "header", func(a *attack) {
			mine := newValidators(10, 10, 10, 10, 7, 7, 7, 7)
			mine.Keys, mine.Powers = mine.Keys[4:], mine.Powers[4:]
			h := mine.signHeader(testChain, 6, a.l.time, a.l.tree.Hash())
			set := four.Set().Hash()
			h.ValidatorsHash = set
			h.Commit.BlockID.Hash = h.Hash()
			mine.Vote(testChain, h.Commit)
			a.setHeader(h)
		}},
		{"a commit with a vote too many", "header", func(a *attack) {
			a.header(func(h *cmttypes.SignedHeader) {
				h.Commit.Signatures = append(h.Commit.Signatures, h.Commit.Signatures[0])
			})
		}},
		{"one validator's vote four times", "header", func(a *attack) {
			a.header(func(h *cmttypes.SignedHeader) {
				for i := range h.Commit.Signatures {
					h.Commit.Signatures[i] = h.Commit.Signatures[0]
				}
			})
		}},
		{"two validators' signatures exchanged", "header", func(a *attack) {
			a.header(func(h *cmttypes.SignedHeader) {
				s := h.Commit.Signatures
				s[0].Signature, s[1].Signature = s[1].Signature, s[0].Signature
			})
		}},
		{"a fourth vote forged where three are enough", "header", func(a *attack) {
			a.header(func(h *cmttypes.SignedHeader) { h.Commit.Signatures[3].Signature[5] ^= 1 })
		}},
		{"a commit of another round", "header", func(a *attack) {
			a.header(func(h *cmttypes.SignedHeader) { h.Commit.Round++ })
		}},
		{"a vote's time changed", "header", func(a *attack) {
			a.header(func(h *cmttypes.SignedHeader) {
				h.Commit.Signatures[2].Timestamp = h.Commit.Signatures[2].Timestamp.Add(1)
			})
		}},
		{"another root in the header", "header", func(a *attack) {
			a.header(func(h *cmttypes.SignedHeader) { h.AppHash[0] ^= 1 })
		}},
		{"a header made younger", "header", func(a *attack) {
			a.header(func(h *cmttypes.SignedHeader) { h.Time = h.Time.Add(1) })
		}},
		{"a commit for another block", "header", func(a *attack) {
			a.header(func(h *cmttypes.SignedHeader) { h.Commit.BlockID.Hash[0] ^= 1 })
		}},
		{"a commit of another height", "header", func(a *attack) {
			a.header(func(h *cmttypes.SignedHeader) { h.Commit.Height++ })
		}},
		{"a header without validators, hashed to nothing", "header", func(a *attack) {
			a.header(func(h *cmttypes.SignedHeader) { h.ValidatorsHash, h.Commit.BlockID.Hash = nil, nil })
		}},
		{"no header", "header", func(a *attack) { a.SignedHeader = []byte{} }},
		{"a field that protobuf skips, behind the header", "header", func(a *attack) {
			a.SignedHeader = append(a.SignedHeader, 0x1a, 0x01, 'x')
		}},
		{"a header twice, of which protobuf takes the last", "header", func(a *attack) {
			a.SignedHeader = append(bytes.Clone(a.SignedHeader), a.SignedHeader...)
		}},

		{"swapped packet: another's id", "leaf", func(a *attack) { a.Subject = a.other.Subject }},
		{"swapped packet: another's leaf and proof", "leaf", func(a *attack) {
			a.LeafProof = a.other.LeafProof
		}},
		{"an id that is an address", "file", func(a *attack) { a.Subject = address("alice").String() }},
		{"an id in capitals", "file", func(a *attack) { a.Subject = strings.ToUpper(a.Subject) }},
		{"a leaf that is not the proven one", "leaf", func(a *attack) {
			a.proof(func(e *ics23.CommitmentProof) {
				p := contract.Packet{ID: contract.PacketID{1}}
				must(a.t, contract.Decode(e.GetExist().Value, &p))
				p.Escrow = 100
				e.GetExist().Value = contract.Encode(&p)
			})
		}},
		{"another packet's leaf in the proof", "leaf", func(a *attack) {
			var other ics23.CommitmentProof
			must(a.t, other.Unmarshal(a.other.LeafProof))
			a.proof(func(p *ics23.CommitmentProof) { p.GetExist().Value = other.GetExist().Value })
		}},
		{"an earlier leaf with its proof", "leaf", func(a *attack) {
			old, err := a.l.tree.GetImmutable(4)
			must(a.t, err)
			id, _ := contract.ParsePacketID(a.Subject)
			p, err := old.GetProof(contract.PacketKey(id))
			must(a.t, err)
			a.LeafProof, err = p.Marshal()
			must(a.t, err)
		}},
		{"a proof of absence", "leaf", func(a *attack) {
			a.LeafProof = proofOf(a.t, a.l.tree, []byte("p/nobody"))
		}},
		{"the right existence inside an absence", "leaf", func(a *attack) {
			a.proof(func(p *ics23.CommitmentProof) {
				e := p.GetExist()
				p.Proof = &ics23.CommitmentProof_Nonexist{Nonexist: &ics23.NonExistenceProof{
					Key: e.Key, Left: e, Right: e,
				}}
			})
		}},
		{"the right existence inside a batch", "leaf", func(a *attack) {
			a.proof(func(p *ics23.CommitmentProof) {
				p.Proof = &ics23.CommitmentProof_Batch{Batch: &ics23.BatchProof{
					Entries: []*ics23.BatchEntry{{Proof: &ics23.BatchEntry_Exist{Exist: p.GetExist()}}},
				}}
			})
		}},
		{"the right existence, compressed", "leaf", func(a *attack) {
			a.proof(func(p *ics23.CommitmentProof) {
				batch := &ics23.BatchProof{
					Entries: []*ics23.BatchEntry{{Proof: &ics23.BatchEntry_Exist{Exist: p.GetExist()}}},
				}
				*p = *ics23.Compress(&ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Batch{Batch: batch}})
			})
		}},
		{"a proof by other rules than the tree's", "leaf", func(a *attack) {
			a.proof(func(p *ics23.CommitmentProof) { p.GetExist().Leaf.PrehashValue = ics23.HashOp_NO_HASH })
		}},
		{"a proof with a step less", "leaf", func(a *attack) {
			a.proof(func(p *ics23.CommitmentProof) { p.GetExist().Path = p.GetExist().Path[1:] })
		}},
		{"no proof", "leaf", func(a *attack) { a.LeafProof = nil }},
		{"a field that protobuf skips, behind the proof", "leaf", func(a *attack) {
			a.LeafProof = append(a.LeafProof, 0x7a, 0x01, 'x')
		}},
		{"another leaf that exists, an account's", "leaf", func(a *attack) {
			key := contract.AccountKey(address("alice"))
			a.LeafProof = proofOf(a.t, a.l.tree, key)
		}},

		{"a signature moved from one claim to another", "signatures", func(a *attack) {
			from, err := contract.DecodeTx(a.Txs[1])
			must(a.t, err)
			a.tx(2, func(tx *contract.Tx) { tx.Signature = from.Signature })
		}},
		{"a claim passed off as another account's", "signatures", func(a *attack) {
			a.tx(1, func(tx *contract.Tx) { tx.Account = address("dave") })
		}},
		{"a nonce changed", "signatures", func(a *attack) {
			a.tx(1, func(tx *contract.Tx) { tx.Nonce++ })
		}},
		{"valid_until changed", "signatures", func(a *attack) {
			a.tx(1, func(tx *contract.Tx) { tx.ValidUntil++ })
		}},
		{"the terms of the send changed", "signatures", func(a *attack) {
			a.tx(0, func(tx *contract.Tx) { tx.Message.(*contract.Send).Terms.Expiry++ })
		}},
		{"a tx signed for another chain", "signatures", func(a *attack) {
			a.tx(1, func(tx *contract.Tx) {
				tx.Chain = "hongbao-other-1-01000000000000000000"
				must(a.t, tx.Sign(accountKey("bob")))
			})
		}},
		{"a byte behind a tx", "signatures", func(a *attack) {
			a.Txs[1] = append(bytes.Clone(a.Txs[1]), 0)
		}},
		{"a tx in another spelling", "signatures", func(a *attack) {
			a.Txs[1] = append([]byte{0x98, 7}, a.Txs[1][1:]...) // the array's length in two bytes
		}},
		{"garbage for a tx", "signatures", func(a *attack) { a.Txs[1] = []byte("garbage") }},
		{"no send", "replay", func(a *attack) { a.Txs = a.Txs[1:] }},

		{"a missing claim", "entries", func(a *attack) {
			a.Entries, a.Txs = append(a.Entries[:2:2], renumbered(a.t, a.Entries[3], 2)), append(a.Txs[:2:2], a.Txs[3])
		}},
		{"a missing last entry", "entries", func(a *attack) {
			a.Entries, a.Txs = a.Entries[:3], a.Txs[:3]
		}},
		{"a gap", "entries", func(a *attack) { a.Entries = append(a.Entries[:2:2], a.Entries[3]) }},
		{"an entry twice", "entries", func(a *attack) { a.Entries[2] = a.Entries[1] }},
		{"reordered entries", "entries", func(a *attack) {
			a.Entries[1], a.Entries[2] = a.Entries[2], a.Entries[1]
		}},
		{"reordered and renumbered entries", "entries", func(a *attack) {
			a.Entries[1], a.Entries[2] = renumbered(a.t, a.Entries[2], 1), renumbered(a.t, a.Entries[1], 2)
		}},
		{"an added entry", "entries", func(a *attack) {
			a.Entries = append(a.Entries, renumbered(a.t, a.Entries[3], 4))
		}},
		{"another packet's entry", "entries", func(a *attack) { a.Entries[1] = a.other.Entries[1] }},
		{"another packet's history", "entries", func(a *attack) { a.Entries = a.other.Entries }},
		{"a byte behind an entry", "entries", func(a *attack) {
			a.Entries[0] = append(bytes.Clone(a.Entries[0]), 0)
		}},
		{"an entry in another spelling", "entries", func(a *attack) {
			a.Entries[0] = append([]byte{0x98, 14}, a.Entries[0][1:]...)
		}},

		{"reordered transactions", "replay", func(a *attack) {
			a.Txs[1], a.Txs[2] = a.Txs[2], a.Txs[1]
		}},
		{"a transaction left out", "replay", func(a *attack) {
			a.Txs = append(a.Txs[:1:1], a.Txs[2:]...)
		}},
		{"the last transaction left out", "replay", func(a *attack) { a.Txs = a.Txs[:3] }},
		{"a transaction twice", "replay", func(a *attack) { a.Txs = append(a.Txs, a.Txs[3]) }},
		{"a true transaction of another packet", "replay", func(a *attack) {
			a.Txs = append(a.Txs, a.other.Txs[1])
		}},
		{"another packet's send", "replay", func(a *attack) { a.Txs[0] = a.other.Txs[0] }},
	} {
		list = append(list, forged{desc: c.desc, failed: c.check, file: func(t testing.TB) []byte {
			a := newAttack(t)
			c.do(a)
			return encode(t, a.File)
		}})
	}
	return list
}

// renumbered is an entry with another seq.
func renumbered(t testing.TB, b []byte, seq uint64) []byte {
	t.Helper()
	var e contract.Entry
	must(t, contract.Decode(b, &e))
	e.Seq = seq
	return contract.Encode(&e)
}
