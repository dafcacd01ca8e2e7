package node

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Status is what a node says of itself.
type Status struct {
	ChainID    string    `json:"chain_id"`
	ID         string    `json:"id"`                // what its peers call it
	Name       string    `json:"name"`              // its own, for people
	Height     int64     `json:"height"`            // of its newest block; 0: none yet
	Time       time.Time `json:"time"`              // block time of that height
	AppHash    string    `json:"app_hash"`          // in that block's header, hex: the state after the block before
	CatchingUp bool      `json:"catching_up"`       // it fetches blocks that it missed
	Peers      []string  `json:"peers"`             // the names of the nodes that it is connected to
	InStep     bool      `json:"in_step"`           // it takes part, and nothing keeps it from it
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

// oldBlock is how old a healthy node's newest block may be: a block comes each
// second, over slow links each ten. What peers say of their heights is no proof
// that the network is not further.
const oldBlock = 45 * time.Second

// judge says whether the node is in step, at now of the asker's clock.
func (s *Status) judge(now time.Time) {
	for _, p := range s.Self.PeerHeights {
		s.Behind = max(s.Behind, p.Height-s.Height)
	}
	if s.Height > 0 {
		s.BlockAge = now.Round(0).Sub(s.Time).Seconds()
	}
	s.InStep = len(s.Troubles()) == 0
}

// Trouble is something that keeps a node from being in step. The status that it
// is about has the figures.
type Trouble int

// The troubles, in the order in which they are told.
const (
	CatchingUp       Trouble = iota + 1
	BehindPeers              // by Behind blocks
	NoBlockYet               // a joiner that hears no peer
	Stalled                  // for Self.NoBlockFor seconds
	OldBlock                 // its newest is BlockAge seconds old, and no peer has told of a newer one
	ClockBehindChain         // the asker's, by -BlockAge seconds
	ClockBehind              // by -Self.ClockOffset seconds, of the other validators'
	ClockAhead               // by Self.ClockOffset seconds, of the other validators'
	SignedAhead              // it has signed up to block Self.SignedUpTo, and waits for that
)

var troubleNames = [...]string{
	CatchingUp: "catching_up", BehindPeers: "behind_peers", NoBlockYet: "no_block_yet", Stalled: "stalled",
	OldBlock: "old_block", ClockBehindChain: "clock_behind_chain", ClockBehind: "clock_behind",
	ClockAhead: "clock_ahead", SignedAhead: "signed_ahead",
}

// String is the trouble as /readyz names it.
func (t Trouble) String() string { return troubleNames[t] }

// peersInStep is how many peers have what the furthest of all has.
func (s *Status) peersInStep() (n int) {
	newest := s.Height
	for _, p := range s.Self.PeerHeights {
		newest = max(newest, p.Height)
	}
	for _, p := range s.Self.PeerHeights {
		if newest-p.Height <= peerLag {
			n++
		}
	}
	return n
}

// Troubles are all that keep a node from being in step; none if it is.
func (s *Status) Troubles() (list []Trouble) {
	tolerance, stalled := clockTolerance.Seconds(), s.Self.NoBlockFor > stallAfter.Seconds()
	ahead := s.Self.ClockKnown && s.Self.ClockOffset > tolerance
	old := s.BlockAge > oldBlock.Seconds() && !stalled && !ahead && !s.CatchingUp && s.Behind <= peerLag
	for _, row := range []struct {
		is   bool
		what Trouble
	}{
		{s.CatchingUp, CatchingUp},
		{s.Behind > peerLag, BehindPeers},
		{s.Height == 0, NoBlockYet},
		{stalled, Stalled},
		{old, OldBlock},
		{s.Height > 0 && s.BlockAge < -tolerance, ClockBehindChain},
		{s.Self.ClockKnown && s.Self.ClockOffset < -tolerance, ClockBehind},
		{ahead, ClockAhead},
		{s.Self.SignedUpTo > s.Height+1, SignedAhead},
	} {
		if row.is {
			list = append(list, row.what)
		}
	}
	return list
}

type nodeInfo struct {
	ID      string `json:"id"`
	Network string `json:"network"`
	Moniker string `json:"moniker"`
}

// get reads one answer of CometBFT's RPC. Its own client opens connections
// afresh for each use, too many for a screen that asks every second.
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
