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
	History History
}

// Bucket is a token bucket in one number: the instant at which it will be
// full again (the generic cell rate algorithm's theoretical arrival time).
// Zero is a full bucket.
type Bucket Time

// take spends a token at now, under capacity tokens refilled at perSecond. It
// fails, saying when one will be there, when the bucket is empty.
func (b Bucket) take(now Time, p *Params) (Bucket, error) {
	token := Time(time.Second) / Time(p.BucketPerSecond)
	full := max(now, Time(b))
	if wait := full - now - token*Time(p.BucketSize-1); wait > 0 {
		return b, Errorf(CodeBucketEmpty, "too many transactions at once: the next one is possible at %s", now+wait).at(now + wait)
	}
	return Bucket(full + token), nil
}

// Tokens is how many txs the bucket allows at now.
func (b Bucket) Tokens(now Time, p *Params) uint32 {
	token := Time(time.Second) / Time(p.BucketPerSecond)
	missing := (max(now, Time(b)) - now + token - 1) / token
	return p.BucketSize - uint32(min(missing, Time(p.BucketSize)))
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
	MaxDuePerBlock  uint32   `json:"max_due_per_block"` // refunds swept in a block
	MaxTxsPerBlock  uint32   `json:"max_txs_per_block"` // bounds a block's execution
}

// DefaultParams are the limits of a dev network, and a sane start elsewhere.
func DefaultParams() Params {
	return Params{
		MinFirstPay:     100, // ¥1: a leaf lives for ever, so making one costs something
		BucketSize:      256,
		BucketPerSecond: 10,
		MaxOpenPackets:  1000,
		MaxFirstClaims:  400,  // design asks for at least 200
		MaxDuePerBlock:  256,  // two leaf writes each: about 0.3 s of tree work
		MaxTxsPerBlock:  2000, // about a second of tree work on a small machine
	}
}

func (p *Params) check() error {
	if p.BucketSize == 0 || p.BucketSize > 1<<20 || p.BucketPerSecond == 0 || p.BucketPerSecond > 1_000_000 ||
		p.MaxOpenPackets == 0 || p.MaxFirstClaims == 0 || p.MaxDuePerBlock == 0 || p.MaxTxsPerBlock == 0 ||
		p.MinFirstPay > MaxAmount {
		return Errorf(CodeBadGenesis, "params: a limit is zero or out of range")
	}
	return nil
}
