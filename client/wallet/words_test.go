package wallet

import (
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/btcutil"
	"github.com/btcsuite/btcd/btcutil/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg"
	"github.com/cosmos/go-bip39"

	"hongbao/contract"
)

// abandon is BIP-39's first vector, which every wallet knows.
const abandon = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"

func TestBIP39Vectors(t *testing.T) {
	b, err := os.ReadFile("testdata/bip39.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for block := range strings.SplitSeq(string(b), "\n\n") {
		var lines []string
		for line := range strings.SplitSeq(strings.TrimSpace(block), "\n") {
			if !strings.HasPrefix(line, "#") {
				lines = append(lines, line)
			}
		}
		entropy, err := hex.DecodeString(lines[0])
		if err != nil {
			t.Fatal(err)
		}
		if words, err := bip39.NewMnemonic(entropy); err != nil || words != lines[1] {
			t.Errorf("%s: %q, %v", lines[0], words, err)
		}
		if words, err := parseWords(lines[1]); err != nil || words != lines[1] {
			t.Errorf("%q: read as %q, %v", lines[1], words, err)
		}
		if seed := bip39.NewSeed(lines[1], "TREZOR"); hex.EncodeToString(seed) != lines[2] {
			t.Errorf("%q: seed %x", lines[1], seed)
		}
		n++
	}
	if n != 24 {
		t.Errorf("%d vectors", n)
	}
}

// BIP-32's vectors 1 to 4; 3 and 4 are those that a lost leading zero fails.
func TestBIP32Vectors(t *testing.T) {
	const h = hdkeychain.HardenedKeyStart
	for _, tt := range []struct {
		seed string
		path []uint32
		want string
	}{
		{"000102030405060708090a0b0c0d0e0f", []uint32{h, 1, h + 2, 2, 1000000000},
			"xprvA41z7zogVVwxVSgdKUHDy1SKmdb533PjDz7J6N6mV6uS3ze1ai8" +
				"FHa8kmHScGpWmj4WggLyQjgPie1rFSruoUihUZREPSL39UNdE3BBDu76"},
		{"fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a2" +
			"9f9c999693908d8a8784817e7b7875726f6c696663605d5a5754514e4b484542",
			[]uint32{0, h + 2147483647, 1, h + 2147483646},
			"xprvA1RpRA33e1JQ7ifknakTFpgNXPmW2YvmhqLQYMmrj4xJXXWYpDP" +
				"S3xz7iAxn8L39njGVyuoseXzU6rcxFLJ8HFsTjSyQbLYnMpCqE2VbFWc"},
		{"4b381541583be4423346c643850da4b320e46a87ae3d2a4e6da11eba819cd4ac" +
			"ba45d239319ac14f863b8d5ab5a0d0c64d2e8a1e7d1457df2e5a3c51c73235be",
			[]uint32{h},
			"xprv9uPDJpEQgRQfDcW7BkF7eTya6RPxXeJCqCJGHuCJ4GiRVLzkTXB" +
				"AJMu2qaMWPrS7AANYqdq6vcBcBUdJCVVFceUvJFjaPdGZ2y9WACViL4L"},
		{"3ddd5602285899a946114506157c7997e5444528f3003f6134712147db19b678", []uint32{h, h + 1},
			"xprv9xJocDuwtYCMNAo3Zw76WENQeAS6WGXQ55RCy7tDJ8oALr4FWku" +
				"VoHJeHVAcAqiZLE7Je3vZJHxspZdFHfnBEjHqU5hG1Jaj32dVoS6XLT1"},
	} {
		seed, err := hex.DecodeString(tt.seed)
		if err != nil {
			t.Fatal(err)
		}
		master, err := hdkeychain.NewMaster(seed, &chaincfg.MainNetParams)
		if err != nil {
			t.Fatal(err)
		}
		if key, err := derive(master, tt.path...); err != nil || key.String() != tt.want {
			t.Errorf("%s %v: %s, %v", tt.seed, tt.path, key, err)
		}
	}
}

// The key at m/44'/1'/0'/0/0 is the one that any BIP-44 wallet has there: its
// public key hashes to the address that test networks of Bitcoin know.
func TestAddressesAreWhereBIP44HasThem(t *testing.T) {
	chain, err := chainOf(abandon)
	if err != nil {
		t.Fatal(err)
	}
	first, err := chain.Derive(0)
	if err != nil {
		t.Fatal(err)
	}
	pub, err := first.ECPubKey()
	if err != nil {
		t.Fatal(err)
	}
	hash, err := btcutil.NewAddressPubKeyHash(btcutil.Hash160(pub.SerializeCompressed()), &chaincfg.TestNet3Params)
	if err != nil || hash.EncodeAddress() != "mkpZhYtJu2r87Js3pDiWJDmPte2NRZ8bJV" {
		t.Errorf("m/44'/1'/0'/0/0: %s, %v", hash, err)
	}
	public, err := publicOf(chain)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[contract.Address]bool{}
	for i := range uint32(5) { // the public part and the words agree, odd keys and even ones
		key, err := secretAt(abandon, i)
		if err != nil {
			t.Fatal(err)
		}
		if a, err := addressAt(public, i); err != nil || a != contract.AddressOf(key) || seen[a] {
			t.Errorf("address %d: %s, %v; its key's is %s", i, a, err, contract.AddressOf(key))
		} else {
			seen[a] = true
		}
	}
	if _, err := addressAt(chain.String(), 0); err == nil {
		t.Error("a private key was taken for a public part")
	}
}

func TestWordsHaveOneSpelling(t *testing.T) {
	if words, err := parseWords("\n Abandon" + strings.Repeat("  ABANDON", 10) + "\tabout\r\n"); err != nil ||
		words != abandon {
		t.Errorf("%q, %v", words, err)
	}
	for _, bad := range []string{
		"", "abandon", strings.Repeat("abandon ", 12), strings.Replace(abandon, "about", "abous", 1),
		strings.TrimPrefix(abandon, "abandon "), abandon + " about",
	} {
		if _, err := parseWords(bad); !errors.Is(err, ErrWords) || strings.Contains(err.Error(), "abandon") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	a, err := newWords()
	b, err2 := newWords()
	if err != nil || err2 != nil || a == b || len(strings.Fields(a)) != 12 {
		t.Errorf("new words: %v, %v, alike: %v", err, err2, a == b)
	}
}
