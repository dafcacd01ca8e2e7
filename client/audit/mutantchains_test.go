package audit

import (
	"bytes"
	"fmt"
	"slices"

	"hongbao/contract"

	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmttypes "github.com/cometbft/cometbft/types"
	ics23 "github.com/cosmos/ics23/go"
)

// Mutants that a forger makes who has the whole chain: every header that its
// validators signed, every leaf's proof at every height, every history.

var chainMutations = []mutation{
	{name: "parts of one chain at different heights, and of other leaves", mutants: heightMutants},
	{name: "absence argued from any two leaves", mutants: absenceMutants},
	{name: "presence in other forms of proof, and as absence", mutants: proofFormMutants},
	{name: "votes moved, repeated, dropped, forged; sets padded", mutants: voteMutants},
}

// asked is something that can be asked of a chain.
type asked struct {
	kind    Kind
	subject string
	key     []byte
}

// questions are all that can be asked of a chain, about what there is and what
// there is not.
func (w *world) questions() []asked {
	list := []asked{{KindSupply, "supply", contract.SupplyKey}}
	nobody, never := address("nobody"), contract.NewPacketID(testChain, address("nobody"), 7)
	for _, a := range append(w.addresses(), nobody) {
		for _, k := range []Kind{KindAccount, KindAbsent} {
			list = append(list, asked{k, a.String(), contract.AccountKey(a)})
		}
	}
	for _, id := range append(w.ids(), never) {
		key := contract.PacketKey(id)
		for _, k := range []Kind{KindPacket, KindUnrecalled, KindAbsent, KindRecall} {
			list = append(list, asked{k, id.String(), key})
		}
		for n := range 5 {
			for _, k := range []Kind{KindShare, KindRecall} {
				list = append(list, asked{k, fmt.Sprintf("%s/%d", id, n+1), key})
			}
		}
	}
	return list
}

// answer is a file that answers q with what the chain had at this height, true
// or not: if there is no honest answer, one that looks like it.
func (w *world) answer(q asked, height int64) *File {
	_, entries := w.past(height, q.key)
	from, until := 0, len(entries)
	if q.kind == KindRecall {
		for share := range uint32(6) {
			if f, u, err := RecallCase(entries, share); err == nil && (subjectOf(q.subject, share) || share == 0) {
				from, until = f, u
			}
		}
	}
	if f := w.honest(q.kind, q.subject, height, uint64(from), uint64(until-from)); f != nil {
		return f
	}
	f := &File{Format: FileFormat, ChainID: testChain, Kind: q.kind, Subject: q.subject, Height: height,
		LeafProof: w.proof(height, q.key)}
	encoded, entries := w.past(height, q.key)
	switch q.kind {
	case KindPacket, KindAccount:
		f.Entries = encoded
	case KindRecall:
		w.cut(f, q.key, encoded, uint64(from), uint64(until))
	}
	for _, e := range entries {
		if e.Tx != nil && (q.kind == KindPacket || len(f.Txs) < shapes[q.kind].minTxs) {
			f.Txs = append(f.Txs, w.txs[*e.Tx])
		}
	}
	return f
}

func subjectOf(subject string, share uint32) bool {
	return bytes.HasSuffix([]byte(subject), fmt.Appendf(nil, "/%d", share))
}

// heightMutants answer every question with a header of one height, a leaf of
// another, and a history of a third; and with the proofs of other leaves.
func heightMutants(c *samples, s *sample, try func(func() []byte)) {
	w := s.world
	signed := map[int64][]byte{}
	for h, header := range w.headers {
		signed[h], _ = header.ToProto().Marshal()
	}
	for _, q := range w.questions() {
		answers := map[int64]*File{}
		for h := int64(1); h <= w.height; h++ {
			answers[h] = w.answer(q, h)
		}
		mix := func(header, leaf, history, says int64, proof []byte) {
			try(func() []byte {
				f := *answers[history]
				f.Height, f.SignedHeader, f.LeafProof = says, signed[header], answers[leaf].LeafProof
				if proof != nil {
					f.LeafProof = proof
				}
				return f.write()
			})
		}
		for header := int64(1); header <= w.height; header++ {
			for other := int64(1); other <= w.height; other++ {
				mix(header, other, other, header, nil)
				mix(header, other, other, other, nil)
				mix(header, header, other, header, nil)
				mix(header, other, header, header, nil)
			}
			for _, key := range w.keys() {
				if proof := w.proofs[header][key]; proof != nil {
					mix(header, header, header, header, proof)
				}
			}
		}
	}
}

// keys are those of all leaves, in order.
func (w *world) keys() (list []string) {
	for key := range w.leaves {
		list = append(list, key)
	}
	slices.Sort(list)
	return list
}

// existence is the proof of a leaf at the newest height.
func (w *world) existence(key string) *ics23.ExistenceProof {
	var p ics23.CommitmentProof
	must(w.t, p.Unmarshal(w.proofs[w.height][key]))
	return p.GetExist()
}

// absenceMutants say of everything that it is not there, with every pair of
// leaves for its neighbours.
func absenceMutants(c *samples, s *sample, try func(func() []byte)) {
	w := s.world
	header, _ := w.headers[w.height].ToProto().Marshal()
	leaves := []*ics23.ExistenceProof{nil}
	for _, key := range w.keys() {
		leaves = append(leaves, w.existence(key))
	}
	for _, q := range w.questions() {
		if q.kind != KindAbsent {
			continue
		}
		f := &File{Format: FileFormat, ChainID: testChain, Kind: KindAbsent, Subject: q.subject, Height: w.height,
			SignedHeader: header}
		for _, left := range leaves {
			for _, right := range leaves {
				try(func() []byte { f := *f; f.LeafProof = gap(q.key, left, right); return f.write() })
			}
			if left != nil {
				// Neighbours renamed, so that they stand around the key.
				near := *left
				near.Key = append(bytes.Clone(q.key[:len(q.key)-1]), q.key[len(q.key)-1]-1)
				for _, right := range leaves {
					try(func() []byte { f := *f; f.LeafProof = gap(q.key, &near, right); return f.write() })
				}
			}
		}
		for _, other := range w.keys() {
			try(func() []byte {
				f := *f
				f.LeafProof = gap([]byte(other), w.existence(other), w.existence(other))
				return f.write()
			})
		}
	}
}

func gap(key []byte, left, right *ics23.ExistenceProof) []byte {
	return marshal(&ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Nonexist{Nonexist: &ics23.NonExistenceProof{
		Key: key, Left: left, Right: right,
	}}})
}

func marshal(p *ics23.CommitmentProof) []byte {
	b, err := p.Marshal()
	if err != nil {
		panic(err)
	}
	return b
}

// proofFormMutants put the right existence into every form of proof that ICS-23
// has, for every kind, and under other keys.
func proofFormMutants(c *samples, s *sample, try func(func() []byte)) {
	w := s.world
	forms := func(e *ics23.ExistenceProof) []*ics23.CommitmentProof {
		batch := &ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Batch{Batch: &ics23.BatchProof{
			Entries: []*ics23.BatchEntry{{Proof: &ics23.BatchEntry_Exist{Exist: e}}},
		}}}
		absent := &ics23.NonExistenceProof{Key: e.Key, Left: e, Right: e}
		batchAbsent := &ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Batch{Batch: &ics23.BatchProof{
			Entries: []*ics23.BatchEntry{{Proof: &ics23.BatchEntry_Nonexist{Nonexist: absent}}},
		}}}
		return []*ics23.CommitmentProof{
			{Proof: &ics23.CommitmentProof_Exist{Exist: e}}, {Proof: &ics23.CommitmentProof_Nonexist{Nonexist: absent}},
			batch, batchAbsent, ics23.Compress(batch), ics23.Compress(batchAbsent), {},
		}
	}
	for _, kind := range kinds {
		for _, key := range w.keys() {
			e := w.existence(key)
			renamed := *e
			renamed.Key = s.key()
			for _, form := range append(forms(e), forms(&renamed)...) {
				try(func() []byte { f := *s.file; f.Kind, f.LeafProof = kind, marshal(form); return f.write() })
			}
		}
	}
}

// voteMutants change who signed the header.
func voteMutants(c *samples, s *sample, try func(func() []byte)) {
	genuine := s.world.headers[s.file.Height]
	with := func(header *cmttypes.Header, edit func(*cmttypes.Commit)) {
		try(func() []byte {
			commit := *genuine.Commit
			commit.Signatures = slices.Clone(commit.Signatures)
			h := &cmttypes.SignedHeader{Header: header, Commit: &commit}
			edit(&commit)
			b, err := h.ToProto().Marshal()
			if err != nil {
				return nil
			}
			f := *s.file
			f.SignedHeader = b
			return f.write()
		})
	}
	votes := func(edit func([]cmttypes.CommitSig) []cmttypes.CommitSig) {
		with(genuine.Header, func(c *cmttypes.Commit) { c.Signatures = edit(c.Signatures) })
	}
	n := len(genuine.Commit.Signatures)
	for i := range n {
		for j := range n + 1 {
			votes(func(v []cmttypes.CommitSig) []cmttypes.CommitSig { return slices.Insert(v, j, v[i]) })
			if j == n {
				continue
			}
			votes(func(v []cmttypes.CommitSig) []cmttypes.CommitSig { v[i], v[j] = v[j], v[i]; return v })
			votes(func(v []cmttypes.CommitSig) []cmttypes.CommitSig { v[i] = v[j]; return v })
			votes(func(v []cmttypes.CommitSig) []cmttypes.CommitSig { v[i].Signature = v[j].Signature; return v })
			votes(func(v []cmttypes.CommitSig) []cmttypes.CommitSig {
				v[i].ValidatorAddress = v[j].ValidatorAddress
				return v
			})
			votes(func(v []cmttypes.CommitSig) []cmttypes.CommitSig { v[i].Timestamp = v[j].Timestamp; return v })
			votes(func(v []cmttypes.CommitSig) []cmttypes.CommitSig { v[j] = v[i]; v[(j+1)%n] = v[i]; return v })
		}
	}
	// Every choice of what each validator did, with votes that fit, or only look so.
	for choice := range 4 * 4 * 4 * 4 {
		for _, forged := range []bool{false, true} {
			with(genuine.Header, func(c *cmttypes.Commit) {
				for i := range n {
					s.world.vote(c, i, choice>>(2*i)&3, forged)
				}
			})
		}
	}
	// Signatures of other heights and chains.
	for _, o := range c.all {
		for _, h := range o.world.headers {
			for i := range n {
				votes(func(v []cmttypes.CommitSig) []cmttypes.CommitSig {
					v[i].Signature = h.Commit.Signatures[i].Signature
					return v
				})
				votes(func(v []cmttypes.CommitSig) []cmttypes.CommitSig { v[i] = h.Commit.Signatures[i]; return v })
			}
			votes(func(v []cmttypes.CommitSig) []cmttypes.CommitSig { return h.Commit.Signatures })
			with(genuine.Header, func(c *cmttypes.Commit) { *c = *h.Commit })
			with(h.Header, func(*cmttypes.Commit) {})
		}
	}
	paddedSets(s, with)
}

// vote is what validator i did: 0 for the block, 1 for none, 2 absent, 3 for
// the block in the name of an absent one. A forged one is another's signature.
func (w *world) vote(c *cmttypes.Commit, i, did int, forged bool) {
	v := &c.Signatures[i]
	switch did {
	case 0:
		return
	case 1:
		v.BlockIDFlag = cmttypes.BlockIDFlagNil
	case 2:
		*v = cmttypes.NewCommitSigAbsent()
		return
	case 3:
		v.BlockIDFlag = cmttypes.BlockIDFlagAbsent
	}
	key := w.vals.Keys[i]
	if forged {
		key = ed25519.GenPrivKeyFromSecret([]byte("mallory"))
	}
	v.Signature, _ = key.Sign(c.VoteSignBytes(testChain, int32(i)))
}

// paddedSets are headers and commits by validators of the attacker's own, alone
// or beside the trusted ones, over a header that names the trusted set, theirs,
// or both.
func paddedSets(s *sample, with func(*cmttypes.Header, func(*cmttypes.Commit))) {
	trusted := s.world.vals
	all := newValidators(10, 10, 10, 10, 10, 10, 10, 10)
	var mine validators
	for _, k := range all.Keys {
		if !slices.ContainsFunc(trusted.Keys, func(t ed25519.PrivKey) bool { return bytes.Equal(t, k) }) {
			mine.Keys, mine.Powers = append(mine.Keys, k), append(mine.Powers, 10)
		}
	}
	genuine := s.world.headers[s.file.Height].Header
	for _, hash := range [][]byte{genuine.ValidatorsHash, mine.Set().Hash(), all.Set().Hash()} {
		for _, next := range [][]byte{genuine.NextValidatorsHash, mine.Set().Hash()} {
			for _, spoiled := range []bool{false, true} {
				for _, signers := range []validators{mine, all, trusted} {
					header := *genuine
					header.ValidatorsHash, header.NextValidatorsHash = hash, next
					if spoiled {
						header.AppHash = make([]byte, 32)
					}
					for _, claimed := range []validators{trusted, mine} {
						with(&header, func(c *cmttypes.Commit) {
							c.BlockID.Hash = header.Hash()
							c.Signatures = nil
							for i, k := range signers.Keys {
								c.Signatures = append(c.Signatures, cmttypes.CommitSig{
									BlockIDFlag:      cmttypes.BlockIDFlagCommit,
									ValidatorAddress: claimed.Keys[i%len(claimed.Keys)].PubKey().Address(),
									Timestamp:        header.Time,
								})
								if !slices.ContainsFunc(trusted.Keys, func(t ed25519.PrivKey) bool {
									return bytes.Equal(t, k)
								}) || header.Hash().String() == genuine.Hash().String() {
									c.Signatures[i].Signature, _ = k.Sign(c.VoteSignBytes(testChain, int32(i)))
								} else {
									c.Signatures[i].Signature = make([]byte, 64)
								}
							}
						})
					}
				}
			}
		}
	}
}

// readHeader is a vector's signed header in protobuf's own types.
func (s *sample) readHeader() *cmtproto.SignedHeader {
	pb := new(cmtproto.SignedHeader)
	if err := pb.Unmarshal(s.file.SignedHeader); err != nil {
		panic(err)
	}
	return pb
}
