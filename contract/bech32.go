package contract

// Bech32m (BIP-350) of 32 bytes under a prefix of two letters. A packet's leaf may
// hold five hundred addresses as text, and a block reads and writes many leaves;
// the library, which takes any length and case, costs seven times as much, and
// still says what is wrong with a text that this does not read.

const (
	bech32Charset  = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	bech32mFinal   = 0x2bc830a3 // what the checksum of a whole text comes to
	bech32Words    = 52         // 256 bits in groups of 5, the last of which has four 0 bits more
	bech32Checksum = 6          // words
	bech32Length   = 2 + 1 + bech32Words + bech32Checksum
)

// bech32Values is a letter's place in the charset; 255: it has none.
var bech32Values = func() (v [256]byte) {
	for i := range v {
		v[i] = 255
	}
	for i := range len(bech32Charset) {
		v[bech32Charset[i]] = byte(i)
	}
	return v
}()

// bech32Carry is what the five bits that a step shifts out of a checksum do to it.
var bech32Carry = func() (carry [32]uint32) {
	for bits := range carry {
		for i, generator := range [...]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if bits>>i&1 == 1 {
				carry[bits] ^= generator
			}
		}
	}
	return carry
}()

func bech32Step(sum uint32, word byte) uint32 {
	return (sum&0x1ffffff)<<5 ^ uint32(word) ^ bech32Carry[sum>>25]
}

// bech32Start is the checksum of a prefix.
func bech32Start(prefix string) uint32 {
	sum := uint32(1)
	for _, bits := range []uint{5, 0} {
		for i := range len(prefix) {
			sum = bech32Step(sum, prefix[i]>>bits&31)
		}
		if bits > 0 {
			sum = bech32Step(sum, 0)
		}
	}
	return sum
}

func formatBech32m(prefix string, b [32]byte) string {
	text := append(make([]byte, 0, bech32Length), prefix...)
	text = append(text, '1')
	sum := bech32Start(prefix)
	acc, bits := uint32(0), 0
	add := func(word byte) {
		sum = bech32Step(sum, word)
		text = append(text, bech32Charset[word])
	}
	for _, x := range b {
		acc, bits = acc<<8|uint32(x), bits+8
		for ; bits >= 5; bits -= 5 {
			add(byte(acc >> (bits - 5) & 31))
		}
	}
	add(byte(acc << (5 - bits) & 31))
	for range bech32Checksum {
		sum = bech32Step(sum, 0)
	}
	sum ^= bech32mFinal
	for i := range bech32Checksum {
		text = append(text, bech32Charset[sum>>(5*(bech32Checksum-1-i))&31])
	}
	return string(text)
}

// readBech32m reads what formatBech32m writes, and nothing else.
func readBech32m(prefix, s string) (out [32]byte, ok bool) {
	if len(s) != bech32Length || s[:len(prefix)] != prefix || s[len(prefix)] != '1' {
		return out, false
	}
	sum := bech32Start(prefix)
	acc, bits, n := uint32(0), 0, 0
	for i, ch := range []byte(s[len(prefix)+1:]) {
		word := bech32Values[ch]
		if word > 31 {
			return [32]byte{}, false
		}
		sum = bech32Step(sum, word)
		if i >= bech32Words {
			continue
		}
		if acc, bits = acc<<5|uint32(word), bits+5; bits >= 8 {
			bits -= 8
			out[n] = byte(acc >> bits)
			n++
		}
	}
	padding := bech32Values[s[len(prefix)+bech32Words]] & 15
	if sum != bech32mFinal || padding != 0 {
		return [32]byte{}, false
	}
	return out, true
}
