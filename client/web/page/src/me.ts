// Who the reader is: the accounts in this browser, and which of them signs.

import * as api from "./api.js";
import { type Account, type KeyFile, WrongPassphrase, accountOf, devAccount, devNames, readFile, unlocked } from "./keys.js";
import { contacts } from "./contacts.js";
import { forgetSecrets } from "./link.js";
import { askText, t } from "./ui.js";
import { address, hex, unbech32 } from "./verifier.js";

const kept = "hongbao/keys", chosen = "hongbao/account";

export let me: Account | null = null;
export let network: api.Network | null = null;

// names are of accounts, by key in hex: one's own, contacts, and on a dev chain the ones that
// everybody has.
export const names = new Map<string, string>();

export const nameOf = (key: string | Uint8Array) => names.get(typeof key === "string" ? key : hex(key)) ?? "";

// called is what to call an account on the screen: its name, or the ends of its address.
export function called(key: Uint8Array): string {
  const text = address(key);
  if (me && hex(me.key) === hex(key)) return t("我", "me");
  return nameOf(key) || `${text.slice(0, 7)}…${text.slice(-4)}`;
}

export const isMe = (key: Uint8Array) => me !== null && hex(me.key) === hex(key);

export function files(): Record<string, KeyFile> {
  const list = JSON.parse(localStorage.getItem(kept) ?? "{}") as Record<string, unknown>;
  const good = Object.entries(list).flatMap(([name, f]) => { const file = readFile(JSON.stringify(f)); return file ? [[name, file] as const] : []; });
  return Object.fromEntries(good);
}

export function keep(file: KeyFile) {
  localStorage.setItem(kept, JSON.stringify({ ...files(), [file.name]: file }));
}

// forget removes an account, and what this tab knows of links.
export function forget(name: string) {
  forgetSecrets();
  const { [name]: _, ...rest } = files();
  localStorage.setItem(kept, JSON.stringify(rest));
  if (me?.name === name) use(null);
}

// use chooses who signs. The choice is remembered; a secret is not.
export function use(account: Account | null) {
  me = account;
  if (account) localStorage.setItem(chosen, (account.dev ? "@" : "") + account.name);
  else localStorage.removeItem(chosen);
}

// lock forgets the secret of one's own key, and what this tab knows of links.
export function lock() {
  forgetSecrets();
  if (me && !me.dev) me = { ...me, secret: null };
}

// begin finds out who was chosen before, and which chain this is.
export async function begin(dev: boolean | null) {
  network = await api.network().catch(() => null);
  names.clear();
  const play = dev ?? network?.dev ?? false;
  if (play) for (const name of devNames) names.set(hex(devAccount(name).key), name);
  for (const [name, text] of Object.entries(contacts())) names.set(hex(unbech32("hb", text)), name);
  const own = files();
  for (const file of Object.values(own)) names.set(hex(accountOf(file).key), file.name);
  if (me) return;
  const name = localStorage.getItem(chosen) ?? "";
  if (name.startsWith("@") && play && devNames.includes(name.slice(1))) me = devAccount(name.slice(1));
  else if (own[name]) me = accountOf(own[name]);
}

// unlock asks for the passphrase, if the account needs one. It gives null when none was given.
export async function unlock(): Promise<Account | null> {
  if (!me || me.secret) return me;
  const file = files()[me.name];
  if (!file) return null;
  for (let help = t("就是生成密钥时你设的那个。", "The one that you chose when the key was made.");;) {
    const text = await askText(t(`“${me.name}”的口令`, `Passphrase of “${me.name}”`), help, "password", t("解锁", "Unlock"));
    if (text === null) return null;
    try {
      me = await unlocked(file, text);
      return me;
    } catch (err) {
      if (!(err instanceof WrongPassphrase)) throw err;
      help = t("口令不对,请再试一次。", "That is not the passphrase. Try again.");
    }
  }
}
