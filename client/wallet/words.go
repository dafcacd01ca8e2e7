package wallet

import (
	"errors"
	"fmt"
	"strings"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/schnorr"
	"github.com/btcsuite/btcd/btcutil/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg"
	"github.com/cosmos/go-bip39"

	"hongbao/contract"
)

// ErrWords refuses a text that is not a BIP-39 mnemonic.
var ErrWords = errors.New("not the words of a key")

// WordsError says what is wrong with the words of a key, and repeats none of them.
type WordsError struct {
	Count   int   // how many there are
	Unknown []int // which, from 1, are no words of BIP-39's list; empty: each is, and they do not fit together
}

func (e *WordsError) Unwrap() error { return ErrWords }

func (e *WordsError) Error() string {
	why := "each is a word of the list, and they do not fit together: one is another word, or two have changed places"
	if len(e.Unknown) > 0 {
		numbers := strings.Trim(strings.ReplaceAll(fmt.Sprint(e.Unknown), " ", ", "), "[]")
		why = fmt.Sprintf("these are not in the list of words: number %s", numbers)
	} else if !e.GoodCount() {
		why = fmt.Sprintf("there are %d, and have to be 12, 15, 18, 21 or 24", e.Count)
	}
	return ErrWords.Error() + ": " + why
}

// GoodCount reports whether a key can have so many words.
func (e *WordsError) GoodCount() bool { return e.Count >= 12 && e.Count <= 24 && e.Count%3 == 0 }

// entropyBits gives 12 words. Their 128 bits are as much as the curve is worth,
// and 12 are copied down with fewer mistakes than 24.
const entropyBits = 128

// addressPath is where a key's addresses are: m/44'/1'/0'/0. 1 is the coin type that
// SLIP-44 gives to every test network; hongbao has none of its own.
var addressPath = []uint32{hdkeychain.HardenedKeyStart + 44, hdkeychain.HardenedKeyStart + 1,
	hdkeychain.HardenedKeyStart, 0}

// encoding gives the public part its letters, tpub…, which fit that coin type.
var encoding = &chaincfg.TestNet3Params

func newWords() (string, error) {
	entropy, err := bip39.NewEntropy(entropyBits)
	if err != nil {
		return "", err
	}
	return bip39.NewMnemonic(entropy)
}

// parseWords is a mnemonic in its one spelling: single spaces, small letters,
// and a checksum that fits. Its error is a [WordsError].
func parseWords(text string) (string, error) {
	list := strings.Fields(strings.ToLower(text))
	words := strings.Join(list, " ")
	if _, err := bip39.MnemonicToByteArray(words); err == nil {
		return words, nil
	}
	wrong := &WordsError{Count: len(list)}
	for i, word := range list {
		if _, known := bip39.ReverseWordMap[word]; !known {
			wrong.Unknown = append(wrong.Unknown, i+1)
		}
	}
	return "", wrong
}

// chainOf is the extended key under which the addresses of a mnemonic are.
func chainOf(words string) (*hdkeychain.ExtendedKey, error) {
	seed, err := bip39.NewSeedWithErrorChecking(words, "")
	if err != nil {
		return nil, ErrWords
	}
	key, err := hdkeychain.NewMaster(seed, encoding)
	if err != nil {
		return nil, err
	}
	return derive(key, addressPath...)
}

func derive(key *hdkeychain.ExtendedKey, path ...uint32) (_ *hdkeychain.ExtendedKey, err error) {
	for _, i := range path {
		if key, err = key.Derive(i); err != nil {
			return nil, err
		}
	}
	return key, nil
}

// publicOf is the public part of chainOf, as text: every address follows from
// it, and no key.
func publicOf(chain *hdkeychain.ExtendedKey) (string, error) {
	public, err := chain.Neuter()
	if err != nil {
		return "", err
	}
	return public.String(), nil
}

// addressAt is the address number i under a public part.
func addressAt(public string, i uint32) (contract.Address, error) {
	key, err := hdkeychain.NewKeyFromString(public)
	if err != nil {
		return contract.Address{}, err
	}
	if key.IsPrivate() || int(key.Depth()) != len(addressPath) {
		return contract.Address{}, errors.New("not the public part of a key")
	}
	if key, err = key.Derive(i); err != nil {
		return contract.Address{}, err
	}
	pub, err := key.ECPubKey()
	if err != nil {
		return contract.Address{}, err
	}
	return contract.Address(schnorr.SerializePubKey(pub)), nil
}

// secretAt is the key behind addressAt.
func secretAt(words string, i uint32) (*btcec.PrivateKey, error) {
	chain, err := chainOf(words)
	if err != nil {
		return nil, err
	}
	if chain, err = chain.Derive(i); err != nil {
		return nil, err
	}
	return chain.ECPrivKey()
}
