package cli

import "hongbao/node"

// fromNode is the error of a node of this machine that does not run.
func fromNode(e *node.Error) *Error {
	out := Fail(ExitInternal, e.Code, "%v", e)
	if e.Code != node.CodeDataDamaged {
		return out
	}
	return out.WithHint(
		"%[1]s node resync --home %[2]s deletes the data, keeps keys and signatures; the next start fetches it from the peers",
		"%[1]s node resync --home %[2]s 会删掉数据(密钥和签名记录留着),下次启动时从其他节点重新取", Invocation(), e.Home)
}
