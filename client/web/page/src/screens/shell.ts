// What the screens share: how to get from one to another, and how a failure is said.

import { Fault } from "../api.js";
import { Disbelieved } from "../believe.js";
import { Happened, MayHappen, Never, Unsigned } from "../submit.js";
import { h, t } from "../ui.js";

let show: () => void = () => {};
export const onGo = (f: () => void) => { show = f; };

// go shows the screen of an address; none: shows this one anew.
export function go(where?: string) {
  if (where !== undefined) history.pushState(null, "", location.pathname + where);
  show();
  if (where !== undefined) scrollTo(0, 0);
}

// What a screen follows ends with it: a browser has few connections.
let following: () => void = () => {};
export const onLeave = (end: () => void) => { following = end; };
export function leave() {
  following();
  following = () => {};
}

// happened says that a transaction that was left open did happen.
export const happened = (packet: string, more: string) => h("div", { class: "notice wait", role: "status", id: "happened" },
  h("strong", {}, t("先前签过的一笔已经发生了", "What you signed before has happened")),
  h("p", {}, t("它在这个红包里:", "It stands in the packet "), h("span", { class: "id" }, packet), t("。", ". "), more));

// failure says what went wrong, and what it means for the reader's money.
export function failure(err: unknown): HTMLElement {
  const say = (title: string, more: string) => h("div", { class: "notice bad", role: "alert" }, h("strong", {}, title), h("p", {}, more));
  if (err instanceof MayHappen) {
    return say(t("还不知道结果", "The outcome is not known yet"), t("已经签了字,它可能还会发生,但只会发生一次。请不要重做;一会儿再打开这一页,会接着查。",
      "It was signed and may still happen, once. Do not do it again: open this page again in a while, and it goes on asking."));
  }
  if (err instanceof Never) {
    return say(t("没有发生,也不会再发生", "It did not happen, and never will"), t("钱没有动,可以再来一次。", "No money moved. You can do it again."));
  }
  if (err instanceof Happened) return happened(err.pending.packet, t("这次没有再签任何东西。看清楚以后,还要做的话,请再点一次。",
    "Nothing was signed now. Look at it first, and do this again if you still want it."));
  if (err instanceof Unsigned) {
    return say(t("没有签字", "Nothing was signed"), err.why === "ahead"
      ? t("没有信任文件,而节点说的时间比这台电脑的钟晚得多:照它签,签名的有效期会比你以为的长。请对一下钟,或放好信任文件。",
        "There is no trust file, and the node's time is well ahead of this computer's clock: what you sign would be good for longer than you think. Check the clock, or get a trust file.")
      : t("你的信任文件证明不了你账户现在的状态:节点停了,在隐瞒,或者不是那条链。",
        "Your trust file does not stand behind how your account is now: the node stands still, hides something, or is of another chain."));
  }
  if (err instanceof Disbelieved) {
    const why = { invalid: t("它给的证明对不上。", "The proof that it gave does not hold."), older: t("它给的比刚才看到的还旧。", "What it shows is older than what it showed before."),
      subject: t("它答的是另一件事。", "It answered about something else.") }[err.why];
    return say(t("节点的回答不可信,没有采信", "The node's answer is wrong, and was not believed"), why);
  }
  if (err instanceof Fault && err.code === "unreachable") {
    return say(t("连不上", "No connection"), err.message || t("hongbao web 没有开着。重新启动它,再打开这一页。", "hongbao web does not run. Start it again, and open this page again."));
  }
  // Its hint is for the command line.
  if (err instanceof Fault) return say(err.message, t("什么也没有发生,钱没有动。", "Nothing happened, and no money moved."));
  console.error(err);
  return say(t("出了意料之外的错误", "Something unexpected went wrong"), String(err));
}
