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
	case node.CodeNoNodeHome:
		return Fail(ExitUsage, "no_node_home", "%v", e)
	case node.CodeNoVote:
		return Fail(ExitUsage, "no_vote", "%v", e)
	case node.CodeNodeRunning:
		return Fail(ExitUsage, "node_running", "%v", e).WithHint("see how it is: %[1]s node status --home %[2]s",
			"看看它的情况:%[1]s node status --home %[2]s", Invocation(), ShellWord(e.Home))
	case node.CodeBlocksGone:
		return Fail(ExitUsage, e.Code, "%v", e)
	case node.CodeCrashed:
		return Fail(ExitInternal, "node_crashed", "%v", e).WithHint(
			"start it once more: %[1]s   if it stops again, %[2]s node resync --home %[3]s and start it",
			"再启动一次:%[1]s   如果又停了,先 %[2]s node resync --home %[3]s 再启动",
			nodeStart(e.Home), Invocation(), ShellWord(e.Home))
	case node.CodeDataDamaged:
		return Fail(ExitInternal, e.Code, "%v", e).WithHint(
			"%[1]s node resync --home %[2]s deletes the data, keeps keys and signatures; the next start fetches it "+
				"from the peers",
			"%[1]s node resync --home %[2]s 会删掉数据(密钥和签名记录留着),下次启动时从其他节点重新取",
			Invocation(), ShellWord(e.Home))
	case node.CodeBadPeer, node.CodeBadRegistration, node.CodeRegistrationVersion, node.CodeRegistrationTooLarge,
		node.CodeRegistrationSignature, node.CodeRegistrationOtherChain, node.CodeRegistrationTwice,
		node.CodeRegistrationSamePerson:
		return Fail(ExitUsage, e.Code, "%v", e)
	case node.CodePeerUnreachable:
		return Fail(ExitUnreachable, e.Code, "%v", e)
	}
	return Fail(ExitInternal, e.Code, "%v", e)
}
