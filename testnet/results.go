package testnet

// Results is what each command of this package shows with --output json, by
// its command line: see [cli.Results].
func Results() map[string][]any {
	return map[string][]any{
		"testnet down":   {downJSON{}},
		"testnet kill":   {orderedJSON{}},
		"testnet start":  {orderedJSON{}},
		"testnet status": {statusJSON{}},
		"testnet stop":   {orderedJSON{}},
		"testnet up":     {configJSON{}},
	}
}

// orderedJSON is the result of stop, start and kill.
type orderedJSON struct {
	Node int    `json:"node"` // its number, from 1
	Done string `json:"done"` // stopped, started or killed
}

type downJSON struct {
	Done string `json:"done"` // down
}

type statusJSON struct {
	Nodes []NodeStatus `json:"nodes"`
}
