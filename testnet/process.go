package testnet

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"hongbao/internal/home"
	"hongbao/node"
)

const (
	// stopTimeout is how long a node may take to leave when asked. It is more
	// than the node allows itself, so SIGKILL is for a node that cannot even
	// count to ten.
	stopTimeout = 15 * time.Second

	// maxLog is where a log is put aside at the next start: at most twice
	// this is kept for each node.
	maxLog = 8 << 20

	// logTail is how much of a log a report of failure quotes.
	logTail = 2 << 10
)

// process is one run of one node. Its fields are set before the goroutine
// that waits for it starts, except as noted.
type process struct {
	cmd  *exec.Cmd
	hold *os.File      // our end of its standard input: closing it tells the node to leave
	done chan struct{} // closed when it is gone
	err  error         // how it ended; read after done

	logFrom int64 // where in the log its words begin

	asked bool // its end was asked for; guarded by Network.mu
}

// startProcess runs the node, in a process group of its own: a Ctrl-C meant
// for the supervisor must not reach the nodes past it. cores is how many it may keep busy.
func (n *Network) startProcess(binary string, m *Node, cores int) (*process, error) {
	log, err := openLog(m.LogFile())
	if err != nil {
		return nil, err
	}
	defer log.Close()
	before, err := log.Stat()
	if err != nil {
		return nil, err
	}
	theirs, ours, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	cmd := exec.Command(binary, "node", "start", "--home", m.Home)
	cmd.Env = append(os.Environ(), node.SupervisedEnv+"=1")
	if os.Getenv("GOMAXPROCS") == "" {
		// The nodes share one machine. Left to itself each would spread its
		// short sleeps over all cores and wake a thread for every one: that
		// was 40 % of what four idle nodes used, and made them slower.
		cmd.Env = append(cmd.Env, fmt.Sprintf("GOMAXPROCS=%d", cores))
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirs, log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	launch := func(_ *Node, cmd *exec.Cmd) error { return cmd.Start() }
	if n.Launch != nil {
		launch = n.Launch
	}
	if err := launch(m, cmd); err != nil {
		ours.Close()
		return nil, fmt.Errorf("%s: %w", m.Name, err)
	}
	p := &process{cmd: cmd, hold: ours, done: make(chan struct{}), logFrom: before.Size()}
	go func() {
		p.err = cmd.Wait()
		ours.Close()
		close(p.done)
	}()
	return p, nil
}

// stop asks, waits, and insists. It returns when the process is gone.
func (p *process) stop() {
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(stopTimeout):
		p.kill()
	}
}

func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.done
}

func (p *process) running() bool {
	if p == nil {
		return false
	}
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// openLog appends, so that what a node said before it was killed can still be
// read after it runs again.
func openLog(path string) (*os.File, error) {
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		if err := os.Rename(path, path+".old"); err != nil {
			return nil, err
		}
	}
	return os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
}

// said is the end of what this run logged, for a report of its failure.
func (p *process) said(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return ""
	}
	b, _ := io.ReadAll(io.NewSectionReader(f, max(p.logFrom, info.Size()-logTail), logTail))
	return string(b)
}

// lastWords are what this run gave as the reason of its end, with its hint.
func (p *process) lastWords(path string) string {
	if cause := p.crash(path); cause != "" {
		return "crashed: " + cause
	}
	_, last, ok := strings.Cut("\n"+p.said(path), "\nhongbao: ")
	if !ok {
		return ""
	}
	return strings.ReplaceAll(strings.TrimSpace(last), "\n", "; ")
}

// crash is the first line of the crash that ended this run; empty if none did.
func (p *process) crash(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	return node.CrashIn(io.NewSectionReader(f, p.logFrom, math.MaxInt64-p.logFrom))
}

// lockDir makes sure that a network has one supervisor.
func lockDir(dir string) (unlock func(), err error) {
	path := filepath.Join(dir, lockFile)
	unlock, err = home.TryLock(path)
	if errors.Is(err, home.ErrLocked) {
		// A command that only looks whether the network runs holds the lock for
		// that instant.
		time.Sleep(pollPause)
		unlock, err = home.TryLock(path)
	}
	if errors.Is(err, home.ErrLocked) {
		return nil, fmt.Errorf("testnet %s: %w", dir, ErrRunning)
	}
	return unlock, err
}
