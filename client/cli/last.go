package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"hongbao/client/wallet"
	"hongbao/contract"
)

// lastFile remembers the packet last sent or claimed from this home, which is what
// "last" names. A packet that was sent just now may never come to be: until that is
// known, Sending is its transaction, and Before is what last named before.
type lastFile struct {
	Chain   string             `json:"chain_id"`
	Packet  contract.PacketID  `json:"packet"`
	Sending *sending           `json:"sending,omitempty"`
	Before  *contract.PacketID `json:"before,omitempty"`
}

type sending struct {
	Account    contract.Address `json:"account"`
	Tx         contract.Hash    `json:"tx"`
	ValidUntil contract.Time    `json:"valid_until"`
}

func lastPath(home string) string { return filepath.Join(home, "last.json") }

func (s *Session) readLast() (l lastFile, err error) {
	b, err := os.ReadFile(lastPath(s.Global.Home))
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &l)
	}
	if err != nil {
		return l, fmt.Errorf("%s: %w: %w", lastPath(s.Global.Home), wallet.ErrDamaged, err)
	}
	if l.Chain != s.chain {
		return lastFile{}, nil
	}
	return l, nil
}

// remember makes last name a packet that is there.
func (s *Session) remember(id contract.PacketID) error {
	return wallet.WriteFile(lastPath(s.Global.Home), lastFile{Chain: s.chain, Packet: id})
}

// rememberSending makes last name a packet that tx is about to make.
func (s *Session) rememberSending(tx *contract.Tx, id contract.PacketID) error {
	l, err := s.readLast()
	if err != nil {
		l = lastFile{} // it is written anew
	}
	before := l.Before
	if l.Sending == nil && l.Packet != (contract.PacketID{}) {
		before = &l.Packet
	}
	return wallet.WriteFile(lastPath(s.Global.Home),
		lastFile{s.chain, id, &sending{tx.Account, contract.TxHash(tx.Encode()), tx.ValidUntil}, before})
}

// last is the packet that was last sent or claimed. While it is unknown whether
// the one last sent will ever be, it is none: the one before is not what is meant.
func (s *Session) last(ctx context.Context) (contract.PacketID, error) {
	l, err := s.readLast()
	if err != nil {
		return contract.PacketID{}, err
	}
	if l.Packet == (contract.PacketID{}) {
		return l.Packet, noLast(s.chain)
	}
	if l.Sending == nil {
		return l.Packet, nil
	}
	// before the packet: what may still happen is not taken for over
	_, at, err := s.client.Account(ctx, l.Sending.Account)
	if err != nil {
		return l.Packet, err
	}
	_, _, err = s.client.Packet(ctx, l.Packet)
	switch {
	case err == nil:
		return l.Packet, nil
	case asError(err).Number != contract.CodeUnknownPacket:
		return l.Packet, err
	case at.Time <= l.Sending.ValidUntil:
		return l.Packet, Fail(ExitRefused, "previous_pending",
			"last: packet %s is not in a block yet; it may still be, until %s",
			l.Packet.Short(), clock(l.Sending.ValidUntil)).about(l.Sending.Tx)
	case l.Before == nil:
		return l.Packet, noLast(s.chain)
	}
	return *l.Before, nil
}

func noLast(chain string) error {
	return Fail(ExitUsage, "no_last", "last: nothing was sent or claimed from this home on %s yet", chain)
}
