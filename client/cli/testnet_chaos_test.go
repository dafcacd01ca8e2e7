package cli

import (
	"testing"

	"hongbao/client/words"
	"hongbao/testnet/chaos"
)

// Every fault has a name for people, and every name a fault.
func TestEveryFaultHasAName(t *testing.T) {
	names := map[string]bool{}
	for _, r := range chaos.Planned(chaos.Config{Full: true}) {
		if names[r.Fault] = true; faultNames[r.Fault].In(words.English) == "" || r.Times == 0 {
			t.Errorf("%s has no name, or is never done", r.Fault)
		}
	}
	for fault := range faultNames {
		if !names[fault] {
			t.Errorf("there is no fault %s", fault)
		}
	}
}
