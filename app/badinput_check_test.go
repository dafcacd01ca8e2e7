package app

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"hongbao/app/query"
	"hongbao/contract"
)

func TestBadInput(t *testing.T) {
	for _, row := range badInputs {
		t.Run(row.desc, func(t *testing.T) {
			s := newScene(t)
			s.mustOK() // the mempool judges by the newest block's time
			wire := row.tx(s)
			if row.place == noPlace {
				s.refusedEverywhere(row, wire)
			} else {
				s.failsInBlock(row, wire)
			}
		})
	}
}

// refusedEverywhere checks a tx that may stand in no block, and that nothing
// comes of it even when two thirds of the validators let it in.
func (s *scene) refusedEverywhere(row badInput, wire []byte) {
	s.T.Helper()
	if got := s.CheckTx(wire).String(); got != row.code {
		s.T.Errorf("CheckTx: %s, want %s", got, row.code)
	}
	if len(s.Propose(wire)) != 0 {
		s.T.Error("it is proposed")
	}
	if s.Accepts(wire) {
		s.T.Error("a block that holds it is accepted")
	}
	before, root := s.Leaves(), s.app.store.Hash()
	res := s.Finalize(wire).TxResults[0]
	if got := contract.Code(res.Code).String(); got != row.code || !strings.Contains(res.Log, row.says) {
		s.T.Errorf("in a byzantine block: %s (%s), want %s", got, res.Log, row.code)
	}
	if changed := differing(before, s.Leaves()); len(changed) > 0 || !bytes.Equal(root, s.app.store.Hash()) {
		s.T.Errorf("it changed leaves %q", changed)
	}
}

// failsInBlock checks a tx that has its turn and fails: its nonce and a token
// are spent, and nothing else.
func (s *scene) failsInBlock(row badInput, wire []byte) {
	s.T.Helper()
	if got := s.CheckTx(wire); got != contract.CodeOK {
		s.T.Fatalf("CheckTx: %s: it judges the envelope alone", got)
	}
	if proposed := s.Propose(wire); len(proposed) != 1 || !s.Accepts(proposed...) {
		s.T.Fatal("it is not proposed, or its block not accepted")
	}
	tx, err := contract.DecodeTx(wire)
	s.OK(err)
	before := s.Leaves()
	res := s.Finalize(wire).TxResults[0]
	if got := contract.Code(res.Code).String(); got != row.code || !strings.Contains(res.Log, row.says) {
		s.T.Errorf("in a block: %s (%s), want %s", got, res.Log, row.code)
	}
	if len(res.Log) > 1000 {
		s.T.Errorf("a message of %d bytes", len(res.Log))
	}
	hash := contract.TxHash(wire)
	var record query.TxRecord
	kept := len(s.Ask(query.Tx, hash[:], &record).Value)
	if record.Height != s.Height || record.Code.String() != row.code || len(record.Wire) > 0 ||
		kept > maxFailureLog+40 {
		s.T.Errorf("of %d bytes that failed, %d are kept beside the block", len(wire), kept)
	}
	key := string(contract.AccountKey(tx.Account))
	after := s.Leaves()
	if changed := differing(before, after); len(changed) != 1 || changed[0] != key {
		s.T.Errorf("it changed leaves %q", changed)
	}
	var was, is contract.Account
	s.OK(contract.Decode([]byte(before[key]), &was))
	s.OK(contract.Decode([]byte(after[key]), &is))
	if is.Nonce != was.Nonce+1 || is.Bucket <= was.Bucket {
		s.T.Errorf("nonce %d, bucket %d, before: %d, %d", is.Nonce, is.Bucket, was.Nonce, was.Bucket)
	}
	is.Nonce, is.Bucket = was.Nonce, was.Bucket
	if is != was {
		s.T.Errorf("account %+v, before: %+v", is, was)
	}
	if s.Accepts(wire) {
		s.T.Error("it may have a second turn")
	}
}

func differing(a, b map[string][]byte) (keys []string) {
	for k, v := range b {
		if !bytes.Equal(a[k], v) {
			keys = append(keys, k)
		}
	}
	return keys
}

// An account that has spent its tokens waits; the message says until when.
func TestEmptyBucket(t *testing.T) {
	p := contract.DefaultParams()
	p.BucketSize, p.BucketPerSecond = 3, 1
	s := &scene{chain: newChainWith(t, Options{}, testGenesis(p, "alice", "bob"))}
	pay := func() []byte { return s.Tx("alice", &contract.Pay{To: addr("bob"), Amount: 1}) }
	txs := [][]byte{pay(), pay(), pay(), pay()}
	for i, want := range []contract.Code{0, 0, 0, contract.CodeBucketEmpty} {
		if got := s.CheckTx(txs[i]); got != want {
			t.Errorf("tx %d: CheckTx %s, want %s", i+1, got, want)
		}
	}
	if s.Accepts(txs...) || len(s.Propose(txs...)) != 3 {
		t.Error("a block of four is accepted or proposed")
	}
	s.mustOK(txs[:3]...)
	s.refusedEverywhere(badInput{code: "bucket_empty", says: "is possible at 2026-02-17T20:59:02Z"}, txs[3])
	s.Now = s.Now.Add(time.Second - 1)
	s.refusedEverywhere(badInput{code: "bucket_empty"}, txs[3])
	s.Now = s.Now.Add(1)
	if !s.Accepts(txs[3]) {
		t.Error("refused at the instant the token is there")
	}
}

// A proposer that stuffs a block with everything bad gets nowhere, and does no
// harm when two thirds collude with it.
func TestStuffedBlock(t *testing.T) {
	s := newScene(t)
	var bad [][]byte
	for _, row := range badInputs {
		if row.place == noPlace {
			bad = append(bad, row.tx(s))
		}
	}
	good := s.claimOf("carol", s.open)
	mixed := append(append(bad[:len(bad):len(bad)], good), bad...)
	for i, wire := range bad {
		if s.Accepts(good, wire) {
			t.Errorf("bad tx %d beside a good one is accepted", i)
		}
	}
	if got := s.Propose(mixed...); len(got) != 1 || !bytes.Equal(got[0], good) {
		t.Errorf("%d txs proposed, want the good one", len(got))
	}
	before := s.Leaves()
	res := s.Finalize(mixed...)
	for i, r := range res.TxResults {
		if (r.Code == 0) != (i == len(bad)) {
			t.Errorf("tx %d: %s", i, r.Log)
		}
	}
	changed := differing(before, s.Leaves())
	if len(changed) != 3 { // carol, the packet, the supply
		t.Errorf("leaves changed: %q", changed)
	}
}
