package testnet

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
)

const (
	// MaxHosts bounds a network of hosts: CometBFT shows 100 validators a page, and
	// each holds a connection to every other.
	MaxHosts = 64
	// maxHostsBytes bounds a file of hosts.
	maxHostsBytes = 64 << 10
	// defaultP2P is CometBFT's port for peers; queries have the next.
	defaultP2P = 26656
)

// Host is a machine, or an address of one, with a validator.
type Host struct {
	Name    string // of its folder, and what its peers show; one word
	Address string // a name or an IP address, by which the others reach it
	P2P     int    // port for peers
	RPC     int    // port for queries
}

// peer is where the others reach the host.
func (h *Host) peer() string { return net.JoinHostPort(h.Address, strconv.Itoa(h.P2P)) }

var (
	hostName    = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
	hostAddress = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$`)
)

// ReadHosts reads a file of hosts: a line for each, NAME ADDRESS[:PORT] [RPCPORT].
// What follows a # is a comment.
func ReadHosts(r io.Reader) ([]Host, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxHostsBytes+1))
	if err != nil {
		return nil, err
	}
	bad := func(line int, format string, args ...any) error {
		return fmt.Errorf("line %d: %w: %s", line, ErrBadHosts, fmt.Sprintf(format, args...))
	}
	if len(b) > maxHostsBytes {
		return nil, bad(1, "the file is larger than %d bytes", maxHostsBytes)
	}
	var list []Host
	lines := bufio.NewScanner(bytes.NewReader(b))
	for number := 1; lines.Scan(); number++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		words := strings.Fields(text)
		if len(words) == 0 {
			continue
		}
		if len(words) < 2 || len(words) > 3 {
			return nil, bad(number, "write it as NAME ADDRESS[:PORT] [RPCPORT]")
		}
		h := Host{Name: words[0], Address: words[1], P2P: defaultP2P}
		port := strconv.Itoa(defaultP2P)
		if address, its, err := net.SplitHostPort(words[1]); err == nil {
			h.Address, port = address, its
		}
		if h.P2P = portOf(port); h.P2P == 0 {
			return nil, bad(number, "port %q is none from 1 to 65534", port)
		}
		h.RPC = h.P2P + 1
		if len(words) == 3 {
			if h.RPC = portOf(words[2]); h.RPC == 0 {
				return nil, bad(number, "port %q is none from 1 to 65534", words[2])
			}
		}
		if err := h.check(list); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		list = append(list, h)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	return list, nil
}

// portOf is a port that has a next one; 0 where the text is none.
func portOf(text string) int {
	port, err := strconv.Atoi(text)
	if err != nil || port < 1 || port > 65534 {
		return 0
	}
	return port
}

// check refuses a host that cannot be one beside those before it.
func (h *Host) check(before []Host) error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", ErrBadHosts, fmt.Sprintf(format, args...))
	}
	switch {
	case !hostName.MatchString(h.Name):
		return bad("name %q: write 1 to 32 of a-z, 0-9 and -, beginning with a letter", h.Name)
	case net.ParseIP(h.Address) == nil && !hostAddress.MatchString(h.Address):
		return bad("address %q: write a host's name or its IP address", h.Address)
	case net.ParseIP(h.Address).IsUnspecified():
		return bad("address %q: no one can be reached there", h.Address)
	case h.RPC == h.P2P:
		return bad("host %q: the port for queries is the one for peers", h.Name)
	}
	for _, other := range before {
		if other.Name == h.Name {
			return bad("name %q stands there twice", h.Name)
		}
		if other.peer() == h.peer() {
			return bad("address %q stands there twice", h.peer())
		}
	}
	return nil
}

// listens are the addresses at which the host's node listens for peers and for
// queries. A loopback address is this machine's and is listened on itself; any
// other may be one that a router forwards, and the node listens on all. Queries
// stay on the loopback interface: see docs/operations.md.
func (h *Host) listens() (peers, queries string) {
	all, own := "0.0.0.0", "127.0.0.1"
	if ip := net.ParseIP(h.Address); ip != nil && ip.IsLoopback() {
		all, own = h.Address, h.Address
	}
	return net.JoinHostPort(all, strconv.Itoa(h.P2P)), net.JoinHostPort(own, strconv.Itoa(h.RPC))
}

// ComposeHosts are hosts that are containers of one machine, by the names of
// their services. Their ports for queries differ, for the machine has them all.
func ComposeHosts(count int) []Host {
	var list []Host
	for i := range count {
		name := fmt.Sprintf("node%d", i+1)
		list = append(list, Host{Name: name, Address: name, P2P: defaultP2P, RPC: defaultP2P + 1 + 2*i})
	}
	return list
}
