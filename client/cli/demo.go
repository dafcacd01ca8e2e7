package cli

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"hongbao/client/words"
	"hongbao/testnet/demo"
)

func (s look) demoVerb() *Verb {
	vouchers := 0
	return &Verb{
		Use: "demo",
		Short: words.Both("The whole story on a fresh network of 4 validators",
			"在新建的 4 个验证人的网络上,把整个故事演一遍"),
		Long: words.Both(`A fresh network of 4 validators on 127.0.0.1: a mis-sent packet, five claims, a
recall, a latecomer refused, an audit proof verified and a forged one refused, a
held share that two arbiters of three send home, and a packet of lucky shares.
Every line is checked; the exit code is 0 only when all of it held. Nothing is
left behind.

With --vouchers N it is the story of a list of N names instead, each with an
amount and a link of its own: two thirds claim at once, the rest is recalled,
and every fen is accounted for from what is proven. 10,000 take some minutes.`,
			`在 127.0.0.1 上新建 4 个验证人的网络:一个发错的红包,五个人领,一次收回,一个
来晚的人被拒,一份证明成立、改过的不成立,一份存着的钱由三个裁判中的两个退回,
还有一个拼手气红包。每一行都经过检查,全部成立退出码才是 0。什么都不留下。

加 --vouchers N 则演另一个故事:名单上 N 个名字,各有金额,各有链接;三分之二的
人同时来领,余下的收回,再只凭证明把每一分钱对清楚。一万个要几分钟。`),
		Flags: []Flag{{&vouchers, "--vouchers N",
			fmt.Sprintf("the story of a list of N names, %d to %d", demo.MinVouchers, demo.MaxVouchers),
			fmt.Sprintf("演名单的故事,N 个名字,%d 到 %d", demo.MinVouchers, demo.MaxVouchers)}},
		Reach: Alone,
		Run: func(ctx context.Context, _ []string) error {
			o := demo.Options{Lang: s.Lang(), Out: s.Stdout, Type: Typed, Program: Invocation()}
			switch {
			case vouchers == 0:
				return demo.Run(ctx, o)
			case vouchers < demo.MinVouchers || vouchers > demo.MaxVouchers:
				return usagef("--vouchers %d: write a number from %d to %d", vouchers, demo.MinVouchers,
					demo.MaxVouchers)
			}
			return demo.Vouchers(ctx, o, vouchers)
		},
	}
}

// Typed runs a command line as if it were typed in a terminal of its own, with
// stdin to read from, and returns its exit code and what it printed.
func Typed(ctx context.Context, stdin string, args []string) (exit int, stdout, stderr string) {
	var out, errOut bytes.Buffer
	exit = Run(ctx, NewRoot(strings.NewReader(stdin), &out, &errOut), args)
	return exit, out.String(), errOut.String()
}
