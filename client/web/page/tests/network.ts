// A network of one validator and the page before it, for tests that need a chain.

import { type Page, expect } from "@playwright/test";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const hongbao = process.env["HONGBAO"]!;

export class Network {
  home = "";
  dir = "";
  private running: ChildProcess[] = [];
  url = "";

  // start starts the network, and waits until it is ready.
  async start() {
    this.home = mkdtempSync(join(tmpdir(), "hongbao-page-"));
    this.dir = join(this.home, "testnet");
    const config = join(this.home, "config.json");
    const up = spawn(hongbao, ["--home", this.home, "testnet", "up", "-n", "1", "--dir", this.dir, "--config-out", config], { stdio: "ignore" });
    this.running.push(up);
    await expect.poll(() => existsSync(config), { timeout: 60_000 }).toBe(true);
    this.url = await this.serve();
  }

  // serve serves the page, on a port of its own unless one is named.
  async serve(port = "0"): Promise<string> {
    const web = spawn(hongbao, ["--home", this.home, "web", "--port", port]);
    this.running.push(web);
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

  // at is the page's address of a link.
  at = (link: string) => this.url + link.replace("hongbao:claim", "");
}

// as has the page sign as one of the accounts that everybody has.
export async function as(page: Page, name: string) {
  await page.addInitScript((name) => localStorage.setItem("hongbao/account", `@${name}`), name);
}
