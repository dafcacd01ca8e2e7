package cli

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"hongbao/client/files"
	"hongbao/client/wallet"
	"hongbao/contract"
)

// The links of packets sent from a home are kept there, for their owner alone:
// a terminal that closed too early must not cost the money behind them.

// links is the home that keeps them.
type links string

func (home links) path(id contract.PacketID) string {
	return filepath.Join(string(home), "links", id.String()+".json")
}

type linkFile struct {
	Link string `json:"link"`
}

func (home links) keep(l *files.Link) error {
	return wallet.WriteFile(home.path(l.Packet), linkFile{l.String()})
}

// kept is the link of a packet sent from this home; empty when there is
// none.
func (home links) kept(id contract.PacketID) (string, error) {
	b, err := os.ReadFile(home.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	var f linkFile
	if err == nil {
		err = json.Unmarshal(b, &f)
	}
	return f.Link, err
}
