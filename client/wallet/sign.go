package wallet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"

	"hongbao/contract"
)

// ValidFor is how long after the newest block a tx may still execute. A
// person waits less, and whatever was left open is settled by then.
const ValidFor contract.Seconds = 60

// Sign builds and signs the account's next tx. Its valid_until is drawn from
// the last second of ValidFor: signing is deterministic, and two commands that
// want the same at the same nonce must not make the same tx, or each would
// take the other's outcome for its own.
func (a *Account) Sign(chain string, nonce uint64, now contract.Time, m contract.Message) (wire []byte, tx *contract.Tx, err error) {
	until := now.Plus(ValidFor) - contract.Time(rand.Int64N(int64(time.Second)))
	tx = &contract.Tx{Chain: chain, Nonce: nonce, ValidUntil: until, Message: m}
	if err := tx.Sign(a.key); err != nil {
		return nil, nil, err
	}
	return tx.Encode(), tx, nil
}

// Consent signs that clause may be used on share (from 1; 0 = the rest) of a
// packet, for reason, by whoever submits it in a block before until. It panics
// when the packet has no such share.
func (a *Account) Consent(chain string, id contract.PacketID, p *contract.Packet, clause *contract.Clause, share uint32, reason contract.Reason, until contract.Time) (contract.Consent, error) {
	sig, err := contract.SignDigest(a.key, contract.ConsentDigest(chain, id, p, clause, share, reason, until))
	return contract.Consent{Account: a.Address, ValidUntil: until, Signature: sig}, err
}

// NewLink is a packet's one-time key: whoever has the secret may claim.
func NewLink() (*btcec.PrivateKey, error) { return newKey() }

// SignLink lets claimer claim from a packet with its link's key.
func SignLink(link *btcec.PrivateKey, chain string, packet contract.PacketID, claimer contract.Address) (contract.Signature, error) {
	return contract.SignDigest(link, contract.LinkDigest(chain, packet, claimer))
}

// Pending is a tx that was signed and not yet seen to end. It is written down
// before the bytes leave the home, so that no crash forgets what may still
// happen.
type Pending struct {
	Chain      string        `json:"chain_id"`
	Tx         contract.Hash `json:"tx"`
	Nonce      uint64        `json:"nonce"`
	ValidUntil contract.Time `json:"valid_until"`
	Wire       []byte        `json:"wire"`
}

// Lock gives the caller the account's nonce for itself, against every other
// command of this home; the kernel frees it should the process die.
func (a *Account) Lock(ctx context.Context) (unlock func(), err error) {
	path := a.file("lock")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			f.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (a *Account) file(ext string) string {
	return filepath.Join(a.home, "accounts", a.Address.String()+"."+ext)
}

// Journal writes a pending tx down.
func (a *Account) Journal(p Pending) error { return WriteFile(a.file("json"), p) }

// Pending is the tx that was last written down and not forgotten; nil when
// there is none.
func (a *Account) Pending() (*Pending, error) {
	return readPending(a.file("json"))
}

// Forget takes the pending tx off the journal: how it ended is known.
func (a *Account) Forget() error {
	if err := os.Remove(a.file("json")); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// FindPending looks for a tx in the journals of every account of the home.
func (k *Keyring) FindPending(tx contract.Hash) (*Pending, error) {
	files, err := filepath.Glob(filepath.Join(k.home, "accounts", "*.json"))
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if p, err := readPending(f); err != nil {
			return nil, err
		} else if p != nil && p.Tx == tx {
			return p, nil
		}
	}
	return nil, nil
}

func readPending(path string) (*Pending, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	p := new(Pending)
	if err == nil {
		err = json.Unmarshal(b, p)
	}
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w", path, err)
	}
	return p, nil
}
