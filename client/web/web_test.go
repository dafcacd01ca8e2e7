package web

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"hongbao/client"
	"hongbao/internal/testchain"
)

// Each answer forbids what a page of others could do with it, and only a name
// of this computer is answered.
func TestHandler(t *testing.T) {
	trust := []byte(`{"format":"hongbao-trust/1"}`)
	for _, tt := range []struct {
		desc, method, host, path string
		trust                    []byte
		status                   int
		body                     string
	}{
		{"the page", "GET", "127.0.0.1:26680", "/", trust, 200, `<script defer src="page.js">`},
		{"its script", "GET", "localhost", "/page.js", trust, 200, "hongbao-trust"},
		{"its style", "GET", "[::1]:80", "/page.css", trust, 200, "color-scheme"},
		{"the trust file", "GET", "127.0.0.1", "/trust.json", trust, 200, string(trust)},
		{"no trust file", "GET", "[::1]", "/trust.json", nil, 404, "not found"},
		{"nothing else", "GET", "127.0.0.1", "/web.go", trust, 404, "not found"},
		{"no way out of the folder", "GET", "127.0.0.1", "/../web.go", trust, 307, `"/web.go"`},
		{"nothing to write to", "POST", "127.0.0.1", "/trust.json", trust, 405, ""},
		{"a name that was made to point here", "GET", "evil.example:26680", "/trust.json", trust, 421, "127.0.0.1"},
		{"another address", "GET", "192.0.2.1", "/", trust, 421, "127.0.0.1"},
		{"no name", "GET", "", "/", trust, 421, "127.0.0.1"},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			r := httptest.NewRequest(tt.method, "http://127.0.0.1"+tt.path, nil)
			r.Host = tt.host
			w := httptest.NewRecorder()
			Handler(options(nil, tt.trust)).ServeHTTP(w, r)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.body) {
				t.Errorf("got %d %.80q, want %d %q", w.Code, w.Body, tt.status, tt.body)
			}
			if w.Code == http.StatusMisdirectedRequest {
				return
			}
			policy := w.Header().Get("Content-Security-Policy")
			if !strings.HasPrefix(policy, "default-src 'self';") ||
				!strings.Contains(policy, "frame-ancestors 'none'") {
				t.Errorf("policy %q", policy)
			}
			if w.Header().Get("Access-Control-Allow-Origin") != "" {
				t.Error("another site may read it")
			}
		})
	}
}

// Of the API only this computer's own page, and what is no browser, gets an answer, and
// no more than its bounds allow.
func TestWhomTheAPIAnswers(t *testing.T) {
	for _, tt := range []struct {
		desc, method, host string
		headers            []string
		status             int
	}{
		{"no browser", "GET", "127.0.0.1:26680", nil, 404},
		{"the page itself", "POST", "localhost:26680", []string{"Origin", "http://localhost:26680", "Sec-Fetch-Site",
			"same-origin"}, 404},
		{"a typed address", "GET", "127.0.0.1:26680", []string{"Sec-Fetch-Site", "none"}, 404},
		{"another site's fetch", "GET", "127.0.0.1:26680", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"another port's fetch", "GET", "127.0.0.1:26680", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"another site's form", "POST", "127.0.0.1:26680", []string{"Origin", "https://evil.example"}, 403},
		{"a page from a file", "POST", "127.0.0.1:26680", []string{"Origin", "null"}, 403},
		{"another port's page", "POST", "127.0.0.1:26680", []string{"Origin", "http://127.0.0.1:1"}, 403},
		{"a name that was made to point here", "GET", "evil.example", []string{"Origin", "http://evil.example",
			"Sec-Fetch-Site", "same-origin"}, 421},
		{"a websocket of another site", "GET", "127.0.0.1:26680", []string{"Origin", "http://evil.example",
			"Upgrade", "websocket"}, 403},
	} {
		t.Run(tt.desc, func(t *testing.T) {
			r := httptest.NewRequest(tt.method, "http://127.0.0.1/api/none", nil)
			r.Host = tt.host
			for i := 0; i < len(tt.headers); i += 2 {
				r.Header.Set(tt.headers[i], tt.headers[i+1])
			}
			w := httptest.NewRecorder()
			Handler(options(nil, nil)).ServeHTTP(w, r)
			if w.Code != tt.status {
				t.Errorf("%d %s, want %d", w.Code, w.Body, tt.status)
			}
		})
	}
}

func TestPace(t *testing.T) {
	now := time.Unix(1e9, 0)
	p := &pace{now: func() time.Time { return now }}
	count := func() (n int) {
		for p.take() {
			n++
		}
		return n
	}
	if n := count(); n != burst {
		t.Errorf("%d at once after a pause, want %d", n, burst)
	}
	if now = now.Add(time.Second); count() != perSecond {
		t.Errorf("not %d in a second", perSecond)
	}
	if now = now.Add(time.Hour); count() != burst {
		t.Error("a long pause gives more than a short one")
	}
}

// A call that finds no room is told so, and leaves the room that there is.
func TestRoom(t *testing.T) {
	held, free := make(chan struct{}), make(chan struct{})
	o := options(nil, nil)
	o.Client = func(context.Context) (*client.Client, error) {
		held <- struct{}{}
		<-free
		return nil, usagef("no node")
	}
	handler, done := Handler(o), make(chan struct{})
	ask := func() int {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("GET", "http://127.0.0.1/api/network", nil))
		return w.Code
	}
	for range maxAtOnce {
		go func() { ask(); done <- struct{}{} }()
		<-held
	}
	if code := ask(); code != http.StatusTooManyRequests {
		t.Errorf("one too many: %d", code)
	}
	close(free)
	for range maxAtOnce {
		<-done
	}
	go func() { <-held }()
	if code := ask(); code != http.StatusBadRequest {
		t.Errorf("afterwards: %d", code)
	}
}

// impatient is a connection whose deadlines are over as soon as they are set: what has none
// would take for ever, and ends with a failure of the test.
type impatient struct {
	*httptest.ResponseRecorder
	t           *testing.T
	end         func()
	read, write time.Time
}

func (c *impatient) SetReadDeadline(at time.Time) error  { c.read = at; return nil }
func (c *impatient) SetWriteDeadline(at time.Time) error { c.write = at; return nil }

func (c *impatient) Read([]byte) (int, error) {
	if c.read.IsZero() {
		c.t.Error("a body may take for ever")
		return 0, io.EOF
	}
	return 0, os.ErrDeadlineExceeded
}

// stuck is an impatient connection whose client reads nothing.
type stuck struct{ impatient }

func (c *stuck) Write([]byte) (int, error) {
	if c.write.IsZero() {
		c.t.Error("a client that reads nothing is waited for for ever")
		c.end()
	}
	return 0, os.ErrDeadlineExceeded
}

// A body that never ends, and a client that reads nothing, end by a deadline. A body that
// came leaves none behind, which would cut the answer off.
func TestDeadlines(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	conn := impatient{t: t, end: cancel}
	post := func(path string, body io.Reader) (*impatient, int) {
		c := conn
		c.ResponseRecorder = httptest.NewRecorder()
		if body == nil {
			body = &c
		}
		r := httptest.NewRequestWithContext(ctx, "POST", "http://127.0.0.1"+path, body)
		r.Header.Set("Content-Type", "application/json")
		w.server.Config.Handler.ServeHTTP(&c, r)
		return &c, c.Code
	}
	for _, path := range []string{"/api/txs", "/api/simulate"} {
		if c, code := post(path, nil); code != 400 || !strings.Contains(c.Body.String(), "did not come within") {
			t.Errorf("%s, a body that never ends: %d %s", path, code, c.Body)
		}
		if c, code := post(path, strings.NewReader("{}")); !c.read.IsZero() || c.write.IsZero() {
			t.Errorf("%s, a body that came: %d, read until %v, written until %v", path, code, c.read, c.write)
		}
		if c, code := post(path, strings.NewReader(strings.Repeat(" ", maxBody+1))); code != 400 ||
			!strings.Contains(c.Body.String(), "longer than") {
			t.Errorf("%s, a long body: %d %s", path, code, c.Body)
		}
	}
	if c, code := post("/api/none", nil); code != 404 || c.read.IsZero() {
		t.Errorf("a body for no call: %d, read until %v", code, c.read)
	}
	for _, path := range []string{"/api/network", "/api/proof?kind=supply",
		"/api/events?after=0.0&subject=" + testchain.Address("alice").String()} {
		c := &stuck{conn}
		c.ResponseRecorder = httptest.NewRecorder()
		w.server.Config.Handler.ServeHTTP(c, httptest.NewRequestWithContext(ctx, "GET", "http://127.0.0.1"+path, nil))
		if c.write.IsZero() {
			t.Errorf("%s: no deadline", path)
		}
	}
}

// Bodies that do not end keep no other request out, as many as there are.
func TestSlowBodiesHoldNoRoom(t *testing.T) {
	w := newWorld(t)
	for range 2 * maxAtOnce {
		c, err := net.Dial("tcp", w.server.Listener.Addr().String())
		w.OK(err)
		defer c.Close()
		_, err = fmt.Fprintf(c, "POST /api/txs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"+
			"Content-Length: 100\r\nExpect: 100-continue\r\n\r\n")
		w.OK(err)
		// The server says so once it reads the body.
		if line, err := bufio.NewReader(c).ReadString('\n'); !strings.Contains(line, " 100 ") {
			t.Fatalf("%q, %v", line, err)
		}
	}
	if code, got := w.ask("GET", "/api/network", nil); code != http.StatusOK {
		t.Errorf("%d %v", code, got)
	}
}

// The page as one file has all of the page, and asks for nothing else; and it is short.
func TestSingle(t *testing.T) {
	page, err := fs.Sub(dist, "dist")
	if err != nil {
		t.Fatal(err)
	}
	b, err := single(page)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for _, name := range []string{"page.js", "page.css"} {
		file, err := fs.ReadFile(page, name)
		if err != nil || !strings.Contains(text, string(file)) {
			t.Errorf("%s is not in it (%v)", name, err)
		}
		text = strings.Replace(text, string(file), "", 1)
	}
	if strings.Contains(text, "src=") || strings.Contains(text, "stylesheet") || !strings.Contains(text, "'none'") {
		t.Errorf("it asks for more: %s", text)
	}
	const html = `<meta charset="utf-8"><link rel="stylesheet" href="page.css"><script defer src="page.js"></script>`
	for desc, bad := range map[string]fstest.MapFS{
		"a script that ends early": {"index.html": {Data: []byte(html + "</body>")}, "page.css": {},
			"page.js": {Data: []byte("'</script>'")}},
		"no end": {"index.html": {Data: []byte(html)}, "page.css": {}, "page.js": {}},
	} {
		if _, err := single(bad); err == nil {
			t.Errorf("%s: can stand in one file", desc)
		}
	}
	var short bytes.Buffer
	z, _ := gzip.NewWriterLevel(&short, gzip.BestCompression)
	_, _ = z.Write(b)
	if z.Close(); short.Len() > maxPage {
		t.Errorf("the page has %d bytes gzipped, at most %d", short.Len(), maxPage)
	}
}

// maxPage is how long the page may be, gzipped: it is there at once on a slow phone.
const maxPage = 300_000
