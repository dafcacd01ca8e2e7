// Package wallet holds keys and signs.
//
// A home keeps three things here, each in a folder only its owner can read:
//
//	keys/<name>.json          a key somebody made: its secret, not encrypted yet
//	keys/current              the name that signs when --from is not given
//	accounts/<address>.lock   held while a command uses the account's nonce
//	accounts/<address>.json   the tx last signed and not yet seen to end
//
// Dev keys are in no file: [DevKey] makes them from their names, so that
// everybody has them, on purpose. They are for play money.
//
// A wallet signs only what it built itself: it takes messages, never bytes.
package wallet
