package node

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	cfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/privval"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
)

// apart moves the validator key of a home, and what it signed, to a folder of the
// signer's, and has the node listen for it.
func apart(t *testing.T, home string) (signer, socket string) {
	t.Helper()
	short, err := os.MkdirTemp("", "hb") // the kernel takes a hundred letters for a socket
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(short) })
	signer, socket = filepath.Join(t.TempDir(), "signer"), filepath.Join(short, "signer.sock")
	for _, file := range []string{"config/priv_validator_key.json", "data/priv_validator_state.json"} {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(signer, file)), 0o700))
		must(t, os.Rename(filepath.Join(home, file), filepath.Join(signer, file)))
	}
	must(t, EditConfig(home, func(c *cfg.Config) { c.PrivValidatorListenAddr = "unix://" + socket }))
	return signer, socket
}

// serveKey runs the signer until the returned function is called.
func serveKey(t *testing.T, dir, socket, chain string) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- ServeKey(ctx, dir, socket, chain, io.Discard) }()
	return func() {
		t.Helper()
		cancel()
		must(t, <-ended)
	}
}

// A validator whose key is in another process makes blocks while that one runs, waits
// while it does not, and goes on when it is back; the node's own folder has no key.
func TestKeyInAnotherProcess(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a node for some seconds")
	}
	home := newHome(t)
	usePorts(t, home)
	signer, socket := apart(t, home)
	doc, _, err := ReadGenesis(home)
	must(t, err)
	must(t, os.WriteFile(socket, nil, 0o600)) // not a socket: left alone
	if err := Run(t.Context(), home, Options{Log: io.Discard}); !hasCode(err, CodeBadConfig) {
		t.Errorf("a file stands where the socket is to be: %v", err)
	}
	must(t, os.Remove(socket))

	home = copyHome(t, home) // a process keeps the homes that it ran
	end := serveKey(t, signer, socket, "other-1")
	if err := Run(t.Context(), home, Options{Log: io.Discard}); !hasCode(err, CodeNoSigner) {
		t.Errorf("a signer of another chain: %v", err)
	}
	end()

	home = copyHome(t, home)
	end = serveKey(t, signer, socket, doc.ChainID)
	run(t, home)
	url, err := RPCURL(home)
	must(t, err)
	height := func() int64 {
		s, err := QueryStatus(t.Context(), url)
		must(t, err)
		return s.Height
	}
	passes := func(from int64) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); height() <= from; time.Sleep(50 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("no block after %d", from)
			}
		}
	}
	passes(2)
	if info, err := os.Stat(socket); err != nil || info.Mode().Perm() != socketPerm {
		t.Errorf("the socket: %v (%v)", info.Mode(), err)
	}
	end()
	time.Sleep(time.Second) // what was signed becomes a block
	stands := height()
	time.Sleep(2500 * time.Millisecond)
	if now := height(); now != stands {
		t.Errorf("blocks %d to %d without a signer", stands+1, now)
	}
	end = serveKey(t, signer, socket, doc.ChainID)
	defer func() { end() }()
	passes(stands + 2)
	for _, file := range []string{"config/priv_validator_key.json", "data/priv_validator_state.json"} {
		if _, err := os.Stat(filepath.Join(home, file)); !os.IsNotExist(err) {
			t.Errorf("%s is in the node's folder (%v)", file, err)
		}
	}
	if pv, err := loadPrivValidator(DefaultConfig(signer)); err != nil || pv.LastSignState.Height <= stands {
		t.Errorf("the signer knows of block %d, want more than %d (%v)", pv.LastSignState.Height, stands, err)
	}
	if err := ServeKey(t.Context(), signer, socket, doc.ChainID, io.Discard); !hasCode(err, CodeNodeRunning) {
		t.Errorf("a second signer with one key: %v", err)
	}
}

// A link that takes connections while the node is away, as ssh does, gets one line in the
// signer's log, and not one each half second.
func TestSignerBehindALinkSaysOnceThatItIsAway(t *testing.T) {
	signer, socket := apart(t, newHome(t))
	l, err := net.Listen("unix", socket)
	must(t, err)
	dialled := make(chan struct{}, 100)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Close()
			dialled <- struct{}{}
		}
	}()
	ctx, cancel := context.WithCancel(t.Context())
	var said syncBuffer
	ended := make(chan error, 1)
	go func() { ended <- ServeKey(ctx, signer, socket, "c-1", &said) }()
	for range 3 {
		<-dialled
	}
	cancel()
	must(t, errors.Join(<-ended, l.Close()))
	away, there := strings.Count(said.String(), "is not there"), strings.Count(said.String(), "is there")
	if away != 1 || there != 0 {
		t.Errorf("the node is away %d times, and there %d:\n%s", away, there, said.String())
	}
}

// The signer signs no step twice, whatever a node asks that was broken into, and also
// after it was started again.
func TestSignerSignsNoStepTwice(t *testing.T) {
	home := newHome(t)
	signer, socket := apart(t, home)
	end, err := privval.NewSignerListener("unix://"+socket, log.NewNopLogger())
	must(t, err)
	client, err := privval.NewSignerClient(end, "c-1")
	must(t, err)
	defer func() { must(t, end.Stop()) }()
	vote := func(height int64, block byte) error {
		hash := func(b byte) []byte { return []byte(strings.Repeat(string(rune(b)), 32)) }
		return client.SignVote("c-1", &cmtproto.Vote{Type: cmtproto.PrecommitType, Height: height,
			Timestamp: time.Now(),
			BlockID: cmtproto.BlockID{Hash: hash(block),
				PartSetHeader: cmtproto.PartSetHeader{Total: 1, Hash: hash('p')}},
			ValidatorAddress: make([]byte, 20)})
	}
	stop := serveKey(t, signer, socket, "c-1")
	if err := vote(7, 'a'); err != nil {
		t.Errorf("the first vote: %v", err)
	}
	if err := vote(7, 'a'); err != nil {
		t.Errorf("the same vote: %v", err)
	}
	refused := func(desc string, height int64, block byte) {
		t.Helper()
		if err := vote(height, block); err == nil {
			t.Errorf("%s: signed", desc)
		}
	}
	refused("another block of that height", 7, 'b')
	refused("a block before", 6, 'a')
	if err := client.SignVote("c-2", &cmtproto.Vote{Type: cmtproto.PrecommitType, Height: 9}); err == nil {
		t.Error("a vote of another chain: signed")
	}
	stop()
	_ = client.Close() // the node notices by its next question
	stop = serveKey(t, signer, socket, "c-1")
	defer func() { stop() }()
	must(t, client.WaitForConnection(10*time.Second))
	refused("another block of that height, after a restart", 7, 'b')
	if err := vote(8, 'b'); err != nil {
		t.Errorf("the next height: %v", err)
	}
}

// Where anyone could answer as the signer, none is waited for.
func TestSignerNeedsASocket(t *testing.T) {
	home := newHome(t)
	for _, at := range []string{"tcp://127.0.0.1:1", "127.0.0.1:1", "unix://signer.sock", "noise://x@127.0.0.1:1"} {
		must(t, editRaw(home, at))
		if _, _, err := LoadConfig(home); !hasCode(err, CodeBadConfig) {
			t.Errorf("%s: %v", at, err)
		}
	}
}

// editRaw writes a setting that LoadConfig may refuse.
func editRaw(home, laddr string) error {
	c := DefaultConfig(home)
	c.PrivValidatorListenAddr = laddr
	return writeCometConfig(c)
}
