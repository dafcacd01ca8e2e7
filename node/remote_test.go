package node

import (
	"bytes"
	"context"
	"encoding/binary"
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
	"github.com/cometbft/cometbft/libs/protoio"
	"github.com/cometbft/cometbft/privval"
	privvalproto "github.com/cometbft/cometbft/proto/tendermint/privval"
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

// A node that was broken into may ask what it likes: what no node asks is not signed and
// does not end the signer, which then signs what a node does ask.
func TestSignerBesideAHostileNode(t *testing.T) {
	home := newHome(t)
	signer, socket := apart(t, home)
	l, err := net.Listen("unix", socket)
	must(t, err)
	defer l.Close()
	hash := func(b string) []byte { return []byte(strings.Repeat(b, 32)) }
	vote := func(change func(*cmtproto.Vote)) *privvalproto.Message {
		parts := cmtproto.PartSetHeader{Total: 1, Hash: hash("p")}
		v := &cmtproto.Vote{Type: cmtproto.PrecommitType, Height: 7, Timestamp: time.Now(),
			ValidatorAddress: hash("v")[:20], BlockID: cmtproto.BlockID{Hash: hash("a"), PartSetHeader: parts}}
		change(v)
		return &privvalproto.Message{Sum: &privvalproto.Message_SignVoteRequest{
			SignVoteRequest: &privvalproto.SignVoteRequest{ChainId: "c-1", Vote: v}}}
	}
	proposal := func(p *cmtproto.Proposal) *privvalproto.Message {
		return &privvalproto.Message{Sum: &privvalproto.Message_SignProposalRequest{
			SignProposalRequest: &privvalproto.SignProposalRequest{ChainId: "c-1", Proposal: p}}}
	}
	message := func(m *privvalproto.Message) []byte {
		var b bytes.Buffer
		_, err := protoio.NewDelimitedWriter(&b).WriteMsg(m)
		must(t, err)
		return b.Bytes()
	}
	flood := bytes.Repeat(message(vote(func(v *cmtproto.Vote) { v.Height = -1 })), 1000)
	stop := serveKey(t, signer, socket, "c-1")
	for _, row := range []struct {
		desc   string
		said   []byte
		signed bool
	}{
		{"garbage", bytes.Repeat([]byte{0xfe, 1, 2}, 1000), false},
		{"a message of 2^60 bytes", binary.AppendUvarint(nil, 1<<60), false},
		{"an empty message", []byte{0}, false},
		{"a request without a vote", message(&privvalproto.Message{Sum: &privvalproto.Message_SignVoteRequest{
			SignVoteRequest: &privvalproto.SignVoteRequest{ChainId: "c-1"}}}), false},
		{"a request without a proposal", message(proposal(nil)), false},
		{"a vote of no type", message(vote(func(v *cmtproto.Vote) { v.Type = 0 })), false},
		{"a vote of an unknown type", message(vote(func(v *cmtproto.Vote) { v.Type = 77 })), false},
		{"half a hash", message(vote(func(v *cmtproto.Vote) { v.BlockID.Hash = hash("a")[:5] })), false},
		{"half a hash in a proposal", message(proposal(&cmtproto.Proposal{Type: cmtproto.ProposalType, Height: 7,
			Timestamp: time.Now(), BlockID: cmtproto.BlockID{Hash: []byte("a")}})), false},
		{"a time that there is not", message(vote(func(v *cmtproto.Vote) {
			v.Timestamp = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
		})), true},
		{"a height below none", message(vote(func(v *cmtproto.Vote) { v.Height = -1 })), false},
		{"a flood of them", flood, false},
		{"another chain", message(&privvalproto.Message{Sum: &privvalproto.Message_PubKeyRequest{
			PubKeyRequest: &privvalproto.PubKeyRequest{ChainId: "c-2"}}}), false},
		{"a vote", message(vote(func(v *cmtproto.Vote) { v.Height = 9 })), true},
		{"another block at that height", message(vote(func(v *cmtproto.Vote) {
			v.Height, v.BlockID.Hash = 9, hash("b")
		})), false},
	} {
		must(t, l.(*net.UnixListener).SetDeadline(time.Now().Add(10*time.Second)))
		conn, err := l.Accept()
		if err != nil {
			t.Fatalf("%s: the signer does not come back: %v", row.desc, err)
		}
		go func() { _, _ = conn.Write(row.said) }()
		must(t, conn.SetReadDeadline(time.Now().Add(300*time.Millisecond)))
		signed := false
		for answers := protoio.NewDelimitedReader(conn, maxSignRequest); ; {
			var answer privvalproto.Message
			if _, err := answers.ReadMsg(&answer); err != nil {
				break
			}
			signed = signed || len(answer.GetSignedVoteResponse().GetVote().Signature) > 0 ||
				len(answer.GetSignedProposalResponse().GetProposal().Signature) > 0 ||
				answer.GetPubKeyResponse() != nil && answer.GetPubKeyResponse().Error == nil
		}
		conn.Close()
		if signed != row.signed {
			t.Errorf("%s: signed: %v", row.desc, signed)
		}
	}
	stop()
}
