package cli

// Results is what each command of this package shows with --output json, by
// its command line. The manual's tables are made of it, and a test holds what
// the commands really show against them.
func Results() map[string][]any {
	return map[string][]any{
		"answer":         {askJSON{}},
		"ask":            {askJSON{}},
		"balance":        {balanceJSON{}},
		"claim":          {claimedJSON{}},
		"consent":        {consentedJSON{}},
		"error":          {ErrorCode{}},
		"explain":        {explainedJSON{}},
		"history":        {historyJSON{}},
		"keys list":      {keysJSON{}},
		"keys new":       {keyJSON{}},
		"keys show":      {keyJSON{}},
		"keys use":       {keyJSON{}},
		"list":           {listJSON{}},
		"pay":            {movedJSON{}},
		"prove":          {provedJSON{}},
		"prove account":  {provedJSON{}},
		"prove supply":   {provedJSON{}},
		"statement":      {statementJSON{}},
		"recall":         {movedJSON{}},
		"return":         {movedJSON{}},
		"scenes":         {scenesJSON{}},
		"send":           {sentJSON{}},
		"show":           {packetJSON{}, balanceJSON{}},
		"testnet faucet": {movedJSON{}},
		"testnet warp":   {warpJSON{}},
		"tighten":        {tightenedJSON{}},
		"trust init":     {trustJSON{}},
		"tx decode":      {txJSON{}},
		"tx wait":        {txJSON{}},
		"verify":         {verifiedJSON{}},
		"version":        {versionJSON{}},
		"watch":          {entryJSON{}},
		"--dry-run":      {dryJSON{}},
		"its failure":    {errorJSON{}},
	}
}
