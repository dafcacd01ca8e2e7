package leveldb

import (
	dbm "github.com/cometbft/cometbft-db"
	"github.com/syndtr/goleveldb/leveldb/iterator"
	"github.com/syndtr/goleveldb/leveldb/util"
)

// cursor is an iterator over start <= key < end; goleveldb's own keeps to that.
type cursor struct {
	iterator.Iterator
	of         *database
	start, end []byte
	step       func() bool
}

func (d *database) Iterator(start, end []byte) (dbm.Iterator, error) {
	c, err := d.cursor(start, end)
	if err != nil {
		return nil, err
	}
	c.step = c.Iterator.Next
	c.First()
	return c, nil
}

func (d *database) ReverseIterator(start, end []byte) (dbm.Iterator, error) {
	c, err := d.cursor(start, end)
	if err != nil {
		return nil, err
	}
	c.step = c.Prev
	c.Last()
	return c, nil
}

func (d *database) cursor(start, end []byte) (*cursor, error) {
	if start != nil && len(start) == 0 || end != nil && len(end) == 0 {
		return nil, errEmptyKey
	}
	return &cursor{d.db.NewIterator(&util.Range{Start: start, Limit: end}, nil), d, start, end, nil}, nil
}

func (c *cursor) Domain() (start, end []byte) { return c.start, c.end }

func (c *cursor) Valid() bool { return c.Iterator.Error() == nil && c.Iterator.Valid() }

func (c *cursor) Next() {
	c.mustBeValid()
	c.step()
}

func (c *cursor) Key() []byte {
	c.mustBeValid()
	return c.Iterator.Key()
}

func (c *cursor) Value() []byte {
	c.mustBeValid()
	return c.Iterator.Value()
}

func (c *cursor) mustBeValid() {
	if !c.Valid() {
		panic("leveldb: an iterator is read behind its end")
	}
}

func (c *cursor) Error() error { return c.of.told(c.Iterator.Error()) }

func (c *cursor) Close() error {
	c.Release()
	return nil
}
