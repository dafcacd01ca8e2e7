package audit

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// goodFiles are the vectors that verify.
func goodFiles(t testing.TB) (files [][]byte) {
	t.Helper()
	var names []string
	for _, s := range stories {
		names = append(names, s.name)
	}
	for _, s := range kindStories {
		names = append(names, s.name)
	}
	for _, n := range names {
		b, err := os.ReadFile(filepath.Join(vectors, n+".proof"))
		must(t, err)
		files = append(files, b)
	}
	return files
}

// sameStory reports whether b tells one of the good stories. Votes aside: three
// of four are enough, so a file that lost one is as true as before.
func sameStory(t testing.TB, good [][]byte, b []byte) bool {
	story := func(b []byte) string {
		f, err := Decode(b)
		must(t, err)
		f.SignedHeader = nil
		return string(encode(t, f))
	}
	return slices.ContainsFunc(good, func(g []byte) bool { return story(g) == story(b) })
}

// Run both with -fuzzminimizetime=10x: shrinking files of some kilobytes, of
// which no shorter form is ever as good, would take up all of the time.

// FuzzProofFile looks for bytes that crash the verifier, or that it accepts
// though no validator ever signed for them.
func FuzzProofFile(f *testing.F) {
	good := goodFiles(f)
	for _, b := range good {
		f.Add(b)
	}
	trust := newValidators(10, 10, 10, 10).trust()
	f.Fuzz(func(t *testing.T, b []byte) {
		genuine := slices.ContainsFunc(good, func(g []byte) bool { return string(g) == string(b) })
		if r := verify(b, trust, Options{}); genuine != (r.Verdict == Valid) &&
			!(r.Verdict == Valid && sameStory(t, good, b)) {
			t.Fatalf("%s: %s", r.Verdict, Statement(false, r))
		}
		if r := verify(b, nil, Options{}); r.Verdict == Valid || genuine && r.Verdict != Untrusted {
			t.Fatalf("without trust %s: %s", r.Verdict, Statement(false, r))
		}
	})
}

// FuzzProofParts does the same below the spelling: one of a good file's byte
// strings is replaced, so that every decoder behind the JSON is reached.
func FuzzProofParts(f *testing.F) {
	good := goodFiles(f)
	for i, b := range good {
		file, err := Decode(b)
		must(f, err)
		for j, part := range parts(file) {
			f.Add(byte(i), byte(j), part)
		}
	}
	trust := newValidators(10, 10, 10, 10).trust()
	f.Fuzz(func(t *testing.T, i, j byte, part []byte) {
		original := good[int(i)%len(good)]
		file, err := Decode(original)
		must(t, err)
		at := []*[]byte{&file.SignedHeader, &file.LeafProof, &file.ClockProof}
		for _, list := range [][][]byte{file.Entries, file.Txs, file.Beacons} {
			for i := range list {
				at = append(at, &list[i])
			}
		}
		*at[int(j)%len(at)] = part
		b, err := file.Encode()
		if err != nil {
			return
		}
		genuine := string(b) == string(original)
		if r := verify(b, trust, Options{}); genuine != (r.Verdict == Valid) &&
			!(r.Verdict == Valid && sameStory(t, good, b)) {
			t.Fatalf("%s: %s", r.Verdict, Statement(false, r))
		}
		if r := verify(b, nil, Options{}); r.Verdict == Valid {
			t.Fatalf("without trust %s: %s", r.Verdict, Statement(false, r))
		}
	})
}

// parts are the byte strings of a file; changing them changes the file.
func parts(f *File) [][]byte {
	return slices.Concat([][]byte{f.SignedHeader, f.LeafProof, f.ClockProof}, f.Entries, f.Txs, f.Beacons)
}
