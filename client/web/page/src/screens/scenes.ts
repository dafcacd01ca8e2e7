// The scenes as people choose them: a picture and a sentence. The sentences are those of
// client/words.

import { roles } from "../explain/words.js";
import { svg, t } from "../ui.js";

// everyday are shown at once, others when they are asked for.
export const everyday = ["friends", "wechat", "workgroup", "transfer-72h", "stranger"];

export const others = ["alipay", "qq", "delayed", "test-packet", "enterprise", "coupon", "voucher", "douyin-live", "rain"];

export function sceneName(scene: string): string {
  return ({
    "wechat": t("微信红包:发出不能收回", "WeChat red packet: sent is sent"),
    "alipay": t("支付宝红包:24小时内可收回没领走的", "Alipay red packet: a day to take back what is unclaimed"),
    "qq": t("普通红包:2分钟内没人领可全部收回", "Ordinary packet: two minutes to take it all back, until somebody claims"),
    "douyin-live": t("抖音直播间红包:不能收回,10分钟有效", "Packet in a live stream: never taken back, gone in ten minutes"),
    "transfer-72h": t("普通转账:72小时后到账", "Transfer to one person that arrives after 72 hours"),
    "delayed": t("延时到账:24小时后到账", "Transfer to one person that arrives after 24 hours"),
    "friends": t("熟人群红包:手滑2分钟内可收回", "Among friends: two minutes for a slip of the hand"),
    "workgroup": t("工作群红包:24小时内可收回没领走的", "In a group at work: a day to take back what is unclaimed"),
    "stranger": t("陌生人红包:先存24小时,三人评判诈骗", "From or to a stranger: held for a day, and three people can judge a fraud"),
    "test-packet": t("测试红包:不超过¥1.00", "Test packet of at most ¥1.00"),
    "enterprise": t("企业激励:按名单发,没领走的由三部门中两个收回", "Bonuses for people listed: two of three departments can stop what is unclaimed"),
    "coupon": t("小程序电商券:可停发,领到的不受影响", "A merchant's coupons: new claims can be stopped, claimed ones cannot be touched"),
    "voucher": t("游戏代金券:一人专用,不能收回", "Game voucher for one person: used at once, never taken back"),
    "rain": t("红包雨:直播间里谁都能抢,拼手气,不能收回,10分钟有效", "Red-packet rain in a live room: drawn, open to every account, gone in ten minutes"),
  } as Record<string, string>)[scene]!;
}

// roleName is what the holder of a scene's role is called: those of a stranger's packet are judges.
export const roleName = (role: string, n: number): string => {
  const [zh, en] = roles[role] ?? [`第${n}位评判人`, `judge ${n}`];
  return t(zh, en);
};

// Each picture is lines on a grid of 24.
const pictures: Record<string, string> = {
  "wechat": "M4 5h16v11h-8l-4 4v-4H4zM8 9h8M8 12h5",
  "alipay": "M12 3a9 9 0 1 1-8 5M4 3v5h5M12 8v4l3 2",
  "qq": "M12 7a7 7 0 1 1-.1 0M10 2h4M12 2v5M12 10v4h3",
  "douyin-live": "M3 6h12v12H3zM15 11l6-4v10l-6-4M7 10v4l3-2z",
  "transfer-72h": "M3 8h12l-4-4M21 16H9l4 4M17 3a4 4 0 1 1-.1 0M17 5v2h2",
  "delayed": "M6 3h12M6 21h12M7 3v3l5 6 5-6V3M7 21v-3l5-6 5 6v3",
  "friends": "M8 4a3 3 0 1 1-.1 0M16 4a3 3 0 1 1-.1 0M2 20c0-5 3-7 6-7s6 2 6 7M14 13c4-1 8 1 8 7",
  "workgroup": "M3 8h18v11H3zM9 8V5h6v3M3 13h18M12 12v2",
  "stranger": "M12 3l8 3v6c0 5-4 8-8 9-4-1-8-4-8-9V6zM9.5 10a2.5 2.5 0 1 1 3.5 2.300c-.7.300-1 .7-1 1.700M12 16.500v.5",
  "test-packet": "M9 3h6M10 3v6l-5 9c-.6 1.500.3 3 2 3h10c1.700 0 2.600-1.500 2-3l-5-9V3M7.500 15h9",
  "enterprise": "M4 21V4h10v17M14 9h6v12M2 21h20M7 8h4M7 12h4M7 16h4M17 13v0M17 17v0",
  "coupon": "M3 6h18v4a2 2 0 0 0 0 4v4H3v-4a2 2 0 0 0 0-4zM10 6v12",
  "rain": "M7 3h4v5H7zM15 6h4v5h-4zM5 13h4v5H5zM13 15h4v5h-4zM9 4v0M17 7v0M7 14v0M15 16v0",
  "voucher": "M7 8h10c3 0 5 3 5 7s-3 5-5 2l-1-1H8l-1 1c-2 3-5 2-5-2s2-7 5-7zM8 10v4M6 12h4M16 11v0M18 13v0",
};

// picture is a scene's; it says nothing that its sentence does not.
export const picture = (scene: string) =>
  svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", class: "picture" }, svg("path", { d: pictures[scene]! })) as unknown as Node;
