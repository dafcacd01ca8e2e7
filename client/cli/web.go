package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

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
		Short: words.Both("Serve a page on this computer that checks proofs", "在这台电脑上打开一个核实证明的网页"),
		Long: words.Both(`Serve a page that checks proofs, for this computer alone, until Ctrl-C. A second
verifier, written apart from this program, runs in the browser: nothing is sent
anywhere, and no node is asked. The page goes by your trust file, or by one that
you choose there.`,
			`提供一个核实证明的网页,只给这台电脑用,按 Ctrl-C 结束。在浏览器里运行的是另一份
单独写成的验证程序:不往外发任何东西,也不问任何节点。网页依据你的信任文件,也可以
在网页上另选。`),
		Flags: []Flag{
			{&port, "--port N", "port on 127.0.0.1; 0 is any that is free", "127.0.0.1 上的端口;0 是任选一个空闲的"},
		},
		Reach: AtHome, Results: []any{webJSON{}},
		Run: func(ctx context.Context, _ []string) error { return s.web(ctx, port) },
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
	var file []byte
	if trust != nil {
		var b bytes.Buffer
		if err := trust.Write(&b); err != nil {
			return err
		}
		file = b.Bytes()
	}
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return Fail(ExitUsage, "port_taken", "%v", err).
			WithHint("choose another with --port, or 0 for any that is free",
				"用 --port 另选一个,或写 0 任选一个空闲的")
	}
	server := &http.Server{
		Handler:           web.Handler(file),
		ReadHeaderTimeout: 10 * time.Second,
		MaxHeaderBytes:    16 << 10,
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	url := fmt.Sprintf("http://%s/", l.Addr())
	s.Result(webJSON{url}, func(w io.Writer) { fmt.Fprintln(w, url) })
	s.hint(s.Say("open it in a browser; Ctrl-C ends it", "用浏览器打开;按 Ctrl-C 结束"))
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
