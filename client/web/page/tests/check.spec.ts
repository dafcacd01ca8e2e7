// What the page promises, in a real browser: its verdicts are those of the vectors,
// nothing leaves the origin, and people can read it.

import { type Page, expect } from "@playwright/test";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { find } from "../../../../docs/verifier/patches.js";
import { foundOf } from "./found.js";
import { look, screens, test } from "./network.js";

const vectors = process.env["VECTORS"]!;
const vector = (file: string) => join(vectors, file);
const names = (end: string) => readdirSync(vectors).filter((f) => f.endsWith(end)).map((f) => f.slice(0, -end.length));

let server: ChildProcess, url = "";

test.beforeAll(async () => {
  server = spawn(process.env["HONGBAO"]!, ["web", "--port", "0", "--trust", vector("trust.json")]);
  url = await new Promise((resolve, reject) => {
    server.stdout!.once("data", (line) => resolve(String(line).trim()));
    server.once("exit", (code) => reject(new Error(`web ended with ${code}`)));
  });
});
test.afterAll(() => server.kill());

// open shows the page, and fails the test for any request to another origin.
async function open(page: Page, where = `${url}?do=check`) {
  page.on("request", (r) => expect(new URL(r.url()).origin, r.url()).toBe(new URL(where).origin));
  page.on("pageerror", (err) => { throw err; });
  await page.goto(where);
}

const verdict = (page: Page) => page.locator("#verdict");
const found = async (page: Page) => JSON.parse((await page.locator("#json pre").textContent())!);

test("every vector has its verdict, its facts and its failed step", async ({ page }) => {
  await open(page);
  await expect(page.locator("#trust-name")).toContainText("hongbao-test-1-01000000000000000000");
  const all = names(".proof");
  expect(all.length).toBeGreaterThan(90);
  for (const name of all) {
    const { desc, statement, chinese, ...want } = JSON.parse(readFileSync(vector(`${name}.json`), "utf8"));
    await page.locator("#proof").setInputFiles(vector(`${name}.proof`));
    await expect(page.locator("#proof-name")).toContainText(`${name}.proof`);
    await expect(verdict(page)).toBeVisible();
    const got = await found(page);
    for (const field of ["verdict", "final", "facts", "failed"]) {
      if (field in want) expect(got[field], `${name}: ${field}`).toEqual(want[field]);
    }
    // Each fact and each step has its words.
    for (const raw of await page.locator("dt, .checks strong").allTextContents()) expect(raw, name).not.toContain("_");
  }
});

test("both files of a contradiction", async ({ page }) => {
  await open(page);
  for (const name of names(".contradiction")) {
    const want = JSON.parse(readFileSync(vector(`${name}.json`), "utf8"));
    await page.locator("#proof").setInputFiles(vector(`${name}.contradiction`));
    await expect(page.locator("#proof-name")).toContainText(`${name}.contradiction`);
    await expect(verdict(page)).toBeVisible();
    expect((await found(page)).verdict, name).toBe(want.verdict);
  }
});

// Go writes each forgery, and mutants of every sort and vector, with what it finds of them.
// Chromium and Node must find the same: verdict, failed step, whether it is final, and facts.
test("forgeries, and more than 1,000 mutants: Chromium, Node and Go find the same", async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), "mutants-"));
  try {
    execFileSync("go", ["test", "./client/audit", "-run", "TestMutationCampaign", "-short", "-mutants", folder], { cwd: process.env["REPO"]! });
    await page.goto("about:blank");
    await page.addScriptTag({ path: process.env["BARE"]! });
    const trust = readFileSync(vector("trust.json")), seen = { forgery: 0, mutant: 0 }, failed = new Set<string>();
    for (const [what, of] of [["forgery", vector("forgeries")], ["mutant", folder]] as const) {
      for (const name of readdirSync(of).filter((f) => f.endsWith(".json"))) {
        const group = JSON.parse(readFileSync(join(of, name), "utf8"));
        const found = await page.evaluate(([group, trust]) => (globalThis as any).found(group, trust), [group, trust.toString("base64")] as const);
        group.cases.forEach((v: any, i: number) => {
          expect(foundOf(find(v, group.base, trust)), `Node: ${name}: ${v.desc}`).toBe(foundOf(v));
          expect(found[i], `Chromium: ${name}: ${v.desc}`).toBe(foundOf(v));
          seen[what]++;
          failed.add(v.failed);
        });
      }
    }
    expect(seen.mutant).toBeGreaterThan(1000);
    console.log(`${seen.forgery} forgeries and ${seen.mutant} mutants, refused at ${failed.size} steps`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

for (const screen of screens) {
  const [width, height, colorScheme, locale] = screen;
  test(`readable: ${width} px, ${colorScheme}, ${locale}`, async ({ browser }) => {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme, locale });
    const page = await context.newPage();
    await open(page);
    const heading = locale === "zh-CN" ? "核实证明" : "Check a proof";
    await expect(page.locator("h1")).toHaveText(heading);
    for (const [name, says] of [["", ["", ""]], ["share-settled", ["成立", "Valid"]],
      ["share-held", ["成立,但还没有终局", "Valid, but not final"]], ["bad-signature", ["不成立", "Not valid"]]] as const) {
      if (name) {
        await page.locator("#proof").setInputFiles(vector(`${name}.proof`));
        await expect(verdict(page)).toHaveText(says[locale === "zh-CN" ? 0 : 1]);
      }
      await look(page, name || "start", screen);
    }
    await context.close();
  });
}

test("from a file, with files dropped on it, by keyboard alone", async ({ page }) => {
  await page.goto(pathToFileURL(join(process.env["DIST"]!, "index.html")).href);
  await expect(page.locator("#trust-name")).toHaveText("none yet");
  await page.locator("#proof").setInputFiles(vector("share-settled.proof"));
  await expect(verdict(page)).toHaveText("Not to be believed yet");
  const dropped = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], "whom.json"));
    return transfer;
  }, readFileSync(vector("trust.json"), "utf8"));
  await page.dispatchEvent("body", "drop", { dataTransfer: dropped });
  await expect(verdict(page)).toHaveText("Valid");
  await expect(page.locator("#trust-name")).toContainText("whom.json");
  await page.keyboard.press("Tab"); // the language button comes first
  await page.keyboard.press("Enter");
  await expect(page.locator("h1")).toHaveText("核实证明");
  await expect(verdict(page)).toHaveText("成立");
});

test("kept as one file, it checks without a network, and asks nobody", async ({ page, context }) => {
  await open(page);
  const saved = page.waitForEvent("download");
  await page.getByRole("link", { name: "Keep this page as a file" }).click();
  const file = await saved;
  expect(file.suggestedFilename()).toBe("hongbao-check.html");
  const folder = mkdtempSync(join(tmpdir(), "check-")), kept = pathToFileURL(join(folder, "hongbao-check.html")).href, asked: string[] = [];
  await file.saveAs(join(folder, "hongbao-check.html"));
  await context.setOffline(true);
  const alone = await context.newPage();
  alone.on("request", (r) => asked.push(r.url()));
  await alone.goto(kept);
  await alone.locator("#trust").setInputFiles(vector("trust.json"));
  for (const [name, says] of [["share-settled", "Valid"], ["bad-signature", "Not valid"]] as const) {
    await alone.locator("#proof").setInputFiles(vector(`${name}.proof`));
    await expect(verdict(alone)).toHaveText(says);
  }
  expect(await alone.locator("h1").evaluate((e) => getComputedStyle(e).fontSize)).toBe("28px"); // it has its style
  expect(await alone.evaluate((url) => fetch(url).then(() => "answered", (err) => String(err)), `${url}trust.json`)).toContain("Failed to fetch");
  expect(asked.filter((u) => !u.startsWith("data:") && u !== kept)).toEqual([]);
  rmSync(folder, { recursive: true });
});

test("another trust file is gone by only once the reader says so, and names itself nothing", async ({ page }) => {
  await open(page);
  const home = "the one that hongbao on this computer goes by · hongbao-test-1-01000000000000000000";
  const label = page.locator("#trust-name"), text = readFileSync(vector("trust.json"), "utf8");
  const drop = async (name: string, text: string) => {
    const dropped = await page.evaluateHandle(([name, text]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text!], name!));
      return transfer;
    }, [name, text]);
    await page.dispatchEvent("body", "drop", { dataTransfer: dropped });
  };
  await expect(label).toContainText(home);
  await page.locator("#proof").setInputFiles(vector("share-settled.proof"));
  await expect(verdict(page)).toHaveText("Valid");
  await drop("mine.json", text); // the same one
  await expect(label).toContainText(home);
  await expect(page.getByRole("dialog")).toHaveCount(0);
  const liar = `the one that hongbao on this computer goes by” \u202e\u2069${"x".repeat(200)}.json`, theirs = text.replaceAll("0100000000", "0200000000");
  await drop(liar, theirs);
  await expect(page.getByRole("dialog")).toContainText("Go by another trust file?");
  await page.getByRole("button", { name: "Keep mine" }).click();
  await expect(label).toContainText(home);
  await expect(verdict(page)).toHaveText("Valid");
  await page.locator("#trust").setInputFiles({ name: liar, mimeType: "application/json", buffer: Buffer.from(theirs) });
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(label).toContainText(home);
  await drop(liar, theirs);
  await page.getByRole("button", { name: "Go by it" }).click();
  await expect(label).toContainText("chosen in this page: “");
  await expect(label).toContainText("hongbao-test-1-02");
  const shown = (await label.textContent())!;
  expect(shown.match(/[”\u202e\u2069]/gu)).toEqual(["\u2069", "”"]); // its own end alone
  expect(shown.length).toBeLessThan(200);
  await expect(verdict(page)).toHaveText("Not to be believed yet");
});

test("files that are none", async ({ page }) => {
  await open(page);
  const give = (to: string, name: string, text: string | Buffer) =>
    page.locator(to).setInputFiles({ name, mimeType: "application/json", buffer: Buffer.from(text) });
  await give("#trust", "proof.json", readFileSync(vector("share-held.proof")));
  await expect(page.getByRole("alert")).toHaveText("This is not a usable trust file");
  await expect(page.locator("#trust-name")).toContainText("hongbao-test-1"); // the one before stays
  await give("#proof", "nothing.proof", "");
  await expect(verdict(page)).toHaveText("Not valid");
  await give("#proof", "<img src=x onerror=alert(1)>.proof", `{"<img src=x onerror=alert(1)>": 1}`);
  await expect(verdict(page)).toHaveText("Not valid");
  await expect(page.locator("img")).toHaveCount(0);
  await give("#proof", "long.proof", Buffer.alloc((16 << 20) + 1));
  await expect(page.getByRole("alert")).toHaveText("The file is too long: a proof has at most 16 MB");
});
