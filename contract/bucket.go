package contract

import "time"

const (
	// tokenBytes is how much of a tx a token pays for: every started kilobyte
	// costs one, because bytes are what a node carries and keeps.
	tokenBytes = 1 << 10
	// youngTokens is what a new account's bucket holds: one packet for a
	// hundred named people, or a handful of payments. The rest comes with time,
	// so that money handed from new account to new account brings no fresh
	// bucketful.
	youngTokens = 8
)

// Bucket is a token bucket in one number: the instant at which it will be
// full again (the generic cell rate algorithm's theoretical arrival time).
// Zero is a full bucket.
type Bucket Time

// rate is how much a bucket holds, and how fast it fills.
type rate struct {
	size   uint32
	refill Time // nanoseconds for one token
}

// next is the first instant, from now on, at which n tokens are there.
func (b Bucket) next(now Time, r rate, n uint32) Time {
	return max(now, max(now, Time(b))-r.refill*Time(r.size-n))
}

// spend takes n tokens at now. An empty bucket only stays empty: no debt is
// carried beyond it.
func (b Bucket) spend(now Time, r rate, n uint32) Bucket {
	full := max(now, Time(b)) + r.refill*Time(n)
	return Bucket(min(full, now+r.refill*Time(r.size)))
}

// tokens is what a tx costs its account: one for every started kilobyte, and
// a whole bucket where that holds less.
func (tx *Tx) tokens(p *Params) uint32 {
	return min(p.BucketSize, uint32((tx.Size()+tokenBytes-1)/tokenBytes))
}

// take spends n tokens for a tx at now. It fails, saying when they will be
// there, when the bucket holds fewer.
func (b Bucket) take(now Time, p *Params, n uint32) (Bucket, error) {
	if at := b.next(now, p.txRate(), n); at > now {
		return b, Errorf(CodeBucketEmpty, "too many transactions at once: the next one is possible at %s", at).at(at)
	}
	return b.spend(now, p.txRate(), n), nil
}

// youngBucket is a new account's at now.
func youngBucket(now Time, p *Params) Bucket {
	r := p.txRate()
	return Bucket(now + r.refill*Time(r.size-min(r.size, youngTokens)))
}

// Tokens is how many the bucket holds at now: a tx takes one for every started
// kilobyte.
func (b Bucket) Tokens(now Time, p *Params) uint32 {
	r := p.txRate()
	missing := (max(now, Time(b)) - now + r.refill - 1) / r.refill
	return r.size - uint32(min(missing, Time(r.size)))
}

func (p *Params) txRate() rate {
	return rate{p.BucketSize, Time(time.Second) / Time(p.BucketPerSecond)}
}

func (p *Params) recallRate() rate {
	return rate{p.RecallBudget, Time(p.RecallWindow) * Time(time.Second) / Time(p.RecallBudget)}
}
