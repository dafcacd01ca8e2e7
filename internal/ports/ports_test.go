package ports

import (
	"fmt"
	"net"
	"testing"
)

func TestRow(t *testing.T) {
	seen := map[int]bool{}
	for _, count := range []int{2, 1, 8, 1, 40, 12, 12, 3, 1000} {
		base, err := Row(count)
		if err != nil || base < first || base+count > end {
			t.Fatalf("%d in a row: from %d, %v", count, base, err)
		}
		for p := base; p < base+count; p++ {
			if seen[p] || !Free(p) {
				t.Errorf("port %d is given twice, or taken", p)
			}
			seen[p] = true
		}
	}
	for _, count := range []int{-1, 0, 1001} {
		if _, err := Row(count); err == nil {
			t.Errorf("%d in a row: no error", count)
		}
	}
}

// A row goes around a port that a program listens at, and the range begins anew at its end.
func TestARowAvoidsWhatIsTaken(t *testing.T) {
	given.Store(end - first - 2) // the next row of 3 would be the last two ports and one beyond
	base, err := Row(3)
	if err != nil || base < first || base > end-3 {
		t.Fatalf("from %d, %v", base, err)
	}
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", base+4))
	if err != nil {
		t.Skip("another program has the port, which does as well")
	}
	defer l.Close()
	if next, err := Row(3); err != nil || next <= base+4 {
		t.Errorf("from %d, %v: port %d is taken", next, err, base+4)
	}
}
