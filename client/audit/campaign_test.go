package audit

import (
	"flag"
	"fmt"
	"hash/maphash"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// campaign makes TestMutationCampaign judge every mutant:
//
//	go test ./client/audit -campaign -run TestMutationCampaign -timeout 60m -v
var campaign = flag.Bool("campaign", false,
	"judge every mutant of every vector, more than a million, instead of a few of each sort")

// mutantsTo takes what the campaign judges to the second verifier:
//
//	go test ./client/audit -run TestMutationCampaign -mutants /FOLDER
//	node docs/verifier/vectors.js testdata/vectors /FOLDER
var mutantsTo = flag.String("mutants", "", "write the mutants and their verdicts into this folder, as vectors")

const (
	leastMutants = 1_000_000
	fewMutants   = 4 // of each sort and vector without -campaign, and one with -short
)

// sample is a good vector, and the chain that it was made on.
type sample struct {
	name  string
	bytes []byte
	file  *File // for reading; copy is for changing
	world *world
}

func (s *sample) copy() *File {
	f, err := Decode(s.bytes)
	if err != nil {
		panic(err)
	}
	return f
}

// mutation is a way to spoil a vector. mutants calls try for every mutant, in an
// order that never changes; write makes it, and nil means that it cannot be
// written. Unless truth says otherwise, a mutant may only be accepted if
// [isTrue].
type mutation struct {
	name    string
	mutants func(c *samples, s *sample, try func(write func() []byte))
	truth   func(s *sample, mutant []byte) bool
}

var mutations = slices.Concat(bytesMutations, fieldMutations, historyMutations, chainMutations, valueMutations,
	spellingMutations, lawlessMutations)

// samples are all good vectors, and what the validators signed on the way to
// them.
type samples struct {
	all    []*sample
	signed map[string]signedState
	values pools
}

func newSamples(t testing.TB) *samples {
	c := &samples{signed: map[string]signedState{}}
	add := func(name string, tell func(testing.TB) *File) {
		w := &witness{TB: t}
		file := tell(w)
		s := &sample{name: name, bytes: encode(t, file), file: file, world: newWorld(w.chain)}
		for height, h := range s.world.headers {
			if name := headerBytes(h.Header); c.signed[name].world == nil {
				c.signed[name] = signedState{s.world, height}
			}
		}
		if !isTrue(c.signed, s.bytes) {
			t.Fatalf("%s: what is true does not know it", name)
		}
		c.all = append(c.all, s)
	}
	for _, s := range stories {
		add(s.name, s.tell)
	}
	for _, s := range kindStories {
		add(s.name, s.tell)
	}
	c.values = collect(c.all)
	return c
}

// tally is what became of the mutants of one sort.
type tally struct {
	judged, same, unwritable, true int
	refused                        map[string]int // by the check that failed
}

func (t *tally) add(o tally) {
	t.judged, t.same, t.unwritable, t.true = t.judged+o.judged, t.same+o.same, t.unwritable+o.unwritable, t.true+o.true
	for step, n := range o.refused {
		t.refused[step] += n
	}
}

// No change of a proof is accepted unless what it then says is true as well, and
// none makes the verifier stumble.
func TestMutationCampaign(t *testing.T) {
	c := newSamples(t)
	j := &judge{t: t, samples: c, trust: newValidators(10, 10, 10, 10).trust(), groups: map[*sample]*vectorGroup{}}
	for _, s := range c.all {
		j.seen.add(s.bytes)
	}
	type job struct {
		mutation
		*sample
	}
	jobs, results, done := make(chan job), make([]tally, len(mutations)), make([]int, len(mutations))
	var workers sync.WaitGroup
	var mu sync.Mutex
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for job := range jobs {
				got := j.judgeAll(job.mutation, job.sample)
				mu.Lock()
				i := slices.IndexFunc(mutations, func(m mutation) bool { return m.name == job.mutation.name })
				if results[i].refused == nil {
					results[i].refused = map[string]int{}
				}
				results[i].add(got)
				if done[i]++; done[i] == len(c.all) {
					t.Log(row(job.mutation.name, results[i]))
				}
				mu.Unlock()
			}
		})
	}
	for _, m := range mutations {
		for _, s := range c.all {
			jobs <- job{m, s}
		}
	}
	close(jobs)
	workers.Wait()
	for s, g := range j.groups {
		g.write(t, filepath.Join(*mutantsTo, s.name+".json"))
	}
	report(t, results, j.panics, j.accepted)
}

func report(t *testing.T, results []tally, panics, accepted int) {
	all := tally{refused: map[string]int{}}
	for i, r := range results {
		all.add(r)
		if r.judged == 0 {
			t.Errorf("%s: no mutant", mutations[i].name)
		}
	}
	t.Log(row("all", all))
	t.Logf("%d mutants of %d sorts: %d refused, %d true, %d false accepts, %d panics "+
		"(%d more were repetitions, %d cannot be written)",
		all.judged, len(mutations), all.judged-all.true-accepted-panics, all.true, accepted, panics, all.same,
		all.unwritable)
	if *campaign && all.judged < leastMutants {
		t.Errorf("%d mutants, expected %d", all.judged, leastMutants)
	}
}

// row is a line of the table: how many mutants of a sort were judged, how many of
// those were true, and which checks refused the others.
func row(name string, r tally) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-64s %8d  true %5d ", name, r.judged, r.true)
	for _, step := range slices.Sorted(maps.Keys(r.refused)) {
		fmt.Fprintf(&b, "  %s %d", step, r.refused[step])
	}
	return b.String()
}

// judge verifies mutants.
type judge struct {
	t       *testing.T
	samples *samples
	trust   *Trust
	seen    seen

	mu               sync.Mutex
	panics, accepted int
	groups           map[*sample]*vectorGroup // where they are to be written
}

// judgeAll judges the mutants of one sort of one vector: all, or a few evenly
// spread.
func (j *judge) judgeAll(m mutation, s *sample) tally {
	r, total, n := tally{refused: map[string]int{}}, 0, 0
	stride := 1
	if !*campaign {
		m.mutants(j.samples, s, func(func() []byte) { total++ })
		few := fewMutants
		if testing.Short() {
			few = 1
		}
		stride = total/few + 1
	}
	m.mutants(j.samples, s, func(write func() []byte) {
		if n++; (n-1)%stride == (stride-1)/2 {
			j.one(m, s, n, write, &r)
		}
	})
	return r
}

func (j *judge) one(m mutation, s *sample, n int, write func() []byte, r *tally) {
	mutant := written(write)
	switch {
	case mutant == nil:
		r.unwritable++
		return
	case !j.seen.add(mutant):
		r.same++
		return
	}
	r.judged++
	report, panicked := j.verify(mutant)
	if *mutantsTo != "" {
		j.note(s, fmt.Sprintf("%s, mutant %d", m.name, n), mutant, report)
	}
	switch {
	case panicked != nil:
		j.fail(&j.panics, "%s, %s, mutant %d: panics: %v", m.name, s.name, n, panicked)
	case report.Verdict != Valid:
		r.refused[report.Checks[len(report.Checks)-1].Name]++
	case m.truth == nil && isTrue(j.samples.signed, mutant) || m.truth != nil && m.truth(s, mutant):
		r.true++
	default:
		j.fail(&j.accepted, "%s, %s, mutant %d: accepted: %s", m.name, s.name, n, Statement(false, report))
	}
}

// verify judges a mutant without the net that [Verify] hangs under it.
func (j *judge) verify(mutant []byte) (r Report, panicked any) {
	defer func() { panicked = recover() }()
	return verify(mutant, j.trust, Options{}), nil
}

// note keeps a mutant as a vector.
func (j *judge) note(s *sample, desc string, mutant []byte, r Report) {
	base := strings.SplitAfter(string(s.bytes), "\n")
	v := &vector{Desc: desc, Proof: diff(base, mutant)}
	v.fill(j.t, r)
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.groups[s] == nil {
		j.groups[s] = &vectorGroup{Desc: s.name, Base: base}
	}
	j.groups[s].Cases = append(j.groups[s].Cases, v)
}

// fail tells of the first few of what must not be.
func (j *judge) fail(count *int, format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if *count++; *count <= 20 {
		j.t.Errorf(format, args...)
	}
}

// written is what write makes; a value that no encoder takes cannot be sent
// either.
func written(write func() []byte) (b []byte) {
	defer func() {
		if recover() != nil {
			b = nil
		}
	}()
	return write()
}

// seen remembers files by their hash, so that none is counted twice.
type seen struct {
	shards [64]struct {
		mu   sync.Mutex
		have map[uint64]bool
	}
}

var seenSeed = maphash.MakeSeed()

// add reports whether b is new.
func (s *seen) add(b []byte) bool {
	h := maphash.Bytes(seenSeed, b)
	shard := &s.shards[h%uint64(len(s.shards))]
	shard.mu.Lock()
	defer shard.mu.Unlock()
	if shard.have == nil {
		shard.have = map[uint64]bool{}
	}
	if shard.have[h] {
		return false
	}
	shard.have[h] = true
	return true
}

// write is a mutant's bytes, or nil where a file cannot hold it.
func (f *File) write() []byte {
	b, err := f.Encode()
	if err != nil {
		return nil
	}
	return b
}

// changed makes a mutant of a file by a change that restores what it changes.
func changed(f *File, change func() (restore func())) func() []byte {
	return func() []byte {
		restore := change()
		defer restore()
		return f.write()
	}
}

// put is the change of one value into another.
func put[T any](at *T, v T) func() (restore func()) {
	return func() func() {
		old := *at
		*at = v
		return func() { *at = old }
	}
}

// key is that of the leaf a file is about.
func (s *sample) key() []byte {
	v := &verifier{file: s.file}
	if err := v.readSubject(); err != nil {
		panic(err)
	}
	return v.key
}
