package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cometbft/cometbft/types"

	"hongbao/client/audit"
	"hongbao/client/rpc"
	"hongbao/client/words"
	"hongbao/contract"
)

// evidence is a proof file in the making: what a node answers about one leaf
// at one height.
type evidence struct {
	s      *Session
	client *rpc.Client
	kind   audit.Kind
	about  string
	key    []byte
	leaf   []byte // empty: absent
	at     rpc.At // with --trust, which has then verified the leaf

	history [][]byte // all entries, where only some are shown
	audit.Evidence
}

// gather asks for the leaf that a proof is about, at the newest state, and waits
// for the header that signs it. With --trust what stands there, and that nothing
// does, is verified at once: what is asked for next, and what is refused, rests on
// it.
func (s *Session) gather(ctx context.Context, kind audit.Kind, about string, key []byte) (*evidence, error) {
	client, err := s.Node(ctx)
	if err != nil {
		return nil, err
	}
	proof, err := client.Prove(ctx, key, s.height)
	if err != nil {
		return nil, err
	}
	header, err := s.awaitHeader(ctx, client, proof.Height+1)
	if err != nil {
		return nil, err
	}
	clock, err := client.Prove(ctx, contract.ClockKey, proof.Height)
	if err != nil {
		return nil, err
	}
	e := &evidence{
		s: s, client: client, kind: kind, about: about, key: key, leaf: proof.Value,
		Evidence: audit.Evidence{Header: header, LeafProof: proof.ICS23},
	}
	if len(clock.Value) > 0 { // a dev chain
		e.ClockProof = clock.ICS23
	}
	if s.checked() {
		err = e.verifyLeaf()
	}
	return e, err
}

// verifyLeaf makes e.leaf what is proven.
func (e *evidence) verifyLeaf() error {
	trust, err := e.s.trust()
	if err != nil {
		return err
	}
	if trust != nil && trust.Dev && len(e.ClockProof) == 0 { // without it a proof would speak of an earlier time
		return Fail(ExitInvalid, "bad_answer", "node %s: shows no clock of a dev chain", e.client.URL())
	}
	leaf, report := audit.VerifyLeaf(e.Evidence, e.key, len(e.leaf) == 0, trust, e.s.policy())
	if err := e.judged(&report); err != nil {
		return err
	}
	e.leaf, e.at = leaf.Value, rpc.At{Height: leaf.Height, Time: leaf.Time}
	return nil
}

// packetEvidence is evidence about a packet, which exists.
func (s *Session) packetEvidence(ctx context.Context, kind audit.Kind, r ref) (*evidence, *contract.Packet, error) {
	e, err := s.gather(ctx, kind, r.String(), contract.PacketKey(r.Packet))
	if err != nil {
		return nil, nil, err
	}
	if len(e.leaf) == 0 {
		return nil, nil, unknownPacket(r.Packet)
	}
	p := new(contract.Packet)
	if err := contract.Decode(e.leaf, p); err != nil {
		return nil, nil, e.bad("leaf: %v", err)
	}
	if int(r.Share) > len(p.Shares) {
		return nil, nil, refusal(contract.CodeUnknownShare, fmt.Sprintf("packet %s: has %s claimed, none numbered %d",
			r.Packet, words.Count(len(p.Shares), "share", "shares"), r.Share), 0)
	}
	return e, p, nil
}

func (e *evidence) bad(format string, args ...any) error {
	return Fail(ExitInternal, "bad_answer", "node %s: "+format, append([]any{e.client.URL()}, args...)...)
}

// lifeEvidence is of a packet's whole life.
func (s *Session) lifeEvidence(ctx context.Context, id contract.PacketID) (*evidence, error) {
	e, p, err := s.packetEvidence(ctx, audit.KindPacket, ref{Packet: id})
	if err != nil {
		return nil, err
	}
	if e.Entries, err = e.client.Entries(ctx, e.key, 0, p.History.Count); err != nil {
		return nil, err
	}
	hashes, err := audit.TxHashes(e.Entries)
	if err != nil {
		return nil, e.bad("%v", err)
	}
	if err := e.addTxs(ctx, hashes...); err != nil {
		return nil, err
	}
	return e, e.addBeacons(ctx)
}

// shareEvidence is of what can still become of a share.
func (s *Session) shareEvidence(ctx context.Context, r ref) (*evidence, error) {
	e, p, err := s.packetEvidence(ctx, audit.KindShare, r)
	if err != nil {
		return nil, err
	}
	entries, err := e.decoded(ctx, p.History.Count)
	if err != nil {
		return nil, err
	}
	return e, e.addParties(ctx, p, entries, r.Share)
}

// recallEvidence is of one recall, of a share or of the rest.
func (s *Session) recallEvidence(ctx context.Context, r ref) (*evidence, error) {
	e, p, err := s.packetEvidence(ctx, audit.KindRecall, r)
	if err != nil {
		return nil, err
	}
	if !recalled(p, r.Share) {
		return nil, Fail(ExitRefused, "not_recalled", "packet %s: was not recalled", r).WithHint("prove that with --absent")
	}
	entries, err := e.decoded(ctx, p.History.Count)
	if err != nil {
		return nil, err
	}
	from, until, err := audit.RecallCase(entries, r.Share)
	if err != nil {
		return nil, e.bad("entries: %v", err)
	}
	if err := e.addParties(ctx, p, entries, r.Share); err != nil {
		return nil, err
	}
	for _, x := range entries[from:until] {
		if x.Kind == contract.KindRecall && x.Tx != nil && x.Share == r.Share {
			if err := e.addTxs(ctx, *x.Tx); err != nil {
				return nil, err
			}
		}
	}
	e.Cut(s.chain, e.key, e.history, uint64(from), uint64(until))
	return e, nil
}

// part is the entries of a statement with from <= seq < until; until 0 is to
// the newest.
type part struct{ from, until uint64 }

// of is the part of a statement with count entries.
func (p part) of(count uint64) (from, until uint64, err error) {
	from, until = p.from, p.until
	if until == 0 {
		until = count
	}
	if from >= until || until > count {
		return 0, 0, usagef("entries %d to %d: the account has %d, numbered from 0", from, until, count)
	}
	return from, until, nil
}

// provable is the same of a part that one proof is to hold.
func (p part) provable(count uint64) (from, until uint64, err error) {
	from, until, err = p.of(count)
	if err == nil && until-from > audit.MaxStatement {
		err = Fail(ExitRefused, "proof_too_long", "entries %d to %d: a proof holds at most %d", from, until, audit.MaxStatement).
			WithHint("read or prove it in parts, with --since and --until; or read it without --trust")
	}
	return from, until, err
}

// accountEvidence is of an account's statement, or of there being none.
func (s *Session) accountEvidence(ctx context.Context, a contract.Address, part part) (*evidence, error) {
	e, err := s.gather(ctx, audit.KindAccount, a.String(), contract.AccountKey(a))
	if err != nil {
		return nil, err
	}
	account, err := e.account()
	if err != nil {
		return nil, err
	}
	if account == nil {
		e.kind = audit.KindAbsent
		return e, nil
	}
	count := account.History.Count
	from, until, err := part.provable(count)
	if err != nil {
		return nil, err
	}
	// The head before a part is not kept anywhere: it is folded from the start.
	if e.history, err = e.client.Entries(ctx, e.key, 0, count); err != nil {
		return nil, err
	}
	e.Cut(s.chain, e.key, e.history, from, until)
	hashes, err := audit.DebitTxs(a, e.Entries)
	if err != nil {
		return nil, e.bad("%v", err)
	}
	return e, e.addTxs(ctx, hashes...)
}

// account reads the leaf of an account; nil where there is none.
func (e *evidence) account() (*contract.Account, error) {
	if len(e.leaf) == 0 {
		return nil, nil
	}
	a := new(contract.Account)
	if err := contract.Decode(e.leaf, a); err != nil || a.History.Count == 0 {
		return nil, e.bad("leaf of %s: %v, %d entries", e.about, err, a.History.Count)
	}
	return a, nil
}

// unrecalledEvidence is that nothing was recalled from a packet.
func (s *Session) unrecalledEvidence(ctx context.Context, id contract.PacketID) (*evidence, error) {
	e, p, err := s.packetEvidence(ctx, audit.KindUnrecalled, ref{Packet: id})
	if err != nil {
		return nil, err
	}
	for share := range p.Shares {
		if recalled(p, uint32(share+1)) {
			id := ref{id, uint32(share + 1)}
			return nil, Fail(ExitRefused, "was_recalled", "share %s: was recalled", id).WithHint("prove that with --recall")
		}
	}
	if recalled(p, 0) {
		return nil, Fail(ExitRefused, "was_recalled", "packet %s: its rest was recalled", id).WithHint("prove that with --recall")
	}
	return e, nil
}

// recalled reports whether a share (from 1; 0: the rest) was taken back.
func recalled(p *contract.Packet, share uint32) bool {
	if share == 0 {
		return p.Status == contract.Recalled
	}
	return p.Shares[share-1].State == contract.ShareRecalled
}

// absentEvidence is that there never was a packet or an account.
func (s *Session) absentEvidence(ctx context.Context, about string, key []byte) (*evidence, error) {
	e, err := s.gather(ctx, audit.KindAbsent, about, key)
	if err == nil && len(e.leaf) > 0 {
		err = Fail(ExitRefused, "not_absent", "%s: there is one", about)
	}
	return e, err
}

// supplyEvidence is of where all money is.
func (s *Session) supplyEvidence(ctx context.Context) (*evidence, error) {
	return s.gather(ctx, audit.KindSupply, "supply", contract.SupplyKey)
}

// decoded fetches a packet's whole history.
func (e *evidence) decoded(ctx context.Context, count uint64) (list []contract.Entry, err error) {
	if e.history, err = e.client.Entries(ctx, e.key, 0, count); err != nil {
		return nil, err
	}
	return decodeEntries(e.history)
}

// addParties adds the signatures of who made the contract: the send, and the
// claim of share (from 1; 0: none).
func (e *evidence) addParties(ctx context.Context, p *contract.Packet, entries []contract.Entry, share uint32) error {
	if err := e.addTxs(ctx, p.SendTx); err != nil || share == 0 {
		return err
	}
	for _, x := range entries {
		if (x.Kind == contract.KindClaim || x.Kind == contract.KindReserve) && x.Share == share && x.Tx != nil {
			return e.addTxs(ctx, *x.Tx)
		}
	}
	return e.bad("has no entry of the claim of share %d", share)
}

// addTxs adds signed txs.
func (e *evidence) addTxs(ctx context.Context, hashes ...contract.Hash) error {
	for i, h := range hashes {
		if i > 0 && i%progressEvery == 0 {
			e.s.Progress("%d of %d transactions", i, len(hashes))
		}
		record, _, err := e.client.Tx(ctx, h)
		if err != nil {
			return err
		}
		if record == nil {
			return e.bad("an entry names tx %s, which it does not have", h)
		}
		e.Txs = append(e.Txs, record.Wire)
	}
	return nil
}

// progressEvery is after how many txs a person is told that it goes on.
const progressEvery = 1000

// addBeacons adds what the entries' shares were drawn with.
func (e *evidence) addBeacons(ctx context.Context) error {
	heights, err := audit.BeaconHeights(e.Entries)
	if err != nil {
		return e.bad("%v", err)
	}
	for _, h := range heights {
		b, err := e.client.Beacon(ctx, h)
		if err != nil {
			return err
		}
		if b == nil {
			return e.bad("has no beacon for the shares that block %d reserved", h)
		}
		e.Beacons = append(e.Beacons, contract.Encode(b))
	}
	return nil
}

// file makes the proof file.
func (e *evidence) file() (*audit.File, error) { return audit.Build(e.kind, e.about, e.Evidence) }

// headerWait is how long the header that signs the newest state may take: an
// idle chain makes a block each second.
const headerWait = 15 * time.Second

// awaitHeader is the signed header of a height, once there is one.
func (s *Session) awaitHeader(ctx context.Context, client *rpc.Client, height int64) (*types.SignedHeader, error) {
	ctx, cancel := context.WithTimeout(ctx, s.headerWait)
	defer cancel()
	for {
		status, err := client.Status(ctx)
		if err == nil && status.Height >= height {
			return client.SignedHeader(ctx, height)
		}
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, Fail(ExitUnreachable, "no_new_block", "node %s: made no block after %d within %s; is the network halted?",
				client.URL(), height-1, s.headerWait)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
