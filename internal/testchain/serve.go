package testchain

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtbytes "github.com/cometbft/cometbft/libs/bytes"
	"github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/p2p"
	ctypes "github.com/cometbft/cometbft/rpc/core/types"
	"github.com/cometbft/cometbft/rpc/jsonrpc/server"
	rpctypes "github.com/cometbft/cometbft/rpc/jsonrpc/types"
	cmttypes "github.com/cometbft/cometbft/types"

	"hongbao/contract"
)

// Server answers for a chain at URL, in CometBFT's own JSON. It makes a block of
// what its mempool holds each time that it is asked about the newest state: a
// client that polls sees time pass, and no test has to sleep.
//
// Its fields may be set while no request is under way; else see Set.
type Server struct {
	*Chain
	URL string

	// Next is the time of the block after one of last, such as OnTheWall; nil: a
	// second later.
	Next   func(last time.Time) time.Time
	Halted bool // no block is made

	// Instead is what the server says to a request, of the path if it is a query,
	// in the place of the chain's answer: `"result":…` or `"error":…`. Empty: that.
	Instead func(method, path string) string
	Offered [][]byte // the txs that were broadcast, whatever was said of them

	http *httptest.Server
	mu   sync.Mutex
	pool [][]byte
}

// Set changes fields between two answers: a client that gave up may have left a
// request behind.
func (s *Server) Set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// OnTheWall is a [Server.Next]: the time now, and later than last.
func OnTheWall(last time.Time) time.Time {
	if now := time.Now(); now.After(last) {
		return now
	}
	return last.Add(1)
}

// Close stops answering.
func (s *Server) Close() { s.http.Close() }

// Serve answers for the chain until the test ends.
func (c *Chain) Serve() *Server {
	s := &Server{Chain: c}
	mux := http.NewServeMux()
	server.RegisterRPCFuncs(mux, map[string]*server.RPCFunc{
		"status":            server.NewRPCFunc(s.status, ""),
		"genesis":           server.NewRPCFunc(s.document, ""),
		"block":             server.NewRPCFunc(s.block, "height"),
		"commit":            server.NewRPCFunc(s.commit, "height"),
		"abci_query":        server.NewRPCFunc(s.abciQuery, "path,data,height,prove"),
		"broadcast_tx_sync": server.NewRPCFunc(s.broadcast, "tx"),
	}, log.NewNopLogger())
	s.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.serve(mux, w, r)
	}))
	c.T.Cleanup(s.Close)
	s.URL = s.http.URL
	return s
}

func (s *Server) serve(chain http.Handler, w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var req struct {
		ID     json.RawMessage
		Method string
		Params struct {
			Path string
			Tx   []byte
		}
	}
	if err := json.Unmarshal(body, &req); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if req.Params.Tx != nil {
		s.Offered = append(s.Offered, req.Params.Tx)
	}
	if s.Instead != nil {
		if answer := s.Instead(req.Method, req.Params.Path); answer != "" {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,%s}`, req.ID, answer)
			return
		}
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	chain.ServeHTTP(w, r)
}

// newest is about to be asked for: a block is made.
func (s *Server) newest() {
	if !s.Halted {
		s.Tick()
	}
}

// Tick makes the next block of what the mempool holds. See Set.
func (s *Server) Tick() {
	if s.Height > 0 {
		last := s.Now
		if s.Wait(time.Second); s.Next != nil {
			s.Now = s.Next(last)
		}
	}
	items := s.Propose(s.pool...)
	s.Finalize(items...)
	s.pool = slices.DeleteFunc(s.pool, func(wire []byte) bool {
		return slices.ContainsFunc(items, func(item []byte) bool { return bytes.Equal(item, wire) }) ||
			s.CheckTx(wire) != contract.CodeOK
	})
}

func (s *Server) status(*rpctypes.Context) (*ctypes.ResultStatus, error) {
	s.newest()
	return &ctypes.ResultStatus{
		NodeInfo: p2p.DefaultNodeInfo{Network: ID},
		SyncInfo: ctypes.SyncInfo{LatestBlockHeight: s.Height, LatestBlockTime: s.Now},
	}, nil
}

func (s *Server) document(*rpctypes.Context) (*ctypes.ResultGenesis, error) {
	doc := &cmttypes.GenesisDoc{ChainID: ID, GenesisTime: s.options.Start, AppState: s.genesis}
	for i, k := range s.Validators.Keys {
		doc.Validators = append(doc.Validators, cmttypes.GenesisValidator{
			Address: s.Validators.Address(i), PubKey: k.PubKey(), Power: s.Validators.Powers[i]})
	}
	return &ctypes.ResultGenesis{Genesis: doc}, nil
}

func (s *Server) block(_ *rpctypes.Context, height *int64) (*ctypes.ResultBlock, error) {
	if *height < 1 || *height > s.Height {
		return nil, fmt.Errorf("no block %d", *height)
	}
	req := s.Blocks[*height-1]
	return &ctypes.ResultBlock{Block: &cmttypes.Block{
		Header: cmttypes.Header{ChainID: ID, Height: req.Height, Time: req.Time},
		Data:   cmttypes.Data{Txs: cmttypes.ToTxs(req.Txs)},
	}}, nil
}

func (s *Server) commit(_ *rpctypes.Context, height *int64) (*ctypes.ResultCommit, error) {
	if *height < 1 || *height > s.Height {
		return nil, fmt.Errorf("no block %d", *height)
	}
	h := s.Header(*height - 1)
	return ctypes.NewResultCommit(h.Header, h.Commit, true), nil
}

func (s *Server) abciQuery(ctx *rpctypes.Context, path string, data cmtbytes.HexBytes, height int64, prove bool) (
	*ctypes.ResultABCIQuery, error) {
	if height == 0 {
		s.newest()
	}
	req := &abci.RequestQuery{Path: path, Data: data, Height: height, Prove: prove}
	res, err := s.Nodes[0].Query(ctx.Context(), req)
	if err != nil {
		return nil, err
	}
	return &ctypes.ResultABCIQuery{Response: *res}, nil
}

func (s *Server) broadcast(ctx *rpctypes.Context, tx cmttypes.Tx) (*ctypes.ResultBroadcastTx, error) {
	if slices.ContainsFunc(s.pool, func(wire []byte) bool { return bytes.Equal(wire, tx) }) {
		return nil, fmt.Errorf("tx already exists in cache")
	}
	res, err := s.Nodes[0].CheckTx(ctx.Context(), &abci.RequestCheckTx{Tx: tx})
	if err != nil {
		return nil, err
	}
	if res.Code == 0 {
		s.pool = append(s.pool, tx)
	}
	return &ctypes.ResultBroadcastTx{Code: res.Code, Log: res.Log, Hash: tx.Hash()}, nil
}
