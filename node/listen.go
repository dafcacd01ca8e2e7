package node

import (
	"errors"
	"net"
	"strings"
	"syscall"

	cfg "github.com/cometbft/cometbft/config"
)

// checkPorts refuses an address that another program has, and says which
// setting it is: CometBFT would say so after it has opened everything, and of
// its RPC not at all.
func checkPorts(c *cfg.Config) error {
	type setting struct{ name, address string }
	settings := []setting{{"[p2p] laddr", c.P2P.ListenAddress}}
	for _, address := range split(c.RPC.ListenAddress) {
		settings = append(settings, setting{"[rpc] laddr", address})
	}
	if c.Instrumentation.Prometheus {
		settings = append(settings, setting{"[instrumentation] prometheus_listen_addr",
			c.Instrumentation.PrometheusListenAddr})
	}
	for _, s := range settings {
		protocol, address, found := strings.Cut(s.address, "://")
		if !found {
			address = s.address
		} else if protocol != "tcp" {
			continue
		}
		l, err := net.Listen("tcp", address)
		if errors.Is(err, syscall.EADDRINUSE) {
			return errorf(CodePortTaken, c.RootDir, "config.toml: %s: %s: address already in use", s.name, address)
		} else if err != nil {
			return errorf(CodeBadConfig, c.RootDir, "config.toml: %s: %w", s.name, err)
		}
		l.Close()
	}
	return nil
}
