package sim

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	consensus "github.com/cometbft/cometbft/consensus/types"
	"github.com/cometbft/cometbft/libs/log"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"

	"hongbao/app"
	"hongbao/contract"
	"hongbao/node"
)

// model is four real applications under a consensus that is ours: it picks
// proposers, rounds, votes that arrive and kills, in one goroutine, so that a
// seed is the whole run. It costs a tenth of what CometBFT's own does.
type model struct {
	*world
	*trace
	*crowd
	rng      *rand.Rand
	clock    time.Time
	nodes    [validators]*modelNode
	reach    [validators][validators]bool // from, to
	kills    bool                         // nodes may be killed within a block
	lossy    int                          // one round in so many loses a message; 0 = none
	liar     *liar
	plant    *plant
	blocks   []*abci.RequestFinalizeBlock // decided
	made     []proposed                   // and how each came about
	next     time.Time                    // the time of the next block
	voting   *consensus.RoundState
	locked   *proposed // that some validator is bound to
	prevoted []int     // who prevoted for it
	last     time.Time // when the last block was decided
	dull     int       // blocks since something changed
}

// modelNode is one validator.
type modelNode struct {
	number, run int
	disk        *disk
	app         *app.App
	top         abci.Application // with what stands before it
	check       *node.ProposerCheck
	alive       bool
	broken      bool // it does not start any more
	height      int64
	skew        time.Duration
	pool        [][]byte
	seen        map[contract.Hash]bool
}

// proposed is a block on its way.
type proposed struct {
	req   *abci.RequestFinalizeBlock
	maker int
	round int32
}

func newModel(seed uint64, p *plant) *model {
	w := newWorld()
	w.part(seed)
	m := &model{world: w, rng: rand.New(rand.NewPCG(seed, 0)), clock: start, plant: p, next: start, last: start,
		trace: &trace{Seed: seed, Driver: "model", Plant: p.name(), Genesis: w.file}}
	m.crowd = newCrowd(seed, w.chain(), m.trace, m, func() time.Time { return m.clock })
	for i := range validators {
		m.nodes[i] = &modelNode{number: i, disk: newDisk()}
		p.disk(i, m.nodes[i].disk)
		m.open(m.nodes[i])
	}
	m.heal()
	m.newHeight()
	return m
}

func (m *model) newHeight() {
	h := int64(len(m.blocks) + 1)
	set := turn(m.doc, h, 0)
	m.voting = &consensus.RoundState{Height: h, Validators: set,
		Votes: consensus.NewHeightVoteSet(m.world.chain(), h, set)}
	m.locked = nil
}

// open starts a node over its disk. One that has no block begins the chain.
func (m *model) open(n *modelNode) {
	own := func() time.Time { return m.clock.Add(n.skew) }
	a, err := openApp(m.world, n.disk, n.number, own)
	if err != nil {
		m.alarm(m.clock, n.number, "does not start: "+err.Error())
		n.broken = true
		return
	}
	n.app, n.alive, n.height, n.pool, n.seen = a, true, a.Height(), nil, map[contract.Hash]bool{}
	r := &recorder{Application: m.plant.app(n.number, a), trace: m.trace, node: n.number, run: n.run,
		now: func() time.Time { return m.clock }}
	r.details = func(b *block) {
		how := m.made[b.Height-1]
		b.Maker, b.Round = m.address(how.maker), how.round
	}
	n.check = node.NewProposerCheck(r, log.NewNopLogger())
	n.top = n.check
	if m.plant.careless() {
		n.top = r
	}
	if m.liar != nil && m.liar.node == n.number {
		m.liar.Application, n.top = n.top, m.liar
	}
	if n.height == 0 {
		_, err := n.top.InitChain(context.Background(), initChain(m.doc))
		check(err)
	}
	m.catchUp(n)
}

func initChain(doc *types.GenesisDoc) *abci.RequestInitChain {
	var list []*types.Validator
	for _, v := range doc.Validators {
		list = append(list, types.NewValidator(v.PubKey, v.Power))
	}
	return &abci.RequestInitChain{ChainId: doc.ChainID, Time: doc.GenesisTime, AppStateBytes: doc.AppState,
		InitialHeight: 1, Validators: types.TM2PB.ValidatorUpdates(types.NewValidatorSet(list))}
}

func (m *model) address(i int) []byte { return m.keys[i].PubKey().Address() }

// kill ends a node: what it had not synced may be lost.
func (m *model) kill(n *modelNode) {
	if !n.alive {
		return
	}
	n.alive, n.disk = false, n.disk.killed(m.rng)
	m.fault(m.clock, n.number, false, "killed")
}

func (m *model) restart(n *modelNode) {
	if n.alive || n.broken {
		return
	}
	n.run++
	m.open(n)
	if n.alive {
		m.fault(m.clock, n.number, m.whole(), "restarted")
	}
}

// whole reports whether nothing keeps the validators from making blocks.
func (m *model) whole() bool {
	for i, n := range m.nodes {
		if !n.alive {
			return false
		}
		for j := range m.nodes {
			if !m.reach[i][j] {
				return false
			}
		}
	}
	return true
}

func (m *model) heal() {
	for i := range m.nodes {
		for j := range m.nodes {
			m.reach[i][j] = true
		}
	}
}

// submit is clients' way to a node's mempool.
func (m *model) submit(i int, wire []byte) (contract.Code, bool) {
	n := m.nodes[i]
	if !n.alive {
		return 0, false
	}
	return n.take(wire), true
}

func (m *model) query(i int, req *abci.RequestQuery) (*abci.ResponseQuery, bool) {
	n := m.nodes[i]
	if !n.alive || n.height == 0 {
		return nil, false
	}
	res, err := n.top.Query(context.Background(), req)
	check(err)
	return res, true
}

// take puts a tx into the pool, or says why not. What the pool knows it takes
// for granted, as CometBFT's cache does.
func (n *modelNode) take(wire []byte) contract.Code {
	h := contract.TxHash(wire)
	if n.seen[h] {
		return contract.CodeOK
	}
	res, err := n.top.CheckTx(context.Background(), &abci.RequestCheckTx{Tx: wire})
	check(err)
	if res.Code == 0 {
		n.seen[h] = true
		n.pool = append(n.pool, wire)
	}
	return contract.Code(res.Code)
}

// gossip hands txs on.
func (m *model) gossip() {
	for _, from := range m.nodes {
		for _, to := range m.nodes {
			if from == to || !from.alive || !to.alive || !m.reach[from.number][to.number] || m.crowd.chance(3) {
				continue
			}
			for _, wire := range from.pool {
				to.take(wire)
			}
		}
	}
}

// commit has a node execute the next block, unless it is killed on the way.
func (m *model) commit(n *modelNode, mayFall bool) {
	req := m.blocks[n.height]
	falls := mayFall && m.kills && m.rng.IntN(150) == 0
	if falls && m.rng.IntN(2) == 0 {
		m.kill(n)
		return
	}
	if _, err := n.top.FinalizeBlock(context.Background(), req); err != nil {
		n.alive, n.broken = false, true // as CometBFT ends: CONSENSUS FAILURE
		return
	}
	if falls {
		m.kill(n)
		return
	}
	if _, err := n.top.Commit(context.Background(), &abci.RequestCommit{}); err != nil {
		m.alarm(m.clock, n.number, "Commit: "+err.Error())
		n.alive, n.broken = false, true
		return
	}
	n.height++
	pool := n.pool
	n.pool = nil
	for _, wire := range req.Txs {
		n.seen[contract.TxHash(wire)] = true
	}
	for _, wire := range pool {
		if slices.ContainsFunc(req.Txs, func(b []byte) bool { return string(b) == string(wire) }) {
			continue
		}
		res, err := n.top.CheckTx(context.Background(), &abci.RequestCheckTx{Tx: wire, Type: abci.CheckTxType_Recheck})
		check(err)
		if res.Code == 0 {
			n.pool = append(n.pool, wire)
		} else {
			delete(n.seen, contract.TxHash(wire))
		}
	}
}

func (m *model) catchUp(n *modelNode) {
	for n.alive && n.height < int64(len(m.blocks)) {
		m.commit(n, false)
	}
}

// blockHash binds what a header would.
func blockHash(req *abci.RequestFinalizeBlock) []byte {
	h := sha256.New()
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(req.Height)))
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(req.Time.UnixNano())))
	h.Write(req.ProposerAddress)
	for _, tx := range req.Txs {
		h.Write(tx)
	}
	return h.Sum(nil)
}

// propose has the round's proposer make a block, or propose again what some
// validator is bound to. It is nil where that one is away.
func (m *model) propose(maker int) *proposed {
	n := m.nodes[maker]
	if !n.alive {
		return nil
	}
	m.catchUp(n)
	if !n.alive {
		return nil
	}
	if m.locked != nil {
		m.showPrevotes()
		return m.locked
	}
	named := m.address(maker)
	if m.liar != nil && m.liar.node == maker && !m.liar.rest && m.liar.last != nil && m.rng.IntN(4) == 0 {
		named = m.address(m.liar.colluder)
	}
	res, err := n.top.PrepareProposal(context.Background(), &abci.RequestPrepareProposal{Height: m.voting.Height,
		Time: m.next, MaxTxBytes: 1 << 20, Txs: n.pool, ProposerAddress: named})
	if err != nil {
		m.alarm(m.clock, maker, "PrepareProposal: "+err.Error())
		return nil
	}
	req := &abci.RequestFinalizeBlock{Height: m.voting.Height, Time: m.next, Txs: res.Txs, ProposerAddress: named}
	req.Hash = blockHash(req)
	return &proposed{req, maker, m.voting.Round}
}

// judge is a validator's prevote.
func (m *model) judge(n *modelNode, b *proposed) bool {
	n.check.Follow(m.voting)
	res, err := n.top.ProcessProposal(context.Background(), &abci.RequestProcessProposal{Height: b.req.Height,
		Time: b.req.Time, Txs: b.req.Txs, Hash: b.req.Hash, ProposerAddress: b.req.ProposerAddress})
	if err != nil {
		m.alarm(m.clock, n.number, "ProcessProposal: "+err.Error())
		return false
	}
	return res.Status == abci.ResponseProcessProposal_ACCEPT
}

// round tries to decide the next block, and reports whether it did.
func (m *model) try() bool {
	proposer := m.world.number(m.voting.Validators.GetProposer().Address)
	b := m.propose(proposer)
	m.clock = m.clock.Add(time.Duration(20+m.rng.IntN(60)) * time.Millisecond)
	if b == nil {
		return false
	}
	arrives := func(from, to int) bool {
		return from == to || m.reach[from][to] && !(m.lossy > 0 && m.rng.IntN(m.lossy) == 0)
	}
	lying := m.liar != nil && m.liar.node == b.maker
	var prevotes, precommits []int
	for i, n := range m.nodes {
		if !n.alive || !arrives(proposer, i) {
			continue
		}
		m.catchUp(n)
		if n.alive && m.judge(n, b) {
			prevotes = append(prevotes, i)
		} else if n.alive && !lying {
			m.alarm(m.clock, i, fmt.Sprintf("block %d: refuses an honest proposal of node %d", b.req.Height, b.maker+1))
		}
	}
	heard := func(votes []int, by int) (n int) {
		for _, v := range votes {
			if arrives(v, by) {
				n++
			}
		}
		return n
	}
	for i, n := range m.nodes {
		if n.alive && heard(prevotes, i) >= 3 {
			precommits = append(precommits, i)
		}
	}
	if len(precommits) > 0 && m.locked == nil {
		m.locked, m.prevoted = b, prevotes
	}
	decided := false
	for i, n := range m.nodes {
		if !n.alive || heard(precommits, i) < 3 || n.height+1 < b.req.Height {
			continue
		}
		if !decided {
			m.decide(b, precommits)
			decided = true
		}
		m.commit(n, true)
	}
	return decided
}

// showPrevotes has all validators know who prevoted for the block that some are
// bound to, as consensus gossips it with what is proposed again.
func (m *model) showPrevotes() {
	b, round := m.locked, m.locked.round
	id := types.BlockID{Hash: b.req.Hash, PartSetHeader: types.PartSetHeader{Total: 1, Hash: b.req.Hash}}
	m.voting.Votes.SetRound(m.voting.Round + 1)
	for _, i := range m.prevoted {
		address := m.address(i)
		index, _ := m.voting.Validators.GetByAddress(address)
		v := &types.Vote{Type: cmtproto.PrevoteType, Height: b.req.Height, Round: round, BlockID: id,
			Timestamp: m.clock, ValidatorAddress: address, ValidatorIndex: index}
		sig, err := m.keys[i].Sign(types.VoteSignBytes(m.world.chain(), v.ToProto()))
		check(err)
		v.Signature = sig
		_, err = m.voting.Votes.AddVote(v, "", false)
		check(err)
	}
	m.prevoted = nil
}

// decide dates the next block by the clocks of those who precommitted this one.
func (m *model) decide(b *proposed, precommits []int) {
	if m.liar != nil && !m.liar.rest && m.rng.IntN(60) == 0 {
		accused := m.liar.node
		if m.plant != nil && m.plant.frames {
			accused = m.liar.colluder
		}
		b.req.Misbehavior = []abci.Misbehavior{{Type: abci.MisbehaviorType_DUPLICATE_VOTE, Height: b.req.Height - 1,
			Validator: abci.Validator{Address: m.address(accused), Power: 10}, Time: b.req.Time,
			TotalVotingPower: 40}}
	}
	m.blocks, m.made = append(m.blocks, b.req), append(m.made, proposed{b.req, b.maker, m.voting.Round})
	var clocks []time.Time
	for _, i := range precommits {
		own := m.clock.Add(m.nodes[i].skew)
		if least := b.req.Time.Add(time.Millisecond); own.Before(least) {
			own = least
		}
		clocks = append(clocks, own)
	}
	slices.SortFunc(clocks, time.Time.Compare)
	m.next, m.last = clocks[len(clocks)/2], m.clock
}

// step is one round, or the wait for one.
func (m *model) step() {
	m.crowd.step()
	m.gossip()
	waiting := false
	for _, n := range m.nodes {
		waiting = waiting || n.alive && len(n.pool) > 0
	}
	if !waiting && m.dull > 0 && m.clock.Sub(m.last) < time.Second && m.voting.Round == 0 {
		m.clock = m.clock.Add(time.Duration(50+m.rng.IntN(200)) * time.Millisecond)
		return
	}
	if m.try() {
		if m.dull++; len(m.blocks[len(m.blocks)-1].Txs) > 0 {
			m.dull = 0
		}
		m.newHeight()
		return
	}
	m.clock = m.clock.Add(500*time.Millisecond + time.Duration(m.voting.Round)*250*time.Millisecond)
	m.voting.Round++
	m.voting.Validators = turn(m.doc, m.voting.Height, m.voting.Round)
}
