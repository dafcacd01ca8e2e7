package node

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

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
	Peers      []string  `json:"peers"`             // names
	InStep     bool      `json:"in_step"`           // takes part, and nothing below is amiss
	Behind     int64     `json:"behind"`            // blocks that a peer has and the node does not
	BlockAge   float64   `json:"block_age_seconds"` // by the asker's clock; negative: the block is of its future
	Self       Self      `json:"self"`
	Listening  bool      `json:"-"` // also for peers: its start is complete
}

// statusTimeout is generous for a loopback answer and short for a person.
const statusTimeout = 5 * time.Second

// maxAnswer bounds what a node can make its asker hold: net_info of some
// hundred peers.
const maxAnswer = 1 << 20

// QueryStatus asks a node, such as http://127.0.0.1:26657.
func QueryStatus(ctx context.Context, url string) (Status, error) {
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	var st struct {
		NodeInfo nodeInfo `json:"node_info"`
		SyncInfo struct {
			AppHash    string    `json:"latest_app_hash"`
			Height     int64     `json:"latest_block_height,string"`
			Time       time.Time `json:"latest_block_time"`
			CatchingUp bool      `json:"catching_up"`
		} `json:"sync_info"`
	}
	var net struct {
		Listening bool `json:"listening"`
		Peers     []struct {
			NodeInfo nodeInfo `json:"node_info"`
		} `json:"peers"`
	}
	var self struct {
		Response struct {
			Value []byte `json:"value"`
		} `json:"response"`
	}
	for path, into := range map[string]any{
		"/status": &st, "/net_info": &net, "/abci_query?path=%22" + selfPath + "%22": &self,
	} {
		if err := get(ctx, url+path, into); err != nil {
			return Status{}, fmt.Errorf("node %s: does not answer: %w", url, err)
		}
	}
	s := Status{
		ChainID:    st.NodeInfo.Network,
		ID:         st.NodeInfo.ID,
		Name:       st.NodeInfo.Moniker,
		Height:     st.SyncInfo.Height,
		Time:       st.SyncInfo.Time.UTC(),
		AppHash:    strings.ToLower(st.SyncInfo.AppHash),
		CatchingUp: st.SyncInfo.CatchingUp,
		Peers:      []string{},
		Listening:  net.Listening,
	}
	for _, p := range net.Peers {
		s.Peers = append(s.Peers, p.NodeInfo.Moniker)
	}
	if err := json.Unmarshal(self.Response.Value, &s.Self); err != nil {
		return Status{}, fmt.Errorf("node %s: answers what no node of this version would: %w", url, err)
	}
	s.judge(time.Now())
	return s, nil
}

// peerLag is how many blocks a node may be behind a peer at the moment of
// asking: heights are told as they are reached, twenty times a second.
const peerLag = 3

// judge says whether the node is in step, at now of the asker's clock.
func (s *Status) judge(now time.Time) {
	for _, p := range s.Self.PeerHeights {
		s.Behind = max(s.Behind, p.Height-s.Height)
	}
	if s.Height > 0 {
		s.BlockAge = now.Round(0).Sub(s.Time).Seconds()
	}
	s.InStep = len(s.amiss()) == 0
}

// amiss is what keeps a node from being in step, in words; empty if nothing.
func (s *Status) amiss() (list []string) {
	say := func(is bool, format string, args ...any) {
		if is {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	say(s.CatchingUp, "catching up")
	say(s.Behind > peerLag, "behind by %d", s.Behind)
	say(s.Height == 0, "no block yet")
	say(s.Self.NoBlockFor > stallAfter.Seconds(), "no new block for %.0f s", s.Self.NoBlockFor)
	say(s.Height > 0 && s.BlockAge < -clockTolerance.Seconds(),
		"this machine's clock is %s behind the chain's last block", roughly(-s.BlockAge))
	say(s.Self.ClockKnown && s.Self.ClockOffset < -clockTolerance.Seconds(),
		"its clock is %s behind the other validators'", roughly(-s.Self.ClockOffset))
	say(s.Self.ClockKnown && s.Self.ClockOffset > clockTolerance.Seconds(),
		"its clock is %s ahead of the other validators'", roughly(s.Self.ClockOffset))
	say(s.Self.SignedUpTo > s.Height+1, "it casts no vote before block %d: it has signed up to there", s.Self.SignedUpTo)
	return list
}

// roughly is a length of time in seconds, to the second.
func roughly(seconds float64) string {
	return (time.Duration(seconds) * time.Second).String()
}

type nodeInfo struct {
	ID      string `json:"id"`
	Network string `json:"network"`
	Moniker string `json:"moniker"`
}

// get reads one answer of CometBFT's RPC. Its own client opens connections
// afresh for each use, too many for somebody who asks every second.
func get(ctx context.Context, url string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer := struct {
		Result any             `json:"result"`
		Error  json.RawMessage `json:"error"`
	}{Result: into}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&answer); err != nil {
		return err
	}
	if answer.Error != nil {
		return fmt.Errorf("%s", answer.Error)
	}
	return nil
}

// RPCURL is where the node of a home answers queries: of several addresses the
// last one on the loopback interface. Strangers cannot take its connections, so
// that its operator can still ask when they hold all those of another.
func RPCURL(home string) (string, error) {
	c, _, err := LoadConfig(home)
	if err != nil {
		return "", err
	}
	door := ""
	for _, address := range split(c.RPC.ListenAddress) {
		if door == "" || onLoopback(address) {
			door = address
		}
	}
	return strings.Replace(door, "tcp://", "http://", 1), nil
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
	if amiss := s.amiss(); len(amiss) > 0 {
		state = strings.Join(amiss, "; ")
	}
	peers := "none"
	if len(s.Peers) > 0 {
		peers = fmt.Sprintf("%d (%s)", len(s.Peers), strings.Join(s.Peers, " "))
		for i, p := range s.Self.PeerHeights {
			if i == 0 {
				peers += ", at"
			}
			peers += fmt.Sprintf(" %d", p.Height)
		}
	}
	fmt.Fprintf(w, "%s on %s: %s\n", s.Name, s.ChainID, state)
	fmt.Fprintf(w, "id        %s\n", s.ID)
	fmt.Fprintf(w, "height    %d at %s, %.0f s ago\n", s.Height, s.Time.Format(time.RFC3339), s.BlockAge)
	fmt.Fprintf(w, "app hash  %s\n", s.AppHash)
	fmt.Fprintf(w, "peers     %s\n", peers)
	clock := "not compared"
	if s.Self.ClockKnown {
		clock = fmt.Sprintf("%+.1f s from the other validators'", s.Self.ClockOffset)
	}
	fmt.Fprintf(w, "clock     %s, %s\n", s.Self.Clock.Format(time.RFC3339), clock)
	for _, e := range s.Self.Misbehaviors {
		fmt.Fprintf(w, "EVIDENCE  %s by validator %s at block %d (in block %d)\n", e.Kind, e.Validator, e.Height, e.Block)
	}
}
