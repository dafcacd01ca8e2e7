package node

import (
	"fmt"
	"net/http"
	"strings"
)

// health answers the two questions of whatever starts nodes again or sends them
// traffic, at each address of rpc.laddr:
//
//	/healthz  200 while the process can answer and its ledger can be read
//	/readyz   200 while the node is in step; else 503, and what keeps it from
//	          it, a word in a line
//
// A node that is not in step has often only to wait: it is not to be started
// again for that. One that has to be ends by itself (see standstill).
func (w *watch) health(mux *http.ServeMux) {
	mux.HandleFunc("/healthz", func(to http.ResponseWriter, _ *http.Request) {
		if _, err := w.status(); err != nil {
			answerHealth(to, http.StatusServiceUnavailable, "unreadable")
			return
		}
		answerHealth(to, http.StatusOK, "ok")
	})
	mux.HandleFunc("/readyz", func(to http.ResponseWriter, _ *http.Request) {
		s, err := w.status()
		switch {
		case err != nil:
			answerHealth(to, http.StatusServiceUnavailable, "unreadable")
		case !s.InStep:
			var words []string
			for _, t := range s.Troubles() {
				words = append(words, t.String())
			}
			answerHealth(to, http.StatusServiceUnavailable, words...)
		default:
			answerHealth(to, http.StatusOK, "in_step")
		}
	})
}

func answerHealth(to http.ResponseWriter, code int, words ...string) {
	to.Header().Set("Content-Type", "text/plain; charset=utf-8")
	to.Header().Set("Cache-Control", "no-store")
	to.WriteHeader(code)
	fmt.Fprintln(to, strings.Join(words, "\n"))
}
