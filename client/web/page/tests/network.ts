// A network of one validator and the page before it, for tests that need a chain.

import AxeBuilder from "@axe-core/playwright";
import { type BrowserContext, type Page, type Request, test as base, expect } from "@playwright/test";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const hongbao = process.env["HONGBAO"]!;

// test is a test whose pages ask no other origin than their own, whatever they do.
export const test = base.extend<{ context: BrowserContext }, { watched: string[] }>({
  watched: [async ({ browser }, use) => { // of contexts that a test makes by itself
    const foreign: string[] = [], make = browser.newContext.bind(browser);
    browser.newContext = async (...options) => watch(await make(...options), foreign);
    await use(foreign);
  }, { scope: "worker", auto: true }],
  context: async ({ context, watched }, use) => {
    await use(watch(context, watched));
    expect(watched.splice(0)).toEqual([]);
  },
});

const own = (r: Request) => ["data:", "blob:", "file:", "about:"].some((p) => r.url().startsWith(p)) || new URL(r.url()).hostname === "127.0.0.1" &&
  (r.isNavigationRequest() || new URL(r.url()).origin === new URL(r.frame().url()).origin);

function watch(context: BrowserContext, foreign: string[]): BrowserContext {
  context.on("request", (r) => { if (!own(r)) foreign.push(r.url()); });
  return context;
}

export class Network {
  home = "";
  dir = "";
  private running: ChildProcess[] = [];
  page = ""; // where testnet up serves the page
  url = ""; // and where web does, in a process of its own
  said = ""; // what the page's servers wrote

  pids = () => this.running.map((p) => p.pid!); // the network's, and the page's server last

  // start starts the network, and waits until it is ready.
  async start() {
    this.home = mkdtempSync(join(tmpdir(), "hongbao-page-"));
    this.dir = join(this.home, "testnet");
    const config = join(this.home, "config.json");
    const up = spawn(hongbao, ["--home", this.home, "testnet", "up", "-n", "1", "--dir", this.dir, "--config-out", config], { stdio: "ignore" });
    this.running.push(up);
    await expect.poll(() => existsSync(config), { timeout: 60_000 }).toBe(true);
    this.page = JSON.parse(readFileSync(config, "utf8")).page;
    this.url = await this.serve();
  }

  // serve serves the page, on a port of its own unless one is named.
  async serve(port = "0"): Promise<string> {
    const web = spawn(hongbao, ["--home", this.home, "web", "--port", port]);
    this.running.push(web);
    for (const out of [web.stdout, web.stderr]) out.on("data", (text) => { this.said += text; });
    return await new Promise((resolve, reject) => {
      web.stdout.once("data", (line) => resolve(String(line).trim()));
      web.once("exit", (code) => reject(new Error(`web ended with ${code}`)));
    });
  }

  // kill ends the page's server at once.
  async kill() {
    const web = this.running.pop()!;
    web.kill("SIGKILL");
    await new Promise((done) => web.once("exit", done));
  }

  async stop() {
    for (const p of this.running.reverse()) {
      if (p.exitCode !== null) continue;
      p.kill("SIGINT");
      await new Promise((done) => p.once("exit", done));
    }
    rmSync(this.home, { recursive: true, force: true });
  }

  // cli runs a command, and gives its result.
  cli(...args: string[]): any {
    return JSON.parse(this.text("--output", "json", "--yes", "--lang", "en", ...args)).result;
  }

  // text runs a command, and gives what it prints.
  text(...args: string[]): string {
    return String(execFileSync(hongbao, ["--home", this.home, ...args], { stdio: ["ignore", "pipe", "ignore"] }));
  }

  // chain is the chain's id.
  chain = async (): Promise<string> => (await (await fetch(`${this.url}api/network`)).json()).result.chain_id;

  // at is the page's address of a link.
  at = (link: string, page = this.url) => page + link.replace("hongbao:claim", "");
}

// as has the page sign as one of the accounts that everybody has.
export async function as(page: Page, name: string) {
  await page.addInitScript((name) => localStorage.setItem("hongbao/account", `@${name}`), name);
}

// pending is what an account left open, as the page keeps it, or null; given one, it is left open, when
// the page does not settle what was left open before.
export const pending = (page: Page, chain: string, account: string, left: object | null = null): Promise<any> =>
  page.evaluate(([chain, account, left]) => {
    const kept = () => new Promise((done, fail) => {
      const open = indexedDB.open("hongbao", 1);
      open.onupgradeneeded = () => open.result.createObjectStore("pending", { keyPath: ["chain", "account"] });
      open.onerror = () => fail(open.error);
      open.onsuccess = () => {
        const tx = open.result.transaction("pending", "readwrite"), store = tx.objectStore("pending");
        const request: IDBRequest = left ? store.put(left) : store.get([chain, account]);
        tx.oncomplete = () => { open.result.close(); done(left ?? request.result ?? null); };
      };
    });
    return left ? navigator.locks.request(`hongbao/${chain}/${account}`, kept) : kept();
  }, [chain, account, left] as const);

// screens are each width, theme and language twice, and each pair of them once.
export const screens = [[360, 740, "light", "zh-CN"], [360, 740, "dark", "en-GB"], [1280, 900, "dark", "zh-CN"],
  [1280, 900, "light", "en-GB"]] as const;

// look holds a screen to what everybody can read, and keeps its picture.
export async function look(page: Page, name: string, [width, , colorScheme, locale]: typeof screens[number]) {
  const broken = await new AxeBuilder({ page }).analyze();
  expect(broken.violations.map((v) => `${v.id}: ${v.nodes[0]?.html}`), name).toEqual([]);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide, `${name} is wider than the screen`).toBeLessThanOrEqual(0);
  await page.screenshot({ path: join(process.env["SCREENSHOTS"]!, `${name}-${width}-${colorScheme}-${locale}.png`), fullPage: true });
}
