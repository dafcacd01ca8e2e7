package web

import (
	"net/http"
	"strconv"
	"strings"

	"hongbao/client"
	"hongbao/client/audit"
	"hongbao/contract"
)

// proof makes the proof file of a subject, which nothing here judges.
func (a *api) proof(r *http.Request, c *client.Client) (any, error) {
	s, err := subjectOf(r)
	if err != nil {
		return nil, err
	}
	if s.Kind == audit.KindShare && s.Share == 0 { // of a large packet: the one that an account claimed
		if s.Share, err = c.Node().ShareOf(r.Context(), s.Packet, s.Account); err != nil {
			return nil, err
		}
		if s.Share == 0 {
			return nil, contract.Errorf(contract.CodeUnknownShare, "packet %s: %s has no share", s.Packet, s.Account)
		}
	}
	return c.Prove(r.Context(), s)
}

// kinds are those of which a proof can be asked for, and what its subject is.
var kinds = map[audit.Kind]string{
	audit.KindPacket: "packet", audit.KindShare: "share", audit.KindRecall: "packet or share",
	audit.KindUnrecalled: "packet", audit.KindAccount: "account", audit.KindAbsent: "packet or account",
	audit.KindSupply: "supply",
}

func subjectOf(r *http.Request) (s client.Subject, err error) {
	q := r.URL.Query()
	s.Kind = audit.Kind(q.Get("kind"))
	what, ok := kinds[s.Kind]
	if !ok {
		return s, usagef("kind %q: no kind of proof", q.Get("kind"))
	}
	text := q.Get("subject")
	switch {
	case what == "supply":
		return s, nil
	case strings.HasPrefix(text, "hb1") && strings.Contains(what, "account"):
		s.Account, err = contract.ParseAddress(text)
		if err == nil && what == "account" {
			s.Part.From, err = number(q.Get("from"))
		}
		if err == nil && what == "account" {
			s.Part.Until, err = number(q.Get("until"))
		}
		return s, err
	case what == "account":
		return s, usagef("subject %q: of kind %s it is an account", text, s.Kind)
	}
	id, share, numbered := strings.Cut(text, "/")
	if s.Packet, err = contract.ParsePacketID(id); err != nil {
		return s, err
	}
	if numbered != strings.Contains(what, "share") && (numbered || what == "share") {
		return s, usagef("subject %q: of kind %s it is a %s", text, s.Kind, what)
	}
	if s.Kind == audit.KindShare && strings.HasPrefix(share, "hb1") {
		s.Account, err = contract.ParseAddress(share)
		return s, err
	}
	if numbered {
		n, err := number(share)
		if err != nil || n == 0 || n > contract.MaxListed {
			return s, usagef("subject %q: has no share of that number", text)
		}
		s.Share = uint32(n)
	}
	return s, nil
}

func number(text string) (uint64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 48)
	if err != nil {
		return 0, usagef("%q: write a whole number, from 0 on", text)
	}
	return n, nil
}
