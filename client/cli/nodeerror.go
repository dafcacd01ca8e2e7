package cli

import (
	"hongbao/node"
)

// fromNode is the error of a node of this machine that was not made, or does not
// run.
func fromNode(e *node.Error) *Error {
	switch e.Code {
	case node.CodeNodeExists:
		return Fail(ExitUsage, "node_exists", "%v", e).WithHint(
			"start it with: %[1]s   or name another folder with --home", "启动它:%[1]s   或用 --home 另指定一个目录",
			nodeStart(e.Home))
	case node.CodeDataDamaged:
		return Fail(ExitInternal, e.Code, "%v", e).WithHint(
			"%[1]s node resync --home %[2]s deletes the data, keeps keys and signatures; the next start fetches it "+
				"from the peers",
			"%[1]s node resync --home %[2]s 会删掉数据(密钥和签名记录留着),下次启动时从其他节点重新取",
			Invocation(), ShellWord(e.Home))
	}
	return Fail(ExitInternal, e.Code, "%v", e)
}
