package node

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"hongbao/contract"
	"hongbao/internal/testchain"
)

// Profiles are served where the operator asked for them, and only then.
func TestProfilesAreServedWhenAskedFor(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a node")
	}
	home := filepath.Join(t.TempDir(), "node")
	state := contract.Genesis{Params: contract.DefaultParams(),
		Accounts: []contract.GenesisAccount{{Address: testchain.Address("rich"), Balance: 1_000}}}
	_, err := Init(home, InitOptions{Name: "solo", ChainID: "profiles-1", State: state})
	must(t, err)
	usePorts(t, home)
	port := freePorts(t, 1)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, home, Options{Log: io.Discard, PprofPort: port}) }()
	defer func() { cancel(); must(t, <-ended) }()
	url := fmt.Sprintf("http://127.0.0.1:%d/debug/pprof/cmdline", port)
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		res, err := http.Get(url)
		if err == nil {
			res.Body.Close()
			if res.StatusCode != http.StatusOK {
				t.Errorf("%s: %s", url, res.Status)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}
