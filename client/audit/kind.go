package audit

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"hongbao/contract"
)

// Kind is what a proof file proves.
type Kind string

// Kinds. An id is rp1…, a share rp1…/3, an address hb1….
const (
	// KindPacket proves a packet's whole life. Subject: its id. It holds every
	// entry, the txs of [TxHashes] and the beacons of [BeaconHeights].
	KindPacket Kind = "packet"
	// KindShare proves what can still become of a claimed share. Subject: the
	// share. It holds no entry; txs: the send and the claim.
	KindShare Kind = "share"
	// KindLargeShare is KindShare of a large packet, whose shares have leaves of their
	// own. Tightenings stand in the packet's leaf, and are not in it: as they take power
	// away alone, a share that it shows as final is final.
	KindLargeShare Kind = "large-share"
	// KindLargePacket proves a large packet's life. Subject: its id. It holds every entry of
	// the packet's own history, without the packet, in which the claims of a block are one, and the txs of
	// [TxHashes]: the send, tightenings, the recall of the rest.
	KindLargePacket Kind = "large-packet"
	// KindUnclaimed proves that an entry is on a packet's list and was not claimed. Subject:
	// the share that the entry gives. It holds no history; the entry with its path, a proof
	// that the share has no leaf, and of txs the send.
	KindUnclaimed Kind = "unclaimed"
	// KindRecall proves a recall. Subject: the share, or the packet's id for its
	// rest. It holds the entries of [RecallCase]; txs: the send, of a share the
	// claim, and the recall.
	KindRecall Kind = "recall"
	// KindUnrecalled proves that nothing was recalled from a packet. Subject: its
	// id. It holds neither entries nor txs.
	KindUnrecalled Kind = "unrecalled"
	// KindAccount proves an account's statement. Subject: its address. It holds
	// entries without a gap, and the txs of [DebitTxs].
	KindAccount Kind = "account"
	// KindAbsent proves that there never was a packet or an account. Subject: an
	// id or an address. It holds nothing more.
	KindAbsent Kind = "absent"
	// KindSupply proves where all money is. Subject: "supply". It holds nothing
	// more.
	KindSupply Kind = "supply"
)

// MaxStatement is how many entries a proof of an account's statement holds; a
// longer one is proven in parts.
const MaxStatement = 20_000

// shape is how much of what a kind's file holds.
type shape struct {
	minEntries, maxEntries int
	partial                bool // entries before and after may be left out
	minTxs, maxTxs         int
	maxBeacons             int
	unclaimed              bool // there is a listing, and a proof of absence
}

const (
	// send, recall, 4 tightenings; of each share a claim, an ask, an answer, a return
	maxPacketTxs = 6 + 4*contract.MaxShares
	// the same, a lapse where there is no answer; draws, settlements, and the end of a recall that waited for draws
	maxPacketEntries = 7 + 6*contract.MaxShares
	maxBeacons       = contract.MaxShares // each drew at least one share
	maxLargeTxs      = 6                  // send, recall, 4 tightenings
	// MaxLargeEntries is how many entries a proof of a large packet's life holds: all of a
	// campaign that was claimed from in every block of 16 hours; 13 MB.
	MaxLargeEntries = 60_000
)

var shapes = map[Kind]shape{
	KindPacket: {minEntries: 1, maxEntries: maxPacketEntries, minTxs: 1, maxTxs: maxPacketTxs,
		maxBeacons: maxBeacons},
	KindShare:       {minTxs: 2, maxTxs: 2},
	KindLargeShare:  {minTxs: 2, maxTxs: 2},
	KindLargePacket: {minEntries: 1, maxEntries: MaxLargeEntries, minTxs: 1, maxTxs: maxLargeTxs},
	KindUnclaimed:   {minTxs: 1, maxTxs: 1, unclaimed: true},
	KindRecall:      {minEntries: 1, maxEntries: maxPacketEntries, partial: true, minTxs: 2, maxTxs: 3},
	KindUnrecalled:  {},
	KindAccount:     {minEntries: 1, maxEntries: MaxStatement, partial: true, maxTxs: MaxStatement},
	KindAbsent:      {},
	KindSupply:      {},
}

func (s shape) check(f *File) error {
	between := func(n, least, most int, what string) error {
		if n < least || n > most {
			return fmt.Errorf("%d %s: must be %d to %d in a proof of kind %s", n, what, least, most, f.Kind)
		}
		return nil
	}
	headBytes := 0
	if f.From > 0 {
		headBytes = len(contract.Hash{})
	}
	switch {
	case s.unclaimed != (len(f.Listing) > 0) || s.unclaimed != (len(f.Absence) > 0):
		return fmt.Errorf("a proof of kind %s with or without a list's entry", f.Kind)
	case !s.partial && (f.From != 0 || len(f.Tail) > 0):
		return fmt.Errorf("a part of the history: a proof of kind %s shows it all or nothing", f.Kind)
	case len(f.Head) != headBytes:
		return fmt.Errorf("head of %d bytes before entry %d: must be %d", len(f.Head), f.From, headBytes)
	case len(f.Tail)%len(contract.Hash{}) != 0:
		return fmt.Errorf("tail of %d bytes: must be whole hashes", len(f.Tail))
	case f.From > maxSeq:
		return fmt.Errorf("from entry %d: out of range", f.From)
	}
	return errors.Join(between(len(f.Entries), s.minEntries, s.maxEntries, "entries"),
		between(len(f.Txs), s.minTxs, s.maxTxs, "transactions"), between(len(f.Beacons), 0, s.maxBeacons, "beacons"))
}

// maxSeq is more entries than any history has, and far from overflow.
const maxSeq = 1 << 48

// steps are the checks of a kind, in order.
func (v *verifier) steps() []step {
	header, clock, leaf := step{"header", v.checkHeader}, step{"clock", v.checkClock}, step{"leaf", v.checkLeaf}
	signatures, entries := step{"signatures", v.checkSignatures}, step{"entries", v.checkEntries}
	switch v.file.Kind {
	case KindPacket:
		return []step{header, clock, leaf, signatures, entries, {"draws", v.checkDraws}, {"sums", v.checkSums},
			{"replay", v.checkReplay}}
	case KindLargePacket:
		return []step{header, clock, leaf, signatures, entries, {"sums", v.checkSums}, {"replay", v.checkReplay}}
	case KindUnclaimed:
		return []step{header, clock, leaf, signatures, {"parties", v.checkParties}, {"listing", v.checkListing},
			{"absence", v.checkUnclaimed}}
	case KindShare, KindLargeShare:
		return []step{header, clock, leaf, signatures, {"parties", v.checkParties}, {"finality", v.checkFinality}}
	case KindRecall:
		return []step{header, clock, leaf, signatures, {"parties", v.checkParties}, entries, {"recall", v.checkRecall}}
	case KindUnrecalled:
		return []step{header, clock, leaf, {"recalls", v.checkUnrecalled}}
	case KindAccount:
		return []step{header, clock, leaf, signatures, entries, {"debits", v.checkDebits},
			{"balances", v.checkBalances}}
	case KindAbsent:
		return []step{header, clock, {"absence", v.checkAbsence}}
	case KindSupply:
		return []step{header, clock, leaf, {"supply", v.checkSupply}}
	}
	panic("unknown Kind") // File.check has seen it
}

// step is one check; what it found is nil where that is not worth a line.
type step struct {
	name  string
	check func() (*Finding, error)
}

// readSubject establishes what the file is about: v.id and v.share, or
// v.address, and v.key, the key of the leaf that its proof must be of.
func (v *verifier) readSubject() (err error) {
	text := v.file.Subject
	switch v.file.Kind {
	case KindSupply:
		if text != supplySubject {
			return fmt.Errorf("subject %q: must be %q", text, supplySubject)
		}
		v.key = contract.SupplyKey
		return nil
	case KindAccount:
		return v.readAddress(text)
	case KindAbsent:
		if strings.HasPrefix(text, "hb1") {
			return v.readAddress(text)
		}
	case KindShare, KindLargeShare, KindUnclaimed, KindRecall:
		most := uint64(contract.MaxShares)
		if v.file.Kind == KindLargeShare || v.file.Kind == KindUnclaimed {
			most = contract.MaxListed
		}
		id, share, found := strings.Cut(text, "/")
		if !found && v.file.Kind == KindRecall {
			break
		}
		n, err := strconv.ParseUint(share, 10, 32)
		if err != nil || n == 0 || strconv.FormatUint(n, 10) != share || n > most {
			return fmt.Errorf("subject %q: not a share, as rp1…/3", text)
		}
		text, v.share = id, uint32(n)
	}
	if v.id, err = contract.ParsePacketID(text); err != nil {
		return fmt.Errorf("subject: %w", err)
	}
	v.key = contract.PacketKey(v.id)
	if v.file.Kind == KindLargeShare {
		v.key = contract.ShareKey(v.id, v.share)
	}
	return nil
}

// checkCase makes sure that the case of a recall holds as many txs as its subject
// asks for: a share has a claim, the rest has none.
func (v *verifier) checkCase() error {
	want := 2
	if v.share != 0 {
		want = 3
	}
	if n := len(v.file.Txs); v.file.Kind == KindRecall && n != want {
		return fmt.Errorf("%d transactions: the case of %s has %d", n, v.file.Subject, want)
	}
	return nil
}

const supplySubject = "supply"

func (v *verifier) readAddress(text string) (err error) {
	if v.address, err = contract.ParseAddress(text); err != nil {
		return fmt.Errorf("subject: %w", err)
	}
	v.key = contract.AccountKey(v.address)
	return nil
}
