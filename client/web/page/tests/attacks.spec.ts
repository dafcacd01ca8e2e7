// Attacks on the page, each as its attacker would make it: docs/evidence.md lists them.

import { type Page, expect, test } from "@playwright/test";
import { closeSync, openSync, readFileSync, readSync, readdirSync } from "node:fs";
import { type Server, createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { join } from "node:path";
import { readTrust } from "../../../../docs/verifier/files.js";
import { Life, terms, trustFile } from "../../../../docs/verifier/forge.js";
import { judge } from "../../../../docs/verifier/judge.js";
import { Network, as } from "./network.js";

const network = new Network(), script = "<img src=x onerror=\"document.title='hit'\"><script>document.title='hit'</script>";
let evil: Server, site = "";

test.beforeAll(async () => {
  await network.start();
  evil = createServer((_, answer) => answer.setHeader("Content-Type", "text/html").end("<!doctype html><title>evil</title><body>"));
  await new Promise<void>((done) => evil.listen(0, "127.0.0.1", done));
  site = `http://localhost:${(evil.address() as AddressInfo).port}/`; // another site to a browser: another name, and port
});
test.afterAll(async () => {
  evil.close();
  await network.stop();
});

const send = (...more: string[]) => network.cli("send", "1", "--from", "alice", ...more);
const harmless = async (page: Page) => {
  await expect(page.locator("main img, main script")).toHaveCount(0);
  expect(await page.title()).not.toBe("hit");
};

test("a script in a memo, a key's or a contact's name, a scene or a node's error is a text, or is refused", async ({ page }) => {
  await as(page, "bob");
  await page.goto(network.at(send("--memo", script).link));
  await expect(page.locator(".memo")).toHaveText(script);
  await harmless(page);
  // What a node answers instead of a proof.
  await page.route("**/api/proof?**", (r) => r.fulfill({ status: 502, json: { status: "error", error: { code: script, message: script, hint: script } } }));
  for (const where of [`?chain=&packet=${send().packet}`, "?do=network"]) {
    await page.goto(network.url + where);
    await expect(page.getByRole("alert")).toContainText(script);
    await harmless(page);
  }
  // A key file's name would be shown on each screen.
  await page.goto(`${network.url}?do=keys`);
  await page.locator("summary").click();
  const file = { name: script, xpub: "", addresses: 1, words: "-----BEGIN AGE" };
  await page.locator("input[type=file]").setInputFiles({ name: "k.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(file)) });
  await expect(page.getByRole("alert")).toContainText("not a usable key file");
  await harmless(page);
  // So would a contact's.
  await page.goto(`${network.url}?do=contacts`);
  await page.getByLabel("Name", { exact: true }).fill(script);
  await page.getByLabel("Address", { exact: true }).fill(network.cli("balance", "carol").address);
  await page.getByRole("button", { name: "Keep it" }).click();
  await expect(page.getByRole("alert")).toContainText("Choose another name");
  await harmless(page);
  // A scene is one of a few words: whoever signs another, it is no packet.
  const scene = (name: string) => judge(new Life(terms({ scene: name })).send().proof(), readTrust(trustFile()));
  expect(scene("").verdict).toBe("valid");
  expect(scene(script).verdict).toBe("invalid");
});

test("nothing in the page can become HTML by mistake", async ({ page }) => {
  await page.goto(network.url);
  const refused = await page.evaluate(() => {
    try { document.querySelector("main")!.innerHTML = "<b>x</b>"; } catch (err) { return String(err); }
    return "it can";
  });
  expect(refused).toContain("TrustedHTML");
  // Later, for what a test runs at once may use it.
  const evaluated = page.evaluate(() => new Promise((done) => setTimeout(() => { try { done(eval("1")); } catch { done("no eval"); } })));
  expect(await evaluated).toBe("no eval");
});

test("clickjacking: no frame of another site, nor of its own, shows the page", async ({ page }) => {
  for (const outside of [site, network.url]) {
    await page.goto(outside);
    await page.evaluate((url) => { const f = document.createElement("iframe"); f.src = url; document.body.append(f); }, network.at(send().link));
    await expect.poll(() => page.frames().length).toBe(2);
    await expect.poll(() => page.frames()[1]!.url()).toBe("chrome-error://chromewebdata/");
    expect(await page.frames()[1]!.locator("#claim, main, .envelope").count()).toBe(0);
  }
});

test("another site's fetch, form, script, stream and websocket get nothing", async ({ page }) => {
  await page.goto(site);
  const answered: string[] = [];
  page.on("response", (r) => { if (r.url().includes("/api/") && r.status() !== 403) answered.push(`${r.status()} ${r.url()}`); });
  const got = await page.evaluate(async (url) => {
    const say = (p: Promise<unknown>) => p.then((v) => `got ${v}`, () => "nothing");
    const json = { "Content-Type": "application/json" };
    const loaded = (tag: "script" | "img", src: string) => say(new Promise((done, fail) => { const e = document.createElement(tag); e.src = src; e.onload = done; e.onerror = fail; document.body.append(e); }));
    return {
      api: await say(fetch(`${url}api/network`).then((r) => r.text())),
      blind: await say(fetch(`${url}api/network`, { mode: "no-cors" }).then((r) => r.text().then((t) => { if (!t) throw t; }))),
      trust: await say(fetch(`${url}trust.json`).then((r) => r.text())),
      trustBlind: await say(fetch(`${url}trust.json`, { mode: "no-cors" })),
      post: await say(fetch(`${url}api/txs`, { method: "POST", headers: json, body: '{"tx":""}' })),
      plain: await say(fetch(`${url}api/txs`, { method: "POST", mode: "no-cors", body: '{"tx":""}' }).then((r) => r.text().then((t) => { if (!t) throw t; }))),
      script: await loaded("script", `${url}page.js`),
      stream: await say(new Promise((done, fail) => { const s = new EventSource(`${url}api/events?subject=x`); s.onopen = done; s.onerror = fail; })),
      socket: await say(new Promise((done, fail) => { const s = new WebSocket(`${url.replace("http", "ws")}api/events`); s.onopen = done; s.onerror = fail; })),
      opened: await say(new Promise((done, fail) => { const w = open(url); setTimeout(() => { try { done(w!.document.title); } catch (err) { fail(err); } }, 500); })),
    };
  }, network.url);
  expect(got).toEqual(Object.fromEntries(Object.keys(got).map((name) => [name, "nothing"])));
  expect(answered).toEqual([]);
});

// inMemory reports which of these bytes stand in a process's memory.
function inMemory(pid: number, ...needles: Buffer[]): boolean[] {
  const found = needles.map(() => false), memory = openSync(`/proc/${pid}/mem`, "r"), chunk = Buffer.alloc(16 << 20), overlap = 128;
  for (const line of readFileSync(`/proc/${pid}/maps`, "latin1").split("\n")) {
    const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
    if (!from || line.endsWith("[vvar]")) continue;
    for (let at = parseInt(from, 16); at < parseInt(to!, 16); at += chunk.length - overlap) {
      let n = 0;
      try { n = readSync(memory, chunk, 0, Math.min(chunk.length, parseInt(to!, 16) - at), at); } catch { break; } // a place that is only reserved
      needles.forEach((needle, i) => { found[i] ||= chunk.subarray(0, n).includes(needle); });
    }
  }
  closeSync(memory);
  return found;
}

test("a link's secret: not in the history, a referrer, a log, or the memory of server and node", async ({ page }) => {
  const sent = send("--memo", "for your eyes"), key = sent.link.split("#k=")[1].split("&")[0], memo = sent.link.split("&m=")[1];
  const secrets = [key, memo, "for your eyes"], asked: string[] = [];
  page.on("request", async (r) => asked.push(r.url() + (r.postData() ?? "") + JSON.stringify(await r.allHeaders())));
  await as(page, "bob");
  await page.goto(network.url);
  await page.locator("textarea").fill(sent.link);
  await page.getByRole("button", { name: "Open it" }).click();
  await page.locator("#claim").click();
  await expect(page.locator("#yours h2")).toHaveText("Yours, final");
  const history = await page.evaluate(() => (globalThis as any).navigation.entries().map((e: any) => e.url + JSON.stringify(e.getState() ?? "")).join(" ") + JSON.stringify(history.state) + document.cookie);
  const logs = readdirSync(network.dir, { recursive: true }).map(String).filter((f) => /log/.test(f) && !/\.(ldb|db)/.test(f))
    .flatMap((f) => { try { return [readFileSync(join(network.dir, f), "latin1")]; } catch { return []; } });
  for (const s of secrets) {
    expect(asked.join(" ")).not.toContain(s);
    expect(history).not.toContain(s);
    expect(network.said + logs.join(" ")).not.toContain(s);
  }
  expect(asked.join(" ")).not.toMatch(/"referer"/i);
  const raw = Buffer.from(key, "base64url");
  for (const pid of network.pids()) {
    // The packet's number was asked for, and shows that the search finds what is there.
    const [there, ...leaked] = inMemory(pid, Buffer.from(sent.packet), Buffer.from(key), raw, Buffer.from(memo));
    expect(leaked).toEqual([false, false, false]);
    if (pid === network.pids().at(-1)) expect(there).toBe(true);
  }
});

test("an account that is removed leaves no key behind, and one that is locked no secret", async ({ page }) => {
  await page.goto(`${network.url}?do=keys`);
  await page.getByLabel("Name", { exact: true }).fill("mia");
  for (const label of ["Passphrase", "The passphrase again"]) await page.getByLabel(label, { exact: true }).fill("correct horse");
  await page.getByRole("button", { name: "Make it" }).click();
  const words = (await page.locator(".words li").allTextContents()).join(" ");
  await page.getByRole("button", { name: "I have written them down" }).click();
  await expect(page.getByRole("button", { name: "Remove from this browser" })).toBeVisible();
  const kept = () => page.evaluate(async () => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, await indexedDB.databases(), await caches.keys(),
    (await navigator.serviceWorker.getRegistrations()).length]));
  const all = await kept();
  expect(all).toContain("BEGIN AGE");
  for (const s of [words, words.split(" ").slice(0, 2).join(" "), "correct horse"]) expect(all).not.toContain(s);
  await page.getByRole("button", { name: "Remove from this browser" }).click();
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(page.getByRole("button", { name: "Remove from this browser" })).toHaveCount(0);
  expect(JSON.parse(await kept())).toEqual([{ "hongbao/keys": "{}" }, {}, "", [], [], 0]);
});

test("two tabs of one account claim at once: each its own, each once", async ({ context }) => {
  const packets = [send(), send()], before = network.cli("balance", "carol");
  const tabs = await Promise.all(packets.map(async (p) => {
    const tab = await context.newPage();
    await as(tab, "carol");
    await tab.goto(network.at(p.link));
    await expect(tab.locator("#claim")).toBeVisible();
    return tab;
  }));
  await Promise.all(tabs.map((tab) => tab.locator("#claim").click()));
  for (const tab of tabs) {
    // A tab that is slow begins while the other's claim is under way. It is told that it happened, and signs nothing yet.
    const yours = tab.locator("#yours h2"), told = tab.getByText("What you signed before has happened");
    await expect(yours.or(told).first()).toBeVisible();
    if (await told.isVisible()) await tab.locator("#claim").click();
    await expect(yours).toHaveText("Yours, final");
  }
  const after = network.cli("balance", "carol");
  expect(after.nonce - before.nonce).toBe(2);
  expect(Number(after.balance_fen) - Number(before.balance_fen)).toBe(200);
});

test("offline nothing keeps its mark, and coming back it is verified anew", async ({ page, context }) => {
  await as(page, "bob");
  await page.goto(`${network.url}?do=money`);
  await expect(page.locator("#verified")).toContainText("Verified in your browser");
  await context.setOffline(true);
  await page.locator("#lang").click();
  await page.locator("#lang").click();
  await expect(page.getByRole("alert")).toContainText("No connection");
  await expect(page.locator("#verified, #balance")).toHaveCount(0);
  network.cli("pay", "1", "--to", "bob", "--from", "alice"); // what happens meanwhile is not missed
  const balance = network.cli("balance", "bob").balance_fen;
  await context.setOffline(false);
  await expect(page.locator("#verified")).toContainText("Verified in your browser");
  await expect(page.locator("#balance")).toHaveText(`¥${(Number(balance) / 100).toFixed(2).replace(/\B(?=(\d{3})+\.)/g, ",")}`);
});
