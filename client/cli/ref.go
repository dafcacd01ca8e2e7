package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"hongbao/client/files"
	"hongbao/client/rpc"
	"hongbao/client/submit"
	"hongbao/contract"
)

// ref is what a REF names: a packet, and a share of it or 0.
type ref struct {
	Packet contract.PacketID
	Share  uint32
}

func (r ref) String() string {
	if r.Share == 0 {
		return r.Packet.String()
	}
	return fmt.Sprintf("%s/%d", r.Packet, r.Share)
}

// recallable is r, or the held share that is all of p's money.
func (r ref) recallable(p *contract.Packet) ref {
	return ref{r.Packet, p.RecallableShare(r.Share)}
}

// packetIDLength is how long a whole id is: rp1 and 58 characters.
const packetIDLength = 61

// parseRef finds what text names: rp1…, rp1…/3, the beginning of an id, a tx
// hash, a link, or last.
func (s look) parseRef(ctx context.Context, text string) (r ref, err error) {
	c, err := s.Client(ctx)
	if err != nil {
		return r, err
	}
	if files.IsLink(text) {
		l, err := linkOfChain(s.chain, text)
		if err != nil {
			return r, err
		}
		return ref{Packet: l.Packet}, nil
	}
	if strings.Contains(text, "://") { // a web address, of which the end is no share
		return r, s.badRef(text)
	}
	name, share, err := cutShare(text)
	if err != nil {
		return r, err
	}
	r.Share = share
	switch {
	case name == "last":
		r.Packet, err = s.last(ctx)
	case strings.HasPrefix(name, "rp1") && len(name) >= packetIDLength:
		r.Packet, err = contract.ParsePacketID(name)
	case strings.HasPrefix(name, "rp1"):
		r.Packet, err = unabbreviate(ctx, c.Node(), name)
	case share == 0 && len(name) == 64:
		hash, bad := contract.ParseHash(name)
		if bad != nil {
			return r, Fail(ExitUsage, "bad_ref", "%v", bad)
		}
		return refOfTx(ctx, c.Node(), hash)
	default:
		err = s.badRef(text)
	}
	return r, err
}

// badRef is the mistake of a text that names neither a packet nor, where that may
// stand, an account.
func (s look) badRef(text string) *Error {
	e := Fail(ExitUsage, "bad_ref", "%q: not a packet", text)
	if names := s.nearNames(text, "last"); len(names) > 0 {
		return e.perhaps(names)
	}
	return e.WithHint("write rp1… (or its beginning), rp1…/3 for share 3, a transaction's hash, a link, or last; "+
		"of people there are: %[1]s keys list, %[1]s contacts list",
		"请写 rp1…(或它的开头)、rp1…/3(表示第 3 份)、交易哈希、链接,或 last;"+
			"人名见:%[1]s keys list、%[1]s contacts list",
		s.Program())
}

// linkOfChain is the link in text, which has to be for the node's chain.
func linkOfChain(chain, text string) (*files.Link, error) {
	l, err := files.ParseLink(text)
	if err == nil && l.Chain != chain {
		err = refusal(contract.CodeWrongChain, fmt.Sprintf("link: for chain %q, this is %q", l.Chain, chain), 0)
	}
	return l, err
}

// cutShare cuts the share's number off a REF; it is 0 where there is none.
func cutShare(text string) (name string, share uint32, err error) {
	name, number, slash := strings.Cut(text, "/")
	if !slash {
		return name, 0, nil
	}
	n, err := strconv.ParseUint(number, 10, 32)
	if err != nil || n == 0 {
		return "", 0, Fail(ExitUsage, "bad_ref",
			"%q: write the number of the share behind the /, from 1, as in rp1…/3", text)
	}
	return name, uint32(n), nil
}

// unabbreviate finds a packet by the beginning of its id, with or without the …
// and the end that a screen shows.
func unabbreviate(ctx context.Context, client *rpc.Client, text string) (contract.PacketID, error) {
	prefix, end, _ := strings.Cut(text, "…")
	ids, err := client.Resolve(ctx, prefix)
	ids = slices.DeleteFunc(ids, func(id contract.PacketID) bool { return !strings.HasSuffix(id.String(), end) })
	switch {
	case err != nil:
		return contract.PacketID{}, err
	case len(ids) == 0:
		return contract.PacketID{}, refusal(contract.CodeUnknownPacket, fmt.Sprintf("packet %s…: unknown", prefix), 0)
	case len(ids) > 1:
		return contract.PacketID{}, Fail(ExitUsage, "ambiguous_ref",
			"%s…: several packets have ids that begin like this", prefix).
			WithHint("write more of the id", "请多写几位编号")
	}
	return ids[0], nil
}

// refOfTx is the packet that a tx made or touched.
func refOfTx(ctx context.Context, client *rpc.Client, hash contract.Hash) (r ref, err error) {
	record, _, err := client.Tx(ctx, hash)
	if err != nil {
		return r, err
	}
	if record == nil {
		return r, Fail(ExitRefused, "unknown_tx", "tx %s: in no block", hash)
	}
	wire, err := client.Wire(ctx, hash, record)
	if err != nil {
		return r, err
	}
	tx, err := contract.DecodeTx(wire)
	if err != nil {
		return r, err
	}
	r = refOf(tx)
	if r.Packet == (contract.PacketID{}) {
		return r, Fail(ExitUsage, "bad_ref", "tx %s: a %s, not about a packet", hash, contract.KindName(tx.Message))
	}
	return r, nil
}

// refOf is what a tx is about; its packet is zero when it is about none.
func refOf(tx *contract.Tx) ref {
	id, share := submit.About(tx)
	return ref{id, share}
}
