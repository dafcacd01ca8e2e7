// What the page computes, without the page, for tests that compare it with Go and Node.

import { Buffer } from "buffer";
import { packetLeaf, readTx, shareLeaf, signTx } from "../../../../docs/verifier/messages.js";
import { find } from "../../../../docs/verifier/patches.js";
import { terms } from "../../../../docs/verifier/terms.js";
import { decode, encode } from "../../../../docs/verifier/values.js";
import { readConsent, signConsent, spellConsent } from "../src/consent.js";
import { explain, standingOf } from "../src/explain/explain.js";
import { consenting, tightening } from "../src/explain/sign.js";
import { accountOf, newFile, openWords, tidyWords, unlocked } from "../src/keys.js";
import { linkPublic, termsOf } from "../src/offer.js";
import { publicOf, sign } from "../src/sign.js";
import { address, hex } from "../src/verifier.js";
import { foundOf } from "./found.js";

Object.assign(globalThis, {
  // found is what is found of each vector of a group, as text.
  found(group: any, trust: string) {
    return group.cases.map((v: any) => foundOf(find(v, group.base, Buffer.from(trust, "base64"))));
  },

  // explained is what is said of a vector of client/words.
  explained(v: any) {
    const packet = decode(packetLeaf, Buffer.from(v.packet, "hex"));
    if (v.beside) packet.beside = { number: v.share, share: decode(shareLeaf, Buffer.from(v.beside, "hex")).share };
    const s = {
      packet, share: v.share, now: BigInt(v.now), zone: () => v.zone, alone: v.alone,
      name: (k: string) => v.names[k] ?? "", arbiter: (k: string) => v.arbiters[k] ?? "",
    };
    return {
      en: explain("en", s), zh: explain("zh", s),
      standing: packet.beside ? [[standingOf("zh", s), standingOf("en", s)]] : packet.created === 0n ? [] : packet.shares.map((_: unknown, i: number) =>
        [standingOf("zh", { ...s, share: i + 1 }), standingOf("en", { ...s, share: i + 1 })]),
      renounced: packet.created === 0n ? v.renounced : (["zh", "en"] as const).map((lang) => {
        const { before, after } = tightening(lang, s, []);
        return [before, after];
      }),
      consents: v.consents.map((c: any) => {
        const said = (lang: "zh" | "en") => { const { lines, question } = consenting(lang, s, c.clause, c.reason, BigInt(c.until)); return [...lines, question]; };
        return { clause: c.clause, reason: c.reason, until: c.until, en: said("en"), zh: said("zh") };
      }),
    };
  },

  // offered are the terms that the page makes of what a person chose.
  offered(v: any) {
    const bytes = (list: string[]) => list.map((k) => Buffer.from(k, "hex"));
    const offer = {
      total: BigInt(v.total), shares: v.shares, lucky: v.lucky, scene: v.scene, to: bytes(v.to), roles: bytes(v.roles),
      memo: v.memo ? { salt: Buffer.from(v.salt, "hex"), text: v.memo } : null,
    };
    return hex(encode(terms, termsOf(offer, v.link ? linkPublic(Buffer.from(v.link, "hex")) : null)));
  },

  // consented is the consent file that the page makes, once it has taken the command line's.
  consented(v: any) {
    const packet = decode(packetLeaf, Buffer.from(v.packet, "hex")), id = Buffer.from(v.id, "hex"), secret = Buffer.from(v.secret, "hex");
    const read = readConsent(v.file, v.chain, id, packet, v.share, BigInt(v.now));
    const who = { name: "", key: publicOf(secret), dev: true, secret };
    return spellConsent(signConsent(v.chain, id, packet, v.share, read.clause, v.reason, read.validUntil, who));
  },

  // signedAgain is a signed transaction, signed anew by the page.
  signedAgain(wire: string, secret: string, chain: string) {
    const tx = readTx(Buffer.from(wire, "hex"), chain);
    return hex(signTx(tx, (digest: Uint8Array) => Buffer.from(sign(Buffer.from(secret, "hex"), digest))));
  },

  addressOf: (secret: string) => address(publicOf(Buffer.from(secret, "hex"))),

  // keyFrom is what the page makes of a key's file, and of its words.
  async keyFrom(text: string, passphrase: string) {
    const file = JSON.parse(text), words = await openWords(file, passphrase);
    const account = await unlocked(file, passphrase);
    const anew = await newFile(file.name, tidyWords(words)!, passphrase);
    return {
      words, address: address(accountOf(file).key), secret: hex(account.secret!), xpub: anew.xpub,
      again: (await openWords(anew, passphrase)) === words,
    };
  },
});
