package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	cfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/crypto"
	"github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/libs/protoio"
	"github.com/cometbft/cometbft/privval"
	privvalproto "github.com/cometbft/cometbft/proto/tendermint/privval"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"
)

// A validator's key may be in another process, the signer, which keeps what it signed
// and speaks CometBFT's privval protocol over a Unix socket. The node listens
// there, at priv_validator_laddr, and the signer dials: so a node that is broken into
// has no key to give away. Who may use the socket is a matter of its folder; over a
// link to another machine ssh carries it. CometBFT's TCP is refused: it does not
// know whom it listens to.
const (
	socketScheme = "unix://"
	// signerWait is how long a start waits for the signer, which something else starts.
	signerWait = time.Minute
	// signTimeout is how long one request for a signature may take.
	signTimeout = 500 * time.Millisecond
	// signAgain is between two requests for one signature.
	signAgain = 100 * time.Millisecond
	// signerPause is between two dials of the signer.
	signerPause = 500 * time.Millisecond
	// signerSilence is how long the signer's link may be silent: the node says something
	// each three seconds.
	signerSilence = 10 * time.Second
	// maxSignRequest bounds a message of the protocol, in bytes: a proposal or a vote, of a
	// few hundred.
	maxSignRequest = 16 << 10
)

// checkSigner refuses an address at which the signer would not be known.
func checkSigner(c *cfg.Config) error {
	if at := c.PrivValidatorListenAddr; at != "" && !strings.HasPrefix(at, socketScheme+"/") {
		return fmt.Errorf("priv_validator_laddr %q: write unix:///PATH: at another address anyone could sign", at)
	}
	return nil
}

// validatorKey is what a run signs with, and what it knows of it.
type validatorKey struct {
	types.PrivValidator
	public crypto.PubKey
	file   *privval.FilePV // nil: it is in another process
}

// signedUpTo is the height of the last vote before this start; 0 where only the
// signer knows.
func (k *validatorKey) signedUpTo() int64 {
	if k.file == nil {
		return 0
	}
	return k.file.LastSignState.Height
}

// openKey is the validator key of a home: that of its file, or the one of the signer
// that dials.
func openKey(ctx context.Context, c *cfg.Config, chain string, logger log.Logger) (*validatorKey, error) {
	if c.PrivValidatorListenAddr == "" {
		pv, err := loadPrivValidator(c)
		if err != nil {
			return nil, err
		}
		return &validatorKey{public: pv.Key.PubKey, file: pv}, nil // which newSigner makes a signer
	}
	remote, err := awaitSigner(ctx, c, chain, logger)
	if err != nil {
		return nil, err
	}
	c.PrivValidatorListenAddr = "" // or CometBFT would listen for it as well
	return &validatorKey{PrivValidator: remote, public: remote.public}, nil
}

// remoteSigner is a key in another process.
type remoteSigner struct {
	client *privval.SignerClient
	end    *privval.SignerListenerEndpoint
	public crypto.PubKey
	// passed reports whether a peer has the block of a height, which then needs no vote.
	passed func(height int64) bool
}

var _ types.PrivValidator = (*remoteSigner)(nil)

// awaitSigner listens until the signer has said which key it has.
func awaitSigner(ctx context.Context, c *cfg.Config, chain string, logger log.Logger) (*remoteSigner, error) {
	at := c.PrivValidatorListenAddr
	path := strings.TrimPrefix(at, socketScheme)
	if info, err := os.Lstat(path); err == nil && info.Mode()&os.ModeSocket != 0 {
		_ = os.Remove(path) // of a run that was killed: the home's lock is ours
	}
	end, err := privval.NewSignerListener(at, log.NewNopLogger()) // which would complain each three seconds
	if err != nil {
		return nil, errorf(CodeBadConfig, c.RootDir, "config.toml: %s: %w", "priv_validator_laddr", err)
	}
	if err := os.Chmod(path, socketPerm); err != nil {
		return nil, err
	}
	client, err := privval.NewSignerClient(end, chain)
	if err != nil {
		return nil, err
	}
	s := &remoteSigner{client: client, end: end}
	logger.Info("waiting for the signer", "at", at)
	for late := time.Now().Add(signerWait); ; {
		if s.public, err = client.GetPubKey(); err == nil {
			logger.Info("the signer is there", "validator", s.public.Address().String())
			return s, nil
		}
		var refused *privval.RemoteSignerError
		if ctx.Err() != nil || errors.As(err, &refused) || time.Now().After(late) {
			_ = s.Close()
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return nil, errorf(CodeNoSigner, c.RootDir, "no signer of chain %s has answered at %s: %w", chain, at, err)
		}
	}
}

// socketPerm lets a signer with a user of its own in, by the group of the node's.
const socketPerm = 0o660

// Close ends the link. CometBFT calls it before it waits for consensus to end.
func (s *remoteSigner) Close() error {
	if !s.end.IsRunning() {
		return nil
	}
	return s.end.Stop()
}

// GetPubKey implements types.PrivValidator.
func (s *remoteSigner) GetPubKey() (crypto.PubKey, error) { return s.public, nil }

var errSignerSilent = errors.New("the signer does not answer")

// SignVote implements types.PrivValidator.
func (s *remoteSigner) SignVote(chainID string, vote *cmtproto.Vote) error {
	return s.insist(vote.Height, func() error {
		return inTime(vote, func(v *cmtproto.Vote) error { return s.client.SignVote(chainID, v) })
	})
}

// SignProposal implements types.PrivValidator.
func (s *remoteSigner) SignProposal(chainID string, proposal *cmtproto.Proposal) error {
	return s.insist(proposal.Height, func() error {
		return inTime(proposal, func(p *cmtproto.Proposal) error { return s.client.SignProposal(chainID, p) })
	})
}

// insist asks until there is a signature or a refusal, the block needs none any more, or
// the node ends. Consensus asks once: a round of which a third of the votes was
// never signed would not end, although the signers came back. It does nothing else
// while it waits, so that it waits no longer than others do.
func (s *remoteSigner) insist(height int64, sign func() error) error {
	for {
		err := sign()
		var refused *privval.RemoteSignerError
		if err == nil || errors.As(err, &refused) || s.passed(height) || !s.end.IsRunning() {
			return err
		}
		time.Sleep(signAgain)
	}
}

// inTime has what is at message signed, or left as it is when that takes too long. What
// is signed later is forgotten: the signer remembers it.
func inTime[T any](message *T, sign func(*T) error) error {
	copied, done := *message, make(chan error, 1)
	go func() { done <- sign(&copied) }()
	late := time.NewTimer(signTimeout)
	defer late.Stop()
	select {
	case <-late.C:
		return errSignerSilent
	case err := <-done:
		if err == nil {
			*message = copied
		}
		return err
	}
}

// ServeKey is the signer: it signs with the key of the home in dir, of which
// config/priv_validator_key.json and data/priv_validator_state.json are enough, for the
// node that listens at socket, until ctx ends (nil). It signs for one chain, no height,
// round and step twice, and what it signed is on disk before it answers.
func ServeKey(ctx context.Context, dir, socket, chain string, said io.Writer) (err error) {
	logger := log.NewTMLogger(log.NewSyncWriter(said))
	if _, err := os.Stat(dir); err != nil {
		return errorf(CodeNoNodeHome, dir, "node home %s: %w", dir, err)
	}
	unlock, err := Lock(dir)
	if err != nil {
		return err
	}
	defer unlock()
	c := DefaultConfig(dir)
	warnOfOpenKeys(c, logger)
	pv, err := loadPrivValidator(c)
	if err != nil {
		return err
	}
	key, err := newSigner(pv, c.PrivValidatorStateFile())
	if err != nil {
		return fmt.Errorf("sign state: %w", err)
	}
	logger.Info("signer runs", "validator", pv.Key.Address.String(), "chain", chain, "socket", socket)
	defer asError(&err) // of a state that could not be written
	away := false
	for ctx.Err() == nil {
		conn, failed := net.Dial("unix", socket)
		if failed == nil {
			var asked bool
			asked, failed = answerNode(ctx, conn, key, chain, logger)
			away = away && !asked
		}
		if ctx.Err() == nil && !away {
			logger.Error("the node is not there", "err", failed)
			away = true
		}
		select {
		case <-ctx.Done():
		case <-time.After(signerPause):
		}
	}
	return nil
}

// answerNode answers one connection until it ends. asked is false where nothing came: ssh
// takes a connection, and closes it, also while the node is away.
func answerNode(ctx context.Context, conn net.Conn, key types.PrivValidator, chain string,
	logger log.Logger) (asked bool, err error) {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	requests, answers := protoio.NewDelimitedReader(conn, maxSignRequest), protoio.NewDelimitedWriter(conn)
	for {
		if err := conn.SetDeadline(time.Now().Add(signerSilence)); err != nil {
			return asked, err
		}
		var request privvalproto.Message
		if _, err := requests.ReadMsg(&request); err != nil {
			return asked, err
		}
		if !asked {
			asked = true
			logger.Info("the node is there")
		}
		answer, err := answerTo(key, request, chain)
		if err != nil {
			logger.Error("not signed", "err", err)
		}
		if answer.Sum == nil {
			return asked, err // no answer is known to this request
		}
		if _, err := answers.WriteMsg(&answer); err != nil {
			return asked, err
		}
	}
}

// answerTo is the answer to a request. CometBFT panics over a vote that no node writes, such
// as one without a vote in it; a node that was broken into gets no answer to that.
func answerTo(key types.PrivValidator, request privvalproto.Message, chain string) (answer privvalproto.Message,
	err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case unwritten: // the signer must not go on
			panic(r)
		default:
			answer, err = privvalproto.Message{}, fmt.Errorf("a request that no node makes: %v", r)
		}
	}()
	return privval.DefaultValidationRequestHandler(key, request, chain)
}
