// explain says a packet in plain words, as client/words does, word for word: shared
// vectors hold the two together. It is made from what the clauses allow, not from how
// they are written.

import { after, hex, instant } from "../verifier.js";
import { type Lang } from "../words.js";
import { claimers } from "./claimers.js";
import {
  BY_LIST, EQUAL, EXPIRED, FULL, HELD, HELD_SHARES, type Key, LUCKY, OPEN, type Packet, RECALLED, RESERVED, REST, RETURNED, SETTLED,
  SHARE_RECALLED, type Standing, type Time, ASK_ACCEPTED, ASK_LAPSED, ASK_REFUSED, askedAt, claimed, has, inForce, lapsesAt,
  restWindows, settlesAt, shareAt, shareWindows, standing, stateAt, undrawn, windows,
} from "./packet.js";
import { people } from "./people.js";
import { type Power, type Span, powersOf } from "./powers.js";
import { anySender, clock, count, join, length, number, reason, reasonWords, roles, sceneRoles, senders, yuan } from "./words.js";

type Namer = (k: Key) => string;

// A Subject is a packet as it stands, or one that is about to be sent: without created it
// is none in particular, and windows are lengths of time.
export interface Subject {
  packet: Packet;
  share?: number; // speak of this share, from 1; 0: of whatever the reader may claim
  now: Time; // of the state that is spoken of
  zone: (ms: number) => number; // minutes by which the reader's clock is ahead of UTC
  name?: Namer; // what the reader calls an account; empty: nothing
  arbiter?: Namer; // as the genesis names it
  alone?: boolean; // the network has a single validator
  exact?: boolean; // times as the ledger has them
}

const maxSentences = 5;

// Clockwork is what spans count from: instants, or while those are not known, time since the event.
export interface Clockwork { start: Time; end: Time; known: boolean; event: readonly [string, string]; whole: readonly [string, string] | null }

export class Explainer {
  readonly zh: boolean;
  readonly now: Time; // 0 for a packet that is none in particular
  readonly sender: string;
  share: number;
  packet: Packet;
  toClaimer = false;
  private names = new Map<Key, string>();
  private letters: string[];

  constructor(readonly lang: Lang, readonly s: Subject) {
    this.zh = lang === "zh";
    this.packet = s.packet;
    this.share = s.share ?? 0;
    const { created } = s.packet;
    this.now = created === 0n ? 0n : s.now > created ? s.now : created;
    this.sender = this.pick(senders[s.packet.terms.scene] ?? anySender);
    this.names.set(hex(s.packet.sender), this.sender);
    this.letters = [...(this.zh ? "甲乙丙丁戊己庚辛" : "ABCDEFGH")];
    this.nameKeys();
  }

  pick = (phrase: readonly [zh: string, en: string]) => phrase[this.zh ? 0 : 1];
  say = (en: string, zh: string) => (this.zh ? zh : en);
  clock = (t: Time): string => (this.s.exact ? instant(t) : clock(t, this.s.zone));
  get terms() { return this.packet.terms; }
  get open() { return this.packet.status === OPEN && (this.now === 0n || this.now < after(this.packet.created, this.terms.expiry)); }
  called = (list: Key[]) => list.map((k) => this.names.get(k)!);

  // Keys. Who is known neither to the genesis nor to the reader is called by the part
  // that the scene gives it, else by a letter.

  keys(): Key[] {
    const sender = hex(this.packet.sender);
    const all = inForce(this.packet).flatMap((c) => keysIn(c.when, sender));
    return [...new Set(all)].filter((k) => k !== sender);
  }

  nameKeys() {
    this.keys().forEach((k, i) => {
      if (this.names.get(k)) return;
      const role = this.packet.tightened.length ? undefined : sceneRoles[this.terms.scene]?.[i];
      this.names.set(k, this.s.arbiter?.(k) || this.s.name?.(k) || (role && roles[role] ? this.pick(roles[role]!) : "") ||
        this.letters.shift()!);
    });
  }

  callSender() {
    const key = hex(this.packet.sender);
    if (this.s.name) this.names.set(key, this.s.name(key) || this.sender);
  }

  get order(): Key[] { return [hex(this.packet.sender), ...this.keys()]; }
  people = (sets: Key[][]) => people(this, sets);
  suffices = (sets: Key[][]) => sets.some((s) => s.length === 1 && s[0] === hex(this.packet.sender));

  // Times.

  ofRest(): Clockwork {
    const { created } = this.packet;
    return { start: created, end: after(created, this.terms.expiry), known: this.now !== 0n, event: ["发出", "sending"], whole: null };
  }

  ofHeld(): Clockwork {
    const known = this.share > 0, start = known ? shareAt(this.packet, this.share).claimedAt : 0n;
    return {
      start, end: after(start, this.terms.hold), known,
      event: this.toClaimer ? ["领取", "you claim"] : ["领取", "a claim"],
      whole: this.toClaimer ? ["期间", "during that time"] : null,
    };
  }

  when(spans: Span[], c: Clockwork): string {
    if (spans.length > 2) { // say less, and never that it is shorter
      const all = this.one({ from: spans[0]!.from, until: spans.at(-1)!.until }, c);
      return this.say(`at times ${all}`, `${all}的某些时段`);
    }
    return spans.map((s) => this.one(s, c)).join(this.say(" and ", ",以及"));
  }

  one(s: Span, c: Clockwork): string {
    const begun = c.known ? s.from <= (c.start > this.now ? c.start : this.now) : s.from === c.start;
    const since = (t: Time) => length(this.lang, Number((t - c.start) / 1_000_000_000n));
    if (begun && s.until === c.end && c.whole) return this.pick(c.whole);
    if (c.known && begun) return this.say(`until ${this.clock(s.until)}`, `${this.clock(s.until)}前`);
    if (c.known) {
      return this.say(`from ${this.clock(s.from)} until ${this.clock(s.until)}`, `${this.clock(s.from)}到${this.clock(s.until)}之间`);
    }
    const event = this.pick(c.event);
    if (begun) return this.say(`for ${since(s.until)} after ${event}`, `${event}后${since(s.until)}内`);
    return this.say(`from ${since(s.from)} to ${since(s.until)} after ${event}`, `${event}${since(s.from)}后、${since(s.until)}内`);
  }

  // Powers.

  restPowers(): Power[] {
    return this.open ? this.still(powersOf(restWindows(this.packet)), this.ofRest()) : [];
  }

  heldPowers(): Power[] {
    const p = this.packet;
    let list: ReturnType<typeof windows> = [];
    if (this.share > 0) {
      const claimer = hex(shareAt(p, this.share).claimer);
      list = shareWindows(p, this.share).map((w) => ({ ...w, signers: w.signers.filter((set) => !set.includes(claimer)) }));
    } else if (this.holds()) {
      list = windows(inForce(p), hex(p.sender), p.terms, p.created, 0n).filter((w) => w.target === HELD_SHARES);
    }
    return this.still(powersOf(list), this.ofHeld());
  }

  // still leaves out what is over.
  still(list: Power[], c: Clockwork): Power[] {
    return list.map((p) => (c.known ? { ...p, spans: p.spans.filter((s) => s.until > this.now) } : p)).filter((p) => p.spans.length);
  }

  powers(list: Power[], target: number): string {
    const c = target === HELD_SHARES ? this.ofHeld() : this.ofRest();
    if (list.length > 3) return this.summary(list, target, c); // more than one sentence can hold
    return list.map((p, i) => {
      if (i > 0 && target === HELD_SHARES) c.whole = ["期满前", "until it is final"];
      const before = list[i - 1]?.spans;
      const same = before && before.length === p.spans.length &&
        before.every((s, j) => s.from === p.spans[j]!.from && s.until === p.spans[j]!.until);
      return this.power(p, target, same ? this.say("in the same time", "同一时段内") : this.when(p.spans, c));
    }).join(this.say("; ", ";"));
  }

  private power(p: Power, target: number, when: string): string {
    const who = this.people(p.sets), why = this.why(p.reasons);
    const alone = p.sets.length === 1 && this.suffices(p.sets);
    let [zh, en] = this.money(target);
    if (p.untouched) {
      when += this.say(", as long as nobody has claimed", ",只要还没人领");
      [zh, en] = ["钱全部", "all of it"];
    }
    if (this.zh) {
      const back = p.untouched ? "全部收回" : `收回${zh}`;
      if (alone) return `${when},${who}${why || "可以"}${back}`;
      if (this.suffices(p.sets)) return `${when},${who}签字,${why || "就能"}${back}`;
      return `${when},${who}签字,${why || "就能"}${zh && `把${zh}`}退给${this.sender}`;
    }
    const as = why && `, ${why}`;
    if (alone && en === "what is unclaimed") return `${when}, ${who} can take back ${en}${as}`;
    if (alone) return `${when}, ${who} can take ${en} back${as}`;
    return `${when}, ${en} can be ${this.goesBack(p.sets)} by ${who}${as}`;
  }

  money(target: number): [zh: string, en: string] {
    if (target === REST) return ["没领走的", "what is unclaimed"];
    if (this.toClaimer) return ["", "it"]; // the sentence before has named it
    return this.share > 0 ? [`第${this.share}份`, `share ${this.share}`] : ["领走的", "a claimed share"];
  }

  // goesBack: the sender takes money back; it is not sent to the sender by the sender.
  private goesBack = (sets: Key[][]) => (this.suffices(sets) ? "taken back" : `sent back to ${this.sender}`);

  private why(reasons: string[]): string {
    if (reasons.length === 0) return "";
    if (this.zh) return `能以"${reasons.map((r) => reasonWords[r]?.[1] ?? reason("zh", r)).join(`"或"`)}"为由`;
    const list = reasons.map((r, i) => { // one article is enough: a duplicate or wrong amount
      const said = reasonWords[r]?.[2] ?? reason("en", r);
      return i > 0 && said.startsWith("a ") ? said.slice(2) : said;
    });
    return list.length === 1 ? `as ${list[0]}` : `as ${list.slice(0, -1).join(", ")} or ${list.at(-1)}`;
  }

  // summary says of too many powers who has one, and until when. It may say that people can
  // do more than they can; never less.
  private summary(list: Power[], target: number, c: Clockwork): string {
    const spans = list.flatMap((p) => [p.spans[0]!, p.spans.at(-1)!]), sets = list.flatMap((p) => p.sets);
    const all = {
      from: spans.reduce((t, s) => (s.from < t ? s.from : t), spans[0]!.from),
      until: spans.reduce((t, s) => (s.until > t ? s.until : t), spans[0]!.until),
    };
    const who = join(this.lang, this.called(this.order.filter((k) => sets.flat().includes(k))));
    const how = sets.some((s) => s.length === 1)
      ? this.say("alone or together", "单独或一起签字") : this.say("some of them together", "几个人一起签字");
    const [zh, en] = this.money(target);
    if (this.zh) return `${this.one(all, c)},${who}${how},都可能把${zh || "钱"}退给${this.sender}:看时间和理由而定,当作随时可能`;
    return `${this.one(all, c)}, ${en} can be ${this.goesBack(sets)} by ${who}, ${how}: it depends on the moment and the reason, so expect it at any time`;
  }

  // tail says what might be hoped of the sender, and is not so.
  tail(list: Power[]): string {
    let s = list.some((p) => this.suffices(p.sets)) ? "" : this.say(`; not by ${this.sender} alone`, `;${this.sender}不能单独收回`);
    if (list.every((p) => p.untouched)) s += this.say("; once somebody claims, it is too late", ";一有人领,就收不回了");
    return s;
  }

  // Sentences.

  amount(): string {
    const t = this.terms;
    if (t.total === 0n) return "";
    const [who, listed] = claimers(this);
    const total = yuan(t.total), each = yuan(t.total / BigInt(t.shares));
    if (listed === 1 && t.shares === 1) return this.say(`${total}, and ${who}`, `共${total},${who}`);
    if (listed === t.shares && t.split === EQUAL) return this.say(`${who}, ${each} each`, `${who},每人${each}`);
    let s = this.say(`${total} in ${t.shares} shares of ${each}`, `共${total},${t.shares}份,每份${each}`);
    if (t.split === BY_LIST) {
      s = this.say(`${total} for a list of ${count(t.shares, "entry", "entries")}, of which each has its own amount`,
        `共${total},名单${t.shares}项,每项各有金额`);
    } else if (t.shares === 1) s = this.say(`${total} for one person`, `共${total},一个人领`);
    else if (t.split === LUCKY) {
      s = this.say(`${total} in ${t.shares} shares, each drawn at random and at least ¥0.01`,
        `共${total},${t.shares}份,拼手气,每份随机,最少¥0.01`);
    }
    const n = claimed(this.packet);
    if (t.shares > 1 && n === t.shares) s += this.say(", all of them claimed", ",都领完了");
    else if (t.shares > 1 && n > 0) s += this.say(`, ${n} claimed so far`, `,已领${n}份`);
    return who === "" ? s : s + this.say("; ", ";") + who;
  }

  luck(): string {
    const t = this.terms, p = this.packet;
    if (t.split !== LUCKY || t.shares === 1 || this.share > 0 || (!this.open && !undrawn(p))) return "";
    if (!this.open) return this.say("what is not drawn yet is drawn in the next block", "还没抽的,下一个区块抽出");
    if (claimed(p) === t.shares - 1 && !undrawn(p)) {
      return this.say(`one share is left, and holds what the others left: ${yuan(p.escrow)}`, `还剩一份,拿剩下的${yuan(p.escrow)}`);
    }
    if (this.s.alone) {
      return this.say("how much a share holds is drawn after its claim, and this network's only validator may choose it; the last one gets what is left",
        "每份多少,领了之后才抽;本链只有一个验证人,抽出多少它说了算;最后一份拿剩下的");
    }
    return this.say("how much a share holds is drawn only after its claim: nobody can know it before; the last one gets what is left",
      "每份多少,领了之后才抽,谁也不能提前知道;最后一份拿剩下的");
  }

  rest(rest: Power[], held: Power[]): string {
    const list = inForce(this.packet);
    if (!this.open) return "";
    if (list.length === 0 && this.packet.tightened.length > 0) {
      return this.say(`${this.sender} has given up taking anything back: nobody can`, `${this.sender}已经放弃收回,谁也收不回了`);
    }
    if (rest.length > 0) return this.powers(rest, REST) + this.tail(rest) + this.tightened(held.length === 0);
    if (has(list, REST)) return this.say("what is unclaimed can no longer be taken back by anybody", "没领走的,现在谁也收不回了");
    if (has(list, HELD_SHARES)) return ""; // the end says the rest
    return this.say("once it is sent, nobody can take it back", "发出去就收不回了");
  }

  // tightened says that other clauses than those of the terms are in force.
  private tightened(here: boolean): string {
    const last = this.packet.tightened.at(-1);
    if (!last || !here) return "";
    return this.say(` (${this.sender} allowed more until ${this.clock(last.at)})`, `(${this.sender}在${this.clock(last.at)}收紧过条件)`);
  }

  mine(held: Power[]): string {
    if (this.share > 0) return this.standing();
    let claim = "claim", yours = "yours at once", back = "";
    if (!this.open) {
      const gone = this.inStates(SHARE_RECALLED, RETURNED), left = claimed(this.packet) - gone;
      if (gone === 0 && left === 0) return "";
      if (left === 0) return this.say(`every share that was claimed went back to ${this.sender}`, `领走的都已退给${this.sender}`);
      if (gone > 0) {
        back = this.say(`; ${count(gone, "other share", "other shares")} went back to ${this.sender}`, `;有${gone}份已退给${this.sender}`);
      }
      [claim, yours] = ["claimed", "yours"];
    }
    if (this.terms.hold === 0 || !this.holds()) {
      return this.say(`what you ${claim} is ${yours}: nobody can take it back`, "领到就是你的,谁也拿不走") + back;
    }
    let s = this.say(`what you ${claim} is held for ${length("en", this.terms.hold)}, then it is yours`,
      `领到的钱先存${length("zh", this.terms.hold)},期满归你`);
    if (held.length === 0) s += this.say("; nobody can take it back meanwhile", ";期间谁也拿不走");
    return s + back;
  }

  private inStates = (...states: number[]) => this.packet.shares.filter((_, i) => states.includes(stateAt(this.packet, i + 1, this.now))).length;
  private holds(): boolean {
    const { tally } = this.packet;
    return (tally ? this.now < after(tally.lastClaim, this.terms.hold) : false) || this.open || this.inStates(HELD, RESERVED) > 0;
  }

  held(held: Power[]): string {
    return held.length === 0 ? "" : this.powers(held, HELD_SHARES) + this.tail(held) + this.tightened(true);
  }

  // end is what becomes of what stays unclaimed.
  end(): string {
    const p = this.packet, t = this.terms, one = t.shares === 1;
    const left = yuan(p.shares.reduce((n, s) => n - s.amount, t.total));
    if (p.status === FULL) {
      return one ? "" : this.say("every share was claimed: nothing is left to go back", "每份都有人领了,没有余下的");
    }
    if (p.status === RECALLED && undrawn(p)) {
      return this.say(`the rest was taken back at ${this.clock(p.closed)}, under a clause: what the draws leave goes back to ${this.sender}`,
        `没领走的已按约定收回(${this.clock(p.closed)}),抽剩的退给${this.sender}`);
    }
    if (p.tally && p.status === RECALLED) {
      return this.say(`what was unclaimed went back to ${this.sender} at ${this.clock(p.closed)}, under a clause`,
        `没领走的,已按约定退给${this.sender}(${this.clock(p.closed)})`);
    }
    if (p.status === RECALLED) {
      return this.say(`the unclaimed ${left} went back to ${this.sender} at ${this.clock(p.closed)}, under a clause`,
        `没领走的${left},已按约定退给${this.sender}(${this.clock(p.closed)})`);
    }
    if (!this.open && undrawn(p)) {
      return this.say(`it expired at ${this.clock(p.expires)}: what the draws leave goes back to ${this.sender}`,
        `红包${this.clock(p.expires)}过期,抽剩的自动退给${this.sender}`);
    }
    if (p.tally && !this.open) {
      return this.say(`it expired at ${this.clock(p.expires)}: what was unclaimed goes back to ${this.sender}`,
        `红包${this.clock(p.expires)}过期,没领走的自动退给${this.sender}`);
    }
    if (!this.open) {
      return this.say(`it expired at ${this.clock(p.expires)}: the unclaimed ${left} goes back to ${this.sender}`,
        `红包${this.clock(p.expires)}过期,没领走的${left}自动退给${this.sender}`);
    }
    const after_ = length(this.lang, t.expiry);
    let s = this.say(`what is unclaimed after ${after_} goes back to ${this.sender}`,
      one ? `${after_}没领,自动退回` : `${after_}没领完,余下的自动退回`);
    if (this.now !== 0n) {
      const when = this.clock(after(p.created, t.expiry));
      s = this.say(`what is unclaimed at ${when} goes back to ${this.sender}`, `到${when}还没领完的,自动退回`);
    }
    const list = inForce(p);
    if (has(list, HELD_SHARES) && !has(list, REST)) s += this.say(", and nobody can take it back sooner", ";在那之前谁也收不回没领走的");
    return s;
  }

  // ask says what the sender may do even when nothing can be taken back. It is said to
  // people whom the sender knows by name, who are those that get asked.
  ask(): string {
    if (this.share > 0) return this.asked();
    if (claimers(this)[1] === 0 || this.terms.hold !== 0) return "";
    return this.say(`${this.sender} may ask for it back, but you decide, and a yes is your gift`,
      `${this.sender}可以请你退还,退不退由你,退了算你送的`);
  }

  // Of one share.

  facts = (): Standing => standing(this.packet, this.share, this.now);

  private standing(): string {
    const n = this.share, sh = shareAt(this.packet, n), f = this.facts();
    const who = this.s.name?.(hex(sh.claimer)) || this.say("its claimer", "领的人");
    const what = this.say(`share ${n}, ${yuan(sh.amount)},`, `第${n}份${yuan(sh.amount)}`);
    const settles = this.clock(settlesAt(this.packet, n));
    if (f.state === RESERVED) return this.reserved(who, settles, f);
    if (f.state === SHARE_RECALLED) return this.say(`${what} was taken back from ${who} under a clause`, `${what}已按约定从${who}那里收回`);
    if (f.state === RETURNED) return this.say(`${what} was given back by ${who}`, `${what}已由${who}退还`);
    if (f.until !== undefined) return this.say(`${what} is held for ${who} until ${settles}`, `${what}替${who}存到${settles}`) + this.notFinal(f);
    const since = this.clock(f.since!);
    const s = this.say(`${what} is ${who}'s own and final since ${since}: nobody can take it back`, `${what}归${who},${since}起谁也拿不走`);
    return f.state === HELD ? s + this.say(`; it can be spent from ${settles} on`, `;${settles}起可以花`) : s;
  }

  private reserved(who: string, settles: string, f: Standing): string {
    let s = this.say(`share ${this.share} is taken by ${who}; its amount is drawn in the next block`,
      `第${this.share}份已由${who}领下,金额在下一个区块抽出`);
    if (this.terms.hold > 0) s += this.say(`, and then held until ${settles}`, `,然后存到${settles}`);
    return s + (f.until !== undefined ? this.notFinal(f) : this.say("; nobody can take it back", ";谁也拿不走"));
  }

  private notFinal(f: Standing): string {
    if (f.until! < settlesAt(this.packet, this.share)) {
      return this.say(`, and final from ${this.clock(f.until!)} on`, `,${this.clock(f.until!)}起谁也拿不走`);
    }
    return this.say(", and not final before", ",期满才算到账");
  }

  private asked(): string {
    const sh = shareAt(this.packet, this.share);
    if (!sh.asked && sh.state === SETTLED) {
      return this.say(`${this.sender} may ask for it back, once; saying no costs nothing, and a yes is a gift`,
        `${this.sender}可以请求退还一次;不退没有任何影响,退了算送的`);
    }
    return this.question();
  }

  question(): string {
    const { asked: a } = shareAt(this.packet, this.share);
    if (!a) return "";
    const why = a.reason && this.say(` (${reason("en", a.reason)})`, `(${reason("zh", a.reason)})`), at = this.clock(a.at);
    switch (askedAt(a, this.now)) {
      case ASK_ACCEPTED: return this.say(`${this.sender} had asked for it at ${at}${why}`, `${this.sender}在${at}请求过退还${why}`);
      case ASK_REFUSED: return this.say(`${this.sender} asked for it back at ${at}${why}, and the answer was no`, `${this.sender}在${at}请求退还${why},没有同意`);
      case ASK_LAPSED: return this.say(`${this.sender} asked for it back at ${at}${why}, and got no answer`, `${this.sender}在${at}请求退还${why},没有答复`);
    }
    const until = this.clock(lapsesAt(a));
    return this.say(`${this.sender} asks for it back${why}; until ${until} its claimer may say yes, which is a gift, or no`,
      `${this.sender}请求退还${why};${until}前退不退由领的人决定,退了算送的`);
  }

  // others says that any of the sets of accounts can take a share back until then.
  others(sets: Key[][], reasons: string[], until: Time): string {
    const why = reasons.map((r) => (this.zh ? reason("zh", r) : (reasonWords[r]?.[0] ?? r)));
    const said = this.say(`others can take it back until ${this.clock(until)}: ${this.people(sets)}`,
      `${this.clock(until)} 前别人还能拿走:${this.people(sets)}`);
    return why.length ? said + this.say(", as ", ",理由:") + why.join(this.say(", or as ", "、")) : said;
  }

  // chosen says where the keys that have a power come from, and after which sentence.
  chosen(rest: Power[], held: Power[]): [about: string, text: string] {
    const all = [...rest, ...held].flatMap((p) => p.sets.flat()), overShares = held.flatMap((p) => p.sets.flat());
    const keys = this.order.slice(1).filter((k) => all.includes(k));
    const listed = keys.filter((k) => this.s.arbiter?.(k)), others = keys.filter((k) => !listed.includes(k));
    const said: string[] = [];
    if (listed.length > 0) {
      const who = join(this.lang, this.called(listed));
      said.push(this.say(`the network's genesis names ${who} as ${listed.length === 1 ? "an arbiter" : "arbiters"}`, `${who}是本链创世时列名的仲裁人`));
    }
    if (others.length > 0) said.push(this.chosenBySender(others, listed.length === 0, others.some((k) => overShares.includes(k))));
    return [held.length > 0 ? "held" : "rest", said.join(this.say("; ", ";"))];
  }

  private chosenBySender(keys: Key[], all: boolean, overHeld: boolean): string {
    let who = join(this.lang, this.called(keys)), them = this.say("them", "他们"), theirs = "their keys";
    if (keys.length === 1) [them, theirs] = [who, `${who}'s key`];
    else if (all) who = this.say(`these ${number("en", keys.length)}`, `这${number("zh", keys.length)}人`);
    if (this.zh) return `${who}由${this.sender}指定,也可能就是${this.sender}自己${overHeld ? `:不认识${them},就当钱还没到` : ""}`;
    const s = `${this.sender} chose ${who}, and may hold ${theirs} too`;
    return overHeld ? `${s}: if you do not know ${them}, treat the money as not arrived until it settles` : s;
  }

  // finish joins sentences until there are few enough, and ends each.
  finish(list: [about: string, text: string][]): string[] {
    list = list.filter(([, text]) => text !== "");
    for (const joins of ["luck", "ask", "held", "chosen"]) { // to what they are about
      const i = list.findIndex(([about]) => about === joins);
      if (list.length <= maxSentences || i <= 0) continue;
      list[i - 1]![1] += this.say("; ", ";") + list[i]![1];
      list.splice(i, 1);
    }
    return list.map(([, s]) => this.say(`${capital(s)}.`, `${s}。`));
  }
}

const capital = (s: string) => s.slice(0, 1).toUpperCase() + s.slice(1);

function keysIn(c: { op: string; keys?: Key[]; of?: any[] }, sender: Key): Key[] {
  if (c.op === "sender") return [sender];
  return c.op === "key" ? c.keys! : (c.of ?? []).flatMap((o) => keysIn(o, sender));
}

// explain says in at most five sentences how much there is, who can take it back until
// when, when a share is the claimer's own, and what happens to the rest.
export function explain(lang: Lang, s: Subject): string[] {
  const p = s.packet;
  const x = new Explainer(lang, !s.share && p.terms.shares === 1 && p.shares.length === 1 ? { ...s, share: 1 } : s);
  x.toClaimer = true;
  const rest = x.restPowers(), held = x.heldPowers();
  const list: [string, string][] = [
    ["amount", x.amount()], ["luck", x.luck()], ["rest", x.rest(rest, held)], ["mine", x.mine(held)], ["ask", x.ask()],
    ["held", x.held(held)],
  ];
  const [about, chosen] = x.chosen(rest, held);
  list.splice(list.findIndex(([a]) => a === about) + 1, 0, ["chosen", chosen]);
  return x.finish([...list, ["end", x.end()]]);
}

// standingOf says how the subject's share stands: since when it is its claimer's own, or
// until when others can take it back.
export function standingOf(lang: Lang, s: Subject): string {
  const x = new Explainer(lang, s);
  x.callSender();
  const f = x.facts(), share = shareAt(s.packet, s.share!);
  if (f.state === SHARE_RECALLED || f.state === RETURNED) {
    return x.say(`it went back to the sender and is not the claimer's (${f.state === RETURNED ? "returned" : "recalled"}).`,
      `已退回发的人,不属于领的人(${f.state === RETURNED ? "已退还" : "已收回"})。`);
  }
  let said = f.since !== undefined
    ? x.say(`final since ${x.clock(f.since)}: nobody else can take it.`, `自 ${x.clock(f.since)} 起已终局:谁也拿不走。`)
    : x.say(`NOT FINAL. ${capital(x.others(f.by, f.reasons, f.until!))}.`, `未终局。${x.others(f.by, f.reasons, f.until!)}。`);
  if (share.state === RESERVED) said += x.say(" Its amount is drawn in the next block.", "金额在下一块抽出。");
  if (f.state !== SETTLED && s.packet.terms.hold > 0) {
    const at = x.clock(settlesAt(s.packet, s.share!));
    said += x.say(` It is held until ${at} and then the claimer's to spend.`, `${at} 到账。`);
  }
  return said;
}

export const statusAt = (p: Packet, now: Time) => (p.status === OPEN && now >= p.expires ? EXPIRED : p.status);
