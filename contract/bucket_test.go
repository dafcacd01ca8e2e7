package contract

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The bucket in one number behaves as a bucket of tokens that fills with time,
// counted naively in nanoseconds of filling.
func TestBucketAgainstNaive(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := &Params{BucketSize: rapid.Uint32Range(1, 20).Draw(rt, "size"), BucketPerSecond: rapid.Uint32Range(1, 1000).Draw(rt, "per second")}
		token := int64(time.Second) / int64(p.BucketPerSecond)
		capacity := token * int64(p.BucketSize)
		stock, last, now := capacity, int64(noon), int64(noon)
		var b Bucket
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			now += rapid.SampledFrom([]int64{0, 0, 0, 1, token - 1, token, token + 1, 3 * token, capacity, 1 << 40}).Draw(rt, "pause")
			stock, last = min(capacity, stock+now-last), now
			if got, want := b.Tokens(Time(now), p), uint32(stock/token); got != want {
				rt.Fatalf("%d tokens, the naive bucket holds %d", got, want)
			}
			next, err := b.take(Time(now), p)
			if (err == nil) != (stock >= token) {
				rt.Fatalf("take with %d ns of %d in stock: %v", stock, token, err)
			}
			if err != nil {
				if CodeOf(err) != CodeBucketEmpty || next != b {
					rt.Fatalf("a refusal with %s changes the bucket from %d to %d", CodeOf(err), b, next)
				}
				retry := err.(*Error).RetryAt
				if retry != Time(now+token-stock) {
					rt.Fatalf("retry at %d, the naive bucket has a token at %d", retry, now+token-stock)
				}
				if _, err := b.take(retry, p); err != nil {
					rt.Fatal("no token when it was promised")
				}
				if _, err := b.take(retry-1, p); err == nil {
					rt.Fatal("a token a nanosecond before it was promised")
				}
				continue
			}
			b, stock = next, stock-token
		}
	})
}

func TestBucketLimits(t *testing.T) {
	biggest := &Params{BucketSize: 1 << 20, BucketPerSecond: 1}
	if _, err := Bucket(0).take(noon, biggest); err != nil {
		t.Errorf("the biggest bucket: %v", err)
	}
	if got := Bucket(0).Tokens(noon, biggest); got != 1<<20 {
		t.Errorf("the biggest bucket holds %d", got)
	}
	fastest := &Params{BucketSize: 1, BucketPerSecond: 1_000_000}
	b, err := Bucket(0).take(noon, fastest)
	if err != nil || b != Bucket(noon+1000) {
		t.Errorf("the fastest bucket is full again at %d, %v", b, err)
	}
	for desc, p := range map[string]Params{
		"size 0":              {BucketPerSecond: 1, MaxOpenPackets: 1, MaxFirstClaims: 1, MaxDuePerBlock: 1, MaxTxsPerBlock: 1},
		"rate 0":              {BucketSize: 1, MaxOpenPackets: 1, MaxFirstClaims: 1, MaxDuePerBlock: 1, MaxTxsPerBlock: 1},
		"rate over a million": {BucketSize: 1, BucketPerSecond: 1_000_001, MaxOpenPackets: 1, MaxFirstClaims: 1, MaxDuePerBlock: 1, MaxTxsPerBlock: 1},
		"no txs":              {BucketSize: 1, BucketPerSecond: 1, MaxOpenPackets: 1, MaxFirstClaims: 1, MaxDuePerBlock: 1},
	} {
		if err := p.check(); CodeOf(err) != CodeBadGenesis {
			t.Errorf("%s: %v", desc, err)
		}
	}
}
