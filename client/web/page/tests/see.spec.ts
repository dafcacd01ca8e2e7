// What can be looked at: a packet's life, an account and its packets, the network; and that
// each can be checked where it is shown.

import { type Page, expect } from "@playwright/test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Network, as, look, screens, test } from "./network.js";

const network = new Network();

let life = ""; // the packet of the first test

test.beforeAll(async () => await network.start());
test.afterAll(async () => await network.stop());

test("a packet's life: each step, who signed it, what was left, and the luckiest", async ({ page }) => {
  const sent = network.cli("send", "9", "--shares", "3", "--lucky", "--from", "alice");
  life = sent.packet;
  for (const who of ["bob", "carol", "dave"]) network.cli("claim", sent.link, "--from", who);
  const drawn = network.cli("show", sent.packet).shares.map((s: any) => Number(s.amount_fen)), best = drawn.indexOf(Math.max(...drawn));
  await as(page, "erin");
  await page.goto(network.at(sent.link));
  await expect(page.locator("#verified")).toContainText("Verified in your browser");
  const steps = page.locator(".timeline li"), entries = network.cli("history", sent.packet).entries;
  await expect(steps).toHaveCount(entries.length);
  for (const [i, e] of entries.entries()) {
    const step = steps.nth(i);
    if (e.amount_fen) await expect(step.locator("strong")).toHaveText(`¥${(Number(e.amount_fen) / 100).toFixed(2)}`);
    if (e.amount_fen) await expect(step.locator(".bar")).toHaveText(`¥${(Number(e.balance_fen) / 100).toFixed(2)} left`);
    await expect(step.locator("small")).toContainText(e.tx ? "signed by " : "by the network");
  }
  await expect(steps.first()).toContainText("signed by alice");
  await expect(page.locator(".best")).toHaveCount(1);
  await expect(steps.filter({ has: page.locator(".best") })).toContainText(`${["bob", "carol", "dave"][best]} drew`);
});

test("what is shown is checked where it is shown, step by step", async ({ page }) => {
  const sent = network.cli("send", "1", "--from", "alice");
  await as(page, "bob");
  await page.goto(network.at(sent.link));
  await page.locator("#verified summary").click();
  await page.getByRole("button", { name: "Check it yourself" }).click();
  await expect(page.locator("#verdict")).toHaveText("Valid");
  await expect(page.locator(".checks .good")).toHaveCount(9);
  await expect(page.locator("#proof-name")).toContainText(sent.packet.slice(0, 12));
  await page.goBack();
  await expect(page.locator("#claim")).toBeVisible();
});

test("an account: balance, packets and every movement, and the table of the command line", async ({ page }) => {
  const lucky = network.cli("send", "6", "--shares", "2", "--lucky", "--from", "grace");
  network.cli("claim", lucky.link, "--from", "heidi");
  const held = network.cli("send", "200", "--scene", "stranger", "--to", "heidi", "--with", "a=dave,b=erin,c=frank", "--from", "grace");
  network.cli("claim", held.packet, "--from", "heidi");
  const gone = network.cli("send", "3", "--recall", "1h", "--from", "heidi");
  network.cli("recall", gone.packet, "--reason", "wrong-amount", "--from", "heidi");
  network.cli("pay", "1.50", "--to", "grace", "--from", "heidi");
  const balance = network.cli("balance", "heidi"), lines = network.cli("statement", "heidi").entries;
  await as(page, "heidi");
  await page.goto(`${network.url}?do=money`);
  await expect(page.locator("#verified")).toContainText("Verified in your browser");
  await expect(page.locator("#balance")).toHaveText(yuan(balance.balance_fen));
  await expect(page.locator(".purse")).toContainText(`${yuan(balance.held_fen)} more is held`);
  const rows = page.locator("#movements li");
  await expect(rows).toHaveCount(lines.length);
  for (const [i, m] of lines.reverse().entries()) {
    await expect(rows.nth(i).locator("strong")).toHaveText(m.amount_fen === "0" ? "" : m.amount_fen.replace(/^(-?)(\d+)$/, (_: string, s: string, n: string) => (s ? "−" : "+") + yuan(n)));
    await expect(rows.nth(i)).toContainText(`balance ${yuan(m.balance_fen)}`);
  }
  await expect(page.locator("#money")).toContainText("From the first on: nothing is left out.");
  const packets = page.locator(".packets li");
  await expect(packets).toHaveCount(3);
  await expect(packets.nth(0)).toContainText("✓ taken back, 0 of 1 claimed");
  await expect(packets.nth(1)).toContainText("✓ others can take it back until");
  await expect(packets.nth(2)).toContainText("✓ yours, final");
  // What happens is shown without being asked for.
  network.cli("pay", "2", "--to", "heidi", "--from", "bob");
  await expect(page.locator("#movements li").first()).toContainText("paid by bob");
  for (const lang of ["en", "zh"]) {
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: lang === "en" ? "Download all of it" : "下载全部账目" }).click();
    const file = await saved;
    expect(file.suggestedFilename()).toBe("hongbao-heidi.csv");
    expect(readFileSync(await file.path(), "utf8")).toBe(network.text("statement", "heidi", "--output", "csv", "--lang", lang));
    await page.locator("#lang").click();
  }
  await page.getByRole("link", { name: "Claimed" }).first().click();
  await expect(page.locator("#packet #verified")).toContainText("Verified in your browser");
});

const yuan = (fen: string) => `¥${(Number(fen) / 100).toFixed(2).replace(/\B(?=(\d{3})+\.)/g, ",")}`;

test("a hot account shows its newest, and goes on when it is asked to", async ({ page }) => {
  for (let i = 0; i < 25; i++) network.cli("pay", "1", "--to", "ivan", "--from", "judy");
  await as(page, "ivan");
  await page.goto(`${network.url}?do=money`);
  await expect(page.locator("#movements li")).toHaveCount(20);
  await expect(page.locator("#money")).toContainText("The newest first: nothing is left out between them.");
  await page.getByRole("button", { name: "Show earlier ones" }).click();
  await expect(page.locator("#movements li")).toHaveCount(network.cli("statement", "ivan").entries.length);
});

test("an account that never received money is proven to have none", async ({ page }) => {
  writeFileSync(join(network.home, "passphrase"), "correct horse\n");
  network.cli("keys", "new", "zoe", "--passphrase-file", join(network.home, "passphrase"));
  const file = readFileSync(join(network.home, "keys", "zoe.json"), "utf8");
  await page.addInitScript((file) => {
    localStorage.setItem("hongbao/keys", JSON.stringify({ zoe: JSON.parse(file) }));
    localStorage.setItem("hongbao/account", "zoe");
  }, file);
  await page.goto(`${network.url}?do=money`);
  await expect(page.locator("#verified")).toContainText("Verified in your browser");
  await expect(page.locator(".purse")).toContainText("This account never received money.");
  await expect(page.locator("#balance")).toHaveText("¥0.00");
});

test("the network: blocks go on, validators are in step, and the supply is whole", async ({ page }) => {
  await page.goto(`${network.url}?do=network`);
  await expect(page.locator("#verified")).toContainText("Verified in your browser");
  await expect(page.locator("h2").first()).toHaveText("Validators: 1 of 1 in step");
  await expect(page.locator("#supply")).toContainText("neither more nor less");
  const parts = (await page.locator(".supply strong").allTextContents()).map((s) => Number(s.replace(/[¥,]/g, "")) * 100);
  expect(yuan(String(Math.round(parts.reduce((a, b) => a + b))))).toBe((await page.locator("#supply").textContent())!.split(" ")[0]);
  await page.locator("#verified summary").click();
  await expect(page.locator("#blocks li")).toHaveCount(3, { timeout: 20_000 });
  await expect(page.locator("#verified")).toHaveAttribute("open"); // what was opened stays open
  await expect(page.locator("#blocks li").first()).toContainText("✓ 1/1");
});

for (const screen of screens) {
  const [width, height, colorScheme, locale] = screen;
  test(`screens: ${width} px, ${colorScheme}, ${locale}`, async ({ browser }) => {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme, locale });
    const page = await context.newPage();
    await as(page, "heidi");
    for (const [name, ready] of [["money", ".packets .state:has-text('✓')"], ["network", "#blocks li"]] as const) {
      await page.goto(`${network.url}?do=${name}`);
      await expect(page.locator("#verified")).toContainText("✓");
      await page.locator(ready).first().waitFor();
      await look(page, name, screen);
    }
    await page.goto(network.at(`hongbao:claim?chain=&packet=${life}`));
    await page.locator(".timeline li").first().waitFor();
    await page.locator("#verified summary").click();
    await look(page, "life", screen);
    await context.close();
  });
}


test("the first paint, and the picture of the README", async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 400, height: 800 }, deviceScaleFactor: 1.5, locale: "en-GB" });
  const page = await context.newPage();
  await as(page, "bob");
  const paints: number[] = [];
  for (let i = 0; i < 5; i++) {
    await page.goto(network.url);
    await expect(page.locator("h1")).toBeVisible();
    paints.push(await page.evaluate(() => Math.round(performance.getEntriesByName("first-contentful-paint")[0]!.startTime)));
  }
  console.log(`first paint of a page that was not open before, ms: ${paints.sort((a, b) => a - b).join(" ")}`);
  const sent = network.cli("send", "88.80", "--shares", "8", "--scene", "friends", "--memo", "恭喜发财", "--from", "alice");
  network.cli("claim", sent.link, "--from", "carol");
  await page.goto(network.at(sent.link));
  await page.locator("#claim").click();
  await expect(page.locator("#yours.good")).toBeVisible();
  const picture = await page.screenshot();
  expect(picture.length).toBeLessThan(300_000);
  if (process.env["PICTURE"]) writeFileSync(process.env["PICTURE"], picture);
  await context.close();
});
