package contract

import "time"

// Account is the leaf a/<address>.
type Account struct {
	_       struct{} `cbor:",toarray"`
	Balance Amount   // spendable
	Held    Amount   // claimed and not yet settled
	Nonce   uint64   // of the next tx; a leaf that a payment made begins at 1
	Bucket  Bucket
	Open    uint32 // packets sent that are still open
	Recalls Bucket // the recall budget: one token for each of its packets that was recalled from
	History History
}

// Bucket is a token bucket in one number: the instant at which it will be
// full again (the generic cell rate algorithm's theoretical arrival time).
// Zero is a full bucket.
type Bucket Time

// rate is how much a bucket holds, and how fast it fills.
type rate struct {
	size   uint32
	refill Time // nanoseconds for one token
}

// next is the first instant, from now on, at which a token is there.
func (b Bucket) next(now Time, r rate) Time {
	return max(now, max(now, Time(b))-r.refill*Time(r.size-1))
}

// spend takes a token at now. An empty bucket only stays empty: no debt is
// carried beyond it.
func (b Bucket) spend(now Time, r rate) Bucket {
	full := max(now, Time(b)) + r.refill
	return Bucket(min(full, now+r.refill*Time(r.size)))
}

// take spends a tx's token at now. It fails, saying when one will be there,
// when the bucket is empty.
func (b Bucket) take(now Time, p *Params) (Bucket, error) {
	if at := b.next(now, p.txRate()); at > now {
		return b, Errorf(CodeBucketEmpty, "too many transactions at once: the next one is possible at %s", at).at(at)
	}
	return b.spend(now, p.txRate()), nil
}

// Tokens is how many txs the bucket allows at now.
func (b Bucket) Tokens(now Time, p *Params) uint32 {
	r := p.txRate()
	missing := (max(now, Time(b)) - now + r.refill - 1) / r.refill
	return r.size - uint32(min(missing, Time(r.size)))
}

// Supply is the leaf c/supply: where all money is. Wallets + Escrow + Held =
// Total after every block, and the validators sign it.
type Supply struct {
	_       struct{} `cbor:",toarray"`
	Wallets Amount   // sum of balances
	Escrow  Amount   // sum of packets' escrows
	Held    Amount   // sum of held shares
	Total   Amount   // fixed at genesis
}

// Holds reports whether the sum is whole: no fen made, none lost.
func (s *Supply) Holds() bool {
	sum, ok := s.Wallets.Add(s.Escrow)
	sum, ok2 := sum.Add(s.Held)
	return ok && ok2 && sum == s.Total
}

// Params is the leaf c/params: the chain's limits, set in genesis.
type Params struct {
	_               struct{} `cbor:",toarray" json:"-"`
	MinFirstPay     Amount   `json:"min_first_pay_fen"` // least Pay that creates an account
	BucketSize      uint32   `json:"bucket_size"`       // txs an account may send at once
	BucketPerSecond uint32   `json:"bucket_per_second"` // and how fast that fills again
	MaxOpenPackets  uint32   `json:"max_open_packets"`  // per account
	MaxFirstClaims  uint32   `json:"max_first_claims"`  // claims by new accounts in a block
	MaxDuePerBlock  uint32   `json:"max_due_per_block"` // due items (refunds, settlements, lapsed asks) that a block does, and that its txs may leave
	MaxTxsPerBlock  uint32   `json:"max_txs_per_block"` // bounds a block's execution; each consent in a tx counts as one more
	RecallBudget    uint32   `json:"recall_budget"`     // packets an account may recall from in a recall window
	RecallWindow    Seconds  `json:"recall_window_seconds"`
}

func (p *Params) txRate() rate {
	return rate{p.BucketSize, Time(time.Second) / Time(p.BucketPerSecond)}
}

func (p *Params) recallRate() rate {
	return rate{p.RecallBudget, Time(p.RecallWindow) * Time(time.Second) / Time(p.RecallBudget)}
}

// DefaultParams are the limits of a dev network, and a sane start elsewhere.
func DefaultParams() Params {
	return Params{
		MinFirstPay:     100, // ¥1: a leaf lives for ever, so making one costs something
		BucketSize:      256,
		BucketPerSecond: 10,
		MaxOpenPackets:  1000,
		MaxFirstClaims:  400,  // design asks for at least 200
		MaxDuePerBlock:  1000, // half of the txs: to do it costs no more than they did
		MaxTxsPerBlock:  2000, // about a second of tree work on a small machine
		RecallBudget:    50,   // nobody's thumb slips more often
		RecallWindow:    30 * 24 * 3600,
	}
}

func (p *Params) check() error {
	if p.BucketSize == 0 || p.BucketSize > 1<<20 || p.BucketPerSecond == 0 || p.BucketPerSecond > 1_000_000 ||
		p.MaxOpenPackets == 0 || p.MaxFirstClaims == 0 || p.MaxDuePerBlock == 0 || p.MaxTxsPerBlock > maxElements || p.MaxTxsPerBlock < 1+maxClauseKeys || // the largest tx must fit

		p.RecallBudget == 0 || p.RecallWindow == 0 || p.RecallWindow > MaxDuration || p.MinFirstPay > MaxAmount {
		return Errorf(CodeBadGenesis, "params: a limit is zero or out of range")
	}
	return nil
}
