// Keys: twelve words, from which follow the addresses that the command line makes of them,
// kept in the browser as the command line keeps them: a JSON file whose words are an age
// file under a passphrase. The same file is good in the keys folder of hongbao's home.

import { HDKey } from "@scure/bip32";
import { generateMnemonic, mnemonicToSeedSync, validateMnemonic } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { Decrypter, Encrypter, armor } from "age-encryption";
import { Buffer } from "buffer";
import { publicOf } from "./sign.js";
import { hex, tagged } from "./verifier.js";

// A KeyFile is what the command line keeps as keys/NAME.json.
export interface KeyFile { name: string; xpub: string; addresses: number; words: string }

// An Account signs. Without a secret it is locked.
export interface Account { name: string; key: Uint8Array; dev: boolean; secret: Uint8Array | null }

const path = "m/44'/1'/0'/0";
const versions = { private: 0x04358394, public: 0x043587cf }; // tprv, tpub: as on every test network
const work = 17; // 2^17 rounds of scrypt, as the command line

export const devNames = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy"];

// devAccount is the account that everybody has for a name, on dev chains.
export function devAccount(name: string): Account {
  const secret = tagged("hongbao/dev-key", Buffer.from(name));
  return { name, key: publicOf(secret), dev: true, secret };
}

export const newWords = () => generateMnemonic(wordlist, 128);

// tidyWords is a mnemonic in its one spelling; null if it is none.
export function tidyWords(text: string): string | null {
  const words = text.toLowerCase().trim().split(/\s+/).join(" ");
  return validateMnemonic(words, wordlist) ? words : null;
}

const chainOf = (words: string) => HDKey.fromMasterSeed(mnemonicToSeedSync(words), versions).derive(path);

// secretOf is the key of address number i.
const secretOf = (words: string, i: number) => chainOf(words).deriveChild(i).privateKey!;

const xOnly = (compressed: Uint8Array) => Buffer.from(compressed.subarray(1));

const name = /^[a-z\u3400-\u4DBF\u4E00-\u9FFF][a-z\u3400-\u4DBF\u4E00-\u9FFF0-9_-]{0,31}$/;

export const goodName = (text: string) =>
  name.test(text) && !text.startsWith("hb1") && !text.startsWith("rp1") && text !== "last" && ![...devNames, "faucet"].includes(text);

export async function newFile(name: string, words: string, passphrase: string): Promise<KeyFile> {
  const e = new Encrypter();
  e.setPassphrase(passphrase.normalize("NFC"));
  e.setScryptWorkFactor(work);
  return { name, xpub: chainOf(words).publicExtendedKey, addresses: 1, words: armor.encode(await e.encrypt(words)) };
}

export class WrongPassphrase extends Error {}

export async function openWords(file: KeyFile, passphrase: string): Promise<string> {
  for (const spelling of new Set([passphrase.normalize("NFC"), passphrase, passphrase.normalize("NFD")])) {
    const d = new Decrypter();
    d.addPassphrase(spelling);
    try {
      return await d.decrypt(armor.decode(file.words), "text");
    } catch {
      // another spelling, or the wrong one
    }
  }
  throw new WrongPassphrase();
}

// accountOf is a file's first account, locked.
export const accountOf = (file: KeyFile): Account =>
  ({ name: file.name, key: xOnly(HDKey.fromExtendedKey(file.xpub, versions).deriveChild(0).publicKey!), dev: false, secret: null });

// unlocked is the account with its secret; the file must be its own.
export async function unlocked(file: KeyFile, passphrase: string): Promise<Account> {
  const account = accountOf(file), secret = secretOf(await openWords(file, passphrase), 0);
  if (hex(publicOf(secret)) !== hex(account.key)) throw new WrongPassphrase();
  return { ...account, secret };
}

// readFile reads a key file that a person chose; null if it is none.
export function readFile(text: string): KeyFile | null {
  try {
    const f = JSON.parse(text);
    if (!goodName(f.name) || typeof f.words !== "string" || !f.words.startsWith("-----BEGIN AGE") || !(f.addresses >= 1)) return null;
    const file = { name: f.name, xpub: f.xpub, addresses: f.addresses, words: f.words };
    accountOf(file);
    return file;
  } catch {
    return null;
  }
}

// spell is the file as the command line writes it.
export const spell = (file: KeyFile) => JSON.stringify(file, null, 2) + "\n";
