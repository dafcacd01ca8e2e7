package node

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	"github.com/spf13/cobra"
)

// Status is what a node says of itself.
type Status struct {
	ChainID    string    `json:"chain_id"`
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Height     int64     `json:"height"`
	Time       time.Time `json:"time"`     // block time of Height
	AppHash    string    `json:"app_hash"` // in the header of Height: the state after Height-1; hex
	CatchingUp bool      `json:"catching_up"`
	Peers      []string  `json:"peers"` // names
}

// statusTimeout is generous for a loopback answer and short for a person.
const statusTimeout = 5 * time.Second

// QueryStatus asks a node, such as http://127.0.0.1:26657.
func QueryStatus(ctx context.Context, url string) (Status, error) {
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	client, err := rpchttp.New(url, "/websocket")
	if err != nil {
		return Status{}, err
	}
	st, err := client.Status(ctx)
	if err != nil {
		return Status{}, fmt.Errorf("node %s: does not answer: %w", url, err)
	}
	net, err := client.NetInfo(ctx)
	if err != nil {
		return Status{}, fmt.Errorf("node %s: does not answer: %w", url, err)
	}
	s := Status{
		ChainID:    st.NodeInfo.Network,
		ID:         string(st.NodeInfo.DefaultNodeID),
		Name:       st.NodeInfo.Moniker,
		Height:     st.SyncInfo.LatestBlockHeight,
		Time:       st.SyncInfo.LatestBlockTime.UTC(),
		AppHash:    strings.ToLower(st.SyncInfo.LatestAppHash.String()),
		CatchingUp: st.SyncInfo.CatchingUp,
		Peers:      []string{},
	}
	for _, p := range net.Peers {
		s.Peers = append(s.Peers, p.NodeInfo.Moniker)
	}
	return s, nil
}

// RPCURL is where the node of a home answers queries.
func RPCURL(home string) (string, error) {
	c, _, err := LoadConfig(home)
	if err != nil {
		return "", err
	}
	return strings.Replace(c.RPC.ListenAddress, "tcp://", "http://", 1), nil
}

func statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Say how far the node is and whom it hears",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			c.SilenceUsage = true
			url, err := RPCURL(homeFlag(c))
			if err != nil {
				return err
			}
			s, err := QueryStatus(c.Context(), url)
			if err != nil {
				return err
			}
			if flagOr(c, "output", "text") == "json" {
				return json.NewEncoder(c.OutOrStdout()).Encode(map[string]any{"status": "ok", "result": s})
			}
			printStatus(c.OutOrStdout(), s)
			return nil
		},
	}
}

func printStatus(w io.Writer, s Status) {
	state := "in step"
	if s.CatchingUp {
		state = "catching up"
	}
	peers := "none"
	if len(s.Peers) > 0 {
		peers = fmt.Sprintf("%d (%s)", len(s.Peers), strings.Join(s.Peers, " "))
	}
	fmt.Fprintf(w, "%s on %s, %s\n", s.Name, s.ChainID, state)
	fmt.Fprintf(w, "height    %d at %s\n", s.Height, s.Time.Format(time.RFC3339))
	fmt.Fprintf(w, "app hash  %s\n", s.AppHash)
	fmt.Fprintf(w, "peers     %s\n", peers)
}
