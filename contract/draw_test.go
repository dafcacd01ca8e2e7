package contract

import (
	"encoding/hex"
	"math"
	"math/big"
	"testing"

	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519/extra/ecvrf"
	"pgregory.net/rapid"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The proofs are those of RFC 9381, ECVRF-EDWARDS25519-SHA512-ELL2 (appendix
// B.4): any implementation of the suite can check a draw.
func TestVRFVectors(t *testing.T) {
	for _, row := range []struct{ desc, secret, public, alpha, proof, output string }{
		{"example 19", "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
			"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
			"7d9c633ffeee27349264cf5c667579fc583b4bda63ab71d001f89c10003ab46f14adf9a3cd8b8412" +
				"d9038531e865c341cafa73589b023d14311c331a9ad15ff2fb37831e00f0acaa6d73bc9997b06501",
			"9d574bf9b8302ec0fc1e21c3ec5368269527b87b462ce36dab2d14ccf80c53cc" +
				"cf6758f058c5b1c856b116388152bbe509ee3b9ecfe63d93c3b4346c1fbc6c54"},
		{"example 20", "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
			"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
			"47b327393ff2dd81336f8a2ef10339112401253b3c714eeda879f12c509072ef055b48372bb82efb" +
				"dce8e10c8cb9a2f9d60e93908f93df1623ad78a86a028d6bc064dbfc75a6a57379ef855dc6733801",
			"38561d6b77b71d30eb97a062168ae12b667ce5c28caccdf76bc88e093e463598" +
				"7cd96814ce55b4689b3dd2947f80e59aac7b7675f8083865b46c89b2ce9cc735"},
		{"example 21", "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
			"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
			"926e895d308f5e328e7aa159c06eddbe56d06846abf5d98c2512235eaa57fdce35b46edfc655bc82" +
				"8d44ad09d1150f31374e7ef73027e14760d42e77341fe05467bb286cc2c9d7fde29120a0b2320d04",
			"121b7f9b9aaaa29099fc04a94ba52784d44eac976dd1a3cca458733be5cd090a" +
				"7b5fbd148444f17f8daf1fb55cb04b1ae85a626e30a54b4b0f8abf4a43314a58"},
	} {
		key := ed25519.NewKeyFromSeed(unhex(t, row.secret))
		public, alpha := unhex(t, row.public), unhex(t, row.alpha)
		if got := key.Public().(ed25519.PublicKey); !got.Equal(ed25519.PublicKey(public)) {
			t.Fatalf("%s: public key %x", row.desc, got)
		}
		proof := ecvrf.Prove(key, alpha)
		if hex.EncodeToString(proof) != row.proof {
			t.Errorf("%s: proof %x", row.desc, proof)
		}
		ok, output := ecvrf.Verify(public, unhex(t, row.proof), alpha)
		if !ok || hex.EncodeToString(output) != row.output {
			t.Errorf("%s: verifies %v, output %x", row.desc, ok, output)
		}
	}
}

// No place in the row is better than another: over whole packets the
// mean of every position is total/shares, within five standard errors of what
// was drawn. Every share is at least a fen, and no fen is left over.
func TestDrawsAreFair(t *testing.T) {
	draws := 1_200_000
	if testing.Short() {
		draws = 120_000
	}
	cases := []struct {
		total  Amount
		shares uint32
	}{{14, 10}, {10, 10}, {11, 10}, {100, 3}, {8880, 8}, {100_000, 100}, {7, 2}, {MaxAmount, 2}}
	for _, c := range cases {
		packets := draws / len(cases) / int(c.shares)
		sums, squares := make([]float64, c.shares), make([]float64, c.shares)
		for n := range packets {
			var out Output
			copy(out[:], uint64Bytes(uint64(n)))
			rem := c.total
			for i := range c.shares {
				x := drawAmount(out, Reservation{Packet: PacketID{byte(c.shares)}, Share: i + 1}, rem, c.shares-i)
				if x < 1 || x > rem || rem-x < Amount(c.shares-i-1) {
					t.Fatalf("%d fen in %d shares: share %d draws %d of %d", c.total, c.shares, i+1, x, rem)
				}
				rem -= x
				sums[i] += float64(x)
				squares[i] += float64(x) * float64(x)
			}
			if rem != 0 {
				t.Fatalf("%d fen in %d shares: %d left over", c.total, c.shares, rem)
			}
		}
		want, worst := float64(c.total)/float64(c.shares), 0.0
		for i := range c.shares {
			mean := sums[i] / float64(packets)
			deviation := math.Sqrt(max(0, squares[i]/float64(packets)-mean*mean) / float64(packets))
			off := math.Abs(mean - want)
			if off > 5*deviation+want*1e-12 {
				t.Errorf("%d fen in %d shares: position %d has mean %g ± %g, want %g", c.total, c.shares, i+1, mean,
					deviation, want)
			}
			if deviation > 0 {
				worst = max(worst, off/deviation)
			}
		}
		t.Logf("%d fen in %d shares, %d packets: every position within %.1f standard errors of %g", c.total, c.shares,
			packets, worst, want)
	}
}

// The mean of a draw is rem/left exactly: counted over every (y, d), not
// sampled.
func TestDrawMeanIsExact(t *testing.T) {
	for left := uint64(2); left <= 12; left++ {
		for rem := left; rem <= 40; rem++ {
			sum, n := new(big.Int), uint64(0)
			for y := range 2*(rem-left) + 1 {
				for d := range left {
					x := 1 + (y+d)/left
					if x > rem-left+1 {
						t.Fatalf("left %d, rem %d: %d leaves less than a fen for each", left, rem, x)
					}
					sum.Add(sum, new(big.Int).SetUint64(x))
					n++
				}
			}
			// sum/n = rem/left
			if sum.Mul(sum, new(big.Int).SetUint64(left)).Cmp(new(big.Int).SetUint64(rem*n)) != 0 {
				t.Fatalf("left %d, rem %d: the mean is not rem/left", left, rem)
			}
		}
	}
}

// below is in range for every bound, and of small bounds takes every value
// about equally often.
func TestStreamIsUniform(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.Uint64Min(1).Draw(rt, "n")
		s := newStream(Output{1}, Reservation{Share: rapid.Uint32().Draw(rt, "share")})
		for range 8 {
			if x := s.below(n); x >= n {
				rt.Fatalf("%d is not below %d", x, n)
			}
		}
	})
	for _, n := range []uint64{1, 2, 3, 7, 10, 100} {
		const rounds = 20_000
		seen := make([]int, n)
		s := newStream(Output{2}, Reservation{Share: uint32(n)})
		for range rounds {
			seen[s.below(n)]++
		}
		mean := float64(rounds) / float64(n)
		for x, count := range seen {
			if math.Abs(float64(count)-mean) > 6*math.Sqrt(mean)+1 {
				t.Errorf("below(%d): %d came %d times of %d", n, x, count, rounds)
			}
		}
	}
}

// An amount hangs on the output, the packet and the share, and on nothing
// else: one packet is checked without the others.
func TestDrawDependsOn(t *testing.T) {
	base := drawAmount(Output{1}, Reservation{Packet: PacketID{1}, Share: 1}, 1_000_000, 10)
	for desc, other := range map[string]Amount{
		"output": drawAmount(Output{2}, Reservation{Packet: PacketID{1}, Share: 1}, 1_000_000, 10),
		"packet": drawAmount(Output{1}, Reservation{Packet: PacketID{2}, Share: 1}, 1_000_000, 10),
		"share":  drawAmount(Output{1}, Reservation{Packet: PacketID{1}, Share: 2}, 1_000_000, 10),
	} {
		if other == base {
			t.Errorf("another %s, the same amount", desc)
		}
	}
	if again := drawAmount(Output{1}, Reservation{Packet: PacketID{1}, Share: 1}, 1_000_000, 10); again != base {
		t.Errorf("drawn again: %d, before %d", again, base)
	}
}
