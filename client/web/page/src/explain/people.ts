// Who suffices, of minimal sets: "any two of a, b and c".

import { type Lang } from "../words.js";
import { type Key } from "./packet.js";
import { join, number } from "./words.js";

export interface People {
  lang: Lang;
  order: Key[]; // the sender, then the keys as the clauses name them
  called: (list: Key[]) => string[];
}

const inOrder = (x: People, list: Key[]) => x.order.filter((k) => list.includes(k));

export function people(x: People, sets: Key[][]): string {
  const one = family(x, sets);
  if (one !== null) return one;
  // Not one family: those of one person, of two, and so on may be one each.
  const sizes = [...new Set(sets.map((s) => s.length))].sort((a, b) => a - b);
  const said: string[] = [];
  for (const size of sizes) {
    const text = family(x, sets.filter((s) => s.length === size));
    if (text === null) {
      said.push(some(x, sizes.filter((n) => n >= size).flatMap((n) => sets.filter((s) => s.length === n))));
      break;
    }
    said.push(text);
  }
  return said.join(x.lang === "zh" ? ",或者" : ", or ");
}

// some says sets that are no family: each where they are few, else who takes part and
// how many it takes at the least.
function some(x: People, sets: Key[][]): string {
  if (sets.length <= 3) return sets.map((s) => family(x, [s])!).join(x.lang === "zh" ? ",或者" : ", or ");
  const who = join(x.lang, x.called(inOrder(x, sets.flat())));
  const least = number(x.lang, Math.min(...sets.map((s) => s.length)));
  return x.lang === "zh" ? `${who}中某几种搭配(至少${least}人)` : `certain groups of ${least} or more among ${who}`;
}

// family recognises people who must all be there, together with any k of some others.
function family(x: People, sets: Key[][]): string | null {
  const zh = x.lang === "zh";
  const core = sets[0]!.filter((k) => sets.every((s) => s.includes(k)));
  const k = sets[0]!.length - core.length;
  if (sets.some((s) => s.length - core.length !== k)) return null;
  const others = [...new Set(sets.flat())].filter((key) => !core.includes(key));
  if (sets.length !== choose(others.length, k)) return null;
  const must = x.called(inOrder(x, core)), any = anyOf(x.lang, k, x.called(inOrder(x, others)));
  if (others.length === 0 && must.length === 1) return must[0]!;
  if (others.length === 0) return join(x.lang, must) + (zh ? "一起" : " together");
  return must.length === 0 ? any : join(x.lang, must) + (zh ? "加上" : " together with ") + any;
}

function anyOf(lang: Lang, k: number, names: string[]): string {
  if (k === 1 && names.length === 2) return names.join(lang === "zh" ? "或" : " or ");
  if (lang === "zh") return `${join(lang, names)}中任意${number(lang, k)}人`;
  return `any ${number(lang, k)} of ${join(lang, names)}`;
}

function choose(n: number, k: number): number {
  let c = 1;
  for (let i = 0; i < k; i++) c = (c * (n - i)) / (i + 1);
  return c;
}
