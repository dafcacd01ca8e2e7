package cli

import (
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"hongbao/client/words"
)

// inChinese makes the help of a root, and of all under it, Chinese.
func inChinese(root *cobra.Command) {
	cobra.AddTemplateFunc("zh", chineseFlags)
	root.SetUsageTemplate(chineseUsage.Replace(root.UsageTemplate()))
	for _, g := range root.Groups() {
		g.Title = map[string]string{groupMoney: "钱:", groupLook: "查看:", groupProof: "证明:"}[g.ID]
	}
	translate(root)
}

// chineseUsage is cobra's usage template in Chinese.
var chineseUsage = strings.NewReplacer(
	"Usage:", "用法:", "Aliases:", "别名:", "Examples:", "例子:", "Available Commands:", "命令:",
	"Additional Commands:", "其他命令:", "Additional help topics:", "其他帮助:", "Global Flags:", "所有命令的选项:", "Flags:", "选项:",
	"{{.UseLine}}", "{{.UseLine | zh}}", "[command]", "[命令]",
	"trimTrailingWhitespaces}}", "trimTrailingWhitespaces | zh}}", "FlagUsagesWrapped 80", "FlagUsages",
	`Use "{{.CommandPath}} [command] --help" for more information about a command.`, "{{.CommandPath}} [命令] --help 看一条命令的详细说明。",
)

func translate(c *cobra.Command) {
	c.InitDefaultHelpFlag()
	h, ok := words.ChineseHelp(c.CommandPath())
	if p := c.Parent(); !ok && p != nil && p.Name() == "completion" {
		h, ok = words.ChineseCompletion(c.Name(), c.Root().Name()), true
	}
	if ok {
		c.Short, c.Long = h.Short, h.Long
		if h.Example != "" {
			c.Example = h.Example
		}
	}
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if usage := h.Flags[f.Name]; usage != "" {
			f.Usage = usage
		}
	})
	c.Flags().Lookup("help").Usage = "显示这条命令的帮助"
	for _, sub := range c.Commands() {
		translate(sub)
	}
}

// flagLine is a line of help about a flag, up to what it says of it.
var flagLine = regexp.MustCompile(`^ +(?:-\w, )?--[-\w]+(?: \S+)?   +`)

// chineseFlags are lines about flags, broken to a screen's width: pflag breaks at
// blanks, of which Chinese has none.
func chineseFlags(text string) string {
	text = strings.NewReplacer("(default ", "(默认 ", "[flags]", "[选项]").Replace(text)
	var lines []string
	for _, line := range strings.Split(text, "\n") {
		head := flagLine.FindString(line)
		if head == "" || words.Width(line) <= words.Columns {
			lines = append(lines, line)
			continue
		}
		parts := words.Wrap(line[len(head):], words.Columns-len(head))
		lines = append(lines, head+strings.Join(parts, "\n"+strings.Repeat(" ", len(head))))
	}
	return strings.Join(lines, "\n")
}
