package cli

import "hongbao/node"

// nodeErrors are the codes of a node of this machine that does not run.
var nodeErrors = []string{
	"clock_off", "consensus_failed", "data_damaged", "disk_full", "genesis_changed",
	"no_peers", "no_sign_state", "signed_twice",
}

func fromNode(e *node.Error) *Error {
	code := e.Code
	out := Fail(ExitInternal, code, "%v", e)
	if code != node.CodeDataDamaged {
		return out
	}
	return out.WithHint(
		"%[1]s node resync --home %[2]s deletes the data, keeps keys and signatures; the next start fetches it from the peers",
		"%[1]s node resync --home %[2]s 会删掉数据(密钥和签名记录留着),下次启动时从其他节点重新取", Invocation(), e.Home)
}
