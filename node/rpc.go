package node

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	cfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/libs/log"
	comet "github.com/cometbft/cometbft/node"
	rpccore "github.com/cometbft/cometbft/rpc/core"
	"github.com/cometbft/cometbft/rpc/jsonrpc/server"
	"github.com/rs/cors"
)

// Bounds on one request. Each open connection can make a node hold that much.
const (
	// rpcBodyBytes is ten transactions of the largest size in base64, as many
	// as a batch may hold, and what stands around them.
	rpcBodyBytes = 256 << 10
	// rpcHeaderBytes is the largest transaction in hex, in a GET.
	rpcHeaderBytes = 64 << 10
	// rpcSubscribers is how many may subscribe to events. CometBFT writes each event anew for
	// each of them: a hundred at each of four nodes, with three subscriptions, had honest people wait for 0.6 s
	// instead of 0.1. No command of ours subscribes.
	rpcSubscribers = 20
)

// routes are what a node answers over RPC: CometBFT's, but for those that a
// stranger can do harm with. docs/operations.md says what each one costs.
func routes(env *rpccore.Environment, unsafe bool) rpccore.RoutesMap {
	list := env.GetRoutes()
	delete(list, "check_tx") // see mempoolOnly
	// It marshals the proposed block up to three times, 8 MB of JSON, while it
	// keeps consensus from going on.
	delete(list, "dump_consensus_state")
	// It keeps a connection for ten seconds and one of the few places of
	// subscribers. broadcast_tx_sync, and asking for the tx, do the same.
	delete(list, "broadcast_tx_commit")
	if unsafe {
		list["dump_consensus_state"] = env.GetRoutes()["dump_consensus_state"]
		env.AddUnsafeRoutes(list)
	}
	return list
}

// checkRPC refuses settings that would give strangers what is the operator's.
func checkRPC(c *cfg.RPCConfig) error {
	for _, address := range split(c.ListenAddress) {
		if c.Unsafe && !onLoopback(address) && !strings.HasPrefix(address, "unix://") {
			return fmt.Errorf("rpc.unsafe: its routes stop a node, and %s can be reached from elsewhere", address)
		}
	}
	if c.PprofListenAddress != "" && !onLoopback(c.PprofListenAddress) {
		return fmt.Errorf("rpc.pprof_laddr: profiles say what the process holds, and %s can be reached from elsewhere",
			c.PprofListenAddress)
	}
	if c.GRPCListenAddress != "" {
		return errors.New("rpc.grpc_laddr: not served; rpc.laddr is")
	}
	return nil
}

// serveRPC answers at each of the addresses of rpc.laddr, with connections of
// its own for each: those of one, all taken, do not close the others. It takes
// the place of CometBFT's own server, which has no way to leave a route out.
func serveRPC(n *comet.Node, w *watch, c *cfg.RPCConfig, addresses []string,
	logger log.Logger) (stop func() error, err error) {
	env, err := n.ConfigureRPC()
	if err != nil {
		return nil, err
	}
	logger = logger.With("module", "rpc-server")
	list := routes(env, c.Unsafe)
	limits := server.DefaultConfig()
	limits.MaxOpenConnections, limits.MaxRequestBatchSize = c.MaxOpenConnections, c.MaxRequestBatchSize
	limits.MaxBodyBytes, limits.MaxHeaderBytes = c.MaxBodyBytes, c.MaxHeaderBytes

	sockets := server.NewWebsocketManager(list,
		server.OnDisconnect(func(remote string) { env.EventBus.UnsubscribeAll(context.Background(), remote) }),
		server.ReadLimit(limits.MaxBodyBytes), server.WriteChanCapacity(c.WebSocketWriteBufferSize))
	sockets.SetLogger(logger.With("protocol", "websocket"))
	mux := http.NewServeMux()
	mux.HandleFunc("/websocket", sockets.WebsocketHandler)
	w.health(mux)
	server.RegisterRPCFuncs(mux, list, logger)
	var handler http.Handler = mux
	if c.IsCorsEnabled() {
		handler = cors.New(cors.Options{AllowedOrigins: c.CORSAllowedOrigins, AllowedMethods: c.CORSAllowedMethods,
			AllowedHeaders: c.CORSAllowedHeaders}).Handler(mux)
	}

	var listeners []net.Listener
	stop = func() (err error) {
		for _, l := range listeners {
			err = errors.Join(err, l.Close())
		}
		return err
	}
	for _, address := range addresses {
		l, err := server.Listen(address, limits.MaxOpenConnections)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("rpc: %w", err), stop())
		}
		listeners = append(listeners, l)
		go func() {
			// It ends when its listener is closed.
			if c.IsTLSEnabled() {
				server.ServeTLS(l, handler, c.CertFile(), c.KeyFile(), logger, limits)
			} else {
				server.Serve(l, handler, logger, limits)
			}
		}()
	}
	return stop, nil
}
