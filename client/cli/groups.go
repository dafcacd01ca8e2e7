package cli

// The verbs are methods of the part of the program that they belong to. Each part
// has the session, and what the parts before it can say.

// look reads and shows.
type look struct{ *Session }

// money makes transactions, and shows what they will do and did.
type money struct{ look }

// proofs makes and checks proofs.
type proofs struct{ look }

// wallets keeps keys and contacts.
type wallets struct{ look }

// nodes runs the node of a home.
type nodes struct{ *Session }

// completing completes what is typed.
type completing struct{ *Session }
