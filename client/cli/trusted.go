package cli

// checked reports whether reads are to be verified: only a --trust that was
// given asks for it, for it costs a block. What the node answers is then made
// into the proof that `prove` would write, and judged as `verify` judges it.
func (s *Session) checked() bool { return s.Global.Trust != "" }
