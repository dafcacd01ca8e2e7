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
}

declare module "*/verifier/contradict.js" {
  export interface Both { verdict: "valid" | "untrusted" | "invalid"; code: string }
  export function isContradiction(bytes: Uint8Array): boolean;
  export function judgeBoth(bytes: Uint8Array, trust: object | null, at?: bigint | null): Both;
}

declare module "*/verifier/files.js" {
  export function readTrust(bytes: Uint8Array): { chain: string; validators: unknown[]; dev: boolean };
}

declare module "*/verifier/values.js" {
  export class Fail extends Error {}
}
