package node

import (
	"errors"
	"net"
	"strconv"
	"strings"
	"syscall"

	cfg "github.com/cometbft/cometbft/config"
)

// queriesBeside is where a node answers queries unless it is told otherwise: at the port
// after the one for peers, on the loopback interface. So nodes of one machine that
// differ in the one differ in the other.
func queriesBeside(peers string) string {
	host, port, _ := net.SplitHostPort(strings.TrimPrefix(peers, "tcp://"))
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		host = "127.0.0.1"
	}
	number, _ := strconv.Atoi(port)
	return "tcp://" + net.JoinHostPort(host, strconv.Itoa(number+1))
}

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
