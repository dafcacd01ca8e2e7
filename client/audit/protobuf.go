package audit

import "encoding/binary"

// CometBFT's headers and ICS-23's proofs are protobuf, which has many spellings
// of a message. What is read here is the one that their programs write: fields in
// the order of their numbers, each once, numbers as short as they can be, and no
// field that is zero or empty. Only numbers, byte strings and messages occur.

const (
	wireVarint = 0
	wireFixed  = 1
	wireBytes  = 2
)

// message reads a protobuf message field by field, in order. After its first
// mistake it is bad, and gives zeros.
type message struct {
	rest []byte
	bad  bool
}

// is reports whether the next field is this one. Numbers below 16 have one byte.
func (m *message) is(number, wire int) bool {
	return !m.bad && len(m.rest) > 0 && m.rest[0] == byte(number<<3|wire)
}

func (m *message) varint() uint64 {
	v, n := binary.Uvarint(m.rest)
	if n <= 0 || n > 1 && m.rest[n-1] == 0 {
		m.bad = true
		return 0
	}
	m.rest = m.rest[n:]
	return v
}

// int reads a number; 0 where it is left out. A negative one is a large varint.
func (m *message) int(number int) int64 {
	if !m.is(number, wireVarint) {
		return 0
	}
	m.rest = m.rest[1:]
	v := m.varint()
	m.bad = m.bad || v == 0
	return int64(v)
}

func (m *message) lengthed() []byte {
	m.rest = m.rest[1:]
	n := m.varint()
	if m.bad = m.bad || n > uint64(len(m.rest)); m.bad {
		return nil
	}
	b := m.rest[:n:n]
	m.rest = m.rest[n:]
	return b
}

// bytes reads a byte string; empty where it is left out.
func (m *message) bytes(number int) []byte {
	if !m.is(number, wireBytes) {
		return nil
	}
	b := m.lengthed()
	m.bad = m.bad || len(b) == 0
	return b
}

// each reads all messages of this number, and counts them.
func (m *message) each(number int, read func(*message)) (count int) {
	for ; m.is(number, wireBytes); count++ {
		inner := &message{rest: m.lengthed()}
		read(inner)
		m.bad = m.bad || !inner.done()
	}
	return count
}

// one reads the message of this number, which is always there, if only empty.
func (m *message) one(number int, read func(*message)) {
	if m.each(number, read) != 1 {
		m.bad = true
	}
}

// done reports whether all was read without a mistake.
func (m *message) done() bool { return !m.bad && len(m.rest) == 0 }

// The same messages written, field by field behind b.

func appendKey(b []byte, number, wire int) []byte { return append(b, byte(number<<3|wire)) }

func appendInt(b []byte, number int, v int64) []byte {
	if v == 0 {
		return b
	}
	return binary.AppendUvarint(appendKey(b, number, wireVarint), uint64(v))
}

func appendFixed(b []byte, number int, v int64) []byte {
	if v == 0 {
		return b
	}
	return binary.LittleEndian.AppendUint64(appendKey(b, number, wireFixed), uint64(v))
}

func appendBytes(b []byte, number int, v []byte) []byte {
	if len(v) == 0 {
		return b
	}
	return appendMessage(b, number, v)
}

// appendMessage writes a message even if it is empty.
func appendMessage(b []byte, number int, v []byte) []byte {
	return appendLengthed(appendKey(b, number, wireBytes), v)
}

func appendLengthed(b, v []byte) []byte { return append(binary.AppendUvarint(b, uint64(len(v))), v...) }
