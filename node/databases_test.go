package node

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"hongbao/internal/leveldb"
	"hongbao/node/journal"

	dbm "github.com/cometbft/cometbft-db"
)

// Environment of TestWriterOfLargeBatches' process: the folder of the database.
const writerDir = "HONGBAO_TEST_WRITER_DIR"

// A large batch writes so many rows of so many bytes, twice what one may have in a journal.
const largeRows, largeRow = 8, 1 << 20

var writtenHeight = []byte("height")

func heightWritten(key, value []byte) int64 {
	if !bytes.Equal(key, writtenHeight) {
		return 0
	}
	return int64(binary.BigEndian.Uint64(value))
}

// writeBatch makes batch h: every third is large.
func writeBatch(db dbm.DB, h uint64) error {
	b := db.NewBatch()
	defer b.Close()
	mark := binary.BigEndian.AppendUint64(nil, h)
	if err := b.Set(writtenHeight, mark); err != nil {
		return err
	}
	if h%3 == 0 {
		noise := make([]byte, largeRow)
		rand.NewChaCha8([32]byte{byte(h)}).Read(noise)
		for i := range largeRows {
			if err := b.Set(fmt.Appendf(nil, "large/%02d", i), append(mark[:8:8], noise...)); err != nil {
				return err
			}
		}
	} else if err := b.Set(fmt.Appendf(nil, "small/%d", h%5), mark); err != nil {
		return err
	}
	return b.WriteSync()
}

// This is no test by itself: it is the process that TestALargeBatchIsWholeOrNotThere kills.
func TestWriterOfLargeBatches(t *testing.T) {
	dir := os.Getenv(writerDir)
	if dir == "" {
		t.Skip("a process of TestALargeBatchIsWholeOrNotThere")
	}
	db, err := leveldb.Open("large", dir, nil)
	must(t, err)
	b, err := db.Get(writtenHeight)
	must(t, err)
	next := uint64(1)
	if b != nil {
		next += binary.BigEndian.Uint64(b)
	}
	for ; ; next++ {
		must(t, writeBatch(db, next))
		fmt.Println(next)
	}
}

// A process that is killed while it writes leaves a database that is not taken for a
// damaged one, and opens with all of its first batches, large ones and small ones, and
// with nothing of the next.
func TestALargeBatchIsWholeOrNotThere(t *testing.T) {
	rounds := 8
	if testing.Short() {
		rounds = 3
	}
	dir, before := t.TempDir(), uint64(0)
	for round := range rounds {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestWriterOfLargeBatches$")
		cmd.Env = append(os.Environ(), writerDir+"="+dir)
		said, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		lines := bufio.NewScanner(said)
		for range 1 + rand.N(5) { // batches
			lines.Scan()
		}
		time.Sleep(rand.N(50 * time.Millisecond))
		must(t, cmd.Process.Kill())
		_ = cmd.Wait()
		torn, err := journal.Check(filepath.Join(dir, "large.db"), heightWritten)
		if err != nil {
			t.Fatalf("round %d: %v, %v", round, torn, err)
		}
		db, err := leveldb.Open("large", dir, nil)
		must(t, err)
		mark, err := db.Get(writtenHeight)
		must(t, err)
		if mark == nil {
			t.Fatalf("round %d: no batch was written", round)
		}
		h := binary.BigEndian.Uint64(mark)
		if h <= before {
			t.Errorf("round %d: at batch %d, after %d and more", round, h, before)
		}
		want := h / 3 * 3
		for i := range largeRows {
			b, err := db.Get(fmt.Appendf(nil, "large/%02d", i))
			must(t, err)
			if want > 0 && (len(b) != 8+largeRow || binary.BigEndian.Uint64(b) != want) || want == 0 && b != nil {
				t.Fatalf("round %d: after batch %d, row %d is not of batch %d", round, h, i, want)
			}
		}
		before = h
		must(t, db.Close())
	}
}
