// An account's movements, and the table of them that a spreadsheet opens: byte for byte the
// one of the command line.

import { reason } from "./explain/words.js";
import { nameOf } from "./me.js";
import { ESCROW, HOLD, KIND, WALLET, address, hex, instant, packetId } from "./verifier.js";
import { type Lang } from "./words.js";

// A Movement is an entry as its account sees it: what came in is positive; 0 where money only
// settled, or is announced. other is where it came from, or went.
export interface Movement { e: any; amount: bigint; other: any }

export function movement(e: any, key: Uint8Array): Movement {
  const own = (place: any) => [WALLET, HOLD].includes(place.kind) && hex(place.id) === hex(key);
  const p = e.posting as { from: any; to: any; amount: bigint } | null;
  if (!p || (own(p.from) && own(p.to))) return { e, amount: 0n, other: null };
  return own(p.from) ? { e, amount: -p.amount, other: p.to } : { e, amount: p.amount, other: p.from };
}

// The kinds of entries in one word, as client/words has them.
const kinds: Record<string, readonly [zh: string, en: string]> = {
  genesis: ["创世", "genesis"], pay: ["付款", "pay"], send: ["发出", "send"], claim: ["领取", "claim"], recall: ["收回", "recall"],
  return: ["退还", "return"], refund: ["到期", "refund"], settle: ["到账", "settle"], ask: ["请求", "ask"], refuse: ["不退", "refuse"],
  lapse: ["没答复", "lapse"], tighten: ["收紧", "tighten"], reserve: ["占位", "reserve"], draw: ["抽出", "draw"], warp: ["拨钟", "warp"],
};

export const kindOf = (e: any) => Object.keys(KIND).find((name) => KIND[name] === e.kind)!;

// shortOf is an address or a packet's number by its ends, for screens.
export const shortOf = (text: string) => `${text.slice(0, 7)}…${text.slice(-4)}`;

const called = (key: Uint8Array) => nameOf(key) || shortOf(address(key));

// placeOf is where money is, for people.
export function placeOf(place: any, lang: Lang): string {
  const zh = lang === "zh";
  switch (place.kind) {
    case WALLET: return called(place.id);
    case HOLD: return called(place.id) + (zh ? "(存着)" : " (held)");
    case ESCROW: return (zh ? "红包" : "packet ") + shortOf(packetId(place.id));
    default: return zh ? "创世" : "genesis";
  }
}

const ownerOf = (place: any) => ([WALLET, HOLD].includes(place.kind) ? address(place.id) : place.kind === ESCROW ? packetId(place.id) : "genesis");

// plain is an amount of fen in yuan, with two decimals and no sign of money.
const plain = (fen: bigint) => `${fen < 0n ? "-" : ""}${String(fen < 0n ? -fen : fen).padStart(3, "0").replace(/(..)$/, ".$1")}`;

const names = ["seq", "height", "time", "kind", "amount_fen", "balance_fen", "held_fen", "counterparty", "packet", "share", "tx", "reason",
  "account", "local_time", "kind_text", "amount", "balance", "held", "counterparty_text", "reason_text"];

// table is the statement as RFC 4180 says. In Chinese a byte order mark precedes it: without
// one a spreadsheet takes it for another encoding.
export function table(entries: any[], key: Uint8Array, lang: Lang): string {
  const rows = entries.map((e) => {
    const { amount, other } = movement(e, key), kind = kindOf(e);
    return [
      e.seq, e.height, instant(e.time), kind, amount, e.balance, e.held, other ? ownerOf(other) : "", e.packet ? packetId(e.packet) : "",
      e.share || "", e.tx ? hex(e.tx) : "", e.reason, called(key), local(e.time), kinds[kind]![lang === "zh" ? 0 : 1],
      plain(amount), plain(e.balance), plain(e.held), other ? placeOf(other, lang) : "", e.reason ? reason(lang, e.reason) : "",
    ];
  });
  const text = [names, ...rows].map((row) => row.map((v) => quoted(String(v))).join(",") + "\n").join("");
  return (lang === "zh" ? "\ufeff" : "") + text;
}

const quoted = (v: string) => (/[",\r\n]|^\s/.test(v) ? `"${v.replaceAll('"', '""')}"` : v);

// local is an instant by the reader's own clock, as spreadsheets take it for one.
function local(time: bigint): string {
  const ms = Number(time / 1_000_000n);
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19).replace("T", " ");
}
