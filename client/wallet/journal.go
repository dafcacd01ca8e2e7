package wallet

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"hongbao/contract"
)

// Pending is a tx that was signed and not yet seen to end. It is written down
// before the bytes leave the home, so that no crash forgets what may still
// happen: the same bytes are offered again, and never made anew.
type Pending struct {
	Chain      string        `json:"chain_id"`
	Tx         contract.Hash `json:"tx"`
	Nonce      uint64        `json:"nonce"`
	ValidUntil contract.Time `json:"valid_until"`
	Wire       []byte        `json:"wire"`
}

// NewPending is the pending tx of signed bytes.
func NewPending(tx *contract.Tx) *Pending {
	wire := tx.Encode()
	return &Pending{Chain: tx.Chain, Tx: contract.TxHash(wire), Nonce: tx.Nonce, ValidUntil: tx.ValidUntil, Wire: wire}
}

// Lock gives the caller the account's nonce for itself, against every other
// command of this home.
func (a *Account) Lock(ctx context.Context) (unlock func(), err error) {
	return lock(ctx, a.file(".lock"))
}

func (a *Account) file(suffix string) string {
	return filepath.Join(a.keys.home, "accounts", a.Address.String()+suffix)
}

func (a *Account) journal(chain string) string { return a.file("@" + url.PathEscape(chain) + ".json") }

// Journal writes a pending tx down.
func (a *Account) Journal(p *Pending) error { return WriteFile(a.journal(p.Chain), p) }

// Pending is the tx for a chain that was last written down and not forgotten;
// nil when there is none.
func (a *Account) Pending(chain string) (*Pending, error) {
	return readPending(a.journal(chain))
}

// Forget takes the pending tx off the journal: how it ended is known.
func (a *Account) Forget(chain string) error {
	if err := os.Remove(a.journal(chain)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", ErrWrite, err)
	}
	return nil
}

// FindPending looks for a tx in the journals of every account of the home. One that
// is damaged is passed over, unless no other has the tx.
func (k *Keyring) FindPending(tx contract.Hash) (*Pending, error) {
	dir := filepath.Join(k.home, "accounts")
	files, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	var damaged error
	for _, f := range files {
		if !strings.HasPrefix(f.Name(), "hb1") || filepath.Ext(f.Name()) != ".json" {
			continue
		}
		if p, err := readPending(filepath.Join(dir, f.Name())); err != nil {
			damaged = err
		} else if p != nil && p.Tx == tx {
			return p, nil
		}
	}
	return nil, damaged
}

func readPending(path string) (*Pending, error) {
	p := new(Pending)
	err := readJSON(path, p)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("journal %w", err)
	}
	return p, nil
}
