package testnet

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"hongbao/contract"
	"hongbao/internal/home"
	"hongbao/node"
)

// HostsSpec says what network of hosts to make.
type HostsSpec struct {
	Name      string // of the chain, of which its genesis makes an id
	Hosts     []Host
	Container bool // they are containers of one machine: see ComposeHosts
	State     contract.Genesis
}

// HostNode is the home of a host's node.
type HostNode struct {
	Host
	ID   string // what peers call it
	Home string // absolute
}

// Hosts is a network whose folders wait to be taken to their machines.
type Hosts struct {
	Dir   string // absolute
	Trust string // the trust file
	Chain string // its id
	Hash  contract.Hash
	Nodes []HostNode
}

// The files beside the homes.
const (
	composeFile = "compose.yaml"
	peersFile   = "peers.txt"
	genesisFile = "genesis.json"
	unitFile    = "hongbao.service" // in each home
)

// GenerateHosts makes a folder for each host in dir, which must be absent or empty:
// keys, genesis, settings that name the others, and a unit for systemd. Beside them
// are the genesis, the trust file, the list of peers, and a file for docker
// compose. The folder appears complete or not at all. Who makes it sees all keys:
// people who do not trust him hold a ceremony instead, see package node's Registration.
func GenerateHosts(dir string, spec HostsSpec) (*Hosts, error) {
	if n := len(spec.Hosts); n < 1 || n > MaxHosts {
		return nil, fmt.Errorf("%w: %d hosts: must be 1 to %d", ErrBadHosts, n, MaxHosts)
	}
	for i := range spec.Hosts {
		if err := spec.Hosts[i].check(spec.Hosts[:i]); err != nil {
			return nil, err
		}
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	n := &Hosts{Dir: dir, Trust: filepath.Join(dir, trustFile)}
	err = inFresh(dir, func(work string) error {
		var validators []node.Validator
		for _, h := range spec.Hosts {
			v, err := node.CreateKeys(filepath.Join(work, h.Name), h.Name)
			if err != nil {
				return err
			}
			validators = append(validators, v)
			n.Nodes = append(n.Nodes, HostNode{h, string(v.NodeID), filepath.Join(dir, h.Name)})
		}
		genesis, err := node.NewGenesis(spec.Name, time.Now(), validators, spec.State)
		if err != nil {
			return err
		}
		for _, m := range n.Nodes {
			if err := n.writeHost(filepath.Join(work, m.Name), m, spec.Container, genesis); err != nil {
				return err
			}
		}
		return n.writeShared(work, spec.Container, genesis)
	})
	return n, err
}

// Peer is where others reach the node: ID@HOST:PORT.
func (m *HostNode) Peer() string { return m.ID + "@" + m.peer() }

// writeHost writes what a home has beside its keys.
func (n *Hosts) writeHost(at string, m HostNode, container bool, genesis []byte) error {
	c := node.DefaultConfig(at)
	c.Moniker = m.Name
	peers, queries := m.listens()
	if container {
		queries = fmt.Sprintf("0.0.0.0:%d", m.RPC) // of the container; the machine publishes it on its loopback
	}
	c.P2P.ListenAddress, c.RPC.ListenAddress = "tcp://"+peers, "tcp://"+queries
	var others []string
	for _, other := range n.Nodes {
		if other.Name != m.Name {
			others = append(others, other.Peer())
			// Two behind one address need two connections from it.
			c.P2P.AllowDuplicateIP = c.P2P.AllowDuplicateIP || other.Address == m.Address || n.shared(other.Address)
		}
	}
	c.P2P.PersistentPeers = strings.Join(others, ",")
	if err := node.WriteConfig(c, node.DefaultSettings()); err != nil {
		return err
	}
	if err := node.WriteGenesis(at, genesis); err != nil {
		return err
	}
	return home.WriteFile(filepath.Join(at, unitFile), []byte(Unit), filePerm)
}

// shared reports whether two hosts have one address.
func (n *Hosts) shared(address string) bool {
	count := 0
	for _, m := range n.Nodes {
		if m.Address == address {
			count++
		}
	}
	return count > 1
}

func (n *Hosts) writeShared(work string, container bool, genesis []byte) error {
	trust, err := writeTrust(filepath.Join(work, trustFile), genesis)
	if err != nil {
		return err
	}
	n.Chain, n.Hash = trust.ChainID, trust.GenesisHash
	var peers []string
	for _, m := range n.Nodes {
		peers = append(peers, m.Peer())
	}
	var compose bytes.Buffer
	if err := composeTemplate.Execute(&compose, map[string]any{"Nodes": n.Nodes, "Container": container}); err != nil {
		return err
	}
	for name, b := range map[string][]byte{
		genesisFile: genesis, peersFile: []byte(strings.Join(peers, "\n") + "\n"), composeFile: compose.Bytes(),
	} {
		if err := home.WriteFile(filepath.Join(work, name), b, filePerm); err != nil {
			return err
		}
	}
	return nil
}

const filePerm = 0o644 // what others may read inside a folder they may not enter

// Unit is the systemd unit of a node, whose home it expects in /var/lib/hongbao, and the
// program in /usr/local/bin. A node stops by itself when going on could do harm: it is
// started again, but not more than five times in ten minutes. In /run/hongbao a node
// may wait for its signer.
const Unit = `[Unit]
Description=hongbao node
Wants=network-online.target time-sync.target
After=network-online.target time-sync.target
StartLimitIntervalSec=600
StartLimitBurst=5

[Service]
User=hongbao
ExecStart=/usr/local/bin/hongbao node start --home /var/lib/hongbao
Restart=on-failure
RestartSec=5
TimeoutStopSec=20
LimitNOFILE=65536
UMask=0077
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ReadWritePaths=/var/lib/hongbao
RuntimeDirectory=hongbao
RuntimeDirectoryMode=0750

[Install]
WantedBy=multi-user.target
`

// composeTemplate runs all hosts of one machine, each with a name of its own in
// the network that they share; or, of several machines, one on each, in that
// machine's own network: docker compose up NAME.
var composeTemplate = template.Must(template.New(composeFile).Parse(`name: hongbao
services:
{{- range $m := .Nodes}}
  {{$m.Name}}:
    image: ${HONGBAO_IMAGE:-debian:stable-slim}
    command: ["/usr/local/bin/hongbao", "node", "start", "--home", "/node"]
    user: "${HONGBAO_USER:-1000:1000}"
    volumes:
      - "${HONGBAO:-/usr/local/bin/hongbao}:/usr/local/bin/hongbao:ro"
      - "./{{$m.Name}}:/node"
{{- if $.Container}}
    ports:
      - "127.0.0.1:{{$m.RPC}}:{{$m.RPC}}"
{{- else}}
    network_mode: host
{{- end}}
    restart: on-failure
    stop_grace_period: 20s
{{- end}}
`))

// inFresh has make fill a folder that then stands at dir, which must be absent or
// empty: complete or not at all.
func inFresh(dir string, make func(work string) error) error {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return fmt.Errorf("testnet %s: %w", dir, ErrNotEmpty)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return inPlace(dir, make)
}

// inPlace has make fill a folder beside dir, and then moves it there. Nothing may be
// left at dir by then.
func inPlace(dir string, make func(work string) error) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	work, err := os.MkdirTemp(filepath.Dir(dir), ".testnet-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := make(work); err != nil {
		return err
	}
	// An empty folder makes room; one that another process has filled meanwhile
	// does not, and then the rename fails.
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(work, dir)
}
