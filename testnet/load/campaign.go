package load

import (
	"context"
	"time"

	"hongbao/contract"
)

// A campaign is one public packet in equal shares of a fen, one for each transaction of
// the run, as a merchant sends it: every claim is the first transaction of an account
// that it makes. So nothing but the packet has to be paid for before the clock starts.

const campaignScene = "coupon"

// campaignTerms are those of a campaign of so many claims.
func campaignTerms(claims int) (*contract.Terms, error) {
	scene, err := contract.SceneNamed(campaignScene)
	if err != nil {
		return nil, err
	}
	clauses, err := scene.ClausesFor(nil)
	return &contract.Terms{
		Total: contract.Amount(claims), Shares: uint32(claims), Split: contract.Equal,
		Claim: contract.Rule{Cond: contract.Always{}}, Clauses: clauses, Hold: scene.Hold, Expiry: scene.Expiry,
		Scene: scene.Name,
	}, err
}

// signCampaign sends the packet, and signs a claim of it for each newcomer.
func (b *bench) signCampaign(ctx context.Context) ([]*lane, error) {
	cfg := &b.cfg
	terms, err := campaignTerms(cfg.txs())
	if err != nil {
		return nil, err
	}
	until, err := b.validUntil(ctx)
	if err != nil {
		return nil, err
	}
	id := contract.NewPacketID(cfg.Chain, b.funder.addr, b.funder.nonce)
	var sends story
	sends.next()
	if err := b.settle(ctx, sends.add(b.funder, &contract.Send{Terms: *terms}), until); err != nil {
		return nil, err
	}
	newcomers := make([]*account, cfg.txs())
	for i := range newcomers {
		newcomers[i] = newAccount(b.seed, i)
	}
	b.progress(Signing, len(newcomers))
	lanes := planCampaign(cfg, newcomers, id, terms.Hash(cfg.Chain))
	return lanes, signAll(cfg, lanes, until)
}

// planCampaign has a claim by each newcomer, due at an even pace. None waits for another, so
// that one step of a lane has a part of them all.
func planCampaign(cfg *Config, newcomers []*account, id contract.PacketID, accepted contract.Hash) []*lane {
	const parts = 64 // signed on several cores, and few enough to wait in goroutines of their own
	lanes := make([]*lane, min(parts, len(newcomers)))
	for i := range lanes {
		lanes[i] = &lane{}
		lanes[i].steps.next()
	}
	every := time.Second / time.Duration(cfg.Rate)
	for i, a := range newcomers {
		l := lanes[i%len(lanes)]
		l.cast = append(l.cast, a)
		claim := l.steps.add(a, &contract.Claim{Packet: id, TermsHash: accepted})
		claim.due = time.Duration(i) * every
	}
	return lanes
}
