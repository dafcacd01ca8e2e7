package audit

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"math"

	voi "github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
)

// commit is the precommits for a block (types.Commit): of each validator one, in
// the order of its set, or the note that there is none.
type commit struct {
	height, round int64
	block         blockID
	votes         []vote
}

type vote struct {
	flag      int64
	address   []byte
	stamp     stamp
	signature []byte
}

// What a validator voted for (types.BlockIDFlag).
const (
	voteAbsent = 1
	voteCommit = 2
	voteNil    = 3 // for no block
)

func (c *commit) parse(m *message) {
	c.height, c.round = m.int(1), m.int(2)
	m.one(3, c.block.parse)
	m.each(4, func(m *message) {
		v := vote{flag: m.int(1), address: m.bytes(2)}
		m.one(3, v.stamp.parse)
		v.signature = m.bytes(4)
		c.votes = append(c.votes, v)
	})
}

// check holds the commit to CometBFT's basic rules.
func (c *commit) check() error {
	if c.round < 0 || c.round > math.MaxInt32 || !c.block.valid() || len(c.votes) == 0 {
		return fault("commit_range")
	}
	for i := range c.votes {
		if !c.votes[i].whole() {
			return fault("commit_vote", "vote", i)
		}
	}
	return nil
}

func (v *vote) whole() bool {
	switch v.flag {
	case voteAbsent:
		return len(v.address) == 0 && len(v.signature) == 0 && v.stamp == stamp{seconds: zeroTime}
	case voteCommit, voteNil:
		return len(v.address) == addressBytes && len(v.signature) > 0 && v.stamp.valid()
	}
	return false
}

// validator is one of the set that signs the header.
type validator struct {
	name    string
	address [addressBytes]byte
	key     []byte // ed25519
	power   int64
}

// addressOf is the address that CometBFT gives to a consensus key.
func addressOf(key []byte) [addressBytes]byte {
	h := sha256.Sum256(key)
	return [addressBytes]byte(h[:addressBytes])
}

// hashOf is what a header calls its validators (types.ValidatorSet.Hash).
func hashOf(set []validator) []byte {
	var items [][]byte
	for _, v := range set {
		items = append(items, appendInt(appendMessage(nil, 1, appendBytes(nil, 1, v.key)), 2, v.power))
	}
	return merkleRoot(items)
}

// checkCommit makes sure that the header names the trusted validators and that
// they signed it: every vote in the commit is verified, also those for no
// block, and those for this block must hold more than 2/3 of the power. It counts
// these.
func (h *header) checkCommit(trusted []validator) (signed int, err error) {
	if !bytes.Equal(h.hashes[validatorsHash], hashOf(trusted)) {
		return 0, fault("header_validators")
	}
	if len(h.commit.votes) != len(trusted) {
		return 0, fault("commit_size", "votes", len(h.commit.votes), "validators", len(trusted))
	}
	var total, power int64 // at most maxTotalPower, an eighth of an int64
	for i, v := range trusted {
		total += v.power
		vote := &h.commit.votes[i]
		if vote.flag == voteAbsent {
			continue
		}
		if !bytes.Equal(vote.address, v.address[:]) {
			return 0, fault("commit_address", "vote", i, "address", vote.address, "want", v.address)
		}
		if !verifyVote(v.key, h.commit.signBytes(vote, h.chain), vote.signature) {
			return 0, fault("commit_signature", "vote", i, "address", v.address)
		}
		if vote.flag == voteCommit {
			signed++
			power += v.power
		}
	}
	if power <= total*2/3 {
		return 0, fault("commit_few", "power", power, "total", total)
	}
	return signed, nil
}

// maxTotalPower is CometBFT's bound (types.MaxTotalVotingPower).
const maxTotalPower = math.MaxInt64 / 8

// verifyVote judges an ed25519 signature by the rules of ZIP 215, as CometBFT does.
func verifyVote(key, msg, signature []byte) bool {
	return len(signature) == ed25519.SignatureSize &&
		voi.VerifyWithOptions(key, msg, signature, &voi.Options{Verify: voi.VerifyOptionsZIP_215})
}

const typePrecommit = 2

// signBytes is what a validator signs (types.VoteSignBytes): a CanonicalVote
// behind its length.
func (c *commit) signBytes(v *vote, chain string) []byte {
	b := appendInt(nil, 1, typePrecommit)
	b = appendFixed(b, 2, c.height)
	b = appendFixed(b, 3, c.round)
	if v.flag == voteCommit {
		b = appendMessage(b, 4, c.block.wire)
	}
	b = appendMessage(b, 5, v.stamp.encode())
	b = appendBytes(b, 6, []byte(chain))
	return appendLengthed(nil, b)
}
