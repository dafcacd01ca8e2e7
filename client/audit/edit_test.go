package audit

import (
	"math"
	"reflect"
	"slices"
	"time"

	"hongbao/contract"

	ics23 "github.com/cosmos/ics23/go"
)

// editor visits the ways in which a value, or a value inside it, becomes
// another of its type: numbers one more and one less, an item dropped, repeated
// or moved, a hash or signature of somewhere else. Each is visited as a change
// that restores what it changed.
type editor struct {
	pools pools
	visit func(change func() (restore func()))
}

// pools are values found in the vectors, by their type.
type pools map[reflect.Type][]reflect.Value

const fromPool = 6 // other values that a value is replaced by

var timeType = reflect.TypeFor[time.Time]()

func (e *editor) set(v, to reflect.Value) {
	if reflect.DeepEqual(v.Interface(), to.Interface()) {
		return
	}
	e.visit(func() func() {
		old := reflect.New(v.Type()).Elem()
		old.Set(v)
		v.Set(to)
		return func() { v.Set(old) }
	})
}

// edit visits the changes of v, which must be settable.
func (e *editor) edit(v reflect.Value) {
	switch {
	case v.Type() == timeType:
		t := v.Interface().(time.Time)
		for _, to := range []time.Time{t.Add(1), t.Add(-1), t.Add(time.Second), t.Add(-time.Hour), {}} {
			e.set(v, reflect.ValueOf(to))
		}
		return
	case v.Kind() == reflect.Array || v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		e.editBytes(v)
	}
	e.others(v)
	switch v.Kind() {
	case reflect.Bool:
		e.set(v, reflect.ValueOf(!v.Bool()).Convert(v.Type()))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		x := v.Int()
		for _, to := range []int64{x + 1, x - 1, 0, -x, x * 2, x + 60e9, x - 60e9, math.MaxInt64, math.MinInt64} {
			e.set(v, reflect.ValueOf(to).Convert(v.Type()))
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		x := v.Uint()
		for _, to := range []uint64{x + 1, x - 1, 0, x * 2, x + 100, uint64(contract.MaxAmount), math.MaxUint64} {
			e.set(v, reflect.ValueOf(to).Convert(v.Type()))
		}
	case reflect.String:
		for _, to := range []string{"", v.String() + "x", "DUPL", "FRAD", "friends"} {
			e.set(v, reflect.ValueOf(to).Convert(v.Type()))
		}
	case reflect.Pointer:
		e.editPointer(v)
	case reflect.Interface:
		e.editInterface(v)
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.Uint8 {
			e.editList(v)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				e.edit(v.Field(i))
			}
		}
	}
}

// others puts some of the values of the same type in v's place.
func (e *editor) others(v reflect.Value) {
	pool := e.pools[v.Type()]
	for i := range min(fromPool, len(pool)) {
		e.set(v, pool[(i*7919+len(pool)/2)%len(pool)])
	}
}

func (e *editor) editBytes(v reflect.Value) {
	for _, at := range []int{0, v.Len() / 2, v.Len() - 1} {
		if at < 0 || at >= v.Len() {
			continue
		}
		b := v.Index(at)
		for _, mask := range []uint64{1, 0x80} {
			if b.Kind() == reflect.Uint8 {
				e.set(b, reflect.ValueOf(byte(b.Uint()^mask)))
			}
		}
	}
	e.set(v, reflect.Zero(v.Type()))
	if v.Kind() == reflect.Slice && v.Len() > 0 {
		e.set(v, v.Slice(0, v.Len()-1))
		e.set(v, v.Slice(1, v.Len()))
		e.set(v, reflect.ValueOf(append(slices.Clone(v.Bytes()), 0)))
		e.set(v, reflect.ValueOf(append(slices.Clone(v.Bytes()), v.Bytes()...)))
	}
}

func (e *editor) editPointer(v reflect.Value) {
	if v.IsNil() {
		e.set(v, reflect.New(v.Type().Elem()))
		return
	}
	e.set(v, reflect.Zero(v.Type()))
	e.edit(v.Elem())
}

// editInterface changes a copy of what is inside, or what its pointer leads to.
func (e *editor) editInterface(v reflect.Value) {
	if v.IsNil() {
		return
	}
	if v.Elem().Kind() == reflect.Pointer {
		e.edit(v.Elem().Elem())
		return
	}
	inside := reflect.New(v.Elem().Type()).Elem()
	inside.Set(v.Elem())
	deeper := &editor{pools: e.pools, visit: func(change func() func()) {
		e.visit(func() func() {
			restore, old := change(), reflect.New(v.Type()).Elem()
			old.Set(v)
			v.Set(inside)
			return func() { restore(); v.Set(old) }
		})
	}}
	deeper.edit(inside)
}

func (e *editor) editList(v reflect.Value) {
	n := v.Len()
	list := func(items ...int) {
		to := reflect.MakeSlice(v.Type(), 0, len(items))
		for _, i := range items {
			to = reflect.Append(to, v.Index(i))
		}
		e.set(v, to)
	}
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	for i := range n {
		list(slices.Delete(slices.Clone(all), i, i+1)...)
		list(slices.Insert(slices.Clone(all), n, i)...)
		list(slices.Insert(slices.Clone(all), i, i)...)
		for j := range i {
			swapped := slices.Clone(all)
			swapped[i], swapped[j] = swapped[j], swapped[i]
			list(swapped...)
		}
	}
	list()
	e.set(v, reflect.Append(v.Slice3(0, n, n), reflect.Zero(v.Type().Elem())))
	for _, x := range e.pools[v.Type().Elem()][:min(fromPool, len(e.pools[v.Type().Elem()]))] {
		e.set(v, reflect.Append(v.Slice3(0, n, n), x))
	}
	for i := range n {
		e.edit(v.Index(i))
	}
}

// pooled are the types of which one value may stand in another's place.
var pooled = []reflect.Type{
	reflect.TypeFor[contract.Address](), reflect.TypeFor[contract.Hash](), reflect.TypeFor[contract.PacketID](),
	reflect.TypeFor[contract.Signature](), reflect.TypeFor[[20]byte](), reflect.TypeFor[[32]byte](),
	reflect.TypeFor[[80]byte](), reflect.TypeFor[*contract.Hash](), reflect.TypeFor[*contract.PacketID](),
	reflect.TypeFor[contract.Place](), reflect.TypeFor[*contract.Posting](), reflect.TypeFor[contract.Share](),
	reflect.TypeFor[contract.Terms](), reflect.TypeFor[contract.Clause](), reflect.TypeFor[contract.Rule](),
	reflect.TypeFor[contract.Cond](), reflect.TypeFor[contract.Consent](), reflect.TypeFor[contract.Tightening](),
	reflect.TypeFor[*contract.Asked](), reflect.TypeFor[contract.History](), reflect.TypeFor[contract.Message](),
	reflect.TypeFor[contract.Reason](), reflect.TypeFor[contract.Amount](), reflect.TypeFor[contract.Time](),
	reflect.TypeFor[[]byte](), reflect.TypeFor[*ics23.InnerOp](), reflect.TypeFor[*ics23.LeafOp](),
	reflect.TypeFor[*ics23.ExistenceProof](),
}

// collect finds the values of the pooled types in all vectors.
func collect(all []*sample) pools {
	p := pools{}
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		if t := v.Type(); slices.Contains(pooled, t) && !(v.Kind() == reflect.Pointer && v.IsNil()) {
			if !slices.ContainsFunc(p[t], func(x reflect.Value) bool {
				return reflect.DeepEqual(x.Interface(), v.Interface())
			}) {
				p[t] = append(p[t], v)
			}
		}
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Slice:
			if v.Type().Elem().Kind() != reflect.Uint8 {
				for i := range v.Len() {
					walk(v.Index(i))
				}
			}
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() && v.Type() != timeType {
					walk(v.Field(i))
				}
			}
		}
	}
	for _, s := range all {
		for _, in := range s.insides() {
			walk(reflect.ValueOf(in.value))
		}
	}
	return p
}
