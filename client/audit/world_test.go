package audit

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hongbao/contract"

	"github.com/btcsuite/btcd/btcec/v2/schnorr"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmttypes "github.com/cometbft/cometbft/types"
)

// What is true is defined here without the verifier: the chains behind the
// vectors are kept whole, and a file is true when an honest prover who has one
// of them would have written it, byte for byte, under votes that are genuine and
// enough.

// witness is a test that keeps the chain made under it.
type witness struct {
	testing.TB
	chain *ledger
}

// world is a chain with all its past.
type world struct {
	*ledger
	mu      sync.Mutex                       // the tree's reads are not concurrent
	headers map[int64]*cmttypes.SignedHeader // by the height of the state they sign
	proofs  map[int64]map[string][]byte      // existence of every leaf at each height
}

func newWorld(l *ledger) *world {
	w := &world{ledger: l, headers: map[int64]*cmttypes.SignedHeader{}, proofs: map[int64]map[string][]byte{}}
	for h := int64(1); h <= l.height; h++ {
		at := l.time.Add(time.Second)
		if h < l.height {
			at = l.times[h]
		}
		tree, err := l.tree.GetImmutable(h)
		must(l.t, err)
		w.headers[h] = l.vals.signHeader(testChain, h+1, at, tree.Hash())
		w.proofs[h] = map[string][]byte{}
		for key := range l.leaves {
			if has, err := tree.Has([]byte(key)); err == nil && has {
				w.proofs[h][key] = w.proof(h, []byte(key))
			}
		}
	}
	return w
}

// proof is of key's presence or absence at a height.
func (w *world) proof(height int64, key []byte) []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	tree, err := w.tree.GetImmutable(height)
	must(w.t, err)
	p, err := tree.GetProof(key)
	must(w.t, err)
	b, err := p.Marshal()
	must(w.t, err)
	return b
}

// past is a leaf's history up to a height.
func (w *world) past(height int64, key []byte) (encoded [][]byte, entries []contract.Entry) {
	all := w.history(key)
	entries = decode(w.t, all)
	n := slices.IndexFunc(entries, func(e contract.Entry) bool { return e.Height > height })
	if n < 0 {
		n = len(entries)
	}
	return all[:n:n], entries[:n]
}

// ids and addresses are those of the packets and accounts there are.
func (w *world) ids() (list []contract.PacketID) {
	for key := range w.leaves {
		if id, ok := strings.CutPrefix(key, "p/"); ok {
			list = append(list, contract.PacketID([]byte(id)))
		}
	}
	slices.SortFunc(list, func(a, b contract.PacketID) int { return bytes.Compare(a[:], b[:]) })
	return list
}

func (w *world) addresses() (list []contract.Address) {
	for key := range w.leaves {
		if a, ok := strings.CutPrefix(key, "a/"); ok {
			list = append(list, contract.Address([]byte(a)))
		}
	}
	slices.SortFunc(list, func(a, b contract.Address) int { return bytes.Compare(a[:], b[:]) })
	return list
}

// honest is what a prover writes who is asked for this kind, subject, height
// and part, its header apart; nil if that would be untrue.
func (w *world) honest(kind Kind, subject string, height int64, from, count uint64) *File {
	f := &File{Format: FileFormat, ChainID: testChain, Kind: kind, Subject: subject, Height: height}
	if kind == KindSupply {
		return w.about(f, contract.SupplyKey, subject == "supply")
	}
	if address, err := contract.ParseAddress(subject); err == nil {
		key := contract.AccountKey(address)
		if kind == KindAccount {
			return w.statement(f, address, from, count)
		}
		return w.about(f, key, kind == KindAbsent && w.proofs[height][string(key)] == nil)
	}
	text, n, isShare := strings.Cut(subject, "/")
	id, err := contract.ParsePacketID(text)
	if err != nil {
		return nil
	}
	key := contract.PacketKey(id)
	if kind == KindAbsent {
		return w.about(f, key, !isShare && w.proofs[height][string(key)] == nil)
	}
	share, _ := strconv.Atoi(n)
	if kind == KindLargeShare {
		key = contract.ShareKey(id, uint32(share))
		if w.proofs[height][string(key)] == nil {
			return nil
		}
		f.Txs = w.wires(w.largeParties(key))
		return w.about(f, key, isShare)
	}
	if w.proofs[height][string(key)] == nil || isShare != (share > 0) {
		return nil
	}
	if kind == KindUnclaimed {
		return w.unclaimed(f, id, share)
	}
	return w.ofPacket(f, key, uint32(share), from, count)
}

func (w *world) about(f *File, key []byte, is bool) *File {
	if !is {
		return nil
	}
	f.LeafProof = w.proof(f.Height, key)
	return f
}

// unclaimed is that an entry of a packet's list was not claimed.
func (w *world) unclaimed(f *File, id contract.PacketID, n int) *File {
	list, share := w.lists[id], contract.ShareKey(id, uint32(n))
	if list == nil || n < 1 || n > len(list.entries) || w.proofs[f.Height][string(share)] != nil {
		return nil
	}
	f.Txs = w.wires([]contract.Hash{w.packet(id).SendTx})
	f.Listing, f.Absence = contract.Encode(list.listing(n)), w.proof(f.Height, share)
	return w.about(f, contract.PacketKey(id), true)
}

// statement is a part of an account's.
func (w *world) statement(f *File, a contract.Address, from, count uint64) *File {
	encoded, entries := w.past(f.Height, contract.AccountKey(a))
	if count == 0 || from+count > uint64(len(entries)) {
		return nil
	}
	w.cut(f, contract.AccountKey(a), encoded, from, from+count)
	for _, e := range entries[from : from+count] {
		if e.Tx == nil || e.Posting == nil ||
			e.Posting.From != contract.Wallet(a) && e.Posting.From != contract.Hold(a) {
			continue
		}
		if tx, err := contract.DecodeTx(w.txs[*e.Tx]); err == nil && tx.Account == a {
			f.Txs = append(f.Txs, w.txs[*e.Tx])
		}
	}
	return w.about(f, contract.AccountKey(a), true)
}

func (w *world) cut(f *File, key []byte, all [][]byte, from, until uint64) {
	var e Evidence
	e.Cut(testChain, key, all, from, until)
	f.From, f.Head, f.Entries, f.Tail = e.From, e.Head, e.Entries, e.Tail
}

// ofPacket is what a kind shows of a packet that there is.
func (w *world) ofPacket(f *File, key []byte, share uint32, from, count uint64) *File {
	encoded, entries := w.past(f.Height, key)
	for _, e := range entries {
		switch {
		case f.Kind == KindUnrecalled && e.Kind == contract.KindRecall:
			return nil
		case (f.Kind == KindPacket || f.Kind == KindLargePacket) && e.Tx != nil && e.Claims == nil:
			f.Txs = append(f.Txs, w.txs[*e.Tx])
		case f.Kind == KindPacket && e.Kind == contract.KindDraw:
			if b := w.beacons[e.Height-1]; !slices.ContainsFunc(f.Beacons, func(x []byte) bool {
				return bytes.Equal(x, b)
			}) {
				f.Beacons = append(f.Beacons, b)
			}
		case f.Kind == KindShare || f.Kind == KindRecall:
			claimed := e.Share == share && share != 0 &&
				(e.Kind == contract.KindClaim || e.Kind == contract.KindReserve)
			recalled := f.Kind == KindRecall && e.Share == share && e.Kind == contract.KindRecall && e.Tx != nil
			if e.Kind == contract.KindSend || claimed || recalled {
				f.Txs = append(f.Txs, w.txs[*e.Tx])
			}
		}
	}
	switch f.Kind {
	case KindPacket, KindLargePacket:
		if (w.packet(w.idOf(key)).Tally != nil) != (f.Kind == KindLargePacket) {
			return nil
		}
		f.Entries = encoded
		if f.Kind == KindLargePacket {
			var err error
			f.Entries, err = withoutPacket(encoded)
			must(w.t, err)
		}
		return w.about(f, key, share == 0)
	case KindUnrecalled:
		return w.about(f, key, share == 0)
	case KindShare:
		return w.about(f, key, share != 0 && len(f.Txs) == 2)
	case KindRecall:
		if !w.showsRecall(f.Height, entries, share, from, from+count) {
			return nil
		}
		w.cut(f, key, encoded, from, from+count)
		return w.about(f, key, true)
	}
	return nil
}

func (w *world) idOf(packetKey []byte) contract.PacketID { return contract.PacketID(packetKey[2:]) }

// showsRecall reports whether the entries of from <= seq < until show a recall
// whole: itself, tightenings of its instant, and what it brought home.
func (w *world) showsRecall(height int64, entries []contract.Entry, share uint32, from, until uint64) bool {
	at := slices.IndexFunc(entries, func(e contract.Entry) bool {
		return e.Kind == contract.KindRecall && e.Share == share && e.Tx != nil
	})
	if at < 0 || until > uint64(len(entries)) {
		return false
	}
	for i, e := range entries {
		needed := i == at || e.Kind == contract.KindTighten && e.Time == entries[at].Time ||
			e.Kind == contract.KindRecall && e.Phase == contract.PhaseDraw && entries[at].Posting == nil &&
				e.Share == share
		if needed && (uint64(i) < from || uint64(i) >= until) {
			return false
		}
	}
	return true
}

// signedState is a header that the validators did sign.
type signedState struct {
	*world
	height int64
}

// headerBytes name a header without its commit.
func headerBytes(h *cmttypes.Header) string {
	b, err := h.ToProto().Marshal()
	if err != nil {
		return ""
	}
	return string(b)
}

// isTrue reports whether an accepted file is what an honest prover would have
// written.
func isTrue(signed map[string]signedState, b []byte) bool {
	var f File
	var pb cmtproto.SignedHeader
	if json.Unmarshal(b, &f) != nil || pb.Unmarshal(f.SignedHeader) != nil {
		return false
	}
	h, err := cmttypes.SignedHeaderFromProto(&pb)
	if err != nil {
		return false
	}
	s, ok := signed[headerBytes(h.Header)]
	if !ok || !enoughVotes(s, h.Commit) {
		return false
	}
	want := s.honest(f.Kind, f.Subject, s.height, f.From, uint64(len(f.Entries)))
	if want == nil {
		return false
	}
	want.SignedHeader = f.SignedHeader
	if clock := s.proofs[s.height][string(contract.ClockKey)]; len(f.ClockProof) > 0 { // a file may leave it out
		want.ClockProof = clock
	}
	if len(f.Txs) > 1 && len(want.Txs) > 1 &&
		(f.Kind == KindShare || f.Kind == KindRecall && strings.Contains(f.Subject, "/")) &&
		sameAcceptance(want.Txs[1], f.Txs[1]) {
		want.Txs[1] = f.Txs[1]
	}
	again, err := want.Encode()
	return err == nil && bytes.Equal(again, b)
}

// sameAcceptance reports whether two claims are signed by the same account for
// the same terms: it may sign as many as it likes, and nothing but their being
// signed is shown of them without the history.
func sameAcceptance(a, b []byte) bool {
	x, err := contract.DecodeTx(a)
	y, err2 := contract.DecodeTx(b)
	if err != nil || err2 != nil {
		return false
	}
	m, ok := x.Message.(*contract.Claim)
	n, ok2 := y.Message.(*contract.Claim)
	key, _ := schnorr.ParsePubKey(y.Account[:])
	sig, err := schnorr.ParseSignature(y.Signature[:])
	digest := y.Digest()
	return ok && ok2 && key != nil && err == nil && sig.Verify(digest[:], key) && x.Chain == y.Chain &&
		x.Account == y.Account && m.Packet == n.Packet && m.TermsHash == n.TermsHash
}

// enoughVotes reports whether a commit is that of the state, with genuine votes
// of more than 2/3 for it. All validators have the same power.
func enoughVotes(s signedState, c *cmttypes.Commit) bool {
	genuine, votes := s.headers[s.height].Commit, 0
	if c.Height != genuine.Height || !c.BlockID.Equals(genuine.BlockID) || len(c.Signatures) != len(s.vals.Keys) {
		return false
	}
	for i, sig := range c.Signatures {
		if sig.BlockIDFlag == cmttypes.BlockIDFlagAbsent {
			continue
		}
		key := ed25519.PublicKey(s.vals.Keys[i].PubKey().Bytes())
		if !bytes.Equal(sig.ValidatorAddress, s.vals.Keys[i].PubKey().Address()) ||
			!ed25519.Verify(key, c.VoteSignBytes(testChain, int32(i)), sig.Signature) {
			return false
		}
		if sig.BlockIDFlag == cmttypes.BlockIDFlagCommit {
			votes++
		}
	}
	return votes*3 > len(c.Signatures)*2
}

// What is true is not what is merely well made: it knows the good vectors and
// none of the bad ones.
func TestTruth(t *testing.T) {
	c := newSamples(t)
	for _, s := range badStories {
		if isTrue(c.signed, encode(t, s.tell(t))) {
			t.Errorf("%s: is true", s.name)
		}
	}
	for _, s := range c.all {
		f := s.copy()
		f.Entries = append(f.Entries, f.Entries...)
		f.Txs = append(f.Txs, []byte("x"))
		if isTrue(c.signed, encode(t, f)) {
			t.Errorf("%s with something added: is true", s.name)
		}
		for _, q := range s.world.questions() {
			stands := s.world.leaves[string(q.key)] != nil
			if q.kind == KindAbsent && stands != (s.world.honest(q.kind, q.subject, s.world.height, 0, 0) == nil) {
				t.Errorf("%s: %s was never there, and is", s.name, q.subject)
			}
		}
	}
}
