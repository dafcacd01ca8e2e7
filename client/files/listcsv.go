package files

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"hongbao/contract"
)

// maxListRows is how many lines are read: of entries, and as many that are empty. A table
// of nothing but empty lines would be read for ever otherwise.
const maxListRows = 2 * contract.MaxListed

// CSVError says what is wrong with a line of a table of claimers.
type CSVError struct {
	Line int // from 1
	Why  string
}

func (e *CSVError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Why) }

// ReadCSV reads a table of claimers, and calls each with every entry: two columns, a
// name or an address, and an amount. A name gets a voucher; an address may have a
// name in a third column. The first line may be a heading: see headings. Empty
// lines are passed over; a BOM, CRLF and quotes are what spreadsheets write. It stops
// at the first line that is not an entry, and at a name or an address that was there
// before, with a CSVError; it holds a line at a time, and 8 bytes of each name.
func ReadCSV(r io.Reader, each func(ListLine) error) error {
	lines := bufio.NewReaderSize(r, maxListLine)
	seen := map[uint64]int{}
	for number := 1; ; number++ {
		if number > maxListRows {
			return &CSVError{number, fmt.Sprintf("more than %d lines", maxListRows)}
		}
		text, err := lines.ReadSlice('\n')
		if err == bufio.ErrBufferFull {
			return &CSVError{number, fmt.Sprintf("longer than %d bytes", maxListLine)}
		}
		if err != nil && err != io.EOF {
			return err
		}
		if number == 1 {
			text = bytes.TrimPrefix(text, []byte("\ufeff"))
		}
		if len(bytes.TrimSpace(text)) > 0 {
			line, bad := readCSVLine(string(text))
			switch {
			case bad != "" && number == 1 && isHeading(string(text)):
			case bad != "":
				return &CSVError{number, bad}
			default:
				key := line.Name
				if line.Address != nil {
					key = string(line.Address[:])
				}
				h := contract.TaggedHash("hongbao/csv", []byte(key))
				id := uint64(h[0])<<56 | uint64(h[1])<<48 | uint64(h[2])<<40 | uint64(h[3])<<32 |
					uint64(h[4])<<24 | uint64(h[5])<<16 | uint64(h[6])<<8 | uint64(h[7])
				if before, twice := seen[id]; twice {
					return &CSVError{number, fmt.Sprintf("the same claimer as on line %d", before)}
				}
				seen[id] = number
				if err := each(*line); err != nil {
					return err
				}
			}
		}
		if err == io.EOF {
			return nil
		}
	}
}

// headings are what stands above the amounts. Any other first line that is no entry is
// refused: it may be one with an amount that was mistyped.
var headings = []string{"amount", "金额", "金額"}

func isHeading(text string) bool {
	fields, err := csv.NewReader(strings.NewReader(text)).Read()
	return err == nil && len(fields) > 1 && slices.Contains(headings, strings.ToLower(strings.TrimSpace(fields[1])))
}

// readCSVLine reads an entry, or says what is wrong with it.
func readCSVLine(text string) (line *ListLine, bad string) {
	reader := csv.NewReader(strings.NewReader(text))
	reader.FieldsPerRecord = -1
	fields, err := reader.Read()
	if err != nil {
		return nil, "quotes that do not end on it"
	}
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	for len(fields) > 2 && fields[len(fields)-1] == "" {
		fields = fields[:len(fields)-1]
	}
	if len(fields) < 2 || len(fields) > 3 {
		return nil, fmt.Sprintf("%d columns: write a name or an address, and an amount", len(fields))
	}
	line = new(ListLine)
	if line.Amount, err = contract.ParseAmount(fields[1]); err != nil {
		return nil, "its amount is not one: write it like 8.88, without commas"
	}
	if line.Amount == 0 {
		return nil, "its amount is zero"
	}
	line.Name = fields[0]
	if strings.HasPrefix(fields[0], "hb1") {
		a, err := contract.ParseAddress(fields[0])
		if err != nil {
			return nil, "its address is damaged"
		}
		line.Address, line.Name = &a, ""
		if len(fields) == 3 {
			line.Name = fields[2]
		}
	} else if len(fields) == 3 {
		return nil, "a third column beside a name"
	}
	return line, badName(line)
}

// badName says what is wrong with a name, empty when nothing is. What a spreadsheet
// would take for a formula is refused: the name comes back in other tables.
func badName(l *ListLine) string {
	switch name := l.Name; {
	case name == "" && l.Address == nil:
		return "no name and no address"
	case len(name) > maxListName:
		return fmt.Sprintf("a name longer than %d bytes", maxListName)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return "its name is not text"
	case name != "" && strings.ContainsRune("=+-@", rune(name[0])):
		return "its name begins as a formula does"
	}
	return ""
}
