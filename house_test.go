package main

import (
	"go/parser"
	"go/token"
	"regexp"
	"strings"
	"testing"

	"hongbao/client/words"
)

// maxColumns is how wide a line of Go is; a tab counts tabColumns, and a Chinese
// character two, as on a screen.
const maxColumns, tabColumns = 120, 4

func TestColumns(t *testing.T) {
	checkFiles(t, func(file string) (places []position) {
		for i, line := range strings.Split(read(t, file), "\n") {
			width := words.Width(line) + (tabColumns-1)*strings.Count(line, "\t")
			if width > maxColumns {
				places = append(places, position{i + 1, "is too wide"})
			}
		}
		return places
	})
}

// riddles are words that make a sentence one: who does what is named.
var riddles = regexp.MustCompile(`(?i)\b(whoever|nobody|somebody|anybody)\b`)

func TestCommentsNameWhoDoesWhat(t *testing.T) {
	checkFiles(t, func(file string) (places []position) {
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, group := range parsed.Comments {
			for _, c := range group.List {
				for _, word := range riddles.FindAllString(c.Text, -1) {
					places = append(places, position{files.Position(c.Pos()).Line, "says " + word})
				}
			}
		}
		return places
	})
}

// maxLines is how long a file is.
const maxLines = 450

// longFiles are longer, each for a reason.
var longFiles = map[string]string{}

func TestLongFilesHaveAReason(t *testing.T) {
	long := map[string]bool{}
	for _, file := range goFiles(t) {
		lines := strings.Count(read(t, file), "\n")
		long[file] = lines > maxLines
		if long[file] && longFiles[file] == "" {
			t.Errorf("%s has %d lines, and no reason for more than %d", file, lines, maxLines)
		}
	}
	for file := range longFiles {
		if !long[file] {
			t.Errorf("longFiles lists %s, which is not long", file)
		}
	}
}

// position is a place in a file, and what is wrong there.
type position struct {
	line int
	what string
}

// checkFiles fails t for each place in a Go file at which something is wrong.
func checkFiles(t *testing.T, wrong func(file string) []position) {
	t.Helper()
	for _, file := range goFiles(t) {
		for _, p := range wrong(file) {
			t.Errorf("%s:%d %s", file, p.line, p.what)
		}
	}
}
