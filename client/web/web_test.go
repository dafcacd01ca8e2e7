package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
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
			Handler(tt.trust).ServeHTTP(w, r)
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
