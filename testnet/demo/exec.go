package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"hongbao/client/cli"
	"hongbao/client/words"
)

// execution is one command line's outcome.
type execution struct {
	exit     int
	out, err string
}

// languages are the values of --lang.
var languages = map[words.Lang]string{words.English: "en", words.Chinese: "zh"}

// exec runs a command line in the demo's home, with JSON on stdout unless the
// command is one that people read.
func (s *story) exec(stdin string, args ...string) execution {
	var out, errOut bytes.Buffer
	if args[0] != "show" && args[0] != "explain" && !slices.Contains(args, "--output") {
		args = append(args, "--output", "json")
	}
	args = append([]string{"--home", s.home, "--lang", languages[s.lang], "--node", s.network.Nodes[0].RPCURL()}, args...)
	exit := cli.Run(s.ctx, cli.NewRoot(strings.NewReader(stdin), &out, &errOut), args)
	return execution{exit: exit, out: out.String(), err: errOut.String()}
}

// run is exec for a command that must succeed; v, if not nil, gets its result.
func (s *story) run(v any, stdin string, args ...string) error {
	e := s.exec(stdin, args...)
	if s.ctx.Err() != nil {
		return s.ctx.Err()
	}
	if e.exit != cli.ExitOK {
		return fmt.Errorf("demo: hongbao %s: exit %d: %s%s", strings.Join(args, " "), e.exit, e.out, e.err)
	}
	if v == nil {
		return nil
	}
	return e.result(v)
}

func (e execution) result(v any) error {
	answer := struct {
		Result any `json:"result"`
	}{v}
	if err := json.Unmarshal([]byte(e.out), &answer); err != nil {
		return fmt.Errorf("demo: reading %q: %w", e.out, err)
	}
	return nil
}

func (e execution) errorCode() string {
	var answer struct {
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	if json.Unmarshal([]byte(e.out), &answer) != nil {
		return ""
	}
	return answer.Error.Code
}
