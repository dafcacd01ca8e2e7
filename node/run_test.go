package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"hongbao/app"
	"hongbao/contract"
	"hongbao/internal/ports"

	dbm "github.com/cometbft/cometbft-db"
	abci "github.com/cometbft/cometbft/abci/types"
	cfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/p2p"
)

// freePorts is the first of some ports in a row that are free.
func freePorts(t *testing.T, count int) int {
	t.Helper()
	base, err := ports.Row(count)
	if err != nil {
		t.Fatal(err)
	}
	return base
}

// TestRunServesUntilTold runs a lone node: it makes blocks, and leaves when
// told. That it goes on from there is tested with processes, in package
// testnet, because CometBFT's databases stay open to the end of a process.
func TestRunServesUntilTold(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a node")
	}
	home := newHome(t)
	usePorts(t, home)
	if height := runUntil(t, home, 2); height < 2 {
		t.Errorf("stopped at height %d", height)
	}
}

// TestFailedConsensusEndsTheNode breaks the application at block 2. CometBFT
// itself would go on answering queries.
func TestFailedConsensusEndsTheNode(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a node")
	}
	home := newHome(t)
	usePorts(t, home)
	c, settings, err := LoadConfig(home)
	if err != nil {
		t.Fatal(err)
	}
	pv, err := loadPrivValidator(c)
	if err != nil {
		t.Fatal(err)
	}
	nodeKey, err := p2p.LoadNodeKey(c.NodeKeyFile())
	if err != nil {
		t.Fatal(err)
	}
	doc, file, err := ReadGenesis(home)
	if err != nil {
		t.Fatal(err)
	}
	application, err := newApplication(dbm.NewMemDB(), settings, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	logger := watchLog(log.NewNopLogger())
	w := &watch{Application: brokenAt2{application}, logger: logger, misbehaviors: application.Misbehaviors,
		validators: application.Validators}
	err = process{c, doc, file, pv, nodeKey, w, databases{}, Options{}, logger, application.HandOver}.serve(ctx)
	if !errors.Is(err, ErrConsensusFailed) {
		t.Errorf("error %v, expected %v", err, ErrConsensusFailed)
	}
	var coded *Error
	if !errors.As(err, &coded) || coded.Code != CodeConsensusFailed || !strings.Contains(err.Error(),
		"broken on purpose") {
		t.Errorf("error %v does not say why", err)
	}
}

// Why consensus ended has the code of what its operator can do. The causes are
// CometBFT's and the databases' own words.
func TestACauseHasItsCode(t *testing.T) {
	full := &os.PathError{Op: "write", Path: "/data/cs.wal/wal", Err: syscall.ENOSPC}
	for _, row := range []struct{ cause, code string }{
		{"precommit step; +2/3 prevoted for an invalid block: block time 2026-11-27 01:13:30 is too far in the " +
			"future (wall clock 2026-11-27 01:12:29 + tolerance 1m0s)", CodeClockOff},
		{full.Error(), CodeDiskFull},
		{"leveldb/table: corruption on data-block (pos=0): checksum mismatch", CodeDataDamaged},
		{"state.AppHash does not match AppHash after replay. Got 00, expected 01", CodeDataDamaged},
		{contract.ErrState.Error() + ": refund of packet rp1: does not hold ¥0.20", CodeDataDamaged},
		{"broken on purpose", CodeConsensusFailed},
		{"", CodeConsensusFailed},
	} {
		if e := failure("/home", row.cause); e.Code != row.code || !errors.Is(e, ErrConsensusFailed) ||
			e.Home != "/home" || !strings.Contains(e.Error(), row.cause) {
			t.Errorf("%q: %s, %v; expected %s", row.cause, e.Code, e, row.code)
		}
	}
}

type brokenAt2 struct{ *app.App }

func (b brokenAt2) FinalizeBlock(ctx context.Context, req *abci.RequestFinalizeBlock) (*abci.ResponseFinalizeBlock,
	error) {
	if req.Height == 2 {
		return nil, errors.New("broken on purpose")
	}
	return b.App.FinalizeBlock(ctx, req)
}

func usePorts(t *testing.T, home string) {
	t.Helper()
	base := freePorts(t, 2)
	if err := EditConfig(home, func(c *cfg.Config) {
		c.RPC.ListenAddress = fmt.Sprintf("tcp://127.0.0.1:%d", base)
		c.P2P.ListenAddress = fmt.Sprintf("tcp://127.0.0.1:%d", base+1)
	}); err != nil {
		t.Fatal(err)
	}
}

func runUntil(t *testing.T, home string, height int64) int64 {
	t.Helper()
	url, err := RPCURL(home)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var log syncBuffer
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, home, Options{Log: &log, LogFormat: "json"}) }()
	var s Status
	for s.Height < height {
		select {
		case err := <-ended:
			t.Fatalf("ended early: %v\n%s", err, log.String())
		case <-time.After(20 * time.Millisecond):
		}
		if got, err := QueryStatus(ctx, url); err == nil {
			s = got
		}
	}
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("told to stop: %v\n%s", err, log.String())
		}
	case <-time.After(10 * time.Second):
		t.Fatal("does not stop")
	}
	if !bytes.Contains([]byte(log.String()), []byte(`"node runs"`)) {
		t.Errorf("the log does not say that the node ran:\n%s", log.String())
	}
	return s.Height
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
