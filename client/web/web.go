// Package web serves the page of hongbao, and the JSON API that the page stands on.
// The page does all that matters: the second verifier of docs/verifier runs in the
// browser, keys and links stay there, and what is sent was signed there. The server
// hands out the page and the trust file of its owner, and passes questions and
// signed transactions on to one node, whose answers it does not judge.
//
// docs/api.md describes the API, and docs/openapi.json says it to programs.
//
// The sources of the page are in page; page/run-tests builds dist from them and tests it.
package web

import (
	"context"
	"embed"
	"io/fs"
	"net/http"

	"hongbao/client"
	"hongbao/client/words"
)

//go:embed dist
var dist embed.FS

// Options are what a page is served with.
type Options struct {
	Trust []byte // the trust file, at /trust.json; nil: it is not found

	// Client is the node to pass on to. It is asked for at each request, from
	// several goroutines. It must not verify what it reads: the browser does.
	Client func(context.Context) (*client.Client, error)

	// Fault is how an error is shown in a language, and its exit code as a command's.
	// Those of this package are *Error.
	Fault func(error, words.Lang) (shown any, exit int)
}

// apiPath is where all calls of the API are.
const apiPath = "/api/"

// policy lets the page load its own script and style and ask its own server, lets no
// other page show it in a frame, and lets no text become HTML: scripts that assign to
// innerHTML and the like fail.
const policy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; " +
	"frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// Handler serves the page and the API to this computer alone: see guard.
func Handler(o Options) http.Handler {
	page, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	file, err := single(page)
	if err != nil {
		panic(err) // a test holds the built page to it
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(page))
	mux.HandleFunc("GET "+singlePath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="hongbao-check.html"`)
		_, _ = w.Write(file)
	})
	mux.HandleFunc("GET /trust.json", func(w http.ResponseWriter, r *http.Request) {
		if o.Trust == nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(o.Trust)
	})
	a := &api{Options: o, pace: newPace()}
	a.room, a.streams = make(chan struct{}, maxAtOnce), make(chan struct{}, maxStreams)
	calls := http.NewServeMux()
	for _, r := range a.routes() {
		calls.Handle(r.method+" "+r.path, a.handler(r))
	}
	calls.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		a.fail(w, r, http.StatusNotFound, usagef("%s %s: the API has no such call", r.Method, r.URL.Path))
	})
	mux.Handle("GET "+apiPath, calls)
	mux.Handle("POST "+apiPath, calls)
	return guard(mux, a)
}
