package contract

// Params is the leaf c/params: the chain's limits, set in genesis.
type Params struct {
	_               struct{} `cbor:",toarray" json:"-"`
	MinFirstPay     Amount   `json:"min_first_pay_fen"` // least Pay that creates an account
	BucketSize      uint32   `json:"bucket_size"`       // tokens an account may spend at once
	BucketPerSecond uint32   `json:"bucket_per_second"` // and how fast they come back
	MaxOpenPackets  uint32   `json:"max_open_packets"`  // per account
	MaxFirstClaims  uint32   `json:"max_first_claims"`  // claims by new accounts in a block
	// MaxDuePerBlock is how many due items (refunds, settlements, lapsed asks) a
	// block does, and how many its txs may leave.
	MaxDuePerBlock uint32 `json:"max_due_per_block"`
	// MaxTxsPerBlock bounds a block's execution: consents and leaves that are
	// read count too, see Block.workOf.
	MaxTxsPerBlock uint32  `json:"max_txs_per_block"`
	RecallBudget   uint32  `json:"recall_budget"` // packets an account may recall from in a recall window
	RecallWindow   Seconds `json:"recall_window_seconds"`
}

// DefaultParams are the limits of a dev network, and a sane start elsewhere.
func DefaultParams() Params {
	return Params{
		MinFirstPay:     100, // ¥1: a leaf lives for ever, so making one costs something
		BucketSize:      256,
		BucketPerSecond: 10,
		MaxOpenPackets:  1000,
		MaxFirstClaims:  400,  // four packets that a hundred newcomers each claim from at once
		MaxDuePerBlock:  1000, // half of the txs: to do it costs no more than they did
		MaxTxsPerBlock:  2000, // about a second of tree work on a small machine
		RecallBudget:    50,   // more mistakes than a person makes in a month
		RecallWindow:    30 * 24 * 3600,
	}
}

func (p *Params) check() error {
	if p.BucketSize == 0 || p.BucketSize > 1<<20 || p.BucketPerSecond == 0 || p.BucketPerSecond > 1_000_000 ||
		p.MaxOpenPackets == 0 || p.MaxFirstClaims == 0 || p.MaxDuePerBlock == 0 ||
		p.MaxTxsPerBlock > maxElements || p.MaxTxsPerBlock < 1+maxClauseKeys || // consents in a tx must fit
		p.RecallBudget == 0 || p.RecallWindow == 0 || p.RecallWindow > MaxDuration || p.MinFirstPay > MaxAmount {
		return Errorf(CodeBadGenesis, "params: a limit is zero or out of range")
	}
	return nil
}
