package cli

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"hongbao/app/query"
	"hongbao/contract"
)

// liar is a proxy in front of an honest node. It remembers what the node said,
// and repeats that, or lies about it. What it does not remember it asks; a
// transaction it never hands on.
type liar struct {
	t    *testing.T
	node string
	url  string

	mu       sync.Mutex
	learning bool // what it repeats later
	recorded answers
	hearsay  answers // what it says where it learnt nothing; then it asks
	lie      *lie    // nil: none
	offered  []*contract.Tx
	handed   bool // one of them to be sent
}

// answers are by question; both without the request's id.
type answers map[string]any

func newLiar(t *testing.T, node string) *liar {
	l := &liar{t: t, node: node, recorded: answers{}}
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	l.url = server.URL
	return l
}

// learn makes the liar honest for now, and has it remember.
func (l *liar) learn() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.learning, l.recorded, l.lie, l.offered, l.handed = true, answers{}, nil, nil, false
}

// learnt is what it has learnt. It learns no more: a question that its command no
// longer waits for may still be under way.
func (l *liar) learnt() answers {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.learning = false
	return l.recorded
}

// repeat makes it repeat what it learnt, but for one lie.
func (l *liar) repeat(recorded answers, told *lie) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.learning, l.recorded, l.lie, l.offered, l.handed = false, recorded, told, nil, false
}

type rpcRequest struct {
	ID     json.RawMessage
	Method string
	Params map[string]any
}

// question is what a request asks, spelt as short as it stays unmistakable.
func (r *rpcRequest) question() string {
	if r.Method != "abci_query" {
		return strings.TrimSpace(fmt.Sprintf("%s %s", r.Method, paramText(r.Params["height"])))
	}
	q := fmt.Sprint(r.Params["path"])
	if q == query.Simulate { // its signature is a new one each time
		return q
	}
	return fmt.Sprintf("%s %s %s", q, paramText(r.Params["height"]), paramText(r.Params["data"]))
}

func paramText(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// endpoint is what a question is put to.
func endpoint(question string) string {
	e, _, _ := strings.Cut(question, " ")
	return e
}

func (l *liar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var req rpcRequest
	if err == nil {
		err = json.Unmarshal(body, &req)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer, err := l.answer(&req, body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(answer)
}

func (l *liar) answer(req *rpcRequest, body []byte) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.overhear(req)
	question := req.question()
	truth, known := l.recorded[question]
	if !known && !l.learning {
		truth, known = l.hearsay[question]
	}
	if !known || l.learning {
		var err error
		if truth, err = l.ask(req, body); err != nil {
			return nil, err
		}
	}
	if l.learning {
		l.recorded[question] = truth
	}
	answer := edit(truth, path{"id"}, func(any) any { return json.RawMessage(req.ID) })
	if l.lie != nil && l.lie.question == question {
		answer = l.lie.tell(answer)
	}
	return json.Marshal(answer)
}

// ask is what the honest node says.
func (l *liar) ask(req *rpcRequest, body []byte) (any, error) {
	if strings.HasPrefix(req.Method, "broadcast") {
		return parseJSON(
			[]byte(`{"id":0,"jsonrpc":"2.0","result":{"code":0,"data":"","log":"","codespace":"","hash":"00"}}`))
	}
	resp, err := http.Post(l.node, "application/json", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	tree, err := parseJSON(text)
	return open(tree), err
}

// overhear notes the transaction that a client lets out of its hands: with what
// is simulated a node can do the same as with what is sent.
func (l *liar) overhear(req *rpcRequest) {
	var wire []byte
	switch {
	case strings.HasPrefix(req.Method, "broadcast"):
		l.handed = true
		if err := json.Unmarshal(fmt.Appendf(nil, "%q", req.Params["tx"]), &wire); err != nil {
			l.t.Errorf("broadcast of %v: %v", req.Params, err)
		}
	case req.Params["path"] == query.Simulate:
		wire, _ = hex.DecodeString(fmt.Sprint(req.Params["data"]))
	default:
		return
	}
	tx, err := contract.DecodeTx(wire)
	if err != nil {
		l.t.Errorf("a client offers what is no transaction: %v", err)
		return
	}
	l.offered = append(l.offered, tx)
}

// said is what a command line did: printed, and signed.
type said struct {
	exit          int
	code, message string
	result        string // JSON but for the state that it is of, or CSV
	asOf          asOf   // that state; zero where none is named
	offered       []*contract.Tx
	handed        bool
}

// hear runs a command line.
func (l *liar) hear(setUp func(*Session), args ...string) *said {
	var stdout, stderr bytes.Buffer
	root := NewRoot(strings.NewReader(""), &stdout, &stderr)
	setUp(From(root))
	out := &said{exit: Run(context.Background(), root, append([]string{"--output", "json", "--node", l.url}, args...))}
	l.mu.Lock()
	out.offered, out.handed = l.offered, l.handed
	l.mu.Unlock()
	if From(root).Global.Output == "csv" {
		out.result, out.message = stdout.String(), stderr.String()
		return out
	}
	tree, err := parseJSON(stdout.Bytes())
	object, ok := tree.(map[string]any)
	if !ok {
		l.t.Errorf("%q: no object: %v", args, err)
		return out
	}
	if e, ok := object["error"].(map[string]any); ok {
		out.code, out.message = e["code"].(string), e["message"].(string)
	}
	out.asOf = takeState(object["result"])
	b, err := json.Marshal(object["result"])
	if err != nil {
		l.t.Error(err)
	}
	out.result = string(b)
	return out
}

// takeState takes out of a result which state it is of.
func takeState(result any) (out asOf) {
	r, _ := result.(map[string]any)
	at, ok := r["as_of"].(map[string]any)
	delete(r, "as_of")
	if facts, is := r["facts"].(map[string]any); is {
		at, ok = map[string]any{"height": facts["height"], "time": facts["time"]}, true
		// What verify says in words, and of the header, is of that state too.
		for _, m := range []map[string]any{facts, r} {
			for _, name := range []string{"height", "time", "statement", "checks"} {
				delete(m, name)
			}
		}
	}
	if !ok {
		return out
	}
	out.Height, _ = at["height"].(json.Number).Int64()
	if err := out.Time.UnmarshalText([]byte(at["time"].(string))); err != nil {
		panic(err) // the product printed it
	}
	return out
}
