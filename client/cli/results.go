package cli

// Results is what the commands of other packages show with --output json where
// this package runs them, by their command lines.
func Results() map[string][]any {
	return map[string][]any{"testnet faucet": {movedJSON{}}, "testnet warp": {warpJSON{}}}
}
