// All that the page says, in both languages.

export type Lang = "zh" | "en";

type Phrase = readonly [zh: string, en: string];

export const pick = (phrase: Phrase, lang: Lang) => phrase[lang === "zh" ? 0 : 1];

export const say = {
  title: ["核实证明", "Check a proof"],
  lead: [
    "在你自己的浏览器里核实,不问任何人,也不把文件发给任何人。",
    "Your own browser checks it. It asks no one, and sends the file to no one.",
  ],
  other: ["English", "中文"],
  proofLabel: ["证明文件", "Proof file"],
  proofHelp: ["别人发给你的 .proof 文件", "the .proof file that you were given"],
  trustLabel: ["信任文件", "Trust file"],
  trustHelp: [
    "写着你相信哪些验证人;请从信得过的人那里拿",
    "it says which validators you believe; get it from a person whom you trust",
  ],
  choose: ["选择文件", "Choose a file"],
  drop: ["也可以把文件拖到这一页", "Or drop the files on this page"],
  keep: ["把这一页存成文件,没有网也能核实", "Keep this page as a file, to check without a network"],
  none: ["还没有", "none yet"],
  chosenHere: ["在这一页里选的", "chosen in this page:"],
  fromHere: ["这台电脑上的 hongbao 用的那一份", "the one that hongbao on this computer goes by"],
  checking: ["正在核对……", "Checking …"],
  tooLong: ["文件太大:证明最多 16 MB", "The file is too long: a proof has at most 16 MB"],
  noTrustFile: ["这不是能用的信任文件", "This is not a usable trust file"],
  unread: ["读不了这个文件", "The file cannot be read"],
  valid: ["成立", "Valid"],
  validMeans: [
    "你相信的验证人签过字,每一步都对得上。",
    "Validators that you believe have signed it, and every step holds.",
  ],
  notFinal: ["成立,但还没有终局", "Valid, but not final"],
  notFinalMeans: ["证明没有问题,不过这笔钱别人还能拿走。", "The proof holds, but others can still take this money."],
  invalid: ["不成立", "Not valid"],
  invalidMeans: ["别相信它:有一步对不上。", "Do not believe it: a step does not hold."],
  untrusted: ["还不能相信", "Not to be believed yet"],
  untrustedMeans: [
    "文件前后一致,可是没有信任文件说该相信签它的验证人。",
    "The file agrees with itself, but no trust file says that its signers are to be believed.",
  ],
  contradicts: ["确有矛盾", "A real contradiction"],
  contradictsMeans: [
    "两份证明不能同时为真,两边都签字的验证人超过三分之一。",
    "Two proofs that cannot both be true: more than a third of the validators signed both.",
  ],
  checks: ["核对了什么", "What was checked"],
  facts: ["证明说的是", "What it proves"],
  held: ["对得上", "holds"],
  failed: ["对不上", "does not hold"],
  devChain: ["测试链:钱不是真的", "a dev chain: play money"],
  validators: ["个验证人", "validators"],
  json: ["完整结果(JSON)", "The whole result (JSON)"],
  yes: ["是", "yes"],
  no: ["否", "no"],
  byTrust: ["依据的信任文件:", "By the trust file"],
  another: ["改用另一份信任文件?", "Go by another trust file?"],
  anotherMeans: [
    "什么算“已核实”,由信任文件说了算。换了以后,到重新载入为止,这个标签页里的一切都依据新的那一份。只有从信得过的人那里拿到的才能用。",
    "The trust file decides what is called verified. From then on, until it is loaded anew, all of this tab goes by the new one. Use it only if you got it from a person whom you trust.",
  ],
  now: ["现在:", "Now:"],
  then: ["换成:", "Then:"],
  change: ["改用它", "Go by it"],
  stay: ["不换", "Keep mine"],
} as const satisfies Record<string, Phrase>;

// What each step of docs/format.md, section 12, looks at.
export const steps: Record<string, Phrase> = {
  file: ["文件写法合规", "the file is written as it has to be"],
  header: ["验证人签了这个区块头", "validators signed the block's header"],
  clock: ["按链上的时间判断", "it is judged by the chain's time"],
  leaf: ["账上确有这条记录", "the record stands in the state of that block"],
  absence: ["账上确实没有这条记录", "the record does not stand in the state of that block"],
  signatures: ["交易的签名都对", "the transactions' signatures are right"],
  parties: ["发的人和领的人签了同样的条款", "sender and claimer signed the same terms"],
  entries: ["历史记录一条不少", "no entry of the history is missing"],
  draws: ["抽奖用的随机数有验证人的证明", "validators prove the numbers that draws came from"],
  sums: ["每一分钱都对得上", "every fen is accounted for"],
  replay: ["按合约重做一遍,结果相同", "the contract, done again, gives the same result"],
  finality: ["终局与否", "whether it is final"],
  listing: ["这一项在条款的名单上", "the entry is on the list in the terms"],
  recall: ["条款允许这次收回", "the clause allowed the recall"],
  recalls: ["没有被收回过", "nothing was recalled"],
  debits: ["每笔支出都有本人签名", "the account signed each payment"],
  balances: ["收支与余额相符", "income, payments and balance agree"],
  supply: ["总额没有多也没有少", "the supply is neither more nor less"],
};

export const kinds: Record<string, Phrase> = {
  packet: ["一个红包的全部经过", "a packet's whole life"],
  share: ["一份红包现在归谁", "whose a share is"],
  "large-share": ["一份红包现在归谁", "whose a share is"],
  "large-packet": ["一个大红包的经过,每个区块的领取算一笔", "a large packet's life, in which the claims of a block are one"],
  unclaimed: ["名单上的一项还没有人领", "an entry of a list was not claimed"],
  recall: ["一次收回合不合条款", "why money could be recalled"],
  unrecalled: ["红包没有被收回过", "nothing was recalled from a packet"],
  account: ["一个账户的账目", "an account's statement"],
  absent: ["账上没有这个红包或账户", "there is no such packet or account"],
  supply: ["全部的钱有多少", "how much money there is"],
};

// The facts by their names in the file's JSON.
export const facts: Record<string, Phrase> = {
  kind: ["讲的是", "about"], subject: ["编号", "subject"], chain_id: ["链", "chain"], dev: ["测试链", "dev chain"],
  height: ["区块", "block"], time: ["时间", "time"], dev_clock_seconds: ["测试链时钟快了(秒)", "dev clock ahead, seconds"],
  terms: ["条款", "terms"], hash: ["条款哈希", "hash of the terms"], claim: ["谁能领", "who may claim"],
  clauses: ["收回条款", "recall clauses"], hold_seconds: ["领后存放(秒)", "hold after a claim, seconds"],
  memo_hash: ["附言哈希", "hash of the memo"],
  packet: ["红包", "packet"], share: ["第几份", "share"], account: ["账户", "account"], recall: ["收回", "recall"],
  unrecalled: ["红包", "packet"], supply: ["总额", "supply"],
  sender: ["发的人", "sender"], scene: ["场景", "scene"], split: ["分法", "split"], total_fen: ["总额", "total"],
  share_count: ["份数", "shares"], created: ["发出", "created"], expires: ["到期", "expires"], status: ["状态", "status"],
  closed: ["结束", "closed"], escrow_fen: ["没领走的", "unclaimed"], recallable_until: ["此前可收回", "recallable until"],
  tightened: ["收紧", "tightened"], shares: ["各份", "shares"], recalled_fen: ["收回了", "recalled"],
  recalled_for: ["收回理由", "recalled for"], refunded_fen: ["退回了", "refunded"], luckiest: ["手气最佳", "luckiest share"],
  recalls: ["各次收回", "recalls"], at: ["时间", "at"], renounced: ["放弃收回", "renounced"],
  index: ["第几份", "share"], claimer: ["领的人", "claimer"], amount_fen: ["金额", "amount"], state: ["状态", "state"],
  claimed_at: ["领取", "claimed"], settles_at: ["到账", "settles"], final: ["终局", "final"],
  final_since: ["终局于", "final since"], others_until: ["此前别人能拿走", "others can take it until"],
  by: ["能拿走的人", "who can take it"], reasons: ["理由", "reasons"], asked: ["请求退还", "asked for"],
  clause: ["条款", "clause"], when: ["条件", "condition"], reason: ["理由", "reason"], signers: ["签字的人", "signers"],
  submitter: ["提交的人", "submitter"], tx: ["交易", "transaction"],
  large: ["各份合计", "its shares together"], claimed: ["已领份数", "claimed"], claimed_fen: ["已领金额", "claimed, in all"],
  undrawn: ["还没抽出的份数", "not drawn yet"], last_claim: ["最近一次领取", "last claim"],
  share_recalled: ["有份被收回过", "a share was recalled"], entry: ["名单上的一项", "entry of the list"],
  link_key: ["链接的公钥", "key of its link"],
  address: ["地址", "address"], from: ["从第几条", "first entry"], entries: ["条数", "entries"],
  complete: ["从头到尾", "complete"], since: ["起", "since"], until: ["止", "until"],
  opening_fen: ["期初余额", "opening balance"], opening_held_fen: ["期初待到账", "held at the opening"],
  in_fen: ["收入", "income"], out_fen: ["支出", "payments"], closing_fen: ["期末余额", "closing balance"],
  closing_held_fen: ["期末待到账", "held at the closing"],
  wallets_fen: ["钱包里", "in wallets"], held_fen: ["待到账", "held"],
};

// Facts that hold others, where the number of one has the same name.
export const parts: Record<string, Phrase> = { share: ["这一份", "the share"] };

// Values that are words: of status, state, split, asked and reasons.
export const values: Record<string, Phrase> = {
  open: ["还开着", "open"], full: ["领完了", "full"], recalled: ["收回了", "recalled"], expired: ["过期了", "expired"],
  reserved: ["等着抽金额", "reserved"], held: ["存着,还没到账", "held"], settled: ["到账了", "settled"],
  returned: ["退还了", "returned"], equal: ["等额", "equal"], lucky: ["拼手气", "lucky"], list: ["按名单", "by list"],
  accepted: ["答应了", "accepted"], refused: ["拒绝了", "refused"], lapsed: ["没有答复", "lapsed"],
};
