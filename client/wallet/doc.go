// Package wallet holds keys and signs.
//
// A home keeps these here, in folders and files that only their owner can
// read:
//
//	keys/<name>.json                  the words of a key, encrypted, and its public side
//	keys/current                      the name that signs when --from is not given
//	contacts.json                     names for other people's addresses
//	accounts/<address>.lock           held while a command uses the account's nonce
//	accounts/<address>@<chain>.json   the tx last signed and not yet seen to end
//
// A key is a BIP-39 mnemonic. Its addresses are those of BIP-44,
// m/44'/1'/0'/0/i: the name stands for the first (i = 0), name/i for one that
// was made so that no reader of the chain sees whose it is. The words alone bring all of them
// back.
//
// Dev keys are in no file: [DevKey] makes them from their names, so that
// everybody has them, on purpose. They are for play money.
//
// Every file is written whole or not at all, and durably, before anything is
// done that relies on it: a crash loses no key and forgets no tx. A wallet
// signs only what it built itself: it takes messages, never bytes.
package wallet
