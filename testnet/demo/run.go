package demo

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"hongbao/client/words"
)

// The exit codes that the story meets: docs/cli.md has them all.
const (
	exitOK      = 0
	exitUsage   = 2
	exitInvalid = 7 // a proof
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
	if args[0] != "show" && args[0] != "explain" && !slices.Contains(args, "--output") {
		args = append(args, "--output", "json")
	}
	args = append([]string{"--home", s.home, "--lang", languages[s.Lang], "--node", s.network.Nodes[0].RPCURL()},
		args...)
	exit, out, errOut := s.Type(s.ctx, stdin, args)
	return execution{exit: exit, out: out, err: errOut}
}

// run is exec for a command that must succeed; v, if not nil, gets its result.
func (s *story) run(v any, stdin string, args ...string) error {
	e := s.exec(stdin, args...)
	if s.ctx.Err() != nil {
		return s.ctx.Err()
	}
	if e.exit != exitOK {
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
