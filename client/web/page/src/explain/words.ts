// The words that an explanation is made of, as client/words has them.

import { type Lang } from "../words.js";

export type Phrase = readonly [zh: string, en: string];

export const anySender: Phrase = ["发的人", "the sender"];

// What the sender of a scene is called; else it is the sender.
export const senders: Record<string, Phrase> = { enterprise: ["公司", "the company"], coupon: ["商家", "the merchant"] };

// The parts that a scene gives to the keys in its clauses, in order, and what they are called.
export const sceneRoles: Record<string, string[]> = { stranger: ["a", "b", "c"], enterprise: ["finance", "hr", "audit"] };
export const roles: Record<string, Phrase> = { finance: ["财务", "finance"], hr: ["人事", "HR"], audit: ["审计", "audit"] };

// Reasons by their code: the word, how it stands in "以…为由", and behind "as".
export const reasonWords: Record<string, readonly [word: string, zh: string, en: string]> = {
  DUPL: ["duplicate", "重复发送", "a duplicate"],
  AM09: ["wrong-amount", "金额错误", "a wrong amount"],
  AC03: ["wrong-person", "发错人", "a payment to the wrong person"],
  FRAD: ["fraud", "诈骗", "fraud"],
  CUST: ["changed-mind", "改变主意", "a change of mind"],
  TECH: ["technical", "技术故障", "a technical fault"],
};

// reason is why money goes back, in a person's words.
export function reason(lang: Lang, code: string): string {
  const known = reasonWords[code];
  return lang === "zh" && known ? known[1] : (known?.[0] ?? code).replaceAll("-", " ");
}

// yuan is an amount of fen: ¥1,234.05.
export function yuan(fen: bigint): string {
  const digits = String(fen).padStart(3, "0");
  return `¥${digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",")}.${digits.slice(-2)}`;
}

// length is a length of time: 1 hour 30 minutes. Whole days are counted from the fourth
// on: people say 24 hours, and 72.
export function length(lang: Lang, seconds: number): string {
  const day = 24 * 3600, parts: string[] = [];
  for (const [size, one, zh] of [[day, "day", "天"], [3600, "hour", "小时"], [60, "minute", "分钟"], [1, "second", "秒"]] as const) {
    if (size === day && (seconds <= 3 * day || seconds % day !== 0)) continue;
    const n = Math.floor(seconds / size);
    seconds %= size;
    if (n > 0) parts.push(lang === "zh" ? n + zh : count(n, one, `${one}s`));
  }
  return parts.join(lang === "zh" ? "" : " ");
}

export const count = (n: number, one: string, many: string) => (n === 1 ? `1 ${one}` : `${n} ${many}`);

// number is a small number in words; clauses name at most eight keys.
export const number = (lang: Lang, n: number) =>
  (lang === "zh" ? ["零", "一", "两", "三", "四", "五", "六", "七", "八"]
    : ["none", "one", "two", "three", "four", "five", "six", "seven", "eight"])[n]!;

// join lists names: "a, b and c".
export function join(lang: Lang, names: string[]): string {
  if (lang === "zh" || names.length < 2) return names.join("、");
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

// clock is an instant as a screen shows it, with date and zone. zone is how many minutes
// the reader's clock is ahead of UTC at an instant.
export function clock(t: bigint, zone: (ms: number) => number): string {
  const ms = Number(t / 1_000_000_000n) * 1000, minutes = zone(ms);
  const text = new Date(ms + minutes * 60_000).toISOString().slice(0, 19).replace("T", " ");
  if (minutes === 0) return `${text} UTC`;
  const two = (n: number) => String(n).padStart(2, "0"), far = Math.abs(minutes);
  return `${text} ${minutes < 0 ? "-" : "+"}${two(Math.floor(far / 60))}:${two(far % 60)}`;
}
