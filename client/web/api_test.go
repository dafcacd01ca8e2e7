package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hongbao/app"
	"hongbao/client"
	"hongbao/client/audit"
	"hongbao/client/wallet"
	"hongbao/client/words"
	"hongbao/contract"
	"hongbao/internal/testchain"
)

// world is a chain that answers, and the API before it.
type world struct {
	*testchain.Chain
	node   *testchain.Server
	server *httptest.Server
	api    openapi
}

func newWorld(t *testing.T) *world {
	g := testchain.Genesis("alice", "bob", "carol")
	w := &world{api: readOpenAPI(t)}
	w.Chain = testchain.New(t, testchain.Options{Genesis: g, Validators: testchain.NewValidators(1),
		Open: func(o testchain.NodeOptions) (testchain.Node, error) {
			return app.New(o.DB, app.Options{Now: o.Now, VRFKey: o.VRFKey})
		}})
	w.node = w.Serve()
	c, err := client.Dial(t.Context(), w.node.URL, client.Options{Wait: client.NoWait})
	w.OK(err)
	t.Cleanup(c.Close)
	w.server = httptest.NewServer(Handler(options(c, nil)))
	t.Cleanup(w.server.Close)
	return w
}

// options have errors as plain as the schema lets them be.
func options(c *client.Client, trust []byte) Options {
	return Options{
		Trust:  trust,
		Client: func(context.Context) (*client.Client, error) { return c, nil },
		Fault: func(err error, _ words.Lang) (any, int) {
			code := "internal"
			exit := 1
			var own *Error
			var refused *contract.Error
			if errors.As(err, &refused) {
				code, exit = refused.Code.String(), 3
			} else if errors.As(err, &own) {
				code, exit = []string{"usage", "other_site", "too_many_requests"}[own.Kind], 2
			}
			return map[string]any{"code": code, "message": err.Error(), "exit": exit}, exit
		},
	}
}

// ask makes a request and holds its answer against the document. It gives the status
// and the answer.
func (w *world) ask(method, path string, body any, headers ...string) (int, map[string]any) {
	w.T.Helper()
	var text io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		w.OK(err)
		text = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(w.T.Context(), method, w.server.URL+path, text)
	w.OK(err)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	w.OK(err)
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	w.OK(err)
	var got map[string]any
	if err := json.Unmarshal(b, &got); err != nil {
		w.T.Fatalf("%s %s: %d %.200s", method, path, answer.StatusCode, b)
	}
	for _, problem := range w.api.check(method, r.URL.Path, answer.StatusCode, got) {
		w.T.Errorf("%s %s: not as docs/openapi.json has it: %s\n%.400s", method, path, problem, b)
	}
	return answer.StatusCode, got
}

func wire(tx *contract.Tx) map[string]any {
	return map[string]any{"tx": hex.EncodeToString(tx.Encode())}
}

// The document has the handlers' calls and no others, and every answer is as it says.
func TestTheAPIIsAsDocumented(t *testing.T) {
	w := newWorld(t)
	var have, want []string
	for _, r := range (&api{}).routes() {
		have = append(have, r.method+" "+r.path)
	}
	for path, methods := range w.api.Paths {
		for method := range methods {
			want = append(want, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		t.Errorf("the handlers have %q, the document %q", have, want)
	}

	terms := contract.Terms{Total: 600, Shares: 2, Split: contract.Equal, Claim: contract.Rule{Cond: contract.Always{}},
		Clauses: []contract.Clause{}, Expiry: 3600}
	send := w.draft("alice", &contract.Send{Terms: terms})
	packet := contract.NewPacketID(testchain.ID, send.Account, send.Nonce)
	signed := func(name string, tx *contract.Tx) *contract.Tx {
		w.OK(tx.Sign(testchain.Key(name)))
		return tx
	}
	otherChain := w.draft("alice", &contract.Send{Terms: terms})
	otherChain.Chain = "other-1"
	forged := signed("alice", w.draft("alice", &contract.Pay{To: testchain.Address("bob"), Amount: 100}))
	forged.Signature[0] ^= 1
	poor := w.draft("alice", &contract.Pay{To: testchain.Address("bob"), Amount: 1 << 60})

	for _, tt := range []struct {
		desc, method, path string
		body               any
		status             int
		shows              string // of the answer, as Go prints it
	}{
		{"the network", "GET", "/api/network", nil, 200, "chain_id:" + testchain.ID},
		{"an account", "GET", "/api/accounts/" + send.Account.String(), nil, 200, "nonce:0"},
		{"an account that never was", "GET", "/api/accounts/" + contract.AddressOf(wallet.DevKey("x")).String(), nil,
			200,
			"balance_fen:0"},
		{"no account", "GET", "/api/accounts/hb1x", nil, 409, "bad_address"},
		{"what would be refused", "POST", "/api/simulate", wire(poor), 409, "overdraft"},
		{"what would be taken", "POST", "/api/simulate", wire(w.draft("alice", &contract.Send{Terms: terms})), 200,
			"as_of"},
		{"a signed one is not simulated", "POST", "/api/simulate", wire(signed("alice", w.draft("alice",
			&contract.Send{Terms: terms}))), 400, "is signed"},
		{"another chain's", "POST", "/api/txs", wire(otherChain), 409, "wrong_chain"},
		{"a forged one", "POST", "/api/txs", wire(forged), 409, "bad_signature"},
		{"a send", "POST", "/api/txs", wire(signed("alice", send)), 200,
			"tx:" + contract.TxHash(send.Encode()).String()},
		{"what became of it", "GET", "/api/txs/" + contract.TxHash(send.Encode()).String() + "?wait=5", nil, 200,
			"state:done"},
		{"what never was", "GET", "/api/txs/" + strings.Repeat("0", 64), nil, 200, "state:unknown"},
		{"no hash", "GET", "/api/txs/zz", nil, 400, "usage"},
		{"too long a wait", "GET", "/api/txs/" + strings.Repeat("0", 64) + "?wait=21", nil, 400, "usage"},
		{"a packet's life", "GET", "/api/proof?kind=packet&subject=" + packet.String(), nil, 200, "kind:packet"},
		{"an account's statement", "GET", "/api/proof?kind=account&subject=" + send.Account.String(), nil, 200,
			"kind:account"},
		{"the supply", "GET", "/api/proof?kind=supply", nil, 200, "subject:supply"},
		{"nothing recalled", "GET", "/api/proof?kind=unrecalled&subject=" + packet.String(), nil, 200,
			"kind:unrecalled"},
		{"an unknown packet", "GET", "/api/proof?kind=packet&subject=" + contract.PacketID{1}.String(), nil, 409,
			"unknown_packet"},
		{"its absence", "GET", "/api/proof?kind=absent&subject=" + contract.PacketID{1}.String(), nil, 200,
			"kind:absent"},
		{"an unknown share", "GET", "/api/proof?kind=share&subject=" + packet.String() + "/2", nil, 409,
			"unknown_share"},
		{"a share without its number", "GET", "/api/proof?kind=share&subject=" + packet.String(), nil, 400, "usage"},
		{"a packet with a number", "GET", "/api/proof?kind=packet&subject=" + packet.String() + "/1", nil, 400,
			"usage"},
		{"an account where a packet belongs", "GET", "/api/proof?kind=packet&subject=" + send.Account.String(), nil,
			409,
			"bad_address"},
		{"no kind", "GET", "/api/proof?subject=" + packet.String(), nil, 400, "usage"},
		{"no call", "GET", "/api/nonsense", nil, 404, "usage"},
		{"no such method", "POST", "/api/network", map[string]any{}, 404, "usage"},
		{"a body with more in it", "POST", "/api/txs", map[string]any{"tx": "00", "more": 1}, 400, "usage"},
		{"a body that is too long", "POST", "/api/txs", map[string]any{"tx": strings.Repeat("00", maxBody)}, 400,
			"usage"},
		{"no cursor", "GET", "/api/events?subject=" + packet.String() + "&after=1.x", nil, 400, "usage"},
		{"nothing to follow", "GET", "/api/events?subject=x", nil, 409, "bad_address"},
		{"an unknown packet's events", "GET", "/api/events?subject=" + contract.PacketID{1}.String(), nil, 409,
			"unknown_packet"},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			w := *w
			w.T = t
			status, got := w.ask(tt.method, tt.path, tt.body)
			if shown := fmt.Sprint(got); status != tt.status || !strings.Contains(shown, tt.shows) {
				t.Errorf("%d %.300s, want %d %s", status, shown, tt.status, tt.shows)
			}
		})
	}

	proof, err := http.Get(w.server.URL + "/api/proof?kind=packet&subject=" + packet.String())
	w.OK(err)
	defer proof.Body.Close()
	b, err := io.ReadAll(proof.Body)
	w.OK(err)
	trust, err := audit.ReadTrust(w.Validators.Trust())
	w.OK(err)
	if r := audit.Verify(b, trust, audit.Options{}); r.Verdict != audit.Valid {
		t.Errorf("the proof is %s: %v", r.Verdict, r.Checks)
	}
}

// draft is a transaction of an account with its next nonce, which no block has taken yet.
func (w *world) draft(name string, m contract.Message) *contract.Tx {
	return &contract.Tx{Chain: testchain.ID, Account: testchain.Address(name), Nonce: w.Nonces[name],
		ValidUntil: w.Time().Plus(300), Message: m}
}

// Who comes back with a cursor misses nothing and hears nothing twice: wherever a stream
// is cut off, both of its parts together are the whole.
func TestAStreamGoesOnWhereItEnded(t *testing.T) {
	w := newWorld(t)
	terms := contract.Terms{Total: 900, Shares: 3, Split: contract.Equal, Claim: contract.Rule{Cond: contract.Always{}},
		Clauses: []contract.Clause{}, Expiry: 3600, Hold: 60}
	w.node.Set(func() {
		id := w.Send("alice", terms)
		w.Block(w.Claim("bob", id, terms), w.Claim("carol", id, terms)) // two entries in one block
		w.Wait(2 * time.Minute)
		w.Block()
	})
	subject := contract.NewPacketID(testchain.ID, testchain.Address("alice"), 0).String()
	whole := w.events(subject, "0.0", 5)
	if len(whole) != 5 {
		t.Fatalf("%d events, expected a send, two claims and two settlements: %q", len(whole), whole)
	}
	for i := range whole {
		cursor := regexp.MustCompile(`(?m)^id: (.*)$`).FindStringSubmatch(whole[i])[1]
		if got := w.events(subject, cursor, len(whole)-i-1); !slices.Equal(got, whole[i+1:]) {
			t.Errorf("after %s: %q, want %q", cursor, got, whole[i+1:])
		}
	}
	// A node that has not come so far yet is waited for, and one that knows less then is a liar.
	for _, cursor := range []string{"99999.5", "1.6"} {
		if status, got := w.ask("GET", "/api/events?subject="+subject+"&after="+cursor, nil); status != 500 {
			t.Errorf("after %s: %d %v", cursor, status, got)
		}
	}
}

// events are the first n entries after a cursor.
func (w *world) events(subject, after string, n int) (list []string) {
	w.T.Helper()
	ctx, cancel := context.WithTimeout(w.T.Context(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", w.server.URL+"/api/events?subject="+subject, nil)
	w.OK(err)
	r.Header.Set("Last-Event-ID", after)
	answer, err := http.DefaultClient.Do(r)
	w.OK(err)
	defer answer.Body.Close()
	if kind := answer.Header.Get("Content-Type"); kind != "text/event-stream" {
		w.T.Fatalf("%d %s", answer.StatusCode, kind)
	}
	lines, event := bufio.NewScanner(answer.Body), ""
	for first := true; len(list) < n || first; {
		if !lines.Scan() {
			w.T.Fatalf("after %s: ends with %q: %v", after, list, lines.Err())
		}
		if line := lines.Text(); line != "" {
			event += line + "\n"
			continue
		}
		if at := strings.Contains(event, "event: at\n"); at != first {
			w.T.Errorf("after %s: %q", after, event)
		} else if !first {
			data := strings.SplitN(event, "data: ", 2)[1]
			var entry any
			w.OK(json.Unmarshal([]byte(data), &entry))
			for _, problem := range w.api.valid(w.api.Components.Schemas["Entry"], entry, "entry") {
				w.T.Error(problem)
			}
			list = append(list, event)
		}
		event, first = "", false
	}
	return list
}

// openapi is what the test reads of docs/openapi.json.
type openapi struct {
	Paths map[string]map[string]struct {
		Responses map[string]struct {
			Content map[string]struct{ Schema map[string]any }
		}
	}
	Components struct{ Schemas map[string]map[string]any }
}

func readOpenAPI(t *testing.T) (doc openapi) {
	b, err := os.ReadFile("../../docs/openapi.json")
	if err == nil {
		err = json.Unmarshal(b, &doc)
	}
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// check says what of an answer is not as the document has it. What no call is documented
// for is answered as any failure.
func (d *openapi) check(method, path string, status int, got any) []string {
	schema := d.Components.Schemas["Failure"]
	for pattern, methods := range d.Paths {
		form := "^" + regexp.MustCompile(`\{\w+\}`).ReplaceAllString(pattern, "[^/]+") + "$"
		call, ok := methods[strings.ToLower(method)]
		if !ok || !regexp.MustCompile(form).MatchString(path) {
			continue
		}
		answer, ok := call.Responses[fmt.Sprint(status)]
		if !ok {
			answer = call.Responses["default"]
		}
		schema = answer.Content["application/json"].Schema
	}
	return d.valid(schema, got, "answer")
}

// valid is the part of JSON Schema that the document uses.
func (d *openapi) valid(schema map[string]any, v any, where string) (problems []string) {
	bad := func(format string, args ...any) { problems = append(problems, where+": "+fmt.Sprintf(format, args...)) }
	for _, key := range slices.Sorted(maps.Keys(schema)) {
		switch rule := schema[key]; key {
		case "$ref":
			name := strings.TrimPrefix(rule.(string), "#/components/schemas/")
			problems = append(problems, d.valid(d.Components.Schemas[name], v, where+" "+name)...)
		case "type":
			n, number := v.(float64)
			is := map[string]bool{
				"object": isA[map[string]any](v), "array": isA[[]any](v), "string": isA[string](v),
				"boolean": isA[bool](v), "integer": number && n == float64(int64(n)),
			}
			if !is[rule.(string)] {
				bad("is no %s: %v", rule, v)
			}
		case "const":
			if v != rule {
				bad("is %v, not %v", v, rule)
			}
		case "enum":
			if !slices.Contains(rule.([]any), v) {
				bad("%v is none of %v", v, rule)
			}
		case "pattern":
			if s, ok := v.(string); !ok || !regexp.MustCompile(rule.(string)).MatchString(s) {
				bad("%v is not like %s", v, rule)
			}
		case "format":
			if _, err := time.Parse(time.RFC3339, fmt.Sprint(v)); rule != "date-time" || err != nil {
				bad("%v is no %s", v, rule)
			}
		case "minimum", "maximum":
			limit := rule.(float64)
			if n, ok := v.(float64); ok && (key == "minimum" && n < limit || key == "maximum" && n > limit) {
				bad("%v is beyond %v", v, rule)
			}
		case "required":
			for _, name := range rule.([]any) {
				if o, ok := v.(map[string]any); ok && o[name.(string)] == nil {
					bad("has no %s", name)
				}
			}
		case "items":
			list, _ := v.([]any)
			for i, item := range list {
				problems = append(problems, d.valid(rule.(map[string]any), item, fmt.Sprintf("%s[%d]", where, i))...)
			}
		case "properties":
			o, _ := v.(map[string]any)
			for name, item := range o {
				inner, ok := rule.(map[string]any)[name].(map[string]any)
				if !ok {
					bad("%s is not documented", name)
					continue
				}
				problems = append(problems, d.valid(inner, item, where+"."+name)...)
			}
		case "additionalProperties", "description":
		default:
			bad("the test does not know the rule %s", key)
		}
	}
	return problems
}

func isA[T any](v any) bool {
	_, ok := v.(T)
	return ok
}

// On a chain that stands still until something happens, what did not change in the newest
// state is proven at once by the state before. What changed is proven by the newest alone.
func TestNobodyWaitsForWhatDidNotChange(t *testing.T) {
	w := newWorld(t)
	c, err := client.Dial(t.Context(), w.node.URL, client.Options{Prompt: true, HeaderWait: 50 * time.Millisecond})
	w.OK(err)
	t.Cleanup(c.Close)
	w.server.Config.Handler = Handler(options(c, nil))
	w.Succeed(w.Tx("alice", &contract.Pay{To: testchain.Address("bob"), Amount: 100}))
	w.node.Set(func() { w.node.Halted = true })
	trust, err := audit.ReadTrust(w.Validators.Trust())
	w.OK(err)
	for name, changed := range map[string]bool{"alice": true, "bob": true, "carol": false} {
		status, got := w.ask("GET", "/api/accounts/"+testchain.Address(name).String(), nil)
		if (status == http.StatusOK) == changed {
			t.Fatalf("%s: %d %v", name, status, got)
		}
		if changed {
			continue
		}
		var leaf leafJSON
		b, err := json.Marshal(got["result"].(map[string]any)["leaf"])
		w.OK(err)
		w.OK(json.Unmarshal(b, &leaf))
		if leaf.Height != w.Height-1 {
			t.Errorf("%s: of state %d, not %d", name, leaf.Height, w.Height-1)
		}
		e := audit.Evidence{Header: leaf.SignedHeader, LeafProof: leaf.LeafProof, ClockProof: leaf.ClockProof}
		key := contract.AccountKey(testchain.Address(name))
		if _, r := audit.VerifyLeaf(e, key, false, trust, audit.Options{}); r.Verdict != audit.Valid {
			t.Errorf("%s: the leaf is %s: %v", name, r.Verdict, r.Checks)
		}
	}
}
