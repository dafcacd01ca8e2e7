package words

import (
	"strings"
	"testing"

	"hongbao/contract"
)

func change(p contract.Plan) *contract.Change {
	return &contract.Change{HandOver: contract.HandOver{Plan: p}}
}

// A signer reads what it is, whom it concerns, and that it is for good.
func TestSaysWhatIsSigned(t *testing.T) {
	alice, bob, stranger := contract.Address{1}, contract.Address{2}, contract.Address{3}
	name := func(a contract.Address) string { return map[contract.Address]string{alice: "alice", bob: "bob"}[a] }
	id := contract.PacketID{9}
	for _, tt := range []struct {
		m      contract.Message
		en, zh string
	}{
		{&contract.Pay{To: bob, Amount: 500}, "alice pays ¥5.00 to bob, for good", "alice付¥5.00给bob,付出就收不回"},
		{&contract.Pay{To: stranger, Amount: 500}, "alice pays ¥5.00 to " + stranger.String() + ", for good",
			"alice付¥5.00给" + stranger.String() + ",付出就收不回"},
		{&contract.Send{}, "alice sends a red packet:", "alice发红包:"},
		{&contract.Claim{Packet: id}, "alice claims a share of packet ID, and accepts its terms:",
			"alice领红包ID的一份,接受它的条款:"},
		{&contract.Recall{Packet: id, Clause: 1},
			"alice recalls what is unclaimed of packet ID, under clause 1; the money goes to the sender",
			"alice按第1条收回红包ID未领的部分;钱回到发的人"},
		{&contract.Recall{Packet: id, Clause: 2, Share: 3, Reason: "FRAD",
			Consents: []contract.Consent{{Account: bob}}},
			"alice recalls share 3 of packet ID, under clause 2, as fraud, with the consent of bob; the money goes " +
				"to the sender",
			"alice按第2条收回红包ID的第3份,理由:诈骗,附有bob的同意;钱回到发的人"},
		{&contract.Return{Packet: id, Share: 3}, "alice gives share 3 of packet ID back to the sender, for good",
			"alice把红包ID的第3份退给发的人,退了就拿不回"},
		{&contract.Ask{Packet: id, Share: 3, Reason: "AC03"},
			"alice asks for share 3 of packet ID back, as wrong person", "alice请求退还红包ID的第3份,理由:发错人"},
		{&contract.Answer{Packet: id, Share: 3, Accept: true},
			"alice gives share 3 of packet ID back to the sender, who asked for it, for good",
			"alice答应退还红包ID的第3份给发的人,退了就拿不回"},
		{&contract.Answer{Packet: id, Share: 3}, "alice refuses to give share 3 of packet ID back",
			"alice不答应退还红包ID的第3份"},
		{&contract.Tighten{Packet: id}, "alice gives up every power to recall packet ID",
			"alice放弃收回红包ID的一切权利"},
		{&contract.Tighten{Packet: id, Clauses: []contract.Clause{{Target: contract.Rest,
			When: contract.Rule{Cond: contract.Sender{}}}}},
			"alice tightens the clauses of packet ID to: rest when sender",
			"alice把红包ID的条款收紧为:rest when sender"},
		{&contract.Warp{By: 3600}, "alice moves the clock of this chain forward by 1h", "alice把这条链的时钟拨快1h"},
		{change(contract.Plan{Number: 3, Updates: make([]contract.Update, 2)}),
			"alice hands in plan 3 of the validators, which changes 2 of them",
			"alice提交验证人的第3号计划,变更2个验证人"},
		{change(contract.Plan{Number: 3, Upgrade: &contract.Upgrade{Height: 900, Rules: 6}}),
			"alice hands in plan 3 of the validators: rules 6 from block 900 on",
			"alice提交验证人的第3号计划:规则6从区块900起生效"},
		{change(contract.Plan{Number: 4, Upgrade: &contract.Upgrade{Rules: 5}}),
			"alice hands in plan 4 of the validators: no upgrade", "alice提交验证人的第4号计划:不升级"},
	} {
		tx := &contract.Tx{Account: alice, Message: tt.m}
		for l, want := range map[Lang]string{English: tt.en, Chinese: tt.zh} {
			if got, want := Says(l, tx, name), strings.ReplaceAll(want, "ID", id.String()); got != want {
				t.Errorf("%s, not %s", got, want)
			}
		}
	}
}
