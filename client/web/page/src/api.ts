// The API of hongbao web: docs/api.md. Nothing that it answers is believed here.

import { type Lang } from "./words.js";

// A Fault is an error as the command line has it.
export class Fault extends Error {
  constructor(readonly code: string, message: string, readonly hint = "", readonly retryAt = "") { super(message); }
}

export interface Network { chain_id: string; dev: boolean; validators: number; as_of: { height: number; time: string } }
export interface TxState { state: "unknown" | "done" | "failed"; height?: number; error?: { code: string; message: string }; as_of: { time: string } }

let lang: Lang = "en";
export const speak = (l: Lang) => { lang = l; };

const answerWithin = 60_000; // ms, with its body: a server that is silent for longer is gone

async function ask(path: string, body?: object): Promise<Uint8Array> {
  const headers: Record<string, string> = { "Accept-Language": lang === "zh" ? "zh-CN" : "en" };
  if (body) headers["Content-Type"] = "application/json";
  const signal = AbortSignal.timeout(answerWithin);
  let answer: Response, bytes: Uint8Array;
  try {
    answer = await fetch(`api/${path}`, body ? { method: "POST", headers, signal, body: JSON.stringify(body) } : { headers, signal });
    bytes = new Uint8Array(await answer.arrayBuffer());
  } catch {
    throw new Fault("unreachable", "");
  }
  if (answer.ok) return bytes;
  throw faultOf(bytes) ?? new Fault("internal", `HTTP ${answer.status}`);
}

function faultOf(bytes: Uint8Array): Fault | null {
  try {
    const { error } = parsed(bytes);
    return new Fault(error.code, error.message, error.hint, error.retry_at);
  } catch {
    return null; // it is no answer of the API
  }
}

const parsed = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));

async function result<T>(path: string, body?: object): Promise<T> {
  return parsed(await ask(path, body)).result as T;
}

export const network = () => result<Network>("network");
export const simulate = (tx: string) => result<object>("simulate", { tx });
export const broadcast = (tx: string) => result<{ tx: string; refused?: { message: string } }>("txs", { tx });
export const tx = (hash: string, wait: number) => result<TxState>(`txs/${hash}?wait=${wait}`);

// account is an account with the leaf that proves it, to be judged.
export const account = (address: string) => result<{ leaf: object }>(`accounts/${address}`);

// proof is a proof file; of an account it has the entries from one to before another, and
// until 0 is to the newest.
export const proof = (kind: string, subject: string, from = 0, until = 0) =>
  ask(`proof?kind=${kind}&subject=${encodeURIComponent(subject)}${kind === "account" ? `&from=${from}&until=${until}` : ""}`);

const retryAfter = 3000; // ms, of a stream that ended for good

// follow calls news whenever something happened to the subject, until the function that it
// gives is called. A browser that was cut off comes back by itself, with the cursor of the
// last event, and a page that is hidden keeps no stream open.
export function follow(subject: string, news: () => void): () => void {
  let source: EventSource | null = null, cursor = "", later = 0, missed = false;
  const open = () => {
    const after = cursor && `&after=${cursor}`;
    source = new EventSource(`api/events?subject=${subject}${after}`);
    source.addEventListener("at", (e) => {
      cursor = e.lastEventId;
      if (missed) news();
      missed = false;
    });
    source.addEventListener("entry", (e) => { cursor = e.lastEventId; news(); });
    source.addEventListener("fault", retry);
    // A browser gives up for good on an answer that is no stream, as while the node is away.
    source.addEventListener("error", () => { if (source?.readyState === EventSource.CLOSED) retry(); });
  };
  const close = () => { clearTimeout(later); source?.close(); source = null; };
  const retry = () => { close(); missed = true; later = window.setTimeout(turn, retryAfter); };
  const turn = () => {
    if (document.hidden) close();
    else if (!source) open();
  };
  document.addEventListener("visibilitychange", turn);
  turn();
  return () => {
    document.removeEventListener("visibilitychange", turn);
    close();
  };
}
