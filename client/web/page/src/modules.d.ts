// What the page uses of docs/verifier.

declare module "*/verifier/judge.js" {
  export interface Check { name: string; ok: boolean; detail: string }
  export interface Found {
    verdict: "valid" | "untrusted" | "invalid";
    checks: Check[];
    failed?: string;
    final?: boolean;
    facts: Record<string, unknown> | null;
  }
  export function judge(bytes: Uint8Array, trust: object | null, at?: bigint | null): Found;
  export function examineLeaf(part: object, subject: string, trust: object | null, at?: bigint | null): { c: any; found: Found };
  export function examine(bytes: Uint8Array, trust: object | null, at?: bigint | null): { c: any; found: Found };
}

declare module "*/verifier/contradict.js" {
  export interface Both { verdict: "valid" | "untrusted" | "invalid"; code: string }
  export function isContradiction(bytes: Uint8Array): boolean;
  export function judgeBoth(bytes: Uint8Array, trust: object | null, at?: bigint | null): Both;
}

declare module "*/verifier/forge.js" {
  export class Life { constructor(terms: object); send(): Life; proof(): Uint8Array }
  export function terms(t: object): object;
  export function trustFile(): Uint8Array;
}

declare module "*/verifier/patches.js" {
  export function find(v: object, base: string[], trustFile: Uint8Array): any;
}

declare module "*/verifier/files.js" {
  export function readTrust(bytes: Uint8Array): { chain: string; validators: unknown[]; dev: boolean };
}

declare module "*/verifier/conditions.js" {
  export function met(c: object, world: object): boolean;
  export function moments(c: object, start: bigint): bigint[];
  export function parse(text: string): any;
}

declare module "*/verifier/terms.js" {
  export const REASONS: string[];
  export const SCENES: Record<string, [clauses: string[], hold: number, expiry: number, also?: string]>;
  export function allows(clause: object, reason: string): boolean;
  export function printClause(clause: object): string;
  export function keysOf(list: object[], sender: string): string[];
}

declare module "*/verifier/list.js" {
  export function checkListing(listing: object, root: string, count: number, total: bigint): void;
}

declare module "*/verifier/facts.js" {
  export function instant(t: bigint): string;
}

declare module "*/verifier/messages.js" {
  export const KIND: Record<string, number>;
  export const OUTSIDE: number, WALLET: number, ESCROW: number, HOLD: number;
  export function signTx(tx: object, sign: (digest: Uint8Array) => Uint8Array): Uint8Array;
  export const listing: object;
  export function packetIdOf(chain: string, tx: { account: Uint8Array; nonce: bigint }): Uint8Array;
  export function termsHash(chain: string, terms: object): Uint8Array;
  export function linkDigest(chain: string, packet: Uint8Array, claimer: Uint8Array): Uint8Array;
  export function verifySignature(signature: Uint8Array, digest: Uint8Array, key: Uint8Array): boolean;
  export function clauseHash(clause: object): Uint8Array;
  export function consentDigest(chain: string, consent: object): Uint8Array;
}

declare module "*/verifier/values.js" {
  export class Fail extends Error {}
  export function after(t: bigint, seconds: number): bigint;
  export function decode(type: object, bytes: Uint8Array): any;
  export function encode(type: object, value: object): Uint8Array;
  export function hex(bytes: Uint8Array): string;
  export function address(bytes: Uint8Array): string;
  export function packetId(bytes: Uint8Array): string;
  export function unbech32(prefix: string, text: string): Uint8Array;
  export function tagged(tag: string, ...parts: Uint8Array[]): Uint8Array;
}
