package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"hongbao/client/words"
)

// written says how an argument is written whose word alone does not show it.
var written = map[string]words.Phrase{
	"REF": words.Both("a packet, rp1… or its beginning; a share of it, rp1…/3; the hash of a transaction about "+
		"one; a link in quotes; or last, which was sent or claimed here last",
		"一个红包,rp1… 或它的开头;其中一份,rp1…/3;有关交易的哈希;加引号的链接;或 last,即这里最近发出或领取的"),
	"PARTY": words.Both("a name that this home knows, with or without @, or an address, hb1…",
		"这个主目录认识的名字,写不写 @ 都行;或地址 hb1…"),
	"PARTIES": words.Both("one PARTY or several, with commas between: a name that this home knows, or an address, hb1…",
		"一个或几个人,用逗号隔开:这个主目录认识的名字,或地址 hb1…"),
	"NODE":     words.Both("a node's number, from 1", "节点的编号,从 1 起"),
	"LINK":     words.Both("hongbao:claim?…, in quotes", "hongbao:claim?…,要加引号"),
	"AMOUNT":   words.Both("8.88, 8.88元 or 888fen", "8.88、8.88元或 888fen"),
	"DURATION": words.Both("24h, 3d or 1h30m", "24h、3d 或 1h30m"),
}

// operandWord is a word in capitals of a usage line.
var operandWord = regexp.MustCompile(`[A-Z]{3,}`)

// operands are lines of help about the words of a verb's usage line, and of its
// flags, whose writing is not plain.
func (v *Verb) operands(l words.Lang) []string {
	uses := []string{v.Use}
	for _, f := range v.Flags {
		_, _, takes := f.name()
		uses = append(uses, takes)
	}
	var list []string
	for _, word := range operandWord.FindAllString(strings.Join(uses, " "), -1) {
		if _, known := written[word]; known && !slices.Contains(list, word) {
			list = append(list, word)
		}
	}
	return operandLines(l, list)
}

// operandLines say how each of the words is written, in two columns.
func operandLines(l words.Lang, list []string) (lines []string) {
	column := 0
	for _, word := range list {
		column = max(column, len(word)+len("    "))
	}
	for _, word := range list {
		head := fmt.Sprintf("  %-*s", column-2, word)
		for _, part := range words.Wrap(written[word].In(l), words.Columns-column) {
			lines = append(lines, head+part)
			head = strings.Repeat(" ", column)
		}
	}
	return lines
}
