package main

import (
	"cmp"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"

	"hongbao/contract"
)

// field is a line of the manual about a command's JSON.
type field struct {
	name  string // its path: shares[].amount_fen
	kind  string // string, number, bool, object, or a list of these
	null  bool   // may be null
	gone  bool   // may be absent
	means string

	quoted bool // a number, written as a string
}

// glossary says what fields mean that mean the same everywhere. A comment
// beside a field says what it means there.
var glossary = map[string]string{
	"account":            "hb1…",
	"at":                 "since when",
	"closing_fen":        "after the last entry",
	"closing_held_fen":   "after the last entry",
	"entries":            "how many",
	"facts.account.from": "seq of the first entry",
	"facts.recall.at":    "when",
	"opening_fen":        "before the first entry",
	"opening_held_fen":   "before the first entry",
	"out_fen":            "likewise",
	"recalled_fen":       "how much of the rest was recalled",
	"recalled_for":       "why it was recalled",
	"refunded_fen":       "how much went back at expiry",
	"renounced":          "nobody can recall anything any more",
	"subject":            "what it is about",
	"submitter":          "whose transaction it was",
	"wallets_fen":        "the sum of all balances",
	"address":            "hb1…",
	"amount_fen":         "how much, in fen",
	"asked_at":           "block time",
	"balance_fen":        "what can be spent",
	"chain_id":           "the chain's name",
	"detail":             "what was found",
	"claim":              "the claim rule",
	"claimed_at":         "block time of the claim",
	"claimer":            "hb1…",
	"clause_text":        "the clause as it was signed",
	"closed":             "when it stopped being open",
	"code":               "stable; `hongbao error CODE` explains it",
	"created":            "block time of the send",
	"dry_run":            "true",
	"escrow_fen":         "what is unclaimed",
	"exit":               "the exit code",
	"expires":            "when what is unclaimed goes back",
	"expiry_seconds":     "after how long it expires",
	"file":               "where it was written",
	"final_since":        "since when nobody can take it back",
	"from":               "who it came from: hb1…, hb1…/hold, rp1… or genesis",
	"genesis_hash":       "of the genesis file",
	"height":             "of the block; null while it is in none",
	"held_fen":           "claimed, and not its own yet",
	"hint":               "what to do",
	"hold_seconds":       "how long a claimed share is held",
	"index":              "from 1, in the order of claims",
	"kind": "genesis, pay, send, reserve, draw, claim, settle, recall, return, refund, ask, refuse, " +
		"lapse or tighten",
	"lapses_at":        "until when it can be answered",
	"link":             "its holder can claim",
	"memo":             "the sender's words, checked against what was signed",
	"memo_commitment":  "the salted hash of the memo",
	"message":          "for people; its words may change",
	"name":             "as this home knows it",
	"ok":               "false: it failed",
	"nonce":            "of the account's next transaction",
	"number":           "of the contract's codes",
	"open_packets":     "packets it sent that are still open",
	"others_until":     "until when others can take it back",
	"packet":           "rp1…",
	"phase":            "of the block: genesis, draw, due or tx",
	"proof":            "in hex",
	"reason":           "ISO 20022: DUPL, AM09, AC03, FRAD, CUST or TECH",
	"recall":           "clauses",
	"recallable_until": "until when the unclaimed rest could be recalled",
	"retry_at":         "when the same may succeed",
	"scene":            "the template that the terms equal; empty: none",
	"send_tx":          "the transaction that signed the terms",
	"sender":           "hb1…",
	"seq":              "from 0, without gaps",
	"settles_at":       "when a held share becomes its claimer's own",
	"share":            "from 1",
	"share_count":      "how many shares there are",
	"shares":           "how many shares there are",
	"split":            "equal or lucky",
	"state":            "of the share: reserved, held, settled, recalled or returned",
	"statement":        "what is proven, in words",
	"status":           "open, full, recalled or expired",
	"terms_hash":       "what a claim signs",
	"time":             "of the block",
	"to":               "who has it now: hb1…, hb1…/hold or rp1…",
	"total_fen":        "of all shares",
	"tx":               "its hash",
	"valid_until":      "after this it can no longer happen",
	"validators":       "how many there are",
	"verdict":          "valid, invalid or untrusted",
	"verified":         "true only where a proof was checked, with --trust",
}

// fieldsOf are the fields of a command's result, in order.
func fieldsOf(t *testing.T, result any) []field {
	w := fieldWalk{t: t}
	w.object("", reflect.TypeOf(result))
	for _, f := range w.fields {
		if found := goName.FindString(f.means); found != "" {
			t.Errorf("%s: %q is a name in the source, and means nothing to a reader", f.name, found)
		}
	}
	return w.fields
}

type fieldWalk struct {
	t      *testing.T
	fields []field
}

// sourceComments are those beside fields, by folder and Type.Field, of the
// folders that were read.
var sourceComments = map[string]map[string]string{}

func (w *fieldWalk) object(prefix string, typ reflect.Type) {
	for i := range typ.NumField() {
		f := typ.Field(i)
		name, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			embedded := f.Type
			first := len(w.fields)
			if embedded.Kind() == reflect.Pointer {
				embedded = embedded.Elem()
			}
			w.object(prefix, embedded)
			for i := range w.fields[first:] {
				w.fields[first+i].gone = w.fields[first+i].gone || strings.Contains(opts, "omitempty")
			}
			continue
		case name == "-" || !f.IsExported():
			continue
		}
		means := w.comment(typ, f.Name)
		if means == "" && !holdsFields(f.Type) { // whose fields say it
			means = cmp.Or(glossary[prefix+name], glossary[name])
		}
		w.field(prefix+name, f.Type, field{
			quoted: strings.Contains(opts, "string"), gone: strings.Contains(opts, "omitempty"), means: means,
		})
	}
}

// field adds a field and, of an object or a list of them, those inside.
func (w *fieldWalk) field(name string, typ reflect.Type, f field) {
	f.name = name
	if typ.Kind() == reflect.Pointer {
		typ, f.null = typ.Elem(), !f.gone
	}
	inner, list := typ, ""
	for inner.Kind() == reflect.Slice && !isText(inner) {
		inner, list, name = inner.Elem(), "list of "+list, name+"[]"
	}
	if f.kind = list + jsonKind(w.t, inner); f.quoted {
		f.kind = "string"
	}
	w.fields = append(w.fields, f)
	if f.means == "" && !holdsFields(typ) {
		w.t.Errorf("%s of %s: nothing says what it means: a comment beside it, or the glossary", f.name, typ)
	}
	if holdsFields(inner) {
		w.object(name+".", inner)
	}
}

// holdsFields reports whether a type is an object with fields of its own, or a
// list of such.
func holdsFields(typ reflect.Type) bool {
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
		typ = typ.Elem()
	}
	return typ.Kind() == reflect.Struct && !isText(typ)
}

// isText reports whether a type writes itself as a JSON string.
func isText(typ reflect.Type) bool {
	text := reflect.TypeFor[interface{ MarshalText() ([]byte, error) }]()
	return typ.Implements(text) || reflect.PointerTo(typ).Implements(text)
}

// jsonKind is what a value of a type is in JSON, as its encoding has it.
func jsonKind(t *testing.T, typ reflect.Type) string {
	if holdsFields(typ) || typ.Kind() == reflect.Map {
		return "object"
	}
	v := reflect.New(typ)
	if typ == reflect.TypeFor[contract.Time]() {
		v.Elem().SetInt(1)
	}
	b, err := json.Marshal(v.Interface())
	if err != nil {
		t.Fatalf("%s: %v", typ, err)
	}
	return kindOf(b)
}

func kindOf(b []byte) string {
	switch {
	case b[0] == '"':
		return "string"
	case b[0] == '{':
		return "object"
	case b[0] == '[':
		return "list"
	case string(b) == "true" || string(b) == "false":
		return "bool"
	case string(b) == "null":
		return "null"
	}
	return "number"
}

// comment is what stands beside or above a field in the source.
func (w *fieldWalk) comment(typ reflect.Type, name string) string {
	folder := strings.TrimPrefix(typ.PkgPath(), "hongbao/")
	if sourceComments[folder] == nil {
		sourceComments[folder] = map[string]string{}
		eachFile(w.t, func(path string, _ *ast.File) {
			if path[:max(0, strings.LastIndex(path, "/"))] == folder {
				fieldComments(w.t, path, sourceComments[folder])
			}
		})
	}
	return sourceComments[folder][typ.Name()+"."+name]
}

func fieldComments(t *testing.T, path string, into map[string]string) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if s, ok := spec.Type.(*ast.StructType); ok {
			for _, f := range s.Fields.List {
				for _, name := range f.Names {
					text := f.Doc.Text() + f.Comment.Text()
					into[spec.Name.Name+"."+name.Name] = strings.Join(strings.Fields(text), " ")
				}
			}
		}
		return true
	})
}
