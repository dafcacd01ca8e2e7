// A node that lies, before the whole page. Its lies are told where the page hears them, in the
// API's answers: whatever a node says, and whatever its server makes of it, comes from there.
// What a screen calls verified is then the truth to the letter, or it is not called so.

import { type Page, type Route, expect } from "@playwright/test";
import { Network, as, test } from "./network.js";

const network = new Network();

test.beforeAll(async () => await network.start());
test.afterAll(async () => await network.stop());

// eachScreen is how many lies a screen is told, spread over all there are; LIES=10000 is all.
const eachScreen = Number(process.env["LIES"] ?? 30);

type Lie = [desc: string, told: string];

// lies are those about an answer: each field changed, dropped, or taken from an answer to
// another question or an older one, and whole other answers.
function lies(answer: string, others: string[]): Lie[] {
  const truth = JSON.parse(answer), list: Lie[] = [], spell = (v: unknown) => JSON.stringify(v, null, 2) + "\n";
  const tell = (desc: string, change: (v: any) => void) => {
    const v = structuredClone(truth);
    change(v);
    list.push([desc, spell(v)]);
  };
  const walk = (v: any, at: (v: any) => any, path: string) => {
    for (const name of Object.keys(v)) {
      const here = `${path}.${name}`;
      for (const x of unlike(v[name])) tell(`${here} changed`, (all) => { at(all)[name] = x; });
      tell(`${here} dropped`, (all) => { Array.isArray(at(all)) ? at(all).splice(Number(name), 1) : delete at(all)[name]; });
      for (const other of others.map((o) => at(JSON.parse(o))?.[name]).filter((o) => o !== undefined && JSON.stringify(o) !== JSON.stringify(v[name])))
        tell(`${here} of another answer`, (all) => { at(all)[name] = other; });
      if (typeof v[name] === "object" && v[name] !== null) walk(v[name], (all) => at(all)?.[name], here);
    }
  };
  walk(truth, (v) => v, "");
  others.forEach((o, i) => list.push([`answer ${i} to another question`, o]));
  return [...list, ["no answer", "{}"], ["no JSON", "<b>no</b>"], ["nothing", ""]];
}

// unlike are values of the form of v that are not v; of bytes in base64, two with a bit changed.
function unlike(v: unknown): unknown[] {
  if (typeof v === "number") return [v + 1, v - 1];
  if (typeof v === "boolean") return [!v];
  if (Array.isArray(v)) return v.length > 1 ? [[...v].reverse(), [...v, v[0]]] : [[...v, ...v]];
  if (typeof v !== "string") return [];
  const bytes = Buffer.from(v, "base64");
  if (bytes.length < 8 || bytes.toString("base64") !== v) return [`${v}x`, v.slice(1)];
  return [0.3, 0.8].map((part) => {
    const b = Buffer.from(bytes), at = Math.floor(part * b.length);
    b[at] = b[at]! ^ 4;
    return b.toString("base64");
  });
}

const spread = <T>(list: T[], n: number) => (list.length <= n ? list : Array.from({ length: n }, (_, i) => list[Math.floor(((i + 0.5) * list.length) / n)]!));

// settled waits until the screen says what it is going to, and reads it.
async function settled(page: Page) {
  await expect(page.locator("#verified, main [role=alert]").first()).toBeVisible();
  await expect(page.locator("main")).not.toContainText(/正在核实|checking …|Checking …/);
  return await page.evaluate(() => {
    const states = [...document.querySelectorAll(".state")].map((e) => e.textContent!);
    const main = document.querySelector("main")!.cloneNode(true) as HTMLElement;
    for (const e of main.querySelectorAll(".state")) e.remove();
    return { text: main.textContent!, states, verified: document.querySelector("#verified.good") !== null };
  });
}

const unproven = /^(现在的状态没有证明|how it stands is not proven|未核实|not verified)/;

for (const screen of ["packet", "money", "network"] as const) {
  test(`lies about the ${screen}: none is shown as verified`, async ({ page }) => {
    const sent = network.cli("send", "8", "--shares", "4", "--from", "alice"), other = network.cli("send", "9", "--from", "alice");
    const get = async (question: string) => {
      for (;;) {
        const answer = await fetch(`${network.url}api/${question}`);
        if (answer.status !== 429) return await answer.text();
        await new Promise((done) => setTimeout(done, 500)); // too many at once: the truth is worth waiting for
      }
    };
    const about = [`proof?kind=packet&subject=${sent.packet}`, `proof?kind=packet&subject=${other.packet}`, "proof?kind=supply&subject=supply",
      ...["bob", "carol"].map((who) => `proof?kind=account&subject=${network.cli("balance", who).address}&from=0&until=0`)];
    const older = await Promise.all(about.map(get));
    for (const who of ["bob", "carol"]) network.cli("claim", sent.link, "--from", who);
    const others = [...older, ...(await Promise.all(about.map(get)))];
    const answers = new Map<string, string>();
    let lie: { question: string; told: string } | null = null;
    const question = (r: Route) => r.request().url().split("/api/")[1]!;
    await page.clock.setFixedTime(Date.now());
    await as(page, "bob");
    await page.route("**/api/events?**", (r) => r.abort());
    await page.route(/\/api\/(proof|accounts|network)/, async (r) => {
      const q = question(r);
      if (!answers.has(q)) answers.set(q, await get(q));
      await r.fulfill({ body: lie?.question === q ? lie.told : answers.get(q)!, contentType: "application/json" });
    });
    await page.goto(network.url + (screen === "packet" ? `?chain=&packet=${sent.packet}` : `?do=${screen}`));
    const truth: Record<string, { text: string; states: string[] }> = {};
    const lang = () => page.evaluate(() => document.documentElement.lang);
    for (let i = 0; i < 3; i++) { // each language, and once more: the truth is the same again
      await expect.poll(async () => (await settled(page)).verified).toBe(true);
      const { verified: _, ...said } = await settled(page);
      expect(truth[await lang()] ?? said).toEqual(said);
      truth[await lang()] = said;
      await page.locator("#lang").click();
    }
    const list = [...answers].flatMap(([q, a]) => lies(a, others.filter((o) => o !== a)).map(([desc, told]) => ({ question: q, desc, told })));
    const count = { refused: 0, "not verified": 0, "the truth": 0 };
    for (const l of spread(list, eachScreen)) {
      lie = l;
      if (l.question.startsWith("network")) await page.reload(); // it is asked for once
      else await page.locator("#lang").click();
      const { text, states, verified } = await settled(page), true_ = truth[await lang()]!, about = `${l.question}: ${l.desc}`;
      if (verified) expect(text, about).toBe(true_.text);
      states.forEach((s, i) => { if (!unproven.test(s)) expect(s, about).toBe(true_.states[i]); });
      const told = text !== true_.text || states.some((s) => unproven.test(s));
      count[told ? (await page.locator("main [role=alert]").count()) > 0 ? "refused" : "not verified" : "the truth"]++;
    }
    console.log(`lies about the ${screen}: ${list.length}, told ${Math.min(list.length, eachScreen)}: ${JSON.stringify(count)}`);
    expect(count.refused).toBeGreaterThan(0);
  });
}
