package audit

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"

	"hongbao/contract"
)

// parser reads a proof file line by line, in its one spelling: no reader of
// JSON is asked, which would take others, and allocate for what no proof has.
// It holds no more than the bounds of the file's kind let it.
type parser struct {
	rest []byte
	line int
}

// What each part of a file may hold. A kind's file is at most what its parts
// make together, and MaxFileBytes.
const (
	maxTextBytes = 200                           // of chain id, kind or subject: rp1… has 61
	maxTailBytes = 12 << 20                      // of a statement's first entry: 393,216 more
	noProofNeeds = "no proof of this kind needs" // what is refused before it is read
)

// parse reads a file's form. What it allocates is bounded by the file and by
// what a proof of the file's kind can need.
func parse(b []byte) (*File, error) {
	p, f := &parser{rest: b}, new(File)
	err := p.fields(f)
	if err != nil {
		return nil, fmt.Errorf("not a proof file, or an altered one: line %d: %w", p.line, err)
	}
	return f, nil
}

var errSpelling = errors.New("a byte was added, lost or changed")

// next is the next line, without its end.
func (p *parser) next() ([]byte, error) {
	p.line++
	line, rest, found := bytes.Cut(p.rest, []byte("\n"))
	if !found {
		return nil, errSpelling
	}
	p.rest = rest
	return line, nil
}

// fields reads all: what is required, what may be there, in their order.
func (p *parser) fields(f *File) error {
	if line, err := p.next(); err != nil || string(line) != "{" {
		return errSpelling
	}
	var height, from uint64
	kind := ""
	required := []func() (bool, error){
		p.text("format", &f.Format), p.text("chain_id", &f.ChainID), p.text("kind", &kind),
		p.text("subject", &f.Subject),
		p.number("height", &height), p.bytes("signed_header", &f.SignedHeader, maxHeaderBytes, true),
	}
	for i, read := range required {
		switch there, err := read(); {
		case err != nil:
			return err
		case !there:
			return errSpelling
		case i == 0 && f.Format != FileFormat:
			return fmt.Errorf("format is %q, expected %q", f.Format, FileFormat)
		}
	}
	f.Kind, f.Height = Kind(kind), int64(height)
	shape, known := shapes[f.Kind]
	if !known || f.Height < 0 {
		return fmt.Errorf("kind %q or height %d: unknown to this version", f.Kind, height)
	}
	tail, listing, absence := 0, 0, 0
	if shape.partial {
		tail = maxTailBytes
	}
	if shape.unclaimed {
		listing, absence = maxListing, maxProofBytes
	}
	for _, read := range []func() (bool, error){
		p.bytes("leaf_proof", &f.LeafProof, maxProofBytes, false),
		p.bytes("clock_proof", &f.ClockProof, maxProofBytes, false),
		p.list("hand_overs", &f.HandOvers, maxHandOvers, contract.MaxTxBytes),
		p.number("from", &from), p.bytes("head", &f.Head, len(contract.Hash{}), false),
		p.list("entries", &f.Entries, shape.maxEntries, maxEntryBytes), p.bytes("tail", &f.Tail, tail, false),
		p.list("txs", &f.Txs, shape.maxTxs, contract.MaxTxBytes),
		p.list("beacons", &f.Beacons, shape.maxBeacons, maxBeaconBytes),
		p.bytes("listing", &f.Listing, listing, false), p.bytes("absence_proof", &f.Absence, absence, false),
	} {
		if _, err := read(); err != nil {
			return err
		}
	}
	f.From = from
	if p.line++; string(p.rest) != "}\n" {
		return errSpelling
	}
	return nil
}

// value is what stands behind a field's name on the next line; there is false
// when that is another field. A comma is where another field follows.
func (p *parser) value(name string) (value []byte, there bool, err error) {
	begin := `  "` + name + `": `
	if !bytes.HasPrefix(p.rest, []byte(begin)) {
		return nil, false, nil
	}
	line, err := p.next()
	if err != nil {
		return nil, false, err
	}
	value, err = p.withoutComma(line[len(begin):], "}")
	return value, true, err
}

// withoutComma takes away the comma that a line has unless end comes next.
func (p *parser) withoutComma(line []byte, end string) ([]byte, error) {
	cut, comma := bytes.CutSuffix(line, []byte(","))
	if comma == bytes.HasPrefix(p.rest, []byte(end)) {
		return nil, errSpelling
	}
	return cut, nil
}

func (p *parser) text(name string, into *string) func() (bool, error) {
	return func() (bool, error) {
		value, there, err := p.value(name)
		if !there || err != nil {
			return there, err
		}
		text, ok := quoted(value)
		plain := func(c byte) bool { return ' ' <= c && c <= '~' && c != '"' && c != '\\' }
		if !ok || len(text) > maxTextBytes {
			return true, errSpelling
		}
		for _, c := range text {
			if !plain(c) {
				return true, errSpelling
			}
		}
		*into = string(text)
		return true, nil
	}
}

// quoted is what stands between quotes.
func quoted(b []byte) ([]byte, bool) {
	if len(b) < 2 || b[0] != '"' || b[len(b)-1] != '"' {
		return nil, false
	}
	return b[1 : len(b)-1], true
}

func (p *parser) number(name string, into *uint64) func() (bool, error) {
	return func() (bool, error) {
		value, there, err := p.value(name)
		if !there || err != nil {
			return there, err
		}
		if len(value) > len("9223372036854775807") {
			return true, errSpelling
		}
		n, err := strconv.ParseUint(string(value), 10, 63)
		if err != nil || n == 0 || strconv.FormatUint(n, 10) != string(value) {
			return true, errSpelling
		}
		*into = n
		return true, nil
	}
}

// bytes reads base64 of at most so many bytes; unless it may be empty, an empty
// one is left out.
func (p *parser) bytes(name string, into *[]byte, most int, empty bool) func() (bool, error) {
	return func() (bool, error) {
		value, there, err := p.value(name)
		if !there || err != nil {
			return there, err
		}
		*into, err = decodeBase64(value, most)
		if err == nil && len(*into) == 0 && !empty {
			err = errSpelling
		}
		return true, err
	}
}

func decodeBase64(value []byte, most int) ([]byte, error) {
	text, ok := quoted(value)
	if !ok {
		return nil, errSpelling
	}
	if n := len(text)/4*3 - bytes.Count(text[max(0, len(text)-2):], []byte("=")); n > most {
		return nil, fmt.Errorf("%d bytes: more than the %d that "+noProofNeeds, n, most)
	}
	b := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, err := base64.StdEncoding.Strict().Decode(b, text)
	if err != nil || base64.StdEncoding.EncodedLen(n) != len(text) { // line ends inside are skipped by the decoder
		return nil, errSpelling
	}
	return b[:n], nil
}

// list reads at most so many items of at most so many bytes, each on its line;
// an empty list is left out.
func (p *parser) list(name string, into *[][]byte, items, most int) func() (bool, error) {
	return func() (bool, error) {
		begin := []byte(`  "` + name + "\": [\n")
		if !bytes.HasPrefix(p.rest, begin) {
			return false, nil
		}
		p.rest, p.line = p.rest[len(begin):], p.line+1
		for {
			line, err := p.next()
			if err != nil {
				return true, err
			}
			if len(*into) == items {
				return true, fmt.Errorf("more than the %d %s that "+noProofNeeds, items, name)
			}
			value, indented := bytes.CutPrefix(line, []byte("    "))
			value, comma := bytes.CutSuffix(value, []byte(","))
			b, err := decodeBase64(value, most)
			if err != nil || !indented {
				return true, errors.Join(err, errSpelling)
			}
			if *into = append(*into, b); !comma {
				break
			}
		}
		end, err := p.next()
		if err == nil {
			end, err = p.withoutComma(end, "}")
		}
		if err != nil || string(end) != "  ]" {
			return true, errSpelling
		}
		return true, nil
	}
}
