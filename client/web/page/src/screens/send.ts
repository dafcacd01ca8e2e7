// Send a red packet: how much, for whom, and a scene, chosen by picture. What will be
// signed is shown in plain words before it is.

import { type Believed, relied } from "../believe.js";
import { known, partyOf } from "../contacts.js";
import { explain } from "../explain/explain.js";
import { OPEN, type Packet } from "../explain/packet.js";
import { yuan } from "../explain/words.js";
import { type Link, keepSecret, openPart, secretPart } from "../link.js";
import { called, me, nameOf, network, unlock } from "../me.js";
import { type Offer, fenOf, linkPublic, linkSecret, maxInLeaf, maxMemoBytes, maxShares, newMemo, peopleOf, rolesOf, termsOf } from "../offer.js";
import { type Draft, resume, submit } from "../submit.js";
import { ask, button, field, h, lang, notice, t } from "../ui.js";
import { hex, packetId, packetIdOf } from "../verifier.js";
import { everyday, others, picture, roleName, sceneName } from "./scenes.js";
import { failure, go, happened } from "./shell.js";
import { zone } from "./verified.js";

export function sendScreen(): HTMLElement {
  const screen = h("div", { id: "send" }, h("h1", {}, t("发红包", "Send a red packet")));
  const chain = relied()?.chain ?? network?.chain_id;
  if (!me || !chain) {
    screen.append(h("p", {}, me ? t("连不上节点,现在发不了。", "The node does not answer: nothing can be sent now.") : t("要发,先得有一个账户。", "To send, you need an account.")),
      button("main", me ? t("再试一次", "Try again") : t("准备账户", "Get an account"), () => go(me ? undefined : "?do=keys")));
    return screen;
  }
  // What was left open when a tab was closed, or the server was gone, is settled first.
  void resume(chain, me).then((p) => { if (p) screen.prepend(happened(p.packet, ""), toPacket(chain, p.packet)); }).catch(() => {});
  screen.append(form(chain));
  return screen;
}

const toPacket = (chain: string, packet: string) =>
  button("plain", t("看这个红包", "Look at it"), () => go(`?${openPart({ chain, packet, key: null, memo: null })}`));

function form(chain: string): HTMLElement {
  const amount = h("input", { inputmode: "decimal", autocomplete: "off", required: true, class: "big", placeholder: "88.80" }) as HTMLInputElement;
  const shares = h("input", { type: "number", inputmode: "numeric", min: "1", max: String(maxShares), value: "1", required: true }) as HTMLInputElement;
  const lucky = h("input", { type: "checkbox" }) as HTMLInputElement;
  const memo = h("input", { autocomplete: "off", placeholder: t("恭喜发财", "Happy New Year") }) as HTMLInputElement;
  const to = h("input", { autocomplete: "off", autocapitalize: "off", spellcheck: "false", list: "known" }) as HTMLInputElement;
  const said = h("div", { "aria-live": "polite" }), who = h("div", {}), holders = h("div", {});
  let scene = everyday[0]!, roles: HTMLInputElement[] = [];
  const choose = (to_: string) => {
    scene = to_;
    const people = peopleOf(scene);
    shares.disabled = people === "one" || people === "listed";
    to.required = people === "one" || people === "listed";
    to.hidden = people === "everyone";
    lucky.disabled = people === "everyone"; // it is drawn in any case
    lucky.checked = people === "everyone" || lucky.checked;
    if (people === "one") shares.value = "1";
    who.replaceChildren(field(t("给谁", "For whom"), {
      one: t("一个人:名字,或 hb1 开头的地址。", "One person: a name, or an address that begins with hb1."),
      listed: t("名单上的人,用逗号隔开,每人一份。", "The people of the list, with commas: a share for each."),
      everyone: t("谁都可以领,一个地址领一份。", "Everyone can claim, one share an address."),
      any: t("不填:有链接的人就能领。填名字或地址(用逗号隔开):只有他们能领。", "Leave it empty, and whoever has the link can claim. With names or addresses, with commas, only they can."),
    }[people], to));
    roles = rolesOf(scene).map(() => h("input", { autocomplete: "off", autocapitalize: "off", spellcheck: "false", required: true, list: "known" }) as HTMLInputElement);
    holders.replaceChildren(...(roles.length ? [h("fieldset", {}, h("legend", {}, t("由谁评判", "Who judges")),
      h("p", { class: "soft" }, t("选三个你和对方都信得过的人:他们中两个人一起签字,才能把钱退回。", "Choose three people whom both sides trust: two of them together can send the money back.")),
      ...roles.map((input, i) => field(roleName(rolesOf(scene)[i]!, i + 1), "", input)))] : []));
  };
  const card = (name: string) => h("label", { class: "scene" },
    h("input", { type: "radio", name: "scene", value: name, ...(name === scene && { checked: true }), onchange: () => choose(name) }), picture(name), h("span", {}, sceneName(name)));
  const bad = (text: string) => void said.replaceChildren(notice("bad", text));
  const read = (): Offer | null => {
    const keys = (list: string[]) => list.map((text) => ({ text, key: partyOf(text) }));
    const named = keys((to.hidden ? "" : to.value).normalize("NFKC").split(/[,、]/).map((s) => s.trim()).filter((s) => s)), judges = keys(roles.map((r) => r.value));
    const stranger = [...named, ...judges].find((k) => !k.key), total = fenOf(amount.value);
    const people = peopleOf(scene), count = people === "listed" ? named.length : Number(shares.value);
    if (!total) bad(t("金额请写成 88 或 88.80,最少 0.01 元。", "Write the amount like 88 or 88.80, at least 0.01."));
    else if (stranger) bad(t(`不知道“${stranger.text}”是谁:写联系人里的名字,或完整的 hb1 地址。`, `“${stranger.text}” is nobody known here: write the name of a contact, or a whole address that begins with hb1.`));
    else if (people === "one" && named.length !== 1) bad(t("这个场景只能给一个人。", "This scene is for one person."));
    else if (!Number.isInteger(count) || count < 1 || count > maxShares) bad(t(`份数从 1 到 ${maxShares}。`, `From 1 to ${maxShares} shares.`));
    else if (!lucky.checked && total % BigInt(count)) bad(t(`${yuan(total)} 不能平分成 ${count} 份。换个金额或份数,或选拼手气。`, `${yuan(total)} does not divide into ${count} equal shares. Change one of them, or choose lucky.`));
    else if (new TextEncoder().encode(memo.value).length > maxMemoBytes) bad(t("留言太长。", "The message is too long."));
    else {
      return { total, shares: count, lucky: lucky.checked && count > 1, scene, to: named.map((k) => k.key!), roles: judges.map((k) => k.key!), memo: newMemo(memo.value) };
    }
    return null;
  };
  choose(scene);
  const main = h("button", { class: "main" }, t("下一步:看清楚再签", "Next: read it, then sign")) as HTMLButtonElement;
  return h("form", {
    onsubmit: async (e) => {
      e.preventDefault();
      const offer = read();
      if (!offer || main.disabled) return;
      main.disabled = true;
      said.replaceChildren(notice("wait", t("正在准备……", "Preparing …")));
      try {
        const sent = await send(chain, offer);
        said.replaceChildren();
        if (sent) go(`?${openPart({ chain, packet: packetId(sent.c.file.id), key: null, memo: null })}`);
      } catch (err) {
        said.replaceChildren(failure(err));
      }
      main.disabled = false;
    },
  }, field(t("总共多少钱(元)", "How much in all (¥)"), "", amount),
    field(t("分几份", "How many shares"), "", shares),
    h("label", { class: "tick" }, lucky, t("拼手气:每份多少,领了才抽", "Lucky: how much each share holds is drawn once it is claimed")),
    h("fieldset", { class: "scenes" }, h("legend", {}, t("什么场合", "What is it for")), ...everyday.map(card),
      h("details", {}, h("summary", {}, t("更多场合", "More")), ...others.map(card))),
    who, holders,
    field(t("留言", "Message"), t("只写在链接里,不写进账本。不填也行。", "It travels in the link, and is not written in the ledger. You may leave it out."), memo),
    h("datalist", { id: "known" }, ...known().map((n) => h("option", { value: n }))),
    h("p", { class: "soft" }, t(`由“${me!.name}”来发。`, `It is sent by “${me!.name}”.`)), said, h("div", { class: "actions" }, main));
}

// send shows what will be signed, and sees it through. The link's secret is in this tab
// before the bytes leave.
async function send(chain: string, o: Offer): Promise<Believed | null> {
  const who = await unlock();
  if (!who) return null;
  const secretOf = (packet: Uint8Array) => (o.to.length === 0 && peopleOf(o.scene) !== "everyone" ? linkSecret(who, packet) : null);
  const make = (packet: Uint8Array) => {
    const secret = secretOf(packet);
    return { kind: "send", body: { terms: termsOf(o, secret && linkPublic(secret)) } };
  };
  const keep = (d: Draft) => {
    const id = packetIdOf(chain, d), link: Link = { chain, packet: packetId(id), key: secretOf(id), memo: o.memo };
    keepSecret(link.packet, secretPart(link));
  };
  return await submit(chain, who, make, (d) => review(d, o), keep);
}

// review shows the terms as claimers will read them, from the bytes that will be signed.
function review(d: Draft, o: Offer): Promise<boolean> {
  const { terms } = d.message.body, now = d.validUntil;
  const packet: Packet = { sender: d.account, terms, tightened: [], created: 0n, expires: 0n, status: OPEN, closed: 0n, escrow: terms.total, shares: [],
    tally: terms.shares > maxInLeaf ? { claimed: 0, undrawn: 0, lastClaim: 0n, recalled: false } : null };
  const says = explain(lang, { packet, now, zone, name: (k) => (hex(d.account) === k ? t("我", "me") : nameOf(k)), alone: (relied() ?? network)?.validators === 1 });
  return ask(t(`发出 ${yuan(terms.total)}?`, `Send ${yuan(terms.total)}?`), [
    h("p", {}, t("你要签的是这些,领的人领之前也会读到:", "This is what you sign, and what claimers read before they claim:")),
    h("ul", { class: "terms" }, ...says.map((s) => h("li", {}, s))),
    o.to.length ? h("p", {}, t(`能领的人:${o.to.map(called).join("、")}`, `Who can claim: ${o.to.map(called).join(", ")}`)) : null,
    o.memo ? h("p", {}, t(`留言:${o.memo.text}`, `Message: ${o.memo.text}`)) : null,
  ], t("签字并发出", "Sign and send"), t("再改改", "Change it"));
}
