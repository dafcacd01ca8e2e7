// Contacts: names for other people's addresses, in this browser. What a person types for an
// account is such a name, or the address itself.

import { goodName } from "./keys.js";
import { begin, files, names } from "./me.js";
import { unbech32 } from "./verifier.js";

const kept = "hongbao/contacts";

export function contacts(): Record<string, string> {
  const list = JSON.parse(localStorage.getItem(kept) ?? "{}") as Record<string, unknown>;
  return Object.fromEntries(Object.entries(list).flatMap(([name, a]) => (goodName(name) && typeof a === "string" && keyOf(a) ? [[name, a] as const] : [])));
}

// keyOf is the key that an address is the text of; null if it is none.
export function keyOf(text: string): Uint8Array | null {
  try {
    return unbech32("hb", text);
  } catch {
    return null;
  }
}

// addContact gives an address a name that nothing else has.
export async function addContact(name: string, text: string): Promise<"name" | "address" | null> {
  if (!goodName(name) || files()[name] || contacts()[name]) return "name";
  if (!keyOf(text)) return "address";
  localStorage.setItem(kept, JSON.stringify({ ...contacts(), [name]: text }));
  await begin(null);
  return null;
}

export async function removeContact(name: string) {
  const { [name]: _, ...rest } = contacts();
  localStorage.setItem(kept, JSON.stringify(rest));
  await begin(null);
}

// partyOf is whom a person means: a name that is known here, or an address.
export function partyOf(text: string): Uint8Array | null {
  const name = text.trim().replace(/^@/, "");
  return keyOf(name) ?? [...names].flatMap(([key, n]) => (n === name ? [Uint8Array.from(key.match(/../g)!, (x) => parseInt(x, 16))] : []))[0] ?? null;
}

// known are the names that can be typed.
export const known = () => [...new Set(names.values())].sort();

