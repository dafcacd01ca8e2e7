package web

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Kind is what sort of refusal an [Error] is.
type Kind int

const (
	Usage     Kind = iota // a request that is not written as docs/api.md has it
	OtherSite             // another site's page asks
	TooMany               // more requests than are answered
)

// Error is a request that is not answered.
type Error struct {
	Kind Kind
	Msg  string
}

func (e *Error) Error() string { return e.Msg }

func usagef(format string, args ...any) *Error { return &Error{Usage, fmt.Sprintf(format, args...)} }

// guard answers only requests that this computer's own pages make: to a loopback
// address by its name, for a name that another site makes point here (DNS rebinding)
// gets 421; and of the API only what comes from the same origin, or from no browser.
func guard(next http.Handler, a *api) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != http.NoBody { // else the server waits for its end, also of one that is not answered
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyWithin)) // not in a test's recorder
		}
		if !loopback(r.Host) {
			http.Error(w, "ask for 127.0.0.1, ::1 or localhost", http.StatusMisdirectedRequest)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if strings.HasPrefix(r.URL.Path, apiPath) {
			if foreign(r) {
				a.fail(w, r, http.StatusForbidden, &Error{OtherSite, "another site's page asked, and is not answered"})
				return
			}
			if !a.pace.take() {
				h.Set("Retry-After", "1")
				a.fail(w, r, http.StatusTooManyRequests, &Error{TooMany,
					fmt.Sprintf("more than %d requests a second", perSecond)})
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// foreign reports whether a browser says that another site's page asks. A browser
// writes both headers itself; who is no browser can reach the node without us.
func foreign(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" && origin != "http://"+r.Host {
		return true
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return site != "" && site != "same-origin" && site != "none" // none: a person typed the address
}

// loopback reports whether host, with or without a port, means this computer.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

const (
	// perSecond is how many requests to the API are answered on average: a page makes a
	// handful a second, and one in a loop must not make the node work without end.
	perSecond = 50
	// burst is how many may come at once.
	burst = 200
	// maxAtOnce is how many are being answered at a time; each can hold a proof of
	// audit.MaxFileBytes.
	maxAtOnce = 8
	// maxStreams is how many streams of events are open: each asks the node four times a
	// second.
	maxStreams = 16
	// bodyWithin is how long a request's body may take: it is short, and comes from this computer.
	bodyWithin = 10 * time.Second
	// writeWithin is how long a client may take to read an answer, or an event: one that
	// reads nothing must not keep the room of others.
	writeWithin = 30 * time.Second
)

// pace is a bucket of requests that fills with time.
type pace struct {
	mu   sync.Mutex
	full time.Time // when the bucket is full again
	now  func() time.Time
}

func newPace() *pace { return &pace{now: time.Now} }

// take reports whether one more request may be answered now.
func (p *pace) take() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if p.full.Before(now) {
		p.full = now
	}
	next := p.full.Add(time.Second / perSecond)
	if next.Sub(now) > burst*time.Second/perSecond {
		return false
	}
	p.full = next
	return true
}
