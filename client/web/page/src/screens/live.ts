// A screen that shows one proven answer, and asks for it anew while it is on the screen.

import * as api from "../api.js";
import { type Believed, askEvery, isProven } from "../believe.js";
import { button, h, t } from "../ui.js";
import { failure, onLeave } from "./shell.js";

export interface Live {
  id: string;
  read: () => Promise<Believed>;
  view: (b: Believed) => HTMLElement[];
  subject?: string; // what happens to it is a reason to ask anew
  every?: number; // ms; how often to ask, without one
  tick?: () => void; // each second
}

// live is the screen. What was verified and has grown old loses its mark, also while the
// server is silent.
export function live(l: Live): { screen: HTMLElement; again: () => void } {
  const screen = h("div", { id: l.id }, h("p", { class: "soft", role: "status" }, t("正在核实……", "Checking …")));
  let shown: Believed | null = null, proven = false, reading = false, more = false, asked = 0;
  const look = (b: Believed) => {
    shown = b;
    proven = isProven(b);
    keeping(screen, () => screen.replaceChildren(...l.view(b)));
  };
  const read = async () => {
    more = reading; // what happens meanwhile is read after this
    if (reading) return;
    reading = true;
    asked = Date.now();
    try {
      look(await l.read());
    } catch (err) {
      shown = null;
      screen.replaceChildren(failure(err), button("plain", t("再试一次", "Try again"), () => void read()));
    }
    reading = false;
    if (more) void read();
  };
  const watch = () => {
    if (document.hidden) return;
    if (shown && proven !== isProven(shown)) look(shown);
    l.tick?.();
    if (Date.now() - asked >= (l.every ?? askEvery)) void read();
  };
  const watching = setInterval(watch, 1000);
  document.addEventListener("visibilitychange", watch);
  const online = () => void read();
  addEventListener("online", online);
  const unfollow = l.subject ? api.follow(l.subject, () => void read()) : () => {};
  onLeave(() => {
    unfollow();
    clearInterval(watching);
    document.removeEventListener("visibilitychange", watch);
    removeEventListener("online", online);
  });
  void read();
  return { screen, again: () => void read() };
}

// keeping puts new elements on a screen, and leaves the reader where they were: what was
// opened stays open, and what had the focus has it.
function keeping(screen: HTMLElement, put: () => void) {
  const stops = () => [...screen.querySelectorAll<HTMLElement>("a, button, summary, input")];
  const open = [...screen.querySelectorAll("details[open]")].map((d) => d.id), focused = stops().indexOf(document.activeElement as HTMLElement);
  put();
  for (const d of screen.querySelectorAll("details")) d.open = open.includes(d.id);
  if (focused >= 0) stops()[focused]?.focus({ preventScroll: true });
}
