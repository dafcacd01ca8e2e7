package words

import (
	"cmp"

	"hongbao/contract"
)

// scene is how a scene's template is spoken of, and terms of it to speak of
// where there is no packet.
type scene struct {
	what   Phrase
	sender Phrase          // what the sender is called
	each   contract.Amount // of an example
	shares uint32
}

var anySender = Phrase{"the sender", "发的人"}

var sceneWords = map[string]scene{
	"wechat": {Phrase{"WeChat red packet: sent is sent", "微信红包:发出不能收回"}, anySender, 1110, 8},
	"alipay": {Phrase{"Alipay red packet: a day to take back what is unclaimed", "支付宝红包:24小时内可收回没领走的"},
		anySender, 1110, 8},
	"qq": {Phrase{"ordinary packet: two minutes to take it all back, until somebody claims",
		"普通红包:2分钟内没人领可全部收回"}, anySender, 1110, 8},
	"douyin-live": {Phrase{"packet in a live stream: never taken back, gone in ten minutes",
		"抖音直播间红包:不能收回,10分钟有效"},
		anySender, 100, 100},
	"transfer-72h": {Phrase{"transfer to one person that arrives after 72 hours",
		"普通转账:72小时后到账"}, anySender, 50000, 1},
	"delayed": {Phrase{"transfer to one person that arrives after 24 hours",
		"延时到账:24小时后到账"}, anySender, 50000, 1},
	"friends": {Phrase{"among friends: two minutes for a slip of the hand",
		"熟人群红包:手滑2分钟内可收回"}, anySender, 1110,
		8},
	"workgroup": {Phrase{"in a group at work: a day to take back what is unclaimed",
		"工作群红包:24小时内可收回没领走的"},
		anySender, 2000, 10},
	"stranger": {Phrase{"from or to a stranger: held for a day, and three people can judge a fraud",
		"陌生人红包:先存24小时,三人评判诈骗"}, anySender, 2000, 1},
	"test-packet": {Phrase{"test packet of at most ¥1.00", "测试红包:不超过¥1.00"}, anySender, 20, 5},
	"enterprise": {Phrase{"bonuses for people listed: two of three departments can stop what is unclaimed",
		"企业激励:按名单发,没领走的由三部门中两个收回"}, Phrase{"the company", "公司"}, 50000, 12},
	"coupon": {Phrase{"a merchant's coupons: new claims can be stopped, claimed ones cannot be touched",
		"小程序电商券:可停发,领到的不受影响"}, Phrase{"the merchant", "商家"}, 500, 20},
	"voucher": {Phrase{"game voucher for one person: used at once, never taken back",
		"游戏代金券:一人专用,不能收回"}, anySender,
		3000, 1},
	"rain": {Phrase{"red-packet rain in a live room: drawn, open to every account, gone in ten minutes",
		"红包雨:直播间里谁都能抢,拼手气,不能收回,10分钟有效"}, anySender, 100, 100},
}

// roles are the parts that scenes give to keys; the others have letters.
var roles = map[string]Phrase{
	"finance": {"finance", "财务"},
	"hr":      {"HR", "人事"},
	"audit":   {"audit", "审计"},
}

// Role is a scene's role: as it is written, and where that is no letter what it
// means to a reader of Chinese.
func Role(l Lang, role string) string {
	if p, ok := roles[role]; ok {
		return role + l.pick("", "("+p.zh+")")
	}
	return role
}

// sceneOf is how a scene is spoken of, and any terms without one.
func sceneOf(name string) scene {
	if s, ok := sceneWords[name]; ok {
		return s
	}
	return scene{sender: anySender}
}

// Scene says in a line what a scene is.
func Scene(l Lang, name string) string { return sceneOf(name).what.In(l) }

// Example is terms of a scene, with keys for its roles, in an amount and a
// number of shares that people send; who may claim is left open unless the
// scene says it.
func Example(s *contract.Scene, keys []contract.Address) (*contract.Terms, error) {
	clauses, err := s.ClausesFor(keys)
	if err != nil {
		return nil, err
	}
	w := sceneOf(s.Name)
	t := &contract.Terms{
		Total: w.each * contract.Amount(w.shares), Shares: w.shares, Split: cmp.Or(s.Split, contract.Equal),
		Hold: s.Hold, Clauses: clauses, Expiry: s.Expiry, Scene: s.Name,
	}
	switch s.Claimers {
	case contract.Everyone:
		t.Claim.Cond = contract.Always{}
	case contract.OneClaimer, contract.ListedPeople:
		var people contract.Named
		for i := range w.shares { // made-up ones: only their number is spoken of
			people.Claimers = append(people.Claimers, contract.Address{31: byte(i + 1)})
		}
		t.Claim.Cond = people
	}
	return t, nil
}
