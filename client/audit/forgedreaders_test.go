package audit

import (
	"testing"
	"time"

	cmttypes "github.com/cometbft/cometbft/types"

	"hongbao/contract"
)

// forgedReaders are good files, and a few that are not, for readers who trust
// other validators, another chain or none, or younger headers only.
func forgedReaders(t testing.TB) []forged {
	recalled := func(t testing.TB) []byte { return encode(t, tellRecalled(t)) }
	torn := func(t testing.TB) []byte {
		f := tellRecalled(t)
		f.Entries = f.Entries[:5]
		return encode(t, f)
	}
	other := newValidators(10, 10, 10, 10).trust()
	other.ChainID = "hongbao-other-1-01000000000000000000"
	others := newValidators(9, 9, 9, 9).trust()
	headerTime := genesisTime.Add(70 * time.Second)
	list := []forged{
		{desc: "the chain's trust file", file: recalled},
		{desc: "no trust file", verdict: Untrusted, failed: "trust", file: recalled, noTrust: true},
		{desc: "a trust file of another chain", verdict: Untrusted, failed: "trust", file: recalled,
			trust: []byte(writeTrust(t, other))},
		{desc: "a header as old as asked for", file: recalled, at: headerTime},
		{desc: "a header a moment older", verdict: Untrusted, failed: "age", file: recalled, at: headerTime.Add(1)},
		{desc: "no trust file and an entry missing", failed: "entries", file: torn, noTrust: true},
		{desc: "an old header and an entry missing", failed: "entries", file: torn, at: headerTime.Add(1)},
		{desc: "trust in others on a chain of the same name", failed: "header", file: recalled,
			trust: []byte(writeTrust(t, others))},
	}
	return append(append(list, twoThirds(t)...), drawsAndTrust(t)...)
}

// twoThirds are of validators of other powers: more than 2/3 means more, so that
// two of three equal ones are not enough.
func twoThirds(t testing.TB) (list []forged) {
	for _, c := range []struct {
		desc   string
		powers []int64
		flags  []cmttypes.BlockIDFlag
		failed string
	}{
		{"2 of 3", []int64{1, 1, 1}, []cmttypes.BlockIDFlag{yes, yes, absent}, "header"},
		{"3 of 3", []int64{1, 1, 1}, nil, ""},
		{"a single validator", []int64{1}, nil, ""},
		{"66 of 99 in power, most of the heads", []int64{33, 22, 22, 22}, []cmttypes.BlockIDFlag{absent, yes, yes, yes},
			"header"},
		{"68 of 100 in power, one of two heads", []int64{68, 32}, []cmttypes.BlockIDFlag{yes, absent}, ""},
		{"66 of 100 in power, one of two heads", []int64{66, 34}, []cmttypes.BlockIDFlag{yes, absent}, "header"},
		{"the greatest power there may be", []int64{cmttypes.MaxTotalVotingPower - 1, 1}, nil, ""},
	} {
		v := newValidators(c.powers...)
		list = append(list, forged{desc: c.desc, failed: c.failed, trust: []byte(writeTrust(t, v.trust())),
			file: func(t testing.TB) []byte {
				a := newAttack(t)
				a.vote(v, testChain, 6, c.flags...)
				return encode(t, a.File)
			}})
	}
	return list
}

// drawsAndTrust are lucky draws for readers who have no validators' keys, or
// others: with keys the draws must be by those, without they must follow from the
// proofs all the same.
func drawsAndTrust(t testing.TB) (list []forged) {
	vals := newValidators(10, 10, 10, 10)
	exchanged := vals.trust()
	first, second := &exchanged.Validators[0], &exchanged.Validators[1]
	first.VRFKey, second.VRFKey = second.VRFKey, first.VRFKey
	keyless := vals.trust()
	keyless.Validators[0].VRFKey = contract.Hash{}.String()
	good := func(f *forgery) { f.beacon().draw(1) }
	for _, c := range []struct {
		desc    string
		trust   *Trust
		do      func(f *forgery)
		verdict Verdict
		failed  string
	}{
		{"a draw by the proposer's key", vals.trust(), good, Valid, ""},
		{"a draw without trust", nil, good, Untrusted, "trust"},
		{"a draw of another amount without trust", nil, func(f *forgery) {
			f.beacon().drawAs(1, f.lawful(1, f.id)-1)
		}, Invalid, "replay"},
		{"a draw by bytes that are no proof, without trust", nil, func(f *forgery) {
			f.beacon(func(s *signer) { s.tear = func(b []byte) { b[len(b)-1] = 0xff } }).draw(1)
		}, Invalid, "draws"},
		{"a draw by another validator's key", exchanged, good, Invalid, "draws"},
		{"a draw by a key that is none", keyless, good, Invalid, "draws"},
	} {
		f := forgedLife(c.desc, c.failed, luckyTerms(3, 300), func(f *forgery) {
			f.reserve("bob").after(1)
			c.do(f)
		})
		f.verdict, f.noTrust = c.verdict, c.trust == nil
		if c.trust != nil {
			f.trust = []byte(writeTrust(t, c.trust))
		}
		list = append(list, f)
	}
	return list
}
