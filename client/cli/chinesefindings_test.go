package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"hongbao/client/audit"
	"hongbao/client/evidence"
	"hongbao/client/submit"
	"hongbao/client/words"
)

// What a verification finds wrong with a node's answer is said in the reader's
// language, whichever command asked for it.
func TestAFindingBehindAnErrorIsSaidInChinese(t *testing.T) {
	lie := &evidence.AnswerError{Node: "http://127.0.0.1:1", Verdict: audit.Invalid, Check: audit.Check{Name: "header",
		Found: &audit.Finding{Code: "header", Values: map[string]any{"height": 7}, Cause: &audit.Finding{
			Code: "trust_chain", Values: map[string]any{"chain": "a-1", "want": "b-1"}}}}}
	old := *lie
	old.Verdict = audit.Untrusted
	for _, err := range []error{lie, &old, &submit.Unknown{Why: lie}, &submit.Unknown{Why: lie, Height: 7}} {
		for lang, want := range map[string]string{
			"en": " (header 7: the trust file is for chain a-1, the proof is of b-1)\n",
			"zh": " (区块头 7:信任文件是链 a-1 的,证明是链 b-1 的)\n",
		} {
			var stderr bytes.Buffer
			s := &Session{Stderr: &stderr, now: time.Now, Global: Global{Lang: lang, Home: t.TempDir()}}
			s.report(err)
			first, _, _ := strings.Cut(stderr.String(), "\n")
			if !strings.HasSuffix(first+"\n", want) {
				t.Errorf("%q, want %q at its end", first, want)
			}
			said := strings.NewReplacer("hongbao", "", "http://127.0.0.1:1", "", "a-1", "", "b-1", "").Replace(first)
			if word := english(said); lang == "zh" && word != "" {
				t.Errorf("%q says %q in English", first, word)
			}
		}
	}
}

func TestEveryProofHasAChineseName(t *testing.T) {
	for _, kind := range []audit.Kind{audit.KindPacket, audit.KindShare, audit.KindRecall, audit.KindUnrecalled,
		audit.KindAccount, audit.KindAbsent, audit.KindSupply, audit.KindLargeShare, audit.KindLargePacket,
		audit.KindUnclaimed} {
		if said := words.Proof(words.Chinese, string(kind), "rp1qqq…x4z"); said == "" || english(said) != "" {
			t.Errorf("a proof of kind %s: %q", kind, said)
		}
	}
}
