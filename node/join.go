package node

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hongbao/contract"
	"hongbao/internal/home"

	cfg "github.com/cometbft/cometbft/config"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
	"github.com/cometbft/cometbft/types"
)

// JoinOptions describe a node that joins a chain.
type JoinOptions struct {
	Name        string        // for people and peers; of a new home
	ChainID     string        // as the trust file has it
	GenesisHash contract.Hash // as the trust file has it
	Peers       []string      // ID@HOST:PORT, one at least; this node's own is passed over
	Genesis     []byte        // nil: a peer is asked for it
	Snapshot    bool          // begin with a snapshot, and not with the first block

	// Where it listens for peers, and where it answers queries, as HOST:PORT.
	// Listen empty: on the loopback interface, at a port that is free; a home that
	// has settings keeps its own. RPC empty: see queriesBeside; a home that answers
	// elsewhere keeps that.
	Listen, RPC string
}

// Joined is a home that is ready to be started.
type Joined struct {
	Home, ID  string
	Fresh     bool  // it was made now; else its keys and settings were kept
	Validator bool  // its key is in the genesis; false where a signer has it
	WaitsFor  int64 // it lost its sign state, and casts no vote before this block; 0: it has it
}

// Join makes a home for a node of a chain that runs, or makes one whole again
// that lost its data: keys and settings that are there are kept, and so is what
// is in data/. What is missing comes from the peers, and is checked against the
// genesis's hash. When it fails, a home that was not there is still not there.
func Join(ctx context.Context, home string, o JoinOptions) (Joined, error) {
	home, err := filepath.Abs(home)
	if err != nil {
		return Joined{}, err
	}
	for _, address := range o.Peers {
		if _, err := p2p.NewNetAddressString(address); err != nil && !errors.As(err, new(p2p.ErrNetAddressLookup)) {
			return Joined{}, errorf(CodeBadPeer, home, "peer %q: write it as ID@HOST:PORT", address)
		}
	}
	if checkNoKeys(home) == nil {
		return joinFresh(ctx, home, o)
	}
	unlock, err := Lock(home)
	if err != nil {
		return Joined{}, err
	}
	defer unlock()
	return rejoin(ctx, home, o)
}

// joinFresh makes the home beside its place, and puts it there when it is whole.
func joinFresh(ctx context.Context, home string, o JoinOptions) (j Joined, err error) {
	if entries, err := os.ReadDir(home); err == nil && len(entries) > 0 {
		return j, errorf(CodeBadNodeHome, home, "node home %s: holds %s, and no keys", home, entries[0].Name())
	}
	genesis := o.Genesis
	if genesis == nil {
		if genesis, err = fetchGenesis(ctx, o.ChainID, o.GenesisHash, o.Peers); err != nil {
			return j, err
		}
	}
	doc, err := joinable(genesis, o)
	if err != nil {
		return j, err
	}
	if err := o.checkBlocks(ctx); err != nil {
		return j, err
	}
	if err := os.MkdirAll(filepath.Dir(home), dirPerm); err != nil {
		return j, err
	}
	work, err := os.MkdirTemp(filepath.Dir(home), ".node-*")
	if err != nil {
		return j, err
	}
	defer os.RemoveAll(work)
	v, err := CreateKeys(work, o.Name)
	if err != nil {
		return j, err
	}
	if err := WriteGenesis(work, genesis); err != nil {
		return j, err
	}
	c := DefaultConfig(work)
	c.Moniker = o.Name
	if err := takeFreePorts(c); err != nil {
		return j, err
	}
	if err := o.configure(c, v.NodeID); err != nil {
		return j, err
	}
	settings := DefaultSettings()
	settings.FromSnapshot = o.Snapshot
	if err := WriteConfig(c, settings); err != nil {
		return j, err
	}
	if err := os.Remove(home); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return j, err
	}
	if err := os.Rename(work, home); err != nil {
		return j, err
	}
	return Joined{Home: home, ID: string(v.NodeID), Fresh: true, Validator: doc.votes(v)}, nil
}

// rejoin puts back what a home lacks.
func rejoin(ctx context.Context, dir string, o JoinOptions) (j Joined, err error) {
	c, settings, err := LoadConfig(dir)
	bare := hasCode(err, CodeNoNodeHome)
	if bare {
		c = DefaultConfig(dir)
		if settings, err = loadSettings(dir); errors.Is(err, fs.ErrNotExist) {
			settings, err = DefaultSettings(), nil
		}
	}
	if err != nil {
		return j, err
	}
	if err := checkKeys(c); err != nil {
		return j, err
	}
	if bare {
		c.Moniker = o.Name
		if err := takeFreePorts(c); err != nil {
			return j, err
		}
	}
	genesis, err := os.ReadFile(filepath.Join(dir, genesisFile))
	switch {
	case errors.Is(err, fs.ErrNotExist) && o.Genesis != nil:
		genesis = o.Genesis
	case errors.Is(err, fs.ErrNotExist):
		if genesis, err = fetchGenesis(ctx, o.ChainID, o.GenesisHash, o.Peers); err != nil {
			return j, err
		}
	case err != nil:
		return j, err
	default:
		if err := sameGenesis(dir); err != nil {
			return j, err
		}
	}
	doc, err := joinable(genesis, o)
	if err != nil {
		return j, err
	}
	if err := WriteGenesis(dir, genesis); err != nil {
		return j, err
	}
	if err := sameGenesis(dir); err != nil {
		return j, err
	}
	if err := os.MkdirAll(filepath.Join(dir, "data"), dirPerm); err != nil {
		return j, err
	}
	nodeKey, err := loadNodeKey(c)
	if err != nil {
		return j, err
	}
	if err := o.configure(c, nodeKey.ID()); err != nil {
		return j, err
	}
	settings.FromSnapshot = settings.FromSnapshot || o.Snapshot
	if err := WriteConfig(c, settings); err != nil {
		return j, err
	}
	j = Joined{Home: dir, ID: string(nodeKey.ID())}
	if c.PrivValidatorListenAddr != "" {
		return j, nil // the signer has the key, and what it signed
	}
	pv := privval.LoadFilePVEmptyState(c.PrivValidatorKeyFile(), c.PrivValidatorStateFile())
	j.Validator = doc.votes(Validator{PubKey: pv.Key.PubKey})
	if _, err := loadPrivValidator(c); err == nil {
		return j, nil
	}
	j.WaitsFor, err = newSignState(ctx, c, doc, split(c.P2P.PersistentPeers))
	return j, err
}

// joinable refuses a genesis that is not the one of the trust file, or has rules
// that this program does not know.
func joinable(genesis []byte, o JoinOptions) (genesisDoc, error) {
	if err := isGenesis(genesis, o.ChainID, o.GenesisHash); err != nil {
		return genesisDoc{}, errorf(CodeWrongGenesis, "", "this is not the genesis of the trust file: %w", err)
	}
	doc, err := types.GenesisDocFromJSON(genesis)
	if err != nil {
		return genesisDoc{}, err
	}
	return genesisDoc{doc}, checkRules(doc)
}

type genesisDoc struct{ *types.GenesisDoc }

// votes reports whether a validator is one of the chain's.
func (d genesisDoc) votes(v Validator) bool {
	return slices.ContainsFunc(d.Validators, func(g types.GenesisValidator) bool {
		return g.PubKey.Equals(v.PubKey)
	})
}

// fetchGenesis asks one peer after the other; the error is the first one's.
func fetchGenesis(ctx context.Context, chain string, hash contract.Hash, peers []string) (genesis []byte, err error) {
	if len(peers) == 0 {
		return nil, errorf(CodeNoPeers, "", "no peer is named to ask for the genesis")
	}
	for _, address := range peers {
		g, failed := visit(chain, address)
		if failed == nil {
			genesis, failed = g.genesis(ctx, chain, hash)
			g.leave()
		}
		if failed == nil {
			return genesis, nil
		}
		if err == nil {
			err = failed
		}
	}
	return nil, err
}

// checkBlocks refuses to begin with the first block where every peer that answers has
// deleted it: the node would wait for ever. Who has the genesis from elsewhere may
// come before all peers, and is not asked to wait for them.
func (o *JoinOptions) checkBlocks(ctx context.Context) error {
	if o.Snapshot || o.Genesis != nil {
		return nil
	}
	oldest := int64(0)
	for _, address := range o.Peers {
		g, err := visit(o.ChainID, address)
		if err != nil {
			continue
		}
		first, _, err := g.blocks(ctx)
		g.leave()
		if err == nil && first <= 1 {
			return nil
		}
		if err == nil && (oldest == 0 || first < oldest) {
			oldest = first
		}
	}
	if oldest == 0 {
		return nil // none answered this: whether they have it, the start will tell
	}
	return errorf(CodeBlocksGone, "", "the peers that were named keep no block before %d", oldest)
}

// configure writes into c what the options say of addresses and peers. A chosen
// port that another program has is refused; own is this node.
func (o *JoinOptions) configure(c *cfg.Config, own p2p.ID) error {
	beside := c.RPC.ListenAddress == queriesBeside(c.P2P.ListenAddress)
	for _, row := range []struct {
		chosen string
		into   *string
	}{{o.Listen, &c.P2P.ListenAddress}, {o.RPC, &c.RPC.ListenAddress}} {
		if row.chosen == "" {
			continue
		}
		if _, port, err := net.SplitHostPort(row.chosen); err != nil || port == "" {
			return errorf(CodeBadConfig, c.RootDir, "address %q: write it as HOST:PORT", row.chosen)
		}
		*row.into = "tcp://" + row.chosen
	}
	if beside && o.RPC == "" {
		c.RPC.ListenAddress = queriesBeside(c.P2P.ListenAddress)
	}
	if err := checkPorts(c); err != nil {
		return err
	}
	peers := split(c.P2P.PersistentPeers)
	for _, peer := range o.Peers {
		id, _, _ := strings.Cut(peer, "@")
		peers = slices.DeleteFunc(peers, func(old string) bool { return strings.HasPrefix(old, id+"@") })
		if id != string(own) {
			peers = append(peers, peer)
		}
	}
	c.P2P.PersistentPeers = strings.Join(peers, ",")
	return nil
}

const (
	// freshBlock is how old the newest signed block may be by this machine's
	// clock for it to tell where the network is, and fastestBlocks how many come
	// in a second at most.
	freshBlock    = 10 * time.Second
	fastestBlocks = 20
	// signMargin is how many blocks more a validator waits.
	signMargin = 100
)

// newSignState writes the sign state that a home has lost. Its key may be a
// validator's, by the genesis or by a plan that came later. It may have signed up to where the
// network was when it stopped, which is before now: so it casts no vote before
// the network has passed by far where it is now. That is learnt from blocks that
// 2/3 of the validators have signed within the last seconds; the furthest of the
// peers counts.
func newSignState(ctx context.Context, c *cfg.Config, doc genesisDoc, peers []string) (waitsFor int64, err error) {
	state := privval.FilePVLastSignState{}
	if state.Height, err = signedAtMost(ctx, doc, peers, time.Now); err != nil {
		return 0, err
	}
	state.Step, waitsFor = stepPrecommit, state.Height+1
	b, err := cmtjson.MarshalIndent(state, "", "  ")
	if err != nil {
		return 0, err
	}
	return waitsFor, home.WriteFile(c.PrivValidatorStateFile(), append(bytes.TrimSpace(b), '\n'), keyPerm)
}

// signedAtMost is a height that a validator that has been stopped cannot have
// voted for, nor for any above it.
func signedAtMost(ctx context.Context, doc genesisDoc, peers []string, now func() time.Time) (height int64, err error) {
	if len(peers) == 0 {
		return 0, errorf(CodeNoPeers, "", "no peer is named to ask where the network is")
	}
	for _, address := range peers {
		g, failed := visit(doc.ChainID, address)
		if failed == nil {
			var newest *types.Header
			if newest, failed = g.newestSigned(ctx, doc.GenesisDoc); failed == nil {
				age := now().Round(0).Sub(newest.Time)
				if age.Abs() <= freshBlock {
					height = max(height, newest.Height+int64(age.Abs().Seconds())*fastestBlocks+signMargin)
				} else {
					failed = errorf(CodeNoSignState, "", "priv_validator_state.json is lost, and the newest signed "+
						"block of peer %s is %s off this machine's clock: where the network is now, it does not tell",
						address, age.Round(time.Second))
				}
			}
			g.leave()
		}
		if err == nil {
			err = failed
		}
	}
	if height > 0 {
		return height, nil
	}
	return 0, err
}
