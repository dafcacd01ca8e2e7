package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hongbao/client"
	"hongbao/client/files"
	"hongbao/contract"
)

// eventJSON is an entry of the history that is followed.
type eventJSON struct {
	Seq    uint64             `json:"seq"`
	Height int64              `json:"height"`
	Time   contract.Time      `json:"time"`
	Kind   string             `json:"kind"`
	Packet *contract.PacketID `json:"packet,omitempty"`
	Share  uint32             `json:"share,omitempty"`
	Amount *files.Fen         `json:"amount_fen,omitempty"`
	Reason contract.Reason    `json:"reason,omitempty"`
	Tx     *contract.Hash     `json:"tx,omitempty"`
}

// heartbeat is how often a stream without news shows that it lives.
const heartbeat = 15 * time.Second

// events follows a packet or an account, as server-sent events. An event's id is the
// cursor behind it: who comes back with it misses nothing and hears nothing twice.
func (a *api) events(w http.ResponseWriter, r *http.Request, c *client.Client) {
	watched, after, err := followed(r)
	if err != nil {
		a.fail(w, r, 0, err)
		return
	}
	out := http.NewResponseController(w)
	begun := false
	var spoke time.Time
	tell := func(format string, args ...any) bool {
		if !begun {
			begun = true
			w.Header().Set("Content-Type", "text/event-stream")
		}
		spoke = time.Now()
		_ = out.SetWriteDeadline(spoke.Add(writeWithin)) // not in a test's recorder
		_, err := fmt.Fprintf(w, format, args...)
		return err == nil && out.Flush() == nil
	}
	for look, err := range c.WatchAfter(r.Context(), watched, after) {
		switch {
		case err != nil && !begun:
			a.fail(w, r, 0, err)
			return
		case err != nil:
			shown, _ := a.Fault(err, langOf(r))
			tell("event: fault\ndata: %s\n\n", encoded(shown))
			return
		}
		if !begun && !tell("id: %s\nevent: at\ndata: %s\n\n", look.Begin, encoded(at(look.At))) {
			return
		}
		for i := range look.Entries {
			e := &look.Entries[i]
			j := eventJSON{Seq: e.Seq, Height: e.Height, Time: e.Time, Kind: e.Kind.String(), Packet: e.Packet,
				Share: e.Share, Reason: e.Reason, Tx: e.Tx}
			if e.Posting != nil {
				amount := files.Fen(e.Posting.Amount)
				j.Amount = &amount
			}
			behind := client.Cursor{Height: e.Height, Index: e.Seq + 1}
			if !tell("id: %s\nevent: entry\ndata: %s\n\n", behind, encoded(j)) {
				return
			}
		}
		if time.Since(spoke) > heartbeat && !tell(": block %d\n\n", look.At.Height) {
			return
		}
	}
}

func encoded(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // a programmer's error
	}
	return b
}

// followed is what a request wants to follow, and from which cursor on; nil: from now.
func followed(r *http.Request) (w client.Watched, after *client.Cursor, err error) {
	subject := r.URL.Query().Get("subject")
	if strings.HasPrefix(subject, "hb1") {
		w.Account, err = contract.ParseAddress(subject)
	} else {
		w.Packet, err = contract.ParsePacketID(subject)
	}
	if err != nil {
		return w, nil, err
	}
	text := r.Header.Get("Last-Event-ID") // of a browser that comes back
	if text == "" {
		text = r.URL.Query().Get("after")
	}
	if text == "" {
		return w, nil, nil
	}
	height, index, ok := strings.Cut(text, ".")
	after = new(client.Cursor)
	var bad error
	after.Height, bad = strconv.ParseInt(height, 10, 64)
	if bad == nil {
		after.Index, bad = strconv.ParseUint(index, 10, 64)
	}
	if !ok || bad != nil || after.Height < 0 || after.String() != text {
		return w, nil, usagef("after %q: not a cursor, such as 12.3", text)
	}
	return w, after, nil
}
