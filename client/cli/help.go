package cli

import (
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"hongbao/client/words"
)

func init() { // once: cobra keeps these for all roots, without a lock
	cobra.AddTemplateFunc("operands", operandHelp)
	cobra.AddTemplateFunc("zh", chineseFlags)
}

// inChinese makes the help of a root, and of all under it, Chinese.
func (s *Session) inChinese(root *cobra.Command) {
	root.SetUsageTemplate(chineseUsage.Replace(root.UsageTemplate()))
	for i, g := range root.Groups() {
		g.Title = groups[i].title.In(words.Chinese)
	}
	s.translate(root)
}

// withOperands puts how arguments are written under a usage line.
func withOperands(template string) string {
	return strings.Replace(template, "[command]{{end}}", "[command]{{end}}{{operands .}}", 1)
}

// operandHelp is what stands under a command's usage line, in its session's language.
func operandHelp(c *cobra.Command) string {
	v, s := VerbOf(c), From(c)
	if v == nil {
		return ""
	}
	lines := v.operands(s.Lang())
	if len(lines) == 0 {
		return ""
	}
	return "\n\n" + strings.Join(lines, "\n")
}

// chineseUsage is cobra's usage template in Chinese.
var chineseUsage = strings.NewReplacer(
	"Usage:", "用法:", "Aliases:", "别名:", "Examples:", "例子:", "Available Commands:", "命令:",
	"Additional Commands:", "其他命令:", "Additional help topics:", "其他帮助:", "Global Flags:", "所有命令的选项:",
	"Flags:", "选项:",
	"{{.UseLine}}", "{{.UseLine | zh}}", "[command]", "[命令]",
	"trimTrailingWhitespaces}}", "trimTrailingWhitespaces | zh}}", "FlagUsagesWrapped 80", "FlagUsages",
	`Use "{{.CommandPath}} [command] --help" for more information about a command.`,
	"{{.CommandPath}} [命令] --help 看一条命令的详细说明。",
)

func (s *Session) translate(c *cobra.Command) {
	c.InitDefaultHelpFlag()
	if v := s.rows[c]; v != nil {
		v.speak(c, words.Chinese)
	} else {
		borrowedHelp(c)
	}
	c.Flags().Lookup("help").Usage = "显示这条命令的帮助"
	for _, sub := range c.Commands() {
		s.translate(sub)
	}
}

// borrowedHelp is the Chinese help of commands that have no row: cobra's own.
func borrowedHelp(c *cobra.Command) {
	switch p := c.Parent(); {
	case c.Name() == "help":
		c.Short, c.Long = "任何命令的帮助", "hongbao help [命令] 显示一条命令的帮助。"
	case c.Name() == "completion":
		c.Short, c.Long = "生成命令行补全脚本", "为指定的 shell 生成补全脚本;各子命令的帮助里写着怎么用。"
	case p.Name() == "completion":
		c.Short = "生成 " + c.Name() + " 的补全脚本"
		load := strings.ReplaceAll(loadCompletion[c.Name()], "%s", c.Root().Name())
		c.Long = c.Short + "。在当前会话里启用:\n\n  " + load
		if f := c.Flags().Lookup("no-descriptions"); f != nil {
			f.Usage = "补全时不要说明文字"
		}
	}
}

// loadCompletion is how each shell takes a completion script for the session.
var loadCompletion = map[string]string{
	"bash": "source <(%s completion bash)", "zsh": "source <(%s completion zsh)",
	"fish": "%s completion fish | source", "powershell": "%s completion powershell | Out-String | Invoke-Expression",
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
