package contract

import (
	"bytes"
	"cmp"
	"slices"
	"testing"
	"time"
)

// world is committed state in maps, for tests that need a few blocks and no
// node.
type world struct {
	leaves  map[string][]byte
	due     []Due
	entries []ChainEntry
	height  int64
	now     Time // block time, before any warp
	hash    Verifier
}

func (w *world) Leaf(key []byte) (*LeafValue, error) { return NewLeafValue(w.leaves[string(key)]), nil }

func (w *world) Due(until Time, limit int) (items []Due, err error) {
	for _, d := range w.due {
		if d.At <= until && len(items) < limit {
			items = append(items, d)
		}
	}
	return items, nil
}

func (w *world) ShareOf(id PacketID, claimer Address) (uint32, error) {
	for key, value := range w.leaves {
		var leaf ShareLeaf
		if of, number, ok := SplitShareKey([]byte(key)); ok && of == id {
			if err := Decode(value, &leaf); err != nil || leaf.Share.Claimer == claimer {
				return number, err
			}
		}
	}
	return 0, nil
}

// newWorld gives names ¥1,000.00 each at noon.
func newWorld(t testing.TB, names ...string) *world {
	return worldOf(t, testGenesis(names...))
}

// newDevWorld is a newWorld whose time can be warped.
func newDevWorld(t testing.TB, names ...string) *world {
	g := testGenesis(names...)
	g.Dev = true
	return worldOf(t, g)
}

func testGenesis(names ...string) *Genesis {
	g := &Genesis{Params: DefaultParams()}
	for _, n := range names {
		g.Accounts = append(g.Accounts, GenesisAccount{Address: testAddr(n), Balance: 100_000})
	}
	return g
}

func worldOf(t testing.TB, g *Genesis) *world {
	leaves, entries, err := InitState(testChain, noon.Std(), g, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{leaves: map[string][]byte{}, entries: entries, now: noon, hash: Schnorr{}}
	for _, l := range leaves {
		w.leaves[string(l.Key)] = l.Value
	}
	return w
}

func (w *world) env() Env {
	clock, err := ReadClock(w)
	if err != nil {
		panic(err)
	}
	return Env{Chain: testChain, Height: w.height + 1, Time: clock.Now(w.now), Verifier: w.hash}
}

// block executes and commits txs, and returns the outcome of each.
func (w *world) block(t testing.TB, txs ...*Tx) (codes []Code) {
	t.Helper()
	b, codes := w.run(t, txs...)
	leaves, entries, due, err := b.Changes()
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range leaves {
		w.leaves[string(leaf.Key)] = leaf.Value
	}
	w.entries = append(w.entries, entries...)
	for _, d := range due {
		if d.Remove {
			w.due = slices.DeleteFunc(w.due, func(e Due) bool { return e == d.Due })
		} else {
			w.due = append(w.due, d.Due)
		}
	}
	slices.SortFunc(w.due, func(a, b Due) int {
		return cmp.Or(cmp.Compare(a.At, b.At), bytes.Compare(a.Packet[:], b.Packet[:]), cmp.Compare(a.Share, b.Share))
	})
	w.height++
	w.now += Time(time.Second)
	return codes
}

// run executes txs and commits nothing.
func (w *world) run(t testing.TB, txs ...*Tx) (b *Block, codes []Code) {
	t.Helper()
	b, err := NewBlock(w, w.env())
	if err != nil {
		t.Fatal(err)
	}
	if owed := b.Owed(); owed.Height > 0 { // by no beacon's proof: the output is the block's number
		if err := b.ledger.draw(&b.env, &Beacon{Height: owed.Height}, Output{byte(owed.Height), 1}); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Due(); err != nil {
		t.Fatal(err)
	}
	for i, tx := range txs {
		decoded := asDecoded(tx)
		err := b.Admit(decoded)
		if err == nil {
			err = b.Apply(uint32(i), decoded)
		}
		codes = append(codes, CodeOf(err))
	}
	if err := b.Seal(make([]byte, 32)); err != nil {
		t.Fatal(err)
	}
	return b, codes
}

// ledger is a block to be, over what is committed now.
func (w *world) ledger(t testing.TB) *ledger {
	t.Helper()
	base, err := readCommitted(testChain, w)
	if err != nil {
		t.Fatal(err)
	}
	return newLedger(base, nil)
}

// asDecoded is a tx as if it had come over the wire.
func asDecoded(tx *Tx) *DecodedTx {
	return &DecodedTx{Tx: tx, Hash: TxHash(tx.Encode()), digest: tx.Digest()}
}

// tx signs a message as name.
func (w *world) tx(t testing.TB, name string, m Message) *Tx {
	t.Helper()
	tx := w.unsigned(t, testAddr(name), m)
	if err := tx.Sign(testKey(name)); err != nil {
		t.Fatal(err)
	}
	return tx
}

// unsigned is account's next tx, for a world that trusts.
func (w *world) unsigned(t testing.TB, account Address, m Message) *Tx {
	t.Helper()
	tx := &Tx{Chain: testChain, Account: account, ValidUntil: w.env().Time.Plus(300), Message: m}
	if b := w.leaves[string(AccountKey(account))]; b != nil {
		var a Account
		if err := Decode(b, &a); err != nil {
			t.Fatal(err)
		}
		tx.Nonce = a.Nonce
	}
	return tx
}
