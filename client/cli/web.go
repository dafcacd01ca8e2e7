package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"hongbao/client"
	"hongbao/client/audit"
	"hongbao/client/web"
	"hongbao/client/words"
)

// webPort is where the page is unless --port says otherwise: beside CometBFT's
// ports, and outside the range that outgoing connections get.
const webPort = 26680

// webJSON is the result of web.
type webJSON struct {
	URL string `json:"url"` // of the page, until the command ends
}

func (s proofs) webVerb() *Verb {
	port := webPort
	return &Verb{
		Use: "web", Group: groupProof,
		Short: words.Both("Serve a page on this computer that opens, claims and checks",
			"在这台电脑上打开领红包和核实证明的网页"),
		Long: words.Both(`Serve a page for this computer alone, until Ctrl-C. It opens a link, says what
the sender signed in plain words, claims, and checks proofs. A second verifier,
written apart from this program, runs in the browser and goes by your trust
file, or by one that you choose there; keys, links and what is checked stay
there, too.
Beside it is a JSON API, which passes questions and signed transactions on to
your node (docs/api.md); the check of a file needs none.`,
			`提供一个网页,只给这台电脑用,按 Ctrl-C 结束。它打开红包链接,用大白话说清发的人
签了什么,能领取,也能核实证明。在浏览器里运行的是另一份单独写成的验证程序,依据
你的信任文件,也可以在网页上另选;密钥、链接和核实的内容也都留在浏览器里。旁边有
一个 JSON 接口,把提问和签好的交易转给你的节点(docs/api.md);核实文件不用节点。`),
		Flags: []Flag{
			{&port, "--port N", "port on 127.0.0.1; 0 is any that is free", "127.0.0.1 上的端口;0 是任选一个空闲的"},
		},
		Reach: AtHome, Results: []any{webJSON{}},
		Run: func(ctx context.Context, _ []string) error { return s.web(ctx, port) },
	}
}

// passing is the node that the page's questions are passed on to. It is dialed at the
// first question, and again until it answers: the page needs none to check a file.
type passing struct {
	s     *Session
	node  func() (url, chain string, err error)
	chain string // of the trust file; empty: there is none

	mu     sync.Mutex
	client *client.Client
}

func (p *passing) dial(ctx context.Context) (*client.Client, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.client != nil {
		return p.client, nil
	}
	url, chain, err := p.node()
	if err != nil {
		return nil, err
	}
	c, err := client.Dial(ctx, url, client.Options{Chain: cmp.Or(p.chain, chain), HeaderWait: p.s.headerWait,
		Prompt: true})
	if err != nil {
		return nil, p.s.notDialed(err)
	}
	p.client = c
	return c, nil
}

func (p *passing) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.client != nil {
		p.client.Close()
	}
}

// web serves the page until ctx ends.
func (s proofs) web(ctx context.Context, port int) error {
	if port < 0 || port > 65535 {
		return usagef("--port %d: from 0 to 65535", port)
	}
	trust, err := s.trust()
	if err != nil {
		return err
	}
	l, err := listenForPage(port)
	if err != nil {
		return err
	}
	url := pageURL(l)
	s.Result(webJSON{url}, func(w io.Writer) { fmt.Fprintln(w, url) })
	s.hint(s.Say("open it in a browser; Ctrl-C ends it", "用浏览器打开;按 Ctrl-C 结束"))
	return s.servePage(ctx, l, trust, s.node)
}

// listenForPage takes a port of this computer; 0: any that is free.
func listenForPage(port int) (net.Listener, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, Fail(ExitUsage, "port_taken", "%v", err).
			WithHint("choose another with --port, or 0 for any that is free",
				"用 --port 另选一个,或写 0 任选一个空闲的")
	}
	return l, nil
}

func pageURL(l net.Listener) string { return fmt.Sprintf("http://%s/", l.Addr()) }

// servePage serves the page until ctx ends: it goes by trust, and asks node.
func (s *Session) servePage(ctx context.Context, l net.Listener, trust *audit.Trust,
	node func() (url, chain string, err error)) error {
	var file []byte
	pass := &passing{s: s, node: node}
	defer pass.close()
	if trust != nil {
		pass.chain = trust.ChainID
		var b bytes.Buffer
		if err := trust.Write(&b); err != nil {
			return errors.Join(err, l.Close())
		}
		file = b.Bytes()
	}
	server := &http.Server{
		Handler: web.Handler(web.Options{Trust: file, Client: pass.dial,
			Fault: func(err error, l words.Lang) (any, int) {
				e := shownIn(l, err)
				return s.object(l, e), e.Exit
			}}),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// fromPage is the error of a request to the page that is not answered.
func fromPage(e *web.Error) *Error {
	switch e.Kind {
	case web.OtherSite:
		return Fail(ExitUsage, "other_site", "%v", e)
	case web.TooMany:
		return Fail(ExitUsage, "too_many_requests", "%v", e)
	}
	return usagef("%v", e)
}
