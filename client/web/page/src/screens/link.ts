// The link of a packet that the reader sent: as text, as a QR code, and found again.

import { Buffer } from "buffer";
import encodeQR from "qr";
import { type Packet } from "../explain/packet.js";
import { type Link, keepSecret, listIn, secretPart, spellLink } from "../link.js";
import { isMe, unlock } from "../me.js";
import { linkPublic, linkSecret } from "../offer.js";
import { button, h, notice, svg, t } from "../ui.js";
import { hex } from "../verifier.js";
import { go } from "./shell.js";

// linkCard is there while shares can be claimed with the link, for who sent it.
export function linkCard(link: Link, p: Packet, id: Uint8Array): HTMLElement[] {
  if (!isMe(p.sender)) return [];
  if (listIn(p.terms.claim)) {
    return [h("section", { class: "card", id: "link" }, h("h2", {}, t("名单上每个人的链接", "A link for each of the list")),
      h("p", {}, t("在发它的电脑上用 hongbao list vouchers 生成,每人一个,请当现金一样保管。", "hongbao list vouchers makes them, on the computer that it was sent from: one for each, to be treated like cash.")))];
  }
  if (!p.terms.linkKey) {
    const text = spellLink(link), all = ["always", "from"].includes(p.terms.claim!.op);
    return [h("section", { class: "card", id: "link" }, h("h2", {}, t("告诉能领的人", "Tell those who can claim")),
      h("p", {}, all ? t("谁都可以领。把这个发出去,在“打开红包”里粘贴就行。", "Everyone can claim. Hand this on, to paste where a packet is opened.")
        : t("只有你写了名字的人能领。把这个发给他们,在“打开红包”里粘贴就行。", "Only those whom you named can claim. Give them this, to paste where a packet is opened.")), ...shown(text), qr(text))];
  }
  if (!link.key) return [h("section", { class: "card", id: "link" }, h("h2", {}, t("红包链接", "The packet's link")), finder(link, p, id))];
  const text = spellLink(link);
  return [h("section", { class: "card", id: "link" }, h("h2", {}, t("把链接发给要领的人", "Give the link to those who shall claim")),
    h("p", {}, t("谁有链接谁就能领:请当现金一样保管。", "Anyone with the link can claim: treat it like cash.")), ...shown(text), qr(text))];
}

// shown is a text to be copied.
function shown(text: string): HTMLElement[] {
  const area = h("textarea", { readonly: true, rows: "4", class: "link", "aria-label": t("红包链接", "The packet's link") }) as HTMLTextAreaElement;
  area.value = text;
  const copy = button("plain", t("复制链接", "Copy the link"), () => void navigator.clipboard.writeText(text).then(
    () => { copy.textContent = t("✓ 复制好了", "✓ Copied"); }, () => { area.focus(); area.select(); }));
  return [area, copy];
}

const quiet = 4; // modules of white around a QR code, as ISO/IEC 18004 wants

function qr(text: string): Node {
  const rows = encodeQR(text, "raw", { border: quiet }) as boolean[][], n = String(rows.length);
  const d = rows.flatMap((row, y) => row.map((on, x) => (on ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return svg("svg", { viewBox: `0 0 ${n} ${n}`, class: "qr", role: "img", "aria-label": t("红包链接的二维码", "The link as a QR code") },
    svg("rect", { width: n, height: n, fill: "#fff" }), svg("path", { d, fill: "#000" })) as unknown as Node;
}

// finder finds the link again: its key follows from the sender's own.
function finder(link: Link, p: Packet, id: Uint8Array): HTMLElement {
  const said = h("div", { "aria-live": "polite" });
  return h("div", {}, h("p", {}, t("链接不存在这个浏览器里。它可以从你的密钥重新算出来。", "The link is not kept in this browser. It can be found again with your key.")),
    button("plain", t("找回链接", "Find the link"), async () => {
      const who = await unlock();
      if (!who) return;
      const key = linkSecret(who, Buffer.from(id));
      if (hex(linkPublic(key)) !== hex(p.terms.linkKey!)) {
        return said.replaceChildren(notice("wait", t("这个红包不是在这一页发的:链接在当初发它的地方。", "This packet was not sent from this page: its link is where it was sent from.")));
      }
      keepSecret(link.packet, secretPart({ ...link, key }));
      go();
    }), said);
}
