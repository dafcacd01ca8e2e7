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

func (s *Session) linkPath(id contract.PacketID) string {
	return filepath.Join(s.Global.Home, "links", id.String()+".json")
}

type linkFile struct {
	Link string `json:"link"`
}

func (s *Session) keepLink(l *files.Link) error {
	return wallet.WriteFile(s.linkPath(l.Packet), linkFile{l.String()})
}

// keptLink is the link of a packet sent from this home; empty when there is
// none.
func (s *Session) keptLink(id contract.PacketID) (string, error) {
	b, err := os.ReadFile(s.linkPath(id))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	var f linkFile
	if err == nil {
		err = json.Unmarshal(b, &f)
	}
	return f.Link, err
}
