package node

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The README says what a proposer that is down costs a recall. A lost round
// waits for the block that does not come, and for votes about nothing.
func TestReadmeSaysWhatALostRoundCosts(t *testing.T) {
	c := DefaultConfig(t.TempDir()).Consensus
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	round := c.TimeoutPropose + c.TimeoutPrevote + c.TimeoutPrecommit
	want := fmt.Sprintf("%d s more for each proposer in a row", int(round.Seconds()))
	if text := strings.Join(strings.Fields(string(readme)), " "); !strings.Contains(text, want) ||
		round.Seconds() != float64(int(round.Seconds())) {
		t.Errorf("a lost round costs %s; README does not say %q", round, want)
	}
}
