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
	s.t.Helper()
	if got := s.checkTx(wire).String(); got != row.code {
		s.t.Errorf("CheckTx: %s, want %s", got, row.code)
	}
	if len(s.propose(wire)) != 0 {
		s.t.Error("it is proposed")
	}
	if s.accepts(wire) {
		s.t.Error("a block that holds it is accepted")
	}
	before, root := s.leaves(), s.app.store.Hash()
	res := s.finalize(wire).TxResults[0]
	if got := contract.Code(res.Code).String(); got != row.code || !strings.Contains(res.Log, row.says) {
		s.t.Errorf("in a byzantine block: %s (%s), want %s", got, res.Log, row.code)
	}
	if changed := differing(before, s.leaves()); len(changed) > 0 || !bytes.Equal(root, s.app.store.Hash()) {
		s.t.Errorf("it changed leaves %q", changed)
	}
}

// failsInBlock checks a tx that has its turn and fails: its nonce and a token
// are spent, and nothing else.
func (s *scene) failsInBlock(row badInput, wire []byte) {
	s.t.Helper()
	if got := s.checkTx(wire); got != contract.CodeOK {
		s.t.Fatalf("CheckTx: %s: it judges the envelope alone", got)
	}
	if proposed := s.propose(wire); len(proposed) != 1 || !s.accepts(proposed...) {
		s.t.Fatal("it is not proposed, or its block not accepted")
	}
	tx, err := contract.DecodeTx(wire)
	s.ok(err)
	before := s.leaves()
	res := s.finalize(wire).TxResults[0]
	if got := contract.Code(res.Code).String(); got != row.code || !strings.Contains(res.Log, row.says) {
		s.t.Errorf("in a block: %s (%s), want %s", got, res.Log, row.code)
	}
	if len(res.Log) > 1000 {
		s.t.Errorf("a message of %d bytes", len(res.Log))
	}
	hash := contract.TxHash(wire)
	var record query.TxRecord
	kept := len(s.ask(query.Tx, hash[:], &record).Value)
	if record.Height != s.height || record.Code.String() != row.code || len(record.Wire) > 0 ||
		kept > maxFailureLog+40 {
		s.t.Errorf("of %d bytes that failed, %d are kept beside the block", len(wire), kept)
	}
	key := string(contract.AccountKey(tx.Account))
	after := s.leaves()
	if changed := differing(before, after); len(changed) != 1 || changed[0] != key {
		s.t.Errorf("it changed leaves %q", changed)
	}
	var was, is contract.Account
	s.ok(contract.Decode([]byte(before[key]), &was))
	s.ok(contract.Decode([]byte(after[key]), &is))
	if is.Nonce != was.Nonce+1 || is.Bucket <= was.Bucket {
		s.t.Errorf("nonce %d, bucket %d, before: %d, %d", is.Nonce, is.Bucket, was.Nonce, was.Bucket)
	}
	is.Nonce, is.Bucket = was.Nonce, was.Bucket
	if is != was {
		s.t.Errorf("account %+v, before: %+v", is, was)
	}
	if s.accepts(wire) {
		s.t.Error("it may have a second turn")
	}
}

func differing(a, b map[string]string) (keys []string) {
	for k, v := range b {
		if a[k] != v {
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
	pay := func() []byte { return s.tx("alice", &contract.Pay{To: addr("bob"), Amount: 1}) }
	txs := [][]byte{pay(), pay(), pay(), pay()}
	for i, want := range []contract.Code{0, 0, 0, contract.CodeBucketEmpty} {
		if got := s.checkTx(txs[i]); got != want {
			t.Errorf("tx %d: CheckTx %s, want %s", i+1, got, want)
		}
	}
	if s.accepts(txs...) || len(s.propose(txs...)) != 3 {
		t.Error("a block of four is accepted or proposed")
	}
	s.mustOK(txs[:3]...)
	s.refusedEverywhere(badInput{code: "bucket_empty", says: "is possible at 2026-02-16T13:00:02Z"}, txs[3])
	s.now = s.now.Add(time.Second - 1)
	s.refusedEverywhere(badInput{code: "bucket_empty"}, txs[3])
	s.now = s.now.Add(1)
	if !s.accepts(txs[3]) {
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
		if s.accepts(good, wire) {
			t.Errorf("bad tx %d beside a good one is accepted", i)
		}
	}
	if got := s.propose(mixed...); len(got) != 1 || !bytes.Equal(got[0], good) {
		t.Errorf("%d txs proposed, want the good one", len(got))
	}
	before := s.leaves()
	res := s.finalize(mixed...)
	for i, r := range res.TxResults {
		if (r.Code == 0) != (i == len(bad)) {
			t.Errorf("tx %d: %s", i, r.Log)
		}
	}
	changed := differing(before, s.leaves())
	if len(changed) != 3 { // carol, the packet, the supply
		t.Errorf("leaves changed: %q", changed)
	}
}
