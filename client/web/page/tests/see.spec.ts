// What can be looked at: a packet's life, an account and its packets, the network; and that
// each can be checked where it is shown.

import { expect, test } from "@playwright/test";
import { Network, as } from "./network.js";

const network = new Network();

test.beforeAll(async () => await network.start());
test.afterAll(async () => await network.stop());

test("a packet's life: each step, who signed it, what was left, and the luckiest", async ({ page }) => {
  const sent = network.cli("send", "9", "--shares", "3", "--lucky", "--from", "alice");
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
