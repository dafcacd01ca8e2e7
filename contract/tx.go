package contract

import (
	"crypto/sha256"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/schnorr"
	"github.com/fxamacker/cbor/v2"
)

const (
	// MaxTxBytes bounds a tx: a send to 100 named claimers is about 6.5 kB.
	MaxTxBytes = 16 << 10
	// MaxValidFor is how far ahead of block time valid_until may lie, so that
	// a tx either executes soon or provably never.
	MaxValidFor Seconds = 600
	// maxChainID is CometBFT's own limit.
	maxChainID = 50
)

// Signature is a BIP-340 signature.
type Signature [64]byte

// Tx is a signed message. Its hash is SHA-256 over its encoding, which is also
// CometBFT's tx hash.
type Tx struct {
	Chain      string
	Account    Address // who signs; strict nonces count per account
	Nonce      uint64
	ValidUntil Time // executes only in a block with an earlier time
	Message    Message
	Signature  Signature

	size int // of the wire form it was read from; 0 for one that was made here
}

// Size is the length of the tx's wire form.
func (tx *Tx) Size() int {
	if tx.size > 0 {
		return tx.size
	}
	return len(tx.Encode())
}

// Message is what a tx does. The sealed set of its kinds is the types below.
type Message interface{ kind() messageKind }

type messageKind uint8

const (
	kindPay     messageKind = 1
	kindSend    messageKind = 2
	kindClaim   messageKind = 3
	kindRecall  messageKind = 4
	kindReturn  messageKind = 5
	kindAsk     messageKind = 6
	kindAnswer  messageKind = 7
	kindTighten messageKind = 8
	kindWarp    messageKind = 9
	kindChange  messageKind = 10
)

type (
	// Pay moves spendable money between accounts.
	Pay struct {
		_      struct{} `cbor:",toarray"`
		To     Address
		Amount Amount
	}
	// Send funds a packet under Terms.
	Send struct {
		_     struct{} `cbor:",toarray"`
		Terms Terms
	}
	// Claim takes a share. TermsHash is the claimer's acceptance of the terms,
	// recallability included. Link is the link key's signature over this
	// claimer, where the claim rule or the entry of a list asks for it.
	Claim struct {
		_         struct{} `cbor:",toarray"`
		Packet    PacketID
		TermsHash Hash
		Link      *Signature
		Listing   *Listing `cbor:"-"` // of a packet with a list: its entry there; the message's one field more
	}
	// Recall uses clause number Clause (from 1, of those in force) on the rest of
	// a packet (Share 0) or on one held share (from 1). The tx's own signature
	// counts as its account's consent where the clause lists it; Consents are
	// the others'.
	Recall struct {
		_        struct{} `cbor:",toarray"`
		Packet   PacketID
		Clause   uint32
		Share    uint32
		Reason   Reason
		Consents []Consent
	}
	// Consent is an account's signature (see [ConsentDigest]) under a recall
	// that another account may submit before ValidUntil.
	Consent struct {
		_          struct{} `cbor:",toarray"`
		Account    Address
		ValidUntil Time
		Signature  Signature
	}
	// Return gives the claimer's own share (from 1) back to the sender.
	Return struct {
		_      struct{} `cbor:",toarray"`
		Packet PacketID
		Share  uint32
	}
	// Ask asks the claimer of a settled share (from 1) to give it back.
	Ask struct {
		_      struct{} `cbor:",toarray"`
		Packet PacketID
		Share  uint32
		Reason Reason
	}
	// Answer answers an open Ask. Accepting is a Return.
	Answer struct {
		_      struct{} `cbor:",toarray"`
		Packet PacketID
		Share  uint32
		Accept bool
	}
	// Tighten puts Clauses, which allow strictly less, in the place of those in
	// force; none renounces every recall.
	Tighten struct {
		_       struct{} `cbor:",toarray"`
		Packet  PacketID
		Clauses []Clause
	}
	// Warp moves a dev chain's clock forward, from the next block on.
	Warp struct {
		_  struct{} `cbor:",toarray"`
		By Seconds
	}
	// Change carries out what the validators approved: a plan, and for each
	// validator that joins, in the plan's order, the proof that its keys are there.
	Change struct {
		_        struct{} `cbor:",toarray"`
		HandOver HandOver
		Proofs   []KeyProof
	}
)

func (*Pay) kind() messageKind     { return kindPay }
func (*Send) kind() messageKind    { return kindSend }
func (*Claim) kind() messageKind   { return kindClaim }
func (*Recall) kind() messageKind  { return kindRecall }
func (*Return) kind() messageKind  { return kindReturn }
func (*Ask) kind() messageKind     { return kindAsk }
func (*Answer) kind() messageKind  { return kindAnswer }
func (*Tighten) kind() messageKind { return kindTighten }
func (*Warp) kind() messageKind    { return kindWarp }
func (*Change) kind() messageKind  { return kindChange }

// claimFields is how many items a claim has without a listing.
const claimFields = 3

type (
	plainClaim  Claim
	listedClaim struct {
		_ struct{} `cbor:",toarray"`
		*plainClaim
		Listing *Listing
	}
)

// MarshalCBOR writes the claim, with its listing if there is one.
func (c *Claim) MarshalCBOR() ([]byte, error) {
	if c.Listing == nil {
		return canonicalEncoding.Marshal((*plainClaim)(c))
	}
	return canonicalEncoding.Marshal(&listedClaim{plainClaim: (*plainClaim)(c), Listing: c.Listing})
}

// UnmarshalCBOR reads a claim with or without a listing.
func (c *Claim) UnmarshalCBOR(b []byte) error {
	if !isArrayOf(claimFields+1, b) {
		return strictDecoding.Unmarshal(b, (*plainClaim)(c))
	}
	listed := listedClaim{plainClaim: (*plainClaim)(c)}
	err := strictDecoding.Unmarshal(b, &listed)
	c.Listing = listed.Listing
	return err
}

// share is the number of the share that the claim's entry gives; 0: it has none.
func (c *Claim) share() uint32 {
	if c.Listing == nil {
		return 0
	}
	return c.Listing.Entry.Index
}

// PacketOf is the packet that a message says it is about, and the share where
// it names one (else 0); zeros for a Pay, a Warp, a Change, and a Send, whose packet does
// not exist yet (see [NewPacketID]).
func PacketOf(m Message) (id PacketID, share uint32) {
	switch m := m.(type) {
	case *Claim:
		return m.Packet, 0
	case *Recall:
		return m.Packet, m.Share
	case *Return:
		return m.Packet, m.Share
	case *Ask:
		return m.Packet, m.Share
	case *Answer:
		return m.Packet, m.Share
	case *Tighten:
		return m.Packet, 0
	}
	return PacketID{}, 0
}

// KindName is a message's name, such as "claim".
func KindName(m Message) string {
	return nameOf(m.kind(), "unknown", "pay", "send", "claim", "recall", "return", "ask", "answer", "tighten", "warp",
		"change")
}

// wireTx is a tx as it travels: an array of chain, account, nonce,
// valid_until, kind, body, signature.
type wireTx struct {
	_          struct{} `cbor:",toarray"`
	Chain      string
	Account    Address
	Nonce      uint64
	ValidUntil Time
	Kind       messageKind
	Body       cbor.RawMessage
	Signature  Signature
}

// signedBody is the part of a tx under its signature, beside the chain.
type signedBody struct {
	_          struct{} `cbor:",toarray"`
	Account    Address
	Nonce      uint64
	ValidUntil Time
	Kind       messageKind
	Body       cbor.RawMessage
}

// Encode is the tx's wire form.
func (tx *Tx) Encode() []byte {
	return Encode(wireTx{
		Chain: tx.Chain, Account: tx.Account, Nonce: tx.Nonce, ValidUntil: tx.ValidUntil,
		Kind: tx.Message.kind(), Body: Encode(tx.Message), Signature: tx.Signature,
	})
}

// TxHash is the hash of a tx's wire form.
func TxHash(wire []byte) Hash { return sha256.Sum256(wire) }

// DecodedTx is a tx as it came over the wire, with what its bytes say once and
// for all. A node decodes a tx once and shares it between all that look at it:
// neither it nor its Tx may be changed.
type DecodedTx struct {
	*Tx
	Hash   Hash // of the wire form, see [TxHash]
	digest Hash // see [Tx.Digest]
}

// ReadTx reads a wire tx. It judges form alone: size, canonical encoding, a
// known message. Signature and meaning come later, in Admit and Apply.
func ReadTx(b []byte) (*DecodedTx, error) {
	if len(b) > MaxTxBytes {
		return nil, Errorf(CodeTxTooLarge, "tx of %d bytes: at most %d", len(b), MaxTxBytes)
	}
	var w wireTx
	if err := Decode(b, &w); err != nil {
		return nil, err
	}
	m, err := newMessage(w.Kind)
	if err != nil {
		return nil, err
	}
	if err := Decode(w.Body, m); err != nil {
		return nil, err
	}
	if r, ok := m.(*Recall); ok && len(r.Consents) > maxClauseKeys {
		return nil, Errorf(CodeMalformed, "recall: %d consents, a packet's clauses name at most %d keys",
			len(r.Consents), maxClauseKeys)
	}
	if c, ok := m.(*Change); ok && (len(c.HandOver.Approvals) > MaxValidators || len(c.Proofs) > maxUpdates) {
		return nil, Errorf(CodeMalformed, "change: more than %d approvals or %d key proofs", MaxValidators, maxUpdates)
	}
	if c, ok := m.(*Claim); ok && c.Listing != nil && len(c.Listing.Path) > maxPath {
		return nil, Errorf(CodeBadPath, "claim: a path of %d steps, a list has at most %d", len(c.Listing.Path),
			maxPath)
	}
	if len(w.Chain) > maxChainID {
		return nil, Errorf(CodeMalformed, "tx: chain id of %d bytes", len(w.Chain))
	}
	if w.ValidUntil < 0 {
		return nil, Errorf(CodeMalformed, "tx: valid_until before 1970")
	}
	tx := &Tx{
		Chain: w.Chain, Account: w.Account, Nonce: w.Nonce, ValidUntil: w.ValidUntil,
		Message: m, Signature: w.Signature, size: len(b),
	}
	return &DecodedTx{Tx: tx, Hash: TxHash(b), digest: tx.digestOf(w.Body)}, nil
}

// DecodeTx is ReadTx for a reader who keeps the tx to itself.
func DecodeTx(b []byte) (*Tx, error) {
	d, err := ReadTx(b)
	if err != nil {
		return nil, err
	}
	return d.Tx, nil
}

func newMessage(k messageKind) (Message, error) {
	switch k {
	case kindPay:
		return new(Pay), nil
	case kindSend:
		return new(Send), nil
	case kindClaim:
		return new(Claim), nil
	case kindRecall:
		return new(Recall), nil
	case kindReturn:
		return new(Return), nil
	case kindAsk:
		return new(Ask), nil
	case kindAnswer:
		return new(Answer), nil
	case kindTighten:
		return new(Tighten), nil
	case kindWarp:
		return new(Warp), nil
	case kindChange:
		return new(Change), nil
	}
	return nil, Errorf(CodeMalformed, "message kind %d: unknown", k)
}

// Digest is what the tx's signature signs.
func (tx *Tx) Digest() Hash { return tx.digestOf(Encode(tx.Message)) }

// digestOf is Digest where body is the message's encoding.
func (tx *Tx) digestOf(body []byte) Hash {
	return TaggedHash(tagTx, lengthPrefixed(tx.Chain), Encode(signedBody{
		Account: tx.Account, Nonce: tx.Nonce, ValidUntil: tx.ValidUntil, Kind: tx.Message.kind(), Body: body,
	}))
}

// Sign sets Account and Signature from key.
func (tx *Tx) Sign(key *btcec.PrivateKey) error {
	tx.Account = AddressOf(key)
	sig, err := SignDigest(key, tx.Digest())
	tx.Signature = sig
	return err
}

// LinkDigest is what a packet's link key signs: this claimer may claim.
func LinkDigest(chain string, packet PacketID, claimer Address) Hash {
	return TaggedHash(tagLink, lengthPrefixed(chain), packet[:], claimer[:])
}

// SignDigest makes a BIP-340 signature (deterministic: BIP-340's default
// nonce with no auxiliary randomness).
func SignDigest(key *btcec.PrivateKey, digest Hash) (Signature, error) {
	sig, err := schnorr.Sign(key, digest[:])
	if err != nil {
		return Signature{}, err
	}
	return Signature(sig.Serialize()), nil
}
