package testnet

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// The supervisor is spoken to over HTTP on the loopback: a Unix socket would
// fail in folders with long names. The token is in the control file, which the
// owner alone can read.
const controlFile = "control.json"

type controlJSON struct {
	PID   int    `json:"pid"`
	URL   string `json:"url"`
	Token string `json:"token"`
}

// controlTimeout is longer than the slowest order takes: stopping a stuck
// node, or starting one that has much to replay.
const controlTimeout = bootTimeout + stepWait + stopTimeout

type control struct {
	network *Network
	server  *http.Server
	down    chan struct{} // receives when another process asks the network to end
}

// serveControl lets other processes drive a network that has been started.
func serveControl(n *Network) (*control, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &control{network: n, down: make(chan struct{}, 1)}
	state := controlJSON{PID: os.Getpid(), URL: "http://" + l.Addr().String(), Token: rand.Text()}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", c.status)
	mux.HandleFunc("POST /nodes/{node}/{order}", c.order)
	mux.HandleFunc("POST /down", func(http.ResponseWriter, *http.Request) {
		select {
		case c.down <- struct{}{}:
		default: // already asked
		}
	})
	c.server = &http.Server{Handler: withToken(state.Token, mux), ReadHeaderTimeout: 5 * time.Second}
	if err := writeJSON(filepath.Join(n.Dir, controlFile), state); err != nil {
		l.Close()
		return nil, err
	}
	go c.server.Serve(l)
	return c, nil
}

func (c *control) close() {
	os.Remove(filepath.Join(c.network.Dir, controlFile))
	// Let the answer to `testnet down` out before the door closes.
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	c.server.Shutdown(ctx)
	c.server.Close()
}

func withToken(token string, next http.Handler) http.Handler {
	want := []byte("Bearer " + token)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), want) != 1 {
			http.Error(w, "wrong token", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (c *control) status(w http.ResponseWriter, r *http.Request) {
	json.NewEncoder(w).Encode(c.network.Status(r.Context()))
}

func (c *control) order(w http.ResponseWriter, r *http.Request) {
	number, err := strconv.Atoi(r.PathValue("node"))
	if err != nil {
		err = fmt.Errorf("node %q: %w", r.PathValue("node"), ErrNoNode)
	} else {
		switch r.PathValue("order") {
		case "start":
			if err = c.network.StartNode(r.Context(), number); err == nil {
				c.network.waitStep(r.Context(), number)
			}
		case "stop":
			err = c.network.StopNode(number)
		case "kill":
			err = c.network.KillNode(number)
		default:
			http.NotFound(w, r)
			return
		}
	}
	switch {
	case err == nil:
	case errors.Is(err, ErrRunning), errors.Is(err, ErrNotRunning), errors.Is(err, ErrNoNode):
		http.Error(w, err.Error(), http.StatusConflict) // the caller's mistake
	default:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// Controller drives a network that another process supervises, as `testnet stop`
// and the like do.
type Controller struct {
	dir   string
	state controlJSON
}

// Open finds the supervisor of a folder's network. Its error is ErrNotThere,
// ErrNotRunning, or ErrNotReady where there is none to talk to.
func Open(dir string) (*Controller, error) {
	if _, err := readState(dir); err != nil {
		return nil, err
	}
	unlock, err := lockDir(dir)
	if err == nil {
		unlock() // it was free: a control file would be a dead supervisor's
		return nil, fmt.Errorf("testnet %s: %w", dir, ErrNotRunning)
	}
	if !errors.Is(err, ErrRunning) {
		return nil, err
	}
	b, err := os.ReadFile(filepath.Join(dir, controlFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("testnet %s: %w", dir, ErrNotReady)
	}
	c := &Controller{dir: dir}
	if err == nil {
		err = json.Unmarshal(b, &c.state)
	}
	if err != nil {
		return nil, fmt.Errorf("testnet %s: %s: %w", dir, controlFile, err)
	}
	return c, nil
}

// call gives an order and reads the answer, if one is wanted.
func (c *Controller) call(ctx context.Context, method, path string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, controlTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.state.URL+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.state.Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("testnet %s: its supervisor (pid %d) does not answer: %w", c.dir, c.state.PID, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return err
	}
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusConflict:
		return Refusal(bytes.TrimSpace(b))
	default:
		return fmt.Errorf("testnet: %s", bytes.TrimSpace(b))
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(b, into)
}

// Status is [Network.Status].
func (c *Controller) Status(ctx context.Context) (list []NodeStatus, err error) {
	return list, c.call(ctx, http.MethodGet, "/status", &list)
}

// StopNode asks a node to leave and returns when it is gone. Like StartNode and
// KillNode it fails with a [Refusal] when the node is not in a state for it.
func (c *Controller) StopNode(ctx context.Context, number int) error {
	return c.order(ctx, number, "stop")
}

// StartNode starts a node again and returns when it has caught up, or after
// stepWait.
func (c *Controller) StartNode(ctx context.Context, number int) error {
	return c.order(ctx, number, "start")
}

// KillNode ends a node at once, as a power cut would.
func (c *Controller) KillNode(ctx context.Context, number int) error {
	return c.order(ctx, number, "kill")
}

func (c *Controller) order(ctx context.Context, number int, order string) error {
	return c.call(ctx, http.MethodPost, fmt.Sprintf("/nodes/%d/%s", number, order), nil)
}

// Down ends the network and returns when no process of it is left.
func (c *Controller) Down(ctx context.Context) error {
	if err := c.call(ctx, http.MethodPost, "/down", nil); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, controlTimeout)
	defer cancel()
	for {
		unlock, err := lockDir(c.dir)
		if err == nil {
			unlock()
			return nil
		}
		if !errors.Is(err, ErrRunning) {
			return err
		}
		if err := pause(ctx); err != nil {
			return fmt.Errorf("testnet %s: still running: %w", c.dir, err)
		}
	}
}
