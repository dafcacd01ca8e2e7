package client

import (
	"context"
	"fmt"
	"sync"
	"time"

	"hongbao/client/audit"
	"hongbao/client/evidence"
	"hongbao/client/rpc"
	"hongbao/client/submit"
	"hongbao/client/wallet"
	"hongbao/contract"
)

// DefaultWait is how long an outcome is waited for unless Options says otherwise.
const DefaultWait = 30 * time.Second

// NoWait in Options.Wait hands a transaction out and does not wait for its outcome.
const NoWait time.Duration = -1

// Options are how a Client reads and waits. The zero value believes the node and
// waits DefaultWait.
type Options struct {
	Chain string        // refuse a node of any other chain; empty: take the node's
	Trust *audit.Trust  // verify every read; nil: believe the node
	Wait  time.Duration // for an outcome, and for a node that Watch lost; 0: DefaultWait; or NoWait

	Now        func() time.Time // the reader's clock; nil: time.Now
	HeaderWait time.Duration    // for the header that signs the newest state; 0: evidence.HeaderWait
	Prompt     bool             // do not wait for that header where an older one will do: see evidence.Gatherer

	// These hear what a person who waits may want to know. Each may be nil.
	Fetched func(done, total int)         // transactions of a long proof, every thousand
	Newest  func(header time.Time)        // the time of each newest state that was verified
	Locked  func(account *wallet.Account) // another process holds the account's nonce
	Sent    func(tx contract.Hash)        // a signed transaction is about to leave
	Drawing func()                        // a share's amount is drawn in the next block
}

// Client asks one node of one chain. It may be used from several goroutines.
type Client struct {
	node    *rpc.Client
	first   rpc.Status
	options Options
	height  int64 // the state to read when verified; 0: the newest
	genesis *genesis
}

// At is the committed state that an answer speaks of: a block's height, and its
// time on the chain.
type At = rpc.At

// ChainError says that a node serves another chain than Options or the trust file
// names.
type ChainError struct {
	Node  string // its URL
	Chain string // which it serves
	Want  string // of Options.Chain, or of the trust file
	Trust bool   // Want is the trust file's
}

func (e *ChainError) Error() string {
	if e.Trust {
		return fmt.Sprintf("node %s: serves chain %q, the trust file is of %q", e.Node, e.Chain, e.Want)
	}
	return fmt.Sprintf("node %s: serves chain %q, expected %q", e.Node, e.Chain, e.Want)
}

// URLError says that a text is not the URL of a node.
type URLError struct {
	URL string
	Err error
}

func (e *URLError) Error() string { return fmt.Sprintf("%q: %v", e.URL, e.Err) }
func (e *URLError) Unwrap() error { return e.Err }

// Dial asks the node at url, such as http://127.0.0.1:26657, which chain it
// serves. It fails with a URLError, a NodeError or a ChainError.
func Dial(ctx context.Context, url string, o Options) (*Client, error) {
	node, err := rpc.Dial(url)
	if err != nil {
		return nil, &URLError{url, err}
	}
	c := &Client{node: node, options: o, genesis: new(genesis)}
	if c.first, err = node.Status(ctx); err == nil {
		err = c.checkChain(url)
	}
	if err != nil {
		node.Close()
		return nil, err
	}
	return c, nil
}

func (c *Client) checkChain(url string) error {
	switch chain := c.first.Chain; {
	case c.options.Chain != "" && c.options.Chain != chain:
		return &ChainError{Node: url, Chain: chain, Want: c.options.Chain}
	case c.options.Trust != nil && c.options.Trust.ChainID != chain:
		return &ChainError{Node: url, Chain: chain, Want: c.options.Trust.ChainID, Trust: true}
	}
	return nil
}

// Close lets go of idle connections.
func (c *Client) Close() { c.node.Close() }

// Chain is the chain's id.
func (c *Client) Chain() string { return c.first.Chain }

// Dialed is the node's status when it was dialed.
func (c *Client) Dialed() rpc.Status { return c.first }

// Node asks the node for what this package does not have. Nothing that it
// answers is verified.
func (c *Client) Node() *rpc.Client { return c.node }

// AsOf is the client with verified reads of the state after block height, so
// that several agree. Without a trust file it is the client: then a node answers
// of its newest state alone.
func (c *Client) AsOf(height int64) *Client {
	if c.options.Trust == nil {
		return c
	}
	fixed := *c
	fixed.height = height
	return &fixed
}

// verifies reports whether reads are verified.
func (c *Client) verifies() bool { return c.options.Trust != nil }

// wait is Options.Wait with its default.
func (c *Client) wait() time.Duration {
	switch w := c.options.Wait; {
	case w == 0:
		return DefaultWait
	case w < 0:
		return 0
	default:
		return w
	}
}

// gatherer asks for evidence as the options have it.
func (c *Client) gatherer() *evidence.Gatherer {
	o := &c.options
	return &evidence.Gatherer{
		Node: c.node, Chain: c.first.Chain, Trust: o.Trust, Height: c.height,
		Prompt: o.Prompt, Now: o.Now, HeaderWait: o.HeaderWait, Progress: o.Fetched, Newest: o.Newest,
	}
}

// submitter submits transactions as the options have it.
func (c *Client) submitter(mode submit.Mode) *submit.Submitter {
	o := &c.options
	return &submit.Submitter{State: c.gatherer(), Wait: c.wait(), Mode: mode, Waiting: o.Locked, Sent: o.Sent}
}

// Genesis is what a chain's genesis fixes for ever.
type Genesis struct {
	Dev        bool // play money, whose keys are public
	Validators int
	Arbiters   map[contract.Address]string // the named ones
}

// genesis keeps what the node said once.
type genesis struct {
	mu   sync.Mutex
	said *Genesis
}

// Genesis is the trust file's, if there is one, or else the node's.
func (c *Client) Genesis(ctx context.Context) (*Genesis, error) {
	if t := c.options.Trust; t != nil {
		out := &Genesis{t.Dev, len(t.Validators), map[contract.Address]string{}}
		for _, a := range t.Arbiters {
			out.Arbiters[a.Address] = a.Name
		}
		return out, nil
	}
	c.genesis.mu.Lock()
	defer c.genesis.mu.Unlock()
	if c.genesis.said != nil {
		return c.genesis.said, nil
	}
	doc, err := c.node.Genesis(ctx)
	if err != nil {
		return nil, err
	}
	g, err := contract.ParseGenesis(doc.AppState)
	if err != nil {
		return nil, err
	}
	out := &Genesis{g.Dev, len(doc.Validators), map[contract.Address]string{}}
	for _, a := range g.Arbiters {
		out.Arbiters[a.Address] = a.Name
	}
	c.genesis.said = out
	return out, nil
}

// Refused is the error of a transaction that did not happen and never will. It
// has Code, Msg, RetryAt and Tx: see submit.Refused.
type Refused = submit.Refused

// Failed is the error of a transaction that stands in a block and did nothing
// there. It has Code, Msg, Tx and Height: see submit.Failed.
type Failed = submit.Failed

// Unknown is the error of a transaction that may still happen. It has Tx,
// ValidUntil, Height and Why: see submit.Unknown.
type Unknown = submit.Unknown

// PreviousPending is the error of an account whose previous transaction may still
// happen. It has Account, Tx and ValidUntil: see submit.PreviousPending.
type PreviousPending = submit.PreviousPending

// NotSent is the error of a signed transaction of which nothing left this
// process. It has Tx and Err: see submit.NotSent.
type NotSent = submit.NotSent

// AnswerError is the error of a node's answer that the trust file refutes or does
// not cover: see evidence.AnswerError.
type AnswerError = evidence.AnswerError

// NodeError is the error of a node that does not answer, or answers what no node
// would: see rpc.Error.
type NodeError = rpc.Error
