package web

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"hongbao/client"
	"hongbao/client/audit"
	"hongbao/client/files"
	"hongbao/client/rpc"
	"hongbao/client/words"
	"hongbao/contract"
)

// api answers the calls of docs/openapi.json.
type api struct {
	Options
	room    chan struct{} // one for each answer in the making
	streams chan struct{} // one for each open stream
	pace    *pace
}

// route is a call. do gives its result, which is shown in an envelope, or a proof
// file, which is shown as it is; a stream writes by itself.
type route struct {
	method, path string
	do           func(*http.Request, *client.Client) (any, error)
	stream       bool
}

func (a *api) routes() []route {
	return []route{
		{method: "GET", path: "/api/network", do: a.network},
		{method: "GET", path: "/api/proof", do: a.proof},
		{method: "GET", path: "/api/accounts/{address}", do: a.account},
		{method: "POST", path: "/api/simulate", do: a.simulate},
		{method: "POST", path: "/api/txs", do: a.broadcast},
		{method: "GET", path: "/api/txs/{hash}", do: a.tx},
		{method: "GET", path: "/api/events", stream: true},
	}
}

// envelope is what a call answers, as a command does with --output json.
type envelope struct {
	Status string `json:"status"` // ok or error
	Result any    `json:"result,omitempty"`
	Error  any    `json:"error,omitempty"`
}

// maxBody is more than the longest request: a transaction in hex.
const maxBody = 2*contract.MaxTxBytes + 1024

func (a *api) handler(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if r.method == "POST" {
			if req.Header.Get("Content-Type") != "application/json" {
				a.fail(w, req, http.StatusUnsupportedMediaType, usagef("Content-Type: has to be application/json"))
				return
			}
			if err := readBody(w, req); err != nil {
				a.fail(w, req, 0, err)
				return
			}
		}
		room := a.room
		if r.stream {
			room = a.streams
		}
		select {
		case room <- struct{}{}:
			defer func() { <-room }()
		default:
			w.Header().Set("Retry-After", "1")
			a.fail(w, req, http.StatusTooManyRequests, &Error{TooMany, "too many requests at once"})
			return
		}
		c, err := a.Client(req.Context())
		if err != nil {
			a.fail(w, req, 0, err)
			return
		}
		if r.stream {
			a.events(w, req, c)
			return
		}
		result, err := r.do(req, c)
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeWithin)) // not in a test's recorder
		if err != nil {
			a.fail(w, req, 0, err)
			return
		}
		if file, ok := result.(*audit.File); ok {
			b, err := file.Encode()
			if err != nil {
				a.fail(w, req, 0, err)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(b)
			return
		}
		show(w, http.StatusOK, envelope{Status: "ok", Result: result})
	})
}

// readBody reads a request's body to its end before the request takes room, so that one
// that never ends keeps no other out. guard has set until when it may take.
func readBody(w http.ResponseWriter, r *http.Request) error {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return usagef("body: did not come within %v", bodyWithin)
	case errors.As(err, new(*http.MaxBytesError)):
		return usagef("body: longer than %d bytes", maxBody)
	case err != nil:
		return usagef("body: %v", err)
	}
	// Behind the body the server only listens for the client to hang up, for as long as it answers.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	r.Body = io.NopCloser(bytes.NewReader(b))
	return nil
}

// show writes JSON. It is no HTML, and never read as such: see X-Content-Type-Options.
func show(w http.ResponseWriter, status int, v any) {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(v); err != nil {
		panic(err) // a result that is no JSON: a programmer's error
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// statuses are what HTTP says of an error, by its exit code as a command's.
var statuses = map[int]int{
	1: http.StatusInternalServerError,
	2: http.StatusBadRequest,
	3: http.StatusConflict, // refused
	4: http.StatusConflict, // failed in a block
	5: http.StatusGatewayTimeout,
	6: http.StatusBadGateway, // the node does not answer
	7: http.StatusBadGateway,
	8: http.StatusBadGateway,
	9: http.StatusServiceUnavailable, // the program ends
}

// fail shows an error; status 0 is that of its exit code.
func (a *api) fail(w http.ResponseWriter, r *http.Request, status int, err error) {
	shown, exit := a.Fault(err, langOf(r))
	if status == 0 {
		status = statuses[exit]
	}
	show(w, status, envelope{Status: "error", Error: shown})
}

// langOf is the language that a request wants errors in.
func langOf(r *http.Request) words.Lang {
	if strings.HasPrefix(strings.ToLower(r.Header.Get("Accept-Language")), "zh") {
		return words.Chinese
	}
	return words.English
}

// stateJSON is the state that an answer speaks of, as the node says.
type stateJSON struct {
	Height int64         `json:"height"`
	Time   contract.Time `json:"time"`
}

func at(a client.At) stateJSON { return stateJSON{a.Height, a.Time} }

type networkJSON struct {
	Chain      string    `json:"chain_id"`
	Dev        bool      `json:"dev"`        // play money, whose keys are public
	Validators int       `json:"validators"` // how many
	CatchingUp bool      `json:"catching_up"`
	AsOf       stateJSON `json:"as_of"`
	Verified   bool      `json:"verified"` // false: nothing here was
}

func (a *api) network(r *http.Request, c *client.Client) (any, error) {
	status, err := c.Node().Status(r.Context())
	if err != nil {
		return nil, err
	}
	g, err := c.Genesis(r.Context())
	if err != nil {
		return nil, err
	}
	return networkJSON{Chain: status.Chain, Dev: g.Dev, Validators: g.Validators, CatchingUp: status.CatchingUp,
		AsOf: stateJSON{status.Height, status.Time}}, nil
}

type accountJSON struct {
	Address  contract.Address `json:"address"`
	Nonce    uint64           `json:"nonce"`
	Balance  files.Fen        `json:"balance_fen"`
	Held     files.Fen        `json:"held_fen"`
	AsOf     stateJSON        `json:"as_of"`
	Verified bool             `json:"verified"` // false: a transaction with a wrong nonce never happens
	Leaf     leafJSON         `json:"leaf"`     // what proves all of it, or that there is no such account
}

// leafJSON is what a proof file has of its leaf: the page judges it as a proof's first steps.
type leafJSON struct {
	Chain        string   `json:"chain_id"`
	Height       int64    `json:"height"`
	SignedHeader []byte   `json:"signed_header"`
	LeafProof    []byte   `json:"leaf_proof"`
	ClockProof   []byte   `json:"clock_proof,omitempty"` // on a dev chain
	HandOvers    [][]byte `json:"hand_overs,omitempty"`  // where the validators changed
}

// account is what a transaction of an account needs to know.
func (a *api) account(r *http.Request, c *client.Client) (any, error) {
	address, err := contract.ParseAddress(r.PathValue("address"))
	if err != nil {
		return nil, err
	}
	account, e, err := c.ProveAccount(r.Context(), address)
	if err != nil {
		return nil, err
	}
	out := accountJSON{Address: address, AsOf: at(e.At), Leaf: leafJSON{Chain: c.Chain(), Height: e.At.Height,
		SignedHeader: e.Header, LeafProof: e.LeafProof, ClockProof: e.ClockProof,
		HandOvers: e.HandOvers}}
	if account != nil {
		out.Nonce, out.Balance, out.Held = account.Nonce, files.Fen(account.Balance), files.Fen(account.Held)
	}
	return out, nil
}

// txOf reads a request's transaction, of the node's chain.
func txOf(r *http.Request, c *client.Client) (*contract.Tx, []byte, error) {
	var body struct {
		Tx string `json:"tx"`
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil {
		return nil, nil, usagef("body: not {\"tx\": HEX}")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, nil, usagef("body: something stands behind it")
	}
	wire, err := hex.DecodeString(body.Tx)
	if err != nil {
		return nil, nil, usagef("tx: not in hex")
	}
	tx, err := contract.DecodeTx(wire)
	if err != nil {
		return nil, nil, err
	}
	if tx.Chain != c.Chain() {
		return nil, nil, contract.Errorf(contract.CodeWrongChain, "transaction: for chain %q, this is %q", tx.Chain,
			c.Chain())
	}
	return tx, wire, nil
}

type simulatedJSON struct {
	AsOf     stateJSON `json:"as_of"`
	Verified bool      `json:"verified"`
}

// simulate says whether the ledger would take an unsigned transaction now.
func (a *api) simulate(r *http.Request, c *client.Client) (any, error) {
	tx, wire, err := txOf(r, c)
	if err != nil {
		return nil, err
	}
	if tx.Signature != (contract.Signature{}) { // with it the node could do more than answer
		return nil, usagef("tx: is signed; what is simulated has a signature of zeros")
	}
	sim, as, err := c.Node().Simulate(r.Context(), wire)
	if err != nil {
		return nil, err
	}
	if sim.Code != contract.CodeOK {
		return nil, &client.Refused{Code: sim.Code, Msg: sim.Log, RetryAt: sim.RetryAt}
	}
	return simulatedJSON{AsOf: at(as)}, nil
}

type sentJSON struct {
	Tx contract.Hash `json:"tx"`
	// The node says no, or nothing. It has the bytes all the same, so that this settles
	// nothing: ask what became of them until valid_until is over.
	Refused any `json:"refused,omitempty"`
}

// broadcast hands a signed transaction to the node.
func (a *api) broadcast(r *http.Request, c *client.Client) (any, error) {
	tx, wire, err := txOf(r, c)
	if err != nil {
		return nil, err
	}
	if !(contract.Schnorr{}).Verify(tx.Account, tx.Digest(), tx.Signature) {
		return nil, contract.Errorf(contract.CodeBadSignature, "transaction: its signature is not good")
	}
	out := sentJSON{Tx: contract.TxHash(wire)}
	err = c.Node().Broadcast(r.Context(), wire)
	var refused *rpc.Error
	switch {
	case err == nil:
		return out, nil
	case rpc.NeverSent(err):
		return nil, err
	case errors.As(err, &refused) && refused.Kind == rpc.Refused:
		err = &client.Refused{Code: refused.Code, Msg: refused.Msg, Tx: &out.Tx}
	}
	out.Refused, _ = a.Fault(err, langOf(r))
	return out, nil
}

type txJSON struct {
	Tx     contract.Hash  `json:"tx"`
	State  string         `json:"state"` // unknown, done or failed
	Height int64          `json:"height,omitempty"`
	Time   *contract.Time `json:"time,omitempty"`
	Index  *uint32        `json:"index,omitempty"` // in its block
	Error  any            `json:"error,omitempty"` // of one that failed
	// what the node's newest state is: a transaction unknown in one that is later than its
	// valid_until never happens
	AsOf     stateJSON `json:"as_of"`
	Verified bool      `json:"verified"`
}

const (
	maxWait   = 20 * time.Second // for a transaction: a browser gives up after some minutes
	firstLook = 20 * time.Millisecond
	lastLook  = 250 * time.Millisecond
)

// tx says what became of a transaction, and waits for it if it is told to.
func (a *api) tx(r *http.Request, c *client.Client) (any, error) {
	var hash contract.Hash
	if err := hash.UnmarshalText([]byte(r.PathValue("hash"))); err != nil {
		return nil, usagef("%q: not a transaction's hash", r.PathValue("hash"))
	}
	seconds, err := number(r.URL.Query().Get("wait"))
	if err != nil || time.Duration(seconds) > maxWait/time.Second {
		return nil, usagef("wait: from 0 to %d seconds", maxWait/time.Second)
	}
	ctx, cancel := context.WithTimeout(r.Context(), time.Duration(seconds)*time.Second)
	defer cancel()
	for pause := firstLook; ; pause = min(pause*5/4, lastLook) {
		record, as, err := c.Node().Tx(r.Context(), hash)
		if err != nil {
			return nil, err
		}
		out := txJSON{Tx: hash, State: "unknown", AsOf: at(as)}
		if record != nil {
			out.State, out.Height, out.Time, out.Index = "done", record.Height, &record.Time, &record.Index
			if record.Code != contract.CodeOK {
				out.State = "failed"
				failed := &client.Failed{Code: record.Code, Msg: record.Log, Tx: hash, Height: record.Height}
				out.Error, _ = a.Fault(failed, langOf(r))
			}
			return out, nil
		}
		select {
		case <-ctx.Done():
			return out, r.Context().Err()
		case <-time.After(pause):
		}
	}
}
