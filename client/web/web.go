// Package web serves the page on which people check proofs. The page does all
// of it: the second verifier of docs/verifier runs in the browser, and the server
// sees no proof. It hands out the page, and the trust file of its owner.
//
// The sources are in page; page/run-tests builds dist from them and tests it.
package web

import (
	"embed"
	"io/fs"
	"net"
	"net/http"
	"strings"
)

//go:embed dist
var dist embed.FS

// policy lets the page load its own script and style and ask its own server, and
// lets no other page show it in a frame.
const policy = "default-src 'self'; img-src data:; object-src 'none'; base-uri 'none'; form-action 'none'; " +
	"frame-ancestors 'none'"

// Handler serves the page, and trust at /trust.json; nil trust is not found.
// Only requests to a loopback address by its name are answered: a name that another site
// makes point here (DNS rebinding) gets 421 Misdirected Request.
func Handler(trust []byte) http.Handler {
	page, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(page))
	mux.HandleFunc("GET /trust.json", func(w http.ResponseWriter, r *http.Request) {
		if trust == nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(trust)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !loopback(r.Host) {
			http.Error(w, "ask for 127.0.0.1, ::1 or localhost", http.StatusMisdirectedRequest)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	})
}

// loopback reports whether host, with or without a port, means this computer.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
