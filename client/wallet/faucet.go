package wallet

// Faucet is the dev account that play money comes from.
const Faucet = "faucet"
